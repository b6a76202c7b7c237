"""Summaries, titles, free instructions and office templates: read part by part, then written from the points."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from workbench.writing.numbered import read_marks
from workbench.writing.points import Point, read_points, shortened
from workbench.writing.result import Block, Result
from workbench.writing.rounds import Ask, Reply, Round, checked
from workbench.writing.setting import Setting
from workbench.writing.sizes import FREE_TOKENS, OVERVIEW_TOKENS, SUMMARY_TOKENS, TITLE_TOKENS
from workbench.writing.telling import blocks_of, parts_told, told

Note = dict[str, Any]
MOST_TITLE = 60
LEAST_SIGNS = 12
_EMPTY_LABEL = re.compile(r"[^，,。；;：:\n]{1,12}[：:]\s*(?=[，,。；;]|$)")


def condensed(setting: Setting) -> Round:
    """Writes one text from a whole document; returns the Result."""
    if len(setting.parts) == 1:
        result = yield from _at_once(setting)
        return result
    points, failed = yield from read_points(setting)
    blocks, notes = yield from written(setting, points)
    if setting.request.kind == "title":
        return _titled(setting, blocks[0].text if blocks else "")
    return _result(setting, blocks, failed, notes)


def written(setting: Setting, points: Sequence[Point]) -> Round:
    """Writes a text from points; returns its blocks and notes. Where nothing comes of it, the points are the text."""
    groups = yield from shortened(setting, points)
    asks = [
        Ask("combine", partial(setting.prompts.combine, [one.text for one in group]), _signs(group), _limit(setting))
        for group in groups
    ]
    replies = yield from checked(asks, lambda number, reply: _says(setting, reply))
    blocks: list[Block] = []
    for group, reply in zip(groups, replies, strict=True):
        sources = {number: point.ids for number, point in enumerate(group, start=1)}
        within = sorted({one for point in group for part in point.parts for one in setting.parts[part].ids})
        blocks += blocks_of(setting, _ended(reply), sources, within) or [
            Block("item", (told(setting, point.text, point.ids),)) for point in group
        ]
    return blocks, cut_short(replies)


def _at_once(setting: Setting) -> Round:
    part = setting.parts[0]
    ask = Ask("read", partial(setting.prompts.whole, setting.texts(part)), part.signs, _limit(setting), 0)
    replies = yield from checked([ask], lambda number, reply: _says(setting, reply))
    text = _ended(replies[0])
    if setting.request.kind == "title":
        return _titled(setting, text)
    blocks = blocks_of(setting, text, {number: (one,) for number, one in enumerate(part.ids, start=1)})
    written_some = any(block.shape != "heading" for block in blocks)
    return _result(setting, blocks, [] if written_some else [0], cut_short(replies))


def _titled(setting: Setting, text: str) -> Result:
    """Takes the first line as the title, without quotes and what models like to write before it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    title = lines[0] if lines else ""
    for lead in ("标题：", "标题:", "Title:", "题目："):
        title = title.removeprefix(lead)
    title = title.strip(" #*\"'“”「」《》[]【】。.")[:MOST_TITLE]
    return Result(
        "title", setting.language, title=title, parts=parts_told(setting, ()), in_language=setting.speaks(title)
    )


def _result(setting: Setting, blocks: Sequence[Block], failed: Sequence[int], notes: Sequence[Note]) -> Result:
    sentences = [one for block in blocks if block.shape != "heading" for one in block.sentences]
    whole = " ".join(one.text for one in sentences)
    parts = parts_told(setting, sentences, failed)
    return Result(
        setting.request.kind, setting.language, tuple(blocks), parts=parts,
        in_language=not whole.strip() or setting.speaks(whole),
        notes=tuple(notes),
    )  # fmt: skip


def _says(setting: Setting, reply: Reply) -> bool:
    """Tells whether an answer holds sentences in the right language, and not only headings with marks behind them, nor
    the same words without end."""
    if _circles(reply.text):
        return False
    if setting.request.kind == "title":
        return setting.speaks(reply.text)
    form = {line.strip() for line in setting.request.template.splitlines()}
    lines = [line for line in reply.text.splitlines() if not line.lstrip().startswith("#") and line.strip() not in form]
    pieces = [piece for line in lines for piece in _EMPTY_LABEL.split(read_marks(line).text)]
    return setting.speaks(reply.text) and sum(len(piece.strip()) for piece in pieces) >= LEAST_SIGNS


def _ended(reply: Reply) -> str:
    """Returns an answer without a last sentence that the limit cut off; nothing where it says the same without end."""
    if _circles(reply.text):
        return ""
    if reply.whole:
        return reply.text
    last = max(reply.text.rfind(sign) for sign in "。！？.!?]】\n")
    return reply.text[: last + 1] if last > 0 else reply.text


def cut_short(replies: Sequence[Reply]) -> list[Note]:
    """Returns what a person is told where answers were as long as they may be and ended in the middle."""
    cut = any(not reply.whole and reply.text and not _circles(reply.text) for reply in replies)
    return [{"code": "write_cut", "values": {}}] if cut else []


def _circles(text: str) -> bool:
    """Tells whether a text says the same again and again: no prose can be packed that small."""
    whole = text.encode()
    return len(whole) > 600 and len(zlib.compress(whole)) < 0.1 * len(whole)


def _limit(setting: Setting) -> int:
    kind = setting.request.kind
    if kind == "title":
        return TITLE_TOKENS
    if kind == "minutes":
        return OVERVIEW_TOKENS
    return SUMMARY_TOKENS[setting.request.length] if kind == "summary" else FREE_TOKENS


def _signs(group: Sequence[Point]) -> int:
    return sum(len(point.text) for point in group)

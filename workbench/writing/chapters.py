"""Chapters: where a new matter begins in each part, and what it is called."""

from __future__ import annotations

import json
import re
from functools import partial

from workbench.writing.numbered import read_numbered
from workbench.writing.result import Block, Result, Told
from workbench.writing.rounds import Ask, Reply, Round, checked
from workbench.writing.setting import Setting
from workbench.writing.sizes import CHAPTER_TOKENS
from workbench.writing.telling import parts_told

MOST_A_PART = 4
MOST_HEADING = 60
_CHAPTER = {
    "type": "object",
    "properties": {"first": {"type": "integer"}, "title": {"type": "string", "maxLength": 40}},
    "required": ["first", "title"],
}
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"chapters": {"type": "array", "items": _CHAPTER, "minItems": 1, "maxItems": MOST_A_PART}},
        "required": ["chapters"],
    }
)


def chapters(setting: Setting) -> Round:
    """Divides a document; returns the Result, whose blocks are chapters with the sentence each begins with."""
    parts = setting.parts
    asks = [
        Ask(
            "read",
            partial(setting.prompts.chapters, setting.texts(part), MOST_A_PART),
            part.signs,
            CHAPTER_TOKENS,
            n,
            schema=SCHEMA,
        )
        for n, part in enumerate(parts)
    ]

    def good(number: int, reply: Reply) -> bool:
        return bool(_read(reply, len(parts[number].ids))) and setting.speaks(reply.text)

    replies = yield from checked(asks, good)
    found: list[tuple[int, str]] = []
    failed: list[int] = []
    for number, (part, reply) in enumerate(zip(parts, replies, strict=True)):
        headings = _read(reply, len(part.ids))
        if not headings:
            failed.append(number)
        for at, heading in sorted(headings.items()):
            if not found or found[-1][1] != heading:
                found.append((part.ids[at - 1], heading))
    blocks = tuple(_block(setting, one, heading) for one, heading in found)
    sentences = [one for block in blocks for one in block.sentences]
    whole = " ".join(one.text for one in sentences)
    return Result(
        "chapters", setting.language, blocks, parts=parts_told(setting, sentences, failed),
        in_language=setting.speaks(whole),
    )  # fmt: skip


def _read(reply: Reply, n_sentences: int) -> dict[int, str]:
    """Returns headings by the sentence they stand before; the first begins with the part."""
    lines = _shaped(reply.text, n_sentences) or read_numbered(reply.text, range(1, n_sentences + 1))
    headings = {at: text.strip(' #*-—:："“”《》。.')[:MOST_HEADING] for at, text in sorted(lines.items())}
    kept = {at: text for at, text in list(headings.items())[: MOST_A_PART + 2] if text}
    if kept and 1 not in kept:
        first = min(kept)
        kept = {1: kept.pop(first), **kept}
    return kept


def _shaped(text: str, n_sentences: int) -> dict[int, str]:
    """Reads an answer in JSON, whole or cut off; the first of two headings at one sentence counts."""
    found: dict[int, str] = {}
    for first, title in re.findall(r'"first"\s*:\s*(\d+)\s*,\s*"title"\s*:\s*"((?:[^"\\]|\\.)*)"', text):
        if 1 <= int(first) <= n_sentences:
            found.setdefault(int(first), str(json.loads(f'"{title}"')))
    return found


def _block(setting: Setting, one: int, heading: str) -> Block:
    sentence = setting.sentences[one - 1]
    spans = ((sentence.start, sentence.end),) if sentence.start is not None and sentence.end is not None else ()
    return Block("chapter", (Told(heading, (one,), spans, "named"),))

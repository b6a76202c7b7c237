"""Makes sentences of what a model wrote: each led back to its sources, its numbers compared with theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from workbench.writing.document import Document, Line
from workbench.writing.figures import invented
from workbench.writing.numbered import read_marks, resolved
from workbench.writing.result import Block, PartTold, Told, spans_of
from workbench.writing.sentences import sentences_of
from workbench.writing.setting import Setting

_HEADING = re.compile(r"^\s*(?:#{1,6}\s*(.+?)\s*#*|\*\*([^*]+)\*\*\s*[:：]?|【([^】\d]+)】\s*)$")
_ITEM = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.、)）])\s+(?=\S)|^\s*[-•·](?=\S)")
_STARS = re.compile(r"\*\*([^*\n]+)\*\*")
_MARK_END = re.compile(r"(?<=[\]】］])(?=\s*[^\s\]】］\[【［。！？.!?,，;；])")


def told(setting: Setting, text: str, named: Iterable[int], within: Sequence[int] | None = None) -> Told:
    """Returns a sentence with where it came from; ``named`` are numbers of sentences that the model gave."""
    support = setting.source.support(text, named, within)
    ids = support.ids
    near = {one + step for one in ids for step in (-2, -1, 0, 1, 2)} if ids else within
    sources = [one for one in setting.sentences if near is None or one.id in near]
    odd = invented("\n".join(one.text for one in sources), text)
    return Told(text, ids, spans_of(ids, setting.sentences), support.state, odd)


def blocks_of(
    setting: Setting, text: str, sources: Mapping[int, Sequence[int]], within: Sequence[int] | None = None
) -> list[Block]:
    """Returns a written text as headings, items and paragraphs, its sentences told; ``sources`` resolve its marks."""
    found: list[Block] = []
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(("```", "<<")) or set(line) <= set("-*_="):
            continue
        heading = _HEADING.match(line)
        if heading:
            words = next(group for group in heading.groups() if group)
            found.append(Block("heading", (Told(read_marks(words).text.rstrip("：:"), state="heading"),)))
            continue
        item = _ITEM.match(line)
        body = _STARS.sub(r"\1", line[item.end() :] if item else line)
        sentences = _sentences(setting, body, sources, within)
        if sentences:
            found.append(Block("item" if item else "paragraph", tuple(sentences)))
    return found


def parts_told(setting: Setting, sentences: Iterable[Told], failed: Iterable[int] = ()) -> tuple[PartTold, ...]:
    """Returns every part with how many sentences of the result came from it."""
    lost = frozenset(failed)
    used = [frozenset(one.ids) for one in sentences]
    return tuple(
        PartTold(
            number,
            part.ids[0],
            part.ids[-1],
            "failed" if number in lost else "read",
            sum(bool(ids & set(part.ids)) for ids in used),
            *(part.span or (None, None)),
        )
        for number, part in enumerate(setting.parts)
    )


def _sentences(
    setting: Setting, body: str, sources: Mapping[int, Sequence[int]], within: Sequence[int] | None
) -> list[Told]:
    """Cuts at marks and at the ends of sentences; sentences before a mark that have none of their own share it."""
    found: list[Told] = []
    for piece in _MARK_END.split(body):
        said = read_marks(piece)
        if not said.text.strip("。.!！?？,，;； "):
            continue
        ids = resolved(said.numbers, sources)
        cut = sentences_of(Document((Line(0, said.text),)), longest=10_000)
        found += [told(setting, one.text, ids, within) for one in cut]
    return found

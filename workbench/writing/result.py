"""What was written, as it is stored, shown and saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from workbench.writing.sentences import Sentence

Shape = Literal["heading", "paragraph", "item", "task", "chapter"]


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a result.

    ``ids`` are the sentences it came from and ``spans`` their times ``[start, end]`` in seconds; ``state`` is
    ``Support``'s. ``odd`` are numbers, dates, and in a task people and times, that its sources do not have.
    """

    text: str
    ids: tuple[int, ...] = ()
    spans: tuple[tuple[float, float], ...] = ()
    state: str = "found"
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of a result; ``group`` names the list it belongs to (``topics``, ``decisions``, ``tasks``)."""

    shape: Shape
    sentences: tuple[Told, ...]
    group: str = ""
    who: str = ""
    when: str = ""

    @property
    def text(self) -> str:
        """Its sentences as one text."""
        return joined([told.text for told in self.sentences])


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence before and after; ``state`` is ``written``, ``same`` or ``kept`` (could not be written: the original).

    ``missing`` and ``added`` are numbers, dates and names that only one of the two has.
    """

    id: int
    line: int
    before: str
    after: str
    state: str = "written"
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartTold:
    """One part of the source: its sentences, its time, whether it was read, and how many sentences came from it."""

    number: int
    first: int
    last: int
    state: str = "read"
    n_used: int = 0
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """All of it; one of ``blocks`` and ``pairs`` is empty. ``title`` is for the kind ``title``."""

    kind: str
    language: str
    blocks: tuple[Block, ...] = ()
    pairs: tuple[Pair, ...] = ()
    title: str = ""
    parts: tuple[PartTold, ...] = ()
    in_language: bool = True
    notes: tuple[dict[str, Any], ...] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON."""
        return asdict(self)


def spans_of(ids: Sequence[int], sentences: Sequence[Sentence], gap_s: float = 2.0) -> tuple[tuple[float, float], ...]:
    """Returns the times of sentences (numbered from 1), those that nearly touch as one."""
    spans: list[tuple[float, float]] = []
    for one in sorted(set(ids)):
        sentence = sentences[one - 1]
        if sentence.start is None or sentence.end is None:
            continue
        if spans and sentence.start - spans[-1][1] <= gap_s:
            spans[-1] = spans[-1][0], max(spans[-1][1], sentence.end)
        else:
            spans.append((sentence.start, sentence.end))
    return tuple(spans)


def joined(texts: Sequence[str]) -> str:
    """Returns sentences as one text: no space behind a wide sign."""
    whole = ""
    for text in texts:
        wide = not whole or whole[-1] >= "\u2e80" or (text[:1] >= "\u2e80" and whole[-1] >= "\u2e80")
        whole += text if wide or not text else f" {text}"
    return whole

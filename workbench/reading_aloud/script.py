"""What is read aloud: a text, and for subtitles the time of each stretch of it; kept as the input of the job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from media.packing import Chunk
from media.sentences import Piece, cut, has_words
from workbench.errors import JobError

KIND = "roomtone-script"
MOST_SIGNS = 1_000_000
"""A long novel; it takes a day to say."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch ``text[start:end]`` that is said from ``start_s`` on and should be over at ``end_s``."""

    start: int
    end: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Script:
    """A text to be read aloud; ``cues`` are in order and do not overlap."""

    text: str
    cues: tuple[Cue, ...] = ()

    def to_bytes(self) -> bytes:
        """Returns the file that a job takes; ``read`` is its inverse."""
        told = {"kind": KIND, "text": self.text, "cues": [asdict(cue) for cue in self.cues]}
        return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def read(source: Path) -> Script:
    """Returns what a job reads; raises JobError ``aloud_not_a_text``."""
    try:
        told = json.loads(source.read_bytes())
        if told["kind"] != KIND:
            raise ValueError(told["kind"])
        return Script(str(told["text"]), tuple(Cue(**cue) for cue in told["cues"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise JobError("aloud_not_a_text", status=422) from error


def of_text(text: str) -> Script:
    """Returns a text as a script; raises JobError ``aloud_nothing`` or ``aloud_too_long``."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip("\ufeff")
    if not has_words(plain):
        raise JobError("aloud_nothing", status=422)
    if len(plain) > MOST_SIGNS:
        raise JobError("aloud_too_long", status=413, limit=MOST_SIGNS, n=len(plain))
    return Script(plain)


def of_lines(lines: Sequence[tuple[float, float, str]]) -> Script:
    """Returns subtitles ``(start_s, end_s, text)`` as a script that keeps their times; raises as ``of_text``."""
    text, cues = "", []
    for start_s, end_s, line in sorted(lines):
        said = " ".join(line.split())
        if has_words(said):
            cues.append(Cue(len(text), len(text) + len(said) + 1, round(start_s, 3), round(end_s, 3)))
            text += said + "\n"
    return Script(of_text(text).text, tuple(cues))


def chunks_of(script: Script, most: int, in_time: bool) -> list[Chunk]:
    """Returns the pieces of a script as chunks whose places are signs of the text."""
    at_times = [Piece(cue.start, cue.end) for cue in script.cues] if in_time else []
    pieces = at_times or cut(script.text, most)
    if not pieces:
        raise JobError("aloud_nothing", status=422)
    return [Chunk(number, ((float(piece.start), float(piece.end)),)) for number, piece in enumerate(pieces)]

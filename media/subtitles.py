"""Subtitles: a transcript as cues of one or two readable lines, written as SRT or VTT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from media.line_breaking import Unit, columns, plain, two_lines, units
from media.transcript import Transcript


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """Limits of one cue: columns a line (wide signs take two), seconds, and the silence that ends a cue."""

    widest: int = 42
    widest_cjk: int = 40
    shortest_s: float = 1.0
    longest_s: float = 7.0
    pause_s: float = 0.8
    columns_a_second: float = 20.0


@dataclass(frozen=True, slots=True)
class Cue:
    """One or two lines shown from ``start`` to ``end``, in milliseconds from the start of the recording."""

    start: int
    end: int
    lines: tuple[str, ...]


class _Raw(NamedTuple):
    """A cue before its time is fitted to its neighbours; seconds and columns."""

    start: float
    end: float
    lines: tuple[str, ...]
    width: int


def to_srt(transcript: Transcript, style: SubtitleStyle | None = None) -> str:
    """Returns the transcript as SRT; what a player could take for a tag or a time is written with other signs."""
    return srt_of(cues(transcript, style))


def to_vtt(transcript: Transcript, style: SubtitleStyle | None = None) -> str:
    """Returns the transcript as WebVTT, escaped as its specification says."""
    return vtt_of(cues(transcript, style))


def srt_of(shown: Sequence[Cue]) -> str:
    """Returns cues as SRT."""
    parts = []
    for number, cue in enumerate(shown, start=1):
        text = "\n".join(_srt_safe(line) for line in cue.lines)
        parts.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n")
    return "\n".join(parts)


def vtt_of(shown: Sequence[Cue]) -> str:
    """Returns cues as WebVTT."""
    parts = ["WEBVTT\n"]
    for cue in shown:
        text = "\n".join(_vtt_safe(line) for line in cue.lines)
        parts.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}\n")
    return "\n".join(parts)


def line_cues(lines: Sequence[tuple[float, float, Sequence[str]]], duration: float) -> list[Cue]:
    """Returns one cue for each ``(start, end, texts)``, in order, none overlapping; each text on a line of its own."""
    raw = [
        _Raw(start, end, tuple(map(plain, texts)), max(map(columns, texts), default=0)) for start, end, texts in lines
    ]
    return _timed(raw, duration, SubtitleStyle(longest_s=3600.0))


def cues(transcript: Transcript, style: SubtitleStyle | None = None) -> list[Cue]:
    """Returns cues in order, none overlapping, all inside the recording as long as it has a millisecond for each.

    A long segment is divided at sentences, clauses and pauses; each cue stays long enough to be read where the next
    leaves room.
    """
    style = style or SubtitleStyle()
    raw: list[_Raw] = []
    speaker: str | None = None
    for segment in sorted(transcript.segments, key=lambda segment: segment.start):
        if not plain(segment.text):
            continue
        if segment.speaker and segment.speaker != speaker:
            speaker = segment.speaker
            segment = replace(segment, text=f"{plain(speaker)}: {segment.text.lstrip()}")
        widest = style.widest_cjk if _is_wide(segment.text) else style.widest
        for group in _groups(units(segment, widest), widest, style):
            lines = two_lines(group, widest) or []
            raw.append(_Raw(group[0].start, group[-1].end, tuple(lines), sum(unit.width for unit in group)))
    return _timed(raw, transcript.duration, style)


def _groups(line: Sequence[Unit], widest: int, style: SubtitleStyle) -> Iterator[Sequence[Unit]]:
    """Divides the units of a segment into cues that fit two lines."""
    first = 0
    while first < len(line):
        last = _furthest(line, first, widest, style)
        if last < len(line):
            last = _best_break(line, first, last)
        yield line[first:last]
        first = last


def _furthest(line: Sequence[Unit], first: int, widest: int, style: SubtitleStyle) -> int:
    """Returns the end of the longest cue that may begin at ``first``: two lines, the longest time, no pause inside."""
    rows, used = 1, line[first].width
    for number in range(first + 1, len(line)):
        unit = line[number]
        if unit.start - line[number - 1].end >= style.pause_s or unit.end - line[first].start > style.longest_s:
            return number
        grown = used + unit.spaced + unit.width
        if grown > widest:
            rows, grown = rows + 1, unit.width
        if rows > 2:
            return number
        used = grown
    return len(line)


def _best_break(line: Sequence[Unit], first: int, last: int) -> int:
    """Returns the best end of a cue after a third of the way: a sentence, a clause, a pause, or late."""
    earliest = first + max(1, (last - first) // 3)

    def worth(number: int) -> float:
        pause = line[number].start - line[number - 1].end
        late = 2.0 * (number - first) / (last - first)
        return 2.0 * line[number - 1].ending + 4 * min(pause, 0.5) + late - line[number].in_word

    return max(range(earliest, last + 1), key=worth)


def _timed(raw: Sequence[_Raw], duration: float, style: SubtitleStyle) -> list[Cue]:
    starts: list[int] = []
    for start, _, _, _ in raw:
        wanted = max(0, round(start * 1000))
        starts.append(max(wanted, starts[-1] + 1) if starts else wanted)
    close = max(round(duration * 1000), len(raw))
    for number in range(len(raw) - 1, -1, -1):
        starts[number] = min(starts[number], close - (len(raw) - number))
    result = []
    for number, (start, end, lines, width) in enumerate(raw):
        room = starts[number + 1] if number + 1 < len(raw) else close
        readable = max(style.shortest_s, min(width / style.columns_a_second, style.longest_s))
        shown = min(max(end - start, readable), style.longest_s)
        last = max(starts[number] + 1, min(starts[number] + round(shown * 1000), room))
        result.append(Cue(starts[number], last, lines))
    return result


def _is_wide(text: str) -> bool:
    wide = sum(1 for sign in text if columns(sign) == 2)
    return wide * 3 > len(text)


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"


def _srt_safe(line: str) -> str:
    """SRT has no escapes, and players read tags of HTML and ASS in it."""
    line = line.replace("-->", "→").replace("{\\", "(\\")
    return re.sub(r"<(?=[A-Za-z/!?])", "‹", line)


def _vtt_safe(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""Transcription as cut and join: chunks become items of an engine, their results the lines of one transcript."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engines.base import Task
from engines.requests import Piece, SoundRequest, TranscribeItem, TranscribeRequest, VadOptions
from media.transcript import Segment, Word
from workbench.asking import check
from workbench.running.chunks import Cutter
from workbench.tasks.loops import cut_loops
from workbench.tasks.rewriting import Rewriter, rewrite
from workbench.tasks.sound import SoundWork
from workbench.tasks.speakers import pack_missing
from workbench.tasks.work import Cuts, Recorded, Told

if TYPE_CHECKING:
    from workbench.machine.models import Models

DOUBTFUL_PROBABILITY = 0.5
"""A line whose words are this sure on average, or less, is marked ``doubtful``."""
SURE_OF_LANGUAGE = 0.7
"""One chunk with words that is so sure of its language decides for the recording."""
LANGUAGE_VOTES = 3
"""After so many chunks with words the language with most seconds behind it is taken."""


@dataclass(frozen=True, slots=True)
class Done:
    """One finished chunk: its place in seconds and the engine's result, None where it could not be recognised."""

    number: int
    start: float
    end: float
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Joined:
    """The end of a job: its lines, and notes for the person as ``{"code", "values"}``."""

    segments: list[Segment]
    notes: list[dict[str, Any]]


class TranscribeWork(Recorded):
    """The task ``automatic-speech-recognition``."""

    asked: type = TranscribeRequest

    def request(self, value: Mapping[str, Any]) -> TranscribeRequest:
        """Builds the request from its stored shape."""
        return TranscribeRequest.from_dict(dict(value))

    def vad(self, request: Any) -> VadOptions:
        """Returns what the person set."""
        return cast(TranscribeRequest, request).vad

    def cutter(self, request: Any) -> Cuts:
        """Returns what puts sentences together in chunks."""
        return Cutter(cast(TranscribeRequest, request).vad.max_speech_duration_s)

    def item(self, told: Told) -> TranscribeItem:
        """Returns the engine's item for one chunk."""
        return item_of(told.request, told.pcm, told.pieces, told.language, told.duration_s)

    def undecided(self, request: Any, language: str | None) -> bool:
        """Tells whether chunks have to run one by one until the recording's language is known."""
        return is_undecided(request, language)

    def rate(self, request: Any) -> int | None:
        """Returns None: 16 kHz is what speech is understood at."""
        return None

    def model(self, request: Any, models: Models) -> str:
        """Returns the best model that the wanted quality means on this machine."""
        asked = cast(TranscribeRequest, request)
        missing = pack_missing(asked.speakers, models) if asked.speakers is not None else None
        if missing is not None:
            raise missing
        check(asked, [spec.name for spec in models.of_task(Task.TRANSCRIBE)])
        if asked.clean is not None:
            SoundWork().model(SoundRequest(kind=asked.clean), models)
        return models.chosen(asked.quality).name


def item_of(
    request: TranscribeRequest, pcm: Path, pieces: Sequence[Piece], language: str | None, duration_s: float | None
) -> TranscribeItem:
    """Returns the engine's item for one chunk; ``language`` is the recording's once it is known."""
    several = request.language is None and len(request.languages) > 1
    return TranscribeItem(
        pcm=str(pcm),
        pieces=tuple((start, end) for start, end in pieces),
        language=None if several else (request.language or language or _only(request.languages)),
        languages=request.languages if several else (),
        translate=request.translate,
        hotwords=request.hotwords,
        word_timestamps=request.word_timestamps,
        beam_size=request.beam,
        duration_s=duration_s,
    )


def is_undecided(request: TranscribeRequest, language: str | None) -> bool:
    """Tells whether chunks have to run one by one until the recording's language is known."""
    return language is None and request.language is None and not request.languages


def decide_language(results: Iterable[Mapping[str, Any]]) -> str | None:
    """Returns the language that the results of the first chunks speak for, or None while they say too little.

    Chunks without words do not vote: music and noise have no language.
    """
    votes: dict[str, float] = {}
    n_votes = 0
    for result in results:
        language, sureness = result.get("language"), float(result.get("language_probability") or 0.0)
        if not language or not any((line.get("text") or "").strip() for line in result.get("segments") or ()):
            continue
        if sureness >= SURE_OF_LANGUAGE:
            return str(language)
        n_votes += 1
        votes[language] = votes.get(language, 0.0) + sureness * float(result.get("audio_s") or 1.0)
    return max(votes, key=lambda name: votes[name]) if n_votes >= LANGUAGE_VOTES else None


def lines_of(done: Done, request: TranscribeRequest, rewriter: Rewriter, duration_s: float | None) -> list[Segment]:
    """Returns the lines of one chunk as a person reads them, in order of time; a failed chunk is one empty line."""
    if done.result is None:
        return [Segment(done.start, _limit(done.end, duration_s), "", flags=("failed",))]
    language = done.result.get("language")
    found = [Segment.from_dict(value) for value in done.result.get("segments") or ()]
    lines = []
    for segment in found:
        if not segment.text.strip():
            continue
        segment = replace(segment, text=segment.text.strip(), language=segment.language or language)
        lines.append(_flag(rewrite(segment, request, rewriter)))
    return clamp(lines, done.start, _limit(done.end, duration_s))


def join(done: Iterable[Done], request: TranscribeRequest, rewriter: Rewriter, duration_s: float) -> Joined:
    """Returns the whole transcript of a recording from its chunks in any order, keeping only their lines."""
    found: dict[int, list[Segment]] = {}
    failed: list[Done] = []
    for chunk in done:
        found[chunk.number] = lines_of(chunk, request, rewriter, duration_s)
        if chunk.result is None:
            failed.append(chunk)
    lines = [line for number in sorted(found) for line in found[number]]
    lines = clamp(cut_loops(lines), 0.0, duration_s)
    notes: list[dict[str, Any]] = []
    if failed:
        failed.sort(key=lambda chunk: chunk.number)
        places = [{"start": round(chunk.start, 2), "end": round(chunk.end, 2)} for chunk in failed]
        notes.append({"code": "stretches_failed", "values": {"n": len(failed), "stretches": places}})
    if not any(line.text for line in lines) and not failed:
        notes.append({"code": "no_speech", "values": {}})
    return Joined(lines, notes)


def as_one_line(done: Done) -> Done:
    """Returns a chunk with its lines put together to one, as somebody has rewritten them as one."""
    found = [Segment.from_dict(value) for value in (done.result or {}).get("segments") or ()]
    if done.result is None or len(found) < 2:
        return done
    text = "".join(segment.text if segment.text.startswith(" ") else f" {segment.text}" for segment in found)
    words = tuple(word for segment in found for word in segment.words)
    line = replace(found[0], end=found[-1].end, text=text.strip(), words=words)
    return replace(done, result={**done.result, "segments": [line.to_dict()]})


def clamp(segments: Sequence[Segment], start: float, end: float) -> list[Segment]:
    """Returns the segments in order of time inside ``start`` to ``end``, none before the last one's end."""
    kept: list[Segment] = []
    reached = max(0.0, start)
    for segment in sorted(segments, key=lambda segment: segment.start):
        first = min(max(segment.start, reached), max(end, reached))
        last = min(max(segment.end, first), max(end, first))
        kept.append(replace(segment, start=first, end=last, words=_clamp_words(segment.words, first, last)))
        reached = last
    return kept


def _clamp_words(words: Sequence[Word], start: float, end: float) -> tuple[Word, ...]:
    kept = []
    reached = start
    for word in words:
        first = min(max(word.start, reached), end)
        last = min(max(word.end, first), end)
        kept.append(replace(word, start=first, end=last))
        reached = first
    return tuple(kept)


def _flag(segment: Segment) -> Segment:
    if segment.words:
        sureness = sum(word.probability for word in segment.words) / len(segment.words)
    elif segment.avg_logprob is not None:
        sureness = math.exp(segment.avg_logprob)
    else:
        return segment
    if sureness > DOUBTFUL_PROBABILITY or "doubtful" in segment.flags:
        return segment
    return replace(segment, flags=(*segment.flags, "doubtful"))


def _limit(end: float, duration_s: float | None) -> float:
    return end if duration_s is None else min(end, duration_s)


def _only(languages: Sequence[str]) -> str | None:
    return languages[0] if len(languages) == 1 else None

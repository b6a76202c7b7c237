"""What a finished transcript looks like in each of OpenAI's formats: pure functions."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from api.openai.languages import name_of
from media.documents import EXPORTS
from media.line_breaking import columns, plain
from media.transcript import Segment, Transcript, Word


def text_of(segments: Iterable[Segment]) -> str:
    """Returns all that was said in one line."""
    told = ""
    for segment in segments:
        told += following(told, segment)
    return told


def following(before: str, segment: Segment) -> str:
    """Returns what a segment adds behind a text: its own with the space between, where its language writes one."""
    said = plain(segment.text).strip()
    if not before or not said:
        return said
    wide = columns(before[-1]) == 2 and columns(said[0]) == 2
    return said if wide and not before[-1].isalnum() else f" {said}"


def usage(duration_s: float) -> dict[str, Any]:
    """Returns what was heard, in whole seconds."""
    return {"type": "duration", "seconds": math.ceil(duration_s)}


def brief(transcript: Transcript, logprobs: bool = False, languages: bool = False) -> dict[str, Any]:
    """Returns the body of ``json``; with ``logprobs`` words stand for tokens, ``languages`` is gpt-transcribe's."""
    told: dict[str, Any] = {"text": text_of(transcript.segments)}
    if logprobs:
        told["logprobs"] = [logprob(word) for segment in transcript.segments for word in segment.words]
    if languages:
        told["languages"] = [{"code": transcript.language}] if transcript.language else []
    return {**told, "usage": usage(transcript.duration)}


def verbose(transcript: Transcript, granularities: Sequence[str], translated: bool = False) -> dict[str, Any]:
    """Returns the body of ``verbose_json``; ``granularities`` are ``segment``, ``word`` or both."""
    told: dict[str, Any] = {
        "task": "translate" if translated else "transcribe",
        "language": "english" if translated else name_of(transcript.language),
        "duration": round(transcript.duration, 3),
        "text": text_of(transcript.segments),
    }
    if "segment" in granularities or not granularities:
        told["segments"] = [_segment(number, one) for number, one in enumerate(transcript.segments)]
    if "word" in granularities:
        words = [word for segment in transcript.segments for word in segment.words]
        told["words"] = [{"word": word.text.strip(), "start": word.start, "end": word.end} for word in words]
    return told if translated else {**told, "usage": usage(transcript.duration)}


def diarized(transcript: Transcript) -> dict[str, Any]:
    """Returns the body of ``diarized_json``."""
    return {
        "task": "transcribe",
        "duration": round(transcript.duration, 3),
        "text": text_of(transcript.segments),
        "segments": [spoken(number, one) for number, one in enumerate(transcript.segments)],
        "usage": usage(transcript.duration),
    }


def spoken(number: int, segment: Segment) -> dict[str, Any]:
    """Returns one line of ``diarized_json``, which is also the event ``transcript.text.segment``."""
    return {
        "type": "transcript.text.segment",
        "id": f"seg_{number + 1:03}",
        "start": segment.start,
        "end": segment.end,
        "text": plain(segment.text).strip(),
        "speaker": segment.speaker or "A",
    }


def logprob(word: Word) -> dict[str, Any]:
    """Returns a word as OpenAI's ``logprobs`` tell a token."""
    probability = min(1.0, max(word.probability, 1e-10))
    return {"token": word.text, "logprob": round(math.log(probability), 6), "bytes": list(word.text.encode())}


def file_of(transcript: Transcript, format: str) -> bytes:
    """Returns ``text``, ``srt`` or ``vtt``, which name no speakers: those of a stored text are told in
    ``diarized_json`` only.
    """
    if format == "text":
        return f"{text_of(transcript.segments)}\n".encode("utf-8", "replace")
    unnamed = tuple(replace(segment, speaker=None) for segment in transcript.segments)
    return EXPORTS[format].write(replace(transcript, segments=unnamed))


def letter(key: str) -> str:
    """Returns what a speaker without a name is called: A, B, ... Z, AA, AB."""
    number, told = max(1, int(key) if key.isdigit() else 1), ""
    while number:
        number, rest = divmod(number - 1, 26)
        told = chr(ord("A") + rest) + told
    return told


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    """Tokens are not kept, so their list is empty."""
    text = plain(segment.text)
    content = text.encode()
    return {
        "id": number,
        "seek": int(segment.start * 100),
        "start": segment.start,
        "end": segment.end,
        "text": text,
        "tokens": [],
        "temperature": 0.0,
        "avg_logprob": round(segment.avg_logprob or 0.0, 6),
        "compression_ratio": round(len(content) / len(zlib.compress(content)), 6) if content else 0.0,
        "no_speech_prob": segment.no_speech_prob or 0.0,
    }

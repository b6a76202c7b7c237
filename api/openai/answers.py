"""The whole answer to one call, as bytes."""

from __future__ import annotations

import json
from typing import Any

from api.openai import bodies
from api.openai.asking import Asked
from api.openai.lending import Lent
from media.transcript import Transcript
from workbench import exports
from workbench.core import Workbench


def written(bench: Workbench, job_id: str, asked: Asked, lent: Lent) -> bytes:
    """Returns a finished job's text in the format that was asked for; reads the database."""
    transcript = exports.transcript(bench.history, job_id, lent.label(bench, job_id))
    if asked.format in ("text", "srt", "vtt"):
        return bodies.file_of(transcript, asked.format)
    return json.dumps(body(transcript, asked), ensure_ascii=False).encode("utf-8", "replace")


def body(transcript: Transcript, asked: Asked) -> dict[str, Any]:
    """Returns ``json``, ``verbose_json`` or ``diarized_json``."""
    if asked.format == "verbose_json":
        return bodies.verbose(transcript, asked.granularities, asked.request.translate)
    if asked.format == "diarized_json":
        return bodies.diarized(transcript)
    return bodies.brief(transcript, asked.logprobs, asked.model == "gpt-transcribe")


def media_type(asked: Asked) -> str:
    """Returns what OpenAI sends for each format: subtitles come as plain text."""
    return "application/json" if asked.format.endswith("json") else "text/plain; charset=utf-8"

"""What the machine-readable page says of the forms, which are read as they come and not by FastAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.openai.asking import FORMATS, GRANULARITIES

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {"type": "array", "items": _TEXT}
_FILE: dict[str, Any] = {"type": "string", "format": "binary", "description": "Any kind of sound or video"}
_COMMON: dict[str, Any] = {
    "file": _FILE,
    "model": {**_TEXT, "example": "whisper-1"},
    "prompt": _TEXT,
    "temperature": {"type": "number", "minimum": 0, "maximum": 1},
}
_TRANSCRIPTION: dict[str, Any] = {
    **_COMMON,
    "response_format": {**_TEXT, "enum": list(FORMATS), "default": "json"},
    "language": {**_TEXT, "example": "zh"},
    "languages[]": _TEXTS,
    "keywords[]": _TEXTS,
    "stream": {"type": "boolean", "default": False},
    "include[]": {"type": "array", "items": {**_TEXT, "enum": ["logprobs"]}},
    "timestamp_granularities[]": {"type": "array", "items": {**_TEXT, "enum": list(GRANULARITIES)}},
    "chunking_strategy": {**_TEXT, "example": "auto"},
    "known_speaker_names[]": _TEXTS,
    "known_speaker_references[]": _TEXTS,
}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": _TEXT,
                "type": _TEXT,
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_REFUSALS = {
    "400": "A parameter that is wrong, or a file that is no recording",
    "401": "No key, or one that does not work",
    "404": "No such model",
    "413": "Too large or too long",
    "429": "A key at its limit; Retry-After tells for how long",
    "500": "Something unforeseen, with a reference",
    "503": "Starting, stopping, or the queue is full; Retry-After tells for how long",
    "507": "No room in memory or on the disk",
}


def _form(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    schema = {"type": "object", "required": list(required), "properties": properties}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def _answers(*kinds: str) -> dict[str, Any]:
    refused = {"application/json": {"schema": _ERROR}}
    found: dict[str, Any] = {"200": {"description": "The text", "content": {kind: {} for kind in kinds}}}
    return found | {status: {"description": told, "content": refused} for status, told in _REFUSALS.items()}


TRANSCRIPTION: dict[str, Any] = {
    "requestBody": _form(_TRANSCRIPTION, ("file", "model")),
    "responses": _answers("application/json", "text/plain", "text/event-stream"),
}
TRANSLATION: dict[str, Any] = {
    "requestBody": _form(
        {**_COMMON, "response_format": {**_TEXT, "enum": [name for name in FORMATS if name != "diarized_json"]}},
        ("file", "model"),
    ),
    "responses": _answers("application/json", "text/plain"),
}
PLAN: dict[str, Any] = {"requestBody": _form({"file": _FILE, "language": _TEXT, "mode": _TEXT}, ("file",))}
PLAN_TEXT: dict[str, Any] = {"requestBody": _form({"text": _TEXT, "mode": _TEXT}, ("text",))}
_MESSAGE: dict[str, Any] = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {"role": {**_TEXT, "enum": ["system", "developer", "user", "assistant"]}, "content": _TEXT},
}
CHAT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["model", "messages"],
                    "properties": {
                        "model": {**_TEXT, "example": "careful"},
                        "messages": {"type": "array", "items": _MESSAGE, "minItems": 1},
                        "max_completion_tokens": {"type": "integer", "minimum": 1},
                        "temperature": {"type": "number", "minimum": 0, "maximum": 2},
                        "seed": {"type": "integer"},
                        "stop": {"oneOf": [_TEXT, _TEXTS]},
                        "stream": {"type": "boolean", "default": False},
                        "response_format": {"type": "object"},
                    },
                }
            }
        },
    },
    "responses": _answers("application/json", "text/event-stream"),
}

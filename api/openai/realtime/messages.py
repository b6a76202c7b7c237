"""What a program sends: read, and refused where it cannot be understood."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from api.errors import ApiError

MOST_SOUND = 15 * 2**20
"""Bytes in one message, as with OpenAI; its server refuses more before that."""


def read(text: str | None) -> dict[str, Any]:
    """Returns a message; raises ApiError ``realtime_broken``."""
    try:
        told = json.loads(text or "")
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        raise ApiError("realtime_broken", status=400)
    return told


def session_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what an update wants; raises ApiError ``parameter_missing``."""
    found = told.get("session")
    if not isinstance(found, dict):
        raise ApiError("parameter_missing", status=400, param="session")
    return found


def sound_of(told: Mapping[str, Any]) -> bytes:
    """Returns the sound of ``input_audio_buffer.append``; raises ApiError ``realtime_sound``."""
    try:
        content = base64.b64decode(told["audio"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        raise ApiError("realtime_sound", status=400, param="audio") from None
    if len(content) > MOST_SOUND:
        raise ApiError("too_large", status=413, limit_mib=MOST_SOUND // 2**20, param="audio")
    return content

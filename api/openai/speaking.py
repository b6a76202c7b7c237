"""From OpenAI's parameters for speech to a request of the workbench: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.errors import ApiError
from engines.catalog_qwen_tts import WITH_VOICES
from engines.requests_speaking import AloudRequest
from engines.speaking.saying import LEAST_SPEED, MOST_SPEED
from engines.speaking.voices import FROM_RECORDINGS, VOICES, Voice, named, recording_of, usual_for, voices_of

FORMATS: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
STREAMS = ("audio", "sse")
MODELS = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
"""What programs call the models of this workbench; the voice decides which one speaks."""
MOST_SIGNS = 100_000
_KNOWN = frozenset({"model", "input", "voice", "response_format", "speed", "stream_format"})
_OTHERS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "hibari": (("heart", "heart"), ("heart", "heart")),
    WITH_VOICES: (("serena", "ryan"), ("serena", "uncle_fu")),
}
"""Which voice of another model stands for OpenAI's: for English and for Chinese texts, the woman's and the man's."""
_MALE = frozenset({"echo", "fable", "onyx", "ash", "ballad", "verse", "cedar"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call: what is said and how, in which format, and which parameters had no effect."""

    text: str
    request: AloudRequest
    format: str
    sse: bool
    ignored: tuple[str, ...] = ()


def read(told: Mapping[str, Any]) -> Wanted:
    """Reads the body of a call; raises ApiError with ``param`` among its values."""
    for name in ("model", "input", "voice"):
        if told.get(name) in (None, ""):
            raise ApiError("parameter_missing", status=400, param=name)
    text, model = _text(told, "input"), _text(told, "model").removeprefix("model:")
    if len(text) > MOST_SIGNS:
        raise ApiError("parameter_outside", status=400, param="input", value=len(text), least=1, most=MOST_SIGNS)
    if model not in MODELS and model not in {*(voice.model for voice in VOICES), *FROM_RECORDINGS}:
        raise ApiError("model_not_found", status=404, param="model", model=model[:100])
    voice = _voice(told["voice"], text, model)
    format = _choose(told, "response_format", tuple(FORMATS), "mp3")
    stream = _choose(told, "stream_format", STREAMS, "audio")
    ignored = tuple(name for name in told if name not in _KNOWN and told[name] not in (None, ""))
    return Wanted(text, AloudRequest(voice=voice.name, speed=_speed(told)), format, stream == "sse", ignored)


def _voice(value: Any, text: str, model: str) -> Voice:
    """OpenAI's voices speak every language: for a Chinese text the Chinese voice of the same sex takes their place."""
    name = str(value.get("id", "")) if isinstance(value, Mapping) else str(value)
    exact = next((voice for voice in VOICES if voice.name == name), None)
    if exact is not None:
        return exact
    found = named(name)
    recording = recording_of(name)
    if found is not None and recording is not None:
        return next((voice for voice in voices_of(recording) if voice.model == model), found)
    if found is None:
        choices = [voice.alias or voice.name for voice in VOICES]
        raise ApiError("parameter_not_one_of", status=400, param="voice", value=name[:100], choices=choices)
    chinese = usual_for(text).language == "zh"
    if model in _OTHERS:
        return named(_OTHERS[model][chinese][name in _MALE]) or found
    if chinese:
        return named("zm_yunjian" if name in _MALE else "zf_xiaobei") or found
    return found


def _speed(told: Mapping[str, Any]) -> float:
    value = told.get("speed", 1.0)
    try:
        speed = float(1.0 if value is None else value)
    except (TypeError, ValueError, OverflowError):
        speed = -1.0
    if isinstance(value, bool) or not LEAST_SPEED <= speed <= MOST_SPEED:
        raise ApiError(
            "parameter_outside", status=400, param="speed", value=str(value)[:100], least=LEAST_SPEED, most=MOST_SPEED
        )
    return speed


def _text(told: Mapping[str, Any], name: str) -> str:
    if not isinstance(told[name], str):
        raise ApiError("parameter_unfit", status=400, param=name, value=str(told[name])[:100])
    return str(told[name])


def _choose(told: Mapping[str, Any], param: str, allowed: tuple[str, ...], usual: str) -> str:
    value = told.get(param)
    if value is None:
        return usual
    if value not in allowed:
        raise ApiError("parameter_not_one_of", status=400, param=param, value=str(value)[:100], choices=list(allowed))
    return str(value)

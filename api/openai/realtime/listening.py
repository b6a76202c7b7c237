"""What a realtime session is told to listen for, in both shapes that OpenAI's interface has had: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from api.errors import ApiError
from api.openai.asking import ALIASES, quality_of
from api.openai.languages import code_of
from workbench.live.utterances import PAUSES_S

_FORMATS = {"audio/pcm": "pcm16", "audio/pcmu": "g711_ulaw", "audio/pcma": "g711_alaw"}
_DETECTIONS = ("server_vad", "semantic_vad")
_SEMANTIC_S = {"low": 2.0, "medium": 1.0, "high": 0.5, "auto": 1.0}
"""Whether a thought has ended is judged by the length of the pause alone."""
USUAL_MODEL = "whisper-1"
MOST_PROMPT = 1000


@dataclass(frozen=True, slots=True)
class Listening:
    """``detection`` is None where the program itself says when a stretch has ended."""

    model: str = USUAL_MODEL
    format: str = "pcm16"
    language: str | None = None
    languages: tuple[str, ...] = ()
    prompt: str = ""
    keywords: tuple[str, ...] = ()
    detection: str | None = "server_vad"
    pause_s: float = 0.5
    eagerness: str = "auto"

    @classmethod
    def of(cls, model: str | None, models: Sequence[str]) -> Self:
        """Returns what a connection begins with; the name of a model for conversations leaves it open who listens."""
        if not model or (model not in ALIASES and "realtime" in model):
            return cls()
        quality_of(model, models)
        return cls(model)

    def settings(self) -> dict[str, Any]:
        """Returns the settings of a live session, save for its model."""
        words = ", ".join(one for one in (*self.keywords, " ".join(self.prompt.split())) if one)
        pause_s = self.pause_s if self.detection else PAUSES_S[1]
        return {
            "language": self.language,
            "languages": list(self.languages),
            "hotwords": words[-MOST_PROMPT:],
            "pause_s": pause_s,
        }

    def changed(self, told: Mapping[str, Any], models: Sequence[str]) -> Self:
        """Returns it with what ``session.update`` says; raises ApiError with ``param`` among its values."""
        if told.get("type", "transcription") != "transcription":
            raise ApiError("realtime_listens_only", status=400, param="session.type")
        sound = _inner(_inner(told, "audio", "session"), "input", "session.audio")
        where = "session.audio.input"
        new = self
        if "format" in sound:
            new = new._with_format(_inner(sound, "format", where).get("type"), _FORMATS, f"{where}.format.type")
        return new._with_rest(sound, "transcription", where, models)

    def changed_flat(self, told: Mapping[str, Any], models: Sequence[str]) -> Self:
        """Returns it with what ``transcription_session.update`` says."""
        new = self
        if "input_audio_format" in told:
            flat = {name: name for name in _FORMATS.values()}
            new = new._with_format(told["input_audio_format"], flat, "session.input_audio_format")
        return new._with_rest(told, "input_audio_transcription", "session", models)

    def _with_format(self, told: Any, known: Mapping[str, str], param: str) -> Self:
        if not isinstance(told, str) or told not in known:
            raise ApiError("parameter_not_one_of", status=400, param=param, value=str(told)[:100], choices=list(known))
        return replace(self, format=known[told])

    def _with_rest(self, told: Mapping[str, Any], name: str, where: str, models: Sequence[str]) -> Self:
        new = self
        if name in told:
            new = new._with_words(_inner(told, name, where), f"{where}.{name}", models)
        if "turn_detection" in told:
            found = told["turn_detection"]
            param = f"{where}.turn_detection"
            new = replace(new, detection=None) if found is None else new._detecting(_mapping(found, param), param)
        return new

    def _with_words(self, told: Mapping[str, Any], where: str, models: Sequence[str]) -> Self:
        values: dict[str, Any] = {}
        for name in ("model", "language", "prompt"):
            if name in told:
                values[name] = _text(told[name], f"{where}.{name}")
        if "model" in values:
            values["model"] = values["model"] or self.model
            quality_of(values["model"], models)
        if "language" in values:
            values["language"] = code_of(values["language"]) if values["language"].strip() else None
        for name in ("languages", "keywords"):
            if name in told:
                found = told[name] or []
                if not isinstance(found, list):
                    raise _unfit(f"{where}.{name}", found)
                values[name] = tuple(_text(one, f"{where}.{name}") for one in found)
        if "languages" in values:
            values["languages"] = tuple(code_of(one) for one in values["languages"] if one.strip())
        return replace(self, **values)

    def _detecting(self, told: Mapping[str, Any], where: str) -> Self:
        kind = told.get("type", "server_vad")
        if kind not in _DETECTIONS:
            raise ApiError(
                "parameter_not_one_of", status=400, param=f"{where}.type", value=str(kind)[:100],
                choices=list(_DETECTIONS),
            )  # fmt: skip
        if kind == "semantic_vad":
            eagerness = told.get("eagerness") or "auto"
            if eagerness not in _SEMANTIC_S:
                raise _unfit(f"{where}.eagerness", eagerness)
            return replace(self, detection=kind, eagerness=eagerness, pause_s=_SEMANTIC_S[eagerness])
        silence = told.get("silence_duration_ms")
        if silence is None:
            return replace(self, detection=kind, pause_s=0.5)
        if isinstance(silence, bool) or not isinstance(silence, (int, float)):
            raise _unfit(f"{where}.silence_duration_ms", silence)
        return replace(self, detection=kind, pause_s=min(PAUSES_S[1], max(PAUSES_S[0], silence / 1000)))

    # What the program is told: what is so, not what it asked for

    def told(self, session_id: str) -> dict[str, Any]:
        """Returns the session as ``session.updated`` has it."""
        kinds = {flat: kind for kind, flat in _FORMATS.items()}
        format = {"type": kinds[self.format], **({"rate": 24_000} if self.format == "pcm16" else {})}
        sound = {"format": format, "transcription": self._words(), "noise_reduction": None,
                 "turn_detection": self._detection()}  # fmt: skip
        return {
            "type": "transcription",
            "object": "realtime.transcription_session",
            "id": session_id,
            "audio": {"input": sound},
            "include": None,
        }

    def told_flat(self, session_id: str) -> dict[str, Any]:
        """Returns the session as ``transcription_session.updated`` has it."""
        return {
            "id": session_id,
            "object": "realtime.transcription_session",
            "modalities": ["text"],
            "input_audio_format": self.format,
            "input_audio_transcription": self._words(),
            "input_audio_noise_reduction": None,
            "turn_detection": self._detection(),
            "include": None,
        }

    def _words(self) -> dict[str, Any]:
        told: dict[str, Any] = {"model": self.model, "language": self.language, "prompt": self.prompt}
        more = {"languages": list(self.languages), "keywords": list(self.keywords)}
        return told | {name: values for name, values in more.items() if values}

    def _detection(self) -> dict[str, Any] | None:
        if self.detection is None:
            return None
        if self.detection == "semantic_vad":
            return {"type": self.detection, "eagerness": self.eagerness}
        silence_ms = round(self.pause_s * 1000)
        return {
            "type": self.detection, "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": silence_ms,
        }  # fmt: skip


def _inner(told: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    return _mapping(told[name], f"{where}.{name}") if name in told else {}


def _mapping(value: Any, param: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(param, value)
    return value


def _text(value: Any, param: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _unfit(param, value)
    return value[:10_000]


def _unfit(param: str, value: object) -> ApiError:
    return ApiError("parameter_unfit", status=400, param=param, value=str(value)[:100])

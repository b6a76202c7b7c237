"""From OpenAI's parameters to a request of the workbench: pure, and forgiving where nothing can go wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.errors import ApiError
from api.openai.languages import code_of
from api.openai.strict_json import parsed
from engines.requests import SpeakersRequest, TranscribeRequest, VadOptions

FORMATS = ("json", "text", "srt", "verbose_json", "vtt", "diarized_json")
GRANULARITIES = ("word", "segment")
ALIASES = {
    "whisper-1": "balanced",
    "gpt-transcribe": "best",
    "gpt-4o-transcribe": "best",
    "gpt-4o-mini-transcribe": "fast",
    "gpt-4o-mini-transcribe-2025-12-15": "fast",
    "gpt-4o-transcribe-diarize": "balanced",
    "gpt-live-transcribe": "balanced",
    "gpt-realtime-whisper": "balanced",
}
"""What programs call the qualities of this workbench."""
DIARIZING = "gpt-4o-transcribe-diarize"
MOST_PROMPT = 1000
NAMES, REFERENCES = "known_speaker_names", "known_speaker_references"
MOST_SPEAKERS, MOST_NAME = 20, 80
KNOWN = frozenset({
    "model", "language", "languages", "prompt", "keywords", "response_format", "temperature", "stream", "include",
    "timestamp_granularities", "chunking_strategy", NAMES, REFERENCES,
})  # fmt: skip
_TRANSLATION = frozenset({"model", "prompt", "response_format", "temperature"})
_YES, _NO = frozenset({"true", "1"}), frozenset({"false", "0", "", "null"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: what the workbench does, how the answer is written, and which parameters had no effect.

    ``known`` are names of speakers, each with a data URL in which that person is heard.
    """

    request: TranscribeRequest
    model: str
    format: str = "json"
    granularities: tuple[str, ...] = ()
    stream: bool = False
    logprobs: bool = False
    known: tuple[tuple[str, str], ...] = ()
    ignored: tuple[str, ...] = ()


def read(fields: Mapping[str, Sequence[str]], models: Sequence[str], translate: bool = False) -> Asked:
    """Reads the fields of a form; raises ApiError with ``param`` among its values.

    ``models`` are the names of the catalog.
    """
    told = {name: list(values) for name, values in fields.items()}
    model = _one(told, "model", "")
    if not model:
        raise ApiError("parameter_missing", status=400, param="model")
    asked = Asked(TranscribeRequest(quality=quality_of(model, models), translate=translate), model)
    known = _TRANSLATION if translate else KNOWN
    ignored = [name for name in told if name.partition("[")[0] not in known]
    if translate:
        told = {name: values for name, values in told.items() if name not in ignored}
    asked = _with_format(asked, told, translate)
    if _temperature(told):
        ignored.append("temperature")
    if told.get("timestamp_granularities") and asked.format != "verbose_json":
        ignored.append("timestamp_granularities")
    request = replace(asked.request, vad=_vad(told), hotwords=_hotwords(told), **_languages(told))
    if asked.format == "diarized_json":
        request = replace(request, speakers=SpeakersRequest())
    lent = _known_speakers(told)
    if lent and asked.format != "diarized_json":
        lent, ignored = (), [*ignored, NAMES, REFERENCES]
    return replace(asked, request=request, known=lent, ignored=tuple(dict.fromkeys(ignored)))


def quality_of(model: str, models: Sequence[str]) -> str:
    """Returns what this workbench calls a model; raises ApiError ``model_not_found``."""
    if model in ALIASES:
        return ALIASES[model]
    name = model.removeprefix("model:")
    if name in ("fast", "balanced", "best"):
        return name
    # Other servers of this interface name models as their hub does.
    short = name.rpartition("/")[2].removeprefix("faster-").removeprefix("whisper-")
    for candidate in (name, short):
        if candidate in models:
            return f"model:{candidate}"
    raise ApiError("model_not_found", status=404, param="model", model=model[:100])


def _with_format(asked: Asked, told: Mapping[str, list[str]], translate: bool) -> Asked:
    usual = "diarized_json" if asked.model == DIARIZING and "response_format" not in told else "json"
    formats = tuple(name for name in FORMATS if not (translate and name == "diarized_json"))
    format = _one(told, "response_format", usual)
    _choose("response_format", format, formats)
    granularities = tuple(told.get("timestamp_granularities", ()))
    for one in granularities:
        _choose("timestamp_granularities", one, GRANULARITIES)
    include = told.get("include", [])
    for one in include:
        _choose("include", one, ("logprobs",))
    stream = _one(told, "stream", "false").lower()
    _choose("stream", stream, (*_YES, *_NO), ("true", "false"))
    return replace(asked, format=format, granularities=granularities, stream=stream in _YES, logprobs=bool(include))


def _temperature(told: Mapping[str, list[str]]) -> float:
    value = _one(told, "temperature", "0") or "0"
    return _number("temperature", value, 0.0, 1.0)


def _languages(told: Mapping[str, list[str]]) -> dict[str, Any]:
    language = _one(told, "language", "")
    several = tuple(code_of(one) for one in told.get("languages", ()) if one.strip())
    return {"language": code_of(language) if language.strip() else None, "languages": several}


def _hotwords(told: Mapping[str, list[str]]) -> str:
    """A prompt is most often a list of names and terms; a longer one counts by its end, as with OpenAI's Whisper."""
    words = [" ".join(one.split()) for one in (*told.get("keywords", ()), _one(told, "prompt", ""))]
    return ", ".join(one for one in words if one)[-MOST_PROMPT:]


def _vad(told: Mapping[str, list[str]]) -> VadOptions:
    whole = _one(told, "chunking_strategy", "")
    parts: dict[str, Any] = {
        name[len("chunking_strategy[") : -1]: values[-1]
        for name, values in told.items()
        if name.startswith("chunking_strategy[") and name.endswith("]")
    }
    if whole.strip().startswith("{"):
        try:
            parts = {**parsed(whole.encode())}
        except (TypeError, ValueError):
            raise ApiError("parameter_unfit", status=400, param="chunking_strategy", value=whole[:100]) from None
    elif whole:
        _choose("chunking_strategy", whole, ("auto", "null"), ("auto", "server_vad"))
    if not parts:
        return VadOptions()
    _choose("chunking_strategy", str(parts.get("type", "server_vad")), ("server_vad",))
    options, usual = {}, VadOptions()
    if "threshold" in parts:
        options["threshold"] = min(0.95, max(0.05, _number("chunking_strategy", parts["threshold"], 0.0, 1.0)))
    if "prefix_padding_ms" in parts:
        options["speech_pad_ms"] = _number("chunking_strategy", parts["prefix_padding_ms"], 0, 2_000)
    if "silence_duration_ms" in parts:
        options["min_silence_duration_ms"] = _number("chunking_strategy", parts["silence_duration_ms"], 0, 10_000)
    whole_ms = {name: value if name == "threshold" else int(value) for name, value in options.items()}
    return replace(usual, **whole_ms)  # type: ignore[arg-type]


def _known_speakers(told: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    names, references = told.get(NAMES, []), told.get(REFERENCES, [])
    if len(names) != len(references):
        raise ApiError("speakers_uneven", status=400, param=NAMES, n_names=len(names), n_references=len(references))
    if len(names) > MOST_SPEAKERS:
        raise ApiError("parameter_outside", status=400, param=NAMES, value=len(names), least=1, most=MOST_SPEAKERS)
    for name in names:
        if not 0 < len(name.strip()) <= MOST_NAME:
            raise ApiError("parameter_unfit", status=400, param=NAMES, value=name[:100])
    return tuple((name.strip(), url) for name, url in zip(names, references, strict=True))


def _one(told: Mapping[str, list[str]], name: str, usual: str) -> str:
    return told[name][-1] if told.get(name) else usual


def _choose(param: str, value: str, allowed: Sequence[str], shown: Sequence[str] = ()) -> None:
    if value not in allowed:
        choices = list(shown or allowed)
        raise ApiError("parameter_not_one_of", status=400, param=param, value=value[:100], choices=choices)


def _number(param: str, value: Any, least: float, most: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not least <= number <= most:
        raise ApiError("parameter_outside", status=400, param=param, value=str(value)[:100], least=least, most=most)
    return number

"""Checks what a person asks for before a job is made of it."""

from __future__ import annotations

from collections.abc import Iterable

from engines.requests import TranscribeRequest
from workbench.errors import JobError

LANGUAGES = frozenset(
    [
        "af",
        "am",
        "ar",
        "as",
        "az",
        "ba",
        "be",
        "bg",
        "bn",
        "bo",
        "br",
        "bs",
        "ca",
        "cs",
        "cy",
        "da",
        "de",
        "el",
        "en",
        "es",
        "et",
        "eu",
        "fa",
        "fi",
        "fo",
        "fr",
        "gl",
        "gu",
        "ha",
        "haw",
        "he",
        "hi",
        "hr",
        "ht",
        "hu",
        "hy",
        "id",
        "is",
        "it",
        "ja",
        "jw",
        "ka",
        "kk",
        "km",
        "kn",
        "ko",
        "la",
        "lb",
        "ln",
        "lo",
        "lt",
        "lv",
        "mg",
        "mi",
        "mk",
        "ml",
        "mn",
        "mr",
        "ms",
        "mt",
        "my",
        "ne",
        "nl",
        "nn",
        "no",
        "oc",
        "pa",
        "pl",
        "ps",
        "pt",
        "ro",
        "ru",
        "sa",
        "sd",
        "si",
        "sk",
        "sl",
        "sn",
        "so",
        "sq",
        "sr",
        "su",
        "sv",
        "sw",
        "ta",
        "te",
        "tg",
        "th",
        "tk",
        "tl",
        "tr",
        "tt",
        "uk",
        "ur",
        "uz",
        "vi",
        "yi",
        "yo",
        "yue",
        "zh",
    ]
)
"""Whisper's codes; ``yue`` is known to large-v3 and turbo only."""

QUALITIES = ("fast", "balanced", "best")
MOST_HOTWORDS = 1000


def check(request: TranscribeRequest, models: Iterable[str]) -> None:
    """Raises JobError ``request_invalid`` with the ``field`` that is wrong and the ``value`` it has."""
    quality = request.quality.removeprefix("model:")
    _hold(request.quality in QUALITIES or quality in models, "quality", request.quality)
    _hold(request.language is None or request.language in LANGUAGES, "language", request.language)
    for language in request.languages:
        _hold(language in LANGUAGES, "languages", language)
    _hold(request.script in (None, "simplified", "traditional"), "script", request.script)
    _hold(len(request.hotwords) <= MOST_HOTWORDS, "hotwords", f"{len(request.hotwords)} > {MOST_HOTWORDS}")
    _hold(request.clean in (None, "denoise", "restore"), "clean", request.clean)
    _hold(request.beam_size is None or 1 <= request.beam_size <= 10, "beam_size", request.beam_size)
    vad = request.vad
    _hold(0.05 <= vad.threshold <= 0.95, "vad.threshold", vad.threshold)
    _hold(0 <= vad.min_speech_duration_ms <= 10_000, "vad.min_speech_duration_ms", vad.min_speech_duration_ms)
    _hold(0 <= vad.min_silence_duration_ms <= 10_000, "vad.min_silence_duration_ms", vad.min_silence_duration_ms)
    _hold(0 <= vad.speech_pad_ms <= 2_000, "vad.speech_pad_ms", vad.speech_pad_ms)
    _hold(2 <= vad.max_speech_duration_s <= 29, "vad.max_speech_duration_s", vad.max_speech_duration_s)


def _hold(fine: bool, field: str, value: object) -> None:
    if not fine:
        raise JobError("request_invalid", status=422, field=field, value=str(value))

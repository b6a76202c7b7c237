"""One frozen dataclass for what a user chose, and one for each unit of work that an engine takes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

Piece = tuple[float, float]
"""A stretch of the recording, ``(start, end)`` in seconds."""


# Where one model serves every quality, this is what makes "fast" fast.
FAST_BEAM = 1
USUAL_BEAM = 5


@dataclass(frozen=True, slots=True)
class VadOptions:
    """Limits of voice activity detection, with Silero's names and units."""

    threshold: float = 0.5
    min_speech_duration_ms: int = 100
    min_silence_duration_ms: int = 500
    speech_pad_ms: int = 200
    max_speech_duration_s: float = 28.0


@dataclass(frozen=True, slots=True)
class SpeakersRequest:
    """What a person chose for telling speakers apart: how many there are, or at least and at most; None is unknown.

    ``channels`` takes a recording of two different channels as one person a channel. ``clean`` is how the sound of a
    recording that was sent for a voice is cleaned up first (a ``kind`` of ``SoundRequest``).
    """

    n_speakers: int | None = None
    at_least: int | None = None
    at_most: int | None = None
    channels: bool = False
    clean: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


@dataclass(frozen=True, slots=True)
class TranscribeRequest:
    """What a person chose for a transcription.

    ``language`` is a Whisper code or None for automatic; ``languages`` limits what automatic may choose, for each chunk
    anew (empty: any, decided once for the recording). ``script`` is ``simplified``, ``traditional`` or None (as
    recognised); it applies to Chinese only. ``hotwords`` are names and terms. ``itn`` writes spoken numbers as digits.
    ``beam_size`` None goes by the quality; ``beam`` is the number that comes of it. ``speakers`` tells the speakers
    apart once the text is there, None does not. ``clean`` is how the sound is cleaned up first (a ``kind`` of
    ``SoundRequest``), None leaves it as it is.
    """

    quality: str = "balanced"
    language: str | None = None
    languages: tuple[str, ...] = ()
    translate: bool = False
    script: str | None = "simplified"
    hotwords: str = ""
    itn: bool = False
    word_timestamps: bool = True
    beam_size: int | None = None
    vad: VadOptions = field(default_factory=VadOptions)
    speakers: SpeakersRequest | None = None
    clean: str | None = None

    @property
    def beam(self) -> int:
        """How many candidates are followed at once: what the person set, else one for ``fast`` and five otherwise."""
        if self.beam_size is not None:
            return self.beam_size
        return FAST_BEAM if self.quality == "fast" else USUAL_BEAM

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        if "vad" in known:
            known["vad"] = VadOptions(**known["vad"])
        if known.get("speakers") is not None:
            known["speakers"] = SpeakersRequest.from_dict(known["speakers"])
        if "languages" in known:
            known["languages"] = tuple(known["languages"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class TranscribeItem:
    """One chunk for Whisper: stretches of a 16 kHz mono int16 working file, at most 30 s together.

    ``pcm`` is the file's path; ``pieces`` are in order and do not overlap; the engine runs them as one sound and maps
    times back.
    ``duration_s`` is the recording's length (times are clamped to it), None while it is still being decoded. ``draft``
    asks for a quick answer that is shown for a moment only: what is doubtful is not decoded again.
    """

    pcm: str
    pieces: tuple[Piece, ...]
    language: str | None = None
    languages: tuple[str, ...] = ()
    translate: bool = False
    hotwords: str = ""
    word_timestamps: bool = True
    beam_size: int = 5
    duration_s: float | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class VoicesItem:
    """Windows of a 16 kHz mono int16 working file in which voices are told apart.

    ``starts`` are their beginnings in seconds; each is ``media.voices.WINDOW_S`` long.
    """

    pcm: str
    starts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SoundRequest:
    """What a person chose for cleaning up sound.

    ``kind`` is ``denoise`` (remove noise) or ``restore`` (VoiceFixer), ``mode`` is VoiceFixer's: 0, 1 (remove high
    noise first) or 2 (badly damaged). ``strength`` 0 to 1 is the share of the cleaned sound beside the original one.
    ``loudness`` is ``keep``, ``-16`` or ``-23`` (LUFS). ``trim`` takes silence away at both ends of a recording.
    """

    kind: str = "denoise"
    mode: int = 0
    strength: float = 1.0
    loudness: str = "keep"
    trim: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


@dataclass(frozen=True, slots=True)
class SoundItem:
    """One window of a sound (see ``media.sound_file``): what is made of it is written beside it.

    ``start`` and ``end`` are seconds; the result reaches ``media.sound_file.OVERLAP_S`` beyond the end. ``mode`` is
    VoiceFixer's.
    """

    pcm: str
    number: int
    start: float
    end: float
    mode: int = 0

"""In which kind of file a cleaned recording goes back: the kind it came in, or the nearest one that can be written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: FFmpeg's names of container and sound encoder, the ending, and the media type.

    ``rates`` are those the encoder takes, empty for any. ``same`` is False where the kind had to be changed. ``quick``
    is encoded with less care, for what is only listened to on a screen.
    """

    container: str
    codec: str
    suffix: str
    media_type: str
    rates: tuple[int, ...] = ()
    same: bool = True
    quick: bool = False

    @property
    def lossless(self) -> bool:
        """Whether the sound keeps every sample."""
        return self.codec in ("pcm_s16le", "flac", "alac")


OPUS_RATES = (48_000, 24_000, 16_000, 12_000, 8_000)
_AAC_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
_MP3_RATES = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)

_M4A = Kind("ipod", "aac", ".m4a", "audio/mp4", _AAC_RATES)
PREVIEW = Kind("mp3", "libmp3lame", ".mp3", "audio/mpeg", _MP3_RATES, quick=True)
"""What every browser plays. The index of an MP4 file would be held until its end: 11 MiB for each hour (measured)."""
PLAIN = Kind("flac", "flac", ".flac", "audio/flac")
"""What keeps every sample."""
_OGG = Kind("ogg", "libopus", ".opus", "audio/ogg", OPUS_RATES)
_MP4 = Kind("mp4", "aac", ".mp4", "video/mp4", _AAC_RATES)
_MKV = Kind("matroska", "aac", ".mkv", "video/x-matroska", _AAC_RATES)


def kind_of(container: str, codec: str, has_picture: bool, ending: str = "") -> Kind:
    """Returns the kind for a recording, by FFmpeg's names of its container (``mov,mp4,m4a``) and of its sound.

    ``ending`` is that of the file's name, with the dot; it decides where one container has several.
    """
    names = set(container.split(","))
    kind = _video(names, ending) if has_picture else _audio(names, codec)
    if ending.lower() in _ENDINGS.get(kind.container, ()):
        return Kind(kind.container, kind.codec, ending.lower(), kind.media_type, kind.rates, kind.same)
    return kind


_ENDINGS = {
    "wav": (".wav", ".wave"),
    "ipod": (".m4a", ".mp4", ".m4b"), "ogg": (".ogg", ".oga", ".opus"), "mp4": (".mp4", ".m4v"),
    "matroska": (".mkv",), "mov": (".mov", ".qt"), "mp3": (".mp3",), "flac": (".flac",), "webm": (".webm",),
}  # fmt: skip


def _audio(names: set[str], codec: str) -> Kind:
    if names & {"wav", "w64"}:
        return Kind("wav", "pcm_s16le", ".wav", "audio/wav", same="wav" in names)
    if "flac" in names:
        return Kind("flac", "flac", ".flac", "audio/flac")
    if "mp3" in names:
        return Kind("mp3", "libmp3lame", ".mp3", "audio/mpeg", _MP3_RATES)
    if "ogg" in names:
        return Kind("ogg", "flac", ".oga", "audio/ogg") if codec == "flac" else _OGG
    if names & {"matroska", "webm"}:
        return Kind("webm", "libopus", ".webm", "audio/webm", OPUS_RATES)
    if names & {"mov", "mp4", "m4a"}:
        return Kind("ipod", "alac", ".m4a", "audio/mp4") if codec == "alac" or codec.startswith("pcm") else _M4A
    if "aac" in names:
        return Kind("adts", "aac", ".aac", "audio/aac", _AAC_RATES)
    if names & {"aiff", "caf", "au", "tta", "wv", "ape", "tak", "shn"}:
        return Kind("flac", "flac", ".flac", "audio/flac", same=False)
    return Kind("ipod", "aac", ".m4a", "audio/mp4", _AAC_RATES, same=False)


def _video(names: set[str], ending: str) -> Kind:
    if names & {"mov", "mp4"}:
        is_mov = ending.lower() in (".mov", ".qt")
        return Kind("mov", "aac", ".mov", "video/quicktime", _AAC_RATES) if is_mov else _MP4
    if "webm" in names and ending.lower() != ".mkv":
        return Kind("webm", "libopus", ".webm", "video/webm", OPUS_RATES)
    if "matroska" in names:
        return _MKV
    return Kind("matroska", "aac", ".mkv", "video/x-matroska", _AAC_RATES, same=False)


def rate_for(kind: Kind, wanted: int) -> int:
    """Returns the lowest rate (Hz) that the encoder takes and that holds ``wanted``, else its highest."""
    if not kind.rates or wanted in kind.rates:
        return wanted
    return min((rate for rate in kind.rates if rate >= wanted), default=max(kind.rates))

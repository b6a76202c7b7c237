"""Sentences as one file of a kind that people keep; runs in a child, and may begin before the last one is spoken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import MediaError
from media.sound_file import Sound, to_int16
from media.spoken import RATE


@dataclass(frozen=True, slots=True)
class SpeechKind:
    """A kind of file: FFmpeg's container and encoder, the ending, the media type, and bits a second (0: lossless)."""

    container: str
    codec: str
    suffix: str
    media_type: str
    bit_rate: int = 0


KINDS: Mapping[str, SpeechKind] = {
    "mp3": SpeechKind("mp3", "libmp3lame", ".mp3", "audio/mpeg", 96_000),
    "opus": SpeechKind("ogg", "libopus", ".opus", "audio/ogg", 48_000),
    "m4a": SpeechKind("ipod", "aac", ".m4a", "audio/mp4", 80_000),
    "aac": SpeechKind("adts", "aac", ".aac", "audio/aac", 80_000),
    "flac": SpeechKind("flac", "flac", ".flac", "audio/flac"),
    "wav": SpeechKind("wav", "pcm_s16le", ".wav", "audio/wav"),
}
SYNTHETIC = "Synthetic speech: read by a computer voice. 合成语音：由电脑朗读。"
"""Stands in every file, so that nobody takes a computer's voice for a person's."""
_FRAME = 2_400


def write(sounds: Iterable[Sound], target: Path, kind: SpeechKind, title: str, voice: str) -> float:
    """Writes sounds ``(n, 1)`` one after another and returns the seconds written; raises MediaError and OSError.

    What is encoded is on disk at once, except where the kind needs its end first (m4a).
    """
    import av

    try:
        with av.open(str(target), "w", format=kind.container, options={"flush_packets": "1"}) as output:
            output.metadata.update({"title": title[:200], "artist": voice, "comment": SYNTHETIC, "genre": "Speech"})
            stream: Any = output.add_stream(kind.codec, rate=RATE)
            stream.codec_context.layout = "mono"
            if kind.bit_rate:
                stream.codec_context.bit_rate = kind.bit_rate
            counted = _Counted(sounds)
            for packet in _encoded(counted, stream):
                output.mux(packet)
    except (av.FFmpegError, ValueError) as error:
        raise MediaError("sound_not_written", status=500, kind=kind.suffix) from error
    return counted.n_samples / RATE


class _Counted:
    """Passes sounds on and counts their samples."""

    def __init__(self, sounds: Iterable[Sound]) -> None:
        self._sounds = sounds
        self.n_samples = 0

    def __iter__(self) -> Iterator[Sound]:
        for sound in self._sounds:
            self.n_samples += len(sound)
            yield sound


def _encoded(sounds: Iterable[Sound], stream: Any) -> Iterator[Any]:
    import av

    context = stream.codec_context
    resampler = av.AudioResampler(format=context.format or "s16", layout="mono", rate=context.sample_rate)
    at = 0
    for sound in sounds:
        samples = to_int16(sound).reshape(1, -1)
        for first in range(0, samples.shape[1], _FRAME):
            part = np.ascontiguousarray(samples[:, first : first + _FRAME])
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
            at += part.shape[1]
            for fitting in resampler.resample(frame):
                yield from stream.encode(fitting)
    for fitting in resampler.resample(None):
        yield from stream.encode(fitting)
    yield from stream.encode(None)

"""Makes recordings of any length for the benches, without holding them in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

RATE = 16_000
Sound = npt.NDArray[np.int16]


def speech(media: Path, seconds: float) -> Sound:
    """Returns real English speech of this length, from the clips in ``media/asr``, over and over."""
    clips = [_read(path) for path in sorted((media / "asr").glob("spk1_snt*.wav"))]
    clips += [_read(media / "asr" / name) for name in ("jfk.flac", "librispeech-1995-1837-0001.wav")]
    pause = np.zeros(RATE // 2, np.int16)
    once = np.concatenate([part for clip in clips for part in (clip, pause)])
    n_samples = round(seconds * RATE)
    return np.tile(once, -(-n_samples // len(once)))[:n_samples]


def with_silence(sound: Sound, seconds: float) -> Sound:
    """Returns the sound with silence behind it, ``seconds`` long in all."""
    return np.concatenate([sound, np.zeros(max(0, round(seconds * RATE) - len(sound)), np.int16)])


def write_opus(path: Path, block: Sound, seconds: float, title: str = "") -> None:
    """Writes an Ogg Opus file that repeats ``block`` to about this length; another ``title`` makes it another file.

    The block is encoded once and its packets are written again and again, which is far faster than encoding.
    """
    packets = _encoded(block)
    with av.open(str(path), "w", format="ogg") as out:
        out.metadata["title"] = title
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        stream.bit_rate = 24_000
        stream.codec_context.open()
        at = 0
        for content, duration in _repeated(packets, round(seconds * 48_000)):
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, 48_000)
            packet.pts = packet.dts = at
            packet.duration = duration
            out.mux(packet)
            at += duration


def _repeated(packets: Sequence[tuple[bytes, int]], total: int) -> Iterator[tuple[bytes, int]]:
    at = 0
    while at < total:
        for content, duration in packets:
            yield content, duration
            at += duration


def _encoded(block: Sound) -> list[tuple[bytes, int]]:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate, encoder.time_base = 24_000, Fraction(1, 48_000)
    resampler = av.AudioResampler("s16", "mono", 48_000, frame_size=960)
    packets = []
    for start in range(0, len(block), RATE):
        frame = av.AudioFrame.from_ndarray(block[None, start : start + RATE], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for part in resampler.resample(frame):
            packets += encoder.encode(part)
    packets += encoder.encode(None)
    return [(bytes(packet), 960) for packet in packets]


def _read(path: Path) -> Sound:
    with av.open(str(path)) as source:
        resampler = av.AudioResampler("s16", "mono", RATE)
        frames = [part for frame in source.decode(audio=0) for part in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])

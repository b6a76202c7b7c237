"""Makes recordings of every kind with PyAV and numpy, so that none has to be kept in the repository."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    """A gliding tone, ``(n_samples, channels)``, -0.5 to 0.5; every channel another pitch."""
    at = np.arange(round(seconds * rate)) / rate
    pitches = 220 * (1 + np.arange(channels))
    return 0.5 * np.sin(2 * np.pi * pitches[None, :] * at[:, None] * (1 + 0.1 * at[:, None]))


@dataclass(frozen=True)
class Track:
    """One stream of a made file."""

    codec: str
    rate: int = 16_000
    layout: str = "mono"
    seconds: float = 1.0
    delay_s: float = 0.0
    hole: tuple[float, float] = (0.0, 0.0)
    default: bool = False
    bit_rate: int | None = None


def media(
    path: Path, container: str, tracks: list[Track], picture: str | None = None, options: dict[str, str] | None = None
) -> Path:
    """Writes a file with the given sound tracks and, where ``picture`` names a codec, one second of moving picture."""
    with av.open(str(path), "w", format=container, options=options or {}) as out:
        video: Any = out.add_stream(picture, rate=10) if picture else None
        if video:
            video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        streams: list[Any] = []
        for track in tracks:
            stream: Any = out.add_stream(track.codec, rate=track.rate, options={"strict": "experimental"})
            stream.layout = track.layout
            if track.bit_rate:
                stream.bit_rate = track.bit_rate
            if track.default:
                stream.disposition = av.stream.Disposition.default
            streams.append(stream)
        packets = [*_video_packets(video)] if video else []
        for stream, track in zip(streams, tracks, strict=True):
            packets += _sound_packets(stream, track)
        for packet in sorted(packets, key=lambda packet: float((packet.dts or 0) * packet.time_base)):
            out.mux(packet)
    return path


def _video_packets(stream: Any) -> Iterator[Any]:
    for number in range(10):
        frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 20, np.uint8), format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound_packets(stream: Any, track: Track) -> Iterator[Any]:
    context = stream.codec_context
    if not context.is_open:
        context.open()
    resampler = av.AudioResampler(format=context.format.name, layout=track.layout, rate=track.rate)
    sound = (tone(track.seconds, track.rate) * 32767).astype(np.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(sound, format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = track.rate, 0, Fraction(1, track.rate)
    fifo = av.AudioFifo()
    for part in resampler.resample(frame):
        part.pts = None
        fifo.write(part)
    size, at = context.frame_size or 1024, 0
    while (part := fifo.read(size) or fifo.read(size, partial=True)) is not None:
        seconds = at / track.rate
        late = track.delay_s + (track.hole[1] if track.hole[1] and seconds >= track.hole[0] else 0.0)
        part.pts, part.time_base = at + round(late * track.rate), Fraction(1, track.rate)
        at += part.samples
        yield from stream.encode(part)
    yield from stream.encode(None)


def wav(
    path: Path, samples: np.ndarray, rate: int, *, form: int = 1, bits: int | None = None, data_size: int | None = None
) -> Path:
    """Writes a WAV file by hand: ``samples`` are ``(n_samples, channels)``; ``data_size`` may lie."""
    body = samples.tobytes()
    bits = bits or samples.dtype.itemsize * 8
    channels = samples.shape[1]
    align = channels * bits // 8
    size = len(body) if data_size is None else data_size
    head = struct.pack("<HHIIHH", form, channels, rate & 0xFFFFFFFF, (rate * align) & 0xFFFFFFFF, align, bits)
    told = struct.pack("<I", min(0xFFFFFFFF, size + 36))
    path.write_bytes(
        b"RIFF" + told + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", size) + body
    )
    return path


def long_silence(path: Path, hours: float) -> Path:
    """Writes hours of silence as Opus in Ogg by repeating one encoded packet; some MB."""
    with av.open(str(path), "w", format="ogg") as out:
        stream: Any = out.add_stream("libopus", rate=48_000, options={"frame_duration": "60", "vbr": "on"})
        stream.layout, stream.bit_rate = "mono", 6_000
        size, last, n_packets = 2880, b"", round(hours * 3600 / 0.06)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, size), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for number in range(8):
            frame.pts, frame.time_base = number * size, Fraction(1, 48_000)
            for packet in stream.encode(frame):
                last = bytes(packet)
                out.mux(packet)
        for number in range(8, n_packets):
            packet = av.Packet(last)
            packet.stream, packet.time_base = stream, Fraction(1, 48_000)
            packet.pts = packet.dts = number * size
            packet.duration = size
            out.mux(packet)
    return path


def damage(path: Path, first: float, last: float, seed: int = 1) -> Path:
    """Overwrites the share ``first`` to ``last`` of a file with noise."""
    data = bytearray(path.read_bytes())
    begin, end = int(len(data) * first), int(len(data) * last)
    data[begin:end] = np.random.default_rng(seed).integers(0, 256, end - begin, np.uint8).tobytes()
    path.write_bytes(data)
    return path


def shorten(path: Path, share: float) -> Path:
    """Keeps only the first ``share`` of a file."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path

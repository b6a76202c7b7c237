"""Writes a cleaned sound as a file of its kind; a video keeps its pictures as they are. Runs only in a child."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from media.codec import Recording
from media.errors import MediaError
from media.limits import MediaLimits
from media.sound_file import Sound, to_int16
from media.sound_kinds import Kind, kind_of, rate_for

_QUICK = "7"
"""Of LAME's 0 to 9: half of the time of its usual choice, about that of AAC (measured)."""
_LEAST_BITS, _MOST_BITS = 64_000, 320_000
"""For each channel at least, and altogether at most, where the sound is packed with loss."""


@dataclass(frozen=True, slots=True)
class Original:
    """What is known of the file that came: kind for its way back, rate in Hz, bits a second where it is packed.

    ``n_channels`` are those it was recorded with.
    """

    kind: Kind
    rate: int
    bit_rate: int | None
    origin: float
    has_picture: bool
    n_channels: int = 1


def look(source: Path, name: str, limits: MediaLimits) -> Original:
    """Returns what is needed of the original; raises MediaError."""
    with Recording(source, limits) as recording:
        context = recording.stream.codec_context
        has_picture = recording.media_kind == "video"
        ending = f".{name.rpartition('.')[2]}" if "." in name else ""
        kind = kind_of(recording.container_name, context.name, has_picture, ending)
        bits = context.bit_rate or None
        return Original(kind, context.sample_rate, bits, recording.origin_s or 0.0, has_picture, context.channels)


def write(
    blocks: Iterable[Sound], rate: int, n_channels: int, target: Path, original: Original, source: Path,
    limits: MediaLimits, out_rate: int | None = None,
) -> None:  # fmt: skip
    """Writes the sound (blocks ``(n, n_channels)`` at ``rate``) to ``target``; raises MediaError and OSError."""
    import av

    kind = original.kind
    with av.open(str(target), "w", format=kind.container) as output:
        encoder = _encoder(output, kind, rate_for(kind, out_rate or original.rate), n_channels, original.bit_rate)
        if not original.has_picture:
            for packet in encoded(blocks, rate, n_channels, encoder):
                output.mux(packet)
            return
        with Recording(source, limits, copies_pictures=True) as recording:
            _with_pictures(recording, output, encoded(blocks, rate, n_channels, encoder), original.origin)


def _encoder(output: Any, kind: Kind, rate: int, n_channels: int, bit_rate: int | None) -> Any:
    import av

    try:
        stream = output.add_stream(kind.codec, rate=rate)
        stream.codec_context.layout = "mono" if n_channels == 1 else "stereo"
        if not kind.lossless:
            stream.codec_context.bit_rate = min(_MOST_BITS, max(_LEAST_BITS * n_channels, bit_rate or 0))
        if kind.quick:
            stream.codec_context.options = {"compression_level": _QUICK}
        return stream
    except (av.FFmpegError, ValueError) as error:
        raise MediaError("sound_not_written", status=500, kind=kind.suffix) from error


def encoded(blocks: Iterable[Sound], rate: int, n_channels: int, stream: Any) -> Iterator[Any]:
    """Yields the packets of a sound stream for blocks ``(n, n_channels)`` at ``rate``."""
    import av

    layout = "mono" if n_channels == 1 else "stereo"
    context = stream.codec_context
    resampler = av.AudioResampler(format=context.format or "s16", layout=layout, rate=context.sample_rate)
    n_samples = 0
    for block in blocks:
        for at in range(0, len(block), rate):
            part = to_int16(block[at : at + rate])
            frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, n_samples, Fraction(1, rate)
            n_samples += len(part)
            for fitting in resampler.resample(frame):
                yield from stream.encode(fitting)
    for fitting in resampler.resample(None):
        yield from stream.encode(fitting)
    yield from stream.encode(None)


def _with_pictures(recording: Recording, output: Any, sound: Iterator[Any], origin: float) -> None:
    """Muxes copied pictures and new sound in order of time; ``origin`` is when the video begins in its own clock."""
    import av

    try:
        pictures = {stream.index: output.add_stream_from_template(stream) for stream in recording.pictures}
        heard = next(sound, None)
        for packet in recording.picture_packets():
            if packet.dts is None:
                continue
            ticks = round(origin / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts - ticks
            packet.dts -= ticks
            while heard is not None and float(heard.dts * heard.time_base) <= float(packet.dts * packet.time_base):
                output.mux(heard)
                heard = next(sound, None)
            packet.stream = pictures[packet.stream.index]
            output.mux(packet)
        while heard is not None:
            output.mux(heard)
            heard = next(sound, None)
    except (av.FFmpegError, ValueError, NotImplementedError) as error:
        raise MediaError("sound_not_written", status=500, kind=recording.container_name) from error

"""A video with another sound track: its pictures are copied as they are. Runs only in a child."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from media.codec import first_time
from media.encoding import encoded
from media.errors import MediaError
from media.formats import refuse_other_files
from media.limits import MediaLimits
from media.sound_file import Sound
from media.sound_kinds import Kind, kind_of, rate_for
from media.speech_file import SYNTHETIC
from media.spoken import RATE
from media.video_source import open_safely

_BIT_RATE = 96_000
_MATROSKA = Kind("matroska", "aac", ".mkv", "video/x-matroska", same=False)


def dub(
    source: Path, name: str, sounds: Callable[[], Iterable[Sound]], folder: Path, limits: MediaLimits
) -> tuple[str, str]:
    """Writes ``folder/video<ending>`` with the pictures of ``source`` and ``sounds()``, ``(n, 1)`` at 24 kHz.

    Returns the file's name and media type; the kind is that of the video, or Matroska where that does not take it.
    Raises MediaError and OSError.
    """
    refuse_other_files(source)
    with open_safely(source, limits) as original:
        ending = f".{name.rpartition('.')[2]}" if "." in name else ""
        wanted = kind_of(str(original.format.name), "", True, ending)
    last: MediaError | None = None
    for kind in (wanted, _MATROSKA):
        target = folder / f"video{kind.suffix}"
        try:
            _write(source, target, kind, sounds(), limits)
            return target.name, kind.media_type
        except MediaError as error:
            target.unlink(missing_ok=True)
            if error.code == "video_no_pictures":
                raise
            last = error
    assert last is not None
    raise last


def _write(source: Path, target: Path, kind: Kind, sounds: Iterable[Sound], limits: MediaLimits) -> None:
    import av

    origin = first_time(source, limits) or 0.0
    cover = av.stream.Disposition.attached_pic
    try:
        with open_safely(source, limits) as original, av.open(str(target), "w", format=kind.container) as output:
            streams = [stream for stream in original.streams.video if not stream.disposition & cover]
            if not streams:
                raise MediaError("video_no_pictures")
            output.metadata.update({"comment": SYNTHETIC})
            pictures = {stream.index: output.add_stream_from_template(stream, opaque=True) for stream in streams}
            heard: Any = output.add_stream(kind.codec, rate=rate_for(kind, RATE))
            heard.codec_context.layout = "mono"
            heard.codec_context.bit_rate = _BIT_RATE
            _mux(output, _shifted(original, streams, pictures, origin), encoded(sounds, RATE, 1, heard))
    except (av.FFmpegError, ValueError, NotImplementedError) as error:
        raise MediaError("video_not_written", status=500, kind=kind.suffix, why=str(error)[:200]) from error


def _shifted(original: Any, streams: list[Any], pictures: dict[int, Any], origin: float) -> Iterator[Any]:
    """Yields the packed pictures, with times from the beginning of the video; ends where the file is damaged."""
    import av

    packets = original.demux(streams)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError):
            return
        if packet.dts is None:
            continue
        ticks = round(origin / packet.time_base)
        packet.pts = None if packet.pts is None else packet.pts - ticks
        packet.dts -= ticks
        packet.stream = pictures[packet.stream.index]
        yield packet


def _mux(output: Any, pictures: Iterator[Any], sound: Iterator[Any]) -> None:
    heard = next(sound, None)
    for packet in pictures:
        while heard is not None and heard.dts * heard.time_base <= packet.dts * packet.time_base:
            output.mux(heard)
            heard = next(sound, None)
        output.mux(packet)
    while heard is not None:
        output.mux(heard)
        heard = next(sound, None)

"""The end of making a video sharper: runs put one behind the other, with all that the video had beside its pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from media.errors import MediaError
from media.limits import MediaLimits
from media.video_encoding import MOST_LATE, run_name
from media.video_index import VideoIndex, read_index, read_times
from media.video_source import open_safely

_ENDINGS = {"mp4": (".mp4", "video/mp4"), "mov": (".mov", "video/quicktime"), "matroska": (".mkv", "video/x-matroska")}
_NOT_TAKEN_OVER = (
    "encoder", "major_brand", "minor_version", "compatible_brands", "duration", "rotate", "bps", "number_of_frames",
    "number_of_bytes",
)  # fmt: skip
"""What a file says of itself, and not of what is in it; Matroska adds a language to these names."""

_HEARD_BEFORE = Fraction(1, 20)
"""So much sound before the first picture may belong to it: what an encoder puts before its first sample."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What was written: file, media type, bytes, and the codes of notes for the person."""

    file: str
    media_type: str
    size: int
    notes: tuple[str, ...] = ()


def join(
    source: Path, name: str, folder: Path, n_runs: int, limits: MediaLimits, tell: Callable[[float], None]
) -> Joined:
    """Writes ``folder/result<ending>`` of the runs in ``folder`` and of ``source``'s sound and subtitles.

    The container is that of ``name`` where it takes all of it, else Matroska. Raises MediaError and OSError.
    """
    index = read_index(folder)
    if index is None:
        raise FileNotFoundError(str(folder))
    wanted = container_of(index.facts.container, name)
    for kind in dict.fromkeys((wanted, "matroska")):
        ending, media_type = _ENDINGS[kind]
        target = folder / f"result{ending}"
        try:
            dropped = _Join(source, folder, index, limits).write(target, kind, n_runs, tell)
        except _Unfit:
            continue
        same = ending.lstrip(".") in name.lower().rpartition(".")[2] or kind == wanted and kind != "matroska"
        notes = [] if same or name.lower().endswith(".mkv") else ["video_other_kind"]
        notes += ["video_subtitles_left"] if dropped else []
        return Joined(target.name, media_type, target.stat().st_size, tuple(notes))
    raise MediaError("video_not_written", status=500, kind="MKV", why="")


def container_of(container: str, name: str) -> str:
    """Returns in which kind of file a result goes back; ``container`` is FFmpeg's names of the one it came in."""
    names = set(container.split(","))
    if names & {"mov", "mp4"}:
        return "mov" if name.lower().endswith((".mov", ".qt")) else "mp4"
    return "matroska"


class _Unfit(Exception):
    """This container does not take one of the streams."""


class _Join:
    """One writing of one result."""

    def __init__(self, source: Path, folder: Path, index: VideoIndex, limits: MediaLimits) -> None:
        self._source, self._folder, self._index, self._limits = source, folder, index, limits
        self._times = read_times(folder)
        self._tick = Fraction(*index.facts.time_base)

    def write(self, target: Path, kind: str, n_runs: int, tell: Callable[[float], None]) -> bool:
        """Writes the file; returns whether subtitles had to be left out."""
        import av

        with (
            open_safely(self._source, self._limits) as original,
            av.open(str(target), "w", format=kind) as output,
            av.open(str(self._folder / run_name(0)), format="nut") as first,
        ):
            pictures = self._stream(output, first.streams.video[0])
            beside, dropped = self._beside(original, output, kind)
            output.metadata.update(_told(original.metadata))
            with contextlib.suppress(Exception):
                self._chapters(original, output)
            origin = self._origin(original, beside)
            try:
                output.start_encoding()
            except (av.FFmpegError, ValueError) as error:
                raise _Unfit from error
            self._mux(output, self._pictures(pictures, n_runs, origin, tell), self._others(original, beside, origin))
        return dropped

    def _stream(self, output: Any, template: Any) -> Any:
        # Opaque, as a decoder by which a kind is known (libdav1d) need not have an encoder of its name.
        stream = output.add_stream_from_template(template, opaque=True)
        stream.time_base = self._tick
        return stream

    def _beside(self, original: Any, output: Any, kind: str) -> tuple[dict[int, Any], bool]:
        """Returns the new streams of sound and subtitles by the old ones' numbers."""
        import av

        found: dict[int, Any] = {}
        dropped = False
        for stream in (*original.streams.audio, *original.streams.subtitles):
            try:
                copy = output.add_stream_from_template(stream)
            except (av.FFmpegError, ValueError, TypeError, NotImplementedError) as error:
                if kind != "matroska":
                    raise _Unfit from error
                dropped = True
                continue
            copy.metadata.update(_told(stream.metadata))
            with contextlib.suppress(Exception):
                copy.disposition = stream.disposition
            found[stream.index] = copy
        return found, dropped

    def _chapters(self, original: Any, output: Any) -> None:
        start = float(self._times[0] * self._tick)
        if self._index.scenes and start < 0.5 and original.chapters():
            output.set_chapters(original.chapters())

    def _origin(self, original: Any, beside: dict[int, Any]) -> Fraction:
        """Returns which moment of the original, in seconds, is the beginning of the result: that of the part, or where
        its sound begins a little before the pictures."""
        first = Fraction(int(self._times[0])) * self._tick
        starts = [
            stream.start_time * stream.time_base
            for stream in original.streams
            if stream.index in beside and stream.type == "audio" and stream.start_time is not None
        ]
        return min((start for start in starts if 0 <= first - start < Fraction(1, 2)), default=first)

    def _pictures(self, stream: Any, n_runs: int, origin: Fraction, tell: Callable[[float], None]) -> Iterator[Any]:
        """Yields the packets of all runs. When each is to be decoded is told anew, as one sequence: each run knows
        only itself."""
        import av

        ahead = round(origin / self._tick)
        shown = [int(pts) - ahead for pts in self._times]
        step = max(1, round(1 / (Fraction(*self._index.facts.rate) * self._tick)))
        decoded = [shown[0] - (MOST_LATE - n) * step for n in range(MOST_LATE)] + shown
        lasts = {at: after - at for at, after in pairwise(shown)}
        n_packets = 0
        for number, (first, _) in zip(range(n_runs), self._index.runs, strict=True):
            with av.open(str(self._folder / run_name(number)), format="nut") as run:
                moved: int | None = None
                for packet in run.demux(video=0):
                    if packet.pts is None or n_packets >= len(decoded):
                        continue
                    pts = round(packet.pts * packet.time_base / self._tick)
                    # A run begins with the packet that is shown first; its clock may have been moved.
                    moved = shown[first] - pts if moved is None else moved
                    packet.pts = pts + moved
                    packet.dts = min(decoded[n_packets], packet.pts)
                    packet.time_base = self._tick
                    packet.duration = lasts.get(packet.pts, step)
                    packet.stream = stream
                    n_packets += 1
                    yield packet
            tell((number + 1) / n_runs)

    def _others(self, original: Any, beside: dict[int, Any], origin: Fraction) -> Iterator[Any]:
        """Yields the packets of sound and subtitles that belong to the part, moved to its beginning."""
        import av

        end = Fraction(int(self._times[-1])) * self._tick + 1 / Fraction(*self._index.facts.rate)
        wanted = [stream for stream in original.streams if stream.index in beside]
        if not wanted:
            return
        if origin > 2:
            with contextlib.suppress(av.FFmpegError):
                original.seek(int((origin - 1) * 1_000_000))
        packets = original.demux(wanted)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError):
                return
            if packet.pts is None or packet.dts is None:
                continue
            at = packet.pts * packet.time_base
            if at < origin - _HEARD_BEFORE:
                continue
            if at >= end:
                if at > end + 2:
                    return
                continue
            ticks = round(origin / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
            packet.stream = beside[packet.stream.index]
            yield packet

    def _mux(self, output: Any, pictures: Iterator[Any], others: Iterator[Any]) -> None:
        import av

        heard = next(others, None)
        try:
            for packet in pictures:
                while heard is not None and heard.dts * heard.time_base <= packet.dts * packet.time_base:
                    output.mux(heard)
                    heard = next(others, None)
                output.mux(packet)
            while heard is not None:
                output.mux(heard)
                heard = next(others, None)
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(
                "video_not_written", status=500, kind=str(output.format.name), why=str(error)[:200]
            ) from error


def _told(metadata: Mapping[str, str]) -> dict[str, str]:
    """Returns what is taken over of metadata."""
    return {
        name: value
        for name, value in metadata.items()
        if not name.lower().startswith(("_statistics", *_NOT_TAKEN_OVER))
    }

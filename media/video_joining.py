"""The end of making a video sharper: runs put one behind the other, with all that the video had beside its pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from media import video_beside
from media.errors import MediaError
from media.limits import MediaLimits
from media.video_beside import Unfit
from media.video_encoding import MOST_LATE, run_name
from media.video_index import Times, VideoIndex, read_index, read_times
from media.video_sound import Anew
from media.video_source import open_safely, pictures_of

_ENDINGS = {"mp4": (".mp4", "video/mp4"), "mov": (".mov", "video/quicktime"), "matroska": (".mkv", "video/x-matroska")}
_MOST_ERRORS = 20
_HEARD_BEFORE = Fraction(1, 20)
"""So much sound before the first picture may belong to it: what an encoder puts before its first sample."""
_PART_HEARD_BEFORE, _ALL_HEARD_BEFORE = Fraction(1, 2), Fraction(600)
"""Sound that begins so many seconds before the pictures of a part, or of the whole video, is kept; a file whose clocks
have nothing to do with each other would become hours long."""


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
            told = _Join(source, folder, index, limits).write(target, kind, n_runs, tell)
        except Unfit:
            continue
        same = ending.lstrip(".") in name.lower().rpartition(".")[2] or kind == wanted and kind != "matroska"
        notes = [] if same or name.lower().endswith(".mkv") else ["video_other_kind"]
        notes += sorted(told)
        return Joined(target.name, media_type, target.stat().st_size, tuple(notes))
    raise MediaError("video_not_written", status=500, kind="MKV", why="")


def container_of(container: str, name: str) -> str:
    """Returns in which kind of file a result goes back; ``container`` is FFmpeg's names of the one it came in."""
    names = set(container.split(","))
    if names & {"mov", "mp4"}:
        return "mov" if name.lower().endswith((".mov", ".qt")) else "mp4"
    return "matroska"


class _Join:
    """One writing of one result."""

    def __init__(self, source: Path, folder: Path, index: VideoIndex, limits: MediaLimits) -> None:
        self._source, self._folder, self._index, self._limits = source, folder, index, limits
        self._tick = Fraction(*index.facts.time_base)
        self._times = read_times(folder)
        # What was on the screen already when a part began is shown from there on.
        self._begin = max(int(self._times[0]), index.zero + round(Fraction(index.part.start) / self._tick))
        self._step = max(1, round(1 / (Fraction(*index.facts.rate) * self._tick)))

    def write(self, target: Path, kind: str, n_runs: int, tell: Callable[[float], None]) -> set[str]:
        """Writes the file; returns the codes of notes about what is beside the pictures."""
        import av

        with (
            open_safely(self._source, self._limits) as original,
            av.open(str(target), "w", format=kind) as output,
            av.open(str(self._folder / run_name(0)), format="nut") as first,
        ):
            pictures = self._stream(output, first.streams.video[0], kind)
            video_beside.dress(pictures_of(original), pictures)
            beside, notes = video_beside.streams(original, output, kind)
            if kind == "matroska" and self._covers(original, output):
                notes.add(video_beside.LEFT)
            output.metadata.update(video_beside.told(original.metadata))
            origin = self._origin(original, beside)
            with contextlib.suppress(Exception):
                begin = Fraction(self._begin) * self._tick if self._index.part.start > 0 else origin
                output.set_chapters(video_beside.chapters(original, begin, self._ends(), origin))
            try:
                output.start_encoding()
            except (av.FFmpegError, ValueError) as error:
                raise Unfit from error
            self._mux(output, self._pictures(pictures, n_runs, origin, tell), self._others(original, beside, origin))
        return notes

    def _covers(self, original: Any, output: Any) -> bool:
        """Takes over covers by a second reading, as it moves on what it reads; returns whether one was lost."""
        if not video_beside.covers_of(original):
            return False
        with open_safely(self._source, self._limits) as again:
            return video_beside.attach_covers(again, output)

    def _stream(self, output: Any, template: Any, kind: str) -> Any:
        # Opaque, as a decoder by which a kind is known (libdav1d) need not have an encoder of its name.
        stream = output.add_stream_from_template(template, opaque=True)
        if template.codec_context.name == "hevc" and kind in ("mp4", "mov"):
            # Apple's players play H.265 by this name only.
            stream.codec_context.codec_tag = "hvc1"
        stream.time_base = self._tick
        return stream

    def _origin(self, original: Any, beside: dict[int, Any]) -> Fraction:
        """Returns which moment of the original, in seconds, is the beginning of the result: that of the part, or where
        its sound begins a little before the pictures."""
        first = Fraction(self._begin) * self._tick
        earliest = _PART_HEARD_BEFORE if self._index.part.start > 0 else _ALL_HEARD_BEFORE
        starts = [
            stream.start_time * stream.time_base
            for stream in original.streams
            if stream.index in beside and stream.type == "audio" and stream.start_time is not None
        ]
        return min((start for start in starts if 0 <= first - start < earliest), default=first)

    def _ends(self) -> Fraction | None:
        """Returns which moment of the original, in seconds, is the end of the part; None where all of it was wanted:
        sound may go on behind the last picture."""
        if self._index.part.end is None:
            return None
        return Fraction(self._index.zero) * self._tick + Fraction(self._index.part.end)

    def _pictures(self, stream: Any, n_runs: int, origin: Fraction, tell: Callable[[float], None]) -> Iterator[Any]:
        """Yields the packets of all runs. When each is to be decoded is told anew, as one sequence: each run knows
        only itself."""
        import av

        clock = _Clock(self._times, self._begin, round(origin / self._tick), self._step, self._index.lasts)
        headers = _Headers()
        n_packets = 0
        for number, (first, _) in zip(range(n_runs), self._index.runs, strict=True):
            with av.open(str(self._folder / run_name(number)), format="nut") as run:
                moved: int | None = None
                headers.begin(run.streams.video[0])
                for packet in run.demux(video=0):
                    if packet.pts is None or n_packets >= len(self._times):
                        continue
                    packet = headers.before(packet)
                    pts = round(packet.pts * packet.time_base / self._tick)
                    # A run begins with the packet that is shown first; its clock may have been moved.
                    moved = int(self._times[first]) - pts if moved is None else moved
                    packet.pts, packet.duration = clock.shown(pts + moved)
                    packet.dts = min(clock.decoded(n_packets), packet.pts)
                    packet.time_base = self._tick
                    packet.stream = stream
                    n_packets += 1
                    yield packet
            tell((number + 1) / n_runs)

    def _others(self, original: Any, beside: dict[int, Any], origin: Fraction) -> Iterator[Any]:
        """Yields the packets of sound and subtitles that belong to the part, as they go into the result."""
        for packet in self._moved(original, beside, origin):
            target = beside[packet.stream.index]
            if isinstance(target, Anew):
                yield from target.packets(packet)
                continue
            packet.stream = target
            yield packet
        for target in beside.values():
            if isinstance(target, Anew):
                yield from target.rest()

    def _moved(self, original: Any, beside: dict[int, Any], origin: Fraction) -> Iterator[Any]:
        """Yields the packets that belong to the part, moved to its beginning."""
        import av

        end = self._ends()
        wanted = [stream for stream in original.streams if stream.index in beside]
        if not wanted:
            return
        if origin > 2:
            with contextlib.suppress(av.FFmpegError):
                original.seek(int((origin - 1) * 1_000_000))
        packets = original.demux(wanted)
        covers = {stream.index for stream in video_beside.covers_of(original)} & set(beside)
        n_errors, clocks = 0, video_beside.Clocks([jump * self._tick for jump in self._index.jumps])
        while n_errors < _MOST_ERRORS:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:
                n_errors += 1
                packets = original.demux(wanted)
                continue
            if packet.size and packet.stream.index in covers:
                covers.discard(packet.stream.index)
                packet.pts = packet.dts = 0
                yield packet
                continue
            if packet.pts is None or packet.dts is None or not clocks.follow(packet):
                continue
            at = packet.pts * packet.time_base
            if at < origin - _HEARD_BEFORE:
                continue
            if end is not None and at >= end:
                if at > end + 2:
                    return
                continue
            ticks = round(origin / packet.time_base)
            packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
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


class _Headers:
    """What an encoder says before its pictures. A file has it once, of its first run; where a later one was made by
    another encoder, as when a graphics card is gone since, each run says it again inside."""

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._own = b""
        self._several = False

    def begin(self, stream: Any) -> None:
        """Begins a run; ``stream`` is that of its pictures."""
        told = bytes(stream.codec_context.extradata or b"")
        if self._first is None:
            self._first = told
        # AV1 says it with every picture from which one can begin.
        self._several = stream.codec_context.name in ("h264", "hevc") and (self._several or told != self._first)
        self._own = told if self._several else b""

    def before(self, packet: Any) -> Any:
        """Returns a packet, the first one of a run with what belongs before it."""
        import av

        if not self._own:
            return packet
        made = av.Packet(self._own + bytes(packet))
        made.pts, made.dts, made.time_base, made.is_keyframe = packet.pts, packet.dts, packet.time_base, True
        self._own = b""
        return made


class _Clock:
    """When each picture of a result is shown, how long, and when it is decoded; all in units of the video's clock.

    ``times`` are those of the original, of which none before ``begin`` counts; ``ahead`` is taken from all. ``step`` is
    the usual distance of two pictures, ``lasts`` how long the last one stays, 0 where that is not known.
    """

    def __init__(self, times: Times, begin: int, ahead: int, step: int, lasts: int) -> None:
        self._times, self._begin, self._ahead = times, begin, ahead
        self._step, self._lasts = step, lasts or step

    def shown(self, pts: int) -> tuple[int, int]:
        """Returns when a picture of the original is shown in the result, and for how long."""
        at = min(int(np.searchsorted(self._times, pts)), len(self._times) - 1)
        last = at + 1 == len(self._times)
        return self._at(at), self._lasts if last else self._at(at + 1) - self._at(at)

    def decoded(self, number: int) -> int:
        """Returns when the packet of that number is decoded: as many pictures early as an encoder may be late."""
        early = number - MOST_LATE
        return self._at(early) if early >= 0 else self._at(0) + early * self._step

    def _at(self, number: int) -> int:
        return max(int(self._times[number]), self._begin) - self._ahead

"""Opens a video and decodes its pictures; runs only in a sandboxed child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from media.errors import MediaError
from media.formats import AUDIO_DECODERS, CONTAINERS, OLD_PICTURE_DECODERS, PICTURE_DECODERS, refuse_other_files
from media.limits import MediaLimits
from media.video_facts import VideoFacts
from media.video_length import length_of

Picture = npt.NDArray[np.uint8]
"""RGB ``(height, width, 3)``, upright, 0 to 255."""
_DECODERS = PICTURE_DECODERS + OLD_PICTURE_DECODERS
_MOST_ERRORS = 20
_MOST_SIDE = 16384
JUMP_S = 1
"""A clock that goes back by less is that of an untidy file, by more that of another file."""
_MATRICES = {1: "ITU709", 4: "FCC", 5: "ITU601", 6: "ITU601", 7: "SMPTE240M", 9: "BT2020", 10: "BT2020"}


class VideoSource:
    """An open video: its first (or default) stream of pictures. Raises MediaError. Use it as a context manager.

    ``damaged`` becomes true when a part could not be decoded. A container that names other files is refused, and no
    file but ``source`` is opened.
    """

    def __init__(self, source: Path, limits: MediaLimits, threads: int = 2) -> None:
        import av

        refuse_other_files(source)
        self.damaged = False
        self.jumps: list[int] = []
        self.container = open_safely(source, limits)
        try:
            self.stream = pictures_of(self.container)
            for stream in self.container.streams:
                if stream.index != self.stream.index:
                    stream.discard = av.stream.Discard.all
            self.stream.codec_context.thread_count = threads
            self.stream.codec_context.thread_type = "AUTO"
        except BaseException:
            self.container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.container.close()

    def seek(self, pts: int) -> None:
        """Goes to the last place before ``pts`` from which pictures can be decoded; raises MediaError."""
        import av

        try:
            self.container.seek(pts, stream=self.stream, backward=True)
        except av.FFmpegError as error:
            raise MediaError("media_unreadable") from error

    def frames(self, interlaced: bool = False, joined: bool = False) -> Iterator[Any]:
        """Yields decoded pictures whose times grow, as PyAV's frames; those without a time get one.

        ``interlaced`` weaves half pictures together where the file marks them as such. Where files were put one behind
        the other, the clock begins anew: ``joined`` lets it go on, and notes in ``jumps`` by how much; otherwise what
        lies behind is left out.
        """
        last: int | None = None
        ahead = 0
        step = max(1, round(1 / (self.stream.average_rate or 25) / self.stream.time_base))
        found = self._decoded()
        for frame in _woven(found, self.stream) if interlaced else found:
            pts = frame.pts + ahead if frame.pts is not None else (last + step if last is not None else 0)
            if last is not None and pts <= last:
                if (last - pts) * self.stream.time_base < JUMP_S:
                    continue
                if not joined:
                    self.damaged = True
                    continue
                self.jumps.append(last + step - pts)
                ahead, pts = ahead + self.jumps[-1], last + step
            frame.pts = last = pts
            yield frame

    def _decoded(self) -> Iterator[Any]:
        import av

        n_errors = 0
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except av.FFmpegError:
                self.damaged = True
                n_errors += 1
                if n_errors > _MOST_ERRORS:
                    return
                packets = self.container.demux(self.stream)
                continue
            try:
                for frame in packet.decode():
                    n_errors = 0
                    yield frame
            except EOFError:
                return
            except av.FFmpegError:
                self.damaged = True
                n_errors += 1
                if n_errors > 10 * _MOST_ERRORS:
                    return


class Upright:
    """Turns decoded frames into upright RGB pictures of one size, with the colours that the file tells."""

    def __init__(self, facts: VideoFacts) -> None:
        self._facts = facts
        self._matrix = _MATRICES.get(facts.matrix_used, "ITU709")

    def picture(self, frame: Any) -> Picture:
        """Returns one frame as the network takes it."""
        from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

        width, height = self._facts.coded_size
        made = VideoReformatter().reformat(
            frame, width, height, "rgb24",
            src_colorspace=Colorspace[self._matrix],
            src_color_range=ColorRange.JPEG if self._facts.full_range else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
        ).to_ndarray()  # fmt: skip
        return np.ascontiguousarray(np.rot90(made, self._facts.rotation // 90))


def look(source: VideoSource, tell: Callable[[], None] = lambda: None) -> tuple[VideoFacts, Any]:
    """Returns the facts of an open video, and its first picture; raises MediaError where there is none.

    A video that does not say how long it is gets read to its end; ``tell`` is called now and then.
    """
    stream, context = source.stream, source.stream.codec_context
    if context.width > _MOST_SIDE or context.height > _MOST_SIDE or not context.width or not context.height:
        raise MediaError("video_too_large", width=context.width, height=context.height)
    first = next(source.frames(), None)
    if first is None:
        raise MediaError("video_no_pictures")
    rotation = round(first.rotation / 90) * 90 % 360
    width, height = first.width, first.height
    shape = stream.sample_aspect_ratio or Fraction(1)
    shape = shape if shape > 0 else Fraction(1)
    if rotation % 180:
        width, height, shape = height, width, 1 / shape
    rate = Fraction(stream.average_rate or stream.guessed_rate or 25).limit_denominator(100_000)
    container = source.container
    told = container.duration / 1_000_000 if container.duration else None
    if told is None and first.pts is not None:
        length, n_frames = length_of(container, stream, first.pts, tell)
        told = float(length) or None
        # What such a file says of its rate is a guess too.
        rate = Fraction(n_frames, length).limit_denominator(1000) if length and n_frames else rate
    return VideoFacts(
        width=width,
        height=height,
        rate=(rate.numerator, rate.denominator),
        time_base=(stream.time_base.numerator, stream.time_base.denominator),
        duration_s=told,
        rotation=rotation,
        pixel_shape=(shape.numerator, shape.denominator),
        bits=max((component.bits for component in first.format.components), default=8),
        matrix=_number(first.colorspace, (1, 4, 5, 6, 7, 9, 10)),
        primaries=_number(first.color_primaries, range(1, 13)),
        transfer=_number(first.color_trc, range(1, 19)),
        full_range=int(first.color_range) == 2 or first.format.name.startswith("yuvj"),
        codec=context.name,
        container=container.format.name,
        has_sound=bool(container.streams.audio),
        n_subtitles=len(container.streams.subtitles),
    ), first


def open_safely(source: Path, limits: MediaLimits) -> Any:
    """Opens a container of one of the known kinds with known decoders, reading nothing but this file."""
    import av

    av.logging.set_level(None)
    options = {
        "format_whitelist": ",".join(CONTAINERS),
        "protocol_whitelist": "file",
        "codec_whitelist": ",".join(AUDIO_DECODERS + _DECODERS),
        "max_streams": str(limits.max_streams),
    }
    try:
        return av.open(f"file:{source.absolute()}", container_options=options, metadata_errors="replace")
    except (av.FFmpegError, ValueError) as error:
        raise MediaError("media_unreadable") from error


def pictures_of(container: Any) -> Any:
    """Returns the stream of pictures of an open container: the default one, else the first; raises MediaError."""
    import av

    cover = av.stream.Disposition.attached_pic
    found = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not found:
        raise MediaError("video_no_pictures")
    chosen = next((stream for stream in found if stream.disposition & av.stream.Disposition.default), found[0])
    if chosen.codec_context is None or chosen.codec_context.name not in _DECODERS:
        raise MediaError("video_unknown_codec")
    return chosen


def _number(value: Any, known: Any) -> int:
    """Returns a number of ITU-T H.273; what is not told, or unknown here, is 2."""
    try:
        return int(value) if int(value) in known else 2
    except (TypeError, ValueError):
        return 2


def _woven(frames: Iterator[Any], stream: Any) -> Iterator[Any]:
    """Makes whole pictures of half ones, as many as came, at the times at which they came."""
    import av

    graph: Any = None
    for frame in frames:
        if graph is None:
            graph = av.filter.Graph()
            entry = graph.add_buffer(template=stream)
            weave = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
            entry.link_to(weave)
            weave.link_to(graph.add("buffersink"))
            graph.configure()
        graph.push(frame)
        yield from _pulled(graph, stream)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph, stream)


def _pulled(graph: Any, stream: Any) -> Iterator[Any]:
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, EOFError):
            return
        if frame.pts is not None and frame.time_base:
            frame.pts = round(frame.pts * frame.time_base / stream.time_base)
        yield frame

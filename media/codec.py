"""Opens a recording of any kind and decodes its sound as a stream; runs only in the intake child."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from media.audio import SAMPLE_RATE, Samples
from media.errors import MediaError
from media.formats import AUDIO_DECODERS, CONTAINERS, PICTURE_DECODERS, refuse_other_files
from media.limits import MediaLimits
from media.resampling import Resampler

_MOST_ERRORS = 20  # in a row, before the rest of a file is given up
_FIRST_PACKETS = 300
_LEAST_GAP_S = 0.2
_LONGEST_GAP_S = 3600.0


class Recording:
    """An open recording: its first (or default) sound stream, decoded to 16 kHz mono, or as ``rate`` (Hz) and
    ``most_channels`` say. Pictures are looked at only where ``copies_pictures`` says so.

    ``duration_s`` is what the container says, None where it says nothing. ``media_kind`` is ``audio`` or ``video``.
    ``damaged`` becomes true when a part could not be decoded. ``beside`` is given each frame as well, and how many
    samples are missing before it. Raises MediaError. Use it as a context manager.
    """

    def __init__(
        self,
        source: Path,
        limits: MediaLimits,
        rate: int = SAMPLE_RATE,
        most_channels: int = 1,
        *,
        copies_pictures: bool = False,
    ) -> None:
        refuse_other_files(source)
        self.damaged = False
        self.beside: Callable[[Any, int], None] | None = None
        self._rate = rate
        self._limits = limits
        self._container = _open(source, limits, copies_pictures)
        try:
            self._stream = self._pick()
        except BaseException:
            self._container.close()
            raise
        self.n_channels = min(most_channels, max(1, self._stream.codec_context.layout.nb_channels))
        self.media_kind = "video" if any(_is_video(stream) for stream in self._container.streams) else "audio"
        self.duration_s = self._told_duration()
        self._origin = first_time(source, limits) if self.media_kind == "video" else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def blocks(self) -> Iterator[Samples]:
        """Decodes once, giving the sound in blocks of about a second, ``(n,)`` or ``(n, n_channels)``; raises
        MediaError at the first broken limit.

        Holes in the timestamps of 0.2 s to an hour become silence, so that times stay those of the recording.
        """
        most = int(self._limits.max_duration_s * self._rate)
        n_samples = 0
        for block in self._joined():
            n_samples += len(block)
            if n_samples > most:
                raise MediaError("media_too_long", status=413, limit_h=round(self._limits.max_duration_s / 3600, 1))
            yield block
        if not n_samples:
            raise MediaError("media_unreadable" if self.damaged else "media_empty")

    @property
    def n_recorded(self) -> int:
        """How many channels the recording itself has."""
        return int(self._stream.codec_context.layout.nb_channels)

    @property
    def stream(self) -> Any:
        """The sound stream."""
        return self._stream

    @property
    def container_name(self) -> str:
        """FFmpeg's names of the container, ``mov,mp4,m4a``."""
        return str(self._container.format.name)

    @property
    def origin_s(self) -> float | None:
        """When a video begins in its own clock, in seconds; None for sound alone."""
        return self._origin

    @property
    def pictures(self) -> list[Any]:
        """The streams of pictures."""
        return [stream for stream in self._container.streams if _is_video(stream)]

    def picture_packets(self) -> Iterator[Any]:
        """Yields the packed pictures as they are, without opening them; ends where the file is damaged."""
        import av

        wanted = self.pictures
        for stream in wanted:
            stream.discard = av.stream.Discard.default
        try:
            yield from self._container.demux(wanted)
        except av.FFmpegError as error:
            _raise_memory(error)
            self.damaged = True

    def _joined(self) -> Iterator[Samples]:
        resampler: Resampler | None = None
        clock = _Clock(self._origin, self._rate)
        for frame in self._frames():
            if not resampler or not resampler.takes(frame):
                if resampler:
                    yield from resampler.close()
                resampler = Resampler(frame, self._rate, self.n_channels)
            missing = clock.missing(frame)
            if self.beside is not None:
                self.beside(frame, missing)
            if missing:
                yield from resampler.flush()
                yield from _silence(missing, self._rate, self.n_channels)
            yield from resampler.feed(frame)
        if resampler:
            yield from resampler.close()

    def _frames(self) -> Iterator[Any]:
        import av

        n_errors = 0
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
                n_errors = 0
            except StopIteration:
                return
            except av.FFmpegError as error:
                _raise_memory(error)
                self.damaged = True
                n_errors += 1
                if n_errors > _MOST_ERRORS:
                    yield from self._last_frames()
                    return
                packets = self._container.demux(self._stream)
                continue
            try:
                yield from packet.decode()
            except EOFError:
                return
            except av.FFmpegError as error:
                _raise_memory(error)
                self.damaged = True

    def _last_frames(self) -> Iterator[Any]:
        import av

        try:
            yield from self._stream.decode(None)
        except (av.FFmpegError, EOFError):
            return

    def _pick(self) -> Any:
        import av

        sounds = list(self._container.streams.audio)
        if not sounds:
            has_pictures = any(_is_video(stream) for stream in self._container.streams)
            raise MediaError("media_no_sound" if has_pictures else "media_unreadable")
        chosen = next((stream for stream in sounds if _is_default(stream)), sounds[0])
        if chosen.codec_context is None:
            raise MediaError("media_unreadable")
        for stream in self._container.streams:
            if stream.index != chosen.index:
                stream.discard = av.stream.Discard.all
        chosen.codec_context.thread_count = 1
        return chosen

    def _told_duration(self) -> float | None:
        if self._container.duration:
            return max(0.0, float(self._container.duration) / 1_000_000)
        if self._stream.duration and self._stream.time_base:
            return max(0.0, float(self._stream.duration * self._stream.time_base))
        return None


class _Clock:
    """Finds holes in the timestamps of frames; ``origin`` is where the recording begins, None: at the first frame."""

    def __init__(self, origin: float | None, rate: int) -> None:
        self._origin = origin
        self._rate = rate
        self._heard_s = 0.0
        self._tick_s = 0.0

    def missing(self, frame: Any) -> int:
        """Returns how many samples lie between the end of the last frame and this one."""
        length = frame.samples / frame.sample_rate
        if not self._tick_s:
            # Read once: a fraction for each frame of a long recording took a quarter of the decoding time.
            self._tick_s = float(frame.time_base or 0)
        if frame.pts is None or not self._tick_s:
            self._heard_s += length
            return 0
        at = frame.pts * self._tick_s
        if self._origin is None:
            self._origin = at
        gap = at - self._origin - self._heard_s
        if gap > _LONGEST_GAP_S or gap < -_LEAST_GAP_S:
            # A clock that was set anew (joined recordings, a wrapped counter): go on from here.
            self._origin, gap = at - self._heard_s, 0.0
        gap = gap if gap >= _LEAST_GAP_S else 0.0
        self._heard_s += length + gap
        return round(gap * self._rate)


def _silence(n_samples: int, rate: int, n_channels: int) -> Iterator[Samples]:
    minute = 60 * rate
    for at in range(0, n_samples, minute):
        length = min(minute, n_samples - at)
        yield np.zeros(length if n_channels == 1 else (length, n_channels), np.int16)


def _open(source: Path, limits: MediaLimits, pictures: bool = False) -> Any:
    import av

    av.logging.set_level(None)
    options = {
        "format_whitelist": ",".join(CONTAINERS),
        "protocol_whitelist": "file",
        # Finding out what a stream holds opens picture decoders; nearly always sound is all that is wanted.
        "codec_whitelist": ",".join(AUDIO_DECODERS + (PICTURE_DECODERS if pictures else ())),
        "max_streams": str(limits.max_streams),
    }
    try:
        # Without the prefix a folder named like a protocol would be read as one.
        return av.open(f"file:{source.absolute()}", container_options=options, metadata_errors="replace")
    except av.FFmpegError as error:
        _raise_memory(error)
        raise MediaError("media_unreadable") from error
    except ValueError as error:
        raise MediaError("media_unreadable") from error


def first_time(source: Path, limits: MediaLimits) -> float | None:
    """Returns when the first picture or sound of a video is shown, in its own clock.

    The container knows only when each stream was decoded a little, which is not done with pictures.
    """
    import av

    first: dict[int, float] = {}
    with _open(source, limits) as container:
        wanted = {stream.index for stream in container.streams if stream.type == "audio" or _is_video(stream)}
        try:
            for number, packet in enumerate(container.demux()):
                if packet.pts is not None and packet.time_base:
                    first.setdefault(packet.stream.index, float(packet.pts * packet.time_base))
                if wanted <= first.keys() or number > _FIRST_PACKETS:
                    break
        except av.FFmpegError as error:
            _raise_memory(error)
    return min(first.values(), default=None)


def _raise_memory(error: Exception) -> None:
    if getattr(error, "errno", None) == errno.ENOMEM:
        raise MediaError("media_too_heavy", status=413) from error


def _is_video(stream: Any) -> bool:
    import av

    cover = av.stream.Disposition.attached_pic
    return stream.type == "video" and not stream.disposition & cover


def _is_default(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.default)

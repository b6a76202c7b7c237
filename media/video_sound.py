"""Sound that no container of a result takes as it is, such as that of WMV and 3GP: it is written anew without loss."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from media.formats import AUDIO_DECODERS

_MOST_CHANNELS = 8


class Anew:
    """One track of sound that is decoded and becomes FLAC in ``output``; raises ValueError where it cannot be."""

    def __init__(self, original: Any, output: Any) -> None:
        import av

        self._unit, self._end = Fraction(1, 1000), Fraction(0)
        self._decoder = found = original.codec_context
        if found.name not in AUDIO_DECODERS or not found.sample_rate or not 0 < found.channels <= _MOST_CHANNELS:
            raise ValueError(f"{found.name} cannot be written anew")
        try:
            self.stream: Any = output.add_stream("flac", rate=found.sample_rate)
            context = self.stream.codec_context
            context.layout = found.layout
            # FLAC takes 16 bits, or 24 in a whole number; sound that was packed with loss has no more than 16 to tell.
            context.format = "s32" if found.format.name in ("s32", "s32p") else "s16"
        except av.FFmpegError as error:
            raise ValueError(str(error)) from error

    def packets(self, packet: Any) -> Iterator[Any]:
        """Yields what a packet of the original becomes; one that is damaged becomes nothing."""
        import av

        with contextlib.suppress(av.FFmpegError, ValueError):
            for frame in packet.decode():
                self._unit = frame.time_base
                yield from self._encoded(frame)

    def rest(self) -> Iterator[Any]:
        """Yields what was still held at the end."""
        import av

        with contextlib.suppress(av.FFmpegError, ValueError):
            for frame in self._decoder.decode(None):
                # A decoder that is emptied tells no times any more.
                frame.time_base, frame.pts = self._unit, None
                yield from self._encoded(frame)
        with contextlib.suppress(av.FFmpegError, ValueError):
            yield from self.stream.encode(None)

    def _encoded(self, frame: Any) -> Iterator[Any]:
        """Yields what a frame becomes; one without a time of its own follows the one before."""
        if frame.pts is None:
            frame.pts = round(self._end / frame.time_base)
        self._end = frame.pts * frame.time_base + Fraction(frame.samples, frame.sample_rate)
        yield from self.stream.encode(frame)

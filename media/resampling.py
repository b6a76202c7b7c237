"""Sound of any rate and layout becomes 16 kHz mono, or what else is asked for; runs only in the intake child."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from media.audio import SAMPLE_RATE, Samples
from media.errors import MediaError

_BLOCK_S = 1.0
_LOWEST_RATE, _HIGHEST_RATE = 2_000, 1_600_000
_MOST_CHANNELS = 32


class Resampler:
    """Turns frames of one format, rate and layout into sound of another, about a second at a time; raises MediaError.

    The graph is our own because PyAV's resampler adds channels without scaling where the sound is floating point, which
    clips every loud stereo recording. Frames are joined first: a graph call costs as much as decoding a frame.
    """

    def __init__(self, frame: Any, rate: int = SAMPLE_RATE, n_channels: int = 1) -> None:
        import av

        self._rate, self._layout = rate, "mono" if n_channels == 1 else "stereo"

        self._kind = _kind(frame)
        if not _LOWEST_RATE <= frame.sample_rate <= _HIGHEST_RATE or len(frame.layout.channels) > _MOST_CHANNELS:
            raise MediaError("media_unreadable")
        self._enough = int(frame.sample_rate * _BLOCK_S)
        self._fifo = av.AudioFifo()
        self._av = av
        self._graph = self._make_graph(frame)

    def _make_graph(self, frame: Any) -> Any:
        graph = self._av.filter.Graph()
        source = graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
        )
        resample = graph.add("aresample", f"{self._rate}:osf=fltp:ochl={self._layout}:rematrix_maxval=1")
        sink = graph.add("abuffersink")
        source.link_to(resample)
        resample.link_to(sink)
        try:
            graph.configure()
        except (self._av.FFmpegError, ValueError) as error:
            raise MediaError("media_unreadable") from error
        return graph

    def takes(self, frame: Any) -> bool:
        """Tells whether ``frame`` is of the same kind as the first one."""
        return self._kind == _kind(frame)

    def feed(self, frame: Any) -> Iterator[Samples]:
        """Takes a frame; gives sound once there is enough."""
        frame.pts = None
        self._fifo.write(frame)
        if self._fifo.samples >= self._enough:
            yield from self.flush()

    def flush(self) -> Iterator[Samples]:
        """Gives what was fed so far, save a few samples that the filter still holds."""
        if self._fifo.samples:
            joined: Any = self._fifo.read(0)
            joined.pts = None
            self._graph.push(joined)
            yield from self._pull()

    def close(self) -> Iterator[Samples]:
        """Gives all the rest."""
        yield from self.flush()
        self._graph.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[Samples]:
        while True:
            try:
                sound = self._graph.pull().to_ndarray()
            except (self._av.BlockingIOError, self._av.EOFError):
                return
            # Not-a-numbers and infinities come from damaged floating point files.
            sound = sound.reshape(-1) if self._layout == "mono" else sound.T
            sound = np.clip(np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
            yield np.minimum(np.rint(sound * 32768), 32767).astype(np.int16)


def _kind(frame: Any) -> tuple[str, int, str]:
    return frame.format.name, frame.sample_rate, frame.layout.name

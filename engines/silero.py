"""Silero's voice activity model on onnxruntime.

It runs in the intake child, and beside live sessions in the web process: it only ever sees samples there, and a child
of its own would cost 60 MB where this costs 35, and 2 for each session (measured).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.audio import Samples
from media.vad import QUIET_DB, WINDOW, Floats

_CONTEXT = 64  # samples of the window before, which the model sees too
_BLOCK = 64  # windows in one call: 0.054 ms a window against 0.089 one by one, and equal probabilities to the bit
_STATE = (1, 1, 128)


def weights_path() -> Path:
    """Returns the model file that faster-whisper carries, without importing that package; raises FileNotFoundError."""
    spec = importlib.util.find_spec("faster_whisper")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted((Path(folder) / "assets").glob("silero_vad*.onnx")):
            return path
    raise FileNotFoundError("faster_whisper/assets/silero_vad*.onnx")


class Silero:
    """Gives each 32 ms window of a sound its probability of speech, in packets of any size with one result.

    Windows are always run in the same blocks. A block that is below ``quiet_db`` throughout, after one that was too, is
    not run: the model's state stays as the first silent block left it, and the probabilities are 0.
    """

    def __init__(self, path: Path, quiet_db: float = QUIET_DB, n_block: int = _BLOCK) -> None:
        """``n_block`` windows are run in one call, and wait for each other: 1 for sound that is being spoken."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self._n_block = n_block
        self._quiet_peak = 32768 * 10 ** (quiet_db / 20)
        self.reset()

    def reset(self) -> None:
        """Begins a new recording."""
        self._h: npt.NDArray[Any] = np.zeros(_STATE, np.float32)
        self._c: npt.NDArray[Any] = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._rest: Samples = np.empty(0, np.int16)
        self._was_quiet = False

    def feed(self, samples: Samples) -> tuple[Floats, Floats]:
        """Returns probabilities and loudness in dBFS, each ``(n_windows,)``, of the windows that are complete."""
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        size = self._n_block * WINDOW
        whole = len(joined) // size * size
        self._rest = joined[whole:].copy()
        return _join([self._block(joined[at : at + size]) for at in range(0, whole, size)])

    def close(self) -> tuple[Floats, Floats]:
        """Returns the same of the last windows, the last one filled up with silence, and begins anew."""
        rest = np.pad(self._rest, (0, -len(self._rest) % WINDOW))
        result = _join([self._block(rest)] if len(rest) else [])
        self.reset()
        return result

    def _block(self, samples: Samples) -> tuple[Floats, Floats]:
        loudest = max(int(samples.max()), -int(samples.min()))
        quiet, self._was_quiet = self._was_quiet, loudest < self._quiet_peak
        if quiet and self._was_quiet:
            self._context = samples[-_CONTEXT:].astype(np.float32) / np.float32(32768)
            n_windows = len(samples) // WINDOW
            return np.zeros(n_windows, np.float32), np.full(n_windows, -120, np.float32)
        sound = samples.astype(np.float32) / np.float32(32768)
        windows = sound.reshape(-1, WINDOW)
        before = np.concatenate((self._context[None], windows[:-1, -_CONTEXT:]))
        inputs = {"input": np.concatenate((before, windows), axis=1), "h": self._h, "c": self._c}
        chances, self._h, self._c = self._session.run(None, inputs)
        self._context = sound[-_CONTEXT:]
        power = np.einsum("ij,ij->i", windows, windows) / WINDOW
        return chances.reshape(-1), (10 * np.log10(power + 1e-12)).astype(np.float32)


def _join(blocks: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    if not blocks:
        return np.empty(0, np.float32), np.empty(0, np.float32)
    return np.concatenate([block[0] for block in blocks]), np.concatenate([block[1] for block in blocks])

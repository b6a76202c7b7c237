"""Speaks with Kokoro-82M through onnxruntime: Chinese and English, 24 kHz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_speaking import SoundsItem, SpeakItem
from engines.speaking.phonemes import Phonemes
from engines.speaking.saying import say_all
from engines.speaking.symbols import ids_of

Floats = npt.NDArray[np.float32]
_STYLES = (-1, 1, 256)
"""A voice is one style for each number of sounds that are said at once."""


class KokoroEngine:
    """Runs SpeakItems, whose result is ``Spoken``, and SoundsItems, whose result is ``{"sounds"}``."""

    def __init__(self) -> None:
        self._session: Any = None
        self._options: Any = None
        self._names: tuple[str, ...] = ()
        self._weights = Path()
        self._voices: dict[str, Floats] = {}
        self._phonemes = Phonemes()

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads the network; voices and dictionaries follow when they are first needed."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = place.threads
        # Its threads turned in circles while they waited for each other: 0.70 s of processor a second, not 0.58.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        network = next(file.name for file in spec.files if file.name.endswith(".onnx"))
        try:
            self._session = onnxruntime.InferenceSession(
                str(weights / network), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise EngineError("engine_failed", reason=str(error)[:200]) from error
        # Every sentence has other shapes, for which its memory grew: 480 MiB after 160 sentences against 192.
        self._options = onnxruntime.RunOptions()
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._names = tuple(one.name for one in self._session.get_inputs())
        self._weights = weights

    def run(self, batch: Sequence[SpeakItem | SoundsItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file is not written."""
        return say_all(batch, report, self._phonemes, self._say)

    def close(self) -> None:
        """Does nothing: all of it ends with the process."""

    def _say(self, phonemes: str, item: SpeakItem, speed: float) -> Floats:
        ids = ids_of(phonemes)
        style = self._voice(item.voice)[min(len(ids) - 2, 509)]
        told = (np.array([ids], np.int64), style, np.array([speed], np.float32))
        found = self._session.run(None, dict(zip(self._names, told, strict=True)), self._options)[0]
        return np.asarray(found, np.float32).reshape(-1)

    def _voice(self, name: str) -> Floats:
        if name not in self._voices:
            path = self._weights / f"{Path(name).name}.bin"
            if not path.is_file():
                raise EngineError("aloud_no_voice", status=422, voice=name)
            self._voices[name] = np.fromfile(path, "<f4").reshape(_STYLES)
        return self._voices[name]

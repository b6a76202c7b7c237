"""The frames of one video, decoded in a sandboxed process beside the network, a few ahead of it."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engines.errors import EngineError
from media.limits import MediaLimits
from media.video_index import VideoIndex

Picture = npt.NDArray[np.uint8]
AHEAD = 4
"""So many decoded frames wait at most."""


class Frames:
    """Gives frames in order from number ``first`` on, RGB ``(height, width, 3)``; ``next_frame`` is the next number.

    ``close`` ends the process.
    """

    def __init__(self, video: str, folder: Path, index: VideoIndex, first: int, limits: MediaLimits) -> None:
        self.next_frame = first
        self._shape = (index.facts.height, index.facts.width, 3)
        self._stall_s = limits.stall_s
        order = {"video": video, "folder": str(folder), "first": first, "memory_mib": limits.memory_mib}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "engines.video.decoding", json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        self._ready: queue.Queue[Picture | None] = queue.Queue(AHEAD)
        self._closed = False
        self._thread = threading.Thread(target=self._fill, name="frames", daemon=True)
        self._thread.start()

    def take(self) -> Picture:
        """Returns the next frame; raises EngineError ``media_crashed`` where the decoder ended or says nothing."""
        try:
            picture = self._ready.get(timeout=self._stall_s)
        except queue.Empty:
            picture = None
        if picture is None:
            raise EngineError("media_crashed", status=500)
        self.next_frame += 1
        return picture

    def close(self) -> None:
        """Ends the process; returns when it is gone."""
        self._closed = True
        self._process.kill()
        with suppress(queue.Empty):
            while True:
                self._ready.get_nowait()
        self._thread.join(5)
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _fill(self) -> None:
        assert self._process.stdout is not None
        n_bytes = int(np.prod(self._shape))
        while not self._closed:
            try:
                data = self._process.stdout.read(n_bytes)
            except (OSError, ValueError):
                data = b""
            picture = np.frombuffer(bytearray(data), np.uint8).reshape(self._shape) if len(data) == n_bytes else None
            while not self._closed:
                with suppress(queue.Full):
                    self._ready.put(picture, timeout=0.2)
                    break
            if picture is None:
                return

"""Writes the levels of both channels beside a working file while it is decoded; runs only in the intake child."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from media.audio import SAMPLE_RATE
from media.channels import CHANNELS, LevelMeter
from media.resampling import Resampler

_BLOCK = 60 * SAMPLE_RATE


class ChannelsFile:
    """Takes the frames of one recording; nothing is kept of a recording without two different channels."""

    def __init__(self, folder: Path, n_channels: int) -> None:
        self._path = folder / CHANNELS
        self._part = folder / f"{CHANNELS}.part"
        self._two = n_channels == 2
        self._meter = LevelMeter()
        self._resampler: Resampler | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._file = open(self._part, "wb")  # noqa: SIM115

    def take(self, frame: Any, n_missing: int) -> None:
        """Takes a frame, and how many samples at 16 kHz lie silent before it."""
        if not self._two:
            return
        if self._resampler is None or not self._resampler.takes(frame):
            self._flush(ends=True)
            self._resampler = Resampler(frame, n_channels=2)
        if n_missing:
            self._flush(ends=False)
            for at in range(0, n_missing, _BLOCK):
                self._file.write(self._meter.feed(np.zeros((min(_BLOCK, n_missing - at), 2), np.int16)))
        for sound in self._resampler.feed(frame):
            self._file.write(self._meter.feed(sound))

    def finish(self) -> None:
        """Writes the rest and puts the file in its place, empty where both channels are the same."""
        self._flush(ends=True)
        self._file.write(self._meter.close())
        if self._meter.alike:
            self._file.seek(0)
            self._file.truncate()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._path)

    def close(self) -> None:
        """Lets go of the file; without ``finish`` nothing is known of the channels."""
        self._file.close()
        self._part.unlink(missing_ok=True)

    def _flush(self, ends: bool) -> None:
        if self._resampler is not None:
            for sound in self._resampler.close() if ends else self._resampler.flush():
                self._file.write(self._meter.feed(sound))

"""Somebody who speaks in tests: loud samples are speech, and every packet is 100 ms."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from media.audio import Samples
from media.vad import WINDOW, Floats
from workbench.live.link import LiveLink
from workbench.live.live import Wanted

RATE, PACKET = 16_000, 1_600
KEY = "a-key-of-a-browser"


class LoudEar:
    """Takes every window that is not silent for speech."""

    def __init__(self) -> None:
        self._rest: Samples = np.empty(0, np.int16)

    def feed(self, samples: Samples) -> tuple[Floats, Floats]:
        joined = np.concatenate((self._rest, samples))
        whole = len(joined) // WINDOW * WINDOW
        self._rest = joined[whole:].copy()
        loud = np.abs(joined[:whole].reshape(-1, WINDOW).astype(np.int32)).max(axis=1) > 500
        return loud.astype(np.float32), np.where(loud, -20, -80).astype(np.float32)

    def close(self) -> tuple[Floats, Floats]:
        rest, self._rest = self._rest, np.empty(0, np.int16)
        loud = np.array([bool(len(rest)) and int(np.abs(rest).max()) > 500])
        return loud.astype(np.float32), np.where(loud, -20, -80).astype(np.float32)


def talk(*seconds: float) -> Samples:
    """Speech and silence in turns, speech first; no two samples of speech stretches are alike for long."""
    dice, parts = np.random.default_rng(len(seconds)), []
    for number, length in enumerate(seconds):
        n_samples = round(length * RATE)
        loud = dice.integers(1_000, 20_000, n_samples)
        parts.append(loud if number % 2 == 0 else np.zeros(n_samples, np.int64))
    return np.concatenate(parts).astype(np.int16)


class Speaker:
    """Holds a link and sends what is said; ``messages`` is all that was told."""

    def __init__(self, bench: Any, key: str = KEY, title: str = "talk", **settings: Any) -> None:
        self.bench = bench
        self._awake = threading.Event()
        wanted = Wanted(key, {"quality": "fast", "language": "en", **settings}, title, "ann")
        self.link: LiveLink = bench.live.open(wanted, self._awake.set)
        self.messages: list[dict[str, Any]] = []
        self.job_id = self.link.session.job.id

    def say(self, sound: Samples, first: int = 0, from_packet: int = 0) -> int:
        """Sends the packets of a sound, ``first`` being the number of its first one; returns the number after them."""
        n_packets = -(-len(sound) // PACKET)
        for number in range(from_packet, n_packets):
            part = sound[number * PACKET : (number + 1) * PACKET].astype("<i2").tobytes()
            self.link.feed(first + number, part)
        return first + n_packets

    def until(self, holds: Any, seconds: float = 20.0) -> Any:
        """Reads until ``holds`` of all that was told is true; returns what it gave."""
        until = time.monotonic() + seconds
        while not (found := holds(self)):
            self._awake.wait(0.05)
            self._awake.clear()
            self.messages += self.link.watch.take()
            assert time.monotonic() < until, self.messages[-20:]
        return found

    def finals(self) -> dict[int, str]:
        """The final text of each line."""
        return {m["line"]: m["text"] for m in self.messages if m["type"] == "line" and m["state"] != "open"}

    def acknowledged(self) -> int:
        return max((m["next_packet"] for m in self.messages if m["type"] == "ack"), default=0)

    def ended(self) -> bool:
        return any(m["type"] == "ended" for m in self.messages)

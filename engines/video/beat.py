"""What an engine tells while it makes a run of frames: that it lives, how far it is, and how fast."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_BEAT_S = 1.0


class Beat:
    """Tells at most once a second: a large run takes longer than a model may be silent, and a person who cancels is
    heard there.

    ``n_frames`` take ``work`` in all; ``clock`` gives seconds. What is told is ``{"partial": frames that are done,
    "share": 0 to 1, "took_s", "frames_a_second"}``.
    """

    def __init__(
        self,
        tell: Callable[[dict[str, Any]], None],
        n_frames: int,
        work: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.n_done = 0
        self._tell, self._n_frames, self._work, self._clock = tell, n_frames, work, clock
        self._passed = 0.0
        self._began = self._told = clock()

    def step(self, work: float = 1.0) -> None:
        """Is called before each step, with what that takes."""
        share = min(1.0, self._passed / self._work)
        self._passed += work
        now = self._clock()
        if now - self._told < _BEAT_S:
            return
        self._told = now
        took_s = now - self._began
        pace = _rounded(share * self._n_frames / took_s)
        self._tell(
            {"partial": self.n_done, "share": round(share, 4), "took_s": round(took_s, 3), "frames_a_second": pace}
        )

    def ended(self) -> dict[str, Any]:
        """Returns how long the run took, and how many frames a second that was."""
        took_s = self._clock() - self._began
        return {"took_s": round(took_s, 3), "frames_a_second": _rounded(self._n_frames / max(took_s, 1e-3))}


def _rounded(pace: float) -> float | None:
    return float(f"{pace:.3g}") or None

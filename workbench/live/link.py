"""The one connection that speaks into a live session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workbench.asking import check
from workbench.live.session import LiveSession


class LiveLink:
    """Whoever opens one takes the session over from the one before, who finds ``taken`` then. The caller closes it."""

    def __init__(self, session: LiveSession, wake: Callable[[], None]) -> None:
        self.session = session
        self.taken = False
        self.watch = session.follow(wake)
        session.audience.speaks(self.watch, self._take)
        self.watch.add(marks=("ack", "state"))

    def feed(self, number: int, samples: bytes) -> None:
        """Takes the packet of this number: 16 kHz mono int16, little-endian."""
        if not self.taken:
            self.session.order("sound", number, samples)

    def pause(self) -> None:
        """Closes what was said last."""
        self.session.order("pause")

    def change(self, told: Mapping[str, Any]) -> None:
        """Changes settings from the next utterance on; raises JobError ``request_invalid``."""
        request = self.session.settings.changed(told).request
        check(request, [self.session.job.model, request.quality.removeprefix("model:")])
        self.session.order("settings", dict(told))

    def stop(self, n_packets: int) -> None:
        """Ends the session once so many packets have come."""
        self.session.order("stop", n_packets)

    def close(self) -> None:
        """Disconnects; the session waits for its browser."""
        self.watch.close()

    def _take(self) -> None:
        self.taken = True

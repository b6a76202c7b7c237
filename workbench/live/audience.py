"""Who is told what happens in a live session: the one who speaks, and those who read along."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from workbench.live.watch import LiveWatch, Told

BACK_S = 5.0


class Audience:
    """The watches of one session; thread-safe. ``left_at`` is since when nobody speaks, None while somebody may."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.left_at: float | None = now()
        self._now = now
        self._lock = threading.Lock()
        self._watches: set[LiveWatch] = set()
        self._speaker: LiveWatch | None = None
        self._taken: Callable[[], None] = lambda: None

    @property
    def connected(self) -> bool:
        """Whether somebody is connected who may speak."""
        return self._speaker is not None

    def is_here(self, now: float) -> bool:
        """Tells whether somebody may speak at any moment; who has just left may be back at once."""
        left_at = self.left_at
        return left_at is None or now - left_at < BACK_S

    def join(self, told: Told, wake: Callable[[], None], from_start: bool) -> LiveWatch:
        """Returns a new watch."""
        watch = LiveWatch(told, wake, from_start)
        with self._lock:
            self._watches.add(watch)
        return watch

    def leave(self, watch: LiveWatch) -> None:
        """Lets a watch go."""
        with self._lock:
            self._watches.discard(watch)
            if self._speaker is watch:
                self._speaker, self.left_at = None, self._now()

    def speaks(self, watch: LiveWatch, taken: Callable[[], None]) -> None:
        """Makes a watch the speaker's; ``taken`` is called when another takes its place."""
        with self._lock:
            before, before_taken = self._speaker, self._taken
            self._speaker, self._taken, self.left_at = watch, taken, None
        if before is not None:
            before_taken()
            before.add()

    def tell(self, lines: Iterable[int] = (), marks: Iterable[str] = ()) -> None:
        """Tells everybody that these lines, or the state, have changed."""
        lines, marks = list(lines), list(marks)
        for watch in self._all():
            watch.add(lines, marks)

    def tell_speaker(self, mark: str) -> None:
        """Tells only whoever speaks."""
        speaker = self._speaker
        if speaker is not None:
            speaker.add(marks=(mark,))

    def say(self, message: dict[str, Any]) -> None:
        """Hands everybody a message that must not be lost."""
        for watch in self._all():
            watch.say(message)

    def _all(self) -> list[LiveWatch]:
        with self._lock:
            return [*self._watches]

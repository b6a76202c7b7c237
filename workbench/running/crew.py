"""Who computes: a thread for each place, and one more for what people are saying."""

from __future__ import annotations


class Crew:
    """Which threads are at work; changed and read only under the board's lock.

    The thread ``aside`` works only while all places are taken: a chunk of another model may last a minute, and somebody
    who speaks cannot wait for its end. While it works, no place begins anything but live work.
    """

    def __init__(self, n_places: int) -> None:
        self._n_free = n_places
        self._aside = False

    def may_begin(self, aside: bool) -> bool:
        """Tells whether a thread may look for work."""
        return not aside or self._n_free == 0

    def only_live(self, aside: bool) -> bool:
        """Tells whether a thread may begin live work only."""
        return aside or self._aside

    def begins(self, aside: bool) -> None:
        """Takes note of a thread that has found work."""
        if aside:
            self._aside = True
        else:
            self._n_free -= 1

    def ends(self, aside: bool) -> None:
        """Takes note of a thread that is done with its work."""
        if aside:
            self._aside = False
        else:
            self._n_free += 1

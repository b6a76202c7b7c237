"""Who goes first where processes compete for processors."""

from __future__ import annotations

import os

NICENESS = 10
LAST = 19
"""For models that nobody speaks to: beside one that listens they get a ninth of a processor that both want."""


def give_way(niceness: int = NICENESS) -> None:
    """Lets the server, and whatever else a person does on this machine, go before this process and its threads to come.

    With four processes computing on two processors, the server's thread then waits 2 ms for its turn in the middle and
    15 ms in one of a hundred cases, instead of 5 and 37. Where there is no niceness it does nothing.
    """
    if hasattr(os, "nice"):
        os.nice(max(0, niceness - os.nice(0)))

"""Keeps short what holds up the event loop: rounds of the garbage collector, and turns of other threads."""

from __future__ import annotations

import gc
import sys

_THRESHOLDS = (5_000, 3, 30)
_TURN_S = 0.001


def shorten_pauses() -> None:
    """Sets up this interpreter; call it once all that stays for good has been built.

    With the screens built, a full round of the collector looked at 190,000 objects and held every thread for 107 ms;
    now it leaves them out. A long transcript makes 200,000 in one go: they are looked at in small rounds, of 4 ms and
    not of 23. A thread that computes gives way after 1 ms instead of 5, which the loop waits for after each of its
    system calls.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    sys.setswitchinterval(_TURN_S)

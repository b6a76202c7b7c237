"""Takes back the realtime priority that a library gave to this process."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def end_realtime() -> int:
    """Puts every thread of this process under the usual scheduler again; returns how many were not (Linux).

    SVT-AV1, where it runs as root, makes the thread that opens it and its own ones realtime at the highest priority,
    and every child inherits that: other programs of the machine would hardly be served any more.
    """
    tasks = Path("/proc/self/task")
    if not hasattr(os, "sched_setscheduler") or not tasks.is_dir():
        return 0
    n_ended = 0
    for task in tasks.iterdir():
        with suppress(OSError, ValueError):
            if os.sched_getscheduler(int(task.name)) in (os.SCHED_FIFO, os.SCHED_RR):
                os.sched_setscheduler(int(task.name), os.SCHED_OTHER, os.sched_param(0))
                n_ended += 1
    return n_ended

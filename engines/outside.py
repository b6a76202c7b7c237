"""Runs the child side of an engine process in another environment; ``starting`` starts it as a script.

Nothing but the standard library is needed until the engine itself is imported. Arguments: the numbers of the pipe and
of the output, which are inherited.
"""

from __future__ import annotations

import os
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path


def main(link: int, output: int) -> None:
    """Takes the errand from the pipe and does it; ends at once when the standard input does."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    from engines import child

    threading.Thread(target=_watch, name="parent-watch", daemon=True).start()
    pipe = Connection(link)
    child.main(pipe, Connection(output, readable=False), pipe.recv())


def _watch() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))

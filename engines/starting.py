"""Two ways to start the child side of an engine process: with this Python, or with that of another environment."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from engines.child import Errand, main
from engines.environments import python_of
from engines.errors import EngineError

OUTSIDE = Path(__file__).parent / "outside.py"


class Child(Protocol):
    """What is needed of ``multiprocessing.Process``."""

    @property
    def pid(self) -> int | None: ...
    @property
    def exitcode(self) -> int | None: ...
    def is_alive(self) -> bool: ...
    def join(self, timeout: float | None = None) -> None: ...
    def kill(self) -> None: ...
    def close(self) -> None: ...


def start(errand: Errand, mine: Connection, theirs: Connection, output: Connection) -> Child:
    """Starts the child of one errand and returns it; ``theirs`` and ``output`` are its ends of the pipes.

    Raises OSError, and EngineError ``pack_missing`` where the environment of the model is not there.
    """
    spec = errand.spec
    if spec.environment is not None:
        python = python_of(spec.environment)
        if not python.exists():
            raise EngineError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
        return Outsider(python, errand, mine, theirs, output)
    child = get_context("spawn").Process(
        target=main, args=(theirs, output, errand), name=f"engine {spec.name}", daemon=True
    )
    child.start()
    return child


class Outsider:
    """A child in another environment: it takes the same messages over the same pipes.

    ``multiprocessing`` would hand it this Python's search path, and with it every package that it must not see.
    """

    def __init__(self, python: Path, errand: Errand, mine: Connection, theirs: Connection, output: Connection) -> None:
        numbers = theirs.fileno(), output.fileno()
        self._process = subprocess.Popen(
            [str(python), "-I", str(OUTSIDE), *map(str, numbers)],
            # Held open and never written to: the child reads the end of it when this process is gone.
            stdin=subprocess.PIPE,
            pass_fds=numbers,
        )
        mine.send(errand)

    @property
    def pid(self) -> int | None:
        """The child's process number."""
        return self._process.pid

    @property
    def exitcode(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll()

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def join(self, timeout: float | None = None) -> None:
        """Waits for its end, so many seconds at most."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def kill(self) -> None:
        """Ends it at once."""
        self._process.kill()

    def close(self) -> None:
        """Gives back what is held of a child that has ended."""
        if self._process.stdin is not None:
            self._process.stdin.close()

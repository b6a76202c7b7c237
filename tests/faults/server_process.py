"""Servers that are started, killed and started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent


class Server:
    """One process of ``serve.py`` on a data folder."""

    def __init__(self, data: Path, files: Sequence[Path], weights: str = "") -> None:
        command = [sys.executable, str(ROOT / "tests" / "faults" / "serve.py"), str(data), weights, *map(str, files)]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)

    def told(self) -> dict[str, Any]:
        """Waits for the next line of the server and returns it; empty when it has ended."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {}

    def children(self) -> list[psutil.Process]:
        """The living children of the server, engines and decoders, without Python's own resource tracker."""
        try:
            found = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in found if "resource_tracker" not in " ".join(child.cmdline())]
        except psutil.Error:
            return []

    def kill(self) -> None:
        """Kills the server as a power cut would, and shows that no child outlives it."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, f"these outlived the server: {alive}"

    def close(self) -> None:
        """Ends what still runs and closes the pipe."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


class Servers:
    """Starts servers and ends them all."""

    def __init__(self) -> None:
        self._started: list[Server] = []

    def start(self, data: Path, files: Sequence[Path], weights: str = "") -> Server:
        server = Server(data, files, weights)
        self._started.append(server)
        return server

    def undisturbed(self, data: Path, files: Sequence[Path], weights: str = "") -> list[Any]:
        """How every job ends when nobody kills anything."""
        server = self.start(data, files, weights)
        assert server.told() == {"ready": True}
        ends: list[Any] = server.told()["ends"]
        assert server.process.wait(30) == 0
        return ends

    def close(self) -> None:
        for server in self._started:
            server.close()

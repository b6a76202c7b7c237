"""Runs pip and shows how far it is; needs the standard library only and parses on an old Python (see bootstrap.py)."""

import contextlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import typing

NO_ROOM = re.compile(r"No space left on device|Errno 28|not enough space on the disk|Disk quota exceeded", re.I)
NO_INDEX = re.compile(
    r"Retrying \(Retry|NewConnectionError|ConnectTimeout|ReadTimeout|Name or service not known|Max retries exceeded|"
    r"Temporary failure in name resolution|Network is unreachable|Connection refused|ProxyError|Connection broken",
    re.I,
)

LACKING = re.compile(
    r"No matching distribution found for (\S+)|no matching distributions available for your environment:\s+(\S+)|"
    # The lock holds versions that fit each other, so what pip calls a conflict is a version that is not to be had.
    r"Could not find a version that satisfies the requirement (\S+)|The user requested \(constraint\) (\S+)"
)

NETWORK_CAUSE = re.compile(r"\[Errno -?\d+\] ([^'\"()\[\]]+)")


class SetUpFailed(Exception):
    """Set-up cannot go on; ``key`` names the sentence for the person, filled with ``values``."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


def failure(told: str, folder: str) -> "dict[str, object]":
    """Returns the values of the sentences about a failed step: the last words of the tool, and the room on the disk."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return {"why": (errors or lines[-1:] or ["?"])[0][:300], "free": free_mb(folder), "folder": folder}


def free_mb(folder: str) -> int:
    """Returns the free room of the disk that holds a folder, in MB."""
    return shutil.disk_usage(folder).free // 1000000


class Meter:
    """Shows how far a step is: one line that is written over on a terminal, a line now and then elsewhere."""

    def __init__(self, stream: "typing.Optional[typing.TextIO]" = None, every_s: float = 3.0) -> None:
        self._stream = stream or sys.stdout
        self._live = self._stream.isatty()
        self._every_s = every_s
        self._told_at = -every_s  # the clock starts with the machine: 0 may be a moment ago
        self._last = ""

    def show(self, step: str, done: int, total: int, name: str) -> None:
        """Shows that ``done`` of ``total`` are done, and what is being worked on."""
        share = min(done / total, 1.0) if total else 0.0
        line = "[{:<20}] {:3.0f}%  {} {}/{}  {}".format("#" * round(share * 20), share * 100, step, done, total, name)
        now = time.monotonic()
        if line == self._last or (not self._live and now - self._told_at < self._every_s):
            return
        self._told_at, self._last = now, line
        width = shutil.get_terminal_size((100, 20)).columns - 1
        self._write("\r" + line[:width].ljust(width) if self._live else line + "\n")

    def end(self) -> None:
        """Leaves the line."""
        if self._live and self._last:
            self._write("\n")
        self._last = ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


class JsonMeter(Meter):
    """Writes each step as one line of JSON, for the program that started this one."""

    def show(self, step: str, done: int, total: int, name: str) -> None:
        """Writes ``{"step", "done", "total", "name"}``."""
        line = json.dumps({"step": step, "done": done, "total": total, "name": name})
        if line != self._last:
            self._last = line
            self._write(line + "\n")


class Options:
    """How to install: ``offline`` uses nothing but local files, ``index`` is a mirror of the package index.

    ``environ`` are the variables that pip sees, by default those of this process.
    """

    def __init__(
        self, offline: bool = False, index: "str | None" = None, environ: "typing.Optional[dict[str, str]]" = None
    ) -> None:
        self.offline = offline
        self.index = index
        self.environ = dict(os.environ if environ is None else environ)


class Place:
    """Where pip installs: its Python, the constraints, the log, a folder to unpack in, and a count of what is there.

    ``held`` are open files that pip inherits.
    """

    def __init__(
        self,
        folder: str,
        python: str,
        lock: str,
        count: "typing.Callable[[], int]",
        held: "typing.Tuple[int, ...]" = (),
    ) -> None:
        self.python = python
        self.lock = lock
        self.log = os.path.join(folder, "setup.log")
        self.temporary = os.path.join(folder, "tmp")
        self.count = count
        self.held = held


class Pip:
    """Runs pip in an environment and shows how far it is.

    ``words`` names its two steps, ``collect`` and ``install``; ``slow`` is said while the index does not answer.
    """

    def __init__(self, place: Place, options: Options, meter: Meter, words: "typing.Dict[str, str]") -> None:
        self._place = place
        self._options = options
        self._meter = meter
        self._words = words

    def install(self, what: "list[str]", expected: int) -> None:
        """Installs ``what``, of which about ``expected`` packages will come; raises SetUpFailed."""
        temporary = self._place.temporary
        shutil.rmtree(temporary, ignore_errors=True)
        os.makedirs(temporary)
        process = subprocess.Popen(
            self._command(what),
            # Held open and never written to: when this process is killed, pip reads the end of it and goes too.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Downloads are unpacked beside .venv: /tmp is small or in memory on many machines.
            env=dict(self._options.environ, TMPDIR=temporary, PYTHONUNBUFFERED="1", PYTHONIOENCODING="utf-8"),
            pass_fds=self._place.held,
        )
        try:
            told = self._follow(process, max(expected, 1))
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()
            self._meter.end()
            shutil.rmtree(temporary, ignore_errors=True)
        if process.returncode:
            raise reason(told, os.path.dirname(self._place.lock), self._options.offline)

    def _command(self, what: "list[str]") -> "list[str]":
        command = [self._place.python, os.path.abspath(__file__), "install", "--no-input"]
        command += ["--disable-pip-version-check", "--progress-bar", "off", "--no-color", "-c", self._place.lock]
        if self._options.offline:
            command.append("--no-index")
        elif self._options.index:
            command += ["--index-url", self._options.index]
        if "PIP_RETRIES" not in self._options.environ:
            command += ["--retries", "3"]
        return command + what

    def _follow(self, process: "subprocess.Popen[bytes]", expected: int) -> str:
        said = []  # type: typing.List[str]
        step = Step(expected)
        before = self._place.count()
        with open(self._place.log, "a", encoding="utf-8") as log:
            for line in _lines(process):
                if line is not None:
                    log.write(line + "\n")
                    said.append(line)
                    if step.read(line):
                        # Counted now, a quick pip would have installed something already.
                        step.installed_before = before
                    if NO_INDEX.search(line):
                        step.name = self._words["slow"]
                self._show(step)
        self._show(step)
        return "\n".join(said)

    def _show(self, step: "Step") -> None:
        if step.installed_before is None:
            size = _size_mb(self._place.temporary)
            name = step.name + ("  {} MB".format(size) if size else "")
            self._meter.show(self._words["collect"], min(step.counted, step.expected), step.expected, name)
        else:
            done = min(max(self._place.count() - step.installed_before, 0), step.expected)
            self._meter.show(self._words["install"], done, step.expected, "")


def reason(told: str, folder: str, offline: bool) -> SetUpFailed:
    """Returns the sentence that fits what pip said before it failed to install into a folder."""
    lacking = [name for names in LACKING.findall(told) for name in names if name]
    values = dict(failure(told, folder), missing=lacking[-1].replace("==", " ") if lacking else "?")
    if NO_ROOM.search(told):
        return SetUpFailed("no_room", **values)
    if offline and lacking:
        return SetUpFailed("offline", **values)
    if not NO_INDEX.search(told):
        return SetUpFailed("not_in_index" if lacking else "failed", **values)
    # Without an index pip ends by calling the packages incompatible, which would send people the wrong way.
    cause = NETWORK_CAUSE.search(told)
    return SetUpFailed("no_network", **dict(values, why=cause.group(1).strip() if cause else values["why"]))


class Step:
    """Reads from pip's lines how far it is."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.counted = 0
        self.name = ""
        self.installed_before = None  # type: typing.Optional[int]

    def read(self, line: str) -> bool:
        """Takes one line; returns True where pip begins to install what it has collected."""
        if line.startswith("Installing collected packages:"):
            self.expected = line.count(",") + 1
            return True
        taken = re.match(r"(?:Collecting|Requirement already satisfied:|Building wheel for) (\S+)", line)
        if taken:
            self.counted += 1
            self.name = re.split(r"[<>=!~\[;(]", taken.group(1))[0]
        return False


def _lines(process: "subprocess.Popen[bytes]") -> "typing.Iterator[typing.Optional[str]]":
    """Yields the lines that a process writes, and None where it has been silent for half a second."""
    lines = queue.Queue()  # type: queue.Queue[typing.Optional[str]]

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            for raw in process.stdout:
                lines.put(raw.decode("utf-8", errors="replace").rstrip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=0.5)
        except queue.Empty:
            yield None
            continue
        if line is None:
            process.wait()
            return
        yield line


def _size_mb(folder: str) -> int:
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.path.getsize(os.path.join(path, name))
    return size // 1000000


def _pip_while_parent_lives() -> None:
    """Runs pip with the arguments of this script; ends at once when the standard input does."""
    import runpy

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    # The folder of this script is no place for pip to import from.
    del sys.path[0]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _pip_while_parent_lives()

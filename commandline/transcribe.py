"""``launch.py transcribe``: recordings become files of text, through a running server or, without one, by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

from commandline.asking import Bad, Wish, read
from commandline.rooms import Server
from media.errors import WorkbenchError
from workbench.doctor.doctor import holder
from workbench.exports import file_name
from workbench.settings import Settings
from workbench.texts import Texts
from workbench.uploads import title_of

LOOK_S = 0.5
DONE, SOME_FAILED, UNFIT, STOPPED = 0, 1, 2, 130


class Room(Protocol):
    """Where work is done: a server, or a workbench in this process. Errors are WorkbenchError with their sentences."""

    def send(self, path: Path, wish: Wish) -> str:
        """Hands a recording in and returns the job's id."""

    def look(self, job_id: str) -> dict[str, Any]:
        """Returns the job as the HTTP interface shows it."""

    def fetch(self, job_id: str, format: str) -> bytes:
        """Returns the file of a job that has succeeded."""

    def cancel(self, job_id: str) -> None:
        """Ends a job."""

    def close(self) -> None:
        """Ends what was opened."""


@dataclass(slots=True)
class Show:
    """What a person reads: progress and trouble on ``err``, the names of the files that were made on ``out``."""

    texts: Texts
    language: str
    out: TextIO
    err: TextIO
    _last: str = ""

    def say(self, key: str, **values: object) -> None:
        """Writes one sentence as a line of its own."""
        self.line(self.texts.say(self.language, key, **values))

    def line(self, text: str) -> None:
        """Writes a line, below the one that is written over."""
        self.err.write(("\r\033[K" if self._last and self.err.isatty() else "") + text + "\n")
        self.err.flush()
        self._last = ""

    def progress(self, text: str) -> None:
        """Writes over the last line on a terminal; elsewhere a new line where something has changed."""
        if text == self._last:
            return
        self._last = text
        self.err.write(f"\r\033[K{text}" if self.err.isatty() else f"{text}\n")
        self.err.flush()

    def made(self, path: str) -> None:
        """Names a file that was made."""
        if self._last and self.err.isatty():
            self.err.write("\r\033[K")
            self._last = ""
        self.out.write(path + "\n")
        self.out.flush()

    def error(self, told: dict[str, Any]) -> str:
        """Returns an error in one line; what a server has put into words stays as it is."""
        if "message" in told:
            both = (told["message"], told.get("hint"))
        else:
            both = self.texts.error_sentence(self.language, told["code"], told["values"])
        return ("" if self.language == "zh" else " ").join(part for part in both if part)


def main(argv: Sequence[str], settings: Settings, show: Show, compose: Callable[[Settings], Room]) -> int:
    """Transcribes the files that are named and returns the exit status; ``compose`` makes a room without a server."""
    try:
        wish = read(argv)
    except Bad as bad:
        show.say(f"command.{bad.code}", **bad.values)
        return UNFIT
    missing = [path for path in wish.files if not path.is_file()]
    for path in missing:
        show.say("command.no_file", file=str(path))
    files = [path for path in wish.files if path not in missing]
    if not files:
        return SOME_FAILED
    address = holder(settings.data)
    try:
        room: Room = Server(address, show.language) if address else compose(settings)
    except WorkbenchError as error:
        show.line(show.error({"code": error.code, "values": error.values}))
        return SOME_FAILED
    show.say("command.through" if address else "command.alone", address=address)
    try:
        return max(_all(room, files, wish, show), SOME_FAILED if missing else DONE)
    finally:
        room.close()


def _all(room: Room, files: Sequence[Path], wish: Wish, show: Show) -> int:
    jobs: dict[str, Path] = {}
    status = DONE
    try:
        for path in files:
            try:
                jobs[room.send(path, wish)] = path
            except WorkbenchError as error:
                show.line(f"{path.name}: {show.error(_told(error))}")
                status = SOME_FAILED
        for job_id, path in list(jobs.items()):
            status = max(status, _one(room, job_id, path, wish, show))
            del jobs[job_id]
    except KeyboardInterrupt:
        for job_id in jobs:
            room.cancel(job_id)
        show.say("command.stopped")
        return STOPPED
    return status


def _one(room: Room, job_id: str, path: Path, wish: Wish, show: Show) -> int:
    """Follows a job to its end and writes its file."""
    pause = threading.Event()
    try:
        while not _ended(view := room.look(job_id)):
            show.progress(_progress(view, path, show))
            pause.wait(LOOK_S)
        failed = _failure(view)
        if failed is not None:
            show.line(f"{path.name}: {show.error(failed)}")
            return SOME_FAILED
        contents = {format: room.fetch(job_id, format) for format in wish.formats}
    except WorkbenchError as error:
        show.line(f"{path.name}: {show.error(_told(error))}")
        return SOME_FAILED
    try:
        for format, content in contents.items():
            show.made(_write(content, path, wish.output or path.parent, format))
    except OSError as error:
        show.say("command.not_written", file=path.name, why=error.strerror or str(error))
        return SOME_FAILED
    return DONE


def _write(content: bytes, source: Path, folder: Path, format: str) -> str:
    """Writes into a folder under the name of the recording; an older file keeps its name."""
    folder.mkdir(parents=True, exist_ok=True)
    title = title_of(source.name)
    for number in range(1, 10_000):
        shown = title if number == 1 else f"{title} ({number})"
        path = folder / file_name(shown, f".{format}", set())
        try:
            with open(path, "xb") as file:
                file.write(content)
            return str(path)
        except FileExistsError:
            continue
    raise FileExistsError(str(folder / title))


def _progress(view: dict[str, Any], path: Path, show: Show) -> str:
    stage = "queue" if view["status"] == "queued" and view["ahead"] else str(view["stage"])
    told = show.texts.say(show.language, f"command.stage.{stage}") if stage in _STAGES else ""
    share = view["progress"] if stage not in ("fetching_model",) else view["stage_progress"] or 0.0
    return f"{path.name}  {round(share * 100):3d} %  {told}".rstrip()


_STAGES = frozenset({"queue", "fetching_model", "reading", "writing"})


def _ended(view: dict[str, Any]) -> bool:
    child = view.get("speakers") or {}
    done = ("succeeded", "failed", "cancelled")
    return view["status"] in done and child.get("status", "succeeded") in done


def _failure(view: dict[str, Any]) -> dict[str, Any] | None:
    if view["status"] == "cancelled":
        return {"code": "job_cancelled", "values": {}}
    child = view.get("speakers") or {}
    if view["status"] == "succeeded" and child.get("status", "succeeded") == "succeeded":
        return None
    return view["error"] or child.get("error") or {"code": "job_failed", "values": {}}


def _told(error: WorkbenchError) -> dict[str, Any]:
    return dict(error.values) if "message" in error.values else {"code": error.code, "values": error.values}

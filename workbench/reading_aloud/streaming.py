"""The file of a text that is still being spoken, sent as it grows."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from pathlib import Path

from engines.errors import Stopped
from media.audio import wav_header
from media.errors import WorkbenchError
from media.speech_file import KINDS
from media.spoken import RATE, file_name
from workbench.running.desk import Desk

UNKNOWN_SAMPLES = 1 << 40
"""A header that comes before the sound names the greatest length there is; players read to the end."""
_BLOCK = 1 << 16


class SpeechStream:
    """Encodes sentences in a child as they are spoken; ``pcm`` and ``wav`` need no encoder and are read as they lie.

    ``read`` may be called from any thread, one at a time; ``close`` ends the child and removes what it wrote.
    """

    def __init__(self, desk: Desk, folder: Path, source: Path, numbers: Sequence[int], kind: str, title: str) -> None:
        self._desk = desk
        self._folder = folder
        self._left = [folder / file_name(number) for number in numbers]
        self._plain = kind in ("pcm", "wav")
        self._head = wav_header(UNKNOWN_SAMPLES, RATE) if kind == "wav" else b""
        self._at = 0
        self._closed = False
        self.done = False
        self.error: WorkbenchError | None = None
        if self._plain:
            return
        folder.mkdir(parents=True, exist_ok=True)
        self._target = folder / f"stream-{secrets.token_hex(4)}{KINDS[kind].suffix}"
        order = {
            "work": "join_speech",
            "source": str(source),
            "folder": str(folder),
            "files": [(path.name, None) for path in self._left],
            "target": str(self._target),
            "kind": kind,
            "title": title,
            "voice": "",
            "wait": True,
        }
        self._thread = threading.Thread(target=self._encode, args=(order,), name="speech-stream", daemon=True)
        self._thread.start()

    def skip(self, number: int) -> None:
        """Goes on without a sentence that could not be spoken."""
        (self._folder / file_name(number)).with_suffix(".none").touch()

    def read(self) -> bytes:
        """Returns the bytes that have come since, perhaps none; all have been returned when ``done`` is True then.

        Raises WorkbenchError where the encoder failed, and OSError.
        """
        if self._head:
            head, self._head = self._head, b""
            return head
        if self._plain:
            return self._samples()
        ended = not self._thread.is_alive()
        found = self._grown(self._target)
        if self.error is not None:
            raise self.error
        self.done = ended and not found
        return found

    def close(self) -> None:
        """Stops encoding; safe to call twice."""
        self._closed = True
        if not self._plain:
            self._thread.join(5.0)
            self._target.unlink(missing_ok=True)

    def _samples(self) -> bytes:
        while self._left:
            path = self._left[0]
            if path.exists():
                found = self._grown(path)
                if found:
                    return found
            elif not path.with_suffix(".none").exists():
                return b""
            self._left.pop(0)
            self._at = 0
        self.done = True
        return b""

    def _grown(self, path: Path) -> bytes:
        try:
            with open(path, "rb") as file:
                file.seek(self._at)
                found = file.read(_BLOCK)
        except FileNotFoundError:
            return b""
        self._at += len(found)
        return found

    def _encode(self, order: dict[str, object]) -> None:
        try:
            self._desk.writes.sound(order, self._desk.limits, lambda share: None, self._unwanted)
        except Stopped:
            return
        except WorkbenchError as error:
            self.error = error

    def _unwanted(self) -> bool:
        return self._closed or self._desk.board.stopping

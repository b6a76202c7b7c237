"""Reads a recording in a child process: one pass from the upload to the working file, its waveform and its speech."""

from __future__ import annotations

import json
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from engines.errors import Stopped
from engines.requests import VadOptions
from media.errors import MediaError, WorkbenchError
from media.limits import MediaLimits
from media.vad import Cut, Span

_FILES_A_CHILD = 50
_IDLE_S = 30.0
_WARM = 2
_LOOK_S = 0.1
_LARGEST_MESSAGE = 1 << 20


@dataclass(frozen=True, slots=True)
class Probed:
    """What the container says: ``duration_s`` (None if it says nothing) and ``media_kind``, ``audio`` or ``video``."""

    duration_s: float | None
    media_kind: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The spans that became certain since the last event, perhaps none, and how many seconds can be read."""

    spans: tuple[Span, ...]
    decoded_s: float


@dataclass(frozen=True, slots=True)
class Share:
    """How much of an order is done, 0 to 1."""

    share: float


IntakeEvent = Probed | Speech


@dataclass(frozen=True, slots=True)
class IntakeResult:
    """The whole recording. ``notes`` are codes for the person: ``media_damaged`` (a part could not be decoded)."""

    duration_s: float
    media_kind: str
    speech_s: float
    notes: tuple[str, ...] = ()


class _Lost(Exception):
    """The child ended before it took the file; another one may be tried."""


class Intake:
    """Reads recordings in sandboxed children, one file a child at a time; may be called from several threads.

    A child stays warm for the next file for ``idle_s``, and is replaced after 50 files or any failure. Nothing a child
    sends is unpickled. ``close`` kills all of them.
    """

    def __init__(self, idle_s: float = _IDLE_S) -> None:
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._closed = False
        # Linux ends a child when the thread that started it ends, so all are started by one that stays.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="intake-starter")

    def run(
        self,
        source: Path,
        folder: Path,
        vad: VadOptions,
        limits: MediaLimits,
        on_event: Callable[[IntakeEvent], None],
        should_stop: Callable[[], bool],
    ) -> IntakeResult:
        """Decodes ``source`` into ``folder/audio.pcm`` and ``folder/peaks.u8`` and finds its speech.

        What an event tells is already readable in ``audio.pcm``. Where the working file is complete only the speech is
        looked for. Raises MediaError, WorkbenchError ``disk_full``, and Stopped when ``should_stop`` says so.
        """
        order = {"source": str(source), "folder": str(folder), "vad": asdict(vad), "limits": asdict(limits)}
        return _result(self._order(order, limits.stall_s, on_event, should_stop))

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        """Does one of ``engines.intake.sound.WORKS`` in a child; returns and raises what that does, and Stopped.

        ``on_share`` is told how much of it is done, 0 to 1.
        """

        def on_event(event: IntakeEvent | Share) -> None:
            if isinstance(event, Share):
                on_share(event.share)

        return self._order({**order, "limits": asdict(limits)}, limits.stall_s, on_event, should_stop)

    def _order(
        self,
        order: Mapping[str, Any],
        stall_s: float,
        on_event: Callable[[Any], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        for attempt in range(3):
            child = self._take()
            kept = False
            try:
                result = child.run(order, stall_s, on_event, lambda: self._closed or should_stop())
                kept = True
                return result
            except _Lost:
                if attempt == 2:
                    raise MediaError("media_crashed", status=500) from None
            finally:
                self._give_back(child, kept)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Kills every child; running calls raise Stopped."""
        with self._lock:
            self._closed = True
            children = [*self._idle, *self._busy]
            self._idle = []
        for child in children:
            child.kill()
        self._starter.shutdown(wait=False)

    def children(self) -> list[int]:
        """Returns the process ids of the living children."""
        with self._lock:
            return [child.pid for child in (*self._idle, *self._busy) if child.alive()]

    def _take(self) -> _Child:
        with self._lock:
            if self._closed:
                raise Stopped()
            child = self._idle.pop() if self._idle else None
        if child is None:
            child = self._starter.submit(_Child, self._idle_s).result()
        with self._lock:
            self._busy.add(child)
        return child

    def _give_back(self, child: _Child, kept: bool) -> None:
        with self._lock:
            self._busy.discard(child)
            if kept and not self._closed and len(self._idle) < _WARM and child.n_files < _FILES_A_CHILD:
                self._idle.append(child)
                return
        child.kill()


class _Child:
    """The parent's side of one child process."""

    def __init__(self, idle_s: float) -> None:
        from engines.intake import child as intake_child

        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=intake_child.serve, args=(theirs, idle_s), name="roomtone-intake", daemon=True
        )
        self._process.start()
        theirs.close()
        self.n_files = 0

    @property
    def pid(self) -> int:
        return self._process.pid or -1

    def alive(self) -> bool:
        return self._process.is_alive()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def run(
        self,
        order: Mapping[str, Any],
        stall_s: float,
        on_event: Callable[[Any], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        try:
            self._pipe.send_bytes(json.dumps(order).encode())
        except OSError:
            raise _Lost from None
        self.n_files += 1
        taken = False
        last_heard = time.monotonic()
        while True:
            if should_stop():
                raise Stopped()
            if not wait([self._pipe], _LOOK_S):
                if time.monotonic() - last_heard > stall_s:
                    raise MediaError("media_crashed", status=500)
                continue
            try:
                message = json.loads(self._pipe.recv_bytes(_LARGEST_MESSAGE))
            except (EOFError, OSError):
                if should_stop():
                    raise Stopped() from None
                raise self._why_ended() if taken else _Lost from None
            last_heard, taken = time.monotonic(), True
            if message["kind"] == "done":
                return dict(message)
            if message["kind"] == "error":
                raise _error(message)
            if event := _event(message):
                on_event(event)

    def _why_ended(self) -> MediaError:
        self._process.join(5)
        if self._process.exitcode == -getattr(signal, "SIGXCPU", 24):
            return MediaError("media_too_heavy", status=413)
        return MediaError("media_crashed", status=500)


def _event(message: Mapping[str, Any]) -> IntakeEvent | Share | None:
    if message["kind"] == "share":
        return Share(message["share"])
    if message["kind"] == "probed":
        return Probed(message["duration_s"], message["media_kind"])
    if message["kind"] == "speech":
        spans = tuple(Span(start, end, tuple(Cut(*cut) for cut in cuts)) for start, end, cuts in message["spans"])
        return Speech(spans, message["decoded_s"])
    return None


def _result(message: Mapping[str, Any]) -> IntakeResult:
    return IntakeResult(message["duration_s"], message["media_kind"], message["speech_s"], tuple(message["notes"]))


def _error(message: Mapping[str, Any]) -> WorkbenchError:
    kind = MediaError if str(message["code"]).startswith(("media_", "sound_")) else WorkbenchError
    return kind(message["code"], status=message["status"], **message["values"])

"""The child side of the intake: a sandbox that decodes, measures and finds speech; ``intake`` starts it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.priority import give_way
from engines.requests import VadOptions
from media.errors import WorkbenchError
from media.limits import MediaLimits

if TYPE_CHECKING:
    from engines.silero import Silero
    from media.audio import Samples

_TELL_S = 0.5
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


def serve(pipe: Connection, idle_s: float) -> None:
    """Takes orders from ``pipe`` one after another until nothing comes for ``idle_s`` or the parent is gone."""
    die_with_parent()
    give_way()
    forbid()
    worker = Worker(pipe)
    try:
        while pipe.poll(idle_s):
            worker.run(json.loads(pipe.recv_bytes()))
    except (EOFError, OSError):
        return


def die_with_parent() -> None:
    """Ends this process when its parent ends, however that happens."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    if sys.platform == "linux":
        import ctypes
        import signal

        # The thread cannot run while C code holds the interpreter, the kernel's signal needs nobody.
        ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent.pid:
            os._exit(1)


def forbid() -> None:
    """Takes away what a decoder never needs: core dumps and more than a few open files."""
    if sys.platform == "win32":
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 64)


def confine(limits: MediaLimits, bytes_a_second: int = 32_000) -> None:
    """Sets the limits of one recording on this process; what it has used so far does not count.

    ``bytes_a_second`` is what a second of sound may take on disk.
    """
    if sys.platform == "win32":
        return
    import resource

    used = time.process_time()
    _lower(resource.RLIMIT_CPU, int(used + limits.cpu_s + limits.max_duration_s / 10) + 1)
    _lower(resource.RLIMIT_FSIZE, int(limits.max_duration_s * bytes_a_second) + (64 << 20))
    if sys.platform == "linux":
        _lower(resource.RLIMIT_AS, limits.memory_mib << 20)


def _lower(which: int, value: int) -> None:
    """Sets the soft limit, so that the next recording may have a higher one."""
    import resource

    _, hard = resource.getrlimit(which)
    resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


@dataclass
class _Read:
    """What is known of a recording while it is being read."""

    media_kind: str
    n_samples: int = 0
    damaged: bool = False


class Worker:
    """Does the orders; keeps the loaded speech model between them."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._silero: Silero | None = None
        self._told = 0.0

    def run(self, order: Mapping[str, Any]) -> None:
        """Does one order and says how it ended; an unforeseen error ends the process with what it may have broken."""
        self._tell("taken")
        try:
            limits = MediaLimits(**order["limits"])
            if order.get("work", "read") != "read":
                self._tell("done", **self._sound_work(order, limits))
                return
            confine(limits)
            vad = VadOptions(**order["vad"])
            self._tell("done", **self.read(Path(order["source"]), Path(order["folder"]), vad, limits))
        except WorkbenchError as error:
            self._tell("error", code=error.code, status=error.status, values=error.values)
        except MemoryError:
            self._tell("error", code="media_too_heavy", status=413, values={})
        except OSError as error:
            self._tell("error", **_system_error(error, Path(order["folder"])))

    def read(self, source: Path, folder: Path, vad: VadOptions, limits: MediaLimits) -> dict[str, Any]:
        """Reads one recording and returns its result as plain JSON; raises MediaError, MemoryError and OSError."""
        from engines.silero import Silero, weights_path
        from media.vad import SpeechFinder

        self._silero = self._silero or Silero(weights_path())
        self._silero.reset()
        finder, speech_s, read = SpeechFinder(vad), 0.0, _Read("audio")
        for block in self._sound(source, folder, limits, read):
            read.n_samples += len(block)
            spans = finder.feed(*self._silero.feed(block))
            speech_s += sum(span.end - span.start for span in spans)
            self._tell_speech(spans, read.n_samples)
        spans = finder.feed(*self._silero.close()) + finder.close(read.n_samples)
        speech_s += sum(span.end - span.start for span in spans)
        duration_s = read.n_samples / 16_000
        self._told = 0.0
        self._tell_speech(spans, read.n_samples)
        notes = ["media_damaged"] if read.damaged else []
        return {"duration_s": duration_s, "media_kind": read.media_kind, "speech_s": round(speech_s, 3), "notes": notes}

    def _sound_work(self, order: Mapping[str, Any], limits: MediaLimits) -> dict[str, Any]:
        """Decodes a recording at full rate, or writes the cleaned one; returns what came of it as plain JSON."""
        from engines.intake import sound as intake_sound
        from engines.intake import speech as intake_speech
        from engines.intake import video as intake_video

        # A video may need as much room as it came with.
        size = Path(order["source"]).stat().st_size
        confine(limits, intake_sound.BYTES_A_SECOND + int(size / max(1.0, limits.max_duration_s)))
        works = {**intake_sound.WORKS, **intake_video.WORKS, **intake_speech.WORKS}
        return works[order["work"]](order, limits, self._tell_share)

    def _tell_share(self, share: float) -> None:
        now = time.monotonic()
        if now - self._told > _TELL_S:
            self._told = now
            self._tell("share", share=share)

    def _sound(self, source: Path, folder: Path, limits: MediaLimits, read: _Read) -> Iterator[Samples]:
        from media.working_file import read_blocks, read_mark

        if mark := read_mark(folder):
            read.media_kind, read.damaged = mark.media_kind, mark.damaged
            self._tell("probed", duration_s=mark.n_samples / 16_000, media_kind=mark.media_kind)
            yield from read_blocks(folder)
        else:
            yield from self._decoded(source, folder, limits, read)

    def _decoded(self, source: Path, folder: Path, limits: MediaLimits, read: _Read) -> Iterator[Samples]:
        from media.channels_file import ChannelsFile
        from media.codec import Recording
        from media.working_file import WorkingFile

        with Recording(source, limits) as recording:
            read.media_kind = recording.media_kind
            self._tell("probed", duration_s=recording.duration_s, media_kind=recording.media_kind)
            with WorkingFile(folder) as file, closing(ChannelsFile(folder, recording.n_recorded)) as channels:
                recording.beside = channels.take
                for block in recording.blocks():
                    file.write(block)
                    yield block
                read.damaged = recording.damaged
                channels.finish()
                file.finish(recording.media_kind, recording.damaged)

    def _tell_speech(self, spans: list[Any], n_samples: int) -> None:
        now = time.monotonic()
        if spans or now - self._told > _TELL_S:
            self._told = now
            self._tell("speech", spans=spans, decoded_s=n_samples / 16_000)

    def _tell(self, kind: str, **values: Any) -> None:
        self._pipe.send_bytes(json.dumps({"kind": kind, **values}).encode())


def _system_error(error: OSError, folder: Path) -> dict[str, Any]:
    if error.errno in _NO_ROOM:
        return {"code": "disk_full", "status": 507, "values": {"free_mib": _free_mib(folder)}}
    if error.errno in (errno.EFBIG, errno.ENOMEM):
        return {"code": "media_too_heavy", "status": 413, "values": {}}
    return {"code": "media_not_read", "status": 500, "values": {"why": error.strerror or type(error).__name__}}


def _free_mib(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free >> 20
    except OSError:
        return 0

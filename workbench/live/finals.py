"""Utterances that have ended become chunks of the job, and are final when the engine has heard them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from workbench.history.rows import NewChunk
from workbench.live.lines import open_line
from workbench.live.room import LiveRoom
from workbench.live.utterances import Utterance
from workbench.running.board import ActiveJob
from workbench.running.chunks import Place


class Finals:
    """The chunks of one session whose text is to come; ``waiting`` is how each is shown until then, by its number."""

    def __init__(self, room: LiveRoom, job: ActiveJob) -> None:
        self._room = room
        self._job = job
        self._lock = threading.Lock()
        known = [(number, job.places[number]) for number in (*job.waiting, *job.running)]
        self._waiting = {number: open_line(number, place.start, place.end, None) for number, place in known}

    def shown(self) -> dict[int, dict[str, Any]]:
        """Returns the lines that wait, as they are shown."""
        with self._lock:
            return dict(self._waiting)

    def show(self, line: dict[str, Any]) -> None:
        """Takes how a line is shown now, open or waiting."""
        with self._lock:
            self._waiting[line["line"]] = line

    def add(self, number: int, utterance: Utterance, foreseen: bool) -> None:
        """Makes a chunk; one whose result comes by itself, ``foreseen``, is kept from the engines."""
        pieces = ((utterance.start, utterance.end),)
        self._room.history.add_chunks(self._job.id, [NewChunk(number, utterance.start, utterance.end, pieces)])
        with self._room.board.changed:
            self._job.places[number] = Place(utterance.start, utterance.end, pieces)
            if foreseen:
                self._job.running.add(number)
            else:
                self._job.waiting[number] = None
            self._room.board.changed.notify_all()

    def came(self, number: int, result: Mapping[str, Any] | None) -> None:
        """Takes the foreseen result of a chunk; without one it goes the way of all chunks."""
        if result is not None:
            self._room.commit(self._job, number, result)
            return
        with self._room.board.changed:
            self._job.running.discard(number)
            self._job.waiting[number] = None
            self._room.board.changed.notify_all()

    def done(self, below: int) -> list[int]:
        """Returns the chunks with a number below this that have ended since the last call."""
        with self._room.board.changed, self._lock:
            job = self._job
            done = [n for n in self._waiting if n < below and n not in job.waiting and n not in job.running]
            for number in done:
                del self._waiting[number]
            return done

    def behind_s(self) -> float:
        """Returns the seconds of sound that wait for text."""
        with self._room.board.changed:
            job = self._job
            return sum(job.places[number].sound_s for number in (*job.waiting, *job.running))

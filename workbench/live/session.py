"""One person speaking: sound becomes utterances, these become chunks of a job, and everybody who follows is told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from media.errors import WorkbenchError
from workbench.errors import JobError
from workbench.history import live as history_live
from workbench.live.audience import Audience
from workbench.live.ending import settle
from workbench.live.finals import Finals
from workbench.live.floor import Floor
from workbench.live.hearing import Hearing
from workbench.live.lines import lines_of_session
from workbench.live.orders import Orders
from workbench.live.pace import is_forsaken
from workbench.live.partials import Partials
from workbench.live.room import LiveRoom
from workbench.live.settings import LiveSettings
from workbench.live.sound import LiveSound, remove
from workbench.live.utterances import Utterance
from workbench.live.watch import LiveWatch
from workbench.running.board import ActiveJob
from workbench.running.finishing import plain

log = logging.getLogger(__name__)
KEEP_S = 0.4
"""Sound is made safe on disk so often while it arrives, and acknowledged then."""
STATE_S = 1.0
LOOK_S = 0.2
AGAIN_S = 3.0
"""After so long it is tried again to write to a disk that was full."""


class LiveSession:
    """A session, connected or not; free of any transport. Every public method may be called from any thread.

    One thread of its own does all that touches the disk or takes time. Whoever speaks holds a ``LiveLink``; whoever
    reads along a ``LiveWatch``.
    """

    def __init__(
        self,
        room: LiveRoom,
        job: ActiveJob,
        row: history_live.LiveRow,
        sound: LiveSound,
        title: str,
        over: Callable[[LiveSession], None],
    ) -> None:
        self.job = job
        self.row = row
        self.title = title
        self.settings = LiveSettings(job.request, row.pause_s)
        self.audience = Audience(room.board.now)
        self._room = room
        self._sound = sound
        self._over = over
        self._n_chunks = len(job.places)
        origin_s = job.places[self._n_chunks - 1].end if self._n_chunks else 0.0
        self._hearing = Hearing(sound, room.ear(), row.pause_s, origin_s)
        self._finals = Finals(room, job)
        self._floor = Floor(room, job, self.audience)
        self._partials = Partials(room, job, sound.path, self.order)
        self._expected: dict[Utterance, int] = {}
        self._orders = Orders()
        self._closing = self.over = False
        self._n_last: int | None = sound.next_packet if row.stopped else None
        self._kept_at = self._stated_at = self._sound_at = self._again_at = float("-inf")
        self._settled = False
        self._subscription = room.events.subscribe([job.id], self._orders.wake)
        self._thread = threading.Thread(target=self._run, name=f"live-{job.id}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread, as the server stops; the session goes on at the next start."""
        self._closing = True
        self._orders.wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def follow(self, wake: Callable[[], None], from_start: bool = True) -> LiveWatch:
        """Returns a watch that is told each change, and every line there is before; the caller closes it."""
        watch = self.audience.join(self, wake, from_start)
        watch.add(marks=("state",))
        return watch

    def forget(self, watch: LiveWatch) -> None:
        """Lets a watch go."""
        self.audience.leave(watch)

    def order(self, *order: Any) -> None:
        """Hands something to the thread, in order with the sound; see ``_obey``."""
        self._orders.put(*order)

    def edit(self, number: int, text: str) -> None:
        """Keeps what a person wrote in place of a line; raises JobError ``job_not_finished`` before it has ended."""
        if number not in self.job.places:
            raise JobError("job_not_finished", id=self.job.id)
        history_live.edit_line(self._room.history, self.job.id, number, text)
        self.audience.tell(lines=[number])

    # What a watch is told

    def lines(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """Returns these lines as they are now."""
        found = ((number, self.lines_after(number - 1, 1)) for number in numbers)
        return [line for number, some in found for line in some if line["line"] == number]

    def lines_after(self, number: int, limit: int) -> list[dict[str, Any]]:
        """Returns the lines behind a number, at most so many, in order."""
        shown = self._finals.shown()
        return lines_of_session(self._room.history, self._room.rewriter, self.job, shown, number, limit)

    def acknowledged(self) -> dict[str, Any]:
        """Returns which packet comes next: all before it are safe."""
        return {"type": "ack", "next_packet": self._sound.kept}

    def state(self) -> dict[str, Any]:
        """Returns how it goes."""
        behind_s = self._finals.behind_s() + self.backlog_s
        told = {"speaking": self._floor.speaking, "behind_s": round(behind_s, 1), "heard_s": round(self.heard_s, 1)}
        place = {"next_line": self._partials.line, "since": self._hearing.since}
        partials = self._partials.pace(behind_s).partials
        return {"type": "state", **told, **place, "partials": partials, "waiting": self._floor.waits_for()}

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that came and are not on disk yet."""
        return self._orders.backlog_s

    @property
    def heard_s(self) -> float:
        """Seconds of sound on disk."""
        return self._sound.heard_s

    # The thread

    def _run(self) -> None:
        try:
            self._take_up()
            while not self.over:
                for order in self._orders.take(LOOK_S):
                    self._obey(*order)
                if self._closing:
                    self._keep()
                    break
                self._look(self._room.board.now())
        except Exception as error:
            log.exception("the live session %s broke off", self.job.id)
            values = {"what": type(error).__name__}
            self.audience.say({"type": "error", "code": "internal", "values": values, "fatal": True})
        finally:
            self.over = True
            self._subscription.close()
            for number in self._expected.values():
                self._finals.came(number, None)
            with self._room.board.changed:
                self._room.board.turns.sessions.pop(self.job.id, None)
            self._sound.close()
            self._over(self)

    def _take_up(self) -> None:
        """Finds what had been said behind the last chunk, after a restart."""
        self._partials.begin(self._n_chunks)
        self._close(self._hearing.take_up())
        if self._n_last is None:
            self._partials.warm()

    def _obey(self, kind: str, *values: Any) -> None:
        if kind == "sound":
            self._take_sound(*values)
        elif kind == "guessed":
            self._show(self._partials.guessed(*values))
        elif kind == "ahead":
            self._take_ahead(*values)
        elif kind == "pause":
            self._close(self._hearing.close())
        elif kind == "stop":
            self._n_last = values[0]
        elif kind == "settings":
            self._change(values[0])

    def _take_sound(self, number: int, samples: bytes) -> None:
        self._orders.done(samples)
        if self._settled or number != self._sound.next_packet:
            self.audience.tell_speaker("ack")
            return
        try:
            closed = self._hearing.packet(samples)
        except WorkbenchError as error:
            self._full(error)
            return
        self._sound_at = self._room.board.now()
        self._close(closed)

    def _close(self, closed: list[Utterance]) -> None:
        """Makes chunks of utterances that have ended; their sound is safe before."""
        for utterance in closed:
            self._keep()
            number = self._partials.line
            foreseen, result = self._partials.foreseen(utterance)
            self._finals.show(self._partials.shown(utterance.start, utterance.end))
            self._finals.add(number, utterance, foreseen)
            if result is not None:
                self._finals.came(number, result)
            elif foreseen:
                self._expected[utterance] = number
            self._partials.begin(number + 1)
            self.audience.tell(marks=["state"])

    def _take_ahead(self, line: int, utterance: Utterance, result: Mapping[str, Any] | None) -> None:
        number = self._expected.pop(utterance, None)
        if number is not None:
            self._finals.came(number, result)
        else:
            self._show(self._partials.ahead(line, utterance, result))

    def _show(self, line: dict[str, Any] | None) -> None:
        if line is not None:
            self._finals.show(line)
            self.audience.tell(lines=[line["line"]])

    def _change(self, told: Mapping[str, Any]) -> None:
        self.settings = settings = self.settings.changed(told)
        self.job.request = settings.request
        self._hearing.pause_for(settings.pause_s)
        history_live.change_session(self._room.history, self.job.id, settings.request.to_dict(), settings.pause_s)

    # Looking around

    def _look(self, now: float) -> None:
        self._subscription.take()
        if done := self._finals.done(self._partials.line):
            self.audience.tell(lines=done)
        if self.job.ended:
            self._end(now)
            return
        if self._sound.unsafe and now - self._kept_at >= KEEP_S:
            self._keep()
        if not self._settled:
            self._look_at_speech(now)
        if is_forsaken(self.audience.left_at, now):
            self._n_last = 0
        if self._n_last is not None and self._sound.next_packet >= self._n_last:
            self._settle(now)
        if now - self._stated_at >= STATE_S:
            self._stated_at = now
            self.audience.tell(marks=("state",))

    def _look_at_speech(self, now: float) -> None:
        hearing = self._hearing
        if self._floor.look(hearing.open, self._sound_at, now):
            self.audience.tell(marks=("state",))
        self._partials.look(hearing.open, hearing.likely(), self._finals.behind_s(), now)

    def _keep(self) -> None:
        try:
            self._sound.keep()
        except WorkbenchError as error:
            self._full(error)
        self._kept_at = self._room.board.now()
        self.audience.tell_speaker("ack")

    def _full(self, error: WorkbenchError) -> None:
        """The disk is full: what is not acknowledged stays in the browser, which is told once in a while."""
        now = self._room.board.now()
        if now - self._again_at >= AGAIN_S:
            self._again_at = now
            self._room.board.trouble(error)
            self.audience.say({"type": "error", "code": error.code, "values": plain(error.values), "fatal": False})

    # The end

    def _settle(self, now: float) -> None:
        """Makes a recording of the sound, and lets the job end when its last text is there."""
        if self._settled or now - self._again_at < AGAIN_S:
            return
        self._close(self._hearing.rest())
        try:
            settle(self._room, self.job, self._sound, self.title)
        except WorkbenchError as error:
            self._full(error)
            return
        self._settled = True
        self.audience.tell_speaker("ack")
        self._room.endings.check(self.job)

    def _end(self, now: float) -> None:
        """The job has ended, by itself or because somebody cancelled it; its sound is kept in any case."""
        self._settle(now)
        if not self._settled:
            return
        remove(self._sound.folder)
        row = self._room.history.job(self.job.id)
        if row is not None and row.error_code:
            told = {"code": row.error_code, "values": row.error_values or {}, "fatal": True}
            self.audience.say({"type": "error", **told})
        else:
            self.audience.say({"type": "ended", "job": self.job.id})
        self.over = True

"""One person speaking: sound becomes utterances, these become chunks of a job, and everybody who follows is told."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engines.requests import TranscribeItem
from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE, Samples
from media.errors import WorkbenchError
from media.vad import Floats
from workbench import history_live
from workbench.board import ActiveJob, Board
from workbench.chunks import Place
from workbench.errors import JobError
from workbench.events import Events
from workbench.finishing import Endings, plain
from workbench.firm import Agreement
from workbench.history import History
from workbench.history_rows import NewChunk
from workbench.live_lines import final_line, open_line, text_of
from workbench.live_pace import is_forsaken, pace, smoothed
from workbench.live_settings import LiveSettings
from workbench.live_sound import LiveSound, remove, to_recording
from workbench.live_turns import Guess, Turn
from workbench.live_watch import LiveWatch
from workbench.tasks.rewriting import Rewriter
from workbench.tasks.transcribe import Done, item_of, lines_of
from workbench.uploads import Uploads
from workbench.utterances import CutLimits, Open, Utterance, UtteranceCutter

log = logging.getLogger(__name__)
KEEP_S = 0.4
"""Sound is made safe on disk so often while it arrives, and acknowledged then."""
STATE_S = 1.0
LOOK_S = 0.2
AGAIN_S = 3.0
"""After so long it is tried again to write to a disk that was full."""
LEAST_GUESS_S = 0.5
"""An utterance is first decoded when so much of it was heard: less gives no words."""
NEW_SOUND_S = 0.25
"""A pass with less new sound than this would say the same again."""
HUSH_S = 0.1
"""Silence from which on a pause may be coming."""
QUIET_LINE_S = 1.0
"""Without sound for so long, nobody is taken to be speaking: the connection is gone, or the microphone rests."""


class Ear(Protocol):
    """What is needed of ``engines.silero.Silero``."""

    def feed(self, samples: Samples) -> tuple[Floats, Floats]: ...
    def close(self) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """What all sessions share."""

    board: Board
    history: History
    events: Events
    endings: Endings
    uploads: Uploads
    rewriter: Rewriter
    ear: Callable[[], Ear]


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
        settings: LiveSettings,
        title: str,
        over: Callable[[LiveSession], None],
    ) -> None:
        self.job = job
        self.row = row
        self.title = title
        self._room = room
        self._sound = sound
        self._settings = settings
        self._over = over
        self._lock = threading.Condition()
        self._orders: deque[tuple[Any, ...]] = deque()
        self._watches: set[LiveWatch] = set()
        self._link: LiveLink | None = None
        self._left_at: float | None = room.board.now()
        self._closing = False
        self._closed = False
        self._waiting_sound = 0
        self._n_last: int | None = sound.next_packet if row.stopped else None
        self._shown: dict[int, dict[str, Any]] = {}
        self._said: Agreement | None = None
        self._guessed_to = 0.0
        self._guess_at = float("-inf")
        self._took: float | None = None
        self._took_at = float("-inf")
        self._hint: str | None = None
        self._ear = room.ear()
        self._cutter = UtteranceCutter(CutLimits(settings.pause_s))
        self._line = 0
        self._open: Open | None = None
        self._kept_at = self._stated_at = self._sound_at = self._again_at = float("-inf")
        self._settled = False
        self._speaking = False
        self._subscription = room.events.subscribe([job.id], self._wake)
        self._thread = threading.Thread(target=self._run, name=f"live-{job.id}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread, as the server stops; the session goes on at the next start."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    # Who speaks, and who reads along

    def speak(self, wake: Callable[[], None]) -> LiveLink:
        """Connects whoever speaks; who was connected before is told that the session was taken."""
        link = LiveLink(self, wake)
        with self._lock:
            before, self._link = self._link, link
            self._left_at = None
        if before is not None:
            before.taken = True
            before.watch.add()
        link.watch.add(marks=("ack", "state"))
        return link

    def leave(self, link: LiveLink) -> None:
        """Disconnects; the session waits for its browser."""
        with self._lock:
            if self._link is link:
                self._link = None
                self._left_at = self._room.board.now()

    def follow(self, wake: Callable[[], None], from_start: bool = True) -> LiveWatch:
        """Returns a watch that is told each change, and every line there is before."""
        watch = LiveWatch(self, wake, from_start)
        with self._lock:
            self._watches.add(watch)
        watch.add(marks=("state",))
        return watch

    def forget(self, watch: LiveWatch) -> None:
        """Lets a watch go."""
        with self._lock:
            self._watches.discard(watch)

    def order(self, *order: Any) -> None:
        """Hands something to the thread, in order with the sound."""
        with self._lock:
            if order[0] == "sound":
                self._waiting_sound += len(order[2])
            self._orders.append(order)
            self._lock.notify_all()

    def stop(self) -> None:
        """Ends the session with the sound that has come; from another tab or program."""
        self.order("stop", 0)

    def edit(self, number: int, text: str) -> None:
        """Keeps what a person wrote in place of a line; raises JobError ``job_not_finished`` before it is final."""
        if not 0 <= number < len(self.job.places):
            raise JobError("job_not_finished", id=self.job.id)
        history_live.edit_line(self._room.history, self.job.id, number, text)
        self._tell(lines=[number])

    @property
    def connected(self) -> bool:
        """Whether somebody speaks into it."""
        return self._link is not None

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that came and are not on disk yet."""
        return self._waiting_sound / BYTES_A_SAMPLE / SAMPLE_RATE

    @property
    def heard_s(self) -> float:
        """Seconds of sound on disk."""
        return self._sound.heard_s

    @property
    def next_packet(self) -> int:
        """The packet that is to come next."""
        return self._sound.kept

    # What a watch is told

    def lines(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """Returns these lines as they are now."""
        found = [self.lines_after(number - 1, 1) for number in numbers]
        return [line for number, some in zip(numbers, found, strict=False) for line in some if line["line"] == number]

    def lines_after(self, number: int, limit: int) -> list[dict[str, Any]]:
        """Returns the lines behind a number, at most so many, in order."""
        with self._lock:
            shown = dict(self._shown)
        history, job = self._room.history, self.job
        chunks = history.chunks(job.id, number, limit)
        edits = history_live.edits_of(history, job.id, number + 1, chunks[-1].number) if chunks else {}
        found = {}
        for chunk in chunks:
            if chunk.status in ("succeeded", "failed") or chunk.number in edits:
                edit = edits.get(chunk.number)
                found[chunk.number] = final_line(chunk, job.request, self._room.rewriter, edit)
            else:
                found[chunk.number] = shown.get(chunk.number) or open_line(chunk.number, chunk.start, chunk.end, None)
        found.update({n: line for n, line in shown.items() if n > number and n not in found})
        return [found[n] for n in sorted(found)][:limit]

    def acknowledged(self) -> dict[str, Any]:
        """Returns which packet comes next: all before it are safe."""
        return {"type": "ack", "next_packet": self._sound.kept}

    def state(self) -> dict[str, Any]:
        """Returns how it goes."""
        return {
            "type": "state",
            "speaking": self._speaking,
            "behind_s": round(self._behind_s(), 1),
            "partials": pace(self._lately(), self._behind_s()).partials,
            "heard_s": round(self.heard_s, 1),
            "waiting": self._waits_for(),
        }

    # The thread

    def _run(self) -> None:
        try:
            self._take_up()
            while not self._closed:
                for order in self._next_orders():
                    self._obey(order)
                if self._closing:
                    self._keep()
                    break
                self._look(self._room.board.now())
        except Exception as error:
            log.exception("the live session %s broke off", self.job.id)
            told = {"code": "internal", "values": {"what": type(error).__name__}, "fatal": True}
            self._say({"type": "error", **told})
        finally:
            self._subscription.close()
            with self._room.board.changed:
                self._room.board.turns.sessions.pop(self.job.id, None)
            self._sound.close()
            self._over(self)

    def _take_up(self) -> None:
        """Finds what had been said behind the last chunk, after a restart."""
        n_chunks = len(self.job.places)
        self._line = n_chunks
        origin_s = self.job.places[n_chunks - 1].end if n_chunks else 0.0
        self._cutter = UtteranceCutter(CutLimits(self._settings.pause_s), origin_s)
        for block in self._sound.blocks(origin_s):
            self._hear(block)
        with self._room.board.changed:
            self._room.board.turns.sessions[self.job.id] = Turn(self.job.owner, self.job.model)
        if self._n_last is None:
            self._wish(lambda: item_of(self.job.request, self._sound.path, ((0.0, 0.0),), "en", None))

    def _next_orders(self) -> list[tuple[Any, ...]]:
        with self._lock:
            if not self._orders and not self._closing:
                self._lock.wait(LOOK_S)
            orders = list(self._orders)
            self._orders.clear()
            return orders

    def _obey(self, order: tuple[Any, ...]) -> None:
        kind, *values = order
        if kind == "sound":
            self._take_sound(*values)
        elif kind == "heard":
            self._heard(*values)
        elif kind == "pause":
            self._close(self._cutter.close())
        elif kind == "stop":
            self._n_last = values[0]
        elif kind == "settings":
            self._change(values[0])

    def _take_sound(self, number: int, samples: bytes) -> None:
        with self._lock:
            self._waiting_sound -= len(samples)
        if self._settled or number != self._sound.next_packet:
            self._tell_speaker("ack")
            return
        try:
            self._sound.write(samples)
        except WorkbenchError as error:
            self._full(error)
            return
        self._sound_at = self._room.board.now()
        self._hear(np.frombuffer(samples, "<i2"))

    def _full(self, error: WorkbenchError) -> None:
        """The disk is full: what is not acknowledged stays in the browser, which is told once in a while."""
        if self._room.board.now() - self._again_at < AGAIN_S:
            return
        self._again_at = self._room.board.now()
        self._room.board.trouble(error)
        self._say({"type": "error", "code": error.code, "values": plain(error.values), "fatal": False})

    def _hear(self, samples: Samples) -> None:
        self._close(self._cutter.feed(*self._ear.feed(samples)))
        before, self._open = self._open, self._cutter.open
        if before is None and self._open is not None:
            self._said, self._hint = None, None
            self._guessed_to, self._guess_at = self._open.start, float("-inf")

    def _close(self, closed: list[Utterance]) -> None:
        """Makes chunks of utterances that have ended; their sound is safe before."""
        if not closed:
            return
        self._sound.keep()
        self._kept_at = self._room.board.now()
        self._tell_speaker("ack")
        for utterance in closed:
            number, end = self._line, min(utterance.end, self._sound.heard_s)
            pieces = ((utterance.start, end),)
            self._room.history.add_chunks(self.job.id, [NewChunk(number, utterance.start, end, pieces)])
            self._line += 1
            with self._lock:
                self._shown[number] = open_line(number, utterance.start, end, self._said)
            self._said, self._hint = None, None
            self._guessed_to, self._guess_at = end, float("-inf")
            with self._room.board.changed:
                self.job.places[number] = Place(utterance.start, end, pieces)
                self.job.waiting[number] = None
                self._room.board.changed.notify_all()
        self._open = self._cutter.open

    def _change(self, told: Mapping[str, Any]) -> None:
        settings = self._settings.changed(told)
        self._settings = settings
        self.job.request = settings.request
        self._cutter.limits = CutLimits(settings.pause_s)
        history_live.change_session(self._room.history, self.job.id, settings.request.to_dict(), settings.pause_s)

    # Looking around

    def _look(self, now: float) -> None:
        self._look_for_finals()
        if self.job.ended:
            self._end()
            return
        if self._sound.unsafe and now - self._kept_at >= KEEP_S:
            self._keep()
        self._look_at_speech(now)
        if is_forsaken(self._left_at, now) and self._n_last is None:
            self._n_last = 0
        if self._n_last is not None and self._sound.next_packet >= self._n_last and not self._settled:
            self._settle(now)
        if now - self._stated_at >= STATE_S:
            self._stated_at = now
            self._tell(marks=("state",))

    def _keep(self) -> None:
        try:
            self._sound.keep()
        except WorkbenchError as error:
            self._full(error)
        self._kept_at = self._room.board.now()
        self._tell_speaker("ack")

    def _look_for_finals(self) -> None:
        self._subscription.take()
        with self._room.board.changed, self._lock:
            done = [
                n for n in self._shown if n < self._line and n not in self.job.waiting and n not in self.job.running
            ]
            for number in done:
                del self._shown[number]
        if done:
            self._tell(lines=done)

    def _look_at_speech(self, now: float) -> None:
        here = now - self._sound_at < QUIET_LINE_S
        speech = self._open if here and not self._settled else None
        speaking = speech is not None and speech.silent_s < HUSH_S
        with self._room.board.changed:
            turn = self._room.board.turns.sessions.get(self.job.id)
            if turn is None:
                return
            pausing = speech is not None and not speaking
            if turn.pausing and not pausing:
                self._room.board.changed.notify_all()
            turn.pausing = pausing
            turn.model = self.job.model
            free = turn.guess is None and not turn.guessing
            if self._open is None:
                turn.guess = None
        if speaking != self._speaking:
            self._speaking = speaking
            self._tell(marks=("state",))
        if speech is not None and free and self._is_due(speech, now):
            self._guess_at, self._guessed_to = now, speech.heard
            self._wish(self._guess_item)

    def _is_due(self, speech: Open, now: float) -> bool:
        plan = pace(self._lately(), self._behind_s())
        first = self._said is None
        if first and plan.partials != "off":
            return speech.heard - speech.start >= LEAST_GUESS_S and now - self._guess_at >= NEW_SOUND_S
        new_s = speech.heard - speech.silent_s - self._guessed_to
        return new_s >= NEW_SOUND_S and speech.silent_s < HUSH_S and now - self._guess_at >= plan.every_s

    # Provisional text

    def _wish(self, item: Callable[[], TranscribeItem | None]) -> None:
        number, asked_at = self._line, self._room.board.now()

        def heard(result: dict[str, Any] | None, engine_s: float) -> None:
            self.order("heard", number, result, self._room.board.now() - asked_at)

        with self._room.board.changed:
            turn = self._room.board.turns.sessions.get(self.job.id)
            if turn is not None:
                turn.guess = Guess(self.job.id, self.job.model, item, heard)
                self._room.board.changed.notify_all()

    def _guess_item(self) -> TranscribeItem | None:
        """Returns all of the open utterance that was heard so far; called by the thread that runs it."""
        speech = self._open
        if speech is None:
            return None
        language = self.job.language or self._hint
        pieces = ((speech.start, speech.heard),)
        item = item_of(self.job.request, self._sound.path, pieces, "en" if self.job.english_only else language, None)
        return quick(item)

    def _heard(self, number: int, result: dict[str, Any] | None, took_s: float) -> None:
        if result is None or number != self._line:
            return
        if self._open is None:
            return
        self._took, self._took_at = smoothed(self._lately(), took_s), self._room.board.now()
        if float(result.get("language_probability") or 0.0) >= 0.8:
            self._hint = result.get("language")
        done = Done(number, self._open.start, self._open.heard, result)
        self._said = self._said or Agreement()
        text = text_of(lines_of(done, self.job.request, self._room.rewriter, None))
        if text and self._said.take(text):
            with self._lock:
                self._shown[number] = open_line(number, self._open.start, self._open.heard, self._said)
            self._tell(lines=[number])

    def _lately(self) -> float | None:
        return self._took if self._room.board.now() - self._took_at < 30.0 else None

    # The end

    def _settle(self, now: float) -> None:
        """Makes a recording of the sound, and lets the job end when its last text is there."""
        if now - self._again_at < AGAIN_S:
            return
        if not self._rest_heard:
            self._hear_rest()
        try:
            self._sound.keep()
            history_live.stop_session(self._room.history, self.job.id)
            upload = to_recording(self._sound, self._room.uploads, f"{self.title}.wav")
            if upload is not None:
                self._room.history.add_input(upload.sha256, upload.size)
            sha256 = upload.sha256 if upload else None
            history_live.attach_sound(self._room.history, self.job.id, sha256, self._sound.heard_s)
        except (WorkbenchError, OSError) as error:
            self._full(error if isinstance(error, WorkbenchError) else JobError("internal", what=str(error)))
            return
        self._settled = True
        with self._room.board.changed:
            self._room.board.turns.sessions.pop(self.job.id, None)
            self.job.sha256 = sha256 or ""
            self.job.pcm = None if sha256 else self.job.pcm
            self.job.duration_s = self.job.decoded_s = self._sound.heard_s
            self.job.reading = "done"
            self._room.board.changed.notify_all()
        self._tell_speaker("ack")
        self._room.endings.check(self.job)

    _rest_heard = False

    def _hear_rest(self) -> None:
        self._rest_heard = True
        self._close(self._cutter.feed(*self._ear.close()))
        self._close(self._cutter.close())
        self._open = None

    def _end(self) -> None:
        """The job has ended, by itself or because somebody cancelled it; its sound is kept in any case."""
        if not self._settled:
            self._settle(self._room.board.now())
            if not self._settled:
                return
        row = self._room.history.job(self.job.id)
        if row is not None and row.error_code:
            told = {"code": row.error_code, "values": row.error_values or {}}
            self._say({"type": "error", **told, "fatal": True})
        else:
            self._say({"type": "ended", "job": self.job.id})
        remove(self._sound.folder)
        self._closed = True

    # Telling

    def _wake(self) -> None:
        with self._lock:
            self._lock.notify_all()

    def _tell(self, lines: Iterable[int] = (), marks: Iterable[str] = ()) -> None:
        with self._lock:
            watches = [*self._watches]
        for watch in watches:
            watch.add(lines, marks)

    def _tell_speaker(self, mark: str) -> None:
        link = self._link
        if link is not None:
            link.watch.add(marks=(mark,))

    def _say(self, message: dict[str, Any]) -> None:
        with self._lock:
            watches = [*self._watches]
        for watch in watches:
            watch.say(message)

    def _behind_s(self) -> float:
        with self._room.board.changed:
            job = self.job
            waiting = sum(job.places[number].sound_s for number in (*job.waiting, *job.running))
        return waiting + self.backlog_s

    def _waits_for(self) -> str | None:
        board = self._room.board
        if self.job.model not in board.ready_models and not self.job.ended:
            return "fetching_model"
        return "loading_model" if self.job.stage == "loading_model" else None


class LiveLink:
    """The one connection that speaks into a session. ``taken`` when another one has taken it over."""

    def __init__(self, session: LiveSession, wake: Callable[[], None]) -> None:
        self.session = session
        self.watch = session.follow(wake)
        self.taken = False

    def feed(self, number: int, samples: bytes) -> None:
        """Takes the packet of this number: 16 kHz mono int16, little-endian."""
        if not self.taken:
            self.session.order("sound", number, samples)

    def pause(self) -> None:
        """Closes what was said last."""
        self.session.order("pause")

    def change(self, told: Mapping[str, Any]) -> None:
        """Changes settings from the next utterance on; raises JobError ``request_invalid``."""
        self.session._settings.changed(told)
        self.session.order("settings", dict(told))

    def stop(self, n_packets: int) -> None:
        """Ends the session once so many packets have come."""
        self.session.order("stop", n_packets)

    def close(self) -> None:
        """Disconnects; the session waits."""
        self.watch.close()
        self.session.leave(self)


def quick(item: TranscribeItem) -> TranscribeItem:
    """Returns what is heard for provisional text: one candidate, no times of words."""
    from dataclasses import replace

    return replace(item, beam_size=1, word_timestamps=False)

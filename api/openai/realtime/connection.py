"""One connection to ``/v1/realtime``: messages come in, events go out, errors do not end it."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.access import Closing
from api.errors import ApiError
from api.openai.asking import quality_of
from api.openai.caller import Calling
from api.openai.errors import body_of, status_of, typed
from api.openai.models import names
from api.openai.realtime.conversation import Conversation, Event
from api.openai.realtime.listening import Listening
from api.openai.realtime.messages import read, session_of, sound_of
from api.openai.realtime.microphone import Microphone
from media.errors import WorkbenchError
from workbench.core import Workbench
from workbench.texts import Texts

log = logging.getLogger(__name__)
ENDED, REFUSED, FAILED, LEAVING, FULL = 1000, 1008, 1011, 1012, 1013
MOST_BACKLOG_S = 30.0
"""With so much sound waiting for the disk, the program is made to wait: its messages stay in the network."""
LIMITS_EVERY_S = 60.0
"""Of sound; so often it is looked whether a key may go on."""
_FAILED_STRETCH = "conversation.item.input_audio_transcription.failed"


class Over(Exception):
    """The connection ends with a close code; the error that ends it was told."""

    def __init__(self, code: int) -> None:
        self.code = code


class RealtimeSocket:
    """Carries events between a program and its live session; holds no queue, so a slow reader costs nothing."""

    def __init__(
        self, socket: WebSocket, bench: Workbench, calling: Calling, texts: Texts, language: str, closing: Closing
    ) -> None:
        self._socket = socket
        self._calling = calling
        self._texts = texts
        self._language = language
        self._closing = closing
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._name = secrets.token_hex(8)
        title = texts.say(language, "live.untitled")
        self._microphone = Microphone(bench.live, calling.owner, title, self._awake)
        self._checked_s = -LIMITS_EVERY_S
        self._models = names()
        self._listening = Listening()
        self._conversation = Conversation(self._name, _event_id)

    def _awake(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake.set)

    async def run(self, listening: Listening, dated: bool) -> None:
        """Serves one connection, which is accepted, to its end."""
        self._listening = listening
        self._conversation = Conversation(self._name, _event_id, dated)
        self._closing.join(self._loop, self._wake)
        code = ENDED
        try:
            await self._send([self._session("created", dated)])
            await self._talk()
        except Over as over:
            code = over.code
        except (WebSocketDisconnect, RuntimeError) as gone:
            log.debug("a program has gone: %s", gone)
        except Exception:
            log.exception("a realtime session broke off")
            code = FAILED
        finally:
            self._closing.leave(self._loop, self._wake)
            if not self._closing.closed:
                self._microphone.stop()
            self._microphone.close()
        with suppress(WebSocketDisconnect, RuntimeError):
            if self._socket.application_state is not WebSocketState.DISCONNECTED:
                await self._socket.close(code)

    async def _talk(self) -> None:
        tasks = [asyncio.create_task(self._hear()), asyncio.create_task(self._tell())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # What the program says

    async def _hear(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            event_id = None
            try:
                told = await to_thread.run_sync(read, message.get("text"))
                event_id = told.get("event_id")
                if told["type"] == "input_audio_buffer.append":
                    # Not in turn: who sends before reading anything must be able to.
                    await to_thread.run_sync(self._append, told)
                else:
                    await self._obey(told["type"], told)
            except WorkbenchError as error:
                await self._refuse(error, event_id)
            while self._microphone.backlog_s > MOST_BACKLOG_S:
                await asyncio.sleep(0.05)

    async def _obey(self, kind: str, told: Mapping[str, Any]) -> None:
        """Does what one message says, and sends the events that answer it."""
        async with self._turn:
            if kind in ("input_audio_buffer.commit", "input_audio_buffer.clear"):
                events = self._end(kind)
            elif kind in ("session.update", "transcription_session.update"):
                flat = kind != "session.update"
                events = await to_thread.run_sync(self._change, session_of(told), flat)
                events.append(self._session("updated", flat))
            else:
                raise ApiError("realtime_unknown", status=400, event=kind[:100], param="type")
            await self._send(events)

    def _append(self, told: Mapping[str, Any]) -> None:
        content = sound_of(told)
        if self._microphone.heard_s - self._checked_s >= LIMITS_EVERY_S:
            self._calling.keys.may_hear(self._calling.key, self._microphone.heard_s)
            self._checked_s = self._microphone.heard_s
        listening = self._listening
        self._microphone.open(listening, quality_of(listening.model, self._models))
        self._microphone.feed(content, listening.format)

    def _end(self, kind: str) -> list[Event]:
        place = self._microphone.heard_s
        if kind.endswith("clear"):
            packet = self._microphone.mark() if self._microphone.link is not None else -1
            return self._conversation.clear(place, packet)
        if not self._conversation.may_commit(place):
            raise ApiError("realtime_empty", status=400)
        return self._conversation.commit(place, self._microphone.mark())

    def _change(self, told: Mapping[str, Any], flat: bool) -> list[Event]:
        old = self._listening
        new = old.changed_flat(told, self._models) if flat else old.changed(told, self._models)
        begun = self._microphone.link is not None
        if begun and quality_of(new.model, self._models) != quality_of(old.model, self._models):
            raise ApiError("realtime_begun", status=400, param="model")
        self._microphone.change(new.settings())
        events: list[Event] = []
        detecting = new.detection is not None
        place = self._microphone.heard_s
        if begun and detecting != self._conversation.detecting and self._conversation.may_commit(place):
            events = self._conversation.commit(place, self._microphone.mark())
        self._conversation.detecting = detecting
        self._listening = new
        return events

    # What the program is told

    async def _tell(self) -> None:
        """Sends what has changed whenever something has."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._closing.closed:
                raise Over(LEAVING)
            async with self._turn:
                seen, messages = await to_thread.run_sync(self._microphone.look, self._conversation.next_line)
                if seen is not None:
                    await self._send([self._full(event) for event in self._conversation.look(seen)])
            for message in messages:
                if message["type"] == "ended":
                    raise Over(ENDED)
                error = WorkbenchError(message["code"], status=500, **message["values"])
                await self._send([self._error(error, None)])
                if message["fatal"]:
                    raise Over(FAILED)

    async def _refuse(self, error: WorkbenchError, event_id: object) -> None:
        """Tells an error; only what keeps all further sound away ends the connection."""
        await self._send([self._error(error, event_id)])
        if error.status == 503 and self._microphone.link is None:
            raise Over(FULL)
        if error.status in (401, 403, 429):
            raise Over(REFUSED)

    def _session(self, what: str, flat: bool) -> Event:
        name = f"sess_{self._name}"
        told = self._listening.told_flat(name) if flat else self._listening.told(name)
        kind = f"transcription_session.{what}" if flat else f"session.{what}"
        return {"type": kind, "event_id": _event_id(), "session": told}

    def _full(self, event: Event) -> Event:
        """Adds the sentence to a stretch that failed."""
        if event["type"] != _FAILED_STRETCH:
            return event
        told = body_of(self._texts, self._language, ApiError("realtime_stretch", status=500))
        return {**event, "error": {**told, "type": "server_error"}}

    def _error(self, error: WorkbenchError, event_id: object) -> Event:
        told = typed(status_of(error), body_of(self._texts, self._language, error))["error"]
        return {"type": "error", "event_id": _event_id(), "error": {**told, "event_id": event_id}}

    async def _send(self, events: Sequence[Event]) -> None:
        for event in events:
            await self._socket.send_text(json.dumps(event, ensure_ascii=False, separators=(",", ":")))


def _event_id() -> str:
    return f"event_{secrets.token_hex(10)}"

"""One WebSocket that speaks into a live session; the protocol stands in docs/live.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from api.access import Closing
from media.errors import WorkbenchError
from workbench.live.link import LiveLink
from workbench.live.live import Live, Wanted
from workbench.texts import Texts

ENDED, LEAVING, FAILED, FULL, TAKEN, MALFORMED = 1000, 1012, 1011, 1013, 4000, 4400
START_WITHIN_S = 20.0
HEAD_BYTES = 4
MOST_BYTES = HEAD_BYTES + 2 * 16_000
MOST_TEXT = 65_536
MOST_BACKLOG_S = 30.0
"""With so much sound waiting for the disk, the browser is made to wait: its packets stay in the network."""
_CLOSES = {"live_full": FULL, "live_ended": ENDED, "request_invalid": MALFORMED}


class Malformed(Exception):
    """A message that cannot be understood."""


class LiveSocket:
    """Carries frames between a browser and its session."""

    def __init__(self, socket: WebSocket, live: Live, texts: Texts, language: str, closing: Closing) -> None:
        self._socket = socket
        self._live = live
        self._texts = texts
        self._language = language
        self._closing = closing
        self._wake = asyncio.Event()

    async def run(self, owner: str) -> None:
        """Serves one connection to its end."""
        loop = asyncio.get_running_loop()

        def changed() -> None:
            loop.call_soon_threadsafe(self._wake.set)

        await self._socket.accept()
        self._closing.join(loop, self._wake)
        link: LiveLink | None = None
        try:
            wanted = await asyncio.wait_for(self._wanted(owner), START_WITHIN_S)
            link = await to_thread.run_sync(self._live.open, wanted, changed)
            await self._talk(link)
        except (Malformed, TimeoutError):
            await self._refuse(WorkbenchError("live_malformed"), MALFORMED)
        except WorkbenchError as error:
            await self._refuse(error, _CLOSES.get(error.code, FAILED))
        except WebSocketDisconnect:
            pass
        finally:
            self._closing.leave(loop, self._wake)
            if link is not None:
                link.close()

    async def _wanted(self, owner: str) -> Wanted:
        told = _message((await self._receive()).get("text"))
        key, settings = told.get("key"), told.get("settings", {})
        if told["type"] != "start" or not isinstance(key, str) or not isinstance(settings, dict):
            raise Malformed
        title = " ".join(str(told.get("title") or "").split())[:200]
        return Wanted(key, settings, title or self._texts.say(self._language, "live.untitled"), owner)

    async def _talk(self, link: LiveLink) -> None:
        session = link.session
        packet = session.acknowledged()["next_packet"]
        await self._send({"type": "started", "job": session.job.id, "next_packet": packet, "watch": session.row.watch})
        tasks = [asyncio.create_task(self._hear(link)), asyncio.create_task(self._tell(link))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _hear(self, link: LiveLink) -> None:
        while True:
            message = await self._receive()
            packet = message.get("bytes")
            if packet is not None:
                await self._packet(link, packet)
                continue
            try:
                await self._order(link, _message(message.get("text")))
            except WorkbenchError as error:
                await self._send(self._error(error.code, error.values, fatal=False))

    async def _packet(self, link: LiveLink, packet: bytes) -> None:
        if not HEAD_BYTES < len(packet) <= MOST_BYTES or len(packet) % 2:
            raise Malformed
        link.feed(int.from_bytes(packet[:HEAD_BYTES], "little"), packet[HEAD_BYTES:])
        while link.session.backlog_s > MOST_BACKLOG_S and not link.taken:
            await asyncio.sleep(0.05)

    async def _order(self, link: LiveLink, told: Mapping[str, Any]) -> None:
        kind = told["type"]
        if kind == "pause":
            link.pause()
        elif kind == "stop":
            link.stop(_whole(told.get("n_packets")))
        elif kind == "edit" and isinstance(told.get("text"), str):
            text = told["text"][:10_000]
            await to_thread.run_sync(link.session.edit, _whole(told.get("line")), text)
        elif kind == "settings" and isinstance(told.get("settings"), dict):
            await to_thread.run_sync(link.change, told["settings"])
        else:
            raise Malformed

    async def _tell(self, link: LiveLink) -> None:
        """Sends what has changed whenever something has; a slow reader gets the newest state."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if link.taken:
                await self._close(TAKEN)
                return
            if self._closing.closed:
                await self._close(LEAVING)
                return
            for message in await to_thread.run_sync(link.watch.take):
                if message["type"] == "error":
                    message = self._error(message["code"], message["values"], message["fatal"])
                await self._send(message)
                if message["type"] == "ended" or message.get("fatal"):
                    await self._close(ENDED if message["type"] == "ended" else FAILED)
                    return

    def _error(self, code: str, values: Mapping[str, Any], fatal: bool) -> dict[str, Any]:
        message, hint = self._texts.error_sentence(self._language, code, values)
        told = {name: value for name, value in values.items() if isinstance(value, (str, int, float, bool))}
        return {"type": "error", "code": code, "message": message, "hint": hint, "fatal": fatal, "values": told}

    async def _refuse(self, error: WorkbenchError, code: int) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._send(self._error(error.code, error.values, fatal=True))
            await self._close(code)

    async def _receive(self) -> Mapping[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        return message

    async def _send(self, message: Mapping[str, Any]) -> None:
        await self._socket.send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    async def _close(self, code: int) -> None:
        if self._socket.application_state is not WebSocketState.DISCONNECTED:
            await self._socket.close(code)


def _message(text: str | None) -> dict[str, Any]:
    if text is None or len(text) > MOST_TEXT:
        raise Malformed
    try:
        told = json.loads(text)
    except ValueError:
        raise Malformed from None
    if not isinstance(told, dict) or not isinstance(told.get("type"), str):
        raise Malformed
    return told


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**32:
        raise Malformed
    return value

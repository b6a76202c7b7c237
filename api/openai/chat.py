"""``/v1/chat/completions``: a conversation with the model that writes."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.access import Bench, answer
from api.errors import ApiError, language_of
from api.openai.audio import IGNORED, shown
from api.openai.caller import Caller
from api.openai.chatting import Asked, read, read_json
from api.openai.described import CHAT
from api.openai.errors import OpenAIRoute, body_of, status_of, typed
from engines import catalog
from engines.base import Task, is_partial
from media.errors import WorkbenchError
from workbench.core import Workbench

router = APIRouter(prefix="/v1/chat", route_class=OpenAIRoute)
BEAT_S = 15.0
"""At least this often something is sent."""
_FINISHES = {"stop": "stop", "stopped": "stop", "length": "length"}


@router.post("/completions", openapi_extra=CHAT)
async def completions(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns what the model answers; ``stream`` sends it while it is written. Nothing of it is kept."""
    asked = read(await read_json(request), [spec.name for spec in catalog.of_task(Task.WRITE) if spec.pair is None])
    spec, item = await to_thread.run_sync(bench.chats.prepare, asked.wanted)
    talk = _Talk(bench, asked)
    talk.begin(spec, item)
    ignored = shown(asked.ignored)
    headers = {IGNORED: ignored} if ignored else {}
    if asked.stream:
        more = {**headers, "cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(talk.events(request), 200, more, "text/event-stream")
    return await talk.whole(request, headers)


class _Talk:
    """One answer on its way to one caller, whose going ends it."""

    def __init__(self, bench: Workbench, asked: Asked) -> None:
        self._bench = bench
        self._asked = asked
        self._loop = asyncio.get_running_loop()
        self._heard: asyncio.Queue[dict[str, Any] | WorkbenchError] = asyncio.Queue()
        self._chat: Any = None
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": asked.model}

    def begin(self, spec: Any, item: Any) -> None:
        """Begins to write; raises JobError ``chat_full``."""
        self._chat = self._bench.chats.start(spec, item, self._tell)

    def _tell(self, told: dict[str, Any] | WorkbenchError) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._heard.put_nowait, told)

    async def whole(self, request: Request, headers: Mapping[str, str]) -> JSONResponse:
        """Waits for the whole answer; raises what kept it from coming, and ClientDisconnect."""
        gone = asyncio.create_task(_until_gone(request))
        try:
            while True:
                hearing = asyncio.create_task(self._heard.get())
                await asyncio.wait((hearing, gone), return_when=asyncio.FIRST_COMPLETED)
                if not hearing.done():
                    hearing.cancel()
                    raise ClientDisconnect()
                told = hearing.result()
                if isinstance(told, WorkbenchError):
                    raise told
                if not is_partial(told):
                    found = answer(self._completion(told))
                    found.headers.update(headers)
                    return found
        finally:
            gone.cancel()
            self._chat.stop()

    async def events(self, request: Request) -> AsyncIterator[str]:
        """Sends what is written as it comes; an error after the beginning is an event of its own."""
        sent = ""
        try:
            yield self._event({"role": "assistant", "content": ""})
            while True:
                try:
                    told = await asyncio.wait_for(self._heard.get(), BEAT_S)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                if isinstance(told, WorkbenchError):
                    yield _data(_error(request, told))
                    return
                text = told["partial"] if is_partial(told) else told["text"]
                # A text that had to be begun anew is sent on from where it is longer than what was sent.
                if text.startswith(sent) and len(text) > len(sent):
                    yield self._event({"content": text[len(sent) :]})
                    sent = text
                if is_partial(told):
                    continue
                if text != sent:
                    yield _data(_error(request, ApiError("chat_broke", status=500)))
                    return
                for event in self._ending(told):
                    yield event
                return
        finally:
            self._chat.stop()

    def _ending(self, told: Mapping[str, Any]) -> list[str]:
        found = [self._event({}, _FINISHES[told["finish"]])]
        if self._asked.usage:
            found.append(_data({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": _usage(told)}))
        return [*found, "data: [DONE]\n\n"]

    def _event(self, delta: Mapping[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._head, "object": "chat.completion.chunk", "choices": [choice]})

    def _completion(self, told: Mapping[str, Any]) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": told["text"], "refusal": None}
        if self._asked.wanted.thinking:
            message["reasoning_content"] = told["reasoning"]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _FINISHES[told["finish"]]}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": _usage(told)}


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _usage(told: Mapping[str, Any]) -> dict[str, int]:
    asked, written = int(told["n_prompt"]), int(told["n_tokens"])
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}


def _error(request: Request, error: WorkbenchError) -> dict[str, Any]:
    return typed(status_of(error), body_of(request.app.state.texts, language_of(request), error))


def _data(content: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"

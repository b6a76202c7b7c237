"""Answers that are sent while a job runs."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from api.errors import language_of
from api.openai import bodies
from api.openai.asking import Asked
from api.openai.errors import body_of, status_of, typed
from api.openai.lending import Lent
from api.openai.waiting import Following, check
from media.errors import WorkbenchError
from media.transcript import Segment, Transcript
from workbench import exports
from workbench.core import Workbench
from workbench.jobs import JobView

log = logging.getLogger(__name__)
BEAT_S = 15.0
"""At least this often something is sent."""


PATIENCE_S = 20.0
"""An answer that takes longer begins before it is known, so that no proxy on the way gives up."""


@dataclass(frozen=True, slots=True)
class Writing:
    """How an answer is written once its job has ended; ``beat`` is the white space that may stand before it."""

    bench: Workbench
    write: Callable[[], bytes]
    media_type: str
    beat: bytes = b" "
    headers: Mapping[str, str] = field(default_factory=dict)

    async def now(self, view: JobView) -> bytes:
        """Returns the answer; raises what kept the job from its text."""
        check(view, self.bench.settings.max_duration_s)
        return await to_thread.run_sync(self.write)


async def whole(request: Request, follow: Following, writing: Writing) -> Response:
    """Answers at once where that is possible, else begins an answer and keeps the connection alive."""
    try:
        follow.listen(request)
        view = await follow.end(PATIENCE_S)
        follow.deafen()
        content = b"" if view is None else await writing.now(view)
    except BaseException:
        follow.leave()
        raise
    if view is None:
        return StreamingResponse(slowly(follow, writing), 200, writing.headers, writing.media_type)
    follow.leave()
    return Response(content, 200, writing.headers, writing.media_type)


async def slowly(follow: Following, writing: Writing) -> AsyncIterator[bytes]:
    """Sends white space until the answer is known; a failure breaks the connection off, as no status is left."""
    with follow:
        yield writing.beat
        while (view := await follow.end(BEAT_S)) is None:
            yield writing.beat
        yield await writing.now(view)


async def deltas(bench: Workbench, follow: Following, asked: Asked, lent: Lent, request: Request) -> AsyncIterator[str]:
    """Sends ``transcript.text.delta`` for each new line, and ``transcript.text.done`` at the end."""
    told = _Told(bench, follow.job_id, asked, lent)
    with follow:
        try:
            while True:
                view = await follow.look()
                if follow.over:
                    break
                for event in await to_thread.run_sync(told.more):
                    yield event
                await follow.rest(BEAT_S)
                yield ": still here\n\n"
            check(view, bench.settings.max_duration_s)
            for event in await to_thread.run_sync(told.rest):
                yield event
        except WorkbenchError as error:
            yield _event({"type": "error", **_error(request, error)})
        except Exception:
            log.exception("the stream of job %s broke", follow.job_id)
            raise


class _Told:
    """What one caller has been sent of a text that grows at its end only."""

    def __init__(self, bench: Workbench, job_id: str, asked: Asked, lent: Lent) -> None:
        self._bench = bench
        self._lent = lent
        self._job_id = job_id
        self._asked = asked
        self._text = ""
        self._chunk = -1

    def more(self) -> list[str]:
        """Returns events for the lines that have come since."""
        lines, self._chunk = self._bench.live_segments(self._job_id, self._chunk)
        return self._added(lines)

    def rest(self) -> list[str]:
        """Returns what is still to be sent of a job that has succeeded."""
        transcript = exports.transcript(self._bench.history, self._job_id, self._lent.label(self._bench, self._job_id))
        events = self._completed(transcript)
        if self._asked.format == "diarized_json":
            events += [_event(bodies.spoken(number, one)) for number, one in enumerate(transcript.segments)]
        done = {"type": "transcript.text.done", **bodies.brief(transcript, self._asked.logprobs, self._languages())}
        del done["usage"]
        return [*events, _event(done)]

    def _completed(self, transcript: Transcript) -> list[str]:
        if not self._text:
            return self._added(transcript.segments)
        whole = bodies.text_of(transcript.segments)
        missing = whole[len(self._text) :] if whole.startswith(self._text) else ""
        return [_event({"type": "transcript.text.delta", "delta": missing})] if missing else []

    def _added(self, lines: Sequence[Segment]) -> list[str]:
        events = []
        for line in lines:
            delta = bodies.following(self._text, line)
            if delta:
                self._text += delta
                told: dict[str, Any] = {"type": "transcript.text.delta", "delta": delta}
                if self._asked.logprobs:
                    told["logprobs"] = [bodies.logprob(word) for word in line.words]
                events.append(_event(told))
        return events

    def _languages(self) -> bool:
        return self._asked.model == "gpt-transcribe"


def _error(request: Request, error: WorkbenchError) -> dict[str, Any]:
    return typed(status_of(error), body_of(request.app.state.texts, language_of(request), error))


def _event(content: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"

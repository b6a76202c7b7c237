"""``WS /v1/realtime``: lets a program in, and says before the handshake why not."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, WebSocket
from starlette.responses import JSONResponse

from api.errors import ApiError, language_of
from api.keys import admitted, keys_of
from api.openai.caller import Calling
from api.openai.errors import body_of, status_of, typed
from api.openai.models import names
from api.openai.realtime.connection import RealtimeSocket
from api.openai.realtime.listening import Listening
from media.errors import WorkbenchError
from workbench.core import Workbench

router = APIRouter(prefix="/v1")


@router.websocket("/realtime")
async def realtime(socket: WebSocket) -> None:
    """Serves one transcription session; ``model`` may name who listens."""
    state = socket.app.state
    language = language_of(socket)
    try:
        bench: Workbench | None = state.workbench
        if bench is None:
            raise ApiError("starting", status=503)
        keys = keys_of(socket, bench)
        key = await to_thread.run_sync(admitted, socket, keys, "transcribe")
        listening = Listening.of(socket.query_params.get("model"), names())
    except WorkbenchError as error:
        told = typed(status_of(error), body_of(state.texts, language, error))
        await socket.send_denial_response(JSONResponse(told, status_of(error), getattr(error, "headers", None)))
        return
    asked = [one.strip() for one in socket.headers.get("sec-websocket-protocol", "").split(",")]
    dated = "realtime=v1" in socket.headers.get("openai-beta", "") or "openai-beta.realtime-v1" in asked
    serving = RealtimeSocket(socket, bench, Calling(keys, key), state.texts, language, state.closing)
    await socket.accept("realtime" if "realtime" in asked else None)
    await serving.run(listening, dated)

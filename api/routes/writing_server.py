"""The address of another server that writes, for whoever looks after the machine."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from api.schema import Body
from workbench.writing.places import CONTEXTS, Server

router = APIRouter(prefix="/api/writing/server", dependencies=[Administrator])


class ServerBody(Body):
    """A server that speaks OpenAI's protocol; without ``key`` the one that is known stays, for the same server."""

    base_url: str = Field(max_length=2_000)
    model: str = Field(min_length=1, max_length=200)
    key: str | None = Field(default=None, max_length=2_000)
    context: int = Field(default=8192, ge=CONTEXTS[0], le=CONTEXTS[1])
    silence_s: float = Field(default=60.0, ge=1, le=600)
    at_once: int = Field(default=2, ge=1, le=16)

    def to_server(self) -> Server:
        """Returns what the workbench takes."""
        return Server(**self.model_dump())


@router.get("")
def told(bench: Bench) -> JSONResponse:
    """Returns ``{"server"}`` without its key, which nobody is told; null where none was entered."""
    return answer({"server": bench.places.get()})


@router.put("")
def save(body: ServerBody, bench: Bench) -> JSONResponse:
    """Keeps an address; work that is under way ends with the old one."""
    bench.places.save(body.to_server())
    return answer({"server": bench.places.get()})


@router.delete("")
def forget(bench: Bench) -> JSONResponse:
    """Removes the address and its key."""
    bench.places.forget()
    return answer({"server": None})


@router.post("/test")
def test(body: ServerBody, bench: Bench) -> JSONResponse:
    """Asks the server one small question: ``{"text", "first_s", "total_s"}``, or what failed."""
    return answer(bench.places.test(body.to_server()))

"""Models: which there are, which are on disk, which are loaded, and what is done with them."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from api.views import Shown, Views
from engines.places import Choice
from workbench.core import Workbench

router = APIRouter(prefix="/api/models")


class ChoiceBody(BaseModel):
    """What an administrator chooses for a model; null is left to the program."""

    model_config = ConfigDict(extra="forbid")

    device: str | None = None
    precision: str | None = None
    keep_alive_s: float | None = None
    pinned: bool = False


class TermsBody(BaseModel):
    """Who has read the licence of a model and accepts it."""

    model_config = ConfigDict(extra="forbid")

    who: str = Field(min_length=1, max_length=100)
    read: Literal[True]


@router.get("")
def models(bench: Bench, shown: Shown) -> JSONResponse:
    """Returns all models of the catalog with their size, licence and state."""
    return answer({"models": _told(bench, shown)})


@router.post("/{name}/terms", dependencies=[Administrator])
def accept_terms(name: str, body: TermsBody, bench: Bench, shown: Shown) -> JSONResponse:
    """Writes down that somebody has read and accepted the conditions of a model's licence."""
    bench.accept_terms(name, body.who)
    return answer({"models": _told(bench, shown)})


@router.post("/{name}/fetch", status_code=202)
def fetch(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Starts to fetch a model's weights; ``GET /api/models`` tells how far it is."""
    bench.fetch_model(name)
    return answer({"models": _told(bench, shown)}, 202)


@router.post("/{name}/load", status_code=202, dependencies=[Administrator])
def load(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Begins to load a model before anybody needs it."""
    bench.room.load(name)
    return answer({"models": _told(bench, shown)}, 202)


@router.post("/{name}/unload", dependencies=[Administrator])
def unload(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Ends a model's process; ``gone`` is false where it is in use and goes with its last run."""
    gone = bench.room.unload(name)
    return answer({"gone": gone, "models": _told(bench, shown)})


@router.patch("/{name}/choice", dependencies=[Administrator])
def choose(name: str, body: ChoiceBody, bench: Bench, shown: Shown) -> JSONResponse:
    """Keeps where a model runs, how precisely, how long it stays in memory, and whether it always stays."""
    bench.room.choose(name, Choice(body.device, body.precision, body.keep_alive_s, body.pinned))
    return answer({"models": _told(bench, shown)})


@router.post("/{name}/verify", status_code=202, dependencies=[Administrator])
def verify(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Begins to compare a model's files with their checksums."""
    bench.room.verify(name)
    return answer({"models": _told(bench, shown)}, 202)


@router.post("/{name}/calibrate", status_code=202, dependencies=[Administrator])
def calibrate(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Measures a model as soon as nobody works; about a minute."""
    bench.room.calibrate(name)
    return answer({"models": _told(bench, shown)}, 202)


@router.delete("/{name}/calibrate", dependencies=[Administrator])
def stop_calibrating(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Stops measuring a model."""
    bench.room.stop_calibrating(name)
    return answer({"models": _told(bench, shown)})


@router.delete("/{name}/limits", dependencies=[Administrator])
def forget_limits(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Lets a model try larger batches again, where it ran out of memory before."""
    bench.room.forget_limits(name)
    return answer({"models": _told(bench, shown)})


@router.delete("/{name}", dependencies=[Administrator])
def delete(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Deletes a model's weights; refused while it is in use."""
    bench.room.delete(name)
    return answer({"models": _told(bench, shown)})


def _told(bench: Workbench, shown: Views) -> list[dict[str, Any]]:
    return [_one(model, shown) for model in bench.models()]


def _one(model: dict[str, Any], shown: Views) -> dict[str, Any]:
    told = {**shown.model(model), "error": shown.error(model["error"])}
    for part in ("calibration", "errand"):
        if told.get(part):
            told[part] = {**told[part], "error": shown.error(told[part]["error"])}
    return told

"""Voices that read aloud and were made from recordings: who agreed, until when, and what was read with them."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, StringConstraints, model_validator
from starlette.responses import FileResponse, JSONResponse, Response

from api.access import Bench, answer
from api.schema import Body, UploadId
from engines.speaking.voices import OWN
from workbench.errors import NotFound
from workbench.history.voices import Consent
from workbench.reading_aloud.own_voices import OwnWanted
from workbench.reading_aloud.stretches import LEAST_S, MOST_S

router = APIRouter(prefix="/api/aloud/own")

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1_000)]
Seconds = Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)]


class MakeBody(Body):
    """A voice to be made of a stretch of a transcript in which ``text`` is said, who agreed to it and to what."""

    name: Line
    agreed_by: Line
    agreed_on: datetime.date
    consent: Words
    ends_on: datetime.date | None = None
    job: UploadId
    start: Seconds
    end: Seconds
    text: Words

    @model_validator(mode="after")
    def _forwards(self) -> MakeBody:
        if self.end <= self.start:
            raise ValueError("the end lies before the start")
        return self

    def to_wanted(self) -> OwnWanted:
        """Returns what the workbench takes."""
        ends_on = self.ends_on.isoformat() if self.ends_on else None
        agreed = Consent(self.agreed_by, self.agreed_on.isoformat(), self.consent, ends_on)
        return OwnWanted(self.name, agreed, self.job, self.start, self.end, self.text)


class ChangeBody(Body):
    """What a voice is called, and its last day."""

    name: Line
    ends_on: datetime.date | None = None


async def _who(request: Request) -> str:
    return request.client.host if request.client else ""


async def _voice_id(voice_id: str) -> str:
    if not OWN.fullmatch(voice_id):
        raise NotFound("aloud_voice_gone")
    return voice_id


Who = Annotated[str, Depends(_who)]
VoiceId = Annotated[str, Depends(_voice_id)]


@router.get("")
def voices(bench: Bench) -> JSONResponse:
    """Returns these voices with their consent, and how long a stretch has to be."""
    return answer({"voices": bench.aloud.own.all(), "least_s": LEAST_S, "most_s": MOST_S})


@router.get("/stretches")
def stretches(job: Annotated[str, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$")], bench: Bench) -> JSONResponse:
    """Returns where in a transcript one person is heard well, with the text, the best first."""
    return answer({"stretches": bench.aloud.own.stretches(job)})


@router.post("", status_code=201)
def make(body: MakeBody, bench: Bench, who: Who) -> JSONResponse:
    """Makes a voice."""
    return answer({"id": bench.aloud.own.make(body.to_wanted(), who)}, 201)


@router.patch("/{voice_id}")
def change(voice_id: VoiceId, body: ChangeBody, bench: Bench, who: Who) -> JSONResponse:
    """Gives a voice another name or last day."""
    bench.aloud.own.change(voice_id, body.name, body.ends_on.isoformat() if body.ends_on else None, who)
    return answer({"id": voice_id})


@router.delete("/{voice_id}")
def revoke(voice_id: VoiceId, bench: Bench, who: Who, readings: bool = False) -> JSONResponse:
    """Deletes a voice; with ``readings`` what it has read goes into the bin, too."""
    return answer({"n": bench.aloud.own.revoke(voice_id, who, readings=readings)})


@router.get("/{voice_id}/sample")
def sample(voice_id: VoiceId, bench: Bench, who: Who) -> Response:
    """Sends the recording that a voice was made from, as WAV."""
    path = bench.aloud.own.sample(voice_id, who)
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "no-store"})


@router.get("/{voice_id}/log")
def log(voice_id: VoiceId, bench: Bench) -> JSONResponse:
    """Returns who made, heard or used a voice, newest first."""
    return answer({"log": bench.aloud.own.log(voice_id)})

"""Known voices, and whether two voices are one person's."""

from __future__ import annotations

import datetime
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints, model_validator
from starlette.responses import JSONResponse, Response

from api.access import Administrator, Bench, Owner, answer, checked_id, may_administer
from api.filenames import disposition
from api.keys import Hears
from api.schema import Body, SpeakerKey, UploadId
from media.audio import read_pieces, wav_header
from workbench.errors import NotFound
from workbench.exports import file_name
from workbench.history.voices import Consent
from workbench.voices.comparing import compare, rank
from workbench.voices.voices import Ref, Wanted

router = APIRouter(prefix="/api/voices")
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1_000)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class RefBody(Body):
    """A known voice, or a speaker of a recording; without ``key`` the one who speaks longest."""

    job: Id | None = None
    key: SpeakerKey | None = None
    voice: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> RefBody:
        if (self.job is None) == (self.voice is None) or (self.voice is not None and self.key is not None):
            raise ValueError("either a voice or a recording")
        return self

    def to_ref(self) -> Ref:
        """Returns what the workbench takes."""
        return Ref(self.job, self.key, self.voice)


class RecordingBody(Body):
    """A speaker of a recording."""

    job: Id
    key: SpeakerKey | None = None

    def to_ref(self) -> Ref:
        """Returns what the workbench takes."""
        return Ref(self.job, self.key)


class EnrolBody(Body):
    """A voice to be known, who agreed to it and to what."""

    name: Line
    agreed_by: Line
    agreed_on: datetime.date
    consent: Words
    ends_on: datetime.date | None = None
    recordings: list[RecordingBody] = Field(min_length=1, max_length=20)
    anyway: bool = False

    def to_wanted(self) -> Wanted:
        """Returns what the workbench takes."""
        ends_on = self.ends_on.isoformat() if self.ends_on else None
        consent = Consent(self.agreed_by, self.agreed_on.isoformat(), self.consent, ends_on)
        return Wanted(self.name, consent, tuple(one.to_ref() for one in self.recordings), self.anyway)


class AddBody(Body):
    """More recordings of a known voice."""

    recordings: list[RecordingBody] = Field(min_length=1, max_length=20)


class VoicePatch(Body):
    """What a known voice is called, and its last day."""

    name: Line
    ends_on: datetime.date | None = None


class ClipBody(Body):
    """An upload in which a voice is to be heard, and how its sound is cleaned up first."""

    upload: UploadId
    clean: Literal["denoise"] | None = None


class CompareBody(Body):
    """Two voices."""

    first: RefBody
    second: RefBody


class RankBody(Body):
    """A voice, and those that it is compared with; none: all known voices."""

    one: RefBody
    against: list[RefBody] = Field(default=[], max_length=500)


class RuleBody(Body):
    """How often a stranger may be given a name."""

    wrong_share: float = Field(ge=0.0001, le=0.05)


class LookBody(Body):
    """A transcript; none: all of the newest."""

    job: Id | None = None


async def _who(request: Request) -> str:
    return request.client.host if request.client else ""


async def _voice_id(voice_id: str) -> str:
    try:
        return checked_id(voice_id)
    except NotFound:
        raise NotFound("voice_unknown") from None


Who = Annotated[str, Depends(_who)]
VoiceId = Annotated[str, Depends(_voice_id)]


@router.get("")
def voices(bench: Bench, who: Who, request: Request) -> JSONResponse:
    """Returns the known voices without their embeddings, the rate of error, and who used them."""
    return answer({**bench.voices.all(who), "may_set_rule": may_administer(request)})


@router.post("", status_code=201)
def enrol(body: EnrolBody, bench: Bench, who: Who) -> JSONResponse:
    """Makes a voice known from speakers of recordings."""
    return answer({"id": bench.voices.enrol(body.to_wanted(), who)}, 201)


@router.post("/clips", status_code=202, dependencies=[Hears])
def take_clip(body: ClipBody, bench: Bench, owner: Owner) -> JSONResponse:
    """Has a voice heard in an upload; the job is in no list, and is deleted after a day unless a voice comes of it."""
    return answer({"job": bench.voices.clips.take(body.upload, owner, body.clean)}, 202)


@router.get("/clips/{job_id}")
def clip(job_id: str, bench: Bench) -> JSONResponse:
    """Returns the people of a recording as voices: net speech, clearness, a sample."""
    return answer(bench.voices.clips.told(checked_id(job_id)))


@router.get("/recordings")
def recordings(bench: Bench) -> JSONResponse:
    """Returns the newest transcripts whose speakers can be taken."""
    return answer({"recordings": bench.voices.clips.recordings()})


@router.post("/compare")
def compare_two(body: CompareBody, bench: Bench, who: Who) -> JSONResponse:
    """Returns whether two voices are one person's, or that this cannot be said, with the reasons."""
    return answer(compare(bench.voices, body.first.to_ref(), body.second.to_ref(), who))


@router.post("/rank")
def rank_many(body: RankBody, bench: Bench, who: Who) -> JSONResponse:
    """Returns how like one voice is to many, the likest first."""
    return answer(rank(bench.voices, body.one.to_ref(), [one.to_ref() for one in body.against], who))


@router.post("/look")
def look(body: LookBody, bench: Bench, who: Who) -> JSONResponse:
    """Names known voices among the speakers without a name of transcripts that are there already."""
    return answer({"n": bench.voices.look(body.job, who)})


@router.patch("/rule", dependencies=[Administrator])
def set_rule(body: RuleBody, bench: Bench, who: Who) -> JSONResponse:
    """Chooses how often a stranger may be given a name."""
    bench.voices.set_wrong_share(body.wrong_share, who)
    return answer({**bench.voices.all(who), "may_set_rule": True})


@router.post("/{voice_id}/recordings")
def add(voice_id: VoiceId, body: AddBody, bench: Bench, who: Who) -> JSONResponse:
    """Adds recordings to a known voice."""
    bench.voices.add(voice_id, [one.to_ref() for one in body.recordings], who)
    return answer({"id": voice_id})


@router.patch("/{voice_id}")
def change(voice_id: VoiceId, body: VoicePatch, bench: Bench, who: Who) -> JSONResponse:
    """Gives a known voice another name or last day."""
    bench.voices.change(voice_id, body.name, body.ends_on.isoformat() if body.ends_on else None, who)
    return answer({"id": voice_id})


@router.delete("/{voice_id}")
def revoke(voice_id: VoiceId, bench: Bench, who: Who) -> JSONResponse:
    """Deletes a voice; transcripts that it named are anonymous again."""
    return answer({"n": bench.voices.revoke(voice_id, who)})


@router.get("/{voice_id}/sample")
def sample(voice_id: VoiceId, bench: Bench, who: Who) -> Response:
    """Sends the stretch in which a voice is heard, as 16 kHz mono WAV."""
    pcm, start, end = bench.voices.sample(voice_id, who)
    try:
        sound = read_pieces(pcm, ((start, end),))
    except OSError:
        raise NotFound("sound_missing") from None
    content = wav_header(len(sound)) + (sound * 32768).astype("<i2").tobytes()
    return Response(content, media_type="audio/wav", headers={"cache-control": "no-store"})


@router.get("/{voice_id}/export")
def export(voice_id: VoiceId, bench: Bench, who: Who) -> Response:
    """Sends all that is known of a voice as a JSON file, with its embeddings and the consent."""
    told: dict[str, Any] = bench.voices.export(voice_id, who)
    headers = {"content-disposition": disposition(file_name(told["name"], ".voice.json", set()), "attachment")}
    content = json.dumps(told, ensure_ascii=False, indent=2).encode()
    return Response(content, media_type="application/json", headers={**headers, "cache-control": "no-store"})


@router.get("/{voice_id}/log")
def log(voice_id: VoiceId, bench: Bench) -> JSONResponse:
    """Returns who saw, heard or used a voice, newest first."""
    return answer({"log": bench.voices.log(voice_id)})

"""Who spoke in a recording."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, JobId, answer
from api.keys import Hears
from api.schema import GiveBody, MergeBody, PartBody, SpeakerPatch, SpeakersBody
from api.views import Shown

router = APIRouter(prefix="/api/jobs/{job_id}/speakers")


@router.get("")
def speakers(job_id: JobId, bench: Bench) -> JSONResponse:
    """Returns the speakers with their names, shares of the speech and a sample to hear, and all turns."""
    return answer(bench.speakers(job_id))


@router.post("", status_code=202, dependencies=[Hears])
def tell_apart(job_id: JobId, body: SpeakersBody, bench: Bench, shown: Shown) -> JSONResponse:
    """Tells the speakers of a finished transcript apart, again if that was done; the names stay with the voices."""
    bench.tell_speakers(job_id, body.to_request())
    return answer(shown.one(bench.job(job_id)), status=202)


@router.post("/merge")
def merge(job_id: JobId, body: MergeBody, bench: Bench) -> JSONResponse:
    """Makes two speakers one."""
    bench.merge_speakers(job_id, body.key, body.into)
    return answer(bench.speakers(job_id))


@router.post("/part")
def part(job_id: JobId, body: PartBody, bench: Bench) -> JSONResponse:
    """Makes two speakers of one again that somebody made one."""
    bench.part_speaker(job_id, body.key)
    return answer(bench.speakers(job_id))


@router.post("/give")
def give(job_id: JobId, body: GiveBody, bench: Bench) -> JSONResponse:
    """Gives lines to another speaker, or to a new one."""
    bench.give_lines(job_id, body.numbers, body.key)
    return answer(bench.speakers(job_id))


@router.patch("/{key}")
def name(job_id: JobId, key: str, body: SpeakerPatch, bench: Bench) -> JSONResponse:
    """Calls a speaker by a name."""
    bench.name_speaker(job_id, key, body.name or None)
    return answer(bench.speakers(job_id))

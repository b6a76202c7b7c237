"""The sound of a recording and its waveform."""

from __future__ import annotations

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from api.access import Bench, JobId, answer
from api.filenames import disposition
from api.streaming import Sound, sound_answer
from media.audio import duration_s, read_peaks
from media.working_file import PCM, PEAKS
from workbench.errors import NotFound
from workbench.exports import file_name

router = APIRouter(prefix="/api/jobs/{job_id}")


@router.get("/audio")
@router.head("/audio", include_in_schema=False)
def audio(job_id: JobId, request: Request, bench: Bench, download: bool = False) -> Response:
    """Sends the sound as 16 kHz mono WAV, of a running job what is read so far; Range, If-Range and HEAD work."""
    view = bench.job(job_id)
    try:
        sound = Sound.of(bench.recording_folder(job_id) / PCM)
    except OSError:
        raise NotFound("sound_missing") from None
    kind = "attachment" if download else "inline"
    more = {
        "content-disposition": disposition(file_name(view.title, ".wav", set()), kind),
        "content-security-policy": "sandbox",
    }
    return sound_answer(sound, request.headers, request.method, more)


@router.get("/peaks")
def peaks(job_id: JobId, bench: Bench, width: int = Query(1_000, ge=1, le=20_000)) -> JSONResponse:
    """Returns ``{"peaks": [0..255, ...], "duration_s"}``: at most ``width`` values over what is read so far."""
    bench.job(job_id)
    folder = bench.recording_folder(job_id)
    try:
        return answer({"peaks": read_peaks(folder / PEAKS, width), "duration_s": duration_s(folder / PCM)})
    except OSError:
        raise NotFound("sound_missing") from None

"""Voices that a call brings along, to name the speakers of its recording."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from anyio import to_thread

from api.errors import ApiError
from api.openai.asking import REFERENCES
from api.openai.bodies import letter
from workbench.core import Workbench
from workbench.exports import Label
from workbench.jobs import JobView
from workbench.voices.lent import names_by


@dataclass(frozen=True, slots=True)
class Lent:
    """Names, each with the job in which its voice is heard."""

    voices: tuple[tuple[str, str], ...] = ()

    @property
    def jobs(self) -> list[str]:
        """The jobs that hear the voices."""
        return [job_id for _, job_id in self.voices]

    def label(self, bench: Workbench, job_id: str) -> Label:
        """Returns what speakers are called whom nobody has named; reads the database."""
        if not self.voices:
            return letter
        names = names_by(bench.history, bench.voices.clips, job_id, self.voices)
        return lambda key: names.get(key) or letter(key)


async def lend(bench: Workbench, owner: str, known: Sequence[tuple[str, str]]) -> Lent:
    """Has voices heard that come as ``(name, data URL)``; raises ApiError, and JobError ``pack_missing``."""
    found: list[tuple[str, str]] = []
    try:
        for name, url in known:
            content = await to_thread.run_sync(sound_of, url)
            upload = await bench.receive_async("voice", _once(content), len(content))
            found.append((name, await to_thread.run_sync(bench.voices.clips.take, upload.id, owner)))
    except BaseException:
        await to_thread.run_sync(forget, bench, [job_id for _, job_id in found])
        raise
    return Lent(tuple(found))


def forget(bench: Workbench, jobs: list[str]) -> None:
    """Deletes voices that were brought along."""
    if jobs:
        bench.voices.clips.delete(jobs)


def check_voices(views: Sequence[JobView]) -> None:
    """Raises ApiError where one of the voices could not be heard."""
    for view in views:
        if view.status != "succeeded":
            told = view.error or {"code": "job_cancelled", "values": {}}
            raise ApiError(str(told["code"]), status=400, **{**told["values"], "param": REFERENCES})


def sound_of(url: str) -> bytes:
    """Returns what a data URL holds; raises ApiError ``parameter_unfit``."""
    head, comma, content = url.partition(",")
    if comma and head.startswith("data:") and head.endswith(";base64"):
        try:
            return base64.b64decode(content, validate=True)
        except (ValueError, binascii.Error):
            pass
    raise ApiError("parameter_unfit", status=400, param=REFERENCES, value=url[:40])


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content

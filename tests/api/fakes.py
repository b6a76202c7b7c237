"""A small workbench in memory, with the methods that routes call."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from engines.requests import TranscribeRequest
from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.history.history import History
from workbench.history.rows import HistoryFilter, Hit
from workbench.uploads import Upload, Uploads


@dataclass(frozen=True)
class FakeView:
    """As workbench.jobs.JobView."""

    id: str
    title: str
    task: str = "automatic-speech-recognition"
    source_name: str = ""
    status: str = "queued"
    request: dict[str, Any] = field(default_factory=dict)
    progress: float = 0.0
    error: dict[str, Any] | None = None
    notes: tuple[dict[str, Any], ...] = ()
    tags: tuple[str, ...] = ()
    deleted: bool = False
    finished_at: float | None = None
    speakers: dict[str, Any] | None = None

    @property
    def finished(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "tags": list(self.tags), "notes": list(self.notes)}


class FakeWorkbench:
    """Keeps jobs in a dict; ``change`` is what the scheduler would do."""

    def __init__(self, data: Path, max_bytes: int | None = None) -> None:
        self.data = data
        self.uploads = Uploads(data, max_bytes)
        self.uploads.start()
        self.events = Events()
        self.kept: dict[str, FakeView] = {}
        self.asked: list[tuple[Any, ...]] = []
        self.slow_s = 0.0

    @cached_property
    def history(self) -> History:
        """An empty one, made when it is first asked for."""
        return History(self.data / "history.db", Path(__file__).parents[2] / "history.db-schema")

    def add(self, job_id: str, **values: Any) -> FakeView:
        self.kept[job_id] = FakeView(job_id, values.pop("title", job_id), **values)
        return self.kept[job_id]

    def change(self, job_id: str, **values: Any) -> None:
        self.kept[job_id] = replace(self.kept[job_id], **values)
        self.events.publish(job_id)

    async def receive_async(self, name: str, stream: AsyncIterable[bytes], length: int | None = None) -> Upload:
        return await self.uploads.receive_async(name, stream, length)

    def submit(
        self, uploads: Sequence[str], request: TranscribeRequest, owner: str, lane: str | None = None
    ) -> list[FakeView]:
        found = [self.uploads.find(upload) for upload in uploads]
        self.asked.append(("submit", request, owner, lane))
        return [self.add(f"job{len(self.kept)}", title=upload.name, request=request.to_dict()) for upload in found]

    def job(self, job_id: str) -> FakeView:
        threading.Event().wait(self.slow_s)
        if job_id == "broken":
            raise RuntimeError("secret path /data/x")
        if job_id not in self.kept:
            raise NotFound(id=job_id)
        return self.kept[job_id]

    def jobs(self, job_ids: Sequence[str]) -> list[FakeView]:
        return [self.kept[job_id] for job_id in job_ids if job_id in self.kept]

    def page(
        self, wanted: HistoryFilter, before: str | None = None, limit: int = 50
    ) -> tuple[list[FakeView], str | None]:
        self.asked.append(("page", wanted, before, limit))
        return list(self.kept.values())[:limit], "next-key" if len(self.kept) > limit else None

    def search(
        self, text: str, wanted: HistoryFilter | None = None, before: str | None = None, limit: int = 50
    ) -> tuple[list[Hit], str | None]:
        self.asked.append(("search", text, wanted, before, limit))
        return [Hit("job0", "<b>title</b>", 3, 1.5, 2.0, f"said {text}", ((5, 5 + len(text)),), 10.0)], None

    def rename(self, job_id: str, title: str) -> None:
        self.job(job_id)
        self.change(job_id, title=title)

    def set_tags(self, job_id: str, tags: Sequence[str]) -> None:
        self.job(job_id)
        self.change(job_id, tags=tuple(tags))

    def delete(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            self.job(job_id)
            self.change(job_id, deleted=True)

    def undelete(self, job_ids: Sequence[str]) -> None:
        for job_id in job_ids:
            self.job(job_id)
            self.change(job_id, deleted=False)

    def cancel(self, job_id: str) -> FakeView:
        self.job(job_id)
        self.change(job_id, status="cancelled", finished_at=time.time())
        return self.job(job_id)

    def retry(self, job_id: str) -> FakeView:
        if self.job(job_id).status == "succeeded":
            raise JobError("nothing_to_retry")
        return self.job(job_id)

    def again(self, job_id: str, request: TranscribeRequest | None = None, owner: str | None = None) -> FakeView:
        self.asked.append(("again", job_id, request, owner))
        return self.add(f"job{len(self.kept)}", title=self.job(job_id).title)

    def segments(self, job_id: str, after: int = -1, limit: int = 500) -> dict[str, Any]:
        view = self.job(job_id)
        self.asked.append(("segments", job_id, after, limit))
        return {"segments": [{"number": 0, "text": view.title}], "live": not view.finished, "next": None}

    def edit(self, job_id: str, texts: dict[int, str], was: dict[int, str]) -> int:
        if not self.job(job_id).finished:
            raise JobError("job_not_finished", id=job_id)
        self.asked.append(("edit", job_id, texts, was))
        return 7

    def replace(self, job_id: str, find: str, replacement: str, match_case: bool = False) -> int:
        self.job(job_id)
        self.asked.append(("replace", job_id, find, replacement, match_case))
        return 3

    def restore(self, job_id: str) -> None:
        self.job(job_id)
        self.asked.append(("restore", job_id))

    def recording_folder(self, job_id: str) -> Path:
        self.job(job_id)
        return self.data / "inputs" / job_id

    def models(self) -> list[dict[str, Any]]:
        return [{"name": "base", "installed": True, "error": None}]

    def ready(self, task: str) -> list[str]:
        return ["base"] if task == "automatic-speech-recognition" else []

    def fetch_model(self, name: str) -> None:
        if name != "base":
            raise NotFound("model_unknown", model=name)

    def system(self) -> dict[str, Any]:
        return {"queue": {"jobs": 0}, "trouble": {"code": "disk_full", "values": {"free_mib": 3}}}

    def clear_memory(self) -> dict[str, Any]:
        return {"before_mib": 10, "after_mib": 5, "held": []}

"""An unfinished job gets another model when the wanted one cannot be had."""

from __future__ import annotations

from typing import Any

from workbench.history.history import History
from workbench.history.models import set_model

NOTE = {"code": "other_model", "values": {"wanted": "Whisper small", "used": "Whisper base"}}


def test_a_waiting_job_gets_another_model_with_what_the_person_is_told(history: History, desk: Any) -> None:
    desk.accept("j", model="small")
    before = history.job("j")
    assert set_model(history, "j", "base", "another print", [NOTE])
    job = history.job("j")
    assert before is not None and job is not None
    assert (job.model, job.notes, job.status) == ("base", [NOTE], "queued")
    assert job.revision == before.revision + 1
    desk.finish("same", ["one"], fingerprint="another print")
    assert history.find_same("another print") == "same"


def test_a_job_that_has_ended_keeps_its_model(history: History, desk: Any) -> None:
    desk.finish("done", ["one"], model="small")
    desk.accept("left", model="small")
    history.cancel("left")
    for job_id in ("done", "left"):
        assert not set_model(history, job_id, "base", "another print", [NOTE])
        job = history.job(job_id)
        assert job is not None and (job.model, list(job.notes)) == ("small", [])
    assert not set_model(history, "nobody", "base", "another print", [])

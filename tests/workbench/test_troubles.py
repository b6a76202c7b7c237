from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from engines.base import ModelSpec
from engines.errors import EngineCrashed, EngineError, WeightsMissing
from engines.requests import TranscribeItem
from media.errors import WorkbenchError
from tests.workbench.test_machine_room import wait_for
from tests.workbench.watching import WAIT_S, settle, text_of
from workbench.errors import DataInUse, JobError


def test_a_chunk_that_fails_is_tried_again_and_then_marked(room: Any, fakes: SimpleNamespace) -> None:
    tried: list[float] = []

    def engine(item: TranscribeItem) -> dict[str, Any]:
        if item.pieces[0][0] == 30.0:
            tried.append(30.0)
            raise EngineError("engine_failed")
        result: dict[str, Any] = fakes.say(item)
        return result

    room.engine = engine
    bench = room.bench()
    job = room.submit(bench, fakes.recording(4), language="en")[0]
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.n_failed, len(tried)) == ("succeeded", 1, 3)
    assert text_of(bench, job.id) == ["from 0 to 8", "", "from 60 to 88", "from 90 to 118"]
    assert bench.segments(job.id)["segments"][1]["flags"] == ["failed"]
    assert bench.texts.note("en", **ended.notes[0]) == "One stretch could not be recognised: 0:30-0:58."
    assert all(len(batch) == 1 for batch in room.residency.batches[-2:])


def test_a_failed_stretch_can_be_taken_up_again(room: Any, fakes: SimpleNamespace) -> None:
    broken = [True]

    def engine(item: TranscribeItem) -> dict[str, Any]:
        if broken[0] and item.pieces[0][0] == 30.0:
            raise EngineError("engine_failed")
        result: dict[str, Any] = fakes.say(item)
        return result

    room.engine = engine
    bench = room.bench()
    job = room.submit(bench, fakes.recording(3), language="en")[0]
    bench.wait(job.id, WAIT_S)
    broken[0] = False
    n_before = sum(len(batch) for batch in room.residency.batches)
    bench.retry(job.id)
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.n_failed, ended.notes) == ("succeeded", 0, [])
    assert text_of(bench, job.id) == ["from 0 to 28", "from 30 to 58", "from 60 to 88"]
    assert sum(len(batch) for batch in room.residency.batches) == n_before + 1
    with pytest.raises(JobError) as caught:
        bench.retry(job.id)
    assert caught.value.code == "nothing_to_retry"


def test_a_job_fails_when_nothing_could_be_recognised_and_others_go_on(room: Any, fakes: SimpleNamespace) -> None:
    def engine(item: TranscribeItem) -> dict[str, Any]:
        if item.hotwords == "poison":
            raise EngineCrashed(model="base")
        result: dict[str, Any] = fakes.say(item)
        return result

    room.engine = engine
    bench = room.bench()
    bad = room.submit(bench, fakes.recording(50), hotwords="poison")[0]
    good = room.submit(bench, fakes.recording(5), owner="bob")[0]
    assert bench.wait(good.id, WAIT_S).status == "succeeded"
    ended = bench.wait(bad.id, WAIT_S)
    assert (ended.status, ended.error and ended.error["code"]) == ("failed", "engine_crashed")
    assert sum(item.hotwords == "poison" for batch in room.residency.batches for item in batch) < 20


def test_a_recording_that_cannot_be_read_says_why(room: Any) -> None:
    bench = room.bench()
    job = room.submit(bench, {"error": "media_no_sound"})[0]
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.error and ended.error["code"]) == ("failed", "media_no_sound")


def test_a_recording_whose_decoder_was_killed_is_read_again(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.crashes = 2
    job = room.submit(bench, fakes.recording(1))[0]
    assert bench.wait(job.id, WAIT_S).status == "succeeded" and room.intake.n_runs == 3


def test_a_recording_that_always_kills_the_decoder_is_given_up(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.crashes = 99
    job = room.submit(bench, fakes.recording(1))[0]
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.error and ended.error["code"]) == ("failed", "media_crashed")
    assert room.intake.n_runs == 3


def test_a_damaged_recording_is_transcribed_as_far_as_it_goes_with_a_note(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1, notes=["media_damaged"]))[0]
    assert [note["code"] for note in bench.wait(job.id, WAIT_S).notes] == ["media_damaged"]


def test_work_goes_on_where_it_stopped_when_the_server_starts_again(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    n_done = [0]

    def engine(item: TranscribeItem) -> dict[str, Any]:
        n_done[0] += 1
        if n_done[0] == 3:
            room.residency.go.clear()
        result: dict[str, Any] = fakes.say(item)
        return result

    room.engine = engine
    job = room.submit(bench, fakes.recording(8), language="en")[0]
    settle(bench, job.id, lambda view: view.position_s > 60)
    bench.close()
    room.engine = fakes.say
    again = room.bench()
    assert again.wait(job.id, WAIT_S).status == "succeeded"
    assert text_of(again, job.id) == ["from 0 to 8", *(f"from {n * 30} to {n * 30 + 28}" for n in range(1, 8))]
    assert sum(len(batch) for batch in room.residency.batches) == 5


def test_a_recording_half_read_is_read_again_and_gives_the_same_chunks(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.go.clear()
    job = room.submit(bench, {"duration_s": 300.0, "spans": [(0.0, 7.0), (100.0, 120.0)]})[0]
    settle(bench, job.id, lambda view: view.position_s > 0)
    bench.close()
    again = room.bench()
    assert again.wait(job.id, WAIT_S).status == "succeeded"
    assert text_of(again, job.id) == ["from 0 to 7", "from 100 to 120"]


def test_a_recording_that_has_vanished_is_one_plain_error(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench(start=False)
    bench.uploads.start()
    job = room.submit(bench, fakes.recording(1))[0]
    for source in (room.data / "inputs").glob("*/source"):
        source.unlink()
    bench.start()
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.error and ended.error["code"]) == ("failed", "input_missing")
    with pytest.raises(JobError):
        bench.retry(job.id)


def test_a_second_server_on_the_folder_is_refused(room: Any) -> None:
    room.bench()
    with pytest.raises(DataInUse):
        room.bench()


def test_missing_weights_are_fetched_and_the_job_waits_and_shows_how_far(room: Any, fakes: SimpleNamespace) -> None:
    fetched = threading.Event()
    room.store.there.clear()
    room.store.reachable = {"base"}
    room.store.on_fetch = lambda spec, report: None if fetched.wait(WAIT_S) else None
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1))[0]
    waiting = settle(bench, job.id, lambda view: view.stage_progress == 0.25)
    assert (waiting.stage, waiting.status) == ("fetching_model", "queued")
    assert next(model for model in bench.models() if model["name"] == "base")["fetching"]["progress"] == 0.25
    fetched.set()
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_a_fetch_that_failed_may_be_asked_for_again_and_says_at_once_that_it_goes_on(room: Any) -> None:
    go = threading.Event()
    room.store.there.clear()
    room.store.unchecked = {"base"}

    def refused(spec: ModelSpec, report: Any) -> None:
        go.wait(WAIT_S)
        raise WeightsMissing("weights_missing", model=spec.title, tried=[])

    def told() -> dict[str, Any]:
        return next(model for model in bench.models() if model["name"] == "base")

    room.store.on_fetch = refused
    bench = room.bench()
    assert told()["unchecked"] and not told()["installed"]
    for _ in range(2):
        go.clear()
        bench.fetch_model("base")
        assert told()["fetching"] and not told()["error"]
        go.set()
        assert wait_for(lambda: told()["error"])["code"] == "weights_missing" and not told()["fetching"]


def test_a_model_that_cannot_be_had_gives_way_to_the_best_that_is_here(room: Any, fakes: SimpleNamespace) -> None:
    room.store.there = {"tiny"}
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1), quality="model:base")[0]
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.model) == ("succeeded", "tiny")
    assert ended.notes[0] == {"code": "other_model", "values": {"wanted": "Whisper base", "used": "Whisper tiny"}}


def test_without_any_weights_the_job_fails_with_a_plain_error(room: Any, fakes: SimpleNamespace) -> None:
    room.store.there.clear()
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1))[0]
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.error and ended.error["code"]) == ("failed", "weights_missing")


def test_weights_that_vanish_are_asked_for_again(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    bench.wait(room.submit(bench, fakes.recording(1))[0].id, WAIT_S)
    room.store.there.clear()
    room.store.on_fetch = lambda spec, report: None
    job = room.submit(bench, fakes.recording(1, 35.0))[0]
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_steps_of_the_memory_ladder_become_notes(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.steps = ["halve_batch"]
    job = room.submit(bench, fakes.recording(1))[0]
    ended = bench.wait(job.id, WAIT_S)
    assert ended.notes == [{"code": "step_halve_batch", "values": {"model": "Whisper base"}}]


def test_results_that_cannot_be_written_are_run_again_and_nothing_is_lost(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    commit, n_refused = room.history.commit_chunk, [0]

    def full_disk(*args: Any) -> Any:
        n_refused[0] += 1
        if n_refused[0] < 4:
            raise WorkbenchError("disk_full", status=507, free_mib=0)
        return commit(*args)

    room.history.commit_chunk = full_disk
    job = room.submit(bench, fakes.recording(2))[0]
    waiting = settle(bench, job.id, lambda view: view.notes)
    assert waiting.notes == [{"code": "waits_for_disk", "values": {"free_mib": 0}}] and not waiting.finished
    assert bench.wait(job.id, WAIT_S).status == "succeeded"
    assert text_of(bench, job.id) == ["from 0 to 28", "from 30 to 58"]
    assert bench.system()["trouble"]["code"] == "disk_full"


def test_a_recording_for_which_the_disk_has_no_room_waits(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.refuse = [WorkbenchError("disk_full", status=507, free_mib=3)]
    job = room.submit(bench, fakes.recording(1))[0]
    assert settle(bench, job.id, lambda view: view.notes).notes[0]["values"] == {"free_mib": 3}
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_a_clock_that_jumps_loses_nothing(room: Any, fakes: SimpleNamespace) -> None:
    times = iter([2e9, 1e9, 3e9, 5.0] * 1000)
    room.clock = lambda: next(times)
    bench = room.bench()
    jobs = [room.submit(bench, fakes.recording(2, 60.0 + n))[0] for n in range(3)]
    assert {bench.wait(job.id, WAIT_S).status for job in jobs} == {"succeeded"}


def test_closing_does_not_wait_for_the_engine(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    room.residency.close = lambda: None
    job = room.submit(bench, fakes.recording(2))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    bench.close()
    again = room.bench(start=False)
    assert again.job(job.id).status in ("queued", "running")

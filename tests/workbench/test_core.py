from __future__ import annotations

import json
import threading
from types import SimpleNamespace
from typing import Any

import pytest

from engines.errors import EngineCrashed, EngineError
from engines.requests import TranscribeItem, TranscribeRequest, VadOptions
from media.errors import WorkbenchError
from workbench.errors import DataInUse, JobError, NotFound

WAIT_S = 30.0


def text_of(bench: Any, job_id: str) -> list[str]:
    return [line["text"] for line in bench.segments(job_id)["segments"]]


def settle(bench: Any, job_id: str, reached: Any) -> Any:
    """Waits until a view of the job satisfies ``reached``."""
    with bench.watch([job_id]) as changes:
        for _ in range(1000):
            view = bench.job(job_id)
            if reached(view):
                return view
            changes.wait(0.05)
    raise AssertionError(f"never came there: {view}")


def test_a_recording_becomes_a_transcript(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(3))[0]
    assert (job.title, job.source_name, job.model_title) == ("talk 0", "talk 0.wav", "Whisper base")
    ended = bench.wait(job.id, WAIT_S)
    assert (ended.status, ended.progress, ended.language, ended.duration_s) == ("succeeded", 1.0, "en", 90.0)
    assert text_of(bench, job.id) == ["from 0 to 28", "from 30 to 58", "from 60 to 88"]
    assert json.loads(json.dumps(ended.to_dict()))["id"] == job.id and "owner" not in ended.to_dict()


def test_many_files_are_one_batch_and_all_end(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    jobs = room.submit(bench, *(fakes.recording(1, 30.0 + number) for number in range(6)))
    assert len({job.batch_id for job in jobs}) == 1 and jobs[0].batch_id
    assert {bench.wait(job.id, WAIT_S).status for job in jobs} == {"succeeded"}


def test_the_first_text_comes_before_the_end_of_the_reading(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.go.clear()
    told = {"duration_s": 300.0, "spans": [(0.0, 7.0), (100.0, 120.0), (280.0, 290.0)]}
    job = room.submit(bench, told)[0]
    running = settle(bench, job.id, lambda view: view.position_s > 0)
    assert running.status == "running" and text_of(bench, job.id) == ["from 0 to 7"]
    assert bench.segments(job.id)["live"] is True
    room.intake.go.set()
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_live_lines_go_on_behind_the_last_chunk_that_was_seen(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.go.clear()
    job = room.submit(bench, {"duration_s": 300.0, "spans": [(0.0, 7.0), (100.0, 120.0)]})[0]
    settle(bench, job.id, lambda view: view.position_s > 0)
    first = bench.segments(job.id)
    assert first["next"] == 0 and bench.segments(job.id, after=0)["segments"] == []


def test_jobs_on_one_recording_share_its_reading(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench(start=False)
    bench.uploads.start()
    told = fakes.recording(2)
    first = room.submit(bench, told)[0]
    second = room.submit(bench, told, language="de")[0]
    bench.start()
    assert bench.wait(first.id, WAIT_S).status == bench.wait(second.id, WAIT_S).status == "succeeded"
    assert room.intake.n_runs == 1
    assert text_of(bench, first.id) == text_of(bench, second.id)


def test_equal_work_is_answered_from_the_history_unless_fresh_work_is_wanted(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    told = fakes.recording(2)
    first = room.submit(bench, told)[0]
    bench.wait(first.id, WAIT_S)
    n_batches = len(room.residency.batches)
    second = room.submit(bench, told, owner="bob")[0]
    assert second.status == "succeeded" and second.copied_from == first.id
    assert second.notes[0]["code"] == "from_history" and text_of(bench, second.id) == text_of(bench, first.id)
    assert len(room.residency.batches) == n_batches
    assert bench.wait(bench.again(first.id).id, WAIT_S).copied_from is None
    assert room.submit(bench, told, language="de")[0].copied_from is None


def test_again_with_other_settings_makes_a_new_job_of_the_same_recording(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    first = room.submit(bench, fakes.recording(1))[0]
    bench.wait(first.id, WAIT_S)
    again = bench.again(first.id, TranscribeRequest(quality="fast", language="fr"), "bob")
    ended = bench.wait(again.id, WAIT_S)
    assert (ended.language, ended.owner, ended.title) == ("fr", "bob", "talk 0") and ended.id != first.id


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


def test_silence_is_a_finished_job_that_says_so(room: Any) -> None:
    bench = room.bench()
    job = room.submit(bench, {"duration_s": 60.0, "spans": []})[0]
    ended = bench.wait(job.id, WAIT_S)
    assert ended.status == "succeeded" and [note["code"] for note in ended.notes] == ["no_speech"]
    assert room.residency.batches == []


def test_a_damaged_recording_is_transcribed_as_far_as_it_goes_with_a_note(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1, notes=["media_damaged"]))[0]
    assert [note["code"] for note in bench.wait(job.id, WAIT_S).notes] == ["media_damaged"]


def test_cancelling_ends_a_job_at_once_and_refuses_what_still_comes(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(3))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    assert bench.cancel(job.id).status == "cancelled"
    room.residency.go.set()
    other = room.submit(bench, fakes.recording(1, 31.0))[0]
    assert bench.wait(other.id, WAIT_S).status == "succeeded"
    assert bench.job(job.id).status == "cancelled" and text_of(bench, job.id) == []


def test_a_cancelled_job_can_be_taken_up_again_from_its_last_chunk(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.intake.go.clear()
    job = room.submit(bench, {"duration_s": 300.0, "spans": [(0.0, 7.0), (100.0, 120.0)]})[0]
    settle(bench, job.id, lambda view: view.position_s > 0)
    bench.cancel(job.id)
    room.intake.go.set()
    bench.retry(job.id)
    assert bench.wait(job.id, WAIT_S).status == "succeeded"
    assert text_of(bench, job.id) == ["from 0 to 7", "from 100 to 120"]
    starts = [item.pieces[0][0] for batch in room.residency.batches for item in batch]
    assert starts == [0.0, 100.0]


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


def test_the_first_sure_chunk_decides_the_language_of_the_rest(room: Any, fakes: SimpleNamespace) -> None:
    room.engine = lambda item: fakes.say(
        item, language="de" if item.pieces[0][0] else "en", sure=0.9 if item.pieces[0][0] else 0.4
    )
    bench = room.bench()
    job = room.submit(bench, fakes.recording(5))[0]
    assert bench.wait(job.id, WAIT_S).language == "de"
    asked = [[item.language for item in batch] for batch in room.residency.batches]
    assert asked[:2] == [[None], [None]]
    assert all(language == "de" for batch in asked[2:] for language in batch)


def test_several_allowed_languages_are_decided_chunk_by_chunk(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(3), languages=("en", "zh"))[0]
    bench.wait(job.id, WAIT_S)
    items = [item for batch in room.residency.batches for item in batch]
    assert all(item.languages == ("en", "zh") and item.language is None for item in items)


def test_one_batch_mixes_the_recordings_of_several_people(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    jobs = [room.submit(bench, fakes.recording(1, 30.0 + n), owner=f"p{n}", language="en")[0] for n in range(6)]
    for job in jobs[1:]:
        settle(bench, job.id, lambda view: view.duration_s is not None and view.stage != "reading")
    room.residency.go.set()
    assert {bench.wait(job.id, WAIT_S).status for job in jobs} == {"succeeded"}
    assert max(len({item.pcm for item in batch}) for batch in room.residency.batches) > 1


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


def test_housekeeping_deletes_nothing_when_the_clock_has_jumped(room: Any, fakes: SimpleNamespace) -> None:
    now = [1_000_000.0]
    steady = [0.0]
    room.clock = lambda: now[0]
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1))[0]
    bench.wait(job.id, WAIT_S)
    bench.delete([job.id])
    for ticket in (room.data / "incoming").glob("*.json"):
        ticket.unlink()
    keeper = type(bench._housekeeping)(bench.history, bench.uploads, lambda: now[0], lambda: steady[0])
    now[0] += 40 * 86400
    assert keeper.tidy() == 0 and bench.job(job.id).deleted
    now[0] += 40 * 86400
    steady[0] += 40 * 86400
    assert keeper.tidy() == 1
    with pytest.raises(NotFound):
        bench.job(job.id)
    assert list((room.data / "inputs").iterdir()) == []


def test_deleting_a_running_job_cancels_it_and_the_bin_gives_it_back(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(2))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    bench.delete([job.id])
    assert bench.job(job.id).deleted and bench.job(job.id).status == "cancelled"
    bench.undelete([job.id])
    room.residency.go.set()
    bench.retry(job.id)
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_closing_does_not_wait_for_the_engine(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    room.residency.close = lambda: None
    job = room.submit(bench, fakes.recording(2))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    bench.close()
    again = room.bench(start=False)
    assert again.job(job.id).status in ("queued", "running")


def test_screens_hear_of_every_step_of_a_job(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    with bench.watch() as changes:
        job = room.submit(bench, fakes.recording(2))[0]
        seen = []
        while not seen or not seen[-1].finished:
            assert job.id in changes.wait(WAIT_S)
            seen.append(bench.job(job.id))
    assert [view.revision for view in seen] == sorted(view.revision for view in seen)
    assert seen[-1].status == "succeeded"


def test_edits_are_stored_and_taken_back(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(2))[0]
    bench.wait(job.id, WAIT_S)
    bench.edit(job.id, {0: "Hello"})
    assert bench.replace(job.id, "from", "since") == 1
    assert text_of(bench, job.id) == ["Hello", "since 30 to 58"]
    assert bench.segments(job.id)["segments"][0]["original_text"] == "from 0 to 28"
    bench.restore(job.id)
    assert text_of(bench, job.id) == ["from 0 to 28", "from 30 to 58"]


def test_a_transcript_is_not_edited_before_it_is_there(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(1))[0]
    with pytest.raises(JobError) as caught:
        bench.edit(job.id, {0: "x"})
    assert caught.value.code == "job_not_finished"
    room.residency.go.set()


def test_the_history_lists_and_finds_jobs(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    job = room.submit(bench, fakes.recording(2))[0]
    bench.wait(job.id, WAIT_S)
    bench.rename(job.id, "Budget")
    bench.set_tags(job.id, ["money"])
    from workbench.history import HistoryFilter

    views, following = bench.page(HistoryFilter(tag="money"))
    assert [(view.title, view.tags) for view in views] == [("Budget", ("money",))] and following is None
    hits, _ = bench.search("from 30")
    assert [(hit.job_id, hit.start) for hit in hits] == [(job.id, 30.0)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality": "superb"}, {"language": "klingon"}, {"languages": ("en", "xx")}, {"script": "runes"},
        {"beam_size": 0}, {"hotwords": "x" * 2000}, {"vad": VadOptions(threshold=7)},
        {"vad": VadOptions(max_speech_duration_s=60)},
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused(room: Any, fakes: SimpleNamespace, wrong: dict[str, Any]) -> None:
    bench = room.bench()
    with pytest.raises(JobError) as caught:
        room.submit(bench, fakes.recording(1), **wrong)
    assert caught.value.code == "request_invalid" and not bench.history.active_jobs()


def test_unknown_things_are_told(room: Any) -> None:
    bench = room.bench()
    for ask in (
        lambda: bench.job("nope"),
        lambda: bench.cancel("nope"),
        lambda: bench.segments("nope"),
        lambda: bench.fetch_model("x"),
    ):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound):
        bench.submit(["0" * 32], TranscribeRequest(), "ann")


def test_the_system_page_has_its_numbers(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    json.dumps([bench.system(), bench.models(), bench.clear_memory()])
    assert bench.system()["machine"]["cpu_count"] == 2 and bench.clear_memory()["before_mib"] == 100


def test_time_left_follows_from_the_measured_speed_and_the_queue(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench(start=False)
    bench.uploads.start()
    bench.history.learn_speed("base", "cpu", "int8", 2.0)
    room.intake.go.clear()
    jobs = [room.submit(bench, fakes.recording(4, 120.0 + n), owner=f"p{n}", language="en")[0] for n in range(3)]
    room.residency.go.clear()
    bench.start()
    views = [settle(bench, job.id, lambda view: view.time_left_s) for job in jobs[:1]]
    assert views[0].time_left_s >= 14.0
    assert sorted(view.ahead for view in bench.jobs([job.id for job in jobs])) == [0, 1, 2]

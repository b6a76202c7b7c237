from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from engines.requests import TranscribeRequest
from tests.workbench.watching import WAIT_S, settle, text_of
from workbench.running.lanes import Batch
from workbench.running.outcomes import Outcomes, Run


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


def test_silence_is_a_finished_job_that_says_so(room: Any) -> None:
    bench = room.bench()
    job = room.submit(bench, {"duration_s": 60.0, "spans": []})[0]
    ended = bench.wait(job.id, WAIT_S)
    assert ended.status == "succeeded" and [note["code"] for note in ended.notes] == ["no_speech"]
    assert room.residency.batches == []


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


def test_what_was_claimed_for_a_cancelled_job_is_free_when_it_is_taken_up_again(
    room: Any, fakes: SimpleNamespace
) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(1))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    left = bench._board.jobs[job.id]
    bench.cancel(job.id)
    room.history.reopen(job.id)
    # A thread that had taken the chunk before the end claims it only now.
    run = Run(Batch(left.model, ((job.id, 0),)), [left], open={0}, fences=room.history.claim_chunks(job.id, [0]))
    outcomes = Outcomes(bench._board, room.history, bench.events, bench._endings)
    outcomes.done(run, 0, {})
    outcomes.requeue(run, 0)
    assert [chunk.status for chunk in room.history.chunks(job.id)] == ["queued"]

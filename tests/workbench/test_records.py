from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from engines.requests import TranscribeRequest, VadOptions
from tests.workbench.watching import WAIT_S, settle, text_of
from workbench.errors import JobError, NotFound


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


def test_deleting_a_running_job_cancels_it_and_taking_it_back_lets_it_go_on(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(2))[0]
    settle(bench, job.id, lambda view: view.status == "running")
    bench.delete([job.id])
    assert bench.job(job.id).deleted and bench.job(job.id).status == "cancelled"
    bench.undelete([job.id])
    room.residency.go.set()
    assert bench.wait(job.id, WAIT_S).status == "succeeded"


def test_what_a_person_cancelled_stays_cancelled_when_it_comes_out_of_the_bin(
    room: Any, fakes: SimpleNamespace
) -> None:
    bench = room.bench()
    room.residency.go.clear()
    job = room.submit(bench, fakes.recording(2))[0]
    bench.cancel(job.id)
    bench.delete([job.id])
    bench.undelete([job.id])
    assert bench.job(job.id).status == "cancelled"
    room.residency.go.set()


def test_emptying_the_bin_leaves_nothing_but_what_others_need(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    first, second = room.submit(bench, fakes.recording(2), fakes.recording(3))
    other = bench.again(first.id)
    kept = room.submit(bench, fakes.recording(1))[0]
    for job in (first, second, other, kept):
        bench.wait(job.id, WAIT_S)
    bench.delete([first.id, second.id])
    assert bench.empty_bin([kept.id]) == 0
    assert bench.empty_bin([first.id]) == 1
    with pytest.raises(NotFound):
        bench.job(first.id)
    assert bench.job(second.id).deleted and bench.recording_folder(other.id).is_dir()
    gone = bench.recording_folder(second.id)
    assert bench.empty_bin() == 1
    assert not gone.is_dir() and [job.id for job in bench.jobs([first.id, second.id, other.id, kept.id])] == [
        other.id,
        kept.id,
    ]


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
    from workbench.history.history import HistoryFilter

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
    bench.history.learn_speed("base", "cpu", "int8", 2.0, beam=1)
    room.intake.go.clear()
    jobs = [room.submit(bench, fakes.recording(4, 120.0 + n), owner=f"p{n}", language="en")[0] for n in range(3)]
    room.residency.go.clear()
    bench.start()
    views = [settle(bench, job.id, lambda view: view.time_left_s) for job in jobs[:1]]
    assert views[0].time_left_s >= 14.0
    assert sorted(view.ahead for view in bench.jobs([job.id for job in jobs])) == [0, 1, 2]

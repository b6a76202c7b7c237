"""The life of a job in the database."""

from __future__ import annotations

from typing import Any

import pytest

from media.transcript import Segment
from workbench.history.history import ArtifactRow, ChunkEnd, History, HistoryError, NewChunk, NewJob


def test_an_accepted_job_reads_back_as_it_was_asked(history: History) -> None:
    history.add_input("a" * 64, 123)
    asked = NewJob(
        "j1", "asr", "会议", {"quality": "best"}, "base", "print", source_name="会议.mp3", input_sha256="a" * 64,
        batch_id="b1", owner="me", lane="batch", duration_s=12.5, tags=("x",),
    )  # fmt: skip
    history.add_jobs([asked])
    job = history.job("j1")
    assert job is not None
    for name in ("id", "task", "title", "request", "model", "fingerprint", "source_name", "batch_id", "owner", "tags"):
        assert getattr(job, name) == getattr(asked, name)
    assert (job.status, job.created_at, job.revision, job.duration_s) == ("queued", 1_000_000.0, 0, 12.5)


def test_of_several_jobs_all_are_accepted_or_none(history: History, desk: Any) -> None:
    desk.accept("known")
    new = [NewJob(name, "asr", name, {}, "base", name) for name in ("fresh", "known")]
    with pytest.raises(Exception, match="UNIQUE"):
        history.add_jobs(new)
    assert history.job("fresh") is None


def test_jobs_come_in_the_order_asked_for_without_unknown_ones(history: History, desk: Any) -> None:
    for name in ("a", "b", "c"):
        desk.accept(name)
    assert [job.id for job in history.jobs(["c", "nobody", "a"])] == ["c", "a"]
    assert history.job("nobody") is None


def test_active_jobs_come_in_the_order_of_acceptance_whatever_the_clock_does(
    history: History, desk: Any, clock: Any
) -> None:
    for name, now in (("first", 500.0), ("second", 100.0), ("third", 300.0)):
        clock.now = now
        desk.accept(name)
    history.cancel("second")
    assert [job.id for job in history.active_jobs()] == ["first", "third"]


@pytest.mark.parametrize("end", ["cancel", "fail", "finish"])
def test_a_job_ends_only_once(history: History, desk: Any, end: str) -> None:
    desk.accept("j")
    history.finish_cut("j", 1.0)
    ends = {
        "cancel": lambda: history.cancel("j"),
        "fail": lambda: history.fail_job("j", "no_memory", {"model": "base"}),
        "finish": lambda: history.finish_job("j", []),
    }
    assert ends[end]()
    assert [one() for one in ends.values()] == [False, False, False]
    assert not history.set_status("j", "running")


def test_every_change_that_a_screen_shows_raises_the_revision(history: History, desk: Any) -> None:
    desk.accept("j")
    seen = [history.jobs(["j"])[0].revision]

    def changed() -> bool:
        seen.append(history.jobs(["j"])[0].revision)
        return seen[-1] > seen[-2]

    history.add_chunks("j", [NewChunk(0, 0.0, 1.0, ((0.0, 1.0),))])
    assert changed()
    fences = history.claim_chunks("j", [0])
    assert changed()
    history.commit_chunk("j", 0, fences[0], ChunkEnd({}, position_s=1.0))
    assert changed()
    history.finish_cut("j", 1.0)
    assert changed()
    history.finish_job("j", [Segment(0.0, 1.0, "text")])
    assert changed()
    history.edit("j", {0: "other"})
    assert changed()
    history.replace("j", "other", "third")
    assert changed()
    history.restore("j")
    assert changed()
    history.rename("j", "New")
    assert changed()
    history.set_tags("j", ["tag"])
    assert changed()
    history.delete(["j"])
    assert changed()
    history.undelete(["j"])
    assert changed()


def test_a_failed_job_is_taken_up_again_with_its_good_chunks(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=3)
    history.finish_cut("j", 3.0)
    fences = history.claim_chunks("j", [0, 1, 2])
    history.commit_chunk("j", 0, fences[0], ChunkEnd({"text": "kept"}))
    history.commit_chunk("j", 1, fences[1], ChunkEnd(error_code="engine_crashed"))
    history.fail_job("j", "engine_crashed")
    assert history.reopen("j")
    job, chunks = history.jobs(["j"])[0], history.chunks("j")
    assert (job.status, job.n_failed, job.error_code) == ("queued", 0, None)
    assert [chunk.status for chunk in chunks] == ["succeeded", "queued", "queued"]
    assert not history.commit_chunk("j", 2, fences[2], ChunkEnd({}))
    desk.run_chunks("j")
    assert history.finish_job("j", [])


def test_a_job_with_gaps_can_be_tried_again_and_a_whole_one_not(history: History, desk: Any) -> None:
    desk.finish("whole", ["text"])
    assert not history.reopen("whole")
    desk.accept("gaps", n_chunks=1)
    history.finish_cut("gaps", 1.0)
    history.commit_chunk("gaps", 0, history.claim_chunks("gaps", [0])[0], ChunkEnd(error_code="engine_hung"))
    history.finish_job("gaps", [Segment(0.0, 1.0, "unrepeatable")])
    assert history.reopen("gaps")
    assert desk.found("unrepeatable") == []
    desk.run_chunks("gaps")
    assert history.finish_job("gaps", [Segment(0.0, 1.0, "better")])
    assert desk.found("better") == [("gaps", 0)]


def test_the_same_work_is_found_only_whole_and_outside_the_bin(history: History, desk: Any) -> None:
    assert history.find_same("print") is None
    desk.finish("old", ["text"], fingerprint="print")
    desk.finish("new", ["text"], fingerprint="print")
    assert history.find_same("print") == "new"
    history.delete(["new"])
    assert history.find_same("print") == "old"
    desk.accept("queued", fingerprint="print")
    assert history.find_same("print") == "old"


def test_a_copied_result_is_what_the_model_wrote_and_stays_when_the_first_is_purged(
    history: History, desk: Any
) -> None:
    desk.finish("a", ["the original line", "second"])
    history.edit("a", {0: "an edited line"})
    desk.accept("b")
    assert history.copy_result("a", "b")
    assert not history.copy_result("a", "b")
    job = history.jobs(["b"])[0]
    assert (job.status, job.copied_from, job.language, job.duration_s, job.n_segments) == (
        "succeeded",
        "a",
        "en",
        2.0,
        2,
    )
    assert [line.text for line in history.segments("b")] == ["the original line", "second"]
    history.delete(["a"])
    history.purge(2_000_000.0)
    assert desk.found("second") == [("b", 1)]


def test_nothing_is_copied_from_an_unfinished_job(history: History, desk: Any) -> None:
    desk.accept("a")
    desk.accept("b")
    assert not history.copy_result("a", "b")
    assert history.jobs(["b"])[0].status == "queued"


def test_speeds_are_a_running_mean_of_the_time_that_a_second_of_sound_takes(history: History) -> None:
    assert history.speed("base", "cpu", "int8") is None
    for measured in (4.0, 12.0):
        history.learn_speed("base", "cpu", "int8", measured)
    assert history.speed("base", "cpu", "int8") == pytest.approx(6.0)
    for _ in range(200):
        history.learn_speed("base", "cpu", "int8", 20.0)
    assert history.speed("base", "cpu", "int8") == pytest.approx(20.0, rel=0.01)


def test_each_number_of_candidates_has_a_speed_of_its_own(history: History) -> None:
    history.learn_speed("base", "cpu", "int8", 9.0, beam=1)
    assert history.speed("base", "cpu", "int8", beam=5) is None
    history.learn_speed("base", "cpu", "int8", 3.0, beam=5)
    assert [history.speed("base", "cpu", "int8", beam) for beam in (1, 5)] == [9.0, 3.0]


def test_artifacts_are_replaced_by_name(history: History, desk: Any, clock: Any) -> None:
    desk.accept("j")
    history.add_artifact(ArtifactRow("j", "voice.wav", "artifacts/j/1.wav", "audio/wav", 10))
    history.add_artifact(ArtifactRow("j", "voice.wav", "artifacts/j/2.wav", "audio/wav", 20))
    assert history.artifacts("j") == [ArtifactRow("j", "voice.wav", "artifacts/j/2.wav", "audio/wav", 20, clock.now)]


def test_a_closed_history_says_so(history: History) -> None:
    history.close()
    history.close()
    for ask in (lambda: history.job("j"), lambda: history.cancel("j"), lambda: history.search("word")):
        with pytest.raises(HistoryError, match="database_closed"):
            ask()


@pytest.mark.parametrize(("later", "told"), [(90.0, 90.0), (-3600.0, None)])
def test_a_clock_that_is_set_back_gives_no_negative_time(
    history: History, desk: Any, clock: Any, later: float, told: float | None
) -> None:
    desk.accept("j", n_chunks=1)
    desk.run_chunks("j")
    clock.now += later
    history.finish_cut("j", 1.0, "audio")
    assert history.finish_job("j", [Segment(0.0, 1.0, "one")])
    with history.reading() as db:
        assert db.execute("SELECT took_s FROM history").fetchone()["took_s"] == told

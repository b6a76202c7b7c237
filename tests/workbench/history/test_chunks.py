"""Checkpoints: claimed once, fenced, committed with the job's progress."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from media.transcript import Segment
from workbench.history.history import ChunkEnd, History, NewChunk


def test_chunks_read_back_with_their_place(history: History, desk: Any) -> None:
    desk.accept("j")
    assert history.add_chunks("j", [NewChunk(0, 0.5, 9.0, ((0.5, 3.0), (4.0, 9.0)))]) == 1
    chunk = history.chunks("j")[0]
    assert (chunk.start, chunk.end, chunk.pieces) == (0.5, 9.0, ((0.5, 3.0), (4.0, 9.0)))
    assert (chunk.status, chunk.attempts, chunk.fence, chunk.result) == ("queued", 0, 0, None)


def test_a_known_chunk_is_left_alone_when_the_cut_is_made_again(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=2)
    desk.run_chunks("j")
    again = [NewChunk(n, 0.0, 9.0, ((0.0, 9.0),)) for n in range(3)]
    assert history.add_chunks("j", again) == 1
    assert [(chunk.number, chunk.status) for chunk in history.chunks("j")] == [
        (0, "succeeded"), (1, "succeeded"), (2, "queued"),
    ]  # fmt: skip
    assert history.jobs(["j"])[0].n_chunks == 3


@pytest.mark.parametrize("ended", [True, False])
def test_no_chunk_is_added_to_a_job_that_ended_or_is_wholly_cut(history: History, desk: Any, ended: bool) -> None:
    desk.accept("j")
    assert history.cancel("j") if ended else history.finish_cut("j", 1.0)
    assert history.add_chunks("j", [NewChunk(0, 0.0, 1.0, ((0.0, 1.0),))]) == 0
    assert history.chunks("j") == []


def test_a_claim_starts_the_job_and_counts_as_an_attempt(history: History, desk: Any, clock: Any) -> None:
    desk.accept("j", n_chunks=3)
    clock.now += 5
    assert history.claim_chunks("j", [0, 2]) == {0: 1, 2: 1}
    assert history.claim_chunks("j", [0, 1, 9]) == {1: 1}
    job = history.jobs(["j"])[0]
    assert (job.status, job.started_at) == ("running", clock.now)
    assert [chunk.attempts for chunk in history.chunks("j")] == [1, 1, 1]
    assert history.claim_chunks("j", []) == {}


def test_a_result_and_the_progress_of_its_job_come_together(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=2)
    fences = history.claim_chunks("j", [0, 1])
    assert history.commit_chunk("j", 1, fences[1], ChunkEnd({"language": "de"}, position_s=2.0, language="de"))
    assert history.commit_chunk(
        "j", 0, fences[0], ChunkEnd(error_code="engine_hung", error_values={"s": 9}, position_s=1.0)
    )
    job, chunks = history.jobs(["j"])[0], history.chunks("j")
    assert (job.position_s, job.language, job.n_failed) == (2.0, "de", 1)
    assert (chunks[0].status, chunks[0].error_code, chunks[0].error_values) == ("failed", "engine_hung", {"s": 9})
    assert (chunks[1].status, chunks[1].result) == ("succeeded", {"language": "de"})


def test_a_result_with_an_old_fence_is_refused(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=1)
    old = history.claim_chunks("j", [0])[0]
    assert history.release_chunks("j", {0: old}) == 1
    assert not history.commit_chunk("j", 0, old, ChunkEnd({"late": True}))
    new = history.claim_chunks("j", [0])[0]
    assert new > old
    assert not history.commit_chunk("j", 0, old, ChunkEnd({"late": True}))
    assert history.commit_chunk("j", 0, new, ChunkEnd({"late": False}))
    assert not history.commit_chunk("j", 0, new, ChunkEnd({"twice": True}))
    assert history.chunks("j")[0].result == {"late": False}


def test_a_result_for_a_job_that_ended_is_refused(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=2)
    fences = history.claim_chunks("j", [0])
    history.cancel("j")
    assert not history.commit_chunk("j", 0, fences[0], ChunkEnd({}))
    assert history.claim_chunks("j", [1]) == {}


def test_a_released_chunk_keeps_its_attempt_unless_told_otherwise(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=2)
    fences = history.claim_chunks("j", [0, 1])
    assert history.release_chunks("j", {0: fences[0]}) == 1
    assert history.release_chunks("j", {1: fences[1]}, count=False) == 1
    assert history.release_chunks("j", fences) == 0
    assert [chunk.attempts for chunk in history.chunks("j")] == [1, 0]


def test_a_job_is_not_finished_before_it_is_cut_and_all_chunks_have_ended(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=2)
    desk.run_chunks("j")
    assert not history.finish_job("j", [])
    history.add_chunks("j", [NewChunk(2, 2.0, 3.0, ((2.0, 3.0),))])
    history.finish_cut("j", 3.0, "video")
    assert not history.finish_job("j", [])
    fences = history.claim_chunks("j", [2])
    assert not history.finish_job("j", [])
    history.commit_chunk("j", 2, fences[2], ChunkEnd(error_code="engine_hung"))
    assert history.finish_job("j", [Segment(0.0, 1.0, "text")], [{"code": "gap", "values": {}}], "en")
    job = history.jobs(["j"])[0]
    assert (job.status, job.position_s, job.notes) == ("succeeded", 3.0, [{"code": "gap", "values": {}}])


def test_recovery_puts_back_what_was_running_and_keeps_attempts_and_results(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=3)
    fences = history.claim_chunks("j", [0, 1])
    history.commit_chunk("j", 0, fences[0], ChunkEnd({"kept": 1}))
    desk.accept("waiting")
    desk.finish("done", ["text"])
    assert history.recover() == 2
    assert [(chunk.status, chunk.attempts) for chunk in history.chunks("j")] == [
        ("succeeded", 1), ("queued", 1), ("queued", 0),
    ]  # fmt: skip
    assert history.jobs(["j"])[0].status == "queued"
    assert not history.commit_chunk("j", 1, fences[1], ChunkEnd({}))
    assert history.jobs(["done"])[0].status == "succeeded"


def test_many_threads_claim_each_chunk_exactly_once(history: History, desk: Any) -> None:
    n_chunks = 200
    desk.accept("j", n_chunks=n_chunks)
    claimed: Counter[int] = Counter()
    committed: Counter[int] = Counter()
    lock = threading.Lock()
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        while waiting := history.waiting_chunks("j", 5):
            fences = history.claim_chunks("j", [chunk.number for chunk in waiting])
            for number, fence in fences.items():
                done = history.commit_chunk("j", number, fence, ChunkEnd({"number": number}))
                with lock:
                    claimed[number] += 1
                    committed[number] += done

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed == committed == Counter(range(n_chunks))
    assert {chunk.number: chunk.result for chunk in history.chunks("j")} == {n: {"number": n} for n in range(n_chunks)}


def test_of_many_threads_one_finishes_the_job(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=1)
    history.finish_cut("j", 1.0)
    desk.run_chunks("j")
    ended: list[bool] = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        ended.append(history.finish_job("j", [Segment(0.0, 1.0, "once")]))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [False] * 5 + [True]
    assert desk.found("once") == [("j", 0)]

"""A sentence before a session begins, and live text beside the work of other models; models and ears are fakes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.workbench.live.speaking import RATE, Speaker, talk
from workbench.errors import JobError
from workbench.live.settings import LiveSettings
from workbench.live.trial import Trial, understood

SENTENCE = talk(2.0, 0.7)
SETTINGS = {"quality": "fast", "language": "en"}


def test_what_is_understood_of_a_sentence_is_told_and_nothing_of_it_is_kept(room: Any) -> None:
    bench = room.bench()
    told = bench.live.try_out(SENTENCE.tobytes(), SETTINGS, "ann")
    assert told == {"text": "from 0 to 2.316", "language": "en", "waiting": None}
    assert not bench.history.active_jobs() and not bench._board.turns.sessions
    assert not list((room.data / "live-trials").iterdir())


def test_silence_is_not_asked_about(room: Any) -> None:
    bench = room.bench()
    told = bench.live.try_out(np.zeros(RATE, np.int16).tobytes(), SETTINGS, "ann")
    assert told["text"] == "" and not room.residency.batches


def test_a_model_that_is_not_there_yet_is_told(room: Any) -> None:
    bench = room.bench()
    room.residency.go.clear()
    spec = bench._models.named("base")
    asked = Trial(SENTENCE.tobytes(), LiveSettings().changed(SETTINGS), spec, "ann")
    assert understood(bench.live._room, room.data, asked, patience_s=0.05)["waiting"] == "fetching_model"
    bench._board.ready_models.add("base")
    assert understood(bench.live._room, room.data, asked, patience_s=0.05)["waiting"] == "loading_model"
    room.residency.go.set()


@pytest.mark.parametrize("settings", [{"pause_s": 9}, {"quality": "model:nobody"}, {"colour": "red"}])
def test_settings_that_cannot_be_are_refused(room: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(JobError):
        room.bench().live.try_out(SENTENCE.tobytes(), settings, "ann")


def test_live_text_does_not_wait_for_a_chunk_of_another_model(room: Any, fakes: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def engine(item: Any) -> dict[str, Any]:
        if "live" not in Path(item.pcm).parts:
            begun.set()
            assert go_on.wait(20)
        return dict(fakes.say(item))

    room.engine = engine
    room.store.there.add("tiny")
    bench = room.bench()
    [job] = room.submit(bench, fakes.recording(2), quality="model:tiny")
    assert begun.wait(20)
    speaker = Speaker(bench)
    speaker.link.stop(speaker.say(talk(2.0, 1.0, 3.0, 1.0)))
    speaker.until(Speaker.ended)
    assert list(speaker.finals()) == [0, 1] and not bench.job(job.id).finished
    go_on.set()
    assert bench.wait(job.id).status == "succeeded"


def test_a_batch_that_runs_when_somebody_begins_to_speak_breaks_off_and_its_chunks_come_one_by_one(
    room: Any, fakes: Any
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def engine(item: Any) -> dict[str, Any]:
        if len(room.residency.batches[-1]) > 1:
            begun.set()
            assert go_on.wait(20)
        return dict(fakes.say(item))

    room.engine = engine
    bench = room.bench()
    board = bench._board
    room.residency.go.clear()
    jobs = room.submit(bench, fakes.recording(1), language="en")
    jobs += room.submit(bench, *[fakes.recording(2, 61.0 + number) for number in range(3)], language="en")
    with board.changed:
        assert board.changed.wait_for(lambda: all(board.jobs[job.id].reading == "done" for job in jobs), 20)
    room.residency.go.set()
    assert begun.wait(20)
    speaker = Speaker(bench)
    go_on.set()
    assert [bench.wait(job.id).status for job in jobs] == ["succeeded"] * 4
    sizes = [len(batch) for batch in room.residency.batches]
    together = next(at for at, size in enumerate(sizes) if size > 1)
    assert set(sizes[together + 1 :]) == {1}
    assert [len(bench.segments(job.id)["segments"]) for job in jobs] == [1, 2, 2, 2]
    speaker.link.close()


def test_a_chunk_beside_a_live_session_runs_in_parts_and_is_whole_in_the_end(room: Any) -> None:
    bench = room.bench()
    room.residency.go.clear()
    speaker = Speaker(bench)
    told = {"duration_s": 60.0, "spans": [(0.0, 8.0), (8.5, 16.0), (17.0, 25.0)]}
    [job] = room.submit(bench, told, language="en")
    room.residency.go.set()
    assert bench.wait(job.id).status == "succeeded"
    long = [batch[0].pieces for batch in room.residency.batches if "live" not in Path(batch[0].pcm).parts]
    assert [round(pieces[0][0], 1) for pieces in long] == [0.0, 8.5, 17.0]
    assert len(bench.segments(job.id)["segments"]) == 3
    speaker.link.close()

"""Telling speakers apart, on a real database, with an engine that hears two people taking turns every four seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.requests import SpeakersRequest, VoicesItem
from media.errors import WorkbenchError
from media.transcript import Segment, Word
from media.voices import FRAME_S, FRAMES_A_WINDOW, Voice, Window
from tests.workbench.watching import WAIT_S, settle
from workbench.errors import JobError
from workbench.exports import export
from workbench.history.rows import HistoryFilter

PEOPLE = np.eye(2, 192, dtype=np.float32)
LENGTH_S = 28.0


def without_needs() -> SimpleNamespace:
    models = tuple(replace(spec, needs=()) for spec in catalog.MODELS)
    return SimpleNamespace(
        MODELS=models,
        by_name=lambda name: {spec.name: spec for spec in models}[name],
        for_quality=catalog.for_quality,
    )


def hear(item: VoicesItem) -> dict[str, Any]:
    windows = []
    for start in item.starts:
        times = start + np.arange(FRAMES_A_WINDOW) * FRAME_S
        who = (times // 4).astype(int) % 2
        voices = [
            Voice((who == n) & (times < LENGTH_S), PEOPLE[n], float((who == n).sum() * FRAME_S)) for n in range(2)
        ]
        windows.append(Window(start, tuple(voice for voice in voices if voice.active.any())).to_dict())
    return {"windows": windows, "audio_s": 10.0 * len(windows)}


def say(item: Any) -> dict[str, Any]:
    """A word each second, in one line."""
    if isinstance(item, VoicesItem):
        return hear(item)
    start, end = item.pieces[0][0], item.pieces[-1][1]
    words = tuple(Word(float(at), at + 0.9, f" w{at}", 0.9) for at in range(int(start), int(end)))
    line = Segment(start, end, "".join(word.text for word in words).strip(), words, avg_logprob=-0.1)
    return {"language": "en", "language_probability": 0.95, "segments": [line.to_dict()], "audio_s": end, "redone": 0}


@pytest.fixture
def bench(room: Any) -> Iterator[Any]:
    room.engine, room.catalog = say, without_needs()
    room.store.there.add("campplus")
    yield room.bench()


def told_apart(room: Any, bench: Any, fakes: SimpleNamespace, **request: Any) -> str:
    wanted = request.pop("speakers", SpeakersRequest())
    job = room.submit(bench, fakes.recording(1, LENGTH_S), speakers=wanted, **request)[0]
    ended = settle(bench, job.id, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    assert ended.status == "succeeded"
    return str(job.id)


def test_lines_are_cut_and_given_to_those_who_spoke(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    lines = bench.segments(job)["segments"]
    assert [line["speaker"] for line in lines] == ["1", "2", "1", "2", "1", "2", "1"]
    assert lines[1]["text"] == "w4 w5 w6 w7" and [line["number"] for line in lines] == list(range(7))
    told = bench.speakers(job)
    assert [one["key"] for one in told["speakers"]] == ["1", "2"]
    assert sum(one["share"] for one in told["speakers"]) == pytest.approx(1.0, abs=0.01)
    assert all(end - start > 3 for start, end in (one["sample"] for one in told["speakers"]))
    assert [hit.number for hit in bench.search("w5")[0]] == [1]


def test_the_job_that_tells_apart_is_not_listed(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    assert [view.id for view in bench.page(HistoryFilter())[0]] == [job]
    assert [view.id for view in bench.page(HistoryFilter(query="talk"))[0]] == [job]


def test_a_name_is_in_every_kind_of_file_and_stays_over_a_second_pass(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    job = told_apart(room, bench, fakes)
    bench.name_speaker(job, "1", "  Ann   Lee ")
    for kind in ("txt", "srt", "vtt", "json", "rttm"):
        written = export(bench.history, job, kind, lambda key: f"Speaker {key}")[1].decode()
        assert ("Ann_Lee" if kind == "rttm" else "Ann Lee") in written
        assert ("Speaker_2" if kind == "rttm" else "Speaker 2") in written
    bench.tell_speakers(job, SpeakersRequest(n_speakers=2))
    settle(bench, job, lambda view: view.speakers["status"] == "succeeded")
    assert [one["name"] for one in bench.speakers(job)["speakers"]] == ["Ann Lee", None]


def test_an_edited_line_stays_whole(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = room.submit(bench, fakes.recording(1, LENGTH_S))[0].id
    bench.wait(job, WAIT_S)
    bench.edit(job, {0: "what somebody wrote"})
    bench.tell_speakers(job, SpeakersRequest())
    settle(bench, job, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    (line,) = bench.segments(job)["segments"]
    assert line["text"] == "what somebody wrote" and line["original_text"].startswith("w0 w1")
    bench.restore(job)
    assert bench.segments(job)["segments"][0]["text"].startswith("w0 w1")


def test_speakers_are_merged_and_lines_given_away(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    assert bench.give_lines(job, [0], None) == "3"
    told = bench.speakers(job)
    assert [one["key"] for one in told["speakers"]] == ["1", "2", "3"]
    assert told["speakers"][2]["sample"] and "3" in {speaker for _, _, speaker in told["turns"]}
    bench.merge_speakers(job, "3", "2")
    assert [line["speaker"] for line in bench.segments(job)["segments"]][:3] == ["2", "2", "1"]
    assert {speaker for _, _, speaker in bench.speakers(job)["turns"]} == {"1", "2"}
    with pytest.raises(JobError):
        bench.merge_speakers(job, "2", "2")
    with pytest.raises(WorkbenchError, match="speaker_unknown"):
        bench.name_speaker(job, "9", "Bob")


def test_speakers_who_were_made_one_are_parted_again(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    bench.name_speaker(job, "2", "Bo")
    before, lines = bench.speakers(job), bench.segments(job)["segments"]
    bench.merge_speakers(job, "2", "1")
    (one,) = bench.speakers(job)["speakers"]
    assert one["name"] == "Bo" and one["merged"] == [{"key": "2", "name": "Bo"}]
    bench.part_speaker(job, "2")
    assert bench.speakers(job) == before and bench.segments(job)["segments"] == lines
    with pytest.raises(WorkbenchError, match="speaker_unknown"):
        bench.part_speaker(job, "2")


def test_what_was_done_in_between_stays_when_speakers_are_parted(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    bench.merge_speakers(job, "2", "1")
    assert bench.give_lines(job, [1], None) == "3"
    bench.name_speaker(job, "1", "Ann")
    bench.merge_speakers(job, "1", "3")
    told = bench.speakers(job)["speakers"]
    assert [(one["key"], [other["key"] for other in one["merged"]]) for one in told] == [("3", ["1"])]
    with pytest.raises(WorkbenchError, match="speaker_unknown"):
        bench.part_speaker(job, "2")
    bench.part_speaker(job, "1")
    bench.part_speaker(job, "2")
    assert [line["speaker"] for line in bench.segments(job)["segments"]] == ["1", "3", "1", "2", "1", "2", "1"]
    assert [one["name"] for one in bench.speakers(job)["speakers"]] == ["Ann", None, None]
    assert {speaker for _, _, speaker in bench.speakers(job)["turns"]} == {"1", "2", "3"}


def test_a_new_pass_forgets_who_was_made_one(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    bench.merge_speakers(job, "2", "1")
    bench.tell_speakers(job, SpeakersRequest())
    settle(bench, job, lambda view: view.speakers["status"] == "succeeded")
    assert [one["merged"] for one in bench.speakers(job)["speakers"]] == [[], []]


def test_the_text_stays_when_telling_apart_fails(room: Any, fakes: SimpleNamespace) -> None:
    def fails(item: Any) -> dict[str, Any]:
        if isinstance(item, VoicesItem):
            raise WorkbenchError("engine_failed", reason="toy")
        return say(item)

    room.engine, room.catalog = fails, without_needs()
    room.store.there.add("campplus")
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1, LENGTH_S), speakers=SpeakersRequest())[0].id
    ended = settle(bench, job, lambda view: view.speakers is not None and view.speakers["status"] == "failed")
    assert ended.status == "succeeded" and ended.speakers["error"]["code"] == "engine_failed"
    assert len(bench.segments(job)["segments"]) == 1


def test_a_server_that_died_in_between_tells_apart_after_its_restart(room: Any, fakes: SimpleNamespace) -> None:
    room.engine, room.catalog = say, without_needs()
    bench = room.bench()
    job = room.submit(bench, fakes.recording(1, LENGTH_S))[0].id
    bench.wait(job, WAIT_S)
    room.residency.go.clear()
    room.store.there.add("campplus")
    bench.tell_speakers(job, SpeakersRequest())
    bench.close()
    again = room.bench()
    settle(again, job, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    assert len(again.speakers(job)["speakers"]) == 2


def test_the_same_recording_is_answered_from_history_and_told_apart_anew(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    first = room.submit(bench, fakes.recording(1, LENGTH_S))[0].id
    bench.wait(first, WAIT_S)
    job = told_apart(room, bench, fakes)
    assert bench.job(job).copied_from == first
    assert len({line["speaker"] for line in bench.segments(job)["segments"]}) == 2
    assert {line["speaker"] for line in bench.segments(first)["segments"]} == {None}


def test_without_the_pack_it_is_said_before_anything_is_begun(room: Any, fakes: SimpleNamespace) -> None:
    missing = tuple(
        replace(spec, needs=("no_such_package_anywhere",)) if spec.name == "campplus" else spec
        for spec in catalog.MODELS
    )
    room.catalog = SimpleNamespace(
        MODELS=missing, by_name=lambda n: {s.name: s for s in missing}[n], for_quality=catalog.for_quality
    )
    bench = room.bench()
    with pytest.raises(JobError, match="pack_missing"):
        room.submit(bench, fakes.recording(1, LENGTH_S), speakers=SpeakersRequest())
    assert bench.page(HistoryFilter())[0] == []

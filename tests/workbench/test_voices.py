"""Known voices on a real database, with an engine that hears two people taking turns every four seconds."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines.requests import SpeakersRequest, VoicesItem
from media.voices import FRAME_S, FRAMES_A_WINDOW, Voice, Window
from tests.workbench.test_speakers import say, told_apart, without_needs
from tests.workbench.watching import WAIT_S, settle
from workbench.errors import JobError, NotFound
from workbench.history.rows import HistoryFilter
from workbench.history.voices import Consent
from workbench.housekeeping import Housekeeping
from workbench.voices.comparing import compare, rank
from workbench.voices.naming import name_known
from workbench.voices.place import place_of
from workbench.voices.voices import Ref, Wanted

CONSENT = Consent("Ann Lee", "2026-01-05", "my name in our transcripts")
HERE = "127.0.0.1"


@pytest.fixture
def bench(room: Any) -> Iterator[Any]:
    room.engine, room.catalog = say, without_needs()
    room.store.there.add("campplus")
    yield room.bench()


def alone(item: VoicesItem) -> dict[str, Any]:
    """One person, all the time."""
    active = np.ones(FRAMES_A_WINDOW, bool)
    voice = Voice(active, np.eye(2, 192, dtype=np.float32)[0], FRAMES_A_WINDOW * FRAME_S)
    return {"windows": [Window(start, (voice,)).to_dict() for start in item.starts], "audio_s": 10.0}


def names(bench: Any, job: str) -> list[str | None]:
    return [one["name"] for one in bench.speakers(job)["speakers"]]


def enrol(bench: Any, job: str, key: str = "1", name: str = "Ann", **more: Any) -> str:
    consent = more.pop("consent", CONSENT)
    return str(bench.voices.enrol(Wanted(name, consent, (Ref(job, key),), **more), HERE))


def heard_alone(room: Any, bench: Any, fakes: SimpleNamespace, number: int = 7) -> str:
    room.residency.engine = lambda item: alone(item) if isinstance(item, VoicesItem) else say(item)
    upload = bench.receive("ann.wav", [json.dumps(fakes.recording(number, 28.0)).encode()])
    job = bench.voices.clips.take(upload.id, "me")
    assert bench.wait(job, WAIT_S).status == "succeeded"
    room.residency.engine = say
    return str(job)


def test_who_is_known_is_named_in_the_next_transcript_and_strangers_are_not(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    first = told_apart(room, bench, fakes)
    enrol(bench, first)
    assert names(bench, first) == ["Ann", None]
    second = room.submit(bench, fakes.recording(2, 28.0), speakers=SpeakersRequest())[0].id
    settle(bench, second, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    assert names(bench, second) == ["Ann", None]
    (told,) = bench.voices.all(HERE)["voices"]
    assert told["n_named"] == 2 and "embedding" not in str(told)


def test_transcripts_that_were_there_before_a_voice_was_known_are_named_when_somebody_asks(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    first = told_apart(room, bench, fakes)
    jobs = [first]
    for number in (2, 3):
        jobs.append(room.submit(bench, fakes.recording(number, 28.0), speakers=SpeakersRequest())[0].id)
        settle(bench, jobs[-1], lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    bench.name_speaker(jobs[1], "1", "Typed")
    enrol(bench, first)
    assert names(bench, jobs[2]) == [None, None]
    assert bench.voices.look(None, HERE) == 1
    assert [names(bench, job)[0] for job in jobs] == ["Ann", "Typed", "Ann"]
    bench.name_speaker(jobs[1], "1", None)
    assert bench.voices.look(jobs[1], HERE) == 1 and bench.voices.look(None, HERE) == 0
    with pytest.raises(NotFound):
        bench.voices.look("0" * 16, HERE)


def test_a_voice_that_is_taken_back_while_others_look_for_it_names_nobody(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    first = told_apart(room, bench, fakes)
    voice = enrol(bench, first)
    as_it_was = place_of(bench.history)
    bench.voices.revoke(voice, HERE)
    assert name_known(bench.history, first, as_it_was) == 0 and names(bench, first) == [None, None]


def test_a_voice_lives_on_when_the_recording_that_it_came_from_is_deleted(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    first = told_apart(room, bench, fakes)
    enrol(bench, first)
    bench.delete([first])
    (told,) = bench.voices.all(HERE)["voices"]
    assert told["name"] == "Ann" and told["sample_s"] is None
    second = room.submit(bench, fakes.recording(2, 28.0), speakers=SpeakersRequest())[0].id
    settle(bench, second, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    assert names(bench, second) == ["Ann", None]


def test_a_voice_that_is_taken_back_leaves_typed_names_alone(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    first = told_apart(room, bench, fakes)
    voice = enrol(bench, first)
    second = room.submit(bench, fakes.recording(2, 28.0), speakers=SpeakersRequest())[0].id
    settle(bench, second, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    bench.name_speaker(second, "1", "Ann")
    bench.name_speaker(second, "2", "Bo")
    assert bench.voices.revoke(voice, HERE) == 1
    assert names(bench, first) == [None, None] and names(bench, second) == ["Ann", "Bo"]
    assert bench.voices.all(HERE)["voices"] == []
    with pytest.raises(NotFound):
        bench.voices.export(voice, HERE)


def test_a_name_from_a_voice_does_not_outlive_it_in_a_second_pass(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    job = told_apart(room, bench, fakes)
    voice = enrol(bench, job)
    bench.tell_speakers(job, SpeakersRequest(n_speakers=2))
    settle(bench, job, lambda view: view.speakers["status"] == "succeeded")
    assert names(bench, job) == ["Ann", None]
    bench.voices.revoke(voice, HERE)
    assert names(bench, job) == [None, None]
    bench.tell_speakers(job, SpeakersRequest(n_speakers=2))
    settle(bench, job, lambda view: view.speakers["status"] == "succeeded")
    assert names(bench, job) == [None, None]


def test_a_merged_speaker_keeps_where_the_name_came_from(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    voice = enrol(bench, job)
    bench.merge_speakers(job, "1", "2")
    assert names(bench, job) == ["Ann"]
    bench.voices.revoke(voice, HERE)
    assert names(bench, job) == [None]


def test_a_voice_that_was_taken_back_does_not_come_back_when_speakers_are_parted(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    job = told_apart(room, bench, fakes)
    voice = enrol(bench, job)
    bench.merge_speakers(job, "1", "2")
    assert names(bench, job) == ["Ann"]
    bench.part_speaker(job, "1")
    assert names(bench, job) == ["Ann", None]
    bench.merge_speakers(job, "1", "2")
    bench.voices.revoke(voice, HERE)
    bench.part_speaker(job, "1")
    assert names(bench, job) == [None, None]


def test_a_voice_with_another_name_carries_it_everywhere(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    bench.voices.change(enrol(bench, job), "Ann Lee", None, HERE)
    assert names(bench, job) == ["Ann Lee", None]


def test_an_upload_is_heard_in_no_list_and_becomes_a_voice(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    clip = heard_alone(room, bench, fakes)
    assert bench.page(HistoryFilter())[0] == [] and bench.page(HistoryFilter(query="ann"))[0] == []
    told = bench.voices.clips.told(clip)
    assert told["clip"] and not told["several"] and [one["key"] for one in told["people"]] == ["1"]
    voice = enrol(bench, clip, "1")
    pcm, start, end = bench.voices.sample(voice, HERE)
    assert pcm.is_file() and 0 <= start < end <= start + 10
    bench.voices.revoke(voice, HERE)
    assert bench.history.job(clip) is None and not pcm.exists()


def test_recordings_that_do_not_do_are_refused_with_the_reason(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    upload = bench.receive("two.wav", [json.dumps(fakes.recording(3, 28.0)).encode()])
    two = bench.voices.clips.take(upload.id, "me")
    bench.wait(two, WAIT_S)
    short = room.submit(bench, fakes.recording(4, 8.0), speakers=SpeakersRequest())[0].id
    settle(bench, short, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    job = told_apart(room, bench, fakes)
    for refs, code in (
        ((Ref(two),), "voice_several"),
        ((Ref(short, "1"),), "voice_too_little"),
        ((Ref(job, "1"), Ref(job, "2")), "voice_recordings_differ"),
        ((Ref(job, "9"),), "speaker_unknown"),
    ):
        with pytest.raises((JobError, NotFound)) as caught:
            bench.voices.enrol(Wanted("Ann", CONSENT, refs), HERE)
        assert caught.value.code == code
    enrol(bench, job)
    with pytest.raises(JobError) as known:
        enrol(bench, job, name="Bo")
    assert known.value.code == "voice_known" and known.value.values == {"name": "Ann"}
    assert len(bench.voices.all(HERE)["voices"]) == 1


def test_a_voice_whose_time_is_over_names_nobody_and_is_deleted(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    today = datetime.date.fromtimestamp(bench.history.clock())
    job = told_apart(room, bench, fakes)
    enrol(bench, job, consent=Consent("Ann", "2026-01-05", "yes", today.isoformat()))
    with pytest.raises(JobError, match="voice_ended"):
        enrol(
            bench,
            job,
            "2",
            "Bo",
            consent=Consent("Bo", "2026-01-05", "yes", (today - datetime.timedelta(1)).isoformat()),
        )
    bench.voices.tidy()
    assert len(bench.voices.all(HERE)["voices"]) == 1
    before = bench.history.clock
    bench.history.clock = lambda: before() + 2 * 24 * 3600
    assert bench.voices.place().voices == () and bench.voices.all(HERE)["voices"][0]["ended"]
    bench.voices.tidy()
    assert bench.voices.all(HERE)["voices"] == [] and names(bench, job) == [None, None]


def test_what_was_only_compared_is_deleted_after_a_day(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    clip = heard_alone(room, bench, fakes)
    bench.voices.tidy()
    assert bench.history.job(clip) is not None
    before = bench.history.clock
    bench.history.clock = lambda: before() + 2 * 24 * 3600
    bench.voices.tidy()
    assert bench.history.job(clip) is None


def test_two_voices_are_compared_and_one_with_many(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job, clip = told_apart(room, bench, fakes), heard_alone(room, bench, fakes)
    voice = enrol(bench, job)
    told = compare(bench.voices, Ref(clip), Ref(voice_id=voice), HERE)
    assert told["says"] == "same" and [one["title"] for one in told["clips"]] == ["ann", "Ann"]
    assert compare(bench.voices, Ref(job, "1"), Ref(job, "2"), HERE)["says"] == "different"
    lines = rank(bench.voices, Ref(clip), [Ref(job, "2"), Ref(job, "1")], HERE)["lines"]
    assert [line["says"] for line in lines] == ["same", "different"]
    assert [line["title"] for line in rank(bench.voices, Ref(clip), [], HERE)["lines"]] == ["Ann"]


def test_every_use_is_written_down_and_names_nobody_afterwards(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    voice = enrol(bench, job)
    bench.voices.all("10.0.0.7")
    bench.voices.export(voice, "10.0.0.7")
    compare(bench.voices, Ref(voice_id=voice), Ref(job, "2"), HERE)
    assert [line["what"] for line in bench.voices.log(voice)] == ["compared", "exported", "seen", "enrolled"]
    assert bench.voices.log(voice)[1]["who"] == "10.0.0.7"
    bench.voices.revoke(voice, HERE)
    assert "Ann" not in str(bench.voices.all(HERE))


def test_an_export_holds_consent_and_voice(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    told = bench.voices.export(enrol(bench, told_apart(room, bench, fakes)), HERE)
    assert told["consent"]["agreed_by"] == "Ann Lee" and told["consent"]["text"] == "my name in our transcripts"
    assert len(told["recordings"][0]["embedding"]) == 512


def test_the_rate_of_error_is_chosen_by_the_place(room: Any, bench: Any) -> None:
    assert bench.voices.place().rule.wrong_share == 0.001
    bench.voices.set_wrong_share(0.01, HERE)
    assert bench.voices.place().rule.wrong_share == 0.01


def test_nothing_of_a_deleted_voice_is_left_in_the_file(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = told_apart(room, bench, fakes)
    mark = "words that nobody else would say"
    voice = enrol(bench, job, consent=Consent("Ann", "2026-01-05", mark))
    bench.voices.revoke(voice, HERE)
    path = bench.history.path
    bench.close()
    assert mark.encode() not in path.read_bytes()


def test_housekeeping_looks_after_voices_unless_the_clock_has_jumped(room: Any, bench: Any) -> None:
    done: list[float] = []
    now = [1000.0, 1000.0]
    keeping = Housekeeping(
        bench.history, bench.uploads, lambda: now[0], lambda: now[1], also=lambda: done.append(now[0])
    )
    keeping.tidy()
    now[0] += 9e6
    keeping.tidy()
    assert done == [1000.0]

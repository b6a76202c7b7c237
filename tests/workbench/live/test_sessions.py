"""Whole sessions on a real database and disk; ears, models and weights are fakes."""

from __future__ import annotations

import time
import wave
from typing import Any

import numpy as np
import pytest

from engines.errors import EngineError
from media.audio import Samples
from media.transcript import Segment
from tests.workbench.live.speaking import PACKET, RATE, Speaker, talk
from workbench.errors import JobError, NotFound
from workbench.live.live import LiveError

SOUND = talk(2.0, 1.0, 3.0, 1.0)


def recorded(bench: Any, job_id: str) -> Samples:
    """The sound of the recording that a session left."""
    with wave.open(str(bench.recording_folder(job_id) / "source"), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


def padded(sound: Samples) -> Samples:
    return np.pad(sound, (0, -len(sound) % PACKET)) if len(sound) % PACKET else sound


def whole(bench: Any, **settings: Any) -> Speaker:
    speaker = Speaker(bench, **settings)
    speaker.link.stop(speaker.say(SOUND))
    speaker.until(Speaker.ended)
    return speaker


def test_a_session_is_a_job_from_its_first_second_and_ends_like_that_of_a_file(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench, title="Monday")
    assert bench.job(speaker.job_id).title == "Monday" and not bench.job(speaker.job_id).finished
    speaker.link.stop(speaker.say(SOUND))
    speaker.until(Speaker.ended)
    assert list(speaker.finals()) == [0, 1]
    view = bench.job(speaker.job_id)
    assert view.status == "succeeded" and view.duration_s == len(SOUND) / RATE
    lines = bench.segments(speaker.job_id)["segments"]
    assert [line["text"] for line in lines] == list(speaker.finals().values())
    assert [round(line["start"], 1) for line in lines] == [0.0, 2.7]
    assert np.array_equal(recorded(bench, speaker.job_id), SOUND)
    assert (bench.recording_folder(speaker.job_id) / "peaks.u8").stat().st_size == 70
    assert not list((room.data / "live").iterdir())


def test_what_was_said_can_be_transcribed_again_like_any_recording(room: Any) -> None:
    bench = room.bench()
    speaker = whole(bench)
    again = bench.again(speaker.job_id)
    assert again.id != speaker.job_id and again.title == "talk"


def test_packets_that_come_twice_or_too_early_change_nothing(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    n_packets = speaker.say(SOUND[: 40 * PACKET])
    speaker.say(SOUND[: 40 * PACKET], from_packet=20)
    speaker.link.feed(n_packets + 3, b"\1\1" * PACKET)
    speaker.until(lambda s: s.acknowledged() == n_packets)
    speaker.link.stop(speaker.say(SOUND, from_packet=30))
    speaker.until(Speaker.ended)
    assert np.array_equal(recorded(bench, speaker.job_id), SOUND)


def test_the_same_key_takes_the_session_up_again_with_every_line_there_is(room: Any) -> None:
    bench = room.bench()
    first = Speaker(bench)
    first.say(SOUND[: 35 * PACKET])
    first.until(lambda s: s.acknowledged() == 35 and 0 in s.finals())
    first.link.close()
    again = Speaker(bench)
    assert again.job_id == first.job_id
    again.until(lambda s: s.finals() == first.finals() and s.acknowledged() == 35)
    again.link.stop(again.say(SOUND, from_packet=35))
    again.until(Speaker.ended)
    assert np.array_equal(recorded(bench, again.job_id), SOUND) and list(again.finals()) == [0, 1]


def test_who_comes_with_the_key_takes_the_session_from_the_one_before(room: Any) -> None:
    bench = room.bench()
    first = Speaker(bench)
    second = Speaker(bench)
    assert first.link.taken and not second.link.taken
    first.say(SOUND[:PACKET])
    first.link.close()
    second.link.stop(second.say(SOUND))
    second.until(Speaker.ended)
    assert np.array_equal(recorded(bench, second.job_id), SOUND)


def test_a_session_goes_on_after_a_restart_and_nothing_is_lost_or_doubled(room: Any) -> None:
    bench = room.bench()
    first = Speaker(bench)
    room.residency.go.clear()
    first.say(SOUND[: 50 * PACKET])
    first.until(lambda s: s.acknowledged() == 50)
    bench.close()
    bench = room.bench()
    second = Speaker(bench)
    assert second.link.session.acknowledged()["next_packet"] == 50
    second.link.stop(second.say(SOUND, from_packet=50))
    second.until(Speaker.ended)
    assert [round(chunk.start, 1) for chunk in room.history.chunks(second.job_id)] == [0.0, 2.7]
    assert np.array_equal(recorded(bench, second.job_id), SOUND) and list(second.finals()) == [0, 1]


def test_a_session_that_was_stopped_before_a_restart_ends_by_itself(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    room.residency.go.clear()
    speaker.link.stop(speaker.say(SOUND))
    speaker.until(lambda s: s.acknowledged() == 70)
    bench.close()
    bench = room.bench()
    assert bench.wait(speaker.job_id, 20).status == "succeeded"
    assert np.array_equal(recorded(bench, speaker.job_id), SOUND)


def test_a_session_that_nobody_takes_up_ends_with_all_that_was_said(room: Any) -> None:
    now = [0.0]
    room.monotonic = lambda: now[0]
    bench = room.bench()
    speaker = Speaker(bench)
    speaker.say(SOUND)
    speaker.until(lambda s: s.link.session.heard_s == 7.0)
    speaker.link.close()
    now[0] += 899.0
    speaker.link.session.order("pause")
    assert not bench.job(speaker.job_id).finished
    now[0] += 2.0
    speaker.link.session.order("pause")
    assert bench.wait(speaker.job_id, 20).status == "succeeded"
    with pytest.raises(LiveError) as told:
        Speaker(bench)
    assert told.value.code == "live_ended" and told.value.values == {"job": speaker.job_id}


def test_what_a_person_writes_while_it_runs_stays_when_it_ends(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    speaker.say(SOUND[: 35 * PACKET])
    speaker.until(lambda s: 0 in s.finals())
    said = speaker.finals()[0]
    speaker.link.session.edit(0, "Dear  colleagues")
    speaker.until(lambda s: s.finals()[0] == "Dear colleagues")
    speaker.link.stop(speaker.say(SOUND, from_packet=35))
    speaker.until(Speaker.ended)
    first, second = bench.segments(speaker.job_id)["segments"]
    assert (first["text"], first["original_text"]) == ("Dear colleagues", said)
    assert second["original_text"] is None
    assert [hit.text for hit in bench.search("colleagues")[0]] == ["Dear colleagues"]
    with pytest.raises(JobError):
        speaker.link.session.edit(7, "there is no such line")


def test_a_cancelled_session_keeps_its_sound(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    n_packets = speaker.say(SOUND)
    speaker.until(lambda s: s.acknowledged() == n_packets)
    bench.cancel(speaker.job_id)
    speaker.until(Speaker.ended)
    assert bench.job(speaker.job_id).status == "cancelled"
    assert np.array_equal(recorded(bench, speaker.job_id), SOUND)


def test_the_sound_of_a_session_that_was_cancelled_when_the_server_died_is_found_again(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    n_packets = speaker.say(SOUND)
    speaker.until(lambda s: s.acknowledged() == n_packets)
    bench.close()
    history = room.history.__class__(room.history.path, room.root / "history.db-schema")
    history.cancel(speaker.job_id)
    history.close()
    bench = room.bench()
    assert np.array_equal(recorded(bench, speaker.job_id), SOUND)
    assert not list((room.data / "live").iterdir())


def test_a_session_without_any_sound_ends_too(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    speaker.link.stop(0)
    speaker.until(Speaker.ended)
    assert [note["code"] for note in bench.job(speaker.job_id).notes] == ["no_speech"]


def test_a_stretch_that_fails_is_told_and_its_sound_kept(room: Any, fakes: Any) -> None:
    def engine(item: Any) -> Any:
        if item.pieces[0][0] < 1.0 and item.pieces[0][1] > 1.0:
            raise EngineError(reason="test")
        return fakes.say(item)

    room.engine = engine
    bench = room.bench()
    speaker = whole(bench)
    assert speaker.finals()[0] == "" and speaker.finals()[1]
    assert [m["state"] for m in speaker.messages if m.get("line") == 0 and m["state"] != "open"][-1] == "failed"
    assert bench.job(speaker.job_id).n_failed == 1


def test_what_is_being_said_is_shown_and_firm_words_only_grow(room: Any, fakes: Any) -> None:
    room.engine = lambda item: fakes.say(item, " ".join(str(n) for n in range(int(2 * item.pieces[-1][1]))))
    bench = room.bench()
    speaker = Speaker(bench)
    sound, firm = talk(6.0, 1.0), ""
    for second in range(6):
        n_seen = len(speaker.messages)
        speaker.say(sound[: (second + 1) * RATE], from_packet=10 * second)
        speaker.until(lambda s, n=n_seen: any(m["type"] == "line" for m in s.messages[n:]))
    for message in speaker.messages:
        if message["type"] == "line":
            assert message["state"] == "open" and message["firm"].startswith(firm)
            firm = message["firm"]
    assert firm.startswith("0 1 2 3")
    assert not any(chunk.result for chunk in room.history.chunks(speaker.job_id))


def test_of_a_long_utterance_only_what_is_not_settled_is_heard_again(room: Any, fakes: Any) -> None:
    def engine(item: Any) -> dict[str, Any]:
        first, last = round(item.pieces[0][0] / 2), int(item.pieces[-1][1] / 2)
        lines = [Segment(2.0 * n, 2.0 * n + 2, f"a{n} b{n}").to_dict() for n in range(first, last)]
        return {**fakes.say(item), "segments": lines}

    room.engine, room.monotonic = engine, lambda: 20 * time.monotonic()
    bench = room.bench()
    speaker = Speaker(bench)
    sound = talk(22.0, 1.0)
    for second in range(12, 22):
        n_seen = len(room.residency.batches)
        speaker.say(sound[: second * RATE], from_packet=10 * second - 10 if second > 12 else 0)
        speaker.until(lambda s, n=n_seen: len(room.residency.batches) > n)
    speaker.link.stop(speaker.say(sound, from_packet=210))
    speaker.until(Speaker.ended)
    begins = [batch[0].pieces[0][0] for batch in room.residency.batches if batch[0].draft]
    assert begins == sorted(begins) and begins[-1] >= 8.0
    words = [f"{sign}{n}" for n in range(11) for sign in "ab"]
    told = [m["firm"] + m["provisional"] for m in speaker.messages if m["type"] == "line" and m["state"] == "open"]
    assert all(text.split() == words[: len(text.split())] for text in told)
    assert speaker.finals()[0].split() == words


def test_a_final_text_is_heard_once_though_it_is_asked_for_before_the_pause_is_over(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    sound = talk(3.0, 1.0)
    speaker.say(sound[: 34 * PACKET])
    heard = lambda: [item for batch in room.residency.batches for item in batch if not item.draft]  # noqa: E731
    speaker.until(lambda s: heard())
    speaker.link.stop(speaker.say(sound, from_packet=34))
    speaker.until(Speaker.ended)
    [item] = heard()
    assert item.beam_size == 1 and speaker.finals() == {0: f"from 0 to {item.pieces[0][1]:g}"}


def test_one_too_many_is_told_so(room: Any) -> None:
    bench = room.bench()
    bench._board.speeds["base", 1] = 7.0
    speakers = [Speaker(bench, key=f"somebody-{number}") for number in range(2)]
    with pytest.raises(LiveError) as told:
        Speaker(bench, key="somebody-else")
    assert told.value.code == "live_full" and told.value.values == {"most": 2}
    Speaker(bench, key="somebody-1")
    speakers[0].link.close()
    Speaker(bench, key="somebody-else")


@pytest.mark.parametrize(
    "settings",
    [{"pause_s": 5}, {"pause_s": "long"}, {"language": "xx"}, {"languages": "en"}, {"beam": 3}, {"quality": "grand"}],
)
def test_settings_that_cannot_be_are_refused(room: Any, settings: dict[str, Any]) -> None:
    bench = room.bench()
    with pytest.raises(JobError) as told:
        Speaker(bench, **settings)
    assert told.value.code == "request_invalid"
    assert not bench.live.sessions()


def test_other_settings_hold_from_the_next_utterance_on(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    speaker.link.change({"translate": True, "pause_s": 1.5})
    with pytest.raises(JobError):
        speaker.link.change({"language": "klingon"})
    speaker.link.stop(speaker.say(SOUND))
    speaker.until(Speaker.ended)
    assert len(speaker.finals()) == 1
    assert room.history.job(speaker.job_id).request["translate"]


def test_others_read_along_by_a_word_that_ends_with_the_job(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    speaker.say(SOUND[: 29 * PACKET])
    speaker.until(lambda s: 0 in s.finals())
    word = speaker.link.session.row.watch
    job_id, watch = bench.live.follow(word, lambda: None)
    assert job_id == speaker.job_id and watch is not None
    assert [line["text"] for line in bench.live.lines(job_id)] == [speaker.finals()[0]]
    speaker.link.stop(speaker.say(SOUND, from_packet=29))
    speaker.until(Speaker.ended)
    told = watch.take()
    assert told[-1]["type"] == "ended" and [line["line"] for line in told if line["type"] == "line"] == [1]
    bench.wait(job_id)
    assert len(bench.live.lines(job_id)) == 2
    bench.delete([job_id])
    with pytest.raises(NotFound):
        bench.live.follow(word, lambda: None)


def test_a_slow_reader_gets_each_line_once_in_its_newest_state(room: Any) -> None:
    bench = room.bench()
    speaker = Speaker(bench)
    _, watch = bench.live.follow(speaker.link.session.row.watch, lambda: None)
    speaker.link.stop(speaker.say(SOUND))
    speaker.until(Speaker.ended)
    told = [m for m in watch.take() if m["type"] == "line"]
    assert [(m["line"], m["state"]) for m in told] == [(0, "final"), (1, "final")]


def test_a_long_recording_gets_one_chunk_at_a_time_while_somebody_may_speak(room: Any, fakes: Any) -> None:
    bench = room.bench()
    room.residency.go.clear()
    speaker = Speaker(bench)
    [job] = room.submit(bench, fakes.recording(12))
    room.residency.go.set()
    bench.wait(job.id)
    long = [batch for batch in room.residency.batches if "live" not in batch[0].pcm]
    assert {len(batch) for batch in long} == {1}
    speaker.link.close()

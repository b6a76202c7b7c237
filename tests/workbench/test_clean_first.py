"""A text whose sound is cleaned up first waits for another job, is heard from what that made, and ends with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines.errors import Stopped
from engines.requests import SoundItem, SoundRequest, TranscribeRequest, VoicesItem
from media.errors import MediaError
from media.sound_file import SoundWriter
from tests.workbench.test_speakers import hear, without_needs
from workbench.core import Workbench
from workbench.errors import JobError
from workbench.history.artifacts import cleaned_by
from workbench.jobs import fingerprint
from workbench.sound.sounding import RESULT

LEVEL = {"loudness": -20.0, "noise_db": -60.0, "bandwidth_hz": 8000.0}


class Cleans:
    """What cleans a "recording" of the fakes: says ``clean`` in its JSON, so that a test can see what was heard."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.refuse: list[Exception] = []

    def sound(self, order: Any, limits: Any, on_share: Callable[[float], None], should_stop: Any) -> dict[str, Any]:
        self.orders.append(dict(order))
        if self.refuse:
            raise self.refuse.pop()
        folder, told = Path(order["folder"]), json.loads(Path(order["source"]).read_text())
        if order["work"] == "decode":
            with SoundWriter(folder, 100, 1) as writer:
                writer.write(np.zeros(round(told["duration_s"] * 100), np.int16))
                writer.finish(False)
            return {}
        on_share(0.5)
        (folder / "result.flac").write_text(json.dumps({**told, "clean": True}))
        made = {"before": LEVEL, "after": LEVEL, "duration_s": told["duration_s"], "notes": [], "files": {}}
        return {"file": "result.flac", "media_type": "audio/flac", **made}


@pytest.fixture
def cleans(room: Any, monkeypatch: pytest.MonkeyPatch) -> Cleans:
    made = Cleans()
    room.store.there.add("deepfilternet3")
    heard = room.engine
    room.engine = lambda item: {"window": "", "audio_s": 1.0} if isinstance(item, SoundItem) else heard(item)
    usual, room.held = room.bench, False

    def bench(start: bool = True) -> Workbench:
        found = usual(False)
        intake, room.heard = room.intake, []
        read, intake.sound = intake.run, made.sound

        def run(source: Path, *rest: Any) -> Any:
            room.heard.append(json.loads(source.read_text()))
            while room.held and room.heard[-1].get("clean"):
                if rest[-1]():
                    raise Stopped()
            return read(source, *rest)

        intake.run = run
        if start:
            found.start()
        return found

    room.bench = bench
    return made


def sound_of(bench: Workbench, job_id: str) -> Any:
    return bench.job(cleaned_by(bench.history, job_id) or "")


def test_a_text_is_heard_from_the_cleaned_sound(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    [job] = room.submit(bench, fakes.recording(2), clean="denoise")
    done = bench.wait(job.id, 10)
    assert (done.status, done.duration_s) == ("succeeded", 60.0)
    assert [line["text"] for line in bench.segments(job.id)["segments"]]
    assert [told.get("clean") for told in room.heard] == [None, True]
    sound = sound_of(bench, job.id)
    assert (sound.status, done.cleaned_by) == ("succeeded", sound.id)
    assert (sound.request["kind"], sound.request["strength"]) == ("denoise", 0.5)
    assert cleans.orders[-1]["plain"] is True
    assert bench.artifacts.find(sound.id, RESULT) is not None


def test_lists_show_the_text_alone(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    [job] = room.submit(bench, fakes.recording(1), clean="denoise")
    bench.wait(job.id, 10)
    from workbench.history.rows import HistoryFilter

    assert [view.id for view in bench.page(HistoryFilter())[0]] == [job.id]


def test_the_usual_work_is_known_as_before_there_was_the_choice(room: Any) -> None:
    asked = TranscribeRequest()
    stored = asked.to_dict()
    del stored["clean"]
    assert TranscribeRequest.from_dict(stored) == asked
    assert fingerprint("a" * 64, asked, "base") == ("aa1720a38b256c77f3d2ff4a3feba211f08cc737092cdb7f0a2dc052f0218450")
    assert fingerprint("a" * 64, TranscribeRequest(clean="denoise"), "base") != fingerprint("a" * 64, asked, "base")


def test_the_cleaning_is_shown_as_a_stage_of_the_text(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    room.residency.go.clear()
    [job] = room.submit(bench, fakes.recording(2), clean="denoise")
    with bench.watch([job.id]) as changes:
        while (view := bench.job(job.id)).stage != "cleaning" or view.status != "running":
            changes.wait(0.1)
    assert view.stage_progress is None or 0 <= view.stage_progress < 1
    room.residency.go.set()
    assert bench.wait(job.id, 10).status == "succeeded"


def test_cancelling_the_text_cancels_its_cleaning(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    room.residency.go.clear()
    [job] = room.submit(bench, fakes.recording(2), clean="denoise")
    assert bench.cancel(job.id).status == "cancelled"
    assert bench.wait(sound_of(bench, job.id).id, 10).status == "cancelled"


def test_cancelling_the_cleaning_cancels_the_text(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    room.residency.go.clear()
    [job] = room.submit(bench, fakes.recording(2), clean="denoise")
    bench.cancel(sound_of(bench, job.id).id)
    assert bench.wait(job.id, 10).status == "cancelled"


def test_a_cleaning_that_fails_tells_why_at_the_text_and_can_be_tried_again(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    bench = room.bench()
    cleans.refuse.append(MediaError("sound_not_written", status=500, kind=".flac"))
    [job] = room.submit(bench, fakes.recording(2), clean="denoise")
    failed = bench.wait(job.id, 10)
    assert failed.status == "failed" and failed.error is not None and failed.can_retry
    assert (failed.error["code"], failed.error["values"]) == ("sound_not_written", {"kind": ".flac"})
    bench.retry(job.id)
    assert bench.wait(job.id, 10).status == "succeeded"
    assert [told.get("clean") for told in room.heard][-1] is True


@pytest.mark.parametrize("reached", ["accepted", "cleaned"])
def test_a_server_that_died_goes_on_where_it_was(
    room: Any, fakes: SimpleNamespace, cleans: Cleans, reached: str
) -> None:
    first = room.bench(start=reached == "cleaned")
    if reached == "accepted":
        first.uploads.start()
    room.held = True
    [job] = room.submit(first, fakes.recording(3), clean="denoise")
    if reached == "cleaned":
        first.wait(sound_of(first, job.id).id, 10)
    first.close()
    room.held = False
    second = room.bench()
    assert second.wait(job.id, 10).status == "succeeded"
    decodes = [order for order in cleans.orders if order["work"] == "finish"]
    assert len(decodes) == 1
    assert room.heard[-1].get("clean") is True


def test_a_cleaning_whose_text_was_cancelled_does_not_go_on_after_a_start(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    first = room.bench(start=False)
    first.uploads.start()
    [job] = room.submit(first, fakes.recording(2), clean="denoise")
    sound_id = cleaned_by(first.history, job.id)
    first.history.cancel(job.id)
    first.close()
    second = room.bench()
    assert second.job(sound_id).status == "cancelled"


def test_a_cleaned_text_that_is_stored_is_given_again_without_cleaning(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    bench = room.bench()
    for _ in range(2):
        [job] = room.submit(bench, fakes.recording(2), clean="denoise")
        bench.wait(job.id, 10)
    assert sum(order["work"] == "finish" for order in cleans.orders) == 1


def test_a_cleaned_sound_is_heard_again_for_another_text(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    for itn in (False, True):
        [job] = room.submit(bench, fakes.recording(2), clean="denoise", itn=itn)
        assert bench.wait(job.id, 10).status == "succeeded"
        assert room.heard[-1].get("clean") is True
    assert sum(order["work"] == "finish" for order in cleans.orders) == 1
    bench.delete([job.id])
    bench.history.purge(2e9)
    assert [bench.job(job.id) for job in bench.history.jobs([job.id])] == []


def test_an_equal_sound_is_given_at_once_and_outlives_the_first(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    bench = room.bench()
    told = json.dumps(fakes.recording(2)).encode()

    def submit(name: str, **asked: Any) -> Any:
        return bench.wait(bench.submit([bench.receive(name, [told]).id], SoundRequest(**asked), "ann")[0].id, 10)

    def n_made() -> int:
        return sum(order["work"] == "finish" for order in cleans.orders)

    first, same = submit("talk.wav"), submit("TALK.WAV")
    assert n_made() == 1 and same.copied_from == first.id and same.duration_s == 60.0
    submit("talk.mp3"), submit("talk.wav", strength=0.6)
    assert n_made() == 3
    row, path = bench.artifacts.find(first.id, RESULT)
    path.unlink()
    assert bench.artifacts.find(same.id, RESULT)[1].read_bytes()
    submit("talk.wav")
    assert n_made() == 3


def test_a_way_of_cleaning_that_is_not_known_is_refused(room: Any, fakes: SimpleNamespace, cleans: Cleans) -> None:
    bench = room.bench()
    with pytest.raises(JobError) as refused:
        room.submit(bench, fakes.recording(1), clean="polish")
    assert refused.value.values["field"] == "clean"
    assert SoundRequest(kind="denoise") == SoundRequest()


def test_the_text_from_the_sound_as_it_came_is_made_once_and_compared(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    bench = room.bench()
    room.engine = lambda item: (
        {"window": "", "audio_s": 1.0}
        if isinstance(item, SoundItem)
        else fakes.say(item, "ship the parts" if "work" in item.pcm else "skip the parts")
    )
    [job] = room.submit(bench, fakes.recording(1), clean="denoise")
    bench.wait(job.id, 10)
    other = bench.comparing.as_it_came(job.id, "ann")
    assert bench.wait(other, 10).request["clean"] is None
    assert bench.comparing.as_it_came(job.id, "bob") == other
    told = bench.comparing.differing(other, job.id)
    assert told["n_different"] == 1 and told["n_words"] == 3
    assert told["rows"][0]["one"] == [["skip ", False], ["the parts", True]]
    assert told["rows"][0]["other"] == [["ship ", False], ["the parts", True]]
    with pytest.raises(JobError) as refused:
        bench.comparing.as_it_came(other, "ann")
    assert refused.value.code == "not_cleaned"


def test_a_voice_is_heard_in_the_cleaned_sound_and_both_go_with_it(
    room: Any, fakes: SimpleNamespace, cleans: Cleans
) -> None:
    before, room.catalog = room.engine, without_needs()
    room.engine = lambda item: hear(item) if isinstance(item, VoicesItem) else before(item)
    room.store.there.add("campplus")
    bench = room.bench()
    upload = bench.receive("ann.wav", [json.dumps(fakes.recording(1, 28.0)).encode()])
    job = bench.voices.clips.take(upload.id, "me", "denoise")
    assert bench.wait(job, 10).status == "succeeded"
    assert [told.get("clean") for told in room.heard] == [None, True]
    assert bench.voices.clips.told(job)["cleaned"] and bench.voices.clips.told(job)["people"]
    sound = cleaned_by(bench.history, job)
    bench.voices.clips.delete([job])
    assert bench.history.job(job) is None and bench.history.job(sound) is None
    assert not bench.artifacts.folder(job).exists() and not bench.artifacts.folder(sound).exists()

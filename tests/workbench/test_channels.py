"""One person a channel, on a real database: levels beside the sound become speakers, without an engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.requests import SpeakersRequest, VoicesItem
from media.channels import CHANNELS
from media.voices import FRAME_S, FRAMES_A_WINDOW, Voice, Window
from tests.workbench.test_speakers import LENGTH_S, PEOPLE, say, without_needs
from tests.workbench.watching import WAIT_S, settle
from workbench.history.voices import Consent
from workbench.voices.voices import Ref, Wanted

BY_CHANNEL = SpeakersRequest(channels=True)


def only_words(item: Any) -> dict[str, Any]:
    assert not isinstance(item, VoicesItem), "channels need no engine"
    return say(item)


def right_then_left() -> bytes:
    """The right side speaks for eight seconds, then the left one."""
    levels = np.full((round(LENGTH_S * 50), 2), 40, np.uint8)
    levels[:400, 1] = levels[425:, 0] = 130
    return levels.tobytes()


@pytest.fixture
def bench(room: Any) -> Iterator[Any]:
    room.engine, room.catalog = say, without_needs()
    room.store.there.add("campplus")
    yield room.bench()


def two_sides(item: Any) -> dict[str, Any]:
    """The person of the right side for eight seconds, then the one of the left."""
    if not isinstance(item, VoicesItem):
        return say(item)
    windows = []
    for start in item.starts:
        times = start + np.arange(FRAMES_A_WINDOW) * FRAME_S
        heard = [(times >= 8.5) & (times < LENGTH_S), times < 8.0]
        voices = [Voice(when, PEOPLE[n], float(when.sum() * FRAME_S)) for n, when in enumerate(heard) if when.any()]
        windows.append(Window(start, tuple(voices)).to_dict())
    return {"windows": windows, "audio_s": 10.0 * len(windows)}


def text_of(room: Any, bench: Any, fakes: SimpleNamespace) -> str:
    job = room.submit(bench, fakes.recording(1, LENGTH_S))[0].id
    bench.wait(job, WAIT_S)
    return str(job)


def folder_of(bench: Any, job: str) -> Any:
    return bench.recording_folder(job)


def tell(bench: Any, job: str) -> Any:
    bench.tell_speakers(job, BY_CHANNEL)
    return settle(bench, job, lambda view: view.speakers["status"] == "succeeded").speakers


def test_left_is_the_first_speaker_and_right_the_second_without_an_engine(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    room.engine = only_words
    room.store.there.discard("campplus")
    job = text_of(room, bench, fakes)
    (folder_of(bench, job) / CHANNELS).write_bytes(right_then_left())
    assert tell(bench, job)["notes"] == []
    assert [line["speaker"] for line in bench.segments(job)["segments"]] == ["2", "1"]
    assert bench.speakers(job)["turns"] == [[0.0, 8.0, "2"], [8.5, LENGTH_S, "1"]]


def test_somebody_whose_voice_is_known_is_named_on_a_channel_too(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    room.residency.engine = two_sides
    first, second = (room.submit(bench, fakes.recording(number, LENGTH_S))[0].id for number in (1, 2))
    for job in (first, second):
        bench.wait(job, WAIT_S)
        (folder_of(bench, job) / CHANNELS).write_bytes(right_then_left())
    tell(bench, first)
    consent = Consent("Ann Lee", "2026-01-05", "my name in our transcripts")
    bench.voices.enrol(Wanted("Ann", consent, (Ref(first, "1"),)), "127.0.0.1")
    tell(bench, second)
    assert [one["name"] for one in bench.speakers(second)["speakers"]] == ["Ann", None]
    assert bench.speakers(second)["turns"] == [[0.0, 8.0, "2"], [8.5, LENGTH_S, "1"]]


@pytest.mark.parametrize("with_voices", [True, False])
def test_a_name_stays_with_its_channel(room: Any, bench: Any, fakes: SimpleNamespace, with_voices: bool) -> None:
    room.residency.engine = two_sides
    if not with_voices:
        room.store.there.discard("campplus")
    job = text_of(room, bench, fakes)
    (folder_of(bench, job) / CHANNELS).write_bytes(right_then_left())
    tell(bench, job)
    bench.name_speaker(job, "2", "Customer")
    tell(bench, job)
    assert [one["name"] for one in bench.speakers(job)["speakers"]] == [None, "Customer"]


def test_a_recording_with_one_channel_is_told_apart_by_voices_with_a_note(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    job = text_of(room, bench, fakes)
    (folder_of(bench, job) / CHANNELS).write_bytes(b"")
    assert [note["code"] for note in tell(bench, job)["notes"]] == ["no_channels"]
    assert [line["speaker"] for line in bench.segments(job)["segments"]][:3] == ["1", "2", "1"]


def test_a_recording_whose_channels_nobody_looked_at_is_read_again(
    room: Any, bench: Any, fakes: SimpleNamespace
) -> None:
    job = text_of(room, bench, fakes)
    mark = folder_of(bench, job) / "audio.json"
    mark.write_text(json.dumps({}))
    n_before = room.intake.n_runs
    tell(bench, job)
    assert room.intake.n_runs == n_before + 1 and not mark.exists()


def test_the_wish_can_come_with_the_recording(room: Any, bench: Any, fakes: SimpleNamespace) -> None:
    job = room.submit(bench, fakes.recording(1, LENGTH_S), speakers=BY_CHANNEL)[0].id
    ended = settle(bench, job, lambda view: view.speakers is not None and view.speakers["status"] == "succeeded")
    assert [note["code"] for note in ended.speakers["notes"]] == ["no_channels"]


def test_without_the_pack_channels_are_told_apart_and_one_channel_is_refused_with_the_reason(
    room: Any, fakes: SimpleNamespace
) -> None:
    missing = tuple(replace(spec, needs=("no_such_package",) if spec.pack else ()) for spec in catalog.MODELS)
    by_name = {spec.name: spec for spec in missing}
    room.catalog = SimpleNamespace(MODELS=missing, by_name=by_name.__getitem__, for_quality=catalog.for_quality)
    room.engine = only_words
    bench = room.bench()
    job = text_of(room, bench, fakes)
    (folder_of(bench, job) / CHANNELS).write_bytes(right_then_left())
    tell(bench, job)
    assert len(bench.speakers(job)["speakers"]) == 2
    (folder_of(bench, job) / CHANNELS).write_bytes(b"")
    bench.tell_speakers(job, BY_CHANNEL)
    ended = settle(bench, job, lambda view: view.speakers["status"] == "failed")
    assert ended.speakers["error"]["code"] == "speakers_no_channels"
    assert len(bench.speakers(job)["speakers"]) == 2

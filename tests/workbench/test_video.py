"""A video goes through the whole workbench: looked at, cut, enlarged, put together; cancelled and taken up again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engines import catalog
from engines.device import Machine
from engines.intake.intake import Intake
from engines.requests_video import VideoRequest
from engines.residency.residency import Residency
from media.errors import MediaError
from tests.media.video_made import Odd, made, times_of
from workbench.core import Workbench
from workbench.errors import JobError
from workbench.history.history import History
from workbench.settings import Settings
from workbench.tasks.video import UNIT, VideoWork, check, chunks_of
from workbench.tasks.work import Told
from workbench.texts import Texts


@pytest.mark.parametrize(
    "wrong", [{"source": "old"}, {"scale": 3}, {"codec": "gif"}, {"quality": "fine"}, {"start": -1.0}, {"end": 0.0}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(JobError) as refused:
        check(VideoRequest.from_dict(wrong))
    assert refused.value.values["field"] == next(iter(wrong))


def test_a_request_survives_its_stored_shape() -> None:
    asked = VideoRequest("blurred", 2, "av1", "best", 3.0, 9.5, True)
    assert VideoWork().request(asked.to_dict()) == asked


def test_a_chunk_is_as_long_as_there_are_pixels_in_it() -> None:
    chunks = chunks_of([(0, 16), (16, 40)], 320, 240)
    assert [chunk.number for chunk in chunks] == [0, 1]
    assert [chunk.sound_s for chunk in chunks] == [pytest.approx(n * 320 * 240 / UNIT) for n in (16, 24)]


def test_what_is_only_looked_at_plays_in_every_browser() -> None:
    told = Told(VideoRequest(codec="av1", trial=True), Path(), ((0.0, 1.0),), None, None, 3, Path("v.mp4"), Path("w"))
    item = VideoWork().item(told)
    assert (item.codec, item.number) == ("h264", 3)


@pytest.fixture
def bench(tmp_path: Path, root: Path) -> Iterator[Workbench]:
    """A workbench with real processes; what needs no weights can run."""
    data = tmp_path / "data"
    data.mkdir()
    store: Any = SimpleNamespace(find=lambda spec: tmp_path, available=lambda name: True)
    machine = Machine(2, 16_000, 16_000)
    history = History(data / "history.db", root / "history.db-schema")
    made_of = Workbench(
        Settings(data=data), history, Residency(store, machine), Intake(), store, catalog,
        Texts(root / "assets" / "texts"), machine=machine,
    )  # fmt: skip
    made_of.start()
    yield made_of
    made_of.close()


def uploaded(bench: Workbench, path: Path) -> str:
    return bench.receive(path.name, iter([path.read_bytes()])).id


def test_a_video_becomes_a_larger_one(bench: Workbench, tmp_path: Path) -> None:
    path = made(tmp_path / "video.mp4", Odd(n_frames=50, cuts=(20,)))
    upload = uploaded(bench, path)
    told = bench.video.look(upload)
    assert told["facts"]["width"] == 64 and told["problem"] == {"2": None, "4": None}
    assert bench.video.still(upload, 1.0).read_bytes()[:2] == b"\xff\xd8"
    expected = bench.video.expected(upload, VideoRequest("quick", start=1.0))
    assert expected["n_frames"] == 25 and expected["time_s"] > 0
    job = bench.wait(bench.submit([upload], VideoRequest("quick"), "ann")[0].id, 120)
    assert (job.status, job.error) == ("succeeded", None)
    found = {row.name: bench.artifacts.find(job.id, row.name) for row in bench.history.artifacts(job.id)}
    assert set(found) == {"result", "facts", "still_before", "still_after"} and all(found.values())
    row, result = found["result"] or (None, path)
    assert row is not None and row.media_type == "video/mp4" and times_of(result) == times_of(path)
    facts = json.loads((found["facts"] or (None, path))[1].read_text())
    assert (facts["out_width"], facts["n_frames"], facts["n_scenes"]) == (256, 50, 2)
    assert not bench.artifacts.work(job.id).exists()


def test_a_cancelled_video_goes_on_with_what_is_done(bench: Workbench, tmp_path: Path) -> None:
    path = made(tmp_path / "video.mp4", Odd(n_frames=200, cuts=tuple(range(20, 200, 20))))
    job = bench.submit([uploaded(bench, path)], VideoRequest("quick"), "ann")[0]
    with bench.watch([job.id]) as changes:
        while not (done := [c for c in bench.history.chunks(job.id) if c.status == "succeeded"]):
            changes.wait(5)
    if bench.cancel(job.id).status == "cancelled":
        bench.retry(job.id)
    assert bench.wait(job.id, 120).status == "succeeded"
    after = {chunk.number: chunk for chunk in bench.history.chunks(job.id)}
    assert [after[chunk.number].finished_at for chunk in done] == [chunk.finished_at for chunk in done]


def test_what_cannot_be_done_is_said_before_a_job_is_made(bench: Workbench, tmp_path: Path) -> None:
    upload = uploaded(bench, made(tmp_path / "wide.mp4", Odd(size=(2100, 32), n_frames=2, sound=False)))
    assert bench.video.look(upload)["problem"]["4"]["code"] == "video_result_too_large"
    with pytest.raises(MediaError, match="video_result_too_large"):
        bench.video.check([upload], VideoRequest("quick", 4))
    bench.video.check([upload], VideoRequest("quick", 2))


def test_a_file_without_pictures_ends_with_a_word(bench: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "note.mp4"
    path.write_bytes(b"this is a text and no video\n" * 50)
    with pytest.raises(MediaError):
        bench.video.look(uploaded(bench, path))

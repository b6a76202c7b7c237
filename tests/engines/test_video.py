"""Tiles cover a frame within their budget; frames come in order from a process of their own; a run is there wholly."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.base import Place
from engines.catalog import by_name
from engines.errors import EngineError
from engines.intake import video as intake_video
from engines.intake.intake import Intake
from engines.requests_video import VideoItem
from engines.video.frames import Frames
from engines.video.lanczos import Enlarging, LanczosEngine
from engines.video.output import AFTER, BEFORE
from engines.video.tiles import HALO, pixel_bytes, tiles
from media.errors import MediaError
from media.limits import MediaLimits
from media.video_encoding import run_name
from media.video_index import read_index
from tests.media.video_made import Odd, made, picture, times_of

LIMITS = MediaLimits()


@given(
    width=st.integers(16, 4096), height=st.integers(16, 2304), n_frames=st.integers(1, 72),
    budget=st.integers(1 << 28, 1 << 33), feature_bytes=st.sampled_from([128, 256]),
)  # fmt: skip
def test_tiles_cover_a_frame_and_hold_to_the_budget(
    width: int, height: int, n_frames: int, budget: int, feature_bytes: int
) -> None:
    per_pixel = pixel_bytes(n_frames, n_frames + 16, feature_bytes)
    found = tiles(width, height, budget, per_pixel)
    covered = np.zeros((height, width), np.uint8)
    for tile in found:
        covered[tile.rows.first : tile.rows.last, tile.columns.first : tile.columns.last] += 1
        tall, wide = tile.rows.high - tile.rows.low, tile.columns.high - tile.columns.low
        small = max(tile.rows.last - tile.rows.first, tile.columns.last - tile.columns.first) < 200
        assert len(found) == 1 or small or tall * wide * per_pixel <= budget
        assert tile.rows.first - tile.rows.low in (0, HALO) or tile.rows.low == 0
    assert covered.min() == covered.max() == 1


def index(path: Path, folder: Path, **more: object) -> dict[str, object]:
    order = {"source": str(path), "folder": str(folder), "start": 0.0, "end": None, "scale": 4, **more}
    return intake_video.index(order, LIMITS, lambda share: None)


@pytest.mark.parametrize("first", [0, 7, 30])
def test_frames_come_in_order_from_wherever_they_are_wanted(tmp_path: Path, first: int) -> None:
    path, folder = made(tmp_path / "video.mp4", Odd(n_frames=90, options=(("crf", "4"), ("g", "25")))), tmp_path / "w"
    index(path, folder)
    known = read_index(folder)
    assert known is not None
    frames = Frames(str(path), folder, known, first, LIMITS)
    try:
        for number in range(first, first + 5):
            assert np.abs(frames.take().astype(int) - picture(number, 0, (64, 48)).astype(int)).mean() < 4
    finally:
        frames.close()
    assert frames.next_frame == first + 5


def test_a_video_that_is_gone_ends_in_an_error_and_not_in_waiting(tmp_path: Path) -> None:
    path, folder = made(tmp_path / "video.mp4"), tmp_path / "w"
    index(path, folder)
    known = read_index(folder)
    assert known is not None
    path.unlink()
    frames = Frames(str(path), folder, known, 0, LIMITS)
    with pytest.raises(EngineError, match="media_crashed"):
        frames.take()
    frames.close()


@pytest.mark.parametrize(("scale", "size"), [(4, (256, 192)), (2, (128, 96))])
def test_a_video_is_enlarged_run_by_run_without_a_model(tmp_path: Path, scale: int, size: tuple[int, int]) -> None:
    path, folder = made(tmp_path / "video.mp4", Odd(n_frames=60, cuts=(20, 41))), tmp_path / "w"
    index(path, folder)
    known = read_index(folder)
    assert known is not None and known.runs == ((0, 20), (20, 41), (41, 60))
    engine = LanczosEngine()
    engine.load(by_name("lanczos"), tmp_path, Place("cpu", "float32", 1))
    items = [VideoItem(str(path), str(folder), number, scale) for number in range(3)]
    seen: list[int] = []
    results = engine.run(items, lambda at, result: seen.append(at) if "partial" not in result else None)
    engine.close()
    assert seen == [0, 1, 2] and [result["n_frames"] for result in results] == [20, 21, 19]
    assert (folder / BEFORE).is_file() and (folder / AFTER).is_file() and not list(folder.glob("*.part"))
    order = {"source": str(path), "folder": str(folder), "name": "video.mp4", "n_runs": 3}
    made_of_it = folder / str(intake_video.join(order, LIMITS, lambda share: None)["file"])
    with av.open(str(made_of_it)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == size
    assert times_of(made_of_it) == times_of(path)


@pytest.mark.parametrize("scale", [2, 4])
def test_enlarging_without_a_model_keeps_places_and_colours(scale: int) -> None:
    small = picture(3, 1, (64, 48))
    large = Enlarging(scale)(small)
    assert large.shape == (48 * scale, 64 * scale, 3)
    back = large.reshape(48, scale, 64, scale, 3).mean(axis=(1, 3))
    assert np.abs(back - small)[4:-4, 4:-4].mean() < 3


def test_a_run_out_of_order_is_the_same_as_in_order(tmp_path: Path) -> None:
    path, folder = made(tmp_path / "video.mp4", Odd(n_frames=40, cuts=(20,))), tmp_path / "w"
    index(path, folder)
    engine = LanczosEngine()
    engine.load(by_name("lanczos"), tmp_path, Place("cpu", "float32", 1))
    items = [VideoItem(str(path), str(folder), number) for number in range(2)]
    engine.run(items, lambda at, result: None)
    in_order = (folder / run_name(1)).read_bytes()
    engine.run([items[1]], lambda at, result: None)
    engine.close()
    assert (folder / run_name(1)).read_bytes() == in_order


def test_the_intake_looks_at_a_video_in_its_sandbox(tmp_path: Path) -> None:
    path, still = made(tmp_path / "video.mp4", Odd(n_frames=50)), tmp_path / "still.jpg"
    intake = Intake()
    try:
        order = {
            "work": "video_look", "source": str(path), "folder": str(tmp_path), "still": str(still), "at": 1,
        }  # fmt: skip
        told = intake.sound(order, LIMITS, lambda share: None, lambda: False)
        assert told["facts"]["width"] == 64 and still.read_bytes()[:2] == b"\xff\xd8"
        path.write_bytes(b"no video at all " * 40)
        with pytest.raises(MediaError):
            intake.sound(order, LIMITS, lambda share: None, lambda: False)
    finally:
        intake.close()


def test_half_pictures_are_woven_and_keep_their_number(tmp_path: Path) -> None:
    path = made(tmp_path / "woven.mp4", Odd(n_frames=12, options=(("crf", "4"), ("x264-params", "tff=1"))))
    folder = tmp_path / "w"
    index(path, folder)
    known = read_index(folder)
    assert known is not None and known.interlaced
    frames = Frames(str(path), folder, known, 0, LIMITS)
    try:
        for number in range(12):
            assert np.abs(frames.take().astype(int) - picture(number, 0, (64, 48)).astype(int)).mean() < 8
    finally:
        frames.close()

"""Videos are told apart, cut where scenes change, and put together again with all that they had besides pictures."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import MediaError
from media.limits import MediaLimits
from media.video_encoding import KINDS, Encoding, RunWriter, run_name
from media.video_facts import VideoFacts, check
from media.video_index import Part, VideoIndex, make_index, read_index, read_times
from media.video_joining import container_of, join
from media.video_scenes import SceneFinder, run_length, runs_of
from media.video_source import Upright, VideoSource, look
from tests.media.video_made import Odd, made, picture, times_of

LIMITS = MediaLimits()
FACTS = VideoFacts(64, 48, (25, 1), (1, 12_800))


def index_of(path: Path, folder: Path, part: Part | None = None, scale: int = 4) -> VideoIndex:
    return make_index(path, folder, part or Part(), scale, LIMITS, lambda share: None)


def encoded(path: Path, folder: Path, index: VideoIndex, kind: str = "h264") -> None:
    """Writes each run of an index, enlarged by repeating pixels."""
    times, upright = read_times(folder), Upright(index.facts)
    with VideoSource(path, LIMITS) as source:
        frames = {f.pts: upright.picture(f) for f in source.frames(joined=True)}
    for number, (first, end) in enumerate(index.runs):
        with RunWriter(folder / run_name(number), index.facts, Encoding(kind, threads=1), int(times[0])) as writer:
            for at in range(first, end):
                writer.write(frames[int(times[at])].repeat(4, 0).repeat(4, 1), int(times[at]))
            writer.finish()


def result_of(path: Path, folder: Path, part: Part | None = None, kind: str = "h264") -> Path:
    index = index_of(path, folder, part)
    encoded(path, folder, index, kind)
    told = join(path, path.name, folder, len(index.runs), LIMITS, lambda share: None)
    return folder / told.file


def test_a_cut_begins_a_scene_and_movement_does_not() -> None:
    finder = SceneFinder()
    found = [finder.feed(picture(at, at // 20, (64, 36))[:, :, 0]) for at in range(60)]
    assert [at for at, begins in enumerate(found) if begins] == [0, 20, 40]


@given(
    lengths=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    length=st.integers(4, 48),
)
def test_runs_cover_every_frame_once_and_cross_no_cut(lengths: list[int], length: int) -> None:
    starts = [sum(lengths[:n]) for n in range(len(lengths))]
    runs = runs_of(starts, sum(lengths), length)
    assert [at for first, end in runs for at in range(first, end)] == list(range(sum(lengths)))
    assert set(starts) <= {first for first, _ in runs}
    assert max(end - first for first, end in runs) <= 1.5 * length


def test_large_frames_have_short_runs() -> None:
    assert (run_length(80, 60), run_length(320, 180), run_length(1920, 1080)) == (48, 17, 16)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"width": 7680, "height": 4320}, "video_too_large"),
        ({"width": 2100, "height": 1000}, "video_result_too_large"),
        ({"width": 8}, "video_too_small"),
        ({"transfer": 16}, "video_hdr"),
        ({"transfer": 18, "bits": 10}, "video_hdr"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_done(changed: dict[str, int], code: str) -> None:
    with pytest.raises(MediaError) as refused:
        check(replace(FACTS, **changed), 4)
    assert refused.value.code == code


def test_ten_bits_become_eight_with_a_word_about_it() -> None:
    assert check(replace(FACTS, bits=10), 4) == ["video_eight_bits"]


def test_facts_survive_their_stored_shape() -> None:
    assert VideoFacts.from_dict(FACTS.to_dict()) == FACTS


def test_a_rotated_video_stands_upright(tmp_path: Path) -> None:
    path = made(tmp_path / "turned.mp4", Odd(rotation=90))
    with VideoSource(path, LIMITS) as source:
        facts, first = look(source)
    assert (facts.width, facts.height, facts.rotation) == (48, 64, 90)
    seen = Upright(facts).picture(first).astype(int)
    assert np.abs(seen - np.rot90(picture(0, 0, (64, 48))).astype(int)).mean() < 4


@pytest.mark.parametrize("full_range", [False, True])
def test_colours_come_through_decoding_and_encoding(tmp_path: Path, full_range: bool) -> None:
    path = made(tmp_path / "video.mp4", Odd(full_range=full_range, n_frames=3))
    result = result_of(path, tmp_path / "work")
    with av.open(str(result)) as container:
        frame = next(container.decode(video=0))
        assert int(frame.color_range) == (2 if full_range else 1)
        facts = replace(index_of(path, tmp_path / "work").facts, width=256, height=192)
        seen = Upright(facts).picture(frame).astype(int)
    assert np.abs(seen - picture(0, 0, (64, 48)).repeat(4, 0).repeat(4, 1).astype(int)).mean() < 3


UNEVEN = (0.0, 0.04, 0.09, 0.11, 0.2, 0.24, 0.3, 0.31, 0.4, 0.5, 0.52, 0.6)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("even.mp4", Odd()),
        ("uneven.mp4", Odd(times=UNEVEN)),
        ("uneven.mkv", Odd(times=UNEVEN)),
        ("cuts.mp4", Odd(n_frames=40, cuts=(13, 29))),
        ("odd.mp4", Odd(size=(63, 47), pixels="yuv444p")),
        ("silent.mp4", Odd(sound=False)),
        ("one.mp4", Odd(n_frames=1, sound=False)),
        ("ten.mkv", Odd(pixels="yuv420p10le")),
        ("old.avi", Odd(codec="mpeg4")),
        ("stream.ts", Odd()),
        ("pixels.mp4", Odd(shape=Fraction(4, 3))),
    ],
)
def test_every_frame_comes_back_at_its_time(tmp_path: Path, name: str, odd: Odd) -> None:
    path = made(tmp_path / name, odd)
    result = result_of(path, tmp_path / "work")
    before, after = times_of(path), times_of(result)
    assert len(after) == len(before)
    moved = [a - b for a, b in zip(after, before, strict=True)]
    assert max(moved) - min(moved) < 0.002
    with av.open(str(result)) as container:
        assert bool(container.streams.audio) == odd.sound
        assert container.streams.video[0].sample_aspect_ratio in (odd.shape, None if odd.shape == 1 else odd.shape)


@pytest.mark.parametrize("name", ["sound.mp4", "sound.mkv", "sound.ts"])
def test_sound_is_where_it_was_beside_the_pictures(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / name, Odd(n_frames=50, times=tuple(0.2 + n / 25 for n in range(50))))
    result = result_of(path, tmp_path / "work")

    def ends(video: Path) -> tuple[float, float]:
        with av.open(str(video)) as container:
            heard = [float(f.time) + f.samples / f.sample_rate for f in container.decode(audio=0)]
        return times_of(video)[0], heard[-1]

    (picture_before, sound_before), (picture_after, sound_after) = ends(path), ends(result)
    assert abs((sound_after - picture_after) - (sound_before - picture_before)) < 0.03


def test_a_part_has_its_own_frames_and_its_own_sound(tmp_path: Path) -> None:
    path = made(tmp_path / "video.mp4", Odd(n_frames=100))
    result = result_of(path, tmp_path / "work", Part(1.0, 2.0))
    assert times_of(result) == [pytest.approx(n / 25, abs=0.002) for n in range(25)]
    with av.open(str(result)) as container:
        heard = [float(frame.time) for frame in container.decode(audio=0)]
    assert heard[0] >= -0.06 and 0.9 < heard[-1] < 1.05


def test_an_empty_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="video_no_pictures"):
        index_of(made(tmp_path / "video.mp4"), tmp_path / "work", Part(20.0, 21.0))


def test_a_broken_tail_costs_the_tail_alone(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.ts", Odd(n_frames=50)).read_bytes()
    broken = tmp_path / "broken.ts"
    broken.write_bytes(whole[: len(whole) * 2 // 3])
    n_frames = len(times_of(result_of(broken, tmp_path / "work")))
    assert 20 < n_frames < 50


def test_an_index_that_is_not_whole_counts_as_none(tmp_path: Path) -> None:
    index = index_of(made(tmp_path / "video.mp4"), tmp_path / "work")
    assert read_index(tmp_path / "work") == index
    (tmp_path / "work" / "times.i64").write_bytes(b"1234")
    assert read_index(tmp_path / "work") is None


@pytest.mark.parametrize("content", [b"#EXTM3U\n/etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n", b""])
def test_a_list_of_other_files_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        VideoSource(path, LIMITS)


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("pcm_s16le", rate=16_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), format="s16", layout="mono")
        frame.sample_rate = 16_000
        output.mux(stream.encode(frame))
    with pytest.raises(MediaError, match="video_no_pictures"):
        VideoSource(path, LIMITS)


def test_a_container_is_kept_where_it_takes_the_result() -> None:
    assert container_of("mov,mp4,m4a,3gp,3g2,mj2", "a.MOV") == "mov"
    assert container_of("mov,mp4,m4a,3gp,3g2,mj2", "a.mp4") == "mp4"
    assert container_of("avi", "a.avi") == container_of("matroska,webm", "a.webm") == "matroska"


def test_words_about_a_video_are_kept_and_those_about_its_file_are_not(tmp_path: Path) -> None:
    plain, path = made(tmp_path / "plain.mp4"), tmp_path / "named.mkv"
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        streams[1].metadata["language"] = "chi"
        output.metadata.update({"title": "会议", "DURATION-eng": "9"})
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    with av.open(str(result_of(path, tmp_path / "work"))) as container:
        assert container.metadata["title"] == "会议" and "DURATION-eng" not in container.metadata
        assert container.streams.audio[0].language == "chi"


@pytest.mark.parametrize("kind", KINDS)
def test_runs_of_every_kind_go_one_behind_the_other(tmp_path: Path, kind: str) -> None:
    path = made(tmp_path / "video.mp4", Odd(size=(96, 64), n_frames=30, cuts=(8, 19)))
    result = result_of(path, tmp_path / "work", kind=kind)
    assert times_of(result) == times_of(path)
    with av.open(str(result)) as after, av.open(str(path)) as before:
        assert after.duration == before.duration
        for made_of_it, frame in zip(after.decode(video=0), before.decode(video=0), strict=True):
            small = made_of_it.reformat(96, 64, "gray").to_ndarray().astype(int)
            assert np.abs(small - frame.reformat(format="gray").to_ndarray()).mean() < 2


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no schedulers to ask for")
def test_no_encoder_leaves_this_process_with_realtime_priority(tmp_path: Path) -> None:
    writing = Encoding("av1", scale=1, threads=1)
    with RunWriter(tmp_path / "run.nut", FACTS, writing, 0) as writer:
        for number in range(3):
            writer.write(np.zeros((48, 64, 3), np.uint8), number * 512)
            assert os.sched_getscheduler(0) == os.SCHED_OTHER
        writer.finish()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER

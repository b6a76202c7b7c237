"""What a video has beside its pictures comes through: all its sound, subtitles, fonts, chapters, names, odd clocks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.limits import MediaLimits
from media.video_beside import covers_of
from media.video_encoding import Encoding, RunWriter, run_name
from media.video_index import Part, make_index, read_times
from media.video_joining import join
from media.video_source import Upright, VideoSource, look
from tests.media.test_video import index_of, result_of
from tests.media.video_made import TICK, Odd, made, picture, times_of

LIMITS = MediaLimits()
LINES = ((0.2, 0.4, "早上好"), (1.2, 0.5, "Good morning"), (1.8, 0.3, "end"))


def rich(path: Path) -> Path:
    """Two seconds with two languages of sound, subtitles, chapters, a font and names, in Matroska."""
    plain = made(path.with_name("plain.mp4"), Odd(n_frames=50))
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        pictures = output.add_stream_from_template(source.streams.video[0])
        pictures.metadata["title"] = "hall"
        sounds = [output.add_stream_from_template(source.streams.audio[0]) for _ in range(2)]
        for sound, language in zip(sounds, ("chi", "eng"), strict=True):
            sound.metadata["language"] = language
        words: Any = output.add_mux_stream("subrip")
        words.metadata["language"] = "chi"
        output.add_attachment("some.ttf", "font/ttf", b"not really a font")
        tick = Fraction(1, 1000)
        named = [(0, 1000, "one"), (1000, 2000, "two")]
        output.set_chapters(
            [
                {"id": n, "start": a, "end": b, "time_base": tick, "metadata": {"title": t}}
                for n, (a, b, t) in enumerate(named)
            ]
        )
        lines = list(LINES)
        for packet in source.demux():
            if packet.dts is None:
                continue
            while lines and packet.dts * packet.time_base >= lines[0][0]:
                output.mux(_line(words, *lines.pop(0)))
            if packet.stream.type == "video":
                packet.stream = pictures
                output.mux(packet)
                continue
            for sound in sounds:
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.stream, copy.is_keyframe = sound, True
                output.mux(copy)
        for line in lines:
            output.mux(_line(words, *line))
    return path


def _line(stream: Any, start: float, lasts: float, text: str | bytes) -> av.Packet[Any]:
    packet: Any = av.Packet(text.encode() if isinstance(text, str) else text)
    packet.stream, packet.time_base = stream, Fraction(1, 1000)
    packet.pts = packet.dts = round(start * 1000)
    packet.duration = round(lasts * 1000)
    return packet


def lines_of(path: Path) -> list[tuple[float, str]]:
    """When each line of subtitles begins, in seconds from the first picture."""
    zero = times_of(path)[0]
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.subtitles[0]) if p.size]
        return [(round(float(p.pts * p.time_base) - zero, 2), bytes(p).decode()) for p in packets]


def test_everything_beside_the_pictures_comes_through(tmp_path: Path) -> None:
    result = result_of(rich(tmp_path / "rich.mkv"), tmp_path / "work")
    with av.open(str(result)) as container:
        assert container.streams.video[0].metadata["title"] == "hall"
        assert [stream.language for stream in container.streams.audio] == ["chi", "eng"]
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["one", "two"]
        assert [bytes(stream.data) for stream in container.streams.attachments] == [b"not really a font"]
        moved = float(container.chapters()[1]["start"] * container.chapters()[1]["time_base"]) - 1.0
    assert moved == pytest.approx(0, abs=0.03)
    assert lines_of(result) == [(pytest.approx(start, abs=0.03), text) for start, _, text in LINES]


def test_a_part_has_its_own_subtitles_and_chapters(tmp_path: Path) -> None:
    result = result_of(rich(tmp_path / "rich.mkv"), tmp_path / "work", Part(1.0, 1.6))
    assert lines_of(result) == [(pytest.approx(0.2, abs=0.03), "Good morning")]
    with av.open(str(result)) as container:
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == ["two"]
        assert container.chapters()[0]["start"] <= 30


def test_a_phone_s_file_keeps_its_subtitles_and_its_cover(tmp_path: Path) -> None:
    plain, path = made(tmp_path / "plain.mp4", Odd(n_frames=50)), tmp_path / "phone.mp4"
    text = "早上好".encode()
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        words: Any = output.add_mux_stream("mov_text")
        cover: Any = output.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        frame = av.VideoFrame.from_ndarray(picture(0, 0, (64, 48)), "rgb24").reformat(format="yuvj420p")
        output.mux(cover.encode(frame) + cover.encode(None))
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
        output.mux(_line(words, 1.2, 0.5, len(text).to_bytes(2, "big") + text))
    result = result_of(path, tmp_path / "work")
    with av.open(str(result)) as container:
        kinds = [(stream.type, bool(stream.disposition & 1024)) for stream in container.streams]
        assert kinds == [("video", False), ("audio", False), ("subtitle", False), ("video", True)]
        lines = [p for p in container.demux(container.streams.subtitles[0]) if p.size > 2]
        assert [(float(p.pts * p.time_base), bytes(p)[2:]) for p in lines] == [(1.2, text)]


@pytest.mark.parametrize("kind", ["mjpeg", "png"])
def test_covers_stay_covers_in_matroska(tmp_path: Path, kind: str) -> None:
    plain, path = made(tmp_path / "plain.mp4", Odd()), tmp_path / "film.mkv"
    drawn: Any = av.CodecContext.create(kind, "w")
    drawn.width, drawn.height, drawn.pix_fmt = 64, 48, {"mjpeg": "yuvj420p", "png": "rgb24"}[kind]
    drawn.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(picture(0, 0, (64, 48)), "rgb24").reformat(format=drawn.pix_fmt)
    cover = bytes((drawn.encode(frame) + drawn.encode(None))[0])
    with av.open(str(plain)) as source, av.open(str(path), "w") as output:
        streams = {stream.index: output.add_stream_from_template(stream) for stream in source.streams}
        output.add_attachment("front.jpg", {"mjpeg": "image/jpeg", "png": "image/png"}[kind], cover)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                output.mux(packet)
    result = result_of(path, tmp_path / "work")
    with av.open(str(result)) as container:
        [found] = covers_of(container)
        assert found.codec_context.name == kind and found.metadata["filename"] == "front.jpg"
        assert bytes(next(packet for packet in container.demux(found) if packet.size)) == cover
        assert len(list(container.streams.audio)) == 1
    assert times_of(result) == times_of(path)


def heard(path: Path) -> tuple[float, float]:
    """When the sound of a video begins and ends, in seconds from its first picture."""
    zero = times_of(path)[0]
    with av.open(str(path)) as container:
        frames = [(float(f.time), f.samples / f.sample_rate) for f in container.decode(audio=0)]
    return frames[0][0] - zero, frames[-1][0] + frames[-1][1] - zero


@pytest.mark.parametrize(
    ("name", "times"),
    [("short.mp4", (0.0, 0.04, 0.08)), ("late.mkv", tuple(1.5 + n / 25 for n in range(50)))],
)
def test_sound_before_the_first_picture_and_behind_the_last_one_stays(
    tmp_path: Path, name: str, times: tuple[float, ...]
) -> None:
    path = made(tmp_path / name, Odd(n_frames=50, times=times + tuple(5.0 + n for n in range(50 - len(times)))))
    result = result_of(path, tmp_path / "work")
    assert heard(result) == pytest.approx(heard(path), abs=0.03)
    assert times_of(result)[-1] - times_of(result)[0] == pytest.approx(
        times_of(path)[-1] - times_of(path)[0], abs=0.002
    )


def test_where_little_moves_a_part_begins_with_what_was_on_the_screen(tmp_path: Path) -> None:
    path = made(tmp_path / "slides.mp4", Odd(n_frames=3, times=(0.0, 10.0, 20.0), sound=False))
    index = index_of(path, tmp_path / "between", Part(12.0, 13.0))
    assert [round(float(pts * TICK)) for pts in read_times(tmp_path / "between")] == [10]
    assert index.lasts * TICK == 3
    result = result_of(path, tmp_path / "work", Part(12.0, 21.0))
    assert times_of(result) == [0.0, 8.0]


def test_the_last_picture_stays_as_long_as_it_did(tmp_path: Path) -> None:
    path = tmp_path / "still.mkv"
    with av.open(str(made(tmp_path / "even.mp4", Odd(sound=False)))) as source, av.open(str(path), "w") as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream, packet.duration = stream, packet.duration + 12_800 * 2 * (packet.pts == 11 * 512)
                output.mux(packet)
    result = result_of(path, tmp_path / "work")
    with av.open(str(result)) as after, av.open(str(path)) as before:
        assert after.duration == pytest.approx(before.duration, abs=40_000)


def test_a_video_that_does_not_say_how_long_it_is_gets_measured(tmp_path: Path) -> None:
    path = tmp_path / "browser.webm"
    # As browsers write: to a pipe, so that nothing can be put in its head later.
    with open(path, "wb") as file, av.open(_Pipe(file), "w", format="webm") as output:
        stream: Any = output.add_stream("libvpx", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(75):
            frame = av.VideoFrame.from_ndarray(picture(number, 0, (64, 48)), "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with VideoSource(path, LIMITS) as source:
        assert not source.container.duration
        facts, _ = look(source)
    assert facts.duration_s == pytest.approx(3.0, abs=0.05)
    assert facts.frames_a_second == pytest.approx(25, rel=0.05)
    assert index_of(path, tmp_path / "part", Part(2.0, 3.0)).n_frames == 25


class _Pipe:
    """A file that can only be written on."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: bytes) -> int:
        return int(self._file.write(data))


def test_files_put_one_behind_the_other_play_on(tmp_path: Path) -> None:
    path = tmp_path / "joined.ts"
    parts = [made(tmp_path / f"{n}.ts", Odd(n_frames=50, cuts=(0,) * n)) for n in range(2)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    index = index_of(path, tmp_path / "work")
    assert (index.n_frames, len(index.jumps)) == (100, 1)
    result = result_of(path, tmp_path / "work")
    times = times_of(result)
    assert [b - a for a, b in pairwise(times)] == [pytest.approx(0.04, abs=0.002)] * 99
    assert heard(result)[1] == pytest.approx(4.0, abs=0.1)


def test_apple_finds_h265_by_its_name(tmp_path: Path) -> None:
    result = result_of(made(tmp_path / "video.mp4"), tmp_path / "work", kind="h265")
    with av.open(str(result)) as container:
        assert container.streams.video[0].codec_tag == "hvc1"


@pytest.mark.parametrize("name", ["video.mp4", "video.mkv"])
def test_runs_of_two_encoders_play_as_one(tmp_path: Path, name: str) -> None:
    path, folder = made(tmp_path / name, Odd(n_frames=30, cuts=(10, 20))), tmp_path / "work"
    index = make_index(path, folder, Part(), 4, LIMITS, lambda share: None)
    times, upright = read_times(folder), Upright(index.facts)
    with VideoSource(path, LIMITS) as source:
        pictures = [upright.picture(frame).repeat(4, 0).repeat(4, 1) for frame in source.frames()]
    for number, (first, end) in enumerate(index.runs):
        with RunWriter(folder / run_name(number), index.facts, Encoding(threads=1), int(times[0])) as writer:
            for at in range(first, end):
                writer.write(pictures[at], int(times[at]))
            writer.finish()
    _as_another_encoder_would(folder / run_name(1), pictures[slice(*index.runs[1])], times[slice(*index.runs[1])])
    told = join(path, name, folder, len(index.runs), LIMITS, lambda share: None)
    with av.open(str(folder / told.file)) as container:
        for frame, wanted in zip(container.decode(video=0), pictures, strict=True):
            assert np.abs(frame.to_ndarray(format="rgb24").astype(int) - wanted.astype(int)).mean() < 6


def _as_another_encoder_would(path: Path, pictures: list[Any], times: Any) -> None:
    with av.open(str(path), "w", format="nut") as output:
        stream: Any = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 256, 192, "yuv420p"
        stream.time_base = stream.codec_context.time_base = TICK
        stream.codec_context.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "14"}
        for made_one, pts in zip(pictures, times, strict=True):
            frame = av.VideoFrame.from_ndarray(made_one, "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = int(pts), TICK
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))

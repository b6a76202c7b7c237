"""A video gets another sound, and its pictures stay as they are."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from media.dubbing import dub
from media.errors import MediaError
from media.limits import MediaLimits
from media.speech_file import SYNTHETIC
from media.spoken import RATE


def video(path: Path, container: str, sound: bool) -> Path:
    """Two seconds of grey pictures, with a hum or without."""
    with av.open(str(path), "w", format=container) as output:
        pictures = output.add_stream("mpeg4", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        heard = output.add_stream("aac", rate=48_000) if sound else None
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), number * 10, np.uint8), format="rgb24")
            output.mux(pictures.encode(frame))
        output.mux(pictures.encode(None))
        if heard is not None:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 96_000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 48_000
            output.mux(heard.encode(frame))
            output.mux(heard.encode(None))
    return path


def hum() -> list[np.ndarray]:
    at = np.arange(RATE) / RATE
    return [np.zeros((RATE, 1), np.float32), (0.3 * np.sin(2 * np.pi * 440 * at)).astype(np.float32).reshape(-1, 1)]


@pytest.mark.parametrize(
    ("container", "name", "suffix", "sound"),
    [("mp4", "talk.mp4", ".mp4", True), ("mov", "talk.mov", ".mov", False), ("matroska", "talk.mkv", ".mkv", True)],
)
def test_the_sound_is_another_and_every_picture_the_same(
    tmp_path: Path, container: str, name: str, suffix: str, sound: bool
) -> None:
    source = video(tmp_path / name, container, sound)
    (tmp_path / "out").mkdir()
    file, media_type = dub(source, name, hum, tmp_path / "out", MediaLimits())
    assert file == f"video{suffix}" and media_type.startswith("video/")
    with av.open(str(tmp_path / "out" / file)) as made, av.open(str(source)) as before:
        assert len(made.streams.audio) == 1 and SYNTHETIC in made.metadata.values()
        pictures = [bytes(packet) for packet in made.demux(made.streams.video[0]) if packet.size]
        assert pictures == [bytes(packet) for packet in before.demux(before.streams.video[0]) if packet.size]
    with av.open(str(tmp_path / "out" / file)) as made:
        samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in made.decode(audio=0)])
        rate = made.streams.audio[0].rate
        assert np.abs(samples[: rate // 2]).max() < 0.01 < 0.2 < np.abs(samples[rate + rate // 4 :]).max()


def test_what_has_no_pictures_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as output:
        stream = output.add_stream("aac", rate=24_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(MediaError, match="video_no_pictures"):
        dub(tmp_path / "a.mp4", "a.mp4", hum, tmp_path, MediaLimits())

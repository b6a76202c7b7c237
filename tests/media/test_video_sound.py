"""Sound that no result can hold as it is stays, written anew; covers stay where an MP4 becomes an MKV."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.limits import MediaLimits
from media.video_beside import covers_of
from media.video_index import Part
from media.video_joining import join
from tests.media.test_video import encoded, index_of
from tests.media.video_made import picture

LIMITS = MediaLimits()
SECONDS = 2


def film(path: Path, codec: str, sound: str, rate: int, cover: bool = False) -> Path:
    """Writes two seconds of pictures and of a rising tone."""
    with av.open(str(path), "w") as output:
        pictures: Any = output.add_stream(codec, rate=25)
        pictures.width, pictures.height, pictures.pix_fmt = 176, 144, "yuv420p"
        heard: Any = output.add_stream(sound, rate=rate)
        heard.codec_context.layout = "mono"
        if sound == "wmav2":
            heard.codec_context.bit_rate = 64_000
        if cover:
            front: Any = output.add_stream("mjpeg", rate=1)
            front.width, front.height, front.pix_fmt = 64, 48, "yuvj420p"
            front.disposition = av.stream.Disposition.attached_pic
            drawn = av.VideoFrame.from_ndarray(picture(0, 0, (64, 48)), "rgb24").reformat(format="yuvj420p")
            output.mux(front.encode(drawn) + front.encode(None))
        packets = []
        for number in range(25 * SECONDS):
            frame = av.VideoFrame.from_ndarray(picture(number, 0, (176, 144)), "rgb24").reformat(format="yuv420p")
            frame.pts = number
            packets += pictures.encode(frame)
        at = np.arange(rate * SECONDS) / rate
        tone = (0.3 * np.sin(900 * at * (1 + at)) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(tone[None, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        packets += pictures.encode(None) + heard.encode(frame) + heard.encode(None)
        for packet in sorted(packets, key=lambda packet: packet.dts * packet.time_base):
            output.mux(packet)
    return path


def heard_in(path: Path) -> tuple[float, np.ndarray[Any, Any]]:
    """When the sound begins (seconds), and its samples in -1 to 1."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("flt", "mono")
        frames = list(container.decode(audio=0))
        samples = [made.to_ndarray()[0] for frame in frames for made in resampler.resample(frame)]
        return float(frames[0].time), np.concatenate(samples)


@pytest.mark.parametrize(
    ("name", "codec", "sound", "rate"),
    [
        ("windows.wmv", "wmv2", "wmav2", 44_100),
        ("telephone.3gp", "h263", "libopencore_amrnb", 8_000),
        ("camera.avi", "mpeg4", "adpcm_ms", 22_050),
        ("tape.mov", "mpeg4", "pcm_mulaw", 8_000),
    ],
)
def test_old_kinds_of_sound_stay_to_the_sample(tmp_path: Path, name: str, codec: str, sound: str, rate: int) -> None:
    path = film(tmp_path / name, codec, sound, rate)
    index = index_of(path, tmp_path / "work")
    encoded(path, tmp_path / "work", index)
    # A tape that was given the name of an MP4 file cannot go back as one either.
    told = join(path, name.replace(".mov", ".mp4"), tmp_path / "work", len(index.runs), LIMITS, lambda share: None)
    assert told.file == "result.mkv" and set(told.notes) == {"video_other_kind", "video_sound_anew"}
    (before, original), (after, made) = heard_in(path), heard_in(tmp_path / "work" / told.file)
    assert abs(before - after) < 0.06 and len(made) == len(original)
    assert np.abs(made - original).max() < 2 / 32768


def test_a_part_has_the_sound_of_the_part(tmp_path: Path) -> None:
    path = film(tmp_path / "windows.wmv", "wmv2", "wmav2", 44_100)
    index = index_of(path, tmp_path / "work", Part(1.0, 1.6))
    encoded(path, tmp_path / "work", index)
    told = join(path, path.name, tmp_path / "work", len(index.runs), LIMITS, lambda share: None)
    begins, samples = heard_in(tmp_path / "work" / told.file)
    assert begins < 0.2 and len(samples) / 44_100 == pytest.approx(0.6, abs=0.2)


def test_the_cover_of_an_mp4_that_becomes_an_mkv_stays(tmp_path: Path) -> None:
    path = film(tmp_path / "music.mp4", "libx264", "pcm_s16le", 8_000, cover=True)
    # No encoder writes such a file, but some cameras do: sound by a name that only QuickTime knows.
    path.write_bytes(path.read_bytes().replace(b"ipcm", b"alaw").replace(b"pcmC", b"free"))
    index = index_of(path, tmp_path / "work")
    encoded(path, tmp_path / "work", index)
    told = join(path, path.name, tmp_path / "work", len(index.runs), LIMITS, lambda share: None)
    assert told.file == "result.mkv" and set(told.notes) == {"video_other_kind", "video_sound_anew"}
    with av.open(str(tmp_path / "work" / told.file)) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["flac"]
        assert [cover.codec_context.name for cover in covers_of(container)] == ["mjpeg"]

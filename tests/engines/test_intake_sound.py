"""A cleaned recording comes back in the kind of file it came in, as long as it was; a video keeps its pictures."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from engines.intake.intake import Intake
from media.limits import MediaLimits
from media.sound_file import OVERLAP_S, read_sound, to_int16, window_name, write_window

RATE = 48_000
KINDS = [
    ("talk.wav", "wav", "pcm_s16le"), ("talk.flac", "flac", "flac"), ("talk.mp3", "mp3", "libmp3lame"),
    ("talk.m4a", "ipod", "aac"), ("talk.opus", "ogg", "libopus"), ("talk.webm", "webm", "libopus"),
    ("talk.aac", "adts", "aac"),
]  # fmt: skip


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    made = Intake()
    yield made
    made.close()


def tone(seconds: float, n_channels: int) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return np.stack([0.2 * np.sin(2 * np.pi * hz * time) for hz in (440, 660)[:n_channels]], axis=1)


def record(path: Path, container: str, codec: str, sound: np.ndarray, pictures: bool = False) -> None:
    layout = "mono" if sound.shape[1] == 1 else "stereo"
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=RATE)
        stream.codec_context.layout = layout
        film = output.add_stream("mpeg4", rate=25) if pictures else None
        if film is not None:
            film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
            for number in range(int(len(sound) / RATE * 25)):
                shade = np.full((48, 64, 3), number * 3 % 255, np.uint8)
                output.mux(film.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")))
            output.mux(film.encode(None))
        resampler = av.AudioResampler(format=stream.codec_context.format or "s16", layout=layout, rate=RATE)
        frame = av.AudioFrame.from_ndarray(to_int16(sound.astype(np.float32)).reshape(1, -1), "s16", layout)
        frame.sample_rate = RATE
        for fitting in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(fitting))
        output.mux(stream.encode(None))


def cleaned(intake: Intake, source: Path, folder: Path, **wishes: Any) -> dict[str, Any]:
    """Decodes, takes the sound itself for what a model made of it, and writes it back."""
    order = {"source": str(source), "folder": str(folder)}
    told = intake.sound({"work": "decode", "rate": RATE, **order}, MediaLimits(), lambda _: None, lambda: False)
    n_samples, n_channels = told["mark"]["n_samples"], told["mark"]["n_channels"]
    windows = [[n, at, min(at + RATE, n_samples)] for n, at in enumerate(range(0, n_samples, RATE))]
    for number, start, end in windows:
        stop = min(end + round(OVERLAP_S * RATE), n_samples)
        write_window(folder / window_name(number), read_sound(folder / "sound.pcm", n_channels, start, stop))
    plain = wishes.pop("plain", False)
    asked = {"strength": 1.0, "loudness": "keep", "trim": False, "missing": [], **wishes}
    finish = {"work": "finish", "name": source.name, "windows": windows, "wishes": asked, "plain": plain, **order}
    return dict(intake.sound(finish, MediaLimits(), lambda _: None, lambda: False))


def length_of(path: Path) -> float:
    with av.open(str(path)) as container:
        n_samples = sum(frame.samples for frame in container.decode(audio=0))
        return n_samples / container.streams.audio[0].rate


@pytest.mark.parametrize("name,container,codec", KINDS, ids=[kind[0] for kind in KINDS])
def test_sound_comes_back_in_its_kind_as_long_as_it_was(
    intake: Intake, tmp_path: Path, name: str, container: str, codec: str
) -> None:
    source = tmp_path / name
    record(source, container, codec, tone(2.6, 2))
    told = cleaned(intake, source, tmp_path / "job")
    result = tmp_path / "job" / told["file"]
    assert result.suffix == source.suffix and told["notes"] == []
    assert length_of(result) == pytest.approx(2.6, abs=0.1)
    with av.open(str(source)) as before, av.open(str(result)) as after:
        assert after.format.name == before.format.name
        assert after.streams.audio[0].codec_context.layout.nb_channels == 2
    assert told["after"]["loudness"] == pytest.approx(told["before"]["loudness"], abs=0.2)
    assert {(tmp_path / "job" / file).is_file() for file in told["files"].values()} == {True}


@pytest.mark.parametrize("name,container", [("film.mp4", "mp4"), ("film.mkv", "matroska"), ("film.mov", "mov")])
def test_a_video_keeps_every_packet_of_its_pictures(intake: Intake, tmp_path: Path, name: str, container: str) -> None:
    source = tmp_path / name
    record(source, container, "aac", tone(2.0, 1), pictures=True)
    told = cleaned(intake, source, tmp_path / "job")
    result = tmp_path / "job" / told["file"]
    assert result.suffix == source.suffix

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as film:
            return [bytes(packet) for packet in film.demux(video=0) if packet.size]

    assert packets(result) == packets(source)
    assert length_of(result) == pytest.approx(2.0, abs=0.1)


def test_a_text_gets_lossless_sound_without_pictures(intake: Intake, tmp_path: Path) -> None:
    record(tmp_path / "film.mp4", "mp4", "aac", tone(2.0, 2), pictures=True)
    told = cleaned(intake, tmp_path / "film.mp4", tmp_path / "job", plain=True)
    with av.open(str(tmp_path / "job" / told["file"])) as made:
        assert (made.format.name, [stream.type for stream in made.streams]) == ("flac", ["audio"])
    assert length_of(tmp_path / "job" / told["file"]) == pytest.approx(2.0, abs=0.05)


def test_what_was_recorded_around_comes_back_in_two_channels_and_says_so(intake: Intake, tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "hall.wav"), "wb") as file:
        file.setnchannels(6)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(to_int16(np.repeat(tone(1.5, 1), 6, axis=1).astype(np.float32)).tobytes())
    told = cleaned(intake, tmp_path / "hall.wav", tmp_path / "job")
    assert told["notes"] == ["sound_two_channels"]
    with av.open(str(tmp_path / "job" / told["file"])) as made:
        assert made.streams.audio[0].codec_context.layout.nb_channels == 2


def test_a_tenth_of_a_second_is_enough(intake: Intake, tmp_path: Path) -> None:
    record(tmp_path / "tick.wav", "wav", "pcm_s16le", tone(0.1, 1))
    told = cleaned(intake, tmp_path / "tick.wav", tmp_path / "job", trim=True)
    assert told["duration_s"] == pytest.approx(0.1, abs=0.01)


def test_silence_at_both_ends_goes_where_that_was_wished(intake: Intake, tmp_path: Path) -> None:
    silent = np.zeros((RATE * 2, 1))
    record(tmp_path / "talk.wav", "wav", "pcm_s16le", np.concatenate([silent, tone(2.0, 1), silent]))
    told = cleaned(intake, tmp_path / "talk.wav", tmp_path / "job", trim=True)
    assert told["duration_s"] == pytest.approx(2.6, abs=0.2)


def test_a_loudness_that_was_wished_is_reached(intake: Intake, tmp_path: Path) -> None:
    record(tmp_path / "talk.wav", "wav", "pcm_s16le", tone(3.0, 1) * 0.2)
    told = cleaned(intake, tmp_path / "talk.wav", tmp_path / "job", loudness="-23")
    assert told["after"]["loudness"] == pytest.approx(-23.0, abs=0.3)


def test_a_window_that_could_not_be_made_is_the_original(intake: Intake, tmp_path: Path) -> None:
    record(tmp_path / "talk.wav", "wav", "pcm_s16le", tone(2.5, 1))
    folder = tmp_path / "job"
    told = cleaned(intake, tmp_path / "talk.wav", folder)
    whole = (folder / told["file"]).read_bytes()
    os.unlink(folder / window_name(1))
    order = {
        "work": "finish", "source": str(tmp_path / "talk.wav"), "folder": str(folder), "name": "talk.wav",
        "windows": [[0, 0, RATE], [1, RATE, 2 * RATE], [2, 2 * RATE, round(2.5 * RATE)]],
        "wishes": {"strength": 1.0, "loudness": "keep", "trim": False, "missing": [1]},
    }  # fmt: skip
    intake.sound(order, MediaLimits(), lambda _: None, lambda: False)
    assert (folder / told["file"]).read_bytes() == whole

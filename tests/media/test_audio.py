from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from media.audio import PeakMeter, duration_s, read_peaks, read_pieces, wav_header
from media.working_file import Mark, WorkingFile, read_blocks, read_mark


def ramp(n_samples: int) -> np.ndarray:
    return (np.arange(n_samples) % 30_000).astype(np.int16)


def test_pieces_are_read_and_joined_without_the_rest(tmp_path: Path) -> None:
    pcm = tmp_path / "audio.pcm"
    pcm.write_bytes(ramp(32_000).astype("<i2").tobytes())
    sound = read_pieces(pcm, [(0.5, 0.75), (1.0, 1.25)])
    assert sound.dtype == np.float32
    wanted = np.concatenate((ramp(32_000)[8000:12_000], ramp(32_000)[16_000:20_000]))
    assert np.array_equal(sound, wanted / np.float32(32_768))
    assert duration_s(pcm) == 2.0


def test_pieces_outside_the_file_are_left_out(tmp_path: Path) -> None:
    pcm = tmp_path / "audio.pcm"
    pcm.write_bytes(ramp(16_000).astype("<i2").tobytes() + b"\1")
    assert len(read_pieces(pcm, [(-1.0, 0.5), (0.9, 5.0), (7.0, 8.0), (0.5, 0.5)])) == 8000 + 1600
    assert len(read_pieces(pcm, [])) == 0


def test_the_header_makes_a_wav_file_that_others_read() -> None:
    with wave.open(io.BytesIO(wav_header(16_000) + ramp(16_000).tobytes())) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth(), file.getnframes()) == (
            16_000,
            1,
            2,
            16_000,
        )


def test_the_header_of_a_recording_beyond_four_gigabytes_still_can_be_written() -> None:
    assert len(wav_header(3_000_000_000)) == 44


@given(st.lists(st.integers(0, 5000), max_size=8))
def test_the_waveform_does_not_depend_on_the_size_of_the_packets(packets: list[int]) -> None:
    sound = ramp(sum(packets))
    meter, whole, at = PeakMeter(), PeakMeter(), 0
    given_bytes = b""
    for size in packets:
        given_bytes += meter.feed(sound[at : at + size])
        at += size
    assert given_bytes + meter.close() == whole.feed(sound) + whole.close()


def test_the_waveform_shows_the_loudest_sample_of_each_tenth(tmp_path: Path) -> None:
    sound = np.zeros(4000, np.int16)
    sound[100], sound[1700], sound[3999] = 16_384, -32_768, 256
    meter = PeakMeter()
    peaks = meter.feed(sound) + meter.close()
    assert list(peaks) == [128, 255, 2]
    (tmp_path / "peaks.u8").write_bytes(peaks)
    assert read_peaks(tmp_path / "peaks.u8", 10) == [128, 255, 2]
    assert read_peaks(tmp_path / "peaks.u8", 1) == [255]
    assert read_peaks(tmp_path / "peaks.u8", 0) == []


@given(st.integers(1, 3000), st.integers(1, 900))
def test_a_narrow_waveform_loses_no_peak(n_peaks: int, width: int) -> None:
    import tempfile

    values = np.random.default_rng(n_peaks).integers(0, 256, n_peaks, np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "peaks.u8"
        path.write_bytes(values.tobytes())
        shown = read_peaks(path, width)
    assert len(shown) == min(width, n_peaks)
    assert max(shown) == values.max()


def test_a_working_file_is_complete_only_with_its_mark(tmp_path: Path) -> None:
    with WorkingFile(tmp_path) as file:
        file.write(ramp(20_000))
        assert read_mark(tmp_path) is None
        assert duration_s(tmp_path / "audio.pcm") == 1.25
        file.finish("audio", damaged=True)
    assert read_mark(tmp_path) == Mark(20_000, "audio", True)
    assert np.array_equal(np.concatenate(list(read_blocks(tmp_path))), ramp(20_000))


def test_what_a_crash_left_stays_readable_while_it_is_written_over(tmp_path: Path) -> None:
    with WorkingFile(tmp_path) as file:
        file.write(ramp(48_000))
    with WorkingFile(tmp_path) as file:
        file.write(ramp(16_000))
        assert np.array_equal(read_pieces(tmp_path / "audio.pcm", [(2.0, 3.0)]) * 32_768, ramp(48_000)[32_000:])
        file.finish("audio", damaged=False)
    assert read_mark(tmp_path) == Mark(16_000, "audio", False)


def test_a_working_file_that_lost_its_end_is_not_complete(tmp_path: Path) -> None:
    with WorkingFile(tmp_path) as file:
        file.write(ramp(16_000))
        file.finish("audio", damaged=False)
    (tmp_path / "audio.pcm").write_bytes(b"\0" * 100)
    assert read_mark(tmp_path) is None
    (tmp_path / "audio.json").write_text("not json")
    assert read_mark(tmp_path) is None

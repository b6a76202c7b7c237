from __future__ import annotations

import json
import subprocess
import sys
import wave
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.requests import VadOptions
from engines.silero import Silero, weights_path
from media.audio import Samples
from media.vad import Span, SpeechFinder


@pytest.fixture(scope="module")
def silero() -> Silero:
    return Silero(weights_path())


@pytest.fixture(scope="module")
def clips(media_folder: Path) -> list[tuple[Samples, list[tuple[float, float]]]]:
    """Real recordings with the seconds in which somebody speaks."""
    found = []
    for path in sorted((media_folder / "vad").glob("*.wav")):
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        told = path.with_suffix(".scv").read_text().strip().split(",")[1:]
        rows = [told[at : at + 3] for at in range(0, len(told), 3)]
        found.append((samples, [(float(start), float(end)) for start, end, speech in rows if speech == "1"]))
    return found


@pytest.fixture(scope="module")
def talk(clips: list[tuple[Samples, list[tuple[float, float]]]]) -> Samples:
    """Speech, a minute of digital silence, speech."""
    return np.concatenate((clips[0][0], np.zeros(60 * 16_000 + 77, np.int16), clips[1][0]))


def probabilities(silero: Silero, samples: Samples, packets: list[int]) -> np.ndarray:
    parts, at = [], 0
    for size in [*packets, len(samples)]:
        parts.append(silero.feed(samples[at : at + size])[0])
        at += size
    return np.concatenate([*parts, silero.close()[0]])


def find(silero: Silero, samples: Samples, limits: VadOptions) -> list[Span]:
    finder = SpeechFinder(limits)
    spans = finder.feed(*silero.feed(samples)) + finder.feed(*silero.close())
    return spans + finder.close(len(samples))


def mask(stretches: list[tuple[float, float]], n_samples: int) -> np.ndarray:
    marked = np.zeros(n_samples // 160, bool)
    for start, end in stretches:
        marked[round(start * 100) : round(end * 100)] = True
    return marked


def test_each_window_gets_a_probability_and_the_last_one_is_filled_up(silero: Silero) -> None:
    assert len(probabilities(silero, np.ones(100_000, np.int16), [])) == -(-100_000 // 512)
    assert len(probabilities(silero, np.empty(0, np.int16), [])) == 0


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(packets=st.lists(st.integers(0, 70_000), max_size=20))
def test_the_probabilities_do_not_depend_on_the_size_of_the_packets(
    packets: list[int], silero: Silero, talk: Samples
) -> None:
    assert np.array_equal(probabilities(silero, talk, packets), probabilities(silero, talk, []))


def test_skipping_digital_silence_loses_no_speech(silero: Silero, talk: Samples) -> None:
    everything_run = Silero(weights_path(), quiet_db=-1000.0)
    assert find(silero, talk, VadOptions()) == find(everything_run, talk, VadOptions())


def test_nearly_all_real_speech_is_found_and_most_silence_left_out(
    silero: Silero, clips: list[tuple[Samples, list[tuple[float, float]]]]
) -> None:
    said = np.concatenate([mask(truth, len(samples)) for samples, truth in clips])
    tight = VadOptions(min_silence_duration_ms=100, min_speech_duration_ms=64, speech_pad_ms=0)
    shares = {}
    for limits in (VadOptions(), tight):
        found = [mask([span[:2] for span in find(silero, samples, limits)], len(samples)) for samples, _ in clips]
        together = np.concatenate(found)
        shares[limits] = (together & said).sum() / said.sum(), (together & said).sum() / together.sum()
    assert shares[VadOptions()][0] > 0.98
    assert shares[tight][1] > 0.93


COMPARE = """
import json, sys
import numpy as np
from faster_whisper.vad import VadOptions, get_speech_timestamps
limits = VadOptions(**json.loads(sys.argv[1]))
samples = np.frombuffer(sys.stdin.buffer.read(), "<i2").astype(np.float32) / 32768
print(json.dumps([[part["start"], part["end"]] for part in get_speech_timestamps(samples, limits)]))
"""


@pytest.mark.parametrize("silence_ms", [160, 500, 2000])
def test_speech_is_found_where_faster_whisper_finds_it(
    silence_ms: int, silero: Silero, clips: list[tuple[Samples, list[tuple[float, float]]]]
) -> None:
    # A second of noise-free silence at the end: there faster-whisper does not trim, and we do.
    samples = np.concatenate([*(clip for clip, _ in clips), np.zeros(60_000, np.int16)])
    limits = VadOptions(min_silence_duration_ms=silence_ms, speech_pad_ms=100, max_speech_duration_s=1000.0)
    told = subprocess.run(
        [sys.executable, "-c", COMPARE, json.dumps(asdict(limits))],
        input=samples.astype("<i2").tobytes(), capture_output=True, check=True,
    )  # fmt: skip
    spans = [[round(span.start * 16_000), round(span.end * 16_000)] for span in find(silero, samples, limits)]
    assert spans == json.loads(told.stdout)

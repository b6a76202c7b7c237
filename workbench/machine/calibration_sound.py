"""The sound that a calibration is run on: the office's own last recording, or a made voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
_BYTES_A_SECOND = 2 * RATE_HZ
# First three resonances of a, e, i, o, u in Hz, as in any table of vowels.
_VOWELS = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))


def made_voice(seconds: float) -> npt.NDArray[np.int16]:
    """Returns a voice-like sound, always the same: pulses through the resonances of changing vowels, in syllables.

    A model hears speech in it and decodes as much as of a real voice, which silence or noise would not make it do.
    """
    n_samples = int(seconds * RATE_HZ)
    time = np.arange(n_samples) / RATE_HZ
    pitch = 120 + 18 * np.sin(2 * np.pi * 0.31 * time) + 6 * np.sin(2 * np.pi * 1.7 * time)
    phase = np.cumsum(pitch) / RATE_HZ
    vowel = (time / 0.21).astype(int) * 7 % len(_VOWELS)
    sound = np.zeros(n_samples)
    for harmonic in range(1, 28):
        frequency = harmonic * pitch
        gain = np.zeros(n_samples)
        for number, resonances in enumerate(_VOWELS):
            here = vowel == number
            for place, resonance in enumerate(resonances):
                gain[here] += np.exp(-(((frequency[here] - resonance) / (90 + 40 * place)) ** 2)) / (place + 1)
        sound += gain * np.sin(2 * np.pi * harmonic * phase)
    breath = np.random.default_rng(7).normal(0, 0.02, n_samples)
    syllables = np.clip(np.sin(2 * np.pi * time / 0.21) + 0.5, 0, 1) * (np.sin(2 * np.pi * time / 3.1) > -0.85)
    voiced = (sound / (np.abs(sound).max() + 1e-9) + breath) * syllables
    return np.asarray(voiced * 9000, dtype=np.int16)


def prepare(folder: Path, recording: Path | None, needed_s: float) -> tuple[Path, bool]:
    """Returns a 16 kHz mono int16 file of at least ``needed_s`` seconds, and whether it is a recording.

    ``recording`` is the newest of the office; one that is missing or too short is not used.
    """
    if recording is not None and recording.is_file() and recording.stat().st_size >= needed_s * _BYTES_A_SECOND:
        return recording, True
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "voice.pcm"
    made.write_bytes(made_voice(needed_s).tobytes())
    return made, False

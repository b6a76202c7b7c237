"""Sound becomes the log-mel picture that Whisper reads."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000
HOP = 160
N_FFT = 400
FRAMES_A_SECOND = SAMPLE_RATE // HOP
FULL_WINDOW = 3000
"""Frames of the window that Whisper was trained on: 30 s."""


class LogMel:
    """Computes log-mel frames as Whisper expects them (Radford et al. 2022, section 2.2), in float32 throughout."""

    def __init__(self, n_mels: int) -> None:
        self._filters = mel_filters(n_mels)
        self._window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)

    def __call__(self, sound: Floats, n_frames: int) -> Floats:
        """Returns ``(n_mels, n_frames)`` of ``sound`` ``(n_samples,)`` in -1 to 1.

        Frames beyond the sound are 0, which is what faster-whisper pads with; frames of sound beyond ``n_frames`` are
        cut off.
        """
        picture = np.zeros((self._filters.shape[0], n_frames), np.float32)
        n_sound = min(n_frames, -(-len(sound) // HOP))
        if n_sound == 0:
            return picture
        padded = np.pad(sound, (0, max(0, N_FFT - len(sound)) + HOP))
        padded = np.pad(padded, N_FFT // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP][:n_sound]
        spectrum = np.fft.rfft(frames * self._window, axis=-1)
        power = spectrum.real**2 + spectrum.imag**2
        mel = self._filters @ power.astype(np.float32, copy=False).T
        log = np.log10(np.maximum(mel, np.float32(1e-10)))
        picture[:, :n_sound] = (np.maximum(log, log.max() - np.float32(8)) + np.float32(4)) / np.float32(4)
        return picture


def mel_filters(n_mels: int) -> Floats:
    """Returns the triangular filters ``(n_mels, 201)`` on Slaney's mel scale, each of equal area."""
    edges = _mel_to_hz(np.linspace(0.0, _hz_to_mel(SAMPLE_RATE / 2), n_mels + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, N_FFT // 2 + 1)
    rising = (bins[None, :] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - bins[None, :]) / (edges[2:] - edges[1:-1])[:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    return (np.maximum(0.0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


_LINEAR_HZ = 200.0 / 3.0
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27.0


def _hz_to_mel(hz: float) -> float:
    return hz / _LINEAR_HZ if hz < _BREAK_HZ else float(_BREAK_MEL + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _mel_to_hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = _BREAK_HZ * np.exp(_LOG_STEP * (mels - _BREAK_MEL))
    return np.where(mels < _BREAK_MEL, mels * _LINEAR_HZ, above)

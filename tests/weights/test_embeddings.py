"""Our embeddings against modelscope's own model class, with Kaldi's features written down a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engines.speakers.campplus import Campplus
from tests.weights.speakers_weights import speakers_weights

pytestmark = pytest.mark.weights
Floats = npt.NDArray[np.float64]
RATE, FRAME, STEP, N_BANDS, N_FFT = 16_000, 400, 160, 80, 512
WEIGHTS = "campplus_cn_en_common.pt"


def mel(hz: Any) -> Any:
    return 1127.0 * np.log(1.0 + np.asarray(hz) / 700.0)


def kaldi_bands(sound: Floats) -> Floats:
    """Returns ``(n_frames, 80)`` as Kaldi's compute-fbank-feats does by default, without dither."""
    n_frames = 1 + (len(sound) - FRAME) // STEP
    frames = np.stack([sound[at * STEP : at * STEP + FRAME] for at in range(n_frames)])
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate((frames[:, :1], frames[:, :-1]), axis=1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))) ** 0.85
    power = np.abs(np.fft.rfft(frames * window, N_FFT)) ** 2
    edges = np.linspace(mel(20.0), mel(RATE / 2), N_BANDS + 2)
    at = mel(np.arange(N_FFT // 2) * RATE / N_FFT)
    up = (at - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - at) / (edges[2:] - edges[1:-1])[:, None]
    filters = np.maximum(0.0, np.minimum(up, down))
    return np.asarray(np.log(np.maximum(power[:, :-1] @ filters.T, np.finfo(np.float32).eps)))


@pytest.fixture(scope="module")
def theirs() -> Iterator[Any]:
    """modelscope's model of its speaker verification pipeline.

    It computes features with torchaudio, which does not load beside this torch: that one function is given to it.
    """
    weights = speakers_weights()
    import torch

    # Two threads cost twenty times the CPU time of one here: waiting threads spin between the small layers.
    torch.set_num_threads(1)
    Campplus(weights / WEIGHTS, "cpu")
    from modelscope.models.audio.sv import DTDNN

    class Kaldi:
        @staticmethod
        def fbank(sound: Any, num_mel_bins: int) -> Any:
            assert num_mel_bins == N_BANDS
            return torch.from_numpy(kaldi_bands(sound[0].double().numpy()).astype(np.float32))

    kept, DTDNN.Kaldi = DTDNN.Kaldi, Kaldi
    config = {"sample_rate": RATE, "fbank_dim": N_BANDS, "emb_size": 192}
    yield DTDNN.SpeakerVerificationCAMPPlus(str(weights), config, pretrained_model=WEIGHTS, device="cpu")
    DTDNN.Kaldi = kept


def test_embeddings_are_those_of_modelscope(theirs: Any, media_folder: Path) -> None:
    from faster_whisper import decode_audio

    ours = Campplus(speakers_weights() / WEIGHTS, "cpu")
    clips = [sorted(folder.glob("*.flac"))[0] for folder in (media_folder / "speakers").iterdir() if folder.is_dir()]
    for clip in [*clips, *sorted((media_folder / "speakers_zh").glob("*.wav"))]:
        sound = np.asarray(decode_audio(str(clip)), np.float32)
        told = theirs(sound).numpy().reshape(-1)
        assert np.abs(told / np.linalg.norm(told) - ours.embed([sound])[0]).max() < 1e-3

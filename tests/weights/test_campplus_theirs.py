"""Our embeddings against those of modelscope's own model class, with features of a plain reading of Kaldi's rules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.weights.speakers_weights import speakers_weights

pytestmark = [pytest.mark.weights, pytest.mark.timeout(120)]
SCRIPT = '''
import sys, types
from pathlib import Path
import numpy as np, torch
from bench.voices import RATE, decoded
from engines.speakers.campplus import Campplus

torch.set_num_threads(1)
weights, *clips = map(Path, sys.argv[1:])
ours = Campplus(weights, "cpu")
from modelscope.models.audio.sv import DTDNN

def fbank(wave, num_mel_bins, **_):
    """25 ms every 10 ms: mean out, pre-emphasis 0.97, povey window, power of 512 points, log of 80 mel triangles."""
    x = wave[0].numpy().astype(np.float64)
    frames = np.stack([x[at : at + 400] for at in range(0, len(x) - 399, 160)])
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    power = np.abs(np.fft.rfft(frames * np.hanning(400) ** 0.85, 512)) ** 2
    mel = lambda hz: 1127 * np.log1p(np.asarray(hz) / 700)
    edges = np.linspace(mel(20.0), mel(RATE / 2), num_mel_bins + 2)
    at = mel(np.arange(256) * RATE / 512)[None]
    up, down = (at - edges[:-2, None]) / np.diff(edges)[0], (edges[2:, None] - at) / np.diff(edges)[0]
    banks = np.maximum(0, np.minimum(up, down))
    return torch.from_numpy(np.log(np.maximum(power[:, :256] @ banks.T, np.finfo(np.float32).eps)).astype(np.float32))

DTDNN.Kaldi = types.SimpleNamespace(fbank=fbank)
config = {"fbank_dim": 80, "emb_size": 192, "sample_rate": RATE}
theirs = DTDNN.SpeakerVerificationCAMPPlus(
    str(weights.parent), config, device="cpu", pretrained_model=weights.name, yesOrno_thr=0.31
)
worst = 0.0
for clip in clips:
    made = theirs(decoded(clip))[0].numpy()
    worst = max(worst, float(np.abs(made / np.linalg.norm(made) - ours.embed([decoded(clip)])[0]).max()))
print(worst)
'''


def test_embeddings_are_those_of_modelscopes_own_class(media_folder: Path, root: Path) -> None:
    """In a process of its own: what modelscope imports stays out of the other tests."""
    weights = speakers_weights() / "campplus_cn_en_common.pt"
    clips = [sorted(folder.iterdir())[0] for folder in sorted((media_folder / "speakers").iterdir()) if folder.is_dir()]
    words = [sys.executable, "-c", SCRIPT, str(weights), *map(str, clips[:3])]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    told = subprocess.run(words, capture_output=True, text=True, check=True, env=environment, cwd=root)
    assert float(told.stdout.splitlines()[-1]) < 1e-3

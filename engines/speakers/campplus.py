"""CAM++: a voice becomes 192 numbers that lie close together for one person and apart for two.

Model: Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware Masking", the
Chinese and English weights of ModelScope (iic/speech_campplus_sv_zh_en_16k-common_advanced). Runs only in an engine
child.
"""

from __future__ import annotations

import importlib.machinery
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.errors import EngineError

Floats = npt.NDArray[np.float32]

N_VALUES = 192
SHORTEST_S = 0.2
"""Less sound than this gives no frame that the network could use."""
_N_BANDS = 80
_SAMPLE_RATE = 16_000


class Campplus:
    """Makes embeddings of pieces of sound."""

    def __init__(self, path: Path, device: str) -> None:
        import torch

        self._torch = torch
        self._device = device
        net = _network()(_N_BANDS, N_VALUES)
        state = torch.load(path, map_location="cpu", weights_only=True)
        try:
            net.load_state_dict(state, strict=True)
        except RuntimeError as error:
            raise EngineError("weights_damaged", model="CAM++", file=path.name) from error
        self._net = net.eval().to(device)

    def embed(self, sounds: Sequence[Floats]) -> Floats:
        """Returns ``(n, 192)``, each of length 1, for sounds at 16 kHz in -1 to 1 of at least ``SHORTEST_S`` seconds.

        Each sound is run by itself: padding to a common length would change what the network averages over.
        """
        found = np.zeros((len(sounds), N_VALUES), np.float32)
        with self._torch.inference_mode():
            for number, sound in enumerate(sounds):
                bands = fbank(sound)
                given = self._torch.from_numpy(bands - bands.mean(axis=0))[None].to(self._device)
                found[number] = self._net(given)[0].cpu().numpy()
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)


def fbank(sound: Floats) -> Floats:
    """Returns ``(n_frames, 80)`` log mel energies as Kaldi computes them, without dither, for 16 kHz in -1 to 1."""
    import kaldi_native_fbank

    options = kaldi_native_fbank.FbankOptions()
    options.frame_opts.dither = 0.0
    options.frame_opts.samp_freq = _SAMPLE_RATE
    options.mel_opts.num_bins = _N_BANDS
    online = kaldi_native_fbank.OnlineFbank(options)
    online.accept_waveform(_SAMPLE_RATE, sound)
    online.input_finished()
    frames = [online.get_frame(number) for number in range(online.num_frames_ready)]
    return np.stack(frames).astype(np.float32)


def _network() -> Any:
    """Returns modelscope's network; it imports torchaudio for features that we compute ourselves."""
    for name in ("torchaudio", "torchaudio.compliance", "torchaudio.compliance.kaldi"):
        if name not in sys.modules:
            module = types.ModuleType(name)
            module.__spec__ = importlib.machinery.ModuleSpec(name, None)
            sys.modules[name] = module
            parent, _, last = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], last, module)
    from modelscope.models.audio.sv.DTDNN import CAMPPlus

    return CAMPPlus

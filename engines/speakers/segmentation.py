"""The network that hears who is active when in ten seconds of sound: pyannote's segmentation 3.0, with its weights.

Architecture: learned band filters on the waveform (SincNet, Ravanelli & Bengio 2018), then four bidirectional LSTM
layers, then one class for each set of at most two of three voices (Plaquet & Bredin 2023, "Powerset multi-class
cross entropy loss for neural speaker diarization"). Runs only in an engine child.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.errors import EngineError
from media.voices import FRAMES_A_WINDOW, WINDOW_SAMPLES

N_CLASSES = 7
"""Sets of the three voices of a window: nobody, each alone, and each two (``engines.speakers.speech.SETS``)."""
_N_BANDS = 40
_FILTER_LENGTH = 251
_STRIDE = 10
_LOWEST_HZ = 50.0
_HIGHEST_HZ = 8000.0


class Segmentation:
    """Tells how likely it is that each set of three voices is active in each frame of windows of ten seconds."""

    def __init__(self, path: Path, device: str) -> None:
        import torch

        self._torch = torch
        self._device = device
        state = _load(path)
        net = _net()
        # The checkpoint's names are those of another program's modules.
        renamed = {_renamed(name): value for name, value in state.items()}
        expected = net.state_dict()
        if renamed.keys() != expected.keys():
            raise EngineError("weights_damaged", model="pyannote segmentation 3.0", file=path.name)
        net.load_state_dict({name: value.reshape(expected[name].shape) for name, value in renamed.items()})
        self._net = net.eval().to(device)

    def classes(self, windows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Returns probabilities ``(n_windows, n_frames, 7)`` for sound ``(n_windows, n_samples)`` at 16 kHz in -1 to 1.

        The three voices of a window have no names: the same person may be another number in the next window.
        """
        if windows.shape[1] != WINDOW_SAMPLES:
            raise ValueError(f"windows of {WINDOW_SAMPLES} samples are needed")
        with self._torch.inference_mode():
            sound = self._torch.from_numpy(windows).to(self._device)
            found: npt.NDArray[np.float32] = self._net(sound).softmax(-1).cpu().numpy()
        assert found.shape[1] == FRAMES_A_WINDOW
        return found


def _load(path: Path) -> dict[str, Any]:
    """Returns the tensors of a training checkpoint; whatever else it holds becomes inert objects and is dropped."""
    import torch
    from torch.torch_version import TorchVersion

    names = (
        "pyannote.audio.core.task.Specifications",
        "pyannote.audio.core.task.Problem",
        "pyannote.audio.core.task.Resolution",
        "pyannote.audio.core.model.Introspection",
    )
    inert = [(type("Inert", (_Inert,), {}), name) for name in names]
    with torch.serialization.safe_globals([TorchVersion, *inert]):
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return dict(checkpoint["state_dict"])


class _Inert:
    """Stands for a class of the program that wrote the checkpoint; keeps and does nothing."""

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass


def _renamed(name: str) -> str:
    for theirs, ours in (
        ("sincnet.wav_norm1d", "sound_norm"),
        ("sincnet.conv1d.0.filterbank.low_hz_", "bands.low_hz"),
        ("sincnet.conv1d.0.filterbank.band_hz_", "bands.width_hz"),
        ("sincnet.conv1d.0.filterbank.window_", "bands.window"),
        ("sincnet.conv1d.0.filterbank.n_", "bands.times"),
        ("sincnet.conv1d.1", "convolutions.0"),
        ("sincnet.conv1d.2", "convolutions.1"),
        ("sincnet.norm1d", "norms"),
    ):
        if name.startswith(theirs):
            return ours + name.removeprefix(theirs)
    return name


def _net() -> Any:
    import torch
    from torch import nn
    from torch.nn import functional

    class Bands(nn.Module):
        """Band filters that are made from two learned numbers each, as cosines and sines."""

        window: torch.Tensor
        times: torch.Tensor

        def __init__(self) -> None:
            super().__init__()
            half = _FILTER_LENGTH // 2
            self.low_hz = nn.Parameter(torch.zeros(_N_BANDS, 1))
            self.width_hz = nn.Parameter(torch.zeros(_N_BANDS, 1))
            self.register_buffer("window", torch.zeros(half))
            self.register_buffer("times", torch.zeros(1, half))

        def filters(self) -> Any:
            low = _LOWEST_HZ + self.low_hz.abs()
            high = (low + _LOWEST_HZ + self.width_hz.abs()).clamp(_LOWEST_HZ, _HIGHEST_HZ)
            width = (high - low)[:, 0]
            at_low, at_high = low @ self.times, high @ self.times
            even = (at_high.sin() - at_low.sin()) / (self.times / 2) * self.window
            odd = (at_low.cos() - at_high.cos()) / (self.times / 2) * self.window
            middle = 2 * width[:, None]
            cosines = torch.cat([even, middle, even.flip(1)], 1) / middle
            sines = torch.cat([odd, torch.zeros_like(middle), -odd.flip(1)], 1) / middle
            return torch.cat([cosines, sines], 0)[:, None, :]

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.sound_norm = nn.InstanceNorm1d(1, affine=True)
            self.bands = Bands()
            self.convolutions = nn.ModuleList([nn.Conv1d(2 * _N_BANDS, 60, 5), nn.Conv1d(60, 60, 5)])
            self.norms = nn.ModuleList([nn.InstanceNorm1d(width, affine=True) for width in (2 * _N_BANDS, 60, 60)])
            self.lstm = nn.LSTM(60, 128, num_layers=4, bidirectional=True, batch_first=True)
            self.linear = nn.ModuleList([nn.Linear(256, 128), nn.Linear(128, 128)])
            self.classifier = nn.Linear(128, N_CLASSES)

        def forward(self, sound: Any) -> Any:
            x = self.sound_norm(sound[:, None, :])
            x = functional.conv1d(x, self.bands.filters(), stride=_STRIDE).abs()
            x = self._pooled(x, 0)
            for number, convolution in enumerate(self.convolutions, start=1):
                x = self._pooled(convolution(x), number)
            x = self.lstm(x.transpose(1, 2))[0]
            for layer in self.linear:
                x = functional.leaky_relu(layer(x))
            return self.classifier(x)

        def _pooled(self, x: Any, number: int) -> Any:
            return functional.leaky_relu(self.norms[number](functional.max_pool1d(x, 3)))

    return Net()

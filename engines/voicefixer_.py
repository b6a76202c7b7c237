"""Restores speech with VoiceFixer: 44.1 kHz, window by window, with sound around each window to begin and end in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests import SoundItem
from media.sound_file import OVERLAP_S, SOUND, Sound, SoundMark, read_mark, read_sound, window_name, write_window

RATE = 44_100
FRAME = 441
"""The vocoder makes sound in steps of so many samples; the package cuts what is over off at both sides. Every window
is a whole number of steps, so that all are moved alike."""
AROUND_S = 2.0
ANALYSIS, VOCODER = "vf.ckpt", "model.ckpt-1490000_trimed.pt"
_PLACES = {
    ANALYSIS: "analysis_module/checkpoints",
    VOCODER: "synthesis_module/44100",
}
_DAMAGED = 2


class VoiceFixerEngine:
    """Runs SoundItems; the result of one is ``{"window": file name, "audio_s"}``."""

    def __init__(self) -> None:
        self._fixer: Any = None
        self._buffers: dict[str, Any] = {}
        self._cuda = False
        self._home: tempfile.TemporaryDirectory[str] | None = None

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads both networks; raises EngineError ``weights_damaged`` where a file does not hold them."""
        self._home = tempfile.TemporaryDirectory(prefix="roomtone-voicefixer-")
        move_home(Path(self._home.name), weights)
        import torch
        from voicefixer import VoiceFixer

        torch.set_num_threads(max(1, place.threads))
        self._cuda = place.device.startswith("cuda")
        if self._cuda:
            torch.cuda.set_device(place.device)
        check_vocoder(spec, weights)
        self._fixer = VoiceFixer()
        check_analysis(spec, weights, self._fixer._model)
        self._buffers = {name: value.clone() for name, value in self._fixer._model.named_buffers()}

    def run(self, batch: Sequence[SoundItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file cannot be read."""
        if self._fixer is None:
            raise EngineError("engine_failed", reason="not loaded")
        results = []
        for position, item in enumerate(batch):
            results.append(self._item(item))
            report(position, results[-1])
        return results

    def close(self) -> None:
        """Frees the networks and the folder that stood for the home."""
        self._fixer = None
        if self._home is not None:
            self._home.cleanup()

    def _item(self, item: SoundItem) -> dict[str, Any]:
        pcm = Path(item.pcm)
        mark = _mark(pcm)
        start, end = round(item.start * RATE), min(round(item.end * RATE), mark.n_samples)
        stop = min(end + round(OVERLAP_S * RATE), mark.n_samples)
        first, last = max(0, start - round(AROUND_S * RATE)), min(mark.n_samples, stop + round(AROUND_S * RATE))
        if first > 0:
            last = first - (first - last) // FRAME * FRAME
        sound = read_sound(pcm, mark.n_channels, first, last)
        made = np.stack([self._restored(sound[:, n], item) for n in range(mark.n_channels)], axis=1)
        name = window_name(item.number)
        if pcm.name == SOUND:
            write_window(pcm.with_name(name), made[start - first : stop - first])
        return {"window": name, "audio_s": round((end - start) / RATE, 3)}

    def _restored(self, sound: np.ndarray[Any, Any], item: SoundItem) -> Sound:
        import torch

        # The mode for bad damage drops parts of the network by chance: a window that is made again must be the same.
        torch.manual_seed(item.number)
        try:
            found = self._fixer.restore_inmem(np.ascontiguousarray(sound), cuda=self._cuda, mode=item.mode)
        finally:
            if item.mode == _DAMAGED:
                self._as_loaded()
        made = np.asarray(found, np.float32).reshape(-1)
        return np.pad(made, (0, max(0, len(sound) - len(made))))[: len(sound)]

    def _as_loaded(self) -> None:
        """Undoes what the mode for bad damage leaves behind: it runs the network as if it were trained, which changes
        the averages that the other modes rely on."""
        self._fixer._model.eval()
        for name, value in self._fixer._model.named_buffers():
            if name in self._buffers:
                value.copy_(self._buffers[name])


def move_home(home: Path, weights: Path) -> None:
    """Makes this process take ``home`` for the person's folder, with the weights where the package looks for them.

    Importing the package downloads what it does not find there.
    """
    for name, place in _PLACES.items():
        target = home / ".cache" / "voicefixer" / place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            target.symlink_to(weights.absolute() / name)
        except OSError:
            os.link(weights / name, target)
    os.environ["HOME"] = os.environ["USERPROFILE"] = str(home)


def check_vocoder(spec: ModelSpec, weights: Path) -> None:
    """Raises EngineError unless the file holds every weight of the vocoder, of its shape: the package would go on with
    random ones."""
    import torch
    from voicefixer.vocoder.config import Config
    from voicefixer.vocoder.model.generator import Generator

    Config.refresh(RATE)
    with torch.device("meta"):
        wanted = Generator(Config.cin_channels).state_dict()
    told = _read(spec, weights, VOCODER)
    _compare(spec, weights, wanted, told.get("generator") if isinstance(told, Mapping) else None)


def check_analysis(spec: ModelSpec, weights: Path, model: Any) -> None:
    """Raises EngineError unless the file holds every weight of the restoring network, of its shape."""
    wanted = {name: value for name, value in model.state_dict().items() if name.startswith("generator.")}
    _compare(spec, weights, wanted, _read(spec, weights, ANALYSIS))


def _read(spec: ModelSpec, weights: Path, name: str) -> Any:
    import torch

    try:
        return torch.load(weights / name, map_location="cpu", weights_only=True)
    except Exception as error:
        raise _damaged(spec, weights) from error


def _compare(spec: ModelSpec, weights: Path, wanted: Mapping[str, Any], found: Any) -> None:
    if not isinstance(found, Mapping) or not wanted:
        raise _damaged(spec, weights)
    for name, value in wanted.items():
        if name not in found or tuple(found[name].shape) != tuple(value.shape):
            raise _damaged(spec, weights)


def _damaged(spec: ModelSpec, weights: Path) -> EngineError:
    return EngineError("weights_damaged", status=500, model=spec.title, folder=str(weights))


def _mark(pcm: Path) -> SoundMark:
    """Returns what a sound is; another file is the 16 kHz mono that speed is measured with, taken as it is."""
    if pcm.name != SOUND:
        return SoundMark(RATE, 1, 1 << 62)
    mark = read_mark(pcm.parent)
    if mark is None or mark.rate != RATE:
        raise EngineError("engine_failed", reason="the sound is not there")
    return mark

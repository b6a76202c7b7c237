"""A sentence said before anything begins, so that a person sees whether the words arrive; nothing of it is kept."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import ModelSpec
from engines.requests import Piece, TranscribeItem
from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE
from workbench.live.lines import text_of
from workbench.live.room import LiveRoom
from workbench.live.settings import LiveSettings
from workbench.live.turns import Guess, Turn
from workbench.live.utterances import CutLimits, UtteranceCutter
from workbench.tasks.transcribe import Done, item_of, lines_of

LONGEST_S = 20
PATIENCE_S = 20.0
"""So long somebody waits who has just spoken; loading a model may take longer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One sentence as 16 kHz mono int16, little-endian, and how it is to be written."""

    samples: bytes
    settings: LiveSettings
    spec: ModelSpec
    owner: str

    @property
    def length_s(self) -> float:
        """Seconds of sound."""
        return len(self.samples) / BYTES_A_SAMPLE / SAMPLE_RATE


def understood(room: LiveRoom, folder: Path, trial: Trial, patience_s: float = PATIENCE_S) -> dict[str, Any]:
    """Returns ``{"text", "language", "waiting"}``: empty text where no words are in the sound, None where the model
    does not answer in time; ``waiting`` says why then.
    """
    pieces = _speech(room, trial)
    if not pieces:
        return {"text": "", "language": None, "waiting": None}
    name = f"trial-{secrets.token_hex(8)}"
    with _file(folder, name, trial.samples) as pcm:
        item = replace(item_of(trial.settings.request, pcm, pieces, _language(trial), None), word_timestamps=False)
        result = _heard(room, name, trial, item, patience_s)
    if result is None:
        return {"text": None, "language": None, "waiting": _waiting(room, trial.spec)}
    lines = lines_of(Done(0, 0.0, trial.length_s, result), trial.settings.request, room.rewriter, None)
    return {"text": text_of(lines), "language": result.get("language"), "waiting": None}


def _language(trial: Trial) -> str | None:
    return "en" if trial.spec.english_only else None


def _speech(room: LiveRoom, trial: Trial) -> tuple[Piece, ...]:
    ear, cutter = room.ear(), UtteranceCutter(CutLimits(trial.settings.pause_s))
    found = cutter.feed(*ear.feed(np.frombuffer(trial.samples, "<i2").astype(np.int16, copy=False)))
    found += cutter.feed(*ear.close()) + cutter.close()
    return tuple((said.start, min(said.end, trial.length_s)) for said in found)


@contextmanager
def _file(folder: Path, name: str, samples: bytes) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.pcm"
    try:
        path.write_bytes(samples)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _heard(
    room: LiveRoom, name: str, trial: Trial, item: TranscribeItem, patience_s: float
) -> Mapping[str, Any] | None:
    """Has the item run like what somebody is just saying, before everything else."""
    done, results = threading.Event(), []

    def heard(result: Mapping[str, Any] | None) -> None:
        results.append(result)
        done.set()

    guess = Guess(name, trial.spec.name, lambda: item, heard, urgent=True)
    board = room.board
    with board.changed:
        board.specs.setdefault(trial.spec.name, trial.spec)
        board.turns.sessions[name] = Turn(trial.owner, trial.spec.name, guess=guess)
        board.changed.notify_all()
    try:
        done.wait(patience_s)
    finally:
        with board.changed:
            board.turns.sessions.pop(name, None)
            board.changed.notify_all()
    return results[0] if results else None


def _waiting(room: LiveRoom, spec: ModelSpec) -> str:
    return "loading_model" if spec.name in room.board.ready_models else "fetching_model"

"""Listens to spoken sentences with the recogniser, and says which of them are worth a listen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import ModelSpec
from engines.requests import TranscribeItem
from engines.requests_speaking import SoundsItem
from engines.residency.residency import Residency
from media.errors import WorkbenchError
from media.sound_file import read_sound, to_int16
from media.spoken import RATE, length_s
from workbench.events import Events
from workbench.machine.models import Models
from workbench.reading_aloud.comparing import compare
from workbench.reading_aloud.script import Script
from workbench.reading_aloud.takes import Take
from workbench.running.board import ActiveJob, Board
from workbench.tasks.aloud import spoken_folder
from workbench.tasks.rewriting import Rewriter

AT_ONCE = 8
CHINESE_SIGNS = re.compile(r"[\u3400-\u9fff]")
_HEARD_HZ = 16_000
_ROOM_S = 0.4
"""Silence around a sentence: without it the recogniser drops the first sound."""


class Hearing:
    """Has sentences recognised, a few at a time; what was heard is kept, so that a restart does not hear it again."""

    def __init__(self, board: Board, events: Events, models: Models, residency: Residency, rewriter: Rewriter) -> None:
        self._rewriter = rewriter
        self._board = board
        self._events = events
        self._models = models
        self._residency = residency

    def hear(self, job: ActiveJob, script: Script, takes: Sequence[Take]) -> list[Take]:
        """Returns the takes with what was heard of each; raises WorkbenchError and Stopped."""
        del script
        folder = spoken_folder(job.folder)
        known = _read(folder / "heard.json")
        new = [take for take in takes if _key(take) not in known]
        for n_done, batch in _batches(new):
            self._show(job, n_done / max(1, len(new)))
            known |= self._heard(job, folder, batch)
            _write(folder / "heard.json", known)
        return [_judged(take, known.get(_key(take))) for take in takes]

    def _heard(self, job: ActiveJob, folder: Path, batch: Sequence[Take]) -> dict[str, list[str]]:
        """Returns for each take the text that was heard and its sounds."""
        pcm = folder / "heard.pcm"
        places = gathered(pcm, [folder / take.file for take in batch])
        items = [
            TranscribeItem(str(pcm), ((start, end),), word_timestamps=False, duration_s=places[-1][1])
            for start, end in places
        ]
        results = self._run(job, self._models.chosen("balanced"), items)
        texts = ["" if result is None else self._text(result) for result in results]
        sounds = self._run(job, self._models.named(job.model), [SoundsItem(text, job.request.voice) for text in texts])
        pcm.unlink(missing_ok=True)
        told = zip(batch, texts, sounds, strict=True)
        return {_key(take): [text, str((sound or {}).get("sounds", ""))] for take, text, sound in told}

    def _run(self, job: ActiveJob, spec: ModelSpec, items: Sequence[Any]) -> list[dict[str, Any] | None]:
        def unwanted() -> bool:
            return self._board.stopping or job.ended

        with self._residency.lease(spec, len(items), should_stop=unwanted) as lease:
            outcomes = lease.run(items, should_stop=unwanted)
        return [None if isinstance(outcome, WorkbenchError) else outcome for outcome in outcomes]

    def _text(self, result: dict[str, Any]) -> str:
        """Whisper writes Chinese in traditional signs; who reads along wants those of the text."""
        text = " ".join(str(line.get("text", "")).strip() for line in result.get("segments", ())).strip()
        return self._rewriter.to_script(text, "simplified") if CHINESE_SIGNS.search(text) else text

    def _show(self, job: ActiveJob, share: float) -> None:
        with self._board.changed:
            job.stage_progress = share
        self._events.publish(job.id)


def _judged(take: Take, known: Sequence[str] | None) -> Take:
    if known is None:
        return take
    text, sounds = known
    wrong, doubt = compare(take.sounds, sounds)
    return replace(take, heard=text, wrong=wrong, doubt=doubt)


def _key(take: Take) -> str:
    """A sentence that was changed by a person has other sounds under the same number."""
    return f"{take.number}:{take.sounds}"


def _batches(takes: Sequence[Take]) -> Iterator[tuple[int, Sequence[Take]]]:
    for at in range(0, len(takes), AT_ONCE):
        yield at, takes[at : at + AT_ONCE]


def gathered(target: Path, files: Sequence[Path]) -> list[tuple[float, float]]:
    """Writes sentences one after another at 16 kHz, with room around each; returns where each lies, in seconds."""
    places, at = [], 0
    with open(target, "wb") as file:
        for path in files:
            sound = read_sound(path, 1, 0, round(length_s(path) * RATE))[:, 0]
            room = np.zeros(round(_ROOM_S * _HEARD_HZ), np.float32)
            whole = np.concatenate([room, _slower(sound), room])
            file.write(to_int16(whole).tobytes())
            places.append((at / _HEARD_HZ, (at + len(whole)) / _HEARD_HZ))
            at += len(whole)
    return places


def _slower(sound: Any) -> Any:
    """Returns 24 kHz sound at 16 kHz, by leaving out the upper third of its spectrum."""
    n_out = len(sound) * _HEARD_HZ // RATE
    if not n_out:
        return sound[:0]
    bins = np.fft.rfft(sound)[: n_out // 2 + 1]
    return (np.fft.irfft(bins, n_out) * (n_out / len(sound))).astype(np.float32)


def _read(path: Path) -> dict[str, list[str]]:
    try:
        return {str(key): [str(one) for one in told] for key, told in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _write(path: Path, known: dict[str, list[str]]) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)

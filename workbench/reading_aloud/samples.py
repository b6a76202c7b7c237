"""A sentence in each voice to choose it by; spoken once and kept."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from engines.requests_speaking import SpeakItem
from engines.residency.residency import Residency
from engines.speaking.voices import Voice
from media.audio import wav_header
from media.errors import WorkbenchError
from media.spoken import RATE
from workbench.errors import JobError
from workbench.machine.models import Models

SENTENCES = {
    "zh": "您好，这是我的声音。明天下午三点，我们在二号会议室见。",
    "en": "Hello, this is my voice. We meet tomorrow at three in the afternoon.",
}


class Samples:
    """The samples in a folder of their own; one is spoken at a time."""

    def __init__(self, residency: Residency, models: Models, folder: Path) -> None:
        self._residency = residency
        self._models = models
        self._folder = folder
        self._lock = threading.Lock()

    def find(self, voice: Voice, language: str) -> Path:
        """Returns a WAV file; an English network says the English sentence whoever listens.

        Raises JobError ``pack_missing``, and what a model raises.
        """
        spec = self._models.named(voice.model)
        language = "en" if spec.english_only or language not in SENTENCES else language
        path = self._folder / f"{voice.name}-{language}.wav"
        with self._lock:
            if not path.is_file():
                if not self._models.has_pack(spec):
                    raise JobError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
                self._speak(voice, SENTENCES[language], path)
        return path

    def _speak(self, voice: Voice, text: str, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            target = Path(scratch) / "sample.pcm"
            with self._residency.lease(self._models.named(voice.model)) as lease:
                (outcome,) = lease.run([SpeakItem(text, voice.name, str(target))])
            if isinstance(outcome, WorkbenchError):
                raise outcome
            samples = target.read_bytes()
        part = path.with_suffix(".part")
        part.write_bytes(wav_header(len(samples) // 2, RATE) + samples)
        part.replace(path)

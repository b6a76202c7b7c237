"""A recording whose voice is spoken with: a folder with its sound, what is said in it, and its last day."""

from __future__ import annotations

import datetime
import json
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engines.errors import EngineError
from media.spoken import RATE

Floats = npt.NDArray[np.float32]

SOUND, FACTS = "sound.wav", "voice.json"


@dataclass(frozen=True, slots=True)
class Reference:
    """What lies in a folder: ``text`` is said in its sound, which is mono at 24 kHz and was written at ``mark``."""

    folder: Path
    text: str
    mark: int

    def sound(self) -> Floats:
        """Returns the sound ``(n,)``; raises EngineError ``aloud_voice_gone``."""
        try:
            with wave.open(str(self.folder / SOUND), "rb") as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
                rate, n_channels = file.getframerate(), file.getnchannels()
        except (OSError, EOFError, wave.Error) as error:
            raise EngineError("aloud_voice_gone", status=410) from error
        if (rate, n_channels) != (RATE, 1):
            raise EngineError("aloud_voice_gone", status=410)
        return samples.astype(np.float32) / np.float32(32768)


def look(folder: Path, today: str | None = None) -> Reference:
    """Returns the recording of a folder; it may be used only while it is there and its last day is not over.

    Raises EngineError ``aloud_voice_gone`` or ``aloud_voice_ended``; ``today`` is YYYY-MM-DD.
    """
    try:
        told = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        text, ends_on = str(told["text"]), told["ends_on"]
        mark = (folder / SOUND).stat().st_mtime_ns
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError("aloud_voice_gone", status=410) from error
    if ends_on is not None and str(ends_on) < (today or datetime.date.today().isoformat()):
        raise EngineError("aloud_voice_ended", status=410)
    return Reference(folder, text, mark)

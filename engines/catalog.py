"""Every model that the workbench knows."""

from __future__ import annotations

from collections.abc import Callable

from engines.base import ModelSpec, Task
from engines.catalog_index_tts import INDEX_TTS
from engines.catalog_qwen_tts import QWEN_TTS
from engines.catalog_sound import SOUND
from engines.catalog_speakers import SPEAKERS
from engines.catalog_speaking import SPEAKING
from engines.catalog_translating import TRANSLATING
from engines.catalog_video import VIDEO
from engines.catalog_whisper import WHISPER
from engines.catalog_writing import WRITING
from engines.quality import QUALITIES, MachineLike, choose

__all__ = ["MODELS", "QUALITIES", "by_name", "for_quality", "of_task"]

MODELS: tuple[ModelSpec, ...] = (
    *WHISPER,
    *SPEAKERS,
    *SOUND,
    *SPEAKING,
    *QWEN_TTS,
    INDEX_TTS,
    *WRITING,
    *TRANSLATING,
    *VIDEO,
)

_OTHER_NAMES = {"large": "large-v3", "large-v3-turbo": "turbo"}


def by_name(name: str) -> ModelSpec:
    """Returns a model by its name, or by another name that faster-whisper has for it; raises KeyError."""
    wanted = _OTHER_NAMES.get(name, name)
    for spec in MODELS:
        if spec.name == wanted:
            return spec
    raise KeyError(name)


def of_task(task: Task) -> tuple[ModelSpec, ...]:
    """Returns the models of one task."""
    return tuple(spec for spec in MODELS if spec.task == task)


def for_quality(quality: str, machine: MachineLike, available: Callable[[str], bool]) -> ModelSpec:
    """Returns the model for ``fast``, ``balanced``, ``best`` or ``model:NAME`` on a machine; see ``quality.choose``.

    ``available`` tells by name whether the weights are on disk or in reach (``Store.available``). Raises KeyError for
    anything else.
    """
    name = quality.removeprefix("model:")
    return choose(of_task(Task.TRANSCRIBE), _OTHER_NAMES.get(name, quality), machine, available)

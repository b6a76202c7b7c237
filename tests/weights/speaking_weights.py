"""Where tests find what speaks: weights and the pack, or a skip with one clear line."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from engines.base import ModelSpec
from engines.catalog_speaking import SPEAKING

KOKORO, HIBARI = SPEAKING


def speaking_weights(spec: ModelSpec) -> Path:
    """Returns the folder with a model's files."""
    missing = [name for name in spec.needs if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"the pack speech is not installed: {', '.join(missing)}")
    folder = Path(os.environ.get("ROOMTONE_TEST_MODELS") or ".models") / spec.name
    if spec.inside is not None:
        package = importlib.util.find_spec(spec.needs[1])
        assert package is not None and package.origin is not None
        folder = Path(package.origin).parent / "assets"
    if not all((folder / file.name).is_file() for file in spec.files):
        pytest.skip(f"no weights of {spec.title}: set ROOMTONE_TEST_MODELS to a folder that holds {spec.name}/")
    return folder

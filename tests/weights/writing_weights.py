"""Where tests find the weights of a model that writes."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from engines import catalog
from engines.base import ModelSpec

SMALL = "qwen2.5-coder-0.5b-gguf"


def writing_weights(name: str = SMALL) -> tuple[ModelSpec, Path]:
    """Returns a model and the folder of its real weights; skips where they or the pack are missing."""
    spec = catalog.by_name(name)
    for needed in spec.needs:
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"the pack {spec.pack} is not installed ({needed} is missing)")
    folder = Path(os.environ.get("ROOMTONE_TEST_MODELS") or ".models") / name
    if not all((folder / file.name).is_file() for file in spec.files):
        pytest.skip(f"no weights of {spec.title}: set ROOMTONE_TEST_MODELS to a folder that holds {name}/")
    return spec, folder

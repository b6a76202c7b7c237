"""Where tests find the weights that tell voices apart."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from engines.catalog_speakers import SPEAKERS


def speakers_weights() -> Path:
    """Returns the folder of real weights; skips where they or the pack are missing."""
    (spec,) = SPEAKERS
    for needed in spec.needs:
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"the pack speakers is not installed ({needed} is missing)")
    named = os.environ.get("ROOMTONE_TEST_MODELS")
    folder = Path(named or ".models") / spec.name
    if not all((folder / file.name).is_file() for file in spec.files):
        pytest.skip(f"no weights of {spec.title}: set ROOMTONE_TEST_MODELS to a folder that holds {spec.name}/")
    return folder

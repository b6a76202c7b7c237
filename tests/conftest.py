"""What tests of every package share: where real recordings and weights are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def media_folder() -> Path:
    """Real recordings with their transcripts: ``ROOMTONE_TEST_MEDIA``, else ``shared/media`` beside the checkout."""
    named = os.environ.get("ROOMTONE_TEST_MEDIA")
    folder = Path(named) if named else ROOT.parent / "shared" / "media"
    if not folder.is_dir():
        pytest.skip("no real recordings: set ROOMTONE_TEST_MEDIA to a folder that holds them")
    return folder


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """Where tests keep fetched weights between runs: ``ROOMTONE_TEST_MODELS``, else ``.models`` in the checkout."""
    folder = Path(os.environ.get("ROOMTONE_TEST_MODELS") or ROOT / ".models")
    folder.mkdir(parents=True, exist_ok=True)
    return folder

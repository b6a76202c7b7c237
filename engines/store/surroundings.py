"""What a store takes from its machine and this program."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engines import catalog
from engines.base import ModelSpec
from engines.store.http import Patience
from engines.store.pip import PipSettings, ask_pip


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The environment, the folders of the user, pip, the clock and the models; tests pass their own."""

    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)
    pip: Callable[[], PipSettings] = ask_pip
    patience: Patience = Patience()
    clock: Callable[[], float] = time.monotonic
    models: tuple[ModelSpec, ...] = catalog.MODELS

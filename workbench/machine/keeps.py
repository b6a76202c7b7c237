"""What the workbench needs of whoever keeps weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from engines.base import ModelSpec


class Keeps(Protocol):
    """What is needed of ``engines.store.store.Store``."""

    def find(self, spec: ModelSpec) -> Path | None: ...
    def available(self, name: str) -> bool: ...
    def fetch(self, spec: ModelSpec, report: Callable[[Any], None], should_stop: Callable[[], bool]) -> Path: ...
    def verify(self, spec: ModelSpec, report: Callable[[Any], None], should_stop: Callable[[], bool]) -> Path: ...
    def installed(self) -> list[Any]: ...
    def delete(self, spec: ModelSpec) -> bool: ...

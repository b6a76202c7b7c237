"""Environments of their own, beside that of the program: for models whose packages fit no others'."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent


def python_of(environment: str, root: Path = ROOT) -> Path:
    """Returns the Python of an environment, whether it exists or not; ``environment`` is its folder below the root."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return root.joinpath(environment, *parts)


def packages_of(environment: str, root: Path = ROOT) -> Path | None:
    """Returns the folder that holds an environment's packages, None where there is no such environment."""
    patterns = ("Lib/site-packages",) if os.name == "nt" else ("lib/python3*/site-packages",)
    found = [path for pattern in patterns for path in sorted((root / environment).glob(pattern))]
    return found[-1] if found and python_of(environment, root).exists() else None


def has(environment: str, names: Iterable[str], root: Path = ROOT) -> bool:
    """Tells whether an environment is there and holds these top-level packages; imports nothing."""
    folder = packages_of(environment, root)
    return folder is not None and all(_is_there(folder, name) for name in names)


def _is_there(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()

"""Options that the benches share."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def options(about: str | None) -> argparse.ArgumentParser:
    """Returns a parser with ``--media`` and ``--models``."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    media = os.environ.get("ROOMTONE_TEST_MEDIA") or ROOT.parent / "shared" / "media"
    parser.add_argument("--media", type=Path, default=Path(media), help="folder of real recordings")
    parser.add_argument(
        "--models", type=Path, default=_models(), help="folder that holds the folder base of Whisper base"
    )
    return parser


def _models() -> Path:
    named = os.environ.get("ROOMTONE_TEST_MODELS")
    found = [Path(named)] if named else [ROOT / "data" / "models", ROOT / ".models"]
    return next((folder for folder in found if (folder / "base").is_dir()), found[-1])

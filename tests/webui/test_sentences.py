"""Every sentence that the screens ask for is there, and none is left over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from webui.languages import CODES

SAID = re.compile(r"""\b(?:say|has)\(\s*["']([\w.-]+)["']""")
CHOSEN = re.compile(r"""\bsay\([^()"'`]*\?\s*["']([\w.-]+)["']\s*:\s*["']([\w.-]+)["']""")
AREAS = (
    "screens",
    "aloud",
    "live",
    "doctor",
    "planner",
    "reference",
    "sound",
    "keys",
    "connect_panel",
    "system",
    "speakers",
    "video",
    "voices",
    "writing",
)
BUILT = re.compile(r"""\b(?:say|has)\(f?[`"']([\w.-]*)(?:\$\{|\{)""")


@pytest.fixture
def screens(root: Path) -> dict[str, str]:
    texts = root / "assets" / "texts"
    paths = [texts / f"{area}.en.json" for area in AREAS]
    return {key: text for path in paths for key, text in json.loads(path.read_text(encoding="utf-8")).items()}


def sources(root: Path) -> str:
    paths = [*sorted((root / "assets").glob("*.js")), *sorted((root / "webui").rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_sentence_that_is_named_exists(root, screens) -> None:
    told = sources(root)
    named = set(SAID.findall(told)) | {key for pair in CHOSEN.findall(told) for key in pair}
    assert len(named) > 100
    assert not {key for key in named if key not in screens}


def test_every_built_name_has_sentences(root, screens) -> None:
    for start in set(BUILT.findall(sources(root))) - {""}:
        assert any(key.startswith(start) for key in screens), start


def test_no_sentence_is_left_over(root, screens) -> None:
    told = sources(root)
    named = set(re.findall(r"""["'`]([\w.-]+)["'`]""", told))
    built = tuple(set(BUILT.findall(told)) - {""}) + ("record.none", "record.refused", "system.fetch")
    left = {key for key in screens if not named & {key, key.removesuffix(".one")} and not key.startswith(built)}
    assert not left


def test_each_of_whispers_languages_has_a_name_in_both_languages(root) -> None:
    assert len(CODES) == len(set(CODES)) == 100
    for language in ("en", "zh"):
        told = json.loads((root / "assets" / "texts" / f"screens.{language}.json").read_text(encoding="utf-8"))
        names = [told[f"language.{code}"] for code in CODES]
        assert len(set(names)) == len(names)

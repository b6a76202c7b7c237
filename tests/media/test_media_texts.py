from __future__ import annotations

import json
import re
from pathlib import Path

CODES = (
    "media_unreadable", "media_document", "media_text", "media_playlist", "media_no_sound", "media_empty",
    "media_too_long", "media_too_heavy", "media_crashed", "media_not_read",
)  # fmt: skip


def test_every_error_of_a_recording_has_words_and_advice_in_both_languages(root: Path) -> None:
    told = {}
    for language in ("en", "zh"):
        told[language] = json.loads((root / f"assets/texts/errors_media.{language}.json").read_text(encoding="utf-8"))
        assert set(told[language]) == {f"error.{code}{part}" for code in CODES for part in ("", ".hint")}
    for key, sentence in told["en"].items():
        assert re.findall(r"{\w+}", sentence) == re.findall(r"{\w+}", told["zh"][key])


def test_no_code_is_raised_without_words(root: Path) -> None:
    sources = [*(root / "media").glob("*.py"), *(root / "engines/intake").glob("*.py")]
    raised = {code for path in sources for code in re.findall(r'"(media_[a-z_]+)"', path.read_text(encoding="utf-8"))}
    assert raised - {"media_kind", "media_damaged", "media_type"} == set(CODES)

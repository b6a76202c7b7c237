"""The language of a result is checked by its letters and commonest words."""

from __future__ import annotations

import pytest

from workbench.writing.languages import NAMES, is_in, language_of, name_of, same_words


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我们今天讨论了预算", "zh"),
        ("これは会議の記録です", "ja"),
        ("회의록입니다", "ko"),
        ("The budget was approved by the board and it is final", "en"),
        ("Das Budget wurde von der Leitung genehmigt und ist nicht zu ändern", "de"),
        ("Протокол заседания", "ru"),
        ("12 34", None),
    ],
)
def test_languages_are_told_apart(text: str, code: str | None) -> None:
    assert language_of(text) == code


@pytest.mark.parametrize(
    ("text", "wanted", "fine"),
    [
        ("我们用 GitHub Actions 和 Docker 部署 API", "zh", True),
        ("We will deploy with Docker on Friday and tell the team", "zh", False),
        ("我们周五部署", "en", False),
        ("Das Budget wurde von der Leitung genehmigt und ist nicht zu ändern", "en", False),
        ("OK", "de", True),
        ("2026", "zh", True),
    ],
)
def test_a_result_in_another_language_is_noticed(text: str, wanted: str, fine: bool) -> None:
    assert is_in(text, wanted) is fine


def test_every_language_has_a_name_in_both() -> None:
    assert all(name_of(code, "zh") != code and name_of(code, "en") != code for code in NAMES)
    assert same_words("zh", "zh-Hant") and not same_words("zh", "en")

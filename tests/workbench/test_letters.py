"""Words in letters that a voice was not taught are not passed over in silence."""

from __future__ import annotations

import pytest

from workbench.reading_aloud.letters import is_beyond


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "Say Привет to him.", "שלום 你好", "こんにちは", "안녕 hello"])
def test_a_word_in_letters_that_a_small_voice_does_not_know_is_noticed(text: str) -> None:
    assert is_beyond(text, "kokoro")


@pytest.mark.parametrize(
    "text", ["你好，world 2026!", "Café naïve 5 µg, 10 Ω, α = 3 😀🚀", "ＡＢＣ、「引」", "Zoë\u0301"]
)
def test_what_it_knows_and_what_is_no_letter_is_not(text: str) -> None:
    assert not is_beyond(text, "kokoro")


def test_a_model_of_many_languages_and_the_pronunciation_list_know_more() -> None:
    assert not is_beyond("Привет, こんにちは, 안녕", "qwen3-tts") and is_beyond("مرحبا", "qwen3-tts")
    assert not is_beyond("Say Привет to him.", "kokoro", [("Привет", "privyet")])

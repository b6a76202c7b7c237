"""How a text is said, and how a spoken sentence is made ready to stand beside others; no network is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intake import speech
from engines.requests_speaking import SoundsItem, SpeakItem, Word
from engines.speaking.levelling import TARGET_LUFS, levelled, loudness, softened, trimmed
from engines.speaking.phonemes import split
from engines.speaking.saying import say_all, say_one
from engines.speaking.voices import VOICES, named, usual_for
from engines.speaking.wording import Part, addresses, mixed, parts, replaced
from media.limits import MediaLimits
from media.sound_file import read_sound, write_window
from media.speech_file import KINDS, SYNTHETIC
from media.spoken import RATE, file_name, length_s


class Letters:
    """Takes letters for sounds."""

    def of(self, text: str, language: str, words: Sequence[Word] = ()) -> str:
        return text


def tone(seconds: float, level: float = 0.2) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * 220 * at)).astype(np.float32)


def voice(phonemes: str, item: SpeakItem, speed: float) -> np.ndarray:
    """A tenth of a second for each sound, with silence around it as networks make it."""
    silence = np.zeros(RATE // 2, np.float32)
    return np.concatenate([silence, tone(0.1 * len(phonemes) / speed), silence])


@given(st.text(alphabet="ab ,.!c", max_size=300), st.integers(10, 80))
def test_no_sound_is_lost_where_a_sentence_is_split(sounds: str, most: int) -> None:
    runs = split(sounds, most)
    assert all(len(run) <= most for run in runs)
    assert [s for run in runs for s in run if s.isalpha()] == [s for s in sounds if s.isalpha()]


def test_words_of_the_list_are_said_as_it_has_them() -> None:
    words = (("EBITDA", "税前利润"), ("重庆", "chong2 qing4"), ("AI", "人工智能"))
    found = list(replaced("EBITDA和重庆的AI，不是MAIN", words))
    assert found == [
        ("EBITDA", "税前利润"),
        ("和", ""),
        ("重庆", "chong2 qing4"),
        ("的", ""),
        ("AI", "人工智能"),
        ("，不是MAIN", ""),
    ]
    said = parts("去重庆", words, True, lambda text: text)
    assert said == [Part("zh", "去"), Part("pinyin", "chong2 qing4")]


@given(st.text(alphabet="重庆AIab 。", max_size=60))
def test_replacing_loses_nothing_that_is_not_on_the_list(text: str) -> None:
    assert "".join(piece for piece, _ in replaced(text, (("重庆", "x"), ("ai", "y")))) == text


def test_addresses_of_the_web_are_spelt_out_in_the_language_of_the_text() -> None:
    assert "li at a dot com" in addresses("Write to li@a.com.", "en")
    assert "艾特" in addresses("请发到li@a.com", "zh") and "点" in addresses("请看www.a.com", "zh")
    assert addresses("It is 3.5 or a/b", "en") == "It is 3.5 or a/b"


def test_latin_words_in_a_chinese_sentence_are_english() -> None:
    assert mixed("我用iPhone打开Excel，好吗") == [
        Part("zh", "我用"), Part("en", "iPhone"), Part("zh", "打开"), Part("en", "Excel"), Part("zh", "，好吗"),
    ]  # fmt: skip


def test_every_voice_has_one_name_and_a_text_finds_one_of_its_language() -> None:
    names = [voice.name for voice in VOICES] + [voice.alias for voice in VOICES if voice.alias]
    assert len(set(names)) == len(names)
    assert usual_for("今天用GPU开会").language == "zh" and usual_for("Hello everybody 你好").language == "en-us"
    assert named("alloy") is named("af_alloy") is not None and named("") is None


def test_a_sentence_is_trimmed_levelled_and_ends_in_silence(tmp_path: Path) -> None:
    target = tmp_path / file_name(0)
    for level in (0.02, 0.2, 0.8):
        told = say_one(
            SpeakItem("a" * 20, "af_heart", str(target), pause_s=0.4),
            Letters(),  # type: ignore[arg-type]
            lambda sounds, item, speed, level=level: np.concatenate([np.zeros(9000, np.float32), tone(2.0, level)]),
        )
        sound = read_sound(target, 1, 0, round(length_s(target) * RATE))[:, 0]
        assert abs(sound[0]) < 1e-4 and np.abs(sound[-round(0.39 * RATE) :]).max() < 1e-4
        assert np.abs(sound).max() <= 0.91
        assert told["audio_s"] == pytest.approx(told["speech_s"] + 0.4, abs=0.01)
        assert told["loudness"] == pytest.approx(TARGET_LUFS, abs=0.5 if level == 0.2 else 10.0)


def test_loudness_of_a_word_of_a_tenth_of_a_second_is_known() -> None:
    assert loudness(tone(0.1)) == pytest.approx(loudness(tone(3.0)), abs=1.0)
    assert loudness(np.zeros(RATE, np.float32)) is None
    assert levelled(np.zeros(100, np.float32))[1] is None
    assert len(trimmed(np.zeros(RATE, np.float32))) == 0 and len(softened(np.zeros(0, np.float32))) == 0


def test_a_subtitle_that_is_too_long_for_its_time_is_hurried_within_reason(tmp_path: Path) -> None:
    def spoken(room_s: float) -> float:
        item = SpeakItem("a" * 40, "af_heart", str(tmp_path / "a.pcm"), room_s=room_s)
        return say_one(item, Letters(), voice)["speech_s"]  # type: ignore[arg-type]

    assert spoken(10.0) > 4.0
    assert spoken(3.0) == pytest.approx(3.1, abs=0.2)
    assert spoken(0.5) > 2.4


def test_sounds_are_told_without_speaking(tmp_path: Path) -> None:
    told: list[int] = []
    results = say_all(
        [SoundsItem("hello", "af_heart"), SpeakItem("hello", "af_heart", str(tmp_path / "a.pcm"))],
        lambda at, result: told.append(at),
        Letters(),  # type: ignore[arg-type]
        voice,
    )
    assert told == [0, 1] and results[0] == {"sounds": "hello"} and results[1]["sounds"] == "hello"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_sentences_become_one_file_that_says_it_is_synthetic(tmp_path: Path, kind: str) -> None:
    import av

    for number in range(3):
        write_window(tmp_path / file_name(number), softened(tone(0.7)).reshape(-1, 1))
    target = tmp_path / f"whole{KINDS[kind].suffix}"
    order = {
        "folder": str(tmp_path), "files": [(file_name(0), None), (file_name(1), 2.0), (file_name(2), None)],
        "target": str(target), "kind": kind, "title": "一段文字", "voice": "zf_xiaobei",
    }  # fmt: skip
    told = speech.join(order, MediaLimits(), lambda share: None)
    assert told["duration_s"] == pytest.approx(3.4, abs=0.01)
    with av.open(str(target)) as found:
        heard = sum(frame.samples / frame.sample_rate for frame in found.decode(audio=0))
        assert heard == pytest.approx(3.4, abs=0.15)
        said = {**found.metadata, **found.streams.audio[0].metadata}
    if kind != "aac":
        assert SYNTHETIC in said.values()


def test_a_sentence_that_never_comes_is_left_out_and_nobody_waits(tmp_path: Path) -> None:
    write_window(tmp_path / file_name(0), tone(0.5).reshape(-1, 1))
    (tmp_path / file_name(1)).with_suffix(speech.SKIPPED).touch()
    order = {
        "folder": str(tmp_path), "files": [(file_name(0), None), (file_name(1), None)],
        "target": str(tmp_path / "whole.mp3"), "kind": "mp3", "title": "", "voice": "", "wait": True,
    }  # fmt: skip
    assert speech.join(order, MediaLimits(), lambda share: None)["duration_s"] == pytest.approx(0.5, abs=0.01)


def test_a_seam_is_no_louder_than_the_silence_around_it(tmp_path: Path) -> None:
    """The step from one sample to the next at the ends of a sentence stays 3 dB below what the sentence itself has."""
    target = tmp_path / file_name(0)
    say_one(SpeakItem("abc" * 9, "af_heart", str(target), pause_s=0.4), Letters(), voice)  # type: ignore[arg-type]
    sound = read_sound(target, 1, 0, round(length_s(target) * RATE))[:, 0]
    steps, speech_end = np.abs(np.diff(np.concatenate([[0.0], sound]))), len(sound) - round(0.4 * RATE)
    inside = steps[2000 : speech_end - 3000].max()
    seams = max(steps[:8].max(), steps[speech_end - 8 : speech_end + 8].max())
    assert seams < inside * 10 ** (-3 / 20)

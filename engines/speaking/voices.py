"""The voices that can be chosen, as their makers grade them; see the model card of Kokoro-82M."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engines.catalog_index_tts import NAME as INDEX
from engines.catalog_qwen_tts import FROM_RECORDING, WITH_VOICES

OWN = re.compile(r"own-[0-9a-f]{16}")
"""Ids of voices that were made from recordings of this office, and their names where Qwen3-TTS speaks."""
_ENDINGS = {"": FROM_RECORDING, "-index": INDEX}
"""What follows the id in the name of such a voice, by the model that speaks with it."""
FROM_RECORDINGS = tuple(_ENDINGS.values())
"""The models that speak with the voice of a recording."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice: its name, the model that has it, its language (``zh``, ``en-us``, ``en-gb``, ``ja``, ``ko``), ``f`` or
    ``m``; both empty for a voice from a recording.

    ``alias`` is what OpenAI's interface calls a voice of that kind, empty where nothing fits.
    """

    name: str
    model: str
    language: str
    sex: str
    alias: str = ""

    @property
    def file(self) -> str:
        """The file of the model's folder that holds it."""
        return f"{self.name}.bin"


def _kokoro(name: str, alias: str = "") -> Voice:
    language = {"z": "zh", "a": "en-us", "b": "en-gb"}[name[0]]
    return Voice(name, "kokoro", language, name[1], alias)


VOICES: tuple[Voice, ...] = (
    _kokoro("zf_xiaobei"),
    _kokoro("zf_xiaoxiao"),
    _kokoro("zf_xiaoni"),
    _kokoro("zf_xiaoyi"),
    _kokoro("zm_yunjian"),
    _kokoro("zm_yunxi"),
    _kokoro("zm_yunxia"),
    _kokoro("zm_yunyang"),
    _kokoro("af_heart", "coral"),
    _kokoro("af_bella", "nova"),
    _kokoro("af_nicole", "shimmer"),
    _kokoro("af_kore", "sage"),
    _kokoro("af_sarah"),
    _kokoro("af_alloy", "alloy"),
    _kokoro("am_fenrir", "ash"),
    _kokoro("am_michael", "cedar"),
    _kokoro("am_puck", "verse"),
    _kokoro("am_echo", "echo"),
    _kokoro("am_onyx", "onyx"),
    _kokoro("bf_emma", "marin"),
    _kokoro("bf_isabella"),
    _kokoro("bm_fable", "fable"),
    _kokoro("bm_george", "ballad"),
    Voice("heart", "hibari", "en-us", "f"),
    Voice("vivian", WITH_VOICES, "zh", "f"),
    Voice("serena", WITH_VOICES, "zh", "f"),
    Voice("uncle_fu", WITH_VOICES, "zh", "m"),
    Voice("dylan", WITH_VOICES, "zh", "m"),
    Voice("eric", WITH_VOICES, "zh", "m"),
    Voice("ryan", WITH_VOICES, "en-us", "m"),
    Voice("aiden", WITH_VOICES, "en-us", "m"),
    Voice("ono_anna", WITH_VOICES, "ja", "f"),
    Voice("sohee", WITH_VOICES, "ko", "f"),
)
"""Those of Qwen3-TTS speak every language, the one named here best; dylan is from Beijing, eric from Chengdu."""
USUAL = {"zh": "zf_xiaobei", "en": "af_heart"}


def named(name: str) -> Voice | None:
    """Returns the voice of that name or alias, None where there is none; one from a recording may be gone by now."""
    own = recording_of(name)
    if own is not None:
        return next(voice for voice in voices_of(own) if voice.name == name)
    return next((voice for voice in VOICES if name and name in (voice.name, voice.alias)), None)


def recording_of(name: str) -> str | None:
    """Returns the id of the voice from a recording that a name stands for, None for any other."""
    own = next((name.removesuffix(ending) for ending in _ENDINGS if ending and name.endswith(ending)), name)
    return own if OWN.fullmatch(own) else None


def voices_of(own: str) -> tuple[Voice, ...]:
    """Returns the voices that speak with one recording, by its id: one for each model that can."""
    return tuple(Voice(f"{own}{ending}", model, "", "") for ending, model in _ENDINGS.items())


def usual_for(text: str) -> Voice:
    """Returns the voice that fits the language of a text."""
    wide = sum("\u4e00" <= sign <= "\u9fff" for sign in text)
    letters = sum(sign.isascii() and sign.isalpha() for sign in text)
    found = named(USUAL["zh" if wide * 4 >= letters and wide else "en"])
    assert found is not None
    return found

"""What a person chose for reading a text aloud, one unit of work for an engine that speaks, and what it returns."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self, TypedDict

Word = tuple[str, str]
"""``(written, spoken)``: how a word is said; ``spoken`` is other letters or, for Chinese, pinyin with tone numbers."""

USUAL_CUT = 200
MOST_CUT = 400


@dataclass(frozen=True, slots=True)
class AloudRequest:
    """What a person chose for reading aloud.

    ``voice`` is a name of ``engines.speaking.voices``. ``speed`` is 0.25 to 4 times the voice's own. ``cut`` is the
    most signs of one piece, 0 cuts at the ends of sentences only. ``words`` is the pronunciation list as it was when
    the job was made. ``check`` has every sentence heard back. ``format`` is the kind of file that is made at once.
    ``in_time`` speaks subtitles at their times. ``of`` is the job of the recording that the text comes from, empty
    where it comes from none.
    """

    voice: str = ""
    speed: float = 1.0
    cut: int = USUAL_CUT
    words: tuple[Word, ...] = ()
    check: bool = False
    format: str = "mp3"
    in_time: bool = False
    of: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        if "words" in known:
            known["words"] = tuple((written, spoken) for written, spoken in known["words"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class SpeakItem:
    """One sentence to be spoken into ``target``, a file that holds nothing but samples (see ``media.spoken``).

    ``pause_s`` of silence follow it. ``most`` limits how many sounds are made at once: fewer are said more carefully.
    ``room_s``, where it is not None, is how long the whole may take: the voice hurries as far as it can be understood.
    ``reference`` is the folder of the recording whose voice is used, empty for a voice of the model. ``take`` counts
    from 0 how often the sentence was spoken before; models that draw numbers draw others each time.
    """

    text: str
    voice: str
    target: str
    speed: float = 1.0
    words: tuple[Word, ...] = ()
    pause_s: float = 0.0
    most: int = 400
    room_s: float | None = None
    reference: str = ""
    take: int = 0


@dataclass(frozen=True, slots=True)
class SoundsItem:
    """A text whose sounds are wanted and nothing spoken: what was heard is compared by them."""

    text: str
    voice: str


class Spoken(TypedDict):
    """The result of one item: the file's name, seconds with and without the pause, its loudness in LUFS, and the sounds
    that were said, as the model writes them.
    """

    file: str
    audio_s: float
    speech_s: float
    loudness: float | None
    sounds: str

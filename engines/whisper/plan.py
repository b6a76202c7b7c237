"""How long a window each sound gets, how many tokens it may take, and what runs together."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from engines.whisper.features import FRAMES_A_SECOND, FULL_WINDOW

ROOM_S = 4.0
"""Empty room after the speech: with less, the sentence came twice in more clips (58 clips: 12 at 1 s, 8 at 2 s, 4 at 3
s).
"""

HEARD_S = 2.0
"""Room after the speech that is really encoded; the rest of a window comes from an empty one. Over 58 clips 133 of 963
words were wrong with 2 s, 142 with 1 s, 140 where all of the room was encoded.
"""

_WINDOWS = (1600, 2400, FULL_WINDOW)
"""Few lengths, so that windows meet others to be decoded with: decoding four together costs half of one by one, a
longer window little.
"""
_STEP = 50
MOST_TOKENS = 224
"""CTranslate2 generates at most half of Whisper's 448 positions."""
DENSEST = "zh"
"""A language of the scripts that need most tokens a second."""

_SEVERAL_TOKENS_A_SIGN = frozenset(
    [
        "am",
        "ar",
        "as",
        "be",
        "bg",
        "bn",
        "bo",
        "el",
        "fa",
        "gu",
        "he",
        "hi",
        "hy",
        "ja",
        "ka",
        "kk",
        "km",
        "kn",
        "ko",
        "lo",
        "mk",
        "ml",
        "mn",
        "mr",
        "my",
        "ne",
        "pa",
        "ps",
        "ru",
        "sa",
        "sd",
        "si",
        "sr",
        "ta",
        "te",
        "tg",
        "th",
        "tt",
        "uk",
        "ur",
        "yi",
        "yue",
        "zh",
    ]
)


def window_frames(sound_s: float) -> int:
    """Returns the frames of the shortest window for ``sound_s`` seconds; it depends on nothing else, so neighbours in a
    batch change no words.
    """
    needed = round((sound_s + ROOM_S) * FRAMES_A_SECOND)
    return next((frames for frames in _WINDOWS if frames >= needed), FULL_WINDOW)


def heard_frames(sound_s: float) -> int:
    """Returns how many frames of a window are computed for ``sound_s`` seconds; it depends on nothing else."""
    return -(-round((sound_s + HEARD_S) * FRAMES_A_SECOND) // _STEP) * _STEP


def longer_window(n_frames: int) -> int:
    """Returns the next longer length of a window, the full one after the longest."""
    return next((frames for frames in _WINDOWS if frames > n_frames), FULL_WINDOW)


def token_limit(sound_s: float, language: str | None) -> int:
    """Returns how many tokens speech of this length can have; more are a loop."""
    a_second = 12 if language in _SEVERAL_TOKENS_A_SIGN else 6
    return min(MOST_TOKENS, int(a_second * sound_s) + 12)


def groups(keys: Sequence[Hashable], most: int) -> list[list[int]]:
    """Returns positions that share a key, at most ``most`` together, in order of first appearance."""
    by_key: dict[Hashable, list[int]] = {}
    for position, key in enumerate(keys):
        by_key.setdefault(key, []).append(position)
    return [found[at : at + most] for found in by_key.values() for at in range(0, len(found), most)]

"""Words with their times, from where the tokens of a window were heard."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from engines.whisper.lines import TIME_STEP_S, Line
from engines.whisper.net import Aligned

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})
_OPENING = "\"'“¿([{-"
_CLOSING = "\"'.。,，!！?？:：”)]}、"
SENTENCE_ENDS = ".。!！?？"


@dataclass(slots=True)
class Heard:
    """A word as it was heard in a window, seconds from its start."""

    text: str
    n_tokens: int
    start: float
    end: float
    probability: float


def split_words(tokens: Sequence[int], decode: Callable[[Sequence[int]], str], language: str) -> list[tuple[str, int]]:
    """Returns ``(text, number of tokens)`` of each word, or of each whole sign in languages without spaces."""
    whole = decode(tokens)
    signs: list[tuple[str, int]] = []
    held: list[int] = []
    at = 0
    for token in tokens:
        held.append(token)
        text = decode(held)
        broken = text.find("\ufffd")
        if broken < 0 or whole[at + broken : at + broken + 1] == "\ufffd":
            signs.append((text, len(held)))
            at += len(text)
            held = []
    if held:
        signs.append((decode(held), len(held)))
    return signs if language in _UNSPACED else _join_at_spaces(signs)


def _join_at_spaces(signs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    words: list[tuple[str, int]] = []
    for text, n_tokens in signs:
        alone = text.startswith(" ") or text.strip() in string.punctuation or not words
        if alone:
            words.append((text, n_tokens))
        else:
            words[-1] = (words[-1][0] + text, words[-1][1] + n_tokens)
    return words


def heard_words(words: Sequence[tuple[str, int]], aligned: Aligned) -> list[Heard]:
    """Returns the words with the time at which their first token, and the token after their last, is heard."""
    begins: dict[int, float] = {}
    for token, frame in aligned.path:
        begins.setdefault(token, frame * TIME_STEP_S)
    last = aligned.path[-1][1] * TIME_STEP_S if aligned.path else 0.0
    found, at = [], 0
    for text, n_tokens in words:
        odds = aligned.probabilities[at : at + n_tokens]
        start = begins.get(at, last)
        found.append(Heard(text, n_tokens, start, begins.get(at + n_tokens, last), fmean(odds) if odds else 0.0))
        at += n_tokens
    return _join_marks(_shorten_at_sentences(found))


def typical_s(words: Sequence[Heard]) -> float:
    """Returns the median length of a word in seconds, at most 0.7."""
    lengths = [word.end - word.start for word in words if word.end > word.start]
    return min(0.7, median(lengths)) if lengths else 0.0


def _shorten_at_sentences(words: list[Heard]) -> list[Heard]:
    """Takes the pause between sentences away from the word that alignment stretched over it."""
    longest = 2 * typical_s(words)
    for before, word in zip(words, words[1:], strict=False):
        if word.end - word.start > longest > 0:
            if word.text.strip() in SENTENCE_ENDS:
                word.end = word.start + longest
            elif before.text.strip() and before.text.strip()[-1] in SENTENCE_ENDS:
                word.start = word.end - longest
    return words


def _join_marks(words: list[Heard]) -> list[Heard]:
    joined: list[Heard] = []
    opening: Heard | None = None
    for word in words:
        bare = word.text.strip()
        if opening is not None:
            word = Heard(
                opening.text + word.text, opening.n_tokens + word.n_tokens, word.start, word.end, word.probability
            )
            opening = None
        elif bare and bare in _OPENING and word.text.startswith(" "):
            opening = word
            continue
        elif joined and bare and bare in _CLOSING and not joined[-1].text.endswith(" "):
            last = joined[-1]
            joined[-1] = Heard(
                last.text + word.text, last.n_tokens + word.n_tokens, last.start, last.end, last.probability
            )
            continue
        joined.append(word)
    return joined if opening is None else [*joined, opening]


def words_of_lines(lines: Sequence[Line], heard: Sequence[Heard]) -> list[list[Heard]]:
    """Shares a window's words out to its lines by their tokens, and mends words stretched over the pause between two
    lines.

    A line's own time tokens are the better witness where they and its outer words differ by more than half a second.
    """
    typical = typical_s(heard)
    shared: list[list[Heard]] = []
    at = 0
    for line in lines:
        mine: list[Heard] = []
        taken = 0
        while at < len(heard) and taken < len(line.tokens):
            mine.append(heard[at])
            taken += heard[at].n_tokens
            at += 1
        if mine:
            _mend(line, mine, typical)
        shared.append(mine)
    return shared


def _mend(line: Line, words: list[Heard], typical: float) -> None:
    first, last = words[0], words[-1]
    if first.start + 0.5 < line.start < first.end:
        first.start = max(0.0, min(first.end - typical, line.start))
    elif first.end - first.start > 2 * typical > 0:
        first.start = first.end - 2 * typical
    if last.start < line.end < last.end - 0.5:
        last.end = max(last.start + typical, line.end)
    line.start = first.start
    line.end = max(last.end, line.start)

"""Windows of sound become tokens that passed the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engines.requests import TranscribeItem
from engines.whisper.checks import (
    LEAST_LOGPROB,
    MOST_COMPRESSION,
    compression_ratio,
    is_heard,
    is_silence,
    is_suspicious,
    loop_start,
)
from engines.whisper.features import FRAMES_A_SECOND, FULL_WINDOW, SAMPLE_RATE, Floats
from engines.whisper.lines import breaks_off, starts_after, without_late_loop
from engines.whisper.net import Draw, Encoded, Guess, WhisperNet
from engines.whisper.plan import DENSEST, MOST_TOKENS, ROOM_S, longer_window, token_limit, window_frames

NO_REPEATS = (6, 3)
"""Runs of so many tokens may not come twice in the last attempts against a loop."""
SURE_OF_LANGUAGE = 0.6
"""In a short window the language is often another than in the full one where it is less sure than this."""
_PAST_SPEECH_S = 0.1


@dataclass(slots=True, eq=False)
class Take:
    """One item on its way through: its language once it is known, and how often a window of it was decoded again."""

    position: int
    item: TranscribeItem
    sound: Floats
    language: str | None
    language_probability: float = 1.0
    redone: int = 0
    flags: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What is left of a take from ``offset_s`` on, and in a window of how many frames it is decoded.

    ``last`` marks the attempt whose words stand, after all that faster-whisper does about bad ones.
    """

    take: Take
    offset_s: float
    n_frames: int
    last: bool = False

    @property
    def sound(self) -> Floats:
        """The samples from the offset on."""
        return self.take.sound[round(self.offset_s * SAMPLE_RATE) :]

    @property
    def sound_s(self) -> float:
        """Seconds from the offset to the end."""
        return len(self.sound) / SAMPLE_RATE


def first_window(take: Take, offset_s: float = 0.0) -> Window:
    """Returns the shortest window for what is left of a take."""
    n_frames = window_frames(len(take.sound) / SAMPLE_RATE - offset_s)
    return Window(take, offset_s, n_frames, last=n_frames == FULL_WINDOW)


def full_window(window: Window) -> Window:
    """Returns the same sound in the full window."""
    return Window(window.take, window.offset_s, FULL_WINDOW, last=longer_window(window.n_frames) == FULL_WINDOW)


def next_window(failed: Window) -> Window:
    """Returns the next attempt: the full window, then, against a loop, one a little longer than the first and the full
    one as the last.
    """
    first = window_frames(failed.sound_s)
    if failed.n_frames == first:
        return full_window(failed)
    if failed.n_frames == FULL_WINDOW:
        return Window(failed.take, failed.offset_s, longer_window(first))
    return Window(failed.take, failed.offset_s, FULL_WINDOW, last=True)


def choose_language(probabilities: dict[str, float], allowed: Sequence[str]) -> tuple[str, float]:
    """Returns the most probable language and its share among the allowed ones (all, where none is named)."""
    candidates = {code: p for code, p in probabilities.items() if not allowed or code in allowed} or probabilities
    best = max(candidates, key=lambda code: candidates[code])
    total = sum(candidates.values())
    return best, candidates[best] / total if total > 0 else 0.0


def settle_languages(net: WhisperNet, windows: Sequence[Window], encoded: Encoded) -> list[int]:
    """Writes the language of every take that has none yet, heard in its encoded window; returns the positions of those
    that a short window leaves in doubt.
    """
    unknown = [at for at, window in enumerate(windows) if window.take.language is None]
    if not unknown:
        return []
    doubtful = []
    for at, found in zip(unknown, net.languages(encoded[unknown]), strict=True):
        take = windows[at].take
        language, probability = choose_language(found, take.item.languages)
        if probability < SURE_OF_LANGUAGE and windows[at].n_frames < FULL_WINDOW and not take.item.draft:
            doubtful.append(at)
        else:
            take.language, take.language_probability = language, probability
    return doubtful


def first_guesses(net: WhisperNet, windows: Sequence[Window], encoded: Encoded) -> list[Guess]:
    """Decodes windows of one length, limit, prompt length and beam size together."""
    prompts = [net.prompt(w.take.language or "en", w.take.item.translate, w.take.item.hotwords) for w in windows]
    found = net.generate(encoded, prompts, room_for_tokens(windows[0]), Draw(windows[0].take.item.beam_size))
    return [
        replace(guess, tokens=without_late_loop(guess.tokens, net.first_time, window.sound_s))
        for window, guess in zip(windows, found, strict=True)
    ]


def room_for_tokens(window: Window) -> int:
    """Returns how many tokens are decoded at most; as much as the densest script needs while the language is not known.

    In windows shorter than the full one it follows from their length and language alone, so that neighbours change no
    words.
    """
    if window.n_frames == FULL_WINDOW:
        return min(MOST_TOKENS, round(16 * window.sound_s) + 32)
    return token_limit(window.n_frames / FRAMES_A_SECOND - ROOM_S, window.take.language or DENSEST)


def passes(net: WhisperNet, window: Window, guess: Guess) -> bool:
    """Returns whether the words of a window may stand; if not, ``next_window`` says what follows."""
    if window.n_frames == FULL_WINDOW:
        return acceptable(net, guess)
    if is_silence(guess.no_speech_prob, guess.avg_logprob):
        return True
    words = [token for token in guess.tokens if token < net.end]
    return not (
        len(guess.tokens) >= token_limit(window.sound_s, window.take.language)
        or guess.avg_logprob < LEAST_LOGPROB
        or starts_after(guess.tokens, net.first_time, window.sound_s - _PAST_SPEECH_S)
        or breaks_off(guess.tokens, net.first_time)
        or loop_start(words) is not None
        or compression_ratio(net.decode(words)) > MOST_COMPRESSION
    )


def repeats(net: WhisperNet, guess: Guess) -> bool:
    """Returns whether a text goes round in circles."""
    words = [token for token in guess.tokens if token < net.end]
    return loop_start(words) is not None or compression_ratio(net.decode(words)) > MOST_COMPRESSION


def is_invented(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> bool:
    """Returns whether a window's words are not owed to its sound; ``encoded`` is ``(1, n_frames / 2, d_model)``."""
    if is_silence(guess.no_speech_prob, guess.avg_logprob):
        return True
    words = [token for token in guess.tokens if token < net.end]
    if not words or not is_suspicious(guess.no_speech_prob, guess.avg_logprob):
        return False
    return not is_owed(net, window, encoded, guess)


def is_owed(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> bool:
    """Returns whether there are words that would not have been written without the sound; shapes as above."""
    words = [token for token in guess.tokens if token < net.end]
    if not words:
        return False
    start = net.start_sequence(window.take.language or "en", window.take.item.translate)
    heard = net.align(encoded, start, [words], [window.n_frames])[0].probabilities
    unheard = net.align(net.empty(window.n_frames), start, [words], [window.n_frames])[0].probabilities
    # What is said again is likely without the sound too, once it stands there: only the first time tells.
    once = loop_start(words)
    return is_heard(heard[:once], unheard[:once])


def final_guess(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> Guess:
    """Returns ``guess`` of a full window, or one of those without repeated runs of tokens.

    ``encoded`` is ``(1, 1500, d_model)``. Where every attempt repeats itself, the best is cut where the loop begins.
    """
    tried = [guess]
    if acceptable(net, guess):
        return guess
    prompt = net.prompt(window.take.language or "en", window.take.item.translate, window.take.item.hotwords)
    beam_size = window.take.item.beam_size
    for no_repeat in NO_REPEATS:
        window.take.redone += 1
        again = net.generate(encoded, [prompt], room_for_tokens(window), Draw(beam_size, no_repeat))[0]
        tried.append(again)
        if acceptable(net, again) and again.avg_logprob >= LEAST_LOGPROB:
            return again
    return _without_loop(net, window.take, max(tried, key=lambda g: g.avg_logprob))


def acceptable(net: WhisperNet, guess: Guess) -> bool:
    """Returns whether a full window's words do not repeat themselves; unsure ones stand, as nothing likelier follows
    but by chance.
    """
    return _ratio(net, guess) <= MOST_COMPRESSION or is_silence(guess.no_speech_prob, guess.avg_logprob)


def _ratio(net: WhisperNet, guess: Guess) -> float:
    return compression_ratio(net.decode(guess.tokens).strip())


def _without_loop(net: WhisperNet, take: Take, guess: Guess) -> Guess:
    spoken = [at for at, token in enumerate(guess.tokens) if token < net.end]
    start = loop_start([guess.tokens[at] for at in spoken])
    if start is None:
        return guess
    take.flags.add("loop")
    return Guess(guess.tokens[: spoken[start]], guess.avg_logprob, guess.no_speech_prob)


def is_quiet(sound: Floats) -> bool:
    """Returns whether there is nothing to hear: no sample above -60 dB of full scale."""
    return not len(sound) or float(np.abs(sound).max()) < 1e-3

"""Windows of sound become tokens that passed the checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engines.requests import TranscribeItem
from engines.whisper_checks import (
    LEAST_LOGPROB,
    MOST_COMPRESSION,
    compression_ratio,
    is_heard,
    is_silence,
    is_suspicious,
    loop_start,
)
from engines.whisper_features import FULL_WINDOW, SAMPLE_RATE, Floats
from engines.whisper_lines import starts_after
from engines.whisper_net import Draw, Encoded, Guess, WhisperNet
from engines.whisper_plan import MOST_TOKENS, longer_window, token_limit, window_frames

TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
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


def next_window(failed: Window) -> Window:
    """Returns the next attempt: the full window, then one a little longer than the first, then the full one as the
    last.

    Another length is often enough to break a loop, costs less than samples at five temperatures, and says the same
    every time.
    """
    first = window_frames(failed.sound_s)
    longer = longer_window(first)
    if failed.n_frames == first:
        return Window(failed.take, failed.offset_s, FULL_WINDOW, last=longer == FULL_WINDOW)
    if failed.n_frames == FULL_WINDOW:
        return Window(failed.take, failed.offset_s, longer)
    return Window(failed.take, failed.offset_s, FULL_WINDOW, last=True)


def choose_language(probabilities: dict[str, float], allowed: Sequence[str]) -> tuple[str, float]:
    """Returns the most probable language and its share among the allowed ones (all, where none is named)."""
    candidates = {code: p for code, p in probabilities.items() if not allowed or code in allowed} or probabilities
    best = max(candidates, key=lambda code: candidates[code])
    total = sum(candidates.values())
    return best, candidates[best] / total if total > 0 else 0.0


def settle_languages(net: WhisperNet, windows: Sequence[Window], encoded: Encoded) -> None:
    """Writes the language of every take that has none yet, heard in its encoded window."""
    unknown = [at for at, window in enumerate(windows) if window.take.language is None]
    if not unknown:
        return
    for at, found in zip(unknown, net.languages(encoded[unknown]), strict=True):
        take = windows[at].take
        take.language, take.language_probability = choose_language(found, take.item.languages)


def first_guesses(net: WhisperNet, windows: Sequence[Window], encoded: Encoded) -> list[Guess]:
    """Decodes windows of one length, prompt length and beam size together."""
    prompts = [net.prompt(w.take.language or "en", w.take.item.translate, w.take.item.hotwords) for w in windows]
    limit = max(_limit(window) for window in windows)
    return net.generate(encoded, prompts, limit, Draw(windows[0].take.item.beam_size))


def _limit(window: Window) -> int:
    """Returns how many tokens a window may take; in a full one any language may have as many as the densest scripts
    need.
    """
    if window.n_frames == FULL_WINDOW:
        return min(MOST_TOKENS, round(16 * window.sound_s) + 32)
    return token_limit(window.sound_s, window.take.language)


def passes(net: WhisperNet, window: Window, guess: Guess) -> bool:
    """Returns whether the words of a window may stand; if not, ``next_window`` says what follows."""
    if window.n_frames == FULL_WINDOW:
        return _acceptable(net, guess)
    if is_silence(guess.no_speech_prob, guess.avg_logprob):
        return True
    words = [token for token in guess.tokens if token < net.end]
    return not (
        len(guess.tokens) >= _limit(window)
        or guess.avg_logprob < LEAST_LOGPROB
        or starts_after(guess.tokens, net.first_time, window.sound_s - _PAST_SPEECH_S)
        or loop_start(words) is not None
        or compression_ratio(net.decode(words)) > MOST_COMPRESSION
    )


def is_invented(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> bool:
    """Returns whether a window's words are not owed to its sound; ``encoded`` is ``(1, n_frames / 2, d_model)``."""
    if is_silence(guess.no_speech_prob, guess.avg_logprob):
        return True
    words = [token for token in guess.tokens if token < net.end]
    if not words or not is_suspicious(guess.no_speech_prob, guess.avg_logprob):
        return False
    start = net.start_sequence(window.take.language or "en", window.take.item.translate)
    heard = net.align(encoded, start, [words], [window.n_frames])[0].probabilities
    unheard = net.align(net.empty(window.n_frames), start, [words], [window.n_frames])[0].probabilities
    return not is_heard(heard, unheard)


def final_guess(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> Guess:
    """Returns ``guess`` of a full window, or a better one at rising temperature, as faster-whisper does.

    ``encoded`` is ``(1, 1500, d_model)``. Where every temperature repeats itself, the best is cut where the loop
    begins.
    """
    tried = [guess]
    if _acceptable(net, guess):
        return guess
    prompt = net.prompt(window.take.language or "en", window.take.item.translate, window.take.item.hotwords)
    for temperature in TEMPERATURES:
        window.take.redone += 1
        again = net.generate(encoded, [prompt], _limit(window), Draw(temperature=temperature))[0]
        tried.append(again)
        if _acceptable(net, again):
            return again
    calm = [g for g in tried if _ratio(net, g) <= MOST_COMPRESSION]
    best = max(calm or tried, key=lambda g: g.avg_logprob)
    return best if calm else _without_loop(net, window.take, best)


def _acceptable(net: WhisperNet, guess: Guess) -> bool:
    if _ratio(net, guess) > MOST_COMPRESSION:
        return is_silence(guess.no_speech_prob, guess.avg_logprob)
    return guess.avg_logprob >= LEAST_LOGPROB or is_silence(guess.no_speech_prob, guess.avg_logprob)


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

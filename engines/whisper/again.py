"""Speech of which too little was written is decoded again, utterance by utterance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engines.whisper.checks import LEAST_LOGPROB
from engines.whisper.decode import (
    Take,
    Window,
    acceptable,
    final_guess,
    first_guesses,
    first_window,
    full_window,
    is_owed,
    passes,
    repeats,
)
from engines.whisper.features import SAMPLE_RATE, Floats
from engines.whisper.lines import TIME_STEP_S, Line, to_lines
from engines.whisper.net import Encoded, Guess, WhisperNet

LEAST_TOKENS_A_SECOND = 1.5
"""In 680 s of people reading and talking, clean, noisy and by telephone, no line of 4 s or more had fewer than 2.0."""
THIN_LINE_S = 4.0
GAP_S = 3.0
"""So much of a chunk between two lines, or after the last, is not a pause: chunks hold speech with its short pauses."""
MORE = 1.4
"""So many times the tokens must be found for the new ones to be believed."""
AS_MUCH = 0.8
"""So much of what was written over and over must be found again to be believed."""
_SHORTEST_S = 1.5
_LONGEST_S = 5.0
_FRAME = SAMPLE_RATE // 50
_PAUSE_FRAMES = 10
_TOGETHER = 8

Span = tuple[float, float]


def thin_stretches(lines: Sequence[Line], until_s: float) -> list[Span]:
    """Returns the stretches up to ``until_s``, in seconds, in which fewer words were written than anybody says.

    A line is thin where it has few tokens for its length; so is a long gap. Neighbours become one stretch.
    """
    found: list[Span] = []
    last = 0.0
    for line in [*lines, Line([], until_s, until_s)]:
        spans = [(last, line.start)] if line.start - last >= GAP_S else []
        length = line.end - line.start
        if length >= THIN_LINE_S and len(line.tokens) < LEAST_TOKENS_A_SECOND * length:
            spans.append((line.start, line.end))
        for start, end in spans:
            if found and start - found[-1][1] < 1.0:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
        last = max(last, line.end)
    return [(start, end) for start, end in found if end - start >= THIN_LINE_S]


def utterances(sound: Floats, span: Span) -> list[Span]:
    """Cuts a stretch of a sound at its quietest places, into pieces of 1.5 to 5 s."""
    start, end = round(span[0] * SAMPLE_RATE), min(round(span[1] * SAMPLE_RATE), len(sound))
    n_frames = (end - start) // _FRAME
    if n_frames < 1:
        return []
    power = (sound[start : start + n_frames * _FRAME].reshape(n_frames, _FRAME) ** 2).mean(axis=1)
    level = np.log10(power + 1e-8)
    smooth = np.convolve(np.pad(level, _PAUSE_FRAMES // 2, mode="edge"), np.ones(_PAUSE_FRAMES), "valid")[:n_frames]
    a_second = SAMPLE_RATE // _FRAME
    shortest, longest = round(_SHORTEST_S * a_second), round(_LONGEST_S * a_second)
    cuts = [0]
    while n_frames - cuts[-1] > longest:
        first = cuts[-1] + shortest
        cuts.append(first + int(np.argmin(smooth[first : min(cuts[-1] + longest, n_frames - shortest)])))
    cuts.append(n_frames)
    seconds = [span[0] + cut / a_second for cut in cuts]
    return list(zip(seconds, seconds[1:], strict=False))


def last_guess(net: WhisperNet, window: Window, encoded: Encoded, guess: Guess) -> Guess:
    """Returns what stands of a full window: ``guess``, or the utterances decoded one by one where it goes round in
    circles, or one without repeated runs of tokens; ``encoded`` is ``(1, 1500, d_model)``.
    """
    if acceptable(net, guess):
        return guess
    window.take.redone += 1
    lines = said_in_pieces(net, window, (0.0, window.sound_s))
    if n_tokens(lines) >= LEAST_TOKENS_A_SECOND * window.sound_s:
        return replace(guess, tokens=to_tokens(lines, net.first_time), in_pieces=True)
    return final_guess(net, window, encoded, guess)


def written_again(net: WhisperNet, window: Window, guess: Guess) -> Guess:
    """Returns ``guess``, or the utterances decoded one by one where too few words were written for the speech, or the
    same over and over.

    Whisper writes a sentence that is said many times once, and lets that line last to the end of the window.
    """
    found = to_lines(guess.tokens, net.first_time, window.sound_s)
    if guess.in_pieces or not found.lines:
        return guess
    lines, until = found.lines, found.resume_s or window.sound_s
    circles = repeats(net, guess)
    for stretch in [(0.0, until)] if circles else thin_stretches(lines, until):
        old = [line for line in lines if line.start < stretch[1] and line.end > stretch[0]]
        window.take.redone += 1
        new = said_in_pieces(net, window, stretch)
        if n_tokens(new) >= (AS_MUCH if circles else MORE) * n_tokens(old) + (0 if circles else 2):
            lines = sorted([line for line in lines if line not in old] + new, key=lambda line: line.start)
    if lines is found.lines:
        return guess
    tail = [] if found.resume_s is None else [net.first_time + round(found.resume_s / TIME_STEP_S)] * 2
    return replace(guess, tokens=[*to_tokens(lines, net.first_time), *tail], in_pieces=True)


def said_in_pieces(net: WhisperNet, window: Window, span: Span) -> list[Line]:
    """Returns what is said in a stretch of a window, each utterance decoded by itself; those that are not sure, or not
    owed to the sound, are left out.
    """
    sound = window.sound
    spans = utterances(sound, span)
    lines: list[Line] = []
    for at in range(0, len(spans), _TOGETHER):
        some = spans[at : at + _TOGETHER]
        takes = [replace_sound(window.take, sound[round(a * SAMPLE_RATE) : round(b * SAMPLE_RATE)]) for a, b in some]
        for (start, end), tokens in zip(some, _decoded(net, [first_window(take) for take in takes]), strict=True):
            for line in to_lines(tokens, net.first_time, end - start).lines:
                lines.append(Line(line.tokens, start + line.start, start + line.end))
    return lines


def replace_sound(take: Take, sound: Floats) -> Take:
    """Returns a take of another sound in the language that is known already."""
    return Take(take.position, take.item, sound, take.language, take.language_probability)


def n_tokens(lines: Sequence[Line]) -> int:
    """Returns how many tokens of text the lines have."""
    return sum(len(line.tokens) for line in lines)


def to_tokens(lines: Sequence[Line], first_time: int) -> list[int]:
    """Returns lines as Whisper would have written them; ``to_lines`` is its inverse."""
    tokens: list[int] = []
    for line in lines:
        times = [first_time + round(time / TIME_STEP_S) for time in (line.start, line.end)]
        tokens += [times[0], *line.tokens, times[1]]
    return tokens


def _decoded(net: WhisperNet, windows: Sequence[Window]) -> list[list[int]]:
    """Returns the tokens of windows of one length; none where the words cannot be believed, even in the full window."""
    encoded = net.encode([window.sound for window in windows], windows[0].n_frames)
    tokens = []
    for at, (window, guess) in enumerate(zip(windows, first_guesses(net, windows, encoded), strict=True)):
        row = encoded[at : at + 1]
        if not passes(net, window, guess):
            window = full_window(window)
            row = net.encode([window.sound], window.n_frames)
            guess = first_guesses(net, [window], row)[0]
        sure = guess.avg_logprob >= LEAST_LOGPROB and not repeats(net, guess)
        tokens.append(guess.tokens if sure and is_owed(net, window, row, guess) else [])
    return tokens

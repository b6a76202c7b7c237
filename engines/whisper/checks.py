"""Signs that a decoded text is a loop, a guess, or invented."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

MOST_COMPRESSION = 2.4
LEAST_LOGPROB = -1.0
MOST_NO_SPEECH = 0.6
LEAST_GAIN = 1.2


def compression_ratio(text: str) -> float:
    """Returns how many times smaller zlib makes the text; above 2.4 it repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def loop_start(tokens: Sequence[int], least: int = 8) -> int | None:
    """Returns where a run of tokens begins to be said again at once, or None.

    A run of ``least`` tokens or more counts when it comes twice in a row, a shorter one when it comes three times and
    fills ``2 * least`` tokens; the comma after the last time may be missing.
    """
    n = len(tokens)
    for period in range(1, n // 2 + 1):
        wanted = period if period >= least else max(2 * least - period, 2 * period - 1)
        same = 0
        for at in range(period, n):
            same = same + 1 if tokens[at] == tokens[at - period] else 0
            if same >= wanted:
                return at - same + 1
    return None


def is_silence(no_speech_prob: float, avg_logprob: float) -> bool:
    """Returns whether Whisper itself takes the window for silence: it says so, and is not sure of its words."""
    return no_speech_prob > MOST_NO_SPEECH and avg_logprob < LEAST_LOGPROB


def is_suspicious(no_speech_prob: float, avg_logprob: float) -> bool:
    """Returns whether the words should be compared with the sound before they are believed."""
    return no_speech_prob > 0.3 or avg_logprob < -0.7


def is_heard(on_sound: Sequence[float], on_nothing: Sequence[float]) -> bool:
    """Returns whether words are owed to the sound, by the probabilities of their tokens with it and with an empty
    window.

    Words that Whisper invents are as likely without the sound: over noise, hum and music the mean gain of the log
    probability was -0.7 to 0.9, over speech, clean, noisy or hardly understood, 2.6 to 5.7.
    """
    gains = [math.log(max(a, 1e-9)) - math.log(max(b, 1e-9)) for a, b in zip(on_sound, on_nothing, strict=True)]
    return bool(gains) and sum(gains) / len(gains) >= LEAST_GAIN

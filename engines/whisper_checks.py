"""Signs that a decoded text is a loop, a guess, or invented."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

MOST_COMPRESSION = 2.4
LEAST_LOGPROB = -1.0
MOST_NO_SPEECH = 0.6


def compression_ratio(text: str) -> float:
    """Returns how many times smaller zlib makes the text; above 2.4 it repeats itself."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def loop_start(tokens: Sequence[int], least: int = 8) -> int | None:
    """Returns where a run of tokens begins to be said again at once, or None.

    A run of ``least`` tokens or more counts when it comes twice in a row, a shorter one when it fills ``2 * least``
    tokens.
    """
    n = len(tokens)
    for period in range(1, n // 2 + 1):
        wanted = period if period >= least else max(2 * least - period, 2 * period)
        same = 0
        for at in range(period, n):
            same = same + 1 if tokens[at] == tokens[at - period] else 0
            if same >= wanted:
                return at - same + 1
    return None


def is_silence(no_speech_prob: float, avg_logprob: float) -> bool:
    """Returns whether Whisper itself takes the window for silence: it says so, and is not sure of its words."""
    return no_speech_prob > MOST_NO_SPEECH and avg_logprob < LEAST_LOGPROB

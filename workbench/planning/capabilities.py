"""What an office may want besides text: how fast it is on a card, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.planning.cards import Card
from workbench.planning.needs import SMALL_WRITER
from workbench.planning.speeds import THIS_CPU, Kind, Own, Speed, of_own


@dataclass(frozen=True, slots=True)
class Capability:
    """Work that follows on each recording, or comes by itself.

    ``speed`` returns seconds of sound (or of video) a second on a card. ``per_hour_s`` is how many seconds of it an
    hour of recording makes.
    """

    name: str
    speed: Callable[[Card, Own], Speed]
    per_hour_s: float = 3600.0
    load_s: float = 5.0


SIGNS_A_SECOND = 5.0
"""Signs of a transcript for each second of talk: 12,000 tokens an hour of one and a half signs."""
SPOKEN_SIGNS_A_SECOND = 4.5
"""Signs that a Chinese voice speaks in a second."""
_VIDEO_PER = 100_000 / (320 * 180 * 25)
"""Seconds of video of 320 x 180 at 25 frames a second in 100,000 pixels, the unit in which video is measured."""
_BASICVSR = ("basicvsr-clean", "basicvsr-compressed", "basicvsr-blurred")
_WRITERS = ("qwen3-14b", "qwen3-14b-gguf")
_SMALL_WRITERS = (SMALL_WRITER, "qwen3-1.7b-gguf")
_Speeds = Callable[[Card, Own], Speed]


def _measured(models: Sequence[str], per: float, otherwise: _Speeds) -> _Speeds:
    """Returns the speed that this machine measured of the first of these models, else what ``otherwise`` tells."""

    def speed(card: Card, own: Own) -> Speed:
        found = (of_own(model, card, own, per) for model in models)
        return next((one for one in found if one is not None), None) or otherwise(card, own)

    return speed


ONE_BY_ONE = frozenset({"writing", "video"})
"""These take one chunk after another, so that live work waits for little."""
NEW_CORES = 8
"""A machine that is bought for a card has so many cores."""


def _processor(speed: _Speeds) -> _Speeds:
    """Returns the speed of what runs on the processor, whatever card is there: this machine's beside its own card."""

    def beside(card: Card, own: Own) -> Speed:
        if card.runs == "cpu":
            return speed(card, own)
        if own.card is not None and own.card.id == card.id:
            return speed(replace(card, id=THIS_CPU, runs="cpu", cores=own.cores or NEW_CORES), own)
        found = speed(replace(card, id="processor", runs="cpu", cores=NEW_CORES), own)
        return replace(found, kind="estimated")

    return beside


def _two_cores(x: float, spread: float, kind: Kind = "measured") -> _Speeds:
    """Returns the speed of work on a processor by its cores; ``x`` is that of two cores where this is developed."""

    def speed(card: Card, own: Own) -> Speed:
        cores = card.cores or own.cores or 8
        scale = (max(1, min(cores, 8)) / 2) ** 0.9
        same = cores == 2
        return Speed(x * scale / spread, x * scale, x * scale * spread, kind if same else "estimated", "two_cores")

    return speed


def _speakers(card: Card, own: Own) -> Speed:
    if card.runs == "cpu":
        return _two_cores(40.0, 2.0, "estimated")(card, own)
    return Speed(100.0, 250.0, 600.0, "estimated", "size")


def _restore(card: Card, own: Own) -> Speed:
    if card.runs == "cpu":
        return _two_cores(1 / 4.4, 1.2)(card, own)
    scale = card.tflops / 35.6
    return Speed(2.0 * scale, 6.0 * scale, 15.0 * scale, "estimated", "size")


WRITTEN_TOKENS, READ_TOKENS = 1500.0, 12000.0
"""Minutes of an hour of talk, and its transcript, in tokens."""
WRITER_GB = 10.7
"""Qwen3 14B in four bits with the libraries and its context, as ``engines.writing.sizes`` reckons it."""


def _writing(card: Card, own: Own) -> Speed:
    """Writing is bound by how fast the model's weights are read: once for each word."""
    if card.runs == "cpu":
        own_small = _measured(_SMALL_WRITERS, 1 / SIGNS_A_SECOND, _two_cores(_SMALL_WRITER_X, 1.5))
        return own_small(card, own)

    def x(efficiency: float) -> float:
        return 3600 / (WRITTEN_TOKENS * WRITER_GB / (card.bandwidth_gbs * efficiency) + READ_TOKENS / 2500.0)

    return Speed(x(0.25), x(0.5), x(0.75), "estimated", "bandwidth")


_SMALL_WRITER_X = 3600 / (WRITTEN_TOKENS / 16.0 + READ_TOKENS / 60.0)


def _video(card: Card, own: Own) -> Speed:
    """Seconds of video of 320 x 180 at 25 frames a second, made four times as large."""
    if card.runs == "cpu":
        return _two_cores(1 / (25 * 6.6), 1.2)(card, own)
    scale = card.tflops / 13.4
    published = 1 / (25 * 0.063)
    return Speed(0.5 * published * scale, published * scale, 2.0 * published * scale, "estimated", "paper")


def _aloud(card: Card, own: Own) -> Speed:
    return _two_cores(1 / 0.68, 1.2)(card, own)


CAPABILITIES: Mapping[str, Capability] = {
    one.name: one
    for one in (
        Capability("speakers", _measured(("campplus",), 1.0, _speakers)),
        Capability("clean", _processor(_measured(("deepfilternet3",), 1.0, _two_cores(1 / 0.14, 1.2)))),
        Capability("restore", _measured(("voicefixer",), 1.0, _restore), load_s=33.0),
        Capability("writing", _measured(_WRITERS, 1 / SIGNS_A_SECOND, _writing), load_s=20.0),
        Capability("video", _measured(_BASICVSR, _VIDEO_PER, _video), per_hour_s=60.0),
        Capability("aloud", _processor(_measured(("kokoro",), 1 / SPOKEN_SIGNS_A_SECOND, _aloud)), per_hour_s=300.0),
    )
}

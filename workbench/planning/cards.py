"""Graphics cards and whole machines that an office may buy: published figures, which the office may correct.

Where each figure comes from stands in docs/planner.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

RUNS = ("cuda", "cpu", "none")
"""``cuda``: this version runs on it. ``cpu``: only its processor is used. ``none``: this version cannot use it."""
LARGEST = 1e7


@dataclass(frozen=True, slots=True)
class Card:
    """One kind of card.

    ``memory_gb`` as it is sold, ``bandwidth_gbs`` in GB/s, ``tflops`` in FP32 without matrix units, ``watts`` at full
    load. ``price_low`` and ``price_high`` are CNY for the card alone, 0 where nobody has named one.
    """

    id: str
    name: str
    memory_gb: float
    bandwidth_gbs: float
    tflops: float
    watts: float
    price_low: float
    price_high: float
    runs: str = "cuda"
    cores: int = 0


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine to choose: its cards, and in CNY what the whole machine costs where that is known.

    ``price_of`` is where its price is from: ``plan`` (the users' own plan), ``table`` (its cards, estimated), or
    ``own`` (what the office has put in).
    """

    id: str
    name: str
    cards: tuple[str, ...]
    price_low: float = 0.0
    price_high: float = 0.0
    price_of: str = "table"


def _card(id: str, name: str, figures: Sequence[float], price: Sequence[float], runs: str = "cuda") -> Card:
    memory, bandwidth, tflops, watts = figures
    return Card(id, name, memory, bandwidth, tflops, watts, price[0], price[1], runs)


CARDS: tuple[Card, ...] = (
    _card("rtx3060", "RTX 3060 12 GB", (12, 360, 12.7, 170), (1800, 2400)),
    _card("rtx3090", "RTX 3090 24 GB", (24, 936, 35.6, 350), (5500, 8000)),
    _card("rtx4090", "RTX 4090 24 GB", (24, 1008, 82.6, 450), (16000, 22000)),
    _card("rtx5080", "RTX 5080 16 GB", (16, 960, 56.3, 360), (8500, 11500)),
    _card("rtx5090", "RTX 5090 32 GB", (32, 1792, 104.8, 575), (21000, 29000)),
    _card("rtx6000ada", "RTX 6000 Ada 48 GB", (48, 960, 91.1, 300), (48000, 60000)),
    _card("pro6000", "RTX Pro 6000 Blackwell 96 GB", (96, 1792, 125.0, 600), (60000, 80000)),
    _card("l20", "L20 48 GB", (48, 864, 59.8, 275), (25000, 36000)),
    _card("l40", "L40 48 GB", (48, 864, 90.5, 300), (45000, 60000)),
    _card("l40s", "L40S 48 GB", (48, 864, 91.6, 350), (52000, 68000)),
    _card("a10g", "A10G 24 GB", (24, 600, 31.2, 150), (14000, 20000)),
    _card("a800", "A800 80 GB", (80, 1935, 19.5, 300), (80000, 120000)),
    _card("h20", "H20 96 GB", (96, 4000, 44.0, 400), (80000, 110000)),
    _card("h100", "H100/H800 80 GB", (80, 3350, 67.0, 700), (180000, 250000)),
    _card("h200", "H200 141 GB", (141, 4800, 67.0, 700), (210000, 280000)),
    _card("b200", "B200 192 GB", (192, 7700, 80.0, 1000), (260000, 380000)),
    _card("ascend910b", "Ascend 910B 64 GB", (64, 1200, 94.0, 400), (90000, 130000), "none"),
    Card("m1", "Apple M1", 16, 68, 2.6, 30, 5000, 7000, "cpu", cores=8),
    Card("m2", "Apple M2", 16, 100, 3.6, 35, 6000, 9000, "cpu", cores=8),
    Card("cpu8", "CPU, 8 cores", 16, 50, 0.8, 110, 0, 0, "cpu", cores=8),
    Card("cpu16", "CPU, 16 cores", 32, 80, 1.6, 180, 2000, 4000, "cpu", cores=16),
)
PAIRS: tuple[Machine, ...] = (
    Machine("rtx5090", "RTX 5090 32 GB", ("rtx5090",), 31000, 39000, "plan"),
    Machine("2xrtx5080", "2 x RTX 5080", ("rtx5080", "rtx5080"), 30000, 34000, "plan"),
    Machine("rtx5090+rtx5080", "RTX 5090 + RTX 5080", ("rtx5090", "rtx5080"), 40000, 44000, "plan"),
    Machine("2xrtx5090", "2 x RTX 5090", ("rtx5090", "rtx5090"), 58000, 62000, "plan"),
)
"""Whole machines with the prices of the users' own plan."""
PRICES = ("price_low", "price_high")
_NUMBERS = ("memory_gb", "bandwidth_gbs", "tflops", "watts", *PRICES)


def machines(cards: Mapping[str, Card], offers: Mapping[str, Mapping[str, float]] | None = None) -> list[Machine]:
    """Returns every machine to choose from: one with each card that can be used, and those with two.

    ``offers`` are the office's own prices of whole machines by id. Where it has corrected the price of a card instead,
    that goes before the plan's price of a machine with the card.
    """
    whole = {machine.id: _priced(machine, cards, (offers or {}).get(machine.id, {})) for machine in PAIRS}
    found = [
        whole.pop(card.id, _priced(Machine(card.id, card.name, (card.id,)), cards, {}))
        for card in cards.values()
        if card.runs != "none"
    ]
    return found + [pair for pair in whole.values() if all(name in cards for name in pair.cards)]


def _priced(machine: Machine, cards: Mapping[str, Card], offer: Mapping[str, float]) -> Machine:
    if offer:
        return replace(machine, price_low=offer["price_low"], price_high=offer["price_high"], price_of="own")
    if any(_repriced(cards[name]) for name in machine.cards if name in cards):
        return replace(machine, price_low=0.0, price_high=0.0, price_of="own")
    return machine


def _repriced(card: Card) -> bool:
    published = next((one for one in CARDS if one.id == card.id), card)
    return (card.price_low, card.price_high) != (published.price_low, published.price_high)


def table(changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Card]:
    """Returns the cards by their id with what the office has corrected."""
    found: dict[str, Card] = {}
    for card in CARDS:
        figures: dict[str, Any] = dict(checked(changes.get(card.id, {})))
        found[card.id] = replace(card, **figures)
    return found


def checked(change: Mapping[str, Any]) -> dict[str, float]:
    """Returns the numbers of a correction; raises ValueError with the name of the first that cannot be."""
    found: dict[str, float] = {}
    for name, value in change.items():
        if name not in _NUMBERS:
            raise ValueError(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise ValueError(name)
        least = 0.0 if name.startswith("price") else 0.1
        if not least <= value <= LARGEST:
            raise ValueError(name)
        found[name] = float(value)
    low, high = found.get("price_low"), found.get("price_high")
    if low is not None and high is not None and low > high:
        raise ValueError("price_low")
    return found


def corrected(card_id: str, before: Mapping[str, float], change: Mapping[str, Any]) -> dict[str, float]:
    """Returns the office's figures of a card after a change; raises KeyError, and ValueError with the field."""
    known = next((card for card in CARDS if card.id == card_id), None)
    if known is None:
        raise KeyError(card_id)
    changed = checked(change)
    told = {**before, **changed}
    if any(name in changed for name in PRICES):
        told |= _in_order({name: told.get(name, getattr(known, name)) for name in PRICES}, changed)
    return told


def offer(machine_id: str, before: Mapping[str, float], change: Mapping[str, Any]) -> dict[str, float]:
    """Returns the office's price of a whole machine after a change of one end or both; raises KeyError, ValueError."""
    known = next((one for one in PAIRS if one.id == machine_id), None)
    if known is None:
        raise KeyError(machine_id)
    if unknown := [name for name in change if name not in PRICES]:
        raise ValueError(unknown[0])
    told = {"price_low": known.price_low, "price_high": known.price_high, **before, **checked(change)}
    return _in_order(told, change)


def _in_order(prices: dict[str, float], change: Mapping[str, Any]) -> dict[str, float]:
    """Returns the two ends of a price, the one that was not changed moved along where the other passed it."""
    if prices["price_low"] > prices["price_high"]:
        kept = "price_low" if "price_low" in change else "price_high"
        return dict.fromkeys(PRICES, prices[kept])
    return prices


def known_name(driver_name: str, cards: Mapping[str, Card]) -> Card | None:
    """Returns the card that a driver calls ``NVIDIA GeForce RTX 4090``, None for one that is not in the table."""
    plain = driver_name.lower().replace("nvidia", "").replace("geforce", "").replace("generation", "")
    words = set(plain.replace("-", " ").split())
    best: tuple[int, Card] | None = None
    for card in cards.values():
        for name in card.name.lower().split("/"):
            named = [word for word in name.split() if word not in ("gb",) and not word.isdigit()]
            numbers = [word for word in name.split() if word.isdigit()][:1] if "rtx" in name else []
            if card.runs == "cuda" and words >= {*named, *numbers} and (best is None or len(named) > best[0]):
                best = (len(named), card)
    return best[1] if best else None


def to_dicts(cards: Mapping[str, Card]) -> list[dict[str, Any]]:
    """Returns the cards as plain JSON, each with the published figures beside the office's own."""
    published = {card.id: card for card in CARDS}
    return [{**asdict(card), "published": asdict(published[card.id])} for card in cards.values()]


FIELDS = tuple(field.name for field in fields(Card))

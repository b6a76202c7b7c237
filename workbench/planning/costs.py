"""What a machine costs: buying it, and the electricity of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.planning.cards import Card, Machine
from workbench.planning.demand import Question

IDLE_SHARE = 0.1
"""What a card takes while it does nothing, as a share of its full load."""
COMPUTER_W, COMPUTER_IDLE_W = 150.0, 60.0
"""The computer around the cards, at work and at rest."""
WORKDAY_H = 10.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one machine: CNY for buying it, kilowatt hours and CNY of electricity a year, and both together a year."""

    buy_low: float
    buy_high: float
    kwh: float
    electricity: float
    year: float


def cost_of(machine: Machine, cards: Sequence[Card], question: Question, busy_h_a_day: float) -> Cost:
    """Returns the cost of a machine that works so many hours on each working day."""
    alone_low = question.computer + sum(card.price_low for card in cards)
    alone_high = question.computer + sum(card.price_high for card in cards)
    low, high = machine.price_low or alone_low, machine.price_high or alone_high
    watts = sum(card.watts for card in cards)
    working_w = watts + COMPUTER_W
    resting_w = watts * IDLE_SHARE + COMPUTER_IDLE_W
    busy_h = min(24.0, busy_h_a_day) * question.days_a_year
    on_h = 24.0 * 365 if question.always_on else WORKDAY_H * question.days_a_year
    kwh = (busy_h * working_w + max(0.0, on_h - busy_h) * resting_w) / 1000
    electricity = kwh * question.price_kwh
    return Cost(low, high, kwh, electricity, (low + high) / 2 / question.years + electricity)


PLAN_WATTS, PLAN_USD = 3 * 700.0, 400.0
HOURS_A_MONTH = 365 * 24 / 12


def plan_check(price_kwh: float) -> dict[str, float]:
    """Holds the users' own figure against arithmetic: three cards of 700 W day and night for 400 USD a month."""
    kwh = PLAN_WATTS * HOURS_A_MONTH / 1000
    return {"kwh": kwh, "usd": PLAN_USD, "usd_kwh": PLAN_USD / kwh, "cny": kwh * price_kwh, "price_kwh": price_kwh}

"""The answer to an office: which machine, how many, how long people wait, what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engines.device import CPU_SHARE, GPU_SHARE
from workbench.planning.capabilities import CAPABILITIES
from workbench.planning.cards import Card, Machine
from workbench.planning.cards import machines as offered
from workbench.planning.costs import cost_of, plan_check
from workbench.planning.demand import Arrival, Question, arrivals
from workbench.planning.machines import Built, build, setting, simulate, split
from workbench.planning.needs import needs
from workbench.planning.speeds import Own

LAG_S = 3.0
"""Text that comes later than this cannot be followed while somebody speaks."""
ENOUGH, MOST_ROUNDS = 60, 10
"""So many recordings are wanted for a figure, from so many simulated hours at most."""
HOPELESS = 1.5
"""Work of the busiest hour, in hours of the machine, from which on nothing has to be simulated."""
MOST_MACHINES = 8
WORK = 160_000.0
"""Chunks that are simulated for one answer; what costs more after that is listed by its load only."""
CHUNKS_AN_HOUR = 257.0
THIS = "this"


@dataclass(frozen=True, slots=True)
class Office:
    """What is known besides the question: the cards, this machine, its measurements, its own past if asked for, and the
    office's own prices of whole machines.
    """

    cards: Mapping[str, Card]
    own: Own
    this: tuple[Card, ...] = ()
    known_gb: Mapping[str, float] = field(default_factory=dict)
    past: tuple[Arrival, ...] = ()
    offers: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def answer(question: Question, office: Office) -> dict[str, Any]:
    """Returns plain JSON: ``best`` (an id or None), ``machines`` from cheap to dear, and what was assumed."""
    plans = [_plan(machine, question, office) for machine in _choices(office)]
    plans.sort(key=lambda plan: (plan["id"] != THIS, plan["cost"]["year"]))
    rounds = _rounds(question, office.past)
    budget = WORK
    best: dict[str, Any] | None = None
    dearer = 0
    failed: list[dict[str, Any]] = []
    for plan in plans:
        slower = next((one for one in failed if _no_faster(plan, one)), None)
        if slower is not None:
            plan["why"] = slower["why"]
            continue
        ahead = plan["load"]["x"] <= HOPELESS and plan["fits"] and (best is None or dearer < 6)
        if ahead and (budget > 0 or best is None):
            budget -= _judge(plan, question, rounds)
            dearer += best is not None
            best = best or (plan if plan["meets"] and plan["id"] != THIS else None)
            failed += [] if plan["meets"] else [plan]
        elif plan["load"]["x"] > HOPELESS:
            plan["why"] = "too_slow"
    if best is None and not office.past:
        best = _several(plans, question, office)
    if best is not None:
        _ends(best, question, rounds if best["n"] == 1 else _rounds(split(question, best["n"]), ()))
    for plan in plans:
        plan.pop("built", None)
        plan["wait"] = {**plan["wait"], "queue": plan["wait"].get("queue", []) if plan is best else []}
    return {
        "best": best["id"] if best else None,
        "machines": plans,
        "needs": [asdict(holding) for holding in needs(office.known_gb)],
        "plan_check": plan_check(question.price_kwh),
        "n_recordings": sum(len(one) for one in rounds),
        "replayed": bool(office.past),
    }


def _no_faster(plan: Mapping[str, Any], failed: Mapping[str, Any]) -> bool:
    """Tells whether a machine is so much like one that did not do that it need not be simulated."""
    if plan["id"] == THIS or plan["model"] != failed["model"] or len(plan["cards"]) > len(failed["cards"]):
        return False
    ends = ("low", "x") if failed["why"] == "tight" else ("x",)
    return all(plan["speed"][end] <= 1.05 * failed["speed"][end] for end in ends)


def _choices(office: Office) -> list[Machine]:
    this = [Machine(THIS, "", tuple(card.id for card in office.this))] if office.this else []
    return [*this, *offered(office.cards, office.offers)]


def _cards(machine: Machine, office: Office) -> tuple[Card, ...]:
    return office.this if machine.id == THIS else tuple(office.cards[name] for name in machine.cards)


def _plan(machine: Machine, question: Question, office: Office) -> dict[str, Any]:
    cards = _cards(machine, office)
    built = build(cards, question, office.own, office.known_gb)
    load = {end: _load(built, question, end) for end in ("low", "x", "high")}
    day_h = load["x"] / question.busiest
    cost = cost_of(machine, cards, question, day_h)
    speed = built.speeds[built.spec.name]
    return {
        "id": machine.id, "name": machine.name, "n": 1, "cards": [card.name for card in cards],
        "model": built.spec.title, "watts": sum(card.watts for card in cards),
        "memory": {
            "gb": [card.memory_gb for card in cards], "fits": built.fits, "together": built.together,
            "gpu": built.has_gpu, "share": GPU_SHARE if built.has_gpu else CPU_SHARE,
            "holdings": [asdict(holding) for holding in built.holdings],
        },
        "fits": built.fits, "speed": asdict(speed), "load": load,
        "speeds": {name: asdict(one) for name, one in built.speeds.items()},
        "hours_a_day": {end: 24 * question.hours_a_day * question.busiest / load[end] for end in load},
        "cost": asdict(cost), "price_of": machine.price_of,
        "wait": {}, "meets": False, "why": "" if built.fits else "memory", "simulated": False, "built": built,
    }  # fmt: skip


def _load(built: Built, question: Question, end: str) -> float:
    """Returns the work of the busiest hour without live sessions, in hours of the slowest part of the machine."""
    heard_h = question.hours_a_day * question.busiest
    text_h = heard_h * question.speech / getattr(built.speeds[built.spec.name], end)
    more_h = [
        heard_h * CAPABILITIES[name].per_hour_s / 3600.0 / getattr(built.speeds[name], end)
        for name in question.capabilities
    ]
    together = text_h + sum(more_h)
    return together / (min(len(built.cards), 1 + len(more_h)) if built.has_gpu else 1)


def _rounds(question: Question, past: Sequence[Arrival]) -> list[list[Arrival]]:
    if past:
        return [list(past)]
    found: list[list[Arrival]] = []
    most = 1 if question.n_live else MOST_ROUNDS
    while len(found) < most and sum(a.at >= 3600 for one in found for a in one) < ENOUGH:
        found.append(arrivals(question, seed=len(found) + 1))
    return found


def _judge(plan: dict[str, Any], question: Question, rounds: Sequence[Sequence[Arrival]]) -> float:
    """Simulates a plan at its likely speed and, where that is good enough, at its slow end; returns chunks spent."""
    spent = sum(a.length_s for one in rounds for a in one) / 3600 * CHUNKS_AN_HOUR
    spent += question.n_live * 4000.0
    built: Built = plan["built"]
    plan["wait"], plan["simulated"] = simulate(setting(built, question), rounds), True
    plan["why"] = verdict(plan["wait"], question)
    if not plan["why"]:
        slow = simulate(setting(built, question, "low"), rounds)
        plan["wait"]["slow"] = {name: slow[name] for name in ("median_s", "p95_s", "lag_s", "over")}
        plan["why"] = "tight" if verdict(slow, question) else ""
        spent *= 2
    plan["meets"] = not plan["why"]
    return spent


def verdict(wait: Mapping[str, Any], question: Question) -> str:
    """Returns why a machine does not do, empty where it does."""
    if wait["over"]:
        return "too_slow"
    if wait["p95_s"] is not None and wait["p95_s"] > question.wait_min * 60:
        return "waits"
    if question.n_live and (wait["lag_s"] is None or wait["lag_s"] > LAG_S):
        return "live"
    return ""


def _ends(plan: dict[str, Any], question: Question, rounds: Sequence[Sequence[Arrival]]) -> None:
    """Adds what the fast end of the speeds would bring."""
    asked = split(question, plan["n"]) if plan["n"] > 1 else question
    fast = simulate(setting(plan["built"], asked, "high"), rounds)
    plan["wait"]["fast"] = {name: fast[name] for name in ("median_s", "p95_s", "lag_s", "over")}


def _several(plans: list[dict[str, Any]], question: Question, office: Office) -> dict[str, Any] | None:
    """Looks for equal machines, each for its own part of the people: this version gives one queue to one machine."""
    whole = {machine.id: machine for machine in offered(office.cards, office.offers)}
    found: list[dict[str, Any]] = []
    useful = [plan for plan in plans if plan["id"] != THIS and plan["fits"]]
    for plan in sorted(useful, key=lambda plan: plan["cost"]["year"] * max(1.0, plan["load"]["low"]))[:4]:
        for n in range(max(2, int(plan["load"]["x"] / HOPELESS)), MOST_MACHINES + 1):
            part = split(question, n)
            one = _plan(whole[plan["id"]], part, office)
            if one["load"]["x"] > HOPELESS:
                continue
            _judge(one, part, _rounds(part, ()))
            if one["meets"]:
                found.append(_times(one, n))
                break
    best = min(found, key=lambda plan: plan["cost"]["year"], default=None)
    if best is not None:
        plans.append(best)
    return best


def _times(plan: dict[str, Any], n: int) -> dict[str, Any]:
    cost = {name: value * n for name, value in plan["cost"].items()}
    hours = {end: value * n for end, value in plan["hours_a_day"].items()}
    return {**plan, "id": f"{n}*{plan['id']}", "n": n, "cost": cost, "hours_a_day": hours, "watts": plan["watts"] * n}

"""Which machine does this office need: brings its own numbers together, asks the planning process, keeps the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from engines import device
from engines.device import Machine
from workbench.errors import JobError
from workbench.history import planning as history_planning
from workbench.history.database import Database
from workbench.planning import cards as table
from workbench.planning.cards import Card
from workbench.planning.demand import LIMITS, Arrival, Question, Unfit, busiest_hour
from workbench.planning.needs import batch_of
from workbench.planning.speeds import THIS_CPU

ROOT = Path(__file__).resolve().parent.parent.parent
PAST_S = 92 * 86400.0
ENOUGH_PAST = 12
"""So many recordings in the past three months are needed to replay them."""
PATIENCE_S = 600.0
_KEPT = "planner.json"

Ask = Callable[[Mapping[str, Any]], dict[str, Any]]
After = Callable[[str, Mapping[str, float], Mapping[str, Any]], dict[str, float]]
"""What the office has corrected of a card or a machine, after a change: its id, what was corrected before, the change.
"""


def in_a_process(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Answers in a process of its own: a large office takes many seconds of computing."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.planning"],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise JobError("planner_failed", status=503) from error
    if done.returncode:
        raise JobError("planner_failed", status=500)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Planner:
    """Answers questions one at a time; ``data`` holds what the office has corrected and asked last."""

    def __init__(
        self,
        history: Database,
        data: Path,
        look: Callable[[], Machine] = device.look,
        ask: Ask = in_a_process,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._history = history
        self._file = data / _KEPT
        self._look = look
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = threading.Lock()

    def told(self) -> dict[str, Any]:
        """Returns the cards, the question that was asked last, and what is known of this machine and its past."""
        kept = self._kept()
        cards = table.table(kept.get("cards", {}))
        machine = self._look()
        return {
            "cards": table.to_dicts(cards),
            "corrected": sorted(kept.get("cards", {})),
            "machines": self._machines(cards, kept.get("machines", {})),
            "question": asdict(Question()) | kept.get("question", {}),
            "limits": {name: list(ends) for name, ends in LIMITS.items()},
            "this": [card.name for card in self._this(machine, cards)],
            "measured": [list(one) for one in self._measured(machine, cards)],
            "n_past": len(self._past()),
            "enough_past": ENOUGH_PAST,
        }

    def answer(self, asked: Mapping[str, Any], replay: bool = False) -> dict[str, Any]:
        """Returns the answer to a question; raises JobError ``planner_unfit``.

        With ``replay``, the recordings of this office's own busiest hour take the place of random ones.
        """
        question = question_of(asked)
        cards = table.table(self._kept().get("cards", {}))
        machine = self._look()
        past = busiest_hour(self._past()) if replay else []
        if replay and len(self._past()) < ENOUGH_PAST:
            raise JobError("planner_no_past", status=409, n=ENOUGH_PAST)
        card = _card_of(machine, cards)
        told = {
            "question": asdict(question),
            "cards": [asdict(one) for one in cards.values()],
            "own": {
                "measured": self._measured(machine, cards),
                "card": card.id if card else None,
                "cores": machine.cpu_count,
            },
            "this": [asdict(one) for one in self._this(machine, cards)],
            "known_gb": self._known_gb(),
            "past": [list(asdict(one).values()) for one in past],
            "offers": self._kept().get("machines", {}),
        }
        self._keep("question", asdict(question))
        with self._asking:
            return self._ask(told)

    def correct(self, card_id: str, change: Mapping[str, Any]) -> None:
        """Keeps the office's own figures for a card; raises JobError for an unknown card or an impossible figure."""
        self._put("cards", card_id, table.corrected, change)

    def restore(self, card_id: str) -> None:
        """Goes back to the published figures of a card."""
        self._take_out("cards", card_id)

    def offer(self, machine_id: str, change: Mapping[str, Any]) -> None:
        """Keeps the office's own price of a whole machine; raises JobError as ``correct`` does."""
        self._put("machines", machine_id, table.offer, change)

    def take_back(self, machine_id: str) -> None:
        """Goes back to the plan's price of a whole machine."""
        self._take_out("machines", machine_id)

    def _machines(self, cards: Mapping[str, Card], offers: Mapping[str, Mapping[str, float]]) -> list[dict[str, Any]]:
        """Returns the whole machines of the users' plan with the price that counts and the plan's own."""
        found = []
        priced = {machine.id: machine for machine in table.machines(cards, offers)}
        for plan in table.PAIRS:
            ends = {"price_low": plan.price_low, "price_high": plan.price_high}
            found.append({
                "id": plan.id, "name": plan.name, **ends, **offers.get(plan.id, {}), "published": ends,
                "corrected": plan.id in offers, "price_of": priced[plan.id].price_of,
            })  # fmt: skip
        return found

    def _past(self) -> list[Arrival]:
        rows = history_planning.arrivals(self._history, self._clock() - PAST_S)
        return [Arrival(at, length_s, owner, lane) for at, length_s, owner, lane in rows]

    def _this(self, machine: Machine, cards: Mapping[str, Card]) -> list[Card]:
        """Returns this machine as cards: its GPUs, or its processor."""
        found = []
        for gpu in machine.gpus:
            known = table.known_name(gpu.name, cards)
            if known is not None:
                found.append(known)
        if found:
            return found
        cores = machine.cpu_count
        return [Card(THIS_CPU, "CPU", machine.ram_mib / 1024, 40, 0.1 * cores, 45 + 8 * cores, 0, 0, "cpu", cores)]

    def _measured(self, machine: Machine, cards: Mapping[str, Card]) -> list[tuple[str, str, float]]:
        """Returns (card, model, speed) as this machine has measured: by calibration, else learned from real work."""
        card = _card_of(machine, cards)
        found: dict[tuple[str, str], float] = {}
        for model, kind, speed in history_planning.speeds(self._history):
            found.setdefault((_id_of(kind, card), model), speed)
        for one in history_planning.measured(self._history):
            on_gpu = one["precision"] in ("float16", "bfloat16", "int8_float16")
            speed = max(one["speeds"].values(), default=0.0)
            if speed > 0:
                found.setdefault((_id_of("cuda" if on_gpu else "cpu", card), one["model"]), speed)
        return [(name, model, speed) for (name, model), speed in found.items() if name]

    def _known_gb(self) -> dict[str, float]:
        """Returns what models hold with a full batch, in GB by name and precision, where it was measured here.

        What writes, reads aloud and makes videos sharper is measured with small work, which says too little of it.
        """
        found: dict[str, float] = {}
        for one in history_planning.measured(self._history):
            size = batch_of(one["model"], one["precision"])
            if size is None:
                continue
            mib = one["resident_mib"] + one["working_base_mib"] + size * one["working_item_mib"]
            found.setdefault(f"{one['model']} {one['precision']}", mib / 1024)
        return found

    def _kept(self) -> dict[str, Any]:
        try:
            told = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _put(self, where: str, name: str, after: After, change: Mapping[str, Any]) -> None:
        known = self._kept().get(where, {})
        try:
            changed = after(name, known.get(name, {}), change)
        except KeyError:
            raise JobError("planner_card_unknown", status=404) from None
        except ValueError as error:
            raise JobError("planner_unfit", status=422, field=str(error)) from None
        self._keep(where, {**known, name: changed})

    def _take_out(self, where: str, name: str) -> None:
        self._keep(where, {other: told for other, told in self._kept().get(where, {}).items() if other != name})

    def _keep(self, name: str, value: Any) -> None:
        with self._lock:
            new = self._file.with_name(_KEPT + ".new")
            new.write_text(json.dumps({**self._kept(), name: value}, indent=1), encoding="utf-8")
            os.replace(new, self._file)


def question_of(asked: Mapping[str, Any]) -> Question:
    """Returns the question; raises JobError ``planner_unfit`` with the ``field`` that does not fit."""
    known = {field.name for field in fields(Question)}
    if unknown := [name for name in asked if name not in known]:
        raise JobError("planner_unfit", status=422, field=unknown[0][:40])
    values = dict(asked)
    named = values.get("capabilities", ())
    if not isinstance(named, Sequence) or isinstance(named, str) or not all(isinstance(n, str) for n in named):
        raise JobError("planner_unfit", status=422, field="capabilities")
    values["capabilities"] = tuple(named)
    for name in ("people", "n_live", "days_a_year"):
        if isinstance(values.get(name), float):
            values[name] = round(values[name])
    try:
        return Question(**values).checked()
    except Unfit as error:
        raise JobError("planner_unfit", status=422, field=str(error)) from None


def _card_of(machine: Machine, cards: Mapping[str, Card]) -> Card | None:
    found = [table.known_name(gpu.name, cards) for gpu in machine.gpus]
    return next((card for card in found if card is not None), None)


def _id_of(kind: str, card: Card | None) -> str:
    """Returns the card that a device means; empty for a GPU that is not in the table."""
    if not kind.startswith("cuda"):
        return THIS_CPU
    return card.id if card else ""

"""Answers one question in a process of its own: JSON in, JSON out, so that simulating never holds up the server."""

from __future__ import annotations

import json
import sys
from typing import Any

from workbench.planning.answer import Office, answer
from workbench.planning.cards import Card
from workbench.planning.demand import Arrival, Question
from workbench.planning.speeds import Own


def told(asked: dict[str, Any]) -> dict[str, Any]:
    """Returns the answer to ``{"question", "cards", "own", "this", "known_gb", "past", "offers"}``."""
    own = asked["own"]
    cards = {one["id"]: Card(**one) for one in asked["cards"]}
    office = Office(
        cards,
        Own({(one[0], one[1]): one[2] for one in own["measured"]}, cards.get(own["card"]), own["cores"]),
        tuple(Card(**one) for one in asked["this"]),
        asked["known_gb"],
        tuple(Arrival(*one) for one in asked["past"]),
        asked.get("offers", {}),
    )
    question = asked["question"] | {"capabilities": tuple(asked["question"]["capabilities"])}
    return answer(Question(**question), office)


if __name__ == "__main__":
    json.dump(told(json.load(sys.stdin)), sys.stdout)

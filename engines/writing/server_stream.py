"""What a server that speaks OpenAI's protocol sends while it writes: pure, line by line, and wary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_NONSENSE = 64_000
"""A line longer than this is no event of a text."""


class Nonsense(Exception):
    """What came is not what the protocol says."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event adds; ``finish`` is OpenAI's word for why a text ended, None before its end."""

    text: str = ""
    reasoning: str = ""
    finish: str | None = None
    n_prompt: int | None = None
    n_tokens: int | None = None
    done: bool = False

    @property
    def says(self) -> bool:
        """Whether there is anything in it but a sign of life."""
        return bool(self.text or self.reasoning or self.finish or self.n_tokens or self.done)


def read_line(line: str) -> Piece | None:
    """Returns what a line of an event stream says, None for those that say nothing; raises Nonsense."""
    if len(line) > MOST_NONSENSE:
        raise Nonsense("a line without end")
    line = line.strip()
    if not line or line.startswith((":", "event:", "id:", "retry:")):
        return None
    if not line.startswith("data:"):
        raise Nonsense("no event")
    told = line[5:].strip()
    if told == "[DONE]":
        return Piece(done=True)
    return read_event(told)


def read_event(told: str) -> Piece:
    """Returns what an event, or the whole answer of a server that does not stream, says; raises Nonsense."""
    try:
        event = json.loads(told)
    except ValueError:
        raise Nonsense("no JSON") from None
    if not isinstance(event, dict):
        raise Nonsense("no object")
    if event.get("error"):
        raise Nonsense("an error in the middle")
    choices, usage = event.get("choices"), event.get("usage")
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise Nonsense("no choices")
    first = choices[0] if choices else {}
    said = first.get("delta") or first.get("message") or {}
    usage = usage if isinstance(usage, dict) else {}
    return Piece(
        _text(said, "content"),
        _text(said, "reasoning_content") or _text(said, "reasoning"),
        first.get("finish_reason"),
        _number(usage, "prompt_tokens"),
        _number(usage, "completion_tokens"),
    )


def _text(said: Any, name: str) -> str:
    value = said.get(name) if isinstance(said, Mapping) else None
    return value if isinstance(value, str) else ""


def _number(usage: Mapping[str, Any], name: str) -> int | None:
    value = usage.get(name)
    return value if isinstance(value, int) else None

"""Units of work for engines that write text, and the shape of what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

Message = tuple[str, str]
"""``(role, text)``; the role is ``system``, ``user`` or ``assistant``."""


@dataclass(frozen=True, slots=True)
class WriteItem:
    """One conversation that a model goes on with.

    ``max_tokens`` limits what is written, reasoning included. ``temperature`` 0 is greedy: the same every time.
    ``seed`` None is any. ``thinking`` lets a model that can think first do so, otherwise it is told not to.
    ``json_schema`` is a JSON schema as a string: an engine that can guide its words by it does, another ignores it.
    ``stop`` are strings before which the text ends.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float = 0.2
    seed: int | None = None
    thinking: bool = False
    json_schema: str | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslateItem:
    """Lines for a model that translates and takes no instructions, each cut into its sentences.

    The text of the result has a line ``[n] ...`` for each of them, counted from 1. ``again`` asks for another wording.
    """

    lines: tuple[tuple[str, ...], ...]
    again: bool = False


class Written(TypedDict):
    """The result of one item, plain JSON.

    ``finish`` is ``stop`` (the model ended by itself), ``length`` (``max_tokens`` or the model's context is used up) or
    ``stopped`` (one of the item's ``stop`` strings came). ``n_tokens`` counts the reasoning too, which is never part of
    ``text``.
    """

    text: str
    reasoning: str
    n_prompt: int
    n_tokens: int
    finish: str


class Partial(TypedDict):
    """What an engine says while it writes: all of the text and all of the reasoning so far."""

    partial: str
    reasoning: str

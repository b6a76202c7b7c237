"""Rounds of questions to a model: each round follows from the answers to those before it, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from engines.requests_writing import Message, TranslateItem, WriteItem
from media.packing import Chunk
from workbench.writing.sizes import THINKING_TOKENS

Stage = Literal["read", "again", "combine"]
Answers = Mapping[int, Mapping[str, Any] | None]
"""What came of each question by its number; None where the engine failed at it."""
WARM = 0.6
"""Temperature of a second try: at the same one, the same answer would come."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. ``part`` is the number of the part it is about (None: about all of them), ``signs`` its length.

    ``schema`` is the JSON schema of the answer, None for plain text. ``lines`` are what it wants back line by line,
    each cut into its sentences: all that a model takes which does nothing but translate.
    """

    stage: Stage
    build: Callable[[bool], tuple[Message, ...]]
    signs: int
    max_tokens: int
    part: int | None = None
    retry: bool = False
    schema: str | None = None
    lines: tuple[tuple[str, ...], ...] = ()

    def lines_item(self) -> TranslateItem:
        """Returns it as a model takes it that translates one pair of languages."""
        return TranslateItem(self.lines, self.retry)

    def item(self, thinking: bool) -> WriteItem:
        """Returns it as an engine takes it."""
        return WriteItem(
            messages=self.build(self.retry),
            max_tokens=self.max_tokens + (THINKING_TOKENS if thinking else 0),
            temperature=WARM if self.retry else 0.2,
            seed=1 if self.retry else 0,
            thinking=thinking,
            json_schema=self.schema,
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model wrote; ``whole`` is False where it was cut off by the limit of tokens, or failed."""

    text: str
    whole: bool = True


Round = Generator[list[Ask], list[Reply], Any]
"""Yields questions, takes their answers in the same order, and returns what came of them."""


@dataclass(frozen=True, slots=True)
class Course:
    """All questions known so far, and the result once there are no more."""

    asks: tuple[Ask, ...]
    result: Any = None
    finished: bool = False


def replayed(rounds: Round, answers: Answers) -> Course:
    """Goes through the rounds as far as the answers reach; a round is known when all before it are answered."""
    asks: list[Ask] = []
    try:
        new = next(rounds)
        while True:
            first = len(asks)
            asks += new
            if any(number not in answers for number in range(first, len(asks))):
                return Course(tuple(asks))
            new = rounds.send([_reply(answers[number]) for number in range(first, len(asks))])
    except StopIteration as stop:
        return Course(tuple(asks), stop.value, True)


def checked(asks: Sequence[Ask], good: Callable[[int, Reply], bool]) -> Round:
    """Asks, and asks once more where an answer is not good; returns the better answer to each."""
    replies = yield list(asks)
    bad = [number for number, reply in enumerate(replies) if not good(number, reply)]
    if bad:
        second = yield [replace(asks[number], stage="again", retry=True) for number in bad]
        for number, reply in zip(bad, second, strict=True):
            if good(number, reply) or not replies[number].text.strip():
                replies[number] = reply
    return replies


def chunks_of(asks: Sequence[Ask], first: int = 0) -> list[Chunk]:
    """Returns the questions from number ``first`` on as chunks, which lie one behind the other in signs."""
    found: list[Chunk] = []
    at = 0.0
    for number, ask in enumerate(asks):
        end = at + max(1, ask.signs)
        if number >= first:
            found.append(Chunk(number, ((at, end),)))
        at = end
    return found


def before(answers: Mapping[int, Mapping[str, Any]], number: int) -> Answers:
    """Returns the answers that a question followed from: one that is missing before it has failed."""
    return {earlier: answers.get(earlier) for earlier in range(number)}


def _reply(answer: Mapping[str, Any] | None) -> Reply:
    if answer is None:
        return Reply("", False)
    return Reply(str(answer.get("text") or "").strip(), answer.get("finish") != "length")

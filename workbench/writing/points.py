"""Points of a long text, read part by part and put together in rounds; each keeps the sentences it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from workbench.writing.numbered import read_point, resolved
from workbench.writing.parts import Part, packed
from workbench.writing.prompts import MOST_POINTS
from workbench.writing.rounds import Ask, Reply, Round, checked
from workbench.writing.setting import Setting
from workbench.writing.sizes import POINT_TOKENS

MOST_ROUNDS = 4
"""After so many rounds of putting together, what is left is written in several pieces instead."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point and the numbers of the sentences it came from; ``parts`` are those it was read in."""

    text: str
    ids: tuple[int, ...]
    parts: tuple[int, ...]


def read_points(setting: Setting) -> Round:
    """Asks for the points of every part; returns them in order, and the numbers of the parts that gave none."""
    parts, texts = setting.parts, [setting.texts(part) for part in setting.parts]
    asks = [
        Ask("read", partial(setting.prompts.points, texts[n], (n + 1, len(parts))), part.signs, POINT_TOKENS, n)
        for n, part in enumerate(parts)
    ]
    replies = yield from checked(asks, lambda number, reply: setting.speaks(reply.text))
    points: list[Point] = []
    failed: list[int] = []
    for number, (part, reply) in enumerate(zip(parts, replies, strict=True)):
        found = _points(reply, {n: (one,) for n, one in enumerate(part.ids, start=1)}, (number,), MOST_POINTS * 2)
        points += found or _instead(part, number)
        if not found:
            failed.append(number)
    return points, failed


def shortened(setting: Setting, points: Sequence[Point]) -> Round:
    """Puts points together in rounds until one question holds them all; returns them in one or more groups."""
    for _ in range(MOST_ROUNDS):
        groups = grouped(setting, points)
        if len(groups) == 1 or (setting.request.kind == "summary" and setting.request.length == "long"):
            return groups
        replies = yield from checked(
            [_shorten(setting, group) for group in groups], lambda number, reply: setting.speaks(reply.text)
        )
        fewer = [one for group, reply in zip(groups, replies, strict=True) for one in _fewer(group, reply)]
        if _size(setting, fewer) >= _size(setting, points):
            break
        points = fewer
    return grouped(setting, points)


def grouped(setting: Setting, points: Sequence[Point]) -> list[list[Point]]:
    """Returns the points in as many groups as questions are needed to hold them."""
    stretches = packed([setting.count(point.text) + 6 for point in points], setting.sizes.text)
    return [list(points[first:last]) for first, last in stretches]


def _shorten(setting: Setting, group: Sequence[Point]) -> Ask:
    texts = [point.text for point in group]
    most = max(3, len(group) // 3)
    build = partial(setting.prompts.shorten, texts, most)
    return Ask("combine", build, sum(map(len, texts)), POINT_TOKENS)


def _fewer(group: Sequence[Point], reply: Reply) -> list[Point]:
    """Returns what came of a group; where nothing did, the group stays as it was. A part is never lost on the way."""
    sources = {number: point.ids for number, point in enumerate(group, start=1)}
    where = {number: point.parts for number, point in enumerate(group, start=1)}
    found = []
    for said in map(read_point, _lines(reply.text)):
        numbers = [number for number in said.numbers if number in sources]
        if said.text:
            found.append(Point(said.text, resolved(numbers, sources), resolved(numbers, where)))
    if not found or len(found) >= len(group):
        return list(group)
    kept = {part for point in found for part in point.parts}
    for point in group:
        if not kept.issuperset(point.parts):
            found.append(point)
            kept.update(point.parts)
    return sorted(found, key=lambda point: point.parts[:1] or (0,))


def _points(reply: Reply, sources: dict[int, tuple[int, ...]], parts: tuple[int, ...], most: int) -> list[Point]:
    lines = _lines(reply.text)
    if not reply.whole and len(lines) > 1:
        lines.pop()
    said = [read_point(line) for line in lines]
    return [Point(one.text, resolved(one.numbers, sources), parts) for one in said if len(one.text) > 1][:most]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("```", "#", "<<"))]


def _instead(part: Part, number: int) -> list[Point]:
    """Returns a part's longest sentences in the place of points that a model could not give."""
    longest = sorted(part.sentences, key=lambda one: -len(one.text))[:3]
    return [Point(one.text, (one.id,), (number,)) for one in sorted(longest, key=lambda one: one.id)]


def _size(setting: Setting, points: Iterable[Point]) -> int:
    return sum(setting.count(point.text) + 6 for point in points)

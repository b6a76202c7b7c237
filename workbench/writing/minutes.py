"""Minutes: topics, decisions and tasks of every part, put in order; only the overview is written from them anew."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from workbench.writing.condensed import Note, cut_short, written
from workbench.writing.figures import figures_of
from workbench.writing.numbered import Said, read_point, resolved
from workbench.writing.parts import Part
from workbench.writing.points import Point
from workbench.writing.result import Block, Result, Told
from workbench.writing.rounds import Ask, Round, checked
from workbench.writing.setting import Setting
from workbench.writing.sizes import MINUTES_TOKENS
from workbench.writing.telling import parts_told, told

SAME = 0.8
"""Items that are this alike, of two parts, are one: a decision is often said again."""
GROUPS = ("topics", "decisions", "tasks")
_WORDS = {
    "topics": ("议题", "讨论", "议程", "主题", "话题", "topic", "discussion", "agenda"),
    "decisions": ("决定", "决议", "结论", "decision", "resolution"),
    "tasks": ("待办", "任务", "行动", "task", "action", "to-do", "todo"),
}
_NONE = re.compile(r"^\s*(?:无|没有|暂无|无。|none|no(?: decisions| tasks)?|n/?a|-)\s*[。.]?\s*$", re.IGNORECASE)
_OPEN = re.compile(
    r"^\s*(?:未定|未提及|不明|未知|无|待定|open|none|not mentioned|unknown|n/?a|tbd|-|谁|who)?\s*$", re.IGNORECASE
)
_POINT = {
    "type": "object",
    "properties": {"text": {"type": "string"}, "from": {"type": "array", "items": {"type": "integer"}, "maxItems": 8}},
    "required": ["text", "from"],
}
_TASK = {
    "type": "object",
    "properties": {
        "who": {"type": "string"},
        "what": {"type": "string"},
        "when": {"type": "string"},
        "from": {"type": "array", "items": {"type": "integer"}, "maxItems": 8},
    },
    "required": ["who", "what", "when", "from"],
}
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "topics": {"type": "array", "items": _POINT, "maxItems": 8},
            "decisions": {"type": "array", "items": _POINT, "maxItems": 8},
            "tasks": {"type": "array", "items": _TASK, "maxItems": 10},
        },
        "required": ["topics", "decisions", "tasks"],
    }
)
"""Small models copy the words of a form that they are shown; held to a shape, they fill it with what was said."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item of one part; ``ids`` are the sentences that the model named."""

    group: str
    text: str
    ids: tuple[int, ...]
    part: int
    who: str = ""
    when: str = ""


def minutes(setting: Setting) -> Round:
    """Takes minutes of a whole document; returns the Result."""
    parts = setting.parts
    asks = [
        Ask(
            "read",
            partial(setting.prompts.minutes, setting.texts(part)),
            part.signs,
            MINUTES_TOKENS,
            number,
            schema=SCHEMA,
        )
        for number, part in enumerate(parts)
    ]
    replies = yield from checked(
        asks, lambda number, reply: setting.speaks(reply.text) and bool(items_of(reply.text, parts[number], number))
    )
    found = [
        items_of(reply.text, part, number) for number, (part, reply) in enumerate(zip(parts, replies, strict=True))
    ]
    failed = [number for number, items in enumerate(found) if not items]
    items = merged([item for some in found for item in some])
    overview: list[Block] = []
    notes: list[Note] = cut_short(replies)
    topics = [Point(item.text, item.ids, (item.part,)) for item in items if item.group == "topics"]
    if len(parts) > 1 and topics:
        overview, more = yield from written(setting, topics)
        notes = notes or more
    return replace(_result(setting, overview, items, failed), notes=tuple(notes))


def items_of(text: str, part: Part, number: int) -> list[Item]:
    """Reads what a model wrote for one part: JSON, or the list that one writes which cannot be held to a shape."""
    shaped = _shaped(text)
    if shaped is not None:
        return _items(shaped, part, number)
    sources = {at: (one,) for at, one in enumerate(part.ids, start=1)}
    found: list[Item] = []
    group = "topics"
    for line in text.splitlines():
        heading = _group_of(line)
        if heading:
            group, line = heading
        said = read_point(line)
        if len(said.text) < 2 or _NONE.match(said.text) or line.strip().startswith("```"):
            continue
        item = _item(group, said, resolved(said.numbers, sources), number)
        if item.text:
            found.append(item)
    return found


def merged(items: Sequence[Item]) -> list[Item]:
    """Returns the items in order, those that say the same as one with the sentences of both; none is dropped."""
    kept: list[Item] = []
    for item in items:
        same = next((n for n, other in enumerate(kept) if _alike(other, item)), None)
        if same is None:
            kept.append(item)
        else:
            other = kept[same]
            ids = tuple(sorted({*other.ids, *item.ids}))
            kept[same] = Item(other.group, other.text, ids, other.part, other.who or item.who, other.when or item.when)
    return kept


def _shaped(text: str) -> dict[str, Any] | None:
    """Returns the object in an answer; one that was cut off is closed behind its last whole entry."""
    first = text.find("{")
    if first < 0:
        return None
    body = text[first : text.rfind("}") + 1]
    for ending in ("", "]}", "]]}", "}]}"):
        try:
            found = json.loads(body + ending)
        except ValueError:
            continue
        return found if isinstance(found, dict) and set(found) & set(GROUPS) else None
    return None


def _items(shaped: Mapping[str, Any], part: Part, number: int) -> list[Item]:
    found: list[Item] = []
    for group in GROUPS:
        entries = shaped.get(group)
        for entry in entries if isinstance(entries, list) else ():
            told = entry if isinstance(entry, dict) else {"text": entry}
            said = read_point(str(told.get("text") or told.get("what") or ""))
            named = [*said.numbers, *(one for one in told.get("from") or () if isinstance(one, int))]
            ids = tuple(sorted({part.ids[one - 1] for one in named if 1 <= one <= len(part.ids)}))
            who, when = (str(told.get(name) or "").strip() for name in ("who", "when"))
            if len(said.text) > 1 and not _NONE.match(said.text):
                who, when = ("" if _OPEN.match(one) else one for one in (who, when))
                found.append(Item(group, said.text, ids, number, who, when))
    return found


def _group_of(line: str) -> tuple[str, str] | None:
    """Returns which list begins with this line, and what stands behind the heading on the same line."""
    head, colon, rest = line.strip().strip("#*【】 ").replace("：", ":").partition(":")
    word = head.strip("#*【】 0123456789.、一二三四").lower()
    if len(word) > 16 or line.lstrip().startswith("-"):
        return None
    for group, words in _WORDS.items():
        if any(word.startswith(one) or word.endswith((one, one + "s")) for one in words) and (colon or len(word) <= 8):
            return group, rest
    return None


def _item(group: str, said: Said, ids: tuple[int, ...], part: int) -> Item:
    fields = [field.strip() for field in re.split(r"[|｜]", said.text)]
    if group != "tasks" or len(fields) < 2:
        return Item(group, said.text.strip("| ｜"), ids, part)
    who, what = fields[0], fields[1]
    when = fields[2] if len(fields) > 2 else ""
    return Item(group, what.strip(), ids, part, "" if _OPEN.match(who) else who, "" if _OPEN.match(when) else when)


def _alike(one: Item, other: Item) -> bool:
    if one.group != other.group or (one.who and other.who and one.who != other.who):
        return False
    figures = [{(figure.kind, figure.value) for figure in figures_of(item.text)} for item in (one, other)]
    # Two tasks that differ in a number only are two tasks.
    if figures[0] != figures[1] or (one.when and other.when and one.when != other.when):
        return False
    return SequenceMatcher(None, one.text.lower(), other.text.lower(), autojunk=False).ratio() >= SAME


def _result(setting: Setting, overview: Sequence[Block], items: Sequence[Item], failed: Sequence[int]) -> Result:
    blocks = list(overview)
    sentences: list[Told] = [one for block in overview for one in block.sentences]
    for group in GROUPS:
        for item in (item for item in items if item.group == group):
            one = _told(setting, item)
            sentences.append(one)
            blocks.append(Block("task" if group == "tasks" else "item", (one,), group, item.who, item.when))
    whole = " ".join(one.text for one in sentences)
    return Result(
        "minutes", setting.language, tuple(blocks), parts=parts_told(setting, sentences, failed),
        in_language=setting.speaks(whole),
    )  # fmt: skip


def _told(setting: Setting, item: Item) -> Told:
    """Leads an item back; who and when are compared with what was said as well."""
    within = setting.parts[item.part].ids
    one = told(setting, item.text, item.ids, within)
    odd = list(one.odd)
    if item.when:
        odd += [one_odd for one_odd in told(setting, item.when, one.ids or item.ids, within).odd if one_odd not in odd]
    odd += [words for words in (item.who, item.when) if words and not setting.source.holds(words, within)]
    return replace(one, odd=tuple(odd))

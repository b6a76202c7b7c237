"""Numbers, dates, times and names of a text, in one form whatever the language, so that two texts can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from workbench.writing.numerals import EN_STEPS, EN_VALUES, MYRIADS, ZH_SIGNS, shape, whole_value, zh_value

_EN_WORD = "|".join(sorted([*EN_VALUES, *EN_STEPS], key=len, reverse=True))
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = "|".join(f"{name}|{name[:3]}\\.?" for name in _MONTHS if name != "may") + "|sept\\.?|May"

_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45, None: 0}
_TIME_ZH = re.compile(
    rf"(?P<part>[上下]午|早上|晚上|中午|凌晨|今晚|明早)?\s*(?P<hour>[{ZH_SIGNS}]{{1,3}}|\d{{1,2}})\s*[点點時时]"
    rf"(?:(?P<minute>半|(?:[{ZH_SIGNS}]{{1,3}}|\d{{1,2}})(?=分)|[{ZH_SIGNS}]?十[{ZH_SIGNS}]?|\d{{2}}|[一三]刻))?\s*分?"
    rf"(?P<sure>钟|鐘|整|之前|以前|前|之后|以后)?(?![{ZH_SIGNS}\d])"
)
_TIME_EN = re.compile(
    r"(?<![A-Za-z\d])(\d{1,2}):(\d{2})(?::\d{2})?\s*(?:[ap]\.?m(?![a-z])\.?)?"
    r"|(?<![A-Za-z\d])(\d{1,2})\s*[ap]\.?m(?![a-z])\.?",
    re.IGNORECASE,
)
_OCLOCK = re.compile(rf"(?<![A-Za-z\d])(\d{{1,2}}|{_EN_WORD})\s+o['’]clock\b", re.IGNORECASE)
_MONTH_ZH = re.compile(rf"(\d{{1,2}}|[{ZH_SIGNS}]{{1,3}})\s*月(?!份?[饼亮球])")
_MONTH_EN = re.compile(
    rf"(?<![A-Za-z])({_MONTH})(?![A-Za-z])(?=\s*(?:\d|,|of|$|[.;)]))|(?:\bin|\bby|\bof|\buntil|\bsince|\bfrom|\bto)\s+({_MONTH})\b"
    rf"|(?:(?<=\d )|(?<=\dst )|(?<=\dnd )|(?<=\drd )|(?<=\dth ))({_MONTH})(?![A-Za-z])",
    re.IGNORECASE,
)
_WEEK_ZH = re.compile(r"(?:周|週|星期|礼拜|禮拜)([一二三四五六日天末1-6])")
_WEEK_EN = re.compile(rf"(?<![A-Za-z])({'|'.join(_WEEKDAYS)})s?(?![A-Za-z])", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![A-Za-z_\d.])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(万|萬|亿|億|千|百|(?:thousand|million|billion|k)(?![A-Za-z]))?",
    re.IGNORECASE,
)
_NUMBER_ZH = re.compile(rf"(百分之)?([{ZH_SIGNS}]+(?:点[零〇一二三四五六七八九]+)?)(?:[号號日])?")
_ABOUT = re.compile(r"(?:一二|[两二]三|三四|四五|五六|六七|七八|八九)")
_TENTHS = re.compile(r"([一二两三四五六七八九\d])成([一二三四五六七八九半])?(?![功本立为為了果员长交绩績熟就分色人])")
_NUMBER_EN = re.compile(
    rf"(?<![A-Za-z])(?:{_EN_WORD})(?:(?:\s+and\s+|[\s-]+)(?:{_EN_WORD}))*(?![A-Za-z])", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://[^\s，。、]+")
_LATIN_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z][A-Za-z0-9&+#'’.-]*[A-Za-z0-9+#]|[A-Z]+\d*)(?:\s+[A-Z][A-Za-z0-9&'’-]+)*"
)
_TITLE_ZH = re.compile(r"《([^》]{1,40})》")


class Figure(NamedTuple):
    """One of them: ``kind`` is ``number``, ``time``, ``month``, ``weekday`` or ``name``; ``value`` compares.

    ``weak`` ones, such as 一 in 一个, may match but are not missed. ``text`` is how it is written.
    """

    kind: str
    value: str
    text: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Differences:
    """What only one of two texts holds, as it is written there."""

    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.added)


def figures_of(text: str, names: Iterable[str] = ()) -> list[Figure]:
    """Returns the figures of a text; ``names`` are people and things that are looked for besides."""
    found: list[Figure] = []
    rest = text.replace("百分点", "   ")
    for pattern, read in _READERS:
        rest = _taken(rest, pattern, read, found)
    for name in dict.fromkeys(names):
        if name and name.lower() in text.lower():
            found.append(Figure("name", name.lower(), name))
    return found


def compared(source: str, result: str, names: Iterable[str] = (), *, across: bool = False) -> Differences:
    """Compares what was said with what was written of it; ``across`` languages, names in letters are only looked for.

    Names in letters are compared where the source writes them so; a translation may write any that it needs.
    """
    before, after = figures_of(source, names), figures_of(result, names)
    missing = _only_in(before, after, across)
    added = _only_in(after, before, True)
    return Differences(tuple(missing), tuple(added))


def invented(sources: str, result: str) -> tuple[str, ...]:
    """Returns the numbers, dates and times of a result that its sources do not hold."""
    return tuple(_only_in(figures_of(result), figures_of(sources), True))


def _only_in(here: list[Figure], there: list[Figure], no_names: bool) -> list[str]:
    known = {(figure.kind, figure.value) for figure in there}
    values = {figure.value for figure in there if figure.kind != "name"}
    found: dict[str, None] = {}
    for figure in here:
        if figure.weak or (figure.kind, figure.value) in known:
            continue
        if figure.kind == "name" and no_names:
            continue
        if figure.kind in ("number", "month") and figure.value in values:
            continue
        found[figure.text] = None
    return list(found)


def _taken(
    text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Iterator[Figure]], found: list[Figure]
) -> str:
    """Reads what matches, and leaves blanks in its place so that it is not read twice."""

    def blank(match: re.Match[str]) -> str:
        figures = list(read(match))
        found.extend(figures)
        return " " * len(match.group()) if figures else match.group()

    return pattern.sub(blank, text)


def _email(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure("name", match.group().lower().rstrip("."), match.group())


def _time_zh(match: re.Match[str]) -> Iterator[Figure]:
    hour, told = whole_value(match["hour"]), match["minute"]
    minute = _QUARTERS[told] if told in _QUARTERS else whole_value(told)
    if hour is None or minute is None or hour > 24 or minute > 59:
        return
    # 三点 alone may be three points as well as three o'clock.
    sure = match["part"] or match["minute"] or match["sure"]
    yield Figure("time", f"{hour % 12}:{minute:02}", match.group().strip(), weak=not sure)


def _time(match: re.Match[str]) -> Iterator[Figure]:
    groups = [group for group in match.groups() if group is not None]
    hour = whole_value(groups[0])
    minute = whole_value(groups[1]) if len(groups) > 1 else 0
    if hour is None or minute is None or hour > 24 or minute > 59:
        return
    # 15:00 and 3 o'clock in the afternoon are the same.
    yield Figure("time", f"{hour % 12}:{minute:02}", match.group().strip())


def _month(match: re.Match[str]) -> Iterator[Figure]:
    word = next(group for group in match.groups() if group is not None)
    value = whole_value(word) or next((n for n, name in enumerate(_MONTHS, 1) if name[:3] == word.lower()[:3]), None)
    if value is not None and 1 <= value <= 12:
        yield Figure("month", str(value), match.group().strip())


def _weekday(match: re.Match[str]) -> Iterator[Figure]:
    word = match.group(1).lower()
    if word == "末":
        return
    if word in _WEEKDAYS:
        yield Figure("weekday", str(_WEEKDAYS.index(word) + 1), match.group())
    else:
        yield Figure("weekday", "7" if word in "日天" else str(whole_value(word)), match.group())


def _number(match: re.Match[str]) -> Iterator[Figure]:
    whole, decimals, step = match.groups()
    value = float(whole.replace(",", "") + (decimals or ""))
    name = (step or "").lower()
    value *= {"k": 1000.0, "千": 1000.0, "百": 100.0}.get(name, MYRIADS.get(name, EN_STEPS.get(name, 1)))
    yield Figure("number", shape(value), match.group().strip())


def _number_zh(match: re.Match[str]) -> Iterator[Figure]:
    value = zh_value(match.group(2))
    if value is None:
        return
    if _ABOUT.fullmatch(match.group()):
        # 三四个 is three or four, and 一二线 the first and the second.
        for sign in match.group():
            yield Figure("number", shape(float(whole_value(sign) or 0)), match.group(), weak=True)
        return
    plain = match.group() == match.group(2) and match.string[match.end() : match.end() + 1] not in ("%", "％")
    weak = len(match.group(2)) == 1 and plain
    yield Figure("number", shape(value), match.group(), weak)


def _tenths(match: re.Match[str]) -> Iterator[Figure]:
    """Reads 六成 as 60, which is how other languages say it."""
    tens = whole_value(match.group(1)) or 0
    rest = 5 if match.group(2) == "半" else whole_value(match.group(2) or "零") or 0
    yield Figure("number", shape(tens * 10 + rest), match.group())


def _number_en(match: re.Match[str]) -> Iterator[Figure]:
    words = re.findall(_EN_WORD, match.group().lower())
    total = part = 0
    for word in words:
        if word in EN_VALUES:
            part += EN_VALUES[word]
        elif word == "hundred":
            part = max(1, part) * 100
        else:
            total, part = total + max(1, part) * EN_STEPS[word], 0
    yield Figure("number", shape(total + part), match.group(), weak=len(words) == 1 and total + part <= 12)


def _name(match: re.Match[str]) -> Iterator[Figure]:
    word = match.group()
    before = match.string[: match.start()].rstrip()
    starts = not before or before[-1] in '.!?:。！？："“'
    plain = word[1:].islower() and " " not in word
    yield Figure("name", word.lower(), word, weak=len(word) < 2 or (starts and plain))


def _title(match: re.Match[str]) -> Iterator[Figure]:
    yield Figure("name", match.group(1).lower(), match.group())


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Iterator[Figure]]], ...] = (
    (_EMAIL, _email), (_TITLE_ZH, _title), (_TIME_EN, _time), (_OCLOCK, _time), (_WEEK_ZH, _weekday),
    (_WEEK_EN, _weekday), (_MONTH_ZH, _month), (_MONTH_EN, _month), (_TIME_ZH, _time_zh), (_TENTHS, _tenths),
    (_NUMBER, _number),
    (_NUMBER_ZH, _number_zh), (_NUMBER_EN, _number_en), (_LATIN_NAME, _name),
)  # fmt: skip

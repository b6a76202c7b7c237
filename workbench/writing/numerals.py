"""The values of numbers that are written in words, in Chinese and English."""

from __future__ import annotations

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
STEPS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
ZH_SIGNS = "零〇一二两兩三四五六七八九十百千万萬亿億"
_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = {
    word: 10 * n
    for n, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)
}
EN_VALUES = {word: n for n, word in enumerate(_SMALL)} | _TENS
EN_STEPS = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}


def zh_value(text: str) -> float | None:
    """Returns the value of a number in Chinese signs, such as 三百二十万, 二点五 or 二〇二六; None for others."""
    whole, _, decimals = text.partition("点")
    if not decimals and len(whole) > 1 and all(sign in DIGITS for sign in whole):
        return float("".join(str(DIGITS[sign]) for sign in whole))
    total = section = digit = 0
    for sign in whole:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in STEPS:
            section += (digit or 1) * STEPS[sign]
            digit = 0
        elif sign in ("亿", "億"):
            total = (total + section + digit or 1) * MYRIADS[sign]
            section = digit = 0
        elif sign in MYRIADS:
            total += (section + digit or 1) * MYRIADS[sign]
            section = digit = 0
        else:
            return None
    value = float(total + section + digit)
    return value + float("0." + "".join(str(DIGITS[sign]) for sign in decimals)) if decimals else value


def whole_value(text: str) -> int | None:
    """Returns the value of a whole number in digits or words, None for others."""
    if text.isdecimal():
        return int(text)
    if text.lower() in EN_VALUES:
        return EN_VALUES[text.lower()]
    value = zh_value(text) if text and all(sign in ZH_SIGNS for sign in text) else None
    return None if value is None else int(value)


def shape(value: float) -> str:
    """Returns a number so that equal ones are equal texts."""
    return f"{value:.6f}".rstrip("0").rstrip(".")

"""Lets through what is known to be the program's own words, and nothing else.

A list of what is forbidden would have to know every name and secret; this one only knows what is in the program.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGES = ("media", "engines", "workbench", "api", "webui")
LEFT_OUT = "(…)"
_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) ([\w.]{1,80}): (.*)$")
_FRAME = re.compile(r'^\s+File "([^"]+)", line (\d{1,6}), in (\S+)$')
_RAISED = re.compile(r"^([A-Za-z_][\w.]*)(?::.*|\(.*)?$")
_PLACE = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[sdrfgx]")
_NUMBER = re.compile(r"-?\d{1,6}(?:\.\d{1,6})?")
_GPU_WORDS = re.compile(
    r"NVIDIA|AMD|Intel|Apple|GeForce|Radeon|Tesla|Quadro|RTX|GTX|Ada|Generation|Laptop|GPU|Ti|SUPER|PRO|Pro|Blackwell|"
    r"Workstation|Server|Edition|Max-Q|PCIe|SXM\d?|HBM\d\w?|NVL|[ABHLTPV]\d{1,4}[A-Z]?|\d{3,4}|\d{1,3}GB|M\d"
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the program itself consists of: its files, functions, messages, error codes, and names of models."""

    files: frozenset[str]
    functions: frozenset[str]
    templates: tuple[tuple[re.Pattern[str], str], ...]
    words: frozenset[str]


def vocabulary(root: Path, words: Iterable[str] = ()) -> Vocabulary:
    """Reads the program's own source at ``root``; ``words`` are further values that may be shown, such as models."""
    files: set[str] = set()
    functions: set[str] = {"<module>"}
    templates: dict[str, re.Pattern[str]] = {}
    known = {name for name in dir(builtins) if name[0].isupper()} | set(words)
    for path in _sources(root):
        name = path.relative_to(root).as_posix()
        files.add(name)
        known.add(name.removesuffix(".py").replace("/", "."))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                functions.add(node.name)
            elif isinstance(node, ast.ClassDef):
                known.add(node.name)
            elif message := _message(node):
                templates.setdefault(message, _pattern(message))
    longest = sorted(templates.items(), key=lambda pair: -len(_PLACE.sub("", pair[0])))
    return Vocabulary(
        frozenset(files),
        frozenset(functions),
        tuple((pattern, message) for message, pattern in longest),
        frozenset(known),
    )


def lines(text: Iterable[str], known: Vocabulary) -> Iterator[str]:
    """Yields the lines of a log as far as they are the program's own words; runs of other lines become a count."""
    hidden = 0
    for line in text:
        shown = _shown(line.rstrip("\r\n"), known)
        if shown is None:
            hidden += 1
            continue
        if hidden:
            yield f"  {LEFT_OUT} x {hidden}"
            hidden = 0
        yield shown
    if hidden:
        yield f"  {LEFT_OUT} x {hidden}"


def plain(value: Any, words: frozenset[str]) -> Any:
    """Returns numbers, truth and known words as they are, and marks all else as left out; looks into lists and dicts.

    Keys of dicts must be known too; others are left out with their values.
    """
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item, words) for key, item in value.items() if key in words}
    if isinstance(value, (list, tuple)):
        return [plain(item, words) for item in value]
    return value if isinstance(value, str) and value in words else LEFT_OUT


def gpu_name(name: str) -> str:
    """Returns a card's name where it consists of the words that makers use."""
    return name if all(_GPU_WORDS.fullmatch(word) for word in name.split()) else LEFT_OUT


def version(text: str) -> str:
    """Returns a version number where it is one; signs after the number are cut away."""
    found = re.match(r"\d{1,5}(\.\d{1,8}){0,3}((a|b|rc|\.post|\.dev)\d{1,4})?", text)
    return found[0] if found else LEFT_OUT


def _shown(line: str, known: Vocabulary) -> str | None:
    head = _LINE.match(line)
    if head:
        moment, level, logger, message = head.groups()
        who = logger if logger in known.words or logger == "roomtone" else LEFT_OUT
        return f"{moment} {level} {who}: {_told(message, known)}"
    frame = _FRAME.match(line)
    if frame:
        return _frame(frame[1], frame[2], frame[3], known)
    if line in (
        "Traceback (most recent call last):",
        "During handling of the above exception, another exception occurred:",
    ):
        return line
    raised = _RAISED.match(line)
    if raised and raised[1].rpartition(".")[2] in known.words:
        return f"{raised[1].rpartition('.')[2]}: {LEFT_OUT}"
    return None


def _told(message: str, known: Vocabulary) -> str:
    for pattern, template in known.templates:
        found = pattern.fullmatch(message)
        if found:
            return _filled(template, found.groups(), known)
    return LEFT_OUT


def _filled(template: str, groups: Sequence[str], known: Vocabulary) -> str:
    values = iter(groups)
    return _PLACE.sub(lambda place: _value(place[0], next(values), known), template).replace("%%", "%")


def _value(place: str, value: str, known: Vocabulary) -> str:
    if place[-1] in "dfg" and _NUMBER.fullmatch(value):
        return value
    return value if value in known.words else LEFT_OUT


def _frame(path: str, number: str, function: str, known: Vocabulary) -> str:
    parts = path.replace("\\", "/").split("/")
    for length in range(min(4, len(parts)), 0, -1):
        name = "/".join(parts[-length:])
        if name in known.files:
            return f'  File "{name}", line {number}, in {function if function in known.functions else LEFT_OUT}'
    return f"  File {LEFT_OUT}"


def _sources(root: Path) -> Iterator[Path]:
    yield from sorted(root.glob("*.py"))
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))


def _message(node: ast.AST) -> str | None:
    """Returns the words of a call like ``log.info("...", value)``."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return None
    first = node.args[0]
    is_log = node.func.attr in ("debug", "info", "warning", "error", "exception", "critical")
    if is_log and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def _pattern(template: str) -> re.Pattern[str]:
    parts = [re.escape(part).replace("%%", "%") for part in _PLACE.split(template)]
    return re.compile("(.*)".join(parts), re.S)

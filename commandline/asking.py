"""What somebody typed after ``launch.py transcribe``: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.requests import SpeakersRequest, TranscribeRequest
from media.documents import EXPORTS

_VALUES = ("--to", "--language", "--quality", "--output")
_FLAGS = ("--translate", "--speakers")
_SETTINGS_FLAGS = ("--lan", "--offline", "--no-browser")


class Bad(Exception):
    """Words that cannot be followed; ``command.<code>`` says so with these values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done with which files, in one format or more; ``output`` None is the folder of each recording."""

    files: tuple[Path, ...]
    request: TranscribeRequest
    formats: tuple[str, ...]
    output: Path | None


def split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the words that are about transcribing, and those that are settings of the program."""
    own: list[str] = []
    settings: list[str] = []
    left = list(argv)
    while left:
        word = left.pop(0)
        if word == "--":
            return [*own, word, *left], settings
        if not word.startswith("--"):
            own.append(word)
            continue
        name, equals, _ = word.partition("=")
        where = own if name in (*_VALUES, *_FLAGS) else settings
        where.append(word)
        if not equals and name not in (*_FLAGS, *_SETTINGS_FLAGS) and left:
            where.append(left.pop(0))
    return own, settings


def read(argv: Sequence[str]) -> Wish:
    """Reads the first part of ``split``; raises Bad ``no_files``, ``no_value``, ``unknown`` or ``format``."""
    files: list[Path] = []
    given: dict[str, str] = {}
    left = list(argv)
    while left:
        word = left.pop(0)
        if word == "--":
            files += [Path(other) for other in left]
            break
        name, equals, value = word.partition("=")
        if name in _FLAGS and not equals:
            given[name] = "yes"
        elif name in _VALUES:
            if not equals and not left:
                raise Bad("no_value", option=name)
            given[name] = value if equals else left.pop(0)
        elif word.startswith("-"):
            raise Bad("unknown", option=word)
        else:
            files.append(Path(word))
    if not files:
        raise Bad("no_files")
    formats = tuple(dict.fromkeys(one.strip().removeprefix(".") for one in given.get("--to", "txt").lower().split(",")))
    for format in formats:
        if format not in EXPORTS:
            raise Bad("format", format=format, known=", ".join(EXPORTS))
    language = given.get("--language", "").lower()
    request = TranscribeRequest(
        quality=given.get("--quality", "balanced"),
        language=None if language in ("", "auto") else language,
        translate="--translate" in given,
        speakers=SpeakersRequest() if "--speakers" in given else None,
    )
    output = given.get("--output")
    return Wish(tuple(files), request, formats, Path(output).expanduser() if output else None)

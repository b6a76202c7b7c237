"""``launch.py doctor``: the same findings in the terminal, in plain words, with an exit status."""

from __future__ import annotations

import json
import shutil
import textwrap
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workbench.doctor.archive import write_archive
from workbench.doctor.doctor import Doctor, holder
from workbench.doctor.finding import Finding, exit_status, worst_first
from workbench.settings import Settings, SettingsError

OPTIONS = ("--quick", "--mend", "--archive")
MARKS = {"good": "[ ok ]", "note": "[ ?  ]", "bad": "[ !! ]"}


class Words:
    """The doctor's sentences in one language; the standard library is enough."""

    def __init__(self, root: Path, language: str) -> None:
        self.language = language
        path = root / "assets" / "texts" / f"doctor.{language}.json"
        self._texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))

    def say(self, key: str, **values: object) -> str:
        """Returns one sentence; where ``n`` is 1, ``<key>.one`` goes first."""
        chosen = f"{key}.one" if values.get("n") == 1 and f"{key}.one" in self._texts else key
        comma = "、" if self.language == "zh" else ", "
        shown = {name: comma.join(map(str, v)) if isinstance(v, (list, tuple)) else v for name, v in values.items()}
        return self._texts[chosen].format_map(shown)

    def has(self, key: str) -> bool:
        """Tells whether a sentence exists."""
        return key in self._texts


def main(root: Path, argv: Sequence[str], environ: Mapping[str, str], language: str) -> int:
    """Runs ``launch.py doctor`` with the words after it; raises SettingsError for options that nobody knows."""
    options, rest = _options(argv)
    settings = Settings.load(rest, environ, root)
    return run(root, settings, options, settings.language or language, lambda line: print(line, flush=True))


def _options(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the doctor's own options and those of the start."""
    own: list[str] = []
    rest = list(argv)
    for option in OPTIONS:
        while option in rest:
            at = rest.index(option)
            if option == "--archive" and at + 1 >= len(rest):
                raise SettingsError("option_needs_value", option=option)
            n_words = 2 if option == "--archive" else 1
            own += rest[at : at + n_words]
            del rest[at : at + n_words]
    return own, rest


def run(root: Path, settings: Settings, options: Sequence[str], language: str, show: Callable[[str], None]) -> int:
    """Examines, shows, mends where asked, writes the archive where asked; returns 1 where something is bad.

    ``options`` holds any of OPTIONS; after ``--archive`` stands the file to write.
    """
    words = Words(root, language)
    doctor = Doctor(root, settings)
    address = holder(settings.data)
    show(words.say("doctor.running", address=address) if address else words.say("doctor.not_running"))
    thorough = "--quick" not in options
    findings = doctor.examine(thorough, lambda title: show(words.say("doctor.reading", model=title)))
    if "--mend" in options:
        n_mended = sum(doctor.mend(name) for name in mendable(findings))
        show(words.say("doctor.mended", n=n_mended))
        findings = doctor.examine(False)
    for line in report(findings, words):
        show(line)
    if "--archive" in options:
        path = Path(options[list(options).index("--archive") + 1])
        path.write_bytes(write_archive(doctor, findings))
        show(words.say("doctor.archive_written", file=str(path)))
    return exit_status(findings)


def mendable(findings: Sequence[Finding]) -> list[str]:
    """Returns the buttons that the terminal can press without a server, each once."""
    from workbench.doctor.fixes import FIXES

    return list(dict.fromkeys(f.press for f in findings if f.level != "good" and f.press in FIXES))  # type: ignore[misc]


def report(findings: Sequence[Finding], words: Words) -> list[str]:
    """Returns the lines of the report, the worst first."""
    lines: list[str] = []
    for finding in worst_first(findings):
        key = f"doctor.{finding.code}"
        lines.append(f"{MARKS[finding.level]} {words.say(key, **finding.values)}")
        more = [words.say(f"{key}.{part}", **finding.values) for part in ("why", "do") if words.has(f"{key}.{part}")]
        if finding.level != "good":
            lines += [line for text in more for line in _folded(text)]
    n_bad, n_note = (sum(f.level == level for f in findings) for level in ("bad", "note"))
    lines.append("")
    lines.append(
        words.say("doctor.all_good") if not n_bad + n_note else words.say("doctor.sum", bad=n_bad, note=n_note)
    )
    return lines


def _folded(text: str) -> list[str]:
    """Breaks a sentence to the terminal's width; Chinese signs take two places."""
    width = min(100, shutil.get_terminal_size((80, 20)).columns) - 8
    if all(unicodedata.east_asian_width(sign) not in "WF" for sign in text):
        return textwrap.wrap(text, width, initial_indent=" " * 7, subsequent_indent=" " * 7)
    lines: list[str] = []
    line, used = "", 0
    for sign in text:
        wide = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if used + wide > width and sign not in "，。；：、）”":
            lines, line, used = [*lines, line], "", 0
        line, used = line + sign, used + wide
    return [" " * 7 + part.strip() for part in [*lines, line] if part.strip()]

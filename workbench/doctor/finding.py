"""What the doctor found: one thing, how bad it is, and what can be pressed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["good", "note", "bad"]
LEVELS: tuple[Level, ...] = ("bad", "note", "good")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    The sentences are ``doctor.<code>`` (what is so), ``doctor.<code>.why`` (what it means) and ``doctor.<code>.do``
    (what to do); a good finding has the first only. ``values`` fill their places. ``press`` names the button that does
    it (see ``fixes.FIXES``), ``target`` what it is done to.
    """

    check: str
    code: str
    level: Level = "good"
    values: Mapping[str, Any] = field(default_factory=dict)
    press: str | None = None
    target: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON."""
        return {
            "check": self.check,
            "code": self.code,
            "level": self.level,
            "values": dict(self.values),
            "press": self.press,
            "target": self.target,
        }


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Returns the findings with the bad ones in front, otherwise in the order in which they were made."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))


def exit_status(findings: Iterable[Finding]) -> int:
    """Returns 1 where something is bad, else 0."""
    return int(any(finding.level == "bad" for finding in findings))

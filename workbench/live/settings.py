"""What a person chose for a live session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from engines.requests import TranscribeRequest
from workbench.errors import JobError
from workbench.live.utterances import PAUSE_S, PAUSES_S

_CHOICES = ("language", "languages", "translate", "script", "hotwords", "itn", "quality")


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """The request of the job, and the silence in seconds that closes an utterance."""

    request: TranscribeRequest = field(default_factory=TranscribeRequest)
    pause_s: float = PAUSE_S

    def changed(self, told: Mapping[str, Any]) -> Self:
        """Returns the settings with what a browser says; raises JobError ``request_invalid`` on what cannot be."""
        pause_s = told.get("pause_s", self.pause_s)
        if not isinstance(pause_s, (int, float)) or not PAUSES_S[0] <= pause_s <= PAUSES_S[1]:
            raise _unfit("pause_s", pause_s)
        for name in told:
            if name not in (*_CHOICES, "pause_s"):
                raise _unfit(name, told[name])
        known = {name: _checked(name, told[name]) for name in _CHOICES if name in told}
        return replace(self, request=replace(self.request, **known), pause_s=float(pause_s))


def _checked(name: str, value: Any) -> Any:
    if name == "languages":
        fine = isinstance(value, list) and all(isinstance(item, str) for item in value)
        value = tuple(value) if fine else value
    elif name in ("translate", "itn"):
        fine = isinstance(value, bool)
    else:
        fine = isinstance(value, str) or (value is None and name in ("language", "script"))
    if not fine:
        raise _unfit(name, value)
    return value


def _unfit(name: str, value: object) -> JobError:
    return JobError("request_invalid", status=422, field=name, value=str(value)[:100])

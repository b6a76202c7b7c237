"""The one base of every error that a person may read."""

from __future__ import annotations

from typing import ClassVar


class WorkbenchError(Exception):
    """An error with a code, an HTTP status and the values that its sentences need.

    The sentences live in ``assets/texts/<language>.json`` under ``error.<code>`` (what happened) and
    ``error.<code>.hint`` (what the person can do), so the same error reads well in every language.
    ``values`` fills their ``{placeholders}`` and must be plain JSON.
    """

    default_code: ClassVar[str] = "internal"
    default_status: ClassVar[int] = 500

    def __init__(self, code: str | None = None, *, status: int | None = None, **values: object) -> None:
        self.code = code or self.default_code
        self.status = status or self.default_status
        self.values = values
        super().__init__(self.code, values)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}({told})"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.code, self.status, self.values)


def _rebuild(kind: type[WorkbenchError], code: str, status: int, values: dict[str, object]) -> WorkbenchError:
    return kind(code, status=status, **values)


class MediaError(WorkbenchError):
    """A file that cannot be taken as sound or video, or a limit that it exceeds."""

    default_code = "media_unreadable"
    default_status = 422

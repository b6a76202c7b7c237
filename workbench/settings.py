"""What the administrator can set: by option, by ``ROOMTONE_*`` variable, or in one settings file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from media.errors import WorkbenchError

FILE_NAME = "settings.toml"
MEGABYTE = 1_000_000


class SettingsError(WorkbenchError):
    """A setting that is unknown or has a value that does not fit."""

    default_code = "setting_unfit"
    default_status = 400


@dataclass(frozen=True, slots=True)
class Settings:
    """One start of the program.

    ``data`` holds everything that is kept. ``model_folders`` are searched for weights before anything is fetched.
    ``hub_mirror`` and ``index_mirror`` are addresses that stand in for the model hub and the package index; the first
    may begin with ``modelscope:``.
    ``memory_limit_mib`` and ``threads`` are None for what the machine has. ``packs`` are to be installed before the
    start. ``language`` is ``en`` or ``zh`` for the terminal; the screens follow the browser. ``lan`` serves the
    office over HTTPS too. ``host_names`` are further names that people reach this server by.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 7860
    lan: bool = False
    offline: bool = False
    browser: bool = True
    hub_mirror: str | None = None
    index_mirror: str | None = None
    model_folders: tuple[Path, ...] = ()
    memory_limit_mib: int | None = None
    keep_alive_s: float = 600.0
    threads: int | None = None
    max_upload_bytes: int | None = None
    max_duration_s: float = 36 * 3600.0
    language: str | None = None
    packs: tuple[str, ...] = ()
    host_names: tuple[str, ...] = ()

    @classmethod
    def load(cls, argv: Sequence[str], env: Mapping[str, str], root: Path) -> Self:
        """Reads the settings: an option wins over a variable, a variable over the file, the file over the default.

        ``root`` is where ``data`` lies unless another folder is named; the file is ``settings.toml`` in the data
        folder. Raises SettingsError.
        """
        options = _from_options(argv)
        variables = {s.name: s.read(env[s.variable], s.variable) for s in _KNOWN if env.get(s.variable)}
        data: Path = options.get("data") or variables.get("data") or root / "data"
        found = _from_file(data / FILE_NAME) | variables | options | {"data": data}
        return cls(**{_FIELDS.get(name, name): value for name, value in found.items()})


def misspelt(env: Mapping[str, str]) -> list[str]:
    """Returns the ``ROOMTONE_*`` variables that set nothing."""
    known = {setting.variable for setting in _KNOWN} | {"ROOMTONE_SETUP"}
    return sorted(n for n in env if n.startswith("ROOMTONE_") and n not in known and not n.startswith("ROOMTONE_TEST_"))


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting; ``parse`` takes a string, or a value of the settings file, and raises ValueError."""

    name: str
    parse: Callable[[Any], Any]
    kind: str
    flag: str | None = None

    @property
    def option(self) -> str:
        return self.flag or "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        return "ROOMTONE_" + self.name.upper()

    def read(self, value: Any, where: str) -> Any:
        """Returns the value as the program uses it; raises SettingsError that names where it was found."""
        try:
            return self.parse(value)
        except (TypeError, ValueError):
            raise SettingsError(f"setting_not_{self.kind}", where=where, value=str(value)) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value.strip()


def _folder(value: Any) -> Path:
    return Path(_text(value)).expanduser().absolute()


def _folders(value: Any) -> tuple[Path, ...]:
    listed = value if isinstance(value, list) else _text(value).split(os.pathsep)
    return tuple(_folder(item) for item in listed if item)


def _address(value: Any) -> str:
    text = _text(value).rstrip("/")
    if not text.startswith(("http://", "https://", "file://")):
        raise ValueError(value)
    return text


def _hub(value: Any) -> str:
    text = _text(value)
    _address(text.removeprefix("modelscope:"))
    return text.rstrip("/")


def _names(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else _text(value).split(",")
    return tuple(_text(item) for item in listed)


def _language(value: Any) -> str:
    text = _text(value).lower()
    if text[:2] not in {"en", "zh"}:
        raise ValueError(value)
    return text[:2]


def _yes(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    known = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    try:
        return known[_text(value).lower()]
    except KeyError:
        raise ValueError(value) from None


def _number(least: float, scale: float = 1.0) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        number = float(value)
        if isinstance(value, bool) or not least <= number < float("inf"):
            raise ValueError(value)
        return number * scale

    return parse


def _whole(least: int, most: int | None = None, scale: int = 1) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        number = int(value)
        if isinstance(value, (bool, float)) or number < least or (most is not None and number > most):
            raise ValueError(value)
        return number * scale

    return parse


_KNOWN = (
    _Setting("data", _folder, "folder"),
    _Setting("host", _text, "text"),
    _Setting("host_names", _names, "text"),
    _Setting("port", _whole(0, 65535), "port"),
    _Setting("lan", _yes, "yes"),
    _Setting("offline", _yes, "yes"),
    _Setting("browser", _yes, "yes"),
    _Setting("with", _names, "text"),
    _Setting("lang", _language, "language"),
    _Setting("hub_mirror", _hub, "address"),
    _Setting("index_mirror", _address, "address"),
    _Setting("models", _folders, "folder"),
    _Setting("memory_limit", _whole(256), "mib"),
    _Setting("keep_alive", _number(0), "number"),
    _Setting("threads", _whole(1), "number"),
    _Setting("max_upload_mb", _whole(1, scale=MEGABYTE), "number"),
    _Setting("max_hours", _number(0.01, scale=3600.0), "number"),
)
_FIELDS = {
    "with": "packs",
    "lang": "language",
    "models": "model_folders",
    "memory_limit": "memory_limit_mib",
    "keep_alive": "keep_alive_s",
    "max_upload_mb": "max_upload_bytes",
    "max_hours": "max_duration_s",
}


def _from_options(argv: Sequence[str]) -> dict[str, Any]:
    known = {setting.option: setting for setting in _KNOWN}
    found: dict[str, Any] = {}
    left = list(argv)
    while left:
        option, equals, value = left.pop(0).partition("=")
        if option in {"--lan", "--offline", "--no-browser"} and not equals:
            found[option.removeprefix("--no-").removeprefix("--")] = option != "--no-browser"
            continue
        setting = known.get(option)
        if setting is None:
            raise SettingsError("option_unknown" if option.startswith("-") else "command_unknown", option=option)
        if not equals:
            if not left:
                raise SettingsError("option_needs_value", option=option)
            value = left.pop(0)
        read = setting.read(value, option)
        repeatable = isinstance(read, tuple) and setting.name in found
        found[setting.name] = found[setting.name] + read if repeatable else read
    return found


def _from_file(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError("settings_file_broken", file=str(path), why=str(error)) from None
    known = {setting.name: setting for setting in _KNOWN if setting.name != "data"}
    for name in told:
        if name not in known:
            raise SettingsError("settings_file_unknown", file=str(path), name=name, known=sorted(known))
    return {name: known[name].read(value, f"{path}: {name}") for name, value in told.items()}

"""The address of another server that writes: kept in a file that only the program reads, its key told to nobody."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engines.base import ModelSpec
from engines.catalog_writing import ANOTHER_SERVER
from engines.requests_writing import WriteItem
from engines.writing.remote import SIGNS_A_TOKEN
from engines.writing.server_call import FILE, Address, Call, ServerFailed
from engines.writing.sizes import context_of
from engines.writing.unfolding import Unfolding
from workbench.errors import JobError
from workbench.machine.keeps import Keeps

SERVERS = "servers"
"""The folder of the data folder in which the store finds it, as if it were a model."""
CONTEXTS = (1_024, 1_048_576)
_TRIAL = WriteItem((("user", "Answer with the one word: ready"),), 200, temperature=0.0)
_TRIAL_S = 45.0


@dataclass(frozen=True, slots=True)
class Server:
    """What the administrator enters; ``key`` None keeps the one that is known, for the same server only."""

    base_url: str
    model: str
    key: str | None = None
    context: int = 8192
    silence_s: float = 60.0
    at_once: int = 2


class Places:
    """Reads, writes and tries the address; ``unload`` ends the process that speaks to the old one."""

    def __init__(self, data: Path, store: Keeps, spec: ModelSpec, unload: Callable[[str], bool]) -> None:
        self._file = data / SERVERS / ANOTHER_SERVER / FILE
        self._store = store
        self._spec = spec
        self._unload = unload
        self._lock = threading.Lock()

    def get(self) -> dict[str, Any] | None:
        """Returns what is known without the key, None where nothing was entered."""
        told = self._read()
        if told is None:
            return None
        return {**{name: told[name] for name in ("base_url", "model", "context", "silence_s", "at_once")},
                "has_key": bool(told["key"])}  # fmt: skip

    def context_of(self, spec: ModelSpec) -> int:
        """Returns how many tokens a model takes, question and answer together; another server as was entered."""
        known = self.get() if spec.name == ANOTHER_SERVER else None
        return int(known["context"]) if known is not None else context_of(spec.name)

    def save(self, wanted: Server) -> None:
        """Keeps an address; raises JobError ``server_address`` or ``request_invalid``."""
        told = self._checked(wanted)
        with self._lock:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._file.with_name(FILE + ".new")
            temporary.unlink(missing_ok=True)
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as f:
                json.dump(told, f)
            os.replace(temporary, self._file)
            self._store.fetch(self._spec, lambda _: None, lambda: False)
        self._unload(ANOTHER_SERVER)

    def forget(self) -> None:
        """Removes the address and its key."""
        with self._lock:
            self._file.unlink(missing_ok=True)
        self._unload(ANOTHER_SERVER)

    def test(self, wanted: Server) -> dict[str, Any]:
        """Asks the server one small question and returns ``{"text", "first_s", "total_s"}``.

        Raises JobError ``server_address``, and EngineError that names what failed.
        """
        address = Address.from_dict(self._checked(wanted))
        plain = False
        while True:
            call = Call(address, _TRIAL, plain)
            # The trial is over when a person would not wait any longer, whatever trickles in.
            over = threading.Event()
            ending = threading.Timer(_TRIAL_S, _ended, (over, call))
            ending.daemon = True
            ending.start()
            try:
                return _tried(call)
            except ServerFailed as failure:
                if over.is_set():
                    raise ServerFailed("server_endless", again=False).as_error(address) from None
                if failure.code != "plainer":
                    raise failure.as_error(address) from None
                plain = True
            finally:
                ending.cancel()

    def _read(self) -> dict[str, Any] | None:
        try:
            told = json.loads(self._file.read_text(encoding="utf-8"))
            address = Address.from_dict(told)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return {name: getattr(address, name) for name in Address.__slots__}

    def _checked(self, wanted: Server) -> dict[str, Any]:
        url = wanted.base_url.strip().rstrip("/").removesuffix("/chat/completions")
        _check_address(url)
        for good, field in (
            (wanted.model.strip() and len(wanted.model) <= 200, "model"),
            (CONTEXTS[0] <= wanted.context <= CONTEXTS[1], "context"),
            (1 <= wanted.silence_s <= 600, "silence_s"),
            (1 <= wanted.at_once <= 16, "at_once"),
            (wanted.key is None or (wanted.key.isascii() and wanted.key.isprintable()), "key"),
        ):
            if not good:
                raise JobError("request_invalid", status=422, field=field, value="")
        known = self._read()
        key = wanted.key
        if key is None:
            # A key is never sent to another server than the one it was entered for.
            key = str(known["key"]) if known is not None and _server(str(known["base_url"])) == _server(url) else ""
        return {
            "base_url": url, "model": wanted.model.strip(), "key": key.strip(), "context": wanted.context,
            "silence_s": wanted.silence_s, "at_once": wanted.at_once,
        }  # fmt: skip


def _ended(over: threading.Event, call: Call) -> None:
    over.set()
    call.close()


def _tried(call: Call) -> dict[str, Any]:
    began, first_s = time.monotonic(), None
    text, n_signs = Unfolding(), 0
    for piece in call.pieces():
        n_signs += len(piece.text) + len(piece.reasoning)
        if n_signs > SIGNS_A_TOKEN * _TRIAL.max_tokens:
            call.close()
            raise ServerFailed("server_endless", again=False)
        if first_s is None and (piece.text or piece.reasoning):
            first_s = time.monotonic() - began
        text.feed(piece.text)
    text.close()
    total_s = time.monotonic() - began
    return {"text": text.text[:200], "first_s": round(first_s or total_s, 2), "total_s": round(total_s, 2)}


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or len(url) > 2_000 or not url.isascii() or any(sign.isspace() for sign in url) or "@" in parts.netloc:
        raise JobError("server_address", status=422, url=url[:100].rpartition("@")[2])
    if parts.query or parts.fragment:
        raise JobError("server_address", status=422, url=url[:100])

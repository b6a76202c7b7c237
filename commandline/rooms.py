"""Where the work of the terminal is done: by a server on this machine, or by a workbench in this process."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from commandline.asking import Wish
from media.errors import WorkbenchError
from workbench import exports
from workbench.core import Workbench

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
_PATIENCE_S = 60.0
_BLOCK_BYTES = 1 << 20
_OWNER = "terminal"


class Refused(WorkbenchError):
    """What a server refused; ``message`` and ``hint`` of its values are in the reader's language already."""

    default_code = "server_gone"
    default_status = 502


class Server:
    """A running server, spoken to over HTTP on this machine."""

    def __init__(self, address: str, language: str) -> None:
        scheme, _, place = address.partition("://")
        host, _, port = place.rpartition(":")
        self._address = f"{scheme}://{_EVERYWHERE.get(host, host)}:{port}"
        self._language = language
        # A proxy of the office has nothing to do with this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def send(self, path: Path, wish: Wish) -> str:
        """Streams the file to the server and makes a job of it."""
        name = urllib.parse.quote(path.name)
        with open(path, "rb") as file:
            size = str(path.stat().st_size)
            kind = "application/octet-stream"
            upload = self._ask(
                "POST", f"/api/uploads?name={name}", file, {"content-length": size, "content-type": kind}
            )
        body = json.dumps({"uploads": [json.loads(upload)["id"]], "request": wish.request.to_dict()}).encode()
        made = self._ask("POST", "/api/jobs", body, {"content-type": "application/json"})
        return str(json.loads(made)["jobs"][0]["id"])

    def look(self, job_id: str) -> dict[str, Any]:
        """Returns the job with its error in words."""
        found: dict[str, Any] = json.loads(self._ask("GET", f"/api/jobs/{job_id}"))
        return found

    def fetch(self, job_id: str, format: str) -> bytes:
        """Returns the finished file."""
        return self._ask("GET", f"/api/jobs/{job_id}/export?format={format}")

    def cancel(self, job_id: str) -> None:
        """Ends the job."""
        self._ask("POST", f"/api/jobs/{job_id}/cancel")

    def close(self) -> None:
        """Has nothing open."""

    def _ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> bytes:
        shown = {"x-roomtone": "1", "x-roomtone-language": self._language, **(headers or {})}
        asked = urllib.request.Request(self._address + path, body, shown, method=method)
        try:
            with self._opener.open(asked, timeout=_PATIENCE_S) as answer:
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(error) from None
        except OSError as error:
            raise Refused(address=self._address, why=str(getattr(error, "reason", error))) from None


class Alone:
    """A workbench in this process; ``close`` ends it within seconds."""

    def __init__(self, bench: Workbench, label: Callable[[str], str]) -> None:
        self._bench = bench
        self._label = label

    def send(self, path: Path, wish: Wish) -> str:
        """Copies the file into the data folder and makes a job of it."""
        with open(path, "rb") as file:
            blocks = iter(lambda: file.read(_BLOCK_BYTES), b"")
            upload = self._bench.receive(path.name, blocks, path.stat().st_size)
        return self._bench.submit([upload.id], wish.request, _OWNER)[0].id

    def look(self, job_id: str) -> dict[str, Any]:
        """Returns the job, its error as a code."""
        return self._bench.job(job_id).to_dict()

    def fetch(self, job_id: str, format: str) -> bytes:
        """Returns the finished file."""
        return exports.export(self._bench.history, job_id, format, self._label)[1]

    def cancel(self, job_id: str) -> None:
        """Ends the job."""
        self._bench.cancel(job_id)

    def close(self) -> None:
        """Ends the workbench; what is not done is done by the next server."""
        self._bench.close()


def _refused(error: urllib.error.HTTPError) -> Refused:
    try:
        told = json.loads(error.read())["error"]
        return Refused(told["code"], status=error.code, message=told["message"], hint=told["hint"])
    except (ValueError, KeyError, TypeError):
        return Refused(address=error.url, why=str(error.code))

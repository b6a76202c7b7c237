"""Tells addresses when jobs have ended: signed as Standard Webhooks has it, and tried again for a day."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from media.errors import WorkbenchError
from workbench.errors import JobError, NotFound
from workbench.events import Events, Subscription
from workbench.history.history import History
from workbench.history.programs import (
    DeliveryRow,
    WebhookRow,
    add_deliveries,
    add_webhook,
    due,
    next_due,
    remove_webhook,
    settle,
    webhooks,
)

log = logging.getLogger(__name__)

PAUSES_S = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0)
"""Between the attempts, as the standard proposes."""
SECRET_PREFIX = "whsec_"
_PATIENCE_S = 15.0
_LOOK_S = 30.0
_GONE = 410
_REMEMBERED = 10_000
Send = Callable[[str, bytes, Mapping[str, str]], int]
"""Posts a body to an address with headers and returns the status; raises OSError."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How an address answered last: ``at`` seconds since 1970, ``status`` of HTTP or 0 where nobody did."""

    at: float
    status: int

    @property
    def fine(self) -> bool:
        """Whether the message was taken."""
        return 200 <= self.status < 300


class Webhooks:
    """Watches all jobs of a workbench from ``start`` to ``close``, in a thread of its own."""

    def __init__(
        self, history: History, events: Events, send: Send | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._history = history
        self._events = events
        self._send = send or post
        self._clock = clock
        self._since = clock()
        self._told: dict[str, float] = {}
        self._last: dict[str, Attempt] = {}
        self._watch: Subscription | None = None
        self._thread: threading.Thread | None = None
        self._closing = False

    def add(self, url: str) -> WebhookRow:
        """Makes an address known; raises JobError ``webhook_address``."""
        if not url.startswith(("http://", "https://")) or len(url) > 2_000 or any(sign.isspace() for sign in url):
            raise JobError("webhook_address", status=422, url=url[:100])
        secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()
        row = WebhookRow(secrets.token_hex(8), url, secret, self._clock())
        add_webhook(self._history, row)
        return row

    def all(self) -> list[WebhookRow]:
        """Returns all addresses, the oldest first."""
        return webhooks(self._history)

    def last(self, webhook_id: str) -> Attempt | None:
        """Returns how an address answered last, None where nothing was sent to it since the start."""
        return self._last.get(webhook_id)

    def test(self, webhook_id: str) -> Attempt:
        """Sends a message of the type ``test`` at once and returns how it was taken; raises NotFound."""
        hook = next((one for one in self.all() if one.id == webhook_id), None)
        if hook is None:
            raise NotFound("webhook_unknown")
        now = self._clock()
        body = json.dumps({"type": "test", "timestamp": _iso(now), "data": {}})
        self._attempt(hook, DeliveryRow(f"msg_{secrets.token_hex(12)}", hook.id, "", body, 0, now))
        return self._last[webhook_id]

    def remove(self, webhook_id: str) -> None:
        """Forgets an address; raises NotFound ``webhook_unknown``."""
        if not remove_webhook(self._history, webhook_id):
            raise NotFound("webhook_unknown")

    def start(self) -> None:
        """Begins to watch and to send."""
        self._watch = self._events.subscribe()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = _PATIENCE_S) -> None:
        """Ends within the time; what was not delivered is tried again after the next start."""
        self._closing = True
        if self._watch is not None:
            self._watch.close()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def note(self, job_ids: set[str]) -> None:
        """Puts a message on its way for each job that has ended since the last look, to each address."""
        hooks = self.all()
        if not hooks:
            return
        for row in self._history.jobs(sorted(job_ids)):
            at = row.finished_at
            if at is None or at < self._since or not row.ended or row.parent_id or self._told.get(row.id) == at:
                continue
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            self._told[row.id] = at
            content = {"id": row.id, "title": row.title, "task": row.task, "status": row.status,
                       "batch_id": row.batch_id, "duration_s": row.duration_s, "error": row.error_code}  # fmt: skip
            body = json.dumps({"type": f"job.{row.status}", "timestamp": _iso(at), "data": content}, ensure_ascii=False)
            now = self._clock()
            rows = [DeliveryRow(f"msg_{secrets.token_hex(12)}", hook.id, row.id, body, 0, now) for hook in hooks]
            add_deliveries(self._history, rows)

    def deliver(self) -> None:
        """Sends what is due."""
        known = {hook.id: hook for hook in self.all()}
        for message in due(self._history, self._clock()):
            hook = known.get(message.webhook_id)
            if self._closing or hook is None:
                return
            status = self._attempt(hook, message)
            if status == _GONE:
                remove_webhook(self._history, hook.id)
            elif 200 <= status < 300 or message.attempt >= len(PAUSES_S):
                settle(self._history, message.id)
            else:
                settle(self._history, message.id, self._clock() + PAUSES_S[message.attempt])

    def _attempt(self, hook: WebhookRow, message: DeliveryRow) -> int:
        body = message.body.encode()
        try:
            status = self._send(hook.url, body, headers_of(hook.secret, message.id, int(self._clock()), body))
        except (OSError, ValueError) as error:
            log.info("a webhook could not be told: %s", error)
            status = 0
        self._last[hook.id] = Attempt(self._clock(), status)
        return status

    def _run(self) -> None:
        assert self._watch is not None
        while not self._closing:
            try:
                waiting = next_due(self._history)
                pause = _LOOK_S if waiting is None else min(_LOOK_S, max(0.0, waiting - self._clock()))
                self.note(self._watch.wait(pause))
                self.deliver()
            except WorkbenchError:
                if not self._closing:
                    log.exception("webhooks could not be looked after")
                    threading.Event().wait(1.0)


def headers_of(secret: str, message_id: str, at: int, body: bytes) -> dict[str, str]:
    """Returns the headers of Standard Webhooks: id, timestamp, and the signature over both and the body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Sends a message; another address that the answer names is not followed."""
    asked = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.build_opener(_Stay).open(asked, timeout=_PATIENCE_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return int(error.code)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))

"""A conversation with the model that writes, for programs: answered at once, kept nowhere."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from engines.base import ModelSpec, is_partial
from engines.errors import Stopped
from engines.requests_writing import Message, WriteItem
from engines.residency.lease import Lease
from engines.writing.counting import estimate_messages
from media.errors import WorkbenchError
from workbench.errors import JobError
from workbench.writing.choosing import model_for
from workbench.writing.places import Places

if TYPE_CHECKING:
    from workbench.machine.models import Models

log = logging.getLogger(__name__)
MOST_WAITING = 16
"""So many conversations are taken at a time; they are answered one after another."""
LEAST_ANSWER = 16
USUAL_ANSWER = 2048
"""Tokens of an answer whose length nobody chose."""
RETRY_S = 10


class Leases(Protocol):
    """What is needed of ``engines.residency.residency.Residency``."""

    def lease(
        self, spec: ModelSpec, batch: int = ..., on_wait: Any = ..., should_stop: Callable[[], bool] = ...
    ) -> AbstractContextManager[Lease]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a program asks; ``quality`` is ``quick``, ``careful`` or ``model:NAME``, ``max_tokens`` None is up to us."""

    quality: str
    messages: tuple[Message, ...]
    max_tokens: int | None = None
    temperature: float = 0.7
    seed: int | None = None
    thinking: bool = False
    json_schema: str | None = None
    stop: tuple[str, ...] = ()


class Chats:
    """Answers conversations in threads of their own; the machine's memory is asked for as for any other work.

    ``fetch(name)`` starts to bring a model's weights.
    """

    def __init__(self, models: Models, residency: Leases, places: Places, fetch: Callable[[str], None]) -> None:
        self._models = models
        self._residency = residency
        self._places = places
        self._fetch = fetch
        self._lock = threading.Lock()
        self._n_open = 0

    def model(self, quality: str) -> ModelSpec:
        """Returns the model that would write; raises what ``model_for`` raises."""
        return model_for(quality, self._models)

    def prepare(self, wanted: Wanted) -> tuple[ModelSpec, WriteItem]:
        """Returns the model and what it is given.

        Raises JobError ``chat_fetching`` while its weights are brought, ``text_too_long_for_model``, and what
        ``model_for`` raises.
        """
        spec = self.model(wanted.quality)
        if not self._models.is_here(spec):
            self._fetch(spec.name)
            raise JobError("chat_fetching", status=503, title=spec.title, retry_s=30)
        context = self._places.context_of(spec)
        n_prompt = estimate_messages(wanted.messages)
        room = context - n_prompt
        if room < LEAST_ANSWER:
            values = {"model": spec.title, "text": n_prompt, "answer": LEAST_ANSWER, "most": context}
            raise JobError("text_too_long_for_model", status=413, **values)
        item = WriteItem(
            wanted.messages, min(room, wanted.max_tokens or USUAL_ANSWER), wanted.temperature, wanted.seed,
            wanted.thinking, wanted.json_schema, wanted.stop,
        )  # fmt: skip
        return spec, item

    def start(self, spec: ModelSpec, item: WriteItem, tell: Callable[[dict[str, Any] | WorkbenchError], None]) -> Chat:
        """Begins an answer; ``tell`` is called from its thread with each part, at last with the result or the error.

        Raises JobError ``chat_full``.
        """
        with self._lock:
            if self._n_open >= MOST_WAITING:
                raise JobError("chat_full", status=503, n=self._n_open, retry_s=RETRY_S)
            self._n_open += 1
        chat = Chat(self._residency, spec, item, tell, self._left)
        chat.start()
        return chat

    def _left(self) -> None:
        with self._lock:
            self._n_open -= 1


class Chat:
    """One answer under way; ``stop`` ends it, whoever hears of it or not."""

    def __init__(
        self,
        residency: Leases,
        spec: ModelSpec,
        item: WriteItem,
        tell: Callable[[dict[str, Any] | WorkbenchError], None],
        left: Callable[[], None],
    ) -> None:
        self._residency = residency
        self._spec = spec
        self._item = item
        self._tell = tell
        self._left = left
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="chat", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the answer within about a second; returns at once."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            self._tell(self._answer())
        except WorkbenchError as error:
            self._tell(error)
        except Exception as error:
            log.exception("a conversation failed")
            self._tell(WorkbenchError("internal", what=type(error).__name__))
        finally:
            self._left()

    def _answer(self) -> dict[str, Any] | WorkbenchError:
        stopping = self._stopping.is_set
        with self._residency.lease(self._spec, 1, None, stopping) as lease:
            (outcome,) = lease.run([self._item], self._told, stopping)
        if self._stopping.is_set():
            raise Stopped()
        return outcome

    def _told(self, _: int, part: dict[str, Any]) -> None:
        if is_partial(part) and not self._stopping.is_set():
            self._tell(part)

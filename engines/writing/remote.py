"""Writes through another server that speaks OpenAI's protocol: vLLM, Ollama, LM Studio, a company's gateway."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_writing import WriteItem, Written
from engines.writing.circuit import Circuit
from engines.writing.counting import estimate_messages
from engines.writing.llama import too_long
from engines.writing.server_call import FILE, Address, Call, ServerFailed
from engines.writing.server_stream import Piece
from engines.writing.shown import Shown
from engines.writing.unfolding import Unfolding

PAUSES_S = (1.0, 3.0)
"""Before the second and the third attempt."""
SIGNS_A_TOKEN = 16
"""No model's token is longer on average: a server that sends more than was asked for knows no end."""
_LOOK_S = 0.1
_FINISHES = {"stop": "stop", "length": "length", "content_filter": "stopped"}


class RemoteEngine:
    """Runs WriteItems, a few at once; the result of each is a ``Written``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, pauses_s: Sequence[float] = PAUSES_S) -> None:
        self._address: Address | None = None
        self._clock = clock
        self._pauses_s = tuple(pauses_s)
        self._circuit: Circuit[ServerFailed] = Circuit(clock)

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Reads the address; raises EngineError ``server_unset``. The server is asked by the first item only."""
        try:
            self._address = Address.from_dict(json.loads((weights / FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            raise EngineError("server_unset") from None

    def run(self, batch: Sequence[WriteItem], report: Report) -> list[dict[str, Any]]:
        """Reports what is written as it comes; returns one ``Written`` for each item.

        Raises EngineError with what failed (``server_...``), after several attempts where those may help, and
        ``text_too_long_for_model``.
        """
        address = self._address
        if address is None:
            raise EngineError("server_unset")
        for item in batch:
            if not isinstance(item, WriteItem):
                raise TypeError("an item that is no WriteItem")
            n_prompt = estimate_messages(item.messages)
            if n_prompt + item.max_tokens > address.context:
                raise too_long(address.model, n_prompt, item.max_tokens, address.context)
        results: list[dict[str, Any]] = []
        for start in range(0, len(batch), max(1, address.at_once)):
            part = batch[start : start + max(1, address.at_once)]
            results += _Together(address, part, start, report, self).run()
        return results

    def close(self) -> None:
        """Forgets the address."""
        self._address = None

    def attempts(self, address: Address, wait: Callable[[float], bool]) -> _Attempts:
        """Returns what counts the attempts for one item; ``wait`` sleeps and tells whether to go on."""
        return _Attempts(address, self._circuit, self._pauses_s, wait)


class _Attempts:
    """How often one item is tried, and whether at all."""

    def __init__(
        self, address: Address, circuit: Circuit[ServerFailed], pauses_s: Sequence[float], wait: Callable[[float], bool]
    ) -> None:
        self._address = address
        self._circuit = circuit
        self._pauses_s = list(pauses_s)
        self._wait = wait
        self.plain = False

    def begin(self) -> None:
        """Raises why the server failed before while it is left alone."""
        last = self._circuit.reason
        if self._circuit.rests_s() > 0 and last is not None:
            raise last.as_error(self._address)

    def failed(self, failure: ServerFailed) -> bool:
        """Waits as long as is polite and returns whether to try again; raises what a person is told otherwise."""
        if failure.code == "plainer":
            self.plain = True
            return True
        if not failure.again:
            raise failure.as_error(self._address)
        if not self._pauses_s:
            self._circuit.failed(failure)
            raise failure.as_error(self._address)
        return self._wait(max(failure.wait_s, self._pauses_s.pop(0)))

    def worked(self) -> None:
        """Takes note of an answer."""
        self._circuit.worked()


class _Together:
    """A few items at once: each is read in a thread, all is told in the thread of the run, which a stop ends."""

    def __init__(
        self, address: Address, items: Sequence[WriteItem], first: int, report: Report, engine: RemoteEngine
    ) -> None:
        self._address = address
        self._items = items
        self._first = first
        self._report = report
        self._engine = engine
        self._heard: queue.SimpleQueue[tuple[int, Piece | BaseException | None]] = queue.SimpleQueue()
        self._calls: dict[int, Call] = {}
        self._closed = threading.Event()

    def run(self) -> list[dict[str, Any]]:
        writings = [_Text(item, Shown(self._report, self._first + at, time.monotonic)) for at, item in
                    enumerate(self._items)]  # fmt: skip
        for at in range(len(self._items)):
            threading.Thread(target=self._read, args=(at,), name=f"server-{at}", daemon=True).start()
        results: dict[int, dict[str, Any]] = {}
        try:
            while len(results) < len(self._items):
                self._next(writings, results)
        finally:
            self._closed.set()
            for call in list(self._calls.values()):
                call.close()
        return [results[at] for at in range(len(self._items))]

    def _next(self, writings: Sequence[_Text], results: dict[int, dict[str, Any]]) -> None:
        try:
            at, told = self._heard.get(timeout=_LOOK_S)
        except queue.Empty:
            # Nothing has come, but somebody may have asked to stop: telling is how that is heard.
            next(text for at, text in enumerate(writings) if at not in results).show()
            return
        if isinstance(told, BaseException):
            raise told
        if at in results:
            return
        if told is None:
            writings[at].begin()
        elif writings[at].take(told):
            results[at] = writings[at].written()
            self._report(self._first + at, results[at])
            self._calls[at].close()

    def _read(self, at: int) -> None:
        attempts = self._engine.attempts(self._address, lambda seconds: not self._closed.wait(seconds))
        going = True
        try:
            while going and not self._closed.is_set():
                attempts.begin()
                self._heard.put((at, None))
                call = self._calls[at] = Call(self._address, self._items[at], attempts.plain)
                try:
                    for piece in call.pieces():
                        self._heard.put((at, piece))
                    attempts.worked()
                    return
                except ServerFailed as failure:
                    going = not self._closed.is_set() and attempts.failed(failure)
        except BaseException as error:
            self._heard.put((at, error))


class _Text:
    """What has come of one item."""

    def __init__(self, item: WriteItem, shown: Shown) -> None:
        self._item = item
        self._shown = shown
        self.begin()

    def begin(self) -> None:
        """Starts anew, at an attempt."""
        self._unfolding = Unfolding(self._item.stop)
        self._finish = "length"
        self._n_pieces = self._n_signs = 0
        self._counted: tuple[int | None, int | None] = (None, None)

    def show(self) -> None:
        self._shown.tell(self._unfolding)

    def take(self, piece: Piece) -> bool:
        """Takes a piece and returns whether the item is done."""
        if piece.reasoning:
            self._unfolding.think(piece.reasoning)
        self._unfolding.feed(piece.text)
        self._n_pieces += bool(piece.text or piece.reasoning)
        self._n_signs += len(piece.text) + len(piece.reasoning)
        self._finish = _FINISHES.get(piece.finish or "", self._finish)
        self._counted = (piece.n_prompt or self._counted[0], piece.n_tokens or self._counted[1])
        self.show()
        return piece.done or self._unfolding.stopped or self._n_signs > SIGNS_A_TOKEN * self._item.max_tokens

    def written(self) -> dict[str, Any]:
        self._unfolding.close()
        written: Written = {
            "text": self._unfolding.text,
            "reasoning": self._unfolding.reasoning,
            "n_prompt": self._counted[0] or estimate_messages(self._item.messages),
            "n_tokens": self._counted[1] or self._n_pieces,
            "finish": "stopped" if self._unfolding.stopped else self._finish,
        }
        return dict(written)

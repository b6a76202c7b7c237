"""From the lines of a live session to the events of a realtime conversation: no clock, no disk, no connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.openai.realtime.items import Item

Event = dict[str, Any]
_CLOSE_S = 0.002
LEAST_S = 0.1
"""OpenAI commits no less."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a session: packets that are done, the number of the line being said and since when, lines to come.

    ``lines`` begin with the first that the conversation still waits for. They are read last: whatever a packet that is
    done has closed is among them, and some may be further than ``line`` says.
    """

    packets: int
    line: int
    since: float | None
    lines: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Mark:
    """The program has ended a stretch at ``place`` seconds; done when the session has done ``packet``.

    ``item`` is what it makes of the stretch, None where the stretch is forgotten or makes its own items.
    """

    place: float
    packet: int
    keeps: bool
    n_items: int
    item: Item | None = None


class Conversation:
    """What one program was told; every method returns the events to send.

    With ``detecting`` each utterance is an item of its own. Without, an item is what lies between two commits, however
    many utterances that are. ``dated`` uses the names of events from before conversation.item.added.
    """

    def __init__(self, name: str, event_id: Callable[[], str], dated: bool = False) -> None:
        self.detecting = True
        self._name = name
        self._event_id = event_id
        self._dated = dated
        self._items: list[Item] = []
        self._n_items = 0
        self._last: str | None = None
        self._of_line: dict[int, Item | None] = {}
        self._open: Item | None = None
        self._marks: list[Mark] = []
        self._committed_to = 0.0
        self.next_line = 0
        """The first line that is not final yet."""

    def may_commit(self, place: float) -> bool:
        """Tells whether enough sound has come since the last commit."""
        return place - self._committed_to >= LEAST_S

    def commit(self, place: float, packet: int) -> list[Event]:
        """Ends a stretch at the program's word; ``packet`` is the one that comes behind its last."""
        item = None if self.detecting else (self._open or self._new())
        mark = Mark(place, packet, True, self._n_items, item)
        self._marks.append(mark)
        self._open = None
        if item is None:
            return []
        item.start, item.end = self._committed_to, place
        self._committed_to = place
        return list(self._commit(item))

    def clear(self, place: float, packet: int) -> list[Event]:
        """Forgets what came since the last commit."""
        self._marks.append(Mark(place, packet, False, self._n_items))
        if self._open is not None:
            self._items.remove(self._open)
            self._open = None
        self._committed_to = place
        return [self._event("input_audio_buffer.cleared")]

    def look(self, seen: Seen) -> list[Event]:
        """Takes a look at the session."""
        events: list[Event] = []
        for line in seen.lines:
            if int(line["line"]) < seen.line or line["state"] != "open":
                events += self._closed(line)
            elif not self._marks:
                events += self._being_said(line)
        if self.detecting and not self._marks and seen.since is not None and seen.line not in self._of_line:
            events += self._begin(seen.line, seen.since)
        while self._marks and seen.packets > self._marks[0].packet:
            events += self._settle(self._marks.pop(0))
        for item in [one for one in self._items if one.done]:
            self._items.remove(item)
            events.append(self._completed(item))
        while self._is_final(self.next_line, seen):
            self._of_line.pop(self.next_line, None)
            self.next_line += 1
        return events

    # What is said

    def _being_said(self, line: Mapping[str, Any]) -> Iterator[Event]:
        number = int(line["line"])
        if not line["firm"]:
            return
        if self.detecting:
            if number not in self._of_line:
                yield from self._begin(number, line["start"])
            item = self._of_line[number]
        else:
            item = self._open = self._open or self._new()
        if item is not None:
            yield from self._delta(item, item.take(line))

    def _closed(self, line: Mapping[str, Any]) -> Iterator[Event]:
        """Puts an utterance that has ended where it belongs, and tells what is new of it."""
        number = int(line["line"])
        settled = self._of_line.get(number, self)
        if settled is None:
            return
        item = settled if isinstance(settled, Item) else None
        if item is None or not item.committed or number not in item.lines:
            mark = next((one for one in self._marks if line["end"] <= one.place + _CLOSE_S), None)
            if mark is not None and not mark.keeps:
                self._forget(number, item)
                return
            by_itself = self.detecting or (item is not None and item.announced)
            if by_itself and (mark is None or mark.item is None):
                yield from self._end(number, line)
                item = self._of_line[number]
            elif item is None:
                item = mark.item if mark is not None else None
                item = item or self._open or self._new()
                if mark is None:
                    self._open = item
                self._of_line[number] = item
        if item is not None:
            item.lines.setdefault(number, "")
            yield from self._delta(item, item.take(line))

    def _begin(self, number: int, since: float) -> Iterator[Event]:
        item = self._of_line[number] = self._new()
        item.start, item.announced = since, True
        yield self._event("input_audio_buffer.speech_started", item_id=item.id, audio_start_ms=round(since * 1000))

    def _end(self, number: int, line: Mapping[str, Any]) -> Iterator[Event]:
        item = self._of_line.get(number)
        if item is None:
            yield from self._begin(number, line["start"])
            item = self._of_line[number]
        assert item is not None
        item.start, item.end, item.whole = line["start"], line["end"], True
        self._committed_to = max(self._committed_to, item.end)
        end_ms = round(item.end * 1000)
        yield self._event("input_audio_buffer.speech_stopped", item_id=item.id, audio_end_ms=end_ms)
        yield from self._commit(item)

    def _forget(self, number: int, item: Item | None) -> None:
        self._of_line[number] = None
        if item is not None and not item.committed and item in self._items:
            self._items.remove(item)

    def _settle(self, mark: Mark) -> Iterator[Event]:
        """All that was said before a mark is known now."""
        if mark.item is not None:
            mark.item.whole = True
        elif mark.keeps and self._n_items == mark.n_items and self._committed_to < mark.place:
            item = self._new()
            item.start, item.end, item.whole = self._committed_to, mark.place, True
            self._committed_to = mark.place
            yield from self._commit(item)

    def _is_final(self, number: int, seen: Seen) -> bool:
        state = next((line["state"] for line in seen.lines if line["line"] == number), "open")
        return bool(state != "open")

    # Events

    def _new(self) -> Item:
        item = Item(f"item_{self._name}_{self._n_items}")
        self._n_items += 1
        self._items.append(item)
        return item

    def _commit(self, item: Item) -> Iterator[Event]:
        item.committed = True
        before, self._last = self._last, item.id
        yield self._event("input_audio_buffer.committed", item_id=item.id, previous_item_id=before)
        content = [{"type": "input_audio", "audio": None, "transcript": None}]
        told = {"id": item.id, "object": "realtime.item", "type": "message", "status": "completed", "role": "user",
                "content": content}  # fmt: skip
        for kind in ("created",) if self._dated else ("added", "done"):
            yield self._event(f"conversation.item.{kind}", previous_item_id=before, item=told)

    def _delta(self, item: Item, added: str) -> Iterator[Event]:
        if added:
            kind = "conversation.item.input_audio_transcription.delta"
            yield self._event(kind, item_id=item.id, content_index=0, delta=added)

    def _completed(self, item: Item) -> Event:
        told: dict[str, Any] = {"item_id": item.id, "content_index": 0}
        if item.failed:
            return self._event("conversation.item.input_audio_transcription.failed", **told)
        usage = {"type": "duration", "seconds": round(item.end - item.start, 3)}
        kind = "conversation.item.input_audio_transcription.completed"
        return self._event(kind, **told, transcript=item.transcript, usage=usage)

    def _event(self, kind: str, **values: Any) -> Event:
        return {"type": kind, "event_id": self._event_id(), **values}

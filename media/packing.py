"""Spans of speech become chunks: enough sound to understand, little enough to lose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from media.vad import Span


@dataclass(frozen=True, slots=True)
class Chunk:
    """Stretches ``(start, end)`` of the recording in seconds, in order, apart, that are recognised together."""

    number: int
    pieces: tuple[tuple[float, float], ...]

    @property
    def start(self) -> float:
        """Seconds from the start of the recording."""
        return self.pieces[0][0]

    @property
    def end(self) -> float:
        """Seconds from the start of the recording."""
        return self.pieces[-1][1]

    @property
    def sound_s(self) -> float:
        """Seconds of sound in all pieces together."""
        return sum(end - start for start, end in self.pieces)


class Packer:
    """Groups spans into chunks of at most ``max_s`` seconds of sound; the chunks do not depend on how the spans arrive.

    The first chunk is small, at most ``first_s``, so that the first text comes early. A chunk ends at the longest gap
    in its last third, because a sentence seldom goes on over it. A span that alone is too long is cut where it is
    quietest.
    """

    def __init__(self, max_s: float = 28.0, first_s: float = 8.0, good_s: float | None = None) -> None:
        """``good_s``: spans are joined up to so many seconds only; one that is longer by itself stays whole."""
        self._max_s = min(max_s, 30.0)
        self._good_s = self._max_s if good_s is None else min(good_s, self._max_s)
        self._first_s = min(first_s, self._max_s)
        self._held: list[Span] = []
        self._held_s = 0.0
        self._number = 0

    def feed(self, spans: Iterable[Span]) -> list[Chunk]:
        """Takes the next spans, in order of time; returns the chunks that are complete."""
        done: list[Chunk] = []
        for span in spans:
            rest: Span | None = span
            while rest is not None:
                rest = self._take(rest, done)
        return done

    def close(self) -> list[Chunk]:
        """Returns the last chunk, if something is left."""
        return [self._emit(len(self._held))] if self._held else []

    def _take(self, span: Span, done: list[Chunk]) -> Span | None:
        """Takes ``span`` or its first part; returns what is to be taken next."""
        limit = self._first_s if self._number == 0 else self._good_s
        length = span.end - span.start
        if self._held_s + length <= limit + 1e-6:
            self._hold(span)
            if self._number == 0 and self._held_s >= 0.6 * limit:
                done.append(self._emit(len(self._held)))
            return None
        if self._held and (self._number > 0 or self._held_s >= 0.4 * limit):
            done.append(self._emit(self._border(span, limit)))
            return span
        most = limit if self._number == 0 else self._max_s
        if self._number > 0 and length <= most + 1e-6:
            self._hold(span)
            done.append(self._emit(1))
            return None
        head, tail = split(span, most - self._held_s)
        self._hold(head)
        done.append(self._emit(len(self._held)))
        return tail

    def _hold(self, span: Span) -> None:
        self._held.append(span)
        self._held_s += span.end - span.start

    def _border(self, following: Span, limit: float) -> int:
        """Returns how many held spans make the chunk: up to the longest gap after two thirds of the limit."""
        best, best_gap, total = len(self._held), -1.0, 0.0
        for number, span in enumerate(self._held, start=1):
            total += span.end - span.start
            after = self._held[number] if number < len(self._held) else following
            if total >= limit * 2 / 3 and after.start - span.end >= best_gap:
                best, best_gap = number, after.start - span.end
        return best

    def _emit(self, n_spans: int) -> Chunk:
        taken, self._held = self._held[:n_spans], self._held[n_spans:]
        self._held_s = sum(span.end - span.start for span in self._held)
        chunk = Chunk(self._number, tuple((span.start, span.end) for span in taken))
        self._number += 1
        return chunk


def split(span: Span, limit_s: float) -> tuple[Span, Span]:
    """Cuts ``span`` at its quietest place in the second half of ``limit_s``, or at the limit if none is known."""
    places = [cut for cut in span.cuts if limit_s / 2 <= cut.at - span.start <= limit_s and cut.at < span.end]
    at = min(places, key=lambda cut: (cut.cost, -cut.at)).at if places else span.start + limit_s
    head = Span(span.start, at, tuple(cut for cut in span.cuts if cut.at < at))
    tail = Span(at, span.end, tuple(cut for cut in span.cuts if cut.at > at))
    return head, tail

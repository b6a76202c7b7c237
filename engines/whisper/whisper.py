"""Whisper: speech in 99 languages becomes text, or English text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import ModelSpec, Place, Report, breathe
from engines.errors import EngineError
from engines.requests import TranscribeItem
from engines.whisper.again import last_guess, written_again
from engines.whisper.decode import (
    Take,
    Window,
    first_guesses,
    first_window,
    full_window,
    is_invented,
    is_quiet,
    next_window,
    passes,
    repeats,
    room_for_tokens,
    settle_languages,
)
from engines.whisper.features import FRAMES_A_SECOND, SAMPLE_RATE
from engines.whisper.lines import Line, to_lines
from engines.whisper.net import Encoded, Guess, WhisperNet
from engines.whisper.plan import groups
from engines.whisper.segments import to_segments
from engines.whisper.words import Heard, heard_words, split_words, words_of_lines
from media.audio import read_pieces
from media.transcript import Segment

_TOGETHER = 16


class WhisperEngine:
    """Runs TranscribeItems on one Whisper model of any size.

    The result of an item is ``{"language", "language_probability", "segments": [Segment.to_dict()], "audio_s",
    "redone"}``; ``redone`` counts windows that were decoded again. Windows are as short as the sound allows (see
    ``whisper_plan``) and are decoded in groups.
    """

    def __init__(self) -> None:
        self._net: WhisperNet | None = None

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads a CTranslate2 folder; raises EngineError where it is not the model that ``spec`` describes."""
        net = WhisperNet(weights, place)
        if not net.multilingual and not spec.english_only:
            raise EngineError("weights_damaged", model=spec.name, file="vocabulary.txt")
        self._net = net

    def run(self, batch: Sequence[TranscribeItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError where nothing is loaded, OSError where a
        file cannot be read.
        """
        if self._net is None:
            raise EngineError("engine_failed", reason="not loaded")
        return _Run(self._net, batch, report).results()

    def close(self) -> None:
        """Frees the model's memory."""
        if self._net is not None:
            self._net.close()
            self._net = None


class _Run:
    """One batch: windows wait in rounds until no window failed its checks and none broke off in the middle of the
    sound.
    """

    def __init__(self, net: WhisperNet, batch: Sequence[TranscribeItem], report: Report) -> None:
        self._net = net
        self._report = report
        self._takes = [self._open(position, item) for position, item in enumerate(batch)]
        self._segments: list[list[Segment]] = [[] for _ in batch]
        self._results: list[dict[str, Any]] = [{} for _ in batch]

    def results(self) -> list[dict[str, Any]]:
        waiting = []
        for take in self._takes:
            if is_quiet(take.sound):
                self._finish(take)
            else:
                waiting.append(first_window(take))
        while waiting:
            following: list[Window] = []
            keys = [self._key(window) for window in waiting]
            for positions in groups(keys, _TOGETHER):
                following += self._group([waiting[position] for position in positions])
            waiting = following
        return self._results

    def _open(self, position: int, item: TranscribeItem) -> Take:
        language = item.language if self._net.multilingual else "en"
        return Take(position, item, read_pieces(Path(item.pcm), item.pieces), language)

    def _key(self, window: Window) -> tuple[int, int, int]:
        item = window.take.item
        length = len(self._net.prompt("en", False, item.hotwords))
        return window.n_frames, length, item.beam_size

    def _group(self, windows: Sequence[Window]) -> list[Window]:
        """Decodes windows that fit together, and returns those that must follow."""
        encoded = self._encode(windows)
        doubtful = settle_languages(self._net, windows, encoded)
        following = [full_window(windows[at]) for at in doubtful]
        if doubtful:
            sure = [at for at in range(len(windows)) if at not in doubtful]
            windows, encoded = [windows[at] for at in sure], encoded[sure]
        if not windows:
            return following
        breathe(self._report)
        guesses = self._guesses(windows, encoded)
        breathe(self._report)
        kept: list[tuple[int, Guess, list[Line]]] = []
        for at, (window, guess) in enumerate(zip(windows, guesses, strict=True)):
            row = encoded[at : at + 1]
            draft = window.take.item.draft
            invented = is_invented(self._net, window, row, guess)
            if draft:
                invented = invented or repeats(self._net, guess)
            elif not invented and window.last:
                guess = last_guess(self._net, window, row, guess)
                invented = is_invented(self._net, window, row, guess)
            elif not invented and not passes(self._net, window, guess):
                window.take.redone += 1
                following.append(next_window(window))
                continue
            if not invented and not draft:
                guess = written_again(self._net, window, guess)
            found = to_lines([] if invented else guess.tokens, self._net.first_time, window.sound_s)
            kept.append((at, guess, found.lines))
            if found.resume_s is not None and not draft:
                following.append(first_window(window.take, window.offset_s + found.resume_s))
        self._keep(windows, encoded, kept)
        unfinished = {id(window.take) for window in following}
        for at, _, _ in kept:
            if id(windows[at].take) not in unfinished:
                self._finish(windows[at].take)
        return following

    def _encode(self, windows: Sequence[Window]) -> Encoded:
        """Encodes windows of one length; on a CPU, which takes them one by one, with a breath before each."""
        n_frames = windows[0].n_frames
        if self._net.on_gpu:
            return self._net.encode([window.sound for window in windows], n_frames)
        rows = []
        for window in windows:
            breathe(self._report)
            rows.append(self._net.encode([window.sound], n_frames))
        return np.concatenate(rows)

    def _guesses(self, windows: Sequence[Window], encoded: Encoded) -> list[Guess]:
        """Decodes together what may have equally many tokens, which is known once the languages are."""
        found: dict[int, Guess] = {}
        for rows in groups([room_for_tokens(window) for window in windows], len(windows)):
            found.update(zip(rows, first_guesses(self._net, [windows[at] for at in rows], encoded[rows]), strict=True))
        return [found[at] for at in range(len(windows))]

    def _keep(self, windows: Sequence[Window], encoded: Encoded, kept: Sequence[tuple[int, Guess, list[Line]]]) -> None:
        words = self._words(windows, encoded, [(at, lines) for at, _, lines in kept if lines])
        for at, guess, lines in kept:
            heard = words.get(at) or [[] for _ in lines]
            found = to_segments(self._net, windows[at], guess, lines, heard)
            self._segments[windows[at].take.position] += found

    def _words(
        self, windows: Sequence[Window], encoded: Encoded, wanted: Sequence[tuple[int, list[Line]]]
    ) -> dict[int, list[list[Heard]]]:
        """Returns the words of each line by window; windows of one language and task are aligned together on their
        first encoding.
        """
        asked = [(at, lines) for at, lines in wanted if windows[at].take.item.word_timestamps]
        starts = [
            self._net.start_sequence(windows[at].take.language or "en", windows[at].take.item.translate)
            for at, _ in asked
        ]
        found: dict[int, list[list[Heard]]] = {}
        for positions in groups([tuple(start) for start in starts], len(asked) or 1):
            rows = [asked[position][0] for position in positions]
            texts = [[token for line in asked[position][1] for token in line.tokens] for position in positions]
            frames = [round(windows[at].sound_s * FRAMES_A_SECOND) for at in rows]
            aligned = self._net.align(encoded[rows], starts[positions[0]], texts, frames)
            for position, text, result in zip(positions, texts, aligned, strict=True):
                at, lines = asked[position]
                words = split_words(text, self._net.decode, windows[at].take.language or "en")
                found[at] = words_of_lines(lines, heard_words(words, result))
        return found

    def _finish(self, take: Take) -> None:
        result = {
            "language": take.language,
            "language_probability": round(take.language_probability, 4),
            "segments": [segment.to_dict() for segment in self._segments[take.position]],
            "audio_s": round(len(take.sound) / SAMPLE_RATE, 3),
            "redone": take.redone,
        }
        self._results[take.position] = result
        self._report(take.position, result)

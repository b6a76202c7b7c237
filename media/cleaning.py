"""The end of cleaning up a sound: windows joined, mixed with the original, brought to its loudness, and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from media.crossfade import Window, joined
from media.encoding import Original, look, write
from media.limits import MediaLimits
from media.loudness import Level, LevelMeter
from media.sound_file import OVERLAP_S, SOUND, Sound, SoundMark, read_mark, read_sound, window_name
from media.sound_kinds import PLAIN, PREVIEW
from media.sound_pictures import Picture

MOST_GAIN_DB = 20.0
_CALM_UP_TO = 0.85
_EDGE_S = 0.3
_QUIET_UNDER_LOUD_DB = 35.0
_STEP_S = 0.1


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for; see ``engines.requests.SoundRequest``. ``missing`` are windows that could not be made.

    ``plain`` gives FLAC without pictures, whatever kind of file it was.
    """

    strength: float = 1.0
    loudness: str = "keep"
    trim: bool = False
    missing: tuple[int, ...] = ()
    plain: bool = False


class Cleaned:
    """The cleaned sound of one folder, read window by window; nothing of it is held in memory."""

    def __init__(self, folder: Path, windows: Sequence[Window], wishes: Wishes, mark: SoundMark) -> None:
        self._folder, self._windows, self._wishes, self._mark = folder, windows, wishes, mark

    def original(self) -> Iterator[Sound]:
        """Yields the sound as it came."""
        for window in self._windows:
            yield read_sound(self._folder / SOUND, self._mark.n_channels, window.start, window.end)

    def blocks(self) -> Iterator[Sound]:
        """Yields the cleaned sound, mixed with the original as wished, at the models' own loudness."""
        share = np.float32(self._wishes.strength)
        cleaned = joined(self._windows, self._window)
        for clean, before in zip(cleaned, self.original(), strict=True):
            yield clean if share >= 1 else share * clean + (1 - share) * before

    def _window(self, window: Window) -> Sound:
        stop = min(window.end + round(OVERLAP_S * self._mark.rate), self._mark.n_samples)
        if window.number in self._wishes.missing:
            return read_sound(self._folder / SOUND, self._mark.n_channels, window.start, stop)
        return read_sound(self._folder / window_name(window.number), self._mark.n_channels, 0, stop - window.start)


def finish(
    source: Path, name: str, folder: Path, windows: Sequence[Window], wishes: Wishes, limits: MediaLimits,
    tell: Callable[[float], None],
) -> dict[str, Any]:  # fmt: skip
    """Writes ``folder/result<ending>`` and returns ``{"file", "media_type", "before", "after", "notes"}``.

    ``tell`` is called with the share that is done, 0 to 1. Raises MediaError and OSError.
    """
    mark = read_mark(folder)
    if mark is None:
        raise FileNotFoundError(str(folder / SOUND))
    original = look(source, name, limits)
    if wishes.plain:
        original = replace(original, kind=PLAIN, has_picture=False)
    cleaned = Cleaned(folder, windows, wishes, mark)
    before = _measured(cleaned.original(), mark, lambda share: tell(share * 0.2))
    after = _measured(cleaned.blocks(), mark, lambda share: tell(0.2 + share * 0.2))
    gain_db = gain_for(wishes.loudness, before.loudness, after.loudness)
    span = _kept(cleaned, mark, after) if wishes.trim and not original.has_picture else (0, mark.n_samples)
    target = folder / f"result{original.kind.suffix}"
    made = LevelMeter(mark.rate, mark.n_channels)
    out = _loud(_cut(cleaned.blocks(), span), gain_db, made, lambda n: tell(0.4 + 0.3 * n / max(1, mark.n_samples)))
    out_rate = mark.rate if mark.rate != 48_000 else None
    write(out, mark.rate, mark.n_channels, target, original, source, limits, out_rate)
    files = _shown(cleaned, folder, (mark, span, gain_db), source, limits, lambda share: tell(0.7 + 0.3 * share))
    notes = [] if original.kind.same else ["sound_other_kind"]
    if original.n_channels > mark.n_channels:
        notes.append("sound_two_channels")
    return {
        "file": target.name, "media_type": original.kind.media_type, "before": asdict(before),
        "after": asdict(made.level()), "duration_s": (span[1] - span[0]) / mark.rate, "notes": notes, "files": files,
    }  # fmt: skip


def _shown(
    cleaned: Cleaned, folder: Path, made: tuple[SoundMark, tuple[int, int], float], source: Path, limits: MediaLimits,
    tell: Callable[[float], None],
) -> dict[str, str]:  # fmt: skip
    """Writes what a screen plays and draws, both sounds alike and as long as each other; returns the file names."""
    mark, span, gain_db = made
    original = Original(PREVIEW, mark.rate, None, 0.0, False)
    pictures, files = {}, {}
    sounds = (("before", cleaned.original(), 0.0), ("after", cleaned.blocks(), gain_db))
    for number, (name, blocks, gain) in enumerate(sounds):
        picture = Picture(mark.rate, span[1] - span[0])
        done = _shared(tell, number, mark.n_samples)
        drawn = _drawn(_loud(_cut(blocks, span), gain, None, done), picture)
        files[f"preview_{name}"] = f"preview_{name}{PREVIEW.suffix}"
        target = folder / files[f"preview_{name}"]
        write(drawn, mark.rate, mark.n_channels, target, original, source, limits)
        pictures[name] = picture.told()
    files["pictures"] = "pictures.json"
    (folder / "pictures.json").write_text(json.dumps(pictures), encoding="ascii")
    return files


def _shared(tell: Callable[[float], None], number: int, n_samples: int) -> Callable[[int], None]:
    return lambda done: tell((number + done / max(1, n_samples)) / 2)


def _drawn(blocks: Iterator[Sound], picture: Picture) -> Iterator[Sound]:
    for block in blocks:
        picture.feed(block)
        yield block


def gain_for(wish: str, before: float | None, after: float | None) -> float:
    """Returns by how many dB the cleaned sound is made louder: to what it was, or to ``-16``, ``-23`` (LUFS)."""
    if after is None or (wish == "keep" and before is None):
        return 0.0
    wanted = before if wish == "keep" and before is not None else float(wish)
    return min(MOST_GAIN_DB, max(-MOST_GAIN_DB, wanted - after))


def calmed(sound: Sound) -> Sound:
    """Returns sound in which peaks near full scale are bent instead of cut; what is below is left as it is."""
    loud = np.abs(sound)
    room = 1 - _CALM_UP_TO
    bent = np.sign(sound) * (_CALM_UP_TO + room * np.tanh((loud - _CALM_UP_TO) / room))
    return np.asarray(np.where(loud <= _CALM_UP_TO, sound, bent), np.float32)


def _measured(blocks: Iterator[Sound], mark: SoundMark, tell: Callable[[float], None]) -> Level:
    meter, done = LevelMeter(mark.rate, mark.n_channels), 0
    for block in blocks:
        meter.feed(block)
        done += len(block)
        tell(done / max(1, mark.n_samples))
    return meter.level()


def _loud(
    blocks: Iterator[Sound], gain_db: float, meter: LevelMeter | None, tell: Callable[[int], None]
) -> Iterator[Sound]:
    factor, done = np.float32(10 ** (gain_db / 20)), 0
    for block in blocks:
        # Without a gain the sound is what the model gave; peaks are bent only where making it louder drove them up.
        louder = calmed(block * factor) if gain_db > 0 else block * factor
        if meter is not None:
            meter.feed(louder)
        done += len(block)
        tell(done)
        yield louder


def _kept(cleaned: Cleaned, mark: SoundMark, level: Level) -> tuple[int, int]:
    """Returns the samples from the first to the last sound that is not far quieter than the rest."""
    if level.loudness is None:
        return 0, mark.n_samples
    least = 10 ** ((level.loudness - _QUIET_UNDER_LOUD_DB) / 20)
    step = round(mark.rate * _STEP_S)
    first, last, at = None, 0, 0
    for block in cleaned.blocks():
        for start in range(0, len(block), step):
            if float(np.sqrt((block[start : start + step] ** 2).mean())) >= least:
                first, last = at + start if first is None else first, at + start + step
        at += len(block)
    edge = round(_EDGE_S * mark.rate)
    return max(0, (first or 0) - edge), min(mark.n_samples, last + edge) if first is not None else mark.n_samples


def _cut(blocks: Iterator[Sound], span: tuple[int, int]) -> Iterator[Sound]:
    at = 0
    for block in blocks:
        part = block[max(0, span[0] - at) : max(0, span[1] - at)]
        at += len(block)
        if len(part):
            yield part

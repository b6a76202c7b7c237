"""Times the Live screen's server: paced packets of real speech, for one and several people, alone and beside a batch.

    python bench/live.py [--seconds 90] [--clients 1 3] [--rounds alone batch] [--pause 0.6] [--language auto]
    python bench/live.py --gaps 0.1 0.3        people who never pause long enough to end an utterance
    python bench/live.py --own-share           the server's own part, with an engine of fixed cost
    python bench/live.py --hour [--pace 20]    an hour of sound, sped up, and the memory meanwhile

For each: the time from the first speech of an utterance to its first provisional text, from the moment when its pause
is recognised, and from the end of its speech, to its final text, how old the sound behind a provisional text is (lag),
and words lost, wrong and doubled against what was read out. Goals on two cores with Whisper base, int8, one person:
first text within 1.2 s, final within 1.0 s, and no more than 1.5 times that beside a batch; the server's own part
30 ms; memory flat.
"""

from __future__ import annotations

import asyncio
import csv
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.live_client import Report, noise, speak, utterances
from bench.options import options
from bench.recordings import RATE, Sound, _read, speech, write_opus
from bench.room import Room, open_room
from bench.tree import RolePeaks

SETTLED_S = 10.0
"""By then the batch that ran when the session was opened has ended; from then on chunks run one by one."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What one person says, and the words of it."""

    sound: Sound
    text: str


def main() -> None:
    """Prints a line for each setting."""
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--rounds", nargs="+", choices=("alone", "batch"), default=["alone", "batch"])
    parser.add_argument("--pause", type=float, default=0.6)
    parser.add_argument("--quality", default="model:base")
    parser.add_argument("--language", default="en", help="auto: to be recognised")
    parser.add_argument("--gaps", type=float, nargs=2, default=(0.9, 1.6), help="seconds of silence between clips")
    parser.add_argument("--quiet", type=float, default=4.0, help="with --hour: minutes of silence to one of speech")
    parser.add_argument("--own-share", action="store_true")
    parser.add_argument("--hour", action="store_true")
    parser.add_argument("--pace", type=float, default=20.0)
    parser.add_argument("--show", action="store_true", help="print what was understood")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "data").mkdir()
        if told.own_share:
            from bench.live_engine import own_share

            own_share(Path(name), talk(told.media, told.seconds, 0).sound)
        elif told.hour:
            hour(Path(name), told)
        else:
            with open_room(Path(name) / "data", told.models) as room:
                rounds(room, told, Path(name))


def rounds(room: Room, told: Any, folder: Path) -> None:
    """Runs every setting on one server."""
    settings = {"language": None if told.language == "auto" else told.language, "quality": told.quality}
    settings |= {"pause_s": told.pause}
    asyncio.run(speak(room.url, talk(told.media, 5.0, 99).sound, settings))
    for n_clients in told.clients:
        for kind in told.rounds:
            batch = Batch(room, folder, told.media) if kind == "batch" else None
            talks = [talk(told.media, told.seconds, number, told.gaps) for number in range(n_clients)]
            reports = asyncio.run(together(room.url, talks, settings))
            done_s = batch.end() if batch else 0.0
            title = f"{n_clients} client{'s' if n_clients > 1 else ''}, {kind}"
            print(figures(title, talks, reports, told.pause) + (f", batch {done_s:.0f} s of sound" if batch else ""))
            for report in reports if told.show else ():
                print("\n".join(f"    {n}: {line['text']}" for n, (_, line) in sorted(report.finals.items())))


async def together(url: str, talks: Sequence[Talk], settings: dict[str, Any]) -> list[Report]:
    """Lets everybody speak at once."""
    return list(await asyncio.gather(*(speak(url, each.sound, settings) for each in talks)))


class Batch:
    """A long recording that is being transcribed on the same model meanwhile."""

    def __init__(self, room: Room, folder: Path, media: Path) -> None:
        path = folder / f"{time.monotonic_ns()}.opus"
        write_opus(path, speech(media, 120.0), 3600.0, path.name)
        self._room = room
        self._job = room.submit(room.upload(path))
        while not room.ask("GET", f"/api/jobs/{self._job}")["position_s"]:
            time.sleep(0.1)
        self._begun_s = float(room.ask("GET", f"/api/jobs/{self._job}")["position_s"])

    def end(self) -> float:
        """Cancels the job; returns the seconds of sound that were done meanwhile."""
        done = self._room.ask("POST", f"/api/jobs/{self._job}/cancel")
        time.sleep(2.0)
        return float(done["position_s"]) - self._begun_s


def talk(media: Path, seconds: float, seed: int, gaps: Sequence[float] = (0.9, 1.6)) -> Talk:
    """Returns clips with known words in mixed order with pauses of some seconds between them, over quiet noise."""
    with open(media / "transcripts.tsv", encoding="utf-8") as file:
        clips = [row for row in csv.DictReader(file, delimiter="\t") if row["language"] == "en"]
    dice, parts, words, n_samples = random.Random(seed), [], [], 0
    while n_samples < seconds * RATE:
        for clip in dice.sample(clips, len(clips)):
            parts += [_read(media / clip["file"]), np.zeros(round(dice.uniform(*gaps) * RATE), np.int16)]
            words.append(clip["text"])
            n_samples += len(parts[-2]) + len(parts[-1])
            if n_samples >= seconds * RATE:
                break
    sound = np.concatenate(parts)
    return Talk((sound + noise(len(sound) / RATE, seed)[: len(sound)]).astype(np.int16), " ".join(words))


def figures(title: str, talks: Sequence[Talk], reports: Sequence[Report], pause_s: float) -> str:
    """Returns the figures of one setting as a line."""
    first, final, lag, settled, spoken = [], [], [], [], []
    n_lost = n_wrong = n_doubled = n_words = n_missing = 0
    for each, report in zip(talks, reports, strict=True):
        partials: dict[int, float] = {}
        for line, at, told in report.partials:
            partials.setdefault(line, at)
            lag.append(at - told["end"])
        for line, said in enumerate(utterances(each.sound, pause_s)):
            if line in partials:
                first.append(partials[line] - said.onset)
            if line in report.finals:
                final.append(report.finals[line][0] - said.recognised)
                spoken.append(report.finals[line][0] - said.ended)
                settled += final[-1:] if said.recognised > SETTLED_S else []
            n_missing += line not in report.finals
        text = " ".join(line["text"] for _, (_, line) in sorted(report.finals.items()))
        lost, wrong, doubled, n = compare(each.text, text)
        n_lost, n_wrong, n_doubled, n_words = n_lost + lost, n_wrong + wrong, n_doubled + doubled, n_words + n
    last = reports[0].states[-1] if reports[0].states else {}
    return (
        f"{title:18s} first text {_two(first)}   final {_two(final)}, after {SETTLED_S:.0f} s {_two(settled)}, "
        f"from the end of speech {_two(spoken)}   "
        f"lag {_two(lag)}   {len(final)} lines, {n_missing} missing   "
        f"of {n_words} words lost {n_lost}, wrong {n_wrong}, doubled {n_doubled}   partials {last.get('partials')}"
    )


def compare(truth: str, heard: str) -> tuple[int, int, int, int]:
    """Returns words lost, wrong, and too many, and how many there are."""
    import jiwer

    def plain(text: str) -> str:
        return " ".join("".join(s for s in word.lower() if s.isalnum() or s == "'") for word in text.split())

    told = jiwer.process_words(plain(truth), plain(heard))
    return told.deletions, told.substitutions, told.insertions, len(truth.split())


def _two(values: Sequence[float]) -> str:
    if not values:
        return "none"
    ordered = sorted(values)
    return f"{statistics.median(ordered):5.2f} / {ordered[int(0.95 * (len(ordered) - 1) + 0.5)]:5.2f} s"


def hour(folder: Path, told: Any) -> None:
    """Speaks an hour of sound, sped up, and prints the most that each process had for itself in each quarter of it."""
    settings = {"language": "en", "quality": told.quality}
    said = talk(told.media, 120.0, 0, told.gaps)
    quiet = np.zeros(round(60 * told.quiet) * RATE, np.int16)
    block = np.concatenate([said.sound[: 60 * RATE], quiet])
    sound = np.tile(block, -(-3600 * RATE // len(block)))[: 3600 * RATE]
    with open_room(folder / "data", told.models) as room:
        asyncio.run(speak(room.url, said.sound[: 20 * RATE], settings))
        quarters: list[dict[str, float]] = []
        done = threading.Event()
        begun = time.monotonic()
        with RolePeaks(room.pid) as peaks:

            def watch() -> None:
                while not done.wait(900.0 / told.pace):
                    quarters.append(peaks.mark())

            thread = threading.Thread(target=watch)
            thread.start()
            report = asyncio.run(speak(room.url, sound, settings, told.pace))
            done.set()
            thread.join()
        took = time.monotonic() - begun
        print(f"{len(sound) / RATE / 60:.0f} min in {took:.0f} s, {len(report.finals)} lines")
        for number, most in enumerate(quarters, start=1):
            held = "   ".join(f"{role} {mib:6.1f}" for role, mib in sorted(most.items()))
            print(f"quarter {number}   {held}  MiB")


if __name__ == "__main__":
    main()

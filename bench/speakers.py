"""Who spoke when: error rates of real recordings and of joined meetings, and what an hour of five people costs.

    python bench/speakers.py --models FOLDER --media FOLDER [--quick]

Needs the pack of speakers. The error rate (``bench/diarization_error.py``) is printed with a collar of 0.25 s and
without one, over all recordings of a line together, with its three parts; the number of people is found, not given.
``media/diarization`` has truth of its own; meetings are joined from ``media/speakers`` (``bench/meetings.py``).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.diarization_error import Spoken, Wrong, errors
from bench.meetings import RATE, Meeting, Sound, joined, meeting, people_of, read, with_noise
from bench.options import options
from engines.base import Place
from engines.catalog_speakers import SPEAKERS
from engines.process import EngineProcess
from engines.requests import VoicesItem
from media.grouping import Grouping
from media.voices import Speakers, Window, tell_apart
from workbench.tasks.speakers import minutes, starts_between

COLLAR_S = 0.25
SEEDS = range(1, 6)
HOUR_S = 3600.0
Hears = Callable[[Meeting], Speakers]


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="one meeting of each kind, and ten minutes for the hour")
    told = parser.parse_args()
    seeds = SEEDS[:1] if told.quick else SEEDS
    process = EngineProcess.start(SPEAKERS[0], told.models / "campplus", Place("cpu", "float32", 1))
    try:
        with tempfile.TemporaryDirectory() as folder:
            pcm = Path(folder) / "sound.pcm"

            def hear(one: Meeting) -> Speakers:
                return heard(process, one, pcm)

            for name, one in recordings(told.media):
                tell(name, [one], hear)
            for name, some in meetings(told.media, seeds):
                tell(name, some, hear)
            long(process, told.media, pcm, HOUR_S / 6 if told.quick else HOUR_S)
    finally:
        process.close()


def recordings(media: Path) -> list[tuple[str, Meeting]]:
    """Returns the recordings with written truth, as far as that reaches."""
    rows = [row.split() for path in sorted((media / "diarization").glob("*.rttm")) for row in path.open()]
    extents = [row.split() for path in sorted((media / "diarization").glob("*.uem")) for row in path.open()]
    until = {row[0]: float(row[3]) for row in extents if row}
    found = []
    for path in sorted((media / "diarization").glob("*.wav")):
        length_s = until.get(path.stem, len(read(path)) / RATE)
        mine = [(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows if row and row[1] == path.stem]
        truth = tuple((start, min(end, length_s), who) for start, end, who in mine if start < length_s)
        found.append((path.stem, Meeting(read(path)[: round(length_s * RATE)], truth)))
    return found


def meetings(media: Path, seeds: Sequence[int]) -> Iterable[tuple[str, list[Meeting]]]:
    """Yields joined meetings: two to four people, all of them in noise, and people who speak at once."""
    people = people_of(media, 6)
    quiet: list[Meeting] = []
    for n_people in (2, 3, 4):
        some = [meeting(people, n_people, seed) for seed in seeds]
        quiet += some
        yield f"joined, {n_people} people", some
    yield "joined, all", quiet
    rng = np.random.default_rng(0)
    white = rng.standard_normal(10 * RATE).astype(np.float32)
    for name, noise in (("white", white), ("street", street(media))):
        for db in (20, 10, 5):
            yield f"{name} noise at {db} dB", [with_noise(one, noise, db) for one in quiet]
    yield "speaking at once", [meeting(people, n, seed, (-1.5, 0.5)) for n in (2, 3, 4) for seed in seeds]


def street(media: Path) -> Sound:
    """Returns the noise alone of the noisy recordings whose clean form is known."""
    found = []
    for path in sorted((media / "enhance").glob("*_noisy.wav")):
        noisy, clean = read(path), read(path.with_name(path.name.replace("noisy", "clean")))
        n = min(len(noisy), len(clean))
        found.append(noisy[:n] - clean[:n])
    return np.concatenate(found)


def heard(process: EngineProcess, one: Meeting, pcm: Path) -> Speakers:
    """Returns who spoke when."""
    write(pcm, one.sound)
    (result,) = process.run([VoicesItem(str(pcm), starts_between(0.0, one.length_s))], lambda *_: None)
    windows = [Window.from_dict(window) for window in result["windows"]]
    return tell_apart(windows, one.length_s, Grouping())


def write(pcm: Path, sound: Sound) -> None:
    """Writes a working file."""
    (np.clip(sound, -1, 1) * 32767).astype("<i2").tofile(pcm)


def tell(name: str, some: Sequence[Meeting], hear: Hears) -> None:
    """Prints one line: error rates, and how often the number of people was found."""
    bare = collared = Wrong()
    counted = 0
    for one in some:
        found = hear(one)
        turns: list[Spoken] = [(turn.start, turn.end, str(turn.speaker)) for turn in found.turns]
        counted += len(found.speech_s) == len({who for _, _, who in one.truth})
        bare += errors(turns, one.truth, one.length_s)
        collared += errors(turns, one.truth, one.length_s, COLLAR_S)
    found_all = f"number of people found {counted} of {len(some)}"
    print(f"{name:<24} no collar {bare}   collar {COLLAR_S} s {collared}   {found_all}", flush=True)


def long(process: EngineProcess, media: Path, pcm: Path, length_s: float) -> None:
    """Prints what a long meeting of five costs, and its errors."""
    people = [(who, path) for who, paths in people_of(media, 10).items() for path in paths]
    rng = np.random.default_rng(1)
    clips, total = [], 0.0
    for number in (int(rng.integers(len(people))) for _ in count()):
        clips.append(people[number])
        total += len(read(people[number][1])) / RATE + 0.6
        if total >= length_s:
            break
    one = joined(clips, rng, (0.2, 1.0))
    write(pcm, one.sound)
    child = max(psutil.Process().children(recursive=True), key=lambda other: other.memory_info().rss)
    begun, before = sum(child.cpu_times()[:2]), child.memory_info().rss
    windows: list[Window] = []
    most = before
    for chunk in minutes(one.length_s):
        item = VoicesItem(str(pcm), starts_between(chunk.start, chunk.end))
        (result,) = process.run([item], lambda *_: None)
        windows += [Window.from_dict(window) for window in result["windows"]]
        most = max(most, child.memory_info().rss)
    used = sum(child.cpu_times()[:2]) - begun
    at = time.process_time()
    found = tell_apart(windows, one.length_s, Grouping())
    grouped = time.process_time() - at
    print(
        f"{one.length_s:.0f} s of five people: {used:.0f} CPU s, {used / one.length_s:.4f} of its length, memory"
        f" {before >> 20} to {most >> 20} MiB, grouping in {grouped:.2f} s",
        flush=True,
    )
    tell("five people", [one], lambda _: found)


if __name__ == "__main__":
    main()

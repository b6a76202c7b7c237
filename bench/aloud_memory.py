"""Measures how memory grows with the length of a text that is read aloud: ten minutes of speech, and an hour.

    python bench/aloud_memory.py [--minutes 10 60] [--voice heart]

Each length is English prose without a sentence twice, sent over HTTP to a fresh server. Memory is the peak of what each
process has for itself (USS, Linux): the server, the reader, which writes the file, and the engine. A short text is read
before, so that every process has all it ever loads. Goal: 1 MiB for each hour.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from math import nan
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.memory_flat import slope
from bench.options import options
from bench.room import Room, open_room
from bench.tree import RolePeaks

ROLES = ("server", "reader", "engine")
WORDS_A_MINUTE = 150
_PEOPLE = ("The clerk", "My neighbour", "A young teacher", "The old doctor", "Our manager", "The captain", "Her sister")
_DEEDS = ("carried", "forgot", "painted", "sold", "found", "repaired", "measured", "described", "hid", "admired")
_THINGS = (
    "the silver clock",
    "a heavy suitcase",
    "three letters",
    "the garden gate",
    "an empty bottle",
    "the blue boat",
)
_PLACES = ("near the station", "behind the church", "on the first day of spring", "before anybody woke", "in the rain")


def main() -> None:
    """Prints a line for each length, and the growth of each process for each hour."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0])
    parser.add_argument("--voice", default="", help="empty: the one that suits the text")
    told = parser.parse_args()
    rows: list[dict[str, float]] = []
    hours: list[float] = []
    for minutes in told.minutes:
        with tempfile.TemporaryDirectory() as name:
            data = Path(name)
            begun = time.monotonic()
            with open_room(data, told.models) as room, RolePeaks(room.pid, every_s=0.2) as peaks:
                read(room, prose(round(WORDS_A_MINUTE / 2)), told.voice)
                peaks.mark()
                spoken_s = read(room, prose(round(WORDS_A_MINUTE * minutes)), told.voice)
                rows.append(peaks.mark())
            passed_s = time.monotonic() - begun
        hours.append(spoken_s / 3600)
        line = "   ".join(f"{role} {rows[-1].get(role, nan):6.1f}" for role in ROLES)
        print(f"{spoken_s / 60:5.1f} min of speech  {line}  MiB  ({passed_s:.0f} s)", flush=True)
    if len(rows) > 1:
        slopes = {role: slope(hours, [row.get(role, nan) for row in rows]) for role in ROLES}
        print("   ".join(f"{role} {mib:+.2f}" for role, mib in slopes.items()), " MiB for each hour")
        print(f"growth {sum(mib for mib in slopes.values() if mib == mib):.2f} MiB for each hour of speech")


def prose(n_words: int) -> str:
    """Returns so many words in sentences and paragraphs, the same each time."""
    chance, lines, count = random.Random(1), [], 0
    while count < n_words:
        parts = (chance.choice(_PEOPLE), chance.choice(_DEEDS), chance.choice(_THINGS), chance.choice(_PLACES))
        lines.append(f"{' '.join(parts)}, and nobody asked number {len(lines) + 1} why.")
        count += len(lines[-1].split())
    return "\n\n".join(" ".join(lines[at : at + 8]) for at in range(0, len(lines), 8))


def read(room: Room, text: str, voice: str) -> float:
    """Has a text read aloud and returns the seconds of speech."""
    asked = {"text": text, "request": {"voice": voice, "format": "opus"}}
    job = room.ask("POST", "/api/aloud/jobs", json=asked)["jobs"][0]
    room.wait(job["id"], every_s=0.5)
    return float(room.ask("GET", f"/api/aloud/jobs/{job['id']}/sentences")["sentences"][-1]["end"])


if __name__ == "__main__":
    main()

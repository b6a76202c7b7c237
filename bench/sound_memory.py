"""Measures how memory grows with the length of a sound that is cleaned up: 10 minutes, 1 hour, 3 hours.

    python bench/sound_memory.py [--minutes 10 180]

Each length is Opus with real speech over and over, sent over HTTP to a fresh server that removes its noise. Memory is
the peak of what each process has for itself (USS, Linux): the server, the reader, which decodes and writes, and the
engine. A short recording is run before, so that every process has all it ever loads. Goal: 1 MiB for each hour.
"""

from __future__ import annotations

import sys
import tempfile
import time
from math import nan
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.memory_flat import slope
from bench.options import options
from bench.recordings import speech, write_opus
from bench.room import Room, open_room
from bench.tree import RolePeaks

ROLES = ("server", "reader", "engine")


def main() -> None:
    """Prints a line for each length, and the growth of each process for each hour."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 180.0])
    told = parser.parse_args()
    rows: list[dict[str, float]] = []
    block = speech(told.media, 60.0)
    for minutes in told.minutes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            short, long = folder / "short.opus", folder / "long.opus"
            write_opus(short, block, 60.0, title="short")
            write_opus(long, block, minutes * 60)
            data = folder / "data"
            data.mkdir()
            begun = time.monotonic()
            with open_room(data, told.models) as room, RolePeaks(room.pid, every_s=0.2) as peaks:
                clean(room, short)
                peaks.mark()
                clean(room, long)
                rows.append(peaks.mark())
            passed_s = time.monotonic() - begun
        line = "   ".join(f"{role} {rows[-1].get(role, nan):6.1f}" for role in ROLES)
        print(f"{minutes:5.0f} min  {line}  MiB  ({passed_s:.0f} s)", flush=True)
    if len(rows) > 1:
        hours = [minutes / 60 for minutes in told.minutes]
        slopes = {role: slope(hours, [row.get(role, nan) for row in rows]) for role in ROLES}
        print("   ".join(f"{role} {mib:+.2f}" for role, mib in slopes.items()), " MiB for each hour")
        print(f"growth {sum(slopes.values()):.2f} MiB for each hour of sound")


def clean(room: Room, path: Path) -> None:
    """Removes the noise of a recording and waits for the end."""
    asked = {"uploads": [room.upload(path)], "request": {"kind": "denoise"}}
    room.wait(room.ask("POST", "/api/sound/jobs", json=asked)["jobs"][0]["id"], every_s=1.0)


if __name__ == "__main__":
    main()

"""Measures what stays behind after loading, running and unloading a model again and again.

    python bench/load_cycles.py [--model tiny.en] [--cycles 50] [--models FOLDER] [--media FOLDER]

Each cycle loads the model, transcribes fourteen seconds of a made voice, and unloads. After each, what this program and
all its children hold for themselves (USS, Linux) is read from outside of them, by psutil. The first five cycles are
left out: by then everything that is ever loaded is loaded. The drift is the growth of a straight line through the rest
over all cycles, as a share of what is held while the model is loaded. It also prints how much of the model's memory was
back after each unload. Goals: drift under 1 %, all of it back.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from engines import catalog, device
from engines.requests import TranscribeItem
from engines.residency.residency import Residency
from engines.residency.rooms import Limits
from engines.store.store import Store
from workbench.machine.calibration_sound import made_voice

WARM_UP = 5


def main() -> None:
    """Prints a line every ten cycles, and the drift."""
    parser = options(__doc__)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--cycles", type=int, default=50)
    told = parser.parse_args()
    spec = catalog.by_name(told.model)
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name) / "store", [told.models], offline=True)
        store.fetch(spec)
        pcm = Path(name) / "voice.pcm"
        pcm.write_bytes(made_voice(14.0).tobytes())
        residency = Residency(store, device.look(), limits=Limits(tick_s=None))
        loaded, unloaded = [], []
        for number in range(told.cycles):
            with residency.lease(spec) as lease:
                lease.run([TranscribeItem(str(pcm), ((0.0, 14.0),), "en", word_timestamps=False)])
                loaded.append(family_mib())
            residency.clear() if number % 2 else residency.unload(spec.name)
            unloaded.append(family_mib())
            if number % 10 == 9:
                print(
                    f"cycle {number + 1:3}  loaded {loaded[-1]:7.1f} MiB  unloaded {unloaded[-1]:7.1f} MiB", flush=True
                )
        residency.close()
    counted = unloaded[WARM_UP:]
    slope = statistics.linear_regression(range(len(counted)), counted).slope
    drift = 100 * slope * len(counted) / statistics.mean(loaded[WARM_UP:])
    print(
        f"drift {drift:.3f} % of what is held while loaded, over {len(counted)} cycles ({slope * 1024:.1f} KiB a cycle)"
    )
    print(f"back after unloading {statistics.mean(loaded) - statistics.mean(unloaded):.1f} MiB of the model's process")


def family_mib() -> float:
    """Returns what this program and its children have for themselves."""
    me = psutil.Process()
    return sum(process.memory_full_info().uss for process in (me, *me.children(recursive=True))) / 2**20


if __name__ == "__main__":
    main()

"""The server's own part of a live session's delays: the whole server in one process, with an engine of fixed cost."""

from __future__ import annotations

import asyncio
import math
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn

from bench.live_client import speak, utterances
from bench.recordings import RATE
from engines.base import Memory, ModelSpec, Place, Report, Task
from engines.requests import TranscribeItem
from media.transcript import Segment
from media.vad import WINDOW

ROOT = Path(__file__).resolve().parent.parent
PACKET_S = 0.1
COST_S = 0.4
"""More than a pause leaves before it is recognised, so that the final is always waited for."""


class FixedEngine:
    """Says how much it heard, after a fixed time."""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Has nothing to load."""

    def run(self, batch: Sequence[TranscribeItem], report: Report) -> list[dict[str, Any]]:
        """Takes ``COST_S`` for each item that is to be final, and none for a draft."""
        results = []
        for index, item in enumerate(batch):
            time.sleep(0.0 if item.draft else COST_S)
            start, end = item.pieces[0][0], item.pieces[-1][1]
            line = Segment(start, end, f"{end - start:.2f} seconds", avg_logprob=-0.1)
            results.append({"language": "en", "language_probability": 1.0, "segments": [line.to_dict()]})
            report(index, results[-1])
        return results

    def close(self) -> None:
        """Has nothing to free."""


def own_share(folder: Path, sound: Any) -> None:
    """Prints what the server adds to the engine's time, at the median and the 95th percentile."""
    from api.app import create_api
    from engines import catalog as real_catalog
    from engines.catalog_writing import ANOTHER_SERVER
    from engines.device import Machine
    from engines.intake.intake import Intake
    from engines.residency.residency import Residency
    from workbench.core import Workbench
    from workbench.history.history import History
    from workbench.settings import Settings
    from workbench.texts import Texts

    spec = ModelSpec(
        name="fixed", task=Task.TRANSCRIBE, engine="bench.live_engine:FixedEngine", title="Fixed", licence="none",
        download_bytes=0, files=(), sources=(), memory={"int8": Memory(50, 10, 1)}, rank=1,
    )  # fmt: skip
    by_name = {"fixed": spec, ANOTHER_SERVER: real_catalog.by_name(ANOTHER_SERVER)}.__getitem__
    catalog: Any = SimpleNamespace(MODELS=(spec,), by_name=by_name, for_quality=lambda *_: spec)
    store: Any = SimpleNamespace(find=lambda spec: folder, available=lambda name: True)
    machine, texts = Machine(2, 8000, 8000), Texts(ROOT / "assets" / "texts")
    history = History(folder / "history.db", ROOT / "history.db-schema")
    room = Residency(store, machine)
    bench = Workbench(Settings(data=folder), history, room, Intake(), store, catalog, texts, machine=machine)
    bench.start()
    server = uvicorn.Server(uvicorn.Config(create_api(bench, texts), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        report = asyncio.run(speak(url, sound, {"language": "en"}))
    finally:
        server.should_exit = True
        thread.join()
        bench.close()
    said = utterances(sound, 0.6)
    # The final is asked for 9 windows before the pause is recognised, when the packet with that window comes.
    asked = [math.ceil(round((each.recognised - 9 * WINDOW / RATE) / PACKET_S, 6)) * PACKET_S for each in said]
    shares = [report.finals[n][0] - (at + COST_S) for n, at in enumerate(asked)]
    ordered = sorted(1000 * share for share in shares)
    print(f"own share  median {statistics.median(ordered):.1f} ms   95 % {ordered[int(0.95 * len(ordered))]:.1f} ms")

"""A server without screens that makes one video larger, or goes on with it, and tells what its runs went through."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def main(data: Path, video: Path) -> None:
    from engines import catalog
    from engines.device import Machine
    from engines.intake.intake import Intake
    from engines.requests_video import VideoRequest
    from engines.residency.residency import Residency
    from workbench.core import Workbench
    from workbench.history.history import History, HistoryFilter
    from workbench.settings import Settings
    from workbench.texts import Texts

    data.mkdir(parents=True, exist_ok=True)
    history = History(data / "history.db", ROOT / "history.db-schema")
    store: Any = SimpleNamespace(find=lambda spec: ROOT, available=lambda name: True)
    machine = Machine(2, 8000, 8000)
    bench = Workbench(
        Settings(data=data), history, Residency(store, machine), Intake(), store, catalog,
        Texts(ROOT / "assets" / "texts"), machine=machine,
    )  # fmt: skip
    bench.start()
    rows, _ = history.page(HistoryFilter(), None, 1)
    if not rows:
        upload = bench.receive(video.name, [video.read_bytes()], video.stat().st_size)
        bench.submit([upload.id], VideoRequest("quick"), "ann")
        rows, _ = history.page(HistoryFilter(), None, 1)
    job = rows[0].id
    n_told = -1
    while not bench.job(job).finished:
        done = finished(history, job)
        if len(done) != n_told:
            n_told = len(done)
            print(json.dumps({"done": done}), flush=True)
        time.sleep(0.01)
    view, artifact = bench.job(job), bench.artifacts.find(job, "result")
    told = {"status": view.status, "error": view.error, "done": finished(history, job)}
    print(json.dumps({**told, "result": str(artifact[1]) if artifact else None}), flush=True)
    bench.close()


def finished(history: Any, job: str) -> dict[int, float]:
    """When each run was finished, by its number."""
    return {chunk.number: chunk.finished_at for chunk in history.chunks(job) if chunk.status == "succeeded"}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""A server without screens: submits the files given, or goes on with the jobs of a folder, and prints how they end."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def main(data: Path, weights: str, files: list[Path]) -> None:
    from engines.requests import SpeakersRequest, TranscribeRequest
    from media.errors import WorkbenchError

    try:
        bench = compose(data, weights)
        bench.start()
    except WorkbenchError as error:
        print(json.dumps({"refused": error.code, "values": error.values}), flush=True)
        raise SystemExit(3) from None
    known = {view.source_name for view in bench.views(all_rows(bench))}
    for path in files:
        if path.name not in known:
            upload = bench.receive(path.name, [path.read_bytes()], path.stat().st_size)
            speakers = SpeakersRequest() if "speakers" in path.stem else None
            request = TranscribeRequest(quality="model:base" if weights else "slow", speakers=speakers)
            bench.submit([upload.id], request, owner=path.name[:1])
    print(json.dumps({"ready": True}), flush=True)
    while not all(row.ended for row in all_rows(bench)) or telling(bench):
        time.sleep(0.05)
    print(json.dumps({"ends": ends(bench)}), flush=True)
    bench.close()


def compose(data: Path, weights: str) -> Any:
    """The workbench of ``launch.py``, with a slow engine in place of a model unless ``weights`` is its folder."""
    from engines import catalog
    from engines.device import Machine
    from engines.intake.intake import Intake
    from engines.residency.residency import Residency
    from tests.faults import slow_engine, speakers_engine
    from workbench.core import Workbench
    from workbench.history.history import History
    from workbench.settings import Settings
    from workbench.texts import Texts

    data.mkdir(parents=True, exist_ok=True)
    history = History(data / "history.db", ROOT / "history.db-schema")
    slow, ears = slow_engine.spec(), speakers_engine.spec()
    models: Any = catalog
    if not weights:
        named = {"slow": slow, "ears": ears}
        models = SimpleNamespace(
            MODELS=(slow, ears),
            by_name=lambda name: named.get(name) or catalog.by_name(name),
            for_quality=lambda *_: slow,
        )
    store: Any = SimpleNamespace(find=lambda spec: Path(weights or "."), available=lambda name: True)
    machine = Machine(2, 8000, 8000)
    residency = Residency(store, machine)
    texts = Texts(ROOT / "assets" / "texts")
    return Workbench(Settings(data=data), history, residency, Intake(), store, models, texts, machine=machine)


def all_rows(bench: Any) -> list[Any]:
    from workbench.history.history import HistoryFilter

    rows, _ = bench.history.page(HistoryFilter(), None, 1000)
    return list(rows)


def telling(bench: Any) -> bool:
    """Whether speakers are still told apart, or are going to be."""
    views = bench.views([row for row in all_rows(bench) if row.request.get("speakers") is not None])
    return not all(view.speakers and view.speakers["status"] in ("succeeded", "failed") for view in views)


def ends(bench: Any) -> list[Any]:
    """How each job ended: name, status, error, and its lines; and who spoke when, where that was asked for."""
    found = []
    for row in all_rows(bench):
        lines = [[line.start, line.end, line.text] for line in bench.history.segments(row.id, -1, -1)]
        told = bench.speakers(row.id)["turns"]
        found.append([row.source_name, row.status, row.error_code, lines, *([told] if told else [])])
    return sorted(found)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(name) for name in sys.argv[3:]])

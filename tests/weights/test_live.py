from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.device import Machine
from engines.intake.intake import Intake
from engines.residency.residency import Residency
from tests.faults.conftest import mono_16k
from workbench.core import Workbench
from workbench.history.history import History
from workbench.live.live import Wanted
from workbench.settings import Settings
from workbench.texts import Texts

pytestmark = pytest.mark.weights
PACKET = 3_200
SAID = {
    "spk1_snt1.wav": "the child almost hurt the small dog",
    "spk1_snt3.wav": "at that high level the air is pure",
    "spk1_snt5.wav": "sunday is the best part of the week",
}


@pytest.fixture
def bench(models_folder: Path, tmp_path: Path, root: Path) -> Iterator[Workbench]:
    if not (models_folder / "base" / "model.bin").is_file():
        pytest.skip("Whisper base is not on disk")
    store: Any = SimpleNamespace(find=lambda spec: models_folder / "base", available=lambda name: name == "base")
    machine = Machine(2, 8000, 8000)
    history = History(tmp_path / "history.db", root / "history.db-schema")
    made = Workbench(
        Settings(data=tmp_path), history, Residency(store, machine), Intake(), store, catalog,
        Texts(root / "assets" / "texts"), machine=machine,
    )  # fmt: skip
    made.start()
    yield made
    made.close()


def plain(text: str) -> str:
    return " ".join("".join(sign for sign in text.lower() if sign.isalpha() or sign == " ").split())


def test_real_speech_is_understood_while_it_is_spoken(bench: Workbench, media_folder: Path) -> None:
    sound = b"".join(mono_16k(media_folder / "asr" / name) + bytes(32_000) for name in SAID)
    awake = threading.Event()
    wanted = Wanted("a-key-of-a-browser", {"quality": "model:base", "language": "en"}, "talk", "ann")
    link = bench.live.open(wanted, awake.set)
    told: list[dict[str, Any]] = []
    for number, at in enumerate(range(0, len(sound), PACKET)):
        link.feed(number, sound[at : at + PACKET])
        awake.wait(0.1)
        awake.clear()
        told += link.watch.take()
    link.stop(-(-len(sound) // PACKET))
    until = time.monotonic() + 120
    while not any(message["type"] == "ended" for message in told):
        awake.wait(0.1)
        awake.clear()
        told += link.watch.take()
        assert time.monotonic() < until
    finals = {m["line"]: m["text"] for m in told if m["type"] == "line" and m["state"] == "final"}
    assert [plain(finals[number]) for number in sorted(finals)] == list(SAID.values())
    shown = [m["firm"] + m["provisional"] for m in told if m["type"] == "line" and m["state"] == "open"]
    assert any(len(text.split()) >= 3 for text in shown)
    lines = bench.segments(link.session.job.id)["segments"]
    assert [plain(line["text"]) for line in lines] == list(SAID.values())
    assert all(line["words"] for line in lines)
    recorded = (bench.recording_folder(link.session.job.id) / "audio.pcm").read_bytes()
    assert np.array_equal(np.frombuffer(recorded, "<i2"), np.frombuffer(sound, "<i2"))

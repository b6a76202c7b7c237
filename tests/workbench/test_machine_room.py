"""What an administrator does with models and memory, on a workbench whose models are stand-ins."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engines import catalog
from engines.device import Gpu, Machine
from engines.errors import EngineError, OutOfMemory
from engines.places import Choice
from engines.residency.rooms import Freed
from workbench.errors import JobError, NotFound
from workbench.machine.calibration_plan import ITEM_S


def told(bench: Any, name: str = "base") -> dict[str, Any]:
    return next(model for model in bench.models() if model["name"] == name)


def wait_for(what: Callable[[], Any]) -> Any:
    until = time.monotonic() + 20
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return found


def test_a_model_says_where_its_figures_come_from_and_what_can_be_chosen(room: Any) -> None:
    model = told(room.bench())
    assert model["figures"]["source"] == "guess" and model["figures"]["load_s"] is None
    assert model["options"] == {"cpu": ["int8", "float32"]} or model["options"] == {"cpu": ("int8", "float32")}
    assert model["choice"] == {"device": None, "precision": None, "keep_alive_s": None, "pinned": False}
    assert (model["own"], model["disk_bytes"], model["calibration"], model["errand"]) == (True, 1000, None, None)


def test_a_licence_with_conditions_is_accepted_by_somebody_before_the_weights_are_fetched(room: Any) -> None:
    spec = replace(catalog.by_name("tiny"), terms="https://example.org/licence")
    room.catalog = SimpleNamespace(**{**vars(catalog), "MODELS": (*catalog.MODELS, spec), "by_name": _named(spec)})
    fetched: list[str] = []
    room.store.on_fetch = lambda wanted, report: fetched.append(wanted.name)
    bench = room.bench()
    with pytest.raises(JobError) as refused:
        bench.fetch_model("tiny")
    assert refused.value.code == "terms_open" and bench._terms.told(spec)["accepted"] is None
    with pytest.raises(JobError):
        bench.accept_terms("tiny", "  ")
    with pytest.raises(JobError):
        bench.accept_terms("base", "Anna Berg")
    bench.accept_terms("tiny", "Anna Berg")
    bench.fetch_model("tiny")
    wait_for(lambda: fetched == ["tiny"])
    accepted = bench._terms.told(spec)["accepted"]
    assert (accepted["who"], accepted["at"], accepted["link"]) == ("Anna Berg", 1_000_000.0, spec.terms)
    changed = replace(spec, licence="another")
    assert bench._terms.told(changed)["accepted"] is None


def _named(spec: Any) -> Callable[[str], Any]:
    return lambda name: spec if name == spec.name else catalog.by_name(name)


def test_a_model_is_measured_when_asked_and_its_figures_are_then_from_here(room: Any) -> None:
    bench = room.bench()
    bench.room.calibrate("base")
    model = wait_for(lambda: told(bench) if told(bench)["figures"]["source"] == "measured" else None)
    assert sorted(model["figures"]["speeds"]) == ["1", "2", "4"] and model["figures"]["sound"] == "made"
    sizes = [len(batch) for batch in room.residency.batches]
    assert sizes == [1, 1, 1, 2, 2, 4, 4]
    ends = {item.pieces[-1][1] for batch in room.residency.batches for item in batch}
    assert max(ends) == 4 * ITEM_S


def test_measuring_gives_way_to_work_and_begins_again_after_it(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    bench.room.calibrate("base")
    wait_for(lambda: room.residency.batches)
    [job] = room.submit(bench, fakes.recording(1))
    wait_for(lambda: any(batch[0].language is None for batch in room.residency.batches))
    room.residency.go.set()
    assert bench.wait(job.id, 20).status == "succeeded"
    bench._board.wake()
    wait_for(lambda: told(bench)["figures"]["source"] == "measured")


def test_measuring_can_be_stopped(room: Any) -> None:
    bench = room.bench()
    room.residency.go.clear()
    bench.room.calibrate("base")
    wait_for(lambda: room.residency.batches)
    bench.room.stop_calibrating("base")
    state = wait_for(lambda: (told(bench)["calibration"] or {}).get("state") == "ended" and told(bench)["calibration"])
    assert state["error"] is None and not state["gave_way"]
    assert told(bench)["figures"]["source"] == "guess"


def test_a_model_that_cannot_be_measured_says_why(room: Any) -> None:
    def starve(item: Any) -> dict[str, Any]:
        raise OutOfMemory(model="Whisper base")

    room.engine = starve
    bench = room.bench()
    bench.room.calibrate("base")
    error = wait_for(lambda: (told(bench)["calibration"] or {}).get("error"))
    assert error["code"] == "out_of_memory"


def test_a_model_is_loaded_from_the_screen_and_at_the_start_where_it_is_pinned(room: Any) -> None:
    bench = room.bench()
    bench.room.load("base")
    wait_for(lambda: room.residency.loaded == ["base"])
    bench.room.choose("base", Choice(pinned=True))
    assert room.residency.refreshed == ["base"]
    wait_for(lambda: len(room.residency.loaded) == 2)
    bench.close()
    again = room.bench()
    wait_for(lambda: room.residency.loaded == ["base"])
    assert told(again)["choice"]["pinned"]


def test_what_this_machine_cannot_have_is_refused(room: Any) -> None:
    bench = room.bench()
    for choice in (Choice("cuda:0"), Choice(precision="float16"), Choice("cpu", "bfloat16"), Choice(keep_alive_s=-1.0)):
        with pytest.raises(JobError, match="choice_unfit"):
            bench.room.choose("base", choice)
    with pytest.raises(NotFound):
        bench.room.choose("nothing", Choice())
    assert not told(bench)["choice"]["pinned"]


def test_checking_files_tells_how_far_it_is_and_what_is_damaged(room: Any) -> None:
    bench = room.bench()
    bench.room.verify("base")
    errand = wait_for(lambda: (told(bench)["errand"] or {}).get("done_at") and told(bench)["errand"])
    assert (errand["what"], errand["progress"], errand["error"]) == ("verify", 0.5, None)
    room.store.on_verify = EngineError("weights_damaged", model="Whisper base", folder="x")
    bench._board.ready_models.add("base")
    bench.room.verify("base")
    assert wait_for(lambda: (told(bench)["errand"] or {}).get("error"))["code"] == "weights_damaged"
    assert "base" not in bench._board.ready_models


def test_a_model_is_deleted_unless_somebody_needs_it(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    room.residency.go.clear()
    [job] = room.submit(bench, fakes.recording(1))
    with pytest.raises(JobError, match="model_in_use"):
        bench.room.delete("base")
    room.residency.go.set()
    bench.wait(job.id, 20)
    bench.room.delete("base")
    assert not told(bench)["installed"]
    with pytest.raises(JobError, match="model_missing"):
        bench.room.delete("base")


def test_a_model_in_a_folder_that_is_only_read_is_not_deleted(room: Any) -> None:
    bench = room.bench()
    room.store.installed = lambda: [SimpleNamespace(name="base", size_bytes=1, own=False)]
    with pytest.raises(JobError, match="model_not_ours"):
        bench.room.delete("base")
    assert "base" in room.store.there


def test_clearing_tells_what_was_in_use_before_and_after_and_who_stays(room: Any) -> None:
    free = [2000, 5000]
    card = lambda mib: Gpu(0, "Card", 8000, mib, 8.0)  # noqa: E731
    room.machine = Machine(2, 8000, 8000, (card(2000),))
    bench = room.bench()
    looks = iter([*free, free[-1], free[-1]])
    bench.room._base = _with(bench.room._base, look=lambda: Machine(2, 8000, 8000, (card(next(looks)),)))
    room.residency.clear = lambda interrupt=False: Freed(3000, 0, ("base",), ("small",))
    resident = {"state": "ready", "held_mib": 300}
    room.residency.status = lambda: [
        SimpleNamespace(name="base", title="Whisper base", **resident),
        SimpleNamespace(name="small", title="Whisper small", **resident),
    ]
    cleared = bench.room.clear()
    [main, gpu] = cleared["places"]
    assert main["device"] == "cpu" and main["before_mib"] > 0
    assert gpu == {"device": "cuda:0", "name": "Card", "before_mib": 6000, "after_mib": 3000}
    assert [(one["name"], one["why"]) for one in cleared["holders"]] == [("base", "busy"), ("small", "pinned")]


def test_the_profiles_are_of_this_machine_and_of_cards_of_usual_sizes(room: Any) -> None:
    profiles = room.bench().room.profiles()
    assert [one["device"] for one in profiles["here"]] == ["cpu"]
    assert [card["gb"] for card in profiles["cards"]] == [4, 6, 8, 12, 24]


def test_how_many_chunks_run_together_follows_from_what_was_learned(room: Any, fakes: SimpleNamespace) -> None:
    bench = room.bench()
    place = bench._models.places(bench._models.named("base"))[0]
    bench.room._measured.learn_limit(bench._models.named("base"), place, 2)
    [job] = room.submit(bench, fakes.recording(12), language="en")
    assert bench.wait(job.id, 30).status == "succeeded"
    assert max(len(batch) for batch in room.residency.batches) == 2


def test_closing_does_not_wait_for_a_measurement(room: Any) -> None:
    bench = room.bench()
    room.residency.go.clear()
    bench.room.calibrate("base")
    wait_for(lambda: room.residency.batches)
    closing = threading.Thread(target=bench.close)
    closing.start()
    closing.join(5)
    assert not closing.is_alive()


def _with(base: Any, **changed: Any) -> Any:
    from dataclasses import replace

    return replace(base, **changed)

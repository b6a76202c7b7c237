"""The answer to an office: what is chosen, what is said of each figure, and what the office may correct."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.device import Gpu, Machine
from workbench.errors import JobError
from workbench.history.history import History
from workbench.history.rows import NewJob
from workbench.machine.planner import Planner, in_a_process, question_of
from workbench.planning import cards, speeds
from workbench.planning.answer import Office, answer
from workbench.planning.cards import CARDS, Card
from workbench.planning.costs import cost_of, plan_check
from workbench.planning.demand import Question
from workbench.planning.machines import build
from workbench.planning.speeds import THIS_CPU, Own

TABLE = cards.table({})
NOTHING = Own({})
SMALL = Question(people=5, hours_a_day=2.0, length_min=10.0)


def office(*names: str, **more: Any) -> Office:
    return Office({name: TABLE[name] for name in names}, NOTHING, **more)


def test_the_cheapest_machine_that_keeps_up_is_proposed() -> None:
    found = answer(SMALL, office("cpu8", "rtx3060", "rtx3090", "rtx4090"))
    best = next(one for one in found["machines"] if one["id"] == found["best"])
    cheaper = [one for one in found["machines"] if one["cost"]["year"] < best["cost"]["year"]]
    assert best["meets"] and best["wait"]["p95_s"] <= 15 * 60
    assert not [one for one in cheaper if one["meets"]]
    assert best["wait"]["fast"]["p95_s"] <= best["wait"]["p95_s"] <= best["wait"]["slow"]["p95_s"]


def test_an_office_too_large_for_one_machine_is_told_how_many() -> None:
    found = answer(
        Question(people=300, hours_a_day=200.0, length_min=60.0, wait_min=60.0, quality="best"), office("rtx3060")
    )
    best = next(one for one in found["machines"] if one["id"] == found["best"])
    assert best["n"] > 1 and best["meets"]


def test_this_machine_comes_first_and_is_judged_too() -> None:
    this = Card(THIS_CPU, "CPU", 16, 40, 0.2, 60, 0, 0, "cpu", 2)
    found = answer(SMALL, Office({"rtx3060": TABLE["rtx3060"]}, Own({(THIS_CPU, "small"): 3.0}, None, 2), (this,)))
    assert found["machines"][0]["id"] == "this"
    assert found["machines"][0]["speed"]["kind"] == "measured"


def test_every_figure_says_where_it_is_from_and_keeps_its_order() -> None:
    wanted = Question(capabilities=("speakers", "clean", "restore", "writing", "video", "aloud"))
    for card in (card for card in TABLE.values() if card.runs != "none"):
        for speed in build([card], wanted, NOTHING, {}).speeds.values():
            assert speed.low <= speed.x <= speed.high, card
            assert speed.kind in ("measured", "published", "estimated") and speed.source


def test_a_gpu_that_was_measured_is_scaled_to_others_and_the_faster_is_faster() -> None:
    own = Own({("rtx3090", "turbo"): 100.0}, TABLE["rtx3090"], 16)
    same, better, poorer = (speeds.of_whisper("turbo", TABLE[name], own) for name in ("rtx3090", "rtx5090", "rtx3060"))
    assert (same.kind, same.x) == ("measured", 100.0)
    assert poorer.x < 100.0 < better.x and better.kind == "estimated" and better.source == "scaled_here"
    assert better.low < better.x < better.high


def test_a_processor_says_nothing_of_a_gpu() -> None:
    own = Own({(THIS_CPU, "turbo"): 1.0}, None, 2)
    told = speeds.of_whisper("turbo", TABLE["rtx4090"], own)
    assert (told.kind, told.source) == ("estimated", "scaled_published")
    assert told == speeds.of_whisper("turbo", TABLE["rtx4090"], NOTHING)


def test_published_figures_of_other_cards_lie_within_the_range() -> None:
    # Large-v3 and turbo one by one on an RTX 2080 Ti: 780 s of sound in 52.0 and 19.2 s; eight at once 3.7 times.
    card = Card("rtx2080ti", "RTX 2080 Ti 11 GB", 11, 616, 13.4, 250, 0, 0)
    for model, seconds in (("large-v3", 52.0), ("turbo", 19.2)):
        told = speeds.of_whisper(model, card, NOTHING)
        assert told.low < 780 / seconds * 3.7 < told.high, model


def test_models_that_fit_together_are_told_from_those_that_take_turns() -> None:
    wanted = Question(capabilities=("writing", "speakers"))
    small, large = (build([TABLE[name]], wanted, NOTHING, {}) for name in ("rtx3060", "rtx3090"))
    assert (small.fits, small.together) == (True, False)
    assert (large.fits, large.together) == (True, True)


def test_what_was_measured_here_goes_before_the_first_guess() -> None:
    guessed = build([TABLE["rtx3090"]], Question(), NOTHING, {}).holdings[0]
    measured = build([TABLE["rtx3090"]], Question(), NOTHING, {"turbo float16": 3.3}).holdings[0]
    assert (guessed.kind, measured.kind, measured.gb) == ("estimated", "measured", 3.3)


def test_every_need_that_the_plan_states_is_held_against_ours() -> None:
    needs = {one["name"]: one for one in answer(SMALL, office("rtx3060"))["needs"]}
    stated = {
        "whisper_base": 4.0, "whisper_large": 12.0, "speakers": 8.0, "restore": 6.0, "writing_16": 28.0,
        "video_one": 4.0, "video_4k": 6.0, "video_four": 8.0,
    }  # fmt: skip
    assert {name: needs[name]["plan_gb"] for name in stated} == stated
    assert all(needs[name]["gb"] < plan_gb for name, plan_gb in stated.items() if name != "writing_16")
    assert all(one["kind"] in ("measured", "published", "estimated") for one in needs.values())
    assert {needs[name]["kind"] for name in ("restore", "speakers", "video_one", "video_4k")} == {"measured"}
    assert needs["writing_4"]["gb"] < needs["writing_8"]["gb"] < needs["writing_16"]["gb"] < 30.0


def test_what_was_measured_here_goes_before_what_was_measured_elsewhere() -> None:
    found = answer(SMALL, office("rtx3060", known_gb={"campplus float32": 0.9}))
    speakers = next(one for one in found["needs"] if one["name"] == "speakers")
    assert (speakers["gb"], speakers["kind"]) == (0.9, "measured")


def test_what_follows_on_a_text_is_as_fast_as_this_machine_measured() -> None:
    wanted = Question(capabilities=("speakers", "clean", "restore", "writing", "video", "aloud"))
    names = ("campplus", "deepfilternet3", "voicefixer", "qwen2.5-coder-1.5b-gguf", "basicvsr-clean", "kokoro")
    own = Own({(THIS_CPU, name): 9.0 for name in names}, None, 2)
    this = Card(THIS_CPU, "CPU", 16, 40, 0.2, 60, 0, 0, "cpu", 2)
    here = build([this], wanted, own, {}).speeds
    assert all(here[name].kind == "measured" for name in wanted.capabilities)
    assert (here["speakers"].x, here["writing"].x, here["aloud"].x) == (9.0, 9.0 / 5.0, 2.0)
    assert here["video"].x == pytest.approx(9.0 * 100_000 / (320 * 180 * 25))
    other = build([TABLE["cpu8"]], wanted, own, {}).speeds
    assert all(other[name].source == "scaled_here" and other[name].x > here[name].x for name in wanted.capabilities)
    card = build([TABLE["rtx4090"]], wanted, own, {}).speeds
    assert (card["speakers"].source, card["clean"].source) == ("size", "scaled_here")


def test_the_users_running_cost_is_held_against_arithmetic() -> None:
    told = plan_check(0.8)
    assert told["kwh"] == pytest.approx(1533.0)
    assert told["usd_kwh"] == pytest.approx(0.261, abs=0.001)


def test_a_machine_that_works_more_costs_more_electricity_but_never_more_than_at_full_load() -> None:
    card = TABLE["h100"]
    machine = cards.Machine("h100", card.name, ("h100",))
    idle, busy, full = (cost_of(machine, [card], Question(days_a_year=365), hours).kwh for hours in (0.0, 8.0, 30.0))
    assert idle < busy < full <= (700 + 150) * 8760 / 1000


def test_the_table_has_the_cards_of_the_plan_with_its_figures() -> None:
    plan = {
        "RTX 3060": (12, None, None), "RTX 3090": (24, 936, None), "RTX 4090": (24, None, 82.6),
        "RTX 5080": (16, 960, None), "RTX 5090": (32, 1792, 105), "RTX 6000 Ada": (48, None, 91.1),
        "RTX Pro 6000 Blackwell": (96, None, 125), "L20": (48, None, None), "L40": (48, None, None),
        "L40S": (48, None, None), "A800": (80, None, 19.5), "H20": (96, None, None), "H100/H800": (80, 3350, 67),
        "H200": (141, 4800, None), "B200": (192, None, None), "A10G": (24, None, None), "Ascend 910B": (64, None, None),
    }  # fmt: skip
    for name, (memory_gb, bandwidth_gbs, tflops) in plan.items():
        [card] = [one for one in CARDS if one.name == f"{name} {memory_gb} GB"]
        assert bandwidth_gbs in (None, card.bandwidth_gbs), name
        assert tflops is None or card.tflops == pytest.approx(tflops, rel=0.01), name
    assert {"Apple M1", "Apple M2"} <= {card.name for card in CARDS} and any(
        card.id.startswith("cpu") for card in CARDS
    )
    prices = {one.name: (one.price_low, one.price_high) for one in cards.PAIRS}
    assert prices == {
        "RTX 5090 32 GB": (31000, 39000), "2 x RTX 5080": (30000, 34000), "RTX 5090 + RTX 5080": (40000, 44000),
        "2 x RTX 5090": (58000, 62000),
    }  # fmt: skip


def test_the_plans_price_of_a_machine_gives_way_to_the_offices_own() -> None:
    def price(own: dict[str, Any], offers: dict[str, Any]) -> tuple[str, float]:
        office_cards = cards.table(own)
        machine = next(one for one in cards.machines(office_cards, offers) if one.id == "2xrtx5090")
        [*both] = (office_cards[name] for name in machine.cards)
        return machine.price_of, cost_of(machine, both, Question(computer=9000.0), 1.0).buy_low

    assert price({}, {}) == ("plan", 58000)
    assert price({}, {"2xrtx5090": {"price_low": 50000, "price_high": 51000}}) == ("own", 50000)
    assert price({"rtx5090": {"price_low": 20000, "price_high": 20000}}, {}) == ("own", 49000)


def test_every_card_of_the_table_has_figures_and_those_this_version_cannot_use_are_not_proposed() -> None:
    assert all(card.memory_gb > 0 and card.bandwidth_gbs > 0 and card.watts > 0 for card in CARDS)
    assert "ascend910b" not in {machine.id for machine in cards.machines(TABLE)}
    assert {"2xrtx5080", "rtx5090+rtx5080", "2xrtx5090"} <= {machine.id for machine in cards.machines(TABLE)}


@pytest.mark.parametrize(
    ("told", "card"),
    [
        ("NVIDIA GeForce RTX 4090", "rtx4090"), ("NVIDIA RTX 6000 Ada Generation", "rtx6000ada"),
        ("NVIDIA H200", "h200"),
        ("NVIDIA L40S", "l40s"), ("NVIDIA L40", "l40"), ("NVIDIA H100 80GB HBM3", "h100"), ("NVIDIA H800", "h100"),
        ("NVIDIA GeForce RTX 3060", "rtx3060"), ("NVIDIA GeForce GTX 1060", None), ("Tesla T4", None),
        ("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "pro6000"), ("NVIDIA A10G", "a10g"),
    ],
)  # fmt: skip
def test_a_card_is_known_by_its_drivers_name(told: str, card: str | None) -> None:
    found = cards.known_name(told, TABLE)
    assert (found.id if found else None) == card


class Shown:
    """A planner over an empty history, whose question goes no further than this."""

    def __init__(self, folder: Path, root: Path, machine: Machine | None = None) -> None:
        self.history = History(folder / "history.db", root / "history.db-schema")
        self.asked: list[Any] = []
        look = machine or Machine(2, 16000, 9000)
        self.planner = Planner(self.history, folder, lambda: look, self._ask, clock=self.history.clock)

    def _ask(self, told: Any) -> dict[str, Any]:
        self.asked.append(told)
        return {"best": None}


@pytest.fixture
def shown(tmp_path: Path, root: Path) -> Any:
    made = Shown(tmp_path, root)
    yield made
    made.history.close()


def test_the_offices_own_figures_are_kept_and_can_be_taken_back(shown: Shown) -> None:
    shown.planner.correct("rtx4090", {"price_low": 12000, "price_high": 13000})
    shown.planner.correct("rtx4090", {"watts": 400})
    told = shown.planner.told()
    card = next(one for one in told["cards"] if one["id"] == "rtx4090")
    assert (card["price_low"], card["watts"], card["published"]["watts"]) == (12000, 400, 450)
    assert told["corrected"] == ["rtx4090"]
    shown.planner.restore("rtx4090")
    assert shown.planner.told()["corrected"] == []


def test_the_price_of_a_whole_machine_is_kept_and_its_ends_stay_in_order(shown: Shown) -> None:
    shown.planner.offer("2xrtx5080", {"price_low": 36000})
    [told] = [one for one in shown.planner.told()["machines"] if one["id"] == "2xrtx5080"]
    assert (told["price_low"], told["price_high"], told["price_of"], told["corrected"]) == (36000, 36000, "own", True)
    shown.planner.answer({})
    assert shown.asked[0]["offers"] == {"2xrtx5080": {"price_low": 36000, "price_high": 36000}}
    shown.planner.take_back("2xrtx5080")
    assert not any(one["corrected"] for one in shown.planner.told()["machines"])
    shown.planner.correct("rtx3090", {"price_high": 4000})
    card = next(one for one in shown.planner.told()["cards"] if one["id"] == "rtx3090")
    assert (card["price_low"], card["price_high"]) == (4000, 4000)
    with pytest.raises(JobError, match="planner_card_unknown"):
        shown.planner.offer("rtx3060", {"price_low": 1})
    with pytest.raises(JobError, match="planner_unfit"):
        shown.planner.offer("2xrtx5080", {"watts": 1})


@pytest.mark.parametrize("change", [{"watts": -1}, {"tflops": "many"}, {"name": "x"}, {"price_low": float("inf")}])
def test_impossible_figures_are_refused(shown: Shown, change: dict[str, Any]) -> None:
    with pytest.raises(JobError, match="planner_unfit"):
        shown.planner.correct("rtx4090", change)
    with pytest.raises(JobError, match="planner_card_unknown"):
        shown.planner.correct("rtx9999", {"watts": 1})


def test_impossible_questions_are_refused() -> None:
    for asked in ({"people": 0}, {"x": 1}, {"capabilities": "all"}, {"capabilities": ["magic"]}, {"quality": 3}):
        with pytest.raises(JobError, match="planner_unfit"):
            question_of(asked)
    assert question_of({"people": 3.0, "capabilities": ["speakers"]}).people == 3


def test_the_question_is_remembered_and_this_machine_told_of(shown: Shown) -> None:
    shown.history.learn_speed("base", "cpu", "int8", 9.0)
    shown.planner.answer({"people": 7, "hours_a_day": 3})
    [asked] = shown.asked
    assert asked["own"] == {"measured": [(THIS_CPU, "base", 9.0)], "card": None, "cores": 2}
    assert asked["this"][0]["runs"] == "cpu"
    assert shown.planner.told()["question"]["people"] == 7


def test_a_known_gpu_is_this_machine(tmp_path: Path, root: Path) -> None:
    machine = Machine(16, 64000, 60000, (Gpu(0, "NVIDIA GeForce RTX 4090", 24000, 23000, 8.9),))
    made = Shown(tmp_path, root, machine)
    made.history.learn_speed("turbo", "cuda:0", "float16", 150.0)
    told = made.planner.told()
    made.history.close()
    assert told["this"] == ["RTX 4090 24 GB"]
    assert told["measured"] == [["rtx4090", "turbo", 150.0]]


def test_the_offices_own_past_is_replayed_without_names(shown: Shown) -> None:
    with pytest.raises(JobError, match="planner_no_past"):
        shown.planner.answer({}, replay=True)
    job = NewJob(
        id="0", task="automatic-speech-recognition", title="t", source_name="", input_sha256="ab" * 32,
        owner="10.0.0.7", lane="interactive", request={}, model="base", fingerprint="f",
    )  # fmt: skip
    shown.history.add_input("ab" * 32, 10)
    shown.history.add_jobs([replace(job, id=str(n), fingerprint=str(n)) for n in range(12)])
    for number in range(12):
        shown.history.finish_cut(str(number), 600.0, "audio")
    assert shown.planner.told()["n_past"] == 12
    shown.planner.answer({}, replay=True)
    past = shown.asked[-1]["past"]
    assert len(past) == 12 and past[0][1:] == [600.0, "person 0", "interactive"]


def test_a_question_is_answered_in_a_process_of_its_own(tmp_path: Path, root: Path) -> None:
    made = Shown(tmp_path, root)
    planner = Planner(made.history, tmp_path, lambda: Machine(2, 16000, 9000), in_a_process)
    told = planner.answer({"people": 2, "hours_a_day": 1, "length_min": 5})
    made.history.close()
    assert told["machines"][0]["id"] == "this"
    assert told["best"]

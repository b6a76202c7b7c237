"""The queue in simulated time does what the program's own rules say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.planning.demand import Arrival, Question, Unfit, arrivals, busiest_hour
from workbench.planning.machines import quantile
from workbench.planning.scene import Model, Setting, cut
from workbench.planning.simulation import Simulation
from workbench.planning.speeds import CHUNK_S, Cost
from workbench.running import lanes

RULES = lanes.Rules()


def setting(x: float = 10.0, **more: object) -> Setting:
    model = Model("text", Cost(x, RULES.size, 0.03, load_s=4.0), 1000)
    made = Setting({"text": model}, "text", {"cpu": 4000}, RULES, 1, counted_from=0.0, decides_language=False)
    return replace(made, **more)  # type: ignore[arg-type]


def test_one_recording_takes_its_speech_at_the_speed_of_the_model() -> None:
    seen = Simulation(setting(10.0, speech=0.8), [Arrival(0.0, 1800.0, "ann")]).run()
    [waited] = seen.waits
    assert waited == pytest.approx(1800 * 0.8 / 10.0, rel=0.1)
    assert seen.first[0] < 12.0 < waited
    assert (seen.n_loads, seen.unfinished) == (1, 0)


def test_twice_the_speed_is_nearly_half_the_waiting() -> None:
    some = [Arrival(20.0 * n, 300.0, f"person {n % 3}") for n in range(20)]
    slow, fast = (Simulation(setting(x), some).run().waits for x in (5.0, 10.0))
    assert 1.8 < sum(slow) / sum(fast) < 4.0


def test_the_long_recording_of_one_does_not_hold_up_the_short_one_of_another() -> None:
    both = [Arrival(0.0, 7200.0, "ann"), Arrival(30.0, 120.0, "ben")]
    waits = sorted(Simulation(setting(10.0), both).run().waits)
    assert waits[0] < 60.0 < waits[1]


def test_batch_work_waits_behind_what_somebody_waits_for() -> None:
    both = [Arrival(0.0, 1200.0, "ann", "batch"), Arrival(1.0, 1200.0, "ben", "interactive")]
    seen = Simulation(setting(10.0), both).run()
    assert min(seen.waits) < 0.75 * max(seen.waits)


def test_the_same_question_gives_the_same_answer() -> None:
    question = Question(people=10, hours_a_day=30.0)
    assert arrivals(question, 4) == arrivals(question, 4) != arrivals(question, 5)
    one, other = (Simulation(setting(20.0), arrivals(question, 4)).run().waits for _ in range(2))
    assert one == other


def test_what_the_machine_cannot_carry_is_said_and_not_simulated_for_ever() -> None:
    many = [Arrival(float(n), 3600.0, f"person {n}") for n in range(8)]
    assert Simulation(setting(1.0, give_up_s=600.0), many).run().unfinished > 0


def test_models_that_do_not_fit_together_take_turns_and_pay_for_loading() -> None:
    more = Model("writing", Cost(50.0, RULES.size, 0.03, load_s=30.0), 3500)
    base = setting(10.0)
    both = replace(base, models={**base.models, "writing": more}, follow={"writing": 0.1})
    some = [Arrival(100.0 * n, 200.0, "ann") for n in range(4)]
    tight = Simulation(both, some).run()
    roomy = Simulation(replace(both, budgets_mib={"cpu": 8000}), some).run()
    assert (roomy.n_loads, len(roomy.whole)) == (2, 4)
    assert tight.n_loads > 4
    assert sum(tight.whole) > sum(roomy.whole)


def test_what_people_say_comes_before_recordings_and_slows_them() -> None:
    some = [Arrival(0.0, 3600.0, "ann")]
    calm = Simulation(setting(40.0, live_until=600.0), some).run()
    spoken = Simulation(setting(40.0, live_until=600.0, n_live=2), some).run()
    assert spoken.lags and quantile(spoken.lags, 0.5) < 3.0  # type: ignore[operator]
    assert spoken.waits[0] > calm.waits[0]


@given(st.floats(5.0, 20_000.0), st.floats(0.1, 1.0))
def test_a_recording_is_cut_without_gaps_and_keeps_its_speech(length_s: float, speech: float) -> None:
    places = cut(length_s, speech)
    assert places[0].start == 0.0 and places[-1].end <= length_s + 1e-6
    for before, after in zip(places, places[1:], strict=False):
        assert after.start == before.end
    assert all(place.sound_s <= CHUNK_S + 1e-6 for place in places if len(places) > 1)
    if length_s > 60:
        assert sum(place.sound_s for place in places) == pytest.approx(length_s * speech, rel=0.1)


def test_a_short_batch_costs_less_than_a_full_one_but_more_than_its_share() -> None:
    cost = Cost(40.0, 16, 0.24)
    full = cost.seconds([CHUNK_S] * 16)
    assert full == pytest.approx(16 * CHUNK_S / 40.0)
    assert full / 16 < cost.seconds([CHUNK_S]) < full
    assert cost.seconds([3.0]) < cost.seconds([CHUNK_S])


def test_the_busiest_hour_of_the_past_is_replayed_with_the_hour_before() -> None:
    start = 1_800_000_000.0
    past = [Arrival(start + 86400 * day, 600.0, "ann", "interactive") for day in range(5)]
    past += [Arrival(start + 86400 * 9 + 300 * n, 1800.0, "ben", "batch") for n in range(12)]
    found = busiest_hour(past)
    assert len(found) == 12
    assert 3600.0 <= found[0].at <= found[-1].at == 7200.0
    assert {arrival.lane for arrival in found} == {"batch"}
    assert busiest_hour([]) == []


@pytest.mark.parametrize(
    ("field", "value"), [("people", 0), ("hours_a_day", float("nan")), ("quality", "superb"), ("wait_min", True)]
)
def test_impossible_questions_name_their_field(field: str, value: object) -> None:
    with pytest.raises(Unfit, match=field):
        replace(Question(), **{field: value}).checked()  # type: ignore[arg-type]

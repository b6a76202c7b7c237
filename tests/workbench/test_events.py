from __future__ import annotations

import asyncio
import threading

from workbench.events import Events


def test_changes_are_gathered_until_somebody_looks() -> None:
    events = Events()
    with events.subscribe(["a", "b"]) as changes:
        events.publish("a")
        events.publish("a", "b", "c")
        assert changes.take() == {"a", "b"}
        assert changes.take() == set()


def test_a_subscription_to_all_hears_of_every_job() -> None:
    events = Events()
    with events.subscribe() as changes:
        events.publish("x")
        assert changes.wait(0) == {"x"}


def test_a_waiting_thread_is_woken_by_a_change_and_by_the_end() -> None:
    events = Events()
    changes = events.subscribe(["a"])
    found: list[set[str]] = []
    thread = threading.Thread(target=lambda: found.append(changes.wait()))
    thread.start()
    events.publish("a")
    thread.join(10)
    other = threading.Thread(target=lambda: found.append(changes.wait()))
    other.start()
    changes.close()
    other.join(10)
    assert found == [{"a"}, set()]


def test_a_closed_subscription_hears_nothing_and_is_forgotten() -> None:
    events = Events()
    changes = events.subscribe(["a"])
    changes.close()
    events.publish("a")
    assert changes.take() == set() and events._by_job == {}


def test_an_event_loop_is_woken_once_for_many_changes() -> None:
    events = Events()

    async def listen() -> tuple[set[str], int]:
        loop, ready, n_wakes = asyncio.get_running_loop(), asyncio.Event(), [0]

        def wake() -> None:
            n_wakes[0] += 1
            loop.call_soon_threadsafe(ready.set)

        with events.subscribe(["a", "b"], wake) as changes:
            await asyncio.to_thread(lambda: [events.publish(name) for name in "abab"])
            await asyncio.wait_for(ready.wait(), 10)
            return changes.take(), n_wakes[0]

    assert asyncio.run(listen()) == ({"a", "b"}, 1)

"""Fetches that meet: two callers, two processes, a kill, and sources that answer now and then."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engines.errors import Stopped, WeightsMissing
from engines.store.store import FetchProgress
from tests.engines.store_server import Page, serving
from tests.engines.store_toys import (
    STORED,
    is_whole,
    packed_toy,
    put_toy_on_hub,
    store_at,
    toy,
    tried,
)


@pytest.fixture
def web():
    with serving() as fake:
        put_toy_on_hub(fake)
        yield fake


def test_two_callers_share_one_fetch(tmp_path, web) -> None:
    page = web.pages[STORED]
    page.hold, page.hold_at = threading.Event(), 1_000_000
    store = store_at(tmp_path, web.url, toy())
    both_see = threading.Barrier(3, timeout=20)
    folders: list[Path] = []

    def fetch() -> None:
        waited: list[bool] = []

        def report(progress: FetchProgress) -> None:
            if not waited:
                waited.append(True)
                both_see.wait()

        folders.append(store.fetch(toy(), report))

    threads = [threading.Thread(target=fetch) for _ in range(2)]
    for thread in threads:
        thread.start()
    both_see.wait()
    page.hold.set()
    for thread in threads:
        thread.join()
    assert folders == [tmp_path / "models" / "toy"] * 2
    assert len(web.gets(STORED)) == 1


def test_when_one_of_two_callers_stops_the_other_gets_the_model(tmp_path, web) -> None:
    page = web.pages[STORED]
    page.hold, page.hold_at = threading.Event(), 1_000_000
    store = store_at(tmp_path, web.url, toy())
    started = threading.Event()
    folders: list[Path] = []
    other = threading.Thread(target=lambda: folders.append(store.fetch(toy(), lambda progress: started.set())))
    other.start()
    assert started.wait(20)
    with pytest.raises(Stopped):
        store.fetch(toy(), should_stop=lambda: True)
    page.hold.set()
    other.join()
    assert folders == [tmp_path / "models" / "toy"] and len(web.gets(STORED)) == 1


def test_a_killed_fetch_leaves_no_half_model_and_the_next_one_goes_on(tmp_path, web) -> None:
    web.pages[STORED].hold = threading.Event()
    web.pages[STORED].hold_at = 2_000_000
    script = (
        "import sys; from pathlib import Path; from tests.engines.store_toys import store_at, toy\n"
        "def tell(p):\n"
        "    if p.done_bytes > 1_500_000: print('under way', flush=True)\n"
        "store_at(Path(sys.argv[1]), sys.argv[2], toy()).fetch(toy(), tell)"
    )
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), web.url], cwd=root, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline()
        child.send_signal(signal.SIGKILL)
    web.pages[STORED].hold.set()
    store = store_at(tmp_path, web.url, toy())
    assert store.find(toy()) is None
    assert not (tmp_path / "models" / "toy").exists()
    assert is_whole(store.fetch(toy()))
    assert (web.gets(STORED)[-1].range or "").startswith("bytes=")


def test_offline_asks_nothing_and_says_so(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy(), offline=True)
    with pytest.raises(WeightsMissing) as caught:
        store.fetch(toy())
    assert caught.value.code == "weights_offline" and web.asked == []
    assert not store.available("toy") and not store.reachable().hub


def test_with_no_network_the_error_names_each_place_and_why(tmp_path) -> None:
    dead = "http://127.0.0.1:9"
    store = store_at(tmp_path, dead, packed_toy())
    assert tried(store, packed_toy()) == "127.0.0.1:9 (no answer)"
    assert not store.available("toy")


def test_a_model_that_just_failed_is_not_available_until_a_while_has_passed(tmp_path, web) -> None:
    now = [0.0]
    web.pages[STORED].body = b"other"
    store = store_at(tmp_path, web.url, toy(), clock=lambda: now[0])
    assert store.available("toy")
    tried(store)
    assert not store.available("toy")
    now[0] += 121
    assert store.available("toy")


def test_what_answers_is_remembered_and_asked_again_beside_the_work(tmp_path, web) -> None:
    now = [0.0]
    store = store_at(tmp_path, web.url, toy(), clock=lambda: now[0], index="http://127.0.0.1:9/simple")
    assert store.reachable().hub and not store.reachable().index
    assert store.reachable().why == ("127.0.0.1:9 (no answer)",)
    n_asked = len(web.asked)
    store.reachable()
    assert len(web.asked) == n_asked
    again = Page(hold=threading.Event(), status=403)
    web.pages["/Systran/faster-whisper-base/resolve/main/config.json"] = again
    now[0] += 61
    assert store.reachable().hub, "the older answer stands while a new one is on its way"
    again.hold.set()
    for thread in threading.enumerate():
        if thread.name.startswith("probe"):
            thread.join()
    assert not store.reachable().hub


def test_a_fetch_asks_again_where_a_choice_would_rely_on_an_older_failure(tmp_path, web) -> None:
    now = [0.0]
    probe = web.put("/Systran/faster-whisper-base/resolve/main/config.json", b"", status=403)
    store = store_at(tmp_path, web.url, toy(), clock=lambda: now[0])
    assert not store.available("toy")
    probe.status = 200
    now[0] += 6
    assert is_whole(store.fetch(toy()))


def test_a_second_process_waits_for_the_first_and_takes_what_it_brought(tmp_path, web) -> None:
    page = web.pages[STORED]
    page.hold, page.hold_at = threading.Event(), 1_000_000
    # Two stores on one folder lock each other out exactly as two processes do.
    started = threading.Event()
    folders: list[Path] = []
    first = threading.Thread(
        target=lambda: folders.append(store_at(tmp_path, web.url, toy()).fetch(toy(), lambda told: started.set()))
    )
    first.start()
    assert started.wait(20)
    second = threading.Thread(target=lambda: folders.append(store_at(tmp_path, web.url, toy()).fetch(toy())))
    second.start()
    page.hold.set()
    first.join()
    second.join()
    assert folders == [tmp_path / "models" / "toy"] * 2 and len(web.gets(STORED)) == 1

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.faults.server_process import Servers

pytestmark = pytest.mark.faults
LONGEST_S = 40.0


def kill_loop(servers: Any, data: Path, files: list[Path], weights: str, dice: random.Random, hits: list[str]) -> Any:
    """Kills the ``hits``, servers and children, at random times and in random order, then lets the rest be done."""
    dice.shuffle(hits)
    until = time.monotonic() + LONGEST_S
    server = servers.start(data, files, weights)
    assert server.told() == {"ready": True}
    for hit in hits:
        time.sleep(dice.uniform(0.1, 1.0))
        if server.process.poll() is not None or time.monotonic() > until:
            break
        if hit == "child":
            kill_child(server, dice)
            continue
        server.kill()
        server = servers.start(data, files, weights)
        assert server.told() == {"ready": True}
    ends = server.told()["ends"]
    assert server.process.wait(30) == 0
    return ends


def kill_child(server: Any, dice: random.Random) -> None:
    """Kills an engine or a decoder, if there is one just now."""
    children = server.children()
    if children:
        with contextlib.suppress(psutil.Error):
            dice.choice(children).kill()


@pytest.fixture(scope="module")
def expected(recordings: list[Path], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """How the jobs end when nobody kills anything."""
    servers = Servers()
    try:
        return servers.undisturbed(tmp_path_factory.mktemp("calm"), recordings)
    finally:
        servers.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_killed_every_job_ends_once_and_as_if_nothing_had_been(
    servers: Any, recordings: list[Path], expected: list[Any], tmp_path: Path, seed: int
) -> None:
    assert all(status == "succeeded" and lines for _, status, _, lines in expected)
    hits = ["server"] * 4 + ["child"] * 3
    assert kill_loop(servers, tmp_path / "wild", recordings, "", random.Random(seed), hits) == expected


def test_telling_speakers_apart_goes_on_after_a_kill_in_the_middle_of_it(
    servers: Any, recordings: list[Path], tmp_path: Path
) -> None:
    meeting = tmp_path / "meeting with speakers.wav"
    shutil.copyfile(recordings[0], meeting)
    (calm,) = servers.undisturbed(tmp_path / "calm", [meeting])
    assert calm[1] == "succeeded" and {who for _, _, who in calm[4]} == {"1", "2"}
    server = servers.start(tmp_path / "wild", [meeting])
    assert server.told() == {"ready": True}
    for least in (1, 3):
        heard = heard_at_least(tmp_path / "wild", least, server)
        server.kill()
        assert heard <= minutes_heard(tmp_path / "wild")
        server = servers.start(tmp_path / "wild", [meeting])
        assert server.told() == {"ready": True}
    assert server.told()["ends"] == [calm]


def heard_at_least(data: Path, n: int, server: Any) -> int:
    """Waits until so many minutes are heard; returns how many are."""
    until = time.monotonic() + LONGEST_S
    while minutes_heard(data) < n:
        assert time.monotonic() < until and server.process.poll() is None
        time.sleep(0.02)
    return minutes_heard(data)


def minutes_heard(data: Path) -> int:
    """How many minutes of the job that tells speakers apart are done, by the file that it would be resumed from."""
    with closing(sqlite3.connect(f"file:{data / 'history.db'}?mode=ro", uri=True, timeout=10)) as db:
        asked = "SELECT count(*) FROM chunks JOIN jobs ON jobs.id = job_id WHERE parent_id IS NOT NULL"
        return int(db.execute(asked + " AND chunks.status = 'succeeded'").fetchone()[0])


@pytest.mark.weights
def test_a_real_model_gives_the_same_text_after_kills(
    servers: Any, media_folder: Path, base_weights: Path, tmp_path: Path
) -> None:
    files = [media_folder / "asr" / name for name in ("jfk.flac", "librispeech-1995-1837-0001.wav", "spk1_snt1.wav")]
    expected = servers.undisturbed(tmp_path / "calm", files, str(base_weights))
    assert "country" in str(expected)
    hits = ["server"] * 3 + ["child"] * 2
    ends = kill_loop(servers, tmp_path / "wild", files, str(base_weights), random.Random(5), hits)
    assert [(name, status, [line[2] for line in lines]) for name, status, _, lines in ends] == [
        (name, status, [line[2] for line in lines]) for name, status, _, lines in expected
    ]


def test_two_servers_on_one_folder_give_one_clear_message(servers: Any, recordings: list[Path], tmp_path: Path) -> None:
    first = servers.start(tmp_path, recordings[:1])
    assert first.told() == {"ready": True}
    second = servers.start(tmp_path, recordings[:1])
    told = second.told()
    assert told["refused"] == "data_in_use" and told["values"]["pid"] == str(first.process.pid)
    assert second.process.wait(30) == 3
    assert first.told()["ends"][0][1] == "succeeded"


def test_a_server_that_was_killed_leaves_its_folder_free(servers: Any, recordings: list[Path], tmp_path: Path) -> None:
    first = servers.start(tmp_path, recordings[:1])
    first.told()
    first.kill()
    second = servers.start(tmp_path, recordings[:1])
    assert second.told() == {"ready": True} and second.told()["ends"][0][1] == "succeeded"


def test_a_recording_that_is_gone_after_the_kill_is_a_plain_error(
    servers: Any, recordings: list[Path], tmp_path: Path
) -> None:
    first = servers.start(tmp_path, recordings[:2])
    first.told()
    first.kill()
    shutil.rmtree(tmp_path / "inputs")
    second = servers.start(tmp_path, [])
    second.told()
    assert {(status, code) for _, status, code, _ in second.told()["ends"]} <= {
        ("failed", "input_missing"),
        ("succeeded", None),
    }

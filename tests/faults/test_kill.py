from __future__ import annotations

import contextlib
import random
import shutil
import time
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

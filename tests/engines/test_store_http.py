"""Transfers: what the network and the disk do to them, and what a person is told."""

from __future__ import annotations

import errno
import socket
import ssl
import urllib.error
from pathlib import Path

import pytest

from engines.errors import EngineError
from engines.store.checksum import Checksum
from engines.store.failure import SourceFailed, is_no_room, of_web
from engines.store.http import Patience, Transfer, Trust, Web, download, place_of
from engines.store.hub import hubs
from tests.engines.store_server import serving

BODY = bytes(range(256)) * 4000


def transfer(url: str, part: Path, size: int | None = None) -> Transfer:
    return Transfer(url, part, size, lambda done, whole: None, lambda: False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_with_the_room_that_is_left() -> None:
    with serving() as web:
        web.put("/file", BODY)
        with pytest.raises(EngineError) as caught:
            download(Web(), transfer(f"{web.url}/file", Path("/dev/full")))
    assert caught.value.code == "disk_full" and caught.value.status == 507
    assert isinstance(caught.value.values["free_mib"], int)


def test_a_file_larger_than_the_disk_is_refused_before_it_is_fetched(tmp_path) -> None:
    class Huge(Web):
        def get(self, url, headers=None, timeout_s=None):
            response = super().get(url, headers, timeout_s)
            response.headers.replace_header("Content-Length", str(1 << 60))
            return response

    with serving() as web:
        web.put("/file", BODY)
        with pytest.raises(EngineError) as caught:
            download(Huge(), transfer(f"{web.url}/file", tmp_path / "part"))
    assert caught.value.code == "disk_full" and not (tmp_path / "part").exists()


def test_a_quota_counts_as_a_full_disk() -> None:
    assert is_no_room(OSError(errno.EDQUOT, "quota")) and not is_no_room(OSError(errno.EACCES, "no"))


def test_a_server_that_keeps_breaking_off_is_given_up_but_what_came_is_kept(tmp_path) -> None:
    part = tmp_path / "part"
    with serving() as web:
        web.put("/file", BODY, breaks_at=[1000, 0, 0, 0, 0])
        with pytest.raises(SourceFailed, match="broke off"):
            download(Web(Patience(5, 3, 0)), transfer(f"{web.url}/file", part, len(BODY)))
        assert part.stat().st_size == 1000
        web.pages["/file"].breaks_at = []
        download(Web(Patience(5, 3, 0)), transfer(f"{web.url}/file", part, len(BODY)))
    assert part.read_bytes() == BODY


def test_a_busy_server_is_asked_again_and_a_refusing_one_is_not(tmp_path) -> None:
    with serving() as web:
        for status, times in ((503, 3), (403, 1)):
            web.put(f"/{status}", b"", status=status)
            with pytest.raises(SourceFailed):
                download(Web(Patience(5, 3, 0)), transfer(f"{web.url}/{status}", tmp_path / "part"))
            assert len(web.gets(f"/{status}")) == times


def test_a_part_that_is_longer_than_the_file_is_thrown_away(tmp_path) -> None:
    part = tmp_path / "part"
    part.write_bytes(BODY + b"more")
    with serving() as web:
        web.put("/file", BODY)
        download(Web(), transfer(f"{web.url}/file", part, len(BODY)))
        part.write_bytes(BODY + b"more")
        download(Web(Patience(5, 3, 0)), transfer(f"{web.url}/file", part, None))
    assert part.read_bytes() == BODY


def test_a_finished_part_is_not_asked_for_again(tmp_path) -> None:
    (tmp_path / "part").write_bytes(BODY)
    download(Web(), transfer("http://127.0.0.1:9/file", tmp_path / "part", len(BODY)))


def test_only_web_addresses_are_opened(tmp_path) -> None:
    with pytest.raises(SourceFailed):
        Web().get(Path(__file__).as_uri())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (urllib.error.URLError(socket.gaierror(-2, "unknown")), "name not known"),
        (urllib.error.URLError(TimeoutError()), "timed out"),
        (urllib.error.URLError(ConnectionRefusedError()), "no answer"),
        (urllib.error.URLError(ssl.SSLCertVerificationError("self-signed")), "certificate not trusted"),
        (ConnectionResetError(), "no answer"),
    ],
)
def test_every_failure_of_the_network_becomes_a_few_words(error, reason) -> None:
    assert str(of_web("hub.example", error)) == f"hub.example ({reason})"


def test_a_place_never_shows_a_password() -> None:
    assert place_of("https://me:secret@mirror.example:8443/simple") == "mirror.example:8443"


def test_a_named_certificate_that_is_not_there_does_not_stop_the_store() -> None:
    with serving() as web:
        web.put("/file", BODY)
        assert Web(trust=Trust(cafile="/nowhere.pem")).read(f"{web.url}/file")[0] == BODY


def test_checksums_are_told_apart_by_their_length() -> None:
    assert Checksum.of_etag('"' + "a" * 64 + '"') == Checksum("sha256", "a" * 64)
    assert Checksum.of_etag('W/"' + "b" * 40 + '"') == Checksum("git", "b" * 40)
    assert Checksum.of_etag('"1234-abcd"') is None and Checksum.of_etag(None) is None


def test_a_mirror_stands_for_every_hub_and_may_be_of_either_kind() -> None:
    assert [hub.kind for hub in hubs(None, {})] == ["huggingface", "modelscope"]
    assert hubs(None, {"HF_ENDPOINT": "https://mirror.example/"})[0].endpoint == "https://mirror.example"
    both = hubs("https://hf.example/hub/, modelscope:ms.example", {"HF_ENDPOINT": "https://other.example"})
    assert [(hub.kind, hub.endpoint) for hub in both] == [
        ("huggingface", "https://hf.example/hub"),
        ("modelscope", "https://ms.example"),
    ]

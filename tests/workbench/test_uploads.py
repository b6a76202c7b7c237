from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import NotFound, UploadError
from workbench.uploads import DISK_RESERVE_BYTES, TICKET_AGE_S, Uploads, display_name, title_of


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    made = Uploads(tmp_path)
    made.start()
    return made


def leftovers(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "incoming").iterdir()]


def test_a_stream_arrives_whole_under_its_hash(uploads: Uploads) -> None:
    upload = uploads.receive("talk.wav", [b"ab", b"", b"cd"], 4)
    assert upload.sha256 == hashlib.sha256(b"abcd").hexdigest()
    assert uploads.source(upload.sha256).read_bytes() == b"abcd"
    assert uploads.find(upload.id) == upload


def test_the_same_content_is_kept_once_under_both_names(uploads: Uploads, tmp_path: Path) -> None:
    one, two = uploads.receive("a.wav", [b"same"]), uploads.receive("b.wav", [b"same"])
    assert one.sha256 == two.sha256 and (one.name, two.name) == ("a.wav", "b.wav")
    assert len(list((tmp_path / "inputs").iterdir())) == 1
    assert not list((tmp_path / "incoming").glob("*.part"))


def test_an_asynchronous_stream_arrives_too(uploads: Uploads) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 700_000

    upload = asyncio.run(uploads.receive_async("big.mp3", blocks(), 3_500_000))
    assert uploads.source(upload.sha256).stat().st_size == upload.size == 3_500_000


@pytest.mark.parametrize(
    ("blocks", "length", "code"),
    [([b"abc"], 10, "upload_cut_short"), ([], None, "upload_empty"), ([b"abcd"], 3, "upload_cut_short")],
)
def test_a_broken_upload_leaves_nothing_behind(
    uploads: Uploads, tmp_path: Path, blocks: list[bytes], length: int | None, code: str
) -> None:
    with pytest.raises(UploadError) as caught:
        uploads.receive("a.wav", blocks, length)
    assert caught.value.code == code
    assert leftovers(tmp_path) == [] and list((tmp_path / "inputs").iterdir()) == []


def test_a_stream_that_breaks_off_leaves_nothing_behind(uploads: Uploads, tmp_path: Path) -> None:
    def broken() -> object:
        yield b"abc"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        uploads.receive("a.wav", broken())  # type: ignore[arg-type]
    assert leftovers(tmp_path) == []


def test_a_file_over_the_limit_is_refused_before_and_while_it_comes(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, max_bytes=2**20)
    uploads.start()
    for length in (2**21, None):
        with pytest.raises(UploadError) as caught:
            uploads.receive("a.wav", [b"x" * 2**20, b"x"], length)
        assert caught.value.code == "too_large" and caught.value.values == {"limit_mib": 1}
    assert leftovers(tmp_path) == []


def test_a_full_disk_is_told_before_and_while_a_file_comes(tmp_path: Path) -> None:
    free = [DISK_RESERVE_BYTES - 1]
    uploads = Uploads(tmp_path, free_bytes=lambda path: free[0])
    uploads.start()
    with pytest.raises(UploadError) as caught:
        uploads.receive("a.wav", [b"x"], 2**21)
    assert caught.value.code == "disk_full"
    free[0] = DISK_RESERVE_BYTES + 2**20

    def filling() -> object:
        free[0] = 5 * 2**20
        yield b"x" * 2**24

    with pytest.raises(UploadError) as caught:
        uploads.receive("a.wav", filling())  # type: ignore[arg-type]
    assert caught.value.values == {"free_mib": 5}
    assert leftovers(tmp_path) == []


def test_a_file_larger_than_the_room_is_refused_by_its_size_and_the_disk_is_not_called_full(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, free_bytes=lambda path: DISK_RESERVE_BYTES + 100 * 2**20)
    uploads.start()
    with pytest.raises(UploadError) as caught:
        uploads.receive("big.wav", [b"x"], 150 * 2**20)
    assert (caught.value.code, caught.value.status) == ("too_large_for_disk", 507)
    assert caught.value.values == {"size_mib": 150, "usable_mib": 100}
    assert leftovers(tmp_path) == []


def test_what_a_crash_left_half_received_is_removed_at_the_start(uploads: Uploads, tmp_path: Path) -> None:
    (tmp_path / "incoming" / "dead.part").write_bytes(b"half")
    uploads.start()
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("upload_id", ["", "nope", "../../etc/passwd", "0" * 32])
def test_an_unknown_upload_is_told(uploads: Uploads, upload_id: str) -> None:
    with pytest.raises(NotFound):
        uploads.find(upload_id)


def test_unwanted_recordings_are_discarded_unless_somebody_has_sent_them_again(
    uploads: Uploads, tmp_path: Path
) -> None:
    held, lost = (uploads.receive(f"{name}.wav", [name.encode()]) for name in ("held", "lost"))
    (tmp_path / "incoming" / f"{lost.id}.json").unlink()
    assert uploads.discard([held.sha256, lost.sha256, "0" * 64]) == 1
    assert uploads.source(held.sha256).exists()
    assert not uploads.folder(lost.sha256).exists()


def test_a_ticket_is_forgotten_after_a_day(uploads: Uploads, tmp_path: Path) -> None:
    upload = uploads.receive("a.wav", [b"a"])
    ticket = tmp_path / "incoming" / f"{upload.id}.json"
    assert uploads.forget_old() == [] and ticket.exists()
    old = ticket.stat().st_mtime - TICKET_AGE_S - 60
    os.utime(ticket, (old, old))
    assert uploads.forget_old() == [upload]
    with pytest.raises(NotFound):
        uploads.find(upload.id)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\talk.wav", "talk.wav"),
        ("a\x00b\nc\u202e.wav", "abc.wav"),
        ("", "recording"),
        ("   ", "recording"),
        ("会议 🎙.m4a", "会议 🎙.m4a"),
        ("<b>'\";.mp3", "<b>'\";.mp3"),
    ],
)
def test_a_name_is_made_fit_to_show(given_name: str, shown: str) -> None:
    assert display_name(given_name) == shown


@given(st.text(max_size=400))
def test_a_shown_name_is_short_and_never_a_path(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 200 and "/" not in shown and "\\" not in shown and "\x00" not in shown
    assert display_name(shown) == shown or shown.startswith(".")


@pytest.mark.parametrize(
    ("name", "title"),
    [("talk.wav", "talk"), ("v1.2 notes", "v1.2 notes"), (".wav", ".wav"), ("a.b.mp3", "a.b"), ("x", "x")],
)
def test_a_title_is_the_name_without_its_ending(name: str, title: str) -> None:
    assert title_of(name) == title

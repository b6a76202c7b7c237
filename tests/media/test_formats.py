from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.formats import CONTAINERS, what_is


@pytest.mark.parametrize(
    "head",
    [
        b"ID3\x03\x00\x00\x00\x00\x0f\x76TPE1",
        b"RIFF\x24\x00\x00\x00WAVEfmt ", b"OggS\x00\x02", b"fLaC\x00\x00\x00\x22",
        b"\x00\x00\x00\x20ftypM4A ", b"#!AMR\n\x3c\x91\x17\x16", b"\xff\xfb\x90\x44" + bytes(100), b"\x1a\x45\xdf\xa3",
        b"NIST_1A\n   1024\nsample_rate -i 16000\nend_head\n" + bytes(900),
    ],
)  # fmt: skip
def test_recordings_are_let_through(head: bytes) -> None:
    assert what_is(head) == (None, None)


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.4\n", "PDF"), (b"PK\x03\x04", "ZIP"), (b"<!DOCTYPE html><p>", "HTML")],
)
def test_other_files_are_named(head: bytes, kind: str) -> None:
    assert what_is(head) == ("media_document", kind)


def test_nothing_that_names_other_files_may_be_opened() -> None:
    risky = {
        "hls",
        "dash",
        "concat",
        "sdp",
        "rtsp",
        "rtp",
        "image2",
        "lavfi",
        "applehttp",
        "imf",
        "sap",
        "vobsub",
        "data",
    }
    assert not risky & set(CONTAINERS)


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(head: bytes) -> None:
    code, _ = what_is(head)
    assert code in {None, "media_empty", "media_document", "media_text", "media_playlist"}


def test_plain_words_are_called_a_text_file_in_every_language() -> None:
    assert what_is("  你好".encode()) == ("media_text", None)

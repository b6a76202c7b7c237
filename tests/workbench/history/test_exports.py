"""Transcripts as files and as one archive."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.transcript import Segment, Word
from workbench.errors import JobError, NotFound
from workbench.exports import MAX_NAME_BYTES, export, export_zip, file_name, transcript
from workbench.history.history import History


def _finish(history: History, desk: Any, lines: list[Segment]) -> None:
    desk.accept("j", "Board.mp3", source_name="Board.MP3")
    history.finish_cut("j", 9.0)
    history.finish_job("j", lines, [], "en")


def test_what_is_exported_is_what_was_edited(history: History, desk: Any) -> None:
    words = (Word(0.0, 1.0, " hello", 0.9), Word(1.0, 2.0, " word", 0.4))
    kept = Segment(2.0, 4.0, "untouched", (Word(2.0, 4.0, "untouched", 0.5),))
    gap = Segment(5.0, 6.0, "", flags=("failed",))
    lines = [Segment(0.0, 2.0, "hello word", words), kept, Segment(4.0, 5.0, "noise"), gap]
    _finish(history, desk, lines)
    history.edit("j", {0: "hello world", 2: ""})
    told = transcript(history, "j")
    assert [segment.text for segment in told.segments] == ["hello world", "untouched", ""]
    assert [len(segment.words) for segment in told.segments] == [0, 1, 0]
    assert told.segments[2].flags == ("failed",)
    assert (told.duration, told.language, told.title) == (9.0, "en", "Board")
    history.restore("j")
    assert transcript(history, "j").segments[0].words == words


@pytest.mark.parametrize("format", ["txt", "srt", "vtt", "json", "docx"])
def test_every_format_is_written(history: History, desk: Any, format: str) -> None:
    _finish(history, desk, [Segment(0.0, 2.0, "你好 world")])
    title, content = export(history, "j", format)
    assert title == "Board"
    if format != "docx":
        assert "你好 world" in content.decode()


def test_an_unfinished_job_has_no_transcript(history: History, desk: Any) -> None:
    desk.accept("j")
    with pytest.raises(JobError, match="job_not_finished"):
        transcript(history, "j")
    with pytest.raises(NotFound):
        transcript(history, "nobody")
    with pytest.raises(JobError, match="job_not_finished"):
        export_zip(history, ["j", "nobody"], "txt")


def test_many_transcripts_come_as_one_archive(history: History, desk: Any) -> None:
    titles = ["Meeting", "meeting", "MEETING.wav", "CON", "a/b\\..", "😀 会议", "x" * 400, "..."]
    for n, title in enumerate(titles):
        desk.finish(f"j{n}", [f"text {n}"], title, source_name="rec.wav")
    desk.accept("waiting")
    pieces = list(export_zip(history, [*(f"j{n}" for n in range(len(titles))), "waiting", "j0"], "txt"))
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert names[:6] == ["Meeting.txt", "meeting (2).txt", "MEETING (3).txt", "_CON.txt", "a_b_.txt", "😀 会议.txt"]
        assert names[7] == "transcript.txt"
        assert [archive.read(name).decode().strip() for name in names] == [f"text {n}" for n in range(len(titles))]
    assert len(pieces) == len(titles) + 1


def test_the_archive_is_made_while_it_is_sent(history: History, desk: Any) -> None:
    for n in range(3):
        desk.finish(f"j{n}", [f"text {n}"], f"T{n}")
    pieces = export_zip(history, ["j0", "j1", "j2"], "json")
    sent = next(pieces)
    assert sent.startswith(b"PK")
    history.edit("j2", {0: "changed in time"})
    history.delete(["j1"])
    history.purge(2_000_000.0)
    with zipfile.ZipFile(io.BytesIO(sent + b"".join(pieces))) as archive:
        assert archive.namelist() == ["T0.json", "T2.json"]
        assert json.loads(archive.read("T2.json"))["segments"][0]["text"] == "changed in time"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("con", "_con.srt"), ("COM1", "_COM1.srt"), ("lpt9.backup", "_lpt9.backup.srt"), ("console", "console.srt"),
        ("name. . ", "name.srt"), ("../../etc/passwd", "_.._etc_passwd.srt"), ('a<b>:"|?*c', "a_b_c.srt"),
        ("tab\tnew\nline", "tab_new_line.srt"), ("evil\u202egpj.exe", "evil_gpj.exe.srt"), ("", "transcript.srt"),
        ("   ", "transcript.srt"), ("cafe\u0301", "café.srt"), ("\ud800x", "_x.srt"), (".hidden", "hidden.srt"),
    ],
)  # fmt: skip
def test_a_name_is_one_that_every_system_takes(title: str, name: str) -> None:
    assert file_name(title, ".srt", set()) == name


@given(st.lists(st.text(max_size=300), min_size=1, max_size=8))
def test_names_are_short_apart_and_inside_the_folder(titles: list[str]) -> None:
    taken: set[str] = set()
    names = [file_name(title, ".txt", taken) for title in titles]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert len(name.encode()) <= MAX_NAME_BYTES
        assert not set(name) & set('<>:"/\\|?*\0')
        assert name == name.strip(" ")
        assert name.endswith(".txt")
        assert not name.startswith(".")


def test_a_long_name_is_not_cut_inside_a_sign() -> None:
    family = "👨\u200d👩\u200d👧" * 40
    short = file_name(family, ".txt", set()).removesuffix(".txt")
    assert family.startswith(short)
    assert not short.endswith("\u200d")

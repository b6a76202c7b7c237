"""``launch.py transcribe``: through a server and without one, what it writes, says and returns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_api
from commandline.asking import Bad, read, split
from commandline.rooms import Alone
from commandline.transcribe import DONE, SOME_FAILED, UNFIT, Show, main
from engines import catalog
from engines.device import Machine
from tests.api.conftest import Server
from tests.api.test_whole_path import FakeIntake, FakeResidency, FakeStore
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts

Run = Callable[..., tuple[int, str, str]]


def composed(settings: Settings, root: Path) -> Workbench:
    history = History(settings.data / "history.db", root / "history.db-schema")
    parts: Any = (FakeResidency(), FakeIntake(), FakeStore(), catalog)
    texts = Texts(root / "assets" / "texts", strict=True)
    bench = Workbench(settings, history, *parts, texts, machine=Machine(2, 8000, 4000))
    bench.start()
    return bench


@pytest.fixture
def run(tmp_path: Path, root: Path) -> Run:
    def run(*words: str, port: int = 7860, language: str = "en") -> tuple[int, str, str]:
        (tmp_path / "data").mkdir(exist_ok=True)
        settings = Settings(tmp_path / "data", port=port)
        show = Show(Texts(root / "assets" / "texts", strict=True), language, io.StringIO(), io.StringIO())
        status = main(words, settings, show, lambda settings: Alone(composed(settings, root), str))
        assert isinstance(show.out, io.StringIO) and isinstance(show.err, io.StringIO)
        return status, show.out.getvalue(), show.err.getvalue()

    return run


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"sound")
    return path


@pytest.fixture
def server(tmp_path: Path, root: Path) -> Iterator[Server]:
    """A server whose address stands in the lock of the data folder, as launch.py writes it."""
    (tmp_path / "data").mkdir()
    first = Server(create_api(None, Texts(root / "assets" / "texts", strict=True)))
    first.start()
    port = int(first.url.rpartition(":")[2])
    bench = composed(Settings(tmp_path / "data", host="127.0.0.1", port=port), root)
    first.app.state.workbench = bench
    yield first
    first.stop()
    bench.close()


def test_without_a_server_it_does_the_work_itself(run: Run, talk: Path) -> None:
    status, out, err = run(str(talk), "--to", "srt")
    assert (status, out) == (DONE, f"{talk.with_suffix('.srt')}\n") and "not running" in err
    assert "会议纪要" in talk.with_suffix(".srt").read_text("utf-8")


def test_with_a_server_that_does_it(run: Run, talk: Path, server: Server, tmp_path: Path) -> None:
    status, out, err = run(str(talk), "--to=vtt", "--output", str(tmp_path / "out"))
    assert (status, out) == (DONE, f"{tmp_path / 'out' / 'talk.vtt'}\n") and server.url in err
    assert (tmp_path / "out" / "talk.vtt").read_text("utf-8").startswith("WEBVTT")


def test_a_file_that_is_there_keeps_its_name(run: Run, talk: Path) -> None:
    talk.with_suffix(".txt").write_text("mine", "utf-8")
    assert run(str(talk))[1] == f"{talk.with_name('talk (2).txt')}\n"
    assert talk.with_suffix(".txt").read_text("utf-8") == "mine"


def test_several_formats_at_once_are_several_files(run: Run, talk: Path) -> None:
    status, out, _ = run(str(talk), "--to", "srt, DOCX,srt")
    assert status == DONE and out.splitlines() == [str(talk.with_suffix(".srt")), str(talk.with_suffix(".docx"))]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_fails_is_told_and_the_others_are_done(run: Run, talk: Path, tmp_path: Path, language: str) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"bad")
    status, out, err = run(str(bad), str(talk), str(tmp_path / "nothing.mp3"), language=language)
    assert status == SOME_FAILED and out.splitlines() == [str(talk.with_suffix(".txt"))]
    assert "bad.mp3: " in err and "nothing.mp3" in err


def test_what_a_server_refuses_is_told_in_its_words(run: Run, talk: Path, server: Server) -> None:
    status, out, err = run(str(talk), "--language", "xx", language="zh")
    assert (status, out) == (SOME_FAILED, "") and "talk.mp3: " in err and "xx" in err


@pytest.mark.parametrize(
    ("words", "code"),
    [([], "no_files"), (["a", "--to"], "no_value"), (["a", "--what"], "unknown"), (["a", "--to", "pdf"], "format")],
)
def test_words_that_cannot_be_followed_are_named(run: Run, words: list[str], code: str) -> None:
    with pytest.raises(Bad) as bad:
        read(words)
    assert bad.value.code == code
    assert run(*words)[0] == UNFIT and run(*words, language="zh")[2]


def test_settings_and_wishes_are_told_apart() -> None:
    own, rest = split(["a.mp3", "--data", "d", "--to", "srt", "--offline", "--lang=zh", "--speakers", "b.mp3"])
    assert own == ["a.mp3", "--to", "srt", "--speakers", "b.mp3"] and rest == ["--data", "d", "--offline", "--lang=zh"]
    wish = read(own)
    assert [file.name for file in wish.files] == ["a.mp3", "b.mp3"] and wish.request.speakers is not None

"""The program as a person starts it: what it answers first, what it says, how it stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import launch

PATIENCE_S = 60.0


def command(root: Path, *words: str) -> list[str]:
    return [sys.executable, str(root / "launch.py"), *words]


def surroundings(**more: str) -> dict[str, str]:
    """The variables of this process without its settings; set-up is left out, as the tests run in what it made."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROOMTONE_", "LC_", "LANG"))}
    return {**kept, "ROOMTONE_SETUP": "no", "PYTHONUNBUFFERED": "1", **more}


def run(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs the program to its end."""
    return subprocess.run(
        command(root, *words),
        env=surroundings(**variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


@contextmanager
def started(root: Path, data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running program with its address; it is ended at the end."""
    words = ["--data", str(data), "--port", "0", "--offline", "--no-browser"]
    with subprocess.Popen(command(root, *words), env=surroundings(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            yield process, next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.kill()


def status_at(address: str) -> str:
    with urllib.request.urlopen(address + "/health", timeout=PATIENCE_S) as answer:
        assert answer.status == 200
        return str(json.load(answer)["status"])


def wait_until_ready(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while status_at(address) != "ok":
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_address_answers_before_everything_is_built_and_then_the_page_is_there(root: Path, tmp_path: Path) -> None:
    with started(root, tmp_path / "data") as (process, address):
        assert status_at(address) in {"starting", "ok"}
        wait_until_ready(address)
        with urllib.request.urlopen(address + "/", timeout=PATIENCE_S) as page:
            assert "Roomtone" in page.read().decode()

        second = run(root, "--data", str(tmp_path / "data"), "--port", "0", "--no-browser")
        assert second.returncode == 1
        assert address in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1

        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    assert (tmp_path / "data" / "history.db").exists()


def test_a_program_that_is_stopped_while_it_is_being_built_ends_cleanly(root: Path, tmp_path: Path) -> None:
    with started(root, tmp_path / "data") as (process, address):
        status_at(address)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0


def test_a_taken_port_that_was_asked_for_is_one_sentence(root: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = run(root, "--data", str(tmp_path), "--port", port, "--no-browser")
    assert (told.returncode, told.stdout) == (1, "")
    assert port in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_a_data_folder_that_cannot_be_made_is_one_sentence(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = run(root, "--data", str(tmp_path / "file" / "data"), "--no-browser")
    assert (told.returncode, told.stdout) == (1, "")
    assert str(tmp_path / "file") in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


def test_an_address_that_is_not_of_this_machine_is_one_sentence(root: Path, tmp_path: Path) -> None:
    told = run(root, "--data", str(tmp_path), "--host", "203.0.113.1", "--no-browser")
    assert told.returncode == 1
    assert "203.0.113.1" in told.stderr
    assert len(told.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("language", "word"), [("en", "recordings"), ("zh", "录音")])
def test_help_is_a_page_in_the_language_of_the_terminal(root: Path, language: str, word: str) -> None:
    told = run(root, "--help", ROOMTONE_LANG=language)
    assert told.returncode == 0
    assert word in told.stdout
    for option in ("--port", "--data", "--with", "--offline", "--no-browser", "ROOMTONE_", "speakers"):
        assert option in told.stdout
    assert max(map(len, told.stdout.splitlines())) <= 120


def test_a_wrong_option_is_one_sentence(root: Path) -> None:
    told = run(root, "--colour", "red")
    assert (told.returncode, told.stdout) == (2, "")
    assert "--colour" in told.stderr


def test_an_unknown_pack_is_named_even_where_nothing_is_set_up(root: Path) -> None:
    told = run(root, "--with", "wings")
    assert (told.returncode, told.stdout) == (1, "")
    assert "wings" in told.stderr and "speakers" in told.stderr


def test_the_version_is_that_of_the_project(root: Path) -> None:
    assert run(root, "--version").stdout.startswith("Roomtone 0.")


def test_a_child_process_that_reads_the_file_again_starts_nothing(root: Path) -> None:
    code = "import json, sys; sys.path.insert(0, sys.argv[1]); import launch; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True)
    assert not {"uvicorn", "gradio", "fastapi", "numpy", "asyncio"} & set(json.loads(done.stdout))


@pytest.mark.parametrize("wish", [None, "4"])
def test_threads_that_only_wait_are_not_started_unless_somebody_asks_for_them(
    wish: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, value = launch.ONE_THREAD
    monkeypatch.setenv(name, wish or "")
    if wish is None:
        monkeypatch.delenv(name)
    assert launch.main(["--version"]) == 0
    assert os.environ[name] == (wish or value)

"""The page about programs: its examples run as they stand, and the machine-readable one is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.openai.asking import KNOWN
from tests.api.test_whole_path import Room

FIRST = "meeting 会议纪要"


@pytest.fixture
def blocks(root: Path) -> list[tuple[str, str]]:
    page = (root / "docs" / "openai.md").read_text("utf-8")
    return re.findall(r"```(python|bash)\n(.*?)```", page, re.DOTALL)


def test_every_example_runs_as_it_stands(room: Room, blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    (tmp_path / "talk.mp3").write_bytes(b"sound")
    heard = [(kind, text) for kind, text in blocks if "chat.completions" not in text and "audio.speech" not in text]
    for kind, text in heard:
        here = text.replace("http://127.0.0.1:7860", room.url)
        command = [sys.executable, "-X", "utf8", "-c", here] if kind == "python" else ["sh", "-c", f"set -e; {here}"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0 and FIRST in done.stdout.decode("utf-8"), done.stderr
    # What writes or speaks needs a model that does: tests/weights/test_chat.py and tests/api/openai/test_speech.py.
    assert len(heard) == 3


def test_the_machine_readable_page_names_what_is_read_and_no_more(room: Room) -> None:
    paths = room.ask("GET", "/api/openapi.json").json()["paths"]
    form = paths["/v1/audio/transcriptions"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert {name.removesuffix("[]") for name in form["properties"]} == KNOWN | {"file"}
    for name in ("/v1/audio/translations", "/transcribe_only"):
        assert "multipart/form-data" in paths[name]["post"]["requestBody"]["content"]

"""Schemathesis sends what the page of all addresses allows, and worse, and compares the answers with the page."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.api.openai.test_openapi import ENGINES, STREAMS
from tests.api.test_whole_path import Room

OUTSIDE = ("/api/webhooks", "/api/writing/server/test", "/api/keys", "/api/doctor", "/api/doctor/archive")
"""What would ask addresses that were made up, make keys without end, or has no doctor in this room."""
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_what_is_made_up_is_answered_as_the_page_says(room: Room, tmp_path: Path) -> None:
    left_out = [word for path in (*sorted(ENGINES), *STREAMS, *OUTSIDE) for word in ("--exclude-path", path)]
    words = ["--phases", "fuzzing", "-n", "2", "--generation-deterministic", "--no-shrink", "--continue-on-failure"]
    run = [
        sys.executable,
        "-W",
        "ignore",
        "-X",
        "utf8",
        "-m",
        "schemathesis.cli",
        "run",
        f"{room.url}/api/openapi.json",
    ]
    done = subprocess.run(
        [*run, "-H", "X-Roomtone: 1", "-c", CHECKS, "--warnings", "off", *words, *left_out],
        capture_output=True, text=True, check=False, timeout=240, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Tested: 1" in done.stdout

"""The interface for clean sound: both jobs of a comparison are told apart, and files are named after what they are."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

from tests.api.conftest import Caller
from tests.api.fakes import FakeWorkbench


def test_a_comparison_asks_for_both_jobs(ask: Caller, bench: Any) -> None:
    asked: list[tuple[str, str]] = []

    def differing(one: str, other: str) -> dict[str, Any]:
        asked.append((one, other))
        return {"rows": [], "n_words": 0, "n_different": 0}

    bench.comparing = SimpleNamespace(differing=differing)
    assert ask.get("/api/sound/compare/one/other").json()["rows"] == []
    assert asked == [("one", "other")]
    assert ask.get("/api/sound/compare/one/..%5Cother").status_code in (400, 404, 422)
    assert len(asked) == 1


def test_a_cleaned_file_says_so_in_the_language_of_the_reader(
    ask: Caller, bench: FakeWorkbench, tmp_path: Path
) -> None:
    bench.add("job0", title="Board", task="audio-to-audio", status="succeeded")
    (tmp_path / "result.mp3").write_bytes(b"sound")
    row = SimpleNamespace(path="artifacts/job0/result.mp3", media_type="audio/mpeg")
    bench.artifacts = SimpleNamespace(find=lambda job_id, name: (row, tmp_path / "result.mp3"))  # type: ignore[attr-defined]

    def called(name: str, language: str) -> str:
        told = ask.get(f"/api/jobs/job0/artifacts/{name}?download=1&lang={language}").headers["content-disposition"]
        return unquote(told.rpartition("''")[2]) if "''" in told else told.rpartition("=")[2].strip('"')

    assert called("result", "en") == "Board (cleaned).mp3"
    assert called("result", "zh") == "Board（已净化）.mp3"
    assert called("preview_before", "en") == "Board.mp3"

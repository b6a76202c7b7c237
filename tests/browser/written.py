"""Finished pieces of writing in a data folder, made by a model that answers by rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from engines.requests_writing import WriteItem
from tests.browser.seeding import Recording
from tests.workbench.writing.scripted import count, run
from workbench.history.artifacts import finish_with
from workbench.history.history import History
from workbench.history.rows import ArtifactRow, NewChunk, NewJob
from workbench.history.writing import WRITE_TASK
from workbench.writing.document import Document, Line
from workbench.writing.setting import Setting
from workbench.writing.wish import WriteRequest

MODEL = "qwen2.5-coder-1.5b-gguf"


def write_into(
    data: Path, history: History, recording: Recording, request: WriteRequest, answer: Callable[[WriteItem], str]
) -> str:
    """Stores what ``answer`` writes from a recording as a finished job; returns its id."""
    lines = tuple(
        Line(n, one.text, one.start, one.end, one.speaker) for n, one in enumerate(recording.segments) if one.text
    )
    document = Document(lines, recording.title, recording.language, recording.segments[-1].end)
    result, _ = run(Setting(request, document, count), answer)
    made = f"{recording.id}-{request.kind}"
    history.add_jobs([
        NewJob(made, WRITE_TASK, recording.title, request.to_dict(), MODEL, made, parent_id=recording.id)
    ])  # fmt: skip
    history.add_chunks(made, [NewChunk(0, 0.0, 1.0, ((0.0, 1.0),))])
    history.claim_chunks(made, [0])
    history.finish_cut(made, None)
    with history.transaction() as db:
        db.execute("UPDATE chunks SET status = 'succeeded', result = '{}' WHERE job_id = ?", (made,))
    path = data / "artifacts" / made / "written.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**result.to_dict(), "reasoning": []}, ensure_ascii=False), "utf-8")
    file = ArtifactRow(made, "written", path.relative_to(data).as_posix(), "application/json", path.stat().st_size)
    assert finish_with(history, made, [file], list(result.notes))
    return made

"""A data folder with finished recordings, so that screens can be driven where no model can be had."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.base import Task
from engines.requests import TranscribeRequest
from media.audio import SAMPLE_RATE
from media.transcript import Segment, Word
from media.working_file import WorkingFile
from workbench.history.history import History, NewJob

EVIL = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


@dataclass(frozen=True, slots=True)
class Recording:
    """A finished job to be put into the history."""

    id: str
    title: str
    segments: tuple[Segment, ...]
    language: str = "en"
    tags: tuple[str, ...] = ()


def line(start: float, text: str, probability: float = 0.95, language: str = "en") -> Segment:
    """A segment of two seconds with a word of equal length for each word of ``text``."""
    parts = text.split(" ") if language != "zh" else list(text)
    step = 2.0 / len(parts)
    words = tuple(
        Word(start + n * step, start + (n + 1) * step, part if language == "zh" else f" {part}", probability)
        for n, part in enumerate(parts)
    )
    return Segment(start, start + 2.0, text, words, language, avg_logprob=-0.2)


MEETING = Recording(
    "meeting",
    "Board meeting",
    (
        line(0.0, "Good morning and welcome to the meeting."),
        line(2.0, "The colour of the new colour chart is fine."),
        line(4.0, "Revenue was mumbled here.", probability=0.3),
        Segment(6.0, 9.0, "", flags=("failed",)),
        line(9.0, "We meet again on Tuesday."),
        *(line(9.0 + 2.0 * n, f"This is remark number {n}.") for n in range(1, 20)),
    ),
    tags=("board",),
)
CHINESE = Recording(
    "chinese",
    "项目例会",
    (line(0.0, "今天讨论预算和进度。", language="zh"), line(2.0, "下周二之前请把报告发给我。", language="zh")),
    "zh",
)
HOSTILE = Recording("hostile", EVIL, (line(0.0, EVIL), line(2.0, "harmless")), tags=(EVIL[:40],))
LONG = Recording("long", "Ten thousand lines", tuple(line(2.0 * n, f"Line {n} of a long day") for n in range(10_000)))
SHARED = Recording("shared", "Read by two", tuple(line(2.0 * n, f"Line {n} for two") for n in range(6)))
WEEKLY = tuple(Recording(f"weekly{n}", f"Weekly {n}", (line(0.0, f"Round {n}"),)) for n in range(7))
ALL = (*WEEKLY, LONG, SHARED, HOSTILE, CHINESE, MEETING)


def seed(
    data: Path, schema: Path, recordings: Sequence[Recording] = ALL, content: bytes = b"a minute of a tone"
) -> None:
    """Writes recordings into a new data folder, each with a minute of a tone; ``content`` is the file they came as."""
    sha256 = hashlib.sha256(content).hexdigest()
    folder = data / "inputs" / sha256
    seconds = np.arange(60 * SAMPLE_RATE) / SAMPLE_RATE
    loud = 3000 + 2500 * np.sin(seconds / 3)
    with WorkingFile(folder) as file:
        file.write((loud * np.sin(seconds * 2 * np.pi * 220)).astype(np.int16))
        file.finish("audio", damaged=False)
    (folder / "source").write_bytes(content)
    history = History(data / "history.db", schema)
    history.add_input(sha256, len(content))
    for one in recordings:
        job = NewJob(
            one.id,
            str(Task.TRANSCRIBE),
            one.title,
            TranscribeRequest().to_dict(),
            "base",
            f"fingerprint of {one.id}",
            source_name=f"{one.title}.wav",
            input_sha256=sha256,
            tags=one.tags,
        )
        history.add_jobs([job])
        history.finish_cut(one.id, 60.0 if len(one.segments) < 1000 else one.segments[-1].end, "audio")
        history.finish_job(one.id, one.segments, language=one.language)
    history.close()

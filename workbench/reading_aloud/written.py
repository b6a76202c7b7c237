"""What was written of a transcript or a text, as it is read aloud: no times, no marks, headings as sentences; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.reading_aloud.script import Script, of_lines, of_text
from workbench.writing.files import Words, chosen, pieces


def of_result(result: Mapping[str, Any], words: Words, left: frozenset[int], in_time: bool) -> Script:
    """Returns the script of a result; ``left`` are sentences of which the original is kept.

    With ``in_time`` what was written line by line keeps the times of its lines. Raises JobError as ``of_text`` does.
    """
    timed = [pair for pair in result["pairs"] if pair["start"] is not None and pair["end"] is not None]
    if in_time and timed:
        return of_lines([(float(pair["start"]), float(pair["end"]), chosen(pair, left)) for pair in timed])
    lines = []
    for piece in pieces(result, words, left):
        lines.append("，".join(cell for cell in piece.cells if cell) if piece.shape == "row" else piece.text)
    return of_text("\n".join(line.strip() for line in lines if line.strip()))

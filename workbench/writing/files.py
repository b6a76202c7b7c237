"""Results as files: Markdown, Word and text for reading, subtitles in one language or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from media.documents import clock
from media.subtitles import line_cues, srt_of, vtt_of
from media.written import Piece, WrittenText, to_markdown, to_plain, to_word
from workbench.errors import JobError
from workbench.writing.result import joined

Say = Callable[..., str]
PARAGRAPH_PAUSE_S = 2.0
GROUPS = ("topics", "decisions", "tasks")


class Format(NamedTuple):
    """A kind of file: its media type and its name's ending with the dot."""

    media_type: str
    suffix: str


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FORMATS: dict[str, Format] = {
    "docx": Format(_WORD, ".docx"),
    "md": Format("text/markdown; charset=utf-8", ".md"),
    "txt": Format("text/plain; charset=utf-8", ".txt"),
    "srt": Format("application/x-subrip; charset=utf-8", ".srt"),
    "vtt": Format("text/vtt; charset=utf-8", ".vtt"),
    "srt2": Format("application/x-subrip; charset=utf-8", ".srt"),
    "vtt2": Format("text/vtt; charset=utf-8", ".vtt"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The few words of a file that no model wrote, in the reader's language."""

    say: Say

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the table of tasks."""
        return tuple(self.say(f"write.task.{name}") for name in ("what", "who", "when"))


def saved(
    result: Mapping[str, Any], title: str, format: str, words: Words, left: frozenset[int] = frozenset()
) -> bytes:
    """Returns a result as a file; ``left`` are sentences of which the original is kept.

    Raises JobError ``write_no_times`` for subtitles of what has none.
    """
    if format.removesuffix("2") in ("srt", "vtt"):
        return _subtitles(result, format, left).encode("utf-8", "replace")
    text = WrittenText(title, tuple(pieces(result, words, left)), words.columns)
    if format == "docx":
        return to_word(text)
    return (to_markdown(text) if format == "md" else to_plain(text)).encode("utf-8", "replace")


def pieces(result: Mapping[str, Any], words: Words, left: frozenset[int]) -> list[Piece]:
    """Returns a result as paragraphs, headings and rows."""
    if result["pairs"]:
        return _paragraphs(result["pairs"], left)
    if result["kind"] == "title":
        return [Piece("paragraph", result["title"])]
    found: list[Piece] = []
    group = ""
    for block in result["blocks"]:
        if block["group"] != group:
            group = block["group"]
            found.append(Piece("heading", words.say(f"write.group.{group}")))
        found.append(_piece(block, words))
    return found


def _piece(block: Mapping[str, Any], words: Words) -> Piece:
    sentences = block["sentences"]
    text = joined([one["text"] for one in sentences])
    shape = block["shape"]
    if shape == "heading":
        return Piece("heading", text)
    spans = [span for one in sentences for span in one["spans"]]
    times = ", ".join(dict.fromkeys(clock(start) for start, _ in spans[:3]))
    unsure = words.say("write.unsupported.file") if any(one["state"] == "unsupported" for one in sentences) else ""
    note = "; ".join(part for part in (times, unsure) if part)
    if shape == "task":
        return Piece("row", cells=(text, block["who"], block["when"]), note=note)
    if shape == "chapter":
        return Piece("item", text, note=times)
    return Piece("item" if shape == "item" else "paragraph", text, note)


def _paragraphs(pairs: Sequence[Mapping[str, Any]], left: frozenset[int]) -> list[Piece]:
    """Joins sentences to paragraphs: a new one for another speaker, after a pause, or with a line of a plain text."""
    found: list[Piece] = []
    texts: list[str] = []
    before: Mapping[str, Any] | None = None
    for pair in pairs:
        if before is not None and _begins(before, pair):
            found.append(Piece("paragraph", joined(texts), speaker=before["speaker"] or ""))
            texts = []
        texts.append(chosen(pair, left))
        before = pair
    if before is not None:
        found.append(Piece("paragraph", joined(texts), speaker=before["speaker"] or ""))
    return found


def _begins(before: Mapping[str, Any], pair: Mapping[str, Any]) -> bool:
    if pair["start"] is None or before["end"] is None:
        return bool(pair["line"] != before["line"])
    return bool(pair["speaker"] != before["speaker"] or pair["start"] - before["end"] >= PARAGRAPH_PAUSE_S)


def chosen(pair: Mapping[str, Any], left: frozenset[int]) -> str:
    """Returns the text of a sentence, or what it was where somebody keeps that."""
    return str(pair["before"] if pair["id"] in left else pair["after"])


def _subtitles(result: Mapping[str, Any], format: str, left: frozenset[int]) -> str:
    pairs = [pair for pair in result["pairs"] if pair["start"] is not None and pair["end"] is not None]
    if not pairs:
        raise JobError("write_no_times", status=422)
    lines = []
    for pair in pairs:
        text = chosen(pair, left)
        both = format.endswith("2") and text != pair["before"]
        lines.append((float(pair["start"]), float(pair["end"]), (text, str(pair["before"])) if both else (text,)))
    cues = line_cues(lines, max(end for _, end, _ in lines))
    return srt_of(cues) if format.startswith("srt") else vtt_of(cues)

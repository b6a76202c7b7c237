"""A transcript as a file that people open: text, JSON, Word, and the table of all kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

from media.line_breaking import columns, plain
from media.subtitles import to_srt, to_vtt
from media.transcript import Segment, Transcript

_PARAGRAPH_PAUSE_S = 2.0
_PARAGRAPH_COLUMNS = 600
_LONGEST_PARAGRAPH = 900
"""Where sentences have no ends, as in speech that was recognised without punctuation."""


class Export(NamedTuple):
    """A kind of file: its media type, its name's ending with the dot, and the function that writes it."""

    media_type: str
    suffix: str
    write: Callable[[Transcript], bytes]


class Paragraph(NamedTuple):
    """Segments that read as one; ``start`` in seconds."""

    start: float
    speaker: str | None
    text: str


def to_txt(transcript: Transcript) -> str:
    """Returns the words in paragraphs with an empty line between them, without times."""
    said = [f"{part.speaker}: {part.text}" if part.speaker else part.text for part in paragraphs(transcript)]
    return "\n\n".join(said) + "\n" if said else ""


def to_json(transcript: Transcript) -> str:
    """Returns the transcript as JSON, in the shape of OpenAI's ``verbose_json``.

    ``{"task", "title", "language", "duration", "text", "segments": [{"id", "start", "end", "text", "language",
    "speaker", "avg_logprob", "no_speech_prob", "flags", "words": [{"word", "start", "end", "probability"}]}]}``;
    times are seconds, ``words`` is empty where there are no word times.
    """
    told = {
        "task": "transcribe",
        "title": transcript.title,
        "language": transcript.language,
        "duration": transcript.duration,
        "text": to_txt(transcript).strip(),
    }
    # A line for each segment: ten hours in one piece would hold up every other thread for 100 ms.
    lines = [_written(_segment(number, segment)) for number, segment in enumerate(transcript.segments)]
    segments = "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"
    return f'{_written(told)[:-1]}, "segments": {segments}}}\n'


def to_rttm(transcript: Transcript) -> str:
    """Returns who is heard when as NIST's Rich Transcription Time Marked lines, with ``_`` for spaces in names."""
    name = _one_word(transcript.title) or "recording"
    turns = transcript.turns or tuple((s.start, s.end, s.speaker) for s in transcript.segments if s.speaker)
    lines = [
        f"SPEAKER {name} 1 {start:.3f} {end - start:.3f} <NA> <NA> {_one_word(speaker)} <NA> <NA>\n"
        for start, end, speaker in turns
    ]
    return "".join(lines)


def to_docx(transcript: Transcript) -> bytes:
    """Returns a Word document: the title, the length, then paragraphs, each with its time before it."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    document = Document()
    document.core_properties.title, document.core_properties.author = plain(transcript.title)[:255], ""
    document.core_properties.comments = ""
    # Word's own choice for Chinese in the default template is a Japanese font.
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    if plain(transcript.title):
        document.add_heading(plain(transcript.title), level=1)
    grey = RGBColor(0x70, 0x70, 0x70)
    document.add_paragraph().add_run(clock(transcript.duration)).font.color.rgb = grey
    for part in paragraphs(transcript):
        line = document.add_paragraph()
        stamp = line.add_run(f"{clock(part.start)}  ")
        stamp.font.size, stamp.font.color.rgb = Pt(9), grey
        if part.speaker:
            line.add_run(f"{plain(part.speaker)}: ").bold = True
        line.add_run(part.text)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def paragraphs(transcript: Transcript) -> list[Paragraph]:
    """Joins segments into paragraphs: a new one for another speaker, after a pause, or once one is long."""
    done: list[Paragraph] = []
    last_end = 0.0
    for segment in transcript.segments:
        text = _said(segment)
        if not text:
            continue
        earlier = done[-1] if done else None
        if earlier is None or _begins(earlier, segment, segment.start - last_end):
            done.append(Paragraph(segment.start, segment.speaker, text))
        else:
            done[-1] = earlier._replace(text=earlier.text + _between(earlier.text, text) + text)
        last_end = segment.end
    return done


def clock(seconds: float) -> str:
    """Returns a time as people write it: 3:07 or 1:03:07."""
    whole = int(max(0.0, seconds))
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _said(segment: Segment) -> str:
    text = plain(segment.text)
    if not text and "failed" in segment.flags:
        # A sign and no sentence: a file has no language of its own.
        return f"[{clock(segment.start)}–{clock(segment.end)} …]"
    return text


def _begins(earlier: Paragraph, segment: Segment, pause_s: float) -> bool:
    if segment.speaker != earlier.speaker or pause_s >= _PARAGRAPH_PAUSE_S:
        return True
    long = columns(earlier.text)
    return long >= _LONGEST_PARAGRAPH or (long >= _PARAGRAPH_COLUMNS and earlier.text[-1] in ".!?。！？…")


def _between(before: str, after: str) -> str:
    """Returns what stands between two segments: nothing behind a wide sign such as ``。``, a space elsewhere.

    Chinese that was recognised without punctuation reads by these spaces alone.
    """
    wide = columns(before[-1]) == 2 and columns(after[0]) == 2
    return "" if wide and not before[-1].isalnum() else " "


def _segment(number: int, segment: Segment) -> dict[str, Any]:
    words = [
        {"word": word.text, "start": word.start, "end": word.end, "probability": word.probability}
        for word in segment.words
    ]
    return {"id": number, **segment.to_dict(), "words": words}


def _written(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False)


def _one_word(text: str) -> str:
    return "_".join(plain(text).split())


def _encoded(write: Callable[[Transcript], str]) -> Callable[[Transcript], bytes]:
    return lambda transcript: write(transcript).encode("utf-8", "replace")


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXPORTS: dict[str, Export] = {
    "txt": Export("text/plain; charset=utf-8", ".txt", _encoded(to_txt)),
    "srt": Export("application/x-subrip; charset=utf-8", ".srt", _encoded(to_srt)),
    "vtt": Export("text/vtt; charset=utf-8", ".vtt", _encoded(to_vtt)),
    "json": Export("application/json", ".json", _encoded(to_json)),
    "docx": Export(_WORD, ".docx", to_docx),
    "rttm": Export("text/plain; charset=utf-8", ".rttm", _encoded(to_rttm)),
}
"""Every kind of file that a transcript can be had as, by the name that requests use."""

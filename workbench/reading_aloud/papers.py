"""Files that people drop to have them read: plain text, Word documents, subtitles."""

from __future__ import annotations

import zipfile
from io import BytesIO

from media.errors import MediaError
from workbench.errors import JobError
from workbench.reading_aloud.script import Script, of_lines, of_text

MOST_BYTES = 20 * 2**20
_MOST_UNPACKED = 200 * 2**20
_ENCODINGS = ("utf-8-sig", "gb18030")
SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")


def read_paper(name: str, content: bytes) -> Script:
    """Returns what a file says; subtitles keep their times.

    Raises JobError: ``aloud_file_kind``, ``aloud_file_damaged``, ``aloud_nothing`` or ``aloud_too_long``.
    """
    ending = f".{name.rpartition('.')[2].lower()}"
    if len(content) > MOST_BYTES:
        raise JobError("aloud_file_too_large", status=413, limit_mib=MOST_BYTES >> 20)
    if ending == ".docx":
        return of_text(_word(content))
    if ending in SUBTITLES:
        return of_lines(_subtitles(decoded(content)))
    if ending in (".txt", ".md", ".text", ".markdown"):
        return of_text(decoded(content))
    raise JobError("aloud_file_kind", status=415, name=name[-60:])


def decoded(content: bytes) -> str:
    """Returns a text in whichever of the usual encodings it is written; raises JobError ``aloud_file_damaged``."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise JobError("aloud_file_damaged", status=422)


def _word(content: bytes) -> str:
    """Paragraphs and tables in the order in which they stand; what unpacks to far more than it weighs is refused."""
    from docx import Document

    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED:
                raise JobError("aloud_file_damaged", status=422)
        document = Document(BytesIO(content))
        lines = []
        for block in document.iter_inner_content():
            if hasattr(block, "rows"):
                lines += ["，".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]
            else:
                lines.append(block.text)
    except JobError:
        raise
    except Exception as error:
        raise JobError("aloud_file_damaged", status=422) from error
    return "\n".join(line for line in lines if line.strip())


def _subtitles(text: str) -> list[tuple[float, float, str]]:
    import pysubs2

    try:
        found = pysubs2.SSAFile.from_string(text)
    except (pysubs2.exceptions.Pysubs2Error, ValueError, MediaError) as error:
        raise JobError("aloud_file_damaged", status=422) from error
    return [(line.start / 1000, line.end / 1000, line.plaintext) for line in found if not line.is_comment]

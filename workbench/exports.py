"""Transcripts as files, one or many in a zip archive that is written while it is sent."""

from __future__ import annotations

import re
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence

from media.documents import EXPORTS
from media.transcript import Segment, Transcript, Word
from workbench.errors import JobError, NotFound
from workbench.history.history import History, JobRow, SegmentRow
from workbench.history.speakers import speakers_of, turns_of

MAX_NAME_BYTES = 150
"""Of UTF-8: half of what file systems take, since Windows counts the folders before a name as well."""
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
"""Names of devices, which Windows does not take for files, with any ending."""
_ENDING = re.compile(r"\.\w{1,5}$")


Label = Callable[[str], str]
"""Returns what a speaker without a name is called, by its key."""


def transcript(history: History, job_id: str, label: Label = str) -> Transcript:
    """Returns the transcript of a succeeded job with its edits; raises NotFound or JobError ``job_not_finished``.

    Lines that were edited to nothing are left out. An edited line has its words only if they still say the same.
    """
    with history.snapshot():
        job = history.job(job_id)
        if job is None:
            raise NotFound(id=job_id)
        if job.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        rows = history.segments(job_id, limit=-1)
        names = {one.key: one.name or label(one.key) for one in speakers_of(history, job_id)}
        turns = turns_of(history, job_id) if names else []
    segments = tuple(_segment(row, names) for row in rows if row.text or not row.edited)
    spoken = tuple((turn.start, turn.end, names.get(turn.speaker, turn.speaker)) for turn in turns)
    duration = job.duration_s if job.duration_s is not None else max((row.end for row in rows), default=0.0)
    return Transcript(segments, duration, job.language, _title(job), spoken)


def export(history: History, job_id: str, format: str, label: Label = str) -> tuple[str, bytes]:
    """Returns the title, without ending, and the content of one transcript; ``format`` is a key of ``EXPORTS``."""
    told = transcript(history, job_id, label)
    return told.title, EXPORTS[format].write(told)


def export_zip(history: History, ids: Sequence[str], format: str, label: Label = str) -> Iterator[bytes]:
    """Returns the pieces of a zip archive with the transcripts of these jobs, those that have not succeeded left out.

    Memory holds one transcript at a time. Raises JobError ``job_not_finished`` at once if none has succeeded.
    """
    jobs = [job for job in history.jobs(list(dict.fromkeys(ids))) if job.status == "succeeded"]
    if not jobs:
        raise JobError("job_not_finished", id=", ".join(ids[:3]))
    return _pieces(history, jobs, format, label)


def file_name(title: str, suffix: str, taken: set[str]) -> str:
    """Returns a name that Windows, macOS and Linux take for a file, unlike any in ``taken``, and adds it there.

    ``suffix`` comes with its dot. Names that differ only in case or in composed signs count as equal.
    """
    stem = _UNSAFE.sub("_", unicodedata.normalize("NFC", title))
    stem = " ".join(stem.split()).strip(". ")
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    for number in range(1, len(taken) + 2):
        ending = suffix if number == 1 else f" ({number}){suffix}"
        name = (_shorten(stem, MAX_NAME_BYTES - len(ending.encode())) or "transcript") + ending
        if _same(name) not in taken:
            break
    taken.add(_same(name))
    return name


class _Outgoing:
    """Takes what zipfile writes until it is sent; without ``seek``, so zipfile writes sizes after the content."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._waiting.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Does nothing; zipfile calls it."""

    def take(self) -> bytes:
        content = b"".join(self._waiting)
        self._waiting.clear()
        return content


def _pieces(history: History, jobs: Sequence[JobRow], format: str, label: Label) -> Iterator[bytes]:
    kind = EXPORTS[format]
    outgoing = _Outgoing()
    taken: set[str] = set()
    with zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for job in jobs:
            try:
                told = transcript(history, job.id, label)
            except (NotFound, JobError):
                continue
            entry = zipfile.ZipInfo(file_name(told.title, kind.suffix, taken), _date(job.finished_at))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, kind.write(told))
            yield outgoing.take()
    yield outgoing.take()


def _segment(row: SegmentRow, names: Mapping[str, str]) -> Segment:
    words = tuple(Word(start, end, text, probability) for start, end, text, probability in row.words)
    if row.edited and _said(words) != row.text.strip():
        words = ()
    speaker = None if row.speaker is None else names.get(row.speaker, row.speaker)
    return Segment(row.start, row.end, row.text, words, row.language, speaker, row.avg_logprob, flags=row.flags)


def _said(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words).strip()


def _title(job: JobRow) -> str:
    """Returns the title without the ending of the recording, where it still has that."""
    ending = _ENDING.search(job.source_name)
    if ending and job.title.lower().endswith(ending.group().lower()):
        return job.title[: -len(ending.group())] or job.title
    return job.title


def _shorten(stem: str, n_bytes: int) -> str:
    short = stem.encode()[:n_bytes].decode(errors="ignore")
    if len(short) < len(stem):
        while short and (unicodedata.combining(stem[len(short)]) or stem[len(short)] in "\u200d\ufe0f"):
            short = short[:-1]
    return short.rstrip(". \u200d")


def _same(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _date(at: float | None) -> tuple[int, int, int, int, int, int]:
    year, *rest = time.localtime(at or 0.0)[:6]
    month, day, hour, minute, second = rest
    return (year, month, day, hour, minute, second) if 1980 <= year <= 2107 else (1980, 1, 1, 0, 0, 0)

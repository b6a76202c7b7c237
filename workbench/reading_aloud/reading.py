"""Reading texts aloud, as screens and programs ask for it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engines.base import ModelSpec, Task
from engines.requests_speaking import AloudRequest
from engines.speaking.voices import FROM_RECORDINGS, VOICES, Voice, named, recording_of, usual_for, voices_of
from media.speech_file import KINDS
from workbench.acceptance import Acceptance, Source, Wish
from workbench.errors import JobError, NotFound
from workbench.exports import Label, transcript
from workbench.history.aloud import set_word, speak_again, words_of
from workbench.history.own_voices import called
from workbench.history.rows import ChunkRow, JobRow
from workbench.machine.models import Models
from workbench.machine.terms import Terms
from workbench.reading_aloud.ending import TABLE, files_of, table_of
from workbench.reading_aloud.own_voices import OwnVoices
from workbench.reading_aloud.samples import Samples
from workbench.reading_aloud.script import Script, of_lines, of_text, read
from workbench.reading_aloud.streaming import SpeechStream
from workbench.reading_aloud.takes import Take, best_of, takes_of
from workbench.running.desk import Desk
from workbench.running.lanes import Lane
from workbench.tasks.aloud import ROUND, changes, check, spoken_folder, write_change
from workbench.uploads import Upload, title_of

MOST_WORDS = 2_000
TITLE_SIGNS = 40


class ReadingAloud:
    """Texts in, spoken sentences and files out; methods may be called from any thread and take disk time."""

    def __init__(self, desk: Desk, models: Models, acceptance: Acceptance, samples: Samples, own: OwnVoices) -> None:
        self._desk = desk
        self._models = models
        self._acceptance = acceptance
        self._samples = samples
        self.own = own

    def voices(self) -> list[dict[str, Any]]:
        """Returns every voice: ``{"name", "language", "sex", "alias", "model", "title", "licence", "terms", "pack",
        "installed", "download_bytes", "label"}``; ``terms`` is what ``Terms.told`` returns.

        ``pack`` names what has to be installed first, None where nothing is missing. ``label`` is what a voice from a
        recording is called, None for the others.
        """
        facts = {spec.name: self._facts(spec) for spec in self._models.of_task(Task.ALOUD)}
        lent = [one for one in self.own.all() if not one["ended"]]
        own = [(voice, one["name"]) for one in lent for voice in voices_of(one["id"])]
        known = [*((voice, None) for voice in VOICES), *own]
        return [
            {
                "name": voice.name,
                "language": voice.language,
                "sex": voice.sex,
                "alias": voice.alias,
                "model": voice.model,
                "label": label,
                **facts[voice.model],
            }
            for voice, label in known
            if voice.model in facts
        ]

    def speakers(self) -> list[dict[str, Any]]:
        """Returns the models that speak with the voice of a recording: ``model`` and what ``voices`` tells of one."""
        return [{"model": name, **self._facts(self._models.named(name))} for name in FROM_RECORDINGS]

    def sample(self, name: str, language: str) -> Path:
        """Returns a WAV file in which a voice says a sentence; the first time it is spoken now. One from a recording is
        heard in that.

        Raises NotFound ``aloud_no_voice``, JobError ``pack_missing``, and what a model raises.
        """
        recording = recording_of(name)
        if recording is not None:
            return self.own.sample(recording, "")
        return self._samples.find(_known(name), language)

    def submit(self, script: Script, name: str, request: AloudRequest, owner: str, lane: Lane | None = None) -> str:
        """Makes a job that reads a script aloud and returns its id; from then on it will end whatever happens.

        ``name`` is the file's, empty for a text that was pasted. A request without a voice gets one that fits the
        text. Raises JobError ``request_invalid``, ``aloud_english_only`` or ``pack_missing``, and UploadError.
        """
        voice = named(request.voice) if request.voice else usual_for(script.text)
        words = tuple(words_of(self._desk.history))
        request = replace(request, voice=voice.name if voice else request.voice, words=words)
        check(request)
        recording = recording_of(request.voice)
        own = self.own.usable(recording) if recording else None
        if (
            voice is not None
            and self._models.named(voice.model).english_only
            and usual_for(script.text).language == "zh"
        ):
            raise JobError("aloud_english_only", status=422, title=self._models.title(voice.model))
        title = title_of(name) if name else _title(script.text)
        upload = self._desk.uploads.receive(f"{title}.json", [script.to_bytes()])
        source = Source(upload.sha256, upload.size, name, title)
        job_id = self._acceptance.accept([source], Wish(request, owner, lane))[0]
        if own is not None:
            self.own.note_reading(own.id, job_id, owner)
        return job_id

    def of_job(self, job_id: str, label: Label, in_time: bool) -> Script:
        """Returns the transcript of a job as a script; raises NotFound and JobError ``job_not_finished``."""
        told = transcript(self._desk.history, job_id, label)
        if in_time:
            return of_lines([(one.start, one.end, one.text) for one in told.segments])
        paragraphs: list[str] = []
        speaker: str | None = None
        for segment in told.segments:
            if paragraphs and segment.speaker == speaker:
                paragraphs[-1] = f"{paragraphs[-1]} {segment.text.strip()}"
            else:
                paragraphs.append(segment.text.strip())
            speaker = segment.speaker
        return of_text("\n".join(paragraphs))

    def sentences(self, job_id: str) -> dict[str, Any]:
        """Returns the sentences of a job, spoken ones with their times; those still to be spoken have no ``end``."""
        row = self._row(job_id)
        if row.status == "succeeded":
            found = self._desk.artifacts.find(job_id, TABLE)
            if found is not None:
                told: dict[str, Any] = json.loads(found[1].read_text("utf-8"))
                video = self._video_of(row)
                return {**told, "complete": True, "has_video": video is not None and video[0].is_file()}
        chunks = self._desk.history.chunks(job_id)
        script = read(self._desk.uploads.source(row.input_sha256 or ""))
        folder = spoken_folder(self._desk.artifacts.work(job_id))
        request = AloudRequest.from_dict(row.request)
        changed = changes(folder)
        best = best_of(takes_of(chunks))
        spoken = {one["number"]: one for one in table_of(best, chunks, script, request, changed)["sentences"]}
        whole = [
            spoken.get(chunk.number) or _waiting(chunk, script, changed) for chunk in chunks if chunk.number < ROUND
        ]
        return {"sentences": whole, "checked": request.check, "voice": request.voice, "complete": False}

    def sound_of(self, job_id: str, number: int) -> Path:
        """Returns the samples of one sentence, the take that is kept; raises NotFound where it is not spoken yet."""
        row = self._row(job_id)
        takes = [take for take in self._kept(row) or best_of(self._takes(row)) if take.sentence == number]
        path = spoken_folder(self._desk.artifacts.work(job_id)) / (takes[0].file if takes else "none")
        if not path.is_file():
            raise NotFound("artifact_missing", name=str(number))
        return path

    def has_begun(self, job_id: str) -> bool:
        """Tells whether a sentence of a job is spoken, or the first one never will be."""
        first = self._desk.history.chunks(job_id, -1, 1)
        return bool(first) and first[0].status in ("succeeded", "failed")

    def failed(self, job_id: str) -> list[int]:
        """Returns the numbers of sentences that could not be spoken."""
        return [chunk.number for chunk in self._desk.history.chunks(job_id) if chunk.status == "failed"]

    def stream(self, job_id: str, kind: str) -> SpeechStream:
        """Returns the file of a job in a kind of ``KINDS`` or ``pcm``, as it grows; the caller closes it."""
        row = self._row(job_id)
        numbers = [chunk.number for chunk in self._desk.history.chunks(job_id) if chunk.number < ROUND]
        folder = spoken_folder(self._desk.artifacts.work(job_id))
        source = self._desk.uploads.source(row.input_sha256 or "")
        return SpeechStream(self._desk, folder, source, numbers, kind, row.title)

    def again(self, job_id: str, number: int, text: str | None = None) -> None:
        """Speaks one sentence anew, with another text where one is given; the others stay as they are.

        Raises NotFound, and JobError ``aloud_running`` or ``input_missing``.
        """
        row = self._row(job_id)
        if not row.ended:
            raise JobError("aloud_running")
        if not self._desk.uploads.source(row.input_sha256 or "").is_file():
            raise JobError("input_missing", status=410)
        recording = recording_of(AloudRequest.from_dict(row.request).voice)
        if recording is not None:
            self.own.note_reading(self.own.usable(recording).id, job_id, row.owner)
        if text is not None:
            of_text(text)
            write_change(spoken_folder(self._desk.artifacts.work(job_id)), number, text.strip())
        if not speak_again(self._desk.history, job_id, number, ROUND):
            raise NotFound("artifact_missing", name=str(number))
        self._acceptance.resume(self._row(job_id))
        self._desk.events.publish(job_id)

    def file(self, job_id: str, kind: str) -> tuple[Path, str]:
        """Returns the finished file in a kind of ``KINDS`` and its media type; another kind is made now and kept.

        Raises NotFound, JobError ``job_not_finished``.
        """
        row = self._row(job_id)
        if row.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        if kind not in KINDS:
            raise NotFound("artifact_missing", name=kind[:20])
        target = self._desk.artifacts.folder(job_id) / f"result{KINDS[kind].suffix}"
        if not target.is_file():
            self._write(row, kind, target)
        return target, KINDS[kind].media_type

    def dub(self, job_id: str, upload: Upload | None) -> None:
        """Puts what was read into a video, as its sound: into an upload, or that of the transcript that was read.

        Raises NotFound, JobError ``job_not_finished`` or ``aloud_no_video``, and MediaError.
        """
        row = self._row(job_id)
        if row.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        found = (self._desk.uploads.source(upload.sha256), upload.name) if upload else self._video_of(row)
        if found is None or not found[0].is_file():
            raise JobError("aloud_no_video", status=422)
        folder = self._desk.artifacts.folder(job_id)
        with TemporaryDirectory(dir=folder, prefix="dubbing-") as scratch:
            order = {"work": "dub_video", "name": found[1], "target_folder": scratch, **self._joined(row)}
            order["source"] = str(found[0])
            told = self._desk.writes.sound(
                order, self._desk.limits, lambda share: None, lambda: self._desk.board.stopping
            )
            for before in folder.glob("video.*"):
                before.unlink()
            (Path(scratch) / told["file"]).replace(folder / told["file"])

    def video(self, job_id: str) -> Path:
        """Returns the video that ``dub`` has made; raises NotFound."""
        self._row(job_id)
        found = next(iter(self._desk.artifacts.folder(job_id).glob("video.*")), None)
        if found is None:
            raise NotFound("artifact_missing", name="video")
        return found

    def _video_of(self, row: JobRow) -> tuple[Path, str] | None:
        of = AloudRequest.from_dict(row.request).of
        source = self._desk.history.job(of) if of else None
        if source is None or source.media_kind != "video" or not source.input_sha256:
            return None
        return self._desk.uploads.source(source.input_sha256), source.source_name

    def _joined(self, row: JobRow) -> dict[str, Any]:
        """Returns where the sentences of a finished job lie and when each is heard."""
        script = read(self._desk.uploads.source(row.input_sha256 or ""))
        return {
            "folder": str(spoken_folder(self._desk.artifacts.work(row.id))),
            "files": files_of(self._kept(row), script, AloudRequest.from_dict(row.request)),
        }

    def _write(self, row: JobRow, kind: str, target: Path) -> None:
        request = AloudRequest.from_dict(row.request)
        source = self._desk.uploads.source(row.input_sha256 or "")
        part = target.with_name(f"part-{target.name}")
        order = {
            "work": "join_speech",
            "source": str(source),
            **self._joined(row),
            "target": str(part),
            "kind": kind,
            "title": row.title,
            "voice": called(self._desk.history, request.voice),
        }
        self._desk.writes.sound(order, self._desk.limits, lambda share: None, lambda: self._desk.board.stopping)
        part.replace(target)

    def _kept(self, row: JobRow) -> list[Take]:
        """Returns the takes that the finished file is made of: those that were understood, where somebody listened."""
        found = self._desk.artifacts.find(row.id, TABLE)
        told = json.loads(found[1].read_text("utf-8"))["sentences"] if found else []
        kept = {one["number"]: one["round"] for one in told}
        return [take for take in self._takes(row) if kept.get(take.sentence) == take.round]

    def words(self) -> list[dict[str, str]]:
        """Returns the pronunciation list."""
        return [{"written": written, "spoken": spoken} for written, spoken in words_of(self._desk.history)]

    def set_word(self, written: str, spoken: str) -> None:
        """Notes how a word is said, or takes it off the list; raises JobError ``aloud_words_full``."""
        if spoken and len(words_of(self._desk.history)) >= MOST_WORDS:
            raise JobError("aloud_words_full", limit=MOST_WORDS)
        set_word(self._desk.history, written.strip(), spoken.strip())

    def _facts(self, spec: ModelSpec) -> dict[str, Any]:
        return {
            "title": spec.title,
            "licence": spec.licence,
            "pack": None if self._models.has_pack(spec) else spec.pack,
            "terms": Terms(self._desk.history).told(spec),
            "installed": self._models.is_here(spec),
            "download_bytes": spec.download_bytes,
        }

    def _takes(self, row: JobRow) -> list[Take]:
        return takes_of(self._desk.history.chunks(row.id))

    def _row(self, job_id: str) -> JobRow:
        row = self._desk.history.job(job_id)
        if row is None or row.task != Task.ALOUD:
            raise NotFound(id=job_id)
        return row


def _known(name: str) -> Voice:
    voice = named(name)
    if voice is None:
        raise NotFound("aloud_no_voice", voice=name[:50])
    return voice


def _title(text: str) -> str:
    """Returns the beginning of a text, as its name."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first if len(first) <= TITLE_SIGNS else f"{first[:TITLE_SIGNS].rstrip()}…"


def _waiting(chunk: ChunkRow, script: Script, changed: dict[int, str]) -> dict[str, Any]:
    first, last = int(chunk.start), int(chunk.end)
    said = changed.get(chunk.number) or script.text[first:last].strip()
    return {"number": chunk.number, "text": said, "failed": chunk.status == "failed"}

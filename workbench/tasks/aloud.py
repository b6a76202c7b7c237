"""Reading aloud as cut and join: sentences of a text go to an engine, their sounds become one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engines.requests_speaking import MOST_CUT, AloudRequest, SpeakItem
from engines.speaking.saying import LEAST_SPEED, MOST_SPEED
from engines.speaking.voices import named, recording_of
from media.packing import Chunk
from media.sentences import Piece, pause_after
from media.spoken import file_name
from workbench.errors import JobError
from workbench.reading_aloud.script import Script, chunks_of, read
from workbench.tasks.work import Plan, Planned, Told

if TYPE_CHECKING:
    from workbench.machine.models import Models

OWN_VOICES = "own-voices"
"""The folder of the data folder with the recordings whose voices are spoken with."""
FORMATS = ("mp3", "wav", "opus", "m4a", "flac")
ROUND = 10_000_000
"""Sentences that are spoken again have numbers from here on: the round times this, plus their own."""
ROUNDS = 2
CAREFUL = (400, 120, 60)
"""How many sounds are made at once, by round: shorter runs are slower and say every word."""


class AloudWork(Planned):
    """The task ``text-to-speech``."""

    asked: type = AloudRequest

    def request(self, value: Mapping[str, Any]) -> AloudRequest:
        """Builds the request from its stored shape."""
        return AloudRequest.from_dict(dict(value))

    def plan(self, request: Any, source: Path) -> Plan:
        """Returns one chunk for each sentence."""
        asked = cast(AloudRequest, request)
        return Plan(chunks_of(read(source), asked.cut, asked.in_time))

    def item(self, told: Told) -> SpeakItem:
        """Returns one sentence, as it was changed by a person or as it stands in the text."""
        return item_of(told.request, read(told.source), told.number, told.pieces[0], spoken_folder(told.folder))

    def model(self, request: Any, models: Models) -> str:
        """Returns the model that has the voice; raises JobError ``request_invalid`` or ``pack_missing``."""
        asked = cast(AloudRequest, request)
        check(asked)
        voice = named(asked.voice)
        assert voice is not None
        spec = models.named(voice.model)
        if not models.has_pack(spec):
            raise JobError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
        return spec.name


def item_of(request: AloudRequest, script: Script, number: int, place: tuple[float, float], folder: Path) -> SpeakItem:
    """Returns one sentence for the engine; ``place`` is in signs of the text, ``folder`` holds the sentences."""
    piece = Piece(int(place[0]), int(place[1]))
    own, again = number % ROUND, number // ROUND
    recording = recording_of(request.voice)
    item = SpeakItem(
        text=script.text[piece.start : piece.end].strip(),
        voice=request.voice,
        target=str(folder / file_name(number)),
        speed=request.speed,
        words=request.words,
        pause_s=pause_after(script.text, piece),
        most=CAREFUL[min(again, len(CAREFUL) - 1)],
        reference=str(voice_folder(folder, recording)) if recording else "",
        take=again,
    )
    if request.in_time and own < len(script.cues):
        item = replace(item, pause_s=0.0, room_s=room_of(script, own))
    changed = changes(folder).get(own)
    return replace(item, text=changed) if changed else item


def room_of(script: Script, number: int) -> float:
    """Returns the seconds until the next subtitle begins; the last one may take as long as it likes."""
    cue = script.cues[number]
    if number + 1 < len(script.cues):
        return max(0.3, script.cues[number + 1].start_s - cue.start_s)
    return max(cue.end_s - cue.start_s, 30.0)


def spoken_folder(work: Path) -> Path:
    """Returns where a job's sentences are kept, beside the folder of what is not finished."""
    return work.parent / "spoken"


def voice_folder(spoken: Path, voice: str) -> Path:
    """Returns where the recording of a voice lies, in the data folder that the sentences of a job lie in."""
    return spoken.parents[2] / OWN_VOICES / voice


def changes(folder: Path) -> dict[int, str]:
    """Returns what people wrote in place of sentences, by number."""
    try:
        told = json.loads((folder / "changed.json").read_text(encoding="utf-8"))
        return {int(number): str(text) for number, text in told.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def write_change(folder: Path, number: int, text: str) -> None:
    """Notes what a person wants said in place of a sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {str(one): said for one, said in changes(folder).items()} | {str(number): text}
    part = folder / "changed.json.part"
    part.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    part.replace(folder / "changed.json")


def again(chunk: Chunk, times: int) -> Chunk:
    """Returns the chunk that speaks a sentence once more, in smaller runs."""
    return Chunk(times * ROUND + chunk.number % ROUND, chunk.pieces)


def check(request: AloudRequest) -> None:
    """Raises JobError ``request_invalid`` with the ``field`` that is wrong and the ``value`` it has."""
    for fine, field in (
        (named(request.voice) is not None, "voice"),
        (LEAST_SPEED <= request.speed <= MOST_SPEED, "speed"),
        (0 <= request.cut <= MOST_CUT, "cut"),
        (request.format in FORMATS, "format"),
    ):
        if not fine:
            raise JobError("request_invalid", status=422, field=field, value=str(getattr(request, field))[:100])

"""What requests may hold, with their limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from engines.requests import SpeakersRequest, TranscribeRequest, VadOptions

LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
LAST_NUMBER = 2**53
"""Of a line: what JSON holds exactly; the database takes 64 bits."""
UploadId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Body(BaseModel):
    """A JSON body; an unknown field is an error, so that a misspelt one does not pass in silence."""

    model_config = ConfigDict(extra="forbid")


class VadBody(Body):
    """Limits of voice activity detection."""

    threshold: float = Field(default=0.5, ge=0.05, le=0.95)
    min_speech_duration_ms: int = Field(default=100, ge=0, le=10_000)
    min_silence_duration_ms: int = Field(default=500, ge=0, le=10_000)
    speech_pad_ms: int = Field(default=200, ge=0, le=2_000)
    max_speech_duration_s: float = Field(default=28.0, ge=2, le=29)


class SpeakersBody(Body):
    """How many people there are in a recording: a number, or at least and at most; absent: unknown.

    With ``channels`` it is one person a channel, where the recording has two.
    """

    n_speakers: int | None = Field(default=None, ge=1, le=30)
    at_least: int | None = Field(default=None, ge=1, le=30)
    at_most: int | None = Field(default=None, ge=1, le=30)
    channels: bool = False

    def to_request(self) -> SpeakersRequest:
        """Returns the request that the workbench takes."""
        return SpeakersRequest(**self.model_dump())


class TranscribeBody(Body):
    """What a person chose for a transcription; the meaning of each field stands at ``TranscribeRequest``."""

    quality: str = Field(default="balanced", pattern=r"^(fast|balanced|best|model:[A-Za-z0-9._-]{1,60})$")
    language: LanguageCode | None = None
    languages: list[LanguageCode] = Field(default=[], max_length=99)
    translate: bool = False
    script: Literal["simplified", "traditional"] | None = "simplified"
    hotwords: str = Field(default="", max_length=1_000)
    itn: bool = False
    word_timestamps: bool = True
    beam_size: int | None = Field(default=None, ge=1, le=10)
    vad: VadBody = VadBody()
    speakers: SpeakersBody | None = None
    clean: Literal["denoise", "restore"] | None = None

    def to_request(self) -> TranscribeRequest:
        """Returns the request that the workbench takes."""
        told = self.model_dump(exclude={"vad", "languages", "speakers"})
        return TranscribeRequest(
            **told,
            languages=tuple(self.languages),
            vad=VadOptions(**self.vad.model_dump()),
            speakers=self.speakers.to_request() if self.speakers is not None else None,
        )


class SubmitBody(Body):
    """Uploaded files, and what to do with each."""

    uploads: list[UploadId] = Field(min_length=1, max_length=500)
    request: TranscribeBody = TranscribeBody()
    lane: Literal["interactive", "batch"] | None = None


class AgainBody(Body):
    """Other settings for a job that is run again; absent: the same."""

    request: TranscribeBody | None = None


class JobPatch(Body):
    """A new title, new tags, or both."""

    title: Title | None = None
    tags: list[Tag] | None = Field(default=None, max_length=20)


LineTexts = dict[Annotated[str, StringConstraints(pattern=r"^\d{1,9}$")], Annotated[str, Field(max_length=10_000)]]


class SegmentsPatch(Body):
    """New texts of lines, by their number, and in ``was`` what the person saw there before."""

    edits: LineTexts = Field(min_length=1, max_length=10_000)
    was: LineTexts = Field(default={}, max_length=10_000)


class ReplaceBody(Body):
    """A text to be replaced in all lines of a transcript."""

    find: str = Field(min_length=1, max_length=500)
    replacement: str = Field(default="", max_length=500)
    match_case: bool = False


SpeakerKey = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}$")]


class SpeakerPatch(Body):
    """What a speaker is called; null takes the name away."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)] | None


class MergeBody(Body):
    """Two speakers who are one person."""

    key: SpeakerKey
    into: SpeakerKey


class PartBody(Body):
    """A speaker who became another one and is somebody else after all."""

    key: SpeakerKey


class GiveBody(Body):
    """Lines that somebody else has spoken; without ``key`` a new person."""

    numbers: list[Annotated[int, Field(ge=0, le=LAST_NUMBER)]] = Field(min_length=1, max_length=10_000)
    key: SpeakerKey | None = None

"""What may be asked of each task besides transcription, with its limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.schema import Body, UploadId
from engines.requests import SoundRequest
from engines.requests_speaking import MOST_CUT, USUAL_CUT, AloudRequest
from engines.requests_video import VideoRequest
from workbench.reading_aloud.script import MOST_SIGNS
from workbench.writing.wish import MOST_INSTRUCTION, MOST_TEMPLATE, WriteRequest
from workbench.writing.written import MOST_TEXT

JobRef = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class SoundBody(Body):
    """What a person chose for cleaning up sound; the meaning of each field stands at ``SoundRequest``."""

    kind: Literal["denoise", "restore"] = "denoise"
    mode: int = Field(default=0, ge=0, le=2)
    strength: float = Field(default=1.0, ge=0, le=1)
    loudness: Literal["keep", "-16", "-23"] = "keep"
    trim: bool = False

    def to_request(self) -> SoundRequest:
        """Returns the request that the workbench takes."""
        return SoundRequest(**self.model_dump())


class SoundJobsBody(Body):
    """Uploaded files, and how the sound of each is cleaned up."""

    uploads: list[UploadId] = Field(min_length=1, max_length=500)
    request: SoundBody = SoundBody()


class VideoBody(Body):
    """What a person chose for a video; the meaning of each field stands at ``VideoRequest``."""

    source: Literal["clean", "compressed", "blurred", "quick"] = "clean"
    scale: Literal[2, 4] = 4
    codec: Literal["h264", "h265", "av1"] = "h264"
    quality: Literal["small", "good", "best"] = "good"
    start: float = Field(default=0.0, ge=0)
    end: float | None = Field(default=None, gt=0)
    trial: bool = False
    then_start: float = Field(default=0.0, ge=0)
    then_end: float | None = Field(default=None, gt=0)

    def to_request(self) -> VideoRequest:
        """Returns the request that the workbench takes."""
        return VideoRequest(**self.model_dump())


class VideoJobsBody(Body):
    """Uploaded videos, and how each is made sharper."""

    uploads: list[UploadId] = Field(min_length=1, max_length=100)
    request: VideoBody = VideoBody()


class AloudBody(Body):
    """What a person chose for reading aloud; the meaning of each field stands at ``AloudRequest``."""

    voice: str = Field(default="", max_length=60)
    speed: float = Field(default=1.0, ge=0.25, le=4)
    cut: int = Field(default=USUAL_CUT, ge=0, le=MOST_CUT)
    check: bool = False
    format: Literal["mp3", "wav", "opus", "m4a", "flac"] = "mp3"
    in_time: bool = False

    def to_request(self) -> AloudRequest:
        """Returns the request that the workbench takes."""
        return AloudRequest(**self.model_dump())


class AloudJobBody(Body):
    """What is read: a text, a file that was uploaded, or the transcript or written text of a job; and how."""

    # What is a little too long is refused by the room, in words of its own.
    text: str | None = Field(default=None, max_length=4 * MOST_SIGNS)
    upload: UploadId | None = None
    job: JobRef | None = None
    request: AloudBody = AloudBody()


class WriteBody(Body):
    """What a person chose for writing; the meaning of each field stands at ``WriteRequest``."""

    kind: Literal["polish", "summary", "minutes", "chapters", "title", "subtitles", "translate", "free", "template"]
    style: Literal["standard", "formal", "casual", "concise", "detailed"] = "standard"
    length: Literal["short", "medium", "long"] = "medium"
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-Hant)?$")] | None = None
    instruction: str = Field(default="", max_length=MOST_INSTRUCTION)
    template: str = Field(default="", max_length=MOST_TEMPLATE)
    template_name: str = Field(default="", max_length=80)
    quality: str = Field(default="auto", pattern=r"^(auto|quick|careful|model:[A-Za-z0-9._-]{1,60})$")
    thinking: bool = False

    def to_request(self) -> WriteRequest:
        """Returns the request that the workbench takes."""
        return WriteRequest(**self.model_dump())


class WriteJobBody(Body):
    """A finished transcript by its job, or a plain text; and what is to be written from it."""

    job: JobRef | None = None
    text: str | None = Field(default=None, max_length=4 * MOST_TEXT)
    title: str = Field(default="", max_length=200)
    request: WriteBody

"""What a video has beside its pictures, and how it goes into the result: sound, subtitles, fonts, covers, chapters."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from media.video_sound import Anew
from media.video_source import JUMP_S

_NOT_TAKEN_OVER = (
    "encoder", "major_brand", "minor_version", "compatible_brands", "duration", "rotate", "bps", "number_of_frames",
    "number_of_bytes", "stereo_mode", "alpha_mode",
)  # fmt: skip
"""What a file says of itself, and not of what is in it; Matroska adds a language to these names."""
_LARGEST_ATTACHMENT = 64 << 20
_PICTURES = {
    "mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png"), "gif": ("gif", "image/gif"),
    "bmp": ("bmp", "image/bmp"), "webp": ("webp", "image/webp"), "tiff": ("tif", "image/tiff"),
}  # fmt: skip
"""Ending and media type of a cover by FFmpeg's name of its codec."""


LEFT, ANEW = "video_track_left", "video_sound_anew"


class Unfit(Exception):
    """This container does not take one of the streams."""


def streams(original: Any, output: Any, kind: str) -> tuple[dict[int, Any], set[str]]:
    """Adds what goes beside the pictures to ``output``; returns the new streams by the old ones' numbers, ``Anew`` for
    those that cannot be copied, and the codes of notes. ``kind`` is FFmpeg's name of the container. Raises Unfit.
    """
    import av

    found: dict[int, Any] = {}
    notes: set[str] = set()
    covers = covers_of(original) if kind == "mp4" else []
    if kind == "mov" and covers_of(original):
        notes.add(LEFT)
    for stream in (*original.streams.audio, *original.streams.subtitles, *covers):
        # Nobody here, and no other program yet, knows such a track: a newer kind of file would not help.
        if stream.codec_context is None:
            notes.add(LEFT)
            continue
        try:
            # Opaque: copied as it is, also where nothing here could write it.
            copy = output.add_stream_from_template(stream, opaque=True)
        except (av.FFmpegError, ValueError, TypeError, NotImplementedError) as error:
            if kind != "matroska":
                raise Unfit from error
            anew = _anew(stream, output)
            notes.add(LEFT if anew is None else ANEW)
            if anew is None:
                continue
            found[stream.index], copy = anew, anew.stream
        else:
            found[stream.index] = copy
        dress(stream, copy)
    _attachments(original, output, kind)
    return found, notes


class Clocks:
    """The clocks of what goes beside the pictures. Each must grow; where it begins anew it is moved as that of the
    pictures was; ``jumps`` are by how many seconds, one after another."""

    def __init__(self, jumps: list[Fraction]) -> None:
        self._jumps = jumps
        self._raw: dict[int, Fraction] = {}
        self._moved: dict[int, Fraction] = {}
        self._passed: dict[int, int] = {}

    def follow(self, packet: Any) -> bool:
        """Moves a packet; returns whether it comes behind the one before it in its stream."""
        index, raw = packet.stream.index, packet.dts * packet.time_base
        n = self._passed.get(index, 0)
        if raw < self._raw.get(index, raw) - JUMP_S and n < len(self._jumps):
            self._passed[index] = n = n + 1
        self._raw[index] = raw
        ticks = round(sum(self._jumps[:n], Fraction(0)) / packet.time_base)
        packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
        moved, before = packet.dts * packet.time_base, self._moved.get(index)
        # Two lines of subtitles may begin together.
        if before is not None and (moved < before or (moved == before and packet.stream.type == "audio")):
            return False
        self._moved[index] = moved
        return True


def dress(stream: Any, copy: Any) -> None:
    """Gives a new stream the words that a file has about the old one, such as its language, and what it is for."""
    copy.metadata.update(told(stream.metadata))
    with contextlib.suppress(Exception):
        copy.disposition = stream.disposition


def chapters(original: Any, begin: Fraction, end: Fraction | None, origin: Fraction) -> list[Any]:
    """Returns the chapters of a part from ``begin`` to ``end`` as PyAV sets them; ``origin`` becomes 0. In seconds."""
    found = []
    for chapter in original.chapters():
        tick = chapter["time_base"]
        low, high = chapter["start"] * tick, chapter["end"] * tick
        if high <= begin or (end is not None and low >= end):
            continue
        high = high if end is None else min(high, end)
        moved = {"start": round((max(low, begin) - origin) / tick), "end": round((high - origin) / tick)}
        found.append({**chapter, **moved})
    return found


def told(metadata: Mapping[str, str]) -> dict[str, str]:
    """Returns what is taken over of metadata."""
    return {
        name: value
        for name, value in metadata.items()
        if not name.lower().startswith(("_statistics", *_NOT_TAKEN_OVER))
    }


def covers_of(original: Any) -> list[Any]:
    """Returns the streams of single pictures that players show for the whole file."""
    import av

    cover = av.stream.Disposition.attached_pic
    return [stream for stream in original.streams.video if stream.disposition & cover]


def attach_covers(original: Any, output: Any) -> bool:
    """Puts the covers of ``original``, which is read for it, into a Matroska file, where they are files beside the
    pictures; returns whether one was of a kind that is not known."""
    lost, taken = False, set[str]()
    for stream in covers_of(original):
        packet = next((packet for packet in original.demux(stream) if packet.size), None)
        known = _PICTURES.get(stream.codec_context.name) if stream.codec_context is not None else None
        if packet is None or known is None or packet.size > _LARGEST_ATTACHMENT:
            lost = True
            continue
        ending, media_type = known
        # Players look for this name.
        name = f"cover{len(taken) or ''}.{ending}"
        name = stream.metadata.get("filename") or name
        taken.add(name)
        output.add_attachment(name, media_type, bytes(packet))
    return lost


def _anew(stream: Any, output: Any) -> Anew | None:
    """Returns what writes a track of sound anew; None for what is no sound, or sound that nobody here can read."""
    with contextlib.suppress(ValueError):
        return Anew(stream, output) if stream.type == "audio" else None
    return None


def _attachments(original: Any, output: Any, kind: str) -> None:
    """Takes over fonts, without which subtitles with a style look wrong; only Matroska holds them."""
    if kind != "matroska":
        return
    for stream in original.streams.attachments:
        with contextlib.suppress(Exception):
            if len(stream.data) <= _LARGEST_ATTACHMENT:
                output.add_stream_from_template(stream).metadata.update(stream.metadata)

"""The sandboxed child that decodes frames for an engine and writes them to its standard output, as long as it is read.

It opens the one file that it is told, writes none, and ends when the engine does, as its output breaks then.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO


def main() -> None:
    """Takes ``{"video", "folder", "first", "memory_mib"}`` as its only argument."""
    order = json.loads(sys.argv[1])
    _confine(int(order["memory_mib"]))
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    try:
        decode(Path(order["video"]), Path(order["folder"]), int(order["first"]), output)
    except BrokenPipeError:
        os._exit(0)


def decode(video: Path, folder: Path, first: int, output: BinaryIO) -> None:
    """Writes the frames from number ``first`` on: upright, RGB, eight bits, one behind the other.

    A frame of the index that cannot be decoded this time is the one before it again, so that every frame keeps its
    number. Raises MediaError, OSError.
    """
    from media.limits import MediaLimits
    from media.video_index import read_index, read_times
    from media.video_source import Upright, VideoSource

    index = read_index(folder)
    if index is None:
        raise FileNotFoundError(str(folder))
    times = read_times(folder)
    upright = Upright(index.facts)
    last = bytes(index.facts.width * index.facts.height * 3)
    at = first
    with VideoSource(video, MediaLimits()) as source:
        for frame in _from(source, int(times[first]), index):
            while at < len(times) and times[at] < frame.pts:
                _write(output, last)
                at += 1
            if at == len(times):
                return
            if frame.pts == times[at]:
                last = upright.picture(frame).tobytes()
                _write(output, last)
                at += 1
    for _ in range(at, len(times)):
        _write(output, last)


def _from(source: Any, pts: int, index: Any) -> Any:
    """Yields frames of a video from one at or before ``pts`` on; the first place to go to is well before, as pictures
    there may rest on earlier ones. A file whose clock begins anew has two places for one time, and is read whole."""
    early = round(2 / source.stream.time_base)
    first = source.stream.start_time or 0
    if pts - early > first and not index.jumps:
        source.seek(pts - early)
    frames = source.frames(index.interlaced, bool(index.jumps))
    return (frame for frame in frames if frame.pts >= pts)


def _write(output: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[output.write(view) :]


def _confine(memory_mib: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_AS, memory_mib << 20),
    ):
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    main()

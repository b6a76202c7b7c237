"""One person who speaks into a live session for a bench: sends paced packets and notes when each text came."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import websockets

from bench.recordings import RATE, Sound
from engines.silero import Silero, weights_path
from media.vad import WINDOW
from workbench.live.utterances import CutLimits, UtteranceCutter

PACKET = RATE // 10


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance in seconds: its padded start, its first speech, the end of it, and when that is recognised."""

    start: float
    onset: float
    ended: float
    recognised: float


@dataclass(slots=True)
class Report:
    """What one client saw; ``partials`` and ``finals`` are ``(line, sound time, text)`` in the order of arrival."""

    partials: list[tuple[int, float, dict[str, Any]]] = field(default_factory=list)
    finals: dict[int, tuple[float, dict[str, Any]]] = field(default_factory=dict)
    states: list[dict[str, Any]] = field(default_factory=list)
    job: str = ""
    close_code: int | None = None
    late_s: float = 0.0


def utterances(sound: Sound, pause_s: float) -> list[Said]:
    """Returns the utterances that a session cuts this sound into, found without a server."""
    chances, levels = Silero(weights_path(), n_block=1).feed(sound)
    cutter, found, onset = UtteranceCutter(CutLimits(pause_s)), [], 0.0
    for number, (chance, level) in enumerate(zip(chances, levels, strict=True)):
        at_s = (number + 1) * WINDOW / RATE
        before = cutter.open
        closed = cutter.feed([float(chance)], [float(level)])
        if before is None and cutter.open is not None:
            onset = at_s
        silent_s = before.silent_s + WINDOW / RATE if before is not None and before.silent_s else 0.0
        found += [Said(utterance.start, onset, at_s - silent_s, at_s) for utterance in closed]
        if closed and cutter.open is not None:
            onset = at_s
    return found


async def speak(url: str, sound: Sound, settings: dict[str, Any], pace: float = 1.0) -> Report:
    """Speaks ``pace`` times as fast as a person, and returns what came back; times are those of the sound."""
    report = Report()
    address = url.replace("http://", "ws://") + "/api/live"
    async with websockets.connect(address, max_queue=None) as socket:
        start = {"type": "start", "key": secrets.token_hex(12), "settings": settings, "title": "bench"}
        await socket.send(json.dumps(start))
        started = json.loads(await socket.recv())
        if started["type"] == "error":
            raise RuntimeError(started["message"])
        report.job = started["job"]
        begun = time.monotonic()
        sending = asyncio.create_task(_send(socket, sound, begun, pace, report))
        async for message in socket:
            _note(report, json.loads(message), (time.monotonic() - begun) * pace)
            if sending.done():
                sending.result()
        await sending
        report.close_code = socket.close_code
    return report


async def _send(socket: Any, sound: Sound, begun: float, pace: float, report: Report) -> None:
    n_packets = -(-len(sound) // PACKET)
    for number in range(n_packets):
        # A packet leaves when its last sample has been spoken.
        wait_s = begun + (number + 1) * 0.1 / pace - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        report.late_s = max(report.late_s, -wait_s)
        samples = sound[number * PACKET : (number + 1) * PACKET].astype("<i2").tobytes()
        await socket.send(number.to_bytes(4, "little") + samples)
    await socket.send(json.dumps({"type": "stop", "n_packets": n_packets}))


def _note(report: Report, told: dict[str, Any], at: float) -> None:
    if told["type"] == "error":
        raise RuntimeError(told["message"])
    if told["type"] == "state":
        report.states.append(told)
    if told["type"] == "line" and told["state"] == "open" and (told["firm"] or told["provisional"]):
        report.partials.append((told["line"], at, told))
    elif told["type"] == "line" and told["state"] != "open":
        report.finals[told["line"]] = at, told


def noise(seconds: float, seed: int) -> Sound:
    """Returns quiet noise, as rooms have."""
    made = np.random.default_rng(seed).normal(0, 20, round(seconds * RATE))
    return made.astype(np.int16)

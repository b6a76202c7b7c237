"""The server is killed in the middle of a meeting: nothing that was acknowledged is lost, and it goes on."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.faults.conftest import mono_16k

pytestmark = pytest.mark.faults
ROOT = Path(__file__).resolve().parent.parent.parent
PACKET = 3_200
START = {"type": "start", "key": "the-key-of-a-meeting", "settings": {"quality": "slow", "language": "en"}}


@contextmanager
def server(data: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.faults.serve_live", str(data)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{json.loads(process.stdout.readline())['port']}", process
        finally:
            process.kill()


def kill(process: subprocess.Popen[str]) -> None:
    children = psutil.Process(process.pid).children(recursive=True)
    children = [child for child in children if "resource_tracker" not in str(child.cmdline())]
    process.kill()
    process.wait()
    assert not psutil.wait_procs(children, timeout=10)[1]


class Meeting:
    """A browser that keeps the sound until it is acknowledged, and sends it again after every loss."""

    def __init__(self, sound: bytes) -> None:
        self.packets = [sound[at : at + PACKET] for at in range(0, len(sound), PACKET)]
        self.next = 0
        self.job = ""
        self.finals: dict[int, str] = {}
        self.ended = False

    def speak(self, address: str, most: int | None = None) -> None:
        """Sends up to ``most`` packets, or all and the end."""
        with suppress(ConnectionClosed), connect(f"ws://{address}/api/live") as socket:
            socket.send(json.dumps(START))
            started = json.loads(socket.recv(20))
            self.job, self.next = started["job"], started["next_packet"]
            until = len(self.packets) if most is None else min(len(self.packets), self.next + most)
            for number in range(self.next, until):
                socket.send(number.to_bytes(4, "little") + self.packets[number])
            if most is None:
                socket.send(json.dumps({"type": "stop", "n_packets": len(self.packets)}))
            self.read(socket, until)

    def read(self, socket: Any, until: int) -> None:
        for frame in socket:
            told = json.loads(frame)
            if told["type"] == "ack":
                self.next = max(self.next, told["next_packet"])
            elif told["type"] == "line" and told["state"] == "final":
                self.finals[told["line"]] = told["text"]
            self.ended = self.ended or told["type"] == "ended"
            if self.next >= until and not self.ended and until < len(self.packets):
                return


def lines_of(address: str, job: str) -> list[Any]:
    found = httpx.get(f"http://{address}/api/jobs/{job}/segments").json()["segments"]
    return [(round(line["start"], 2), line["text"]) for line in found]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_meeting_survives_kills_without_losing_what_was_said(media_folder: Path, tmp_path: Path, seed: int) -> None:
    clips = sorted((media_folder / "asr").glob("spk1_*.wav"))
    sound = b"".join(mono_16k(path) + bytes(32_000) for path in clips * 2)
    calm, wild, dice = Meeting(sound), Meeting(sound), random.Random(seed)
    with server(tmp_path / "calm") as (address, _):
        calm.speak(address)
        expected = lines_of(address, calm.job)
    assert calm.ended and len(expected) >= len(clips)
    for _ in range(4):
        with server(tmp_path / "wild") as (address, process):
            acknowledged = wild.next
            wild.speak(address, most=dice.randrange(20, 60))
            assert wild.next >= acknowledged
            time.sleep(dice.uniform(0.0, 0.5))
            kill(process)
    with server(tmp_path / "wild") as (address, _):
        before = wild.next
        wild.speak(address)
        assert wild.ended and before <= len(wild.packets)
        job = httpx.get(f"http://{address}/api/jobs/{wild.job}").json()
        assert job["status"] == "succeeded" and not job["n_failed"]
        assert httpx.get(f"http://{address}/api/jobs/{wild.job}/audio").content[44:] == sound
        found = lines_of(address, wild.job)
        assert abs(len(found) - len(expected)) <= 1
        assert sorted(wild.finals) == list(range(len(found)))
    [folder] = [path for path in (tmp_path / "wild" / "inputs").iterdir() if (path / "source").exists()]
    with wave.open(str(folder / "source"), "rb") as file:
        assert np.array_equal(np.frombuffer(file.readframes(10**9), "<i2"), np.frombuffer(sound, "<i2"))

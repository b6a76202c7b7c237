"""A real server with live sessions, models and ears being fakes, and the official client in front of it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest

from api.app import create_api
from media.audio import Samples
from tests.api.conftest import Server
from tests.workbench.conftest import Room
from tests.workbench.live.speaking import RATE, talk
from workbench.texts import Texts


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    made = Room(tmp_path, root)
    yield made
    made.close()


@pytest.fixture
def live(room: Room, texts: Texts) -> Iterator[Server]:
    running = Server(create_api(room.bench(), texts))  # type: ignore[arg-type]
    running.start()
    yield running
    running.stop()


@pytest.fixture
def client(live: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key="none", max_retries=0) as one:
        yield one


class Program:
    """A program that speaks, as the official client has it; ``told`` is all it heard."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.told: list[Any] = []

    def say(self, samples: Samples, piece_s: float = 0.1) -> None:
        """Sends sound of 16 kHz as the 24 kHz that the interface wants."""
        content = at_24_khz(samples)
        step = round(piece_s * 24_000) * 2
        for at in range(0, len(content), step):
            self.connection.input_audio_buffer.append(audio=base64.b64encode(content[at : at + step]).decode())

    def until(self, kind: str, n: int = 1) -> Any:
        """Reads until so many events of a kind have come in all; returns the last."""
        while (found := self.all(kind))[n - 1 :] == []:
            # As its ``recv`` does, which knows no limit.
            content = self.connection._connection.recv(timeout=10, decode=False)
            self.told.append(self.connection.parse_event(content))
        return found[n - 1]

    def all(self, kind: str) -> list[Any]:
        return [event for event in self.told if event.type.endswith(kind)]

    def text(self, item_id: str) -> str:
        return "".join(event.delta for event in self.all(".delta") if event.item_id == item_id)


def at_24_khz(samples: Samples) -> bytes:
    """Linear interpolation is enough for sounds that are only loud or silent."""
    places = np.arange(len(samples) * 3 // 2) / 1.5
    return np.interp(places, np.arange(len(samples)), samples).astype("<i2").tobytes()


SOUND = talk(2.0, 1.0, 3.0, 1.0)
__all__ = ["RATE", "SOUND", "Program", "at_24_khz", "talk"]

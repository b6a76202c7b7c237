"""Carries a program's sound into a live session, which is opened with its first sample."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from api.openai.realtime.conversation import Seen
from api.openai.realtime.listening import Listening
from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE
from media.raw_sound import RawSound
from workbench.live.link import LiveLink
from workbench.live.live import Live, Wanted

_PACKET_BYTES = SAMPLE_RATE // 2 * BYTES_A_SAMPLE
_MOST_LINES = 500


class Microphone:
    """The sound of one connection; its methods may take disk time, and are called one at a time."""

    def __init__(self, live: Live, owner: str, title: str, wake: Callable[[], None]) -> None:
        self.link: LiveLink | None = None
        self._live = live
        self._owner = owner
        self._title = title
        self._wake = wake
        self._sound: RawSound | None = None
        self._n_packets = 0
        self._n_bytes = 0

    @property
    def heard_s(self) -> float:
        """Seconds of sound that were sent."""
        return self._n_bytes / BYTES_A_SAMPLE / SAMPLE_RATE

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that wait for the disk."""
        return self.link.session.backlog_s if self.link is not None else 0.0

    def open(self, listening: Listening, quality: str) -> LiveLink:
        """Opens the session where there is none yet; raises LiveError and JobError."""
        if self.link is None:
            settings = {**listening.settings(), "quality": quality}
            wanted = Wanted(secrets.token_urlsafe(24), settings, self._title, self._owner)
            self.link = self._live.open(wanted, self._wake)
            # A session wakes nobody twice before it was looked at, and there was nothing to look at yet.
            self._wake()
        return self.link

    def feed(self, content: bytes, format: str) -> None:
        """Takes sound of a format; ``open`` comes before."""
        if self._sound is None or self._sound.format != format:
            self._sound = RawSound(format)
        samples = self._sound.feed(content)
        for at in range(0, len(samples), _PACKET_BYTES):
            self._send(samples[at : at + _PACKET_BYTES])

    def mark(self) -> int:
        """Closes what was said last; returns the number of the packet that is done after that."""
        assert self.link is not None
        self.link.pause()
        self._send(b"")
        return self._n_packets - 1

    def change(self, settings: Mapping[str, Any]) -> None:
        """Changes the settings from the next utterance on; raises JobError ``request_invalid``."""
        if self.link is not None:
            self.link.change(settings)

    def look(self, from_line: int) -> tuple[Seen | None, list[dict[str, Any]]]:
        """Returns how the session is, lines from one on, and its messages: errors, and the end.

        The order of reading matters, see ``Seen``.
        """
        if self.link is None:
            return None, []
        session = self.link.session
        messages = [told for told in self.link.watch.take() if told["type"] in ("error", "ended")]
        packets = session.acknowledged()["next_packet"]
        state = session.state()
        lines = session.lines_after(from_line - 1, _MOST_LINES)
        return Seen(packets, state["next_line"], state["since"], lines), messages

    def stop(self) -> None:
        """Ends the session with what has come."""
        if self.link is not None:
            self.link.stop(self._n_packets)

    def close(self) -> None:
        """Disconnects."""
        if self.link is not None:
            self.link.close()

    def _send(self, samples: bytes) -> None:
        assert self.link is not None
        self.link.feed(self._n_packets, samples)
        self._n_packets += 1
        self._n_bytes += len(samples)

"""A network cable that can be pulled: forwards connections, and holds everything back while it is out."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

BLOCK_BYTES = 65536


class Cable:
    """Listens on a port of its own and leads to another; ``pull`` lets nothing through, not even an end."""

    def __init__(self, port: int) -> None:
        self._far = ("127.0.0.1", port)
        self._flows = threading.Event()
        self._flows.set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def pull(self) -> None:
        self._flows.clear()

    def plug(self) -> None:
        self._flows.set()

    def close(self) -> None:
        """Takes no further connections."""
        self._flows.set()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._flows.wait()
        try:
            far = socket.create_connection(self._far)
        except OSError:
            near.close()
        else:
            threading.Thread(target=self._carry, args=(far, near), daemon=True).start()
            self._carry(near, far)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                self._flows.wait()
                target.sendall(block)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

"""Lets one port speak both: a connection's first byte tells HTTPS from plain HTTP."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable

from api.lan.names import is_of_office

TLS_HANDSHAKE = 0x16
PATIENCE_S = 15
"""How long a connection may be silent before its first byte, and how long a handshake may take."""
GOODBYE_S = 2
"""How long the other side may take to agree to the end of a connection; the end of the server waits for it."""


def is_served(local: str) -> bool:
    """Tells whether connections to this address of the machine are answered: private ones, none of the internet's."""
    try:
        address = ipaddress.ip_address(local.partition("%")[0])
    except ValueError:
        return False
    return is_of_office(getattr(address, "ipv4_mapped", None) or address)


class FirstByte(asyncio.Protocol):
    """Waits for one byte, then hands the connection to the protocol that ``inner`` makes, with or without TLS.

    ``connections`` is the set of the server's open connections, which it waits for at its end. ``admits`` is told the
    address of this machine that was asked for.
    """

    def __init__(
        self,
        inner: Callable[[], asyncio.Protocol],
        context: Callable[[], ssl.SSLContext],
        connections: set[FirstByte],
        admits: Callable[[str], bool] = is_served,
    ) -> None:
        self._inner = inner
        self._context = context
        self._connections = connections
        self._admits = admits
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._admits(str((transport.get_extra_info("sockname") or ("",))[0])):
            transport.abort()
            return
        self._connections.add(self)
        self._timer = asyncio.get_running_loop().call_later(PATIENCE_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._timer is not None:
            self._timer.cancel()
        if data[0] == TLS_HANDSHAKE:
            self._secure(self._transport, data)
            return
        self._connections.discard(self)
        inner = self._inner()
        self._transport.set_protocol(inner)
        inner.connection_made(self._transport)
        inner.data_received(data)

    def eof_received(self) -> None:
        """Closes a connection that ends before it began."""

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def shutdown(self) -> None:
        """Ends a connection that is not a request yet; the server calls it when it stops."""
        if self._transport is not None:
            self._transport.abort()

    def _secure(self, transport: asyncio.Transport, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        shaken = loop.create_future()
        shaken.add_done_callback(self._leave)
        secured = SSLProtocol(
            loop,
            self._inner(),
            self._context(),
            shaken,
            server_side=True,
            ssl_handshake_timeout=PATIENCE_S,
            ssl_shutdown_timeout=GOODBYE_S,
        )
        transport.set_protocol(secured)
        secured.connection_made(transport)
        # loop.start_tls would lose the bytes that have been read already.
        while data:
            space = memoryview(secured.get_buffer(len(data)))
            n = min(len(space), len(data))
            space[:n] = data[:n]
            secured.buffer_updated(n)
            data = data[n:]

    def _leave(self, shaken: asyncio.Future[None]) -> None:
        """Forgets a connection whose handshake is over; why one failed is the other side's affair."""
        if not shaken.cancelled():
            shaken.exception()
        self._connections.discard(self)

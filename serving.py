"""Listens, says where, writes the log, and stops when asked; what is served is built by composing.py."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from typing import Any

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from api.door import Door
from api.lan.first_byte import FirstByte, is_served
from api.lan.office import EVERYWHERE, Office
from api.lan.picture import terminal_of
from api.lan.plain import PlainGuard
from api.safety import is_loopback
from bootstrap import Voice
from bootstrap_pip import SetUpFailed
from workbench.settings import Settings
from workbench.texts import Texts

PORTS_TRIED = 20
STOP_S = 3
_TAKEN = (48, 98, 10048, 10013)
"""EADDRINUSE on macOS, Linux and Windows, and what Windows says of a port that is reserved."""


def open_log(settings: Settings) -> None:
    """Sends the log to ``data/logs/roomtone.log``; raises OSError where the data folder cannot be written to."""
    folder = settings.data / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "roomtone.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for talkative in ("httpx", "httpcore", "asyncio", "filelock"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def listen(settings: Settings, voice: Voice) -> list[socket.socket]:
    """Returns listening sockets on one port; a taken one is passed over only where nobody asked for it by name."""
    usual = Settings.__dataclass_fields__["port"].default
    ports = range(settings.port, settings.port + PORTS_TRIED) if settings.port == usual else [settings.port]
    for port in ports:
        try:
            listening = _all_bound(_hosts(settings), port)
        except (OSError, UnicodeError) as error:
            if getattr(error, "errno", None) in _TAKEN:
                continue
            if isinstance(error, PermissionError):
                raise SetUpFailed("port_not_allowed", port=port) from None
            why = voice.cause(error) if isinstance(error, OSError) else str(error)
            raise SetUpFailed("host_unknown", host=settings.host, why=why) from None
        if port != settings.port:
            voice.say("port_other", port=settings.port, next=port)
        return listening
    raise SetUpFailed("port_taken", port=settings.port, next=settings.port + 1)


def _hosts(settings: Settings) -> list[str]:
    """The addresses to listen on; for the office, this machine itself is always among them."""
    if not settings.lan:
        return [settings.host]
    everywhere = settings.host in EVERYWHERE or is_loopback(settings.host)
    return ["0.0.0.0", "::"] if everywhere else [settings.host, "127.0.0.1"]


def _all_bound(hosts: list[str], port: int) -> list[socket.socket]:
    with contextlib.ExitStack() as on_failure:
        found = [on_failure.enter_context(_bound(hosts[0], port))]
        for host in hosts[1:]:
            try:
                found.append(on_failure.enter_context(_bound(host, found[0].getsockname()[1], beside_ipv4=True)))
            except OSError as error:
                # A machine without IPv6 is served without it.
                if host != "::" or error.errno in _TAKEN:
                    raise
        on_failure.pop_all()
    return found


def _bound(host: str, port: int, beside_ipv4: bool = False) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with contextlib.ExitStack() as on_failure:
        listening = on_failure.enter_context(socket.socket(family, kind, protocol))
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if beside_ipv4 and family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(2048)
        on_failure.pop_all()
    return listening


def server_of(door: Door, settings: Settings, office: Office | None, texts: Texts) -> uvicorn.Server:
    """Returns the server, which leaves signals to ``stop_on_signals``; with an ``office`` it speaks HTTPS too."""
    config = uvicorn.Config(
        PlainGuard(door, texts) if office else door,
        http=_either(office, settings) if office else "auto",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=STOP_S,
    )
    server = uvicorn.Server(config)
    # Its own handlers end the process by the same signal once more, before anything here could be closed.
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    return server


def _either(office: Office, settings: Settings) -> Any:
    """Returns what makes the protocol of a new connection: plain HTTP or HTTPS, on the same port."""
    http: Any = AutoHTTPProtocol
    # Who names an address means it; by itself nothing is served to the internet.
    admits = is_served if is_loopback(settings.host) else lambda local: True

    def made(config: uvicorn.Config, server_state: Any, app_state: Any, _loop: Any = None) -> FirstByte:
        def inner() -> asyncio.Protocol:
            return http(config=config, server_state=server_state, app_state=app_state, _loop=_loop)

        return FirstByte(inner, office.certificates.context, server_state.connections, admits)

    return made


def stop_on_signals(server: uvicorn.Server, leave: Callable[[], None], voice: Voice) -> None:
    """Has the first signal stop the server, after ``leave``, and a second one end the process on the spot."""

    def stop(number: int, frame: object) -> None:
        if server.should_exit:
            os._exit(128 + number)
        server.should_exit = True
        voice.say("stopping")
        leave()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    # Under nohup it is ignored, and has to stay so.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, stop)


def tell_address(settings: Settings, voice: Voice, office: Office | None = None) -> None:
    """Prints where people find the program, and opens the browser where there is a screen and nobody forbade it."""
    everywhere = settings.host in EVERYWHERE or office is not None
    name = "127.0.0.1" if everywhere else settings.host
    address = f"http://{f'[{name}]' if ':' in name else name}:{settings.port}"
    if office is not None:
        voice.say("serving", address=address)
        _tell_office(office, voice)
    elif everywhere:
        voice.say("serving_all", address=address, others=f"http://{socket.gethostname()}:{settings.port}")
    else:
        voice.say("serving", address=address)
    # Without a screen, webbrowser would start a browser of text inside this terminal.
    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if settings.browser and screen:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


def _tell_office(office: Office, voice: Voice) -> None:
    addresses, first = office.addresses(), office.first_visit()
    if first is None:
        voice.say("lan_alone")
        return
    voice.say("lan_scan")
    with contextlib.suppress(OSError):
        print(terminal_of(first, sys.stdout.isatty()), flush=True)
    voice.say("lan_address", address=addresses[0])
    left_out = office.certificates.left_out
    if left_out:
        voice.say("lan_left_out", names=", ".join(left_out), folder=office.certificates.folder)

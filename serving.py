"""Listens, says where, writes the log, and stops when asked; what is served comes from launch.py."""

from __future__ import annotations

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

import uvicorn

from api.door import Door
from bootstrap import Voice
from bootstrap_pip import SetUpFailed
from workbench.settings import Settings

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


def listen(settings: Settings, voice: Voice) -> socket.socket:
    """Returns a listening socket; a taken port is passed over only where nobody asked for it by name."""
    usual = Settings.__dataclass_fields__["port"].default
    ports = range(settings.port, settings.port + PORTS_TRIED) if settings.port == usual else [settings.port]
    for port in ports:
        try:
            listening = _bound(settings.host, port)
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


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with contextlib.ExitStack() as on_failure:
        listening = on_failure.enter_context(socket.socket(family, kind, protocol))
        if os.name != "nt":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
        on_failure.pop_all()
    return listening


def server_of(door: Door) -> uvicorn.Server:
    """Returns the server, which leaves signals to ``stop_on_signals``."""
    config = uvicorn.Config(
        door,
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


def tell_address(settings: Settings, voice: Voice) -> None:
    """Prints where people find the program, and opens the browser where there is a screen and nobody forbade it."""
    everywhere = settings.host in ("0.0.0.0", "::", "")
    name = "127.0.0.1" if everywhere else settings.host
    address = f"http://{f'[{name}]' if ':' in name else name}:{settings.port}"
    if everywhere:
        voice.say("serving_all", address=address, others=f"http://{socket.gethostname()}:{settings.port}")
    else:
        voice.say("serving", address=address)
    # Without a screen, webbrowser would start a browser of text inside this terminal.
    screen = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if settings.browser and screen:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

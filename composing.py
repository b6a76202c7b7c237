"""Builds the program from its parts: the only file beside launch.py that sees all layers.

What is heavy is imported inside functions: the page that says "starting" is served before it is there.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from api.door import Door
    from api.lan.office import Office
    from bootstrap import Voice
    from workbench.core import Workbench
    from workbench.settings import Settings

ROOT = Path(__file__).resolve().parent


class Room:
    """Everything that is composed, from the first import to the last close."""

    def __init__(
        self,
        settings: Settings,
        voice: Voice,
        door: Door,
        office: Office | None,
        stop: Callable[[], None],
    ) -> None:
        self.refused: Exception | None = None
        self._settings = settings
        self._voice = voice
        self._door = door
        self._office = office
        self._stop = stop
        self._lock = threading.Lock()
        self._closing = False
        self._workbench: Workbench | None = None
        self._close_streams: Callable[[], None] = lambda: None

    def build(self) -> None:
        """Builds the real app and opens the door to it; on any failure stops the server and keeps the reason."""
        try:
            self._build()
        except Exception as error:
            if not self._closing:
                logging.getLogger("roomtone").exception("the start failed")
                self.refused = error
                self._stop()

    def _build(self) -> None:
        with self._lock:
            if self._closing:
                return
            self._workbench, default_model = compose(self._settings)
            workbench = self._workbench
            workbench.start()
        app, self._close_streams = compose_app(self._settings, workbench, self._office)
        self._door.open(app)
        self._voice.say("ready")
        _bring(default_model(), workbench, self._voice)

    def leave(self) -> None:
        """Ends the event streams, which the server would otherwise wait for, and whatever is still being built."""
        self._closing = True
        self._close_streams()

    def close(self) -> None:
        """Ends everything that runs; unfinished work stays queued. Building is waited for where it is under way."""
        self._closing = True
        with self._lock:
            if self._workbench is not None:
                self._workbench.close()
                self._workbench = None


def compose(settings: Settings) -> tuple[Workbench, Callable[[], str]]:
    """Returns the workbench of these settings, not yet started, and what names the model that most people will use."""
    from engines import catalog, device
    from engines.intake.intake import Intake
    from engines.residency.residency import Residency
    from engines.residency.rooms import Limits
    from engines.store.store import Store
    from workbench.core import Workbench
    from workbench.history.history import History
    from workbench.machine.measured import Measured
    from workbench.texts import Texts
    from workbench.writing.places import SERVERS

    history = History(settings.data / "history.db", ROOT / "history.db-schema", clock=time.time)
    models = settings.data / "models"
    folders = (*settings.model_folders, settings.data / SERVERS)
    store = Store(models, folders, settings.hub_mirror, settings.index_mirror, settings.offline)
    machine = device.bounded(device.look(), settings.memory_limit_mib)
    limits = Limits(threads=settings.threads)
    measured = Measured(history, machine)
    residency = Residency(
        store, machine, settings.memory_limit_mib, settings.keep_alive_s, limits=limits, guide=measured
    )
    texts = Texts(ROOT / "assets" / "texts")
    facts: dict[str, Any] = {"machine": machine, "look": device.look, "measured": measured}
    workbench = Workbench(settings, history, residency, Intake(), store, catalog, texts, **facts)
    return workbench, lambda: catalog.for_quality("balanced", machine, store.available).name


def compose_app(
    settings: Settings, workbench: Workbench, office: Office | None = None
) -> tuple[ASGIApp, Callable[[], None]]:
    """Returns the app with endpoints and screens, and what ends its event streams."""
    # Before gradio is imported: it would else ask its maker for news and write uploads outside of the data folder.
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    os.environ.setdefault("GRADIO_TEMP_DIR", str(settings.data / "incoming" / "screens"))
    from api.app import create_api
    from api.safety import HostRule
    from webui.app import mount
    from workbench.doctor.doctor import Doctor
    from workbench.machine.packs import Packs

    rule = HostRule.for_bind(settings.host, settings.host_names, everywhere=settings.lan)
    app = create_api(workbench, workbench.texts, rule, Packs(ROOT, settings), office)
    app.state.doctor = Doctor(ROOT, settings, serving=True)
    mount(app, workbench, workbench.texts)
    return app, app.state.closing.close


def _bring(name: str, workbench: Workbench, voice: Voice) -> None:
    """Has a model fetched before the first recording comes, and shows how far it is."""
    from bootstrap_pip import Meter

    def look() -> dict[str, Any]:
        return next(model for model in workbench.models() if model["name"] == name)

    model = look()
    if model["installed"]:
        return
    if not workbench.settings.offline:
        voice.say("fetching_model", model=model["title"], size=round(model["download_bytes"] / 1e6))
    workbench.fetch_model(name)
    meter, size = Meter(), model["download_bytes"] // 1000000
    while not model["installed"] and not model["error"]:
        time.sleep(0.5)
        model = look()
        if model["fetching"] and model["fetching"]["progress"] is not None:
            done = round(model["fetching"]["progress"] * size)
            meter.show(voice.text("step_collect"), done, size, "MB  " + model["fetching"]["source"])
    meter.end()
    if model["installed"]:
        voice.say("model_ready", model=model["title"])
    else:
        told = workbench.texts.error_sentence(voice.language, model["error"]["code"], model["error"]["values"])
        voice.say("model_missing", why=joined(told, voice))


def joined(sentences: tuple[str, str], voice: Voice) -> str:
    """Returns a message and its hint as one text."""
    return ("" if voice.language == "zh" else " ").join(sentences).strip()

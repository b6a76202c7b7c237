"""The screens: one Gradio page with a tab for each capability, mounted at ``/`` beside the HTTP interface."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from webui.kept_page import KeptPage
from webui.page import MOUNTED_AT, Assets, Frame
from webui.tabs.aloud import aloud_tab
from webui.tabs.history import history_tab
from webui.tabs.live import live_tab
from webui.tabs.sound import sound_tab
from webui.tabs.system import system_tab
from webui.tabs.transcribe import transcribe_tab
from webui.tabs.video import video_tab
from webui.tabs.voices import voices_tab
from webui.tabs.write import write_tab
from webui.theme import room_theme
from webui.transcript_view import transcript_view
from workbench.texts import Texts

TABS: tuple[Callable[[gr.Blocks, gr.I18n], None], ...] = (
    transcribe_tab,
    live_tab,
    write_tab,
    sound_tab,
    aloud_tab,
    video_tab,
    history_tab,
    voices_tab,
    system_tab,
)
ASSETS = Path(__file__).resolve().parent.parent / "assets"
QUEUE_REST_S = 0.2
_SHOWN_BY_GRADIO = ("form.", "tab.", "language.")


def build_ui(texts: Texts) -> tuple[gr.Blocks, dict[str, Any]]:
    """Returns the page and what ``gr.mount_gradio_app`` is to be told with it."""
    say = gr.I18n(en=_labels(texts, "en"), **{"zh-CN": _labels(texts, "zh")})
    with gr.Blocks(title="Roomtone", analytics_enabled=False, fill_width=True, elem_id="rt-page") as blocks:
        gr.HTML("<rt-header></rt-header>", js_on_load=None, apply_default_css=False, elem_id="rt-header")
        transcript_view()
        with gr.Tabs(elem_id="rt-tabs"):
            for tab in TABS:
                tab(blocks, say)
    return blocks, {
        "i18n": say,
        "theme": room_theme(),
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "pwa": False,
        "enable_monitoring": False,
        "show_error": False,
        "server_name": "127.0.0.1",
    }


def mount(app: Any, workbench: object, texts: Texts, assets: Path = ASSETS) -> Any:
    """Mounts the screens at ``/`` of a FastAPI app and returns it.

    Call it after all routes of the app are there. ``workbench`` is not used yet: the screens ask the HTTP interface, so
    that whatever they show survives a reload.
    """
    del workbench
    blocks, told = build_ui(texts)
    app.mount(MOUNTED_AT, Assets(assets))
    app.add_middleware(Frame)
    mounted = gr.mount_gradio_app(app, blocks, path="/", **told)
    page = next(route for route in reversed(app.routes) if getattr(route, "path", None) == "")
    page.app = KeptPage(page.app)
    # Gradio's queue looks for work a thousand times a second on Linux, which cost 4 % of a core on an idle server; no
    # event of ours waits in that queue.
    blocks._queue.sleep_when_free = QUEUE_REST_S
    return mounted


def _labels(texts: Texts, language: str) -> dict[str, str]:
    return {key: text for key, text in texts.all(language).items() if key.startswith(_SHOWN_BY_GRADIO)}

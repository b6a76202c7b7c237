"""The screen where speech becomes text while it is spoken."""

from __future__ import annotations

import gradio as gr


def live_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/live.js`` listens and talks to the live interface, no Gradio event holds a session."""
    del blocks
    with gr.Tab(say("tab.live"), id="live", elem_id="rt-tab-live"):
        gr.HTML("<rt-live></rt-live>", js_on_load=None, apply_default_css=False, elem_id="rt-live")

"""The screen where texts are read aloud."""

from __future__ import annotations

import gradio as gr


def aloud_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/aloud.js`` fills it and talks to the HTTP interface."""
    del blocks
    with gr.Tab(say("tab.aloud"), id="aloud", elem_id="rt-tab-aloud"):
        gr.HTML("<rt-aloud></rt-aloud>", js_on_load=None, apply_default_css=False, elem_id="rt-aloud")

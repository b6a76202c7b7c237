"""The screen where something is written from a transcript or a text."""

from __future__ import annotations

import gradio as gr


def write_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/write.js`` fills it and talks to the HTTP interface."""
    del blocks
    with gr.Tab(say("tab.write"), id="write", elem_id="rt-tab-write"):
        gr.HTML("<rt-write></rt-write>", js_on_load=None, apply_default_css=False, elem_id="rt-write")

"""The screen of known voices, and of the question whether two voices are one person's."""

from __future__ import annotations

import gradio as gr


def voices_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/voices.js`` fills it and talks to the HTTP interface."""
    del blocks
    with gr.Tab(say("tab.voices"), id="voices", elem_id="rt-tab-voices"):
        gr.HTML("<rt-voices></rt-voices>", js_on_load=None, apply_default_css=False, elem_id="rt-voices")

"""The screen where the sound of recordings and videos is cleaned up."""

from __future__ import annotations

import gradio as gr


def sound_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/sound.js`` fills it and talks to the HTTP interface."""
    del blocks
    with gr.Tab(say("tab.sound"), id="sound", elem_id="rt-tab-sound"):
        gr.HTML("<rt-sound></rt-sound>", js_on_load=None, apply_default_css=False, elem_id="rt-sound")

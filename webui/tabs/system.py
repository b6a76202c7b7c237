"""The screen for whoever looks after the machine."""

from __future__ import annotations

import gradio as gr


def system_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; models, packs and memory are filled by ``assets/system.js``."""
    del blocks
    with gr.Tab(say("tab.system"), id="system", elem_id="rt-tab-system"):
        gr.HTML("<rt-system></rt-system>", js_on_load=None, apply_default_css=False, elem_id="rt-system")

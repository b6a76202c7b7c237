"""The screen with everything that was ever done."""

from __future__ import annotations

import gradio as gr


def history_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; list and search are filled by ``assets/history.js``."""
    del blocks
    with gr.Tab(say("tab.history"), id="history", elem_id="rt-tab-history"):
        gr.HTML("<rt-history></rt-history>", js_on_load=None, apply_default_css=False, elem_id="rt-history")

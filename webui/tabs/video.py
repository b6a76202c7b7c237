"""The screen where videos are made sharper."""

from __future__ import annotations

import gradio as gr


def video_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; ``assets/video.js`` fills it and talks to the HTTP interface."""
    del blocks
    with gr.Tab(say("tab.video"), id="video", elem_id="rt-tab-video"):
        gr.HTML("<rt-video></rt-video>", js_on_load=None, apply_default_css=False, elem_id="rt-video")

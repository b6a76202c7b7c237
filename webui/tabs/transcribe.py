"""The screen where recordings become text."""

from __future__ import annotations

import gradio as gr

from webui.forms import connect, transcribe_fields
from webui.job_panel import job_panel


def transcribe_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab: recordings and their jobs on the left, what to do with them on the right."""
    with gr.Tab(say("tab.transcribe"), id="transcribe", elem_id="rt-tab-transcribe"):
        with gr.Row(elem_id="rt-transcribe", equal_height=False):
            with gr.Column(scale=7, min_width=280, elem_id="rt-work"):
                job_panel()
            with gr.Column(scale=4, min_width=260, elem_id="rt-settings"):
                fields = transcribe_fields(say)
        connect(blocks, fields)

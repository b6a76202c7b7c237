"""Where files are dropped and their jobs are watched."""

from __future__ import annotations

import gradio as gr


def job_panel() -> gr.HTML:
    """Places the element of ``assets/intake.js``, which talks to the HTTP interface: no Gradio event holds its work."""
    return gr.HTML("<rt-intake></rt-intake>", js_on_load=None, apply_default_css=False, elem_id="rt-intake")

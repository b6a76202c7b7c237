"""The working place of one transcript."""

from __future__ import annotations

import gradio as gr


def transcript_view() -> gr.HTML:
    """Places the element of ``assets/workplace.js``, which covers the tabs while the address names a job."""
    return gr.HTML("<rt-workplace></rt-workplace>", js_on_load=None, apply_default_css=False, elem_id="rt-workplace")

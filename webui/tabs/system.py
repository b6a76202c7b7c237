"""The screen for whoever looks after the machine."""

from __future__ import annotations

import gradio as gr

PLACES = ("places", "system", "figures", "planner", "doctor")


def system_tab(blocks: gr.Blocks, say: gr.I18n) -> None:
    """Builds the tab; each of its places is an element that the script of the same name fills."""
    del blocks
    with gr.Tab(say("tab.system"), id="system", elem_id="rt-tab-system"):
        for name in PLACES:
            gr.HTML(f"<rt-{name}></rt-{name}>", js_on_load=None, apply_default_css=False, elem_id=f"rt-{name}")

"""The colours and letters of Gradio's own fields; everything of ours is in ``assets/style.css``."""

from __future__ import annotations

import gradio as gr
from gradio.themes.utils import colors, sizes

_PINE = colors.Color(
    name="pine",
    c50="#eef6f3", c100="#d8ebe4", c200="#b3d8cb", c300="#84bfac", c400="#55a189", c500="#35856c",
    c600="#246b56", c700="#1e5647", c800="#1b463b", c900="#183a32", c950="#0b211c",
)  # fmt: skip
_STONE = colors.Color(
    name="mist",
    c50="#f7f8f7", c100="#eff1ef", c200="#e1e5e2", c300="#cbd1cd", c400="#98a29c", c500="#6c7771",
    c600="#515b56", c700="#3c4541", c800="#262d2a", c900="#1a1f1d", c950="#121614",
)  # fmt: skip
_LETTERS = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "sans-serif",
)
_FIXED = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def room_theme() -> gr.themes.Base:
    """Returns the theme; it names only letters that are on the reader's machine, nothing is fetched."""
    theme = gr.themes.Base(
        primary_hue=_PINE,
        secondary_hue=_PINE,
        neutral_hue=_STONE,
        radius_size=sizes.radius_md,
        font=list(_LETTERS),
        font_mono=list(_FIXED),
    )
    return theme

"""An address as a QR code, for screens and for the terminal."""

from __future__ import annotations

import io
from collections.abc import Sequence

import segno

QUIET = 4
"""Light modules around the code, as ISO/IEC 18004 asks."""
_HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def svg_of(address: str) -> bytes:
    """Returns the code as an SVG picture, dark on white in every theme."""
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", border=QUIET, dark="#000", light="#fff", omitsize=True, xmldecl=False, nl=False)
    return drawn.getvalue()


def terminal_of(address: str, coloured: bool) -> str:
    """Returns the code in characters, two modules high each.

    Without colours, light modules are drawn, which is right on the usual dark terminal and can be read by most
    telephones on a light one.
    """
    rows: list[Sequence[bool]] = [
        [not dark for dark in row] for row in segno.make(address, error="l", micro=False).matrix_iter(border=2)
    ]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    lines = []
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        line = "".join(_HALVES[pair] for pair in zip(upper, lower, strict=True))
        lines.append(f"\x1b[97;40m{line}\x1b[0m" if coloured else line)
    return "\n".join(lines)

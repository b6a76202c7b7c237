"""A written text as a file that people open: Markdown, Word, plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any, Literal

from media.line_breaking import plain

Shape = Literal["heading", "paragraph", "item", "row"]
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph; ``cells`` are those of a table's row, ``note`` (such as times) stands behind it in small letters."""

    shape: Shape
    text: str = ""
    note: str = ""
    speaker: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text with its title; ``columns`` are the headings of the tables, ``fact`` a line below the title."""

    title: str
    pieces: tuple[Piece, ...]
    columns: tuple[str, ...] = ()
    fact: str = ""


def to_markdown(text: WrittenText) -> str:
    """Returns the text in Markdown; signs that Markdown would read are escaped."""
    parts = [f"# {_escaped(text.title)}"] if plain(text.title) else []
    parts += [_escaped(text.fact)] if text.fact else []
    for shape, group in groupby(text.pieces, key=lambda piece: piece.shape):
        pieces = list(group)
        if shape == "row":
            head = [f"| {' | '.join(map(_escaped, text.columns))} |", f"|{' --- |' * len(text.columns)}"]
            parts.append("\n".join([*head, *(_row(piece, len(text.columns)) for piece in pieces)]))
        elif shape == "item":
            parts.append("\n".join(f"- {_line(piece)}" for piece in pieces))
        else:
            parts += [f"## {_line(piece)}" if shape == "heading" else _line(piece) for piece in pieces]
    return "\n\n".join(parts) + "\n"


def to_plain(text: WrittenText) -> str:
    """Returns the text without any markup."""
    lines = [plain(text.title), "", *([plain(text.fact), ""] if text.fact else [])] if plain(text.title) else []
    before: Shape | None = None
    for piece in text.pieces:
        if before is not None and (piece.shape != before or piece.shape == "paragraph"):
            lines.append("")
        said = " | ".join(plain(cell) for cell in piece.cells) if piece.shape == "row" else _spoken(piece)
        note = f" ({piece.note})" if piece.note else ""
        lines.append(f"- {said}{note}" if piece.shape in ("item", "row") else f"{said}{note}")
        before = piece.shape
    return "\n".join(lines).rstrip() + "\n"


def to_word(text: WrittenText) -> bytes:
    """Returns a Word document."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    document.core_properties.title, document.core_properties.author = plain(text.title)[:255], ""
    document.core_properties.comments = ""
    # Word's own choice for Chinese in the default template is a Japanese font.
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "Microsoft YaHei")
    if plain(text.title):
        document.add_heading(plain(text.title), level=1)
    if text.fact:
        _small(document.add_paragraph(), plain(text.fact))
    for shape, group in groupby(text.pieces, key=lambda piece: piece.shape):
        if shape == "row":
            _table(document, text.columns, list(group))
            continue
        for piece in group:
            _paragraph(document, piece)
    written = BytesIO()
    document.save(written)
    return written.getvalue()


def _paragraph(document: Any, piece: Piece) -> None:
    if piece.shape == "heading":
        line = document.add_heading(plain(piece.text), level=2)
    else:
        line = document.add_paragraph(style="List Bullet" if piece.shape == "item" else None)
        if piece.speaker:
            line.add_run(f"{plain(piece.speaker)}: ").bold = True
        line.add_run(plain(piece.text))
    if piece.note:
        _small(line, f"  {piece.note}")


def _table(document: Any, columns: Sequence[str], rows: Sequence[Piece]) -> None:
    table = document.add_table(rows=1, cols=len(columns), style="Table Grid")
    for cell, name in zip(table.rows[0].cells, columns, strict=True):
        cell.paragraphs[0].add_run(plain(name)).bold = True
    for row in rows:
        cells = table.add_row().cells
        for number, (cell, said) in enumerate(zip(cells, _filled(row.cells, len(columns)), strict=True)):
            cell.paragraphs[0].add_run(plain(said))
            if row.note and number == 0:
                _small(cell.paragraphs[0], f"  {row.note}")


def _small(line: Any, said: str) -> None:
    from docx.shared import Pt, RGBColor

    run = line.add_run(said)
    run.font.size, run.font.color.rgb = Pt(9), RGBColor(0x70, 0x70, 0x70)


def _row(piece: Piece, n_columns: int) -> str:
    cells = list(_filled(piece.cells, n_columns))
    cells[0] += f" ({piece.note})" if piece.note else ""
    return f"| {' | '.join(map(_escaped, cells))} |"


def _filled(cells: Sequence[str], n_columns: int) -> tuple[str, ...]:
    return (*cells[:n_columns], *[""] * (n_columns - len(cells)))


def _line(piece: Piece) -> str:
    said = f"**{_escaped(piece.speaker)}:** {_escaped(piece.text)}" if piece.speaker else _escaped(piece.text)
    return f"{said} ({piece.note})" if piece.note else said


def _spoken(piece: Piece) -> str:
    return f"{plain(piece.speaker)}: {plain(piece.text)}" if piece.speaker else plain(piece.text)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", plain(text))

"""Printed tables as Markdown (tables of GitHub's kind, which pandoc reads too), every sign of the words escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .archive import printable
from .printed import Part, PrintedRow, PrintedTable, numbered

# What marks anywhere, what begins a list, heading or rule, and what pandoc makes dashes and dots of.
_SIGNS = re.compile(r"[\\`*_{}\[\]|~$^#!@]|^[-+=:]|-(?=-)|(?<=-)-|\.(?=\.\.)")
_NUMBERED = re.compile(r"^(\d+)([.)])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_INDENT = "&nbsp;&nbsp;&nbsp;&nbsp;"


def markdown_text(text: str) -> str:
    """Words as Markdown shows them, none of them a mark, on one line.

    >>> markdown_text("a|b *c* <d> 1. _e_")
    'a\\\\|b \\\\*c\\\\* &lt;d&gt; 1. \\\\_e\\\\_'
    """
    line = " ".join(printable(text).split())
    safe = "".join(_ENTITIES.get(sign, sign) for sign in line)
    # The entities' own signs stay.
    return _NUMBERED.sub(r"\1\\\2", _SIGNS.sub(r"\\\g<0>", safe))


def markdown_document(title: str, heading: str, parts: Sequence[Part]) -> str:
    """All tables below their numbers and titles, each with its note."""
    lines = [f"# {markdown_text(title)}", "", f"## {markdown_text(heading)}", ""]
    for number, part in numbered(parts):
        if isinstance(part, PrintedTable):
            lines += _table(number, part)
        else:
            lines += [markdown_text(part), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _table(number: int, table: PrintedTable) -> list[str]:
    head = " | ".join(_cell(column.name) or "&nbsp;" for column in table.columns)
    rule = " | ".join(":---:" if column.figures else ":---" for column in table.columns)
    rows = [line for row in table.rows for line in _rows(row)]
    note = [f"*Note.* {markdown_text(table.note)}", ""] if table.note else []
    title = [f"**Table {number}**", "", f"*{markdown_text(table.title)}*", ""]
    key = [line for text in table.key for line in (markdown_text(text), "")]
    return [*title, *key, f"| {head} |", f"| {rule} |", *rows, "", *note]


def _rows(row: PrintedRow) -> list[str]:
    """A row, its quotations in the first cell: Markdown has no cell over several columns."""
    indent = _INDENT * row.indent
    cells = [_cell(cell) for cell in row.cells]
    if (row.bold or row.about) and cells[0]:
        cells[0] = f"**{cells[0]}**"
    cells[0] = indent + cells[0]
    for text in [row.about, *row.quotations]:
        if text:
            mark = "*" if text in row.quotations else ""
            cells[0] += f"<br>{indent}{mark}{markdown_text(text)}{mark}"
    return [f"| {' | '.join(cells)} |"]


def _cell(text: str) -> str:
    return "<br>".join(markdown_text(line) for line in text.split("\n"))

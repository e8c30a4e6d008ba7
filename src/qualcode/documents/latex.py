"""Printed tables as LaTeX: booktabs rules, APA numbers and titles, every sign of the words escaped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .archive import printable
from .printed import Part, PrintedColumn, PrintedRow, PrintedTable, numbered

_SIGNS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "|": r"\textbar{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "‘": r"\textquoteleft{}",
    "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}",
    "”": r"\textquotedblright{}",
    "…": r"\ldots{}",
    "•": r"\textbullet{}",
    "€": r"\texteuro{}",
    "−": r"\textminus{}",
    "\u00a0": "~",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    **{sign: f"\\{sign}" for sign in "{}$&#%_"},
}
# Two of these in a row would become another sign: a dash, a quotation mark.
_PAIRS = re.compile(r"(?<=[-',])(?=[-',])")
# pdfLaTeX stops at letters that its fonts do not have; XeLaTeX and LuaLaTeX find them in others.
_HEAD = r"""% {comment}
% Takes \usepackage{{booktabs,longtable,array,textcomp}}; pdfLaTeX also \usepackage[T1]{{fontenc}}.
% To see it alone, run pdflatex, xelatex or lualatex on this file; to use it, take the tables into your own.
\documentclass[11pt]{{article}}
\usepackage[a4paper,margin=22mm]{{geometry}}
\usepackage{{booktabs,longtable,array,textcomp}}
\usepackage{{iftex}}
\ifPDFTeX
  \usepackage[T1]{{fontenc}}
  \usepackage[utf8]{{inputenc}}
\else
  \usepackage{{fontspec}}
\fi
\setlength{{\parindent}}{{0pt}}
\setlength{{\LTpre}}{{2pt}}
\setlength{{\LTpost}}{{4pt}}
\begin{{document}}
"""


def latex_text(text: str) -> str:
    """Words as LaTeX prints them, none of them a command, on one line.

    >>> print(latex_text("50% & C:\\\\x_1 ~ a--b"))
    50\\% \\& C:\\textbackslash{}x\\_1 \\textasciitilde{} a-{}-b
    """
    line = re.sub(r"[\t\n\r\v\f\x85\u2028\u2029]", " ", unicodedata.normalize("NFC", printable(text)))
    # Signs that show nothing, such as marks of direction, stop pdfLaTeX.
    shown = "".join(sign for sign in line if unicodedata.category(sign) not in ("Cf", "Cc")).replace("‑", "-")
    return "".join(_SIGNS.get(sign, sign) for sign in _PAIRS.sub("\0", shown)).replace("\0", "{}")


def latex_document(title: str, heading: str, parts: Sequence[Part]) -> str:
    """A whole document that compiles, with a longtable for each table."""
    lines = [_HEAD.format(comment=_comment(f"{title}: {heading}"))]
    lines.append(f"\\section*{{{latex_text(title)}}}\n\\subsection*{{{latex_text(heading)}}}\n")
    for number, part in numbered(parts):
        if isinstance(part, PrintedTable):
            lines.append(_table(number, part))
        else:
            lines.append(f"{latex_text(part)}\n\n")
    return "\n".join([*lines, "\\end{document}\n"])


def _comment(text: str) -> str:
    """A line that stays a comment whatever it holds."""
    return re.sub(r"\s+", " ", printable(text))


def _table(number: int, table: PrintedTable) -> str:
    whole = sum(column.share for column in table.columns)
    form = "".join(_column(column, column.share / whole, len(table.columns)) for column in table.columns)
    head = " & ".join(_lines(column.name, bold=True) for column in table.columns)
    rows = [line for row in table.rows for line in _rows(row, len(table.columns))]
    note = f"{{\\small \\textit{{Note.}} {latex_text(table.note)}\\par}}\n" if table.note else ""
    return "\n".join(
        [
            f"\\noindent\\textbf{{Table {number}}}\\\\*",
            "\\\\*\n".join([f"\\textit{{{latex_text(table.title)}}}", *map(latex_text, table.key)]) + "\\nopagebreak",
            f"\\begin{{longtable}}[l]{{@{{}}{form}@{{}}}}",
            f"\\toprule\n{head} \\\\\n\\midrule\n\\endhead\n\\bottomrule\n\\endlastfoot",
            *rows,
            f"\\end{{longtable}}\n{note}\\bigskip\n",
        ]
    )


def _column(column: PrintedColumn, share: float, columns: int) -> str:
    side = "\\centering" if column.figures else "\\raggedright"
    # The space between columns is no part of their widths.
    width = f"\\dimexpr {share:.4f}\\linewidth-{2 * (columns - 1) / columns:.4f}\\tabcolsep\\relax"
    return f">{{{side}\\arraybackslash}}p{{{width}}}"


def _rows(row: PrintedRow, columns: int) -> list[str]:
    # Lines after the first stand as far in as the first.
    indent = f"\\leftskip={1.2 * row.indent:.1f}em " if row.indent else ""
    first = indent + _lines(row.cells[0], bold=row.bold or bool(row.about))
    if row.about:
        first = f"{first}\\newline {latex_text(row.about)}"
    cells = [first, *(_lines(cell, bold=row.bold) for cell in row.cells[1:])]
    together = "\\\\*" if row.quotations else "\\\\"
    made = [f"{' & '.join(cells)} {together}"]
    for quotation in row.quotations:
        side = f">{{\\raggedright\\leftskip={1.2 * (row.indent + 1):.1f}em\\arraybackslash}}"
        words = f"\\textit{{{latex_text(quotation)}}}"
        made.append(f"\\multicolumn{{{columns}}}{{@{{}}{side}p{{0.98\\linewidth}}@{{}}}}{{{words}}} \\\\")
    return made


def _lines(text: str, bold: bool) -> str:
    made = "\\newline ".join(latex_text(line) for line in text.split("\n"))
    return f"\\textbf{{{made}}}" if bold and made else made

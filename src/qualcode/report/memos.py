"""The page of the memos: what people wrote while they coded, names hidden."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..study import read_memo

if TYPE_CHECKING:
    from markupsafe import Markup

# The little of Markdown that memos are written in: **strong**, `code`; # headings are set apart below.
_MARKED = re.compile(r"\*\*(?P<strong>[^*\n]+)\*\*|`(?P<code>[^`\n]+)`")
_HEADING = re.compile(r"#{1,6}[ \t]+")


def memos(
    paths: Sequence[Path], hide: Callable[[str], str], named: Callable[[Path], str], links: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each memo with its name, the lines of its front matter and its paragraphs.

    `hide` takes out names, `named` tells what a file is called, `links` has the page of each code by its id.
    """
    found = []
    for path in paths:
        head, body = read_memo(path)
        found.append(
            {
                "name": named(path),
                "front": [(key, hide(value)) for key, value in head],
                "paragraphs": [
                    _paragraph(hide(part.strip()), links) for part in re.split(r"\n[ \t]*\n", body) if part.strip()
                ],
            }
        )
    return found


def _paragraph(text: str, links: Mapping[str, str]) -> Markup:
    """Escaped, with what is marked as strong or as code; the id of a code leads to its page."""
    from markupsafe import Markup, escape

    if heading := _HEADING.match(text):
        text = f"**{text[heading.end() :].partition(chr(10))[0].strip()}**\n{text.partition(chr(10))[2]}".strip()
    parts: list[Markup] = []
    at = 0
    for match in _MARKED.finditer(text):
        parts.append(escape(text[at : match.start()]))
        at = match.end()
        if match["strong"]:
            parts.append(Markup("<strong>{}</strong>").format(match["strong"]))
        elif match["code"] in links:
            parts.append(Markup('<a href="{}"><code>{}</code></a>').format(links[match["code"]], match["code"]))
        else:
            parts.append(Markup("<code>{}</code>").format(match["code"]))
    return Markup("").join([*parts, escape(text[at:])])

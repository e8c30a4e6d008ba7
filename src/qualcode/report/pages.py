"""The pages as files: rendered, with a policy that lets nothing run or load, written where they changed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .. import tables
from ..codebook import Codebook
from ..codebook.colours import category_colours, paler
from ..console import counted_words
from ..files import replacing

# The ways to the other pages, the same on each of them.
WAYS = (
    ("Overview", "index.html"),
    ("Codebook", "codebook.html"),
    ("Transcripts", "index.html#sources"),
    ("Tables", "tables.html"),
    ("Emergent themes", "index.html#themes"),
    ("Saturation", "index.html#saturation"),
    ("Agreement", "index.html#agreement"),
    ("Suggestions", "index.html#suggestions"),
    ("Member checking", "index.html#member-checking"),
    ("Coverage", "index.html#coverage"),
    ("What is open", "index.html#open"),
    ("Memos", "memos.html"),
    ("Methods", "index.html#methods"),
    ("Settings", "index.html#settings"),
    ("Files", "index.html#files"),
)
# What the report is made of, to take away what is no longer made.
MADE = ("*.html", "codes/*.html", "transcripts/*.html", "themes/*.html", "figures/*.svg")
# How much of a category's colour lies behind its passages: dark text stays readable on it.
PALE = 0.8


@cache
def environment() -> Any:
    """The templates, everything that goes into them escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates")
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["thousands"] = lambda number: f"{int(number):,}"
    made.filters["decimals"] = lambda number, places: f"{tables.round_half_up(number, places) + 0.0:.{places}f}"
    made.globals["counted_words"] = counted_words
    return made


def policy(styles: Sequence[str]) -> str:
    """The content security policy of a page: pictures beside it and these styles, and nothing else.

    Where a page is opened from a disk, 'self' are the files there.
    """
    digests = (base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return f"default-src 'none'; img-src 'self'; style-src {allowed}; base-uri 'none'; form-action 'none'"


def category_classes(codebook: Codebook) -> dict[str, str]:
    """The class that gives a code the colour of its category."""
    roots = {code.code: f"k{number}" for number, code in enumerate(c for c in codebook.codes if c.level == 1)}
    return {code.code: roots[code.path[0]] for code in codebook.codes}


class Site:
    """The folder of the report. `shared` is what every page shows."""

    def __init__(self, folder: Path, codebook: Codebook, shared: Mapping[str, Any]):
        self.folder = folder
        self._made: set[Path] = set()
        self._shared = {**shared, "codebook": codebook, "ways": WAYS}
        colours = category_colours(codebook)
        categories = [(colours[c.code], paler(colours[c.code], PALE)) for c in codebook.codes if c.level == 1]
        self._style = environment().get_template("report.css.j2").render(categories=categories)

    def page(self, name: str, template: str, context: Mapping[str, Any], heading: str = "", style: str = "") -> None:
        """Render a page; without a `heading` it is headed by the study's title. `style` is its own, added."""
        from markupsafe import Markup

        styles = [text for text in (self._style, style) if text]
        shown = {
            **self._shared, "heading": heading, "here": name, "root": "../" * name.count("/"),
            "policy": policy(styles), "styles": [Markup(text) for text in styles],
        }  # fmt: skip
        text = environment().get_template(f"report.{template}html.j2").render({**shown, **context})
        self.put(name, text.encode())

    def put(self, name: str, content: bytes) -> None:
        """Write a file, unless it holds these very bytes."""
        path = self.folder / name
        self._made.add(path)
        if path.exists() and path.read_bytes() == content:
            return
        with replacing(path) as temporary:
            temporary.write_bytes(content)

    def remove_stale(self) -> list[str]:
        """Delete pages of sources and codes that are gone, and figures; gives their names."""
        stale = sorted({path for pattern in MADE for path in self.folder.glob(pattern)} - self._made)
        for path in stale:
            path.unlink()
        return [path.relative_to(self.folder).as_posix() for path in stale]

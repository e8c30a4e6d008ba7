"""A packet as one html page that is filled in on a screen or on paper, and saves its answers into a file."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache, partial
from typing import Any

from ..answers import ANSWERS_MARK, CHOICES, RATINGS
from ..documents import printable
from .letter import TEMPLATES, caption, intro, introduced, letter_of, say, spoke_of_this
from .model import Packet


def render_html(made: Packet) -> str:
    """The packet as one page that asks for nothing else: its only style and script are those inside it.

    Nothing is sent, and nothing is kept on the device but the file that the participant saves.
    """
    style, script = _read("packet.form.css"), _read("packet.form.js")
    return printable(
        _template().render(
            packet=made,
            letter=letter_of(made),
            intro=intro(made),
            say=partial(say, made),
            caption=partial(caption, made),
            introduced=partial(introduced, made),
            spoke_of_this=partial(spoke_of_this, made),
            questions=json.dumps(made.asked.questions),
            mark=ANSWERS_MARK,
            options=[(choice, say(made, choice)) for choice in CHOICES],
            ratings=[(rating, rating) for rating in RATINGS],
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )


def _policy(style: str, script: str) -> str:
    """The content security policy: this style, this script, and nothing from anywhere."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    """Compiled once for all packets."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("packet.html.j2")

"""Whether a listed name stands in a file that is to go out: the last look, whatever made the file."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from ..study import Study

_TAG = re.compile(r"<[^>]*>")
_TEXTS = {".csv", ".txt", ".md", ".tex", ".json", ".yaml", ".svg"}
_OFFICE = {".docx", ".xlsx"}


def holds_names(path: Path, study: Study) -> bool:
    """Whether a listed name stands in a file; pictures and pdf hold none that their svg or text does not.

    Coders may be called like a participant, and tables name coders: their ids are no names.
    """
    coders = "|".join(re.escape(coder) for coder, _ in study.coding_files)
    for text in dict.fromkeys(_texts(path)):
        bare = re.sub(rf"(?<!\w)(?:{coders})(?!\w)", "", text) if coders else text
        # Who goes on by a label is replaced by it.
        if study.everyone.hide(bare) != bare:
            return True
    return False


def _texts(path: Path) -> Iterator[str]:
    if path.suffix in _TEXTS:
        text = path.read_text(encoding="utf-8")
        yield _words(text) if path.suffix == ".svg" else text
    elif path.suffix in _OFFICE:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    yield _words(archive.read(name).decode("utf-8"))


def _words(markup: str) -> str:
    return html.unescape(_TAG.sub("\n", markup))

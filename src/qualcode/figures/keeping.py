"""Figures as files, the finished ones kept by all that they were drawn from: what did not change is not drawn again."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ..codebook import Codebook
from ..files import replacing
from .drawing import DPI, Drawn, fixed_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
# Inches of white around a figure.
MARGIN = 0.15
# What else figures are drawn with, besides the modules of this package (from the package qualcode).
BESIDES = (
    "checked.py", "codebook/__init__.py", "codebook/colours.py", "console.py", "counting.py", "measures/trees.py",
    "rated.py", "study/model.py", "tables/__init__.py", "tables/themes.py", "text/__init__.py", "text/cleaning.py",
)  # fmt: skip
LIBRARIES = ("matplotlib", "numpy", "pandas", "pillow", "fonttools")
_ABOUT = "about.json"
# A file of fixed time: the same figure gives the same bytes in the cache too.
_ZERO = (1980, 1, 1, 0, 0, 0)


class Gallery:
    """Draws figures into a folder, and takes from the cache those of which nothing changed.

    `rows` are those of the table figures. Call `close` last: it takes away what is no longer made.
    """

    def __init__(self, folder: Path, cache_folder: Path) -> None:
        self._folder, self._cache = folder, cache_folder
        self._used: set[Path] = set()
        self.rows: list[dict[str, str]] = []

    def hang(self, name: str, draw: Callable[..., Drawn], *given: object) -> None:
        """Write the figure `draw(*given)` as <name>.svg, .png, .pdf and .txt (the alt text), each whole or not."""
        kept = self._cache / f"{key(draw, given)}.zip"
        self._used.add(kept)
        found = _load(kept)
        if found is None:
            with fixed_style():
                found = rendered(draw(*given))
            _save(kept, found)
        about, files = found
        for suffix, data in {**files, "txt": f"{about['alt']}\n".encode()}.items():
            with replacing(self._folder / f"{name}.{suffix}") as temporary:
                temporary.write_bytes(data)
        self.rows.append({"figure": name, **about})

    def close(self) -> None:
        """Remove files of figures that are no longer made, and forget what no figure was taken from."""
        made = {row["figure"] for row in self.rows}
        stale = [
            path
            for suffix in (*FORMATS, "txt")
            for path in self._folder.glob(f"*.{suffix}")
            if path.name.removesuffix(f".{suffix}") not in made
        ]
        for path in [*stale, *(set(self._cache.glob("*.zip")) - self._used)]:
            path.unlink()


def rendered(drawn: Drawn) -> tuple[dict[str, str], dict[str, bytes]]:
    """A figure's title, alt text and release class, and its files by format, without time or matplotlib's name.

    svg has letters as outlines, <title> and <desc>; png has 300 dpi; pdf embeds its fonts as TrueType.
    """
    about = {"title": drawn.title, "alt": drawn.alt, "release": str(drawn.release)}
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Title": drawn.title, "Date": None, "Creator": None},
        "png": {"Title": drawn.title, "Description": drawn.alt, "Software": None},
        "pdf": {"Title": drawn.title, "Subject": drawn.alt, "CreationDate": None, "Creator": None, "Producer": None},
    }
    # "tight" would lay out every text once more for each format.
    drawn.figure.set_dpi(DPI)
    box = drawn.figure.get_tightbbox().padded(MARGIN)
    with _thin_fonts():
        files = {name: _as_format(drawn.figure, name, about_it, box) for name, about_it in metadata.items()}
    files["svg"] = _described(files["svg"], drawn.alt)
    return about, files


@contextmanager
def _thin_fonts() -> Iterator[None]:
    """Fonts go into a pdf without their tables of ligatures and kerning, which no reader of it uses.

    To read and thin these tables for each figure takes longer than all else that a pdf takes.
    """
    from fontTools import subset  # type: ignore[import-untyped]

    load = subset.load_font

    def thin(*given: Any, **named: Any) -> Any:
        font = load(*given, **named)
        for table in {"GSUB", "GPOS", "GDEF"} & set(font.keys()):
            del font[table]
        return font

    subset.load_font = thin
    try:
        yield
    finally:
        subset.load_font = load


def _as_format(figure: Figure, name: str, metadata: Mapping[str, str | None], box: Any) -> bytes:
    into = BytesIO()
    # A third faster than the usual 6, and a sixth larger.
    packed: dict[str, Any] = {"pil_kwargs": {"compress_level": 3}} if name == "png" else {}
    figure.savefig(into, format=name, dpi=DPI, metadata=metadata, bbox_inches=box, facecolor="white", **packed)
    return into.getvalue()


def _described(svg: bytes, alt: str) -> bytes:
    """The svg with its alt text in <desc>, behind the title, where screen readers look for it."""
    start, title, rest = svg.partition(b"</title>")
    described = start + title + f"\n <desc>{escape(alt)}</desc>".encode() + rest
    return described.replace(b"<svg ", b'<svg role="img" ', 1)


def key(draw: Callable[..., Drawn], given: Sequence[object]) -> str:
    """A digest of all that a figure depends on: the function, what it is given, the code, and the libraries."""
    digest = sha256(f"{_version()}\x1f{draw.__module__}.{draw.__qualname__}".encode())
    for part in given:
        digest.update(b"\x1f" + _bytes(part))
    return digest.hexdigest()[:32]


@cache
def _version() -> str:
    import sys
    from importlib.metadata import version

    here = Path(__file__).parent
    code = [*sorted(here.glob("*.py")), *(here.parent / name for name in BESIDES)]
    read = sha256(b"\x1f".join(path.read_bytes() for path in code)).hexdigest()
    return " ".join([sys.version, *(version(name) for name in LIBRARIES), read])


def _bytes(value: object) -> bytes:
    """What a figure is given, as bytes that differ where it differs."""
    if isinstance(value, Codebook):
        return repr(value.codes).encode()
    if isinstance(value, Mapping):
        return b"".join(_bytes(name) + b"\x1e" + _bytes(item) + b"\x1d" for name, item in value.items())
    if hasattr(value, "columns"):
        return _of_frame(value)
    return repr(value).encode()


def _of_frame(table: pd.DataFrame) -> bytes:
    from pandas.util import hash_pandas_object

    return (
        repr([*table.dtypes.astype(str).items()]).encode() + hash_pandas_object(table, index=False).to_numpy().tobytes()
    )


def _load(path: Path) -> tuple[dict[str, str], dict[str, bytes]] | None:
    """A kept figure; None where there is none, or it cannot be read: then it is drawn again."""
    with suppress(OSError, ValueError, KeyError, zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(_ABOUT)), {name: archive.read(name) for name in FORMATS}
    return None


def _save(path: Path, found: tuple[dict[str, str], dict[str, bytes]]) -> None:
    about, files = found
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, data in {_ABOUT: json.dumps(about).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _ZERO), data)

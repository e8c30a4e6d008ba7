"""Finished figures are kept: what did not change is not drawn again, and nobody sees a difference."""

from __future__ import annotations

import ast
from contextlib import chdir
from pathlib import Path

import pandas as pd
import pytest
from test_figures import CODEBOOK, draw, lay_study

from qualcode import tables
from qualcode.codebook import load_codebook
from qualcode.figures import keeping, outline
from qualcode.figures.drawing import Drawn, nothing


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the figures that are rendered from here on."""
    titles: list[str] = []
    render = keeping.rendered

    def told(drawn: Drawn) -> tuple[dict[str, str], dict[str, bytes]]:
        titles.append(drawn.title)
        return render(drawn)

    monkeypatch.setattr(keeping, "rendered", told)
    return titles


def made(results: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (results / "figures").iterdir()}


def kept(study: Path) -> list[Path]:
    return sorted((study.parent / ".cache" / "qualcode" / "study" / "figures").iterdir())


def test_nothing_is_drawn_twice_and_the_bytes_are_the_same(tmp_path: Path, rendered: list[str]) -> None:
    study, results = lay_study(tmp_path, themes=3)
    draw(study, results)
    first, count = made(results), len(rendered)
    assert count > 10
    for path in (results / "figures").iterdir():
        path.unlink()
    draw(study, results)
    assert len(rendered) == count
    assert made(results) == first
    for path in kept(study):
        path.unlink()
    draw(study, results)
    assert len(rendered) == 2 * count
    assert made(results) == first


def test_only_what_changed_is_drawn_again(tmp_path: Path, rendered: list[str]) -> None:
    study, results = lay_study(tmp_path, themes=3)
    draw(study, results)
    before, count = made(results), len(kept(study))
    rendered.clear()
    table = tables.read(results, "saturation")
    table.loc[table["position"] == 10, "codes_so_far"] = 2
    tables.write(results, "saturation", table)
    draw(study, results)
    assert rendered == ["How much was still new towards the end"]
    after = made(results)
    changed = {name for name in after if after[name] != before[name]}
    assert {"saturation.svg", "saturation.png", "saturation.pdf"} <= changed
    assert all(name.startswith("saturation.") for name in changed - {"figures.csv"})
    # What no figure was taken from is forgotten.
    assert len(kept(study)) == count


def test_an_edit_of_words_and_definitions_draws_nothing(tmp_path: Path, rendered: list[str]) -> None:
    study, results = lay_study(tmp_path)
    draw(study, results)
    rendered.clear()
    told = CODEBOOK.replace("name: Other", "name: Other\n    definition: All else.\n    words: [else]")
    (study / "book.yaml").write_text("# A line more\n" + told, encoding="utf-8")
    draw(study, results)
    assert rendered == []
    (study / "book.yaml").write_text(told.replace("#123456", "#654321"), encoding="utf-8")
    draw(study, results)
    assert "How many participants speak of each code" in rendered


def test_figures_that_are_no_longer_made_are_removed(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    draw(study, results)
    for suffix in ("svg", "png", "pdf", "txt"):
        assert (results / "figures" / f"talk_map_talk.{suffix}").exists()
        (results / "figures" / f"talk_map_gone.{suffix}").write_text("old", encoding="utf-8")
    (results / "figures" / "notes.md").write_text("of a person", encoding="utf-8")
    draw(study, results)
    assert not list((results / "figures").glob("talk_map_gone.*"))
    assert (results / "figures" / "notes.md").exists()


@pytest.mark.parametrize("damage", [b"", b"no archive", None])
def test_what_cannot_be_read_is_drawn_again(tmp_path: Path, rendered: list[str], damage: bytes | None) -> None:
    study, results = lay_study(tmp_path)
    draw(study, results)
    first, path = made(results), kept(study)[0]
    data = path.read_bytes()
    # None: one byte in the middle is another.
    at = len(data) // 2
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] if damage is None else damage)
    rendered.clear()
    draw(study, results)
    assert len(rendered) == 1
    assert made(results) == first
    assert path.read_bytes() == data


def test_purge_empties_it(tmp_path: Path) -> None:
    from qualcode import cli

    study, results = lay_study(tmp_path)
    draw(study, results)
    assert kept(study)
    with chdir(tmp_path):
        assert cli.main(["purge", "study"]) == 0
    assert not (tmp_path / ".cache" / "qualcode" / "study").exists()


def test_the_key_tells_apart_whatever_a_figure_is_given(tmp_path: Path) -> None:
    (tmp_path / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    book = outline(load_codebook(tmp_path / "book.yaml"))
    (tmp_path / "book.yaml").write_text(CODEBOOK.replace("Other", "Others"), encoding="utf-8")
    other = outline(load_codebook(tmp_path / "book.yaml"))
    frames = [
        pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 1]}), pd.DataFrame({"b": [1, 2]}),
        pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": ["1", "2"]}), pd.DataFrame({"a": []}),
    ]  # fmt: skip
    given = [(), ("",), ("x",), ("x", ""), ("", "x"), (book,), (other,), ({"a": "b"},), ({"a": "c"},)]
    given += [(frame,) for frame in frames]
    assert len({keeping.key(nothing, parts) for parts in given}) == len(given)
    assert keeping.key(nothing, ("x",)) != keeping.key(draw, ("x",))
    assert keeping.key(nothing, (frames[0],)) == keeping.key(nothing, (frames[0].copy(),))


def test_all_code_that_draws_is_part_of_the_key() -> None:
    """A module that figures import, and that may change how they look, is named in BESIDES."""
    package = Path(keeping.__file__).parent
    # What only reads and writes files, or is there for types.
    exempt = {"cache.py", "files.py", "study/__init__.py"}
    used = set()
    for path in package.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 2:
                parts = [node.module] if node.module else [alias.name for alias in node.names]
                used |= {part.replace(".", "/") for part in parts}
    root = package.parent
    found = {f"{name}.py" if (root / f"{name}.py").exists() else f"{name}/__init__.py" for name in used}
    assert found - exempt <= set(keeping.BESIDES)
    assert all((root / name).exists() for name in keeping.BESIDES)

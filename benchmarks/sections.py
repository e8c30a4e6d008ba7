"""The tables of benchmarks/README.md, each between two marks that name it."""

from __future__ import annotations

from pathlib import Path

README = Path(__file__).with_name("README.md")


def write(section: str, text: str) -> None:
    """Put the text between the marks of a section in README.md."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, mark, rest = README.read_text(encoding="utf-8").partition(begin)
    if not mark:
        raise ValueError(f"{README.name} has no section '{section}'")
    after = rest.partition(end)[2]
    README.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8", newline="\n")

"""Measure what the second look finds of names that no list holds, by origin of the name and by case.

usage: python benchmarks/identifiers.py [--write]

The names stand in names_by_origin.csv: given names and surnames drawn from the lists of Faker 40.54 (MIT; locales
en_GB, es_MX, zh_CN and ja_JP in Latin letters, vi_VN, fr_DZ, en_PK, en_IN, tr_TR, yo_NG, tw_GH, sw, zu_ZA, pl_PL), at
most 24 of each origin and paired by chance. Where a name comes from says nothing of who bears it. The sentences are
invented.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import sections

from qualcode.identifiers import Piece, finds
from qualcode.language import load_pipeline

NAMES = Path(__file__).with_name("names_by_origin.csv")
# As people speak of others in interviews: at the beginning, in the middle and at the end of a sentence.
SENTENCES = (
    "I talked to {} about it after the meeting.",
    "{} was my mentor in the second year, and that helped.",
    "So when {} left, nobody told me what was expected.",
    "Yeah, no, that was the lesson I planned with {}.",
    "Um, {} said I should just try it.",
)
CASES: dict[str, Callable[[str], str]] = {"cased": str, "lower": str.lower, "upper": str.upper}


def measure() -> dict[str, dict[str, tuple[int, int]]]:
    """(found, looked for) by origin and by what was looked for: a given name alone or a full name, and its case."""
    pipeline = load_pipeline("en_core_web_sm")
    with NAMES.open(encoding="utf-8", newline="") as handle:
        people = list(csv.DictReader(handle))
    figures: dict[str, dict[str, tuple[int, int]]] = {}
    for person in people:
        of_origin = figures.setdefault(person["origin"], {})
        for what, name in (("given", person["given"]), ("full", f"{person['given']} {person['surname']}")):
            for case, written in CASES.items():
                texts = [written(sentence.format(name)) for sentence in SENTENCES]
                found = sum(is_found(written(name), text, pipeline(text)) for text in texts)
                before = of_origin.get(f"{what} {case}", (0, 0))
                of_origin[f"{what} {case}"] = before[0] + found, before[1] + len(texts)
    return figures


def is_found(name: str, text: str, doc) -> bool:  # type: ignore[no-untyped-def]
    """Whether all words of a name are in what the step would list for a person to decide on."""
    listed = " ".join(finds([Piece(text, "talk", "p1")], [doc], [], []))
    return all(word in listed.split() for word in name.split())


def false_alarms() -> tuple[int, int]:
    """What is listed of the same sentences with no name in them, and how many sentences these are."""
    pipeline = load_pipeline("en_core_web_sm")
    texts = [
        written(sentence.format(word))
        for sentence in SENTENCES
        for word in ("she", "they", "someone")
        for written in CASES.values()
    ]
    return sum(len(finds([Piece(text, "talk", "p1")], [pipeline(text)], [], [])) for text in texts), len(texts)


def report(figures: dict[str, dict[str, tuple[int, int]]]) -> str:
    """The figures as a table in Markdown, in % of the times a name stood in a sentence."""
    columns = [f"{what} {case}" for case in CASES for what in ("given", "full")]
    titles = [
        f"{what} name, {case}" for case in ("as written", "lower case", "upper case") for what in ("given", "full")
    ]
    people = sum(figure[columns[0]][1] for figure in figures.values()) // len(SENTENCES)
    lines = [
        f"Found of names that no list holds, in % of {len(SENTENCES)} sentences for each of {people} names:",
        "",
        f"| origin of the name | {' | '.join(titles)} |",
        f"|---|{'--:|' * len(titles)}",
    ]
    for origin, of_origin in figures.items():
        lines.append(f"| {origin} | {' | '.join(percent(*of_origin[column]) for column in columns)} |")
    totals = [tuple(map(sum, zip(*(figure[column] for figure in figures.values()), strict=True))) for column in columns]
    lines.append(f"| all | {' | '.join(percent(*total) for total in totals)} |")
    alarms, sentences = false_alarms()
    lines += ["", f"Of {sentences} such sentences without a name, {alarms} strings were listed all the same."]
    return "\n".join(lines)


def percent(found: int, looked_for: int) -> str:
    return f"{100 * found / looked_for:.0f}"


def main() -> None:
    """Measure, print, and with --write keep the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md")
    args = parser.parse_args()
    text = report(measure())
    print(text)
    if args.write:
        sections.write("identifiers", text)


if __name__ == "__main__":
    main()

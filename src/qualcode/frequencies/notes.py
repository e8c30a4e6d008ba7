"""What the printed tables share: how people are called, figures as they are printed, and sentences of notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..console import counted_words, enumeration
from ..counting import WHOLE
from ..documents import Kind
from ..rated import Disagreement, marked, note
from ..tables import percent, round_half_up

Row = Mapping[str, Any]

# Fewer people than this make a percentage unsafe: one person moves it by more than five points.
SAFE_PEOPLE = 20
# What stands in the place of a figure that is left out, or that there is not.
NONE = "–"


@dataclass(frozen=True)
class Words:
    """What the people and the sources of a study are called, and how their figures are told.

    `of`: percentages are of those who `answered`, or of those `present`; `interval` is the confidence in %, 0 for none.
    `added`: how many utterances were added in answers to member checks; fewer than `smallest` are not told as a number.
    """

    people: str
    one: str
    sources: str
    of: str = "answered"
    interval: float = 0
    added: int = 0
    smallest: int = 0

    @property
    def whole(self) -> str:
        """The column that percentages are of."""
        return WHOLE[self.of]

    @property
    def those(self) -> str:
        """Those of whom percentages are, after their number: '33 respondents who answered'."""
        did = "answered" if self.people == "respondents" else "spoke or answered"
        return f"{self.people} who {'were present' if self.of == 'present' else did}"


def words_for(kinds: Iterable[str], of: str = "answered", interval: float = 0) -> Words:
    """People who answer a survey are respondents, all others participants; sources are groups if all of them are.

    >>> words_for(["survey"]).people, words_for(["focus_group", "interview"]).sources
    ('respondents', 'sources')
    """
    different = set(kinds)
    people = "respondents" if different == {"survey"} else "participants"
    sources = {"focus_group": "groups", "interview": "interviews", "document": "documents"}
    one = sources.get(next(iter(different)), "sources") if len(different) == 1 else "sources"
    return Words(people, people[:-1], one, of, interval)


def with_marks(rows: Iterable[Row], disagree: Mapping[str, Disagreement]) -> list[dict[str, Any]]:
    """Rows of codes, names marked where someone disagrees; `disagreement` is what `disagreeing` tells of them."""
    return [
        {
            **row,
            "name": marked(row["name"], row["code"], disagree),
            "disagreement": (row["name"], disagree[row["code"]]) if row["code"] in disagree else None,
        }
        for row in rows
    ]


def disagreeing(rows: Iterable[Row]) -> str:
    """What the mark at names of these rows says, '' where there is none."""
    return note(row["disagreement"] for row in rows if row.get("disagreement"))


def number(value: float | None) -> str:
    """A count, or a dash where it is left out."""
    return NONE if value is None else f"{value:.0f}"


def share(row: Row, words: Words) -> str:
    """Whole per cent from the counts, halves rounded up: never from a percentage that was rounded before."""
    return NONE if row["participants"] is None else f"{percent(row['participants'], row[words.whole], 0):.0f}"


def interval(row: Row, words: Words) -> str:
    """The interval beside a percentage in brackets, '' without one."""
    if not words.interval or row["percent_low"] is None:
        return ""
    return f" [{percent_of(row['percent_low'])}, {percent_of(row['percent_high'])}]"


def percent_of(value: float) -> str:
    """An end of an interval, which is no count, as whole per cent."""
    return f"{round_half_up(value):.0f}"


def part_of(part: float | None, whole: float | None) -> str:
    """'3 of 12'."""
    return NONE if part is None or not whole else f"{part:.0f} of {whole:.0f}"


def people_of(rows: list[dict[str, Any]], words: Words) -> int:
    return int(rows[0][words.whole]) if rows else 0


def enough(codes: list[dict[str, Any]], least: int, words: Words) -> tuple[list[dict[str, Any]], str]:
    """The codes of which at least so many people speak, and a sentence on those that a table leaves out.

    Where nobody is known, sources are counted.
    """
    known = bool(people_of(codes, words))
    kept = [code for code in codes if code["participants" if known else "sources"] >= least]
    if len(kept) == len(codes):
        return kept, ""
    people, one = (words.people, words.one) if known else ("sources", "source")
    said = f"of fewer than {least} {people}" if least > 1 else f"of which no {one} speaks"
    told = counted_words(len(codes) - len(kept), "code")
    return kept, f"Left out: {told} {said} (frequencies.csv has all)."


def typed_share(row: Row, words: Words) -> tuple[object, ...]:
    """A percentage on a sheet, and the ends of its interval where the study asks for one."""
    if row["participants"] is None:
        return (NONE,) * len(share_heads(words))
    ends = (row["percent_low"], row["percent_high"]) if words.interval else ()
    return (percent(row["participants"], row[words.whole]), *ends)


def share_heads(words: Words, group: str = "") -> tuple[tuple[str, Kind], ...]:
    """The heads of `typed_share`, of all people or of a group."""
    heads = ("%", "% from", "% to") if words.interval else ("%",)
    return tuple((f"{group}\n{head}".strip(), "percent") for head in heads)


def most_first(codes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most people first; the codebook's order where they are as many."""
    return sorted(codes, key=lambda code: -code["participants"])


def denominators(row: Row, words: Words) -> str:
    """How many were there and how many answered."""
    present, answered = int(row["of_present"]), int(row["of_participants"])
    if present == answered:
        return ""
    did = "answered" if words.people == "respondents" else "spoke or answered"
    return f"{present} {words.people} were present, {answered} of whom {did}."


def n_means(words: Words, people: int, row: str) -> str:
    return f"n = {words.people} who spoke of the {row}; percentages are of all {people} {words.those}, rounded."


def over_hundred(rows: list[dict[str, Any]], words: Words, several: str) -> str:
    over = sum(row["participants"] for row in rows) > people_of(rows, words) if rows else False
    return f"Percentages add to more than 100 because {words.people} can speak of several {several}." if over else ""


def unsafe(people: int) -> str:
    return f"Percentages are unsafe below N = {SAFE_PEOPLE}: read the counts." if 0 < people < SAFE_PEOPLE else ""


def intervals_are(words: Words) -> str:
    return f"In square brackets: {words.interval:g} % intervals (Wilson, 1927)." if words.interval else ""


def additions(words: Words) -> str:
    """That utterances were added in answers to member checks, '' where there are none."""
    if not words.added:
        return ""
    many = "" if words.added < words.smallest else f" ({counted_words(words.added, 'utterance')})"
    return f"Additions in member checks{many} count too, but not as one of the {words.sources}."


def join(sentences: Iterable[str]) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def shown(attribute: str) -> str:
    """An attribute's name as a reader takes it: `years_as_mentor` is 'Years as mentor'."""
    spaced = attribute.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def groups_are_small(small: list[str], values: list[str]) -> str:
    return "this holds for every group here" if len(small) == len(values) else f"this holds for {enumeration(small)}"

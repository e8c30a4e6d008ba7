"""How the findings are laid out: by research question, theme by theme, with the figures of the table frequencies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..codebook import Code, Codebook
from ..console import counted_words, enumeration
from ..counting import WHOLE
from ..quoting import records
from ..rated import Disagreement, disagreements
from ..study import ADDED, Study
from .evidence import Evidence, Quoted

if TYPE_CHECKING:
    import pandas as pd

NO_QUESTION = "Themes that the codebook puts under no research question"


@dataclass(frozen=True)
class Line:
    """A code below a theme: how far below, its name and its figures in words."""

    depth: int
    name: str
    figures: str


@dataclass(frozen=True)
class Theme:
    """A theme, or a category above themes, as the draft tells it.

    `part` says which of its codes belong to the question, '' if all do. `quoted` is empty for a category on which
    nothing is coded itself; only then there is nothing to interpret. `fewer` tells of the themes of a category that get
    no section.
    """

    code: Code
    heading: int
    figures: str
    part: str
    below: tuple[Line, ...]
    uncoded: tuple[str, ...]
    quoted: tuple[Quoted, ...]
    names: Mapping[str, str]
    fewer: str
    is_category: bool


@dataclass(frozen=True)
class Section:
    """What belongs to one research question; without questions, all of it, under no heading of its own."""

    title: str
    themes: tuple[Theme, ...]
    uncoded: tuple[str, ...]
    fewer: str


@dataclass(frozen=True)
class _Plan:
    study: Study
    codebook: Codebook
    rows: Mapping[str, Mapping[str, Any]]
    evidence: Evidence
    level: int
    least: int
    disagree: Mapping[str, Disagreement]

    def section(self, title: str, inside: frozenset[str]) -> Section:
        """The themes that hold a coded one of the codes `inside`, in the order of the codebook."""
        shown: list[tuple[Code, list[Code]]] = []
        uncoded: list[str] = []
        fewer: dict[str, list[Code]] = {}
        for code in self.codebook.codes:
            if code.level > self.level:
                continue
            mine = [item for item in self.branch(code) if item.code in inside]
            if not any(self.rows[item.code]["own_codings"] for item in mine):
                uncoded += [code.name] * bool(mine and self.is_theme(code))
            elif self.people(code) >= self.least:
                shown.append((code, mine))
            elif self.is_theme(code) or (code in mine and self.rows[code.code]["own_codings"]):
                above = [step for step in code.path[:-1] if any(step == category.code for category, _ in shown)]
                fewer.setdefault(above[-1] if above else "", []).append(code)
        themes = [
            self.theme(code, mine, code.level + bool(title), self.too_few(fewer.get(code.code, ())))
            for code, mine in shown
        ]
        return Section(title, tuple(themes), tuple(uncoded), self.too_few(fewer.get("", ())))

    def people(self, code: Code) -> int:
        """How many speak of it; where nobody is known, in how many sources it stands."""
        row = self.rows[code.code]
        return int(row["participants"] if _people(row, self.study) else row["sources"])

    def too_few(self, codes: Sequence[Code]) -> str:
        """The themes that get no section, with their figures; '' if there are none."""
        if not codes:
            return ""
        who = "participants" if _people(self.rows[codes[0].code], self.study) else "sources"
        told = (
            f"{code.name} ({self.people(code):,}, {int(self.rows[code.code]['utterances']):,}{self.doubted(code)})"
            for code in codes
        )
        noun = "theme" if len(codes) == 1 else "themes"
        return (
            f"{len(codes):,} {noun} of fewer than {self.least:,} {who}, with the number of {who} and of utterances: "
            f"{'; '.join(told)}."
        )

    def doubted(self, code: Code) -> str:
        """How many disagree with a theme in member checks, after its figures; '' if no one does."""
        told = self.disagree.get(code.code)
        return f"; in the member check {told.part} disagreed" if told else ""

    def checked(self, code: Code, figures: str) -> str:
        """The figures of a code, and after them how many disagree with it in member checks."""
        told = self.disagree.get(code.code)
        return f"{figures.rstrip('.')}. {told.told}" if told else figures

    def branch(self, code: Code) -> list[Code]:
        return [item for item in self.codebook.codes if code.code in item.path]

    def is_theme(self, code: Code) -> bool:
        return code.leaf or code.level == self.level

    def theme(self, code: Code, mine: list[Code], heading: int, fewer: str) -> Theme:
        quoted = mine if self.is_theme(code) else [item for item in mine if item is code]
        coded = any(self.rows[item.code]["own_codings"] for item in quoted)
        below = [item for item in mine if item is not code] if self.is_theme(code) else []
        return Theme(
            code=code,
            heading=heading,
            figures=self.checked(code, spoken_of(self.rows[code.code], self.study)),
            part="" if len(mine) == len(self.branch(code)) else enumeration(item.name for item in _topmost(mine)),
            below=tuple(
                Line(
                    item.level - code.level - 1,
                    item.name,
                    self.checked(item, figures(self.rows[item.code], self.study)).rstrip("."),
                )
                for item in below
                if self.rows[item.code]["codings"]
            ),
            uncoded=tuple(item.name for item in below if not self.rows[item.code]["codings"]),
            quoted=self.evidence.of({item.code for item in quoted}) if coded else (),
            names={item.code: item.name for item in quoted if item is not code},
            fewer=fewer,
            is_category=not self.is_theme(code),
        )


def sections(study: Study, codebook: Codebook, frequencies: pd.DataFrame, evidence: Evidence) -> list[Section]:
    """The whole draft: a section per research question, then one for codes of none; without questions one for all.

    A code belongs to the question that it names, else to that of the nearest code above it that names one.
    """
    rows = {row["code"]: row for row in records(frequencies)}
    wanted = study.settings["findings"]
    disagree = disagreements(evidence.speech.checked, study.settings["frequencies"]["smallest_cell"], codebook)
    plan = _Plan(study, codebook, rows, evidence, wanted["level"], wanted["least"], disagree)
    questions = study.settings["questions"]
    known = {question["id"] for question in questions}
    asked: dict[str, set[str]] = {key: set() for key in [*known, ""]}
    for code in codebook.codes:
        named = next((key for step in reversed(code.path) if (key := codebook.by_id[step].question) in known), "")
        asked[named].add(code.code)
    found = [plan.section(question["text"], frozenset(asked[question["id"]])) for question in questions]
    if asked[""]:
        found.append(plan.section(NO_QUESTION if questions else "", frozenset(asked[""])))
    return found


def _topmost(codes: list[Code]) -> list[Code]:
    inside = {code.code for code in codes}
    return [code for code in codes if not inside & set(code.path[:-1])]


def figures(row: Mapping[str, Any], study: Study) -> str:
    """How many people (where there are none, sources) and utterances: "2 of 3 participants, 4 utterances"."""
    spoken = counted_words(int(row["utterances"]), "utterance")
    whole = _people(row, study)
    if not whole:
        return f"{_sources(row, study)}, {spoken}"
    return f"{int(row['participants']):,} of {counted_words(whole, 'participant')}, {spoken}"


def spoken_of(row: Mapping[str, Any], study: Study) -> str:
    """The same as a sentence, with the sources."""
    spoken = counted_words(int(row["utterances"]), "utterance")
    if not (whole := _people(row, study)):
        return f"It stands in {_sources(row, study)}, in {spoken}."
    number = int(row["participants"])
    verb = "speaks" if number == 1 else "speak"
    people = f"{number:,} of {counted_words(whole, 'participant')}"
    return f"{people} {verb} of it, in {_sources(row, study)} and {spoken}."


def _people(row: Mapping[str, Any], study: Study) -> int:
    return int(row[WHOLE[study.settings["frequencies"]["of"]]])


def _sources(row: Mapping[str, Any], study: Study) -> str:
    """ "2 of 2 focus groups", "3 of 5 sources" where they are of several kinds."""
    kinds = {source.kind for source in study.sources if source.kind != ADDED}
    kind = kinds.pop().replace("_", " ") if len(kinds) == 1 else "source"
    return f"{int(row['sources']):,} of {counted_words(int(row['of_sources']), kind)}"

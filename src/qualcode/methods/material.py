"""What the methods text and the checklists are made from: the study, its tables, and the positionality memos."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import tables
from ..checked import AMENDED, WAITS, Checked
from ..codebook import Codebook
from ..quoting import columns, covered_words, records
from ..study import ADDED, Source, Study, read_memo, recorded, sources_by_kind
from ..typed import Gone, gone

if TYPE_CHECKING:
    import pandas as pd

READ = (
    "utterances",
    "participants",
    "import_report",
    "hidden",
    "identifiers",
    "open_codes",
    "coders",
    "decisions",
    "coverage_by",
    "codebook_changes",
    "agreement",
    "rule_quality",
    "suggestion_quality",
    "themes",
    "theme_stability",
    "frequencies",
    "sample",
    "saturation",
    "new_information",
    "packets",
    "member_checks",
    "member_check_packets",
    "member_check_summary",
)
# What stands for words that their speaker did not agree to see quoted.
NOT_QUOTED = "[words of a participant who did not agree to be quoted]"
# What a positionality memo is known by, in its front matter or its file's name.
POSITIONALITY = "positionality"


@dataclass(frozen=True)
class Memo:
    """A memo of positionality as it may be printed. `withheld` passages of participants are not in its paragraphs."""

    by: str
    date: str
    paragraphs: tuple[str, ...]
    withheld: int


@dataclass(frozen=True)
class Material:
    """A study with its codebook, its tables by name (empty where a step was not run) and its positionality memos."""

    study: Study
    codebook: Codebook
    tables: Mapping[str, pd.DataFrame]
    memos: tuple[Memo, ...]
    # What the researchers answered themselves, in study.yaml, by checklist and number of the item.
    answers: Mapping[str, Mapping[str, str]]
    # What researchers typed as it may be printed: without names, and without words that may not be quoted.
    told: Callable[[str], str] = str

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.study.settings

    def rows(self, name: str, **wanted: object) -> list[dict[str, Any]]:
        """The rows of a table in which those columns have those values."""
        table = self.tables[name]
        for key, value in wanted.items():
            table = table[table[key] == value]
        return records(table)

    def of_role(self, role: str) -> list[dict[str, Any]]:
        """People who spoke or answered, as the table participants has them."""
        return self.rows("participants", role=role)

    @property
    def recorded(self) -> list[Source]:
        """Focus groups and interviews."""
        return recorded(self.study)

    @property
    def sources_by_kind(self) -> list[str]:
        """How many sources there are of each kind: "2 interviews"; without what was added in member checks."""
        gathered = tuple(source for source in self.study.sources if source.kind != ADDED)
        return sources_by_kind(replace(self.study, sources=gathered))

    @property
    def minutes(self) -> list[float]:
        """How long focus groups and interviews took, as far as sources.csv says so."""
        return [float(source.minutes) for source in self.recorded if source.minutes]

    @property
    def dates(self) -> list[str]:
        """The dates of sources, each once, the first first."""
        return sorted({source.date for source in self.study.sources if source.date})

    @property
    def coders(self) -> list[str]:
        """Who coded, without those who only decided on proposals."""
        return sorted({row["coder"] for row in self.rows("coders", coded=True)})

    @property
    def withdrawn(self) -> int:
        return sum(person.status == "withdrawn" for person in self.study.participants)

    def marked(self, use: str) -> int:
        """Counted codings that coders marked `exemplar` or `deviant`."""
        codings = self.tables["open_codes"]
        return int(((codings["use"] == use) & codings["counts"]).sum())


def gather(study: Study, codebook: Codebook, results: Path) -> Material:
    """Read the tables. A step that has not been run leaves an empty one."""
    found = {
        name: tables.read(results, name) if (results / tables.TABLES[name].file).exists() else tables.frame(name, [])
        for name in READ
    }
    withholding = _Withholding(study, found)
    memos, answers = tuple(_positionality(study, withholding)), _answers(study, withholding)
    return Material(study, codebook, found, memos, answers, lambda text: withholding.told(text)[0])


@dataclass(frozen=True)
class _Withholding:
    """Takes out of what researchers typed the names, and the words that may not be quoted."""

    study: Study
    read: Mapping[str, pd.DataFrame]

    @cached_property
    def _gone(self) -> Gone:
        return gone(self.study)

    @cached_property
    def _silent(self) -> Gone:
        return _unquotable(self.read)

    def told(self, text: str) -> tuple[str, int]:
        """The text as it may be printed, and from how many passages words of participants were taken out."""
        # Words of who withdrew are looked for in the text as it is, and in the text in which names are hidden.
        text = self.study.everyone.hide(self._gone.hide(text))
        spans = self._silent.spans(text)
        for start, end, _ in reversed(spans):
            text = text[:start] + NOT_QUOTED + text[end:]
        return text, len(spans)


def _answers(study: Study, withholding: _Withholding) -> dict[str, dict[str, str]]:
    return {
        checklist: {number: withholding.told(text)[0] for number, text in answers.items() if text.strip()}
        for checklist, answers in study.settings["checklists"].items()
    }


def _positionality(study: Study, withholding: _Withholding) -> list[Memo]:
    """The memos about positionality, the earliest first, without names and without words that may not be quoted.

    A memo that study.yaml calls confidential is not read.
    """
    found = []
    hide = study.everyone.hide
    for path in study.files("memos"):
        head, body = read_memo(path)
        front = {key.casefold(): value.strip(" \t'\"") for key, value in head}
        if POSITIONALITY not in front.get("about", "").casefold() and POSITIONALITY not in path.stem.casefold():
            continue
        if study.is_confidential(path):
            continue
        body, withheld = withholding.told(body)
        paragraphs = tuple(" ".join(part.split()) for part in re.split(r"\n\s*\n", body) if part.strip())
        found.append(Memo(hide(front.get("by", "")), hide(front.get("date", "")), paragraphs, withheld))
    return sorted(found, key=lambda memo: memo.date)


def _unquotable(read: Mapping[str, pd.DataFrame]) -> Gone:
    """The words of participants who have not said yes to being quoted, and passages that are never to be quoted.

    So are those that participants withdrew or changed in member checks, as their sources have them now, and what they
    wrote there of concepts.
    """
    people = read["participants"]
    agreed = set(people.loc[people["quote_consent"] == "yes", "participant"])
    spoken = read["utterances"][read["utterances"]["role"] == "participant"]
    said = [pair for pair in columns(spoken, "participant", "text") if pair[0] not in agreed]
    never = read["open_codes"][read["open_codes"]["use"] == "never"]
    answers = read["member_checks"][~read["member_checks"]["effect"].isin([AMENDED, WAITS])]
    return Gone(
        [
            *said,
            *columns(never, "coder", "quote"),
            *columns(answers, "participant", "words"),
            *covered_words(Checked.of(read["member_checks"]), read["utterances"]),
        ]
    )

"""Explain a coding: whose words, which code, who or what made it, whether it counts and what would change that."""

from __future__ import annotations

import argparse
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ..codebook import Codebook, load_codebook
from ..codings import place_in
from ..console import enumeration
from ..errors import QualcodeError, failure
from ..files import read_rows, sha256
from ..study import ANCHORS, Study
from ..typed import Gone, gone
from .explain_changes import to_change
from .explain_suggestions import decides, rests_on, suggestions
from .reading import Cells, add_studies, called, near, rows, show, studies_with

TABLES = ("open_codes", "open_code_utterances", "utterances", "participants", "coders", "decisions")
# So many digits of an id tell which coding is meant, where no other begins so.
SHORTEST = 4
PAGE, MARGIN = 100, 10
# What makes a coding a person's own: that they coded so, or took what was suggested.
_MAKING = ("apply", "accept")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    about = "a coding's id, now or formerly, or its first digits; a suggestion's id; or an utterance's id"
    parser.add_argument("coding", help=about)
    add_studies(parser)
    parser.epilog = (
        "Of an utterance, every coding that touches it is explained.\n\n"
        "Examples:\n  qualcode explain 404456352f2b\n  qualcode explain 4044 data/clinical-mentors\n"
        "  qualcode explain focus-group:17"
    )


def run(args: argparse.Namespace) -> None:
    kept = [Kept(study, results) for study, results in studies_with(args.studies, *TABLES)]
    if ":" in args.coding:
        told = list(_of_utterance(kept, args.coding))
    else:
        named = args.coding.strip().lower()
        waiting = [(item, item.suggestions[named]) for item in kept if named in item.suggestions]
        told = [_suggestion(*found) for found in waiting] or [explained(*_named(kept, named), named)]
    show("\n\n\n".join("\n".join(lines) for lines in told))


class Decided(NamedTuple):
    """A row of a coder that says what becomes of a coding."""

    coder: str
    path: Path
    number: int
    action: str
    carried_out: bool
    holds: bool

    @property
    def place(self) -> str:
        return f"{place_in(self.path, self.number)} of {self.path}"


@dataclass(frozen=True)
class Kept:
    """A study and what its results keep of its codings."""

    study: Study
    results: Path

    @cached_property
    def codings(self) -> dict[str, Cells]:
        return {row["coding"]: row for row in rows(self.results, "open_codes")}

    @cached_property
    def suggestions(self) -> dict[str, Cells]:
        return suggestions(self.results)

    @cached_property
    def codebook(self) -> Codebook:
        return load_codebook(self.study.codebook)

    @cached_property
    def utterances(self) -> dict[str, Cells]:
        return {row["utterance"]: row for row in rows(self.results, "utterances")}

    @cached_property
    def people(self) -> dict[str, Cells]:
        return {row["participant"]: row for row in rows(self.results, "participants")}

    @cached_property
    def credits(self) -> list[Cells]:
        return rows(self.results, "open_code_utterances")

    @cached_property
    def touching(self) -> dict[str, list[Cells]]:
        """The codings that touch each utterance."""
        found = defaultdict(list)
        for row in self.credits:
            found[row["utterance"]].append(self.codings[row["coding"]])
        return found

    @cached_property
    def rows_about(self) -> dict[str, list[Decided]]:
        """The rows of people about each coding, in the order in which they were carried out."""
        found = defaultdict(list)
        for row in sorted(rows(self.results, "decisions"), key=lambda row: (row["coder"], row["at"])):
            path = self.study.folder / "codings" / row["coder"] / row["file"]
            carried_out = not row["outcome"].startswith("no place")
            decided = Decided(row["coder"], path, int(row["row"]), row["action"], carried_out, row["holds"] == "true")
            for coding in filter(None, row["coding"].split("; ")):
                found[coding].append(decided)
        return found

    @cached_property
    def gone(self) -> Gone:
        return gone(self.study)

    def hide(self, text: str, source: str = "") -> str:
        """A text without names that were listed since it was made, and without words of those who withdrew."""
        hider = self.study.hider(source) if source else self.study.everyone
        return hider.hide(self.gone.hide(text))

    def decided(self, coding: Cells) -> list[Decided]:
        """The rows that decide on a proposal, or withdraw a coding."""
        own = _MAKING if coding["basis"] == "human" else ("apply",)
        return [row for row in self.rows_about[coding["coding"]] if row.action not in own]

    def verdicts(self, coding: Cells) -> dict[str, Decided]:
        """The row of each coder that holds: the last that accepts or rejects."""
        return {row.coder: row for row in self.decided(coding) if row.holds}

    def deciding(self, source: str) -> list[str]:
        """The coders whose word counts in a source."""
        return [
            row["coder"] for row in rows(self.results, "coders") if row["source"] == source and row["counts"] == "true"
        ]

    def covered(self, coding: Cells) -> list[Cells]:
        """The utterances that a coding covers, each with who is `credited`."""
        return [
            self.utterances[row["utterance"]] | {"credited": row["participant"]}
            for row in self.credits
            if row["coding"] == coding["coding"] and row["utterance"] in self.utterances
        ]


def ids(coding: Cells) -> list[str]:
    """The ids that a coding has and has had."""
    return [coding["coding"], *filter(None, coding.get("formerly", "").split("; "))]


# --- which codings are meant ---------------------------------------------------------------------------------------


def _named(kept: Sequence[Kept], named: str) -> tuple[Kept, Cells]:
    """The one coding of an id, now or formerly, or of its first digits. QualcodeError if there is none, or several."""
    every = [(name, item, row) for item in kept for row in item.codings.values() for name in ids(row)]
    exact = [(item, row) for name, item, row in every if name == named]
    begun = {
        (item.results, row["coding"]): (item, row)
        for name, item, row in every
        if len(named) >= SHORTEST and name.startswith(named)
    }
    found = exact or list(begun.values())
    if len(found) > 1:
        several = ", ".join(f"{row['coding']} ({item.study.name})" for item, row in found[:5])
        wrong = f"{len(found)} codings begin with '{named}' ({several}{', …' * (len(found) > 5)})"
        raise failure("", "", wrong, "Give more digits, or name the study.")
    if not found:
        raise _unknown(kept, named)
    return found[0]


def _unknown(kept: Sequence[Kept], named: str) -> QualcodeError:
    """What to say of an id that no coding has: the row that names it and found no place, or the ids nearest to it."""
    where = ", ".join(str(item.results / "open_codes.csv") for item in kept)
    wrong = f"no coding is named '{named}'"
    if 0 < len(named) < SHORTEST:
        return failure(where, "", wrong, f"Give {SHORTEST} digits at least.")
    for item in kept:
        unplaced, anchors = item.results / "unplaced.csv", item.study.folder / "codings" / ANCHORS
        for row in item.rows_about[named]:
            if not row.carried_out:
                do = f"{row.place.capitalize()} names it and found no place: {unplaced} says why."
                return failure(where, "", wrong, do)
        if anchors.exists() and any(row.cells.get("coding") == named for row in read_rows(anchors)[1]):
            do = f"{anchors} knows where it stood: {unplaced} says why it has no place now, if a row still asks for it."
            return failure(where, "", wrong, do)
    return failure(where, "", wrong, near(named, (coding for item in kept for coding in item.codings)))


def _of_utterance(kept: Sequence[Kept], utterance: str) -> Iterator[list[str]]:
    """What is to be said of every coding that touches an utterance."""
    holding = [item for item in kept if utterance in item.utterances]
    if not holding:
        where = ", ".join(str(item.results / "utterances.csv") for item in kept)
        known = (name for item in kept for name in item.utterances)
        raise failure(where, "", f"there is no utterance '{utterance}'", near(utterance, known))
    for item in holding:
        named = [row["coding"] for row in item.credits if row["utterance"] == utterance]
        if not named:
            said = called(item.utterances[utterance]["participant"], item.people)
            yield [f"{utterance} ({item.study.folder}){said and f', said by {said}'}: no coding touches it."]
        for coding in named:
            yield explained(item, item.codings[coding])


# --- telling -------------------------------------------------------------------------------------------------------


def explained(kept: Kept, coding: Cells, named: str = "") -> list[str]:
    """What there is to say of a coding, line by line; `named` is the id, or its first digits, that was asked for."""
    _check_words(kept, coding)
    covered = kept.covered(coding)
    parts = {
        "Words": [f"“{kept.hide(coding['quote'], coding['source'])}”"],
        "Where": [_where(kept, coding, covered)],
        "Code": list(_code(kept, coding)),
        "Made by": list(_rule(kept, coding) if coding["basis"] == "rule" else _person(kept, coding)),
        "Decided": [f"{row.coder} says {row.action} in {row.place}." for row in kept.decided(coding)],
        "Memo": [kept.hide(coding["memo"], coding["source"])] if coding["memo"] else [],
        "Counts": [f"{'Yes' if coding['counts'] == 'true' else 'No'} ({coding['status']}): {coding['reason']}."],
        "To change": list(to_change(kept, coding, covered)),
        "Besides": list(_besides(kept, coding)),
    }
    former = [name for name in ids(coding)[1:] if named and name.startswith(named)]
    asked = f"{former[0]}, now " if former and not coding["coding"].startswith(named) else ""
    return _laid_out(f"{asked}{coding['coding']}, in {kept.study.folder}", parts)


def _suggestion(kept: Kept, row: Cells) -> list[str]:
    """What there is to say of a suggestion that waits, line by line."""
    _check_words(kept, row)
    place = f"{row['utterance']}, sentence {row['sentence']}"
    said = called(row["participant"], kept.people) if row["participant"] else ""
    parts = {
        "Words": [f"“{kept.hide(row['quote'], row['source'])}”"],
        "Where": [f"{place}{said and f', said by {said}'}; characters {row['start']} to {row['end']}."],
        "Code": list(_code(kept, row)),
        "Made by": [kept.hide(sentence) for sentence in rests_on(row)],
        "Counts": ["No: it is a suggestion, and counts for nothing as long as nobody accepts it."],
        "To change": [decides(row, kept.study.folder)],
    }
    return _laid_out(f"{row['coding']}, a suggestion, in {kept.study.folder}", parts)


def _laid_out(head: str, parts: Mapping[str, Sequence[str]]) -> list[str]:
    """A head, and below it sentences beside their titles."""
    lines = [head, ""]
    for title, sentences in parts.items():
        for number, sentence in enumerate(sentences):
            label = title if not number else ""
            indent = " " * (MARGIN + 2)
            lines += textwrap.wrap(
                " ".join(sentence.split()),
                PAGE,
                initial_indent=f"{label:<{MARGIN}}  ",
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines


def _check_words(kept: Kept, coding: Cells) -> None:
    """A step that failed leaves codings of an earlier run, with words that may be hidden or withdrawn by now."""
    text = kept.results / "texts" / f"{coding['source']}.txt"
    words = text.read_text(encoding="utf-8") if text.exists() else ""
    if words[int(coding["start"]) : int(coding["end"])] != coding["quote"]:
        table = kept.results / "open_codes.csv"
        raise failure(table, "", f"its codings are not those of the words in {text}", "Run `make results`.")


def _where(kept: Kept, coding: Cells, covered: Sequence[Cells]) -> str:
    ids = [item["utterance"] for item in covered]
    place = ids[0] if len(ids) == 1 else f"{ids[0]} to {ids[-1]}" if ids else coding["source"]
    speakers = dict.fromkeys(called(item["participant"], kept.people) for item in covered if item["participant"])
    questions = dict.fromkeys(item["question"] for item in covered if item["question"])
    credited = dict.fromkeys(called(item["credited"], kept.people) for item in covered if item["credited"])
    said = f", said by {enumeration(speakers)}" if speakers else ""
    if speakers and list(credited) != list(speakers):
        said += f" (credited to {enumeration(credited) if credited else 'no one'})"
    asked = f", under the question {enumeration(questions)}" if questions else ""
    text = kept.results / "texts" / f"{coding['source']}.txt"
    return f"{place}{said}{asked}; characters {coding['start']} to {coding['end']} of {text}."


def _code(kept: Kept, coding: Cells) -> Iterator[str]:
    code = kept.codebook.current(coding["code"])
    if code is None:
        heirs = kept.codebook.heirs(coding["code"])
        became = f"; it was split into {enumeration(heirs)}" if heirs else ""
        yield f"{coding['code']}, which {kept.codebook.path} does not have any more{became}. Run `make results`."
        return
    renamed = f" (formerly {coding['code']})" if code.code != coding["code"] else ""
    path = " > ".join(kept.codebook.by_id[key].name for key in code.path)
    yield f"{code.code}{renamed}: {kept.hide(path)}."
    yield kept.hide(code.definition) or "It has no definition."
    told = (("Use when", code.use_when), ("Not when", code.not_when))
    yield from (f"{what}: {kept.hide(text)}" for what, text in told if text)


def _person(kept: Kept, coding: Cells) -> Iterator[str]:
    making = [row for row in kept.rows_about[coding["coding"]] if row.action in _MAKING]
    places = [row.place + " (accepted as a suggestion)" * (row.action == "accept") for row in making]
    asked = f", in {enumeration(places)}" if places else ""
    rounds = f", round {coding['round']}" if coding["round"] else ""
    yield f"{coding['coder']}{asked}{rounds}. The quotation was found in the text: {coding['evidence']}."
    if coding["use"]:
        yield f"On quoting it, {coding['coder']} says {coding['use']}."


def _rule(kept: Kept, coding: Cells) -> Iterator[str]:
    rule, words, evidence = (kept.hide(coding[key], coding["source"]) for key in ("rule", "matched", "evidence"))
    place = f"characters {coding['matched_start']} to {coding['matched_end']}"
    yield f"The codebook's words, and no person: `{rule}` met “{words}”, {place}."
    if coding["evidence"] != f'{coding["rule"]} → "{coding["matched"]}"':
        yield f"All that was met in the sentence: {evidence}."
    version, code = coding["codebook"], kept.codebook.current(coding["code"])
    if version == kept.codebook.version:
        yield f"The codebook has not changed since (version {version})."
        return
    kept_as = [str(path) for path in kept.study.history.values() if sha256(path).startswith(version)]
    old = f"{version}, kept as {enumeration(kept_as)}" if kept_as else version
    yield f"The codebook has changed since: it was version {old}, and is {kept.codebook.version}. Run `make results`."
    if code and coding["rule"] not in code.words and not coding["rule"].startswith("pattern "):
        yield f"`{rule}` is no longer among the words of {code.code}."


def _besides(kept: Kept, coding: Cells) -> Iterator[str]:
    """The other codings on the same words."""
    start, end = int(coding["start"]), int(coding["end"])
    for other in kept.codings.values():
        same = other["source"] == coding["source"] and int(other["start"]) < end and start < int(other["end"])
        if same and other["coding"] != coding["coding"]:
            maker = other["coder"] or f"the words `{kept.hide(other['rule'])}`"
            counts = "counts" if other["counts"] == "true" else "does not count"
            yield f"{other['coding']}: {other['code']}, by {maker}; {other['status']}, {counts}."

"""Explain a coding: whose words, which code, who or what made it, whether it counts and what would change that."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..codebook import Codebook, load_codebook
from ..counting import SAID
from ..errors import QualcodeError, failure
from ..files import read_rows, sha256
from ..study import ANCHORS, Study
from ..text import FUZZY_THRESHOLD, fold
from .reading import Cells, add_studies, called, near, rows, show, studies_with

TABLES = ("open_codes", "open_code_utterances", "utterances", "participants", "coders", "unplaced")
# So many digits of an id tell which coding is meant, where no other begins so.
SHORTEST = 4
PAGE, MARGIN = 100, 10
CONSENSUS = "consensus"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coding", help="a coding's id in open_codes.csv, or its first digits; or an utterance's id")
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
        told = [explained(*_named(kept, args.coding.strip().lower()))]
    show("\n\n\n".join("\n".join(lines) for lines in told))


@dataclass(frozen=True)
class Kept:
    """A study and what its results keep of its codings."""

    study: Study
    results: Path

    @cached_property
    def codings(self) -> dict[str, Cells]:
        return {row["coding"]: row for row in rows(self.results, "open_codes")}

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


# --- which codings are meant ---------------------------------------------------------------------------------------


def _named(kept: Sequence[Kept], named: str) -> tuple[Kept, Cells]:
    """The one coding of an id or of its first digits. Raises QualcodeError if there is none, or several."""
    exact = [(item, item.codings[named]) for item in kept if named in item.codings]
    begun = [
        (item, row)
        for item in kept
        for coding, row in item.codings.items()
        if len(named) >= SHORTEST and coding.startswith(named)
    ]
    found = exact or begun
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
        lost = {(row["coder"], row["file"], row["row"]) for row in rows(item.results, "unplaced")}
        unplaced, anchors = item.results / "unplaced.csv", item.study.folder / "codings" / ANCHORS
        for coder, path, number, _ in _rows_naming(item.study, named):
            if (coder, path.name, str(number)) in lost:
                do = f"Row {number} of {path} names it and found no place: {unplaced} says why."
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


# --- what people wrote ---------------------------------------------------------------------------------------------


def _rows_naming(study: Study, coding: str) -> Iterator[tuple[str, Path, int, str]]:
    """(coder, file, row, action) of every row of people that names a coding by its id."""
    for coder, path in study.coding_files:
        for row in read_rows(path)[1]:
            if row.cells.get("coding", "") == coding:
                yield coder, path, row.number, row.cells.get("action", "") or "apply"


def _rows_asking(kept: Kept, coding: Cells) -> list[str]:
    """The rows of a coder that ask for these words with this code: those whose quotation is most like them."""
    from rapidfuzz import fuzz

    hider, wanted = kept.study.hider(coding["source"]), fold(coding["quote"])
    alike: list[tuple[float, str]] = []
    for coder, path in kept.study.coding_files:
        for row in read_rows(path)[1] if coder == coding["coder"] else ():
            code = kept.codebook.current(row.cells.get("code", ""))
            applies = row.cells.get("action", "") in ("", "apply") and row.cells.get("source") == coding["source"]
            if applies and code is not None and code.code == coding["code"]:
                score = max(fuzz.ratio(fold(words), wanted) for words in hider.variants(row.cells.get("quote", "")))
                alike.append((score, f"row {row.number} of {path}"))
    best = max((score for score, _ in alike), default=0.0)
    return [place for score, place in alike if score == best >= FUZZY_THRESHOLD]


# --- telling -------------------------------------------------------------------------------------------------------


def explained(kept: Kept, coding: Cells) -> list[str]:
    """What there is to say of a coding, line by line."""
    covered = kept.covered(coding)
    decided = list(_rows_naming(kept.study, coding["coding"]))
    parts = {
        "Words": [f"“{coding['quote']}”"],
        "Where": [_where(kept, coding, covered)],
        "Code": list(_code(kept, coding)),
        "Made by": list(_rule(kept, coding) if coding["basis"] == "rule" else _person(kept, coding)),
        "Decided": [f"{coder} says {action} in row {number} of {path}." for coder, path, number, action in decided],
        "Memo": [coding["memo"]] if coding["memo"] else [],
        "Counts": [f"{'Yes' if coding['counts'] == 'true' else 'No'} ({coding['status']}): {coding['reason']}."],
        "To change": list(_changes(kept, coding, covered, {(coder, action) for coder, _, _, action in decided})),
        "Besides": list(_besides(kept, coding)),
    }
    lines = [f"{coding['coding']}, in {kept.study.folder}", ""]
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


def _where(kept: Kept, coding: Cells, covered: Sequence[Cells]) -> str:
    ids = [item["utterance"] for item in covered]
    place = ids[0] if len(ids) == 1 else f"{ids[0]} to {ids[-1]}" if ids else coding["source"]
    speakers = dict.fromkeys(called(item["participant"], kept.people) for item in covered if item["participant"])
    questions = dict.fromkeys(item["question"] for item in covered if item["question"])
    credited = dict.fromkeys(called(item["credited"], kept.people) for item in covered if item["credited"])
    said = f", said by {_and(speakers)}" if speakers else ""
    if speakers and list(credited) != list(speakers):
        said += f" (credited to {_and(credited) if credited else 'no one'})"
    asked = f", under the question {_and(questions)}" if questions else ""
    text = kept.results / "texts" / f"{coding['source']}.txt"
    return f"{place}{said}{asked}; characters {coding['start']} to {coding['end']} of {text}."


def _code(kept: Kept, coding: Cells) -> Iterator[str]:
    code = kept.codebook.current(coding["code"])
    if code is None:
        heirs = kept.codebook.heirs(coding["code"])
        became = f"; it was split into {_and(heirs)}" if heirs else ""
        yield f"{coding['code']}, which {kept.codebook.path} does not have any more{became}. Run `make results`."
        return
    renamed = f" (formerly {coding['code']})" if code.code != coding["code"] else ""
    path = " > ".join(kept.codebook.by_id[key].name for key in code.path)
    yield f"{code.code}{renamed}: {path}."
    yield code.definition or "It has no definition."
    yield from (f"{what}: {text}" for what, text in (("Use when", code.use_when), ("Not when", code.not_when)) if text)


def _person(kept: Kept, coding: Cells) -> Iterator[str]:
    places = _rows_asking(kept, coding)
    asked = f", in {_and(places)}" if places else ""
    rounds = f", round {coding['round']}" if coding["round"] else ""
    yield f"{coding['coder']}{asked}{rounds}. The quotation was found in the text: {coding['evidence']}."
    if coding["use"]:
        yield f"On quoting it, {coding['coder']} says {coding['use']}."


def _rule(kept: Kept, coding: Cells) -> Iterator[str]:
    met = (
        f"`{coding['rule']}` met “{coding['matched']}”, characters {coding['matched_start']} to {coding['matched_end']}"
    )
    yield f"The codebook's words, and no person: {met}."
    if coding["evidence"] != f'{coding["rule"]} → "{coding["matched"]}"':
        yield f"All that was met in the sentence: {coding['evidence']}."
    version, code = coding["codebook"], kept.codebook.current(coding["code"])
    if version == kept.codebook.version:
        yield f"The codebook has not changed since (version {version})."
        return
    kept_as = [str(path) for path in kept.study.history.values() if sha256(path).startswith(version)]
    old = f"{version}, kept as {_and(kept_as)}" if kept_as else version
    yield f"The codebook has changed since: it was version {old}, and is {kept.codebook.version}. Run `make results`."
    if code and coding["rule"] not in code.words and not coding["rule"].startswith("pattern "):
        yield f"`{coding['rule']}` is no longer among the words of {code.code}."


def _changes(kept: Kept, coding: Cells, covered: Sequence[Cells], decided: Set[tuple[str, str]]) -> Iterator[str]:
    """What would make it count, or not count."""
    deciding, settings = kept.deciding(coding["source"]), kept.study.settings
    every = settings.get("authority") == "all"
    if covered and not any(item["role"] in SAID for item in covered):
        yield "`moderators: include` in study.yaml counts what moderators say like what participants say."
    elif coding["basis"] == "human":
        yield _of_person(coding, deciding)
    elif {action for coder, action in decided if coder in deciding} >= {"accept", "reject"}:
        yield f"{_and(deciding)} have to agree: one of these rows has to go, or to say what the other says."
    else:
        setting = settings["rules_for"].get(coding["code"], settings["rules"])
        yield from _of_rule(coding, setting, deciding, every)


def _of_person(coding: Cells, deciding: Sequence[str]) -> str:
    coder = coding["coder"]
    if coding["status"] == "withdrawn":
        return f"It stands again when the row of {coder} that withdraws it is deleted."
    if coding["counts"] == "true":
        return f"It counts no longer with a row {_row(coding, f'codings/{coder}/', 'withdraw')}."
    if coder in deciding:
        return f"It counts when all of {_and(deciding)} give the code here, or with `authority: any` in study.yaml."
    if deciding == [CONSENSUS]:
        return "It counts when consensus gives the code here."
    return f"It counts when {_and(deciding)} gives the code here, or with `authority: {coder}` or any in study.yaml."


def _of_rule(coding: Cells, setting: str, deciding: Sequence[str], every: bool) -> Iterator[str]:
    code, counts, status = coding["code"], coding["counts"] == "true", coding["status"]
    folders = [f"codings/{coder}/" for coder in deciding] or ["codings/<your name>/"]
    if status == "rejected":
        yield "It counts when the row that rejects it says accept."
    elif counts:
        yield f"It counts no longer with a row {_row(coding, _and(folders, 'or'), 'reject')}."
        if setting == "apply":
            yield f"`rules_for: {{{code}: propose}}` in study.yaml lets the words of this code only propose."
    else:
        each = every and len(folders) > 1
        row = _row(coding, _and(folders, "and" if each else "or"), "accept")
        yield f"It counts with a row {'each ' * each}{row}."
        if status == "negated":
            yield f"`negation: count` at {code} in the codebook takes negated words like others, wherever they are met."
        elif setting != "apply":
            yield "A row that says reject there sets it aside."
            yield (
                f"`rules_for: {{{code}: apply}}` in study.yaml counts all that the words of this code propose "
                "and no one rejects."
            )


def _row(coding: Cells, folders: str, action: str) -> str:
    return f"in {folders} that has {coding['coding']} under `coding` and {action} under `action`"


def _besides(kept: Kept, coding: Cells) -> Iterator[str]:
    """The other codings on the same words."""
    start, end = int(coding["start"]), int(coding["end"])
    for other in kept.codings.values():
        same = other["source"] == coding["source"] and int(other["start"]) < end and start < int(other["end"])
        if same and other["coding"] != coding["coding"]:
            maker = other["coder"] or f"the words `{other['rule']}`"
            counts = "counts" if other["counts"] == "true" else "does not count"
            yield f"{other['coding']}: {other['code']}, by {maker}; {other['status']}, {counts}."


def _and(items: Iterable[str], word: str = "and") -> str:
    """Items as they are told: "a, b and c"."""
    *most, last = items
    return f"{', '.join(most)} {word} {last}" if most else last

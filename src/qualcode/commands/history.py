"""Tell who decided what, when and in which round: every row of every coder, and what became of it."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path

from ..codebook.changes import CURRENT, changes, versions
from ..console import counted_words, enumeration
from ..errors import failure
from ..open_codes import Placed, credited, place
from ..open_codes.people import Coding, Outcome
from ..study import Study, label_key, load_study, slug
from ..typed import gone
from .reading import check_texts, near, show

UNDATED = "without a date"
PAGE, MARGIN = 100, 4
# So many digits of an id tell which coding is meant, where no other begins so.
SHORTEST = 4
# So many ids are named to someone who missed them all.
LISTED = 12
Hide = Callable[[str, str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.add_argument("--code", default="", help="only what is about this code, by its id now or formerly")
    parser.add_argument(
        "--participant", default="", help="only what is about words of this person, by id, pseudonym or label"
    )
    parser.add_argument("--coding", default="", help="only what is about this coding or proposal, by its id")
    parser.add_argument("--coder", default="", help="only what this coder decided")
    parser.add_argument("--round", default="", help="only what was decided in this round")
    parser.epilog = (
        "It reads the coders' files as they are now; earlier states of a file are known to version control alone.\n\n"
        "Examples:\n  qualcode history data/clinical-mentors --code clear-expectations\n"
        "  qualcode history data/clinical-mentors --coder anna --round 2\n"
        "  qualcode history data/clinical-mentors --coding 8a2f"
    )


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    results = Path("results") / study.folder.resolve().name
    check_texts(study, results)
    placed = place(study, results)
    _check(args, study, placed)
    words = gone(study)

    def hide(text: str, source: str = "") -> str:
        return (study.hider(source) if source else study.everyone).hide(words.hide(text))

    wanted = _Wanted(args, study, placed, hide)
    # Coders' rows are carried out coder by coder; told they are day by day.
    found = sorted(filter(wanted.decision, placed.coded.record), key=lambda item: item.decision["at"] or "~")
    told = [(item.decision["at"][:10] or UNDATED, _told(item, placed, study, hide)) for item in found]
    if not wanted.narrowed:
        told += _of_codebook(study, wanted, hide)
    told.sort(key=lambda pair: (pair[0] == UNDATED, pair[0]))
    for day, entries in groupby(told, key=lambda pair: pair[0]):
        show("\n".join([day, *(line for _, lines in entries for line in lines), ""]))
    decided = counted_words(len(found), "decision")
    show(f"{study.folder}: {decided}{' of those asked for' if wanted.asked else ''}.")


def _check(args: argparse.Namespace, study: Study, placed: Placed) -> None:
    """Raise QualcodeError for what is asked for and is not there."""
    coders, people = [*dict(study.coding_files)], sorted(_speakers(placed))
    # Labels are names: what is told of people are ids and pseudonyms.
    pseudonyms = [person.pseudonym for person in study.participants if person.pseudonym]
    known = (
        ("code", args.code, [*placed.codebook.by_id], bool(_codes(args.code, placed))),
        ("participant", args.participant, people, bool(_people(args.participant, study, placed))),
        ("coder", args.coder, coders, args.coder in coders),
    )
    for what, named, ids, there in known:
        if named and not there:
            do = near(named, [*ids, *pseudonyms] if what == "participant" else ids)
            do = do or f"The {what}s are: {enumeration(ids, most=LISTED)}."
            raise failure(study.folder, f"--{what}", f"there is no {what} '{named}'", do)
    if args.coding and len(_codings(args.coding, placed)) != 1:
        wrong = "no coding is" if not _codings(args.coding, placed) else "several codings are"
        do = f"Give {SHORTEST} digits at least, or all of them: `qualcode explain` tells them for an utterance."
        raise failure(study.folder, "--coding", f"{wrong} named '{args.coding}'", do)


def _codes(named: str, placed: Placed) -> set[str]:
    """The ids, now, of a code by an id that it has or had; several where it was split."""
    code = placed.codebook.current(named)
    return {code.code} if code else set(placed.codebook.heirs(named))


def _speakers(placed: Placed) -> set[str]:
    """The ids of all who speak."""
    return {person for text in placed.sources.values() for item in text.utterances if (person := item.participant)}


def _people(named: str, study: Study, placed: Placed) -> set[str]:
    """The ids of those who are called so: by id, else in any case by id, pseudonym or label.

    A label may stand for another person in each source.
    """
    ids = _speakers(placed) | {person.participant for person in study.participants}
    if named in ids:
        return {named}
    called = {(label_key(person), person) for person in ids}
    for person in study.participants:
        names = [person.pseudonym, *person.labels, *map(slug, person.labels)]
        called |= {(label_key(name), person.participant) for name in names}
    return {person for name, person in called if name and name == label_key(named)}


def _codings(named: str, placed: Placed) -> list[str]:
    """The ids, now, of the codings whose id, now or formerly, begins so."""
    if len(named) < SHORTEST:
        return []
    return [
        key
        for key, coding in placed.coded.codings.items()
        if any(number.startswith(named.lower()) for number in (key, *coding.formerly))
    ]


class _Wanted:
    """What of the record is asked for."""

    def __init__(self, args: argparse.Namespace, study: Study, placed: Placed, hide: Hide):
        self.placed = placed
        self.coder, self.round = args.coder, hide(args.round, "")
        self.people = _people(args.participant, study, placed) if args.participant else set()
        self.codes = _codes(args.code, placed) | {args.code} if args.code else set()
        self.coding = _codings(args.coding, placed)[0] if args.coding else ""

    @property
    def narrowed(self) -> bool:
        """Whether changes of the codebook are no answer."""
        return bool(self.coder or self.round or self.people or self.coding)

    @property
    def asked(self) -> bool:
        return self.narrowed or bool(self.codes)

    def decision(self, item: Outcome) -> bool:
        decision = item.decision
        if decision.sample and decision.action == "note" and not decision["memo"]:
            return False  # a unit of a sample that nobody has come to
        return (
            self.coder in ("", decision.coder)
            and self.round in ("", decision["round"])
            and (not self.codes or bool(self.codes & {item.code, decision["code"]}))
            and (not self.coding or self.coding in item.coding.split("; "))
            and (not self.people or bool(self.people & self._about(item)))
        )

    def _about(self, item: Outcome) -> set[str]:
        """Whose words a decision is about, as it is credited."""
        if item.span is None:
            return {item.decision["participant"]}
        coding = self.placed.coded.codings.get(item.coding.split("; ")[0])
        covered = self.placed.sources[item.source].covered(*item.span)
        if item.decision["participant"] or coding is None:
            return {item.decision["participant"]} - {""} or {utterance.participant for utterance in covered}
        return {credited(coding, utterance) for utterance in covered}


def _told(item: Outcome, placed: Placed, study: Study, hide: Hide) -> list[str]:
    """An entry of the record: who did what, on which words, and what became of it."""
    decision = item.decision
    by = decision["by"] if decision["by"] not in ("", decision.coder) else ""
    who = decision.coder + (f" ({hide(by, '')})" if by else "")
    in_round = f", round {hide(decision['round'], '')}" if decision["round"] else ""
    at = f" {decision['at'][11:16]}" if len(decision["at"]) > 10 else ""
    lines = [f"{who}{in_round}{at}: {_deed(item, placed)}"]
    if item.span:
        text = placed.sources[item.source]
        lines.append(f"“{text.text[slice(*item.span)]}” ({_where(item, placed)})")
    elif decision["quote"]:
        lines.append(f"“{_as_given(item, study, hide)}” ({item.source})")
    lines += [f"Use: {decision['use']}."] * bool(decision["use"])
    lines += [f"Memo: {hide(decision['memo'], item.source)}"] * bool(decision["memo"])
    path = decision.path.relative_to(study.folder)
    lines.append(f"{item.told[:1].upper()}{item.told[1:]}. {path}, {decision.place}{_id(item)}.")
    first, *rest = lines
    indented = (textwrap.fill(line, PAGE, initial_indent=" " * MARGIN, subsequent_indent=" " * MARGIN) for line in rest)
    return [textwrap.fill(f"  {first}", PAGE, subsequent_indent=" " * MARGIN), *indented]


def _as_given(item: Outcome, study: Study, hide: Hide) -> str:
    """The words of a row without a place, unless they may be those of someone who withdrew."""
    withdrew = any(person.status == "withdrawn" for person in study.people_in(item.source))
    return "not shown: someone here withdrew" if withdrew else hide(item.decision["quote"], item.source)


def _id(item: Outcome) -> str:
    return f", coding {item.coding}" if item.coding else ""


def _deed(item: Outcome, placed: Placed) -> str:
    """What a row asks for, in words."""
    decision = item.decision
    was = f" (then {decision['code']})" if item.code and decision["code"] not in ("", item.code) else ""
    code = (item.code or decision["code"]) + was
    proposal = placed.coded.codings.get(item.coding.split("; ")[0])
    match decision.action:
        case "apply" if decision.sample:
            return f"{code}, in a random sample"
        case "apply":
            return f"coded {code}" if code else "wrote a memo without a code"
        case "withdraw":
            return f"withdrew {code or (proposal.code if proposal else 'a coding')}"
        case "done":
            return f"done with {item.source}"
        case "accept" | "reject" | "note" if decision.suggested:
            return f"{_DEEDS[decision.action]} the suggestion {code}"
        case "note" if not decision["coding"]:
            return f"{'turned down' if decision['turned_down'] else 'noted on'} {code or 'these words'}"
        case "sampled":
            return "read a unit of a random sample"
        case _:
            return f"{_DEEDS[decision.action]} {_proposal(proposal) if proposal else 'a proposal that is no more'}"


_DEEDS = {"accept": "accepted", "reject": "rejected", "note": "noted on"}


def _proposal(coding: Coding) -> str:
    return f"the proposal {coding.code}, made by “{coding.rule or coding.evidence}”"


def _where(item: Outcome, placed: Placed) -> str:
    covered = placed.sources[item.source].covered(*(item.span or (0, 0)))
    people = dict.fromkeys(utterance.participant for utterance in covered if utterance.participant)
    return ", ".join([covered[0].utterance if covered else item.source, *people])


def _of_codebook(study: Study, wanted: _Wanted, hide: Hide) -> Iterator[tuple[str, list[str]]]:
    """The versions of the codebook that are kept with their dates, and what each changed of the codes asked for."""
    known = versions(study)
    for (old, before), (new, after) in pairwise(known):
        made = changes([(old, before), (new, after)], {}, lambda text: hide(text, ""))
        of_codes = [item for item in made if not wanted.codes or wanted.codes & {item.code, item.before}]
        told = [f"    {item.code or item.before}: {item.change}{_from(item.before, item.change)}" for item in of_codes]
        if told:
            day = new[:10] if new != CURRENT else UNDATED
            yield day, [f"  Codebook, {'as it is now' if new == CURRENT else new} against {old}:", *told]


def _from(before: str, change: str) -> str:
    return f" from {before}" if change in ("renamed", "merged", "split", "moved") and before else ""

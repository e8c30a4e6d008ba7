"""Write a new sheet into codings/<coder>/ in which a person decides on proposals, a sample or disagreements."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..agreement.meeting import passages, save_meeting, undecided
from ..codebook import Codebook
from ..codings.sheets import RULE
from ..codings.talk import Talk
from ..codings.workbook import About, Proposal, save_review, save_sample
from ..console import counted_words, enumeration
from ..errors import Problems, failure
from ..measures.units import Unit, codable_units
from ..open_codes import Placed, made, place
from ..study import CONSENSUS, RESERVED_CODERS, Study, load_study, slug
from ..text import digest
from ..typed import Gone, gone
from .reading import check_texts, day_of, near
from .review_sample import draw, earlier_units
from .review_suggestions import MOST, ORDERS, UNCERTAIN, Known, Open, merged, read_suggestions, told_of

if TYPE_CHECKING:
    import pandas as pd


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.add_argument(
        "--coder", required=True, help="who decides: a folder of that name in codings/ is made if needed"
    )
    parser.add_argument(
        "--source", action="append", default=[], metavar="ID", help="only this source; can be given several times"
    )
    parser.add_argument("--round", default="", help="the round of coding that the decisions belong to")
    parser.add_argument("--all", action="store_true", help="also what the coder decided on or coded so already")
    parser.add_argument("--order", choices=ORDERS, help="what comes first (default: as study.yaml says)")
    parser.add_argument(
        "--suggestions", type=int, metavar="N", help=f"at most N suggestions in a sheet, 0 for none (default: {MOST})"
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N units at random to code instead")
    parser.add_argument("--seed", default="", help="of the sample (default: by coder, date and N)")
    parser.add_argument("--date", default="", metavar="YYYY-MM-DD", help="the day of the decisions (default: today)")
    parser.epilog = (
        "The sheets are xlsx files, one for each source with something to decide. Choose a decision in each row and\n"
        "save the file: it takes effect with the next run. No command ever writes into a sheet again.\n\n"
        "Proposals on words to which the coder gave the same code are left out: --all shows them.\n"
        "Suggestions are learned from what is coded (results/<study>/suggestions.csv). `--order likely` puts the most\n"
        "probable first, `uncertain` what teaches most, `transcript` all as it stands in the talk. --all also shows\n"
        "those in what is finished, where people did not give the code. Who codes blind for the agreement takes\n"
        "--suggestions 0: what was learned from another's coding is not independent of it.\n"
        "What others decided is shown only where they and the coder have both said that they are done with a source.\n"
        "The coder `consensus` gets the passages that several coders coded, side by side, to decide on together.\n\n"
        "Examples:\n"
        "  qualcode review data/my-study --coder anna\n"
        "  qualcode review data/my-study --coder anna --source interview-1 --round 2\n"
        "  qualcode review data/my-study --coder anna --sample 80\n"
        "  qualcode review data/my-study --coder consensus"
    )


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    about = About(study, args.coder, args.round.strip(), day_of(args.date))
    _check(args, study)
    results = Path("results") / study.folder.resolve().name
    check_texts(study, results)
    work = _Work(study, results, about, place(study, results))
    if args.sample:
        told = _sample(work, args.sample, args.seed)
    elif args.coder == CONSENSUS:
        told = _meetings(work, args.source, args.all)
    else:
        most = MOST if args.suggestions is None else args.suggestions
        asked = _Asked(args.source, args.all, args.order or study.settings["suggestions"]["order"], most)
        told = _reviews(work, asked)
    print("\n".join(told))


def _check(args: argparse.Namespace, study: Study) -> None:
    """Raise QualcodeError for what was asked for that cannot be."""
    problems = Problems()
    coder, coders = args.coder, dict(study.coding_files)
    if coder in RESERVED_CODERS:
        problems.add(
            "", "--coder", f"no coder can be named '{coder}': the word means something else", "Choose another."
        )
    elif coder not in coders:
        alike = [known for known in coders if known.casefold() == coder.casefold()]
        if alike:
            problems.add("", "--coder", f"there is no coder '{coder}'", f"Is it '{alike[0]}'?")
        elif slug(coder) != coder:
            do = "A folder is named so: use letters, digits, - and _ only."
            problems.add("", "--coder", f"this cannot be the name of a coder (found '{coder}')", do)
        elif study.names_in_id(coder):
            wrong = f"'{coder}' is a name that is to be hidden, and coders are named in tables"
            problems.add("", "--coder", wrong, "Use initials.")
    sources = [source.source for source in study.sources]
    for source in args.source:
        if source not in sources:
            do = near(source, sources) or f"The sources are: {enumeration(sources)}."
            problems.add("", "--source", f"there is no source '{source}'", do)
    if args.sample < 0:
        problems.add("", "--sample", f"so many units cannot be drawn (found {args.sample})", "Give a number above 0.")
    if args.suggestions is not None and args.suggestions < 0:
        wrong = f"so many suggestions cannot be shown (found {args.suggestions})"
        problems.add("", "--suggestions", wrong, "Give 0 or more.")
    if (args.sample or coder == CONSENSUS) and (args.order or args.suggestions is not None):
        wrong = "samples and the sheets of the consensus hold no suggestions"
        problems.add("", "--order" if args.order else "--suggestions", wrong, "Leave it out.")
    if args.sample and (args.source or args.all):
        wrong = "a sample is drawn from all sources, and never holds a unit twice"
        problems.add("", "--sample", wrong, "Leave --source and --all out.")
    if args.seed and not args.sample:
        problems.add("", "--seed", "only a sample has a seed", "Say --sample as well, or leave it out.")
    problems.stop()


@dataclass(frozen=True)
class _Work:
    """A study as its files are now, and what is to be made of it."""

    study: Study
    results: Path
    about: About
    placed: Placed

    @cached_property
    def made(self) -> dict[str, pd.DataFrame]:
        # Whose word counts may still be open: it changes nothing of what there is to decide on.
        settings = {**self.study.settings, "authority": "any", "authority_for": {}}
        return made(replace(self.study, settings=settings), self.placed, self._gone)

    @cached_property
    def _gone(self) -> Gone:
        return gone(self.study)

    def hide(self, text: str) -> str:
        """A text without names that were listed since it was made, and without words of those who withdrew."""
        return self.study.everyone.hide(self._gone.hide(text))

    @cached_property
    def known(self) -> Known:
        return Known(self.about.coder, self.made, self.codebook)

    @property
    def codebook(self) -> Codebook:
        return self.placed.codebook

    @cached_property
    def talk(self) -> Talk:
        texts = {source: text.text for source, text in self.placed.sources.items()}
        return Talk.of(self.study, self.placed.utterances, tables.read(self.results, "participants"), texts)

    @cached_property
    def units(self) -> list[Unit]:
        return codable_units(self.placed.utterances, self.placed.sentences, self.study.settings["unit"])

    def sources(self, named: list[str]) -> list[str]:
        """The sources that were asked for, in the order of the study."""
        return [item.source for item in self.study.sources if not named or item.source in named]

    def earlier(self, source: str, what: str) -> Iterator[str]:
        """What to tell of the sheets of a source that are in the coder's folder before a new one is written.

        `what` is one of the things that are decided on in them.
        """
        # The source "group" has none of the sheets of "group-2".
        named = re.compile(rf"review-{re.escape(source)}-\d{{4}}-\d\d-\d\d(?!\d).*\.xlsx", re.IGNORECASE)
        theirs = (path.name for coder, path in self.study.coding_files if coder == self.about.coder)
        if found := [name for name in theirs if named.fullmatch(name)]:
            there = "is an earlier sheet" if len(found) == 1 else "are earlier sheets"
            yield f"There {there}: {enumeration(found)}; decide on each {what} in one of them only."

    def new(self, name: str) -> Path:
        """A path in the coder's folder at which there is nothing yet: -2, -3 … where there is."""
        folder = self.study.folder / "codings" / self.about.coder
        path, number = folder / f"{name}-{self.about.at}.xlsx", 2
        while path.exists():
            path, number = folder / f"{name}-{self.about.at}-{number}.xlsx", number + 1
        return path


# --- proposals -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """What sheets of proposals are asked for: of which sources, in which order, with how many suggestions at most."""

    named: list[str]
    everything: bool
    order: str
    most: int


def _reviews(work: _Work, asked: _Asked) -> list[str]:
    """Write a sheet for each source with proposals to decide on; what to tell of it."""
    coder, told, left, same = work.about.coder, [], {}, 0
    sources, everything = work.sources(asked.named), asked.everything
    suggestions, note = read_suggestions(work.results, work.placed.sources, work.codebook) if asked.most else ([], [])
    open_ = Open(suggestions, work.known, work.hide)
    for source in work.sources([]):
        of_rules, decided, coded = _proposals(work, source)
        suggested, decided_too, coded_too = open_.of(source, asked.order == UNCERTAIN, everything)
        decided, coded = decided | decided_too, coded | coded_too
        hidden = set() if everything else decided | coded
        of_rules = [item for item in of_rules if item.coding not in hidden]
        suggested = [item for item in suggested if item.coding not in hidden]
        shown, rest = open_.limited(merged(of_rules, open_, suggested), asked.most, asked.order)
        if source not in sources:
            left[source] = len(shown) + rest
            continue
        same += 0 if everything else len(coded - decided)
        if shown:
            path = work.new(f"review-{source}")
            unseen = open_.unseen(shown)
            shown = list(map(open_.reasoned, shown))
            save_review(path, source, shown, work.codebook, work.talk, work.about)
            number = sum(item.basis != RULE for item in shown)
            mixed = f", {counted_words(number, 'suggestion')} among them" if number else ""
            of_them = ", all of them suggestions" if number == len(shown) > 1 else mixed
            already = f" ({counted_words(len(decided), 'other')} decided already)" if decided and not everything else ""
            told.append(f"{path}: {counted_words(len(shown), 'proposal')} to decide on{of_them}{already}.")
            if rest:
                do = f"`--suggestions {number + rest}` shows all"
                told.append(f"{counted_words(rest, 'more suggestion')} in {source}: {do}.")
            if unseen:
                rest_on = f"{counted_words(unseen, 'suggestion')} may draw {coder} towards what others coded, unseen"
                told.append(f"{rest_on}: who codes blind, for the agreement, takes --suggestions 0.")
            told += [*work.earlier(source, "proposal"), *_not_blind(work, source)]
    if not told:
        where = f" in {enumeration(sources)}" if asked.named else ""
        told.append(f"There is nothing for {coder} to decide on{where}: nothing was written.")
    if same:
        touch = "touches" if same == 1 else "touch"
        told.append(f"{same:,} more {touch} words to which {coder} gave the same code; --all shows them.")
    waiting = [f"{number:,} in {source}" for source, number in left.items() if number]
    return told + note + [f"Left for another time: {enumeration(waiting)}."] * bool(waiting)


def _not_blind(work: _Work, source: str) -> Iterator[str]:
    """What to tell of a sheet that shows what others decided."""
    coder = work.about.coder
    if others := [other for other in work.known.visible(source) if other != coder]:
        yield f"It shows what {enumeration(others)} decided: decisions from now on are not independent."
        own = "Report" if work.about.round else "Give them a round of their own (--round), and report"
        yield f"{own} the agreement of the round before."


def _proposals(work: _Work, source: str) -> tuple[list[Proposal], set[str], set[str]]:
    """What the rules propose in a source, in the order of the talk.

    Beside it the ids of what the coder has decided on, and of what touches words that the coder gave the same code.
    """
    codings, decisions = work.made["open_codes"], work.made["decisions"]
    codings = codings[codings["source"] == source]
    decisions = decisions[decisions["action"].isin(["accept", "reject"]) & decisions["holds"]]
    said: dict[str, dict[str, str]] = {}
    for row in decisions.itertuples():
        # One decision may be about several proposals, where the code was split.
        for coding in row.coding.split("; "):
            said.setdefault(coding, {})[row.coder] = f"{row.action}ed it"
    visible = work.known.visible(source)
    coded = codings[(codings["basis"] == "human") & (codings["status"] != "withdrawn") & codings["coder"].isin(visible)]
    starts, ends, theirs = coded["start"].to_numpy(), coded["end"].to_numpy(), coded[["coder", "code"]].values.tolist()
    found, decided, same = [], set(), set()
    for row in codings[codings["basis"] == "rule"].itertuples():
        by = said.get(row.coding, {})
        touching = [theirs[at] for at in ((starts < row.end) & (ends > row.start)).nonzero()[0]]
        others = "; ".join(told_of(by, visible, touching))
        evidence = f"negated: {row.evidence}" if row.negated else row.evidence
        found.append(Proposal(row.coding, source, row.start, row.end, row.code, evidence, others))
        if work.about.coder in by:
            decided.add(row.coding)
        if [work.about.coder, row.code] in touching:
            same.add(row.coding)
    return found, decided, same


# --- the consensus meeting -----------------------------------------------------------------------------------------


def _meetings(work: _Work, named: list[str], everything: bool) -> list[str]:
    """Write a sheet for each source that two coders finished; what to tell of it."""
    found, meet = passages(work.codebook, work.made, work.units, work.talk)
    if not everything:
        found = undecided(found, work.made)
    told = []
    for source in work.sources(named):
        here = [item for item in found if item.source == source]
        if not here:
            continue
        path = work.new(f"review-{source}")
        save_meeting(path, here, meet[source], work.codebook, work.talk, work.about)
        differ = sum(not item.alike for item in here)
        what = f"{counted_words(len(here), 'passage')}, {differ:,} to decide on"
        told += [f"{path}: {what} ({enumeration(meet[source])}).", *work.earlier(source, "passage")]
    if not told:
        return ["No source has passages of two coders that wait for a consensus: nothing was written."]
    blind = _not_done(work.made["coders"], [source for source in work.sources(named) if source in meet])
    return [*told, *blind, f"In these sources the coder {CONSENSUS} decides alone once it is done with them."]


def _not_done(coders: pd.DataFrame, sources: Sequence[str]) -> Iterator[str]:
    """Who may still be coding blind: the sheet shows what each of them coded."""
    coding = coders[coders["coded"] & ~coders["said"] & (coders["coder"] != CONSENSUS)]
    for source, group in coding[coding["source"].isin(sources)].groupby("source", sort=False):
        names = enumeration(sorted(group["coder"]))
        yield f"In {source}, {names} did not say that they are done: do not open the sheet as long as they code blind."


# --- a random sample -----------------------------------------------------------------------------------------------


def _sample(work: _Work, number: int, seed: str) -> list[str]:
    """Write a sheet of units drawn at random; what to tell of it."""
    about = work.about
    seed = seed or digest(about.coder, about.at, number)
    earlier = earlier_units(work.study, about.coder)
    left = [unit for unit in work.units if (unit.source, unit.start, unit.end) not in earlier]
    if not left:
        wrong = f"all {counted_words(len(work.units), 'unit')} of the study are in samples of {about.coder} already"
        raise failure("", "--sample", wrong if work.units else "there are no units to draw from")
    drawn = draw(left, number, seed)
    path = work.new("sample")
    unit = work.study.settings["unit"]
    how = f"{counted_words(len(drawn), unit)} of {len(left):,}, drawn at random (seed {seed})"
    if len(left) < len(work.units):
        how += f"; {len(work.units) - len(left):,} more were in earlier samples"
    save_sample(path, drawn, work.codebook, work.talk, about, [f"{how[0].upper()}{how[1:]}."])
    fewer = f"There are no more than these (asked for: {number:,}): all were taken."
    return [f"{path}: {how}.", *[fewer] * (len(drawn) < number)]

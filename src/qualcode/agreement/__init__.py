"""Compare coders with each other and with the rules, in all that they coded and in each round of coding."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from .. import tables
from ..codebook import Codebook, load_codebook
from ..codings.talk import read_talk
from ..console import add_study, counted_words, enumeration
from ..measures.units import SENTENCE, Unit, codable_units
from ..study import load_study
from ..tokens import stored_tokens
from .comparing import ALL, RULES, Compared, Given, Line, Span, compare, differences
from .meeting import write_meeting
from .rounds import given_in_rounds, lost_rows, said_done
from .rows import rows_of
from .rules import rule_quality, samples

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("unit", "title")
# A coder, and what they were asked about.
_Asked: TypeAlias = tuple[str, Span]
# For the consensus meeting.
MEETING = "disagreements.xlsx"


def given_by(open_codes: pd.DataFrame, decisions: pd.DataFrame, coders: pd.DataFrame, codebook: Codebook) -> Given:
    """What people coded and did not withdraw, or accepted of what was proposed, and what the rules met, decided or not.

    Who only decided on proposals in a source coded nothing there and cannot be compared there. Where a code does not
    count what is negated, its rules do not say that it is there.
    """
    coded = coders[coders["coded"]]
    done = {(row.source, row.coder): int(row.done_to) for row in coded.itertuples()}
    of_rules = frozenset(code.code for code in codebook.codes if code.words or code.patterns)
    spans: dict[str, list[Span]] = {coder: [] for coder in coded["coder"]}
    made = open_codes[(open_codes["basis"] == "human") & (open_codes["status"] != "withdrawn")]
    accepted = decisions[(decisions["action"] == "accept") & decisions["holds"] & ~decisions["sample"]]
    accepted = accepted.drop(columns="code").rename(columns={"now": "code"})
    # An accepted suggestion is a coding of the coder's already.
    accepted = accepted[~accepted["coding"].isin(open_codes.loc[open_codes["basis"] == "human", "coding"])]
    for rows in (made, accepted):
        for coder, span in _spans(rows):
            if coder in spans:
                spans[coder].append(span)
    if of_rules:
        counting = {code.code for code in codebook.codes if code.negation}
        met = open_codes[(open_codes["basis"] == "rule") & (~open_codes["negated"] | open_codes["code"].isin(counting))]
        spans[RULES] = [span for _, span in _spans(met)]
    codes = [code.code for code in codebook.codes]
    proposed = {span[:4] for span in spans.get(RULES, ())}
    shown: dict[str, list[Span]] = {}
    for coder, span in _spans(accepted):
        if span[:4] in proposed:
            shown.setdefault(coder, []).append(span)
    said, lost = said_done(decisions), lost_rows(decisions)
    return Given(spans, done, codes, of_rules, codebook.version, accepted=shown, said=said, lost=lost)


def accepted_suggestions(open_codes: pd.DataFrame, decisions: pd.DataFrame, coders: pd.DataFrame) -> list[_Asked]:
    """The codings that people who coded a source made there by accepting a suggestion, and did not take back."""
    rows = decisions[(decisions["action"] == "accept") & decisions["holds"]]
    made = open_codes[(open_codes["basis"] == "human") & (open_codes["status"] != "withdrawn")]
    made = made[made["coding"].isin(rows["coding"])]
    coded = set(zip(*(coders.loc[coders["coded"], name] for name in ("source", "coder")), strict=True))
    return [span for span in _spans(made) if (span[1].source, span[0]) in coded]


def with_suggestions(row: dict[str, object], asked: Sequence[_Asked]) -> dict[str, object]:
    """A row of table agreement whose note also tells what of it two people or more may owe to the same suggestions."""
    people = [*str(row["coder_a"]).split("; "), *filter(None, [row["coder_b"]])]
    if row["round"] or RULES in people:
        return row
    here = [coder for coder, span in asked if row["code"] in (ALL, span.code) and row["scope"] in (ALL, span.source)]
    counts = [(coder, here.count(coder)) for coder in people if coder in here]
    if not counts:
        return row
    told = enumeration(f"{coder} accepted {counted_words(number, 'suggestion')}" for coder, number in counts)
    note = f"{told}: where others were shown the same, they may agree because they saw it"
    return {**row, "note": "; ".join(filter(None, [str(row["note"]), note]))}


def _spans(rows: pd.DataFrame) -> Iterator[tuple[str, Span]]:
    columns = (rows[name].tolist() for name in ("coder", "source", "start", "end", "code"))
    evidence = rows["evidence"] if "evidence" in rows else [""] * len(rows)
    for coder, source, start, end, code, met in zip(*columns, evidence, strict=True):
        yield coder, Span(source, int(start), int(end), code, met)


def compared_in(given: Given, units: Mapping[str, Sequence[Unit]]) -> Iterator[Compared]:
    """The coders of `given` compared at every level of `units`."""
    if given.groups:
        spans = [span for of_coder in given.spans.values() for span in of_coder]
        for level, items in units.items():
            yield from compare(given, Line(level, items, spans))


def disagreements(compared: Iterable[Compared]) -> pd.DataFrame:
    """Where two coders differ, in the order of the talk and of the codebook."""
    found = [item for pair in compared if len(pair.coders) == 2 for item in differences(pair)]
    found.sort(key=lambda item: (*item[:2], item[2]["coder_a"], item[2]["coder_b"]))
    return tables.frame("disagreements", [row for *_, row in found])


def quality(
    given: Given, line: Line, decisions: pd.DataFrame, attributes: pd.DataFrame, codebook: Codebook
) -> dict[str, pd.DataFrame]:
    """The tables on what the rules are worth by the units of a line, by their names."""
    units = line.units
    pairs = {coder: line.pairs(spans, given.codes) for coder, spans in given.spans.items()}
    evidence = pairs.pop(RULES, {})
    people = {coder: found.keys() for coder, found in pairs.items()}
    sampled = samples(decisions, units)
    found = rule_quality(units, people, evidence.keys(), given.done, sampled, attributes, codebook, evidence)
    return dict(zip(("rule_quality", "rule_quality_by", "rule_errors"), found, strict=True))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    names = ("utterances", "open_codes", "decisions", "coders")
    made = {name: tables.read(args.results, name) for name in names}
    utterances, decisions = made["utterances"], made["decisions"]
    given = given_by(made["open_codes"], decisions, made["coders"], codebook)
    unit = study.settings["unit"]
    levels = tables.UNITS if given.groups else (unit,)
    read = stored_tokens(args.results)
    sources = utterances["source"].unique() if SENTENCE in levels else ()
    sentences = {source: read(source).sentences() for source in sources}
    units = {level: codable_units(utterances, sentences, level) for level in levels}
    ends = {str(source): int(end) for source, end in utterances.groupby("source")["end"].max().items()}
    whole = list(compared_in(given, units))
    rounds = given_in_rounds(decisions, ends, study, codebook)
    of_rounds = [compared for of_round in rounds for compared in compared_in(of_round, units)]
    asked = accepted_suggestions(made["open_codes"], decisions, made["coders"])
    rows = [with_suggestions(row, asked) for compared in (*whole, *of_rounds) for row in rows_of(compared)]
    tables.write(args.results, "agreement", tables.frame("agreement", rows))
    tables.write(args.results, "disagreements", disagreements(item for item in whole if item.line.level == unit))
    attributes = tables.read(args.results, "attributes")
    for name, data in quality(given, Line(unit, units[unit]), decisions, attributes, codebook).items():
        tables.write(args.results, name, data)
    talk = read_talk(study, args.results, utterances)
    write_meeting(args.results / MEETING, study, codebook, made, units[unit], talk)

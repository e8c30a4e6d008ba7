"""Place people's codings, match the codebook's rules, and settle which of them count."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Codebook, load_codebook
from ..codings import Decision
from ..console import add_study, counted_words, progress, say
from ..counting import SAID
from ..language import vocabulary
from ..quoting import Speech
from ..study import Study, load_study
from ..text import SourceText, Utterance
from ..tokens import parses_of, read_tokens
from ..typed import Gone, check_printed, gone
from .anchors import RULE, Anchors, someone_withdrew
from .coverage import Sentences, coverage
from .in_vivo import in_vivo_codes
from .people import Coded, Coding, Unplaced, check_ids, read_decisions
from .placing import carry_out
from .rules import Proposal, Rules
from .settlement import Authority, Verdict, authorities, settle

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("questions", "language", "rules", "rules_for", "authority", "authority_for", "in_vivo_codes")


def source_texts(study: Study, results: Path, utterances: pd.DataFrame) -> dict[str, SourceText]:
    """The canonical texts with their utterances and every speaker label that a quotation may carry along."""
    texts = {}
    for source in study.sources:
        rows = utterances.loc[
            utterances["source"] == source.source, ["utterance", "participant", "role", "start", "end", "question"]
        ]
        text = (results / "texts" / f"{source.source}.txt").read_text(encoding="utf-8")
        texts[source.source] = source_text(
            study, source.source, text, [Utterance(*row) for row in rows.values.tolist()]
        )
    return texts


def source_text(study: Study, source: str, text: str, utterances: Sequence[Utterance]) -> SourceText:
    """A canonical text with the labels that a copy across turns brings along: as written, and as they stand in it."""
    people = study.people_in(source)
    labels = [label for person in people for label in (*person.labels, person.pseudonym, person.participant)]
    answers = any(item.source == source and item.alone for item in study.sources)
    return SourceText(text, utterances, labels or {item.participant for item in utterances} - {""}, answers)


@dataclass(frozen=True)
class Proposed:
    """What the rules propose, by every id that each coding has had under the code's former names (`by_id`).

    `split` has those by the ids that they had under a code that was split, several where several of its heirs propose.
    `sentences` are (start, end) in characters of the utterance, for each utterance of a source.
    """

    by_id: Mapping[str, Coding]
    split: Mapping[str, Sequence[Coding]]
    sentences: Sentences


def propose(
    study: Study, results: Path, codebook: Codebook, sources: Mapping[str, SourceText], anchors: Anchors
) -> Proposed:
    """Match the rules of the codebook in every source."""
    rules = Rules(codebook, vocabulary(study.settings["language"]))
    by_id: dict[str, Coding] = {}
    split: dict[str, list[Coding]] = {}
    sentences = {}
    for source, text in progress(list(sources.items()), lambda item: item[0]):
        path = parses_of(results, source)
        words = [text.text[utterance.start : utterance.end] for utterance in text.utterances]
        tokens = read_tokens(path)
        sentences[source] = tokens.sentences()
        for proposal in rules.propose(tokens, path, words):
            utterance = text.utterances[proposal.utterance]
            if utterance.role not in SAID:
                continue
            start, end = utterance.start + proposal.start, utterance.start + proposal.end
            code = codebook.by_id[proposal.code]
            ids = [anchors.identity(source, text, start, end, RULE, name) for name in codebook.identities(code)]
            coding = _proposed(ids, source, utterance.start, proposal)
            by_id |= dict.fromkeys(ids, coding)
            for old in codebook.split_from(code):
                split.setdefault(anchors.identity(source, text, start, end, RULE, old), []).append(coding)
    return Proposed(by_id, split, sentences)


def _proposed(ids: Sequence[str], source: str, offset: int, proposal: Proposal) -> Coding:
    return Coding(
        ids[0],
        source,
        offset + proposal.start,
        offset + proposal.end,
        proposal.code,
        "",
        RULE,
        proposal.evidence,
        rule=proposal.rule,
        met=(offset + proposal.met_start, offset + proposal.met_end),
        negated=proposal.negated,
        stands=proposal.stands,
        formerly=tuple(ids[1:]),
    )


def coding_tables(
    coded: Coded,
    verdicts: Mapping[str, Verdict],
    covered: Mapping[str, list[Utterance]],
    sources: Mapping[str, SourceText],
    codebook: Codebook,
    study: Study,
    words: Gone,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """open_codes and open_code_utterances, by source and position; memos without names and `words` of who withdrew."""
    order = {source: position for position, source in enumerate(sources)}
    hiders = {source: study.hider(source) for source in sources}
    rows, credits = [], []
    for coding in sorted(
        coded.codings.values(),
        key=lambda c: (order[c.source], c.start, c.end, codebook.order[c.code], c.basis, c.coder, c.coding),
    ):
        verdict = verdicts[coding.coding]
        rows.append(
            {
                "coding": coding.coding,
                "source": coding.source,
                "start": coding.start,
                "end": coding.end,
                "quote": sources[coding.source].text[coding.start : coding.end],
                "code": coding.code,
                "coder": coding.coder,
                "basis": coding.basis,
                "evidence": coding.evidence,
                "rule": coding.rule,
                "matched": sources[coding.source].text[slice(*coding.met)] if coding.met else "",
                "matched_start": coding.met[0] if coding.met else None,
                "matched_end": coding.met[1] if coding.met else None,
                "negated": coding.negated,
                "formerly": "; ".join(coding.formerly),
                "codebook": codebook.version if coding.basis == RULE else "",
                "status": verdict.status,
                "counts": verdict.counts,
                "reason": verdict.reason,
                "use": coding.use,
                "round": hiders[coding.source].hide(coding.round),
                "memo": hiders[coding.source].hide(words.hide(coding.memo)),
            }
        )
        for utterance in covered[coding.coding]:
            credits.append(
                {
                    "coding": coding.coding,
                    "utterance": utterance.utterance,
                    "participant": credited(coding, utterance),
                }
            )
    return tables.frame("open_codes", rows), tables.frame("open_code_utterances", credits)


def credited(coding: Coding, utterance: Utterance) -> str:
    """To whom a coding is credited for an utterance it covers: to moderators never."""
    if utterance.role != "participant":
        return ""
    return utterance.participant if coding.participant in ("", utterance.participant) else ""


def unplaced(coded: Coded, study: Study) -> pd.DataFrame:
    """People's rows that found no place, as they gave them; what may be words of someone who withdrew is not shown."""
    return tables.frame(
        "unplaced",
        [
            {
                "coder": item.decision.coder,
                "file": study.everyone.hide(item.decision.path.name),
                "row": item.decision.number,
                "action": item.decision.action,
                "source": item.source,
                "code": item.decision["code"] or (item.anchor.code if item.anchor else ""),
                **_words(item, study),
            }
            for item in sorted(coded.unplaced, key=lambda item: (item.decision.path.as_posix(), item.decision.number))
        ],
    )


def _words(item: Unplaced, study: Study) -> dict[str, str]:
    """What is told of a row without a place: why, the words it quotes and stood on, and those that are nearest now."""
    anchor = item.anchor
    if someone_withdrew(study, item.source):
        hidden = {
            "quote": "(not shown: someone in this source withdrew, and these may be their words)",
            "reason": f"{item.reason} (these may be words of someone who withdrew)",
        }
        return {**hidden, "nearest": "", "anchored": "", "stood": f"{anchor.start}-{anchor.end}" if anchor else ""}
    hide = (study.hider(item.source) if item.source else study.everyone).hide
    stood = (
        f"{anchor.start}-{anchor.end}, after “{hide(anchor.before)}”, before “{hide(anchor.after)}”" if anchor else ""
    )
    return {
        "quote": hide(item.decision["quote"]),
        "reason": item.reason,
        "nearest": item.nearest,
        "anchored": hide(anchor.quote) if anchor else "",
        "stood": stood,
    }


def coders(coded: Coded, authority: Mapping[str, Authority], study: Study) -> pd.DataFrame:
    """Who finished which source, up to where, and whose word counts."""
    return tables.frame(
        "coders",
        [
            {
                "source": source.source,
                "coder": coder,
                "done_to": done,
                "counts": coder in authority[source.source].coders,
                "coded": (key, coder) in coded.coders,
                "said": (key, coder) in coded.said,
            }
            for source in study.sources
            for (key, coder), done in sorted(coded.done.items())
            if key == source.source
        ],
    )


def decisions(coded: Coded, study: Study) -> pd.DataFrame:
    """The record: every row of every coder, and what became of it."""
    hide = study.everyone.hide
    return tables.frame(
        "decisions",
        [
            {
                "coder": item.decision.coder,
                "file": hide(item.decision.path.name),
                "row": item.decision.number,
                "action": item.decision.action,
                "source": item.source,
                "code": item.written,
                "now": item.code,
                "participant": item.decision["participant"],
                "coding": item.coding,
                "start": item.span[0] if item.span else None,
                "end": item.span[1] if item.span else None,
                "round": item.decision["round"],
                "by": item.decision["by"],
                "at": item.decision["at"],
                "sample": item.decision.sample,
                "holds": item.holds,
                "outcome": item.told,
            }
            for item in sorted(coded.record, key=lambda item: (item.decision.path.as_posix(), item.decision.number))
        ],
    )


def waiting(decisions: Sequence[Decision]) -> list[str]:
    """What to tell of consensus meetings that are not done."""
    numbers = Counter(decision["source"] for decision in decisions if decision["waits"])
    do = "choose done in the last row of its sheet when you have decided on all of it"
    return [
        f"{counted_words(number, 'decision')} of the consensus on {source} WAIT: {do}"
        for source, number in numbers.items()
    ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


@dataclass(frozen=True)
class Placed:
    """What people and rules made of the sources, before it is settled what counts.

    `sentences` are (start, end) in characters of the utterance, for each utterance of a source.
    """

    codebook: Codebook
    utterances: pd.DataFrame
    sources: Mapping[str, SourceText]
    anchors: Anchors
    decisions: Sequence[Decision]
    coded: Coded
    sentences: Sentences


def place(study: Study, results: Path) -> Placed:
    """Place people's codings and match the rules. Raises QualcodeError naming every problem of what people typed."""
    codebook = load_codebook(study.codebook)
    check_ids(study, codebook)
    utterances = tables.read(results, "utterances")
    sources = source_texts(study, results, utterances)
    decisions = read_decisions(study, codebook, sources)
    anchors = Anchors.read(study, sources)
    proposed = propose(study, results, codebook, sources, anchors)
    coded = carry_out(decisions, proposed.by_id, study, codebook, sources, anchors, proposed.split)
    return Placed(codebook, utterances, sources, anchors, decisions, coded, proposed.sentences)


def made(study: Study, placed: Placed, words: Gone) -> dict[str, pd.DataFrame]:
    """The tables open_codes, open_code_utterances, coders, decisions and unplaced, by their names.

    `words` of who withdrew are hidden in memos. Raises QualcodeError where it is not said whose coding counts.
    """
    codebook, sources, coded = placed.codebook, placed.sources, placed.coded
    authority = authorities(study, coded)
    covered = {
        coding.coding: list(sources[coding.source].covered(coding.start, coding.end))
        for coding in coded.codings.values()
    }
    verdicts = settle(coded, authority, study, covered)
    open_codes, credits = coding_tables(coded, verdicts, covered, sources, codebook, study, words)
    return {
        "open_codes": open_codes,
        "open_code_utterances": credits,
        "coders": coders(coded, authority, study),
        "decisions": decisions(coded, study),
        "unplaced": unplaced(coded, study),
    }


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    placed = place(study, args.results)
    words = gone(study)
    check_printed(study, placed.codebook, words)
    found = made(study, placed, words)
    lost = len(found["unplaced"])
    # Units of a random sample that nobody has come to are no rows of people yet.
    rows = sum(not (item.sample and item.action == "note") for item in placed.decisions)
    say(
        f"{lost} of {rows} rows of people found NO PLACE: see {args.results / 'unplaced.csv'}"
        if lost
        else f"{rows} rows of people placed or carried out"
    )
    for line in waiting(placed.decisions):
        say(line)
    found["coverage"], found["coverage_by"] = coverage(placed.utterances, placed.sentences, found["open_codes"])
    phrases, places, people, answers = (
        tables.read(args.results, name) for name in ("phrases", "phrase_places", "participants", "member_checks")
    )
    speech = Speech.of(study, placed.utterances, people, found["open_codes"], answers)
    number = study.settings["in_vivo_codes"]["number"]
    found["in_vivo_codes"] = in_vivo_codes(
        number, placed.codebook, phrases, places, found["open_codes"], placed.utterances, speech
    )
    for name, table in found.items():
        tables.write(args.results, name, table)

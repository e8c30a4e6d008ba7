"""What each section of the report tells, from the tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..codebook import Codebook
from ..codings import WAITS
from ..console import counted_words, enumeration
from ..counting import WHOLE
from ..quoting import columns, records
from ..study import Study, sources_by_kind, unaccepted

if TYPE_CHECKING:
    import pandas as pd


PHRASES_SHOWN = 15


def summary(study: Study, read: Mapping[str, pd.DataFrame]) -> list[str]:
    """What went in, what was coded and what counts, in sentences."""
    people, utterances, codings = read["participants"], read["utterances"], read["open_codes"]
    sources = enumeration(sources_by_kind(study))
    told = []
    for role in ("participant", "moderator"):
        group = people[people["role"] == role]
        if len(group):
            told.append(
                f"{counted_words(len(group), role)} ({counted_words(int(group['utterances'].sum()), 'utterance')}, "
                f"{counted_words(int(group['words'].sum()), 'word')})"
            )
    sentences = [f"The study reads {sources}: {counted_words(len(utterances), 'utterance')}."]
    sentences += [f"There are {enumeration(told)}."] if told else []
    human, rules = codings[codings["basis"] == "human"], codings[codings["basis"] == "rule"]
    coders = [f"{coder} {counted_words(len(group), 'coding')}" for coder, group in human.groupby("coder", sort=True)]
    sentences.append(
        f"People made {counted_words(len(human), 'coding')}{f' ({enumeration(coders)})' if coders else ''}."
    )
    states = [
        f"{count:,} {'undecided' if status == 'proposed' else status}"
        for status, count in sorted(rules["status"].value_counts().items())
    ]
    of_these = f" ({enumeration(states)})" if states else ""
    sentences.append(f"The codebook's words made {counted_words(len(rules), 'proposal')}{of_these}.")
    counting = codings[codings["counts"]]
    sentences.append(
        f"{counted_words(len(counting), 'coding counts', 'codings count')}, on "
        f"{counted_words(counting['code'].nunique(), 'code')}; only these are in the tables and figures."
    )
    trusted = read["coders"][read["coders"]["counts"]].groupby("coder")["source"].nunique()
    if len(trusted):
        whose = enumeration(f"{coder} (in {counted_words(n, 'source')})" for coder, n in trusted.items())
        sentences.append(f"The coding that is taken as the study's is that of {whose}.")
    return sentences


def with_whole(rows: Sequence[dict[str, Any]], of: str) -> list[dict[str, Any]]:
    """Rows of frequencies with the number of people that percentages are of (`frequencies: of`) as `of`."""
    return [{**row, "of": int(row[WHOLE[of]])} for row in rows]


def answers(study: Study, codebook: Codebook, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each research question with the topmost codes that speak to it. `rows` are those of `with_whole`."""
    counts = {row["code"]: row for row in rows}
    found = []
    for question in study.settings["questions"]:
        tagged = [code for code in codebook.codes if code.question == question["id"]]
        inside = {code.code for code in tagged}
        topmost = [code for code in tagged if not inside & set(code.path[:-1])]
        shown = [counts[code.code] for code in topmost if code.code in counts]
        guide = [item["text"] for item in study.settings["guide"] if item.get("question") == question["id"]]
        found.append({**question, "codes": shown, "guide": guide})
    return found


def meetings(decisions: pd.DataFrame) -> dict[str, int]:
    """By source, what a consensus meeting has decided that is not done with it."""
    waiting = decisions.loc[decisions["outcome"] == WAITS, "source"]
    return {str(source): int(number) for source, number in waiting.value_counts(sort=False).items()}


def undecided(codings: pd.DataFrame, covered: pd.DataFrame, codebook: Codebook) -> list[dict[str, Any]]:
    """Proposals that wait for a person, by code in the codebook's order; not those where the code counts already."""
    spans = covered.merge(codings[["coding", "code", "status", "counts"]], on="coding")
    counting = set(spans.loc[spans["counts"], ["utterance", "code"]].itertuples(index=False, name=None))
    open_ones = spans[spans["status"] == "proposed"]
    new = [pair not in counting for pair in open_ones[["utterance", "code"]].itertuples(index=False, name=None)]
    waiting = open_ones.loc[new].drop_duplicates("coding")["code"].value_counts()
    return [
        {"code": code.code, "name": code.name, "proposals": int(waiting[code.code])}
        for code in codebook.codes
        if code.code in waiting
    ]


def identifiers(table: pd.DataFrame, study: Study) -> dict[str, Any]:
    """How many names and other identifiers wait for a decision, by kind, who accepted that they do, and what not."""
    waiting = table.loc[table["decision"] == "undecided", "kind"]
    kinds = [f"{kind} {counted_words(int((waiting == kind).sum()), 'string')}" for kind in dict.fromkeys(waiting)]
    accepted = study.settings["identifiers"].get("accepted", "")
    held = len(unaccepted(table, study))
    return {"number": len(waiting), "kinds": enumeration(kinds), "accepted": accepted, "held": held}


def coverage(table: pd.DataFrame) -> list[dict[str, Any]]:
    """By source, the words of participants, listening signals apart, and how many of them nobody coded."""
    return [
        {"source": source, "words": words, "uncoded": words - coded}
        for source, words, coded in columns(table[table["attribute"] == "source"], "value", "words", "coded_words")
    ]


def in_vivo(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The first phrases of the talk that no code covers and that several people use."""
    return records(table[~table["covered"] & (table["participants"] > 1)].head(PHRASES_SHOWN))


def transcripts(study: Study, read: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Each source that was read, in the study's order: its utterances, what counts there and on how many codes."""
    codings = read["open_codes"][read["open_codes"]["counts"]]
    spoken = read["utterances"]["source"].value_counts().to_dict()
    counting = codings["source"].value_counts().to_dict()
    different = codings.groupby("source")["code"].nunique().to_dict()
    return [
        {
            "source": source.source,
            "kind": source.kind,
            "date": source.date,
            "utterances": spoken[source.source],
            "codings": counting.get(source.source, 0),
            "codes": different.get(source.source, 0),
        }
        for source in study.sources
        if source.source in spoken
    ]

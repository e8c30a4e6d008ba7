"""How the data were coded, how far coders agree, and what the machine proposed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from ..console import counted_words, enumeration
from ..study import CONSENSUS
from ..tables import percent
from .material import Material
from .phrases import Open, Paragraph, Paragraphs, decimals, known, was
from .reasons import NOT_COUNTED, careful, counted_kinds

_ALL = "all"
# How the table codebook_changes names a change, in a sentence about so many codes.
_CHANGES = {
    "added": "{} added", "renamed": "{} renamed", "merged": "{} merged from several", "split": "{} split into several",
    "retired": "{} given up", "moved": "{} moved to another place", "named": "{} given another name",
    "redefined": "{} redefined",
}  # fmt: skip
# Cautions of themes that the table themes has in `note`.
_UNSTABLE, _ONE_PERSON = "unstable", "one person's topic"
_MOST_NAMED = 8
# The criterion in the sentences of new_information, and the shares of orders there that were counted.
_REPEATED = re.compile(r"^Saturation \(base [^)]*\) ")
_MEASURED = re.compile(r"(\d+(?:\.\d+)?) %( did not reach| of (?:all|[\d,]+ random))")


def coding(material: Material) -> Paragraphs:
    """Coders and rounds, whose coding counts, the codebook and its versions."""
    return [part for part in (_coders(material), _counting(material), _codebook(material), _versions(material)) if part]


def _coders(material: Material) -> Paragraph:
    coders = material.coders
    if not coders:
        return ["No person coded.", Open("say who coded, if people did")]
    told: Paragraph = [
        f"Coding was done by {counted_words(len(coders), 'person', 'people')}: {enumeration(coders)}.",
        Open("say who they are, how they were trained, and what each knew of the others' coding"),
    ]
    told += [_finished(coder, material) for coder in coders]
    return [*told, *_rounds(material)]


def _finished(coder: str, material: Material) -> str:
    """What of the sources a coder finished: whole, or a part in % of the text."""
    utterances = material.tables["utterances"]
    ends = utterances.groupby("source")["end"].max().to_dict()
    rows = material.rows("coders", coder=coder, coded=True)
    parts = [row for row in rows if row["done_to"] < ends.get(row["source"], 0)]
    told = [counted_words(len(rows) - len(parts), "whole source")] if len(rows) > len(parts) else []
    if len(parts) <= _MOST_NAMED:
        told += [
            f"{row['source']} up to {percent(row['done_to'], ends[row['source']]):.1f}% of its text" for row in parts
        ]
    else:
        told.append(f"parts of {counted_words(len(parts), 'source')}")
    unsaid = sum(not row["said"] for row in rows)
    return f"Finished by {coder}: {enumeration(told)}{_unsaid(unsaid, len(rows))}."


def _unsaid(unsaid: int, sources: int) -> str:
    """In how many sources a coder did not say that the coding is done."""
    if not unsaid:
        return ""
    which = f"{unsaid:,} of {sources:,} sources" if unsaid < sources else "the source" if sources == 1 else "any source"
    return f" (the coder did not mark {which} as done: that there are codings is taken for it)"


def _rounds(material: Material) -> list[str]:
    """What each coder coded and withdrew in each round, as the record of decisions has it."""
    rows = [row for row in material.rows("decisions", sample=False) if row["action"] in ("apply", "withdraw")]
    counts = Counter((row["round"], row["coder"], row["action"]) for row in rows)
    told = []
    for name, keys in groupby(sorted({(name, coder) for name, coder, _ in counts}), key=lambda key: key[0]):
        did = []
        for _, coder in keys:
            applied, withdrew = counts[name, coder, "apply"], counts[name, coder, "withdraw"]
            took = f" and withdrew {counted_words(withdrew, 'coding')}" if withdrew else ""
            did.append(f"{coder} gave codes to passages {counted_words(applied, 'time')}{took}")
        when = f"In round {name}, " if name else "Apart from the rounds, " if any(key[0] for key in counts) else ""
        told.append(f"{when}{'; '.join(did)}.")
    return told


def _counting(material: Material) -> Paragraph:
    """Which codings count, and whose word it is where several coded."""
    codings = material.tables["open_codes"]
    if not len(codings):
        return []
    counting = codings[codings["counts"]]
    by_people = int((counting["basis"] == "human").sum())
    told: Paragraph = []
    coders = material.rows("coders", coded=True)
    several = {source for source, n in Counter(row["source"] for row in coders).items() if n > 1}
    whose = {
        name: sum(row["source"] in several and row["coder"] == name for row in material.rows("coders", counts=True))
        for name in sorted({row["coder"] for row in coders})
    }
    trusted = [f"{name} (in {counted_words(number, 'source')})" for name, number in whose.items() if number]
    if several:
        how = {material.study.authority(source) for source in several} - {""}
        sentence = f"Where several coded the same source, what counts is the coding of {enumeration(trusted)}"
        if "any" in how:
            sentence += "; one coder was enough where study.yaml says “authority: any”"
        if _ALL in how:
            sentence += "; every coder had to give the code where study.yaml says “authority: all”"
        told.append(f"{sentence}.")
        if whose.get(CONSENSUS):
            told.append("What is called consensus was decided in a meeting of the coders.")
        told.append(Open("say why this coding was taken as the study's, and how differences were settled"))
    told += _not_counted(material)
    told.append(
        f"In the end, {counted_words(len(counting), 'coding')} counted, on "
        f"{counted_words(counting['code'].nunique(), 'code')}: "
        f"{by_people:,} made by people, {len(counting) - by_people:,} by rules."
    )
    for row in material.rows("coverage_by", attribute=_ALL):
        told.append(
            f"They stand in sentences with {decimals(row['percent'], 1)}% of the words that participants said or "
            f"wrote, mere signs of listening left out ({row['coded_words']:,} of {row['words']:,})."
        )
    told += _wilson(material)
    return told


def _wilson(material: Material) -> list[str]:
    confidence = material.settings["frequencies"]["interval"]
    return [f"Percentages of people are given with {confidence:g}% intervals (Wilson 1927)."] if confidence else []


def _not_counted(material: Material) -> list[str]:
    """Why fewer codings of people count than codes were given to passages."""
    codings = material.tables["open_codes"]
    without = material.rows("decisions", sample=False, action="apply")
    lost = sum(row["outcome"].startswith("no place") for row in without)
    placed = [(row["coder"], row["coding"]) for row in without if not row["outcome"].startswith("no place")]
    again = len(placed) - len(set(placed))
    told = []
    if lost:
        told.append(
            f"{counted_words(lost, 'row')} of the coders had no place in the texts or could not be carried out "
            "(unplaced.csv)."
        )
    if again:
        told.append(f"{counted_words(again, 'time')}, a coder gave the same code to the same passage again.")
    reasons = codings.loc[(codings["basis"] == "human") & ~codings["counts"], "reason"]
    if number := len(reasons):
        kinds = counted_kinds(reasons, NOT_COUNTED)
        why = kinds[0][0] if len(kinds) == 1 else enumeration(f"{count:,} {says}" for says, count in kinds)
        told.append(f"Of the codings that people made, {number:,} did not count: {why}.")
    return told


def _codebook(material: Material) -> Paragraph:
    codes = material.codebook.codes
    leaves, levels = sum(code.leaf for code in codes), max((code.level for code in codes), default=0)
    indicators = sum(len(code.words) + len(code.patterns) for code in codes)
    with_words = sum(bool(code.words or code.patterns) for code in codes)
    told = f"The codebook, “{material.codebook.title}”, has {counted_words(len(codes), 'code')}"
    if levels > 1:
        told += (
            f" on {levels} levels: {counted_words(leaves, 'open code')} and {len(codes) - leaves:,} axial above them"
        )
    words = f"It has {counted_words(indicators, 'indicator')} (words, phrases and patterns), for {with_words:,} of them"
    why = Open("say which of the codes were set before coding and which were made from the talk, and by which method")
    return [f"{told}.", f"{words}." if indicators else "No words point to its codes.", why]


def _versions(material: Material) -> Paragraph:
    """Every version that was kept, and what it changed, as codebook_changes.csv has it."""
    kept = list(material.study.history)
    if not kept:
        return ["No earlier version of the codebook was kept."]
    told: Paragraph = [f"Of the codebook, {was(len(kept), 'earlier version')} kept ({enumeration(kept)})."]
    rows = material.rows("codebook_changes")
    for (old, new), group in groupby(rows, key=lambda row: (row["from"], row["to"])):
        counts = Counter(row["change"] for row in group)
        changes = [says.format(f"{counts[change]:,}") for change, says in _CHANGES.items() if counts[change]]
        others = sum(number for change, number in counts.items() if change not in _CHANGES)
        rest = [f"{others:,} in the examples, words, role or question of a code"] if others else []
        total = counted_words(counts.total(), "change")
        told.append(
            f"From {old} to {_version(new)} there {'was' if counts.total() == 1 else 'were'} {total} to its codes "
            f"(codebook_changes.csv): {enumeration([*changes, *rest])}."
        )
    return [*told, Open("say what led to each version")]


def _version(label: str) -> str:
    return "the version in use" if label == "current" else label


def machine(material: Material) -> Paragraphs:
    """What the codebook's words proposed and what became of it; suggestions that were learned from the coding."""
    return [part for part in (_proposals(material), _worth(material), _suggestions(material)) if part]


def _proposals(material: Material) -> Paragraph:
    rules = material.tables["open_codes"]
    status = Counter(rules.loc[rules["basis"] == "rule", "status"])
    if not status:
        return []
    applied = material.settings["rules"] == "apply"
    mode = (
        "counted unless a person rejected it" if applied else "was a proposal that counted only if a person accepted it"
    )
    exceptions = material.settings["rules_for"]
    other = f"; for {counted_words(len(exceptions), 'code')} study.yaml says otherwise" if exceptions else ""
    stood = "stood" if applied else "were accepted"
    says = {"accepted": stood, "rejected": "were rejected", "proposed": "were not decided on",
            "negated": "were in negated sentences and did not count", "withdrawn": "were withdrawn"}  # fmt: skip
    became = enumeration(f"{status[key]:,} {_verb(text, status[key])}" for key, text in says.items() if status[key])
    return [
        f"Where the words of a code were met in the talk, this {mode}{other}.",
        f"The rules met {counted_words(status.total(), 'passage')}: {became}.",
    ]


def _verb(text: str, number: int) -> str:
    return text.replace("were ", "was ", 1) if number == 1 else text


def _worth(material: Material) -> Paragraph:
    """Precision and recall of the rules against each person's coding."""
    told: Paragraph = []
    for row in material.rows("rule_quality", code=_ALL):
        figures = [
            f"{name} {decimals(row[key])}" for name, key in (("precision", "precision"), ("recall", "recall"),
                                                             ("Cohen's κ", "kappa")) if known(row[key])
        ]  # fmt: skip
        if figures:
            told.append(
                f"Against the coding of {row['coder']} ({counted_words(row['coded'], 'coded pair')} of "
                f"{material.settings['unit']} and code), the rules had {enumeration(figures)}."
            )
    return told


def _suggestions(material: Material) -> Paragraph:
    rows = material.rows("suggestion_quality")
    overall = next((row for row in rows if row["code"] == _ALL), None)
    learned = [row for row in rows if row["code"] != _ALL and row["basis"] == "learned"]
    if overall is None or not learned or not known(overall["precision"]):
        return []
    abstain = sum(row["abstains"] for row in learned)
    held = f" that held out each {overall['held_out']} as a whole" if overall["held_out"] else ""
    least = f"{material.settings['suggestions']['precision']:.0%}"
    figures = enumeration(
        f"{key} was {decimals(overall[key])}{_interval(overall, key)}" for key in ("precision", "recall")
    )
    return [
        f"From people's codings, qualcode learned to suggest {counted_words(len(learned), 'code')} in sentences "
        f"(logistic regression on their meaning, {material.settings['embeddings']['model']}, and their words)"
        + (
            f"; for {abstain} of them it abstained, because less than {least} of it would be right." if abstain else "."
        ),
        f"Judged by cross-validation{held}, {figures}.",
        "A suggestion counts only when a person codes it.",
        Open("say whether coders saw suggestions, and in which round"),
    ]


def _interval(row: dict[str, Any], name: str) -> str:
    low, high = (row[name] for name in (("low", "high") if name == "kappa" else (f"{name}_low", f"{name}_high")))
    return f", 95% CI [{decimals(low)}, {decimals(high)}]" if known(low) and known(high) else ""


def agreement(material: Material) -> Paragraphs:
    """Coders with each other, over all codes and sources, and round by round."""
    unit = material.settings["unit"]
    rows = material.rows("agreement", code=_ALL, scope=_ALL, unit=unit)
    between = [row for row in rows if row["coder_b"] != "rules"]
    if not between:
        return [[f"Coders were not compared: {_too_few(material)}."]] if material.coders else []
    told: Paragraph = [
        f"Agreement was counted in {unit}s, for every pair of {unit} and code, {unit}s that nobody coded included.",
        *(_agreed(row) for row in between if not row["round"]),
    ]
    rounds: Paragraph = [_agreed(row) for row in between if row["round"]]
    why = Open("say what was done with differences, and what agreement means for this study")
    return [part for part in ([*told, why], rounds) if part]


def _too_few(material: Material) -> str:
    coders = material.coders
    return f"{coders[0]} coded alone" if len(coders) == 1 else "no two of them finished the same talk"


def _agreed(row: dict[str, Any]) -> str:
    """One comparison: percentage, kappa, alpha and AC1 with intervals, and what to be careful about."""
    pair = bool(row["coder_b"])
    coders = enumeration((row["coder_a"], row["coder_b"]) if pair else row["coder_a"].split("; "))
    names = (("Cohen's κ", "kappa", "kappa") if pair else ("Fleiss' κ", "fleiss", "kappa"),
             ("Krippendorff's α", "alpha", "alpha"), ("Gwet's AC1", "ac1", "ac1"))  # fmt: skip
    figures = [f"{name} = {decimals(row[key])}{_interval(row, ends)}" for name, key, ends in names if known(row[key])]
    where = f"In round {row['round']}, " if row["round"] else ""
    book = f" by the codebook {row['codebook']}" if row["round"] and "-" in row["codebook"] else ""
    cautions = careful(row["note"])
    noted = f" (to be careful about, in agreement.csv: {cautions})" if cautions else ""
    return (
        f"{where}{coders} agreed on {decimals(row['percent'], 1)}% of {counted_words(row['units'], 'pair')}{book}; "
        f"{'; '.join(figures) or 'no coefficient is defined'}{noted}."
    )


def saturation(material: Material) -> Paragraphs:
    """What the tables on saturation tell, in the sentences that they hold, and new codes by source."""
    rows = material.rows("saturation", scope="source")
    told: Paragraph = []
    if len(rows) > 1:
        new = [row["new_codes"] for row in rows]
        quiet = next((n for n, count in enumerate(reversed(new)) if count), len(new))
        told.append(
            f"Of {counted_words(rows[-1]['codes_so_far'], 'code')} met in {counted_words(len(rows), 'source')}, "
            f"{new[0]:,} {'was' if new[0] == 1 else 'were'} met in the first"
            + (f"; none was new in the last {quiet}." if quiet else f", and {new[-1]:,} not before the last.")
        )
    elif tenths := material.rows("saturation", scope="tenth"):
        late = sum(row["new_codes"] for row in tenths if row["position"] > 5)
        codes = counted_words(tenths[-1]["codes_so_far"], "code")
        verb = "was" if late == 1 else "were"
        told.append(f"Of {codes}, {late:,} {verb} met for the first time in the second half of the talk.")
    if sentences := list(dict.fromkeys(_sentences(material))):
        told += [_criterion(material), *sentences]
    if told:
        told.append(Open("say how you judged that the data were enough, or that they were not"))
    return [told] if told else []


def _criterion(material: Material) -> str:
    wanted = material.settings["saturation"]
    base, run = counted_words(wanted["base"], "unit"), counted_words(wanted["run"], "unit")
    return (
        "Saturation was judged as Guest, Namey & Chen (2020) do: the codes that were new in each run of "
        f"{run} (sources, participants or tenths of the talk) were counted as a share of the codes of the first {base}"
        f", the base; saturation was reached at the first unit after which a run brought no more than "
        f"{wanted['threshold']:g}%. So “6 (+{wanted['run']})” means 6 units and the run after them."
    )


def _sentences(material: Material) -> Iterable[str]:
    """The sentences of the table, without the criterion, which is told once, and percentages as in the other text."""
    for row in material.rows("new_information"):
        text = _REPEATED.sub("Saturation ", str(row["sentence"]).strip())
        text = _MEASURED.sub(lambda found: f"{decimals(float(found[1]), 1)}%{found[2]}", text)
        if text:
            yield text.replace(" %", "%")


def themes(material: Material) -> Paragraphs:
    """How emergent themes were made, how many, and how well they hold; their labels are words of people."""
    facts = {row["what"]: row for row in material.rows("theme_stability")}
    rows = material.rows("themes")
    if not rows:
        return []
    method = material.settings["themes"]["method"]
    ways = {
        "ward": "gathered by Ward's method (Ward 1963) over their ten nearest neighbors",
        "kmeans": "gathered by k-means",
        "hdbscan": "gathered by HDBSCAN on a UMAP projection",
        "guided": "gathered by k-means that began with topics named by the researchers",
        "zero-shot": "given to topics named by the researchers where they were alike enough, the others gathered",
    }
    stable = [row["stability"] for row in rows]
    cautions = Counter(note for row in rows for note in row["note"].split("; ") if note)
    says = {_UNSTABLE: "unstable", _ONE_PERSON: "one person's topic"}
    told = [f"{cautions[note]:,} of them marked as {text}" for note, text in says.items() if cautions[note]]
    span = decimals(stable[0]) if len(rows) == 1 else f"{decimals(min(stable))} to {decimals(max(stable))}"
    made: Paragraph = [
        f"Beside the coding, qualcode proposed {counted_words(len(rows), 'emergent theme')} from "
        f"{counted_words(rows[0]['of_utterances'], 'utterance')} that tell something (BERTopic, Grootendorst 2022): "
        f"their meanings ({material.settings['embeddings']['model']}) were {ways[method]}.",
        f"Over bootstraps, their stability (mean Jaccard similarity, Hennig 2007) was {span}"
        f"{f'; {enumeration(told)}' if told else ''}.",
    ]
    if "fits none" in facts:
        made.append(f"Of these utterances, {int(facts['fits none']['value']):,} fitted none of them.")
    made.append("Such themes were proposals: what counts is codes that people added to the codebook.")
    return [[*made, Open("say whether, and how, emergent themes entered the codebook or the findings")]]

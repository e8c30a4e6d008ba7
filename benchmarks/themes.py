"""Measure emergent themes beside default BERTopic, LDA, NMF and Ward on principal components.

usage: python benchmarks/themes.py [--write] [--sets NAME ...] [--methods NAME ...] [--parts NAME ...] [--bootstraps N]

Reads qmsum-covid/, serdif-taguette/ and pdpilot/ in the folder named by QUALCODE_DATA; without it the planted themes
alone are measured. Default BERTopic needs umap-learn:
pip install --no-deps --require-hashes -r requirements-umap.lock
Its fits are kept in .cache/, so that a run that was interrupted goes on where it stopped; --anew makes them again.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import combinations
from typing import TYPE_CHECKING

import sections
import theme_cost
from theme_measures import (
    agreement,
    best_match,
    bootstraps,
    coherence,
    covering,
    diversity,
    information,
    leading_words,
    nearest,
)
from theme_methods import DEFAULT, METHODS, OURS, Found, Method, can_run, proposed, without_caution
from theme_sets import CACHE, NONE, SOURCES, ThemeSet, read_set, there, without_themes

from qualcode.language import load_pipeline

if TYPE_CHECKING:
    import numpy as np

BOOTSTRAPS = 30
# How often text without themes is made of each set.
DEALT = 3
# Two meetings stand for themselves and in all of them: means are given without them too.
WHOLE = ("meetings", "sessions", "interviews", "planted")
# The aims.
AHEAD, FASTER, MEMORY = 0.15, 5, 6 * 1024
CHOSEN = "ours, its own number"
PARTS = ("stability", "quality", "false", "cost", "million")

Table = dict[tuple[str, str], float]


@dataclass
class Measured:
    """Figures by (method, set)."""

    talks: dict[str, ThemeSet] = field(default_factory=dict)
    number: dict[str, int] = field(default_factory=dict)
    own: Table = field(default_factory=dict)
    outliers: Table = field(default_factory=dict)
    stability: Table = field(default_factory=dict)
    same_number: Table = field(default_factory=dict)
    same_share: Table = field(default_factory=dict)
    again: Table = field(default_factory=dict)
    coherence: Table = field(default_factory=dict)
    content: Table = field(default_factory=dict)
    by_one_rule: Table = field(default_factory=dict)
    diversity: Table = field(default_factory=dict)
    information: Table = field(default_factory=dict)
    match: Table = field(default_factory=dict)


# --- what is measured ----------------------------------------------------------------------------------------------


def full(method: Method, talk: ThemeSet, labels: np.ndarray) -> np.ndarray:
    """Labels with outliers in the nearest topic."""
    return nearest(method.vectors(talk), labels) if method.vectors else labels


def share(found: Found) -> float:
    """The share of units that are in a topic."""
    return float((found.labels >= 0).mean())


def number_of(talk: ThemeSet, methods: Iterable[Method]) -> int:
    """The number that default BERTopic finds, at least two; without it that of people's topics, ten units in each."""
    for method in methods:
        if method.name == DEFAULT:
            return max(2, method.fits(talk, 0)[0].number)
    return max(2, min(len(set(talk.topics[talk.judged])), len(talk) // 10))


def measure_stability(talk: ThemeSet, methods: Sequence[Method], times: int, into: Measured) -> None:
    """Mean agreement of the topics of all units and of bootstraps, in three ways; and of two fits of the same units."""
    number = into.number[talk.name]
    default = next((method for method in methods if method.name == DEFAULT), None)
    fits = {method.name: method.fits(talk, number) for method in methods}
    drawn = [(rows, talk.part(rows)) for rows in bootstraps(len(talk), times)]
    beside = [default.found(part, number) for _, part in drawn] if default else []
    for method in methods:
        _say(f"{talk.name}: {method.name}, {times} bootstraps")
        labels = fits[method.name][0].labels
        all_in = full(method, talk, labels)
        found = [method.found(part, number) for _, part in drawn]
        at = method.name, talk.name
        into.stability[at] = _mean(
            agreement(all_in[rows], full(method, part, made.labels))
            for (rows, part), made in zip(drawn, found, strict=True)
        )
        into.again[at] = _mean(
            agreement(full(method, talk, one.labels), full(method, talk, other.labels))
            for one, other in combinations(fits[method.name], 2)
        )
        if method.own_number:
            into.same_number[at] = into.stability[at]
            into.same_share[at] = _mean(
                agreement(labels[rows], made.labels) for (rows, _), made in zip(drawn, found, strict=True)
            )
        elif method.vectors and default:
            into.same_number[at] = _mean(
                agreement(all_in[rows], method.found(part, max(2, other.number)).labels)
                for (rows, part), other in zip(drawn, beside, strict=True)
            )
            kept = covering(method.vectors(talk), labels, share(fits[DEFAULT][0]))
            into.same_share[at] = _mean(
                agreement(kept[rows], covering(method.vectors(part), made.labels, share(other)))
                for (rows, part), made, other in zip(drawn, found, beside, strict=True)
            )


def measure_quality(talk: ThemeSet, methods: Sequence[Method], into: Measured) -> None:
    """Coherence, diversity and match with people's topics of the topics of all units."""
    found = {method.name: method.fits(talk, into.number[talk.name])[0] for method in methods}
    filled = {method.name: full(method, talk, found[method.name].labels) for method in methods}
    if OURS in found:
        _say(f"{talk.name}: the number that ours chooses")
        offered = proposed(talk)
        found[CHOSEN], filled[CHOSEN] = offered.found, offered.fitted
        into.outliers[OURS, talk.name] = 1 - share(offered.found)
    terms = frozenset(talk.terms.words)
    for name, each in found.items():
        at = name, talk.name
        into.own[at] = each.number
        into.outliers.setdefault(at, 1 - share(each))
        into.coherence[at] = coherence(each.words, talk.lemmas)
        telling = [[word for word in words if word in terms] for words in each.words]
        into.content[at] = coherence(telling, talk.lemmas)
        said = leading_words(each.labels, talk.terms.counts, talk.terms.words, least=2)
        into.by_one_rule[at] = coherence(said, talk.lemmas)
        into.diversity[at] = diversity(each.words)
        into.information[at] = information(talk.topics[talk.judged], filled[name][talk.judged])
        into.match[at] = best_match(talk.topics[talk.judged], filled[name][talk.judged])


def false_themes(talks: Iterable[ThemeSet], methods: Sequence[Method]) -> str:
    """Themes on text that has none."""
    default = next((method for method in methods if method.name == DEFAULT), None)
    rows = []
    for talk in talks:
        for seed in range(DEALT):
            rows.append(_offered(f"{talk.name}, dealt out anew ({seed + 1})", without_themes(talk, seed), default))
        if (talk.topics == NONE).any():
            rows.append(_offered(f"{talk.name}, talk without a topic", _none_of(talk), default))
    heads = ["text", "units", "ours: without a caution", "with one", f"{DEFAULT}: topics", "outliers"]
    return _lines(heads, rows)


def _none_of(talk: ThemeSet) -> ThemeSet:
    return talk.part((talk.topics == NONE).nonzero()[0], f"{talk.name}, {NONE}")


def _offered(name: str, talk: ThemeSet, default: Method | None) -> list[str]:
    _say(f"{name}: {len(talk)} units without themes")
    made = proposed(talk)
    trusted = without_caution(talk, made)
    shown = [name, f"{len(talk):,}", str(trusted), str(made.found.number - trusted)]
    if default is None:
        return [*shown, "", ""]
    found = default.found(talk, 0)
    return [*shown, str(found.number), _percent(1 - share(found))]


def left_out(talk: ThemeSet, methods: Sequence[Method]) -> str:
    """Which of the planted units are called outliers: those without a topic should be."""
    none = talk.topics == NONE
    rows = []
    for method in methods:
        if method.name not in (OURS, DEFAULT):
            continue
        found = proposed(talk).found if method.name == OURS else method.fits(talk, 0)[0]
        out = found.labels < 0
        rows.append([method.name, _percent(out[none].mean()), _percent(out[~none].mean())])
    return _lines(["called outliers", f"of {none.sum()} without a topic", f"of {(~none).sum()} with one"], rows)


# --- tables --------------------------------------------------------------------------------------------------------


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else float("nan")


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _figure(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.2f}"


def _lines(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    marks = ["---", *["--:"] * (len(heads) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows))


def means(values: Mapping[tuple[str, str], float], name: str, sets: Sequence[str]) -> float:
    """The mean of a method over sets, nan if it was not measured on one of them."""
    found = [values.get((name, each), float("nan")) for each in sets]
    return float("nan") if any(map(math.isnan, found)) else _mean(found)


def grid(values: Table, sets: Sequence[str]) -> str:
    """A row per method, a column per set, and the means over the whole sets and over all."""
    whole = [name for name in sets if name in WHOLE]
    names = list(dict.fromkeys(name for name, _ in values))
    rows = [
        [
            name,
            *(_figure(values.get((name, each), float("nan"))) for each in sets),
            _figure(means(values, name, whole)),
            _figure(means(values, name, sets)),
        ]
        for name in names
    ]
    return _lines(["", *sets, f"mean of {len(whole)}", f"mean of {len(sets)}"], rows)


def about_sets(made: Measured) -> str:
    """What the sets are, and what default BERTopic finds in them."""
    rows = []
    for name, talk in made.talks.items():
        judged = talk.topics[talk.judged]
        rows.append(
            [
                name,
                talk.about,
                f"{len(talk):,}",
                str(len(set(judged))),
                f"{len(judged):,}",
                str(made.number[name]),
                *(
                    _percent(made.outliers[method, name]) if (method, name) in made.outliers else ""
                    for method in (DEFAULT, OURS)
                ),
                str(int(made.own.get((CHOSEN, name), 0)) or ""),
            ]
        )
    heads = [
        "set", "what it is", "units", "people's topics", "units with one", "number compared at",
        f"outliers: {DEFAULT}", "outliers: ours", "number that ours chooses",
    ]  # fmt: skip
    return _lines(heads, rows)


def aims(made: Measured, cost: theme_cost.Costs | None) -> str:
    """What was to be reached, and whether it was."""
    sets = list(made.talks)
    rows = []

    def ahead(what: str, values: Table, least: float) -> None:
        lead = means(values, OURS, sets) - means(values, DEFAULT, sets)
        if not math.isnan(lead):
            rows.append(
                [f"{what}, ours less {DEFAULT}", f"{lead:+.2f}", f"{least:+.2f}", _yes(round(lead, 2) >= least)]
            )

    ahead("stability", made.stability, AHEAD)
    ahead("coherence (NPMI), words of all by one rule", made.by_one_rule, 0)
    ahead("coherence (NPMI), own words", made.coherence, 0)
    ahead("match (NMI)", made.information, 0)
    ahead("match (best F1)", made.match, 0)
    if cost:
        rows += cost.aims(FASTER, MEMORY)
    return _lines(["aim, in the mean over the sets", "measured", "at least", "reached"], rows) if rows else ""


def _yes(reached: bool) -> str:
    return "yes" if reached else "no"


def text_of(made: Measured, false: str, planted: str, cost: theme_cost.Costs | None, times: int) -> str:
    """All tables in Markdown."""
    sets = list(made.talks)
    parts = [
        f"Machine: {os.cpu_count()} cores, Python {platform.python_version()}, BERTopic {version('bertopic')}. "
        f"{times} bootstraps.",
        aims(made, cost),
        about_sets(made),
    ]
    for title, values in (
        ("Stability at full coverage and one number (the headline)", made.stability),
        (f"Stability at full coverage, in each bootstrap at the number that {DEFAULT} finds there", made.same_number),
        (f"Stability at the share of units that {DEFAULT} covers", made.same_share),
        ("Agreement of fits to the same units", made.again),
        ("Coherence (NPMI), each method's own words", made.coherence),
        (
            "Coherence (NPMI), each method's own words without function words (of default BERTopic few remain)",
            made.content,
        ),
        ("Coherence (NPMI), words of all by one rule", made.by_one_rule),
        ("Diversity", made.diversity),
        ("Match with people's topics (NMI)", made.information),
        ("Match with people's topics (best F1)", made.match),
    ):
        if values:
            parts += [f"### {title}", grid(values, sets)]
    if false:
        parts += ["### Themes on text without themes", false]
    if planted:
        parts += [planted]
    if cost:
        parts += ["### Time and memory", cost.text()]
    return "\n\n".join(filter(None, parts))


# --- the program ---------------------------------------------------------------------------------------------------


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    names, methods = [source.name for source in SOURCES], [method.name for method in METHODS]
    parser.add_argument("--sets", nargs="+", choices=names, default=names, help="only these sets")
    parser.add_argument("--methods", nargs="+", choices=methods, default=methods, help="only these methods")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="only these measures")
    parser.add_argument("--bootstraps", type=int, default=BOOTSTRAPS, help=f"how many bootstraps ({BOOTSTRAPS})")
    parser.add_argument("--anew", action="store_true", help="make fits again that are kept from earlier runs")
    args = parser.parse_args()
    sources = [source for source in SOURCES if source.name in args.sets and there(source)]
    chosen = [method for method in METHODS if method.name in args.methods and can_run(method)]
    for source in SOURCES:
        if source.name in args.sets and source not in sources:
            _say(f"QUALCODE_DATA: {source.name} is not measured, for {source.folder} is not there.")
    if any(method.name in args.methods and not can_run(method) for method in METHODS):
        _say(
            f"{DEFAULT} is not measured, for umap-learn is not installed. "
            "Install it: pip install --no-deps --require-hashes -r requirements-umap.lock"
        )
    if args.write and (
        len(sources) < len(SOURCES)
        or len(chosen) < len(METHODS)
        or len(args.parts) < len(PARTS)
        or args.bootstraps < BOOTSTRAPS
    ):
        parser.error("--write keeps only what was measured in full: all sets, methods, parts and bootstraps")
    if args.anew:
        shutil.rmtree(CACHE / "fits", ignore_errors=True)
    pipeline = load_pipeline("en_core_web_sm")
    made = Measured()
    for source in sources:
        talk = read_set(source, pipeline)
        made.talks[talk.name], made.number[talk.name] = talk, number_of(talk, chosen)
        _say(f"{talk.name}: {len(talk):,} units, {made.number[talk.name]} topics")
        if "stability" in args.parts:
            measure_stability(talk, chosen, args.bootstraps, made)
        if "quality" in args.parts:
            measure_quality(talk, chosen, made)
    false = false_themes(made.talks.values(), chosen) if "false" in args.parts else ""
    planted = left_out(made.talks["planted"], chosen) if "quality" in args.parts and "planted" in made.talks else ""
    cost = theme_cost.measured(made.talks, {"cost", "million"} & set(args.parts), chosen)
    text = text_of(made, false, planted, cost, args.bootstraps)
    print(text)
    if args.write:
        sections.write("themes", text)


if __name__ == "__main__":
    main()

"""Measure rules against people's coding on real transcripts, beside two baselines.

usage: python benchmarks/accuracy.py [--write]

Reads serdif-taguette/, pdpilot/ and talkmoves/ in the folder named by QUALCODE_DATA; without it there is nothing to
measure. The transcripts of each are put in the order of their names; the first, third, fifth … are the training part,
from which the rules in accuracy/*.yaml were written, and all figures are of the others. The codes in those files have
the names that people gave them; a code that people used less than MINIMUM times, or in less than SOURCES transcripts,
is left out.
"""

from __future__ import annotations

import argparse
import os
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import sections
from coded import DATA, Coded, DataSet
from figures import counts, figures, resampled, shown_within
from units import Units, by_rules, scored, vectors

from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.codebook.indicators import plain
from qualcode.language import load_pipeline
from qualcode.open_codes.rules import Rules
from qualcode.text import count_words

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language

# Units of so many words at most are counted as short.
SHORT = 5
# Cosine similarities that are tried as the least for the nearest definition to be proposed.
THRESHOLDS = [step / 50 for step in range(1, 41)]
RULES, KEYWORDS, NEAREST = "rules", "the same words, as plain keywords", "nearest definition"
TRAINING = "rules, in the training part"


# --- what proposes codes ------------------------------------------------------------------------------------------


def without(codebook: Codebook) -> dict[str, Codebook]:
    """The codebook with one of the things that rules have over keywords taken from all its words, by what it lacks."""

    def changed(change: Callable[[Code], Code]) -> Codebook:
        return replace(codebook, codes=tuple(map(change, codebook.codes)))

    def exactly(typed: str) -> str:
        return typed if '"' in typed else re.sub(r"(?<!\S)[^\s~*]+(?!\S)", r'"\g<0>"', typed)

    def closely(typed: str) -> str:
        return re.sub(r"~\d+ ", "", typed)

    return {
        "rules without lemmas": changed(lambda code: replace(code, words=tuple(map(exactly, code.words)))),
        "rules without gaps": changed(lambda code: replace(code, words=tuple(map(closely, code.words)))),
        "rules without vetoes": changed(lambda code: replace(code, unless=())),
        "rules without negation": changed(lambda code: replace(code, negation="count")),
    }


def by_keywords(codebook: Codebook, units: Units) -> list[Coded]:
    """What a search for the same words finds, as they are written, in any case: no lemmas, gaps, vetoes, negation."""
    made = []
    for code in codebook.codes:
        if not code.words:
            continue
        wanted = re.compile("|".join(map(_searched, code.words)))
        found = (span for span, text in zip(units.spans, units.texts, strict=True) if wanted.search(plain(text)))
        made += [Coded(*span, code.code) for span in found]
    return made


def _searched(typed: str) -> str:
    """An indicator as a search: its words in a row and whole, * for any ending."""
    words = re.sub(r"~\d+|\"", " ", plain(typed)).split()
    # White space is optional: what the parses cut in two ("do n't", "right ?") is written as one.
    found = r"\s*".join(re.escape(word).replace(r"\*", r"\w*") for word in words)
    return (r"\b" if words[0][0].isalnum() else "") + found + (r"\b" if words[-1][-1].isalnum() else "")


class Nearest:
    """For each unit the code whose name and definition are nearest (cosine), and how near they are."""

    def __init__(self, codes: Sequence[Code]) -> None:
        self._definitions = vectors([f"{code.name}: {code.definition}" for code in codes])

    def matrix(self, units: Units) -> np.ndarray:
        """The similarity of the nearest code in its column and 0 elsewhere: shape (units, codes)."""
        import numpy as np

        alike = vectors(units.texts) @ self._definitions.T
        nearest = alike.argmax(axis=1)
        rows = np.arange(len(alike))
        made = np.zeros_like(alike)
        made[rows, nearest] = np.maximum(alike[rows, nearest], 0)
        return made


# --- measuring -----------------------------------------------------------------------------------------------------


def measure(data: DataSet, folder: Path, pipeline: Language) -> str:
    """The table of one data set in Markdown."""
    import numpy as np

    codebook = load_codebook(data.codebook)
    transcripts = [transcript.judged() for transcript in data.read(folder)]
    kept = scored(codebook, transcripts)
    columns = {code.code: [kept.index(up) for up in code.path if up in kept] for code in codebook.codes}
    named = {code.name: columns[code.code] for code in codebook.codes}
    units = [Units(transcript, data.whole, pipeline) for transcript in transcripts]
    training, rest = units[::2], units[1::2]
    nearest = Nearest([codebook.by_id[code] for code in kept])

    def people(item: Units) -> np.ndarray:
        return item.matrix(item.transcript.coded, named, len(kept))

    def proposed(book: Codebook) -> Callable[[Units], np.ndarray]:
        rules = Rules(book, pipeline)
        return lambda item: item.matrix(by_rules(item, rules), columns, len(kept))

    threshold = best_threshold([(nearest.matrix(item), people(item)) for item in training])
    by_all = proposed(codebook)
    methods: dict[str, Callable[[Units], np.ndarray]] = {
        RULES: by_all,
        KEYWORDS: lambda item: item.matrix(by_keywords(codebook, item), columns, len(kept)),
        NEAREST: lambda item: nearest.matrix(item) >= threshold,
        **{name: proposed(book) for name, book in without(codebook).items()},
    }
    cells = {name: np.array([counts(method(item), people(item)) for item in rest]) for name, method in methods.items()}
    cells[TRAINING] = np.array([counts(by_all(item), people(item)) for item in training])
    lines = [
        f"### {data.about} (`{data.folder}/`)",
        "",
        f"Rules from {len(training)} transcripts, figures of the other {len(rest)}: "
        f"{sum(len(item.spans) for item in rest):,} units, each {data.unit}. "
        f"{len(kept)} codes; {len(codebook.codes) - len(kept)} more were used too seldom. "
        f"The nearest definition counts from a cosine of {threshold:.2f} on. "
        + passages([(item, people(item), by_all(item)) for item in rest], named),
        "",
        *_pooled(cells),
        "",
        *_by_code([codebook.by_id[code].name for code in kept], cells),
    ]
    return "\n".join(lines)


def passages(found: Sequence[tuple[Units, np.ndarray, np.ndarray]], columns: Mapping[str, Sequence[int]]) -> str:
    """A sentence on how many of people's codings a method met anywhere, and how short the units are that it missed.

    `found`: of each transcript its units, what people coded, and what the method proposed.
    """
    met, size, missed, short = [], [], 0, 0
    for units, coded, proposed in found:
        covered = defaultdict(set)
        for item in units.transcript.coded:
            for column in columns[item.code]:
                covered[item.coding, column].update(units.at(item.utterance, item.start, item.end))
        for (_, column), numbers in covered.items():
            met.append(any(proposed[number, column] for number in numbers))
            size.append(len(numbers))
        lost = (coded & ~proposed).sum(axis=1)
        missed += lost.sum()
        short += lost[[count_words(text) <= SHORT for text in units.texts]].sum()
    return (
        f"A person's coding covers {sum(size) / len(size):.1f} units; rules met at least one unit of "
        f"{100 * sum(met) / len(met):.0f} % of the codings. "
        f"Of the units they missed, {100 * short / missed:.0f} % have {SHORT} words or fewer."
    )


def best_threshold(pairs: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """The similarity from which on the nearest code gives the highest F1 over all codes."""
    import numpy as np

    alike, coded = (np.vstack(matrices) for matrices in zip(*pairs, strict=True))
    return max(THRESHOLDS, key=lambda threshold: figures(counts(alike >= threshold, coded)).f1[-1])


# --- tables --------------------------------------------------------------------------------------------------------


def _pooled(cells: Mapping[str, np.ndarray]) -> list[str]:
    """All codes together, a row for each method, and how far the rules are ahead of it."""
    lines = ["| all codes | precision | recall | F1 | kappa | F1 of the rules less this |", "|---|--:|--:|--:|--:|--:|"]
    rules, rules_drawn = figures(cells[RULES].sum(axis=0)), resampled(cells[RULES])
    for name, counted in cells.items():
        point, drawn = figures(counted.sum(axis=0)), resampled(counted)
        shown = [shown_within(value[-1], again[:, -1]) for value, again in zip(point, drawn, strict=True)]
        if name not in (RULES, TRAINING):
            shown.append(shown_within(rules.f1[-1] - point.f1[-1], rules_drawn.f1[:, -1] - drawn.f1[:, -1]))
        lines.append(f"| {name} | {' | '.join([*shown, ''][:5])} |")
    return lines


def _by_code(names: Sequence[str], cells: Mapping[str, np.ndarray]) -> list[str]:
    """The rules code by code, and beside them the F1 of the baselines and of the training part."""
    point = {name: figures(counted.sum(axis=0)) for name, counted in cells.items()}
    drawn = resampled(cells[RULES])
    coded = cells[RULES].sum(axis=0)[:, [0, 2]].sum(axis=1)
    lines = [
        "| code | coded units | precision | recall | F1 | kappa | F1 of keywords | F1 of nearest | F1 in training |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row, name in enumerate(names):
        shown = [shown_within(value[row], again[:, row]) for value, again in zip(point[RULES], drawn, strict=True)]
        others = [f"{point[method].f1[row]:.2f}" for method in (KEYWORDS, NEAREST, TRAINING)]
        lines.append(f"| {name} | {coded[row]} | {' | '.join([*shown, *others])} |")
    return lines


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    args = parser.parse_args()
    folder = Path(os.environ.get("QUALCODE_DATA") or "nowhere")
    missing = [data.folder for data in DATA if not (folder / data.folder).is_dir()]
    if missing:
        print(f"QUALCODE_DATA: nothing is measured, for {', '.join(dict.fromkeys(missing))} is not there.")
        return
    pipeline = load_pipeline("en_core_web_sm")
    text = "\n\n".join(measure(data, folder / data.folder, pipeline) for data in DATA)
    print(text)
    if args.write:
        sections.write("accuracy", text)


if __name__ == "__main__":
    main()

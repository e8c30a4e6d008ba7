"""Suggest codes for sentences, by what people coded so far."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .. import tables
from ..cache import cache_folder
from ..codebook import Codebook, load_codebook
from ..console import add_study, counted_words, enumeration, say
from ..measures.forecasts import told
from ..study import Study, load_study
from ..tables.learning import PROPOSED
from .ceiling import ALL, ceilings
from .curve import curve_table
from .gathering import Gathered, gather
from .learning import Learned, Task
from .memory import Memory
from .nearest import Known, coded, defined
from .offering import suggestion_rows
from .quality import Judged, calibration_table, quality_by_table, quality_table

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SETTINGS = ("suggestions", "embeddings")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    names = ("utterances", "open_codes", "decisions", "coders", "attributes")
    made = {name: tables.read(args.results, name) for name in names}
    gathered = gather(study, args.results, codebook, made)
    memory = Memory(cache_folder(study, "suggestions") / "learned.npz")
    found = suggestions(study, codebook, gathered, made, memory)
    memory.save()
    for name, table in found.items():
        tables.write(args.results, name, table)


def suggestions(
    study: Study, codebook: Codebook, gathered: Gathered, made: Mapping[str, pd.DataFrame], memory: Memory
) -> dict[str, pd.DataFrame]:
    """The tables of this step, by their names; what was learned is taken from, and added to, `memory`."""
    import numpy as np

    settings = study.settings["suggestions"]
    least = settings["precision"]
    learned, nearest = divided(codebook, gathered, settings["codings"])
    own, vectors = defined(codebook.codes, partial(memory.encoded, study.settings["embeddings"]["model"]))
    of_people, their_vectors = coded(gathered, _coders(made["open_codes"], made["decisions"]))
    known = Known(gathered, [*own, *of_people], np.concatenate([vectors, their_vectors]))
    task = _task(gathered, Known(gathered, own, vectors), memory)
    found = abstaining(memory.learn(task, learned, least), gathered, learned, least)
    judged = _judged(gathered, learned, found, gathered.finished)
    rows = suggestion_rows(gathered, learned, found, known, nearest, codebook)

    def judge(groups: Sequence[int]) -> Judged:
        inside = np.isin(gathered.held_out, groups)
        part = replace(task, known=task.known & inside[:, np.newaxis])
        alone = memory.learn(part, learned, least, predict=False)
        return _judged(gathered, learned, alone, gathered.finished & inside)

    curve = curve_table(judged, judge, _codings_by_group(gathered))
    units = [item for item, data in zip(gathered.sentences, gathered.codable, strict=True) if data]
    names = [gathered.codes[code] for code in learned]
    ceiling = ceilings(made["open_codes"], made["decisions"], made["coders"], units, codebook, names)
    thresholds = np.full(len(gathered.codes), np.nan)
    thresholds[learned] = found.threshold
    people = [item.participant for item in gathered.sentences]
    above = {code for at, code in enumerate(gathered.codes) if at not in {*learned, *nearest}}
    _tell(rows, learned, nearest, found, curve, gathered.what)
    return {
        "suggestions": tables.frame("suggestions", rows),
        "suggestion_quality": quality_table(
            judged, thresholds.tolist(), _counted(gathered, learned), least, settings["codings"], ceiling, above
        ),
        "suggestion_quality_by": quality_by_table(judged, people, made["attributes"]),
        "suggestion_calibration": calibration_table(judged),
        "suggestion_learning": curve,
    }


def divided(codebook: Codebook, gathered: Gathered, needed: int) -> tuple[list[int], list[int]]:
    """The codes that are learned, and those with too few codings, by their positions.

    Codes above others are learned like these, from what stands on them or below; only the root, under which all stands,
    is not. A code is learned from codings in two groups that can be held out, or nothing could be said of its quality.
    """
    tops = [code for code in codebook.codes if code.level == 1]
    learned, nearest = [], []
    for at, code in enumerate(codebook.codes):
        groups = {int(gathered.held_out[row]) for rows in gathered.codings[at].values() for row in rows}
        if len(tops) == 1 and code.level == 1 and not code.leaf:
            continue
        if gathered.what and len(gathered.codings[at]) >= needed and len(groups) > 1:
            learned.append(at)
        elif code.leaf:
            nearest.append(at)
    return learned, nearest


def abstaining(found: Learned, gathered: Gathered, learned: Sequence[int], least: float) -> Learned:
    """What was learned, without thresholds where precision on what was held out is below `least`, or not defined."""
    import numpy as np

    judged = gathered.known[:, learned] & gathered.finished[:, np.newaxis]
    suggested = (found.suggested & judged).sum(axis=0)
    right = (found.suggested & judged & gathered.given[:, learned]).sum(axis=0)
    return replace(found, threshold=np.where((suggested > 0) & (right >= least * suggested), found.threshold, np.nan))


def _task(gathered: Gathered, codebook: Known, memory: Memory) -> Task:
    """What is learned from."""
    import numpy as np

    every = range(len(gathered.sentences))
    alike = [codebook.alike(code, every) for code in range(len(gathered.codes))]
    own = np.stack([np.array(alike).T.reshape(gathered.ruled.shape), gathered.ruled.astype(float)], axis=-1)
    views = partial(memory.views, gathered.talk)
    return Task(gathered.talk, views, own, gathered.parents, gathered.given, gathered.known, gathered.held_out)


def _judged(gathered: Gathered, learned: Sequence[int], found: Learned, inside: np.ndarray) -> Judged:
    """What was learned against what people gave, in the sentences that are `inside` (sentences,)."""
    import numpy as np

    size, codes = gathered.given.shape
    mask = np.zeros(codes, dtype=bool)
    mask[learned] = True
    probability = np.full((size, codes), np.nan)
    probability[:, learned] = found.held_out
    suggested = np.zeros((size, codes), dtype=bool)
    suggested[:, learned] = found.suggested
    known = gathered.known & inside[:, np.newaxis]
    return Judged(gathered.codes, mask, gathered.given, known, probability, suggested, gathered.held_out, gathered.what)


def _codings_by_group(gathered: Gathered) -> np.ndarray:
    """How many codings of each code stand in each group that is held out: (groups, codes)."""
    import numpy as np

    made = np.zeros((int(gathered.held_out.max(initial=-1)) + 1, len(gathered.codes)))
    for code, codings in enumerate(gathered.codings):
        for rows in codings.values():
            if len(rows):
                made[gathered.held_out[rows[0]], code] += 1
    return made


def _counted(gathered: Gathered, learned: Sequence[int]) -> dict[str, tuple[int, int]]:
    """How many codings each code has, in how many sources (of surveys: answers); `all`: of codes that are learned."""
    stretch = gathered.talk.stretch
    found: dict[str, tuple[int, int]] = {}
    every: dict[str, set[int]] = {}
    for at, code in enumerate(gathered.codes):
        places = {coding: {int(stretch[row]) for row in rows} for coding, rows in gathered.codings[at].items()}
        found[code] = len(places), len(set().union(*places.values()))
        every |= places if at in learned else {}
    return found | {ALL: (len(every), len(set().union(*every.values())))}


def _coders(open_codes: pd.DataFrame, decisions: pd.DataFrame) -> Callable[[str], str]:
    """Who made or accepted a coding, by its id."""
    who: dict[str, set[str]] = {}
    for row in decisions[(decisions["action"] == "accept") & decisions["holds"]].itertuples():
        for coding in row.coding.split("; "):
            who.setdefault(coding, set()).add(row.coder)
    who |= {row.coding: {row.coder} for row in open_codes[open_codes["basis"] == "human"].itertuples()}
    return lambda coding: enumeration(sorted(who[coding]))


def _tell(
    rows: Sequence[Mapping[str, object]],
    learned: Sequence[int],
    nearest: Sequence[int],
    found: Learned,
    curve: pd.DataFrame,
    what: str,
) -> None:
    """Say what came of it, and what a further part of the coding would bring."""
    import numpy as np

    abstain = int(np.isnan(found.threshold).sum())
    why = f" ({abstain} of them abstain: too little of what they would suggest is right)" if abstain else ""
    few = f"{counted_words(len(nearest), 'code')} with too few codings, by definition and examples"
    say(f"{counted_words(len(learned), 'code')} learned{why}; {few}")
    proposed = sum(row["status"] == PROPOSED for row in rows)
    offers = "; `qualcode review` offers them" if proposed else ""
    say(f"{counted_words(proposed, 'suggestion')} for what is not finished{offers}")
    if learned:
        for line in told(curve, what):
            say(line)

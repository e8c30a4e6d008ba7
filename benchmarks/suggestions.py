"""Measure suggestions that are learned from people's coding, beside two regressions, rules alone and the majority.

usage: python benchmarks/suggestions.py [--write] [--data NAME ...] [--methods NAME ...]

Reads the data sets in the folder named by QUALCODE_DATA; without it there is nothing to measure. Figures are of the
second, fourth, … transcript of each; they are held out in parts, and everything else may be learned from.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import sections
from baselines import by_majority, by_rules_alone, by_vectors, by_words
from coded import ANSWERS, DATA, UPTAKE
from few_codings import few_codings
from figures import SEED, calibration_error, counts, figures, resampled, shown_within
from talks import Round, Talk, read_talk, rounds
from units import vectors

from qualcode.language import load_pipeline

if TYPE_CHECKING:
    import numpy as np
    from baselines import Method

    from qualcode.suggestions.learning import Task

SETS = (*(replace(data, whole=data.whole and data.name != "pdpilot") for data in DATA), UPTAKE, ANSWERS)
OURS, VECTORS, WORDS, RULES, MAJORITY = (
    "suggestions",
    "MiniLM + regression",
    "TF-IDF + regression",
    "rules alone",
    "majority",
)
# Shares of the transcripts that are learned from, as every so many-th.
SHARES = {"12.5 %": 8, "25 %": 4, "50 %": 2, "100 %": 1}
# The aims: to lead the regression on vectors in the mean over the sets, and how far not to fall behind it on one.
AIM, LEAST, BEHIND = 0.08, 0.04, -0.02
ALL = "100 %"
# Where few codings are learned from.
FEW = ("serdif", "pdpilot", "bopp")
# Of the run that is timed.
SENTENCES, CODES, SOURCES = 5_000, 30, 20


def task_of(talk: Talk) -> Task:
    """What the step suggestions would learn from, were all of the talk judged."""
    import numpy as np

    from qualcode.suggestions import features
    from qualcode.suggestions.learning import Task
    from qualcode.suggestions.nearest import defined

    voices = np.unique(talk.roles, return_inverse=True)[1]
    nowhere = np.full(len(talk.texts), -1)
    said = features.Talk(talk.texts, talk.vectors, talk.stretch, talk.utterance, voices, nowhere)
    anchors, known_by = defined(talk.codes, vectors)
    of = np.array([anchor.code for anchor in anchors])
    cosines = talk.vectors.astype(float) @ known_by.T
    alike = np.stack([cosines[:, of == code].max(axis=1) for code in range(len(talk.codes))], axis=-1)
    ruled = np.zeros(talk.given.shape) if talk.ruled is None else talk.ruled.astype(float)
    position = {code.code: at for at, code in enumerate(talk.codes)}
    parents = [[position[up] for up in code.path[:-1] if up in position] for code in talk.codes]
    own = np.stack([alike, ruled], axis=-1)
    made = features.views(said)

    def views() -> list[np.ndarray]:
        return made

    return Task(said, views, own, parents, talk.given, talk.known, talk.transcript)


def by_suggestions(talk: Talk, part: Round) -> tuple[np.ndarray, np.ndarray]:
    """What the step suggestions learns, with the thresholds that give the highest kappa."""
    from qualcode.suggestions.learning import learn

    task = replace(talk.task or task_of(talk), given=talk.given & part.learn, known=part.learn, held_out=part.groups)
    learned = learn(task, range(len(talk.codes)), judge=False)
    # A code that abstains has the threshold nan, which nothing reaches.
    return learned.probability >= learned.threshold, learned.probability


METHODS: dict[str, Method] = {
    OURS: by_suggestions,
    VECTORS: by_vectors,
    WORDS: by_words,
    RULES: by_rules_alone,
    MAJORITY: by_majority,
}
LEARNING = (OURS, VECTORS, WORDS)


class Judged(NamedTuple):
    """How a method did: counts() of each reported transcript, shape (transcripts, codes + 1, 4), seconds of one core,
    and the calibration error of its probabilities (None: it gives none).
    """

    cells: np.ndarray
    seconds: float
    calibration: float | None


class Measured(NamedTuple):
    """A talk, and how each method did with each share of the transcripts."""

    talk: Talk
    judged: Mapping[tuple[str, str], Judged]

    @property
    def methods(self) -> list[str]:
        return [method for method, share in self.judged if share == ALL]

    def kappa(self, method: str, share: str = ALL) -> tuple[float, np.ndarray]:
        """The mean over codes, and as it is resampled."""
        cells = self.judged[method, share].cells
        return figures(cells.sum(axis=0)).kappa[:-1].mean(), resampled(cells).kappa[:, :-1].mean(axis=1)

    def lead(self) -> tuple[float, np.ndarray]:
        """How far suggestions are ahead of the regression on vectors."""
        (ours, ours_drawn), (theirs, theirs_drawn) = self.kappa(OURS), self.kappa(VECTORS)
        return ours - theirs, ours_drawn - theirs_drawn


# --- measuring -----------------------------------------------------------------------------------------------------


def measure(talk: Talk, methods: Sequence[str], shares: Sequence[str]) -> Measured:
    """Each method with each share, rounds side by side on all cores."""
    from joblib import Parallel, delayed

    seconds = 0.0
    if OURS in methods:
        began = time.process_time()
        talk = replace(talk, task=task_of(talk))
        seconds = time.process_time() - began
    wanted = {
        (method, share): rounds(talk, SHARES[share])
        for method in methods
        for share in (shares if method in LEARNING else [ALL])
        if method != RULES or talk.ruled is not None
    }
    work = (delayed(_timed)(METHODS[method], talk, part) for (method, _), parts in wanted.items() for part in parts)
    made = Parallel(n_jobs=os.cpu_count(), return_as="generator")(work)
    judged = {}
    for (method, share), parts in wanted.items():
        found = _judged(talk, parts, list(islice(made, len(parts))), seconds if method == OURS else 0.0)
        judged[method, share] = found
        mean = figures(found.cells.sum(axis=0)).kappa[:-1].mean()
        _say(f"{talk.name}: {method}, {share}: mean kappa {mean:.3f}, {found.seconds:.0f} s")
    return Measured(talk, judged)


Made = tuple["np.ndarray", "np.ndarray | None", float]


def _timed(method: Method, talk: Talk, part: Round) -> Made:
    began = time.process_time()
    suggested, probability = method(talk, part)
    return suggested, probability, time.process_time() - began


def _judged(talk: Talk, parts: Sequence[Round], made: Sequence[Made], before: float) -> Judged:
    """All rounds of a method together."""
    import numpy as np

    suggested = np.zeros_like(talk.given)
    probability = np.full(talk.given.shape, np.nan)
    for part, (found, probable, _) in zip(parts, made, strict=True):
        suggested |= found & part.ask
        if probable is not None:
            probability[part.ask] = probable[part.ask]
    rows = [talk.transcript == number for number in talk.reported]
    cells = np.array([counts(suggested[row], talk.given[row], talk.known[row]) for row in rows])
    has = ~np.isnan(probability)
    error = calibration_error(probability[has], talk.given[has]) if has.any() else None
    return Judged(cells, before + sum(seconds for _, _, seconds in made), error)


# --- tables --------------------------------------------------------------------------------------------------------


def summary(measured: Sequence[Measured], methods: Sequence[str]) -> list[str]:
    """Mean kappa of each data set and method, and how far suggestions are ahead of the regression on vectors."""
    import numpy as np

    leading = {OURS, VECTORS} <= set(methods)
    heads = [*methods, *([f"{OURS} less {VECTORS}"] if leading else [])]
    lines = [f"| mean kappa over codes | {' | '.join(heads)} |", f"|---|{'--:|' * len(heads)}"]
    for item in measured:
        cells = [shown_within(*item.kappa(method)) if method in item.methods else "no rules" for method in methods]
        lines.append(
            f"| {item.talk.about} | {' | '.join([*cells, *([shown_within(*item.lead())] if leading else [])])} |"
        )
    if len(measured) > 1:
        for name, weights in _weights(measured).items():
            cells = []
            for method in methods:
                whole = all(method in item.methods for item in measured)
                cells.append(_mean([item.kappa(method) for item in measured], weights) if whole else "")
            if leading:
                cells.append(_mean([item.lead() for item in measured], weights))
            lines.append(f"| **{name}** | {' | '.join(cells)} |")
    if leading and len(measured) > 1:
        leads = np.array([item.lead()[0] for item in measured])
        lines += ["", _verdict(float(leads.mean()), float(leads.min()))]
    return lines


def _weights(measured: Sequence[Measured]) -> dict[str, np.ndarray]:
    """Each table alike, and the two of the lessons as one set."""
    import numpy as np

    folders = [item.talk.about.rpartition("(")[2] for item in measured]
    made = {f"mean of these {len(folders)}": np.ones(len(folders)) / len(folders)}
    if len(set(folders)) < len(folders):
        by_folder = np.array([1 / folders.count(folder) for folder in folders])
        made[f"mean of {len(set(folders))}, the lessons once"] = by_folder / by_folder.sum()
    return made


def _mean(found: Sequence[tuple[float, np.ndarray]], weights: np.ndarray) -> str:
    import numpy as np

    points, drawn = zip(*found, strict=True)
    return shown_within(float(weights @ np.array(points)), weights @ np.array(drawn))


def _verdict(mean: float, lowest: float) -> str:
    reached = "reached" if mean >= AIM and lowest >= BEHIND else "not reached"
    short = "" if mean >= LEAST and lowest >= BEHIND else ", nor the least that was asked for"
    return (
        f"Aim: ahead by {AIM:.2f} in the mean, at least {LEAST:.2f}, and nowhere behind by more than {-BEHIND:.2f}: "
        f"{reached}{short} ({mean:.3f}, lowest {lowest:.3f})."
    )


def table(item: Measured) -> list[str]:
    """One data set: the methods, the codes, and the learning curve."""
    talk = item.talk
    asked = talk.of(talk.reported)
    lines = [
        f"### {talk.about}",
        "",
        f"{len(talk.transcripts)} transcripts, {len(talk.codes)} codes; figures of {len(talk.reported)} transcripts "
        f"with {asked.any(axis=1).sum():,} units that are judged, each {talk.unit}.",
        "",
        "| method | mean kappa | micro-F1 | accuracy | calibration error | seconds |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for method in item.methods:
        judged = item.judged[method, ALL]
        point, drawn = figures(judged.cells.sum(axis=0)), resampled(judged.cells)
        total = judged.cells.sum(axis=0)[-1]
        lines.append(
            f"| {method} | {shown_within(*item.kappa(method))} | {shown_within(point.f1[-1], drawn.f1[:, -1])} "
            f"| {(total[0] + total[3]) / total.sum():.3f} "
            f"| {'' if judged.calibration is None else f'{judged.calibration:.3f}'} | {judged.seconds:.0f} |"
        )
    return [*lines, "", *_by_code(item), "", *_curve(item)]


def _by_code(item: Measured) -> list[str]:
    methods = [method for method in item.methods if method != MAJORITY]
    kappas = [figures(item.judged[method, ALL].cells.sum(axis=0)).kappa for method in methods]
    coded = (item.talk.given & item.talk.of(item.talk.reported)).sum(axis=0)
    lines = [f"| code: kappa | coded units | {' | '.join(methods)} |", f"|---|--:|{'--:|' * len(methods)}"]
    for row, code in enumerate(item.talk.codes):
        cells = " | ".join(f"{round(float(kappa[row]), 2) + 0:.2f}" for kappa in kappas)
        lines.append(f"| {code.name} | {coded[row]} | {cells} |")
    return lines


def _curve(item: Measured) -> list[str]:
    """Mean kappa by the share of the other transcripts that was learned from."""
    shares = [share for share in SHARES if any(share == kept for _, kept in item.judged)]
    lines = [f"| learned from: mean kappa | {' | '.join(map(_learned(item.talk), shares))} |"]
    lines.append(f"|---|{'--:|' * len(shares)}")
    for method in item.methods:
        if method in LEARNING:
            cells = [f"{item.kappa(method, share)[0]:.2f}" for share in shares]
            lines.append(f"| {method} | {' | '.join(cells)} |")
    return lines


def _learned(talk: Talk) -> Callable[[str], str]:
    """A share with the number of transcripts that it is, in the mean of the rounds."""
    import numpy as np

    def shown(share: str) -> str:
        kept = [len(np.unique(talk.transcript[part.learn.any(axis=1)])) for part in rounds(talk, SHARES[share])]
        return f"{share} ({np.mean(kept):.0f})"

    return shown


# --- cost ----------------------------------------------------------------------------------------------------------


def cost(talk: Talk) -> str:
    """Seconds for SENTENCES and CODES, by suggestions and by the regression on vectors, and where one code changed."""
    lines = [
        f"Sentences of {talk.about} in turns, up to {SENTENCES:,} in {SOURCES} transcripts, their vectors slightly "
        f"changed; {CODES} codes that were drawn by chance along directions of the vectors, all of it judged. "
        "Seconds of one core from the vectors to probabilities and suggestions for all sentences; of suggestions with "
        "every transcript held out once to judge them, as the step does.",
        "",
        f"| run | {OURS} | {VECTORS} |",
        "|---|--:|--:|",
    ]
    made = drawn(talk)
    theirs = _timed(by_vectors, made, Round(made.known, made.known, made.transcript))[2]
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "learned.npz"
        first, again = _remembered(made, kept), _remembered(replace(made, given=_changed(made.given)), kept)
    lines += [f"| first | {first:.1f} | {theirs:.1f} |", f"| codings of one code changed | {again:.1f} | |"]
    return "\n".join(lines)


def _remembered(talk: Talk, kept: Path) -> float:
    """Seconds for all that suggestions learn, where they keep what they learned."""
    from qualcode.suggestions.memory import Memory

    began = time.process_time()
    memory = Memory(kept)
    memory.learn(task_of(talk), range(len(talk.codes)), least=0.0)
    memory.save()
    return time.process_time() - began


def drawn(talk: Talk) -> Talk:
    """Sentences of a talk in turns, with codes that are drawn by chance: 1 to 8 % of the sentences each."""
    import numpy as np

    draw = np.random.default_rng(SEED)
    rows = [number % len(talk.texts) for number in range(SENTENCES)]
    moved = talk.vectors[rows] + draw.normal(scale=0.01, size=(SENTENCES, talk.vectors.shape[1]))
    likely = moved @ draw.normal(size=(moved.shape[1], CODES)) + draw.normal(scale=0.5, size=(SENTENCES, CODES))
    least = [np.quantile(likely[:, code], 1 - share) for code, share in enumerate(np.linspace(0.01, 0.08, CODES))]
    transcript = np.arange(SENTENCES) * SOURCES // SENTENCES
    codes = [
        replace(talk.codes[code % len(talk.codes)], code=f"code-{code}", path=(f"code-{code}",))
        for code in range(CODES)
    ]
    return replace(
        talk,
        codebook=replace(talk.codebook, codes=tuple(codes)),
        codes=codes,
        texts=[talk.texts[row] for row in rows],
        roles=[talk.roles[row] for row in rows],
        transcript=transcript,
        stretch=transcript,
        utterance=np.arange(SENTENCES) // 3,
        given=likely >= least,
        known=np.ones((SENTENCES, CODES), dtype=bool),
        ruled=None,
        vectors=moved.astype(np.float32),
        task=None,
    )


def _changed(given: np.ndarray) -> np.ndarray:
    """The same, but ten codings of the first code are taken back."""
    import numpy as np

    changed = given.copy()
    changed[np.flatnonzero(given[:, 0])[:10], 0] = False
    return changed


# --- the program ---------------------------------------------------------------------------------------------------


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    parser.add_argument("--data", nargs="+", choices=[data.name for data in SETS], help="only these data sets")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS), help="only these methods")
    parser.add_argument("--shares", nargs="+", choices=list(SHARES), default=list(SHARES), help="only these shares")
    args = parser.parse_args()
    folder = Path(os.environ.get("QUALCODE_DATA") or "nowhere")
    chosen = [data for data in SETS if data.name in (args.data or [data.name])]
    missing = [data.folder for data in chosen if not (folder / data.folder).is_dir()]
    if missing:
        print(f"QUALCODE_DATA: nothing is measured, for {', '.join(dict.fromkeys(missing))} is not there.")
        return
    if args.write and (args.data or len(args.methods) < len(METHODS) or len(args.shares) < len(SHARES)):
        parser.error("--write keeps only what was measured in full: leave out --data, --methods and --shares")
    pipeline = load_pipeline("en_core_web_sm")
    measured = []
    for data in chosen:
        talk = read_talk(data, folder / data.folder, pipeline)
        _say(f"{talk.name}: {len(talk.texts):,} units, {len(talk.transcripts)} transcripts, {len(talk.codes)} codes")
        measured.append(measure(talk, args.methods, args.shares))
    parts = [summary(measured, args.methods), *map(table, measured)]
    text = "\n\n".join("\n".join(lines) for lines in parts)
    if {OURS, VECTORS} <= set(args.methods):
        text += f"\n\n### Cost\n\n{cost(measured[0].talk)}"
    if len(measured) == len(SETS):
        talks = [item.talk for item in measured if item.talk.name in FEW]
        text += f"\n\n### From how many codings on\n\n{few_codings(talks)}"
    print(text)
    if args.write:
        sections.write("suggestions", text)


if __name__ == "__main__":
    main()

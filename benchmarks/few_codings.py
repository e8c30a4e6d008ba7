"""From how many codings on learning a code beats what is nearest to it: the reason for the default of `codings`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from talks import Talk

if TYPE_CHECKING:
    pass

# Transcripts that are learned from, and how often each number is drawn, one after the other.
NUMBERS, REPEATS = (1, 2, 3, 4, 6, 8, 12, 20, 40), 3
# Passages of a code, from these numbers on.
FROM = (1, 3, 6, 10, 15, 25)


class Ranked(NamedTuple):
    """Average precision (Manning, Raghavan and Schütze 2008) of sentences ranked for a code that has `passages`."""

    passages: int
    learned: float
    nearest: float
    chance: float


def few_codings(talks: Sequence[Talk]) -> str:
    """The table in Markdown: of the transcripts whose figures are not reported, a part is learned from."""
    import numpy as np

    lines = [
        "Average precision of sentences ranked for a code, by what was learned from few transcripts, and by the cosine "
        "with the most alike of its definition and the sentences coded. Only transcripts that the figures above leave "
        "out are learned from and judged. A passage is a row of sentences with the code.",
        "",
        "| data | passages of the code | codes and draws | learned | nearest | chance |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for talk in talks:
        found = defaultdict(list)
        for ranked in _ranked(talk):
            found[max(least for least in FROM if least <= ranked.passages)].append(ranked)
        for least, following in zip(FROM, (*FROM[1:], 0), strict=True):
            if found[least]:
                means = np.mean([item[1:] for item in found[least]], axis=0)
                passages = f"{least} to {following - 1}" if following else f"{least} and more"
                cells = " | ".join(f"{mean:.2f}" for mean in means)
                lines.append(f"| {talk.name} | {passages} | {len(found[least])} | {cells} |")
    return "\n".join(lines)


def _ranked(talk: Talk) -> Iterator[Ranked]:
    """Each code, learned from a few transcripts, on the others of those that are not reported."""
    import numpy as np
    from sklearn.metrics import average_precision_score
    from suggestions import task_of

    from qualcode.suggestions.learning import learn

    task = talk.task or task_of(talk)
    tuned = [number for number in talk.transcripts if number not in talk.reported]
    vectors = talk.vectors.astype(float)
    for number in NUMBERS:
        for repeat in range(REPEATS if number < len(tuned) else 0):
            kept = [tuned[(repeat * number + at) % len(tuned)] for at in range(number)]
            inside, asked = talk.of(kept), talk.of([other for other in tuned if other not in kept])
            part = replace(task, given=talk.given & inside, known=inside, held_out=talk.transcript)
            probability = learn(part, range(len(talk.codes)), judge=False).probability
            for code in range(len(talk.codes)):
                given, rows = talk.given[:, code] & inside[:, code], np.flatnonzero(asked[:, code])
                truth = talk.given[rows, code]
                if not given.any() or not truth.any():
                    continue
                alike = np.maximum(task.own[rows, code, 0], (vectors[rows] @ vectors[given].T).max(axis=1))
                ranked = (average_precision_score(truth, scores) for scores in (probability[rows, code], alike))
                passages = int((given & ~np.append(False, given[:-1])).sum())
                yield Ranked(passages, *ranked, float(truth.mean()))

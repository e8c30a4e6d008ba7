"""The rows of table suggestions: which sentences may have which codes, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..tables.learning import PROPOSED, SECOND_LOOK, UNCERTAIN
from ..text import digest, fold
from .gathering import Gathered
from .learning import Learned
from .nearest import Known, offered

if TYPE_CHECKING:
    import numpy as np

# Sentences of each code that are asked about because they teach: those just below its threshold.
_ASKED = 10


def suggestion_rows(
    gathered: Gathered, learned: Sequence[int], found: Learned, known: Known, nearest: Sequence[int], codebook: Codebook
) -> list[dict[str, object]]:
    """Suggestions in the order of the talk and the codebook: of codes that are `learned`, and of those that are not.

    `found` is what was learned, in the order of `learned`; a threshold of nan says that the code abstains.
    """
    standing = [*_learned(gathered, learned, found), *_nearest(gathered, known, nearest)]
    statuses = {(row, code): status for row, code, status, _ in standing}
    names = [codebook.identities(code)[0] for code in codebook.codes]
    words = _words(gathered)
    rows = []
    for row, code, status, probability in sorted(standing, key=lambda item: item[:2]):
        # What is only asked of a code below takes nothing from what is proposed of one above.
        instead = {PROPOSED, SECOND_LOOK, status}
        if any(statuses.get((row, below)) in instead for below in _below(gathered, code)):
            continue
        item = gathered.sentences[row]
        basis = "nearest" if probability is None else "learned"
        likeness, because, reason = known.reasons(code, row, basis == "learned")
        rows.append(
            {
                "coding": digest("suggestion", *words[row], names[code]),
                "utterance": item.utterance,
                "sentence": item.number,
                "source": item.source,
                "participant": item.participant,
                "start": item.start,
                "end": item.end,
                "quote": item.text,
                "code": gathered.codes[code],
                "basis": basis,
                "probability": probability,
                "likeness": likeness,
                "status": status,
                "because": because,
                "reason": reason,
            }
        )
    return rows


def _words(gathered: Gathered) -> list[tuple[str, str, int]]:
    """What tells each sentence from others: its source, its words, and how often these were said in it up to there.

    Said, not suggested: a decision on the first leaves the others their ids.
    """
    met: Counter[tuple[str, str]] = Counter()
    made = []
    for item in gathered.sentences:
        words = item.source, fold(item.text) or item.text
        met[words] += 1
        made.append((*words, met[words]))
    return made


def _below(gathered: Gathered, code: int) -> Iterator[int]:
    """The codes below one: what is suggested for one of them is not suggested for it once more."""
    return (other for other, above in enumerate(gathered.parents) if code in above)


def _learned(
    gathered: Gathered, learned: Sequence[int], found: Learned
) -> Iterator[tuple[int, int, str, float | None]]:
    """(sentence, code, status, probability) of codes that are learned."""
    import numpy as np

    for at, code in enumerate(learned):
        threshold, probability = found.threshold[at], found.probability[:, at]
        free = gathered.codable & ~gathered.known[:, code] & ~gathered.finished
        proposed = free & (probability >= threshold)
        for row in np.flatnonzero(proposed).tolist():
            yield row, code, PROPOSED, float(probability[row])
        rest = np.flatnonzero(free & ~proposed)
        order = np.argsort(-probability[rest].round(9), kind="stable")[:_ASKED]
        for row in rest[order].tolist():
            yield row, code, UNCERTAIN, float(probability[row])
        if threshold == threshold:
            seen = gathered.finished & gathered.known[:, code] & ~gathered.given[:, code] & found.suggested[:, at]
            for row in np.flatnonzero(seen & ~_turned_down(gathered, code)).tolist():
                yield row, code, SECOND_LOOK, float(found.held_out[row, at])


def _turned_down(gathered: Gathered, code: int) -> np.ndarray:
    """The sentences for which someone turned the code down: these are not asked about again."""
    import numpy as np

    made = np.zeros(len(gathered.sentences), dtype=bool)
    made[list(gathered.turned_down[code])] = True
    return made


def _nearest(gathered: Gathered, known: Known, codes: Sequence[int]) -> Iterator[tuple[int, int, str, float | None]]:
    """(sentence, code, status, None) of codes with too few codings."""
    import numpy as np

    for code in codes:
        free = gathered.codable & ~gathered.known[:, code] & ~gathered.finished
        for row in offered(known, gathered, code, np.flatnonzero(free).tolist()):
            yield row, code, PROPOSED, None

"""How far two people agree on the same sentences: the ceiling of what can be learned from what one of them coded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from ..codebook import Codebook
from ..measures.coefficients import defined_kappa
from ..measures.units import Passage
from ..study import CONSENSUS
from .judging import came_to
from .places import Marks

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# All codes that are learned, together.
ALL = "all"


class Ceiling(NamedTuple):
    """Two coders, their kappa (None: not defined), and the sentences that both finished."""

    people: str
    kappa: float | None
    units: int


def ceilings(
    open_codes: pd.DataFrame,
    decisions: pd.DataFrame,
    coders: pd.DataFrame,
    units: Sequence[Passage],
    codebook: Codebook,
    learned: Sequence[str],
) -> dict[str, Ceiling]:
    """The ceiling of every code, and of `all` that are `learned` together; nothing where no two finished a sentence.

    The first three are tables, `units` the sentences that may be coded, in the order of the talk. As in table
    agreement, what a coder accepted counts as given, and who only decided on proposals in a source is not compared
    there. Unlike there, people are compared in what suggestions are judged by: a sentence has a code as it has for
    learning (`Marks`), and who did not say how far they are came as far as their last coding.
    """
    import numpy as np

    coded = coders[coders["coded"] & (coders["coder"] != CONSENSUS)]
    rows = given_by_people(open_codes, decisions)
    done = came_to(coded, decisions, open_codes)
    marks = Marks(units, codebook)
    given, finished = {}, {}
    for coder in sorted(set(coded["coder"])):
        given[coder] = marks.of(rows[rows["coder"] == coder])
        finished[coder] = np.array([unit.end <= done.get((unit.source, coder), -1) for unit in units], dtype=bool)
    return best_pairs(given, finished, [code.code for code in codebook.codes], learned)


def best_pairs(
    given: Mapping[str, np.ndarray], finished: Mapping[str, np.ndarray], codes: Sequence[str], learned: Sequence[str]
) -> dict[str, Ceiling]:
    """The ceiling of each of `codes` and of `all`: by the two who share most sentences and whose kappa is defined.

    By coder: `given` (sentences, codes), and the sentences (sentences,) that are `finished`.
    """
    shared = {pair: finished[pair[0]] & finished[pair[1]] for pair in combinations(sorted(given), 2)}
    pairs = sorted((pair for pair in shared if shared[pair].any()), key=lambda pair: (-int(shared[pair].sum()), pair))
    if not pairs:
        return {}
    columns = {code: [at] for at, code in enumerate(codes)}
    columns[ALL] = [at for at, code in enumerate(codes) if code in learned]
    found = {}
    for code, of in columns.items():
        of_pairs = [
            Ceiling(
                "; ".join(pair),
                _kappa(*(given[coder][shared[pair]][:, of] for coder in pair)),
                int(shared[pair].sum()),
            )
            for pair in pairs
        ]
        found[code] = next((ceiling for ceiling in of_pairs if ceiling.kappa is not None), of_pairs[0])
    return found


def _kappa(a: np.ndarray, b: np.ndarray) -> float | None:
    return defined_kappa([int(cell.sum()) for cell in (a & b, a & ~b, ~a & b, ~a & ~b)])


def given_by_people(open_codes: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """Columns coder, source, start, end and code: what people coded and did not withdraw, or accepted."""
    import pandas as pd

    columns = ["coder", "source", "start", "end", "code"]
    made = open_codes[(open_codes["basis"] == "human") & (open_codes["status"] != "withdrawn")]
    accepted = decisions[(decisions["action"] == "accept") & decisions["holds"] & ~decisions["sample"]]
    accepted = accepted.drop(columns="code").rename(columns={"now": "code"})
    return pd.concat([made[columns], accepted[columns].dropna()], ignore_index=True)

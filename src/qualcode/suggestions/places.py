"""Where the sentences of a passage are, and which codes codings give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..codebook import Codebook
from ..measures.units import Passage

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Places:
    """Finds the sentences of a passage, among sentences in the order of the talk."""

    def __init__(self, sentences: Sequence[Passage]) -> None:
        import numpy as np

        self._rows: dict[str, list[int]] = defaultdict(list)
        for at, item in enumerate(sentences):
            self._rows[item.source].append(at)
        self._size = len(sentences)
        self._starts = {source: np.array([sentences[at].start for at in rows]) for source, rows in self._rows.items()}
        self._ends = {source: np.array([sentences[at].end for at in rows]) for source, rows in self._rows.items()}

    def at(self, source: str, start: int, end: int) -> list[int]:
        """The sentences that share at least half of the shorter of both with a passage.

        So neither a word too many nor a passage within a long sentence decides.
        """
        import numpy as np

        if source not in self._rows:
            return []
        starts, ends = self._starts[source], self._ends[source]
        first, last = np.searchsorted(ends, start, side="right"), np.searchsorted(starts, end, side="left")
        near = range(int(first), int(last))
        return [
            self._rows[source][at]
            for at in near
            if 2 * (min(end, int(ends[at])) - max(start, int(starts[at])))
            >= min(end - start, int(ends[at] - starts[at]))
        ]

    def before(self, to: Mapping[str, int]) -> np.ndarray:
        """Which sentences end at or before the character of their source."""
        import numpy as np

        made = np.zeros(self._size, dtype=bool)
        for source, rows in self._rows.items():
            made[rows] = self._ends[source] <= to.get(source, -1)
        return made


class Marks:
    """Which sentences have which codes by codings, and the codes above these."""

    def __init__(self, sentences: Sequence[Passage], codebook: Codebook) -> None:
        self.places, self._size, self._order = Places(sentences), len(sentences), codebook.order
        self.paths = [[codebook.order[up] for up in code.path] for code in codebook.codes]

    def of(self, codings: pd.DataFrame) -> np.ndarray:
        """The marks of a table with columns source, start, end and code (others than the codebook's mark nothing).

        Of shape (sentences, codes).
        """
        import numpy as np

        made = np.zeros((self._size, len(self.paths)), dtype=bool)
        for row in codings[codings["code"].isin(self._order)].itertuples():
            made[np.ix_(self.places.at(row.source, row.start, row.end), self.paths[self._order[row.code]])] = True
        return made

    def codings(self, codings: pd.DataFrame) -> list[dict[str, list[int]]]:
        """For each code the sentences of each of its codings, and of those of the codes below it, by their ids."""
        made: list[dict[str, list[int]]] = [{} for _ in self.paths]
        for row in codings.itertuples():
            at = self.places.at(row.source, row.start, row.end)
            for up in self.paths[self._order[row.code]]:
                made[up][row.coding] = at
        return made

    def rows(self, passages: Iterable[tuple[str, int, int, str]]) -> list[list[int]]:
        """For each code the sentences of passages (source, start, end, code) of it alone."""
        made: list[list[int]] = [[] for _ in self.paths]
        for source, start, end, code in passages:
            made[self._order[code]] += self.places.at(source, start, end)
        return made

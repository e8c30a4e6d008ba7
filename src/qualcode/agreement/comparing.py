"""Who gave which code to which unit, counted for every two coders, and for all of them where they are more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ..measures.units import CHARACTER, Unit
from ..study import CONSENSUS

if TYPE_CHECKING:
    import numpy as np

RULES = "rules"
# Who gave the code of two coders: the cells of a comparison, in their order.
BOTH, ONLY_A, ONLY_B, NEITHER = range(4)
# All sources together, or all codes.
ALL = "all"


# Spans as positions of their codes, starts and ends.
Marks: TypeAlias = "tuple[np.ndarray, np.ndarray, np.ndarray]"


class Span(NamedTuple):
    """A code that someone gave: characters `start` to `end` of a source; of a rule, what it met."""

    source: str
    start: int
    end: int
    code: str
    evidence: str = ""


@dataclass(frozen=True)
class Given:
    """What each coder gave, and how far each got: (source, coder) with the character up to which it is finished.

    `codes` are all that may have been given, in the order in which they are told; `of_rules` those that have rules. The
    coder `rules` finishes everything. `accepted` are those of the rules' spans that each coder accepted as proposals.
    Of a round of coding: its name, the version of the codebook, and what to be told.

    By (source, coder): `said` who says so how far they are done, of all others it is taken for granted; and how many
    rows `lost` have no place (source '' where that is not known), or are `outside` of the round as they are in none.
    """

    spans: Mapping[str, Sequence[Span]]
    done: Mapping[tuple[str, str], int]
    codes: Sequence[str]
    of_rules: frozenset[str]
    codebook: str
    round: str = ""
    note: str = ""
    accepted: Mapping[str, Sequence[Span]] = field(default_factory=dict)
    said: AbstractSet[tuple[str, str]] = frozenset()
    lost: Mapping[tuple[str, str], int] = field(default_factory=dict)
    outside: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def groups(self) -> list[tuple[str, ...]]:
        """Every two coders, then all people where they are more than two. Rules come last.

        The consensus was made from what people gave, so that only rules are compared with it.
        """
        coders = sorted(self.spans, key=lambda coder: (coder == RULES, coder))
        people = tuple(coder for coder in coders if coder not in (RULES, CONSENSUS))
        pairs = [pair for pair in combinations(coders, 2) if CONSENSUS not in pair or RULES in pair]
        return [*pairs, *([people] if len(people) > 2 else [])]


class Line:
    """The units of one level in a row, those of a source together: arrays of shape (units,).

    `start` and `end` count characters through all sources. Where the units are characters, all between two edges of
    `spans` are alike: they are one entry, and `weight` is how many they are.
    """

    def __init__(self, level: str, units: Sequence[Unit], spans: Sequence[Span] = ()) -> None:
        import numpy as np

        self.level, self.units = level, units
        self._length: dict[str, int] = {}
        for unit in units:
            self._length[unit.source] = max(self._length.get(unit.source, 0), unit.end)
        begins = np.concatenate([[0], np.cumsum([*self._length.values()], dtype=np.int64)])
        self._base = dict(zip(self._length, begins.tolist(), strict=False))
        self.start = np.array([self._base[unit.source] + unit.start for unit in units], dtype=np.int64)
        self.end = np.array([self._base[unit.source] + unit.end for unit in units], dtype=np.int64)
        clusters = [(unit.source, unit.cluster) for unit in units]
        self.clusters = list(dict.fromkeys(clusters))
        number = {cluster: position for position, cluster in enumerate(self.clusters)}
        self.cluster = np.array([number[cluster] for cluster in clusters], dtype=np.int64)
        if level == CHARACTER:
            self._cut(spans)
        self.weight = self.end - self.start if level == CHARACTER else np.ones(len(units), dtype=np.int64)

    def _cut(self, spans: Sequence[Span]) -> None:
        import numpy as np

        edges = [edge for span in spans if span.source in self._base for edge in self._edges(span)]
        cuts = np.unique(np.concatenate([self.start, self.end, np.array(edges, dtype=np.int64)]))
        unit = np.searchsorted(self.start, cuts[:-1], side="right") - 1
        inside = (unit >= 0) & (cuts[:-1] < self.end[unit])
        self.start, self.end, self.cluster = cuts[:-1][inside], cuts[1:][inside], self.cluster[unit[inside]]

    def _edges(self, span: Span) -> tuple[int, int]:
        """Where a span begins and ends. What a moderator said after the last unit of a source is in no source here."""
        base, length = self._base[span.source], self._length[span.source]
        return base + min(span.start, length), base + min(span.end, length)

    def of_source(self, source: str) -> np.ndarray:
        """Which units are of a source."""
        import numpy as np

        return np.array([cluster[0] == source for cluster in self.clusters] or [False])[self.cluster]

    def finished(self, coder: str, done: Mapping[tuple[str, str], int]) -> np.ndarray:
        """Which units a coder finished."""
        import numpy as np

        if coder == RULES:
            return np.ones(len(self.start), dtype=bool)
        to = [base + done.get((source, coder), -base - 1) for source, base in self._base.items()]
        of = {source: position for position, source in enumerate(self._base)}
        source = np.array([of[source] for source, _ in self.clusters], dtype=np.int64)
        return self.end <= np.array(to, dtype=np.int64)[source[self.cluster]]

    def place(self, spans: Sequence[Span], codes: Sequence[str]) -> Marks:
        """Spans of the sources and `codes` that there are, as positions of codes, starts and ends: (spans,) each."""
        import numpy as np

        order = {code: position for position, code in enumerate(codes)}
        placed = [
            (order[span.code], *self._edges(span)) for span in spans if span.code in order and span.source in self._base
        ]
        row, start, end = np.array(placed, dtype=np.int64).reshape(-1, 3).T
        return row, start, end

    def touched(self, marks: Marks) -> tuple[np.ndarray, np.ndarray]:
        """The first unit that each span touches, and the one after the last."""
        import numpy as np

        _, start, end = marks
        first = np.searchsorted(self.end, start, side="right")
        return first, np.maximum(np.searchsorted(self.start, end, side="left"), first)

    def gave(self, marks: Marks, codes: int) -> np.ndarray:
        """Which units each code touches: an array of shape (codes, units)."""
        import numpy as np

        first, last = self.touched(marks)
        steps = np.zeros((codes, len(self.start) + 1), dtype=np.int32)
        np.add.at(steps, (marks[0], first), 1)
        np.add.at(steps, (marks[0], last), -1)
        return np.cumsum(steps, axis=1)[:, :-1] > 0

    def pairs(self, spans: Sequence[Span], codes: Sequence[str]) -> dict[tuple[str, str], str]:
        """Each (unit, code) that the spans touch, with what was met there."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        spans = [span for span in spans if span.source in self._base and span.code in codes]
        first, last = self.touched(self.place(spans, codes))
        for span, low, high in zip(spans, first.tolist(), last.tolist(), strict=True):
            for unit in self.units[low:high]:
                found.setdefault((unit.unit, span.code), {})[span.evidence] = None
        return {pair: "; ".join(filter(None, met)) for pair, met in found.items()}

    def along(self, inside: np.ndarray) -> np.ndarray:
        """Where each unit begins on the continuum that the characters `inside` make, laid end to end: (units + 1,)."""
        import numpy as np

        return np.concatenate([[0], np.cumsum(self.weight * inside)])


@dataclass(frozen=True, eq=False)
class Compared:
    """Coders on the units that all of them finished.

    `rows` are the positions of the codes that any of them used. `kinds` (codes, units): which cell a unit belongs to;
    of two coders those above, of more how many gave the code. `shared` (units,): which units all finished. `cells`
    (clusters of the line, codes, kinds): how many units. `marks` are what each of them gave.
    """

    coders: tuple[str, ...]
    given: Given
    line: Line
    rows: np.ndarray
    kinds: np.ndarray
    shared: np.ndarray
    cells: np.ndarray
    marks: Sequence[Marks]

    @cached_property
    def codes(self) -> list[str]:
        return [self.given.codes[row] for row in self.rows]

    @cached_property
    def sources(self) -> list[str]:
        """Those in which there are units that all finished."""
        clusters = sorted(set(self.line.cluster[self.shared].tolist()))
        return list(dict.fromkeys(self.line.clusters[at][0] for at in clusters))

    @property
    def scopes(self) -> list[str]:
        """`all`, and each source where they are several."""
        return [ALL, *(self.sources if len(self.sources) > 1 else ())]

    def by_cluster(self, scope: str) -> np.ndarray:
        """Cells of each person who said any of the units: an array of shape (people, codes, kinds)."""
        import numpy as np

        seen = [
            at for at, (source, _) in enumerate(self.line.clusters) if scope in (ALL, source) and self.cells[at].any()
        ]
        people = dict.fromkeys(self.line.clusters[at][1] for at in seen)
        number = {cluster: position for position, cluster in enumerate(people)}
        made = np.zeros((len(people), *self.cells.shape[1:]), dtype=np.int64)
        for at in seen:
            made[number[self.line.clusters[at][1]]] += self.cells[at]
        return made

    @cached_property
    def stretches(self) -> list[Marks]:
        """What each coder gave, along the continuum of the units that all finished; parts beyond it are left out."""
        import numpy as np

        line, before = self.line, self.line.along(self.shared)
        place = np.full(len(self.given.codes), -1)
        place[self.rows] = np.arange(len(self.rows))

        def moved(edge: np.ndarray) -> np.ndarray:
            at = np.maximum(np.searchsorted(line.start, edge, side="right") - 1, 0)
            return before[at] + self.shared[at] * np.clip(edge - line.start[at], 0, line.weight[at])

        found = []
        for row, start, end in self.marks:
            row, start, end = place[row], moved(start), moved(end)
            kept = (row >= 0) & (start < end)
            found.append((row[kept], start[kept], end[kept]))
        return found

    def bounds(self, scope: str) -> tuple[int, int]:
        """Where a scope begins and ends on that continuum."""
        import numpy as np

        before = self.line.along(self.shared)
        if scope == ALL:
            return 0, int(before[-1])
        units = np.flatnonzero(self.line.of_source(scope))
        return int(before[units[0]]), int(before[units[-1] + 1])


def compare(given: Given, line: Line) -> Iterator[Compared]:
    """Every group of coders who finished the same units and gave any code, at the level of the line."""
    import numpy as np

    marks = {coder: line.place(spans, given.codes) for coder, spans in given.spans.items()}
    gave = {coder: line.gave(marks[coder], len(given.codes)) for coder in marks}
    finished = {coder: line.finished(coder, given.done) for coder in gave}
    ruled = np.array([code in given.of_rules for code in given.codes], dtype=bool)
    for coders in given.groups:
        shared = np.logical_and.reduce([finished[coder] for coder in coders])
        used = np.logical_or.reduce([gave[coder].any(axis=1) for coder in coders])
        rows = np.flatnonzero(used & ruled if RULES in coders else used)
        if not len(rows) or not shared.any():
            continue
        judged = [gave[coder][rows].astype(np.int64) for coder in coders]
        pair = len(coders) == 2
        kinds = NEITHER - 2 * judged[0] - judged[1] if pair else np.sum(judged, axis=0)
        cells = _cells(kinds, line, shared, 4 if pair else len(coders) + 1)
        yield Compared(coders, given, line, rows, kinds, shared, cells, [marks[coder] for coder in coders])


def _cells(kinds: np.ndarray, line: Line, shared: np.ndarray, number: int) -> np.ndarray:
    """How many units of each cluster and code are of each kind: an array of shape (clusters, codes, number)."""
    import numpy as np

    codes = len(kinds)
    place = line.cluster[shared] * codes + np.arange(codes)[:, np.newaxis]
    index = place * number + kinds[:, shared]
    weight = np.broadcast_to(line.weight[shared], index.shape)
    size = len(line.clusters) * codes * number
    counts = np.bincount(index.ravel(), weight.ravel(), size)
    return counts.astype(np.int64).reshape(len(line.clusters), codes, number)


def differences(compared: Compared) -> Iterator[tuple[int, int, dict[str, str]]]:
    """Where two coders differ: positions of the unit and of the code, and the row of table disagreements."""
    import numpy as np

    a, b = compared.coders
    differ = compared.shared & ((compared.kinds == ONLY_A) | (compared.kinds == ONLY_B))
    for code, at in zip(*(axis.tolist() for axis in np.nonzero(differ)), strict=True):
        unit = compared.line.units[at]
        whose = a if compared.kinds[code, at] == ONLY_A else b
        row = {"unit": unit.unit, "code": compared.codes[code], "coder_a": a, "coder_b": b, "coded_by": whose}
        yield at, int(compared.rows[code]), {**row, "text": unit.text}

"""Krippendorff's alpha for unitizing: whether coders mark the same stretches of a text, and not only the same units.

After Krippendorff, K. (1995), On the reliability of unitizing continuous data, Sociological Methodology 25, 47-76, as
corrected in his Content Analysis (2004, 2nd edition, chapter 11). Krippendorff, Mathet, Bouvry and Widlöcher (2016)
found that it does not behave well for three and more coders: compare them by pairs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, combinations, pairwise

Span = tuple[int, int]


def unitizing_alpha(codes: Iterable[Sequence[Iterable[Span]]], length: int) -> float | None:
    """Alpha of one code, or of several together: for each code the spans [start, end) of each of m > 1 coders.

    The text has `length` characters, and the spans lie within 0 and `length`; several texts are laid end to end.
    Overlapping spans of one coder and code are one, touching ones stay two. 1 is full agreement, 0 what spans of these
    lengths have when they are laid by chance; below that there is no bound. None where nothing was marked, or nothing
    could differ. Exact: whole numbers until the last division.

    >>> unitizing_alpha([[[(0, 10)], [(0, 12)]]], 100)
    0.9802...
    """
    observed = expected = Fraction(0)
    for coders in codes:
        merged = [_merged(spans, length) for spans in coders]
        observed += _observed(merged, length)
        expected += _expected(merged, length)
    return float(1 - observed / expected) if expected else None


def _merged(spans: Iterable[Span], length: int) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if start < 0 or end > length:
            raise ValueError(f"the span {start}-{end} is not within 0-{length}")
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _gaps(spans: Sequence[Span], length: int) -> list[Span]:
    edges = [(0, 0), *spans, (length, length)]
    return [(before[1], after[0]) for before, after in pairwise(edges) if before[1] < after[0]]


def _observed(coders: Sequence[Sequence[Span]], length: int) -> Fraction:
    """Disagreement between coders, over ordered pairs of them and squared length."""
    pairs = combinations(coders, 2)
    total = sum(_overlapping(a, b) + _alone(a, b, length) + _alone(b, a, length) for a, b in pairs)
    return Fraction(2 * total, len(coders) * (len(coders) - 1) * length**2) if total else Fraction(0)


def _overlapping(a: Sequence[Span], b: Sequence[Span]) -> int:
    """Squared distances of starts and of ends, of every two spans that overlap."""
    starts, ends = [start for start, _ in b], [end for _, end in b]
    return sum(
        (start - b[other][0]) ** 2 + (end - b[other][1]) ** 2
        for start, end in a
        for other in range(bisect_right(ends, start), bisect_left(starts, end))
    )


def _alone(a: Sequence[Span], b: Sequence[Span], length: int) -> int:
    """Squared lengths of spans of `a` that lie in a gap of `b`."""
    gaps = _gaps(b, length)
    starts = [start for start, _ in gaps]
    total = 0
    for start, end in a:
        gap = bisect_right(starts, start) - 1
        if gap >= 0 and end <= gaps[gap][1]:
            total += (end - start) ** 2
    return total


def _expected(coders: Sequence[Sequence[Span]], length: int) -> Fraction:
    """Disagreement when the spans and gaps of all coders are put together in every possible way."""
    lengths = [end - start for spans in coders for start, end in spans]
    gaps = sorted(end - start for spans in coders for start, end in _gaps(spans, length))
    longest = [0, *accumulate(reversed(gaps))]
    total = 0
    for size in lengths:
        longer = len(gaps) - bisect_left(gaps, size)
        room = longest[longer] - longer * (size - 1)
        total += (len(lengths) - 1) * (2 * size**3 - 3 * size**2 + size) + 3 * size**2 * room
    characters = len(coders) * length
    ways = characters * (characters - 1) - sum(size * (size - 1) for size in lengths)
    return Fraction(2 * total, 3 * length * ways) if total else Fraction(0)

"""The rows of table agreement: the coefficients of each comparison, per code and pooled, per source and over all."""

from __future__ import annotations

from collections.abc import Iterator

from ..console import counted_words
from ..measures.coefficients import compare_more, compare_two
from ..measures.units import CHARACTER
from .comparing import ALL, RULES, Compared
from .unitizing import unitizing_alpha


def rows_of(compared: Compared) -> Iterator[dict[str, object]]:
    """A row for each scope and code, and one for all codes pooled: every pair of a unit and a code is a judgement."""
    import numpy as np

    given, pair = compared.given, len(compared.coders) == 2
    who = compared.coders if pair else ("; ".join(compared.coders), "")
    same = {"coder_a": who[0], "coder_b": who[1], "unit": compared.line.level}
    same |= {"round": given.round, "codebook": given.codebook}
    for scope in compared.scopes:
        cells = compared.by_cluster(scope)
        cells = np.concatenate([cells, cells.sum(axis=1, keepdims=True)], axis=1)
        rows = compare_two(cells) if pair else compare_more(cells)
        marked = _unitizing(compared, scope) if pair and compared.line.level == CHARACTER else [None] * len(rows)
        for code, alpha, row in zip([*compared.codes, ALL], marked, rows, strict=True):
            careful = _careful(compared) if code == scope == ALL else ()
            notes = [given.note, _shown(compared, code, scope), *careful, str(row["note"])]
            note = "; ".join(filter(None, notes))
            yield {**row, **same, "code": code, "scope": scope, "unitizing_alpha": alpha, "note": note}


def _careful(compared: Compared) -> Iterator[str]:
    """What of each person's work may be missing in the comparison, though it is compared as if it were all."""
    given, sources = compared.given, compared.sources
    for coder in (coder for coder in compared.coders if coder != RULES):
        if unsaid := [source for source in sources if (source, coder) not in given.said]:
            where = unsaid[0] if len(unsaid) == 1 else counted_words(len(unsaid), "source")
            yield f"{coder} has not said done in {where}: what {coder} had not come to counts as not coded"
        if lost := sum(given.lost.get((source, coder), 0) for source in (*sources, "")):
            have, count = ("has", "counts") if lost == 1 else ("have", "count")
            yield f"{counted_words(lost, 'row')} of {coder} {have} no place, and {count} as not coded"
        if outside := sum(given.outside.get((source, coder), 0) for source in sources):
            yield f"{counted_words(outside, 'row')} of {coder} {'is' if outside == 1 else 'are'} in no round: left out"


def _shown(compared: Compared, code: str, scope: str) -> str:
    """How often a person agrees with the rules because the rules' proposal is what they were asked about."""
    person, other = compared.coders[:2]
    given = compared.given
    number = sum(
        scope in (ALL, span.source)
        and code in (ALL, span.code)
        and span.end <= given.done.get((span.source, person), -1)
        for span in given.accepted.get(person, ())
    )
    if other != RULES or not number:
        return ""
    return f"{person} accepted {counted_words(number, 'proposal')} of these rules: there they agree because they saw it"


def _unitizing(compared: Compared, scope: str) -> list[float | None]:
    """Unitizing alpha of each code and of all together, on the characters that both finished, laid end to end."""
    low, high = compared.bounds(scope)
    spans: list[list[list[tuple[int, int]]]] = [[[] for _ in compared.coders] for _ in compared.codes]
    for coder, stretches in enumerate(compared.stretches):
        for code, start, end in zip(*(column.tolist() for column in stretches), strict=True):
            if low <= start < high:
                spans[code][coder].append((start - low, end - low))
    return [*(unitizing_alpha([of_code], high - low) for of_code in spans), unitizing_alpha(spans, high - low)]

"""The rows of table agreement: the coefficients of each comparison, per code and pooled, per source and over all."""

from __future__ import annotations

from collections.abc import Iterator

from ..console import counted_words
from .coefficients import compare_more, compare_two
from .comparing import ALL, RULES, Compared
from .unitizing import unitizing_alpha
from .units import CHARACTER


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
            note = "; ".join(filter(None, [given.note, _shown(compared, code, scope), str(row["note"])]))
            yield {**row, **same, "code": code, "scope": scope, "unitizing_alpha": alpha, "note": note}


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

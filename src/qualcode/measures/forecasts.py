"""What a learning curve says, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..console import counted_words, enumeration

if TYPE_CHECKING:
    import pandas as pd

# The mean over codes that are learned.
_ALL = "all"
# Less is no gain that the steps could show: in five data sets of which a third was kept back, forecasts of a code were
# off by 0.02 to 0.09 on average.
GAIN, GAIN_OF_CODE = 0.02, 0.05
# A curve that has not risen above chance yet tells nothing of what comes: it may be flat for want of codings.
STARTED = 0.05
MOST_TOLD = 5


def told(curve: pd.DataFrame, what: str, names: Mapping[str, str] | None = None) -> list[str]:
    """What the learning curve says, in plain sentences: overall, which codes may gain most, and which no longer gain.

    `curve` is table suggestion_learning, `what` is held out: source, participant or answer. Codes are called by their
    `names`, or else by their ids.
    """
    called = names or {}
    measured = curve[curve["kind"] == "measured"].groupby("code", sort=False).tail(1).set_index("code")
    ahead = curve[curve["kind"] == "forecast"].set_index("code")
    if _ALL not in measured.index:
        return [
            f"the learning curve needs two {what or 'source'}s that are coded, and a code that is learned from them"
        ]
    now = measured.loc[_ALL]
    if _ALL not in ahead.index:
        return [f"what more coding would bring cannot be told yet: {now['note'].rpartition('; ')[2]}"]
    more = counted_words(int(ahead.loc[_ALL, "sources"] - now["sources"]), what)
    lines = [f"half as much again ({more}): {_change('mean kappa of learned codes', now, ahead.loc[_ALL])}"]
    gains = {code: ahead.loc[code, "kappa"] - measured.loc[code, "kappa"] for code in ahead.index if code != _ALL}
    most = sorted((code for code in gains if gains[code] >= GAIN_OF_CODE), key=lambda code: -gains[code])
    lines += [f"  {_change(called.get(code, code), measured.loc[code], ahead.loc[code])}" for code in most[:MOST_TOLD]]
    if len(most) > MOST_TOLD:
        lines.append(f"  {counted_words(len(most) - MOST_TOLD, 'more code')} may gain less than these")
    still = [code for code in gains if gains[code] < GAIN]
    early = {code for code in still if measured.loc[code, "kappa"] < STARTED}
    if flat := [called.get(code, code) for code in still if code not in early]:
        lines.append(f"no gain in sight by more of the same: {enumeration(flat)}")
    if early:
        unknown = enumeration(called.get(code, code) for code in still if code in early)
        lines.append(f"hardly found so far, so that what more codings would bring cannot be told: {unknown}")
    return lines


def _change(name: str, now: pd.Series, ahead: pd.Series) -> str:
    """What becomes of kappa, with two digits: steps differ by more than the third."""
    if ahead["kappa"] - now["kappa"] < GAIN:
        return f"{name} stays at about {now['kappa']:.2f}"
    return f"{name} may rise from {now['kappa']:.2f} to about {ahead['kappa']:.2f}"

"""Who decided what in a study: coders, by action, round and file; who listened again; who hid names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from ..study import Study
from ..tables import TABLES, read

# What is counted of each coder's rows in table decisions.
_COUNTED = {"actions": "action", "rounds": "round", "files": "file", "by": "by"}


def decided(study: Study, results: Path) -> dict[str, Any]:
    """Numbers of decisions: of each coder, of who audited sources, and of who decided on names. Names are hidden."""
    hide = study.everyone.hide
    audited = {
        source.source: ", ".join(filter(None, [hide(source.audited_by), source.audited_at])) for source in study.sources
    }
    names = Counter((hide(item.by), item.decision) for item in study.redactions)
    accepted = (study.settings.get("identifiers") or {}).get("accepted", "")
    return {
        "coders": _coders(study, results),
        "audited": {source: who for source, who in audited.items() if who},
        "redactions": [{"by": by, "decision": what, "rows": number} for (by, what), number in sorted(names.items())],
        "identifiers_accepted": hide(accepted),
        "authority": {source.source: study.authority(source.source) for source in study.sources},
    }


def _coders(study: Study, results: Path) -> dict[str, dict[str, dict[str, int]]]:
    """Rows of each coder by action, round, file and by who decided; '' where that is not told."""
    if not (results / TABLES["decisions"].file).exists():
        return {}
    rows = read(results, "decisions")
    hide = study.everyone.hide
    return {
        str(coder): {name: dict(sorted(Counter(map(hide, group[key])).items())) for name, key in _COUNTED.items()}
        for coder, group in rows.groupby("coder")
    }

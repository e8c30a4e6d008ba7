"""Where costly work is kept between runs: outside results/, because Snakemake deletes a rule's outputs before it runs."""

from __future__ import annotations

from pathlib import Path

from .study import Study


def cache_folder(study: Study, what: str) -> Path:
    """`.cache/qualcode/<study>/<what>` in the working directory. Holds words of people: never commit or share it."""
    folder = Path(".cache") / "qualcode" / study.name / what
    folder.mkdir(parents=True, exist_ok=True)
    return folder

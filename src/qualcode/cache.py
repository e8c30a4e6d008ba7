"""Where costly work is kept between runs: outside results/, where a rule's outputs may be deleted before it runs."""

from __future__ import annotations

from pathlib import Path

from .study import Study


def cache_folder(study: Study, what: str) -> Path:
    """`.cache/qualcode/<study>/<what>` in the working directory. Holds words of people: never commit or share it."""
    folder = Path(".cache") / "qualcode" / study.name / what
    folder.mkdir(parents=True, exist_ok=True)
    return folder

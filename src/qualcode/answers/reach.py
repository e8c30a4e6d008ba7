"""What lies in the folder member_checks and cannot be read, although it may hold an answer."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import Problems
from .model import SET_ASIDE

# What systems and programs leave behind; any other hidden file may be an answer.
_LITTER = re.compile(
    r"\.DS_Store$|\.localized$|\.directory$|\.git(?:keep|ignore|attributes)$|\._|\.~lock\.|~\$|Thumbs\.db$|desktop\.ini$",
    re.IGNORECASE,
)


def check_reach(folder: Path, problems: Problems) -> bool:
    """Whether all of it can be read, but for what is set aside; each path that cannot goes to `problems`."""
    found = sorted(_unreachable(folder))
    for path, wrong in found:
        do = "Put a file there that can be read, or take it away."
        problems.add(path, "", f"{wrong}, and it may hold an answer", do)
    return not found


def _unreachable(folder: Path) -> list[tuple[Path, str]]:
    if not folder.is_dir():
        return [(folder, "this is no folder")] if os.path.lexists(folder) else []
    closed: list[OSError] = []
    found: list[tuple[Path, str]] = []
    for parent, folders, names in os.walk(folder, onerror=closed.append):
        if Path(parent) == folder and SET_ASIDE in folders:
            folders.remove(SET_ASIDE)
        links = (path for name in folders if (path := Path(parent, name)).is_symlink())
        found += [(path, "a folder that is only a link is not read") for path in links]
        found += [(path, wrong) for name in names if (wrong := _fault(path := Path(parent, name)))]
    found += [(Path(error.filename), f"the folder cannot be opened ({error.strerror})") for error in closed]
    return found


def _fault(path: Path) -> str:
    """Why a file cannot be read; '' if it can, or is nobody's."""
    if _LITTER.match(path.name):
        return ""
    if path.name.startswith("."):
        return "hidden files are not read"
    try:
        if path.is_symlink() and not path.exists():
            return "the link leads to no file"
        # Whoever opens a pipe waits for it.
        if not path.is_file():
            return "this is no file with words in it"
        with path.open("rb") as handle:
            handle.read(1)
    except OSError as error:
        return f"the file cannot be opened ({error.strerror})"
    return ""

"""Problems that are the user's to mend, told all at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

# What would break a line or steer a terminal, and what cannot be printed, in the name of a file.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: where it is, what it is, and what to do about it."""

    file: str
    place: str
    wrong: str
    do: str = ""

    def __str__(self) -> str:
        file = _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), self.file)
        where = ": ".join(part for part in (file, self.place) if part)
        sentences = [self.wrong, self.do] if self.do else [self.wrong]
        return f"{where}: " * bool(where) + " ".join(s if s.endswith((".", "?")) else f"{s}." for s in sentences)


class QualcodeError(Exception):
    """What the user gave cannot be worked with. Carries every problem found; `cli` prints them and exits with 1."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class Problems:
    """Collects problems, so that a user hears of all of them in one go.

    >>> problems = Problems()
    >>> problems.add("sources.csv", "row 3", "the source 'a' stands twice", "Rename one.")
    >>> problems.stop()
    Traceback (most recent call last):
    qualcode.errors.QualcodeError: sources.csv: row 3: the source 'a' stands twice. Rename one.
    """

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, file: str | Path, place: str, wrong: str, do: str = "") -> None:
        self.found.append(Problem(str(file), place, wrong, do))

    def extend(self, error: QualcodeError) -> None:
        self.found.extend(error.problems)

    def stop(self) -> None:
        """Raise QualcodeError if anything was found."""
        if self.found:
            raise QualcodeError(self.found)


def failure(file: str | Path, place: str, wrong: str, do: str = "") -> QualcodeError:
    """A QualcodeError of a single problem."""
    return QualcodeError([Problem(str(file), place, wrong, do)])

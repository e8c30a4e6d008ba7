"""What steps share on the command line: their arguments, progress on standard error, and how sentences tell things."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def add_study(parser: argparse.ArgumentParser) -> None:
    """The two arguments of every step: the study's folder, and the folder of its results."""
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.add_argument(
        "--results", type=Path, help="where the steps before left their tables (default: results/<study>)"
    )


def progress(items: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """Go through the items, saying which one it is and how many there are."""
    for number, item in enumerate(items, 1):
        say(f"{number} of {len(items)}: {name(item)}")
        yield item


def say(message: str) -> None:
    """One line for whoever watches or reads the log; several studies and steps run side by side, so it says whose."""
    print(f"{_speaker}{message}", file=sys.stderr, flush=True)


_speaker = ""


def speak_for(study: str, step: str) -> None:
    """Begin what is said from now on with the study and the step."""
    global _speaker
    _speaker = f"{study}: {step}: "


def counted_words(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted_words(1, "utterance"), counted_words(1200, "person", "people")
    ('1 utterance', '1,200 people')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def enumeration(items: Iterable[str], word: str = "and", *, most: int = 0) -> str:
    """Items as a sentence lists them; "none" if there are none. Of more than `most` (0: all) the first, and how many.

    >>> enumeration(["a", "b", "c"]), enumeration(["a", "b"], "or"), enumeration(["a", "b", "c", "d"], most=2)
    ('a, b and c', 'a or b', 'a, b and 2 more')
    """
    named = list(items)
    if 0 < most < len(named):
        named[most:] = [f"{len(named) - most:,} more"]
    *before, last = named or ["none"]
    return f"{', '.join(before)} {word} {last}" if before else last

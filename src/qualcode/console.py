"""What steps share on the command line: their arguments, and progress on standard error."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
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

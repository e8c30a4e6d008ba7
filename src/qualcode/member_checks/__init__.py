"""Read the answers of participants against the packets that were issued, and say what becomes of each."""

from __future__ import annotations

import argparse

from .. import tables
from ..console import add_study
from ..study import load_study

SETTINGS = ("title", "member_checks", "frequencies")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    load_study(args.study)
    for name in ("member_checks", "member_check_packets", "member_check_summary"):
        tables.write(args.results, name, tables.frame(name, []))

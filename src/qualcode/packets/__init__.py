"""Write a member-checking packet for each participant: the main concepts and the participant's own words."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from .. import tables
from ..codebook import load_codebook
from ..console import add_study, progress, say
from ..counting import counted
from ..files import write_text
from ..study import load_study
from .content import WAITS, barred, packets, passages, undecided
from .letter import render_html, write_docx

SETTINGS = ("title", "member_checks", "identifiers")


def remove_stale(folder: Path, participants: Iterable[str]) -> list[str]:
    """Delete the packets of people who get none now, such as those who withdrew; gives the files' names."""
    keep = {f"{participant}{suffix}" for participant in participants for suffix in (".docx", ".html")}
    stale = sorted(path for suffix in ("docx", "html") for path in folder.glob(f"*.{suffix}") if path.name not in keep)
    for path in stale:
        path.unlink()
    return [path.name for path in stale]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    open_codes = tables.read(args.results, "open_codes")
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    level = study.settings["member_checks"]["level"]
    spoken = passages(counted(args.results), open_codes, utterances, codebook, level)
    waiting = undecided(tables.read(args.results, "identifiers"), utterances, study)
    made, table = packets(participants, spoken, barred(open_codes), codebook, study, waiting)
    folder = args.results / "packets"
    if stale := remove_stale(folder, (item.participant for item in made)):
        say(f"{len(stale)} files of people who get no packet now were removed")
    if held := int(table["reason"].str.startswith(WAITS).sum()):
        say(f"packets waiting for decisions on names and other identifiers: {held} (packets.csv says why)")
    for item in progress(made, lambda item: item.participant):
        write_docx(item, folder / f"{item.participant}.docx")
        write_text(folder / f"{item.participant}.html", render_html(item))
    tables.write(args.results, "packets", table)

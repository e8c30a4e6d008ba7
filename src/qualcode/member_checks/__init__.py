"""Read the answers of participants against the packets that were issued, and say what becomes of each."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from .. import tables
from ..checked import unanswered
from ..codebook import load_codebook
from ..console import add_study, counted_words, enumeration, say
from ..quoting import columns, echoes, repeated
from ..study import Study, load_study
from .effects import Reading
from .locating import Talk
from .summary import packets, summary, undecided

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("title", "frequencies")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    utterances = tables.read(args.results, "utterances")
    talk = Talk(study, args.results, utterances)
    answers = tables.frame("member_checks", Reading(study, codebook, talk, say).rows())
    told = repeated(echoes(answers, utterances))
    answers["note"] = [
        "; ".join(filter(None, (note, told.get((code, question), "") if part == 1 else "")))
        for code, question, part, note in columns(answers, "return_code", "question", "part", "note")
    ]
    smallest = study.settings["frequencies"]["smallest_cell"]
    made = {
        "member_checks": answers,
        "member_check_packets": packets(study.returned, answers),
        "member_check_summary": summary(study.returned, answers, codebook, smallest),
    }
    for name, table in made.items():
        tables.write(args.results, name, table)
    from .printed import write_printed

    write_printed(args.results, study.settings["title"], made["member_check_summary"], smallest)
    for (code, question), line in told.items():
        say(f"packet {code}: {question}: {line}")
    _tell(study, made["member_check_packets"], answers)


def _tell(study: Study, sent: pd.DataFrame, answers: pd.DataFrame) -> None:
    if sent.empty:
        return
    sent = sent[~sent["withdrew"]]
    back = int(sent["answered"].sum())
    say(f"{counted_words(len(sent), 'packet')} sent, {back} answered")
    missing, behind = unanswered(zip(sent["participant"], sent["answered"], strict=True))
    if missing:
        say(f"no answer yet from {enumeration(missing)}")
    if behind:
        say(f"{enumeration(behind)} answered an earlier packet, and not the last")
    if open_ones := undecided(answers):
        say(f"{counted_words(open_ones, 'change')} asked for and not decided on: member_checks.csv lists them, "
            f"{study.folder.name}/member_checks/decisions.csv decides")  # fmt: skip

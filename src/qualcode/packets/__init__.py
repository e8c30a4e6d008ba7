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
from ..quoting import Speech
from ..study import Study, load_study
from .content import Material, barred, passages, under
from .form_word import write_docx
from .gate import Gate
from .listing import Entry, entries, table, told
from .settings import checked_letter
from .voices import Voices

SETTINGS = ("title", "guide", "member_checks", "identifiers")
READ = (
    "utterances",
    "participants",
    "open_codes",
    "decisions",
    "coders",
    "identifiers",
    "member_checks",
    "member_check_packets",
)
SUFFIXES = (".docx", ".html", ".json")


def remove_stale(folder: Path, participants: Iterable[str]) -> list[str]:
    """Delete the packets of people who get none now, such as those who withdrew; gives the files' names."""
    keep = {f"{participant}{suffix}" for participant in participants for suffix in SUFFIXES}
    stale = sorted(path for suffix in SUFFIXES for path in folder.glob(f"*{suffix}") if path.name not in keep)
    for path in stale:
        path.unlink()
    return [path.name for path in stale]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    listed = gathered(load_study(args.study), args.results)
    made = [(entry.made, entry.page) for entry in listed if entry.made]
    folder = args.results / "packets"
    if stale := remove_stale(folder, (item.participant for item, _ in made)):
        say(f"{len(stale)} files of people who get no packet now were removed")
    for line in told(listed):
        say(line)
    for item, page in progress(made, lambda pair: pair[0].participant):
        write_docx(item, folder / f"{item.participant}.docx")
        write_text(folder / f"{item.participant}.html", page)
        write_text(folder / f"{item.participant}.json", item.asked.to_json())
    tables.write(args.results, "packets", table(listed))


def gathered(study: Study, results: Path) -> list[Entry]:
    """What becomes of everyone's packet. Raises QualcodeError for what is wrong with `member_checks` in study.yaml."""
    codebook, settings = load_codebook(study.codebook), study.settings["member_checks"]
    letter = checked_letter(study, codebook)
    read = {name: tables.read(results, name) for name in READ}
    utterances, participants, open_codes = read["utterances"], read["participants"], read["open_codes"]
    gate = Gate.of(study, utterances, read["identifiers"], open_codes, read["decisions"], read["coders"])
    speech = Speech.of(study, utterances, participants, open_codes, read["member_checks"])
    every = passages(counted(results), open_codes, utterances, codebook, settings["level"])
    spoken = under(every, settings["categories"], codebook)
    never = barred(open_codes)
    voices = Voices(spoken, speech, gate, never, participants["pseudonym"]) if settings["show"] == "all" else None
    people = int((participants["role"] == "participant").sum())
    material = Material(study, codebook, spoken, people, never, speech.checked, voices, letter)
    return entries(participants, material, gate, read["member_check_packets"])

"""Draft the methods text and the reporting checklists (COREQ, SRQR) from the study's own files.

Every number is one of the study's tables or of what people typed; what only the researchers know is an open place.
"""

from __future__ import annotations

import argparse

from ..codebook import load_codebook
from ..console import add_study, say
from ..study import load_study
from .answers import coreq, srqr
from .items import COREQ, SRQR
from .material import gather
from .text import sections
from .writing import write_checklist, write_methods

SETTINGS = (
    "title",
    "questions",
    "guide",
    "moderators",
    "rules",
    "rules_for",
    "authority",
    "authority_for",
    "unit",
    "language",
    "embeddings",
    "themes",
    "relations",
    "in_vivo_codes",
    "suggestions",
    "frequencies",
    "saturation",
    "findings",
    "checklists",
    "confidential",
    "identifiers",
    "member_checks",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    material = gather(study, load_codebook(study.codebook), args.results)
    write_methods(material, sections(material), args.results / "methods.docx")
    for checklist, answers in ((COREQ, coreq(material)), (SRQR, srqr(material))):
        rows = checklist.filled(answers, material.answers.get(checklist.name, {}))
        write_checklist(checklist, rows, study.settings["title"], args.results / f"{checklist.name}.docx")
        say(f"{checklist.title}: {checklist.standing(rows)}")

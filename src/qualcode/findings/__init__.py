"""Draft the findings: by research question, what was said and by how many, with quotations, for people to interpret."""

from __future__ import annotations

import argparse

from .. import tables
from ..codebook import load_codebook
from ..console import add_study, counted_words, say
from ..hiding.phrases import Phrases
from ..quoting import Sentences, Speech, columns
from ..study import load_study, unaccepted
from ..tokens import stored_tokens
from .draft import write_draft
from .evidence import Evidence
from .sections import sections

SETTINGS = ("title", "questions", "findings", "frequencies", "identifiers")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    codings = tables.read(args.results, "open_codes")
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    identifiers = tables.read(args.results, "identifiers")
    speech = Speech.of(study, utterances, participants, codings, tables.read(args.results, "member_checks"))
    pseudonyms = dict(columns(participants, "participant", "pseudonym"))
    sentences = Sentences.of(utterances, stored_tokens(args.results), set(codings["source"]))
    evidence = Evidence(codings, sentences, speech, pseudonyms, study.settings["findings"]["quotations"])
    told = sections(study, codebook, tables.read(args.results, "frequencies"), evidence)
    write_draft(args.results / "findings.docx", study, told, Phrases(unaccepted(identifiers, study)["text"]))
    shown = sum(len(item.quotations) for section in told for theme in section.themes for item in theme.quoted)
    themes = [theme for section in told for theme in section.themes]
    above = sum(theme.is_category for theme in themes)
    themes_told = counted_words(len(themes) - above, "theme")
    categories = counted_words(above, "category", "categories")
    say(f"findings.docx has {themes_told}, under {categories}, and {counted_words(shown, 'quotation')}")

"""Check a study without running it: tables, codebook, transcripts, speakers and the ids in codings, all at once."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..codebook import load_codebook
from ..errors import Problems, QualcodeError
from ..open_codes.people import check_ids, read_decisions
from ..study import load_study
from ..text import SourceText, Utterance
from ..utterances import canonical, read_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.epilog = "Example:\n  qualcode check data/clinical-mentors"


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    problems = Problems()
    codebook, sources = None, {}
    try:
        codebook = load_codebook(study.codebook)
        check_ids(study, codebook)
    except QualcodeError as error:
        problems.extend(error)
    try:
        for found in read_sources(study):
            text, rows = canonical(found, study)
            keys = ("utterance", "participant", "role", "start", "end")
            sources[found.source.source] = SourceText(text, [Utterance(*(row[key] for key in keys)) for row in rows])
    except QualcodeError as error:
        problems.extend(error)
    problems.stop()
    assert codebook is not None
    decisions = read_decisions(study, codebook, sources)
    for code in codebook.codes:
        if not code.definition:
            print(f"{codebook.path}: line {code.line}: the code '{code.code}' has no definition.")
    print(f"{study.folder}: {len(sources)} sources, {len(codebook.codes)} codes, {len(decisions)} rows of codings.")

"""Check a study without running it: tables, codebook, transcripts, speakers, and whom and what codings name.

Of codings, the sources, codes and people that rows name are checked, and whether quotations have a place. Whether there
is a proposal that a row accepts or rejects, the run tells (unplaced.csv): proposals are made there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..answers import ISSUED
from ..answers.issued import files_gone
from ..codebook import load_codebook
from ..codings import Decision
from ..console import counted_words, enumeration
from ..errors import Problems, QualcodeError
from ..open_codes import waiting
from ..open_codes.anchors import Anchors
from ..open_codes.people import OPPOSITE, check_ids, read_decisions
from ..open_codes.placing import carry_out
from ..open_codes.settlement import authorities
from ..packets.settings import checked_letter
from ..study import MEMBER_CHECKS, files_in, load_study
from ..typed import Gone, check_printed, findings, gone
from ..utterances import read_sources, warnings
from .reading import texts

# More codes without a definition than this are told as a number.
MOST_LISTED = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.epilog = "Example:\n  qualcode check data/clinical-mentors"


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    problems = Problems()
    codebook, sources, read, words = None, {}, [], Gone([])
    try:
        codebook = load_codebook(study.codebook)
        check_ids(study, codebook)
    except QualcodeError as error:
        problems.extend(error)
    try:
        read = read_sources(study)
        words = gone(study)
        sources = texts(study, read)
    except QualcodeError as error:
        problems.extend(error)
    try:
        if codebook is not None:
            check_printed(study, codebook, words)
    except QualcodeError as error:
        problems.extend(error)
    try:
        if codebook is not None:
            checked_letter(study, codebook)
    except QualcodeError as error:
        problems.extend(error)
    problems.stop()
    assert codebook is not None
    decisions = read_decisions(study, codebook, sources)
    # Without the rules' proposals only what people coded themselves can be carried out.
    own = [item for item in decisions if item.suggested or not (item.action in OPPOSITE or _on_proposal(item))]
    coded = carry_out(own, {}, study, codebook, sources, Anchors.read(study, sources), {})
    authorities(study, coded)
    for item in coded.unplaced:
        print(f"{item.decision.path}: {item.decision.place}: no place: {item.reason}.")
    for line in [*waiting(decisions), *warnings(read, study)]:
        print(line)
    for finding in findings(study, words, study.files("study", "codebook", "memos")):
        print(finding)
    for path in study.files("member_checks"):
        if study.names_in(path.relative_to(study.folder / MEMBER_CHECKS).as_posix()):
            print(f"{path}: its name holds a name that is to be hidden: rename it.")
    if lost := files_gone(study.returned.issued):
        named = enumeration([f"{path.parent.name}/{path.name}" for path in lost], most=MOST_LISTED)
        put = "Put them back: a docx is read by the form that was issued."
        print(f"{study.folder / MEMBER_CHECKS / ISSUED}: files that were issued are gone: {named}. {put}")
    for found in read:
        for left in found.left_out:
            print(f"{found.source.path}: {left.note} ({left.count}).")
    undefined = [code for code in codebook.codes if not code.definition]
    for code in undefined if len(undefined) <= MOST_LISTED else ():
        print(f"{codebook.path}: line {code.line}: the code '{code.code}' has no definition.")
    if len(undefined) > MOST_LISTED:
        print(f"{codebook.path}: {len(undefined)} codes have no definition: `qualcode codebook check` lists them.")
    for pattern in study.settings["confidential"]["files"]:
        if not any(study.is_confidential(path, [pattern]) for path in files_in(study.folder)):
            print(f"{study.folder / 'study.yaml'}: confidential: '{pattern}' is no file of the study's folder.")
    counts = (
        counted_words(len(sources), "source"),
        counted_words(len(codebook.codes), "code"),
        counted_words(len(decisions), "row of codings", "rows of codings"),
    )
    print(f"{study.folder}: {', '.join(counts)}.")


def _on_proposal(decision: Decision) -> bool:
    return decision.action == "note" and bool(decision["coding"])

"""Check a codebook by its own examples, convert it (yaml, csv, xlsx, docx), or keep a dated copy of it."""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from .. import tables
from ..codebook import Codebook, load_codebook
from ..codebook.changes import CURRENT, Change, changes
from ..codebook.formats import read_codebook, without_rules, write_codebook, write_without_rules, writing
from ..console import counted_words
from ..errors import QualcodeError, failure
from ..files import decode
from ..study import load_study
from .codebook_check import Place, check, names, place_of
from .reading import day_of

# A comment of a YAML file, but for the one that names its schema.
_COMMENT = re.compile(r"^\s*#(?! yaml-lang)", re.MULTILINE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(metavar="check | convert | snapshot", required=True)
    parser.epilog = (
        "Examples:\n  qualcode codebook check data/clinical-mentors\n"
        "  qualcode codebook convert data/clinical-mentors appendix.docx\n"
        "  qualcode codebook snapshot data/clinical-mentors\n\n`qualcode codebook check --help` and so on tell more."
    )
    checking = _subcommand(
        what,
        "check",
        "Tell what to look at in a codebook: examples that its words miss, what `not_when` quotes and they hit, words\n"
        "that are met nowhere in the talk or stand in several codes, codes without a definition, ids that were split\n"
        "and still stand in codings/, names that are to be hidden.\n"
        "All of it is advice. Words are looked for in the talk as it was when the workflow last ran.",
        "qualcode codebook check data/clinical-mentors\n  qualcode codebook check codebooks/student-teachers.yaml",
    )
    checking.add_argument("codebook", type=Path, metavar="STUDY|FILE", help="a study's folder, or a codebook file")
    checking.set_defaults(do=_check)
    convert = _subcommand(
        what,
        "convert",
        "Write a codebook as another kind of file, by the ending: yaml, csv, xlsx or docx. All of them can be edited\n"
        "and converted back; nothing is lost but the comments of a YAML file.",
        "qualcode codebook convert data/clinical-mentors appendix.docx --without-rules\n"
        "  qualcode codebook convert edited.xlsx codebooks/my-codebook.yaml",
    )
    convert.add_argument("source", type=Path, metavar="STUDY|FILE", help="a study's folder, or a codebook file")
    convert.add_argument("target", type=Path, help="the file to write")
    convert.add_argument("--force", action="store_true", help="write it even if there is one of that name")
    convert.add_argument(
        "--without-rules",
        action="store_true",
        help="for a paper's appendix: without words, patterns, unless, negation, formerly, theme and colour, in docx "
        "also without role, question and memo; it is not for converting back",
    )
    convert.set_defaults(do=_convert)
    snapshot = _subcommand(
        what,
        "snapshot",
        "Keep a copy of the codebook as it is under history/ beside it, and tell what changed since the last one.\n"
        "Do it before every round of coding: codebook_changes.csv is made of these copies.",
        "qualcode codebook snapshot data/clinical-mentors",
    )
    snapshot.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    snapshot.add_argument("--date", default="", metavar="YYYY-MM-DD", help="the day of this version (default: today)")
    snapshot.set_defaults(do=_snapshot)


def run(args: argparse.Namespace) -> None:
    try:
        args.do(args)
    except OSError as error:
        wrong = f"this cannot be read or written ({error.strerror})"
        raise failure(error.filename or "", "", wrong, "Check the path.") from None


def _subcommand(what, name: str, about: str, example: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    made: argparse.ArgumentParser = what.add_parser(
        name,
        description=about,
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _check(args: argparse.Namespace) -> None:
    check(args.codebook)


# --- convert -------------------------------------------------------------------------------------------------------


def _convert(args: argparse.Namespace) -> None:
    place, target = place_of(args.source), args.target
    if target.is_dir():
        raise failure(target, "", "this is a folder", "Name the file to write in it, e.g. codebook.docx.")
    if target.exists() and target.resolve() == place.path.resolve():
        raise failure(target, "", "this is the codebook itself", "Give the new file another name.")
    if target.exists() and not args.force:
        raise failure(target, "", "there is a file of that name already", "Give another name, or say --force.")
    codebook = read_codebook(place.path)
    told = [f"{target}: {counted_words(len(codebook.codes), 'code')} of {place.path}."]
    told += [f"The comments in {place.path.name} are not in it."] * _comments(place.path)
    if args.without_rules:
        codebook = without_rules(codebook, target)
        told.append("It is for readers, and not for converting back: how words are met is not in it.")
    told += _of_names(place, codebook, target)
    told += _replaced(target, codebook)
    (write_without_rules if args.without_rules else write_codebook)(codebook, target)
    print("\n".join(told))


def _comments(path: Path) -> bool:
    return path.suffix.lower() in (".yaml", ".yml") and bool(_COMMENT.search(decode(path)[0]))


def _of_names(place: Place, codebook: Codebook, target: Path) -> list[str]:
    """Where names that are to be hidden travel on: a file from which nothing is lost cannot hide them."""
    if place.folder is None:
        return []
    if place.study is None:
        return [f"Names were not looked for, because {place.folder} is not sound: `qualcode check` says why."]
    found = [f"{place.at(finding)}: {finding.told}" for finding in names(place.study, codebook)]
    return found and [f"Names that are to be hidden go along into {target.name}: take them out first.", *found]


def _replaced(target: Path, codebook: Codebook) -> list[str]:
    """What changes against the codebook that stood there."""
    if not target.exists():
        return []
    try:
        old = read_codebook(target)
    except QualcodeError:
        return ["What stood there before could not be read as a codebook: what has changed is not told."]
    told = [f"The comments that stood in {target.name} are gone."] * _comments(target)
    made = changes([("before", old), ("now", codebook)], {})
    asides = [
        code.code
        for code in codebook.codes
        if (was := old.by_id.get(code.code))
        and (was.memo, was.colour, was.theme) != (code.memo, code.colour, code.theme)
    ]
    told += _told("the file that stood there", made, Counter()) if made or not asides else []
    return told + [f"Memo, colour or marks of a theme changed: {', '.join(asides)}."] * bool(asides)


# --- snapshot ------------------------------------------------------------------------------------------------------


def _snapshot(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    day = day_of(args.date)
    codebook = load_codebook(study.codebook)
    earlier = list(study.history.items())
    last, last_path = earlier[-1] if earlier else ("", study.codebook)
    if earlier and last_path.read_bytes() == study.codebook.read_bytes():
        print(f"{last_path}: this is the codebook as it is: there is nothing new to keep.")
        return
    if last[:10] > day:
        do = f"Give a date from {last[:10]} on."
        raise failure(last_path, "", f"there is a later version than one of {day} would be", do)
    before = load_codebook(last_path)
    name = f"{study.codebook.stem}-{day}{_which(day, [label for label, _ in earlier])}.yaml"
    target = study.codebook.parent / "history" / name
    with writing(target) as temporary:
        temporary.write_bytes(study.codebook.read_bytes())
    print(f"{target}: kept, with {counted_words(len(codebook.codes), 'code')}.")
    if earlier:
        touched = _touched(Path("results") / study.folder.resolve().name)
        print("\n".join(_told(last, changes([(last, before), (CURRENT, codebook)], touched), touched)))


def _which(day: str, labels: Sequence[str]) -> str:
    """'' for the first version of a day, then -2, -3 …"""
    numbers = [int(label[11:] or 1) for label in labels if label[:10] == day]
    return f"-{max(numbers) + 1}" if numbers else ""


def _touched(results: Path) -> Counter[str]:
    """Codings by the id they are kept under, those without a place included; none where there are no results."""
    counts: Counter[str] = Counter()
    for name in ("open_codes", "unplaced"):
        if (results / f"{name}.csv").exists():
            counts.update(tables.read(results, name)["code"])
    return counts


def _told(since: str, made: Sequence[Change], touched: Counter[str]) -> list[str]:
    """Changes by code. Codings are counted where there are results, which are those of the last run."""
    if not made:
        return [f"No code has changed since {since}: only comments, colours, memos, marks of themes or layout."]
    codes: dict[str, list[Change]] = defaultdict(list)
    for change in made:
        codes[change.code or change.before].append(change)
    codings = sum(found[0].codings for found in codes.values())
    lines = [f"{counted_words(len(codes), 'code')} changed since {since}"]
    lines[0] += f", with {counted_words(codings, 'coding')} as of the last run:" if touched else ":"
    for code, found in codes.items():
        counts = [counted_words(found[0].codings, "coding")] * bool(found[0].codings)
        counts += [f"{change.decide} to decide on" for change in found if change.decide]
        counted = f" ({', '.join(counts)})" if counts else ""
        lines.append(f"  {code}{counted}: {'; '.join(map(_in_words, found))}")
    return lines


def _in_words(change: Change) -> str:
    match change.change:
        case "renamed" | "merged" | "split":
            told = f"{change.change} from {change.before.replace('; ', ' and ')}"
        case "moved" | "named" | "role" | "question" | "examples" | "rules":
            told = f"{change.change} ({change.before or 'none'} → {change.after or 'none'})"
        case _:
            told = change.change
    return f"{told} ({change.note})" if change.note else told

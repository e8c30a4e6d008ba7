"""Check a codebook by its own examples, convert it (yaml, csv, xlsx, docx), or keep a dated copy of it."""

from __future__ import annotations

import argparse
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .. import tables
from ..codebook import Code, Codebook, load_codebook
from ..codebook.changes import CURRENT, Change, changes
from ..codebook.formats import read_codebook, write_codebook
from ..codebook.indicators import pieces
from ..errors import Problems, failure
from ..files import replacing
from ..language import docbin, load_pipeline
from ..open_codes.rules import Rules
from ..study import load_study
from ..study.listings import read_settings
from ..tokens import Tokens, read_tokens

if TYPE_CHECKING:
    from spacy.language import Language

# What a codebook that belongs to no study is read with.
LANGUAGE = "en_core_web_sm"
_QUOTATION = re.compile(r"[“”„‟\"]([^“”„‟\"]+)[“”„‟\"]|«([^»]+)»")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(metavar="check | convert | snapshot", required=True)
    parser.epilog = (
        "Examples:\n  qualcode codebook check data/clinical-mentors\n"
        "  qualcode codebook convert data/clinical-mentors appendix.docx\n"
        "  qualcode codebook snapshot data/clinical-mentors\n\n`qualcode codebook check --help` and so on tell more."
    )
    check = _subcommand(
        what,
        "check",
        "Tell what to look at in a codebook: examples that its words miss, what `not_when` quotes and they hit, words\n"
        "that are met nowhere in the talk or stand in several codes, codes without a definition, ids that were split.\n"
        "All of it is advice. Words are looked for in the talk as it was when the workflow last ran.",
        "qualcode codebook check data/clinical-mentors\n  qualcode codebook check codebooks/student-teachers.yaml",
    )
    check.add_argument("codebook", type=Path, metavar="STUDY|FILE", help="a study's folder, or a codebook file")
    check.set_defaults(do=_check)
    convert = _subcommand(
        what,
        "convert",
        "Write a codebook as another kind of file, by the ending: yaml, csv, xlsx or docx. All of them can be edited\n"
        "and converted back; nothing is lost but the comments of a YAML file.",
        "qualcode codebook convert data/clinical-mentors appendix.docx\n"
        "  qualcode codebook convert edited.xlsx codebooks/my-codebook.yaml",
    )
    convert.add_argument("source", type=Path, metavar="STUDY|FILE", help="a study's folder, or a codebook file")
    convert.add_argument("target", type=Path, help="the file to write")
    convert.add_argument("--force", action="store_true", help="write it even if there is one of that name")
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
    args.do(args)


def _subcommand(what, name: str, about: str, example: str) -> argparse.ArgumentParser:  # type: ignore[no-untyped-def]
    made: argparse.ArgumentParser = what.add_parser(
        name,
        description=about,
        epilog=f"Example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


class _Place(NamedTuple):
    """A codebook file, the language of its examples, and where its study's results are (None: no study)."""

    path: Path
    language: str
    results: Path | None


def _place(given: Path) -> _Place:
    """A file as it is; of a study's folder the codebook that its study.yaml names, whatever else is wrong there."""
    if not given.is_dir():
        return _Place(given, LANGUAGE, None)
    problems = Problems()
    settings, path = read_settings(given, problems)
    problems.stop()
    return _Place(path, settings["language"], Path("results") / given.resolve().name)


# --- convert -------------------------------------------------------------------------------------------------------


def _convert(args: argparse.Namespace) -> None:
    source, target = _place(args.source).path, args.target
    if target.exists() and target.resolve() == source.resolve():
        raise failure(target, "", "this is the codebook itself", "Give the new file another name.")
    if target.exists() and not args.force:
        raise failure(target, "", "there is a file of that name already", "Give another name, or say --force.")
    codebook = read_codebook(source)
    write_codebook(codebook, target)
    print(f"{target}: {_number(len(codebook.codes), 'code')} of {source}.")
    if source.suffix.lower() in (".yaml", ".yml") and re.search(
        r"^\s*#(?! yaml-lang)", source.read_text("utf-8"), re.M
    ):
        print(f"The comments in {source.name} are not in it.")


# --- snapshot ------------------------------------------------------------------------------------------------------


def _snapshot(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    day = _day(args.date)
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
    with replacing(target) as temporary:
        temporary.write_bytes(study.codebook.read_bytes())
    print(f"{target}: kept, with {_number(len(codebook.codes), 'code')}.")
    if earlier:
        touched = _touched(Path("results") / study.folder.resolve().name)
        _tell(last, changes([(last, before), (CURRENT, codebook)], touched), touched)


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat() if given else date.today().isoformat()
    except ValueError:
        raise failure("", "--date", f"this is no date (found {given})", "Write it as 2026-03-02.") from None


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


def _tell(last: str, made: Sequence[Change], touched: Counter[str]) -> None:
    if not made:
        print(f"No code has changed since {last}: only comments, colours, memos or layout.")
        return
    codes: dict[str, list[Change]] = defaultdict(list)
    for change in made:
        codes[change.code or change.before].append(change)
    codings = sum(found[0].codings for found in codes.values())
    told = f"{_number(len(codes), 'code')} changed since {last}"
    print(f"{told}, with {_number(codings, 'coding')}:" if touched else f"{told}:")
    for code, found in codes.items():
        counts = [_number(found[0].codings, "coding")] * bool(found[0].codings)
        counts += [f"{change.decide} to decide on" for change in found if change.decide]
        counted = f" ({', '.join(counts)})" if counts else ""
        print(f"  {code}{counted}: {'; '.join(map(_in_words, found))}")


def _in_words(change: Change) -> str:
    match change.change:
        case "renamed" | "merged" | "split":
            told = f"{change.change} from {change.before.replace('; ', ' and ')}"
        case "moved" | "named" | "role" | "question":
            told = f"{change.change} ({change.before or 'none'} → {change.after or 'none'})"
        case _:
            told = change.change
    return f"{told} ({change.note})" if change.note else told


# --- check ---------------------------------------------------------------------------------------------------------


class _Finding(NamedTuple):
    line: int
    told: str


@dataclass(frozen=True)
class _Passage:
    """Words that the rules of a code should meet (an example), or should not (what its `not_when` quotes)."""

    code: str
    line: int
    what: str
    text: str
    wanted: bool


def _check(args: argparse.Namespace) -> None:
    place = _place(args.codebook)
    codebook = read_codebook(place.path)
    pipeline = load_pipeline(place.language)
    rules = Rules(codebook, pipeline)
    passages = [passage for code in codebook.codes if code.words or code.patterns for passage in _passages(code)]
    parses = sorted((place.results / "parses").glob("*.spacy")) if place.results else []
    found = [*_undefined(codebook), *_split(codebook), *_shared(codebook, pipeline)]
    found += [*_tried(passages, rules, pipeline), *_nowhere(codebook, rules, parses)]
    unit = "line" if place.path.suffix.lower() in (".yaml", ".yml") else "row"
    for finding in sorted(found):
        print(f"{place.path}: {unit} {finding.line}: {finding.told}")
    if place.results and not parses:
        print(f"{place.results}: the words were not looked for in the talk: there are no results yet (`make results`).")
    tried = _number(len(passages), "example")
    print(f"{place.path}: {_number(len(codebook.codes), 'code')}, {tried} tried, {_number(len(found), 'finding')}.")


def _undefined(codebook: Codebook) -> Iterator[_Finding]:
    for code in codebook.codes:
        if not code.definition:
            yield _Finding(code.line, f"the code '{code.code}' has no definition.")


def _split(codebook: Codebook) -> Iterator[_Finding]:
    former = dict.fromkeys(old for code in codebook.codes for old in code.formerly)
    for old in former:
        heirs = codebook.heirs(old)
        if len(heirs) > 1:
            told = f"'{old}' was split into {', '.join(heirs)}: its codings wait until a person gives each its code."
            yield _Finding(codebook.by_id[heirs[0]].line, told)


def _shared(codebook: Codebook, pipeline: Language) -> Iterator[_Finding]:
    """Words that stand in several codes, however they are written."""
    places = defaultdict(list)
    for code in codebook.codes:
        for typed, line in zip(code.words, code.lines.get("words", ()), strict=True):
            key = pieces(typed, lambda word: [token.text for token in pipeline.tokenizer(word)])
            places[key].append((code.code, typed, line))
    for found in places.values():
        codes = list(dict.fromkeys(code for code, _, _ in found))
        if len(codes) > 1:
            _, typed, line = found[0]
            yield _Finding(line, f"'{typed}' is a word of several codes, and proposes all of them: {', '.join(codes)}.")


def _passages(code: Code) -> Iterator[_Passage]:
    of = f" (of {len(code.examples)})" if len(code.examples) > 1 else ""
    for number, (text, line) in enumerate(zip(code.examples, code.lines.get("examples", ()), strict=True), 1):
        if text.strip():
            yield _Passage(code.code, line, f"example {number}{of}", text, wanted=True)
    quoted = [one or other for one, other in _QUOTATION.findall(code.not_when)]
    for number, text in enumerate(quoted, 1):
        yield _Passage(code.code, code.line, f"quotation {number} in `not_when`", text, wanted=False)


def _tried(passages: Sequence[_Passage], rules: Rules, pipeline: Language) -> Iterator[_Finding]:
    """Passages of which the rules of their code make something else than they should."""
    if not passages:
        return
    texts = [passage.text for passage in passages]
    container = docbin()
    for doc in pipeline.pipe(texts):
        container.add(doc)
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "examples.spacy"
        container.to_disk(stored)
        proposals = rules.propose(Tokens(container), stored, texts)
    met = {(item.utterance, item.code): item for item in sorted(proposals, key=lambda item: not item.negated)}
    for number, passage in enumerate(passages):
        proposal = met.get((number, passage.code))
        counts = proposal is not None and not proposal.negated
        if counts == passage.wanted:
            continue
        if proposal is None:
            told = f"the words of '{passage.code}' miss {passage.what}: add one that is met, or leave it to people."
        elif passage.wanted:
            told = f"the words of '{passage.code}' meet {passage.what} only where it is negated, which does not count."
        else:
            told = (
                f"'{proposal.rule}' of '{passage.code}' meets {passage.what}: see whether `unless` can tell them apart."
            )
        yield _Finding(passage.line, told)


def _nowhere(codebook: Codebook, rules: Rules, parses: Iterable[Path]) -> Iterator[_Finding]:
    """Words that are met nowhere in the stored parses; none where there are none."""
    parses = list(parses)
    met = {(hit.indicator.code, hit.indicator.typed) for path in parses for hit in rules.hits(read_tokens(path), path)}
    for code in codebook.codes if parses else ():
        for typed, line in zip(code.words, code.lines.get("words", ()), strict=True):
            if (code.code, typed) not in met:
                yield _Finding(line, f"'{typed}' of '{code.code}' is met nowhere in the study.")


def _number(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)

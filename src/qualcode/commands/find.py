"""Find words in context: what an indicator, or all those of a code, would meet, and in whose words."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path

from ..codebook import Code, Codebook, load_codebook
from ..console import counted_words
from ..counting import SAID
from ..errors import failure
from ..language import vocabulary
from ..open_codes.matching import Hit
from ..open_codes.negation import negation
from ..open_codes.rules import COUNT, ONLY, Rules, negated_by
from ..study import Study
from ..text import one_line
from ..tokens import Tokens, parses_of, read_tokens
from .reading import Cells, add_studies, called, near, rows, show, studies_with

WIDTH, LIMIT = 40, 100
TABLES = ("utterances", "participants")
# The column of a line in which the words before a hit stand.
BEFORE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="?", help="an indicator as in the codebook, in single quotes: 'mentor* ~2 meet*'"
    )
    add_studies(parser)
    parser.add_argument("--code", help="find what the codebook's own words and patterns of this code meet")
    parser.add_argument("--all", action="store_true", help="list what moderators said too")
    parser.add_argument("--width", type=int, default=WIDTH, help=f"characters on either side (default: {WIDTH})")
    parser.add_argument("--limit", type=int, default=LIMIT, help=f"lines to list at most (default: {LIMIT})")
    parser.epilog = (
        "A word is found in all its forms (meet: met, meets); * is any ending or, alone, one word; ~2 is a gap of\n"
        "up to two words; words in double quotes are found only as they are written. Counts are always of all\n"
        "hits. The single quotes keep the shell from reading * and ~ itself.\n\n"
        "Examples:\n  qualcode find 'mentor* ~2 meet*'\n"
        "  qualcode find '\"what counts\"' data/clinical-mentors --width 60\n"
        "  qualcode find --code clear-expectations data/clinical-mentors"
    )


def run(args: argparse.Namespace) -> None:
    folders = list(args.studies)
    if args.code and args.words:
        folders.insert(0, args.words)
    if not args.code and not args.words:
        raise failure("", "", "there is nothing to look for", "Give words in quotes, or --code with a code's id.")
    if min(args.width, args.limit) < 0:
        raise failure("", "", "--width and --limit must not be negative")
    for folder in folders:
        if args.words and not Path(folder).is_dir():
            do = "Words that are looked for stand in one pair of single quotes, and studies after it."
            raise failure(folder, "", "there is no such study folder", do)
    studies = studies_with(folders, *TABLES)
    # Of the studies that no one named, those are meant that have the code.
    having = [item for item in studies if args.code and load_codebook(item[0].codebook).current(args.code)]
    looks = [_look(study, results, args) for study, results in (not folders and having) or studies]
    for number, look in enumerate(looks):
        show("\n" * bool(number) + "\n".join(told(look, look.found(), args)))


# --- finding -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A hit, where and by whom it was said, and the word that negates it. `start` to `end` are the utterance's."""

    indicator: str
    utterance: Cells
    start: int
    end: int
    negated: str

    @property
    def data(self) -> bool:
        return self.utterance["role"] in SAID


@dataclass(frozen=True)
class Look:
    """What is looked for in one study: indicators, or a code's rules. `negation` is the code's, `count` without one."""

    study: Study
    results: Path
    title: str
    indicators: Sequence[str]
    rules: Rules
    negation: str = COUNT

    def found(self) -> list[Found]:
        """Every hit in the order of the sources. Raises QualcodeError where the parses are not those of the words."""
        by_source: dict[str, list[Cells]] = {source.source: [] for source in self.study.sources}
        for row in rows(self.results, "utterances"):
            by_source.setdefault(row["source"], []).append(row)
        return [found for source, said in by_source.items() for found in self._of_source(source, said)]

    def _of_source(self, source: str, said: Sequence[Cells]) -> Iterable[Found]:
        path = parses_of(self.results, source)
        if not path.exists():
            raise failure(path, "", "the words of this source are not parsed", "Run `make results`.")
        tokens = read_tokens(path)
        hits = self.rules.hits(tokens, path)
        cues = negation(tokens).tolist() if hits else []
        for hit in hits:
            found = _found(hit, tokens, said, cues)
            if found is None:
                raise failure(path, "", "these parses are not those of utterances.csv", "Run `make results`.")
            yield found


def _found(hit: Hit, tokens: Tokens, said: Sequence[Cells], cues: Sequence[int]) -> Found | None:
    number, start, end = int(tokens.utterance[hit.start]), int(tokens.start[hit.start]), int(tokens.end[hit.end - 1])
    form = tokens.forms[tokens.surface[hit.start]]
    if len(tokens.first) - 1 != len(said) or not said[number]["text"].startswith(form, start):
        return None
    return Found(hit.indicator.typed, said[number], start, end, negated_by(hit, tokens, cues))


def _look(study: Study, results: Path, args: argparse.Namespace) -> Look:
    if not args.code:
        codebook, title, indicators, taken = _typed(args.words), args.words, [args.words], COUNT
    else:
        codebook = load_codebook(study.codebook)
        code = _code(codebook, args.code)
        codebook, title, taken = replace(codebook, codes=(code,)), f"{code.code} ({code.name})", code.negation
        indicators = [*code.words, *(f"pattern {number}" for number, _ in enumerate(code.patterns, 1))]
    try:
        rules = Rules(codebook, vocabulary(study.settings["language"]))
    except ValueError as error:
        raise failure("", "", f"{error} (found {args.words})") from None
    return Look(study, results, title, indicators, rules, taken)


def _typed(words: str) -> Codebook:
    """A codebook of the one indicator that was typed."""
    code = Code("", "", "", level=1, path=("",), line=0, leaf=True, words=(words,))
    return Codebook(Path(), "", "", (code,))


def _code(codebook: Codebook, named: str) -> Code:
    code = codebook.current(named)
    if code is None:
        heirs = codebook.heirs(named)
        do = f"It was split into {', '.join(heirs)}." if heirs else near(named, codebook.by_id)
        raise failure(codebook.path, "", f"there is no code '{named}'", do)
    if not code.words and not code.patterns:
        below = [item.code for item in codebook.codes if item.parent == code.code]
        do = f"Those below it are {', '.join(below)}." if below else ""
        raise failure(codebook.path, f"line {code.line}", f"'{code.code}' has no words and no patterns of its own", do)
    return code


# --- telling -------------------------------------------------------------------------------------------------------


def told(look: Look, found: Sequence[Found], args: argparse.Namespace) -> list[str]:
    """What was found in one study, line by line: hits in context, then counts of all hits in words that are data."""
    people = {row["participant"]: row for row in rows(look.results, "participants")}
    data = [item for item in found if item.data]
    shown = found if args.all else data
    lines = [f"{look.study.folder}: {look.study.everyone.hide(look.title)}", *_of_names(look, args)]
    lines += ["", *_concordance(look, shown[: args.limit], people, args)]
    if len(shown) > args.limit:
        lines.append(f"  … and {len(shown) - args.limit:,} more: --limit {len(shown)} lists all of them")
    lines += [""] * bool(shown) + [_summary(look, data, people), *_legend(look, shown)]
    names = [called(item.utterance["participant"], people) for item in data]
    lines += _table("participant", data, names)
    lines += _table("source", data, [item.utterance["source"] for item in data])
    if args.code:
        hide = look.study.everyone.hide
        indicators = list(dict.fromkeys(map(hide, look.indicators)))
        lines += _table("indicator", data, [hide(item.indicator) for item in data], indicators)
    if others := len(found) - len(data):
        where = "listed, and not counted" if args.all else "--all lists them"
        lines += ["", f"{others:,} more in what moderators said, or in headings: {where}."]
    return lines


def _of_names(look: Look, args: argparse.Namespace) -> list[str]:
    """What to say of a name that was typed and stands nowhere in the talk, because it is hidden there."""
    listed = [] if args.code else look.study.names_in(args.words)
    if not listed:
        return []
    instead = look.study.everyone.hide(args.words)
    return [f"A name that is hidden was typed ({', '.join(listed)}). In its place the talk has: {instead}"]


def _taken(look: Look, item: Found) -> bool:
    """Whether a hit speaks for the code that is looked for; words that were typed are no code's."""
    return look.negation == COUNT or bool(item.negated) == (look.negation == ONLY)


def _legend(look: Look, shown: Sequence[Found]) -> list[str]:
    if all(_taken(look, item) for item in shown):
        return []
    if look.negation == ONLY:
        return ["`negation: only`: where its words are not negated, this code is not proposed."]
    return ["Negated words do not count for this code, unless the codebook says `negation: count` or only."]


def _concordance(
    look: Look, found: Sequence[Found], people: Mapping[str, Cells], args: argparse.Namespace
) -> list[str]:
    """Hits in aligned columns: utterance, speaker, words before, hit, words after, and what there is to say of it."""
    cells = [_line(look, item, people, args) for item in found]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  "
        + "  ".join(
            cell.rjust(width) if position == BEFORE else cell.ljust(width)
            for position, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]


def _line(look: Look, item: Found, people: Mapping[str, Cells], args: argparse.Namespace) -> tuple[str, ...]:
    person = item.utterance["participant"]
    text, start, end = _hidden(look.study, item)
    notes = [look.study.everyone.hide(item.indicator)] if args.code else []
    if item.negated:
        notes.append(f'negated by "{item.negated}"' + ": does not count" * (not _taken(look, item)))
    elif not _taken(look, item):
        notes.append("not negated: does not propose")
    return (
        item.utterance["utterance"],
        people[person]["pseudonym"] if person in people else person,
        _clipped(one_line(text[:start])[::-1], args.width)[::-1],
        one_line(text[start:end]),
        _clipped(one_line(text[end:]), args.width),
        "; ".join(notes),
    )


def _hidden(study: Study, item: Found) -> tuple[str, int, int]:
    """The words of an utterance without names that were listed since the last run, and where the hit is in them."""
    text = item.utterance["text"]
    shown = study.hider(item.utterance["source"]).hide(text)
    if shown == text:
        return text, item.start, item.end
    was, now = (re.findall(r"\w+|\W", words) for words in (text, shown))
    place, start, end = 0, len(shown), 0
    for _, first, last, begin, stop in SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        width = len("".join(was[first:last]))
        at, until = len("".join(now[:begin])), len("".join(now[:stop]))
        if place < item.end and item.start < place + width:
            same = was[first:last] == now[begin:stop]
            start = min(start, at + max(0, item.start - place) if same else at)
            end = max(end, at + min(width, item.end - place) if same else until)
        place += width
    return shown, start, end


def _clipped(text: str, width: int) -> str:
    """At most so many characters, whole words where there are any, with a mark where something was left out."""
    if len(text) <= width:
        return text
    kept = text[: max(0, width - 1)]
    if not text[len(kept)].isspace():
        kept = kept.rpartition(" ")[0] or kept
    return f"{kept.rstrip()}…" if width else ""


def _summary(look: Look, data: Sequence[Found], people: Mapping[str, Cells]) -> str:
    if not data:
        return "No hits in what participants said."
    speakers = {item.utterance["participant"] for item in data} - {""}
    everyone = sum(row["role"] == "participant" for row in people.values())
    by = f", by {len(speakers):,} of {counted_words(everyone, 'participant')}" if speakers else ""
    negated = sum(bool(item.negated) for item in data)
    told = f"; {negated:,} negated" if negated else ""
    if look.negation == ONLY:
        told = f"; {len(data) - negated:,} not negated, which propose nothing" if len(data) > negated else ""
    elif told and look.negation != COUNT:
        told += ", which do not count"
    return f"{counted_words(len(data), 'hit')} in {counted_words(_utterances(data), 'utterance')}{by}{told}."


def _table(title: str, data: Sequence[Found], keys: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """Hits and utterances by key, most hits first; `known` are keys that are listed in their order, also with none."""
    groups: dict[str, list[Found]] = {key: [] for key in known}
    for item, key in zip(data, keys, strict=True):
        groups.setdefault(key, []).append(item)
    groups.pop("", None)
    if not groups or (len(groups) == 1 and not known and title == "source"):
        return []
    ordered = list(groups) if known else sorted(groups, key=lambda key: -len(groups[key]))
    width = max(map(len, [title, *ordered[:LIMIT]]))
    lines = ["", f"  {title:<{width}}  {'hits':>7}  {'utterances':>10}"]
    for key in ordered[:LIMIT]:
        lines.append(f"  {key:<{width}}  {len(groups[key]):>7,}  {_utterances(groups[key]):>10,}")
    return lines + ([f"  … and {len(ordered) - LIMIT:,} more"] if len(ordered) > LIMIT else [])


def _utterances(data: Sequence[Found]) -> int:
    return len({item.utterance["utterance"] for item in data})

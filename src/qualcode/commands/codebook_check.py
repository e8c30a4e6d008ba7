"""What there is to look at in a codebook: what its words miss, meet or share, and what of people stands in it."""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..codebook import LISTS, TEXTS, Code, Codebook
from ..codebook.formats import read_codebook
from ..codebook.indicators import pieces
from ..codings import read_codings
from ..console import counted_words
from ..errors import Problems, QualcodeError
from ..language import docbin, load_pipeline
from ..open_codes.rules import Rules
from ..study import Study, load_study
from ..study.listings import read_settings
from ..tokens import Tokens, parses_of, read_tokens
from .reading import changed_texts

if TYPE_CHECKING:
    from spacy.language import Language

# What a codebook that belongs to no study is read with.
LANGUAGE = "en_core_web_sm"
_QUOTATION = re.compile(r"[“”„‟\"]([^“”„‟\"]+)[“”„‟\"]|«([^»]+)»")


class Finding(NamedTuple):
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


@dataclass(frozen=True)
class Place:
    """A codebook file, the language of its examples, and its study: the folder, and what it holds if it is sound."""

    path: Path
    language: str
    folder: Path | None = None
    study: Study | None = None

    def at(self, finding: Finding) -> str:
        unit = "line" if self.path.suffix.lower() in (".yaml", ".yml") else "row"
        return f"{self.path}: {unit} {finding.line}"


def place_of(given: Path) -> Place:
    """A file as it is; of a study's folder the codebook that its study.yaml names, whatever else is wrong there."""
    if not given.is_dir():
        return Place(given, LANGUAGE)
    problems = Problems()
    settings, path = read_settings(given, problems)
    problems.stop()
    try:
        study = load_study(given)
    except QualcodeError:
        return Place(path, settings["language"], given)
    return Place(path, settings["language"], given, study)


def check(given: Path) -> None:
    """Print what is found in a codebook file, or in the codebook of a study's folder."""
    place = place_of(given)
    codebook = read_codebook(place.path)
    pipeline = load_pipeline(place.language)
    rules = Rules(codebook, pipeline)
    passages = [passage for code in codebook.codes if code.words or code.patterns for passage in _passages(code)]
    parses, why = _parses(place)
    found = [*_undefined(codebook), *_shared(codebook, pipeline)]
    found += [*_split(place.study, codebook), *names(place.study, codebook)] if place.study else []
    found += [*_tried(passages, rules, pipeline), *_nowhere(codebook, rules, parses)]
    for finding in sorted(found):
        print(f"{place.at(finding)}: {finding.told}")
    if why:
        print(why)
    told = f"{counted_words(len(passages), 'example')} tried, {counted_words(len(found), 'finding')}"
    print(f"{place.path}: {counted_words(len(codebook.codes), 'code')}, {told}.")


def _parses(place: Place) -> tuple[list[Path], str]:
    """The stored parses of a study's talk, or why its words are not looked for there."""
    if place.folder is None:
        return [], ""
    nothing = "the words were not looked for in the talk"
    if place.study is None:
        return [], f"{place.folder}: {nothing}, nor names: the study is not sound, `qualcode check` says why."
    results = Path("results") / place.folder.resolve().name
    paths = [parses_of(results, source.source) for source in place.study.sources]
    if not any(path.exists() for path in paths):
        return [], f"{results}: {nothing}: there are no results yet (`make results`)."
    try:
        changed = not all(path.exists() for path in paths) or bool(changed_texts(place.study, results))
    except QualcodeError:
        return [], f"{place.folder}: {nothing}: the transcripts cannot be read, `qualcode check` says why."
    if changed:
        return [], f"{results}: {nothing}, which has changed since the last run: run `make results`."
    return paths, ""


def names(study: Study, codebook: Codebook) -> Iterator[Finding]:
    """Names that are to be hidden, in any text of a codebook: the code and the key, and never the name."""
    printed = [(1, "the title", codebook.title)]
    for code in codebook.codes:
        words = re.sub("[-_]", " ", code.code)
        of = "of this code" if study.names_in(words) else f"of '{code.code}'"
        printed.append((code.line, f"the id {of}", words))
        printed += [(code.line, f"`{key}` {of}", getattr(code, key)) for key in ("name", *TEXTS)]
        for key in (*LISTS, "patterns"):
            for item, line in zip(getattr(code, key), code.lines.get(key, ()), strict=False):
                text = item if isinstance(item, str) else " ".join(_strings(item))
                printed.append((line, f"`{key}` {of}", text))
    for line, what, text in printed:
        if listed := study.names_in(text):
            yield Finding(line, f"a name that is to be hidden stands in {what} ({', '.join(listed)}).")


def _strings(value: object) -> Iterator[str]:
    """The texts in a pattern."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(item)


def _undefined(codebook: Codebook) -> Iterator[Finding]:
    for code in codebook.codes:
        if not code.definition:
            yield Finding(code.line, f"the code '{code.code}' has no definition.")


def _split(study: Study, codebook: Codebook) -> Iterator[Finding]:
    """Ids that were split and still stand in codings: such a row waits for a person."""
    rows = Counter(decision["code"] for decision in read_codings(study, codebook, Problems()))
    for old in dict.fromkeys(old for code in codebook.codes for old in code.formerly):
        heirs = codebook.heirs(old)
        if len(heirs) > 1 and rows[old]:
            says = "says" if rows[old] == 1 else "say"
            told = (
                f"{counted_words(rows[old], 'row')} of codings/ {says} '{old}', which was split into {', '.join(heirs)}"
            )
            yield Finding(codebook.by_id[heirs[0]].line, f"{told}: a person has to give each its code.")


def _shared(codebook: Codebook, pipeline: Language) -> Iterator[Finding]:
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
            yield Finding(line, f"'{typed}' is a word of several codes, and proposes all of them: {', '.join(codes)}.")


def _passages(code: Code) -> Iterator[_Passage]:
    of = f" (of {len(code.examples)})" if len(code.examples) > 1 else ""
    for number, (text, line) in enumerate(zip(code.examples, code.lines.get("examples", ()), strict=True), 1):
        if text.strip():
            yield _Passage(code.code, line, f"example {number}{of}", text, wanted=True)
    quoted = [one or other for one, other in _QUOTATION.findall(code.not_when)]
    for number, text in enumerate(quoted, 1):
        yield _Passage(code.code, code.line, f"quotation {number} in `not_when`", text, wanted=False)


def _tried(passages: Sequence[_Passage], rules: Rules, pipeline: Language) -> Iterator[Finding]:
    """Passages of which the rules of their code make something else than they should."""
    if not passages:
        return
    texts = [passage.text for passage in passages]
    container = docbin(pipeline.pipe(texts))
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder) / "examples.spacy"
        container.to_disk(stored)
        proposals = rules.propose(Tokens(container), stored, texts)
    met = {(item.utterance, item.code): item for item in sorted(proposals, key=lambda item: item.stands)}
    for number, passage in enumerate(passages):
        proposal = met.get((number, passage.code))
        counts = proposal is not None and proposal.stands
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
        yield Finding(passage.line, told)


def _nowhere(codebook: Codebook, rules: Rules, parses: Iterable[Path]) -> Iterator[Finding]:
    """Words that are met nowhere in the stored parses; none where there are none."""
    parses = list(parses)
    met = {(hit.indicator.code, hit.indicator.typed) for path in parses for hit in rules.hits(read_tokens(path), path)}
    for code in codebook.codes if parses else ():
        for typed, line in zip(code.words, code.lines.get("words", ()), strict=True):
            if (code.code, typed) not in met:
                yield Finding(line, f"'{typed}' of '{code.code}' is met nowhere in the study.")

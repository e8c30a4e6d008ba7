"""What an archive for reviewers can be counted again from: rows without words, and a study without them.

Nobody's words stand in it: quotations, texts, memos and contexts are empty, files of transcripts are placeholders.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import tables
from ..answers import ADD, ISSUED, Asked
from ..answers.issuing import FILES, MANIFEST
from ..checked import AGREES, DISAGREES, NEITHER
from ..codebook import Code
from ..codebook.changes import CURRENT, shown_ids, told_code, versions
from ..codebook.formats.yaml import as_yaml
from ..codings import INSTEAD
from ..files import write_text
from ..provenance import settings_in_force
from ..study import ADDED, MEMBER_CHECKS, Participant, Study
from ..text import count_words
from ..tokens import stored_tokens
from ..typed import gone

if TYPE_CHECKING:
    import pandas as pd

Hide = Callable[[str], str]
_WORD = re.compile(r"[^\W_]+")
# What is empty in the archive, by table. Indicators and reasons may quote the words that they met.
_BLANK = {
    "utterances": (),
    "participants": (),
    "attributes": (),
    "open_codes": ("quote", "evidence", "rule", "matched", "reason", "memo"),
    "open_code_utterances": (),
    "decisions": (),
    "relations": ("wording", "quotation"),
    "member_checks": ("concept_name", "quote", "words", "reason", "by", "at", "note"),
}
SENTENCES = "sentences.csv"
# Stands for each word of an utterance: figures are as wide as the number of words.
_WORD_HERE = "x"
NO_WORDS = "The words of this source are not in this archive.\n"
# How the outcome of a decision begins that could not be placed: the rest may quote what was written.
_NO_PLACE = "no place"
_UNKNOWN = "unknown"
# Choices that are no one's business, or that name people and files.
_LEFT_OUT = ("confidential", "identifiers", "checklists", "codebook", "member_checks")


def hider(study: Study) -> Hide:
    """What takes names out of a text, and the words of people who withdrew."""
    words = gone(study)
    return lambda text: study.everyone.hide(words.hide(text))


# --- the codebook --------------------------------------------------------------------------------------------------


def write_codebooks(study: Study, unquotable: Sequence[str], folder: Path) -> set[str]:
    """Write codebook.yaml and its earlier versions, in history/, as they may be shown; gives all ids and names in them.

    Examples that stand in words which may not be quoted are left out, and words that hold names.
    """
    hide = hider(study)
    said = [_plain(text) for text in unquotable]
    secret = {label for label, path in study.history.items() if study.is_confidential(path)}
    books = [(label, book) for label, book in versions(study) if label not in secret]
    shown = shown_ids(books, hide)
    for label, book in books:
        name = "codebook.yaml" if label == CURRENT else f"history/codebook-{label}.yaml"
        told = replace(
            book, title=hide(book.title), codes=tuple(_shown(code, shown, hide, said) for code in book.codes)
        )
        write_text(folder / name, as_yaml(told))
    return {name for _, book in books for code in book.codes for name in (code.code, code.name, *code.formerly)}


def _shown(code: Code, shown: dict[str, str], hide: Hide, said: Sequence[str]) -> Code:
    may_stand = (item for item in code.examples if not any(_plain(item) in words for words in said))
    return replace(
        told_code(code, shown, hide),
        use_when=hide(code.use_when),
        not_when=hide(code.not_when),
        examples=tuple(map(hide, may_stand)),
        words=tuple(item for item in code.words if hide(item) == item),
        unless=tuple(item for item in code.unless if hide(item) == item),
        patterns=tuple(item for item in code.patterns if hide(json.dumps(item)) == json.dumps(item)),
        memo="",
    )


def _plain(text: str) -> str:
    words = _WORD.findall(text.casefold())
    return f" {' '.join(words)} "


# --- the study -----------------------------------------------------------------------------------------------------


def write_stub(study: Study, told: set[str], folder: Path) -> None:
    """Write a study folder that can be loaded and holds no one's words and names: choices, sources and people by id.

    `told` are the attributes that may be told: who said nothing is known from here alone.
    """
    settings: dict[str, Any] = {
        key: value for key, value in settings_in_force(study).items() if key not in _LEFT_OUT and value is not None
    }
    secret = study.settings["confidential"]["attributes"]
    settings["frequencies"]["by"] = [name for name in settings["frequencies"]["by"] if name not in secret]
    text = json.dumps({**settings, "codebook": "codebook.yaml"}, indent=2, ensure_ascii=False)
    write_text(folder / "study.yaml", f"# The choices of the study. What names people or files is left out.\n{text}\n")
    typed = [source for source in study.sources if source.kind != ADDED]
    for source in typed:
        write_text(folder / "transcripts" / f"{source.source}.txt", NO_WORDS)
    if len(typed) < len(study.sources):
        _write_addition(study, folder / MEMBER_CHECKS)
    listed = ((item.source, f"{item.source}.txt", item.kind, item.date) for item in typed)
    _write_rows(folder / "sources.csv", ("source", "file", "kind", "date"), listed)
    people = [person for person in study.participants if person.status != "withdrawn"]
    if people:
        hide = study.everyone.hide
        names = sorted({name for who in people for name in who.attributes if hide(name) in told})
        head = ("participant", "role", "labels", "source", "status", *map(hide, names))
        rows = (_person(number, who, names, hide) for number, who in enumerate(people, 1))
        _write_rows(folder / "participants.csv", head, rows)


def _write_addition(study: Study, folder: Path) -> None:
    """A packet that asks nothing and an answer that adds nothing: by it the study has the source of additions."""
    who = study.returned.additions()[0][0]
    packet = Asked(study.settings["title"], who, (), (), decides=False)
    text = packet.to_json()
    sent = folder / ISSUED / "0001-01-01"
    write_text(sent / f"{who}.json", text)
    digests = ("0" * 64, "0" * 64, hashlib.sha256(text.encode()).hexdigest())
    issued, added = (who, packet.return_code, *digests), (packet.return_code, ADD, _WORD_HERE)
    _write_rows(sent / MANIFEST, ("participant", "return_code", *FILES), iter([issued]))
    _write_rows(folder / "additions.csv", ("return_code", "question", "answer"), iter([added]))


def _person(number: int, who: Participant, names: Sequence[str], hide: Hide) -> tuple[str, ...]:
    role = "moderator" if who.leads else who.role
    # A label that only tells the role: without one the id would be the label, and be taken for a name.
    label = f"{role} {number}"
    known = (hide(who.attributes.get(name, "")) for name in names)
    return who.participant, role, label, who.source, who.status, *known


def _write_rows(path: Path, head: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


# --- the rows ------------------------------------------------------------------------------------------------------


def write_counted(study: Study, results: Path, known: set[str], folder: Path) -> None:
    """Write the tables that counting starts from, without words: people by id, codings by place and code.

    `known` are the ids and names of codes; whatever else was written in the place of one is left out. No attributes go
    along that are confidential or told nowhere else, and none at all where small figures are suppressed; no decisions
    where codings or earlier codebooks are confidential, by which rounds are compared.
    """
    secret = any(study.is_confidential(path) for path in study.files("codings", "history"))
    for name, blank in _BLANK.items():
        if name == "decisions" and secret:
            continue
        data = tables.read(results, name)
        data = data.assign(**dict.fromkeys(blank, ""))
        if name == "utterances":
            data = data.assign(text=[" ".join([_WORD_HERE] * count_words(text)) for text in data["text"]])
        elif name == "participants":
            # No one can be quoted from an archive without words.
            data = data.assign(quote_consent="no")
        elif name == "attributes":
            data = data[data["attribute"].isin(told_attributes(study, results))]
        elif name == "decisions":
            data = _decisions(data, study, known)
        elif name == "member_checks":
            data = _ratings(data)
        elif name == "open_codes":
            data = data.assign(round=data["round"].map(study.everyone.hide))
        tables.write(folder, name, data)
    _write_rows(folder / SENTENCES, ("utterance", "start", "end"), _sentences(results))


def told_attributes(study: Study, results: Path) -> set[str]:
    """The attributes that released tables tell of; none where small figures are suppressed."""
    if study.settings["frequencies"]["smallest_cell"]:
        return set()
    named = {str(name) for table in ("sample", "frequencies_by") for name in tables.read(results, table)["attribute"]}
    told = named | {name.partition(": ")[2] for name in named}
    return told - set(study.settings["confidential"]["attributes"])


def _ratings(data: pd.DataFrame) -> pd.DataFrame:
    """Who rated which concept how; packets by number, since a return code opens an answer."""
    import pandas as pd

    data = data[data["effect"].isin([AGREES, NEITHER, DISAGREES])]
    numbers = pd.Series(pd.factorize(data["return_code"])[0] + 1, data.index)
    return data.assign(return_code="packet " + numbers.astype(str))


def _decisions(data: pd.DataFrame, study: Study, known: set[str]) -> pd.DataFrame:
    hide = study.everyone.hide
    outcomes = data["outcome"]
    kept = [_NO_PLACE if text.startswith(_NO_PLACE) else INSTEAD * text.endswith(INSTEAD) for text in outcomes]
    codes = [code if code in known or not code else _UNKNOWN for code in data["code"]]
    hidden = {name: data[name].map(hide) for name in ("round", "by", "participant")}
    return data.assign(outcome=kept, code=codes, **hidden)


def _sentences(results: Path) -> Iterator[tuple[str, int, int]]:
    utterances = tables.read(results, "utterances")
    read = stored_tokens(results)
    for source, group in utterances.groupby("source", sort=False):
        for utterance, spans in zip(group["utterance"], read(str(source)).sentences(), strict=True):
            yield from ((utterance, start, end) for start, end in spans)

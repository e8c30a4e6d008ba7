"""List what may tell who is meant: names that wait for a decision, and what the model and patterns still find."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import tables
from .checked import ADDITION
from .console import add_study, progress, say
from .hiding import Hider
from .hiding.names import fold, word_set
from .hiding.phrases import Phrases
from .hiding.standing import kinds_of
from .language import load_pipeline, read_parses, vocabulary
from .study import ANSWERS, Redaction, Study, load_study, unaccepted
from .text import is_backchannel
from .tokens import parses_of

if TYPE_CHECKING:
    import pandas as pd
    from spacy.tokens import Doc

SETTINGS = ("language",)

WAITING = "name that is a word"
# What the model takes for a name without saying of what: half of the names that it knows nothing of are among them.
OTHER = "other name"
# Rows of a kind stand together, in this order.
KINDS = (
    WAITING, "person", "place", "school", OTHER,
    "e-mail", "phone", "web address", "online name", "address", "number", "age",
)  # fmt: skip
# Where something stands that no one said: in what is known of people and sources.
ATTRIBUTES = "(attributes)"
_MODEL_KINDS = {"PERSON": "person", "GPE": "place", "LOC": "place", "FAC": "place"}
# So much of what stands around a find is shown, in characters to each side.
_AROUND = 30

_SCHOOL = (
    r"School|Academy|College|University|Seminary|Institute|Polytechnic|Preschool|Kindergarten|Nursery|Campus|"
    r"Elementary|Primary|Middle|Secondary|High|Grammar|Junior|Charter|Prep|District"
)
_KIND_OF_SCHOOL = re.compile(rf"\b(?:{_SCHOOL})\b")
_CAPITALISED = r"(?<![\w'’-])(?:St\.|[A-Z][\w'’-]*+)"
_AND_ON = rf"(?: (?:and )?{_CAPITALISED})*"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_LARGE = rf"\d{{1,3}}|(?:{_TENS})(?:[- ](?:{_ONES}))?|{_TEENS}"
# Said of someone before an age; and what speaks for another number ("I'm 20 minutes away").
_IS = r"(?:I['’]m|I am|he['’]s|she['’]s|aged|turned|turning|age of)"
_NO_AMOUNT = r"\b(?!%|[ -](?:percent|minutes|hours|miles|days|weeks|months|people|of|times)\b)"
_STREET = r"Street|St|Avenue|Ave|Road|Rd|Lane|Drive|Boulevard|Blvd|Close|Court|Square|Terrace|Crescent|Way"
# In this order: what an earlier one took, a later one does not look at.
PATTERNS = (
    ("e-mail", re.compile(r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++")),
    ("web address", re.compile(r"(?:https?://|www\.)[^\s<>\"“”]*[\w/]", re.I)),
    (
        "web address",
        re.compile(r"(?<![\w.-])(?:[\w-]++\.){1,5}?(?:com|org|net|edu|gov|co\.uk|ac\.uk)\b(?:/\S*\w)?", re.I),
    ),
    ("online name", re.compile(r"(?<![\w@])@[A-Za-z_]\w+")),
    ("phone", re.compile(r"(?<![\w.,-])(?:\+\d[\d ().-]{6,}\d|\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4})(?![\w-])")),
    ("phone", re.compile(r"(?<![\w.,-])(?:0\d{2,4}[ -]\d{3,4}[ -]\d{3,4}|\d{3}-\d{4}|[01]?\d{10})(?![\w-])")),
    ("number", re.compile(r"(?<![\w.,$€£-])(?:\d{3}-\d{2}-\d{4}|\d{6,}|[A-Z]{1,3}-?\d{5,})(?![\w-]|[.,]\d)")),
    ("address", re.compile(rf"\b\d{{1,5}}[a-z]? (?:{_CAPITALISED} ){{1,3}}(?:{_STREET})\b")),
    ("age", re.compile(rf"\b(?:{_IS} (?:{_LARGE}){_NO_AMOUNT}(?: years? old)?)\b", re.I)),
    ("age", re.compile(rf"\b(?:{_LARGE}|{_ONES})[- ]years?[- ]olds?\b", re.I)),
    ("age", re.compile(r"\bborn (?:in|on) (?:[\w,]+ ){0,3}\d{4}\b", re.I)),
    ("school", re.compile(rf"(?:{_CAPITALISED} ){{1,4}}(?:{_SCHOOL})\b(?: of(?: the)? {_CAPITALISED})*")),
    ("school", re.compile(rf"\b(?:University|College|School|Institute|Academy) of (?:the )?{_CAPITALISED}{_AND_ON}")),
)
# No part of a name, at whichever end of one the model puts it.
_AROUND_NAMES = word_set(
    "i i'm i’m yeah yes yep uh um mm hm mhm hmm okay ok oh ah wow well so and but or the a an like right no hi hello "
    "hey thanks thank you my your our his her their this that at in on of for from to with by dear then also even if "
    "when because ooh aah huh yay ugh bye gosh god jesus lord"
)
_MASKED = re.compile(r"[Xx*_\W]+")


@dataclass(frozen=True)
class Piece:
    """Words that are searched: an utterance, a value of what is known of someone, or what was written of a packet."""

    text: str
    source: str
    participant: str


def waiting(pieces: Iterable[Piece], hiders: Mapping[str, Hider]) -> Counter[str]:
    """What a list of names has and may be a word there, as written, and how often."""
    return Counter(doubt for piece in pieces for doubt in hiders[piece.source].doubts(piece.text))


def by_pattern(text: str) -> Iterator[tuple[str, str]]:
    """(kind, text) of what has the form of an identifier.

    >>> list(by_pattern("Call 555-0142, or write to me@example.org. I went to Elm Park High School."))
    [('e-mail', 'me@example.org'), ('phone', '555-0142'), ('school', 'Elm Park High School')]
    """
    if not any(char.isdigit() or char in "@.-" or char.isupper() for char in text):
        return
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            found = _trimmed(match[0]) if kind == "school" else match[0]
            if kind == "school" and not _KIND_OF_SCHOOL.sub("", found).strip(" ofthe"):
                continue
            yield kind, found
            text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]


def by_model(doc: Doc) -> Iterator[tuple[str, str]]:
    """(kind, text) of the people, places and schools that the language model names in an utterance."""
    cased = any(char.isupper() for word in doc for char in word.text if word.text not in ("I", "I'm"))
    shouted = doc.text.isupper()
    for entity in doc.ents:
        kind = _MODEL_KINDS.get(entity.label_, "")
        if _KIND_OF_SCHOOL.search(entity.text) and entity.label_ in ("ORG", "FAC", "GPE", "PERSON"):
            kind = "school"
        text = _trimmed(entity.text)
        if not kind or not text or _MASKED.fullmatch(text):
            continue
        # Where people write capitals, names have them; a word all in capitals is an abbreviation.
        if cased and (text == text.lower() or (not shouted and " " not in text and text.isupper())):
            continue
        yield kind, text
    if not shouted:
        yield from ((OTHER, text) for text in _other_names(doc))


def _other_names(doc: Doc) -> Iterator[str]:
    """Capitalised words that the model takes for names and puts under no heading, without words that people know."""
    named = {word.i for entity in doc.ents if entity.label_ in (*_MODEL_KINDS, "DATE", "TIME") for word in entity}
    words: list[str] = []
    for word in (*doc, None):
        capital = word is not None and word.pos_ == "PROPN" and word.text[0].isupper() and not word.text.isupper()
        if capital and word.i not in named:
            words.append(word.text)
            continue
        text = _trimmed(" ".join(words))
        if text and not is_backchannel(text) and not all(_is_known(fold(part)) for part in text.split()):
            yield text
        words = []


def _is_known(word: str) -> bool:
    """Whether a word is one of the common ones, a day or a month ("Thursdays")."""
    return bool(kinds_of(word) or "date" in kinds_of(word.removesuffix("s")))


def _trimmed(text: str) -> str:
    """A name without what the model or a pattern puts before and after it."""
    words = re.sub(r"['’][sS]?$", "", text.strip(" .,;:!?\"“”()[]-–—'‘’")).split()
    while words and words[0].strip(".,").lower() in _AROUND_NAMES:
        del words[0]
    while words and words[-1].strip(".,").lower() in _AROUND_NAMES:
        del words[-1]
    return " ".join(words).strip(" .,;:!?\"“”()[]-–—'‘’")


def finds(
    pieces: Sequence[Piece], docs: Iterable[Doc], known: Iterable[str], waits: Iterable[str]
) -> dict[str, tuple[str, str]]:
    """(kind, found by) of every string that the model and the patterns find, without what is known to be no name.

    `known`: pseudonyms and what else was put in the place of names. What `waits` is listed already.
    """
    seen: dict[str, tuple[str, str]] = {}
    for piece in pieces:
        for kind, text in by_pattern(piece.text):
            seen.setdefault(text, (kind, "pattern"))
    single: Counter[str] = Counter()
    for doc in docs:
        for kind, text in by_model(doc):
            if text not in seen or seen[text][0] == OTHER:
                seen[text] = (kind, "model")
            single[text] += " " not in text
    lower = _lower_case(pieces, {text.lower() for text in single if not text.islower()})
    put_in = Phrases(known)
    words = {word for text in known for word in re.findall(r"\w+", text)}
    waits = set(waits)
    return {
        text: how
        for text, how in seen.items()
        if text not in waits
        and not (how[1] == "model" and lower[text.lower()] >= max(1, single[text]) and " " not in text)
        and re.search(r"\w", _without(text, put_in))
        and not set(re.findall(r"\w+", text)) <= words
    }


def _lower_case(pieces: Iterable[Piece], words: set[str]) -> Counter[str]:
    """How often words stand in lower case: the model takes many a word at a sentence's beginning for a name."""
    phrases = Phrases(words)
    return Counter(phrase for piece in pieces for _, _, phrase in phrases.find(piece.text)) if words else Counter()


def _without(text: str, phrases: Phrases) -> str:
    for start, end, _ in reversed(list(phrases.find(text))):
        text = text[:start] + text[end:]
    return text


def rows(
    pieces: Sequence[Piece],
    waits: Mapping[str, int],
    found: Mapping[str, tuple[str, str]],
    decisions: Mapping[str, Redaction],
) -> list[dict[str, Any]]:
    """A row per string that stands in the words: how often, where, an example and what was decided."""
    kinds = dict.fromkeys(waits, (WAITING, "roster")) | dict(found)
    kinds |= {item.text: (item.kind or "kept", "redactions") for item in decisions.values() if item.text not in kinds}
    phrases = Phrases(kinds)
    counts: Counter[str] = Counter()
    sources: dict[str, dict[str, None]] = {}
    people: dict[str, set[str]] = {}
    examples: dict[str, str] = {}
    for piece in pieces:
        for start, end, text in phrases.find(piece.text):
            counts[text] += 1
            sources.setdefault(text, {})[piece.source] = None
            people.setdefault(text, set()).add(piece.participant)
            examples.setdefault(text, _example(piece.text, start, end))
    made = []
    for text, (kind, by) in kinds.items():
        # A month's name counts where it may be a person, not wherever it stands.
        count = waits.get(text, counts[text])
        if not count:
            continue
        decided = decisions.get(_key(text))
        made.append(
            {
                "text": text,
                "kind": kind,
                "found_by": by,
                "count": count,
                "sources": "; ".join(sources.get(text, ())),
                "people": len(people.get(text, set()) - {""}),
                "example": examples.get(text, ""),
                "decision": decided.decision if decided else "undecided",
                "by": decided.by if decided else "",
                "at": decided.at if decided else "",
                "place": decided.place if decided else "",
            }
        )
    return made


def _example(text: str, start: int, end: int) -> str:
    first, last = max(0, start - _AROUND), min(len(text), end + _AROUND)
    return f"{'…' * (first > 0)}{text[first:last].strip()}{'…' * (last < len(text))}"


def _key(text: str) -> str:
    return " ".join(text.casefold().split())


def hidden_rows(hidden: pd.DataFrame, redactions: Iterable[Redaction]) -> list[dict[str, Any]]:
    """A row per place where something hidden is listed: what stands there now, never what it was."""
    decided = {item.place: item for item in redactions}
    made: dict[str, dict[str, Any]] = {}
    for row in hidden.to_dict("records"):
        if not row["count"]:
            continue
        item = decided.get(row["place"])
        known = made.setdefault(
            row["place"],
            {
                "text": row["replacement"],
                "kind": row["kind"] or "name",
                "found_by": "redactions" if item else "roster",
                "count": 0,
                "sources": "",
                "people": 0,
                "example": "",
                "decision": "redact",
                "by": item.by if item else "",
                "at": item.at if item else "",
                "place": row["place"],
            },
        )
        known["count"] += row["count"]
        known["sources"] = "; ".join(filter(None, [known["sources"], row["source"]]))
    return list(made.values())


def identifiers(
    pieces: Sequence[Piece], docs: Iterable[Doc], hidden: pd.DataFrame, pseudonyms: Iterable[str], study: Study
) -> pd.DataFrame:
    """The whole table: by kind, what is met most first, then by the alphabet."""
    hiders = {source: study.hider(source) for source in dict.fromkeys(piece.source for piece in pieces)}
    hiders |= {place: study.everyone for place in (ATTRIBUTES, ANSWERS) if place in hiders}
    waits = waiting(pieces, hiders)
    decisions = {_key(item.text): item for item in study.redactions if item.decision == "keep"}
    put_in = [*pseudonyms, *(entry.replacement for entry in study.everyone.entries)]
    found = finds(pieces, docs, put_in, waits)
    listed = [*rows(pieces, waits, found, decisions), *hidden_rows(hidden, study.redactions)]
    order = {kind: position for position, kind in enumerate(KINDS)}
    listed.sort(
        key=lambda row: (order.get(row["kind"], len(KINDS)), row["kind"], -row["count"], row["text"], row["place"])
    )
    return tables.frame("identifiers", listed)


def pieces_of(utterances: pd.DataFrame, attributes: pd.DataFrame, answers: pd.DataFrame) -> list[Piece]:
    """What is searched: all utterances, each value of an attribute once, and what was written in member checks.

    What participants added there is a source of its own, and among the utterances.
    """
    columns = (utterances[name] for name in ("text", "source", "participant"))
    said = [Piece(*values) for values in zip(*columns, strict=True)]
    known = [Piece(value, ATTRIBUTES, "") for value in dict.fromkeys(attributes["value"]) if value]
    written = answers.loc[(answers["words"] != "") & (answers["effect"] != ADDITION), ["words", "participant"]]
    rows = dict.fromkeys(written.itertuples(index=False, name=None))
    return said + known + [Piece(words, ANSWERS, person) for words, person in rows]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    utterances = tables.read(args.results, "utterances")
    people = tables.read(args.results, "participants")
    pipeline = vocabulary(study.settings["language"])
    sources = list(dict.fromkeys(utterances["source"]))
    if study.settings["language"].startswith("blank:"):
        say("without a language model only patterns are looked for, such as e-mail addresses")

    answers = tables.read(args.results, "member_checks")
    pieces = pieces_of(utterances, tables.read(args.results, "attributes"), answers)

    def docs() -> Iterator[Doc]:
        for source in progress(sources, str):
            yield from read_parses(parses_of(args.results, source), pipeline)
        if written := [piece.text for piece in pieces if piece.source == ANSWERS]:
            yield from load_pipeline(study.settings["language"]).pipe(written)

    made = identifiers(pieces, docs(), tables.read(args.results, "hidden"), people["pseudonym"], study)
    tables.write(args.results, "identifiers", made)
    if open_ones := int((made["decision"] == "undecided").sum()):
        say(f"{open_ones} strings wait for a decision: identifiers.csv lists them, redactions.csv decides")
    if study.settings["identifiers"].get("accepted") and (later := len(unaccepted(made, study))):
        say(f"{later} of them came with answers to member checks: `identifiers: accepted` is older than these")

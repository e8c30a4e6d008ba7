"""What goes into a participant's packet: the main concepts, how many spoke of them, and the participant's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from .. import tables
from ..codebook import Code, Codebook
from ..documents import printable
from ..hiding.phrases import Phrases
from ..study import Study

if TYPE_CHECKING:
    import pandas as pd

# Between two passages of one person stands what someone else said.
OMISSION = " […] "
# How the reason begins for which a packet is held back until people have decided on names.
WAITS = "names or other identifiers in its quotations wait for a decision"
# More of them are not named.
_MOST_NAMED = 8


@dataclass(frozen=True)
class Passage:
    """A participant's own words under one coding in one utterance: text[start:end] of the source.

    `position` is the utterance's place in the study; `backchannel` says that the utterance only signals listening.
    """

    coding: str
    concept: str
    use: str
    source: str
    utterance: str
    position: int
    start: int
    end: int
    text: str
    backchannel: bool


@dataclass(frozen=True)
class Quotation:
    """Words of the participant as the packet shows them, made of `parts`; `number` is what an answer refers to."""

    number: str
    coding: str
    text: str
    place: str
    parts: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Concept:
    """A main concept with the participant's quotations; no quotations if others spoke of it and they did not."""

    code: str
    category: str
    name: str
    definition: str
    number: int = 0
    people: int = 0
    quotations: tuple[Quotation, ...] = ()


@dataclass(frozen=True)
class Packet:
    """What one participant is sent. `people` is how many took part."""

    participant: str
    pseudonym: str
    quote_consent: str
    kind: str
    title: str
    people: int
    concepts: tuple[Concept, ...]
    others: tuple[Concept, ...]
    contact: str = ""
    deadline: str = ""

    @property
    def quotations(self) -> int:
        return sum(len(concept.quotations) for concept in self.concepts)

    @property
    def by_category(self) -> list[tuple[str, list[Concept]]]:
        return _by_category(self.concepts)

    @property
    def others_by_category(self) -> list[tuple[str, list[Concept]]]:
        return _by_category(self.others)


def _by_category(concepts: Iterable[Concept]) -> list[tuple[str, list[Concept]]]:
    return [(category, list(group)) for category, group in groupby(concepts, key=lambda concept: concept.category)]


# --- whose words, under which concept ------------------------------------------------------------------------------


def concept_of(code: Code, level: int) -> str:
    """The main concept of a code: its ancestor at that level, or the code itself where it stands higher up."""
    return code.path[min(level, len(code.path)) - 1]


def passages(
    rows: pd.DataFrame, open_codes: pd.DataFrame, utterances: pd.DataFrame, codebook: Codebook, level: int
) -> dict[str, list[Passage]]:
    """Every participant's own words under counted codings, in the order in which they were said.

    `rows` are those of `counting.counted`. A coding that spans several people is cut to the words of each.
    """
    placed = utterances.assign(position=range(len(utterances)), speaker=utterances["participant"])
    placed = placed[["utterance", "speaker", "position", "start", "end", "text", "backchannel"]]
    own = rows.loc[rows["own"] & (rows["participant"] != ""), ["coding", "code", "utterance", "participant", "source"]]
    joined = own.merge(open_codes[["coding", "start", "end", "use"]], on="coding").merge(
        placed, on="utterance", suffixes=("_coding", "")
    )
    # Whoever a coding is credited to, nobody is sent words that another said.
    joined = joined[joined["speaker"] == joined["participant"]].sort_values(
        ["position", "start_coding", "end_coding", "coding"]
    )
    found: dict[str, list[Passage]] = {}
    for row in joined.to_dict("records"):
        start, end = max(row["start_coding"], row["start"]), min(row["end_coding"], row["end"])
        passage = Passage(
            coding=row["coding"],
            concept=concept_of(codebook.by_id[row["code"]], level),
            use=row["use"],
            source=row["source"],
            utterance=row["utterance"],
            position=row["position"],
            start=start,
            end=end,
            text=row["text"][start - row["start"] : end - row["start"]].strip(),
            backchannel=row["backchannel"],
        )
        found.setdefault(row["participant"], []).append(passage)
    return found


def barred(open_codes: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """The spans of each source that a coder said are never to be quoted, under whatever code they stand."""
    never = open_codes[(open_codes["use"] == "never") & (open_codes["status"] != "withdrawn")]
    spans: dict[str, list[tuple[int, int]]] = {}
    for source, start, end in zip(never["source"], never["start"], never["end"], strict=True):
        spans.setdefault(source, []).append((start, end))
    return spans


def undecided(
    identifiers: pd.DataFrame, utterances: pd.DataFrame, study: Study
) -> dict[str, list[tuple[int, int, str]]]:
    """Where what waits for a decision stands, by utterance: nothing if the study accepts what is left.

    Spans are those of the canonical text, with the words that stand there.
    """
    found: dict[str, list[tuple[int, int, str]]] = {}
    if study.settings["identifiers"].get("accepted"):
        return found
    phrases = Phrases(identifiers.loc[identifiers["decision"] == "undecided", "text"])
    said = utterances[utterances["role"] == "participant"]
    for utterance, first, text in zip(said["utterance"], said["start"], said["text"], strict=True):
        for start, end, phrase in phrases.find(text):
            found.setdefault(utterance, []).append((first + start, first + end, phrase))
    return found


def choose(
    spoken: Sequence[Passage], most: int, never: Mapping[str, Sequence[tuple[int, int]]]
) -> list[tuple[Passage, ...]]:
    """At most `most` quotations for one concept: exemplars first, then the longest, then the earliest.

    Each is the passages of one coding. Left out: what must never be quoted, mere signals of listening, and what
    another chosen quotation holds already.
    """
    codings: dict[str, list[Passage]] = {}
    for passage in spoken:
        if passage.text and not passage.backchannel:
            codings.setdefault(passage.coding, []).append(passage)
    candidates = [tuple(parts) for parts in codings.values() if not any(_is_barred(part, never) for part in parts)]
    candidates.sort(
        key=lambda parts: (
            parts[0].use != "exemplar",
            -sum(len(part.text) for part in parts),
            parts[0].position,
            parts[0].start,
            parts[0].coding,
        )
    )
    chosen: list[tuple[Passage, ...]] = []
    for parts in candidates:
        if len(chosen) < most and not any(_within(parts, other) or _within(other, parts) for other in chosen):
            chosen.append(parts)
    return chosen


def _is_barred(passage: Passage, never: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    return any(start < passage.end and passage.start < end for start, end in never.get(passage.source, ()))


def _within(inner: Sequence[Passage], outer: Sequence[Passage]) -> bool:
    return all(any(b.utterance == a.utterance and b.start <= a.start and a.end <= b.end for b in outer) for a in inner)


def quotation(number: str, parts: Sequence[Passage]) -> Quotation:
    """The passages of one coding as a quotation, with its place; what others said in between is marked as left out."""
    text = parts[0].text
    for before, part in pairwise(parts):
        text += (" " if part.position == before.position + 1 else OMISSION) + part.text
    numbers = [part.utterance.rpartition(":")[2] for part in parts]
    listed = f"{', '.join(numbers[:-1])} and {numbers[-1]}" if len(numbers) > 1 else numbers[0]
    place = f"{parts[0].source}, {'utterances' if len(numbers) > 1 else 'utterance'} {listed}"
    return Quotation(number, parts[0].coding, text, place, tuple(parts))


# --- packets -------------------------------------------------------------------------------------------------------


def packet(
    person: Mapping[str, Any],
    spoken: Mapping[str, Sequence[Passage]],
    never: Mapping[str, Sequence[tuple[int, int]]],
    codebook: Codebook,
    study: Study,
    people: int,
) -> Packet:
    """One participant's packet. `spoken` holds the passages of everybody, `people` is how many took part."""
    settings = study.settings["member_checks"]
    mine = spoken[person["participant"]]
    speakers: dict[str, int] = {}
    for passages_of_one in spoken.values():
        for concept in {passage.concept for passage in passages_of_one}:
            speakers[concept] = speakers.get(concept, 0) + 1
    concepts: list[Concept] = []
    others: list[Concept] = []
    for key in sorted(speakers, key=codebook.order.__getitem__):
        under = [passage for passage in mine if passage.concept == key]
        if not under:
            # Whoever spoke of something below a category did not leave the category out.
            if not any(key in codebook.by_id[passage.concept].path for passage in mine):
                others.append(_concept(codebook.by_id[key], codebook, settings["level"]))
            continue
        number = len(concepts) + 1
        chosen = choose(under, settings["quotations"], never)
        quotations = tuple(quotation(f"{number}.{n}", parts) for n, parts in enumerate(chosen, 1))
        described = _concept(codebook.by_id[key], codebook, settings["level"])
        concepts.append(replace(described, number=number, people=speakers[key], quotations=quotations))
    return Packet(
        participant=person["participant"],
        pseudonym=printable(person["pseudonym"]),
        quote_consent=person["quote_consent"],
        kind=person["kind"],
        title=printable(study.settings["title"]),
        people=people,
        concepts=tuple(concepts),
        others=tuple(others),
        contact=printable(settings["contact"]),
        deadline=printable(settings["deadline"]),
    )


def _concept(code: Code, codebook: Codebook, level: int) -> Concept:
    names = [codebook.by_id[key].name for key in code.path]
    # Codings may stand on a category itself: these come first under its heading.
    general = not code.leaf and code.level < level
    return Concept(
        code=code.code,
        category=printable(": ".join(names if general else names[:-1])),
        name=printable(f"{code.name} (in general)" if general else code.name),
        definition=printable(code.definition),
    )


def packets(
    participants: pd.DataFrame,
    spoken: Mapping[str, Sequence[Passage]],
    never: Mapping[str, Sequence[tuple[int, int]]],
    codebook: Codebook,
    study: Study,
    waiting: Mapping[str, Sequence[tuple[int, int, str]]],
) -> tuple[list[Packet], pd.DataFrame]:
    """The packets, and the table of who gets one and who does not and why. Moderators are not listed.

    A packet is held back if a quotation in it touches what waits for a decision, in the spans of `undecided`.
    """
    listed: list[dict[Any, Any]] = participants[participants["role"] == "participant"].to_dict("records")
    made: list[Packet] = []
    rows: list[dict[str, object]] = []
    for person in listed:
        row: dict[str, object] = {"participant": person["participant"], "made": False, "concepts": 0, "quotations": 0}
        if person["kind"] == "survey" and not study.settings["member_checks"]["surveys"]:
            row["reason"] = "survey respondents get none, unless study.yaml says `member_checks: {surveys: true}`"
        elif not spoken.get(person["participant"]):
            row["reason"] = "no counted coding covers this person's words"
        else:
            new = packet(person, spoken, never, codebook, study, len(listed))
            if held := _held(new, waiting):
                row["reason"] = _reason(held)
            else:
                made.append(new)
                row |= {"made": True, "reason": "", "concepts": len(new.concepts), "quotations": new.quotations}
        rows.append(row)
    return made, tables.frame("packets", rows)


def _held(made: Packet, waiting: Mapping[str, Sequence[tuple[int, int, str]]]) -> list[str]:
    """What waits for a decision and is touched by a quotation of the packet, each once."""
    parts = (part for concept in made.concepts for item in concept.quotations for part in item.parts)
    found = (
        phrase
        for part in parts
        for start, end, phrase in waiting.get(part.utterance, ())
        if start < part.end and part.start < end
    )
    return sorted(set(found))


def _reason(held: Sequence[str]) -> str:
    named = "; ".join(held[:_MOST_NAMED]) + (f"; {len(held) - _MOST_NAMED} more" if len(held) > _MOST_NAMED else "")
    do = "write each into redactions.csv as redact or keep, or accept what identifiers.csv lists (README)"
    return f"{WAITS}: {named}. To do: {do}"

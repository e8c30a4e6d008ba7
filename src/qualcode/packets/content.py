"""What goes into a participant's packet: the main concepts, how many spoke of them, and the participant's own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..checked import Checked
from ..codebook import Code, Codebook
from ..documents import printable
from ..quoting import records
from ..study import Study
from .choosing import choose, quotation
from .model import Concept, Packet, Passage
from .voices import Voices

if TYPE_CHECKING:
    import pandas as pd


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
    placed = placed[["utterance", "speaker", "position", "start", "end", "text", "backchannel", "question"]]
    covered = rows[rows["own"]].groupby("coding")["utterance"].nunique()
    own = rows.loc[rows["own"] & (rows["participant"] != ""), ["coding", "code", "utterance", "participant", "source"]]
    joined = own.merge(open_codes[["coding", "start", "end", "use"]], on="coding").merge(
        placed, on="utterance", suffixes=("_coding", "")
    )
    # Whoever a coding is credited to, nobody is sent words that another said.
    joined = joined[joined["speaker"] == joined["participant"]].sort_values(
        ["position", "start_coding", "end_coding", "coding"]
    )
    found: dict[str, list[Passage]] = {}
    for row in records(joined):
        concept = concept_of(codebook.by_id[row["code"]], level)
        passage = _passage(row, concept, alone=covered[row["coding"]] == 1)
        found.setdefault(row["participant"], []).append(passage)
    return found


def _passage(row: Mapping[str, Any], concept: str, alone: bool) -> Passage:
    """The words of a coding in one utterance, without blanks around them."""
    start, end = max(row["start_coding"], row["start"]), min(row["end_coding"], row["end"])
    words = row["text"][start - row["start"] : end - row["start"]]
    start += len(words) - len(words.lstrip())
    return Passage(
        coding=row["coding"],
        concept=concept,
        use=row["use"],
        source=row["source"],
        utterance=row["utterance"],
        position=row["position"],
        start=start,
        end=start + len(words.strip()),
        text=words.strip(),
        backchannel=row["backchannel"],
        base=row["start"],
        said=row["text"],
        question=row["question"],
        alone=alone,
    )


def barred(open_codes: pd.DataFrame) -> dict[str, list[tuple[int, int]]]:
    """The spans of each source that a coder said are never to be quoted, under whatever code they stand."""
    never = open_codes[(open_codes["use"] == "never") & (open_codes["status"] != "withdrawn")]
    spans: dict[str, list[tuple[int, int]]] = {}
    for source, start, end in zip(never["source"], never["start"], never["end"], strict=True):
        spans.setdefault(source, []).append((start, end))
    return spans


def under(
    spoken: Mapping[str, Sequence[Passage]], categories: Iterable[str], codebook: Codebook
) -> dict[str, list[Passage]]:
    """The passages under concepts at or below these codes; all of them where none is named."""
    wanted = set(categories)
    if not wanted:
        return {person: list(found) for person, found in spoken.items()}
    kept = {
        person: [passage for passage in found if wanted & set(codebook.by_id[passage.concept].path)]
        for person, found in spoken.items()
    }
    return {person: found for person, found in kept.items() if found}


# --- packets -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Material:
    """What all packets of a study are made of.

    `spoken` holds the passages of everybody, `never` the spans that are not to be quoted, `people` is how many took
    part, `voices` other people's words (None where the study shows none), `letter` the study's own letter ('': none).
    """

    study: Study
    codebook: Codebook
    spoken: Mapping[str, Sequence[Passage]]
    people: int
    never: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)
    voices: Voices | None = None
    letter: str = ""

    @property
    def settings(self) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self.study.settings["member_checks"]
        return settings

    @cached_property
    def speakers(self) -> dict[str, int]:
        """How many people spoke of each concept, in the order of the codebook."""
        found: dict[str, int] = {}
        for passages_of_one in self.spoken.values():
            for concept in {passage.concept for passage in passages_of_one}:
                found[concept] = found.get(concept, 0) + 1
        return {concept: found[concept] for concept in sorted(found, key=self.codebook.order.__getitem__)}

    @cached_property
    def asked(self) -> dict[str, str]:
        """The questions of the guide by their ids."""
        return {item["id"]: printable(item["text"]) for item in self.study.settings["guide"]}


def packet(person: Mapping[str, Any], material: Material) -> Packet:
    """One participant's packet. `person` is a row of the table participants."""
    settings, codebook = material.settings, material.codebook
    mine = material.spoken[person["participant"]]
    concepts: list[Concept] = []
    others: list[Concept] = []
    for key, people in material.speakers.items():
        own = [passage for passage in mine if passage.concept == key]
        if own:
            described = replace(_concept(codebook.by_id[key], material), number=len(concepts) + 1, people=people)
            concepts.append(_quoting(described, own, person["participant"], material))
        # Whoever spoke of something below a category did not leave the category out.
        elif not any(key in codebook.by_id[passage.concept].path for passage in mine):
            others.append(replace(_concept(codebook.by_id[key], material), people=people))
    return Packet(
        participant=person["participant"],
        pseudonym=printable(person["pseudonym"]),
        quote_consent=person["quote_consent"],
        kind=person["kind"],
        title=printable(material.study.settings["title"]),
        people=material.people,
        concepts=tuple(concepts),
        others=tuple(others),
        contact=printable(settings["contact"]),
        deadline=printable(settings["deadline"]),
        language=settings["language"],
        wording=settings["wording"],
        letter=material.letter,
    )


def _quoting(concept: Concept, own: Sequence[Passage], participant: str, material: Material) -> Concept:
    chosen = choose(own, material.settings["quotations"], material.never, material.checked)
    quotations = tuple(
        quotation(
            f"{concept.number}.{number}",
            parts,
            material.never,
            material.checked,
            material.asked.get(parts[0].question, ""),
        )
        for number, parts in enumerate(chosen, 1)
    )
    most = material.settings["others"]
    voices = material.voices.of_others(concept.code, participant, most) if material.voices else ()
    return replace(concept, quotations=quotations, voices=voices)


def _concept(code: Code, material: Material) -> Concept:
    names = [material.codebook.by_id[key].name for key in code.path]
    # Codings may stand on a category itself: these come first under its heading.
    general = not code.leaf and code.level < material.settings["level"]
    called = material.settings["wording"].get("in_general", "{name} (in general)") if general else "{name}"
    return Concept(
        code=code.code,
        category=printable(": ".join(names if general else names[:-1])),
        name=printable(called.replace("{name}", code.name)),
        definition=printable(code.definition),
    )

"""Talk with the topics that people gave it, as the step themes gets it: its material, its terms, and all lemmas."""

from __future__ import annotations

import csv
import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coded import Transcript, read_pdpilot, read_serdif
from units import parsed, vectors

from qualcode import tables
from qualcode.language import mean_direction
from qualcode.text import digest, is_backchannel, one_line
from qualcode.themes.material import Material, gather
from qualcode.themes.terms import SEPARATOR, Terms, read_terms, split
from qualcode.tokens import Tokens, parses_of, read_tokens

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from spacy.language import Language

CACHE = Path(".cache") / "qualcode" / "themes"
PLANTED = Path(__file__).with_name("planted_themes.csv")
# Utterances of fewer words are no units.
LEAST_WORDS = 4
# The planted topic of what has none.
NONE = "none"
# What default BERTopic takes for a word: scikit-learn's default.
WORD = re.compile(r"(?u)\b\w\w+\b")


class Said(NamedTuple):
    """A source: what was said, who said it, in which role, and the topic that people gave it ('': none)."""

    source: str
    kind: str
    texts: Sequence[str]
    people: Sequence[str]
    roles: Sequence[str]
    topics: Sequence[str]


@dataclass(frozen=True)
class Sentences:
    """The sentences of all utterances: `vectors` (s, 384), and of each its utterance and its weight in it."""

    vectors: np.ndarray
    owner: np.ndarray
    weight: np.ndarray

    def pooled(self, utterances: int) -> np.ndarray:
        """What each utterance means, as the step embeddings has it: shape (utterances, 384)."""
        import numpy as np

        made = np.zeros((utterances, self.vectors.shape[1]))
        bounds = np.searchsorted(self.owner, np.arange(utterances + 1))
        for row in range(utterances):
            part = slice(bounds[row], bounds[row + 1])
            if part.start < part.stop:
                made[row] = mean_direction(self.vectors[part], self.weight[part])
        return made


@dataclass(frozen=True)
class Recorded:
    """All that was said, short turns and moderators too; `folder` holds the parses."""

    table: pd.DataFrame
    participants: pd.DataFrame
    kinds: Mapping[str, str]
    sentences: Sentences
    folder: Path

    def material(self, sentences: Sentences) -> Material:
        """The units as the step gathers them, by the meaning of these sentences."""
        made = gather(self.table, self.participants, self.kinds, sentences.pooled(len(self.table)), context=True)
        long = made.utterances["text"].str.split().str.len().to_numpy() >= LEAST_WORDS
        return _part(made, long.nonzero()[0])


@dataclass(frozen=True)
class ThemeSet:
    """n units in canonical order.

    `lemmas`: all lemmas of each, function words too, by which coherence is counted. `lemma_of`: of words in lower
    case. `topics`: people's topic of each, '' where they gave none, NONE where there is none.
    """

    name: str
    about: str
    material: Material
    terms: Terms
    lemmas: Sequence[frozenset[str]]
    lemma_of: Mapping[str, str]
    topics: np.ndarray
    recorded: Recorded | None = None

    def __len__(self) -> int:
        return len(self.topics)

    @property
    def texts(self) -> list[str]:
        return list(self.material.utterances["text"])

    @property
    def judged(self) -> np.ndarray:
        """Which units have a topic."""
        return (self.topics != "") & (self.topics != NONE)

    def part(self, rows: np.ndarray, name: str = "") -> ThemeSet:
        """The set of these rows alone; phrases stay as they were found in all."""
        return replace(
            self,
            name=name or self.name,
            material=_part(self.material, rows),
            terms=_part_of_terms(self.terms, rows),
            lemmas=[self.lemmas[row] for row in rows],
            topics=self.topics[rows],
            recorded=None,
        )


def _part(material: Material, rows: np.ndarray) -> Material:
    kept = material.utterances.iloc[rows].reset_index(drop=True)
    return replace(
        material,
        utterances=kept,
        repeats=material.repeats[material.repeats["repeats"].isin(kept["utterance"])].reset_index(drop=True),
        vectors=material.vectors[rows],
        heard=material.heard[rows],
    )


def _part_of_terms(terms: Terms, rows: np.ndarray) -> Terms:
    return replace(terms, documents=[terms.documents[row] for row in rows], counts=terms.counts[rows])


# --- what people gave topics ---------------------------------------------------------------------------------------


def read_meetings(folder: Path, only: Iterable[str] = ()) -> list[Said]:
    """Committee meetings with the spans that people marked as topics; who chairs is the moderator."""
    made = []
    for path in sorted(folder.glob("*.json")):
        if only and path.stem not in only:
            continue
        meeting = json.loads(path.read_text(encoding="utf-8"))
        turns = meeting["meeting_transcripts"]
        topics = [""] * len(turns)
        for topic in meeting["topic_list"]:
            for first, last in topic["relevant_text_span"]:
                for turn in range(int(first), min(int(last) + 1, len(turns))):
                    topics[turn] = f"{path.stem}: {topic['topic']}"
        people = [one_line(turn["speaker"].partition("(")[0]) for turn in turns]
        roles = ["moderator" if "Chair" in name else "participant" for name in people]
        texts = [" ".join(re.sub(r"\{\w+\}", " ", turn["content"]).split()) for turn in turns]
        made.append(Said(path.stem, "focus_group", texts, people, roles, topics))
    return made


def read_coded(read: Callable[[Path], list[Transcript]], folder: Path) -> list[Said]:
    """Transcripts of one participant each; an utterance's topic is the code with most of its characters."""
    made = []
    for transcript in read(folder):
        shares: dict[int, Counter[str]] = defaultdict(Counter)
        for item in transcript.coded:
            shares[item.utterance][item.code] += item.end - item.start
        topics = [
            min(shares[number], key=lambda code: (-shares[number][code], code)) if shares[number] else ""
            for number in range(len(transcript.utterances))
        ]
        people = [transcript.name if role == "participant" else role for role in transcript.roles]
        said = [one_line(text) for text in transcript.utterances]
        made.append(Said(transcript.name, "interview", said, people, transcript.roles, topics))
    return made


def read_planted(path: Path = PLANTED) -> list[Said]:
    """The invented talk, as answers of a survey: nothing stands around them."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    texts, people, topics = ([row[column] for row in rows] for column in ("text", "participant", "theme"))
    return [Said("planted", "survey", texts, people, ["participant"] * len(rows), topics)]


class Source(NamedTuple):
    """Where a set comes from. `folder`: of QUALCODE_DATA; '': of the project."""

    name: str
    about: str
    folder: str
    read: Callable[[Path], list[Said]]


SOURCES = (
    Source("meetings", "11 committee meetings, people's topic spans", "qmsum-covid", read_meetings),
    Source("meeting 0", "one of them", "qmsum-covid", partial(read_meetings, only=["covid_0"])),
    Source("meeting 8", "another of them", "qmsum-covid", partial(read_meetings, only=["covid_8"])),
    Source("sessions", "17 think-aloud sessions, people's codes", "serdif-taguette", partial(read_coded, read_serdif)),
    Source("interviews", "7 interviews, people's codes", "pdpilot", partial(read_coded, read_pdpilot)),
    Source("planted", "invented answers, planted topics", "", lambda _: read_planted()),
)


def there(source: Source) -> bool:
    """Whether the data of a set are at hand."""
    return not source.folder or (_data() / source.folder).is_dir()


def read_set(source: Source, pipeline: Language) -> ThemeSet:
    """A set with parses and vectors, which are kept between runs."""
    return made_of(source.name, source.about, source.read(_data() / source.folder), pipeline)


def _data() -> Path:
    return Path(os.environ.get("QUALCODE_DATA") or "nowhere")


# --- what is made of it --------------------------------------------------------------------------------------------


def made_of(name: str, about: str, said: Sequence[Said], pipeline: Language) -> ThemeSet:
    """The units of what was said."""
    import numpy as np

    recorded = _recorded(said, pipeline)
    material = recorded.material(recorded.sentences)
    people = sorted({person for source in said for person in source.people})
    terms = read_terms(material.utterances, recorded.folder, people, "en")
    tokens = {source.source: read_tokens(parses_of(recorded.folder, source.source)) for source in said}
    lemma_of = _lemma_of(tokens.values())
    spoken = {f"{key}:{number}": found for key, own in tokens.items() for number, found in enumerate(_spoken(own), 1)}
    topics = dict(zip(recorded.table["utterance"], (topic for source in said for topic in source.topics), strict=True))
    units = material.utterances
    return ThemeSet(
        name,
        about,
        material,
        terms,
        [lemmas(text, lemma_of) | spoken[unit] for text, unit in zip(units["text"], units["utterance"], strict=True)],
        lemma_of,
        np.array([topics[unit] for unit in units["utterance"]]),
        recorded,
    )


def _recorded(said: Sequence[Said], pipeline: Language) -> Recorded:
    import numpy as np

    columns: dict[str, list[object]] = {column.name: [] for column in tables.TABLES["utterances"].columns}
    folder = CACHE / digest(*(text for source in said for text in source.texts))
    owners: list[int] = []
    weights: list[int] = []
    texts: list[str] = []
    for source in said:
        stored = parses_of(folder, source.source)
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(parsed(source.texts, pipeline).read_bytes())
        for words, spans in zip(source.texts, read_tokens(stored).sentences(), strict=True):
            row = len(columns["text"])
            owners += [row] * len(spans)
            weights += [end - start for start, end in spans]
            texts += [words[start:end] for start, end in spans]
            columns["text"].append(words)
        columns["utterance"] += [f"{source.source}:{number}" for number in range(1, len(source.texts) + 1)]
        columns["source"] += [source.source] * len(source.texts)
        columns["participant"] += source.people
        columns["role"] += source.roles
        columns["backchannel"] += [is_backchannel(text) for text in source.texts]
    for column in ("question", "time_start", "time_end"):
        columns[column] = [""] * len(columns["text"])
    columns["start"] = columns["end"] = [0] * len(columns["text"])
    people = Counter(zip(columns["participant"], columns["role"], strict=True))
    participants = [
        {
            "participant": person,
            "role": role,
            "pseudonym": person,
            "quote_consent": "yes",
            "kind": said[0].kind,
            "utterances": number,
            "words": 0,
        }
        for (person, role), number in sorted(people.items(), key=str)
    ]
    return Recorded(
        tables.frame("utterances", columns),
        tables.frame("participants", participants),
        {source.source: source.kind for source in said},
        Sentences(vectors(texts), np.array(owners), np.array(weights)),
        folder,
    )


def _lemma_of(talk: Iterable[Tokens]) -> dict[str, str]:
    """The commonest lemma of each word; of equally common ones the first of the alphabet."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for tokens in talk:
        for (surface, lemma), number in Counter(
            zip(tokens.surface.tolist(), tokens.lemma.tolist(), strict=True)
        ).items():
            counts[tokens.forms[surface].casefold()][tokens.forms[lemma].casefold()] += number
    return {
        word: min(found, key=lambda lemma: (-found[lemma], lemma)) for word, found in counts.items() if word.strip()
    }


def _spoken(tokens: Tokens) -> list[frozenset[str]]:
    """The lemmas of each utterance in its context: "left" may be `leave` here, though it is `left` mostly."""
    forms = [form.casefold() for form in tokens.forms]
    return [
        frozenset(forms[lemma] for lemma in tokens.lemma[first:last]) for first, last in pairwise(tokens.first.tolist())
    ]


def lemmas(text: str, lemma_of: Mapping[str, str]) -> frozenset[str]:
    """The lemmas of a text; a piece of a word, as scikit-learn cuts "don't", is its own lemma."""
    return frozenset(lemma_of.get(word, word) for word in WORD.findall(text.casefold()))


# --- talk without themes -------------------------------------------------------------------------------------------


def without_themes(made: ThemeSet, seed: int) -> ThemeSet:
    """The same set with no themes in it: sentences mean what a normal distribution of the same mean and covariance
    gives them, and all words and terms are dealt out anew, to each utterance as many as it had.
    """
    import numpy as np

    if made.recorded is None:
        raise ValueError("a part of a set has no sentences")
    draw = np.random.default_rng(seed)
    sentences = made.recorded.sentences
    drawn = draw.multivariate_normal(
        sentences.vectors.mean(axis=0), np.cov(sentences.vectors.T), size=len(sentences.vectors), method="eigh"
    )
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    material = made.recorded.material(replace(sentences, vectors=unit.astype(np.float32)))
    texts = [" ".join(words) for words in _dealt([text.split() for text in made.texts], draw)]
    documents = _dealt([split(document) for document in made.terms.documents], draw)
    return replace(
        made,
        material=replace(material, utterances=material.utterances.assign(text=texts)),
        terms=_terms_of(documents, made.terms),
        lemmas=[lemmas(text, made.lemma_of) for text in texts],
        recorded=None,
    )


def _dealt(hands: Sequence[Sequence[str]], draw: np.random.Generator) -> list[list[str]]:
    cards = [card for hand in hands for card in hand]
    order = iter(draw.permutation(len(cards)))
    return [[cards[next(order)] for _ in hand] for hand in hands]


def joined(terms: Sequence[str]) -> str:
    """Terms as a document: what `split` takes apart."""
    return f"{SEPARATOR}{SEPARATOR.join(terms)}{SEPARATOR}" if terms else ""


def _terms_of(documents: Sequence[Sequence[str]], like: Terms) -> Terms:
    import numpy as np
    from scipy.sparse import csr_matrix

    column = {word: number for number, word in enumerate(like.words)}
    places = [(row, column[term]) for row, terms in enumerate(documents) for term in terms if term in column]
    rows, columns = np.array(places, dtype=np.int64).reshape(-1, 2).T
    counts = csr_matrix((np.ones(len(rows), dtype=like.counts.dtype), (rows, columns)), shape=like.counts.shape)
    return replace(like, documents=[joined(terms) for terms in documents], counts=counts)

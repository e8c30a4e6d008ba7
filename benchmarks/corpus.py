"""Build the study that the benchmarks run on: at least 100,000 words in several sources, a codebook and a coder.

The words are those of the committee meetings in QUALCODE_DATA where that folder is there, else they are recombined
from the example focus group. Either way the same words come out every time.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

WORDS = 100_000
CODES, WORDS_PER_CODE, CATEGORIES = 30, 3, 6
QUOTATIONS = 300
# One quotation in so many has a slip of the pen, and must be found by its likeness.
SLIP = 20
# Words that stand in more of the utterances than this are no one's code.
COMMON = 0.04
# Sentences of fewer words are not recombined.
LONG = 4
SEED = 2007

Row = dict[str, str]


@dataclass(frozen=True)
class Turn:
    """What someone said in one go. `label` is the speaker's name in the transcript."""

    label: str
    words: str


@dataclass(frozen=True)
class Corpus:
    """Transcripts by source, the rows of participants.csv, and a plain sentence that says where the words are from."""

    about: str
    sources: dict[str, list[Turn]]
    people: list[Row]

    def words(self) -> int:
        """The number of words in all sources, as a word processor counts them."""
        return sum(len(turn.words.split()) for turns in self.sources.values() for turn in turns)


def load_corpus(examples: Path) -> Corpus:
    """The real meetings where they are, else the example focus group (below `examples`) recombined."""
    meetings = Path(os.environ.get("QUALCODE_DATA") or "nowhere") / "qmsum-covid"
    return from_meetings(meetings) if meetings.is_dir() else recombined(examples / "clinical-mentors")


# --- real meetings -------------------------------------------------------------------------------------------------


def from_meetings(folder: Path) -> Corpus:
    """As many of QMSum's committee meetings (Zhong et al. 2021) as it takes, in the order of their names."""
    sources: dict[str, list[Turn]] = {}
    parties: dict[str, str] = {}
    count = 0
    for path in sorted(folder.glob("*.json")):
        turns = []
        for item in json.loads(path.read_text(encoding="utf-8"))["meeting_transcripts"]:
            # "Mr. Glen Motz (Medicine Hat, CPC)": the name, and where it is said, the party.
            label = item["speaker"].partition("(")[0].strip()
            party = re.search(r",\s*(\w+)\.?\)+$", item["speaker"])
            parties[label] = party[1] if party else parties.get(label, "")
            turns.append(Turn(label, " ".join(item["content"].split())))
        sources[path.stem.replace("_", "-")] = turns
        count += sum(len(turn.words.split()) for turn in turns)
        if count >= WORDS:
            break
    people = [
        _person(f"p{number:03}", label, "moderator" if "Chair" in label else "participant", party=party)
        for number, (label, party) in enumerate(parties.items(), 1)
    ]
    return Corpus("real committee meetings of many speakers (QMSum)", sources, people)


def _person(participant: str, label: str, role: str, **more: str) -> Row:
    # The pseudonym is the name itself: names are looked for as in any study, and the bare script reads the same text.
    return {"participant": participant, "role": role, "labels": label, "pseudonym": label, **more}


# --- recombined ----------------------------------------------------------------------------------------------------


def recombined(study: Path) -> Corpus:
    """Focus groups with the turns of the example, whose sentences begin as one of its sentences and end as another."""
    example = read_turns((study / "transcripts" / "focus-group.txt").read_text(encoding="utf-8"))
    chance = random.Random(SEED)
    heads, tails = _halves(example)
    roles = {row["labels"]: row["role"] for row in _read_rows(study / "participants.csv")}
    sources: dict[str, list[Turn]] = {}
    people: list[Row] = []
    count = 0
    while count < WORDS:
        number = len(sources) + 1
        turns = []
        for turn in example:
            said = (_new(sentence, heads, tails, chance) for sentence in _sentences(turn.words))
            turns.append(Turn(turn.label, " ".join(said)))
        sources[f"group-{number:02}"] = turns
        for nth, label in enumerate(dict.fromkeys(turn.label for turn in turns), 1):
            key = f"p{nth}-{number:02}"
            people.append(_person(key, label, roles[label]) | {"pseudonym": key, "source": f"group-{number:02}"})
        count += sum(len(turn.words.split()) for turn in turns)
    return Corpus("the example focus group, its sentences recombined", sources, people)


def read_turns(text: str) -> list[Turn]:
    """The turns of a transcript in which each stands on one line, `Name: words`."""
    lines = (line.partition(": ") for line in text.splitlines() if line.strip())
    return [Turn(label, words) for label, _, words in lines]


def _sentences(words: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", words)


def _halves(turns: Iterable[Turn]) -> tuple[list[str], list[str]]:
    """The beginnings and the ends of all sentences that are long enough to be parted."""
    parted = [words for turn in turns for s in _sentences(turn.words) if len(words := s.split()) >= LONG]
    middles = [len(words) // 2 for words in parted]
    heads = [" ".join(words[:middle]) for words, middle in zip(parted, middles, strict=True)]
    return heads, [" ".join(words[middle:]) for words, middle in zip(parted, middles, strict=True)]


def _new(sentence: str, heads: list[str], tails: list[str], chance: random.Random) -> str:
    """A sentence of two halves instead of a long one; "Mm-hm." stays as it is."""
    return f"{chance.choice(heads)} {chance.choice(tails)}" if len(sentence.split()) >= LONG else sentence


# --- the study folder ----------------------------------------------------------------------------------------------


def build_study(corpus: Corpus, folder: Path) -> Path:
    """Write the corpus as a study: transcripts, people, a codebook and a coder's quotations. Returns its folder."""
    for source, turns in corpus.sources.items():
        text = "\n\n".join(f"{turn.label}: {turn.words}" for turn in turns)
        _write(folder / "transcripts" / f"{source}.txt", text + "\n")
    rows = [{"source": key, "file": f"{key}.txt", "kind": "focus_group"} for key in corpus.sources]
    _write_rows(folder / "sources.csv", rows)
    _write_rows(folder / "participants.csv", corpus.people)
    _write(folder / "study.yaml", "title: Benchmark\ncodebook: codebook.yaml\n")
    codes = _codes(_participants_turns(corpus))
    _write(folder / "codebook.yaml", _codebook(codes))
    _write_rows(folder / "codings" / "anna" / "codings.csv", list(_quotations(corpus, list(codes))))
    return folder


def _moderators(corpus: Corpus) -> set[str]:
    return {person["labels"] for person in corpus.people if person["role"] == "moderator"}


def _participants_turns(corpus: Corpus) -> list[str]:
    moderators = _moderators(corpus)
    return [turn.words for turns in corpus.sources.values() for turn in turns if turn.label not in moderators]


def _codes(utterances: list[str]) -> dict[str, list[str]]:
    """Codes with the words that propose them: the words that most utterances have, without the common ones."""
    found = Counter(word for text in utterances for word in set(re.findall(r"\b[a-z]{6,}\b", text)))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    words = [word for word, count in ranked if count <= COMMON * len(utterances)][: CODES * WORDS_PER_CODE]
    # Dealt like cards, so that every code has frequent words and rare ones.
    return {word: words[start::CODES] for start, word in enumerate(words[:CODES])}


def _codebook(codes: dict[str, list[str]]) -> str:
    """The codebook as YAML, a code per line, below categories."""
    lines = ["codebook: Benchmark", "codes:"]
    keys = list(codes)
    for number in range(CATEGORIES):
        lines += [f"  - code: category-{number + 1}", "    codes:"]
        for key in keys[number::CATEGORIES]:
            words = ", ".join(codes[key])
            lines.append(f"      - {{code: {key}, definition: Somebody speaks of {key}., words: [{words}]}}")
    return "\n".join(lines) + "\n"


def _quotations(corpus: Corpus, codes: list[str]) -> Iterator[Row]:
    """Sentences of participants, evenly over all the talk, each with one of the codes."""
    moderators = _moderators(corpus)
    long = [
        (source, sentence)
        for source, turns in corpus.sources.items()
        for turn in turns
        if turn.label not in moderators
        for sentence in _sentences(turn.words)
        if len(sentence.split()) >= 10
    ]
    for number in range(QUOTATIONS):
        source, quote = long[number * len(long) // QUOTATIONS]
        if number % SLIP == 0:
            first, _, rest = quote.partition(" ")
            quote = f"{first} {rest[1:]}"
        yield {"source": source, "code": codes[number % len(codes)], "quote": quote}


# --- the edits -----------------------------------------------------------------------------------------------------


def edit_codebook(study: Path) -> None:
    """Give one word of one code any ending."""
    path = study / "codebook.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if "words: [" in line and number > len(lines) // 2)
    lines[place] = re.sub(r"words: \[(\w+)", r"words: [\1*", lines[place])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def edit_utterance(study: Path) -> None:
    """Change one word of an utterance that no one quoted, in the source in the middle."""
    paths = sorted((study / "transcripts").iterdir())
    path = paths[len(paths) // 2]
    quotes = [row["quote"][-30:] for row in _read_rows(study / "codings" / "anna" / "codings.csv")]
    people = _read_rows(study / "participants.csv")
    talkers = {row["labels"] for row in people if row["role"] == "participant"}
    lines = path.read_text(encoding="utf-8").split("\n")
    for number in range(len(lines) // 2, len(lines)):
        line = lines[number]
        said = line.partition(": ")[0] in talkers and " the " in line
        if said and not any(quote in line for quote in quotes):
            lines[number] = line.replace(" the ", " that ", 1)
            path.write_text("\n".join(lines), encoding="utf-8")
            return
    raise ValueError(f"{path.name}: every utterance is quoted")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _write_rows(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

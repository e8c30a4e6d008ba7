"""Read every source into utterances: one canonical text per source, each turn attributed, names hidden."""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from . import tables
from .console import add_study, progress, say
from .errors import Problems, QualcodeError
from .files import write_text
from .hiding import Hider
from .study import (
    ADDED,
    MEMBER_CHECKS,
    MODERATOR_LABEL,
    UNKNOWN_LABEL,
    WITHDRAWN,
    Participant,
    Source,
    Study,
    label_key,
    load_study,
    slug,
)
from .text import count_words, is_backchannel
from .transcripts import LeftOut, Turn, read_transcript

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("guide", "moderators")
# A marker of a guide question inside a turn: [Q2], {Q2}, [question: warm-up]. It counts where the guide has the id.
_MARKER = re.compile(r"[\[{]\s*(?:question:\s*)?(?P<id>[\w-]{1,40})\s*[\]}]", re.IGNORECASE)
# Kinds of sources in which people talk to each other.
TALK = ("focus_group", "interview")


@dataclass
class SourceTurns:
    """A source read: its turns with the person of each (None where no one is known), and what became of its words.

    `words` are those of the whole file. `hidden` and `waiting` count by entry of the hider.
    """

    source: Source
    hider: Hider
    words: int
    left_out: list[LeftOut]
    attributes: Mapping[str, Mapping[str, str]]
    turns: list[tuple[Turn, Participant | None]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    words_imported: int = 0
    words_withdrawn: int = 0
    hidden: Counter[int] = field(default_factory=Counter)
    waiting: Counter[tuple[int, str]] = field(default_factory=Counter)


def read_sources(study: Study) -> list[SourceTurns]:
    """Every source with its turns attributed and names hidden. Raises QualcodeError naming all their problems."""
    problems = Problems()
    read = []
    unlisted: dict[str, Participant] = {}
    for source in progress(study.sources, lambda source: source.source):
        try:
            transcript = read_transcript(source, study.labels(source.source))
        except QualcodeError as error:
            problems.extend(error)
            continue
        hider = study.hider(source.source)
        found = SourceTurns(source, hider, transcript.words, transcript.left_out, transcript.attributes)
        _attribute(found, transcript.turns, unlisted, study, problems)
        found.questions = list(_questions(found, study, problems))
        read.append(found)
    _check_people(read, problems)
    if len(read) == len(study.sources):
        _check_known(study, read, problems)
    problems.stop()
    return read


def _attribute(
    found: SourceTurns, turns: Sequence[Turn], unlisted: dict[str, Participant], study: Study, problems: Problems
) -> None:
    """Give each turn its speaker, hide names in its words, and put a marker in the place of who withdrew.

    `unlisted` gathers the people of all sources that no one listed, by their labels without case and stray blanks.
    """
    source = found.source
    roster = study.roster(source.source)
    if source.kind == ADDED:
        # Whom no one listed is known from the other sources, which come first.
        roster = {label_key(person.participant): person for person in unlisted.values()} | roster
    listed = source.kind in TALK and bool(study.participants)
    unknown: dict[str, list[str]] = {}
    telling: dict[str, str] = {}
    hides = bool(study.everyone.entries)
    for turn in turns:
        key = label_key(turn.label)
        person = roster.get(key) if key else None
        if person is None and key and not UNKNOWN_LABEL.fullmatch(key):
            if listed:
                unknown.setdefault(turn.label, []).append(turn.place)
            person = unlisted.get(key) or unlisted.setdefault(key, _unlisted(turn.label, study))
            if not listed and hides and (place := next(iter(study.names_in(turn.label)), "")):
                telling.setdefault(place, turn.place)
        if person is not None and person.status == "withdrawn":
            # A marker, so that what follows keeps its number; nothing of theirs is left, their time codes included.
            found.words_withdrawn += count_words(turn.text)
            found.turns.append((Turn("", WITHDRAWN, turn.place, turn.question), person))
            continue
        found.words_imported += count_words(turn.text)
        hidden = found.hider.apply(turn.text)
        found.hidden.update(hidden.counts)
        found.waiting.update(hidden.waiting)
        found.turns.append((turn if hidden.text == turn.text else replace(turn, text=hidden.text), person))
    for listed_at, place in telling.items():
        wrong = f"the label or id of this turn holds a name that is to be hidden ({listed_at}), and would be shown"
        problems.add(source.path, place, wrong, "List the speaker in participants.csv; give respondents other ids.")
    if unknown:
        known = {label_key(label): label for label in study.labels(source.source)}
        told = "; ".join(_with_nearest(label, len(places), known) for label, places in unknown.items())
        wrong = f"speakers that participants.csv does not list: {told}"
        do = "Add each to someone's `labels`; name what is no speaker in `not_labels` of sources.csv."
        problems.add(source.path, next(iter(unknown.values()))[0], wrong, do)


def _check_known(study: Study, read: Iterable[SourceTurns], problems: Problems) -> None:
    """Who was issued a packet took part: were the id another one now, no withdrawal would reach what they answered."""
    said = (person for found in read if found.source.kind != ADDED for _, person in found.turns if person)
    known = {label_key(person.participant) for person in (*study.participants, *said)}
    issued = {packet.asked.participant for packet in study.returned.issued}
    if lost := ", ".join(sorted(name for name in issued if label_key(name) not in known)):
        wrong = f"packets were issued to people who are in no source any more, nor in participants.csv: {lost}"
        do = f"Keep the row of {lost} in participants.csv, under that id (its status may be withdrawn)."
        problems.add(study.folder / MEMBER_CHECKS, "", wrong, do)


def _with_nearest(label: str, turns: int, known: Mapping[str, str]) -> str:
    near = get_close_matches(label_key(label), known, 1)
    like = f", much like '{known[near[0]]}'" if near else ""
    return f"'{label}' ({turns} turn{'s' * (turns != 1)}{like})"


def _unlisted(label: str, study: Study) -> Participant:
    """A person known only by the label of the transcript, or by the id of the survey's row."""
    leads = bool(MODERATOR_LABEL.fullmatch(label))
    role = "moderator" if leads and study.settings["moderators"] == "exclude" else "participant"
    return Participant(slug(label), role, labels=(label,), pseudonym=slug(label), leads=leads)


def _check_people(read: Iterable[SourceTurns], problems: Problems) -> None:
    """Two labels that become one id would mix two people's words."""
    labels: dict[str, str] = {}
    for found in read:
        people = {(person.participant, person.labels[0]) for _, person in found.turns if person is not None}
        for key, label in sorted(people):
            if (other := labels.setdefault(key.casefold(), label)) != label:
                wrong = f"the labels '{other}' and '{label}' both become '{key}'"
                problems.add(found.source.path, "", wrong, "List them in participants.csv with ids of their own.")


def canonical(found: SourceTurns) -> tuple[str, dict[str, list[Any]]]:
    """The canonical text of a source and its utterances by column: `text[start:end]` is the words, always."""
    lines: list[str] = []
    columns: dict[str, list[Any]] = {column.name: [] for column in tables.TABLES["utterances"].columns}
    key = found.source.source
    position = 0
    spoken = False
    for number, ((turn, person), question) in enumerate(zip(found.turns, found.questions, strict=True), 1):
        gone = person is not None and person.status == "withdrawn"
        spoken = spoken or person is not None
        label = f"{person.pseudonym}: " if person and not gone else ""
        start = position + len(label)
        values = (
            f"{key}:{number}",
            key,
            person.participant if person and not gone else "",
            "withdrawn" if gone else person.role if person else _role(found.source, turn, spoken),
            question,
            is_backchannel(turn.text),
            start,
            start + len(turn.text),
            turn.time_start,
            turn.time_end,
            turn.text,
        )
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
        lines.append(label + turn.text)
        position += len(lines[-1]) + 1
    return "\n".join(lines) + "\n", columns


def _role(source: Source, turn: Turn, spoken: bool) -> str:
    """The role of words of no known person: what stands above the talk is no data, an unknown voice in it is."""
    above = source.kind in TALK and not spoken and not turn.label and not turn.time_start
    return "heading" if above else ""


def _questions(found: SourceTurns, study: Study, problems: Problems) -> Iterator[str]:
    """The guide question in force at each turn: a marker in the file opens it, or a cue of who leads the talk."""
    if found.source.kind not in TALK:
        shown = _shown(dict.fromkeys(turn.question for turn, _ in found.turns), found.hider.hide)
        yield from (shown[turn.question] for turn, _ in found.turns)
        return
    ids = {item["id"].casefold(): item["id"] for item in study.settings["guide"]}
    guide = [(item["id"], [_plain(cue) for cue in item.get("cues", [])]) for item in study.settings["guide"]]
    current = above = ""
    unknown: dict[str, str] = {}
    for turn, person in found.turns:
        if turn.question != above:
            above = turn.question
            current = ids.get(above.casefold(), "" if ids else above)
            if above and not current:
                unknown.setdefault(above, turn.place)
        if person and person.leads:
            words = _plain(turn.text)
            # "That was training. Now, what helped you?": what is said last opens its question.
            met = [
                (words.rfind(cue), -place, key)
                for place, (key, cues) in enumerate(guide)
                for cue in cues
                if cue in words
            ]
            current = max(met)[2] if met else current
        for inline in _MARKER.finditer(turn.text):
            current = ids.get(inline["id"].casefold(), current)
        yield current
    for marker, place in unknown.items():
        wrong = f"the marker '{marker}' above this turn names no question of the guide"
        problems.add(found.source.path, place, wrong, f"The questions are: {', '.join(ids.values())}.")


def _plain(text: str) -> str:
    """Words as cues are compared: without case, curly apostrophes and stray blanks."""
    return " ".join(text.casefold().replace("’", "'").split())


def people(read: list[SourceTurns]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who spoke or answered (participants), and what is known of them and of the sources (attributes)."""
    persons: dict[str, tuple[Participant, str]] = {}
    known: dict[tuple[str, str], Mapping[str, str]] = {}
    turns: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for found in read:
        hide = cache(found.hider.hide)
        known["source", found.source.source] = _hidden_facts(found.source.attributes, hide)
        met: set[str] = set()
        for turn, person in found.turns:
            if person is None or person.status == "withdrawn":
                continue
            key = person.participant
            turns[key] += 1
            words[key] += count_words(turn.text)
            if key in met:
                continue
            met.add(key)
            persons.setdefault(key, (person, found.source.kind))
            told = found.attributes.get(turn.label, {})
            facts = {**person.attributes, **told} if person.attributes else told
            earlier = known.get(("participant", key))
            values = _hidden_facts(facts, hide)
            known["participant", key] = {**earlier, **values} if earlier else values
    participants: dict[str, list[Any]] = {
        "participant": list(persons),
        "role": [person.role for person, _ in persons.values()],
        "pseudonym": [person.pseudonym for person, _ in persons.values()],
        "quote_consent": [person.quote_consent for person, _ in persons.values()],
        "kind": [kind for _, kind in persons.values()],
        "utterances": [turns[key] for key in persons],
        "words": [words[key] for key in persons],
    }
    attributes = {
        "subject": [subject for (subject, _), facts in known.items() for _ in facts],
        "id": [key for (_, key), facts in known.items() for _ in facts],
        "attribute": [name for facts in known.values() for name in facts],
        "value": [value for facts in known.values() for value in facts.values()],
    }
    return tables.frame("participants", participants), tables.frame("attributes", attributes)


def _hidden_facts(facts: Mapping[str, str], hide: Callable[[str], str]) -> Mapping[str, str]:
    """Facts with names hidden, in the columns' names too; the very same object where there are none.

    A survey may have a million.
    """
    if all(hide(text) == text for text in (*facts, *facts.values())):
        return facts
    shown = _shown(facts, hide)
    return {shown[name]: hide(value) for name, value in facts.items()}


def _shown(columns: Iterable[str], hide: Callable[[str], str]) -> dict[str, str]:
    """The names of columns with people's names hidden; those that differed by these alone are numbered."""
    met: Counter[str] = Counter()
    shown = {}
    for column in columns:
        name = hide(column)
        met[name] += 1
        shown[column] = f"{name} ({met[name]})" if met[name] > 1 else name
    return shown


def hidden(read: list[SourceTurns]) -> pd.DataFrame:
    """What was hidden in each source, how often, and where it is listed: never the words themselves."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for found in read:
        waiting: Counter[int] = Counter()
        for (number, _), count in found.waiting.items():
            waiting[number] += count
        for number, entry in enumerate(found.hider.entries):
            if not found.hidden[number] and not waiting[number]:
                continue
            new = {"kind": entry.kind, "replacement": entry.replacement, "count": 0, "waiting": 0}
            # A person's several names are listed in one place.
            row = rows.setdefault((found.source.source, entry.place), new)
            row["count"] += found.hidden[number]
            row["waiting"] += waiting[number]
    return tables.frame("hidden", [{"source": source, "place": place, **row} for (source, place), row in rows.items()])


def unmet(read: list[SourceTurns]) -> list[str]:
    """Where names are listed that stand in no source; labels that stand before the colon are met there."""
    met: set[str] = set()
    listed: dict[str, None] = {}
    for found in read:
        spoken = {label_key(turn.label) for turn, _ in found.turns}
        gone = {person.participant for _, person in found.turns if person and person.status == "withdrawn"}
        met |= {found.hider.entries[number].place for number, _ in found.waiting}
        for number, entry in enumerate(found.hider.entries):
            listed[entry.place] = None
            if found.hidden[number] or label_key(entry.text) in spoken or entry.person in gone:
                met.add(entry.place)
    return [place for place in listed if place not in met]


def warnings(read: list[SourceTurns], study: Study) -> list[str]:
    """What the lists of people and names ask for and the sources do not have, in sentences."""
    lines = [
        f"{place} is to be hidden, and was met nowhere: is it spelt as in the transcripts?" for place in unmet(read)
    ]
    asked = "withdrew or may not be quoted, and speaks nowhere: are the labels as in the sources?"
    return lines + [f"{place}: this person {asked}" for place in silent(read, study)]


def silent(read: list[SourceTurns], study: Study) -> list[str]:
    """Where people are listed who withdrew or may not be quoted, and who speak nowhere by the labels that they have."""
    heard = {person.participant for found in read for _, person in found.turns if person}
    return [
        f"participants.csv row {person.row}"
        for person in study.participants
        if person.participant not in heard and (person.status == "withdrawn" or person.quote_consent != "yes")
    ]


def import_report(read: list[SourceTurns], study: Study) -> pd.DataFrame:
    """What came in from each file and what was left out: the words of the file are those imported and those left."""
    rows = []
    for found in read:
        source = found.source
        entries = [
            ("utterances", len(found.turns), "imported"),
            ("words", found.words, "in the file"),
            ("words", found.words_imported, "imported"),
        ]
        if found.words_withdrawn:
            entries.append(("words", found.words_withdrawn, "left out: their speakers withdrew"))
        # Notes may quote the file: names of columns, words that a line end divided.
        entries += [(item.what, item.count, found.hider.hide(item.note)) for item in found.left_out]
        if source.kind in TALK:
            if unattributed := sum(count_words(turn.text) for turn, person in found.turns if person is None):
                entries.append(("unattributed", unattributed, "imported words that no known speaker is named for"))
            if study.settings["guide"]:
                entries += _unasked(found, study)
        name = found.hider.hide(source.path.name)
        if name != source.path.name:
            entries.append(("file", 1, "its name holds a name that is to be hidden: rename it, for records keep it"))
        rows += [
            {
                "source": source.source,
                "file": name,
                "what": what,
                "count": count,
                "note": note,
            }
            for what, count, note in entries
        ]
    return tables.frame("import_report", rows)


def _unasked(found: SourceTurns, study: Study) -> Iterator[tuple[str, int, str]]:
    """What could not be assigned to the guide: turns before the first cue, and questions that nothing opened."""
    turns = [question for (_, person), question in zip(found.turns, found.questions, strict=True) if person]
    if early := turns.count(""):
        yield "turns", early, "assigned to no question of the guide: they stand before the first cue or marker"
    missing = [item["id"] for item in study.settings["guide"] if item["id"] not in turns]
    if missing:
        yield "questions", len(missing), f"of the guide that no cue or marker opened: {', '.join(missing)}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    read = read_sources(study)
    for line in warnings(read, study):
        say(line)
    participants, attributes = people(read)
    report, counts = import_report(read, study), hidden(read)
    columns: dict[str, list[Any]] = {}
    written = []
    for found in read:
        text, utterances = canonical(found)
        written.append((args.results / "texts" / f"{found.source.source}.txt", text))
        for name, values in utterances.items():
            columns.setdefault(name, []).extend(values)
        found.turns.clear()  # a survey may have a million
    for path, text in written:
        write_text(path, text)
    for stale in set((args.results / "texts").glob("*.txt")) - {path for path, _ in written}:
        stale.unlink()
    tables.write(args.results, "utterances", tables.frame("utterances", columns))
    tables.write(args.results, "participants", participants)
    tables.write(args.results, "attributes", attributes)
    tables.write(args.results, "hidden", counts)
    tables.write(args.results, "import_report", report)

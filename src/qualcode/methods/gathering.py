"""Who took part, what was gathered, and how it was made ready for coding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ..console import counted_words, enumeration
from ..study import heard_again, unaccepted
from .feedback import added, asked_first
from .material import Material
from .phrases import Open, Paragraphs, decimals, minutes, percentage, was

# An attribute with more values is not told in a sentence.
_MOST_VALUES = 8
_CONSENT = {"yes": "might be quoted", "ask": "had still to be asked", "no": "might not be quoted"}
_FIRST = "wanted to be asked first"
# A value of an attribute such as years of service.
_NUMBER = re.compile(r"-?\d{1,9}(\.\d{1,6})?")
# How a figure that is left out is shown.
_HIDDEN = "–"


def participants(material: Material) -> Paragraphs:
    """The people, what is known of them, and who agreed to what."""
    people, moderators = material.of_role("participant"), material.of_role("moderator")
    sources = enumeration(material.sources_by_kind)
    if people:
        first = [f"Those who took part were {counted_words(len(people), 'participant')}, in {sources}."]
    else:
        first = [f"The study read {sources}; no participant is known."]
    if material.withdrawn:
        gone = counted_words(material.withdrawn, "more person", "more people")
        first.append(f"Consent was withdrawn by {gone}; nothing that they said was analyzed.")
    if moderators:
        names = enumeration(row["pseudonym"] for row in moderators)
        words = counted_words(sum(row["words"] for row in moderators), "word")
        first.append(
            f"The talk was led by {counted_words(len(moderators), 'moderator')} ({names}), who said {words}; what they "
            "said did not count."
        )
    paragraphs: Paragraphs = [
        [
            *first,
            Open("say how people were chosen and approached, how many were asked and declined, and why"),
            Open("say where it took place, and who else was present"),
        ]
    ]
    if told := make_up(material):
        paragraphs.append([*told])
    if people:
        paragraphs.append([consent(material), Open("say which board approved the study, and how people consented")])
    return paragraphs


def make_up(material: Material) -> list[str]:
    """The sample by attribute, a sentence each; figures of few people that the study hides stay hidden."""
    hidden = set(material.settings["confidential"]["attributes"])
    sentences = []
    for attribute, group in groupby(material.rows("sample"), key=lambda row: row["attribute"]):
        rows = list(group)
        if attribute in hidden:
            continue
        name = str(attribute).replace("_", " ")
        known = counted_words(int(rows[0]["of_participants"]), "participant")
        if span := _span(rows):
            sentences.append(f"In {name}, {known} ranged {span}.")
        elif len(rows) > _MOST_VALUES:
            sentences.append(f"In {name}, {known} had {len(rows)} different values (sample.csv lists them).")
        else:
            told = enumeration(f"{row['value']} ({_people(row)})" for row in rows)
            sentences.append(f"By {name}, {known} were: {told}.")
    return sentences


def _span(rows: Sequence[dict[str, Any]]) -> str:
    """The least and the largest value and the mean, where all are numbers and none is left out."""
    if len(rows) < 2 or any(row["suppressed"] or not _NUMBER.fullmatch(row["value"]) for row in rows):
        return ""
    values = [float(row["value"]) for row in rows for _ in range(int(row["participants"]))]
    mean = sum(values) / len(values)
    return f"from {min(values):g} to {max(values):g} (M = {decimals(mean, 1)})"


def _people(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return _HIDDEN
    return f"{int(row['participants']):,}; {percentage(int(row['participants']), int(row['of_participants']))}"


def consent(material: Material) -> str:
    """How many participants may be quoted: of whom participants.csv says nothing, no agreement is claimed."""
    people = material.of_role("participant")
    counts, wishes = Counter(row["quote_consent"] for row in people), dict(_CONSENT)
    checked = asked_first(material)
    if checked is None:
        wishes["ask"] = _FIRST
    elif checked.people:
        counts.update(asked=checked.people, ask=-checked.people)
        kept = f"kept {checked.kept:,} of their {counted_words(checked.quotations, 'quotation')}"
        wishes["asked"] = f"{_FIRST} ({_were(checked.people)} asked in the member check and {kept})"
    told = enumeration(f"{counts[key]:,} {says}" for key, says in wishes.items() if counts[key])
    return (
        f"Of {counted_words(len(people), 'participant')}, {told} (participants.csv, quote_consent; whoever is not "
        "listed there counts as one who might)."
    )


def data(material: Material) -> Paragraphs:
    """Sources, dates, minutes, words, and what was asked."""
    utterances = material.tables["utterances"]
    people = material.of_role("participant")
    told = [f"The data came from {enumeration(material.sources_by_kind)}{between(material.dates)}."]
    told += _duration(material)
    if later := added(material):
        told.append(f"{later} came later, in the member check, and counts as data too.")
    unit = f"{counted_words(len(utterances), 'utterance')} with {counted_words(_words(material), 'word')}"
    if people:
        words = counted_words(sum(row["words"] for row in people), "word")
        turns = counted_words(sum(row["utterances"] for row in people), "utterance")
        told.append(f"The data held {unit}; participants spoke or wrote {words} in {turns}.")
    else:
        told.append(f"The data held {unit}.")
    of = utterances[utterances["role"] == "participant"] if people else utterances
    if listening := int(of["backchannel"].sum()):
        whose = "the participants' utterances" if people else "all utterances"
        told.append(f"Of {whose}, {listening:,} {_were(listening)} mere signs of listening, which were not coded.")
    guide = material.settings["guide"]
    asked = [f"The guide had {counted_words(len(guide), 'question')}: {numbered(guide)}"] if guide else []
    gap = "say why these data were gathered, how they were recorded, and whether field notes were made"
    return [[*told, *asked, Open(gap)]]


def _words(material: Material) -> int:
    """Words that were imported, as import_report.csv has them."""
    return sum(row["count"] for row in material.rows("import_report", what="words", note="imported"))


def numbered(questions: Sequence[dict[str, str]]) -> str:
    """Questions of the study, one after the other, each with its number."""
    return " ".join(f"({number}) {item['text']}" for number, item in enumerate(questions, 1))


def between(dates: Sequence[str]) -> str:
    """When the data were gathered, as the end of a sentence."""
    if not dates:
        return ""
    return f", gathered on {dates[0]}" if len(dates) == 1 else f", gathered from {dates[0]} to {dates[-1]}"


def _duration(material: Material) -> list[str]:
    """Minutes of talk, and how many recordings have none listed."""
    recorded, known = material.recorded, material.minutes
    if not recorded:
        return []
    missing = len(recorded) - len(known)
    told = []
    if len(known) == 1:
        told = [f"The talk took {minutes(known[0])}{' where its length is known' if missing else ''}."]
    elif known:
        span = f"{minutes(min(known)).split()[0]} to {minutes(max(known))}"
        mean = minutes(sum(known) / len(known)).split()[0]
        told = [f"The talk took {minutes(sum(known))} in all, {span} each (M = {mean})."]
    if missing:
        few = f"{missing:,} of {counted_words(len(recorded), 'recording')}"
        which = few if known else "the recording" if missing == 1 else f"the {missing:,} recordings"
        told.append(f"The length of {which} is not known (sources.csv has no minutes).")
    return told


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def preparation(material: Material) -> Paragraphs:
    """Transcription, recordings that were heard again, and how names were hidden."""
    first: list[str | Open] = []
    if material.recorded:
        first.append(Open("say who or what transcribed the recordings, and by which rules"))
        first += heard_again(material.study)
    read = sum(row["count"] for row in material.rows("import_report", what="words", note="in the file"))
    if read:
        first.append(
            f"Of {counted_words(read, 'word')} in the files, {_words(material):,} were read as what people said or "
            "wrote; import_report.csv gives the reason for the others."
        )
    return [first, [*hiding(material)]] if first else [[*hiding(material)]]


def hiding(material: Material) -> list[str]:
    """How often names and other identifiers were replaced, and what nobody has decided on."""
    rows, hide = material.rows("hidden"), material.study.everyone.hide
    times = Counter(row["kind"] for row in rows for _ in range(row["count"]))
    told = []
    if times:
        kinds = enumeration(f"{hide(kind)} ({number:,})" for kind, number in sorted(times.items()))
        count = counted_words(times.total(), "place")
        told.append(f"Before coding, names and other identifiers were replaced in {count}: {kinds}.")
    else:
        told.append("No name or other identifier was listed to be replaced.")
    redact = sum(item.decision == "redact" for item in material.study.redactions)
    keep = len(material.study.redactions) - redact
    if redact or keep:
        told.append(
            f"People decided on {counted_words(redact + keep, 'listed string')} (redactions.csv): {redact} to be "
            f"replaced, {keep} to be kept."
        )
    waiting = len(material.rows("identifiers", decision="undecided"))
    if waiting:
        accepted = material.settings["identifiers"].get("accepted", "")
        by = f"; {hide(accepted)} accepted that" if accepted else ""
        if accepted and (later := len(unaccepted(material.tables["identifiers"], material.study))):
            by += f", but not {later:,} of them, which came later with answers to member checks"
        told.append(
            f"In what was said or written, {was(waiting, 'word or phrase', 'words or phrases')} found that may tell "
            f"who is meant, and on which nobody had decided{by}."
        )
    return told

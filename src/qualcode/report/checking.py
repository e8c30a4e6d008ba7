"""Member checking in the report: packets, who answered, and what participants said and what was decided on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..checked import ADDITION, AMENDED, ASKED, KEPT, LEAD, WAITS, WITHDRAWN, last_decisions, unanswered
from ..codebook import ALL
from ..console import counted_words, enumeration
from ..quoting import records
from ..rated import Disagreement
from ..study import ADDED, Study

if TYPE_CHECKING:
    import pandas as pd

# More people than this are not named.
MOST_NAMED = 10
# What became of quotations, as the report counts it.
_QUOTATIONS = (
    (KEPT, "kept as it is", "kept as they are"),
    (AMENDED, "put into other words", "put into other words"),
    (WITHDRAWN, "withdrawn", "withdrawn"),
    (WAITS, "to be changed, without saying how", "to be changed, without saying how"),
)


def checking(
    study: Study, read: Mapping[str, pd.DataFrame], pseudonyms: Mapping[str, str], hide: Callable[[str], str]
) -> dict[str, Any]:
    """All that the section on member checking shows. `hide` takes names out of what people typed."""
    sent, answers = records(read["member_check_packets"]), read["member_checks"]
    rows = records(answers)
    missing, behind = unanswered((row["participant"], row["answered"]) for row in sent if not row["withdrew"])
    return {
        "packets": [{**row, "name": _name(row["participant"], pseudonyms)} for row in records(read["packets"])],
        "held_back": held_back(read["packets"], pseudonyms),
        "sent": [{**row, "name": _name(row["participant"], pseudonyms)} for row in sent],
        "missing": named(missing, pseudonyms),
        "behind": named(behind, pseudonyms),
        "concepts": [row for row in records(read["member_check_summary"]) if row["code"] != ALL],
        "requests": requests(answers, read["participants"], pseudonyms, hide),
        "quotations": quotations(answers),
        "notes": list(dict.fromkeys((_name(row["participant"], pseudonyms), row["question"], row["note"])
                                    for row in rows if row["note"])),
        "additions": sum(row["effect"] == ADDITION for row in rows),
        "source": next((source.source for source in study.sources if source.kind == ADDED), ""),
    }  # fmt: skip


def _name(person: str, pseudonyms: Mapping[str, str]) -> str:
    return pseudonyms.get(person) or person


def named(people: Sequence[str], pseudonyms: Mapping[str, str]) -> str:
    """People by pseudonym, or how many they are where these are many; '' if there are none."""
    if len(people) > MOST_NAMED:
        return counted_words(len(people), "participant")
    return enumeration(_name(person, pseudonyms) for person in people) if people else ""


def held_back(table: pd.DataFrame, pseudonyms: Mapping[str, str]) -> list[dict[str, str]]:
    """The reasons why participants get no packet, or a draft that is not to be sent, with the people of each."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in records(table):
        if row["draft"] or not row["made"]:
            what = "Only a draft, not to be sent" if row["made"] else "No packet"
            found.setdefault((what, row["reason"]), []).append(row["participant"])
    return [
        {"what": what, "reason": reason, "people": named(people, pseudonyms)}
        for (what, reason), people in found.items()
    ]


def requests(
    answers: pd.DataFrame, participants: pd.DataFrame, pseudonyms: Mapping[str, str], hide: Callable[[str], str]
) -> list[dict[str, Any]]:
    """What participants asked to change, and what the analysts decided on that and on other answers.

    `words` are those of people who agreed to be quoted; '' for others, whose answers stand in member_checks.csv alone.
    """
    consent = dict(zip(participants["participant"], participants["quote_consent"], strict=True))
    return [
        {
            **row,
            "who": _name(row["participant"], pseudonyms),
            "words": hide(row["words"]) if consent.get(row["participant"]) == "yes" else "",
            "decided": hide(decided(row)),
            "wrote": bool(row["words"]),
            "open": row["effect"] == ASKED and not row["decision"],
        }
        for row in records(answers)
        if row["effect"] == ASKED or row["decision"]
    ]


def quotations(answers: pd.DataFrame) -> list[str]:
    """How many quotations participants kept, put into other words, withdrew or want to change."""
    told = []
    decided = last_decisions(answers).drop_duplicates("quotation")
    for effect, one, many in _QUOTATIONS:
        number = int((decided["effect"] == effect).sum())
        told += [f"{counted_words(number, 'quotation')} {one if number == 1 else many}"] if number else []
    return told


def by_code(disagree: Mapping[str, Disagreement], asked: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """What member checks say of each code, for its page and the codebook: disagreement, requests and decisions."""
    told = {code: [disagreement.told.removeprefix(LEAD)] for code, disagreement in disagree.items()}
    for row in asked:
        told.setdefault(row["concept"], []).append(f"{_asked(row)} {row['decided']}")
    return told


def _asked(row: Mapping[str, Any]) -> str:
    if row["words"]:
        return f"{row['who']} wrote: “{row['words']}”"
    if row["wrote"]:
        return f"{row['who']} wrote what should change: see member_checks.csv."
    return f"{row['who']} answered {row['answer']}." if row["answer"] else f"{row['who']} answered."


def decided(row: Mapping[str, Any]) -> str:
    """What the analysts decided on an answer, why, who and when."""
    if not row["decision"]:
        return "Not decided yet."
    who = ", ".join(part for part in (row["by"], row["at"]) if part)
    reason = f": {row['reason'].rstrip('.')}" if row["reason"] else ""
    return f"Decided: {row['decision']}{reason}{f' ({who})' if who else ''}."

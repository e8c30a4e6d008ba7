"""Member checking in the methods text: packets, who answered, what they said in numbers, and what was decided on it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from ..checked import ADDITION, ASKED, KEPT, last_decisions
from ..codebook import ALL
from ..console import counted_words, enumeration
from .material import Material
from .phrases import Open, Paragraph, Paragraphs, known, percentage, was
from .reasons import NO_PACKET, counted_kinds

Row = Mapping[str, Any]
_GAP = (
    "say to whom packets were sent and when, how many people answered, and what their answers changed; if none were "
    "sent, say so"
)
# How the analysts' decisions are told.
_DECISIONS = {"changed": "something was changed", "unchanged": "nothing was changed"}


def member_checking(material: Material) -> Paragraphs:
    """Packets; and where some were sent, who answered, ratings, quotations, and changes with their reasons.

    Nothing that participants wrote; figures of few people are left out as in member_check_summary.
    """
    sent = material.rows("member_check_packets")
    if not sent:
        return _packets(material)
    said: Paragraphs = [[*_sent(material), Open("say how packets reached participants, and who was reminded and how")]]
    if answered(material):
        said += [_ratings(material), _quotations(material), _changes(material), _additions(material)]
    return [part for part in (*said, _none(material, {row["participant"] for row in sent})) if part]


def _packets(material: Material) -> Paragraphs:
    """Which packets can be made of the results as they are, and why others were not."""
    if not (rows := material.rows("packets")):
        return []
    told = (
        f"A member-checking packet with the main concepts and the participant's own quotations was written for "
        f"{ready(material):,} of {counted_words(len(rows), 'participant')}."
    )
    return [[told, *_none(material), Open(_GAP)]]


def _none(material: Material, sent: Collection[str] = ()) -> Paragraph:
    """Why others than those to whom packets were sent can have none."""
    rows = [row for row in material.rows("packets") if row["participant"] not in sent]
    told: Paragraph = []
    for what, chosen in (
        ("No packet was written for {}", [row for row in rows if not row["made"]]),
        ("Only a draft, which is not to be sent, was written for {}", [row for row in rows if row["draft"]]),
    ):
        told += [
            f"{what.format(counted_words(number, 'participant'))}: {reason}."
            for reason, number in counted_kinds((row["reason"] for row in chosen), NO_PACKET)
        ]
    return told


def ready(material: Material) -> int:
    """How many packets were made that may be sent."""
    return sum(row["made"] and not row["draft"] for row in material.rows("packets"))


def answered(material: Material) -> bool:
    """Whether anyone answered."""
    return any(row["answered"] for row in material.rows("member_check_packets"))


class AskedFirst(NamedTuple):
    """How many people decided on how many quotations of theirs, and how many of these they kept."""

    people: int
    quotations: int
    kept: int


def asked_first(material: Material) -> AskedFirst | None:
    """What became of those who wanted to be asked before they are quoted; None where that tells of too few people."""
    wished = [row["participant"] for row in material.rows("participants", role="participant", quote_consent="ask")]
    every = last_decisions(material.tables["member_checks"]).drop_duplicates("quotation")
    decided = every[every["participant"].isin(wished)]
    people = decided["participant"].nunique()
    hidden = answered(material) and not known(_all(material).get("kept"))
    if hidden or 0 < people < material.settings["frequencies"]["smallest_cell"]:
        return None
    return AskedFirst(people, len(decided), int((decided["effect"] == KEPT).sum()))


def in_short(material: Material) -> list[str]:
    """The same in a few sentences, for checklists: sent, answered, changes asked for and made."""
    if not answered(material):
        return _sent(material)
    return [*_sent(material), *(part for part in _changes(material)[:1] if isinstance(part, str))]


def to_decide(material: Material) -> str:
    """What is left to do about answers that ask for a change on which no one has decided; '' for nothing."""
    waiting = sum(not row["decision"] for row in material.rows("member_checks", effect=ASKED))
    many = "the changes" if _all(material).get("suppressed") else counted_words(waiting, "change")
    return f"decide on {many} asked for: member_checks/decisions.csv" if waiting else ""


def _sent(material: Material) -> list[str]:
    """To how many people packets were sent and when, and how many answered."""
    rows = material.rows("member_check_packets")
    people = {row["participant"] for row in rows}
    dates = sorted({row["issued"] for row in rows})
    when = f"on {dates[0]}" if len(dates) == 1 else f"between {dates[0]} and {dates[-1]}"
    several = f"{was(len(rows), 'packet')} sent to" if len(rows) > len(people) else "A packet was sent to"
    told = [
        f"{several} {counted_words(len(people), 'participant')} {when}, with the main concepts and the participant's "
        "own quotations, to rate how well each concept reflects their experience (1 to 5), to say what should change, "
        "and to keep, change or withdraw each quotation."
    ]
    gone = len({row["participant"] for row in rows if row["withdrew"]})
    asked = len(people) - gone
    if gone:
        left = "is left out below" if gone == 1 else "are left out below"
        told.append(f"Of them, {counted_words(gone, 'participant')} withdrew from the study since, and {left}.")
    back = len({row["participant"] for row in rows if row["answered"]})
    if not back:
        return [*told, "No one has answered yet."] if asked else told
    if _all(material).get("suppressed"):
        return told
    return [*told, f"Of {counted_words(asked, 'participant')}, {back:,} answered ({percentage(back, asked)})."]


def _all(material: Material) -> Row:
    return next(iter(material.rows("member_check_summary", code=ALL)), {})


def _concepts(material: Material) -> list[dict[str, Any]]:
    return [row for row in material.rows("member_check_summary") if row["code"] != ALL]


def _ratings(material: Material) -> Paragraph:
    whole, concepts = _all(material), _concepts(material)
    told: Paragraph = []
    if known(whole.get("agree")):
        agree, neither, disagree = (int(whole[key]) for key in ("agree", "neither", "disagree"))
        total = agree + neither + disagree
        if not total:
            return ["No one rated a concept."]
        parts = ((agree, f"({percentage(agree, total)}) ", "4 or 5"), (neither, "", "3"), (disagree, "", "1 or 2"))
        were = enumeration(f"{number:,} {share}{_verb(says, number)}" for number, share, says in parts)
        told.append(f"Of {counted_words(total, 'rating')} of the main concepts, {were}.")
    shown = [row for row in concepts if known(row["disagree"])]
    against = [
        f"“{row['name']}” ({int(row['disagree']):,} of {counted_words(int(row['answered']), 'person', 'people')} who "
        "rated it)"
        for row in shown
        if row["disagree"]
    ]
    if against:
        told.append(f"Participants disagreed (1 or 2) with {enumeration(against)}.")
    elif shown and len(shown) == len(concepts):
        told.append("No one disagreed with a concept.")
    kept_back = sum(bool(row["suppressed"]) for row in concepts)
    if kept_back:
        told.append(
            f"Ratings of {counted_words(kept_back, 'concept')} are left out, because fewer than "
            f"{material.settings['frequencies']['smallest_cell']} people gave one of the answers."
        )
    return told


def _quotations(material: Material) -> Paragraph:
    whole = _all(material)
    if not known(whole.get("kept")):
        return []
    parts = (
        ("kept", "kept as they are"),
        ("amended", "put into other words (shown as amended by the participant)"),
        ("waiting", "to be changed (masked until the participant says how)"),
        ("withdrawn", "withdrawn (masked wherever the study quotes)"),
    )
    numbers = [(int(whole[key]), says) for key, says in parts if whole[key]]
    if not numbers:
        return ["No one decided on a quotation."]
    told: Paragraph = [
        f"Of {counted_words(sum(number for number, _ in numbers), 'quotation')} that participants decided on, "
        f"{enumeration(f'{number:,} {_verb(says, number)}' for number, says in numbers)}."
    ]
    return [*told, "What was withdrawn still counts."] if whole["withdrawn"] else told


def _verb(says: str, number: int) -> str:
    return f"{'was' if number == 1 else 'were'} {says.replace('as they are', 'as it is') if number == 1 else says}"


def _changes(material: Material) -> Paragraph:
    """Changes that were asked for and what was decided, with the analysts' reasons in their own words."""
    asked = material.rows("member_checks", effect=ASKED)
    if not asked:
        return ["No changes were recommended."]
    whole = _all(material)
    told: Paragraph = []
    if known(whole.get("changes_asked")):
        numbers = {key: int(whole[key]) for key in ("changes_asked", "changed", "unchanged", "undecided")}
        became = [f"after {numbers[key]:,} {says}" for key, says in _DECISIONS.items() if numbers[key]]
        became += [f"{numbers['undecided']:,} {_waits(numbers['undecided'])}"] if numbers["undecided"] else []
        told.append(
            f"{counted_words(numbers['changes_asked'], 'answer')} said what should change about a concept: "
            f"{enumeration(became)}."
        )
    else:
        told.append("Changes were asked for.")
    told += _reasons(material)
    if waiting := to_decide(material):
        told.append(Open(waiting))
    return told


def _waits(number: int) -> str:
    return "waits for a decision" if number == 1 else "wait for a decision"


def _reasons(material: Material) -> Paragraph:
    """Each decision with its reason, once, in the order of answers; none on concepts whose figures are left out."""
    few = {row["code"] for row in _concepts(material) if row["suppressed"]}
    every = [row for row in material.rows("member_checks") if row["decision"]]
    decisions = [row for row in every if row["concept"] not in few]
    told: dict[str, None] = {}
    without: list[Row] = []
    for row in decisions:
        about = f"On “{row['concept_name']}”" if row["concept_name"] else "On an addition"
        reason = " ".join(material.told(row["reason"]).split()).rstrip(".")
        if reason:
            told.setdefault(f"{about}, {_DECISIONS[row['decision']]}: {reason}.")
        else:
            without.append(row)
    hidden = ["What was decided on concepts whose figures are left out is not told."] if decisions != every else []
    gap: Sequence[Open] = [Open(f"say why, of {counted_words(len(without), 'decision')}")] if without else []
    return [*told, *hidden, *gap]


def _additions(material: Material) -> Paragraph:
    what = added(material)
    return [f"{what} became a source of its own, to be coded like the others."] if what else []


def added(material: Material) -> str:
    """What participants added, as the beginning of a sentence, '' if they added nothing."""
    number = len(material.rows("member_checks", effect=ADDITION))
    if not number:
        return ""
    smallest = material.settings["frequencies"]["smallest_cell"]
    return f"What participants added{'' if number < smallest else f' in {_answers(number)}'}"


def _answers(number: int) -> str:
    return counted_words(number, "answer")

"""What the study's files tell about the items of COREQ and SRQR, and what is left for the researchers to write."""

from __future__ import annotations

from .. import __version__
from ..console import counted_words, enumeration
from ..provenance import RECORD
from ..study import heard_again
from . import feedback, gathering
from .analysis import agreement, saturation
from .items import Answer
from .material import Material
from .phrases import Open, Paragraphs, minutes, was

_METHODS = "methods.docx, “{}”"


def coreq(material: Material) -> dict[int, Answer]:
    """Answers by the number of COREQ's items, 1 to 32."""
    talk = bool(material.recorded)
    return {
        1: _moderators(material),
        2: Answer(open="write the credentials of everyone who interviewed or coded"),
        3: Answer(open="write their occupation at the time"),
        4: Answer(open="write their gender, as they describe it"),
        5: Answer(open="write their experience with, and training in, this kind of talk and its analysis"),
        6: Answer(open="write whether researchers and participants knew each other before"),
        7: Answer(open="write what participants were told about the researchers and their reasons"),
        8: _statement(material),
        9: Answer(open="name the methodological orientation, and cite it"),
        10: Answer(open="write how participants were selected, and why so"),
        11: Answer(open="write how participants were approached, and by whom"),
        12: _sample_size(material),
        13: _dropped_out(material),
        14: Answer(open="write where the data were collected"),
        15: Answer(open="write who else was present, or that no one was"),
        16: _sample(material),
        17: _guide(material),
        18: Answer(open="write whether anyone was interviewed more than once, and how many"),
        19: _recording(material),
        20: Answer(open="write whether field notes were made, when and by whom; memos of coders are none"),
        21: _duration(material)
        if talk
        else Answer(open="there is no interview or focus group: write “not applicable”"),
        22: _saturation(material),
        23: Answer(
            open="write whether participants got their transcripts back to comment on or correct. No file of the study "
            "tells it: member-checking packets are about findings (item 28), and hearing a recording again is the "
            "researchers' own check"
        ),
        24: _coders(material),
        25: _tree(material),
        26: _derivation(material),
        27: Answer(_software(material), f"{_METHODS.format('Software and reproducibility')}; {RECORD}"),
        28: _feedback(material),
        29: _quotations(material),
        30: Answer(
            open="judge whether the quotations bear out what the findings say; findings.docx has them side by side"
        ),
        31: _major(material),
        32: _minor(material),
    }


def srqr(material: Material) -> dict[int, Answer]:
    """Answers by the number of SRQR's items, 1 to 21."""
    return {
        1: Answer(
            f"The study's title is “{material.settings['title']}”.",
            "study.yaml, title",
            "check that the paper's title names the approach or the kind of data",
        ),
        2: Answer(open="write the abstract"),
        3: Answer(open="write what the problem is, why it matters, and what is known of it"),
        4: _questions(material),
        5: Answer(open="name the approach, the guiding theory and the paradigm, and why you chose them"),
        6: _statement(material),
        7: Answer(open="describe the setting, and what about it matters here"),
        8: _and(_saturation(material), "write how and why participants were selected, and when sampling ended and why"),
        9: _ethics(material),
        10: _collection(material),
        11: _guide(material),
        12: _units(material),
        13: _processing(material),
        14: _analysis(material),
        15: _trust(material),
        16: _major(material),
        17: _quotations(material),
        18: Answer(open="write what the findings mean beside earlier work, and how far they carry"),
        19: Answer(open="write the limitations"),
        20: Answer(open="write conflicts of interest, and how they were managed"),
        21: Answer(open="write who funded the study, and what funders had to do with it"),
    }


def _text(paragraphs: Paragraphs) -> str:
    """The sentences of paragraphs, without their open places."""
    return " ".join(part for paragraph in paragraphs for part in paragraph if not isinstance(part, Open))


def _and(answer: Answer, left: str) -> Answer:
    """The answer with something else left to write."""
    return Answer(answer.told, answer.where, left)


def _moderators(material: Material) -> Answer:
    names = [row["pseudonym"] for row in material.of_role("moderator")]
    if not names:
        return Answer(open="write which authors led the talk, or that there was none to lead")
    told = f"The talk was led by {enumeration(names)}."
    return Answer(told, "participants.csv, role and pseudonym", "write which authors these are")


def _statement(material: Material) -> Answer:
    if not material.memos:
        return Answer(
            open="write a positionality statement: relation to participants and topic, assumptions, interests"
        )
    return Answer(
        f"{counted_words(len(material.memos), 'positionality memo')} of the researchers "
        f"{'stands' if len(material.memos) == 1 else 'stand'} in the methods text.",
        _METHODS.format("Positionality"),
        "see that it names characteristics, assumptions and interests of everyone who interviewed or coded",
    )


def _sample_size(material: Material) -> Answer:
    number = len(material.of_role("participant"))
    if not number:
        return Answer(open="write how many people took part: no participant is known by name")
    told = f"{counted_words(number, 'participant')} in {enumeration(material.sources_by_kind)}."
    return Answer(told, "participants.csv; sources.csv")


def _dropped_out(material: Material) -> Answer:
    rest = "write how many refused or dropped out, and why"
    if not material.withdrawn:
        return Answer(open=rest)
    told = f"{counted_words(material.withdrawn, 'person', 'people')} withdrew after taking part."
    return Answer(told, "participants.csv, status", rest)


def _sample(material: Material) -> Answer:
    dates = material.dates
    when = f"Data are of {dates[0]}{f' to {dates[-1]}' if len(dates) > 1 else ''}." if dates else ""
    told = " ".join(filter(None, [*gathering.make_up(material), when]))
    rest = "" if gathering.make_up(material) else "write the important characteristics of participants"
    return Answer(told, "sample.csv; sources.csv, date" if told else "", rest)


def _guide(material: Material) -> Answer:
    guide = material.settings["guide"]
    if not guide:
        return Answer(open="give the questions that were asked, and write whether they were tried out before")
    told = f"The guide had {counted_words(len(guide), 'question')}."
    return Answer(told, "study.yaml, guide; " + _METHODS.format("Data"), "write whether it was pilot tested or changed")


def _recording(material: Material) -> Answer:
    heard = [source for source in material.recorded if source.audited_by or source.audited_at]
    if not heard:
        return Answer(open="write whether the talk was recorded, in sound or picture")
    told = f"Of {counted_words(len(material.recorded), 'recording')}, the researchers heard {len(heard):,} again."
    return Answer(told, "sources.csv, audited_by and audited_at", "write whether sound or picture was recorded")


def _duration(material: Material) -> Answer:
    known, missing = material.minutes, len(material.recorded) - len(material.minutes)
    if not known:
        return Answer(open="write how long the talk took: sources.csv lists no minutes")
    told = f"{minutes(sum(known))} in {counted_words(len(known), 'recording')}."
    rest = f"write how long the other {missing} took" if missing else ""
    return Answer(told, "sources.csv, minutes", rest)


def _saturation(material: Material) -> Answer:
    told = _text(saturation(material))
    if not told:
        return Answer(open="write whether and how saturation was judged")
    where = "saturation.csv, new_information.csv; " + _METHODS.format("Saturation")
    return Answer(told, where, "discuss what these figures mean for this study")


def _coders(material: Material) -> Answer:
    names = material.coders
    if not names:
        return Answer(open="write how many people coded: no coding of a person is in the study")
    return Answer(f"{counted_words(len(names), 'coder')}: {enumeration(names)}.", "coders.csv, coded")


def _tree(material: Material) -> Answer:
    codes = material.codebook.codes
    levels = max((code.level for code in codes), default=0)
    told = f"{counted_words(len(codes), 'code')} on {counted_words(levels, 'level')}"
    defined = sum(bool(code.definition.strip()) for code in codes)
    rest = "" if defined == len(codes) else f"write definitions for the other {len(codes) - defined}"
    return Answer(
        f"{told}, {defined:,} with a definition.", "the codebook; frequencies.csv, level, path, definition", rest
    )


def _derivation(material: Material) -> Answer:
    rest = "write which codes were set in advance, and which were derived from the data"
    rows = material.rows("codebook_changes", change="added")
    if not material.study.history:
        return Answer(open=rest)
    told = f"{was(len(rows), 'code')} added after the first version of the codebook that was kept."
    return Answer(told, "codebook_changes.csv, change", rest)


def _software(material: Material) -> str:
    return f"qualcode {__version__} with spaCy's model {material.settings['language']}."


def _feedback(material: Material) -> Answer:
    if material.rows("member_check_packets"):
        where = "member_check_packets.csv; member_check_summary.csv; " + _METHODS.format("Member checking")
        told = " ".join(feedback.in_short(material))
        if not feedback.answered(material):
            return Answer(told, where, "write how many answered, and what they said of the findings")
        return Answer(told, where, feedback.to_decide(material))
    made = feedback.ready(material)
    if not made:
        return Answer(open="write whether participants gave feedback on the findings; no packet was made")
    people = counted_words(len(material.rows("packets")), "participant")
    return Answer(
        f"Packets that ask for feedback on the findings were made for {made:,} of {people}.",
        "packets/packets.csv, made; " + _METHODS.format("Member checking"),
        "write whether packets were sent, how many participants answered, and what they said of the findings",
    )


def _quotations(material: Material) -> Answer:
    number = material.marked("exemplar")
    rest = "check that each quotation in the paper has its pseudonym"
    if not number:
        return Answer(open="quote participants under their pseudonyms; no coding is marked as exemplar")
    told = f"{was(number, 'coding')} marked as exemplars; findings.docx quotes those that may be quoted, by pseudonym."
    return Answer(told, "open_codes.csv, use; findings.docx", rest)


def _major(material: Material) -> Answer:
    top = [row for row in material.rows("frequencies", level=1) if row["utterances"]]
    if not top:
        return Answer(open="write the main findings; nothing that counts is coded")
    told = (
        f"{counted_words(len(top), 'topmost code')} with codings that count: {enumeration(row['name'] for row in top)}."
    )
    return Answer(told, "frequencies.csv, level 1; findings.docx", "write what the themes mean")


def _minor(material: Material) -> Answer:
    number = material.marked("deviant")
    if not number:
        return Answer(open="write of diverse cases; no coding is marked as deviant")
    told = f"{was(number, 'coding')} marked as deviant."
    return Answer(told, "open_codes.csv, use; findings.docx", "discuss these cases, and the minor themes")


def _questions(material: Material) -> Answer:
    questions = material.settings["questions"]
    if not questions:
        return Answer(open="write the purpose and the research questions")
    return Answer(gathering.numbered(questions), "study.yaml, questions")


def _ethics(material: Material) -> Answer:
    consent = [gathering.consent(material)] if material.of_role("participant") else []
    told = " ".join(consent + gathering.hiding(material))
    rest = "write which board approved the study, how people consented, and how data are kept"
    return Answer(told, "participants.csv, quote_consent; hidden.csv; identifiers.csv", rest)


def _collection(material: Material) -> Answer:
    told = f"{enumeration(material.sources_by_kind)}{gathering.between(material.dates)}."
    return Answer(told, "sources.csv, kind and date", "write how data were gathered, when analysis began, and why so")


def _units(material: Material) -> Answer:
    size, sample = _sample_size(material), _sample(material)
    told = " ".join(filter(None, [size.told, *gathering.make_up(material)]))
    return Answer(told, "participants.csv; sample.csv", size.open or sample.open)


def _processing(material: Material) -> Answer:
    told = " ".join([*heard_again(material.study), *gathering.hiding(material)])
    where = "sources.csv; hidden.csv; " + _METHODS.format("Preparation of transcripts")
    return Answer(told, where, "write how data were transcribed or entered, and how they are kept safe")


def _analysis(material: Material) -> Answer:
    coders, tree = _coders(material), _tree(material)
    told = " ".join(filter(None, [coders.told, tree.told]))
    where = _METHODS.format("Coding") + "; coders.csv; codebook_changes.csv"
    return Answer(told, where, "write by which approach codes became themes, and why so")


def _trust(material: Material) -> Answer:
    compared = _text(agreement(material)[:1])
    checked, deviant = _feedback(material).told, _minor(material).told
    kept = len(material.study.history)
    versions = f"{was(kept, 'earlier codebook')} kept." if kept else ""
    told = " ".join(filter(None, [compared, checked, deviant, versions]))
    where = "agreement.csv; member_check_summary.csv; packets/packets.csv; decisions.csv; codebook_changes.csv"
    return Answer(told, where if told else "", "write which techniques were used to enhance trustworthiness, and why")

"""Freeze finished packets under return codes, and write drafts of the e-mails that bring them.

What is sent is copied to <study>/member_checks/issued/<day>/, with a manifest, so that answers are read against what
was asked, whatever changes later. Nothing is sent: that is left to you.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import tables
from ..answers import ISSUED, Issued
from ..answers.issuing import Finished, check_day, freeze, half_written, read_finished
from ..checked import unanswered
from ..console import counted_words, enumeration
from ..errors import Problems, failure
from ..files import sha256
from ..provenance import RECORD, inputs
from ..study import MEMBER_CHECKS, Study, load_study
from .issue_mail import Addressed, check_mail_folder, read_addresses, write_mail
from .reading import check_texts, day_of, near
from .reproducing import cleaning_up, hashes_in, read_record

_FROZEN = f"{MEMBER_CHECKS}/{ISSUED}/"
_RUN = "Run `make results` first."
# So many people are named in a line.
_LISTED = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.add_argument("--results", type=Path, help="where its packets are (default: results/<study>)")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="only the packets of these participants")
    parser.add_argument("--date", default="", metavar="YYYY-MM-DD", help="the day of issuing (default: today)")
    parser.add_argument(
        "--mail-merge", type=Path, metavar="ADDRESSES", help="write drafts of e-mails to the addresses in this table"
    )
    parser.add_argument("--remind", action="store_true", help="issue nothing: drafts for those who have not answered")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="where drafts go (default: beside the addresses)")
    parser.epilog = (
        "Issued is every packet that is no draft, for everyone who was issued none before. After the analysis has\n"
        "changed, a person is issued a second packet only if --only names them.\n\n"
        "ADDRESSES is a table (csv or xlsx) of your own, kept outside of the study's folders and of results/: no step\n"
        "reads it. Its columns: participant and address; name, salutation and subject if you like. Beside it a folder\n"
        "is made with mail_merge.csv and, for each participant, a draft with the packet in it (<participant>.eml),\n"
        "which opens in Outlook, Apple Mail or Thunderbird. Look at each, and send it yourself. If every packet was\n"
        "issued before, the drafts are for those who have not answered.\n\n"
        "Examples:\n"
        "  qualcode issue-packets data/my-study\n"
        "  qualcode issue-packets data/my-study --only p3 p7 --date 2026-04-10\n"
        "  qualcode issue-packets data/my-study --mail-merge ~/private/addresses.csv\n"
        "  qualcode issue-packets data/my-study --mail-merge ~/private/addresses.csv --remind"
    )


def run(args: argparse.Namespace) -> None:
    with cleaning_up():
        if (args.remind or args.to) and not args.mail_merge:
            named = "--remind" if args.remind else "--to"
            raise failure("", named, "this is about e-mails, and there are no addresses", "Add --mail-merge ADDRESSES.")
        study, day = load_study(args.study), day_of(args.date)
        results = args.results or Path("results") / study.folder.resolve().name
        people = tables.read(results, "participants").to_dict("records")
        known = {str(row["participant"]) for row in people} | {person.participant for person in study.participants}
        _check_ids(args.only, known)
        addresses: dict[str, Addressed] = {}
        folder = Path()
        if args.mail_merge:
            addresses = read_addresses(args.mail_merge, study, results, known)
            name = f"mail-{study.folder.resolve().name}{'-reminder' * args.remind}"
            folder = args.to or args.mail_merge.parent / name
            check_mail_folder(folder, study, results)
        for left in half_written(study.folder):
            shutil.rmtree(left)
            print(f"{left}: removed; a run that was killed left it behind.")
        new = [] if args.remind else _issue(study, results, day, args.only)
        if args.mail_merge:
            _mail(study, new or _unanswered(study, args.only), addresses, folder, args.remind)
        print("Nothing was sent: that is left to you.")


def _check_ids(only: Sequence[str], known: set[str]) -> None:
    problems = Problems()
    for participant in only:
        if participant not in known:
            problems.add("", "--only", f"there is no participant '{participant}'", near(participant, known))
    problems.stop()


# --- issuing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sorted:
    """Participants by what is to be done with their packets: (id, return code) of those to be issued."""

    ready: Sequence[tuple[str, str]]
    drafts: Sequence[str]
    none: Sequence[str]
    same: Mapping[str, str]
    changed: Mapping[str, str]
    notes: Mapping[str, Sequence[str]]


def _issue(study: Study, results: Path, day: str, only: Sequence[str]) -> list[Issued]:
    """Freeze what is ready, and tell of it and of all others. QualcodeError if nothing is, and nothing ever was."""
    _check_results(study, results)
    found = _sort(study, tables.read(results, "packets").to_dict("records"), only)
    packets = _read(results, found.ready)
    folder = study.folder / MEMBER_CHECKS / ISSUED
    issued: list[Issued] = []
    if packets:
        check_day(folder, day)
        issued = freeze(folder, day, packets, study.folder)
        print(f"{issued[0].path.parent}: {counted_words(len(issued), 'packet')} issued ({_listed(dict(found.ready))}).")
    _tell(found)
    if issued:
        print(
            "Give each participant <participant>.docx or .html out of that folder, and nobody anyone else's.\n"
            f"Put what comes back into {study.folder / MEMBER_CHECKS}, under any name."
        )
    elif not study.returned.issued:
        do = "See packets.csv for the reasons; mend those and run `make results` again."
        raise failure(results / tables.TABLES["packets"].file, "", "no packet can be issued", do)
    return issued


def _check_results(study: Study, results: Path) -> None:
    """Raise QualcodeError where the packets are not those of the study's files as they are now.

    What was issued before is no reason to make results again: no packet depends on it.
    """
    check_texts(study, results)
    if not (results / RECORD).exists():
        return
    record, problems = read_record(results / RECORD), Problems()
    then = {name: digest for name, digest in record["inputs"].items() if not name.startswith(_FROZEN)}
    now = {name: sha256(path) for name, path in inputs(study).items() if not name.startswith(_FROZEN)}
    for name in sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name)):
        problems.add(name, "", "was changed, added or taken away after the packets were made", _RUN)
    made = {name: digest for name, digest in hashes_in(record).items() if name.startswith("packets")}
    for name, digest in sorted(made.items()):
        if (results / name).is_file() and sha256(results / name) != digest:
            problems.add(results / name, "", "was changed after it was made", _RUN)
    problems.stop()


def _sort(study: Study, rows: Sequence[Mapping[Any, Any]], only: Sequence[str]) -> _Sorted:
    """Raises QualcodeError for packets of people who have withdrawn, and where --only names whom none is ready for."""
    gone = {person.participant for person in study.participants if person.status == "withdrawn"}
    sent = {item.return_code: item.date for item in study.returned.issued}
    before = {item.asked.participant: item.date for item in study.returned.issued}
    problems = Problems()
    ready: list[tuple[str, str]] = []
    drafts: list[str] = []
    none: list[str] = []
    same: dict[str, str] = {}
    changed: dict[str, str] = {}
    notes: dict[str, list[str]] = {}
    listed = {row["participant"]: row for row in rows}
    for participant, row in listed.items():
        if participant in gone and row["made"]:
            problems.add("", participant, "there is a packet, and this person has withdrawn", _RUN)
        elif only and participant not in only:
            continue
        elif not row["made"]:
            none.append(participant)
        elif row["draft"]:
            drafts.append(participant)
        elif row["return_code"] in sent:
            same[participant] = sent[row["return_code"]]
        elif participant in before and participant not in only:
            changed[participant] = before[participant]
        else:
            ready.append((participant, row["return_code"]))
            if row["note"]:
                notes.setdefault(row["note"], []).append(participant)
    for participant in only:
        if participant in [*drafts, *none] or participant not in listed:
            wrong = "the packet is a draft" if participant in drafts else "there is no packet"
            problems.add("", participant, wrong, "packets.csv says why.")
    problems.stop()
    return _Sorted(ready, drafts, none, same, changed, notes)


def _read(results: Path, ready: Sequence[tuple[str, str]]) -> list[Finished]:
    problems = Problems()
    found = [read_finished(results / "packets", *packet, problems) for packet in ready]
    problems.stop()
    return [packet for packet in found if packet]


def _tell(found: _Sorted) -> None:
    """Print who got no packet, and what to bear in mind of the others; reasons may hold words, and are not told."""
    for day, people in _by_value(found.same).items():
        print(f"issued already, on {day}: {_listed(people)}")
    for day, people in _by_value(found.changed).items():
        print(f"issued on {day}, and changed since: {_listed(people)}. --only issues the new packet of one you name.")
    if found.drafts:
        print(f"not issued, because a draft: {_listed(found.drafts)} (packets.csv says why)")
    if found.none:
        print(f"without a packet: {_listed(found.none)} (packets.csv says why)")
    for note, named in found.notes.items():
        print(f"{_listed(named)}: {note}")


def _by_value(days: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for participant, day in days.items():
        found.setdefault(day, []).append(participant)
    return dict(sorted(found.items()))


def _listed(people: Iterable[str]) -> str:
    return enumeration(people, most=_LISTED)


# --- e-mails -------------------------------------------------------------------------------------------------------


def _unanswered(study: Study, only: Sequence[str]) -> list[Issued]:
    """What was issued last to whoever has answered nothing; and to those of `only` who have not answered the last."""
    sent, back = study.returned.issued, {answer.issued.return_code for answer in study.returned.answers}
    none, behind = unanswered((item.asked.participant, item.return_code in back) for item in sent)
    if behind and not only:
        print(f"{_listed(behind)} answered an earlier packet, and not the last. --only writes to those you name.")
    last = {item.asked.participant: item for item in sent}
    return [last[person] for person in ([person for person in (*none, *behind) if person in only] if only else none)]


def _mail(
    study: Study, asked: Sequence[Issued], addresses: Mapping[str, Addressed], folder: Path, remind: bool
) -> None:
    known = [item for item in asked if item.asked.participant in addresses]
    lacking = [item.asked.participant for item in asked if item.asked.participant not in addresses]
    if not asked:
        print("No e-mail is to be written: whoever was issued a packet has answered.")
    if lacking:
        print(f"no address: {_listed(lacking)}. Bring them their packets otherwise.")
    if not known:
        return
    write_mail(folder, known, addresses, study.settings, remind)
    drafts = counted_words(len(known), "reminder" if remind else "e-mail")
    print(f"{folder}: {drafts} as drafts (.eml), and mail_merge.csv for whoever merges.")
    if not str(study.settings["member_checks"]["language"]).startswith("en"):
        print("The drafts are in English, and the packets are not: write over them, or use mail_merge.csv.")
    print("Delete that folder when they are sent: it holds addresses and packets.")

"""Drafts of e-mails with packets: the table of addresses, which nothing else reads, and what is made of it."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path
from typing import Any

from ..answers import Issued
from ..answers.issuing import frozen
from ..documents import printable
from ..errors import Problems, failure
from ..files import Row, read_rows, write_text
from ..provenance import INPUTS
from ..study import MEMBER_CHECKS, Study
from .reading import near

_NEEDED, _OPTIONAL = ("participant", "address"), ("name", "salutation", "subject")
# Left of the @: no blanks and none of what has a meaning in lists of addresses; points only between others.
_ATOM = r"[^\s@<>()\[\]:;,\\\".]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})+")
# What a domain is when its letters are those of the net.
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_LONGEST_ADDRESS = 254
_ELSEWHERE = "Keep it in a folder of your own, outside of results/ and of the study's folders."
# Folders of a study whose files are read, or handed on.
_READ = ("transcripts", "codings", "memos", MEMBER_CHECKS)
_DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"

_SUBJECT = {False: "Did we understand you well? {title}", True: "A reminder: did we understand you well? {title}"}
_OPENING = {
    False: "Thank you for taking part in our study “{title}”. We have read what people told us, and wrote down what we "
    "found. Now we would like to ask you: did we understand you well?",
    True: "Some time ago we asked you to look at what we found in our study “{title}”. We have no answer from you yet. "
    "If you have sent one, please write to us: it did not reach us. If you have not, there may still be time.",
}
_BODY = """{salutation}

{opening}

Two files come with this e-mail. Both hold the same questions, so you need only one of them. They were made for you: please do not pass them on.

- The file that ends in .html opens in your browser. Fill it in, and save your answers with the button at its end. Then send us the small file that was saved.
- The file that ends in .docx opens in Word. Fill it in, save it, and send it back to us.
- You can also print one of them, fill it in by hand, and give it to us.

You do not have to answer, and you can leave out any question. {when}{contact}

Your return code is {code}. It stands in both files, and tells us which letter your answers belong to. Please do not change it.

Thank you!
"""  # noqa: E501


@dataclass(frozen=True)
class Addressed:
    """A row of the table of addresses."""

    address: str
    name: str = ""
    salutation: str = ""
    subject: str = ""


def read_addresses(path: Path, study: Study, results: Path, known: Collection[str]) -> dict[str, Addressed]:
    """Whom to write to, by participant. Raises QualcodeError that names every problem by its row, and never an address.

    People who have withdrawn may stand in it, and are left out. `known` are the ids of all who took part.
    """
    if not path.is_file():
        raise failure(path, "", "there is no such file", "Check the path of the table of addresses.")
    _check_place(path, study, results, "addresses may not be here")
    if path.resolve() in {file.resolve() for file in study.files(*INPUTS)}:
        raise failure(path, "", "this is a file of the study, which steps read", _ELSEWHERE)
    header, rows = read_rows(path)
    problems = Problems()
    _check_header(header, path, problems)
    problems.stop()
    gone = {person.participant for person in study.participants if person.status == "withdrawn"}
    people: dict[str, Addressed] = {}
    seen: dict[str, int] = {}
    for row in rows:
        _check_row(row, path, known, seen, problems)
        if row.cells["participant"] not in gone:
            cells = {key: " ".join(printable(row.cells.get(key, "")).split()) for key in ("address", *_OPTIONAL)}
            people[row.cells["participant"]] = Addressed(**cells)
    problems.stop()
    return people


def _check_header(header: Sequence[str], path: Path, problems: Problems) -> None:
    for column in _NEEDED:
        if column not in header:
            problems.add(path, "row 1", f"the column '{column}' is missing", "Add it.")
    for number, column in enumerate(header, 1):
        # Not named: without a header row, it may be an address.
        if column not in (*_NEEDED, *_OPTIONAL) and (like := near(column.casefold(), _OPTIONAL)):
            problems.add(path, f"row 1, column {number}", "the name of this column looks misspelt", like)


def _check_row(row: Row, path: Path, known: Collection[str], seen: dict[str, int], problems: Problems) -> None:
    participant, address = row.cells["participant"], row.cells["address"]
    place = f"row {row.number}"
    if participant not in known:
        wrong = "there is no participant of this id" if participant else "no participant is named"
        problems.add(path, place, wrong, near(participant, known) or "Write the id of participants.csv.")
    # An id never holds an @, so that one table of rows will do.
    for what, key in (("participant", participant), ("address", f"@{address.casefold()}")):
        if key.strip("@") and key in seen:
            do = "Delete one." if what == "participant" else "Nobody may get another's packet: give each their own."
            problems.add(path, place, f"the {what} of row {seen[key]} stands here again", do)
        seen.setdefault(key, row.number)
    if not _is_address(address):
        wrong = "this is no e-mail address" if address else "there is no e-mail address"
        problems.add(path, f"{place}, address", wrong, "Write one, as in name@example.org, or take the row away.")


def _is_address(text: str) -> bool:
    try:
        domain = text.rpartition("@")[2].encode("idna").decode()
    except UnicodeError:  # longer than a domain's names are, or of signs that they do not have
        return False
    if not _DOMAIN.fullmatch(domain):
        return False
    return bool(_ADDRESS.fullmatch(text)) and len(text) <= _LONGEST_ADDRESS and text.isprintable()


def _check_place(path: Path, study: Study, results: Path, wrong: str) -> None:
    place = path.resolve()
    for folder in (Path("results"), results, *(study.folder / name for name in _READ)):
        if place.is_relative_to(folder.resolve()):
            raise failure(path, "", f"{wrong}: steps read the files in {folder}, or it is handed on", _ELSEWHERE)


def check_mail_folder(folder: Path, study: Study, results: Path) -> None:
    """Raise QualcodeError where drafts may not be, or where there is something already: nothing is written over."""
    _check_place(folder, study, results, "e-mails may not be written here")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        do = "Delete it if its e-mails are sent, or name another folder with --to."
        raise failure(folder, "", "this is there already, and nothing is written over", do)


def write_mail(
    folder: Path,
    asked: Sequence[Issued],
    addresses: Mapping[str, Addressed],
    settings: Mapping[str, Any],
    remind: bool,
) -> None:
    """Write mail_merge.csv and a draft for each packet into a folder that is new or empty, all of them or none.

    A draft is an Internet message (RFC 5322) without sender, date and id, marked as unsent as Outlook does.
    Raises QualcodeError where a packet is not as it was issued.
    """
    rows = io.StringIO()
    merge = csv.writer(rows, lineterminator="\n")
    merge.writerow(("participant", "address", "salutation", "return_code", "docx", "html"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".mail-") as beside:
        whole = Path(beside) / folder.name
        whole.mkdir(mode=0o700)
        for item in asked:
            participant = item.asked.participant
            person = addresses[participant]
            draft = made_draft(item, person, frozen(item), settings, remind)
            (whole / f"{participant}.eml").write_bytes(draft.as_bytes())
            files = [item.path.with_suffix(suffix).resolve() for suffix in (".docx", ".html")]
            merge.writerow((participant, person.address, _salutation(person), item.return_code, *files))
        # By the mark in front, Excel and Word know that it is UTF-8.
        write_text(whole / "mail_merge.csv", f"\ufeff{rows.getvalue()}")
        if folder.is_dir():
            folder.rmdir()
        whole.rename(folder)


def made_draft(
    item: Issued, person: Addressed, files: Mapping[str, bytes], settings: Mapping[str, Any], remind: bool
) -> EmailMessage:
    """The e-mail with a packet; the same is made every time."""
    title = " ".join(printable(settings["title"]).split())
    name, _, domain = person.address.rpartition("@")
    # Left of the @ other letters need mail servers that know them; a domain has a form for all others.
    draft = EmailMessage(policy=SMTP if name.isascii() else SMTPUTF8)
    draft["To"] = Address(display_name=person.name, username=name, domain=domain.encode("idna").decode())
    draft["Subject"] = person.subject or _SUBJECT[remind].format(title=title)
    draft["X-Unsent"] = "1"
    draft.set_content(_text(item, person, title, settings["member_checks"], remind), cte="quoted-printable")
    for suffix, (main, sub) in {"docx": ("application", _DOCX), "html": ("text", "html")}.items():
        draft.add_attachment(
            files[suffix], maintype=main, subtype=sub, filename=f"{item.asked.participant}.{suffix}", cte="base64"
        )
    # Neither quoted-printable nor base64 ever has these two signs in a row.
    draft.set_boundary(f"=_{hashlib.sha256(item.return_code.encode()).hexdigest()[:32]}")
    return draft


def _salutation(person: Addressed) -> str:
    said = person.salutation or (f"Hello {person.name}" if person.name else "Hello")
    return said if said[-1] in ",.!:" else f"{said},"


def _text(item: Issued, person: Addressed, title: str, settings: Mapping[str, Any], remind: bool) -> str:
    deadline, contact = (" ".join(printable(settings[key]).split()) for key in ("deadline", "contact"))
    return _BODY.format(
        salutation=_salutation(person),
        opening=_OPENING[remind].format(title=title),
        when=f"We can use answers until {deadline}. " if deadline else "",
        contact=f"If you have questions, write to {contact}." if contact else "If you have questions, write to us.",
        code=item.return_code,
    )

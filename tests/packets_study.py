"""A talk of two people and the tables that steps before `packets` would have left of it."""

from __future__ import annotations

import argparse
import json
import zipfile
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path

import checking
import docx
from codings import BY_HAND
from docx.oxml.ns import qn

from qualcode import packets, tables
from qualcode.answers import Asked
from qualcode.axial_codes import roll_up
from qualcode.codebook import load_codebook
from qualcode.packets.model import Packet
from qualcode.study import load_study
from qualcode.text import digest, is_backchannel

CODEBOOK = """codebook: Mentors
codes:
  - code: help
    name: Help
    definition: What helps mentors.
    codes:
      - code: resources
        name: Resources
        definition: Things that explain the work.
        codes: [{code: videos, name: Videos}, {code: guide, name: Guide}]
      - {code: people, name: People who answer, definition: There is somebody to ask.}
  - {code: time, name: Time, definition: Finding the hours.}
"""
TURNS = [
    ("i1", "Welcome. What helped you?"),
    ("a", "The short videos helped me. I watched them on the bus."),
    ("b", "I never watched a single one of those."),
    ("a", "Nobody answered the phone."),
    ("b", "Mm-hm."),
    ("b", "There are no hours left in my week."),
    ("a", "A guide of one page would do."),
]
# (code, first words, last words, use): from where to where in the text
CODINGS = [
    ("videos", "The short videos", "on the bus.", ""),
    ("guide", "A guide", "would do.", "exemplar"),
    ("videos", "I never watched", "of those.", ""),
    ("people", "Nobody answered", "Mm-hm.", ""),
    ("time", "no hours left", "my week", ""),
]
Rows = Sequence[Mapping[str, object]]


class Place:
    """A study's folder and results, with tables as the earlier steps would have left them."""

    def __init__(self, root: Path):
        self.study, self.results = root / "talks", root / "results"
        self.codebook = CODEBOOK

    def fill(
        self,
        turns: Sequence[tuple[str, str]] = TURNS,
        codings: Sequence[tuple[str, str, str, str]] = CODINGS,
        yaml: str = "",
        kind: str = "focus_group",
        consent: str | Mapping[str, str] = "yes",
        pseudonym: str = "Rosa",
        waiting: Rows = (),
        questions: Sequence[str] = (),
        rules: Container[str] = (),
        accepted: Sequence[str] = (),
        done_to: int | None = None,
        checks: Callable[[str], Rows] = lambda _: (),
        sent: Rows = (),
        spans: Sequence[tuple[str, int, int, str]] = (),
    ) -> Place:
        """Write everything. `rules` are the codings that a rule made, `accepted` those of them that anna accepted.

        `checks` gives rows of member_checks for the canonical text. `spans` are codings by their places in it; their
        ids are made of their words, as the step open_codes makes them.
        """
        (self.study / "transcripts").mkdir(parents=True, exist_ok=True)
        (self.study / "transcripts" / "talk.txt").write_text("read by an earlier step", encoding="utf-8")
        (self.study / "study.yaml").write_text(f"title: What <b>helps</b> & why\ncodebook: codebook.yaml\n{yaml}")
        (self.study / "codebook.yaml").write_text(self.codebook)
        text, utterances = _talk(turns, questions)
        if not spans:
            spans = [(code, text.index(first), text.index(last) + len(last), use) for code, first, last, use in codings]
            ids = [f"c{number}" for number in range(len(spans))]
        else:
            ids = [digest(text[start:end], code, number) for number, (code, start, end, _) in enumerate(spans)]
        open_codes, credited = [], []
        for coding, (code, start, end, use) in zip(ids, spans, strict=True):
            by = {"coder": "", "basis": "rule"} if coding in rules else {"coder": "anna", "basis": "human"}
            row = {"coding": coding, "source": "talk", "start": start, "end": end, "quote": text[start:end]}
            row |= {"code": code, **by, "evidence": "exact", "status": "accepted", "counts": True, "reason": ""}
            open_codes.append(row | {"use": use, "round": "", "memo": "a memo of anna"} | BY_HAND)
            for utterance in utterances:
                if utterance["start"] < end and start < utterance["end"]:
                    who = utterance["participant"] if utterance["role"] == "participant" else ""
                    credited.append({"coding": coding, "utterance": utterance["utterance"], "participant": who})
        pseudonyms = {"a": pseudonym, "b": "Karl"}
        participants = [
            {
                "participant": person,
                "role": "moderator" if person.startswith("i") else "participant",
                "pseudonym": pseudonyms.get(person, person),
                "quote_consent": consent if isinstance(consent, str) else consent.get(person, "yes"),
                "kind": kind,
                "utterances": 1,
                "words": 1,
            }
            for person in dict.fromkeys(person for person, _ in turns)
        ]
        end = len(text) if done_to is None else done_to
        finished = {"source": "talk", "coder": "anna", "done_to": end, "counts": True, "coded": True, "said": True}
        codes = tables.frame("open_codes", open_codes)
        self._write("utterances", utterances)
        self._write("participants", participants)
        self._write("identifiers", waiting)
        self._write("open_code_utterances", credited)
        self._write("coders", [finished] if end else [])
        self._write("decisions", [_accepting(coding, row) for row, coding in enumerate(accepted, 2)])
        tables.write(self.results, "open_codes", codes)
        tables.write(self.results, "axial_codes", roll_up(codes, load_codebook(self.study / "codebook.yaml")))
        checking.checks(self.results, checks(text), sent)
        return self

    def _write(self, name: str, rows: Rows) -> None:
        tables.write(self.results, name, tables.frame(name, rows))

    def run(self) -> Place:
        packets.run(argparse.Namespace(study=self.study, results=self.results))
        return self

    def asked(self, person: str) -> Asked:
        return Asked.of(json.loads(self.file(person, "json").read_text(encoding="utf-8")))

    def packet(self, person: str) -> Packet:
        """What the packet of a person is written from."""
        listed = packets.gathered(load_study(self.study), self.results)
        return next(entry.made for entry in listed if entry.participant == person and entry.made)

    def text(self, person: str) -> str:
        """All that a packet's files say, tags and metadata of the document included."""
        with zipfile.ZipFile(self.file(person, "docx")) as archive:
            parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
        written = [self.file(person, suffix).read_text(encoding="utf-8") for suffix in ("html", "json")]
        return "\n".join([*self.docx(person), *parts, *written])

    @property
    def table(self) -> dict[str, dict[str, object]]:
        return {row["participant"]: row for row in tables.read(self.results, "packets").to_dict("records")}

    def docx(self, person: str) -> list[str]:
        """The paragraphs, words in the fields of the form included."""
        paragraphs = docx.Document(self.file(person, "docx")).element.body.iter(qn("w:p"))
        return ["".join(text.text or "" for text in paragraph.iter(qn("w:t"))) for paragraph in paragraphs]

    def html(self, person: str) -> str:
        return self.file(person, "html").read_text(encoding="utf-8")

    def file(self, person: str, suffix: str) -> Path:
        return self.results / "packets" / f"{person}.{suffix}"

    @property
    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.results / "packets").iterdir())}


def _talk(turns: Sequence[tuple[str, str]], questions: Sequence[str] = ()) -> tuple[str, list[dict[str, object]]]:
    """The canonical text and the rows of the table utterances."""
    text, utterances = "", []
    for number, (person, words) in enumerate(turns, 1):
        text += f"{person.upper()}: "
        row: dict[str, object] = {"utterance": f"talk:{number}", "source": "talk", "participant": person, "text": words}
        row |= {"start": len(text), "end": len(text) + len(words), "time_start": "", "time_end": ""}
        row |= {"role": "moderator" if person.startswith("i") else "participant", "backchannel": is_backchannel(words)}
        utterances.append(row | {"question": questions[number - 1] if questions else ""})
        text += words + "\n"
    return text, utterances


def _accepting(coding: str, number: int) -> dict[str, object]:
    """A row of the table decisions: anna accepted a proposal."""
    row: dict[str, object] = dict.fromkeys(("code", "now", "participant", "round", "by", "at"), "")
    row |= {"coder": "anna", "file": "review.csv", "row": number, "action": "accept", "source": "talk"}
    return row | {"coding": coding, "start": 0, "end": 1, "sample": False, "holds": True, "outcome": "accepted"}

"""Words that participants withdrew or changed stand in nothing that is released, and every count stays what it was."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from conftest import StudyFolder
from test_report import parsed
from test_withdrawal import texts_of, words

from qualcode import tables
from qualcode.answers import Asked, AskedConcept, AskedPart, AskedQuotation
from qualcode.checked import AMENDED_NOTE, INSTEAD
from qualcode.cli import STEPS, main
from qualcode.provenance import described

ANA = [
    "My mentor was always there when I called her in the evening.",
    "The timing of our meetings was good, every Tuesday before lunch.",
    "I agree with him, the paper forms were far too long.",
    "The training helped me to teach fractions to the younger ones.",
    "We planned every lesson together and talked it over afterwards.",
    "She gave me feedback on each lesson plan within two days, most of the time.",
]
BEN = [
    "Nobody told me what was expected of me, and then all the expectations moved overnight.",
    "My bus left at four, so I missed half of every meeting we had.",
    "I cried in the car park behind the gym that whole November.",
    "Support would have been somebody who answers the phone, don't you think?",
    "They handed me a platform login that crashed before each upload.",
    "Looking back I would still call my first year a swamp with fences.",
]
CLO = [
    "I had support from two people, and both of them knew the school.",
    "The rules were written down on one page from the start.",
    "Our own train was late too, but they waited for me.",
    "The platform was easy once Benno sat beside me for an hour.",
    "What he says about crying there, I did not know that.",
    "I would mentor somebody myself next year if they asked me to.",
]
NEW_TRAINING = "Workshops gave us little games with numbers, which pupils loved."
NEW_FEEDBACK = "comments that came rather slowly"
# The steps that answers reach; these add nothing to what was said.
AFTER = [step for step in STEPS if step not in ("utterances", "parses", "phrases", "embeddings", "themes")]
# What each person decided of which of their words: quotations over several turns have several parts.
DECIDED = {
    "p1": [
        (["The training helped me to teach fractions to the younger ones."], "change", NEW_TRAINING),
        (["feedback on each lesson plan within two days"], "", NEW_FEEDBACK),
    ],
    "p2": [
        (["I cried in the car park behind the gym that whole November."], "withdraw", ""),
        (["and then all the expectations moved overnight"], "withdraw", ""),
        ([BEN[1], BEN[3]], "withdraw", ""),
        ([BEN[5]], "keep", ""),
    ],
    "p3": [
        ([CLO[0]], "keep", ""),
        (["The platform was easy once Karl sat beside me for an hour."], "change", ""),
        (["The rules were written down on one page from the start."], "withdraw", ""),
    ],
}
COVERED = [part for decided in DECIDED.values() for parts, choice, _ in decided if choice != "keep" for part in parts]
CODEBOOK = f"""codebook: Mentors
codes:
  - code: help
    name: Help
    definition: What helps.
    codes:
      - code: support
        name: Support
        definition: Someone is there.
        words: [support, "always there"]
        examples: ["{BEN[2]}", "{CLO[0]}"]
      - {{code: training, name: Training, definition: Learning to teach., words: [training, feedback]}}
  - code: clarity
    name: Clarity
    definition: Knowing what is expected.
    memo: 'He: "and then all the expectations moved overnight".'
    words: ["what * expected", "all * expectations moved overnight", timing, rules]
    examples: ["{ANA[3]}", "all the expectations moved overnight"]
"""
PEOPLE = """participant,role,labels,names,pseudonym,status,quote_consent,school
p1,participant,Ana,Ana,Rosa,active,yes,primary
p2,participant,Benno,Benno,Karl,active,yes,secondary
p3,participant,Clo,Clo,Mia,active,ask,primary
i1,moderator,Interviewer,,Interviewer,active,yes,
"""


def lay(study: StudyFolder) -> StudyFolder:
    """Three people, coded by two, with memos, examples and notes that quote what is going to be withdrawn."""
    talk = "Interviewer: What helped you?\n"
    for one, two, three in zip(ANA, BEN, CLO, strict=True):
        talk += f"Ana: {one}\nBenno: {two}\nClo: {three}\n"
    study.write("transcripts/talk.txt", talk)
    study.write("participants.csv", PEOPLE)
    study.write("codebook.yaml", CODEBOOK)
    study.write("history/codebook-2026-01-01.yaml", CODEBOOK.replace("Someone is there.", f"As he said. {BEN[2]}"))
    study.write(
        "study.yaml",
        "title: Talks\ncodebook: codebook.yaml\nthemes: {number: 3, minimum_utterances: 10}\n"
        "authority: any\nrules: apply\nmember_checks: {show: all, drafts: true}\n"
        f"# he said: {BEN[2]}\nchecklists:\n  coreq:\n    '1': 'Anna, who recalls: {BEN[1]}'\n",
    )
    study.write("memos/round-1.md", f"---\nby: anna\n---\nThe deviant case:\n\n> {BEN[2]}\n\nNot “{CLO[3]}”\n")
    study.write("memos/positionality-anna.md", f"---\nby: anna\n---\nI could have said this:\n\n{BEN[2]}\n\n{ANA[3]}\n")
    anna = [
        {"code": "support", "quote": ANA[0], "use": "exemplar"},
        {"code": "clarity", "quote": BEN[0], "use": "exemplar", "memo": "His clearest."},
        {"code": "support", "quote": BEN[2], "use": "exemplar"},
        {"code": "support", "quote": CLO[0], "use": "exemplar", "memo": f"Unlike: {BEN[3]}"},
        {"code": "clarity", "quote": f"{ANA[1]}\nBenno: {BEN[1]}", "use": "exemplar"},
        {"code": "training", "quote": ANA[3], "use": "exemplar"},
        {"code": "training", "quote": ANA[5], "use": "exemplar"},
        {"code": "support", "quote": CLO[5], "use": "exemplar"},
        {"code": "clarity", "quote": CLO[3], "use": "deviant"},
        {"code": "support", "quote": BEN[5], "use": "exemplar"},
        {"code": "support", "quote": f"{CLO[0]} and more", "memo": f"no place: {BEN[2]}"},
        {"code": "clarity", "quote": f"{BEN[2]} {BEN[4]}"},
    ]
    bert = [
        {"code": "clarity", "quote": "the car park behind the gym", "use": "exemplar"},
        {"code": "help", "quote": f"{BEN[2]}\nClo: {CLO[2]}"},
        {"code": "support", "quote": "Support would have been somebody who answers the phone"},
        {"code": "training", "quote": "lesson plan within two days, most of the time", "use": "exemplar"},
    ]
    study.codings("anna", [{"source": "talk", **row} for row in anna])
    study.codings("bert", [{"source": "talk", **row} for row in bert])
    return study


def issue(study: StudyFolder, decided: dict[str, list[tuple[list[str], str, str]]] = DECIDED) -> None:
    """Put packets and answers to them into the folder member_checks, as if they had been sent."""
    spoken = tables.read(study.results, "utterances")
    folder = study.path / "member_checks" / "issued" / "2026-04-01"
    folder.mkdir(parents=True)
    manifest, given = [], []
    for person, quotations in decided.items():
        asked = []
        for number, (parts, choice, new) in enumerate(quotations, 1):
            found = [_part(spoken, person, part) for part in parts]
            asked.append(AskedQuotation(f"1.{number}", "1", " […] ".join(parts), tuple(found)))
            given += [(person, f"quotation 1.{number}", choice), (person, f"words 1.{number}", new)]
        packet = Asked("Talks", person, (AskedConcept("1", "help", "Help"),), tuple(asked))
        given.append((person, "reflects 1", "4"))
        path = folder / f"{person}.json"
        path.write_text(packet.to_json(), encoding="utf-8")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest.append((person, packet.return_code, "0" * 64, "0" * 64, digest))
    codes = {person: code for person, code, *_ in manifest}
    answers = [(codes[person], question, answer) for person, question, answer in given if answer]
    _write(folder / "manifest.csv", ("participant", "return_code", "docx", "html", "json"), manifest)
    _write(folder.parents[1] / "typed.csv", ("return_code", "question", "answer"), answers)


def _part(spoken, person: str, words: str) -> AskedPart:
    mine = spoken[spoken["participant"] == person]
    (row,) = [row for row in mine.to_dict("records") if words in row["text"]]
    start = row["text"].index(words)
    return AskedPart(row["source"], row["utterance"], start, start + len(words), words)


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def fours(text: str) -> set[str]:
    """Every four words in a row."""
    listed = words(text)
    return {" ".join(listed[at : at + 4]) for at in range(len(listed) - 3)}


HIDDEN = set().union(*map(fours, COVERED)) - fours(NEW_TRAINING) - fours(NEW_FEEDBACK)


def released(study: StudyFolder) -> list[Path]:
    """What goes out, the report, and tables that other people's work starts from; no working files with all words."""
    by_hand = {"theme_quotations.csv", "in_vivo_codes.csv", "codebook_proposals.yaml", "codebook_changes.csv"}
    found = []
    for path in sorted(path for path in study.results.rglob("*") if path.is_file()):
        name = path.relative_to(study.results).as_posix()
        goes_out = described(name, study.results)[0] != "working"
        # The record of what a packet asks stays with the researchers, and has the words as they were said.
        asked = name.startswith("packets/") and path.suffix in (".json", ".csv")
        if (goes_out or name in by_hand or name.startswith(("report/", "figures/"))) and not asked:
            found.append(path)
    return found


def held(path: Path, said: set[str], data: bytes | None = None) -> set[str]:
    return set().union(*map(fours, texts_of(path, path.read_bytes() if data is None else data))) & said


def plain(path: Path) -> str:
    return " ".join(" ".join(texts_of(path, path.read_bytes())).split())


def read(path: Path) -> str:
    """What a page shows without pointing at anything."""

    def shown(node: ET.Element) -> str:
        if node.get("class") == "note":
            return ""
        return (node.text or "") + "".join(shown(child) + (child.tail or "") for child in node)

    return shown(parsed(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, Path]:
    """A study after its member check, and its results before anything was answered."""
    patch = pytest.MonkeyPatch()
    house = tmp_path_factory.mktemp("house")
    patch.chdir(house)
    study = StudyFolder(house / "talks")
    study.write("sources.csv", "source,file,kind\ntalk,talk.txt,focus_group\n")
    lay(study)
    assert study.run(*STEPS) == 0
    before = shutil.copytree(study.results, house / "before")
    issue(study)
    assert study.run(*AFTER) == 0
    yield study, before
    patch.undo()


def test_the_search_finds_them_where_nobody_answered(answered):
    study, before = answered
    was = [before / path.relative_to(study.results) for path in released(study)]
    found = {path.relative_to(before).as_posix() for path in was if path.exists() and held(path, HIDDEN)}
    expected = {
        "report/index.html", "report/memos.html", "report/codebook.html", "report/transcripts/talk.html",
        "report/codes/support.html", "report/codes/clarity.html", "report/codes/training.html", "report/codes/help.html",
        "findings.docx", "frequencies.docx", "frequencies.md", "frequencies.tex", "theme_quotations.csv",
        "methods.docx", "codebook_changes.csv",
    }  # fmt: skip
    assert found >= expected
    assert any(name.startswith("report/themes/") for name in found)
    for words_of_one in COVERED:
        assert any(held(path, fours(words_of_one)) for path in was if path.exists()), words_of_one


def test_nothing_that_is_released_holds_withdrawn_or_changed_words(answered):
    study, _ = answered
    files = released(study)
    found = {path.relative_to(study.results).as_posix(): held(path, HIDDEN) for path in files}
    assert {name: runs for name, runs in found.items() if runs} == {}
    assert len(files) > 60


def test_words_around_them_and_what_was_kept_still_stand(answered):
    study, _ = answered
    transcript = read(study.results / "report" / "transcripts" / "talk.html")
    assert "Nobody told me what was expected of me" in transcript
    assert "most of the time" in transcript and CLO[4] in transcript
    for line in (ANA[0], ANA[1], BEN[4], BEN[5], CLO[0], CLO[5]):
        assert line in transcript, line
    for kind in INSTEAD:
        assert (INSTEAD[kind] in transcript) == (kind != "amended"), kind


def test_an_amended_quotation_stands_amended_wherever_it_stood(answered):
    study, before = answered
    checked = 0
    for path in released(study):
        name = path.relative_to(study.results).as_posix()
        old = before / name
        # What people typed keeps no amended words: there they are only taken out.
        typed = ("report/memos.html", "report/codebook.html", "report/codes/clarity.html", "methods.docx")
        if not old.exists() or name in typed:
            continue
        if held(old, fours(ANA[3])) and path.suffix in (".html", ".docx", ".md", ".tex", ".csv"):
            assert fours(NEW_TRAINING) <= set().union(*map(fours, texts_of(path, path.read_bytes()))), name
            assert re.sub(r"\W+", " ", AMENDED_NOTE) in re.sub(r"\W+", " ", plain(path)), name
            checked += 1
    assert checked >= 7
    findings = plain(study.results / "findings.docx")
    assert "Exemplar" in findings and "amended by the participant" in findings
    assert f"She gave me {NEW_FEEDBACK} {AMENDED_NOTE}, most of the time." in findings


def test_what_an_asked_person_kept_is_quoted_and_what_they_did_not_answer_is_not(answered):
    study, before = answered
    findings = plain(study.results / "findings.docx")
    assert not held(before / "findings.docx", fours(CLO[0]) | fours(CLO[5]))
    assert fours(CLO[0]) <= fours(findings)
    assert not fours(CLO[5]) & fours(findings)


def test_findings_tell_how_many_were_withdrawn(answered):
    study, _ = answered
    findings = plain(study.results / "findings.docx")
    assert "1 further exemplar holds words that a participant withdrew or changed in a member check" in findings
    assert "waits for an answer of Mia" in findings
    page = plain(study.results / "report" / "codes" / "support.html")
    assert "May not be quoted: Karl withdrew words of it." in page


def test_every_count_is_what_it_was(answered):
    study, before = answered
    compared = 0
    for name, table in tables.TABLES.items():
        if table.step in ("member_checks", "packets") or not (before / table.file).exists():
            continue
        if name in ("theme_quotations", "in_vivo_codes", "codebook_changes"):
            continue
        was, now = tables.read(before, name), tables.read(study.results, name)
        shown = {"frequencies": ["rated", "disagree"], "open_codes": ["memo"], "unplaced": ["quote", "reason"]}
        texts = {"figures": ["alt", "title"]}
        left_out = [*shown.get(name, []), *texts.get(name, [])]
        assert was.drop(columns=left_out, errors="ignore").equals(now.drop(columns=left_out, errors="ignore")), name
        compared += 1
    assert compared > 25


def test_an_archive_holds_none_of_them(answered, capsys):
    study, _ = answered
    assert main(["package", "talks", "--results", str(study.results), "--to", "out.zip", "--paper"]) == 0
    with zipfile.ZipFile("out.zip") as archive:
        names = archive.namelist()
        found = {name: held(Path(name), HIDDEN, archive.read(name)) for name in names}
    assert {name: runs for name, runs in found.items() if runs} == {}
    assert len(names) > 40 and any("history/" in name for name in names)
    assert not [name for name in names if "member_checks/" in name or "issued" in name]


@pytest.mark.usefixtures("answered")
def test_words_that_people_typed_are_told_by_file_and_line(capsys):
    capsys.readouterr()
    assert main(["check", "talks"]) == 0
    told = capsys.readouterr().out
    withdrew, changed = "words that 'p2' withdrew in a member check", "words that 'p1' changed in a member check"
    assert f"round-1.md: line 6: {withdrew} stand here: take them out." in told
    assert f"positionality-anna.md: line 8: {changed} stand here: take them out." in told
    assert "words that 'p3' wants to change in a member check stand here" in told
    assert re.search(rf"coding\.csv: row \d+, memo: {withdrew}", told)
    assert f"codebook.yaml: line 11: {withdrew}" in told
    # Quotations in coders' files are the codings themselves.
    assert "delete" not in told
    assert not fours(told) & HIDDEN


def test_words_in_a_definition_stop_the_run(study, capsys):
    lay(study)
    assert study.run("utterances", "parses") == 0
    issue(study)
    study.write("codebook.yaml", CODEBOOK.replace("Someone is there.", f"'{BEN[2]}'"))
    assert study.run("member_checks", "open_codes") == 1
    told = capsys.readouterr().err
    assert "words that 'p2' withdrew in a member check stand in the definition of this code" in told
    assert not fours(told) & HIDDEN


def test_what_was_withdrawn_stays_so_in_a_transcript_that_was_edited(study):
    lay(study)
    assert study.run("utterances", "parses") == 0
    issue(study)
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", "Interviewer: Please begin.\nAna: Gladly.\n" + talk.replace("whole", "entire"))
    steps = ("utterances", "parses", "member_checks", "identifiers", "open_codes", "axial_codes", "frequencies")
    assert study.run(*steps, "findings", "report") == 0
    pages = [path for path in released(study) if path.suffix in (".html", ".docx")]
    assert pages
    found = {path.name: held(path, HIDDEN) for path in pages}
    assert {name: runs for name, runs in found.items() if runs} == {}

"""Who withdraws is gone from everything that was made; who may not be quoted is counted and quoted nowhere."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from conftest import StudyFolder
from test_workflow import lay_house, run

from qualcode.cli import STEPS, main
from qualcode.provenance import described

# --- the search ----------------------------------------------------------------------------------------------------


def texts_of(path: Path, data: bytes) -> Iterator[str]:
    """All that can be read in a file: packed files unpacked, markup off and on, parses as their words."""
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from texts_of(Path(name), archive.read(name))
        return
    if path.suffix == ".spacy":
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab

        yield from (doc.text for doc in DocBin().from_bytes(data).get_docs(Vocab()))
        # The strings of a DocBin can hold more than its texts.
        yield zlib.decompress(data).decode("utf-8", "replace")
    if data.startswith(b"\x93NUMPY"):
        import numpy as np

        array = np.load(io.BytesIO(data), allow_pickle=False)
        if array.dtype.kind in "US":
            yield " ".join(map(str, array.ravel()))
        return
    if data.startswith(b"%PDF"):
        import pypdfium2

        pages = pypdfium2.PdfDocument(data)
        yield from (page.get_textpage().get_text_range() for page in pages)
        data = re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL)
    if data.startswith(b"\x89PNG"):
        # Pixels are packed, and chance makes names of them.
        data = b"".join(kind + held for kind, held in chunks(data) if kind != b"IDAT")
    text = data.decode("utf-8", "replace")
    yield text
    if path.suffix in (".html", ".xml", ".svg", ".rels"):
        for between in ("", " "):
            yield html.unescape(re.sub(r"<[^>]*>", between, text))
    with contextlib.suppress(ValueError):
        yield json.dumps(json.loads(text), ensure_ascii=False)


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind and the content of each piece of a png."""
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def names_of(path: Path) -> Iterator[str]:
    """A file's path, and what its parts are in base64, as Snakemake's records are called."""
    yield path.as_posix()
    for part in path.parts:
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            yield base64.urlsafe_b64decode(part.removeprefix("@")).decode()


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", ""))


def fives(text: str) -> set[str]:
    """Every five words in a row."""
    listed = words(text)
    return {" ".join(listed[at : at + 5]) for at in range(len(listed) - 4)}


def search(folders: list[Path], said: set[str], names: list[str]) -> dict[str, set[str]]:
    """Where something of a person is found: the file, and which of their words and names."""
    called = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, names))})(?![^\W_])", re.IGNORECASE)
    found: dict[str, set[str]] = {}
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    for path in files:
        for text in [*texts_of(path, path.read_bytes()), *names_of(path)]:
            if hits := (fives(text) & said) | {match[0] for match in called.finditer(text)}:
                found.setdefault(path.as_posix(), set()).update(hits)
    assert files
    return found


def png_saying(text: str) -> bytes:
    from matplotlib.figure import Figure

    made = io.BytesIO()
    Figure(figsize=(1, 1)).savefig(made, format="png", metadata={"Description": text})
    return made.getvalue()


def test_the_search_sees_through_what_packs_and_encodes(tmp_path):
    import docx
    import numpy as np
    import spacy
    import xlsxwriter
    from spacy.tokens import DocBin

    said = "nobody told me what was expected"
    document = docx.Document()
    runs = document.add_paragraph()
    for piece in ("Nobo", "dy told me", " what was", " expected"):
        runs.add_run(piece)
    document.save(tmp_path / "runs.docx")
    with xlsxwriter.Workbook(tmp_path / "shared.xlsx") as book:
        book.add_worksheet().write(0, 0, said)
    DocBin(docs=[spacy.blank("en")(said)]).to_disk(tmp_path / "parses.spacy")
    np.savez_compressed(tmp_path / "array.npz", texts=np.array(["a", said]))
    (tmp_path / "page.html").write_text("no<b>body</b> told me <i>what</i> was&#32;expected", encoding="utf-8")
    (tmp_path / "escaped.json").write_text(json.dumps({"q": "nobody told mé what was"}), encoding="utf-8")
    named = base64.urlsafe_b64encode("results/talks/Карл.csv".encode()).decode()
    (tmp_path / named).write_text("", encoding="utf-8")
    (tmp_path / "drawn.png").write_bytes(png_saying(said))
    (tmp_path / "other.txt").write_text("nobody told me that it was expected, Karla", encoding="utf-8")
    found = search([tmp_path], fives(said) | fives("nobody told mé what was"), ["Карл", "Karl"])
    assert {Path(path).name for path in found} == {
        "runs.docx", "shared.xlsx", "parses.spacy", "array.npz", "page.html", "escaped.json", "drawn.png",
        named,
    }  # fmt: skip


# --- a study of three people, one of whom withdraws ----------------------------------------------------------------

ANA = [
    "My mentor was always there when I called her in the evening.",
    "The timing of our meetings was good, every Tuesday before lunch.",
    "I agree with Benedikt, the paper forms were far too long.",
    "The training helped me to teach fractions to the younger ones.",
    "We planned every lesson together and talked it over afterwards.",
    "She gave me feedback on each lesson plan within two days.",
]
BEN = [
    "Nobody told me what was expected of me, and then the expectations changed.",
    "My bus left at four, so I missed half of every meeting we had.",
    "I cried in the car park behind the gym that whole November.",
    "Support would have been somebody who answers the phone, don't you think?",
    "They handed me a platform login that crashed before each upload.",
    "Looking back I would still call my first year a swamp with fences.",
]
CLO = [
    "I had support from two people, and both of them knew the school.",
    "The expectations were written down on one page from the start.",
    "My own bus was late too, but they waited with the meeting for me.",
    "The platform was easy once somebody sat beside me for an hour.",
    "What Ben Okafor says about the car park, I did not know that.",
    "I would mentor somebody myself next year if they asked me to.",
]
NAMES = ["Benedikt", "Ben Okafor", "Okafor", "Benno", "Speaker B.O.", "Karl", "Ben"]


def lay(study: StudyFolder, ben: str = "yes", clo: str = "yes") -> StudyFolder:
    """Ana, Ben and Clo, coded by anna, with memos and a codebook that quote them."""
    talk = "Interviewer: What helped you?\n"
    for one, two, three in zip(ANA, BEN, CLO, strict=True):
        talk += f"Ana: {one}\nSpeaker B.O.: {two}\nClo: {three}\n"
    study.write("transcripts/talk.txt", talk)
    study.write(
        "participants.csv",
        "participant,role,labels,names,pseudonym,status,quote_consent,school\n"
        "p1,participant,Ana,Ana,Rosa,active,yes,primary\n"
        f"p2,participant,Speaker B.O.,Benedikt;Ben Okafor;Okafor;Benno;Ben,Karl,active,{ben},secondary\n"
        f"p3,participant,Clo,Clo,Mia,active,{clo},primary\n"
        "i1,moderator,Interviewer,,Interviewer,active,yes,\n",
    )
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nthemes: {number: 3, minimum_utterances: 10}\n")
    study.write(
        "codebook.yaml",
        (study.path / "codebook.yaml").read_text("utf-8") + f"    examples:\n      - {BEN[0]}\n      - {CLO[1]}\n",
    )
    study.write("memos/round-1.md", f"---\nby: anna\n---\nKarl is the deviant case. He said:\n\n> {BEN[5]}\n")
    coded = [
        {"code": "support", "quote": ANA[0], "use": "exemplar"},
        {"code": "clarity", "quote": BEN[0], "use": "exemplar", "memo": "Benno at his clearest."},
        {"code": "support", "quote": BEN[2], "use": "exemplar"},
        {"code": "support", "quote": CLO[0], "memo": f"The opposite of Karl: {BEN[3]}"},
        {"code": "clarity", "quote": f"{ANA[1]}\nSpeaker B.O.: {BEN[1]}", "use": "exemplar"},
        {"code": "training", "quote": CLO[3]},
    ]
    study.codings("anna", [{"source": "talk", **row} for row in coded])
    lay_house(study.path.parent)
    return study


def everywhere(study: StudyFolder) -> list[Path]:
    house = study.path.parent
    return [house / name for name in ("results", ".cache", "logs", ".snakemake")]


def test_who_withdraws_is_found_nowhere_after_a_purge_and_a_run(study, capsys):
    lay(study)
    said = set().union(*map(fives, BEN))
    run(study)
    assert main(["anchor", study.path.name]) == 0
    anchors = study.path / "codings" / "anchors.csv"
    assert fives(anchors.read_text("utf-8")) & said
    before = search(everywhere(study), said, NAMES)
    kinds = {Path(path).suffix for path in before}
    # The search sees through what packs and encodes.
    assert kinds >= {".csv", ".txt", ".spacy", ".docx", ".html"}, kinds
    assert any("/.cache/" in path for path in before)
    for ours in (ANA, CLO):
        assert search([study.results], set().union(*map(fives, ours)), ["Rosa"])

    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Karl,active", "Karl,withdrawn"))
    assert main(["purge", study.path.name]) == 0
    told = run(study)
    assert search(everywhere(study), said, NAMES) == {}
    # The lock file is qualcode's own: it lost their words, and still knows where the other codings stand.
    told_of = texts_of(anchors, anchors.read_bytes())
    assert [text for text in told_of if fives(text) & said or "Karl" in text or "Ben" in text] == []
    assert fives(anchors.read_text("utf-8")) & fives(CLO[0])

    # What people wrote is theirs: it is as it was, and told by file and line.
    assert BEN[5] in (study.path / "memos" / "round-1.md").read_text("utf-8")
    assert "in what people typed hold names, or words of people who withdrew" in told
    capsys.readouterr()
    assert main(["check", str(study.path)]) == 0
    checked = capsys.readouterr().out
    assert "codebook.yaml: line 14: words of 'p2', who withdrew, stand here" in checked
    assert "memos/round-1.md: line 6: words of 'p2', who withdrew, stand here" in checked
    assert "memos/round-1.md: line 4: a name that is to be hidden stands here (participants.csv row 3)" in checked
    assert "coding.csv: row 5, memo: words of 'p2', who withdrew, stand here" in checked
    assert not fives(checked) & said and "Karl" not in checked and "Benno" not in checked
    # Their codings are listed, the others still count, and the ids of what others said are the same.
    lost = study.rows("unplaced")
    assert [row["row"] for row in lost] == ["3", "4", "6"]
    assert {row["participant"] for row in study.rows("participants")} == {"p1", "p3", "i1"}
    utterances = {row["utterance"]: row for row in study.rows("utterances")}
    assert utterances["talk:3"]["text"] == "[withdrawn]" and utterances["talk:3"]["participant"] == ""
    assert utterances["talk:4"]["text"] == CLO[0]
    assert [row["quote"] for row in study.rows("open_codes") if row["basis"] == "human"] == [ANA[0], CLO[0], CLO[3]]


def test_with_results_nothing_is_left_between_purge_and_run(study):
    lay(study)
    assert study.run("utterances", "parses", "open_codes", "axial_codes", "embeddings", "themes") == 0
    said = set().union(*map(fives, BEN))
    assert search([study.results, Path(".cache")], said, NAMES)
    assert main(["purge", str(study.path), "--with-results"]) == 0
    assert not study.results.exists()
    assert not any(path.is_file() for path in Path(".cache").rglob("*"))


def test_who_may_not_be_quoted_counts_and_stands_in_no_quotation(study):
    """Ben said no, Clo has not said yes yet: working tables and their own packets hold their words, nothing else does."""
    lay(study, ben="no", clo="ask")
    assert study.run(*STEPS) == 0
    said = {person: set().union(*map(fives, spoken)) for person, spoken in (("p1", ANA), ("p2", BEN), ("p3", CLO))}
    quoted: dict[str, set[str]] = {}
    for path in sorted(path for path in study.results.rglob("*") if path.is_file()):
        name = path.relative_to(study.results).as_posix()
        if described(name, study.results)[0] != "working" or name in ("report/index.html", "report/tables.html"):
            held = set().union(*map(fives, texts_of(path, path.read_bytes())))
            quoted[name] = {person for person in said if held & said[person]}
    own = {f"packets/{person}.{suffix}": {person} for person in said for suffix in ("docx", "html")}
    assert {name: people for name, people in quoted.items() if people} == {
        **own,
        **{name: {"p1"} for name in ("report/index.html", "findings.docx")},
        **{f"frequencies.{suffix}": {"p1"} for suffix in ("docx", "md", "tex")},
    }
    assert len(quoted) > 20
    assert len(study.rows("theme_members")) == 18, "their words make themes"
    quotations = {row["quotation"] for row in study.rows("theme_quotations")}
    assert quotations and quotations <= {line.replace("Benedikt", "Karl") for line in ANA}
    counts = {row["code"]: int(row["participants"]) for row in study.rows("frequencies")}
    assert counts["support"] == 3 and counts["clarity"] == 2 and counts["training"] == 1
    report = (study.results / "report" / "index.html").read_text("utf-8")
    assert "Karl may not be quoted (3 passages)" in " ".join(re.sub("<[^>]*>", "", report).split())

"""One archive for reviewers: nobody's words, no names, and enough to count again from it alone."""

from __future__ import annotations

import io
import json
import random
import re
import shutil
import zipfile
from hashlib import sha256

import pytest
from answering import asked, issue, sheet
from conftest import StudyFolder
from remade import command, copied, flip, lay, run_steps

from qualcode.answers import AskedConcept
from qualcode.cli import main

# What makes the tables that an archive needs, without the slow steps.
STEPS = (
    "utterances", "parses", "member_checks", "identifiers", "phrases", "open_codes", "axial_codes", "frequencies", "saturation", "agreement",
    "figures", "report",
)  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    laid = lay(tmp_path_factory.mktemp("package"), "language: blank:en\n")
    run_steps(laid)
    return laid


def pack(study: StudyFolder, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, bytes]:
    """Package a study; the archive's files by name."""
    monkeypatch.chdir(study.path.parent)
    assert main(["package", "talks", *options]) == 0
    with zipfile.ZipFile("talks-package.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def texts(name: str, data: bytes) -> list[str]:
    """All that can be read in a file, that of office files and of pdf unpacked."""
    if name.endswith((".docx", ".xlsx")):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [item for part in archive.namelist() for item in texts(part, archive.read(part))]
    if name.endswith(".pdf"):
        import pypdfium2

        return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(data)]
    return [] if name.endswith(".png") else [data.decode("utf-8")]


def words_in(files: dict[str, bytes]) -> set[str]:
    return {
        word
        for name, data in files.items()
        for text in [name, *texts(name, data)]
        for word in re.findall(r"[^\W\d_]{5,}", text.casefold())
    }


def test_the_same_results_give_the_same_archive(study, monkeypatch, capsys):
    first = pack(study, monkeypatch)
    data = (study.path.parent / "talks-package.zip").read_bytes()
    assert f"sha256 of the archive: {sha256(data).hexdigest()}" in capsys.readouterr().out
    pack(study, monkeypatch)
    assert (study.path.parent / "talks-package.zip").read_bytes() == data
    assert {"README.txt", "provenance.json", "packages.txt", "requirements.lock", "results/frequencies.csv"} <= set(
        first
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_it_holds_no_words_of_people_and_no_names(study, monkeypatch):
    files = pack(study, monkeypatch)
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    own = "\n".join((study.path / name).read_text("utf-8") for name in ("codebook.yaml", "study.yaml"))
    said = set(re.findall(r"[^\W\d_]{5,}", talk.casefold())) - set(re.findall(r"[^\W\d_]{5,}", own.casefold()))
    # Words of the program's own sentences.
    said -= {"interviewer", "nobody", "agree", "place", "changed", "there"}
    assert {"meetings", "helped", "mentor"} & said
    assert not said & words_in(files)
    everything = "\n".join([*files, *(text for name, data in files.items() for text in texts(name, data))])
    assert not re.search(r"\b(Ana|Ben|Elm Park)\b", everything)
    for name in files:
        assert not name.startswith(("results/report", "results/packets", "results/texts", "results/parses"))
    for name in ("open_codes", "utterances", "participants", "cases", "attributes"):
        assert f"results/{name}.csv" not in files


def test_what_quotes_people_goes_along_only_when_it_is_asked_for(study, monkeypatch):
    quoting = {"results/findings.docx", "results/frequencies.docx"}
    assert not quoting & set(pack(study, monkeypatch))
    assert quoting <= set(pack(study, monkeypatch, "--paper"))


def test_it_is_reproduced_from_the_archive_alone(study, monkeypatch, tmp_path):
    pack(study, monkeypatch)
    shutil.copy(study.path.parent / "talks-package.zip", tmp_path / "for-review.zip")
    done = command(tmp_path, "reproduce", "for-review.zip")
    assert done.returncode == 0, done.stderr + done.stdout
    told = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    again = {name for name, outcome in told.items() if outcome == "identical"}
    assert {
        "frequencies.csv", "frequencies.xlsx", "frequencies_by.csv", "frequencies_by.docx", "sample.csv", "cooccurrences.csv",
        "saturation.csv", "new_information.csv", "agreement.csv", "rule_quality.csv", "axial_codes.csv", "paradigm.csv",
        "figures/theme_frequencies.png", "figures/codes_by_participant.svg", "figures/agreement_by_code.pdf",
    } <= again  # fmt: skip
    for name in ("theme_choice.csv", "suggestion_quality.csv", "methods.docx"):
        assert told[name].startswith("cannot be made again from the archive alone: "), name
    assert not {"theme_choice.csv", "methods.docx"} & again
    assert f"{len(again)} of " in done.stdout.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["for-review.zip"]


def rezipped(study: StudyFolder, change: dict[str, bytes | None], path) -> None:
    with zipfile.ZipFile(study.path.parent / "talks-package.zip") as old, zipfile.ZipFile(path, "w") as new:
        files = {name: old.read(name) for name in old.namelist()} | change
        for name, data in files.items():
            if data is not None:
                new.writestr(name, data)


@pytest.mark.parametrize(
    ("name", "made_of", "told"),
    [
        ("results/frequencies.csv", lambda data: data[:-2] + b"9\n", "results/frequencies.csv: was changed after"),
        ("counted/open_codes.csv", lambda data: data[:-3] + b"xy\n", "counted/open_codes.csv: was changed after"),
        ("results/sample.csv", lambda _: None, "results/sample.csv: is missing from the archive"),
        ("results/added.csv", lambda _: b"a\n", "results/added.csv: was added to the archive"),
        ("../outside.txt", lambda _: b"a\n", "no archive of qualcode has such an entry"),
        ("/outside.txt", lambda _: b"a\n", "no archive of qualcode has such an entry"),
        ("results/a\x1b[31m.csv", lambda _: b"a\n", "results/a\\x1b[31m.csv: no archive of qualcode has such an entry"),
        ("results/sample.csv/a", lambda _: b"a\n", "results/sample.csv: no archive of qualcode has such an entry"),
        ("results", lambda _: b"a\n", "results: no archive of qualcode has such an entry"),
        ("results//sample.csv", lambda _: b"a\n", "no archive of qualcode has such an entry"),
        (f"results/{'a/' * 2000}a", lambda _: b"a\n", "no archive of qualcode has such an entry"),
        (f"results/{'a' * 300}", lambda _: b"a\n", "no archive of qualcode has such an entry"),
        ("study/other/study.yaml", lambda _: b"title: x\n", "parts of it are missing"),
        ("results/SAMPLE.csv", lambda _: b"a\n", "two files in it have the same name"),
        ("manifest-sha256.txt", lambda _: None, "parts of it are missing"),
    ],
)
def test_what_was_changed_in_an_archive_is_named(study, monkeypatch, tmp_path, capsys, name, made_of, told):
    files = pack(study, monkeypatch)
    rezipped(study, {name: made_of(files.get(name, b""))}, tmp_path / "changed.zip")
    assert main(["reproduce", str(tmp_path / "changed.zip")]) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "outside.txt").exists()


def test_a_byte_that_is_damaged_on_the_way_is_caught(study, monkeypatch, tmp_path, capsys):
    files = pack(study, monkeypatch)
    data = (study.path.parent / "talks-package.zip").read_bytes()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(data)
    flip(damaged, at=data.index(files["results/axial_codes.csv"]) + 20)
    assert main(["reproduce", str(damaged)]) == 1
    assert "results/axial_codes.csv: it is damaged" in capsys.readouterr().err
    damaged.write_bytes(data[: len(data) // 2])
    assert main(["reproduce", str(damaged)]) == 1
    assert main(["reproduce", str(tmp_path / "none.zip")]) == 1
    assert "there is no such archive" in capsys.readouterr().err


def test_counts_that_were_changed_with_their_hashes_are_not_reproduced(study, monkeypatch, tmp_path):
    files = pack(study, monkeypatch)
    counted, manifest = files["counted/open_codes.csv"], files["manifest-sha256.txt"]
    changed = counted.replace(b",true,", b",false,", 1)
    assert changed != counted
    manifest = manifest.replace(sha256(counted).hexdigest().encode(), sha256(changed).hexdigest().encode())
    rezipped(study, {"counted/open_codes.csv": changed, "manifest-sha256.txt": manifest}, tmp_path / "forged.zip")
    done = command(tmp_path, "reproduce", "forged.zip")
    assert done.returncode == 1
    assert "frequencies.csv: is not the same when it is counted again" in done.stderr


def forged(study: StudyFolder, files: dict[str, bytes], change: dict[str, bytes | None], path) -> None:
    """The archive with other files in it, and a manifest that agrees with them."""
    there = {name: data for name, data in (files | change).items() if data is not None}
    del there["manifest-sha256.txt"]
    lines = (f"{sha256(data).hexdigest()}  {name}\n" for name, data in there.items())
    rezipped(study, {**change, "manifest-sha256.txt": "".join(lines).encode()}, path)


@pytest.mark.parametrize(
    ("name", "made_of", "told"),
    [
        ("counted/open_codes.csv", lambda data: data.replace(b"code", b"cade", 1), "counted/: the rows cannot"),
        ("counted/open_codes.csv", lambda _: b"\0\1\2" * 99, "counted/: the rows cannot be counted"),
        ("counted/open_codes.csv", lambda _: None, "counted/open_codes.csv: the table is not there"),
        ("counted/participants.csv", lambda _: b"", "counted/: the rows cannot be counted"),
        ("counted/sentences.csv", lambda _: b"utterance,start,end\nx,a,b\n", "counted/: the rows cannot be counted"),
        ("counted/sentences.csv", lambda _: None, "counted/: the rows cannot be counted"),
        ("study/talks/codebook.yaml", lambda _: b"codebook: x\ncodes: [{code: a}]\n", "counted/: the rows cannot"),
        ("study/talks/codebook.yaml", lambda _: None, "study/talks/study.yaml: codebook: there is no codebook"),
        (
            "study/talks/study.yaml",
            lambda data: data.replace(b'"codebook.yaml"', b'"../../results/codebook.yaml"'),
            "study/talks/study.yaml: its codebook lies outside of the archive.",
        ),
        ("provenance.json", lambda _: b"[" * 99_999, "provenance.json: the record is damaged, or of another version"),
        ("provenance.json", lambda data: data.replace(b'"settings": {', b'"settings": 1, "s": {'), "is damaged, or of"),
    ],
)
def test_what_cannot_be_counted_is_told_in_a_sentence(study, monkeypatch, tmp_path, capsys, name, made_of, told):
    files = pack(study, monkeypatch)
    changes = {name: made_of(files[name]), "results/codebook.yaml": files["study/talks/codebook.yaml"]}
    record = json.loads(files["provenance.json"])
    if name != "provenance.json":
        record["results"]["shareable"]["results/codebook.yaml".partition("/")[2]] = sha256(
            files["study/talks/codebook.yaml"]
        ).hexdigest()
        record["packages"]["pandas"] = "0.1"
        changes["provenance.json"] = json.dumps(record).encode()
    else:
        del changes["results/codebook.yaml"]
    forged(study, files, changes, tmp_path / "forged.zip")
    assert main(["reproduce", str(tmp_path / "forged.zip")]) == 1
    said = capsys.readouterr().err
    assert told in said and str(tmp_path) not in said and "/archive/" not in said
    # The version may be why.
    assert ("package pandas: the results were made with 0.1" in said) == (name != "provenance.json")


def test_a_place_where_no_archive_can_be_written_is_told(study, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(study.path.parent)
    (tmp_path / "folder.zip").mkdir()
    assert main(["package", "talks", "--to", str(tmp_path / "folder.zip")]) == 1
    assert "this cannot be read or written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.zip"]


def test_a_study_of_any_name_is_packed_under_a_plain_one_and_what_is_other_is_told(
    study, tmp_path, monkeypatch, capsys
):
    other = StudyFolder(tmp_path / "d'été: 2")
    shutil.copytree(study.path, other.path)
    shutil.copytree(study.results, other.results)
    monkeypatch.chdir(tmp_path)
    assert main(["package", other.path.name, "--to", "x.zip"]) == 0
    assert "name of the study's folder : the results" not in (told := capsys.readouterr().out)
    assert "not as the results were made: name of the study's folder: the results were made with talks" in told
    with zipfile.ZipFile("x.zip") as archive:
        assert "study/d-ete-2/study.yaml" in archive.namelist()
    assert command(tmp_path, "reproduce", "x.zip").returncode == 0


def test_results_that_are_not_those_of_the_study_are_not_packed(study, tmp_path, monkeypatch, capsys):
    changed = copied(study, tmp_path)
    flip(changed.results / "sample.csv")
    (changed.path / "codebook.yaml").write_text((changed.path / "codebook.yaml").read_text("utf-8") + "# more\n")
    monkeypatch.chdir(tmp_path)
    assert main(["package", "talks"]) == 1
    told = capsys.readouterr().err
    assert "sample.csv: was changed after it was made" in told and "input codebook.yaml: is not what" in told
    assert not (tmp_path / "talks-package.zip").exists()


def test_the_metadata_are_those_of_a_research_object(study, monkeypatch):
    files = pack(study, monkeypatch)
    crate = json.loads(files["ro-crate-metadata.json"])
    graph = {entity["@id"]: entity for entity in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])
    assert graph["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert graph["ro-crate-metadata.json"]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    root = graph["./"]
    # The last day that the files tell of: that of dana's coding.
    assert root["@type"] == "Dataset" and root["name"] == "Talks" and root["datePublished"] == "2026-03-07"
    parts = {part["@id"] for part in root["hasPart"]}
    assert parts == set(files) - {"ro-crate-metadata.json", "manifest-sha256.txt"}
    for part in parts:
        assert graph[part]["sha256"] == sha256(files[part]).hexdigest()
        assert graph[part]["contentSize"] == str(len(files[part]))
    linked = re.findall(r'"@id": "(#?[^":]+)"', files["ro-crate-metadata.json"].decode())
    assert set(linked) <= set(graph)
    listed = dict(reversed(line.split("  ")) for line in files["manifest-sha256.txt"].decode().splitlines())
    assert listed == {name: sha256(data).hexdigest() for name, data in files.items() if name != "manifest-sha256.txt"}


CONFIDENTIAL = """frequencies: {by: [school, salary]}
confidential: {attributes: [salary], files: ["memos", "codings/dana/*", "history/*-2026-03-01.yaml"]}
language: blank:en
"""
PEOPLE = """participant,role,labels,names,pseudonym,quote_consent,school,salary
p1,participant,Ana,Ana,Rosa,no,primary,Lowpaid
p2,participant,Ben,Ben,Karl,yes,secondary,Highpaid
p3,participant,Cid,Cid,Emil,yes,primary,Unpaid
i1,moderator,Interviewer,,Interviewer,yes,,
"""


def test_what_the_study_calls_confidential_stays_out(tmp_path, monkeypatch):
    study = lay(tmp_path, CONFIDENTIAL)
    study.write("participants.csv", PEOPLE)
    book = (study.path / "codebook.yaml").read_text("utf-8")
    example = 'examples: ["My mentor was always there", "I got no support"]'
    study.write("codebook.yaml", book.replace("definition: Knowing", f"{example}\n    definition: Knowing"))
    run_steps(study, *STEPS)
    files = pack(study, monkeypatch)
    everything = "\n".join([*files, *(text for name, data in files.items() for text in texts(name, data))])
    assert not re.search(r"salary|Lowpaid|Highpaid|Unpaid|on Rosa|of Rosa|What Rosa said", everything)
    assert not any("history" in name for name in files) and "results/codebook_changes.csv" not in files
    assert "counted/decisions.csv" not in files
    assert "confidential file 1" in files["provenance.json"].decode()
    # Ana may not be quoted, not even by the codebook.
    assert "always there" not in files["study/talks/codebook.yaml"].decode().replace('"always there"', "")
    assert "I got no support" in files["study/talks/codebook.yaml"].decode()
    # Who said nothing was there all the same.
    assert b"p3,participant,participant 3,,active,primary" in files["study/talks/participants.csv"]
    done = command(tmp_path, "reproduce", "talks-package.zip")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "frequencies_by.csv: identical" in done.stdout
    assert "agreement.csv: cannot be made again from the archive alone: codings, or earlier" in done.stdout


def test_where_small_figures_are_suppressed_rows_go_along_only_when_asked_for(tmp_path, monkeypatch, capsys):
    study = lay(tmp_path, "language: blank:en\nfrequencies: {smallest_cell: 3}\n")
    run_steps(study, *STEPS)
    files = pack(study, monkeypatch)
    assert not any(name.startswith("counted/") for name in files)
    assert not {"results/coverage_by.csv", "results/rule_quality_by.csv"} & set(files)
    # Agreement within a source of one person tells which codes are theirs.
    assert "results/agreement.csv" not in files and "results/frequencies_by.csv" in files
    assert "agreement.csv" in json.loads(files["provenance.json"])["results"]["working"]
    assert "suppresses small figures" in files["README.txt"].decode()
    assert main(["reproduce", "talks-package.zip"]) == 0
    assert "nothing was made again" in capsys.readouterr().out
    files = pack(study, monkeypatch, "--rows")
    assert files["counted/attributes.csv"].decode().splitlines() == ["subject,id,attribute,value"]
    done = command(tmp_path, "reproduce", "talks-package.zip")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "frequencies.csv: identical" in done.stdout
    assert "frequencies_by.csv: cannot be made again from the archive alone: attributes are left out" in done.stdout


@pytest.mark.parametrize("seed", range(2))
def test_nothing_of_made_up_words_and_names_is_in_an_archive_of_any_study(tmp_path, monkeypatch, seed):
    chance = random.Random(seed)

    def word(letters: str = "bdfglmnprstvz") -> str:
        return "".join(chance.choice(letters) + chance.choice("aeiou") for _ in range(chance.randint(3, 5)))

    names = [f"Q{word()}k" for _ in range(3)]
    lexicon = [word() + "x" for _ in range(60)]
    talk = [
        f"{who}: {' '.join(chance.choices(lexicon, k=chance.randint(2, 20)))} {chance.choice([*names, ''])} so."
        for who in chance.choices(names, k=25)
    ]
    study = lay(tmp_path, "language: blank:en\n")
    rows = [
        f"p{number},participant,{name},{name},Person {number},yes,s{number % 2}" for number, name in enumerate(names)
    ]
    study.write("participants.csv", "participant,role,labels,names,pseudonym,quote_consent,school\n" + "\n".join(rows))
    study.write("transcripts/talk.txt", "\n\n".join(talk) + "\n")
    shutil.rmtree(study.path / "codings")
    for coder in ("cora", "dana"):
        quotes = [chance.choice(talk).split(": ")[1] for _ in range(6)]
        study.codings(
            coder,
            [{"source": "talk", "code": chance.choice(["support", "clarity", "training"]), "quote": quote,
              "memo": chance.choice(lexicon), "round": chance.choice(["", "1", names[0]])} for quote in quotes],
            f"{names[1]}.csv",
        )  # fmt: skip
    run_steps(study, *STEPS)
    for files in (pack(study, monkeypatch), pack(study, monkeypatch, "--rows")):
        assert not words_in(files) & {item.casefold() for item in [*lexicon, *names]}
    done = command(tmp_path, "reproduce", "talks-package.zip")
    assert done.returncode == 0, done.stderr + done.stdout


def test_a_study_with_answers_to_member_checks_is_counted_again_without_their_words(tmp_path, monkeypatch):
    study = lay(tmp_path, "language: blank:en\n")
    packet = asked("p1", (0,), concepts=(AskedConcept("1", "support", "Support"),))
    issue(study.path / "member_checks", packet)
    said = [
        ("add", "Looking back, somebody should have warned us."),
        ("reflects 1", "2"),
        ("change 1", "Call it luck."),
    ]
    rows = [(packet.return_code, question, answer) for question, answer in said]
    sheet(study.path / "member_checks" / "typed.csv", rows, ("return_code", "question", "answer"))
    coding = {"source": "member-checks", "code": "support", "quote": "somebody should have warned us"}
    study.codings("cora", [coding], "more.csv")
    run_steps(study, *STEPS)
    files = pack(study, monkeypatch)
    told = "".join(text for name, data in files.items() for text in texts(name, data))
    assert "warned" not in told and "Call it luck" not in told and packet.return_code not in told
    done = command(study.path.parent, "reproduce", "talks-package.zip")
    assert done.returncode == 0, done.stderr + done.stdout
    outcome = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    made = ("frequencies.csv", "frequencies.xlsx", "saturation.csv", "figures/theme_frequencies.svg")
    assert {outcome[name] for name in made} == {"identical"}
    assert "cannot" in outcome["member_check_summary.csv"]

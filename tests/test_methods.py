"""The methods text: every number in it is counted again from the tables and from what people typed."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from docx import Document
from ruamel.yaml import YAML

from qualcode import tables
from qualcode.cli import main

ROOT = Path(__file__).parents[1]
STEPS = (
    "utterances", "parses", "member_checks", "identifiers", "open_codes", "axial_codes", "agreement", "frequencies",
    "saturation", "packets", "methods",
)  # fmt: skip
THEMES = [
    {"theme": 1, "label": "parking, buses", "utterances": 30, "of_utterances": 70, "stability": 0.805, "note": ""},
    {"theme": 2, "label": "tea", "utterances": 20, "of_utterances": 70, "stability": 0.5, "note": "unstable"},
    {"theme": 3, "label": "snow", "utterances": 15, "of_utterances": 70, "stability": 0.61, "note": ""},
]
LEARNED = [
    {"code": "a", "basis": "learned", "abstains": False},
    {"code": "b", "basis": "learned", "abstains": True},
    {"code": "c", "basis": "nearest", "abstains": False},
    {"code": "all", "basis": "learned", "held_out": "source", "abstains": False, "precision": 0.745, "recall": 0.5,
     "recall_low": 0.405, "recall_high": 0.6},
]  # fmt: skip


class Made:
    """An example study with its results and the words of its methods text by heading."""

    def __init__(self, name: str, folder: Path):
        self.folder, self.results = folder / "data" / name, folder / "results" / name
        shutil.copytree(ROOT / "data" / name, self.folder)
        shutil.copytree(ROOT / "codebooks", folder / "codebooks")
        self.codebook = folder / "codebooks" / f"{name}.yaml"

    def run(self) -> None:
        for table in ("phrases", "phrase_places"):
            tables.write(self.results, table, tables.frame(table, []))
        write(self.results, "themes", THEMES)
        write(self.results, "theme_stability", [{"what": "fits none", "value": "5", "note": ""}])
        write(self.results, "suggestion_quality", LEARNED)
        for step in STEPS:
            assert main([step, str(self.folder), "--results", str(self.results)]) == 0
        self.said = said(self.results / "methods.docx")

    def rows(self, name: str, **wanted: str) -> list[dict[str, str]]:
        found = rows_of(self.results / f"{name}.csv")
        return [row for row in found if all(row[key] == value for key, value in wanted.items())]

    def typed(self, name: str) -> list[dict[str, str]]:
        return rows_of(self.folder / name) if (self.folder / name).exists() else []


def write(results: Path, name: str, rows: list[dict[str, object]]) -> None:
    """A table with these cells, the others 0, empty or false."""
    empty = {"text": "", "integer": 0, "number": 0.0, "boolean": False}
    table = tables.TABLES[name]
    blank = {c.name: None if c.optional else c.values[0] if c.values else empty[c.type] for c in table.columns}
    tables.write(results, name, tables.frame(name, [{**blank, **row} for row in rows]))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def said(path: Path) -> dict[str, str]:
    """The paragraphs of a document, joined, by the heading above them."""
    found: dict[str, str] = {}
    heading = ""
    for paragraph in Document(str(path)).paragraphs:
        if paragraph.style.name.startswith("Heading"):
            heading = paragraph.text
            continue
        found[heading] = f"{found.get(heading, '')}\n{paragraph.text}".strip()
    return found


def cells(path: Path) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in Document(str(path)).tables]


def rounded(value: str, places: int) -> str:
    return str(Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


@pytest.fixture(scope="module", params=["clinical-mentors", "student-teachers"])
def made(request, tmp_path_factory):
    example = Made(request.param, tmp_path_factory.mktemp("methods"))
    with pytest.MonkeyPatch.context() as here:
        here.chdir(example.folder.parents[1])
        example.run()
    return example


def test_participants_and_setting(made):
    text = made.said["Participants and setting"]
    people = made.rows("participants", role="participant")
    leading = made.rows("participants", role="moderator")
    assert f"Those who took part were {len(people)} participants, in 1 " in text
    if leading:
        assert f"by {len(leading)} moderators ({' and '.join(row['pseudonym'] for row in leading)})" in text
        assert f"who said {sum(int(row['words']) for row in leading):,} words" in text
    else:
        assert "moderator" not in text
    asked = Counter(row["quote_consent"] for row in people)
    told = f"Of {len(people)} participants, {asked['yes']} might be quoted"
    theirs = {row["participant"] for row in people if row["quote_consent"] == "ask"}
    effects = {
        (row["source"], row["start"]): row["effect"]
        for row in made.rows("member_checks")
        if row["participant"] in theirs and row["question"].startswith("quotation") and row["part"] == "1"
    }
    kept = f"kept {Counter(effects.values())['kept']} of their {len(effects)} quotations"
    wished = f" and {asked['ask']} wanted to be asked first (was asked in the member check and {kept})"
    assert told + (wished if theirs else " (") in text


def test_the_make_up_of_the_sample(made):
    text = made.said["Participants and setting"]
    typed = made.typed("participants.csv") or made.typed("transcripts/survey.csv")
    attributes = [key for key in ("setting", "years_as_mentor", "course", "route") if key in typed[0]]
    assert len(attributes) == 2
    for attribute in attributes:
        values = [row[attribute] for row in typed if row.get("role", "participant") == "participant"]
        if attribute == "years_as_mentor":
            years = [Decimal(value) for value in values]
            mean = rounded(str(sum(years) / len(years)), 1)
            assert (
                f"In years as mentor, {len(years)} participants ranged from {min(years)} to {max(years)} (M = {mean})"
                in text
            )
            continue
        for value, number in Counter(values).items():
            share = rounded(str(Decimal(100 * number) / len(values)), 1)
            assert f"{value} ({number}; {share}%)" in text


def test_data(made):
    text = made.said["Data"]
    utterances = made.rows("utterances")
    people = made.rows("participants", role="participant")
    words = sum(len(row["text"].split()) for row in utterances)
    imported = sum(int(r["count"]) for r in made.rows("import_report", what="words", note="imported"))
    assert f"The data held {len(utterances)} utterances with {imported:,} words" in text
    assert abs(words - imported) < 0.05 * words  # a hidden name may have more words, or fewer
    spoken = sum(int(row["words"]) for row in people)
    turns = sum(row["role"] == "participant" for row in utterances)
    assert f"participants spoke or wrote {spoken:,} words in {turns} utterances" in text
    signs = sum(row["backchannel"] == "true" for row in utterances if row["role"] == "participant")
    told = f"Of the participants' utterances, {signs} {'was' if signs == 1 else 'were'} mere signs of listening"
    assert (told in text) == bool(signs)
    listening = sum(
        len(r["text"].split()) for r in utterances if (r["role"], r["backchannel"]) == ("participant", "true")
    )
    assert int(made.rows("coverage_by", attribute="all")[0]["words"]) == spoken - listening
    source = made.typed("sources.csv")[0]
    assert source["date"] in text
    assert ("The talk took" in text) == bool(source.get("minutes"))
    if source.get("minutes"):
        assert f"The talk took {source['minutes']} minutes." in text
    guide = YAML(typ="safe").load((made.folder / "study.yaml").read_text("utf-8")).get("guide", [])
    assert (f"The guide had {len(guide)} questions" in text) == bool(guide)
    assert all(item["text"] in text for item in guide)


def test_preparation(made):
    text = made.said["Preparation of transcripts"]
    words = made.rows("import_report", what="words")
    whole = sum(int(row["count"]) for row in words if row["note"] == "in the file")
    read = sum(int(row["count"]) for row in words if row["note"] == "imported")
    assert f"Of {whole:,} words in the files, {read:,} were read" in text
    for source in made.typed("sources.csv"):
        if source.get("audited_by"):
            heard = f"The recording of {source['source']} was heard again by {source['audited_by']} on {source['audited_at']}."
            assert heard in text
        else:
            assert "heard again" not in text, "a survey was never recorded"
    hidden = made.rows("hidden")
    places = sum(int(row["count"]) for row in hidden)
    assert (f"replaced in {places} places" in text) == bool(places)
    for kind in {row["kind"] for row in hidden}:
        assert f"{kind} ({sum(int(row['count']) for row in hidden if row['kind'] == kind)})" in text
    decided = Counter(row["decision"] for row in made.typed("redactions.csv"))
    assert f"{decided['redact']} to be replaced, {decided['keep']} to be kept" in text
    undecided = len(made.rows("identifiers", decision="undecided"))
    assert ("nobody has decided on" in text) == bool(undecided)


def test_coders_and_rounds(made):
    text = made.said["Coding"]
    coders = sorted(path.name for path in (made.folder / "codings").iterdir() if path.is_dir())
    assert f"{len(coders)} {'person' if len(coders) == 1 else 'people'}: {' and '.join(coders)}." in text
    ends = {row["source"]: int(row["end"]) for row in made.rows("utterances")}
    for row in made.rows("coders"):
        done, end = int(row["done_to"]), ends[row["source"]]
        if done >= end:
            assert f"Finished by {row['coder']}: 1 whole source" in text
        else:
            share = rounded(str(Decimal(100 * done) / end), 1)
            assert f"Finished by {row['coder']}: {row['source']} up to {share}% of its text" in text
    counts: Counter[tuple[str, str, str]] = Counter()
    for path in sorted((made.folder / "codings").glob("*/*.csv")):
        for row in rows_of(path):
            action = row.get("action", "") or "apply"
            if row.get("quote") or row.get("coding"):
                counts[path.parent.name, row.get("round", ""), action] += 1
    for (coder, round_, action), number in counts.items():
        sentence = next(s for s in re.split(r"(?<=\.) ", text) if s.startswith(f"In round {round_},"))
        if action == "apply":
            assert f"{coder} gave codes to passages {number} time{'s'[: number > 1]}" in sentence
        elif action == "withdraw":
            assert f"withdrew {number} coding{'s'[: number > 1]}" in sentence
    assert {action for _, _, action in counts} & {"withdraw", "reject"}, "the examples have more than codes"


def test_what_counts(made):
    text = made.said["Coding"]
    counting = made.rows("open_codes", counts="true")
    by = Counter(row["basis"] for row in counting)
    codes = len({row["code"] for row in counting})
    assert (
        f"In the end, {len(counting)} codings counted, on {codes} codes: {by['human']} made by people, {by['rule']} by rules."
        in text
    )
    share = made.rows("coverage_by", attribute="all")[0]
    assert f"{share['percent']}% of the words" in text
    assert f"({int(share['coded_words']):,} of {int(share['words']):,})" in text
    assert ("what counts is the coding of anna (in 1 source)" in text) == (len(made.rows("coders")) > 1)


def test_the_codebook_and_its_versions(made):
    text = made.said["Coding"]
    leaves = inner = words = telling = 0
    levels = []

    def walk(codes, level):
        nonlocal leaves, inner, words, telling
        for code in codes:
            levels.append(level)
            number = len(code.get("words", [])) + len(code.get("patterns", []))
            words, telling = words + number, telling + bool(number)
            leaves, inner = leaves + (not code.get("codes")), inner + bool(code.get("codes"))
            walk(code.get("codes", []), level + 1)

    walk(YAML(typ="safe").load(made.codebook.read_text("utf-8"))["codes"], 1)
    assert (
        f"has {leaves + inner} codes on {max(levels)} levels: {leaves} open codes and {inner} axial above them" in text
    )
    assert f"It has {words} indicators (words, phrases and patterns), for {telling} of them" in text
    rows = made.rows("codebook_changes")
    if not rows:
        assert "No earlier version of the codebook was kept." in text
        return
    kept = sorted((made.codebook.parent / "history").glob(f"{made.codebook.stem}-*.yaml"))
    assert f"{len(kept)} earlier version was kept ({kept[0].stem.removeprefix(made.codebook.stem + '-')})" in text
    counts = Counter(row["change"] for row in rows)
    assert f"there were {len(rows)} changes to its codes" in text
    assert f"{counts['added']} added, {counts['renamed']} renamed, {counts['merged']} merged from several" in text
    named = ("added", "renamed", "merged", "split", "retired", "moved", "named", "redefined")
    others = sum(number for change, number in counts.items() if change not in named)
    assert f"and {others} in the examples, words, role or question of a code" in text


def test_rules_and_suggestions(made):
    text = made.said["Rules and machine proposals"]
    rules = Counter(row["status"] for row in made.rows("open_codes", basis="rule"))
    assert f"The rules met {rules.total()} passages: " in text
    applied = "rules: apply" in (made.folder / "study.yaml").read_text("utf-8")
    assert ("counted unless a person rejected it" in text) == applied
    for status, says in (("rejected", "rejected"), ("proposed", "not decided on"), ("negated", "in negated sentences")):
        assert (f"{rules[status]} were {says}" in text) == bool(rules[status])
    for row in made.rows("rule_quality", code="all"):
        figures = [rounded(row[key], 2) for key in ("precision", "recall", "kappa")]
        told = (
            f"Against the coding of {row['coder']} ({row['coded']} coded pairs of utterance and code), the rules had "
        )
        assert f"{told}precision {figures[0]}, recall {figures[1]} and Cohen's κ {figures[2]}." in text
    assert "learned to suggest 2 codes" in text and "for 1 of them it abstained, because less than 50%" in text
    assert "held out each source as a whole, precision was 0.75 and recall was 0.50, 95% CI [0.41, 0.60]." in text


def test_agreement(made):
    text = made.said["Agreement"]
    rows = [r for r in made.rows("agreement", code="all", unit="utterance", scope="all") if r["coder_b"] != "rules"]
    if not rows:
        assert text == "Coders were not compared: anna coded alone."
        return
    for row in rows:
        start = f"In round {row['round']}, anna and ben" if row["round"] else "anna and ben"
        told = f"{start} agreed on {rounded(row['percent'], 1)}% of {int(row['units']):,} pairs; "
        for name, key in (("Cohen's κ", "kappa"), ("Krippendorff's α", "alpha"), ("Gwet's AC1", "ac1")):
            told += f"{name} = {rounded(row[key], 2)}; "
        assert told.removesuffix("; ") in text
        assert row["note"] not in text and "CI" not in text
        assert ("too few participants for intervals" in text) == ("no interval:" in row["note"])
    assert "another reason" not in text, "each caution is told in words of our own"


def test_saturation_themes_and_packets(made):
    tenths = made.rows("saturation", scope="tenth")
    late = sum(int(row["new_codes"]) for row in tenths[5:])
    assert (
        f"Of {tenths[-1]['codes_so_far']} codes, {late} were met for the first time in the second half"
        in (made.said["Saturation"])
    )
    sentences = [row["sentence"] for row in made.rows("new_information") if row["sentence"]]
    assert sentences and "new in each run of 2 units" in made.said["Saturation"]
    for sentence in sentences:
        told = re.sub(r"^Saturation \(base \d+, run \d+, at most \d+ % new\)", "Saturation", sentence)
        for share in re.findall(r"([\d.]+) % did not|reached in ([\d.]+) %", told):
            told = told.replace(f"{max(share)} %", f"{rounded(max(share), 1)}%")
        assert told.replace(" %", "%") in made.said["Saturation"]
    themes = made.said["Emergent themes"]
    assert (
        "3 emergent themes from 70 utterances" in themes and "was 0.50 to 0.81; 1 of them marked as unstable" in themes
    )
    assert "Of these utterances, 5 fitted none" in themes
    assert not any(word in themes for word in ("parking", "tea", "snow")), "labels are words of people"
    packets = made.rows("packets/packets")
    written = sum(row["made"] == "true" for row in packets)
    checking = made.said["Member checking"]
    if issued := made.rows("member_check_packets"):
        assert f"A packet was sent to {len(issued)} participants" in checking and "was written" not in checking
    else:
        assert f"written for {written} of {len(packets)} participants" in checking
    if written < len(packets):
        reasons = Counter(row["reason"].split(",")[0].split(":")[0] for row in packets if row["made"] == "false")
        known = {"survey respondents get none": "respondents of surveys were to get none"}
        for reason, number in reasons.items():
            assert f"No packet was written for {number} participants: {known[reason]}." in checking


def test_percentages_are_written_alike_and_nothing_is_marked_up(made):
    told = "\n".join(made.said.values())
    assert "`" not in told and " %" not in told
    assert not re.search(r"(?<!\.\d)(?<!95)(?<!90)(?<!50)(?<!\b5)%", told.replace("in % of", "")), "one decimal"


def test_references_are_those_of_what_is_named(made):
    listed = made.said["References"].splitlines()
    text = "\n".join(said for heading, said in made.said.items() if heading not in ("References", "Positionality"))
    for author, named in (
        ("Cohen, J. (1960)", "Cohen's κ"), ("Fleiss", "Fleiss' κ"), ("Krippendorff", "Krippendorff's α"),
        ("Gwet", "Gwet's AC1"), ("Guest", "Guest, Namey & Chen (2020)"), ("Grootendorst", "BERTopic"),
        ("Ward", "Ward 1963"), ("Hennig", "Hennig 2007"), ("Wilson", "Wilson 1927"),
    ):  # fmt: skip
        assert sum(line.startswith(author) for line in listed) == (named in text), author
    assert listed == sorted(listed)


def test_what_the_results_were_made_from(made):
    from importlib.metadata import version

    text = made.said["Software and reproducibility"]
    inputs, packages, settings = cells(made.results / "methods.docx")
    files = [
        path for path in made.folder.rglob("*") if path.is_file() and path.name not in ("README.md", "anchors.csv")
    ]
    files += [made.codebook, *(made.codebook.parent / "history").glob(f"{made.codebook.stem}-*.yaml")]
    digests = {hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
    assert {row[1] for row in inputs[1:]} == digests and len(inputs) - 1 == len(files)
    assert f"Table 1 lists {len(files)} files" in text
    assert hashlib.sha256(made.codebook.read_bytes()).hexdigest()[:12] in text
    assert ["spacy", version("spacy")] in packages and f"spaCy {version('spacy')}" in text
    typed = YAML(typ="safe").load((made.folder / "study.yaml").read_text("utf-8"))
    assert ["rules", typed["rules"]] in settings and ["unit", "utterance"] in settings
    assert not any("contact" in row[0] for row in settings)


def test_the_positionality_memo_stands_there(made):
    text = made.said["Positionality"]
    memos = sorted((made.folder / "memos").glob("*positionality*")) if (made.folder / "memos").exists() else []
    if not memos:
        assert text.startswith("[write a positionality statement")
        return
    assert "Written by anna on 2026-03-02, names hidden:" in text
    body = memos[0].read_text("utf-8").split("---\n", 2)[2]
    for paragraph in filter(str.strip, body.split("\n\n")):
        assert " ".join(paragraph.split()) in text


def test_numbers_go_with_their_nouns(made):
    for text in made.said.values():
        for number, word in re.findall(r"\b(\d[\d,]*) ([a-z]+)\b", text):
            if number == "1":
                assert word not in (
                    "codes",
                    "people",
                    "participants",
                    "words",
                    "utterances",
                    "sources",
                    "codings",
                    "were",
                )
            else:
                assert word not in ("code", "person", "participant", "word", "utterance", "coding", "was", "round")


def test_open_places_are_highlighted_and_nothing_else(made):
    found = 0
    for paragraph in Document(str(made.results / "methods.docx")).paragraphs[2:]:
        for run in paragraph.runs:
            assert bool(run.font.highlight_color) == bool(
                re.fullmatch(r"\[(say|write|shorten|in this memo).*\]", run.text)
            )
            found += bool(run.font.highlight_color)
    assert found >= 10


def test_the_same_study_gives_the_same_bytes(made):
    names = ("methods.docx", "coreq.docx", "srqr.docx")
    before = [(made.results / name).read_bytes() for name in names]
    with pytest.MonkeyPatch.context() as here:
        here.chdir(made.folder.parents[1])
        assert main(["methods", str(made.folder), "--results", str(made.results)]) == 0
    assert [(made.results / name).read_bytes() for name in names] == before


def test_no_words_of_participants_but_in_the_memo(made):
    told = "\n".join(text for heading, text in made.said.items() if heading != "Positionality")
    for name in ("coreq", "srqr"):
        document = Document(str(made.results / f"{name}.docx"))
        told += "\n".join(paragraph.text for paragraph in document.paragraphs)
        told += "\n".join(cell for table in cells(made.results / f"{name}.docx") for row in table for cell in row)
    printed = " ".join(re.findall(r"[\w']+", told.casefold()))
    checked = 0
    for row in made.rows("utterances", role="participant"):
        words = re.findall(r"[\w']+", row["text"].casefold())
        for first in range(len(words) - 5):
            assert " ".join(words[first : first + 6]) not in printed
            checked += 1
    assert checked > 100
    for person in made.typed("participants.csv"):
        for name in person["names"].split(";"):
            assert not re.search(rf"\b{re.escape(name)}\b", told)

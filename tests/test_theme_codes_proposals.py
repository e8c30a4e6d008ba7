import re
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, StudyFolder
from hypothesis import given, settings
from hypothesis import strategies as st
from real_studies import build_bopp, build_pdpilot
from theming import filled, member, write_themes

from qualcode import tables
from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.codebook.formats import write_codebook
from qualcode.codebook.indicators import pieces
from qualcode.counting import said
from qualcode.study import load_study
from qualcode.theme_codes.proposals import Theme, file_text, telling_words

BOOK = """codebook: B
codes:
  - {code: lesson-plans, name: Plans, formerly: [Lesson-Plans-2]}
"""
THEME = Theme(
    number=3,
    label="lesson plans, group chat",
    note="",
    utterances=12,
    participants=5,
    status="new",
    code="",
    overlap=0.0,
    quotations=["One.", "Two.", "Three.", "Four."],
    marks=["00000012", "deadbeef"],
    words=["lesson plan"],
)


@pytest.fixture
def book(study):
    return load_codebook(study.write("codebook.yaml", BOOK))


def made(study, book, *themes: Theme, reason: str = "") -> tuple[str, tuple]:
    """The file, and the codes that are read from it."""
    text = file_text(themes, book, reason, "run 1234")
    return text, load_codebook(study.write("proposals.yaml", text)).codes


def comments(text: str) -> str:
    return " ".join(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))


def test_a_new_theme_becomes_a_code_with_draft_examples_words_and_marks(study, book):
    _, (code,) = made(study, book, THEME)
    assert (code.code, code.name) == ("lesson-plans-group-chat", "Lesson plans, group chat")
    assert code.definition == (
        "Draft by the machine: talk of lesson plans, group chat; 12 utterances of 5 people. Write your own."
    )
    assert code.examples == ("One.", "Two.", "Three.")
    assert (code.words, code.theme) == (("lesson plan",), ("00000012", "deadbeef"))
    assert code.memo == "Proposed by the machine from theme 3 of 1 (lesson plans, group chat); run 1234."


def test_ids_are_none_that_the_codebook_has_or_had_and_none_twice(study, book):
    found = made(study, book, *[replace(THEME, number=n, label="Lesson plans") for n in (1, 2)])[1]
    assert [code.code for code in found] == ["lesson-plans-3", "lesson-plans-4"]


@pytest.mark.parametrize(
    ("label", "code", "name"),
    [
        ("(no telling words)", "theme-3", "Theme 3"),
        ("наставник", "theme-3", "Наставник"),
        ("teacher’s day", "teachers-day", "Teacher’s day"),
        ("null", "null", "Null"),
        ("2020", "2020", "2020"),
        ("con", "con-1", "Con"),
    ],
)
def test_odd_labels_still_give_ids_and_names(study, book, label, code, name):
    (found,) = made(study, book, replace(THEME, label=label))[1]
    assert (found.code, found.name) == (code, name)


def test_documents_have_no_people_to_count(study, book):
    (found,) = made(study, book, replace(THEME, participants=0, utterances=1))[1]
    assert "group chat; 1 utterance. Write" in found.definition


def test_what_is_left_out_is_told_with_its_reason(study, book):
    text, found = made(
        study,
        book,
        replace(THEME, number=1, label="a", status="adopted", code="lesson-plans"),
        replace(THEME, number=2, label="b", status="covered", code="lesson-plans", overlap=0.625),
        replace(THEME, number=3, label="c", note="unstable; one person's topic"),
    )
    told = comments(text)
    assert found == () and "codes: []" in text
    assert "There is nothing to propose: no theme is new without a caution." in told
    assert "- Theme 1 (a): adopted as `lesson-plans`." in told
    assert "- Theme 2 (b): `lesson-plans` covers most of it (63 % of its utterances)." in told
    assert "- Theme 3 (c): unstable; one person's topic." in told


def test_without_themes_the_reason_stands_there(study, book):
    text, found = made(study, book, reason="9 usable utterances are too few")
    assert found == () and "There is nothing to propose: 9 usable utterances are too few." in comments(text)


odd = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from(list(": #\n\r\t\"'-[]{}&*!|>%@`,?~\x85\u2028\ufeff\ud800\udc00😀aé\x00\x1b")), max_size=20),
    st.sampled_from(
        ["a: b", "- a", "# a", "'", '"', "null", "1e5", "---", "...", "%YAML", "a\n# b\ncodes: []", "🎉 yes"]
    ),
)


def whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def test_any_words_of_people_are_safe_yaml(study, book):
    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(odd, odd, st.lists(odd, max_size=4), st.booleans())
    def safe(label, title, quotations, caution):
        themes = [
            replace(THEME, label=label, quotations=quotations),
            replace(THEME, label=label, note="unstable" if caution else ""),
        ]
        _, found = made(study, replace(book, title=title), *themes)
        assert len(found) == 2 - caution
        assert found[0].examples == tuple(map(whole, quotations[:3]))
        assert found[0].theme == tuple(THEME.marks)

    safe()


# --- words that may be rules ---------------------------------------------------------------------------------------


def rules(terms: str, *texts: tuple[int, str]) -> list[str]:
    """Words that may be rules of theme 1, from (theme, text) of each utterance."""
    members = [member(f"t:{n}", theme) for n, (theme, _) in enumerate(texts) if theme]
    data = pd.DataFrame([(f"t:{n}", text) for n, (_, text) in enumerate(texts)], columns=["utterance", "text"])
    themes = filled("themes", [{"theme": 1, "terms": terms}])
    return dict(telling_words(themes, filled("theme_members", members), data)).get(1, [])


def test_terms_that_are_met_in_the_theme_and_rarely_elsewhere_may_be_rules():
    texts = [
        (1, "A lesson plan for Monday"),
        (1, "the LESSON  plan, twice"),
        (2, "a plan"),
        (0, "my plan; that lesson"),
    ]
    assert rules("lesson plan; lesson; plan; Monday", *texts) == ["lesson plan", "lesson"]


def test_terms_that_no_indicator_can_be_are_no_rules():
    texts = [(1, "don’t * ~2 know")] * 3
    assert rules("*; ~2; \"know; don't", *texts) == ["don't"]
    assert rules("", *texts) == []


# --- words of the examples and of real talk ------------------------------------------------------------------------


def deal(study, number: int = 4) -> None:
    """Themes of a study's own words, one passage of the talk after the other, with their own leading words."""
    utterances = tables.read(study.results, "utterances")
    data = said(utterances)
    data = data[~data["backchannel"] & (data["text"].str.split().str.len() > 3)]
    of = np.arange(len(data)) * number // len(data) + 1
    members = [
        member(key, at, 1 - n / len(data)) for n, (key, at) in enumerate(zip(data["utterance"], of, strict=True))
    ]
    themes = []
    for theme in range(1, number + 1):
        own = data[of == theme]
        terms = list(dict.fromkeys(re.findall(r"[^\W\d_]{5,}", " ".join(own["text"]).lower())))[:20]
        size = {"utterances": len(own), "participants": own["participant"].nunique()}
        themes.append({"theme": theme, "label": ", ".join(terms[:3]), "terms": "; ".join(terms)} | size)
    write_themes(study.results, members, themes)
    vectors = np.random.default_rng(1).standard_normal((len(utterances), 384)).astype(np.float32)
    np.savez(study.results / "embeddings.npz", utterances=np.array(utterances["utterance"], dtype=str), vectors=vectors)


def paste(study) -> str:
    """The codebook with all proposals below its codes, as a person would paste them."""
    path = load_study(study.path).codebook
    write_codebook(load_codebook(path), path)
    proposals = (study.results / "codebook_proposals.yaml").read_text("utf-8")
    text = path.read_text("utf-8") + proposals.split("\ncodes:\n")[1]
    path.write_text(text, "utf-8")
    return text


def check_proposals(study, capsys) -> None:
    """Every proposal loads, is pasted, checked and known as adopted in the next run."""
    assert study.run("utterances", "parses") == 0
    everyone = tables.read(study.results, "participants").assign(quote_consent="yes")
    tables.write(study.results, "participants", everyone)
    deal(study)
    assert study.run("open_codes", "axial_codes", "theme_codes") == 0
    own = load_codebook(study.results / "codebook_proposals.yaml").codes
    standings = {row["theme"]: row["status"] for row in study.rows("theme_standing")}
    assert len(own) == sum(standing in ("new", "spread") for standing in standings.values()) > 0
    assert all(len(code.examples) == 3 and 8 <= len(code.theme) <= 10 for code in own)
    assert all(pieces(word) for code in own for word in code.words)
    said_by_people = {row["quotation"] for row in study.rows("theme_quotations")}
    assert {example for code in own for example in code.examples} <= said_by_people
    paste(study)
    capsys.readouterr()
    assert main(["codebook", "check", str(study.path)]) == 0
    told = capsys.readouterr().out
    assert f"{len(load_codebook(load_study(study.path).codebook).codes)} codes" in told
    assert "`theme`" not in told and not any(mark in told for code in own for mark in code.theme)
    assert study.run("open_codes", "axial_codes", "theme_codes") == 0
    now = {row["theme"]: (row["status"], row["code"]) for row in study.rows("theme_standing")}
    assert sorted(code for status, code in now.values() if status == "adopted") == sorted(code.code for code in own)
    assert load_codebook(study.results / "codebook_proposals.yaml").codes == ()


@pytest.mark.parametrize("name", ["clinical-mentors", "student-teachers"])
def test_every_proposal_of_the_examples_can_be_pasted_and_is_adopted(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    study = StudyFolder(tmp_path / name)
    shutil.copytree(ROOT / "data" / name, study.path, ignore=shutil.ignore_patterns("codings"))
    shutil.copy(ROOT / "codebooks" / f"{name}.yaml", study.path)
    check_proposals(study, capsys)


def test_themes_of_the_step_before_are_adopted_without_being_made_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = StudyFolder(tmp_path / "clinical-mentors")
    shutil.copytree(ROOT / "data" / "clinical-mentors", study.path)
    shutil.copy(ROOT / "codebooks" / "clinical-mentors.yaml", study.path)
    assert study.run("utterances", "parses", "embeddings", "themes", "open_codes", "axial_codes", "theme_codes") == 0
    notes = {row["theme"]: row["note"] for row in study.rows("themes")}
    status = {row["theme"]: row["status"] for row in study.rows("theme_standing")}
    own = load_codebook(study.results / "codebook_proposals.yaml").codes
    assert len(own) == sum(status[theme] in ("new", "spread") and not note for theme, note in notes.items())
    if own:
        paste(study)
    assert study.run("open_codes", "axial_codes", "theme_codes") == 0
    now = {row["theme"]: row["status"] for row in study.rows("theme_standing")}
    assert now == {
        theme: "adopted" if was in ("new", "spread") and not notes[theme] else was for theme, was in status.items()
    }


@pytest.mark.parametrize("build", [build_pdpilot, build_bopp])
def test_every_proposal_of_real_talk_can_be_pasted_and_is_adopted(build, real_data, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    study = StudyFolder(build(real_data, tmp_path / "real"))
    shutil.rmtree(study.path / "codings")
    study.write("study.yaml", "title: Real\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    check_proposals(study, capsys)

"""The draft of the findings: every sentence and quotation in it stands in the tables."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from answering import asked, issue, saved
from docx import Document

from qualcode.cli import main
from qualcode.findings.draft import INTERPRETATION, NOTHING
from qualcode.findings.evidence import AGAINST, CANDIDATE, CONSIDER, EXEMPLAR, NOTHING_AGAINST
from qualcode.findings.sections import NO_QUESTION

ROOT = Path(__file__).parents[1]
LEVELS = ("Help", "Support", "Training", "Clarity")
STEPS = ("utterances", "parses", "member_checks", "identifiers", "open_codes", "axial_codes", "frequencies", "findings")
# After the words: (who, source, turn 3), and for blocks the same without quotation marks before it.
PLACE = re.compile(
    r"\((?:(?P<who>[^()]+), )?(?P<source>[\w-]+), (?P<unit>turn|answer|paragraph)s? (?P<first>\d+)(?: to (?P<last>\d+))?"
    r"(?:, [\d:.]+)?\)$"
)
LABEL = re.compile(
    rf"^(?:{'|'.join(map(re.escape, (EXEMPLAR, CANDIDATE, AGAINST, CONSIDER)))})(?:, [^:]+| \([^:]+\))*:"
)
BELOW = re.compile(r"^(.+): ([\d,]+) of ([\d,]+) participants?, ([\d,]+) utterances?\.$")
COUNTS = re.compile(
    r"^(?:(?P<people>[\d,]+) of (?P<whole>[\d,]+) participants? speaks? of it, in|It stands in) "
    r"(?P<sources>[\d,]+) of (?P<of>[\d,]+) [\w ]+?(?: and|, in) (?P<utterances>[\d,]+) utterances?\.$"
)


def rows_of(results: Path, table: str) -> list[dict[str, str]]:
    with (results / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def paragraphs(results: Path) -> list[tuple[str, str]]:
    """(style, text) of each paragraph."""
    return [(item.style.name, item.text) for item in Document(results / "findings.docx").paragraphs]


def texts(results: Path) -> list[str]:
    return [text for _, text in paragraphs(results)]


def quotations(results: Path) -> list[tuple[str, str, re.Match[str]]]:
    """(label, words, place) of everything quoted, read from the document alone."""
    found, waiting = [], ""
    for text in texts(results):
        label = LABEL.match(text)
        body = text[label.end() :].strip() if label else text
        if label and not body:
            waiting = label[0]
            continue
        if label or waiting:
            place = PLACE.search(body)
            assert place, "a label is followed by a quotation with its place"
            words = body[: place.start()].rstrip()
            if label:
                assert words[0] == "“" and words[-1] == "”"
                words = words[1:-1]
            found.append(((label[0] if label else waiting), words, place))
        waiting = ""
    return found


def check(study: Path, results: Path) -> int:
    """Hold every number and quotation of a draft against tables and texts; gives how many quotations there are."""
    by_name: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(results, "frequencies"):
        by_name.setdefault(row["name"], []).append(row)
    told = paragraphs(results)
    heading, counted = "", 0
    for style, text in told:
        if style.startswith("Heading"):
            heading = text
        elif match := BELOW.match(text):
            wanted = [number.replace(",", "") for number in match.groups()[1:]]
            figures = [
                [row[key] for key in ("participants", "of_participants", "utterances")] for row in by_name[match[1]]
            ]
            assert wanted in figures, match[1]
        elif match := COUNTS.match(text):
            counted += 1
            number = {key: value and value.replace(",", "") for key, value in match.groupdict().items()}
            of = ("participants", "of_participants", "sources", "of_sources", "utterances")
            wanted = [number[key] for key in ("people", "whole", "sources", "of", "utterances")]
            assert any(
                all(value is None or row[column] == value for column, value in zip(of, wanted, strict=True))
                for row in by_name[heading]
            ), heading
    assert counted >= sum(text == f"{INTERPRETATION} " for _, text in told)
    utterances: dict[str, dict[str, str]] = {row["utterance"]: row for row in rows_of(results, "utterances")}
    people = {row["participant"]: row for row in rows_of(results, "participants")}
    codings = rows_of(results, "open_codes")
    kept = [row for row in rows_of(results, "member_checks") if row["effect"] == "kept" and row["start"]]
    documents = {row["source"] for row in rows_of(study, "sources") if row["kind"] == "document"}
    for label, words, place in quotations(results):
        source = place["source"]
        text = (results / "texts" / f"{source}.txt").read_text("utf-8")
        first = utterances[f"{source}:{place['first']}"]
        last = utterances[f"{source}:{place['last'] or place['first']}"]
        if place["last"] and source not in documents:
            opens = f"{people[first['participant']]['pseudonym']}: "
            assert words.startswith(opens), "the first of several voices is named, too"
            words = words.removeprefix(opens)
        begin = text.index(words, int(first["start"]))
        assert begin + len(words) <= int(last["end"])
        within = range(int(place["first"]), int(place["last"] or place["first"]) + 1)
        speakers = {utterances[f"{source}:{number}"]["participant"] for number in within}
        if source not in documents:
            for person in speakers:
                assert people[person]["quote_consent"] == "yes" or any(
                    row["participant"] == person
                    and int(row["start"]) <= begin
                    and begin + len(words) <= int(row["end"])
                    for row in kept
                ), "who wanted to be asked first is quoted in what they kept"
            assert {people[person]["pseudonym"] for person in speakers} == set(place["who"].split(" and "))
        assert not any(
            row["source"] == source and int(row["start"]) < begin + len(words) and begin < int(row["end"])
            for row in codings
            if row["use"] == "never"
        )
        if label.startswith(EXEMPLAR):
            marked = [row["quote"] for row in codings if row["use"] == "exemplar" and row["counts"] == "true"]
            assert words in marked
    assert sum(text == INTERPRETATION + " " for text in texts(results)) == sum(style == "Answer" for style, _ in told)
    assert all(not text.strip() for style, text in told if style == "Answer")
    return len(quotations(results))


@pytest.fixture
def drafted(study):
    """Runs all steps up to the draft and gives the texts of its paragraphs."""

    def run(*steps: str) -> list[str]:
        assert study.run(*(steps or STEPS)) == 0
        return texts(study.results)

    return run


def used(study, use, quote="My mentor was always there.", code="support", **more):
    return {"source": "talk", "code": code, "quote": quote, "use": use, **more}


def labelled(told, label):
    return [text for text in told if text.startswith(label)]


# --- what it says --------------------------------------------------------------------------------------------------


def test_each_theme_has_definition_figures_and_a_blank_to_interpret(study, drafted):
    told = drafted()
    at = told.index("Support")
    assert told[at + 1 : at + 3] == [
        "Someone is there.",
        "1 of 2 participants speaks of it, in 1 of 1 focus group and 1 utterance.",
    ]
    assert told.index("Help") < at < told.index("Clarity")
    assert "No coding counts under Training." in told
    assert told.count(f"{INTERPRETATION} ") == 2
    assert check(study.path, study.results) == 3


@pytest.mark.parametrize(("level", "themes"), [(1, ["Help", "Clarity"]), (2, ["Help", "Support", "Clarity"])])
def test_the_level_of_themes_is_the_studys_choice(study, drafted, level, themes):
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\nfindings: {{level: {level}}}\n")
    drafted()
    found = [text for style, text in paragraphs(study.results) if style.startswith("Heading") and text in themes]
    assert found == themes
    below = "Support: 1 of 2 participants, 1 utterance."
    assert (below in texts(study.results)) == (level == 1)


def test_research_questions_come_in_their_order_and_what_belongs_to_none_at_the_end(study, drafted):
    book = study.write("codebook.yaml", (study.path / "codebook.yaml").read_text("utf-8"))
    book.write_text(book.read_text("utf-8").replace("name: Clarity\n", "name: Clarity\n    question: q1\n"))
    questions = "questions: [{id: q2, text: What is left?}, {id: q1, text: What is clear?}]\n"
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\n{questions}")
    told = drafted()
    order = [told.index(text) for text in ("What is left?", "What is clear?", "Clarity", NO_QUESTION, "Help")]
    assert order == sorted(order)
    assert told[told.index("What is left?") + 1] == "No code of the codebook speaks to this question."


def test_a_theme_that_serves_two_questions_stands_under_both_with_what_belongs_to_each(study, drafted):
    book = (study.path / "codebook.yaml").read_text("utf-8")
    book = book.replace("{code: support,", "{code: support, question: q1,")
    study.write("codebook.yaml", book.replace("definition: What helps.", "definition: What helps.\n    question: q2"))
    questions = "questions: [{id: q1, text: Who?}, {id: q2, text: What?}]\nfindings: {level: 1}\n"
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\n{questions}")
    study.codings("ben", [used(study, "", "The training helped me to teach.", "training")])
    study.write("study.yaml", (study.path / "study.yaml").read_text("utf-8") + "authority: any\n")
    told = drafted()
    assert told.count("Help") == 2
    assert "Of these, to this question speaks what is coded under Support." in told
    first, second = told.index("Who?"), told.index("What?")
    assert any("always there" in text for text in told[first:second])
    assert not any("The training" in text for text in told[first:second])
    assert any("The training helped" in text for text in told[second:])


def test_additions_in_member_checks_are_no_focus_group(study, drafted):
    packet = asked("p2", study="Talks")
    issue(study.path / "member_checks", packet)
    saved(study.path / "member_checks" / "p2.json", packet, {"add": "I got support later."})
    study.codings("ben", [{"source": "member-checks", "code": "support", "quote": "I got support later."}])
    study.write("study.yaml", (study.path / "study.yaml").read_text("utf-8") + "authority: any\n")
    told = drafted(*STEPS)
    assert "2 of 2 participants speak of it, in 1 of 1 focus group and 2 utterances." in told
    assert study.run("report") == 0
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert 'data-label="Utterances"' in page and 'data-label="Sources"' not in page, "all is in the one focus group"


def test_nothing_is_told_where_nothing_counts(study, drafted):
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    told = drafted()
    assert NOTHING in told
    assert INTERPRETATION not in " ".join(told)
    assert "No coding counts under Support, Training and Clarity." in told
    assert check(study.path, study.results) == 0


def test_documents_have_no_participants(bare_study):
    bare_study.write("sources.csv", "source,file,kind\npaper,paper.txt,document\n")
    (bare_study.path / "transcripts" / "first talk.txt").unlink()
    bare_study.write("transcripts/paper.txt", "Support is what teachers ask for most.\n\nNobody trains them.\n")
    bare_study.codings("anna", [{"source": "paper", "code": "support", "quote": "Support is what teachers ask"}])
    assert bare_study.run(*STEPS) == 0
    told = texts(bare_study.results)
    assert "It stands in 1 of 1 document, in 1 utterance." in told
    assert f"{CANDIDATE}: “Support is what teachers ask for most.” (paper, paragraph 1)" in told


# --- what it quotes ------------------------------------------------------------------------------------------------


def test_exemplars_come_before_candidates(study, drafted):
    assert labelled(drafted(), CANDIDATE)[0] == f"{CANDIDATE}: “My mentor was always there.” (Rosa, talk, turn 2)"
    study.codings("anna", [used(study, "exemplar", "always there"), used(study, "")])
    told = drafted("open_codes", "axial_codes", "frequencies", "findings")
    assert labelled(told, EXEMPLAR) == [f"{EXEMPLAR}: “always there” (Rosa, talk, turn 2)"]
    assert not labelled(told, CANDIDATE)


def test_a_fragment_is_shown_with_its_whole_sentence_if_no_one_chose_it(study, drafted):
    sentence = "Nobody told me what was expected of me, and the expectations changed."
    assert f"{CANDIDATE}: “{sentence}” (Karl, talk, turn 4)" in drafted()


@pytest.mark.parametrize(
    ("consent", "told_of"),
    [
        ("no", "Of exemplars not shown: Karl may not be quoted (1 passage)."),
        ("ask", "1 exemplar waits for an answer of Karl."),
    ],
)
def test_who_did_not_say_yes_is_counted_and_not_quoted(study, drafted, consent, told_of):
    people = (study.path / "participants.csv").read_text("utf-8")
    study.write("participants.csv", people.replace("Karl,active,yes", f"Karl,active,{consent}"))
    study.codings("anna", [used(study, "exemplar", "the expectations changed", "clarity"), used(study, "exemplar")])
    told = drafted()
    assert told_of in told
    assert (consent == "no") != any("waits for" in text for text in told)
    assert not any("expectations changed" in text for text in told)
    assert "1 coding to consider in open_codes.csv cannot be quoted here." in told
    assert check(study.path, study.results) == 1


def test_words_never_to_be_quoted_are_not(study, drafted):
    never = used(study, "never", "was always", code="training")
    study.codings("anna", [used(study, "exemplar"), never])
    told = drafted()
    assert "1 exemplar holds words that a coder marked never to be quoted." in told
    assert "always there" not in " ".join(told)


def test_what_coders_marked_deviant_is_set_against_the_theme(study, drafted):
    study.codings("anna", [used(study, ""), used(study, "deviant", "I got no support.")])
    told = drafted()
    assert labelled(told, AGAINST) == [f"{AGAINST}: “I got no support.” (Karl, talk, turn 4)"]
    assert labelled(told, CANDIDATE) == [f"{CANDIDATE}: “My mentor was always there.” (Rosa, talk, turn 2)"]


def test_what_the_rules_found_negated_is_to_be_considered(study, drafted):
    told = drafted()
    assert labelled(told, CONSIDER) == [
        f"{CONSIDER} (the codebook's words for it are negated here): “I got no support.” (Karl, talk, turn 4)"
    ]
    assert NOTHING_AGAINST in told


def test_what_counts_for_a_theme_is_not_held_against_it(study, drafted):
    study.codings("anna", [used(study, "", "I got no support.")])
    told = drafted()
    assert not labelled(told, CONSIDER)
    assert any("I got no support." in text for text in labelled(told, CANDIDATE))


def test_words_of_moderators_are_no_findings(study, drafted):
    study.codings("anna", [used(study, "exemplar", "What helped you most, Ana?"), used(study, "")])
    told = drafted()
    assert not labelled(told, EXEMPLAR)
    assert "helped you most" not in " ".join(told)


def test_of_several_voices_the_first_is_named_too(study, drafted):
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{talk}\nAna: It was early. Was it easy?\nBen: It was hard to begin.\n")
    study.codings("anna", [used(study, "exemplar", "Was it easy?\nBen: It was hard to begin.")])
    told = drafted()
    assert "Rosa: Was it easy?\nKarl: It was hard to begin (Rosa and Karl, talk, turns 6 to 7)" in told
    assert check(study.path, study.results) == 2


def test_another_passage_is_preferred_to_one_that_is_quoted_already(study, drafted):
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    second = "We met every week and talked about lessons and pupils."
    third = "We talked about it again, and it was a help to us all."
    study.write("transcripts/talk.txt", f"{talk}\nAna: {second}\nBen: Yes, yes, it was so.\nAna: {third}\n")
    rows = [used(study, "", quote, code) for code in ("support", "clarity") for quote in (second, third)]
    study.codings("anna", rows)
    quoted = [words for label, words, _ in (drafted(), quotations(study.results))[1] if label.startswith(CANDIDATE)]
    assert sorted(quoted) == sorted([second, third])


@pytest.mark.parametrize(
    ("least", "themes"), [(1, ["Help", "Support", "Training", "Clarity"]), (2, ["Help", "Training"])]
)
def test_themes_of_few_people_are_told_in_one_line(study, drafted, least, themes):
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{talk}\nBen: The courses helped us.\n")
    rows = [used(study, ""), used(study, "", "The training helped me to teach.", "training")]
    rows += [
        used(study, "", "The courses helped us.", "training"),
        used(study, "", "the expectations changed", "clarity"),
    ]
    study.codings("anna", rows)
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\nfindings: {{least: {least}}}\n")
    told = drafted()
    found = [text for style, text in paragraphs(study.results) if style.startswith("Heading") and text in LEVELS]
    assert found == themes
    few = [text for text in told if "of fewer than 2 participants" in text]
    line = "1 theme of fewer than 2 participants, with the number of participants and of utterances: {} (1, 1)."
    assert few == ([line.format("Support"), line.format("Clarity")] if least == 2 else [])
    if few:
        assert told.index("Help") < told.index(few[0]) < told.index("Training") < told.index(few[1])
    check(study.path, study.results)


def test_long_exemplars_are_whole_and_stand_as_blocks(study, drafted):
    long = " ".join(f"I learned {number} things there." for number in range(40))
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{talk}\nAna: {long}\n")
    study.codings("anna", [used(study, "exemplar", long)])
    told = drafted()
    assert f"{long} (Rosa, talk, turn 6)" in told
    assert check(study.path, study.results) == 2


@pytest.mark.parametrize(("most", "shown"), [(0, 0), (1, 1), (3, 2)])
def test_there_are_as_many_quotations_as_the_study_wants(study, drafted, most, shown):
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\nfindings: {{quotations: {most}}}\n")
    both = [used(study, "exemplar"), used(study, "exemplar", "The training helped me to teach.")]
    study.codings("anna", [*both, used(study, "", "the expectations changed", "clarity")])
    told = drafted()
    assert len(labelled(told, EXEMPLAR)) == shown
    left = {0: ["2 exemplars not shown."], 1: ["1 further exemplar not shown."], 3: []}[most]
    assert [text for text in told if text.endswith("not shown.")] == left


def test_names_on_which_no_one_decided_are_pointed_out(study, drafted):
    talk = (study.path / "transcripts" / "talk.txt").read_text("utf-8")
    study.write("transcripts/talk.txt", f"{talk}\nAna: Write to me at someone@example.org if the training helps.\n")
    study.codings("anna", [used(study, "", "Write to me at someone@example.org", "training")])
    assert "Decide first: identifiers.csv lists “someone@example.org”." in drafted()
    accepted = "identifiers: {accepted: 'anna, 2026-03-05'}\n"
    study.write("study.yaml", f"title: Talks\ncodebook: codebook.yaml\n{accepted}")
    assert not labelled(drafted("findings"), "Decide first")


# --- the same bytes, many codes, the examples, real data -----------------------------------------------------------


def test_the_draft_does_not_depend_on_the_order_of_rows(study, drafted):
    study.codings("ben", [used(study, "", "The training helped me to teach.", "training"), used(study, "", "I got no")])
    study.write("study.yaml", "title: Talks\ncodebook: codebook.yaml\nauthority: any\n")
    drafted()
    path = study.results / "findings.docx"
    before = path.read_bytes()
    for name in ("open_codes", "identifiers"):
        lines = (study.results / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)
        (study.results / f"{name}.csv").write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    drafted("findings")
    assert path.read_bytes() == before


def test_sixty_codes(study, drafted):
    codes = "".join(f"  - {{code: c{number}, name: Code {number}}}\n" for number in range(60))
    study.write("codebook.yaml", f"codebook: Many\ncodes:\n{codes}")
    quotes = ["My mentor was always there.", "The timing of our meetings was good.", "The training helped me to teach."]
    study.codings("anna", [used(study, "", quotes[n % 3], f"c{n}") for n in range(59)])
    told = drafted()
    assert told.count(f"{INTERPRETATION} ") == 59
    assert "No coding counts under Code 59." in told
    assert check(study.path, study.results) == 59


@pytest.mark.parametrize("name", ["clinical-mentors", "student-teachers"])
def test_the_examples(name, tmp_path):
    from conftest import StudyFolder

    folder = StudyFolder(tmp_path / name)
    folder.path = ROOT / "data" / name
    folder.results = tmp_path / "results"
    assert folder.run(*STEPS) == 0
    assert check(folder.path, folder.results) > 20


@pytest.mark.parametrize("built", ["build_pdpilot", "build_bopp"])
def test_real_studies(built, real_data, tmp_path):
    import real_studies

    folder = getattr(real_studies, built)(real_data, tmp_path / "study")
    results = tmp_path / "results"
    for step in STEPS:
        if step == "open_codes":
            assert main(["phrases", str(folder), "--results", str(results)]) == 0
        assert main([step, str(folder), "--results", str(results)]) == 0
    assert check(folder, results) > 20
    if not (folder / "participants.csv").exists():
        return
    named = rows_of(folder, "participants")
    for row in named:
        row["quote_consent"] = "yes" if row["role"] == "moderator" else "no"
    real_studies.write_rows(folder / "participants.csv", named)
    for step in ("utterances", "findings"):
        assert main([step, str(folder), "--results", str(results)]) == 0
    assert check(folder, results) == 0

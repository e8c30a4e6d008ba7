"""Codings in the comments of Word documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_files import answer, comment, marked, write_docx
from test_codings import read

from qualcode.codings import memos
from qualcode.study import Source
from qualcode.text import clean
from qualcode.transcripts.docx import read_commented, read_docx

ASKED = marked("Interviewer: What helped you most, Ana?")


def docx(study, body: str, *comments: str, name: str = "talk.docx", coder: str = "anna", **parts: str) -> Path:
    path = study.path / "codings" / coder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_docx(path, body, comments="".join(comments), **parts)


def codes(decisions) -> list[tuple[str, str, str]]:
    return [(decision.place, decision["code"], decision["quote"]) for decision in decisions]


@pytest.fixture
def commented(study):
    """The study without the codings in a table."""
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    return study


def test_each_code_of_a_comment_is_a_decision_on_the_words_it_is_about(commented):
    body = ASKED + marked("Ana: My {0mentor was always there0}. The timing was {1good1}.")
    docx(
        commented,
        body,
        comment(1, "clarity", by="Anna B.", at="2026-03-02T10:30:00Z"),
        comment(
            0, " Support ,, training;", "CLARITY", "use: Exemplar", "round: 2", "participant: p1", "memo: a", "b, c"
        ),
    )
    found = read(commented)
    quote = "mentor was always there"
    assert codes(found) == [
        ("comment 1", "support", quote),
        ("comment 1", "training", quote),
        ("comment 1", "clarity", quote),
        ("comment 2", "clarity", "good"),
    ]
    assert {decision["source"] for decision in found} == {"talk"}
    for column, cell in {"use": "exemplar", "round": "2", "participant": "p1", "memo": "a\nb, c"}.items():
        assert {decision[column] for decision in found[:3]} == {cell}
        assert found[3][column] == ""
    assert (found[3]["by"], found[3]["at"], found[3].number) == ("Anna B.", "2026-03-02T10:30:00", 2)
    assert (found[3]["before"], found[3]["after"]) == (
        "elped you most, Ana?\nMy mentor was always there. The timing was", ".",
    )  # fmt: skip


def test_the_name_of_a_code_may_hold_a_comma(commented):
    commented.write(
        "codebook.yaml",
        'codebook: B\ncodes:\n  - {code: trust, name: "Trust, mutual"}\n  - {code: time}\n  - {code: mutual}\n',
    )
    body = marked("Ana: {0We agreed0}.") + marked("Ana: {1Always1}.")
    docx(commented, body, comment(0, "Trust, mutual"), comment(1, "time; trust,  mutual, mutual"))
    assert [decision["code"] for decision in read(commented)] == ["trust", "time", "trust", "mutual"]


def test_a_code_that_stands_twice_in_a_comment_is_one(commented):
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "Support, support", "training, SUPPORT"))
    assert [decision["code"] for decision in read(commented)] == ["support", "training"]


def test_a_passage_across_turns_is_without_labels_and_times(commented):
    body = "".join(
        map(
            marked,
            ["Ana: My {0mentor", "was there.", "[00:12] Ben: Yes, she was. #00:04:32-5#", "", "Ana  0:14", "Always0}."],
        )
    )
    docx(commented, body, comment(0, "support"))
    (found,) = read(commented)
    assert found["quote"] == "mentor\nwas there.\nYes, she was.\nAlways"


def test_a_passage_across_the_cells_of_a_table_is_without_labels_and_times(commented):
    def row(*cells):
        return f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"

    start, end = "<w:commentRangeStart w:id='0'/>", "<w:commentRangeEnd w:id='0'/>"
    rows = [
        row(marked("0:01"), marked("Ana"), marked("It was good.")),
        row(marked("0:09"), marked("BEN:"), marked("Was it?")),
    ]
    docx(commented, f"<w:tbl>{start}{''.join(rows)}</w:tbl>{end}", comment(0, "support"))
    (found,) = read(commented)
    assert found["quote"] == "It was good.\nWas it?"


def test_a_selection_that_takes_in_part_of_the_label_is_about_the_words(commented):
    docx(commented, marked("A{0na: My mentor0} was there."), comment(0, "support"))
    (found,) = read(commented)
    assert (found["quote"], found["before"]) == ("My mentor", "")


def test_deleted_and_hidden_words_are_no_part_of_a_quotation(commented):
    body = (
        "<w:p><w:r><w:t xml:space='preserve'>Ana: </w:t></w:r><w:commentRangeStart w:id='0'/>"
        "<w:r><w:t xml:space='preserve'>I got </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>any </w:t></w:r><w:ins><w:r><w:t>support</w:t></w:r>"
        "<w:commentRangeEnd w:id='0'/></w:ins><w:r><w:commentReference w:id='0'/></w:r></w:p>"
    )
    docx(commented, body, comment(0, "support"))
    (found,) = read(commented)
    assert found["quote"] == "I got support"


def test_answers_go_to_the_memo_and_resolved_comments_count(commented):
    docx(
        commented,
        marked("Ana: My {0{1mentor0}1} was there, {2always2}."),
        comment(0, "support", "memo: Or clarity?", paragraph="A1"),
        comment(1, "clarity, I think", paragraph="B1"),
        comment(2, "training", paragraph="C1"),
        commentsExtended=answer("A1", done=1) + answer("B1", "A1", 1) + answer("C1"),
    )
    found = read(commented)
    assert codes(found) == [("comment 1", "support", "mentor"), ("comment 2", "training", "always")]
    assert found[0]["memo"] == "Or clarity?\nclarity, I think"


def test_comments_that_answer_each_other_in_a_circle_are_read_all_the_same(commented):
    docx(
        commented,
        marked("Ana: My {0mentor0} was {1there1}."),
        comment(0, "support", paragraph="A1"),
        comment(1, "clarity", paragraph="B1"),
        commentsExtended=answer("A1", "B1") + answer("B1", "A1"),
    )
    assert [decision["code"] for decision in read(commented)] == ["support", "clarity"]


def test_an_id_that_is_used_twice_loses_no_comment(commented):
    docx(commented, marked("Ana: My {0mentor0} was there."), comment(0, "support"), comment(0, "clarity"))
    assert codes(read(commented)) == [("comment 1", "support", "mentor"), ("comment 2", "clarity", "")]


def test_blank_lines_at_the_end_of_a_passage_take_in_nothing_of_the_next(commented):
    docx(commented, marked("Ana: {0We met.") + marked("   0}") + marked("Ben: Yes."), comment(0, "support"))
    assert codes(read(commented)) == [("comment 1", "support", "We met.")]


def test_answers_to_answers_belong_to_the_first_comment(commented):
    docx(
        commented,
        marked("Ana: My {0mentor0} was there.{2}"),
        comment(2, "third", paragraph="C1"),
        comment(1, "second", paragraph="B1"),
        comment(0, "support", paragraph="A1"),
        commentsExtended=answer("A1", "ZZ") + answer("B1", "A1") + answer("C1", "B1"),
    )
    (found,) = read(commented)
    assert (found["code"], found["memo"]) == ("support", "third\nsecond")


def test_a_comment_of_nothing_but_commas_and_words_ends(commented):
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "a, " * 3000 + "b"), *(comment(n, "x", paragraph=f"P{n}") for n in range(1, 3000)),
         commentsExtended="".join(answer(f"P{n}", f"P{n + 1}") for n in range(1, 3000)))  # fmt: skip
    assert [decision["code"] for decision in read(commented)] == ["a", "b", "x"]


def test_comments_without_a_code_or_without_words_are_decisions_too(commented):
    body = marked("Ana: My {0mentor0} was {1}there, {2 2}always.") + marked("Ben: Yes.{3}")
    docx(
        commented,
        body,
        comment(0, "memo: why?"),
        comment(1, "support"),
        comment(2, "clarity"),
        comment(3),
        comment(9, "training"),
    )
    found = read(commented)
    assert codes(found) == [
        ("comment 1", "", "mentor"),
        ("comment 2", "support", ""),
        ("comment 3", "clarity", ""),
        ("comment 4", "", ""),
        ("comment 5", "training", ""),
    ]
    assert (found[1]["before"], found[1]["after"]) == ("My mentor was", "there,  always.\nYes.")


def test_done_says_how_far_the_coder_came(commented):
    docx(
        commented,
        marked("Ana: My mentor was there, {0always0}.") + marked("Ben: Yes, she was.{1}"),
        comment(0, "Support", "done"),
        comment(1, "Done"),
    )
    found = read(commented)
    assert [(d.action, d["code"], d["quote"]) for d in found] == [
        ("apply", "support", "always"),
        ("done", "", "always"),
        ("done", "", "My mentor was there, always.\nYes, she was."),
    ]


def test_done_may_be_a_code(commented):
    commented.write("codebook.yaml", "codebook: B\ncodes: [{code: done}]\n")
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "Done"))
    (found,) = read(commented)
    assert (found.action, found["code"]) == ("apply", "done")


@pytest.mark.parametrize("name", ["talk.docx", "TALK anna.docx", "Talk-2026.docx", "talk_(1).docx", "talk (2).docx"])
def test_the_file_is_named_by_its_source(commented, name):
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"), name=name)
    assert [decision["source"] for decision in read(commented)] == ["talk"]


def test_a_file_that_is_named_by_no_source_and_one_without_comments_are_told(commented):
    docx(
        commented,
        marked("Ana: {0We agreed0}.") + marked("Ana: {1So1}."),
        comment(0, "support"),
        comment(1, "x, y"),
        name="talks.docx",
    )
    docx(commented, marked("Ana: We agreed."), name="talk.docx")
    docx(commented, marked("Ana: {0We0} agreed."), comment(0, "clarity", "use: often"), name="talk 2.docx")
    found, told = read(commented, problems=True)
    assert len(found) == 4  # what is wrong with the name of a file is told once, not for each comment
    assert [problem.split("anna/")[1] for problem in told] == [
        "talk 2.docx: comment 1, use: 'often' is not allowed here. Use one of: exemplar, deviant, never.",
        "talk.docx: there are no comments in it. A coded transcript has its codes in comments; a transcript without any"
        " belongs into transcripts/.",
        "talks.docx: whose transcript this is cannot be told: no source is called so. Call the file by the id of its"
        " source, as in 'focus-group.docx' or 'focus-group round 2.docx'. The sources are: talk.",
    ]


def test_of_many_sources_eight_are_named_to_who_missed_them_all(commented):
    (commented.path / "sources.csv").unlink()
    (commented.path / "transcripts" / "talk.txt").unlink()
    for number in range(10):
        commented.write(f"transcripts/t{number:02}.txt", "Ana: We agreed.\n")
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"), name="other.docx")
    _, (told,) = read(commented, problems=True)
    assert told.endswith("The sources are: t00, t01, t02, t03, t04, t05, t06, t07 and 2 more.")


@pytest.mark.parametrize(
    ("name", "in_round"),
    [
        ("talk.docx", ""),
        ("talk round 2.docx", "2"),
        ("Talk_Round-B_anna.docx", "B"),
        ("TALK anna round2 (1).docx", "2"),
        ("talk around 2.docx", ""),
        ("talk rounds.docx", ""),
        ("talk round.docx", ""),
    ],
)
def test_the_name_of_the_file_may_tell_the_round(commented, name, in_round):
    body = marked("Ana: {0We agreed0}. {1So1}. {2We did2}.")
    docx(commented, body, comment(0, "support"), comment(1, "clarity", "round: 7"), comment(2, "done"), name=name)
    assert [decision["round"] for decision in read(commented)] == [in_round, "7", in_round]


def test_a_round_in_the_name_of_the_source_is_none(commented):
    commented.write("sources.csv", "source,file,kind\ntalk-round-1,talk.txt,focus_group\n")
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"), name="talk-round-1.docx")
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"), name="talk-round-1 round 2.docx")
    assert [(decision["source"], decision["round"]) for decision in read(commented)] == [
        ("talk-round-1", "2"), ("talk-round-1", ""),
    ]  # fmt: skip


def test_who_answers_a_comment_of_someone_else_is_named(commented):
    path = docx(
        commented,
        marked("Ana: My {0mentor0} was there."),
        comment(0, "support", by="Anna", paragraph="A"),
        comment(1, "I doubt it.", by="Ben", paragraph="B"),
        comment(2, "So do I.", by="Anna", paragraph="C"),
        comment(3, "", by="Ben", paragraph="D"),
        commentsExtended=answer("A") + answer("B", "A") + answer("C", "A") + answer("D", "A"),
    )
    (found,) = read(commented)
    assert found["memo"] == "Ben: I doubt it.\nSo do I."
    assert list(memos(path)) == [("comment 1", "support\nI doubt it.\nSo do I.\n")]


def test_a_memo_on_words_is_a_note(commented):
    body = marked("Ana: My {0mentor0} was {1}there, {2always2}. {3Yes3}.")
    docx(
        commented,
        body,
        comment(0, "memo: Why?"),
        comment(1, "memo: At a point."),
        comment(2, "use: exemplar"),
        comment(3, "done", "memo: So far."),
    )
    assert [(d.action, d["code"], d["quote"], d["memo"]) for d in read(commented)] == [
        ("note", "", "mentor", "Why?"),
        ("apply", "", "", "At a point."),
        ("apply", "", "always", ""),
        ("done", "", "Yes", "So far."),
    ]


@pytest.mark.parametrize("damage", [slice(200), slice(0), slice(-30)])
def test_a_half_saved_file_is_told_and_the_others_are_read(commented, damage):
    path = docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"))
    docx(commented, marked("Ana: {0We agreed0}."), comment(0, "support"), coder="ben")
    path.write_bytes(path.read_bytes()[damage])
    found, told = read(commented, problems=True)
    assert [decision.coder for decision in found] == ["ben"]
    assert len(told) == 1 and told[0].startswith(str(path)) and "save it again" in told[0].lower()


def test_memos_are_all_words_of_all_comments(commented):
    path = docx(
        commented,
        marked("Ana: My {0mentor0}{1} was there."),
        comment(0, "support, x", "memo: why?", paragraph="A"),
        comment(1, "because", paragraph="B"),
        comment(2, "lost"),
        commentsExtended=answer("A") + answer("B", "A"),
    )
    assert list(memos(path)) == [("comment 1", "support, x\nmemo: why?\nbecause"), ("comment 2", "lost")]


def test_a_file_of_libreoffice(commented):
    """Made with LibreOffice 7.4: a range across turns, one across cells of a table, a point, a resolved comment."""
    path = commented.path / "codings" / "anna" / "talk.docx"
    path.write_bytes((Path(__file__).parent / "data" / "commented.docx").read_bytes())
    found = read(commented)
    assert codes(found) == [
        ("comment 1", "support", "mentor was always there"),
        ("comment 1", "clarity", "mentor was always there"),
        ("comment 2", "clarity", "no support. Nobody told me what was expected of me.\nI agree with Ben."),
        ("comment 3", "training", ""),
        ("comment 4", "training", "met on Mondays.\nAnd on Fridays"),
    ]
    assert [(d["by"], d["at"], d["memo"]) for d in found[1:3]] == [
        ("Anna", "2026-03-02T10:30:00", "the first"),
        ("Anna", "2026-03-02T10:31:00", ""),
    ]


def test_marks_of_comments_change_no_word_of_a_transcript(tmp_path):
    lines = ["Ana: My {0mentor", "was0} {1}there.", "{2Ben: 2}Yes."]
    bare = write_docx(
        tmp_path / "bare.docx",
        "".join(marked(line.translate({123: None, 125: None, 48: None, 49: None, 50: None})) for line in lines),
    )
    with_marks = write_docx(
        tmp_path / "marks.docx",
        "<w:commentRangeEnd w:id='7'/>" + "".join(map(marked, lines)) + "<w:commentRangeStart w:id='8'/>",
        comments=comment(0, "x"),
    )
    one, other = (read_docx(Source("s", path, "interview"), ["Ana", "Ben"]).turns for path in (bare, with_marks))
    assert one == other and [turn.text for turn in one] == ["My mentor was there.", "Yes."]


_TEXT = st.sampled_from([" ", "   "]) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="{}\u00ad\ufffe\uffff"),
    max_size=12,
)


@st.composite
def documents(draw):
    """(paragraphs, ranges as ((paragraph, offset), (paragraph, offset)), which paragraphs are cells of tables)."""
    lines = draw(st.lists(_TEXT, min_size=1, max_size=6))
    point = st.integers(0, len(lines) - 1).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, len(lines[n]))))
    ranges = draw(st.lists(st.tuples(point, point).map(sorted), min_size=1, max_size=5))
    return lines, ranges, draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))


@settings(max_examples=150, deadline=None)
@given(documents(), st.booleans())
def test_ranges_that_nest_and_overlap_come_out_as_they_are(tmp_path_factory, document, outside):
    """`outside`: marks at the ends of paragraphs stand between the paragraphs."""
    lines, ranges, cells = document
    body = ""
    for n, line in enumerate(lines):
        starts = [(offset, f"<w:commentRangeStart w:id='{c}'/>") for c, ((p, offset), _) in enumerate(ranges) if p == n]
        ends = [(offset, f"<w:commentRangeEnd w:id='{c}'/>") for c, (_, (p, offset)) in enumerate(ranges) if p == n]
        before = "".join(mark for offset, mark in starts if outside and not offset)
        behind = "".join(mark for offset, mark in ends if outside and offset == len(line))
        inside = [mark for mark in starts if not outside or mark[0]]
        inside += [mark for mark in ends if not outside or mark[0] < len(line)]
        runs, last = "", 0
        for offset, mark in sorted(inside, key=lambda item: item[0]):
            runs += marked(line[last:offset])[5:-6] + mark
            last = offset
        paragraph = f"<w:p>{runs}{marked(line[last:])[5:-6]}</w:p>"
        body += before + (f"<w:tbl><w:tr><w:tc>{paragraph}</w:tc></w:tr></w:tbl>" if cells[n] else paragraph) + behind
    path = write_docx(
        tmp_path_factory.mktemp("x") / "t.docx", body, comments="".join(comment(c, "code") for c in range(len(ranges)))
    )
    from qualcode.codings.comments import _Talk

    talk = _Talk(read_commented(Source("s", path, "document"))[0], None)
    for c, ((first, start), (last, end)) in enumerate(ranges):
        taken = [
            line[start if n == first else 0 : end if n == last else None]
            for n, line in enumerate(lines)
            if first <= n <= last
        ]
        wanted = clean("\n".join(piece for piece in taken if piece.strip()))[0].strip()
        assert talk.around(*talk.span(str(c)))[1] == wanted

"""pdf: lines become turns again, what stands around them is counted, and scans say that they are scans."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from office_files import lock_pdf, write_pdf
from test_transcripts_office import left, read, turns

from qualcode.errors import QualcodeError
from qualcode.transcripts.pdf_pages import read_pages

PEOPLE = "Ana: We met at school. The timing was good and nobody hurried us at all while we talked it over."


def page(*lines, left=72, top=770, step=14):
    """Lines one below the other; a line that begins with a blank is indented."""
    return [(left + 20 * line.startswith(" "), top - step * n, line.strip()) for n, line in enumerate(lines) if line]


def test_lines_become_turns_and_words_divided_at_their_ends_are_joined(tmp_path):
    lines = [
        "Ana: We met at school, which was a non-",
        "issue, and the ex-",
        "pectations were clear: the expectations. It was the wor-",
        "the work that counted, as I- ",
        "I said on Mon-",
        "Friday.",
        "Ben: No.",
    ]
    transcript = read(write_pdf(tmp_path / "a.pdf", [page(*lines), *[page(*[f"Ben: No {n}."] * 50) for n in "abc"]]))
    assert turns(transcript)[:2] == [
        (
            "Ana",
            "We met at school, which was a non-issue, and the expectations were clear: the expectations. "
            "It was the wor- the work that counted, as I- I said on Mon- Friday.",
        ),
        ("Ben", "No."),
    ]
    assert left(transcript) == {
        "halves of words that were divided at the end of a line, now joined: non-issue, expectations": 2
    }
    assert [turn.place for turn in transcript.turns[:8:7]] == ["page 1", "page 2"]


def test_a_program_that_divides_words_is_recognised(tmp_path):
    lines = ["Ana: So many won-", "derful things hap-", "pened there and eve-", "rything was possi-", "ble in the end."]
    transcript = read(write_pdf(tmp_path / "a.pdf", [page(*lines)]))
    assert turns(transcript) == [
        ("Ana", "So many wonderful things happened there and everything was possible in the end.")
    ]
    assert left(transcript) == {
        "halves of words that were divided at the end of a line, now joined: wonderful, happened, everything, possible": 4
    }


def test_hyphens_that_people_typed_stay_where_a_line_ends_after_them(tmp_path):
    lines = [
        "Ana: So many won-",
        "derful self-",
        "assessment and decision-",
        "making hap-",
        "pened, and eve-",
        "rything was",
    ]
    transcript = read(write_pdf(tmp_path / "a.pdf", [page(*lines)]))
    assert turns(transcript) == [
        ("Ana", "So many wonderful self-assessment and decision-making happened, and everything was")
    ]


def test_what_stands_around_the_text_is_counted_and_not_said(tmp_path):
    def around(number, *lines):
        numbered = [(40, 770 - 14 * n, str(n + 1)) for n in range(len(lines))]
        head = [(72, 810, "Focus group 3"), (300, 30, f"Page {number} of 3"), (500, 810, "confidential")]
        return head + page(*lines) + numbered

    pages = [
        around(1, "Ana: We met here,", "and there, and then", "we went on with all of"),
        around(2, "it until the evening.", "Ben: Yeah."),
        around(3, "Ana: Right.", "Ben: Yeah."),
    ]
    transcript = read(write_pdf(tmp_path / "a.pdf", pages))
    assert turns(transcript) == [
        ("Ana", "We met here, and there, and then we went on with all of it until the evening."),
        ("Ben", "Yeah."),
        ("Ana", "Right."),
        ("Ben", "Yeah."),
    ]
    assert left(transcript) == {"in headers and footers, numbers of pages, paragraphs and lines": 3 * 8 + 7}


@pytest.mark.parametrize("line", ["Ana:", "Stranger:", "Ana: Yes."])
def test_speakers_in_the_same_place_of_every_page_are_no_headers(tmp_path, line):
    pages = [[(72, 810, "Project: Our schools"), *page(line, f"It was {n}.")] for n in ("good", "bad", "fine")]
    transcript = read(write_pdf(tmp_path / "a.pdf", pages))
    label, _, words = line.partition(": ")
    said = [f"{words} It was {n}.".strip() for n in ("good", "bad", "fine")]
    assert turns(transcript) == [(label.rstrip(":"), text) for text in said]
    assert left(transcript) == {"in headers and footers, numbers of pages, paragraphs and lines": 9}


def test_what_stands_around_the_text_of_one_page_or_two(tmp_path):
    around = [(72, 810, "Our schools"), (72, 30, "Draft")]
    pages = [[*around, *page("Ana: We met.", "No.", "Well.")], [*around, *page("Ben: Yes.", "Yes.", "Oh.")]]
    transcript = read(write_pdf(tmp_path / "a.pdf", pages))
    assert turns(transcript) == [("Ana", "We met. No. Well."), ("Ben", "Yes. Yes. Oh.")]
    assert sum(left(transcript).values()) == 6
    one = read(write_pdf(tmp_path / "b.pdf", [[*page("Ana: We met."), (72, 30, "Page 3 of 7")]]))
    assert turns(one) == [("Ana", "We met.")]


def test_numbers_that_people_say_stay(tmp_path):
    pages = [page("Ana: How many were there?", "Ben:", "12", "Ana: And then?", "Ben: 7 of 9")]
    assert turns(read(write_pdf(tmp_path / "a.pdf", pages)))[1:] == [
        ("Ben", "12"),
        ("Ana", "And then?"),
        ("Ben", "7 of 9"),
    ]


def test_a_line_cut_by_the_edge_of_a_page_is_read_once_and_one_said_twice_is_kept(tmp_path):
    cut = [(72, 30, "Ben: we said it all")]
    pages = [
        page("Ana: First.") + cut,
        [(72, 837, "Ben: we said it all"), *page("to her.", "Ben: Yeah.")],
        page("Ben: Yeah."),
    ]
    transcript = read(write_pdf(tmp_path / "a.pdf", pages))
    assert turns(transcript) == [
        ("Ana", "First."),
        ("Ben", "we said it all to her."),
        ("Ben", "Yeah."),
        ("Ben", "Yeah."),
    ]
    assert list(left(transcript).values()) == [5]


def test_words_beside_the_page_and_comments_are_counted(tmp_path):
    note = "/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(my note here)>><</Type/Annot/Subtype/Widget/FT/Tx/Rect[0 0 9 9]/V(typed)>>]"
    path = write_pdf(
        tmp_path / "a.pdf", [[*page("Ana: Here."), (72, -40, "out of sight"), (700, 500, "too")]], extra=note
    )
    transcript = read(path)
    assert turns(transcript) == [("Ana", "Here.")]
    assert left(transcript) == {"beside the visible page": 4, "in comments and form fields": 4}


def test_labels_in_a_column_of_their_own_stand_beside_their_words(tmp_path):
    labels = [(72, 700, "Ana:"), (72, 660, "Ben:")]
    words = [(150, 700, "We met there,"), (150, 686, "and talked."), (150, 660, "No.")]
    transcript = read(write_pdf(tmp_path / "a.pdf", [labels + words]))
    assert turns(transcript) == [("Ana", "We met there, and talked."), ("Ben", "No.")]


def test_known_labels_need_no_colon_in_a_column_of_their_own(tmp_path):
    table = [
        (72, 700, "Ana"),
        (130, 700, "We met there,"),
        (130, 686, "Ben and I."),
        (72, 660, "Ben"),
        (130, 660, "No."),
    ]
    transcript = read(write_pdf(tmp_path / "a.pdf", [table]))
    assert turns(transcript) == [("Ana", "We met there, Ben and I."), ("Ben", "No.")]


def test_times_may_stand_in_a_column_before_that_of_the_labels(tmp_path):
    rows = [("00:09", "Ana", "We met there."), ("[00:12 - 00:15]", "Ben", "No."), ("00:19", "Ana", "Ben and I.")]
    lines = [(x, 700 - 20 * n, cell) for n, row in enumerate(rows) for x, cell in zip((72, 190, 260), row, strict=True)]
    transcript = read(write_pdf(tmp_path / "a.pdf", [lines]))
    assert turns(transcript) == [("Ana", "We met there."), ("Ben", "No."), ("Ana", "Ben and I.")]
    assert [turn.time_start for turn in transcript.turns] == ["00:00:09", "00:00:12", "00:00:19"]


def test_the_columns_of_a_page_have_margins_of_their_own(tmp_path):
    first = page("In the first column", "there is this to say,", "and that as well", left=50)
    second = page("In the second one", "there is more of it,", "and more of it", "until the end", left=320)
    document = read(write_pdf(tmp_path / "a.pdf", [first + second]), "document")
    assert document.turns[0].text.startswith("In the first column there is this to say, and that as well")


def test_columns_are_read_one_after_the_other(tmp_path):
    first = page("Ana: In the first column", "there is this to say,", "and that as well.", left=50)
    second = page("Ben: In the second one", "there is more of it,", "and then the end.", left=320)
    transcript = read(write_pdf(tmp_path / "a.pdf", [first + second]))
    assert turns(transcript) == [
        ("Ana", "In the first column there is this to say, and that as well."),
        ("Ben", "In the second one there is more of it, and then the end."),
    ]


def test_paragraphs_of_a_document_are_found_by_gaps_indents_and_short_lines(tmp_path):
    long = "and so it goes on and on and on until the very end of the line is"
    lines = [
        "A title",
        "",
        f"One {long}",
        "reached. Name: this is no speaker.",
        f" Two {long}",
        f"again, {long}",
        "so.",
        f"Three {long}",
        "done.",
    ]
    document = read(write_pdf(tmp_path / "a.pdf", [page(*lines)]), "document")
    assert [turn.text.split()[0] for turn in document.turns] == ["A", "One", "Two", "Three"]


def test_headers_without_a_colon_stay_lines(tmp_path):
    transcript = read(
        write_pdf(tmp_path / "a.pdf", [page("Ana Hill   0:03", "We met.", "Ben Ode   0:09", "No.")]),
        labels=["Ana Hill", "Ben Ode"],
    )
    assert turns(transcript) == [("Ana Hill", "We met."), ("Ben Ode", "No.")]


def test_text_of_turned_pages_is_read(tmp_path):
    path = write_pdf(
        tmp_path / "a.pdf", [page("Ana: We met,", "and talked.", "Ben: No.")], turned=True, size=(842, 595)
    )
    assert turns(read(path)) == [("Ana", "We met, and talked."), ("Ben", "No.")]


def test_scans_are_an_error_that_names_the_pages_and_blank_pages_are_none(tmp_path):
    scan = [(0, 0, "<picture>")]
    with pytest.raises(
        QualcodeError, match=r"pages 2, 4 \(2 in all\) are each a scan: a picture of a page, without text"
    ):
        read(write_pdf(tmp_path / "a.pdf", [page(PEOPLE), [*scan, (300, 20, "2")], [], [*scan, (300, 20, "4")]]))
    with pytest.raises(QualcodeError, match=r"page 1 is a scan.*OCR"):
        read(write_pdf(tmp_path / "b.pdf", [scan]))
    assert turns(read(write_pdf(tmp_path / "c.pdf", [page("Ana: Yes."), []]))) == [("Ana", "Yes.")]


def test_a_pdf_without_words_is_an_error(tmp_path):
    with pytest.raises(QualcodeError, match="holds no words"):
        read(write_pdf(tmp_path / "a.pdf", [[], []]))


def test_a_locked_pdf_says_so_and_one_with_an_empty_password_is_read(tmp_path):
    path = write_pdf(tmp_path / "a.pdf", [page("Ana: Yes.")])
    with pytest.raises(QualcodeError, match="the pdf is locked with a password"):
        read(lock_pdf(path, tmp_path / "b.pdf", b"secret"))
    assert turns(read(lock_pdf(path, tmp_path / "c.pdf", b""))) == [("Ana", "Yes.")]


@pytest.mark.parametrize(
    "damage", [lambda data: data[:9], lambda data: data[:9] + bytes(500), lambda _: b"%PDF-1.7\n%%EOF"]
)
def test_a_damaged_pdf_is_an_error(tmp_path, damage):
    path = write_pdf(tmp_path / "a.pdf", [page("Ana: Yes.")])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(QualcodeError, match="this is no pdf, or a damaged one"):
        read(path)


def test_more_pages_than_are_read_are_an_error(tmp_path):
    with pytest.raises(QualcodeError, match=r"the pdf has 2001 pages \(at most 2000 are read\)"):
        read_pages(write_pdf(tmp_path / "a.pdf", [[]] * 2001))


WORDS = st.text(alphabet="abcdefgä", min_size=1, max_size=9).filter(lambda word: word not in ("a", "i"))
SPEECH = st.lists(WORDS, min_size=1, max_size=40).map(" ".join)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Ana", "Ben", "Cy"]), SPEECH), min_size=1, max_size=40))
def test_any_talk_printed_to_pages_comes_back(tmp_path_factory, talk):
    import textwrap

    lines = [line for name, words in talk for line in textwrap.wrap(f"{name}: {words}", 60)]
    pages = [[*page(*lines[n : n + 45]), (290, 40, str(n // 45 + 1))] for n in range(0, len(lines), 45)]
    path: Path = write_pdf(tmp_path_factory.mktemp("pdf") / "a.pdf", pages)
    assert turns(read(path)) == talk

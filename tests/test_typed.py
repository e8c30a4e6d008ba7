"""What people typed: names and withdrawn words are found at their place, and never told."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from office_files import comment, marked, write_docx

from qualcode.answers import Asked, AskedConcept, AskedPart, AskedQuotation
from qualcode.checked import INSTEAD
from qualcode.cli import main
from qualcode.codebook import load_codebook
from qualcode.errors import QualcodeError
from qualcode.study import WITHDRAWN, load_study
from qualcode.typed import Gone, Owner, check_printed, findings, gone

SAID = "Nobody told me what was expected of me, and the expectations changed."
BEN = Gone([("p2", SAID)])


def withdraw(study, person: str = "p2") -> None:
    lines = (study.path / "participants.csv").read_text("utf-8").splitlines(keepends=True)
    changed = [line.replace(",active,", ",withdrawn,") if line.startswith(f"{person},") else line for line in lines]
    assert changed != lines
    study.write("participants.csv", "".join(changed))


def found_in(study, *kinds: str) -> list[str]:
    made = load_study(study.path.name)
    return [str(item).replace("\\", "/") for item in findings(made, gone(made), made.files(*kinds))]


@pytest.mark.parametrize(
    "typed",
    [
        "He said NOBODY told me what was",
        "“nobody told me—what was”",
        "nobody\n# told me\n    what  was",
        "no\u00adbody told me what\u200b was",
        "expected of me and the",
        "**Nobody** told me, _what_ was",
    ],
)
def test_five_words_in_a_row_are_a_quotation_however_they_are_written(typed):
    assert [owner for _, _, owner in BEN.spans(typed)] == [Owner("p2")]
    assert WITHDRAWN in BEN.hide(typed)


@pytest.mark.parametrize("typed", ["", "nobody told me what", "told nobody me what was", "nobody told me x what was"])
def test_fewer_words_or_others_are_none(typed):
    assert BEN.spans(typed) == []
    assert BEN.hide(typed) == typed


def test_apostrophes_make_no_difference():
    words = Gone([("p2", "I don't know what she's after")])
    assert words.hide("so: I don’t know what she’s.") == f"so: {WITHDRAWN}."


def test_a_stretch_is_as_long_as_it_can_be_and_stops_at_its_last_word():
    text = f"Memo. {SAID} End."
    assert [(text[start:end], owner.person) for start, end, owner in BEN.spans(text)] == [
        (SAID.removesuffix("."), "p2")
    ]
    twice = f"{SAID} And again: {SAID}"
    assert BEN.hide(twice) == f"{WITHDRAWN}. And again: {WITHDRAWN}."


def test_what_someone_else_said_too_is_no_ones():
    words = Gone([("p2", SAID)], ["What was expected of me, I knew."])
    assert words.spans("what was expected of me") == []
    assert words.spans("told me what was expected") != []


def test_two_people_s_words_that_overlap_are_hidden_once():
    words = Gone([("p2", "a b c d e f"), ("p3", "d e f g h i")])
    text = "a b c d e f g h i"
    spans = words.spans(text)
    assert [(text[start:end], owner.person) for start, end, owner in spans] == [("a b c d e f", "p2"), (" g h i", "p3")]
    assert words.hide(text) == WITHDRAWN * 2


WORDS = st.lists(
    st.sampled_from(["a", "b", "B", "d'é", "straße", "Ǆ", "1", "c\u00ad", "\u200bc", "-", "_."]), min_size=0
)
GAPS = st.sampled_from([" ", "\n", "  # ", " – ", "_"])


@given(WORDS.filter(lambda words: len([word for word in words if word not in "-_."]) >= 5), WORDS, WORDS, GAPS)
def test_spans_are_sound_and_nothing_is_left_once_hidden(said, before, after, gap):
    words = Gone([("p2", " ".join(said))])
    text = gap.join([*before, *said, *after])
    spans = words.spans(text)
    assert spans
    assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
    hidden = words.hide(text)
    assert words.spans(hidden) == []
    # All that stood between the stretches is still there.
    edges = [0, *(edge for start, end, _ in spans for edge in (start, end)), len(text)]
    assert hidden == WITHDRAWN.join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def test_nothing_is_read_where_no_one_withdrew(study):
    made = load_study(study.path)
    (study.path / "transcripts" / "talk.txt").unlink()
    assert gone(made).spans(SAID) == []


def test_the_words_are_those_of_who_withdrew_and_of_no_one_else(study):
    withdraw(study)
    words = gone(load_study(study.path))
    assert words.spans("I got no support. Nobody told me")[0][2] == Owner("p2")
    assert words.spans("The timing of our meetings was good.") == []


def test_a_quotation_is_found_with_names_and_with_names_hidden(study):
    study.write("transcripts/talk.txt", "Interviewer: And?\nAna: Yes.\nBen: So I asked Ana to wait for me.\n")
    withdraw(study)
    words = gone(load_study(study.path))
    assert words.spans("I asked Ana to wait") and words.spans("I asked Rosa to wait")


def test_a_respondent_of_a_survey_can_withdraw(study):
    study.write("sources.csv", "source,file,kind,id_column,text_columns\nform,form.csv,survey,id,answer\n")
    (study.path / "transcripts" / "talk.txt").unlink()
    study.write("transcripts/form.csv", "id,answer\n7,I never saw him once all year.\n8,It was a good year for me.\n")
    study.write("participants.csv", "participant,role,labels,status\nr7,participant,7,withdrawn\n")
    study.codings("anna", [{"source": "form", "code": "support", "quote": "good year"}])
    words = gone(load_study(study.path))
    assert words.spans("“never saw him once all”")[0][2] == Owner("r7")
    assert words.spans("It was a good year for me.") == []


def test_every_place_is_told_and_no_word(study):
    study.write("memos/one.md", "---\nby: anna\n---\nBen is cross.\n\nHe says: nobody told me\nwhat was expected.\n")
    study.write("memos/deeper/two.md", "Nothing.\n")
    study.write("codebook.yaml", f"{(study.path / 'codebook.yaml').read_text('utf-8')}    examples: ['{SAID}']\n")
    study.write("study.yaml", "# nobody told me what was expected\ntitle: T\ncodebook: codebook.yaml\n")
    coding = {"source": "talk", "code": "support", "quote": "My mentor was always there."}
    study.codings("anna", [{**coding, "memo": "Ana, not BEN"}, {**coding, "memo": f"see also: {SAID}"}])
    assert found_in(study, "study", "codebook", "memos") == [
        "talks/memos/one.md: line 4: a name that is to be hidden stands here (participants.csv row 3).",
        "talks/codings/anna/coding.csv: row 2, memo: a name that is to be hidden stands here (participants.csv row 2).",
        "talks/codings/anna/coding.csv: row 2, memo: a name that is to be hidden stands here (participants.csv row 3).",
    ]
    withdraw(study)
    told = found_in(study, "study", "codebook", "memos")
    quoted = "words of 'p2', who withdrew, stand here: take them out."
    assert {line.removeprefix("talks/") for line in told if "words of" in line} == {
        f"study.yaml: line 1: {quoted}",
        f"codebook.yaml: line 13: {quoted}",
        f"memos/one.md: line 6: {quoted}",
        f"codings/anna/coding.csv: row 3, memo: {quoted}",
    }
    assert not any(word in line for line in told for word in ("Ben", "BEN", "Ana,", "Karl", "nobody", "expected"))


def test_the_pseudonym_of_who_withdrew_is_told_too(study):
    study.write("memos/one.md", "Karl and Rosa differ.\n")
    assert found_in(study, "memos") == []
    withdraw(study)
    assert found_in(study, "memos") == [
        "talks/memos/one.md: line 1: a name that is to be hidden stands here (participants.csv row 3)."
    ]


CODES = "codebook: {title}\ncodes:\n- code: {code}\n  name: {name}\n  definition: {definition}\n"
PLAIN = {"title": "Mentors", "code": "support", "name": "Support", "definition": "Someone is there."}


@pytest.mark.parametrize(
    ("part", "text", "told"),
    [
        ("title", "Mentors of Ben", "line 1: a name that is to be hidden stands in its title (participants.csv row 3)"),
        ("code", "ben-and-support", "line 3: a name that is to be hidden stands in the id of this code"),
        ("name", "As ANA says", "line 3: a name that is to be hidden stands in the name of this code"),
        ("definition", SAID, "line 3: words of 'p2', who withdrew, stand in the definition of this code"),
        (
            "name",
            "Karl",
            "line 3: a name that is to be hidden stands in the name of this code (participants.csv row 3)",
        ),
    ],
)
def test_what_is_printed_of_a_codebook_holds_no_names_and_no_withdrawn_words(study, part, text, told):
    study.write("codebook.yaml", CODES.format(**PLAIN))
    withdraw(study)
    made = load_study(study.path)
    check_printed(made, load_codebook(made.codebook), gone(made))
    study.write("codebook.yaml", CODES.format(**{**PLAIN, part: text}))
    with pytest.raises(QualcodeError) as stopped:
        check_printed(made, load_codebook(made.codebook), gone(made))
    assert told in str(stopped.value)
    assert not any(word in str(stopped.value) for word in ("Ben", "ANA", "Karl", "expected of me"))


def test_names_in_the_title_and_the_questions_stop_the_study(study):
    study.write(
        "study.yaml",
        "title: What Ben needs\ncodebook: codebook.yaml\nquestions:\n- id: rq1\n  text: Why Ana?\n"
        "guide:\n- id: g1\n  text: 'And you, BEN?'\n  cues: [what helped you, tell me Ana]\n",
    )
    with pytest.raises(QualcodeError) as stopped:
        load_study(study.path)
    places = [problem.place for problem in stopped.value.problems]
    assert places == ["line 1, title", "line 5, questions", "line 8, guide", "line 9, guide"]
    assert "Ben" not in str(stopped.value) and "Ana" not in str(stopped.value)
    study.write("redactions.csv", "text,replacement,kind,decision\nBen,,word,keep\nAna,,word,keep\n")
    load_study(study.path)


QUESTIONS = """title: {title}
codebook: codebook.yaml
questions:
- id: rq1
  text: {question}
guide:
- id: g1
  text: {guide}
  cues:
  - what helped you most
  - {cue}
"""
ASKED = {"title": "Talks", "question": "Why?", "guide": "What helped?", "cue": "who was there"}


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("title", "line 1, title"),
        ("question", "line 5, questions"),
        ("guide", "line 8, guide"),
        ("cue", "line 11, guide"),
    ],
)
def test_withdrawn_words_in_what_is_printed_of_the_study_stop_it(study, part, place):
    quoting = "'Nobody told me what was expected, said one'"
    study.write("study.yaml", QUESTIONS.format(**{**ASKED, part: quoting}))
    made = load_study(study.path)
    check_printed(made, load_codebook(made.codebook), gone(made))
    withdraw(study)
    made = load_study(study.path)
    with pytest.raises(QualcodeError) as stopped:
        check_printed(made, load_codebook(made.codebook), gone(made))
    assert [problem.place for problem in stopped.value.problems] == [place]
    assert "study.yaml" in str(stopped.value) and "words of 'p2', who withdrew, stand here" in str(stopped.value)
    assert "expected" not in str(stopped.value) and "Nobody" not in str(stopped.value)


def test_check_and_the_step_stop_at_withdrawn_words_in_the_title(study, capsys):
    withdraw(study)
    study.write("study.yaml", QUESTIONS.format(**{**ASKED, "title": "Nobody told me what was expected"}))
    assert study.run("utterances", "parses") == 0
    capsys.readouterr()
    told = "line 1, title: words of 'p2', who withdrew, stand here"
    assert main(["check", "talks"]) == 1 and told in capsys.readouterr().err
    assert study.run("open_codes") == 1 and told in capsys.readouterr().err


LED = """Interviewer: Please tell me what helped you most this year. I never liked that old school anyway.

Ana: My mentor was always there.

Ben: Nobody told me what was expected of me.
"""


@pytest.mark.parametrize("moderators", ["exclude", "include"])
def test_a_guide_is_the_study_s_own_though_a_moderator_who_withdrew_read_it_out(study, moderators):
    study.write("transcripts/talk.txt", LED)
    withdraw(study, "i1")
    asking = QUESTIONS.format(**{**ASKED, "guide": "Please tell me what helped you most this year."})
    study.write("study.yaml", f"{asking}moderators: {moderators}\n")
    made = load_study(study.path)
    words = gone(made)
    check_printed(made, load_codebook(made.codebook), words)
    assert words.spans("tell me what helped you") == []
    assert words.spans("I never liked that old school")[0][2] == Owner("i1")


def test_a_guide_frees_no_words_of_participants(study):
    study.write("transcripts/talk.txt", f"{LED}\nInterviewer: So nobody told me what was expected of me.\n")
    for person in ("i1", "p2"):
        withdraw(study, person)
    study.write("study.yaml", QUESTIONS.format(**{**ASKED, "guide": "Nobody told me what was expected of me?"}))
    made = load_study(study.path)
    with pytest.raises(QualcodeError, match="line 8, guide: words of 'p2', who withdrew, stand here"):
        check_printed(made, load_codebook(made.codebook), gone(made))


def test_quotations_of_who_withdrew_are_told_of_every_kind_of_file(study):
    said, theirs = "I agree with Ben. The training helped me to teach.", SAID
    study.codings("anna", [{"source": "talk", "code": "support", "quote": said}])
    study.codings(
        "anna",
        [{"id": "1", "document": "talk", "tag": "support", "content": words} for words in (theirs, said, theirs)],
        "taguette.csv",
    )
    folder = study.path / "codings" / "anna"
    write_docx(
        folder / "talk.docx",
        marked(f"Ana: {{0{said}0}}") + marked(f"Ben: {theirs}"),
        comments=comment(0, "support"),
    )
    book = openpyxl.Workbook()
    for row in (("quote", "context", "decision", "coding", "memo"), (said, f"{said}\n{theirs}", "", "", "")):
        book.active.append(row)
    book.save(folder / "review-talk.xlsx")
    assert found_in(study) == []
    withdraw(study)
    told = [line.split("anna/")[1] for line in found_in(study)]
    assert told == [
        "review-talk.xlsx: row 2: words of 'p2', who withdrew, stand here: delete them.",
        "taguette.csv: row 2: words of 'p2', who withdrew, stand here (and 1 place more in this file): delete them.",
        "talk.docx: paragraph 2: words of 'p2', who withdrew, stand here: delete them.",
    ]


def test_a_name_in_the_name_of_a_coders_file_is_told(study):
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "always there"}], "talk with Ana.csv")
    (told,) = found_in(study)
    assert told.endswith(
        "talk with Ana.csv: its name holds a name that is to be hidden: rename it, for records keep it."
    )


# --- what participants withdrew or changed in member checks --------------------------------------------------------

TALK = """Interviewer: So what was expected of you in school?

Ana: My mentor was always there. Nobody told Ben what was expected of him.

Ben: I told Ana that nobody came. It was like a swamp with fences, to be plain.
"""
TAKEN = "I told Rosa that nobody came."


def answer(study, *decided: tuple[str, str, str]) -> None:
    """An answer of p2: of each quotation the words as issued, the choice, and new words."""
    asked = tuple(
        AskedQuotation(f"1.{n}", "1", text, (AskedPart("talk", "talk:3", 0, len(text), text),))
        for n, (text, *_) in enumerate(decided, 1)
    )
    packet = Asked("Talks", "p2", (AskedConcept("1", "help", "Help"),), asked)
    text = packet.to_json()
    study.write("member_checks/issued/2026-04-01/p2.json", text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    study.write(
        "member_checks/issued/2026-04-01/manifest.csv",
        f"participant,return_code,docx,html,json\np2,{packet.return_code},{'0' * 64},{'0' * 64},{digest}\n",
    )
    values = [(f"quotation 1.{n}", choice) for n, (_, choice, _) in enumerate(decided, 1)]
    values += [(f"words 1.{n}", new) for n, (*_, new) in enumerate(decided, 1)]
    rows = [f'{packet.return_code},{question},"{value}"\n' for question, value in values if value]
    study.write("member_checks/typed.csv", "return_code,question,answer\n" + "".join(rows))


def checked(study, *decided) -> Gone:
    study.write("transcripts/talk.txt", TALK)
    answer(study, *decided)
    return gone(load_study(study.path))


def test_withdrawn_words_are_found_as_they_were_issued_and_as_the_transcript_has_them(study):
    words = checked(study, (TAKEN, "withdraw", ""))
    for typed in ("he told me: i told Rosa that nobody came!", "I told Ana that nobody came"):
        (span,) = words.spans(typed)
        assert span[2] == Owner("p2", "withdrawn")
        assert words.hide(typed).endswith(INSTEAD["withdrawn"] + "!" * typed.endswith("!"))
    assert (
        words.hide("It was like a swamp with fences, to be plain.") == "It was like a swamp with fences, to be plain."
    )


@pytest.mark.parametrize(
    ("choice", "new", "effect", "told"),
    [
        ("withdraw", "", "withdrawn", "words that 'p2' withdrew in a member check"),
        ("change", "nobody could", "amended", "words that 'p2' changed in a member check"),
        ("", "nobody could", "amended", "words that 'p2' changed in a member check"),
        ("change", "", "waits for words", "words that 'p2' wants to change in a member check"),
    ],
)
def test_each_answer_has_its_marker_and_its_message(study, choice, new, effect, told):
    words = checked(study, (TAKEN, choice, new))
    assert words.hide(TAKEN) == f"{INSTEAD[effect]}."
    study.write("memos/one.md", f"---\nby: anna\n---\nHe:\n{TAKEN}\n")
    assert found_in(study, "memos") == [f"talks/memos/one.md: line 5: {told} stand here: take them out."]


def test_nothing_is_read_for_words_that_were_kept(study):
    study.write("transcripts/talk.txt", TALK)
    answer(study, (TAKEN, "keep", ""))
    made = load_study(study.path)
    (study.path / "transcripts" / "talk.txt").unlink()
    assert not gone(made)


def test_four_words_are_found_as_a_whole_and_fewer_not_at_all(study):
    words = checked(study, ("a swamp with fences", "withdraw", ""), ("nobody came", "withdraw", ""))
    assert words.hide("“A swamp with fences”, nobody came.") == f"“{INSTEAD['withdrawn']}”, nobody came."
    assert words.spans("swamp with fences, to be") == []


def test_what_others_say_too_the_guide_and_the_new_words_are_not_withdrawn(study):
    words = checked(study, ("they told ben what was expected of him in time there", "withdraw", ""))
    assert words.spans("told Ben what was expected of him") == [], "Ana says so too"
    assert words.spans("expected of him in time")
    study.write(
        "study.yaml", "title: T\ncodebook: codebook.yaml\nguide:\n- id: g1\n  text: What of him in time there?\n"
    )
    assert gone(load_study(study.path)).spans("of him in time there") == []
    words = checked(study, (TAKEN, "change", "As I said, I told Rosa that nobody was there."))
    assert words.spans("I told Rosa that nobody was") == []
    assert words.spans("told Rosa that nobody came")


REPEATING = "the green gate behind the hall was never once locked at night"


@pytest.mark.parametrize(
    ("said", "free"),
    [
        ("Ana: As he said, the green gate behind the hall was locked.", True),  # seven words in a row
        ("Ana: As he said, the green gate behind the hall was never once open.", False),
        (f"Ana: As he said, {REPEATING}.", False),
        ("Interviewer: So the green gate behind the hall was what?", False),
        ("Ana: And Ben?", False),
    ],
)
def test_who_repeats_what_was_taken_back_does_not_free_it_nor_do_moderators(study, said, free):
    answer(study, (REPEATING, "withdraw", ""))
    study.write("transcripts/talk.txt", f"Interviewer: And?\n\n{said}\n\nBen: It is known that {REPEATING}.\n")
    assert bool(gone(load_study(study.path)).spans("green gate behind the hall was")) != free


def test_check_tells_of_a_memo_that_quotes_whom_others_repeated(study, capsys):
    answer(study, (TAKEN, "withdraw", ""))
    study.write("transcripts/talk.txt", f"{TALK}\nInterviewer: So you told Ana that nobody came.\n\nAna: {TAKEN}\n")
    study.write("memos/one.md", f"He: {TAKEN}\n")
    main(["check", "talks"])
    assert "one.md: line 1: words that 'p2' withdrew in a member check stand here" in capsys.readouterr().out


def test_new_words_free_the_own_quotation_and_nobody_elses():
    mine, theirs = (Owner("p1", "amended"), REPEATING), (Owner("p2", "withdrawn"), REPEATING)
    assert not Gone([], taken=[mine], anew=[("p1", REPEATING)])
    assert Gone([], taken=[theirs], anew=[("p1", REPEATING)]).hide(REPEATING) == INSTEAD["withdrawn"]
    assert Gone([], taken=[mine, theirs], anew=[("p1", REPEATING)]).hide(REPEATING) == INSTEAD["withdrawn"]


def test_quotations_in_coders_files_are_data_and_memos_are_not(study):
    study.codings("anna", [{"source": "talk", "code": "support", "quote": "It was like a swamp with fences"}])
    checked(study, ("It was like a swamp with fences", "withdraw", ""))
    assert found_in(study) == []
    row = {"source": "talk", "code": "support", "quote": "It was like a swamp with fences"}
    study.codings("anna", [{**row, "memo": "so: it was like a swamp"}])
    told = "words that 'p2' withdrew in a member check stand here: take them out."
    assert found_in(study) == [f"talks/codings/anna/coding.csv: row 2, memo: {told}"]


def test_withdrawn_words_in_what_is_printed_of_a_codebook_stop_the_run(study):
    words = checked(study, ("It was like a swamp with fences", "withdraw", ""))
    study.write("codebook.yaml", CODES.format(**{**PLAIN, "name": "Like a swamp with fences"}))
    made = load_study(study.path)
    with pytest.raises(QualcodeError) as stopped:
        check_printed(made, load_codebook(made.codebook), words)
    assert "line 3: words that 'p2' withdrew in a member check stand in the name of this code" in str(stopped.value)
    assert "swamp" not in str(stopped.value)


def test_of_who_withdrew_altogether_all_words_are_gone_and_nothing_of_their_answers_is_told(study):
    checked(study, (TAKEN, "change", "Nothing of this kind was said."))
    withdraw(study)
    words = gone(load_study(study.path))
    assert {owner for _, _, owner in words.spans(f"{TAKEN} It was like a swamp with fences.")} == {Owner("p2")}
    assert words.spans("Nothing of this kind was said.") == []


@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=4, max_size=12),
    st.lists(st.sampled_from("abcdefghxyz"), max_size=30),
    st.lists(st.sampled_from("abcdefghxyz"), max_size=12),
)
def test_no_run_of_taken_words_is_left_that_nobody_else_said(taken, typed, said):
    owner = Owner("p1", "withdrawn")
    words = Gone([], taken=[(owner, " ".join(taken))], talk=[("p2", " ".join(said)), ("p1", " ".join(taken))])
    length = min(len(taken), 5)

    def runs(listed, length=length):
        return {tuple(listed[at : at + length]) for at in range(len(listed) - length + 1)}

    if length == 5:
        # What is repeated at length is parted, one word after another, from what only sounds alike.
        whole = min(len(taken), 8)
        repeats = [at for at in range(len(said) - whole + 1) if tuple(said[at : at + whole]) in runs(taken, whole)]
        held = {at + n for at in repeats for n in range(whole)}
        free = [range(at, at + 5) for at in range(len(said) - 4) if not held.issuperset(range(at, at + 5))]
        freed = {tuple(said[at] for at in places) for places in free}
    else:
        freed = runs(said)

    hidden = words.hide(" ".join(typed))
    left = [piece.split() for piece in hidden.split(INSTEAD["withdrawn"])]
    secret = runs(taken) - freed
    assert not any(runs(piece) & secret for piece in left)
    assert (hidden == " ".join(typed)) == (not runs(typed) & secret)

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode import tables
from qualcode.open_codes.coverage import coverage
from qualcode.text import count_words


def talk(*turns):
    """Utterances and sentences of (source, participant, role, question, sentences)."""
    rows, sentences, position = [], {}, {}
    for number, (source, participant, role, question, said) in enumerate(turns, 1):
        text, at = " ".join(said), position.get(source, 0) + 5
        position[source] = at + len(text)
        rows.append(
            {"utterance": f"{source}:{number}", "source": source, "participant": participant, "role": role,
             "question": question, "backchannel": said == ["Mm-hm."], "start": at, "end": at + len(text), "text": text}
        )  # fmt: skip
        spans, here = [], 0
        for sentence in said:
            spans.append((here, here + len(sentence)))
            here += len(sentence) + 1
        sentences.setdefault(source, []).append(spans)
    return pd.DataFrame(rows), sentences


def codings(*items):
    """open_codes of (source, start, end, basis, status, counts)."""
    columns = ["source", "start", "end", "basis", "status", "counts"]
    return pd.DataFrame(items, columns=columns).astype({"counts": bool, "start": "int64", "end": "int64"})


def place(utterances, utterance, words):
    row = utterances.set_index("utterance").loc[utterance]
    start = int(row["start"]) + row["text"].index(words)
    return row["source"], start, start + len(words)


P, M = "participant", "moderator"
TALK = (
    ("a", "p1", P, "q1", ["One two three.", "Four five.", "Six."]),
    ("a", "p2", P, "q1", ["Mm-hm."]),
    ("a", "m", M, "q1", ["Mm-hm."]),
    ("a", "p1", P, "q1", ["Seven eight nine ten."]),
    ("a", "p2", P, "q1", ["Eleven."]),
    ("a", "p1", P, "q1", ["Twelve thirteen."]),
    ("a", "p1", P, "q2", ["Fourteen."]),
    ("b", "p1", P, "q2", ["Fifteen."]),
    ("b", "m", M, "q2", ["And then?"]),
    ("b", "p1", P, "q2", ["Sixteen."]),
)


def passages(table):
    return list(table[["utterance", "words", "utterances", "text"]].itertuples(index=False, name=None))


def test_passages_run_over_listening_and_end_with_speaker_question_and_source():
    utterances, sentences = talk(*TALK)
    found, by = coverage(utterances, sentences, codings())
    assert passages(found) == [
        ("a:1", 10, 2, "One two three. Four five. Six. / Seven eight nine ten."),
        ("a:6", 2, 1, "Twelve thirteen."),
        ("a:5", 1, 1, "Eleven."),
        ("a:7", 1, 1, "Fourteen."),
        ("b:8", 1, 1, "Fifteen."),
        ("b:10", 1, 1, "Sixteen."),
    ]
    first = found.iloc[0]
    assert (first["start"], first["end"]) == (utterances["start"][0], utterances["end"][3])
    assert (by["words"][0], by["coded_words"][0], by["percent"][0]) == (16, 0, 0.0)


def test_a_coding_takes_out_the_sentences_that_it_touches_and_parts_the_passage():
    utterances, sentences = talk(*TALK)
    source, start, end = place(utterances, "a:1", "our fi")
    found, by = coverage(utterances, sentences, codings((source, start, end, "human", "accepted", False)))
    assert (
        passages(found)[:2]
        == [
            ("a:1", 3, 1, "One two three."),
            ("a:1", 5, 2, "Six. / Seven eight nine ten."),
        ][::-1]
    )
    figures = by.set_index(["attribute", "value"])
    assert tuple(figures.loc[("all", "all")]) == (16, 2, 12.5, 7, 1)
    assert tuple(figures.loc[("participant", "p1")]) == (15, 2, 13.3, 6, 1)
    assert tuple(figures.loc[("participant", "p2")]) == (1, 0, 0.0, 1, 0)
    assert tuple(figures.loc[("source", "b")]) == (2, 0, 0.0, 2, 0)
    assert tuple(figures.loc[("question", "q1")]) == (13, 2, 15.4, 4, 1)


@pytest.mark.parametrize(
    ("basis", "status", "counts", "coded"),
    [
        ("human", "accepted", False, True),
        ("human", "withdrawn", False, False),
        ("rule", "proposed", False, False),
        ("rule", "rejected", False, False),
        ("rule", "accepted", True, True),
    ],
)
def test_which_codings_take_words_out(basis, status, counts, coded):
    utterances, sentences = talk(("a", "p1", P, "", ["One two."]))
    found, by = coverage(utterances, sentences, codings((*place(utterances, "a:1", "One"), basis, status, counts)))
    assert found.empty == coded
    assert by["percent"][0] == (100.0 if coded else 0.0)


def test_what_ends_where_a_sentence_begins_does_not_touch_it():
    utterances, sentences = talk(("a", "p1", P, "", ["One two.", "Three four."]))
    _, start, end = place(utterances, "a:1", "One two. ")
    found, _ = coverage(utterances, sentences, codings(("a", start, end, "human", "accepted", True)))
    assert passages(found) == [("a:1", 2, 1, "Three four.")]


def test_who_withdrew_interrupts_and_documents_have_no_speaker():
    turns = [("a", "p1", P, "", ["One."]), ("a", "p2", "withdrawn", "", ["[withdrawn]"]), ("a", "p1", P, "", ["Two."])]
    utterances, sentences = talk(*turns, ("d", "", "heading", "", ["Head."]), ("d", "", "", "", ["Three four."]))
    found, by = coverage(utterances, sentences, codings())
    assert [text for *_, text in passages(found)] == ["Three four.", "One.", "Two."]
    assert by["value"].tolist() == ["all", "a", "d", "p1"]
    assert by["words"].tolist() == [4, 2, 2, 2]


def test_nothing_said_and_nothing_coded_are_tables_too():
    utterances, sentences = talk(("a", "m", M, "", ["Well?"]))
    found, by = coverage(utterances, sentences, codings())
    assert found.empty and by.empty
    assert list(found) == [column.name for column in tables.TABLES["coverage"].columns]
    assert list(by) == [column.name for column in tables.TABLES["coverage_by"].columns]


SENTENCES = st.lists(st.sampled_from(["One.", "Two words.", "And three words.", "—"]), min_size=0, max_size=4)
TURNS = st.lists(
    st.tuples(
        st.just("a"), st.sampled_from(["p1", "p2"]), st.sampled_from([P, M, ""]), st.sampled_from(["q1", ""]), SENTENCES
    ),
    min_size=1,
    max_size=8,
)
SPANS = st.lists(st.tuples(st.integers(0, 150), st.integers(1, 40)), max_size=4)


@given(TURNS, SPANS)
@settings(max_examples=150, deadline=None)
def test_every_word_is_either_in_a_passage_or_coded(turns, spans):
    utterances, sentences = talk(*turns)
    coded = [(start, start + length) for start, length in spans]
    found, by = coverage(utterances, sentences, codings(*(("a", *span, "human", "accepted", True) for span in coded)))
    bare = total = 0
    for row, spans_here in zip(utterances.itertuples(), sentences["a"], strict=True):
        for start, end in spans_here if row.role != M else ():
            words = count_words(row.text[start:end])
            touched = any(a < row.start + end and row.start + start < b for a, b in coded)
            total, bare = total + words, bare + words * (not touched)
    assert found["words"].sum() == bare
    assert found["words"].tolist() == sorted(found["words"], reverse=True)
    everything = by[by["attribute"] == "all"]
    assert everything["words"].sum() == total
    assert everything["words"].sum() - everything["coded_words"].sum() == bare
    # Passages do not overlap, and no one is in two of them.
    placed = found.sort_values("start")
    assert found["start"].is_unique and (placed["start"] < placed["end"]).all()

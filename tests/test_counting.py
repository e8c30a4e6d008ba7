import pandas as pd

from qualcode.counting import MOST_VALUES, coded, counted, figures_by_code, groupings
from qualcode.study import ADDITIONS
from qualcode.tables import frame

COLUMNS = ("coding", "code", "own", "utterance", "participant", "source")
# Two codings of support by two people, one of them over two utterances; one on the parent itself, credited to no one.
ROWS = pd.DataFrame(
    [
        ("c1", "help", False, "a:1", "p1", "a"),
        ("c1", "support", True, "a:1", "p1", "a"),
        ("c2", "help", False, "a:1", "p1", "a"),
        ("c2", "support", True, "a:1", "p1", "a"),
        ("c2", "help", False, "b:1", "p2", "b"),
        ("c2", "support", True, "b:1", "p2", "b"),
        ("c3", "help", True, "b:2", "", "b"),
    ],
    columns=COLUMNS,
).assign(role="participant")


def test_people_utterances_codings_and_sources_are_each_counted_once():
    found = figures_by_code(ROWS, ["help", "support"]).to_dict("records")
    assert found == [
        {"code": "help", "participants": 2, "utterances": 3, "codings": 3, "own_codings": 1, "sources": 2},
        {"code": "support", "participants": 2, "utterances": 2, "codings": 2, "own_codings": 2, "sources": 2},
    ]


def test_what_was_added_in_member_checks_counts_but_is_no_source():
    added = ROWS.replace({"source": {"b": ADDITIONS}})
    found = figures_by_code(added, ["help"]).to_dict("records")[0]
    assert (found["participants"], found["utterances"], found["codings"], found["sources"]) == (2, 3, 3, 1)
    talk = ROWS[["utterance", "role", "participant", "source"]].drop_duplicates("utterance").assign(question="")
    groups = list(groupings(talk.replace({"source": {"b": ADDITIONS}}), frame("attributes", []), ["source"]))
    assert [value for _, value, _ in groups] == ["a"]


def test_a_coding_on_a_moderators_words_is_a_coding_and_its_turn_no_utterance():
    on_moderator = ROWS.assign(role=["participant"] * 6 + ["moderator"])
    found = figures_by_code(on_moderator, ["help"]).to_dict("records")[0]
    assert (found["utterances"], found["codings"], found["participants"]) == (2, 3, 2)


def test_codes_stand_in_the_order_asked_for_with_noughts_where_nothing_was_coded():
    found = figures_by_code(ROWS, ["nothing", "support", "help"])
    assert list(found["code"]) == ["nothing", "support", "help"]
    assert found.iloc[0, 1:].tolist() == [0, 0, 0, 0, 0]
    assert figures_by_code(ROWS.iloc[:0], ["help"]).iloc[0, 1:].tolist() == [0, 0, 0, 0, 0]


def test_only_codings_that_count_are_read_with_every_code_above_them(study):
    study.write(
        "study.yaml",
        "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nguide: [{id: g1, text: Help, cues: [helped you]}]\n",
    )
    assert study.run("utterances", "parses", "open_codes", "axial_codes") == 0
    rows = counted(study.results)
    assert len(study.rows("open_codes")) > 2, "proposals stand in open_codes and are left out here"
    found = rows[["code", "level", "own", "utterance", "participant", "source", "question"]]
    assert set(found.itertuples(index=False, name=None)) == {
        ("help", 1, False, "talk:2", "p1", "talk", "g1"),
        ("support", 2, True, "talk:2", "p1", "talk", "g1"),
        ("clarity", 1, True, "talk:4", "p2", "talk", "g1"),
    }


def test_codings_that_count_stand_once_for_each_utterance_that_is_data():
    codings = pd.DataFrame({"coding": ["c1", "c2", "c3"], "counts": [True, False, True]})
    credits = pd.DataFrame(
        [("c1", "a:1", "p1"), ("c1", "a:2", ""), ("c1", "a:3", "p1"), ("c2", "a:1", "p1"), ("c3", "a:2", "")],
        columns=["coding", "utterance", "participant"],
    )
    utterances = pd.DataFrame({"utterance": ["a:1", "a:2", "a:3"], "role": ["participant", "moderator", ""]})
    found = coded(codings, credits, utterances)
    assert list(zip(found["coding"], found["utterance"], strict=True)) == [("c1", "a:1"), ("c1", "a:3")]


def test_an_attribute_that_tells_people_apart_is_left_out_unless_it_is_named(capsys):
    people = [f"p{number}" for number in range(MOST_VALUES + 1)]
    utterances = frame("utterances", [UTTERANCE | {"utterance": f"t:{key}", "participant": key} for key in people])
    ids = frame(
        "attributes", [{"subject": "participant", "id": k, "attribute": "code name", "value": k} for k in people]
    )
    assert {name for name, _, _ in groupings(utterances, ids, [])} == {"source"}
    assert "'code name' has 21 values, too many to count by" in capsys.readouterr().err
    assert len(list(groupings(utterances, ids, ["code name"]))) == 21


UTTERANCE = {"source": "t", "role": "participant", "question": "", "backchannel": False, "start": 0, "end": 1}
UTTERANCE |= {"time_start": "", "time_end": "", "text": "x"}

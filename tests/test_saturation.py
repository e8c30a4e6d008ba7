import pandas as pd
from saturating import coded, talk

from qualcode.saturation import saturation

FIGURES = ("codings", "codes", "new_codes", "codes_so_far")


def figures(table: pd.DataFrame, scope: str) -> list[tuple[int, ...]]:
    return list(table.loc[table["scope"] == scope, list(FIGURES)].itertuples(index=False, name=None))


# Ten turns of participants of equal length: each is a tenth of the talk.
TURNS = talk(("a", "moderator", 90), *[("a", "participant", 10)] * 4, *[("b", "participant", 10)] * 6)
CODED = coded(
    ("c1", "help", "a:2", False),
    ("c1", "support", "a:2", True),
    ("c2", "clarity", "a:2", True),
    ("c3", "support", "a:4", True),
    ("c4", "training", "b:1", True),
    ("c5", "support", "b:2", True),
    ("c5", "support", "b:3", True),
    ("c6", "clarity", "a:1", True),
    ("c6", "clarity", "a:2", True),
)


def test_new_codes_by_source_in_the_order_of_the_study():
    table = saturation(CODED, TURNS)
    assert figures(table, "source") == [(4, 2, 2, 2), (2, 2, 1, 3)]
    assert list(table.loc[table["scope"] == "source", "source"]) == ["a", "b"]


def test_new_codes_by_tenth_of_what_participants_said():
    nothing = (0, 0, 0)
    assert figures(saturation(CODED, TURNS), "tenth") == [
        (3, 2, 2, 2),
        (*nothing, 2),
        (1, 1, 0, 2),
        (*nothing, 2),
        (1, 1, 1, 3),
        (1, 1, 0, 3),
        *[(*nothing, 3)] * 4,
    ]


def test_the_order_of_the_rows_does_not_matter():
    pd.testing.assert_frame_equal(saturation(CODED.iloc[::-1], TURNS), saturation(CODED, TURNS))


def test_a_turn_belongs_to_the_tenth_in_which_it_begins():
    turns = talk(("a", "participant", 85), ("a", "participant", 5), ("a", "participant", 10))
    found = figures(saturation(coded(*[(f"c{n}", f"code{n}", f"a:{n}", True) for n in (1, 2, 3)]), turns), "tenth")
    assert [codings for codings, *_ in found] == [1, 0, 0, 0, 0, 0, 0, 0, 1, 1]


def test_sources_in_which_nothing_was_coded_stand_in_the_table_too():
    assert figures(saturation(CODED.iloc[:0], TURNS), "source") == [(0, 0, 0, 0)] * 2
    assert figures(saturation(CODED[CODED["source"] == "b"], TURNS), "source") == [(0, 0, 0, 0), (2, 2, 2, 2)]


def test_a_study_in_which_nobody_said_anything():
    table = saturation(CODED.iloc[:0], talk(("a", "moderator", 10)))
    assert figures(table, "tenth") == [(0, 0, 0, 0)] * 10


def test_the_step_counts_what_counts(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert study.run("utterances", "parses", "open_codes", "axial_codes", "saturation") == 0
    rows = study.rows("saturation")
    assert [row["position"] for row in rows] == ["1", *map(str, range(1, 11))]
    assert {key: rows[0][key] for key in ("scope", "source", *FIGURES)} == {
        "scope": "source",
        "source": "talk",
        "codings": "2",
        "codes": "2",
        "new_codes": "2",
        "codes_so_far": "2",
    }
    first = next(row for row in study.rows("new_information") if row["scope"] == "source")
    assert first["sentence"].startswith("Saturation cannot be computed by source: what coders finished has 1 focus gr")

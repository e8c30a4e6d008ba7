"""A reader who knows every person's attributes and the codebook attacks what is released with exact bounds."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from qualcode import frequencies as step
from qualcode.codebook import Code, Codebook
from qualcode.files import with_defaults
from qualcode.study import Source, Study
from qualcode.tables import frame

# code: the code above it
TREE = {"help": "", "support": "help", "advice": "help", "time": "", "evening": "time"}
ONLY_GATHER = {"help", "time"}


def a_codebook() -> Codebook:
    codes = []
    for code, parent in TREE.items():
        path = (parent, code) if parent else (code,)
        codes.append(Code(code, code, "", len(path), path, 1, code not in ONLY_GATHER))
    return Codebook(Path("x"), "B", "1", tuple(codes))


def a_world(seed: int) -> tuple[dict[str, dict[str, str]], set[tuple[str, str]]]:
    """Attributes by person, and who speaks of which leaf. District holds school: one is the other's sum."""
    chance = random.Random(seed)
    people = {}
    for number in range(chance.randint(6, 16)):
        school = chance.choice("aabbcde")
        known = {"school": school, "district": "east" if school in "ab" else "west", "years": chance.choice("1122223")}
        people[f"p{number}"] = {name: value for name, value in known.items() if chance.random() > 0.06}
    likely = chance.choice([0.15, 0.4, 0.7])
    leaves = [code for code in TREE if code not in ONLY_GATHER]
    return people, {(person, leaf) for person in people for leaf in leaves if chance.random() < likely}


def released(people, speaks, smallest, **settings) -> dict[str, pd.DataFrame]:
    utterances = frame(
        "utterances",
        [
            {"utterance": f"s:{n}", "source": "s", "participant": person, "role": "participant", "question": "q"}
            | {"backchannel": False, "start": n, "end": n, "time_start": "", "time_end": "", "text": ""}
            for n, person in enumerate(people)
        ],
    )
    participants = frame(
        "participants",
        [
            {"participant": person, "role": "participant", "pseudonym": person, "quote_consent": "yes"}
            | {"kind": "survey", "utterances": 1, "words": 1}
            for person in people
        ],
    )
    attributes = frame(
        "attributes",
        [
            {"subject": "participant", "id": person, "attribute": name, "value": value}
            for person, known in people.items()
            for name, value in known.items()
        ],
    )
    at = {person: f"s:{n}" for n, person in enumerate(people)}
    rows = []
    for number, (person, leaf) in enumerate(sorted(speaks)):
        for code in filter(None, (leaf, TREE[leaf])):
            row = {"coding": f"c{number}", "level": 1, "code": code, "own": code == leaf, "utterance": at[person]}
            rows.append(row | {"role": "participant", "participant": person, "source": "s", "question": "q"})
    columns = ["coding", "level", "code", "own", "utterance", "role", "participant", "source", "question"]
    counted = pd.DataFrame(rows, columns=columns).astype({"own": bool})
    typed = {"title": "T", "codebook": "x", "frequencies": {"smallest_cell": smallest}, **settings}
    source = Source("s", Path("x"), "survey")
    study = Study(Path("x"), with_defaults(typed, "study"), Path("x"), (source,), (), ())
    return step.make(study, a_codebook(), counted, utterances, participants, attributes)


def truth(people, speaks, attribute, value, code) -> int:
    """A plain count."""
    leaves = {leaf for leaf, parent in TREE.items() if code in (leaf, parent)}
    group = {person for person, known in people.items() if known.get(attribute) == value}
    return len({person for person, leaf in speaks if leaf in leaves and person in group})


class Reader:
    """The tightest bounds of any cell: a variable for each person and code, as far as the tables do not tell it."""

    def __init__(self, people, tables):
        self.people, self.codes = list(people), list(TREE)
        self.known = people
        self.rows, self.low, self.high = [], [], []
        for person in self.people:
            for code, parent in TREE.items():
                if parent:
                    self.add({(person, parent): 1, (person, code): -1}, 0, 1)
            for parent in ONLY_GATHER:
                below = {(person, code): 1 for code, above in TREE.items() if above == parent}
                self.add({**below, (person, parent): -1}, 0, len(below))
        for row in tables["frequencies"].to_dict("records"):
            self.add({(person, row["code"]): 1 for person in self.people}, *[row["participants"]] * 2)
        for row in tables["frequencies_by"].to_dict("records"):
            # Sources and questions are everyone here.
            if row["attribute"] in ("school", "district", "years") and not row["suppressed"]:
                self.add(self.cell(row["attribute"], row["value"], row["code"]), *[row["participants"]] * 2)

    def cell(self, attribute, value, code):
        return {(person, code): 1 for person in self.people if self.known[person].get(attribute) == value}

    def vector(self, weights):
        made = np.zeros(len(self.people) * len(self.codes))
        for (person, code), weight in weights.items():
            made[self.people.index(person) * len(self.codes) + self.codes.index(code)] = weight
        return made

    def add(self, weights, low, high):
        self.rows.append(self.vector(weights))
        self.low.append(low)
        self.high.append(high)

    def bounds(self, weights) -> tuple[int, int]:
        goal = self.vector(weights)
        limits = LinearConstraint(np.array(self.rows), self.low, self.high)
        ends = []
        for sign in (1, -1):
            found = milp(sign * goal, constraints=limits, integrality=np.ones(len(goal)), bounds=Bounds(0, 1))
            assert found.success, found.message
            ends.append(round(sign * found.fun))
        return ends[0], ends[1]


def test_where_there_is_no_group_nothing_is_left_out():
    frequencies = {"smallest_cell": 5, "by": ["school"]}
    confidential = {"attributes": ["school"]}
    people = {"a": {"school": "x"}, "b": {"school": "y"}}
    tables = released(people, {("a", "time")}, 5, frequencies=frequencies, confidential=confidential)
    assert len(tables["frequencies_by"]) == 0
    assert list(tables["frequencies"]["participants"]) == [0, 0, 0, 1, 0]


@pytest.mark.parametrize("seed", range(30))
def test_no_reader_learns_how_few_people_are_in_a_small_cell(seed):
    people, speaks = a_world(seed)
    smallest = 2 + seed % 3
    tables = released(people, speaks, smallest)
    reader = Reader(people, tables)
    # Where everyone speaks of a code, the table of all people has told it already.
    without = Reader(
        people, {"frequencies": tables["frequencies"], "frequencies_by": tables["frequencies_by"].iloc[:0]}
    )
    for row in tables["frequencies_by"].to_dict("records"):
        if row["attribute"] not in ("school", "district", "years"):
            continue
        cell = (row["attribute"], row["value"], row["code"])
        there = truth(people, speaks, *cell)
        everyone = all(known.get(row["attribute"]) == row["value"] for known in people.values())
        if not row["suppressed"]:
            assert row["participants"] == there
            assert there == 0 or there >= smallest or everyone
        elif 0 < there < smallest:
            low, high = reader.bounds(reader.cell(*cell))
            before = without.bounds(reader.cell(*cell))
            assert low < high or before == (low, high), f"{cell} is told: {there}"


@pytest.mark.parametrize("seed", range(12))
def test_small_groups_are_told_nowhere_and_cannot_be_taken_from_the_sum(seed):
    people, speaks = a_world(seed)
    tables = released(people, speaks, 3)
    made_up, by = tables["sample"], tables["frequencies_by"]
    for attribute, values in made_up.groupby("attribute"):
        left = values[values["suppressed"]]
        size = {value: sum(known.get(attribute) == value for known in people.values()) for value in values["value"]}
        shown = values[~values["suppressed"]]
        assert {value: int(n) for value, n in zip(shown["value"], shown["participants"], strict=True)} == {
            value: n for value, n in size.items() if value in set(shown["value"])
        }
        assert all(n >= 3 for value, n in size.items() if value in set(shown["value"]))
        assert left["participants"].isna().all()
        assert len(left) != 1 or len(values) == 1
        inside = by[(by["attribute"] == attribute) & by["value"].isin(left["value"])]
        assert inside["suppressed"].all()
        assert inside[["of_participants", "of_present", "participants_percent", "utterances"]].isna().all().all()


def test_codings_add_up_over_codes_and_are_not_told_by_group():
    tables = released(*a_world(3), 2)
    assert tables["frequencies_by"][["codings", "own_codings"]].isna().all().all()
    assert released(*a_world(3), 0)["frequencies_by"]["codings"].notna().all()


def test_without_a_limit_every_figure_is_told():
    people, speaks = a_world(5)
    by = released(people, speaks, 0)["frequencies_by"]
    assert not by["suppressed"].any()
    assert all(
        row["participants"] == truth(people, speaks, row["attribute"], row["value"], row["code"])
        for row in by.to_dict("records")
        if row["attribute"] in ("school", "district", "years")
    )


def test_confidential_attributes_are_counted_by_nowhere():
    tables = released(*a_world(2), 0, confidential={"attributes": ["school"]})
    assert "school" not in set(tables["frequencies_by"]["attribute"]) | set(tables["sample"]["attribute"])
    assert "school" not in tables["cases"].columns
    assert "district" in tables["cases"].columns


def test_pairs_of_codes_of_fewer_people_are_left_out():
    people, speaks = a_world(4)
    pairs = {tuple(row[:2]): row[5] for row in released(people, speaks, 0)["cooccurrences"].to_numpy().tolist()}
    kept = released(people, speaks, 4)["cooccurrences"]
    assert set(zip(kept["code_a"], kept["code_b"], strict=True)) == {pair for pair, n in pairs.items() if n >= 4}
    assert 0 < len(kept) < len(pairs)

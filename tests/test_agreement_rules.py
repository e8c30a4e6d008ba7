import time
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from qualcode import tables
from qualcode.agreement.rho import rho
from qualcode.agreement.rules import Sample, rule_quality, samples
from qualcode.codebook import load_codebook
from qualcode.measures.groups import Groups, findings, groups_of, worse
from qualcode.measures.units import Unit

BOOK = """codebook: B
codes:
- code: support
  words: [support]
- code: training
  words: [training]
- code: feeling
- code: silence
  patterns: [[{LOWER: silence}]]
"""


@pytest.fixture
def codebook(tmp_path):
    path = tmp_path / "codebook.yaml"
    path.write_text(BOOK, "utf-8")
    return load_codebook(path)


def units_of(*people: str, each: int = 1, source: str = "talk") -> list[Unit]:
    """Units of ten characters, `each` of every person in a row."""
    said = [person for person in people for _ in range(each)]
    return [
        Unit(f"{source}:{n}", source, 10 * n - 10, 10 * n, f"words {n}", person) for n, person in enumerate(said, 1)
    ]


def attributes(**values: dict[str, str]):
    rows = [
        {"subject": "participant", "id": person, "attribute": attribute, "value": value}
        for attribute, people in values.items()
        for person, value in people.items()
    ]
    return tables.frame("attributes", rows)


def quality(codebook, units, person, rules, *, sampled=None, known=None, evidence=None, done=None, coder="anna"):
    """The three tables of one coder who finished everything, or of several if `person` is a dict."""
    given = person if isinstance(person, dict) else {coder: person}
    ends = {source: max(u.end for u in units if u.source == source) for source in {u.source for u in units}}
    finished = {(source, name): end for source, end in ends.items() for name in given} if done is None else done
    return rule_quality(
        units,
        given,
        rules,
        finished,
        sampled or {},
        known if known is not None else attributes(),
        codebook,
        evidence or {},
    )


def row(table, **wanted):
    found = [line for line in table.to_dict("records") if all(line[key] == value for key, value in wanted.items())]
    assert len(found) == 1, found
    return found[0]


def pairs(code: str, *numbers: int, source: str = "talk") -> set[tuple[str, str]]:
    return {(f"{source}:{number}", code) for number in numbers}


def test_figures_by_hand(codebook):
    units = units_of("p1", "p2", each=5)
    table, _, _ = quality(
        codebook, units, pairs("support", 1, 2, 3, 6), pairs("support", 2, 3, 6, 7, 8) | pairs("training", 1)
    )
    found = row(table, code="support")
    wanted = {"participants": 2, "units": 10, "coded": 4, "found": 3, "missed": 1, "wrong": 2}
    assert {key: found[key] for key in wanted} == wanted
    assert (found["precision"], found["recall"], found["f1"]) == (0.6, 0.75, pytest.approx(2 / 3))
    # Observed 7 of 10; by chance 0.4 * 0.5 + 0.6 * 0.5.
    assert found["kappa"] == pytest.approx((0.7 - 0.5) / 0.5)
    assert np.isnan(found["low"]) and np.isnan(found["high"]) and "no interval: 2 participants" in found["note"]
    every = row(table, code="all")
    assert [every[key] for key in ("units", "coded", "found", "missed", "wrong")] == [30, 4, 3, 1, 3]


def test_what_is_not_defined_is_empty_and_says_why(codebook):
    table, _, _ = quality(codebook, units_of("p1", each=3), pairs("feeling", 1), pairs("training", 2))
    nothing = row(table, code="silence")
    assert np.isnan([nothing[key] for key in ("precision", "recall", "f1", "kappa", "rho")]).all()
    assert "neither gave the code" in nothing["note"]
    training = row(table, code="training")
    assert (training["precision"], training["kappa"]) == (0, 0)
    assert np.isnan([training["recall"], training["f1"]]).all()
    feeling = row(table, code="feeling")
    assert feeling["note"] == "this code has no words or patterns"
    assert (feeling["coded"], feeling["units"]) == (1, 3) and np.isnan([feeling["recall"], feeling["kappa"]]).all()
    assert list(table["code"]) == ["support", "training", "feeling", "silence", "all"]
    # Nor is it in what is pooled.
    assert row(table, code="all")["coded"] == 0


def test_only_what_the_person_finished_is_compared(codebook):
    units = units_of("p1", each=4) + units_of("p2", each=2, source="second")
    person = {"anna": pairs("support", 1, 4), "ben": pairs("support", 1), "cleo": set()}
    done = {("talk", "anna"): 30, ("second", "anna"): 20, ("talk", "ben"): 9}
    table, _, errors = quality(codebook, units, person, pairs("support", 2, 4), done=done)
    assert set(table["coder"]) == {"anna"}
    found = row(table, code="support")
    assert [found[key] for key in ("units", "coded", "found", "missed", "wrong")] == [5, 1, 0, 1, 1]
    assert list(errors["unit"]) == ["talk:1", "talk:2"]


def test_errors_are_told_in_the_order_of_the_talk_with_what_the_rules_met(codebook):
    units = units_of("p1", "p2", each=6)
    person = {"ben": pairs("support", 10, 2), "anna": pairs("support", 2, 10) | pairs("feeling", 3)}
    rules = pairs("support", 9, 2) | pairs("training", 9, 1)
    evidence = {("talk:9", "support"): "support met here", ("talk:10", "support"): "never told"}
    _, _, errors = quality(codebook, units, person, rules, evidence=evidence)
    told = errors[["unit", "code", "coder", "error"]].to_numpy().tolist()
    assert told == [
        ["talk:1", "training", "anna", "wrong"],
        ["talk:1", "training", "ben", "wrong"],
        ["talk:9", "support", "anna", "wrong"],
        ["talk:9", "support", "ben", "wrong"],
        ["talk:9", "training", "anna", "wrong"],
        ["talk:9", "training", "ben", "wrong"],
        ["talk:10", "support", "anna", "missed"],
        ["talk:10", "support", "ben", "missed"],
    ]
    wrong = row(errors, unit="talk:9", code="support", coder="anna")
    assert (wrong["evidence"], wrong["text"], wrong["participant"], wrong["source"]) == (
        "support met here", "words 9", "p2", "talk",
    )  # fmt: skip


def test_intervals_need_ten_participants(codebook):
    def interval(people: int):
        units = units_of(*(f"p{n}" for n in range(people)), each=8)
        every = range(1, 8 * people + 1)
        person = pairs("support", *(n for n in every if n % 3 == 0))
        rules = pairs("support", *(n for n in every if (n % 3 == 0 and n % 5) or n % 7 == 0))
        found = row(quality(codebook, units, person, rules)[0], code="support")
        return found["low"], found["kappa"], found["high"]

    low, kappa, high = interval(10)
    assert low < kappa < high < 1 and high - low < 0.6
    assert np.isnan(interval(9)[0]) and np.isnan(interval(9)[2])


def test_rho_only_where_a_random_sample_was_read(codebook):
    units = units_of("p1", "p2", each=100)
    ids = [unit.unit for unit in units]
    given, rules = pairs("support", *range(1, 30)), pairs("support", *range(2, 32))
    read = {*ids[::2], "sample.xlsx, row 3"}
    sampled = {"anna": Sample(read, {pair for pair in given if pair[0] in ids[::2]})}
    person = {"anna": given, "ben": given}
    table, _, _ = quality(codebook, units, person, rules, sampled=sampled)
    without = row(table, code="support", coder="ben")
    assert np.isnan([without["rho"], without["sample_kappa"]]).all() and without["sample_units"] == 0
    assert "rho: not applicable, there is no random sample (qualcode review --sample)" in without["note"]
    found = row(table, code="support", coder="anna")
    # Units 1, 3, … of 1 to 29 are coded, and rules miss the first and take the 31st.
    kappa = (98 / 100 - (0.15**2 + 0.85**2)) / (1 - (0.15**2 + 0.85**2))
    assert found["sample_units"] == 100 and found["sample_kappa"] == pytest.approx(kappa)
    assert found["rho"] == rho(kappa, 0.15, 100) < 0.05
    assert "1 unit of the sample left out" in found["note"] and "not applicable" not in found["note"]
    silence = row(table, code="silence", coder="anna")
    assert np.isnan(silence["rho"]) and "0 of 100 units in the sample have the code" in silence["note"]
    every = row(table, code="all", coder="anna")
    assert np.isnan(every["rho"]) and every["sample_kappa"] > 0.8


def test_a_sample_without_further_coding_counts_and_its_errors_stay_untold(codebook):
    units = units_of("p1", each=40)
    sampled = {"anna": Sample({unit.unit for unit in units}, pairs("support", 1, 2, 3) | pairs("feeling", 4))}
    table, by, errors = quality(codebook, units, {}, pairs("support", 2, 3, 30), sampled=sampled, done={})
    found = row(table, code="support")
    assert (found["units"], found["coded"], found["sample_units"]) == (0, 0, 40)
    assert found["sample_kappa"] == pytest.approx(0.6396, abs=1e-4)
    assert "rho is not below 0.05" in found["note"] and found["rho"] > 0.05
    assert row(table, code="feeling")["sample_units"] == 40
    assert len(by) == 0 and len(errors) == 0


def line(number: int, action: str, start, end, code="", now="", sample=True):
    """A row of the table decisions."""
    return {
        **dict.fromkeys(("participant", "coding", "round", "by", "at", "outcome"), ""),
        "coder": "anna", "file": "sample.xlsx", "row": number, "action": action, "source": "talk", "code": code, "now": now,
        "start": start, "end": end, "sample": sample, "holds": True,
    }  # fmt: skip


def test_samples_are_read_from_the_record(codebook):
    units = units_of("p1", each=3)
    decisions = tables.frame(
        "decisions",
        [
            line(2, "sampled", 0, 10),
            line(2, "apply", 0, 10, "help", "support"),
            line(3, "sampled", 10, 20),
            line(4, "sampled", 20, 29),
            line(4, "apply", 20, 29, "training", "training"),
            line(5, "sampled", None, None),
            line(6, "apply", 10, 20, "training", "training", sample=False),
        ],
    )
    gone = {"sample.xlsx, row 4", "sample.xlsx, row 5"}
    assert samples(decisions, units) == {
        "anna": Sample({"talk:1", "talk:2", *gone}, {("talk:1", "support"), ("sample.xlsx, row 4", "training")})
    }
    found = row(quality(codebook, units, {}, set(), sampled=samples(decisions, units), done={})[0], code="support")
    assert found["sample_units"] == 2 and "2 units of the sample left out" in found["note"]


WAITS = "not decided yet ('none' says that no code fits): rho waits for them"


def test_units_that_are_not_decided_yet_are_read_from_the_record(codebook):
    units = units_of("p1", each=4)
    rows = [line(2, "sampled", 0, 10), line(3, "note", 10, 20), line(4, "note", 0, 10), line(5, "note", 20, 29)]
    rows.append(line(6, "note", 30, 40, sample=False))
    found = samples(tables.frame("decisions", rows), units)
    # What was read in one file waits in no other.
    assert found == {"anna": Sample({"talk:1"}, set(), {"talk:2", "sample.xlsx, row 5"})}
    told = row(quality(codebook, units, {}, set(), sampled=found, done={})[0], code="support")
    assert told["sample_units"] == 1 and f"1 of 2 units of the random sample is {WAITS}" in told["note"]
    assert "1 unit of the sample left out: no unit stands there any more" in told["note"]


def test_rho_waits_until_all_units_that_were_drawn_are_decided(codebook):
    units = units_of("p1", each=80)
    ids = [unit.unit for unit in units]
    given, rules = pairs("support", *range(1, 30)), pairs("support", *range(2, 32))

    def figures(waiting: int):
        sample = Sample(set(ids[waiting:]), {pair for pair in given if pair[0] in ids[waiting:]}, set(ids[:waiting]))
        table = quality(codebook, units, {}, rules, sampled={"anna": sample}, done={})[0]
        return row(table, code="support"), row(table, code="all")

    for found in figures(12):
        assert np.isnan([found["rho"], found["sample_kappa"]]).all() and found["sample_units"] >= 68
        assert f"12 of 80 units of the random sample are {WAITS}" in found["note"].split("; ")
        assert found["note"].count("rho") == 1
    support, every = figures(0)
    assert support["rho"] < 0.05 and support["sample_kappa"] > 0.9 and every["sample_kappa"] > 0.9
    assert "not decided" not in support["note"] + every["note"]


def test_attributes_that_make_no_groups_are_passed_over():
    people = [f"p{n}" for n in range(20)]
    known = attributes(
        name={person: f"name {person}" for person in people},
        many={person: f"v{n % 13}" for n, person in enumerate(people)},
        same=dict.fromkeys(people, "yes"),
        twelve={person: f"v{n % 12:02}" for n, person in enumerate(people)},
        school={**{person: "b" if n % 2 else "a" for n, person in enumerate(people)}, "p0": "", "someone else": "c"},
    )
    groups = groups_of(known, people)
    assert [name for name in groups.names if name[0] == "school"] == [("school", "a"), ("school", "b")]
    assert {name for name, _ in groups.names} == {"twelve", "school"} and len(groups.names) == 14
    # Whose value is empty is on neither side.
    assert (groups.inside[-2].sum(), groups.others[-2].sum()) == (9, 10)
    assert not groups.inside[-2:, 0].any() and not groups.others[-2:, 0].any()


def study_of(random, people: int, codes: int, alike: float, worse_for=None, by_recall=0.7, bias=0.5):
    """(bad, units, groups): what rules miss, of what each person said about each code.

    Recall differs between people (beta with `alike` as the size of its sample), and is `bias` lower for the people of
    the first attribute's first value if that is planted.
    """
    values = [random.permutation(np.arange(people) % kinds) for kinds in (2, 3)]
    inside = np.array([of == value for of in values for value in range(of.max() + 1)])
    recall = random.beta(by_recall * alike, (1 - by_recall) * alike, people)
    if worse_for is not None:
        recall = np.where(inside[worse_for], np.clip(recall - bias, 0, 1), recall)
    units = random.poisson(5, (people, codes))
    bad = random.binomial(units, 1 - recall[:, np.newaxis])
    names = [("school", "0"), ("school", "1"), ("years", "0"), ("years", "1"), ("years", "2")]
    return bad, units, Groups(names, inside, ~inside)


@pytest.mark.parametrize("alike", [1000, 10, 3])
def test_of_200_studies_without_bias_about_5_percent_name_a_group(alike):
    """Also where the words of one person are much alike, as they are."""
    random = np.random.default_rng(7)
    named = by_units = 0
    for _ in range(200):
        bad, units, groups = study_of(random, people=20, codes=4, alike=alike)
        named += any(finding.fails for line in findings(bad, units, groups) for finding in line)
        by_units += fisher_and_holm(bad, units, groups)
    # 19 of 200 or more are seen in less than 1 % of cases where the rate is 5 %.
    assert named < 19
    # Why people are shuffled: a test that takes units for independent names a group where people differ.
    assert by_units > 40 if alike == 3 else by_units < 30


def fisher_and_holm(bad, units, groups) -> bool:
    """Whether Fisher's exact test on units, corrected after Holm, names any group."""
    chances = []
    for inside in groups.inside:
        for errors, of in zip(bad.T, units.T, strict=True):
            wrong, right = ([data[who].sum() for who in (inside, ~inside)] for data in (errors, of - errors))
            chances.append(fisher_exact(list(zip(wrong, right, strict=True)), alternative="greater").pvalue)
    return min(chances) * len(chances) < 0.05


def test_a_planted_bias_is_found_and_put_where_it_is():
    random = np.random.default_rng(11)
    named = [0] * 5
    for _ in range(40):
        bad, units, groups = study_of(random, people=20, codes=4, alike=10, worse_for=0)
        for position, line in enumerate(findings(bad, units, groups)):
            named[position] += any(finding.fails for finding in line)
    assert named[0] >= 32
    assert named[1] == 0 and max(named[2:]) <= 6


def test_a_group_for_which_rules_fail_is_named_in_plain_words(codebook):
    """Half of the people say it in words that the rules do not have."""
    people = [f"p{n:02}" for n in range(16)]
    units = units_of(*people, each=10)
    coded = [10 * n + m for n in range(16) for m in (1, 2, 3, 4)]
    met = [10 * n + m for n in range(16) for m in ((1, 2, 3, 4) if n % 2 else (1,))]
    known = attributes(school={person: "urban" if n % 2 else "rural" for n, person in enumerate(people)})
    _, by, _ = quality(codebook, units, pairs("support", *coded), pairs("support", *met), known=known)
    rural = row(by, code="support", value="rural")
    wanted = {"participants": 8, "units": 80, "coded": 32, "found": 8, "missed": 24, "wrong": 0, "fails": True}
    assert {key: rural[key] for key in wanted} == wanted
    assert (rural["recall"], rural["recall_of_others"], rural["precision"]) == (0.25, 1, 1)
    assert rural["note"].startswith(
        "missed more often than elsewhere: 24 of 32 units of 8 participants, beside 0 of 32 units of 8 participants (p = 0.0"
    )
    assert "taken wrongly more" not in rural["note"]
    urban = row(by, code="support", value="urban")
    assert not urban["fails"] and "more often" not in urban["note"] and "missed" not in urban["note"]
    assert row(by, code="all", value="rural")["fails"]
    # Codes that nobody gave are not told of.
    assert set(by["code"]) == {"support", "all"}


def test_what_is_taken_wrongly_for_a_group_is_named_too(codebook):
    people = [f"p{n:02}" for n in range(16)]
    units = units_of(*people, each=10)
    met = [10 * n + m for n in range(16) for m in (1, 2, 3, 4)]
    coded = [10 * n + m for n in range(16) for m in ((1, 2, 3, 4) if n % 2 else (1,))]
    known = attributes(school={person: "urban" if n % 2 else "rural" for n, person in enumerate(people)})
    _, by, _ = quality(codebook, units, pairs("support", *coded), pairs("support", *met), known=known)
    rural = row(by, code="support", value="rural")
    assert rural["fails"] and (rural["precision"], rural["precision_of_others"], rural["recall"]) == (0.25, 1, 1)
    assert "taken wrongly more often than elsewhere: 24 of 32 units" in rural["note"]


def test_small_groups_are_not_over_read(codebook):
    """Everything is missed in what 4 people said, and nothing elsewhere: they are too few all the same."""
    people = [f"p{n:02}" for n in range(20)]
    units = units_of(*people, each=10)
    coded = range(1, 201)
    met = range(41, 201)
    known = attributes(school={person: "rural" if n < 4 else "urban" for n, person in enumerate(people)})
    _, by, _ = quality(codebook, units, pairs("support", *coded), pairs("support", *met), known=known)
    rural, urban = row(by, code="support", value="rural"), row(by, code="support", value="urban")
    assert not by["fails"].any() and (rural["recall"], rural["recall_of_others"]) == (0, 1)
    assert "missed: too few to tell (4 participants, 40 units)" in rural["note"]
    assert "missed: too few others to tell (4 participants, 40 units)" in urban["note"]
    assert np.isnan(rural["precision"]) and "taken wrongly: too few to tell (0 participants, 0 units)" in rural["note"]


def test_one_person_is_no_group(codebook):
    """All errors are in the words of one talkative person: by units they would be far beyond chance."""
    people = [f"p{n:02}" for n in range(16)]
    units = units_of(*people, each=3) + units_of("p00", each=60, source="second")
    coded = {(unit.unit, "support") for unit in units}
    known = attributes(school={person: "urban" if n % 2 else "rural" for n, person in enumerate(people)})
    rules = {(unit.unit, "support") for unit in units if unit.participant != "p00"}
    _, by, _ = quality(codebook, units, coded, rules, known=known)
    assert row(by, code="support", value="rural")["recall"] < 0.3
    assert not by["fails"].any()


def test_people_whom_no_one_knows_are_in_no_group_and_count_by_source(codebook):
    units = units_of("", each=4) + units_of("", each=4, source="second")
    table, by, _ = quality(
        codebook, units, pairs("support", 1, 2), pairs("support", 2), known=attributes(school={"p1": "a"})
    )
    assert row(table, code="support")["participants"] == 2 and len(by) == 0


def test_without_people_or_units_there_are_empty_tables(codebook):
    for table in rule_quality([], {}, set(), {}, {}, attributes(), codebook, {}):
        assert len(table) == 0
    for name, table in zip(
        ("rule_quality", "rule_quality_by", "rule_errors"), quality(codebook, units_of("p1"), set(), set()), strict=True
    ):
        assert list(table.columns) == [column.name for column in tables.TABLES[name].columns]


def test_the_tables_can_be_written_and_read(codebook, tmp_path):
    people = [f"p{n:02}" for n in range(12)]
    units = units_of(*people, each=10)
    known = attributes(school={person: "ab"[n % 2] for n, person in enumerate(people)})
    sampled = {"anna": Sample({unit.unit for unit in units[::3]}, pairs("support", 1, 4))}
    made = quality(
        codebook,
        units,
        pairs("support", *range(1, 40, 2)),
        pairs("support", *range(1, 50, 3)),
        known=known,
        sampled=sampled,
    )
    again = quality(
        codebook,
        units,
        pairs("support", *range(1, 40, 2)),
        pairs("support", *range(1, 50, 3)),
        known=known,
        sampled=sampled,
    )
    for name, table, same in zip(("rule_quality", "rule_quality_by", "rule_errors"), made, again, strict=True):
        tables.write(tmp_path, name, table)
        first = (tmp_path / tables.TABLES[name].file).read_bytes()
        assert len(tables.read(tmp_path, name)) == len(table) > 0
        tables.write(tmp_path, name, same)
        assert (tmp_path / tables.TABLES[name].file).read_bytes() == first


def test_shuffling_gives_the_share_of_all_arrangements_that_are_as_extreme():
    """One comparison of 6 people with 6: of the 924 arrangements, 1 is as extreme as that which was observed."""
    inside = np.array([[True] * 6 + [False] * 6])
    units = np.full((12, 1), 10)
    bad = np.array([[5], [6], [7], [8], [6], [5], [1], [2], [1], [0], [2], [1]])
    groups = Groups([("school", "a")], inside, ~inside)
    assert worse(bad, units, groups, [[True]])[0, 0] == pytest.approx(1 / 924, abs=0.004)
    mixed = np.array([[5], [2], [7], [1], [6], [2], [1], [5], [1], [6], [2], [1]])
    observed = mixed[:6].sum()
    exact = np.mean([mixed[list(chosen)].sum() >= observed for chosen in combinations(range(12), 6)])
    assert 0.05 < exact < 0.5
    assert worse(mixed, units, groups, [[True]])[0, 0] == pytest.approx(exact, abs=0.05)
    assert np.isnan(worse(bad, units, groups, [[False]])).all()


def test_a_large_study_takes_little_time(codebook):
    random = np.random.default_rng(5)
    people = [f"p{n:03}" for n in range(60)]
    units = units_of(*people, each=100)
    ids = [unit.unit for unit in units]
    codes = ["support", "training", "silence"]
    given, met = (
        {(ids[n], codes[k]) for n, k in zip(random.integers(0, 6000, size), random.integers(0, 3, size), strict=True)}
        for size in (1500, 6000)
    )
    known = attributes(**{f"a{k}": {person: f"v{n % (k + 2)}" for n, person in enumerate(people)} for k in range(4)})
    begin = time.perf_counter()
    quality(codebook, units, given, met, known=known, sampled={"anna": Sample(set(ids[:200]), given)})
    assert time.perf_counter() - begin < 5

"""Who gave what to which units, against counting them one by one."""

from collections import Counter

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from qualcode.agreement.comparing import Given, Line, Span, compare, differences
from qualcode.measures.units import Unit

CODES = ["x", "y"]
# Utterances of two sources: between them stands what is no unit.
UNITS = [
    Unit("s:1", "s", 3, 10, "", "p1"),
    Unit("s:2", "s", 10, 14, "", "p2"),
    Unit("s:4", "s", 20, 31, "", "p1"),
    Unit("t:1", "t", 0, 6, "", ""),
    Unit("t:3", "t", 9, 12, "", "p1"),
]
SPAN = st.tuples(
    st.sampled_from(["s", "t", "elsewhere"]), st.integers(0, 40), st.integers(1, 20), st.sampled_from(CODES)
)
SPANS = st.lists(SPAN.map(lambda made: Span(made[0], made[1], made[1] + made[2], made[3])), max_size=8)
DONE = st.fixed_dictionaries({}, optional={"s": st.sampled_from([10, 14, 31, 60]), "t": st.sampled_from([6, 12, 60])})


def what(spans, done, of_rules=frozenset()):
    marked = {(source, coder): end for coder, sources in done.items() for source, end in sources.items()}
    return Given(spans, marked, CODES, of_rules, "v")


def touches(unit, spans, code, at=None):
    places = range(unit.start, unit.end) if at is None else [at]
    return any(
        span.source == unit.source and span.code == code and any(span.start <= place < span.end for place in places)
        for span in spans
    )


def counted(level, spans, done):
    """(cluster, code, who gave it) of each unit that all finished, counted one by one."""
    found = Counter()
    for unit in UNITS:
        if any(done[coder].get(unit.source, -1) < unit.end for coder in spans):
            continue
        for at in range(unit.start, unit.end) if level == "character" else [None]:
            for code in CODES:
                who = tuple(touches(unit, of_coder, code, at) for of_coder in spans.values())
                found[unit.cluster, code, who] += 1
    return found


@examples(deadline=None, max_examples=150)
@given(st.sampled_from(["utterance", "character"]), SPANS, SPANS, DONE, DONE)
def test_cells_are_those_of_counting_one_by_one(level, of_a, of_b, done_a, done_b):
    spans, done = {"a": of_a, "b": of_b}, {"a": done_a, "b": done_b}
    found = list(compare(what(spans, done), Line(level, UNITS, [*of_a, *of_b])))
    expected = counted(level, spans, done)
    used = [code for code in CODES if any(touches(unit, [*of_a, *of_b], code) for unit in UNITS)]
    if not used or not expected:
        assert found == []
        return
    (pair,) = found
    assert pair.codes == used
    cells = pair.by_cluster("all")
    assert cells.sum() == sum(count for (_, code, _), count in expected.items() if code in used)
    kinds = {0: (True, True), 1: (True, False), 2: (False, True), 3: (False, False)}
    for position, code in enumerate(used):
        for kind, who in kinds.items():
            by_one = [count for (_, of, gave), count in expected.items() if (of, gave) == (code, who)]
            assert sorted(cells[:, position, kind][cells[:, position, kind] > 0].tolist()) == sorted(by_one)
    by_source = sum(pair.by_cluster(scope).sum(axis=0) for scope in pair.scopes[1:])
    assert len(pair.scopes) == 1 or (by_source == cells.sum(axis=0)).all()


@examples(deadline=None, max_examples=80)
@given(SPANS, SPANS, SPANS)
def test_of_three_the_cells_tell_how_many_gave_the_code(of_a, of_b, of_c):
    spans, done = {"a": of_a, "b": of_b, "c": of_c}, {coder: {"s": 60, "t": 60} for coder in "abc"}
    found = {item.coders: item for item in compare(what(spans, done), Line("utterance", UNITS))}
    expected = counted("utterance", spans, done)
    used = any(touches(unit, of_a + of_b + of_c, code) for unit in UNITS for code in CODES)
    assert (("a", "b", "c") in found) == used
    if used:
        together = found["a", "b", "c"]
        sums = together.by_cluster("all").sum(axis=0).tolist()
        for position, code in enumerate(together.codes):
            number = Counter()
            for (_, of, who), count in expected.items():
                number[sum(who)] += count * (of == code)
            assert sums[position] == [number[k] for k in range(4)]


@examples(deadline=None, max_examples=80)
@given(SPANS, DONE, DONE)
def test_stretches_lie_on_the_characters_that_both_finished(spans, done_a, done_b):
    done = {"a": done_a, "b": done_b}
    finished = [u for u in UNITS if all(done[c].get(u.source, -1) >= u.end for c in "ab")]
    ordered = [(u.source, at) for u in finished for at in range(u.start, u.end)]
    for pair in compare(what({"a": spans, "b": []}, done), Line("character", UNITS, spans)):
        row, start, end = pair.stretches[0]
        made = sorted(
            (pair.codes[r], tuple(range(s, e)))
            for r, s, e in zip(row.tolist(), start.tolist(), end.tolist(), strict=True)
        )
        expected = []
        for span in spans:
            inside = tuple(
                place
                for place, (source, at) in enumerate(ordered)
                if source == span.source and span.start <= at < span.end
            )
            expected += [(span.code, inside)] if inside else []
        assert made == sorted(expected)
        assert pair.bounds("all") == (0, len(ordered))
        for scope in pair.scopes[1:]:
            here = [place for place, (source, _) in enumerate(ordered) if source == scope]
            assert pair.bounds(scope) == (here[0], here[-1] + 1)


def test_what_goes_on_into_the_words_of_a_moderator_touches_nothing_of_the_next_source():
    spans = [Span("s", 25, 60, "x")]
    (pair,) = compare(
        what({"a": spans, "b": []}, {"a": {"s": 60, "t": 60}, "b": {"s": 60, "t": 60}}), Line("utterance", UNITS)
    )
    assert [row["unit"] for _, _, row in differences(pair)] == ["s:4"]


def test_who_is_compared_with_whom():
    everyone = {name: [] for name in ("rules", "ben", "consensus", "anna", "cleo")}
    assert what(everyone, {}).groups == [
        ("anna", "ben"),
        ("anna", "cleo"),
        ("anna", "rules"),
        ("ben", "cleo"),
        ("ben", "rules"),
        ("cleo", "rules"),
        ("consensus", "rules"),
        ("anna", "ben", "cleo"),
    ]


def test_rules_finish_everything_and_are_compared_on_codes_that_have_some():
    spans = {"a": [Span("s", 3, 10, "x"), Span("s", 3, 10, "y")], "rules": [Span("s", 3, 5, "y", "met")]}
    (pair,) = compare(what(spans, {"a": {"s": 10}}, frozenset("y")), Line("utterance", UNITS))
    assert pair.codes == ["y"]
    assert pair.by_cluster("all").tolist() == [[[1, 0, 0, 0]]]


def test_pairs_of_unit_and_code_keep_what_was_met_there():
    spans = [Span("s", 9, 11, "x", "one"), Span("s", 9, 10, "x", "two"), Span("s", 15, 16, "x", "in between")]
    assert Line("utterance", UNITS).pairs(spans, CODES) == {("s:1", "x"): "one; two", ("s:2", "x"): "one"}

import csv
import re
from itertools import pairwise

import pytest

from qualcode import tables
from qualcode.codebook import load_codebook
from qualcode.codebook.changes import CHANGES, changes, likeness, versions
from qualcode.errors import QualcodeError
from qualcode.study import load_study, slug


@pytest.fixture
def compare(tmp_path):
    """What changed from one codebook to the next, as (change, code, before, after)."""

    def made(*texts, touched=None, hide=str):
        books = []
        for number, text in enumerate(texts):
            path = tmp_path / f"{number}.yaml"
            path.write_text(f"codebook: B\ncodes:\n{text}", encoding="utf-8")
            books.append((str(number), load_codebook(path)))
        return changes(books, touched or {}, hide)

    return made


def brief(found):
    return [(change.change, change.code, change.before, change.after) for change in found]


def test_nothing_changed(compare):
    text = "- {code: a, words: [x], patterns: [[{LOWER: y}]], memo: m}\n"
    assert compare(text, text.replace("memo: m", "memo: other, colour: '#aabbcc'")) == []


def test_added_and_retired_are_told_and_no_rename_is_made_up(compare):
    found = compare(
        "- {code: a, name: Old}\n- code: b\n", "- code: b\n- {code: c, name: New}\n", touched={"a": 3, "c": 2}
    )
    assert brief(found) == [("added", "c", "", "c"), ("retired", "", "a", "")]
    assert [(change.name, change.codings, change.decide, change.note) for change in found] == [
        ("New", 2, 0, ""),
        ("Old", 3, 0, ""),
    ]


def test_renames_merges_and_splits_are_known_by_formerly(compare):
    old = "- code: a\n- code: b\n- code: c\n- code: d\n- code: e\n"
    new = (
        "- {code: e, formerly: [d]}\n- {code: renamed, formerly: [before-all, a]}\n- {code: left, formerly: [b]}\n"
        "- {code: right, formerly: [b, c]}\n"
    )
    touched = {"a": 1, "renamed": 4, "b": 10, "left": 100, "right": 1000, "d": 7, "e": 2}
    found = compare(old, new, touched=touched)
    assert [(*row, change.codings, change.decide) for row, change in zip(brief(found), found, strict=True)] == [
        ("merged", "e", "d; e", "e", 9, 0),
        ("renamed", "renamed", "a", "renamed", 5, 0),
        ("renamed", "right", "c", "right", 1000, 0),
        ("split", "left; right", "b", "left; right", 1110, 10),
    ]
    assert found[3].name == "Left; Right"


def test_a_merge_into_a_new_code_tells_all_that_went_into_it(compare):
    found = compare("- code: a\n- code: b\n", "- {code: c, formerly: [a, b], definition: New.}\n")
    assert brief(found) == [("merged", "c", "a; b", "c")]


def test_what_changes_in_a_code_that_goes_on(compare):
    old = (
        "- code: top\n- code: other\n  codes:\n"
        "  - {code: a, name: A, definition: One., use_when: x, examples: [said, more], words: [p, q], role: context}\n"
    )
    new = (
        "- code: top\n  codes:\n  - {code: a, name: AA, definition: Two., use_when: y, examples: [said], words: [p, r, s],\n"
        "     patterns: [[{LOWER: z}]], role: action, question: rq1, negation: only}\n- code: other\n"
    )
    found = compare(old, new, touched={"a": 6})
    assert brief(found) == [
        ("moved", "a", "other", "top"),
        ("named", "a", "A", "AA"),
        ("redefined", "a", "One.", "Two."),
        ("examples", "a", "examples: 2 (1 gone)", "examples: 1"),
        ("rules", "a", "words: 2 (1 gone); patterns: 0", "words: 3 (2 new); patterns: 1 (1 new)"),
        ("role", "a", "context", "action"),
        ("question", "a", "", "rq1"),
    ]
    assert [change.note for change in found[2:5]] == ["definition, use_when", "", "negation"]
    assert {change.codings for change in found} == {6}


def test_codings_are_followed_through_every_later_rename_and_merge(compare):
    found = compare(
        "- code: clear0\n- code: plain\n",
        "- {code: clear1, formerly: [clear0]}\n- code: plain\n",
        "- {code: clarity, formerly: [clear0, clear1, plain]}\n",
        touched={"clarity": 3},
    )
    assert [(*row[:3], change.codings) for row, change in zip(brief(found), found, strict=True)] == [
        ("renamed", "clear1", "clear0", 3),
        ("merged", "clarity", "clear1; plain", 3),
    ]


def test_the_order_of_words_examples_and_patterns_means_nothing(compare):
    old = "- {code: a, words: [x, y], examples: [p, q], unless: [u, v], patterns: [[{LOWER: a}], [{LOWER: b}]]}\n"
    new = "- {code: a, words: [y, x], examples: [q, p], unless: [v, u], patterns: [[{LOWER: b}], [{LOWER: a}]]}\n"
    assert compare(old, new) == []


def rosa(text):
    """Hides both names of one person."""
    return re.sub(r"\b(?:Ana|Lee)\b", "Rosa", text, flags=re.IGNORECASE)


def test_ids_that_hide_alike_stay_apart_and_keep_their_number_through_all_versions(compare):
    found = compare(
        "- code: ana\n- code: lee\n- code: b\n",
        "- {code: lee2, formerly: [lee]}\n- code: b\n- {code: anas-plan}\n",
        "- {code: c, formerly: [b]}\n",
        touched={"ana": 1, "lee": 2, "lee2": 4},
        hide=rosa,
    )
    assert [(row[0], change.code, row[2], change.codings) for row, change in zip(brief(found), found, strict=True)] == [
        ("renamed", "lee2", "Rosa (2)", 6),
        ("added", "Rosa's plan", "", 0),
        ("retired", "", "Rosa", 1),
        ("renamed", "c", "b", 0),
        ("retired", "", "lee2", 4),
        ("retired", "", "Rosa's plan", 0),
    ]


def test_notes_name_no_one(compare):
    text = "What mentors and candidates do with {} every week of the year."
    found = compare(
        f"- {{code: ana, definition: '{text.format('Ana')}'}}\n", f"- {{code: b, definition: '{text.format('us')}'}}\n",
        hide=rosa,
    )  # fmt: skip
    assert [change.note[:16] for change in found] == ["very like 'Rosa'", "very like 'b', w"]
    assert "ana" not in re.findall(r"\w+", str([change.row for change in found]).casefold())


def test_examples_words_and_what_may_quote_people_are_never_shown(compare):
    old = "- {code: a, examples: [secret one], words: [secret two], not_when: 'secret three', unless: [x]}\n"
    new = "- {code: a, examples: [secret four], words: [secret five], not_when: 'secret six', unless: [secret]}\n"
    found = compare(old, new)
    assert [change.change for change in found] == ["redefined", "examples", "rules"]
    assert "secret" not in str([change.row for change in found])


@pytest.mark.parametrize(("parent", "moved"), [
    ("{code: above, formerly: [top], codes: [{code: a}]}\n- code: other", False),
    ("{code: above, formerly: [top]}\n- {code: below, formerly: [top], codes: [{code: a}]}\n- code: other", False),
    ("code: other\n  codes: [{code: a}]", True),
    ("code: a\n- code: top\n- code: other", True),
    ("{code: other, formerly: [top], codes: [{code: a}]}", False),
])  # fmt: skip
def test_a_code_has_moved_only_where_what_is_above_it_is_another(compare, parent, moved):
    found = compare("- code: top\n  codes: [{code: a}]\n- code: other\n", f"- {parent}\n")
    assert ("moved" in [change.change for change in found if change.code == "a"]) is moved


def test_a_likely_rename_is_told_as_a_note(compare):
    text = "What mentors and candidates do together every week."
    found = compare(
        f"- {{code: a, definition: '{text}'}}\n- {{code: b, words: [one, two, three]}}\n- {{code: c, name: Same}}\n- {{code: d, definition: Short.}}\n",
        f"- {{code: e, definition: '{text[:-1]}!'}}\n- {{code: f, words: [two, three, four]}}\n- {{code: g, name: same}}\n- {{code: h, definition: Short.}}\n",
    )
    notes = {change.code or change.before: change.note for change in found}
    assert notes["e"] == "very like 'a', which is gone: if it is that code, write `formerly: [a]`"
    assert notes["a"] == "very like 'e', which is new"
    assert "'b'" in notes["f"] and "'c'" in notes["g"]
    assert notes["d"] == notes["h"] == ""
    assert {change.change for change in found} == {"added", "retired"}


def test_of_several_likely_renames_the_likest_is_told_once(compare):
    text = "What mentors and candidates do together every week"
    found = compare(
        f"- {{code: a, definition: '{text}.'}}\n",
        f"- {{code: b, definition: '{text} or month.'}}\n- {{code: c, definition: '{text}.'}}\n",
    )
    assert [change.code for change in found if change.note] == ["c", ""]


def test_versions_in_order_the_current_last(study):
    for label in ("2026-03-02", "2026-03-02-2", "2026-03-02-10", "2026-01-05"):
        study.write(f"history/codebook-{label}.yaml", f"codebook: B\ncodes:\n- code: v-{label}\n")
    found = versions(load_study(study.path))
    assert [label for label, _ in found] == ["2026-01-05", "2026-03-02", "2026-03-02-2", "2026-03-02-10", "current"]
    assert [book.codes[0].code for _, book in found][:-1] == [
        "v-2026-01-05",
        "v-2026-03-02",
        "v-2026-03-02-2",
        "v-2026-03-02-10",
    ]
    rows = [change.row for change in changes(found, {})]
    assert {(row["from"], row["to"]) for row in rows} >= {("2026-01-05", "2026-03-02"), ("2026-03-02-10", "current")}
    tables.write(study.results, "codebook_changes", tables.frame("codebook_changes", rows))
    assert len(study.rows("codebook_changes")) == len(rows)


def test_every_version_that_cannot_be_read_is_named(study):
    study.write("history/codebook-2026-01-01.yaml", "codebook: [")
    study.write("history/codebook-2026-02-01.yaml", "codebook: B\ncodes:\n- cod: a\n")
    with pytest.raises(QualcodeError) as raised:
        versions(load_study(study.path))
    told = str(raised.value)
    assert "codebook-2026-01-01.yaml: line" in told and "codebook-2026-02-01.yaml: line 3" in told


def test_the_codebook_of_the_example_study():
    found = changes(versions(load_study("data/clinical-mentors")), {"clear-expectations": 27})
    merged = next(change for change in found if change.code == "clear-expectations" and change.change == "merged")
    assert (merged.before, merged.codings) == ("clarity; role-clarity", 27)
    assert {change.change for change in found} <= set(CHANGES)
    assert len({(c.old, c.new, c.change, c.code, c.before) for c in found}) == len(found)


# --- nine versions of a real codebook ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_versions(real_data, tmp_path_factory):
    """(label, descriptions by id, codebook) of each version, as its csv file has it."""
    folder = real_data / "serdif-taguette" / "data" / "transcripts" / "thematic-analysis" / "codebooks"
    made = []
    for path in sorted(folder.glob("codebook_*.csv"), key=lambda path: int(path.stem.rsplit("_", 1)[1])):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
        target = tmp_path_factory.mktemp("versions") / f"{path.stem}.csv"
        with target.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(["code", "name", "definition", "codebook"])
            writer.writerows(
                [slug(r["tag"].casefold()), r["tag"].strip(), r["description"].strip(), "SERDIF"] for r in rows
            )
        made.append((path.stem, {slug(row["tag"].casefold()): row["description"].strip() for row in rows}, target))
    return made


def test_nine_versions_of_a_real_codebook(real_versions):
    from qualcode.codebook.formats import read_codebook

    found = changes([(label, read_codebook(path)) for label, _, path in real_versions], {})
    assert len(real_versions) == 9
    for (old_label, old, _), (new_label, new, _) in pairwise(real_versions):
        made = [change for change in found if (change.old, change.new) == (old_label, new_label)]
        assert {change.code for change in made if change.change == "added"} == new.keys() - old.keys()
        assert {change.before for change in made if change.change == "retired"} == old.keys() - new.keys()
        redefined = {change.code: (change.before, change.after) for change in made if change.change == "redefined"}
        assert redefined == {code: (old[code], new[code]) for code in old.keys() & new.keys() if old[code] != new[code]}
        assert {change.change for change in made} <= {"added", "retired", "redefined"}
    # From the seventh to the eighth one code went on under another name, with its description as it was.
    (gone,), (come,) = renamed(real_versions)
    notes = {change.code: change.note for change in found if change.change == "added" and change.note}
    assert notes[come].startswith(f"very like '{gone}', which is gone")
    assert len(notes) == 3


def renamed(real_versions):
    """The ids that the eighth version has no more, and those that it has anew."""
    before, after = (set(texts) for _, texts, _ in real_versions[6:8])
    return before - after, after - before


def test_the_real_rename_once_it_is_written_down(real_versions, tmp_path):
    from qualcode.codebook.formats import read_codebook

    (_, _, before), (_, _, after) = real_versions[6:8]
    (gone,), (come,) = renamed(real_versions)
    with after.open(encoding="utf-8", newline="") as handle:
        head, *rows = csv.reader(handle)
    noted = tmp_path / "noted.csv"
    with noted.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([[*head, "formerly"], *([*row, gone if row[0] == come else ""] for row in rows)])
    found = changes([("6", read_codebook(before)), ("7", read_codebook(noted))], {gone: 18})
    assert brief(found) == [("renamed", come, gone, come)]
    assert found[0].codings == 18


def test_likeness_of_real_codes_by_chance(real_versions):
    """Codes of one version are different codes: no two may look like a rename."""
    from qualcode.codebook.formats import read_codebook

    codes = read_codebook(real_versions[0][2]).codes
    alike = [(a.code, b.code) for n, a in enumerate(codes) for b in codes[n + 1 :] if likeness(a, b)]
    assert len(codes) == 120 and not alike

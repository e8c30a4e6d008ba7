import pytest

from qualcode.codebook import free_id, load_codebook
from qualcode.errors import QualcodeError


def load(study, text):
    return load_codebook(study.write("codebook.yaml", text))


def test_a_tree_of_any_depth(study):
    book = load(
        study,
        "codebook: B\ncodes:\n- code: a\n  codes:\n  - code: b\n    codes:\n    - {code: c-d, definition: D}\n- code: e\n  name: Ee\n",
    )
    assert [(code.code, code.level, code.path, code.parent, code.leaf) for code in book.codes] == [
        ("a", 1, ("a",), "", False),
        ("b", 2, ("a", "b"), "a", False),
        ("c-d", 3, ("a", "b", "c-d"), "b", True),
        ("e", 1, ("e",), "", True),
    ]
    assert [code.name for code in book.codes] == ["A", "B", "C d", "Ee"]
    assert [code.line for code in book.codes] == [3, 5, 7, 8]


def test_all_problems_with_their_lines(study):
    with pytest.raises(QualcodeError) as raised:
        load(study, "codebook: B\ncodes:\n- code: a\n  wrods: [x]\n  words: x\n- name: no code\n- code: 'two words'\n")
    told = str(raised.value)
    assert "line 4: unknown key 'wrods'. Did you mean 'words'?" in told
    assert "line 5: 'words' must be a list (found 'x')" in told
    assert "line 6: 'code' is missing" in told
    assert "line 7: 'two words' does not fit: an id starts with a letter or digit" in told


def test_ids_are_unique_without_regard_to_case_and_former_ids_are_dead(study):
    with pytest.raises(QualcodeError) as raised:
        load(study, "codebook: B\ncodes:\n- code: a\n- code: A\n- code: c\n  formerly: [a, old]\n")
    told = str(raised.value)
    assert "line 4: the code 'A' stands already in line 3 as 'a'" in told
    assert "line 5: 'c' was formerly 'a', but 'a' is a living code" in told


@pytest.mark.parametrize(
    ("code", "wrong"), [("all", "means all codes in the tables"), ("Con", "is the name of a device on Windows")]
)
def test_ids_that_no_code_can_have(study, code, wrong):
    with pytest.raises(QualcodeError) as raised:
        load(study, f"codebook: B\ncodes:\n- code: a\n  codes: [{{code: {code}}}]\n")
    assert f"line 4: '{code}' {wrong}. Choose another id." in str(raised.value)


def test_renames_merges_and_splits(study):
    book = load(
        study,
        "codebook: B\ncodes:\n- {code: new, formerly: [oldest, older]}\n- {code: left, formerly: [whole]}\n- {code: right, formerly: [whole, east]}\n",
    )
    assert book.current("older").code == "new"
    assert book.current("new").code == "new"
    assert book.current("whole") is None and book.heirs("whole") == ["left", "right"]
    assert book.current("unknown") is None and book.heirs("unknown") == []
    assert book.identities(book.by_id["new"]) == ["oldest", "older", "new"]
    assert book.identities(book.by_id["left"]) == ["left"]
    assert book.identities(book.by_id["right"]) == ["east", "right"]


def test_a_duplicate_key_is_a_lost_code(study):
    with pytest.raises(QualcodeError, match="the key 'code' stands twice"):
        load(study, "codebook: B\ncodes:\n- code: a\n  code: b\n")


def test_the_version_follows_the_bytes(study):
    one = load(study, "codebook: B\ncodes: [{code: a}]\n").version
    assert one == load(study, "codebook: B\ncodes: [{code: a}]\n").version
    assert one != load(study, "codebook: B\ncodes: [{code: b}]\n").version


def test_a_former_id_stands_once_and_is_no_living_code_in_another_case(study):
    with pytest.raises(QualcodeError) as raised:
        load(study, "codebook: B\ncodes:\n- code: a\n  formerly: [old, Old]\n- code: b\n  formerly: [A]\n")
    told = str(raised.value)
    assert "line 3: 'Old' stands twice in `formerly` of 'a'" in told
    assert "line 5: 'b' was formerly 'A', but 'a' is a living code" in told


def test_everything_that_is_wrong_is_told_at_once(study):
    with pytest.raises(QualcodeError) as raised:
        load(
            study,
            "codebook: B\ncodes:\n- code: a\n  name: One\n  name: Two\n  wrods: [x]\n"
            "  words: [ok, '~2 x', '\"open']\n- code: a\n  role: cause\n",
        )
    places = [problem.place for problem in raised.value.problems]
    assert sorted(places) == ["line 5", "line 6", "line 7", "line 7", "line 8", "line 9"]


def test_all_that_a_code_may_hold(study):
    (code,) = load(
        study,
        "codebook: B\ncodes:\n- code: a\n  name: A\n  definition: |\n    D\n  use_when: U\n  not_when: N\n"
        "  examples: [e]\n  words: [w]\n  patterns: [[{LOWER: p}]]\n  unless: [u]\n  negation: only\n"
        "  formerly: [f]\n  question: rq1\n  colour: '#1f77b4'\n  memo: M\n  role: action\n",
    ).codes
    assert (code.definition, code.use_when, code.not_when, code.memo, code.role) == ("D", "U", "N", "M", "action")
    assert (code.negation, code.question, code.colour) == ("only", "rq1", "#1f77b4")
    assert (code.examples, code.words, code.unless, code.formerly) == (("e",), ("w",), ("u",), ("f",))
    assert code.lines == {"examples": (9,), "words": (10,), "patterns": (11,), "unless": (12,), "formerly": (14,)}


@pytest.mark.parametrize(
    "text",
    [
        "codebook: 2020-13-45\n",
        "codebook: 0x_\n",
        "codebook: !!int abc\n",
        "codebook: \x01\n",
        "? [a]\n: 1\n? [a]\n: 2\n",
        "[" * 3000,
        "codebook: B\ncodes:\n" + "".join(f"{'  ' * n}- code: c{n}\n{'  ' * n}  codes:\n" for n in range(300)),
    ],
    ids=lambda text: text[:20],
)
def test_a_file_that_is_no_codebook_is_one_plain_error(study, text):
    with pytest.raises(QualcodeError):
        load(study, text)


def test_signs_that_json_writes_in_halves(study):
    (code,) = load(study, '{"codebook":"T","codes":[{"code":"a","words":["\\ud83d\\ude00"]}]}').codes
    assert code.words == ("😀",)


@pytest.mark.parametrize(("levels", "told"), [(50, ""), (51, "codes are nested more than 50 deep"), (90, "50 deep")])
def test_a_tree_has_fifty_levels_at_most(study, levels, told):
    text = "codebook: B\ncodes: " + "".join(f"[{{code: c{n}, codes: " for n in range(levels)) + "[]" + "}]" * levels
    if told:
        with pytest.raises(QualcodeError, match=told):
            load(study, text)
    else:
        assert max(code.level for code in load(study, text).codes) == levels


def test_marks_of_a_theme_are_digests_and_nothing_else(study):
    book = load(study, 'codebook: B\ncodes:\n- {code: a, theme: [deadbeef, "00000012"]}\n- {code: b}\n')
    assert [code.theme for code in book.codes] == [("deadbeef", "00000012"), ()]
    with pytest.raises(QualcodeError) as raised:
        load(
            study,
            "codebook: B\ncodes:\n- {code: a, theme: deadbeef}\n- {code: b, theme: [DEADBEEF]}\n"
            "- {code: c, theme: [12345678]}\n- {code: d, theme: 3}\n- {code: e, themes: []}\n",
        )
    told = str(raised.value)
    assert "line 3: 'theme' must be a list (found 'deadbeef')" in told
    assert "line 4: 'DEADBEEF' does not fit: a mark of a theme is 8 digits or letters from a to f" in told
    assert "line 5: item 1 must be text (found 12345678). Put it in quotation marks." in told
    assert "line 6: 'theme' must be a list (found 3)" in told
    assert "line 7: unknown key 'themes'. Did you mean 'theme'?" in told


def test_a_free_id_is_none_that_is_taken_whatever_its_case():
    taken = {"support", "support-2"}
    assert [free_id("Support", taken), free_id("support", taken), free_id("help", taken)] == [
        "Support-3",
        "support-4",
        "help",
    ]
    assert taken == {"support", "support-2", "support-3", "support-4", "help"}

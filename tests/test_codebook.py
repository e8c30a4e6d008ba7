import pytest

from qualcode.codebook import load_codebook
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

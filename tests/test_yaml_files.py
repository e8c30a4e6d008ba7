import pytest

from qualcode.errors import Problems, QualcodeError
from qualcode.yaml_files import read_yaml


def test_every_duplicate_key_is_told_and_the_first_holds(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\nb:\n- c: 2\n  c: 3\na: 4\n", encoding="utf-8")
    with pytest.raises(QualcodeError) as raised:
        read_yaml(path)
    told = [str(problem) for problem in raised.value.problems]
    assert [line.partition(": ")[2] for line in told] == [
        "line 4: the key 'c' stands twice. Keep one of them.",
        "line 5: the key 'a' stands twice. Keep one of them.",
    ]
    problems = Problems()
    assert read_yaml(path, problems) == {"a": 1, "b": [{"c": 2}]}
    assert [str(problem) for problem in problems.found] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: [1\n", "line 2: this is not valid YAML"), ("a: &x 1\nb: *x\n", "anchors and aliases"), ("\ta: 1", "no tabs")],
)
def test_what_is_no_yaml_is_told_with_its_line(tmp_path, text, told):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QualcodeError, match=told):
        read_yaml(path)

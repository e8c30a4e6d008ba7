"""What was learned in earlier runs: the same tables with it and without, and nothing learned twice."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import StudyFolder
from suggesting import Words, all_of, done, lay, run, sentence, spoken
from test_suggestions_learning import task_of

from qualcode.suggestions import memory as module
from qualcode.suggestions.learning import learn
from qualcode.suggestions.memory import Memory

NAMES = ("suggestions", *(f"suggestion_{name}" for name in ("quality", "quality_by", "calibration", "learning")))
PARTS = ("probability", "held_out", "suggested", "threshold")


@pytest.fixture
def learned(monkeypatch) -> list[list[int]]:
    """The codes that are learned from now on, by each call."""
    calls: list[list[int]] = []

    def noted(task, codes, *more):
        calls.extend([list(codes)] if codes else [])
        return learn(task, codes, *more)

    monkeypatch.setattr(module, "learn", noted)
    return calls


def same(one, other) -> bool:
    return all(getattr(one, part).tobytes() == getattr(other, part).tobytes() for part in PARTS)


def test_nothing_is_learned_again_where_nothing_changed(tmp_path, learned):
    path, task = tmp_path / "learned.npz", task_of()
    memory = Memory(path)
    first = memory.learn(task, [0, 1, 2], 0.5)
    assert learned == [[0, 1, 2]] and same(first, learn(task, [0, 1, 2], 0.5))
    assert same(memory.learn(task, [0, 1, 2], 0.5), first)
    memory.save()
    assert same(Memory(path).learn(task, [0, 1, 2], 0.5), first) and len(learned) == 1
    turned = Memory(path).learn(task, [2, 0], 0.5)
    assert len(learned) == 1 and (turned.probability == first.probability[:, [2, 0]]).all()


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        # Of code 0, which stands above 1 and 2, both learn from its scores; of others each alone.
        (lambda task: replace(task, given=task.given ^ one_sentence(0)), [0, 1, 2]),
        (lambda task: replace(task, given=task.given ^ one_sentence(1)), [1]),
        (lambda task: replace(task, known=task.known ^ one_sentence(2)), [2]),
        (lambda task: replace(task, own=task.own + (np.arange(3) == 1)[:, np.newaxis]), [1]),
        (lambda task: replace(task, held_out=task.held_out // 2), [0, 1, 2]),
        (lambda task: replace(task, talk=replace(task.talk, voice=task.talk.voice + 1)), [0, 1, 2]),
    ],
)
def test_only_what_changed_is_learned_again(tmp_path, learned, changed, again):
    task = task_of()
    memory = Memory(tmp_path / "learned.npz")
    memory.learn(task, [0, 1, 2], 0.5)
    after = changed(task)
    found = memory.learn(after, [0, 1, 2], 0.5)
    assert learned[1:] == [again]
    alone = learn(after, [0, 1, 2], 0.5)
    for part in PARTS:
        assert np.allclose(getattr(found, part), getattr(alone, part), atol=1e-7, equal_nan=True)


def one_sentence(code: int) -> np.ndarray:
    """One sentence and code of the task."""
    made = np.zeros((120, 3), dtype=bool)
    made[3, code] = True
    return made


def test_another_precision_is_another_question(tmp_path, learned):
    memory = Memory(tmp_path / "learned.npz")
    memory.learn(task_of(), [1], 0.5)
    memory.learn(task_of(), [1], 0.8)
    assert len(learned) == 2


def test_what_is_no_longer_used_is_forgotten(tmp_path):
    path, task = tmp_path / "learned.npz", task_of()
    for codes in ([0, 1, 2], [1]):
        memory = Memory(path)
        memory.learn(task, codes, 0.5)
        memory.save()
        with np.load(path, allow_pickle=False) as stored:
            assert len(stored.files) == len(PARTS) * len(codes)
    before = path.stat().st_mtime_ns
    memory = Memory(path)
    memory.learn(task, [1], 0.5)
    memory.save()
    assert path.stat().st_mtime_ns == before, "what did not change is not written"


class Trap:
    """Tells when it is made again from a pickle."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


def damaged(path: Path, how: str) -> None:
    whole = path.read_bytes()
    if how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "garbled":
        middle = len(whole) // 3
        path.write_bytes(
            whole[:middle] + bytes(byte ^ 255 for byte in whole[middle : middle + 200]) + whole[middle + 200 :]
        )
    elif how == "a folder's worth of nothing":
        path.write_bytes(b"")
    elif how == "text":
        path.write_text("no archive at all", encoding="utf-8")
    elif how == "one array":
        with path.open("wb") as handle:
            np.save(handle, np.zeros(3))
    elif how == "pickle":
        path.write_bytes(pickle.dumps({"a": Trap()}))
    elif how == "array of objects":
        with np.load(path) as stored:
            kept = {name: stored[name] for name in stored.files}
        name = next(name for name in kept if name.endswith("threshold"))
        with path.open("wb") as handle:
            np.savez(handle, **{**kept, name: np.array([Trap()], dtype=object)})
    elif how == "other arrays":
        with path.open("wb") as handle:
            np.savez(handle, weights=np.zeros(3))
    elif how == "a part missing":
        with np.load(path) as stored:
            kept = {name: stored[name] for name in stored.files if not name.endswith("held_out")}
        with path.open("wb") as handle:
            np.savez(handle, **kept)


DAMAGES = (
    "cut", "garbled", "a folder's worth of nothing", "text", "one array", "pickle", "array of objects", "other arrays",
    "a part missing",
)  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_file_that_is_not_its_own_is_replaced_and_nothing_in_it_is_run(tmp_path, learned, how):
    path, task = tmp_path / "learned.npz", task_of()
    first = Memory(path)
    expected = first.learn(task, [0, 1], 0.5)
    first.save()
    whole = path.read_bytes()
    damaged(path, how)
    again = Memory(path)
    assert same(again.learn(task, [0, 1], 0.5), expected) and len(learned) == 2
    again.save()
    assert not Trap.sprung
    assert path.read_bytes() == whole


def test_no_file_of_the_package_allows_pickles():
    package = Path(module.__file__).parents[1]
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8")
        assert "allow_pickle=True" not in text and "import pickle" not in text and "joblib" not in text, path


# --- the whole step ---------------------------------------------------------------------------------------------------


@pytest.fixture
def three(study: StudyFolder, monkeypatch) -> StudyFolder:
    for name in ("embeddings", "suggestions.memory"):
        monkeypatch.setattr(f"qualcode.{name}.load_embedder", lambda _: Words())
    lay(study, {name: spoken(name) for name in ("one", "two", "three", "four")})
    study.codings("anna", codings())
    return study


def codings() -> list[dict[str, str]]:
    return [row for name in ("one", "two", "four") for row in (*all_of(name), done(name))]


def made(study: StudyFolder) -> dict[str, bytes]:
    return {name: (study.results / f"{name}.csv").read_bytes() for name in NAMES}


def test_the_same_tables_each_time_with_and_without_memory(three, learned):
    run(three)
    first, calls = made(three), len(learned)
    assert calls > 1
    run(three, "suggestions")
    assert made(three) == first and len(learned) == calls, "nothing is learned again"
    shutil.rmtree(".cache")
    run(three)
    assert made(three) == first and len(learned) == 2 * calls
    rows = codings()
    three.codings("anna", rows[::-1])
    run(three, "open_codes", "suggestions")
    assert made(three) == first and len(learned) == 2 * calls, "rows in another order are the same codings"
    half = len(rows) // 2
    three.codings("anna", rows[:half], "coding.csv")
    three.codings("anna", rows[half:], "more.csv")
    run(three, "open_codes", "suggestions")
    assert made(three) == first and len(learned) == 2 * calls


def test_only_the_codes_with_other_codings_are_learned_again(three, learned):
    run(three)
    del learned[:]
    less = [row for row in codings() if row.get("code") != "clarity" or row["quote"] != sentence("clarity", 2, "two")]
    three.codings("anna", less)
    run(three, "open_codes", "suggestions")
    order = ("help", "support", "training", "clarity")
    assert {order[code] for codes in learned for code in codes} == {"clarity"}
    with_memory = made(three)
    shutil.rmtree(".cache")
    run(three, "embeddings", "suggestions")
    assert made(three) == with_memory
    # A coding less of a code below another changes that, and those that learn from it.
    del learned[:]
    three.codings("anna", [row for row in less if row["quote"] != sentence("support", 1, "four")])
    run(three, "open_codes", "suggestions")
    assert {order[code] for codes in learned for code in codes} == {"help", "support", "training"}


TURNED = """codebook: Mentors
codes:
  - {code: clarity, name: Clarity, definition: Knowing what the school expects.}
  - code: help
    name: Help
    definition: What helps.
    codes:
      - {code: training, name: Training, definition: A course taught me.}
      - {code: support, name: Support, definition: A mentor stood by me.}
"""


def test_the_order_of_the_codebook_changes_no_probability(three):
    key = ("source", "start", "code")
    before = {tuple(row[name] for name in key): row for row in run(three)}
    three.write("codebook.yaml", TURNED)
    assert [row["code"] for row in quality(three)] == ["help", "support", "training", "clarity", "all"]
    after = {tuple(row[name] for name in key): row for row in run(three, "open_codes", "suggestions")}
    assert [row["code"] for row in quality(three)] == ["clarity", "help", "training", "support", "all"]
    assert before == after


def quality(study: StudyFolder) -> list[dict[str, str]]:
    return study.rows("suggestion_quality")


def test_the_number_of_threads_changes_nothing(three):
    run(three)
    found = []
    for threads in ("1", "2"):
        shutil.rmtree(".cache")
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import suggesting, qualcode.suggestions.memory as step\n"
            "step.load_embedder = lambda _: suggesting.Words()\n"
            "from qualcode.cli import main\n"
            "sys.exit(main(['suggestions', sys.argv[2], '--results', sys.argv[3]]))"
        )
        wanted = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
        command = [sys.executable, "-c", code, str(Path(__file__).parent), str(three.path), str(three.results)]
        subprocess.run(command, check=True, env={**os.environ, **wanted}, capture_output=True)
        found.append(made(three))
    assert found[0] == found[1]

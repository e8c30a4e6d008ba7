"""Time and memory of proposing themes, each in a process of its own; called by themes.py.

usage: python benchmarks/theme_cost.py TASK FILE
"""

from __future__ import annotations

import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from theme_methods import Method
    from theme_sets import ThemeSet

UNITS = 1_000
GIVEN_NUMBER = 10
# The invented answers: how many, around how many centres, and how far from them, as a share of their length.
ANSWERS, CENTRES, NOISE = 1_000_000, 40, 1.0
DIMENSIONS, COMMON, OWN, WORDS = 384, 400, 50, (4, 12)
SEED = 40
CHOOSE, GIVEN, PLAIN, DEFAULT, EMBED, MILLION = "choose", "given", "plain", "default", "embed", "million"
WHAT = {
    CHOOSE: "ours, the number chosen, 30 bootstraps",
    GIVEN: "ours, the number given, 30 bootstraps all the same",
    PLAIN: "ours, clustering and words alone, which is what default BERTopic does",
    DEFAULT: "default BERTopic",
    EMBED: "embedding the same utterances, for either",
}


class Cost(NamedTuple):
    """Seconds of imports, of the first run and of a second in the same process; MiB at most. `note`: what came out."""

    imports: float
    first: float
    second: float
    peak: float
    note: str


@dataclass
class Costs:
    """What was measured, by task."""

    units: int
    source: str
    of: dict[str, Cost] = field(default_factory=dict)

    def aims(self, faster: float, memory: float) -> list[list[str]]:
        """Rows: the aim, what was measured, what it should be, whether it was reached."""
        rows = []
        if DEFAULT in self.of and CHOOSE in self.of:
            slow = self.of[DEFAULT]
            for what, a, b in (
                ("with choosing and bootstraps, in a new process", slow.first, self.of[CHOOSE].first),
                ("the same, in a warm process", slow.second, self.of[CHOOSE].second),
                ("clustering and words alone, in a new process", slow.first, self.of[PLAIN].first),
                ("the same, in a warm process", slow.second, self.of[PLAIN].second),
            ):
                reached = "yes" if a / b >= faster else "no"
                rows.append([f"times as fast on {self.units:,} units, {what}", f"{a / b:.1f}", str(faster), reached])
        if MILLION in self.of:
            peak = self.of[MILLION].peak
            row = [f"{ANSWERS:,} answers, MiB", f"{peak:,.0f}", f"at most {memory:,.0f}"]
            rows.append([*row, "yes" if peak <= memory else "no"])
        return rows

    def text(self) -> str:
        lines = []
        small = [task for task in WHAT if task in self.of]
        if small:
            lines += [
                f"{self.units:,} units of the set {self.source}, each row in a process of its own. Ours reads the "
                "terms from stored parses, default BERTopic cuts words out of the texts; the first run of UMAP "
                "translates itself into machine code.",
                "",
                "| | imports, s | first run, s | second run, s | peak, MiB | |",
                "|---|--:|--:|--:|--:|---|",
            ]
            for task in small:
                cost = self.of[task]
                figures = f"{cost.imports:.1f} | {cost.first:.1f} | {cost.second:.1f} | {cost.peak:,.0f}"
                lines.append(f"| {WHAT[task]} | {figures} | {cost.note} |")
        if MILLION in self.of:
            cost = self.of[MILLION]
            lines += [
                "",
                f"{ANSWERS:,} invented answers (synthetic vectors of {DIMENSIONS} numbers around {CENTRES} centres, "
                f"noise as long as the centres, words drawn from a vocabulary; by the mini-batch path): choosing the "
                f"number, clustering and representing took {cost.first:,.0f} s, {cost.peak:,.0f} MiB at most, the "
                f"vectors ({ANSWERS * DIMENSIONS * 4 / 2**20:,.0f} MiB) among it; {cost.note}.",
            ]
        return "\n".join(lines)


def measured(talks: Mapping[str, ThemeSet], parts: Collection[str], methods: Iterable[Method]) -> Costs | None:
    """The costs, each in a process of its own; None where there is nothing to measure."""
    import numpy as np

    if not parts:
        return None
    name = max(talks, key=lambda each: min(UNITS, len(talks[each])))
    talk = talks[name]
    part = talk.part(np.arange(min(UNITS, len(talk))))
    made = Costs(len(part), name)
    tasks: dict[str, Any] = {}
    if "cost" in parts and talk.recorded:
        names = sorted(set(talk.recorded.participants["pseudonym"]))
        mine = (part, talk.recorded.folder, names)
        tasks[CHOOSE] = (*mine, "auto")
        tasks[GIVEN] = tasks[PLAIN] = (*mine, GIVEN_NUMBER)
        if any(method.name == "default BERTopic" for method in methods):
            tasks[DEFAULT] = (part.texts, np.asarray(part.material.vectors))
        tasks[EMBED] = part.texts
    if "million" in parts:
        tasks[MILLION] = None
    for task, given in tasks.items():
        print(f"cost: {WHAT.get(task, task)}", file=sys.stderr, flush=True)
        made.of[task] = _in_a_process(task, given)
    return made


def _in_a_process(task: str, given: object) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.pickle"
        file.write_bytes(pickle.dumps(given))
        command = [sys.executable, str(Path(__file__).resolve()), task, str(file)]
        said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode:
        sys.exit(f"{said.stderr}\nbenchmarks: this failed: {task}")
    return Cost(*json.loads(said.stdout.splitlines()[-1]))


def peak() -> float:
    """MiB that this process held at most; Linux's ru_maxrss would count what started it too."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)


# --- what runs in a process of its own ------------------------------------------------------------------------------


def _ours(file: Path) -> tuple[float, Callable[[], str]]:
    start = time.perf_counter()
    import bertopic  # noqa: F401
    import sklearn.cluster  # noqa: F401
    from theme_methods import proposed

    imports = time.perf_counter() - start
    part, folder, names, number = pickle.loads(file.read_bytes())

    def run() -> str:
        from dataclasses import replace

        from qualcode.themes.terms import read_terms

        terms = read_terms(part.material.utterances, folder, names, "en")
        return f"{proposed(replace(part, terms=terms), number).found.number} themes"

    return imports, run


def _plain(file: Path) -> tuple[float, Callable[[], str]]:
    start = time.perf_counter()
    import bertopic  # noqa: F401
    import sklearn.cluster  # noqa: F401

    from qualcode.language import MINILM, load_embedder
    from qualcode.themes import model
    from qualcode.themes.clustering import Space, Themes, Ward

    embedder = load_embedder(MINILM)
    imports = time.perf_counter() - start
    part, folder, names, number = pickle.loads(file.read_bytes())

    def run() -> str:
        from qualcode.themes.terms import read_terms

        documents = read_terms(part.material.utterances, folder, names, "en").documents
        words = model.Words(embedder, documents, part.material.vectors)
        made = model.build(Space(), Themes(Ward(), number), words)
        labels = model.fit(made, documents, part.material.heard)
        return f"{len(model.represent(made, documents, labels + 1)[0])} themes"

    return imports, run


def _default(file: Path) -> tuple[float, Callable[[], str]]:
    start = time.perf_counter()
    import hdbscan  # noqa: F401
    import umap  # noqa: F401
    from bertopic import BERTopic

    imports = time.perf_counter() - start
    texts, vectors = pickle.loads(file.read_bytes())

    def run() -> str:
        labels, _ = BERTopic(language="english").fit_transform(texts, embeddings=vectors)
        return f"{max(labels) + 1} topics"

    return imports, run


def _embed(file: Path) -> tuple[float, Callable[[], str]]:
    start = time.perf_counter()
    from qualcode.language import MINILM, load_embedder

    embedder = load_embedder(MINILM)
    imports = time.perf_counter() - start
    texts = pickle.loads(file.read_bytes())
    return imports, lambda: f"{len(embedder.encode(texts)):,} vectors"


def _million(_: Path) -> tuple[float, Callable[[], str]]:
    start = time.perf_counter()
    from sklearn.metrics import adjusted_rand_score
    from theme_methods import proposed

    imports = time.perf_counter() - start
    talk = answers(ANSWERS)
    held = peak()

    def run() -> str:
        found = proposed(talk).found
        alike = adjusted_rand_score(talk.topics, found.labels)
        return (
            f"{found.number} themes, adjusted Rand index with the centres {alike:.2f}; "
            f"making the answers had taken {held:,.0f} MiB"
        )

    return imports, run


TASKS = {CHOOSE: _ours, GIVEN: _ours, PLAIN: _plain, DEFAULT: _default, EMBED: _embed, MILLION: _million}


def answers(number: int) -> ThemeSet:
    """Invented answers of a person each: vectors around centres, words of the centre's own and common ones."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from theme_sets import ThemeSet, joined

    from qualcode import tables
    from qualcode.themes.material import Material
    from qualcode.themes.terms import Terms

    draw = np.random.default_rng(SEED)
    middle = draw.normal(size=(CENTRES, DIMENSIONS)).astype(np.float32)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    # Some topics are spoken of much more than others.
    weights = 1 / np.arange(1, CENTRES + 1) ** 0.5
    centre = draw.choice(CENTRES, size=number, p=weights / weights.sum())
    vectors = np.empty((number, DIMENSIONS), dtype=np.float32)
    for first in range(0, number, 20_000):
        rows = slice(first, min(first + 20_000, number))
        noise = draw.standard_normal((rows.stop - rows.start, DIMENSIONS), dtype=np.float32)
        made = middle[centre[rows]] + NOISE / DIMENSIONS**0.5 * noise
        vectors[rows] = made / np.linalg.norm(made, axis=1, keepdims=True)
    words = [f"common{word:03}" for word in range(COMMON)]
    words += [f"own{of:02}word{word:02}" for of in range(CENTRES) for word in range(OWN)]
    lengths = draw.integers(*WORDS, size=number, endpoint=True)
    of = np.repeat(np.arange(number), lengths)
    own = draw.random(len(of)) < 0.5
    said = np.where(
        own, COMMON + centre[of] * OWN + draw.integers(OWN, size=len(of)), draw.integers(COMMON, size=len(of))
    )
    counts = csr_matrix((np.ones(len(of), dtype=np.int32), (of, said)), shape=(number, len(words)))
    ends = np.cumsum(lengths)
    texts = [
        [words[word] for word in said[end - long : end]]
        for end, long in zip(ends.tolist(), lengths.tolist(), strict=True)
    ]
    ids = [f"survey:{row}" for row in range(1, number + 1)]
    columns: dict[str, Sequence[object]] = {
        column.name: [""] * number for column in tables.TABLES["utterances"].columns
    }
    columns |= {
        "utterance": ids,
        "source": ["survey"] * number,
        "participant": [f"p{row:07}" for row in range(1, number + 1)],
        "role": ["participant"] * number,
        "question": ["question"] * number,
        "backchannel": [False] * number,
        "start": [0] * number,
        "end": [0] * number,
        "text": [" ".join(text) for text in texts],
    }
    utterances = tables.frame("utterances", columns)
    material = Material(utterances, vectors, vectors, utterances[["utterance"]].iloc[:0].assign(repeats=""), {})
    terms = Terms([joined(text) for text in texts], {word: word for word in words}, counts, words)
    return ThemeSet("answers", "invented", material, terms, [], {}, centre)


def main() -> None:
    """Run a task twice (the million answers once) and print its cost."""
    task, file = sys.argv[1], Path(sys.argv[2])
    imports, run = TASKS[task](file)
    start = time.perf_counter()
    note = run()
    first, second = time.perf_counter() - start, 0.0
    if task != MILLION:
        start = time.perf_counter()
        run()
        second = time.perf_counter() - start
    print(json.dumps([imports, first, second, peak(), note]))


if __name__ == "__main__":
    main()

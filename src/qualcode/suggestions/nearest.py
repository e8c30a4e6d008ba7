"""What is nearest to a code in meaning: sentences for codes with too few codings to learn from, reasons for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..codebook import Code
from ..text import shortened
from .gathering import Gathered

if TYPE_CHECKING:
    import numpy as np

# Sentences that are offered for a code with too few codings at most, and how alike they must be (cosine) at least.
OFFERED, LEAST_ALIKE = 5, 0.4
# Sentences of fewer words say too little by themselves to be like something.
FEWEST_WORDS = 4
# Passages that a reason names, and letters of each that are quoted.
NAMED, QUOTED = 2, 90


@dataclass(frozen=True)
class Anchor:
    """Something that a code is known by: its definition, an example, or a passage that people coded.

    `coding` is the id of the passage's coding ('' of the codebook's own), `told` how a reason names it.
    """

    code: int
    coding: str
    told: str
    sentences: tuple[int, ...] = ()


def defined(codes: Sequence[Code], encode: Callable[[Sequence[str]], np.ndarray]) -> tuple[list[Anchor], np.ndarray]:
    """What the codebook itself says of each code, and vectors (anchors, d): its definition, and each example."""
    anchors, texts = [], []
    for at, code in enumerate(codes):
        anchors.append(Anchor(at, "", "its definition" if code.definition else "its name"))
        texts.append(f"{code.name}: {code.definition}" if code.definition else code.name)
        for example in code.examples:
            anchors.append(Anchor(at, "", f"its example “{shortened(example, QUOTED)}”"))
            texts.append(example)
    return anchors, encode(texts)


def coded(gathered: Gathered, coders: Callable[[str], str]) -> tuple[list[Anchor], np.ndarray]:
    """The passages that people coded, and their vectors (anchors, d): of each coding under each of its codes."""
    import numpy as np

    anchors, vectors = [], []
    for at, codings in enumerate(gathered.codings):
        for coding, rows in codings.items():
            if len(rows):
                first = gathered.sentences[rows[0]]
                words = shortened(" ".join(gathered.sentences[row].text for row in rows), QUOTED)
                told = f"because {coders(coding)} coded “{words}” ({first.utterance})"
                anchors.append(Anchor(at, coding, told, tuple(rows)))
                length = np.array([len(gathered.sentences[row].text) for row in rows], dtype=float)
                total = length @ gathered.talk.vectors[list(rows)].astype(float)
                vectors.append(total / max(float(np.linalg.norm(total)), 1e-12))
    return anchors, np.array(vectors).reshape(-1, gathered.talk.vectors.shape[1])


class Known:
    """What every code is known by, and how alike sentences are to it."""

    def __init__(self, gathered: Gathered, anchors: Sequence[Anchor], vectors: np.ndarray) -> None:
        self._sentences, self._talk = gathered.sentences, gathered.talk
        self._anchors, self._vectors = anchors, vectors
        self._of: dict[int, list[int]] = {}
        for at, anchor in enumerate(anchors):
            self._of.setdefault(anchor.code, []).append(at)

    def alike(self, code: int, rows: Sequence[int]) -> np.ndarray:
        """The cosine of each of these sentences with the most alike of what the code is known by."""
        import numpy as np

        vectors = self._vectors[self._of.get(code, [])]
        if not len(vectors):
            return np.zeros(len(rows))
        return (self._talk.vectors[list(rows)].astype(float) @ vectors.T).max(axis=1)

    def reasons(self, code: int, row: int, coded_only: bool) -> tuple[float, str, str]:
        """The most alike of what a code is known by: its cosine, the ids of codings, and a sentence that names them.

        A passage that holds the sentence itself is no reason.
        """
        import numpy as np

        of = [
            at
            for at in self._of.get(code, [])
            if row not in self._anchors[at].sentences and (self._anchors[at].coding or not coded_only)
        ]
        if not of:
            return 0.0, "", ""
        cosines = self._vectors[of] @ self._talk.vectors[row].astype(float)
        best = [of[at] for at in np.argsort(-cosines.round(6), kind="stable")[:NAMED]]
        named = [self._anchors[at] for at in best]
        told = "; ".join(anchor.told if anchor.coding else f"like {anchor.told}" for anchor in named)
        return float(cosines.max()), "; ".join(anchor.coding for anchor in named if anchor.coding), told


def offered(known: Known, gathered: Gathered, code: int, open_rows: Sequence[int]) -> list[int]:
    """The sentences, of those at `open_rows`, that are most alike to what a code is known by, the most alike first."""
    import numpy as np

    rows = [row for row in open_rows if len(gathered.sentences[row].text.split()) >= FEWEST_WORDS]
    cosines = known.alike(code, rows).round(6)
    order = np.argsort(-cosines, kind="stable")[:OFFERED]
    return [rows[at] for at in order if cosines[at] >= LEAST_ALIKE]

"""What tests of suggestions share: invented interviews in which every sentence tells its code, and a quick embedder."""

from __future__ import annotations

from itertools import permutations
from zlib import crc32

import numpy as np
from conftest import StudyFolder

STEPS = ("utterances", "parses", "embeddings", "open_codes", "suggestions")
CODES = """codebook: Mentors
codes:
  - code: help
    name: Help
    definition: What helps.
    codes:
      - {code: support, name: Support, definition: A mentor stood by me.}
      - {code: training, name: Training, definition: A course taught me.}
  - {code: clarity, name: Clarity, definition: Knowing what the school expects.}
"""
PEOPLE = """participant,role,labels,pseudonym,school
i1,moderator,Interviewer,Interviewer,
p1,participant,Ana,Rosa,primary
p2,participant,Ben,Karl,secondary
"""
WHEN = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "the first day", "the last day", "winter mornings")
SAYING = {
    "support": "My mentor stood by me and encouraged me in {} on {}.",
    "training": "The course taught us how to plan a lesson in {} for {}.",
    "clarity": "Nobody said what the school expected of us in {} on {}.",
    "": "We ate lunch in the old building near the river in {} on {}.",
}
ORDERS = list(permutations(("support", "", "clarity", "training")))[::5]


class Words:
    """Stands in for a model of meaning: sentences with the same words have like vectors."""

    name, version, size = "words", "words-1", 64

    def encode(self, texts: list[str]) -> np.ndarray:
        made = np.zeros((len(texts), self.size), dtype=np.float32)
        for at, text in enumerate(texts):
            for word in text.casefold().split():
                made[at, crc32(word.strip(".,?").encode()) % self.size] += 1
            made[at] /= max(float(np.linalg.norm(made[at])), 1e-9)
        return made


def sentence(code: str, number: int, source: str) -> str:
    """The sentence of this number in a source; '' is a code for what has none."""
    return SAYING[code].format(f"{source} {number}", WHEN[number % len(WHEN)])


def spoken(source: str, times: int = 6) -> str:
    """A transcript: each code said so many times, by two people in turn, after a question.

    Turns have them in different orders, so that what stands around a sentence does not tell its code.
    """
    lines = []
    for number in range(times):
        words = " ".join(sentence(code, number, source) for code in ORDERS[(number + len(source)) % len(ORDERS)])
        who = ("Ana", "Ben")[number % 2]
        lines += [f"Interviewer: What about {source} {number}?", f"{who}: {words}"]
    return "\n\n".join(lines) + "\n"


def coding(code: str, number: int, source: str, **more: str) -> dict[str, str]:
    return {"source": source, "code": code, "quote": sentence(code, number, source), **more}


def all_of(
    source: str, times: int = 6, codes: tuple[str, ...] = ("support", "training", "clarity")
) -> list[dict[str, str]]:
    """Codings of every sentence of a source that tells one of these codes."""
    return [coding(code, number, source) for number in range(times) for code in codes]


def done(source: str, quote: str = "") -> dict[str, str]:
    return {"source": source, "action": "done", "quote": quote}


def lay(study: StudyFolder, sources: dict[str, str], *lines: str, codings: int = 10) -> None:
    """A study of these transcripts, without a model of the language, which takes its time to load."""
    for path in [*study.path.rglob("transcripts/*"), *study.path.rglob("codings/*/*")]:
        path.unlink()
    head = ["title: T", "codebook: codebook.yaml", "language: blank:en"]
    asked = [] if any(line.startswith("suggestions:") for line in lines) else [f"suggestions: {{codings: {codings}}}"]
    study.write("study.yaml", "\n".join([*head, *asked, *lines]) + "\n")
    study.write("codebook.yaml", CODES)
    study.write("participants.csv", PEOPLE)
    for source, text in sources.items():
        study.write(f"transcripts/{source}.txt", text)
    rows = "".join(f"{source},{source}.txt,interview\n" for source in sources)
    study.write("sources.csv", f"source,file,kind\n{rows}")


def run(study: StudyFolder, *steps: str) -> list[dict[str, str]]:
    """Run steps, all of them unless told, and give what is suggested."""
    assert study.run(*(steps or STEPS)) == 0
    return study.rows("suggestions") if (study.results / "suggestions.csv").exists() else []


def canonical(study: StudyFolder, source: str) -> str:
    return (study.results / "texts" / f"{source}.txt").read_text("utf-8")


def of(rows: list[dict[str, str]], **wanted: str) -> list[dict[str, str]]:
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]

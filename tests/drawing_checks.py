"""A study of any size made up for figures, counts of it in plain Python, and where the texts of a figure stand."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from qualcode import tables
from qualcode.codebook import Code, Codebook

WORDS = [
    "support",
    "time",
    "calendars",
    "mentoring",
    "uncommunicativeness",
    "of",
    "the",
    "I",
    "(re)organisation,",
    "$5",
    "g_y",
    "&",
    "who",
    "asks",
]


def codebook_of(codes: int, levels: int = 2, longest: int = 14, seed: int = 0) -> Codebook:
    """So many open codes at level `levels`, about five to each code above them, with names of up to `longest` words."""
    chance = random.Random(seed)
    made: list[Code] = []

    def grow(path: tuple[str, ...], share: int) -> None:
        level = len(path) + 1
        size = share if level == levels else max(1, -(-share // 5 ** (levels - level)))
        for number in range(size):
            here = (*path, f"{path[-1] if path else 'k'}.{number}")
            name = " ".join(chance.choices(WORDS, k=chance.randint(1, longest)))
            made.append(Code(here[-1], f"{name} {len(made)}", "", level, here, 0, level == levels))
            if level < levels:
                grow(here, share // size + (number < share % size))

    grow((), codes)
    return Codebook(Path("book.yaml"), "Book", "", tuple(made))


@dataclass(frozen=True)
class Talk:
    """Tables of one talk, and who said what: (speaker, codes of the utterance) by utterance."""

    rows: pd.DataFrame
    utterances: pd.DataFrame
    participants: pd.DataFrame
    plain: dict[str, tuple[str, set[str]]]


def talk_of(
    codebook: Codebook,
    turns: int = 60,
    people: int = 3,
    timed: bool = False,
    longest: int = 3,
    seed: int = 0,
    questions: int = 0,
) -> Talk:
    """A talk with a moderator, who asks in every fifth turn; each other turn has up to `longest` of the open codes."""
    chance = random.Random(seed)
    leaves = [code for code in codebook.codes if code.leaf]
    plain, rows, said = {}, [], []
    for number in range(turns):
        asks = number % 5 == 0
        speaker = "m" if asks else f"p{chance.randint(1, people)}"
        key = f"talk:{number + 1}"
        found = [] if asks else chance.sample(leaves, chance.randint(0, min(longest, len(leaves))))
        plain[key] = (speaker, {code.code for code in found})
        role = "moderator" if asks else "participant"
        for place, leaf in enumerate(found):
            for level, code in enumerate(leaf.path, 1):
                rows.append(
                    {"coding": f"{key}.{place}", "level": level, "code": code, "own": code == leaf.code, "utterance": key,
                     "role": role, "participant": speaker, "source": "talk", "question": ""}
                )  # fmt: skip
        said.append(
            {"utterance": key, "source": "talk", "participant": speaker, "role": role,
             "question": f"q{number * questions // turns + 1}" if questions else "", "backchannel": False, "start": 0,
             "end": 1, "time_start": f"00:{number // 2:02}:{number % 2 * 30:02}" if timed else "", "time_end": "",
             "text": "word " * chance.randint(1, 40)}
        )  # fmt: skip
    columns = ["coding", "level", "code", "own", "utterance", "role", "participant", "source", "question"]
    persons = pd.DataFrame(
        [{"participant": f"p{n}", "role": "participant", "pseudonym": f"Person {n}"} for n in range(1, people + 1)]
        + [{"participant": "m", "role": "moderator", "pseudonym": "Mo"}]
    )
    return Talk(pd.DataFrame(rows, columns=columns), tables.frame("utterances", said), persons, plain)


def below(codebook: Codebook, code: str) -> set[str]:
    """The open codes at or below a code."""
    return {other.code for other in codebook.codes if other.leaf and code in other.path}


def having(codebook: Codebook, talk: Talk, code: str) -> set[str]:
    """The utterances that have a code or one below it."""
    wanted = below(codebook, code)
    return {key for key, (_, codes) in talk.plain.items() if codes & wanted}


def frequencies_of(codebook: Codebook, talk: Talk) -> pd.DataFrame:
    people = len({who for who, _ in talk.plain.values() if who != "m"})
    found = []
    for code in codebook.codes:
        here = having(codebook, talk, code.code)
        found.append(
            {"level": code.level, "code": code.code, "name": code.name, "utterances": len(here), "of_participants": people,
             "participants": len({talk.plain[key][0] for key in here}), "sources": int(bool(here)), "of_sources": 1}
        )  # fmt: skip
    return pd.DataFrame(found)


def cooccurrences_of(codebook: Codebook, talk: Talk) -> pd.DataFrame:
    found = []
    sets = {code.code: having(codebook, talk, code.code) for code in codebook.codes}
    for place, one in enumerate(codebook.codes):
        for other in codebook.codes[place + 1 :]:
            both, either = sets[one.code] & sets[other.code], sets[one.code] | sets[other.code]
            if both and one.code not in other.path:
                found.append(
                    {"code_a": one.code, "code_b": other.code, "utterances": len(both), "of_utterances": len(either),
                     "jaccard": round(len(both) / len(either), 4), "participants": 1}
                )  # fmt: skip
    return tables.frame("cooccurrences", found)


def shown_texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is drawn, with the box around it (pixels at 300 dpi)."""
    figure.set_dpi(300)
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    found: list[Text] = list(figure.texts)
    for axes in figure.axes:
        found += axes.texts
        if axes.axison:
            for axis in (axes.xaxis, axes.yaxis):
                found += [axis.label, *(axis.get_ticklabels() if axis.get_visible() else [])]
    return [
        (text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text() and text.get_visible()
    ]


def overlapping(figure: Figure, within: float = 2.0) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes meet by more than `within` pixels (a box is a little larger than its letters)."""
    shown = shown_texts(figure)
    west, south, east, north = (np.array([getattr(box, side) for _, box in shown]) for side in ("x0", "y0", "x1", "y1"))
    across = np.minimum.outer(east, east) - np.maximum.outer(west, west)
    up = np.minimum.outer(north, north) - np.maximum.outer(south, south)
    met = np.argwhere(np.triu((across > 2 * within) & (up > 2 * within), 1))
    return [(shown[one][0], shown[other][0]) for one, other in met]

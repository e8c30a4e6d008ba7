"""Texts from which words are issued, and in which they are found again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from qualcode.answers import AskedPart
from qualcode.hiding import Hider
from qualcode.member_checks.locating import Span, Talk, left


class Texts:
    """Turns (person, words) by source, as the step `utterances` leaves them."""

    def __init__(self, folder: Path, sources: dict[str, list[tuple[str, str]]], hider: Hider | None = None):
        self.hider = hider or Hider([])
        rows = []
        (folder / "texts").mkdir(exist_ok=True)
        for source, turns in sources.items():
            text = ""
            for number, (person, said) in enumerate(turns, 1):
                words = self.hider.hide(said)
                text += f"{person}: "
                rows.append(
                    {"source": source, "utterance": f"{source}:{number}", "participant": person, "role": "participant",
                     "start": len(text), "end": len(text) + len(words), "text": words}
                )  # fmt: skip
                text += f"{words}\n\n"
            (folder / "texts" / f"{source}.txt").write_text(text, encoding="utf-8")
        self.texts = {path.stem: path.read_text("utf-8") for path in (folder / "texts").iterdir()}
        self.rows = rows
        study = SimpleNamespace(hider=lambda _: self.hider)
        columns = ["source", "utterance", "participant", "role", "start", "end", "text"]
        self.talk = Talk(study, folder, pd.DataFrame(rows, columns=columns))  # type: ignore[arg-type]

    def part(self, words: str, source: str = "talk", number: int = 0) -> AskedPart:
        """Words that stand in a turn (the first that has them) as a part that is issued."""
        row = next(
            row
            for row in self.rows
            if row["source"] == source and words in row["text"] and number in (0, int(row["utterance"].split(":")[1]))
        )
        start = row["text"].index(words)
        end = start + len(words)
        return AskedPart(
            source, row["utterance"], start, end, words, row["text"][max(0, start - 32) : start],
            row["text"][end : end + 32],
        )  # fmt: skip

    def found(self, part: AskedPart, person: str = "ana") -> list[list[str]]:
        return [self.shown(stand) for stand in self.talk.find(person, part)]

    def covered(self, part: AskedPart, person: str = "ana") -> list[Span]:
        """All that is masked where a part is withdrawn."""
        taken: list[Span] = []
        found = self.talk.find(person, part)
        left(found, taken)
        self.talk.further(person, part, found, taken)
        return taken

    def masked(self, part: AskedPart, person: str = "ana") -> list[str]:
        """The words of these places, in the order of the texts."""
        return [self.texts[source][start:end] for source, start, end in sorted(self.covered(part, person))]

    def shown(self, stand) -> list[str]:
        return [self.texts[source][start:end] for source, start, end in stand.spans]

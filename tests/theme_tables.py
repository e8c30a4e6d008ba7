"""Tables of emergent themes as tests write them: figures and report read them."""

from __future__ import annotations

from pathlib import Path

from qualcode import tables

CHOICE = "3 themes hold best <of 2 to 5>."


def theme(number: int, **cells: object) -> dict[str, object]:
    return {
        "theme": number, "label": f"label {number}, talk", "topic": "", "terms": f"label {number}; talk", "terms_by_meaning": "meant",
        "terms_diverse": "other", "utterances": 20 - number, "of_utterances": 60, "participants": 2, "of_participants": 3,
        "sources": 1, "of_sources": 2, "groups": 1, "of_groups": 1, "stability": 0.7, "cohesion": 0.55,
        "largest_share": 0.5, "note": "", **cells,
    }  # fmt: skip


def choices(*numbers: int, chosen: int, barred: dict[int, str]) -> list[dict[str, object]]:
    return [
        {"number": number, "stability": 0.3 + number / 100, "chance_stability": 0.1, "coherence": 0.08,
         "chance_coherence": -0.02, "largest_share": 1 / number, "score": 0.4 + number / 50, "chosen": number == chosen,
         "note": barred.get(number, "")}
        for number in numbers
    ]  # fmt: skip


def by(attribute: str, value: str, counts: dict[int, int], of: int) -> list[dict[str, object]]:
    return [
        {"attribute": attribute, "value": value, "theme": number, "utterances": count, "of_utterances": of,
         "percent": tables.percent(count, of), "participants": 1, "of_participants": 2, "terms": ""}
        for number, count in counts.items()
    ]  # fmt: skip


def joined(number: int) -> list[dict[str, object]]:
    """A tree that joins theme 1 with 2, both with 3, and so on."""
    return [
        {"merge": number + step, "left": 1 if step == 1 else number + step - 1, "right": step + 1,
         "distance": float(step), "utterances": sum(20 - theme for theme in range(1, step + 2)), "terms": f"both {step}; x"}
        for step in range(1, number)
    ]  # fmt: skip


def quotation(number: int, kind: str, rank: int, utterance: str, person: str, words: str) -> dict[str, object]:
    return {"theme": number, "kind": kind, "rank": rank, "utterance": utterance, "participant": person,
            "similarity": 0.5, "quotation": words}  # fmt: skip


def lay_themes(results: Path, number: int = 3, **instead: list[dict[str, object]]) -> None:
    """Tables of `number` themes, the first of one person; other rows of some."""
    numbers = range(1, number + 1)
    rows: dict[str, list[dict[str, object]]] = {
        "themes": [theme(n, **({"participants": 1, "note": "unstable; one person's topic"} if n == 1 else {})) for n in numbers],
        "theme_members": [],
        "theme_choice": choices(2, 3, 4, 5, chosen=3, barred={2: "one theme holds most", 5: "a theme is too small"}),
        "theme_stability": [
            {"what": "choice", "value": CHOICE, "note": ""},
            {"what": "left out: signals", "value": "7", "note": "only signal listening"},
        ],
        "themes_by": [
            row
            for attribute, values in (
                ("source", ("first", "second")), ("question", ("g1", "g2")), ("school", ("north", "south"))
            )
            for place, value in enumerate(values)
            for row in by(attribute, value, {n: n + place for n in numbers}, 25)
        ],
        "theme_hierarchy": joined(number),
        "theme_quotations": [],
        "theme_codes": [],
        "theme_standing": [],
        "codes_without_themes": [],
    }  # fmt: skip
    for name, found in {**rows, **instead}.items():
        tables.write(results, name, tables.frame(name, found))


def lay_none(results: Path, reason: str) -> None:
    """What the step themes writes where it proposes none."""
    lay_themes(results, 0, theme_choice=[], theme_stability=[{"what": "no themes", "value": "0", "note": reason}])

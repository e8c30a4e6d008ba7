"""What the section on emergent themes tells: what is offered, how well it holds, and how it stands to the codebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import tables
from ..codebook import Codebook
from ..console import counted_words, enumeration
from ..provenance import PROPOSALS
from ..quoting import Speech, columns, records
from ..tables.themes import ADOPTED, COVERED, FITS_BADLY, MOVED, NAMED, ONE_PERSON, REPEATS, SPREAD, TYPICAL, UNSTABLE
from .sections import PHRASES_SHOWN

if TYPE_CHECKING:
    import pandas as pd

NEAREST_CODES = 3
# More values of an attribute than this are not listed one by one.
MOST_VALUES = 30
MEANING = {
    UNSTABLE: "made again from part of the talk, too little of it comes back to rely on: take it for a question to the "
    "talk, not for a finding",
    ONE_PERSON: "one person says most of it: it may matter to this person alone",
    NAMED: "the study named its topic, and what is like the name is in it: that it holds says nothing",
}
# Figures by the attribute that they show; that of the first attribute of people has a name of its own.
BY_FIGURES = {"question": "themes_by_question", "source": "themes_by_source"}


def emergent(
    read: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    speech: Speech,
    pseudonyms: Mapping[str, str],
    guide: Mapping[str, str],
    results: Path,
) -> dict[str, Any]:
    """All that the section shows; lists are empty where a step has not been run. `guide`: words of questions by id."""
    names = {code.code: code.name for code in codebook.codes}
    themes = rows(read, names, speech, pseudonyms)
    stability = records(read["theme_stability"])
    said = {row["what"]: row for row in stability}
    status = read["theme_standing"]["status"]
    return {
        "rows": themes,
        "choice": said.get("choice", {}).get("value", ""),
        "why_none": said.get("no themes", {}).get("note", "").strip().rstrip("."),
        "facts": [row for row in stability if row["what"] not in ("choice", "no themes")],
        "choices": records(read["theme_choice"]),
        "members": accounted(read["theme_members"]),
        "cautions": _cautions(themes),
        "groups": any(row["of_groups"] for row in themes),
        "by": by_attribute(read["themes_by"], read["attributes"], guide, pseudonyms),
        "holding": sum(UNSTABLE not in row["cautions"] for row in themes),
        "limit": said.get("stable from", {}).get("value", ""),
        "joins": joins(read["theme_hierarchy"], {row["theme"]: row["label"] for row in themes}),
        "untouched": records(read["codes_without_themes"]),
        "set_against": len(status) > 0,
        "new": int((~status.isin([ADOPTED, COVERED])).sum()),
        "proposals": PROPOSALS if (results / PROPOSALS).exists() else "",
        "phrases": [] if themes else instead(results, speech),
    }


def rows(
    read: Mapping[str, pd.DataFrame], names: Mapping[str, str], speech: Speech, pseudonyms: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each theme with its cautions, its standing, the codes its utterances carry most, and its quotations."""
    standing = {row["theme"]: row for row in records(read["theme_standing"])}
    quotations = _quotations(read, speech, pseudonyms)
    found = records(read["themes"])
    for row in found:
        near = read["theme_codes"][read["theme_codes"]["theme"] == row["theme"]].sort_values(
            ["overlap", "similarity"], ascending=False, kind="stable"
        )
        row["nearest"] = [
            {"name": names.get(code, code), "utterances": round(overlap * row["utterances"]), "percent": 100 * overlap}
            for code, overlap in columns(near.head(NEAREST_CODES), "code", "overlap")
            if overlap > 0
        ]
        row["cautions"] = [caution for caution in row["note"].split("; ") if caution]
        row["standing"] = _standing(standing.get(row["theme"]), names)
        row["quotations"] = quotations.get((row["theme"], TYPICAL), [])
        row["badly"] = quotations.get((row["theme"], FITS_BADLY), [])
    return found


def _standing(row: Mapping[str, Any] | None, names: Mapping[str, str]) -> dict[str, Any] | None:
    """How a theme stands to the codebook, in words; None where the step theme_codes has not been run."""
    if row is None:
        return None
    code = names.get(row["code"], row["code"])
    words = {
        ADOPTED: f"adopted as {code}",
        COVERED: f"mostly covered by {code} ({tables.round_half_up(100 * row['overlap']):.0f}\u00a0%)",
        SPREAD: "spread over several codes",
    }
    return {
        "words": words.get(row["status"], row["status"]),
        "novelty": 100 * row["novelty"],
        "similar": names.get(row["similar_code"], row["similar_code"]),
        "similarity": row["similarity"],
    }


def _quotations(
    read: Mapping[str, pd.DataFrame], speech: Speech, pseudonyms: Mapping[str, str]
) -> dict[tuple[int, str], list[dict[str, str]]]:
    """Quotations by theme and kind, the most typical first. A coder may have said `never` since they were chosen."""
    wanted = read["theme_quotations"].sort_values(["theme", "kind", "rank"])
    spoken = read["utterances"][read["utterances"]["utterance"].isin(wanted["utterance"])]
    place = {row[0]: row[1:] for row in columns(spoken, "utterance", "source", "start", "end")}
    found: dict[tuple[int, str], list[dict[str, str]]] = {}
    for row in records(wanted):
        where = place.get(row["utterance"])
        if where is None or not speech.may_quote(*where):
            continue
        who = pseudonyms.get(row["participant"], where[0])
        quotation = {"words": row["quotation"], "who": who, "place": row["utterance"]}
        found.setdefault((row["theme"], row["kind"]), []).append(quotation)
    return found


def _cautions(themes: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each caution that is met: what it means, and of which themes it is."""
    met = dict.fromkeys(caution for row in themes for caution in row["cautions"])
    return [
        {
            "caution": caution,
            "means": MEANING.get(caution, ""),
            "themes": _of_themes([row["theme"] for row in themes if caution in row["cautions"]]),
        }
        for caution in met
    ]


def _of_themes(numbers: Sequence[int]) -> str:
    return f"theme{'s' * (len(numbers) > 1)} {enumeration(map(str, numbers))}"


def accounted(members: pd.DataFrame) -> list[str]:
    """What became of the utterances that tell something, in sentences."""
    if members.empty:
        return []
    number, none = len(members), int((members["theme"] == 0).sum())
    moved, repeats = (int((members["note"] == note).sum()) for note in (MOVED, REPEATS))
    none_percent = f"{tables.percent(none, number):.1f}"
    told = [
        f"{counted_words(number, 'utterance tells', 'utterances tell')} something: {number - none:,} are in a theme, "
        f"{none:,} ({none_percent} %) fit none. That is no fault: not all talk has a theme."
    ]
    if moved:
        told.append(
            f"{counted_words(moved, 'utterance', 'utterances')} that fit none went to the nearest theme, as the study "
            "asks; column fitted of theme_members.csv tells which, and undoes it."
        )
    if repeats:
        told.append(
            f"{counted_words(repeats, 'utterance repeats', 'utterances repeat')} the wording of another: each wording "
            "was read once, and all count in its theme."
        )
    return told


def by_attribute(
    by: pd.DataFrame, attributes: pd.DataFrame, guide: Mapping[str, str], pseudonyms: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each attribute with several values, a row per value: utterances, and those of each theme with their share."""
    people = set(attributes.loc[attributes["subject"] == "participant", "attribute"])
    found: list[dict[str, Any]] = []
    for attribute, inside in by.groupby("attribute", sort=False):
        values: dict[str, dict[str, Any]] = {}
        for row in records(inside):
            told = guide.get(row["value"], "") if attribute == "question" else ""
            shown = pseudonyms.get(row["value"], row["value"]) if attribute == "participant" else row["value"]
            value = values.setdefault(
                row["value"], {"value": shown, "told": told, "of": row["of_utterances"], "cells": []}
            )
            value["cells"].append({"theme": row["theme"], "utterances": row["utterances"], "percent": row["percent"]})
        if len(values) < 2:
            continue
        figure = BY_FIGURES.get(str(attribute), "")
        if not figure and not any(of["figure"] == "themes_by_attribute" for of in found):
            figure = "themes_by_attribute" if str(attribute).removeprefix("participant: ") in people else ""
        found.append(
            {
                "attribute": str(attribute),
                "figure": figure,
                "number": len(values),
                "rows": list(values.values()) if len(values) <= MOST_VALUES else [],
            }
        )
    return found


def joins(hierarchy: pd.DataFrame, labels: Mapping[int, str]) -> list[dict[str, Any]]:
    """The joinings of the tree, nearest first: the themes of either side, their distance and terms of both."""
    inside = {theme: [theme] for theme in labels}
    told = []
    for row in records(hierarchy):
        left, right = (sorted(inside.get(row[side], [row[side]])) for side in ("left", "right"))
        inside[row["merge"]] = [*left, *right]
        told.append({**row, "left": _numbers(left, labels), "right": _numbers(right, labels)})
    return told


def _numbers(themes: Sequence[int], labels: Mapping[int, str]) -> str:
    if len(themes) == 1:
        return f"{themes[0]}. {labels.get(themes[0], '')}"
    return ", ".join(map(str, themes))


def instead(results: Path, speech: Speech) -> list[dict[str, Any]]:
    """Leading phrases, one per group, for a study without themes: of several people, or of one who may be quoted."""
    if not all((results / tables.TABLES[name].file).exists() for name in ("phrases", "phrase_places")):
        return []
    phrases, places = tables.read(results, "phrases"), tables.read(results, "phrase_places")
    ranked = phrases.sort_values(["group_score", "group", "score"], ascending=[False, True, False], kind="stable")
    spans: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for phrase, kind, utterance, start, end in columns(places, "phrase", "kind", "utterance", "start", "end"):
        spans.setdefault((phrase, kind), []).append((utterance.rpartition(":")[0], start, end))
    shown: dict[int, dict[str, Any]] = {}
    for row in records(ranked):
        if len(shown) == PHRASES_SHOWN:
            break
        where = spans.get((row["phrase"], row["kind"]), [])
        if row["group"] not in shown and (row["participants"] > 1 or any(speech.may_quote(*span) for span in where)):
            shown[row["group"]] = row
    return list(shown.values())

"""Propose emergent themes with BERTopic: stable, of several people's words, and offered to whoever decides."""

from __future__ import annotations

import argparse
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from .. import tables
from ..console import add_study, counted_words, say
from ..language import load_embedder
from ..study import Study, load_study
from . import describing
from .choice import BEYOND_CHANCE, BOOTSTRAPS
from .clustering import COMPONENTS, NEIGHBOURS
from .hierarchy import hierarchy
from .material import Material, gather
from .model import FITS, Proposal, propose
from .splits import Orders, Wording, themes_by
from .terms import Terms, read_terms

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = ("themes", "frequencies", "embeddings", "language", "guide")
# What the step writes besides theme_stability, which says why the others are empty.
_TABLES = ("themes", "theme_members", "theme_choice", "themes_by", "theme_hierarchy")
# Vectors that differ by less mean the same.
ALIKE = 1e-6
Facts = list[tuple[str, object, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    import numpy as np

    study = load_study(args.study)
    settings = study.settings["themes"]
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    kinds = {source.source: source.kind for source in study.sources}
    with np.load(args.results / "embeddings.npz") as stored:
        material = gather(utterances, participants, kinds, stored["vectors"], settings["context"])
    terms = read_terms(material.utterances, args.results, participants["pseudonym"], study.settings["language"])
    material, terms, wordless = telling(material, terms)
    facts = _of_material(material, wordless)
    if reason := too_little(material, settings):
        _write_none(args, facts, reason)
        return
    made = propose(material, terms, settings, load_embedder(study.settings["embeddings"]["model"]), say)
    if not made.centres:
        _write_none(args, facts, f"no utterances are alike enough to be a theme by {settings['method']}")
        return
    members = describing.members(material, made)
    voices = members.merge(utterances[["utterance", "source", "participant"]], on="utterance")
    sizes = voices["theme"].value_counts().to_dict()
    wording = _wording(made, material, terms)
    by = themes_by(
        members,
        utterances,
        tables.read(args.results, "attributes"),
        study.settings["frequencies"]["by"],
        _orders(study, utterances),
        wording,
    )
    tables.write(args.results, "themes", describing.themes(made, voices, kinds, terms.shown))
    tables.write(args.results, "theme_members", members)
    tables.write(args.results, "theme_choice", tables.frame("theme_choice", list(made.rows)))
    tables.write(args.results, "themes_by", by)
    tables.write(args.results, "theme_hierarchy", hierarchy(made.centres, sizes, wording.together))
    _write_facts(args, facts + _of_themes(made, members, settings))
    say(made.sentence)


def telling(material: Material, terms: Terms) -> tuple[Material, Terms, int]:
    """Only what has terms, and how many utterances have none: "That's right, yes." is about nothing."""
    import numpy as np

    kept = np.array([bool(document) for document in terms.documents], dtype=bool)
    if kept.all():
        return material, terms, 0
    ids = set(material.utterances["utterance"][kept])
    repeats = material.repeats[material.repeats["repeats"].isin(ids)].reset_index(drop=True)
    wordless = int((~kept).sum()) + len(material.repeats) - len(repeats)
    told = replace(
        material,
        utterances=material.utterances[kept].reset_index(drop=True),
        vectors=material.vectors[kept],
        heard=material.heard[kept],
        repeats=repeats,
    )
    documents = [document for document in terms.documents if document]
    return told, replace(terms, documents=documents, counts=terms.counts[kept]), wordless


def too_little(material: Material, settings: dict[str, Any]) -> str:
    """Why no themes can be made, '' if they can."""
    import numpy as np

    usable, least = len(material.vectors), settings["minimum_utterances"]
    number = settings["number"]
    if usable < least:
        return f"there are too few usable utterances (found {usable}, needed {least})"
    if number != "auto" and number > usable:
        return f"{number} themes cannot be made of {counted_words(usable, 'utterance')}"
    if (np.ptp(material.heard, axis=0) < ALIKE).all():
        return "all usable utterances mean the same"
    return ""


def _orders(study: Study, utterances: pd.DataFrame) -> Orders:
    guide = [item["id"] for item in study.settings["guide"]]
    columns = dict.fromkeys(question for question in utterances["question"] if question and question not in guide)
    return Orders({source.source: source.date for source in study.sources}, [*guide, *columns])


def _wording(made: Proposal, material: Material, terms: Terms) -> Wording:
    import pandas as pd

    ids = material.utterances["utterance"]
    return Wording(made.model, pd.Series(terms.documents, index=ids), pd.Series(made.theme, index=ids), terms.shown)


# --- how it was done ------------------------------------------------------------------------------------------------


def _of_material(material: Material, wordless: int) -> Facts:
    facts: Facts = [
        ("usable utterances", len(material.vectors), "participants' words that tell something, each wording once"),
        ("repeated wordings", len(material.repeats), "have the theme of the wording that they repeat"),
    ]
    facts += [(reason, number, "utterances of participants, left out") for reason, number in material.left_out.items()]
    if wordless:
        facts.append(("hold no telling word", wordless, "utterances of participants, left out"))
    return facts


def _of_themes(made: Proposal, members: pd.DataFrame, settings: dict[str, Any]) -> Facts:
    apart = int((members["note"] == describing.FITS_NONE).sum())
    moved = int((members["note"] == describing.MOVED).sum())
    method = settings["method"]
    facts: Facts = [
        ("choice", made.sentence, "why so many themes; theme_choice.csv has the figures"),
        ("themes", len(made.centres), f"by {method}"),
        ("bootstraps", BOOTSTRAPS, f"drawn with the seed {settings['seed']}"),
        (
            "stable from",
            f"{max(describing.TRUSTED, made.chance):.2f}",
            f"below it a theme is called unstable: {describing.TRUSTED} (Hennig 2007), or what {BEYOND_CHANCE:.0%} of "
            "the themes of points without themes do not reach",
        ),
        (
            "fits none",
            apart,
            f"utterances with a similarity below {FITS} to their theme"
            + (", or that the method left out" if method == "hdbscan" else ""),
        ),
        ("moved", moved, "utterances that fitted none and went to the nearest theme"),
        (
            "context",
            "yes" if settings["context"] else "no",
            "turns of talk were read with the turns around them",
        ),
        ("BERTopic", version("bertopic"), "Grootendorst (2022); every part of it was given"),
        ("coherence", "NPMI", "of ten leading words within utterances (Lau, Newman & Baldwin 2014), chance taken off"),
        ("stability", "adjusted Rand index", "of all and of bootstraps (Hubert & Arabie 1985), chance taken off"),
    ]
    if method == "ward":
        about = f"{NEIGHBOURS} nearest utterances, {COMPONENTS} components (PCA, full), Ward, then the nearest centre"
        facts.append(("way", "no random start", about))
    else:
        about = f"{method}; what is random in it comes of this seed"
        facts.append(("way", f"seed {settings['seed']}", about))
    facts += [(f"topic: {name}", 0, "no utterance is near it") for name in made.topics.get(0, ())]
    return facts


def _write_none(args: argparse.Namespace, facts: Facts, reason: str) -> None:
    """Tables without rows, and why."""
    say(f"no themes: {reason}")
    for name in _TABLES:
        tables.write(args.results, name, tables.frame(name, []))
    _write_facts(args, [*facts, ("no themes", 0, reason)])


def _write_facts(args: argparse.Namespace, facts: Facts) -> None:
    rows = [{"what": what, "value": str(value), "note": note} for what, value, note in facts]
    tables.write(args.results, "theme_stability", tables.frame("theme_stability", rows))

"""The tables themes and theme_members: who speaks of each theme, how well it holds, and what to beware of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .. import tables
from ..tables.themes import FITS_NONE, MOVED, NAMED, ONE_PERSON, REPEATS, UNSTABLE
from .terms import label

if TYPE_CHECKING:
    import pandas as pd

    from .material import Material
    from .model import Proposal

# Below this a group is not to be trusted to be one (Hennig 2007).
TRUSTED = 0.6
# Of a theme, what one person may say at most for it to be more than theirs.
MOST_BY_ONE = 0.8
GROUP = "focus_group"


def members(material: Material, made: Proposal) -> pd.DataFrame:
    """The table theme_members: every utterance that tells something, those that repeat others with their theme."""
    import numpy as np
    import pandas as pd

    notes = np.where(made.theme == 0, FITS_NONE, np.where(made.theme != made.fitted, MOVED, ""))
    fitted = pd.DataFrame(
        {
            "utterance": material.utterances["utterance"],
            "theme": made.theme,
            "fitted": made.fitted,
            "similarity": made.similarity,
            "repeats": "",
            "note": notes,
        }
    )
    again = material.repeats.merge(
        fitted.drop(columns=["repeats", "note"]).rename(columns={"utterance": "repeats"}), on="repeats", how="left"
    ).assign(note=REPEATS)
    return tables.frame("theme_members", pd.concat([fitted, again]).to_dict("list"))


def themes(made: Proposal, voices: pd.DataFrame, kinds: Mapping[str, str], shown: Mapping[str, str]) -> pd.DataFrame:
    """The table themes. `voices`: theme_members with the source and participant of each; `kinds` of the sources."""
    known = voices[voices["participant"] != ""]
    groups = voices[voices["source"].map(kinds) == GROUP]
    of_people = known["participant"].nunique()
    rows = []
    for theme in sorted(made.centres):
        inside, people = voices[voices["theme"] == theme], known[known["theme"] == theme]
        share = float(people["participant"].value_counts().max() / len(inside)) if len(people) else 0.0
        number = people["participant"].nunique()
        rows.append(
            {
                "theme": theme,
                "label": label(made.terms[theme], made.terms_by_meaning[theme], made.terms_diverse[theme], shown),
                "topic": "; ".join(made.topics.get(theme, ())),
                "terms": _listed(made.terms[theme], shown),
                "terms_by_meaning": _listed(made.terms_by_meaning[theme], shown),
                "terms_diverse": _listed(made.terms_diverse[theme], shown),
                "utterances": len(inside),
                "of_utterances": len(voices),
                "participants": number,
                "of_participants": of_people,
                "sources": inside["source"].nunique(),
                "of_sources": voices["source"].nunique(),
                "groups": groups.loc[groups["theme"] == theme, "source"].nunique(),
                "of_groups": groups["source"].nunique(),
                "stability": made.stability[theme],
                "cohesion": float(inside["similarity"].mean()),
                "largest_share": share,
                "note": caution(number, of_people, share, made.stability[theme], made.chance, theme in made.named),
            }
        )
    return tables.frame("themes", rows)


def _listed(terms: Iterable[str], shown: Mapping[str, str]) -> str:
    return "; ".join(dict.fromkeys(shown.get(term, term) for term in terms))


def caution(people: int, of_people: int, share: float, stability: float, chance: float, is_named: bool = False) -> str:
    """What to beware of: that it does not hold, that one person makes it where several speak, that it was named."""
    cautions = []
    if of_people > 1 and (people == 1 or share >= MOST_BY_ONE):
        cautions.append(ONE_PERSON)
    if stability < max(TRUSTED, chance):
        cautions.append(UNSTABLE)
    if is_named:
        cautions.append(NAMED)
    return "; ".join(cautions)

"""Themes by guide question, source and attribute: how often they are spoken of, and in which words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import TYPE_CHECKING

from .. import tables
from ..counting import MOST_VALUES, groupings
from ..tables import percent

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from bertopic import BERTopic
    from scipy.sparse import csr_matrix

TERMS = 5
# What groupings and counts need of an utterance: not its words, which would be copied for each value.
_COLUMNS = ["utterance", "participant", "role", "source", "question"]


@dataclass(frozen=True)
class Orders:
    """In which order values stand.

    `dates`: of every source, in study order, '' where there is none. `questions`: ids of the guide's, then columns of
    surveys.
    """

    dates: Mapping[str, str]
    questions: Sequence[str] = ()

    def key(self, attribute: str) -> Callable[[str], tuple[object, ...]]:
        """Sources by date, those without one last; questions as listed; 9 before 10 before a."""
        listed = {"source": list(self.dates), "question": self.questions}.get(attribute, ())
        position = {value: place for place, value in reversed(list(enumerate(listed)))}
        dates = self.dates if attribute == "source" else {}

        def key(value: str) -> tuple[object, ...]:
            date = dates.get(value, "")
            counting = re.sub(r"\d+", lambda number: number[0].zfill(9), value)
            return not date, date, position.get(value, len(listed)), counting, value

        return key


class Wording:
    """In which terms themes are spoken of among some of the utterances, by c-TF-IDF.

    This is `topics_per_class` of BERTopic with its `global_tuning` (Grootendorst 2022, BERTopic: Neural topic modeling
    with a class-based TF-IDF procedure): the weights of a theme's terms here and everywhere, each adding up to 1, are
    averaged. It is computed with the model's own vectorizer and c-TF-IDF, because that function overwrites the c-TF-IDF
    of the model and leaves the order of equal terms to the processor. Here it is the alphabet's.
    """

    def __init__(self, model: BERTopic, documents: pd.Series, themes: pd.Series, shown: Mapping[str, str]) -> None:
        """`documents`: the terms of each fitted utterance, by its id; `themes`: number of the theme by utterance."""
        import numpy as np

        self._weights = model.ctfidf_model.transform
        self._counts = model.vectorizer_model.transform(documents)
        self._terms = model.vectorizer_model.get_feature_names_out()
        self._shown = shown
        self._ids = documents.index
        self._theme = themes.reindex(self._ids).to_numpy()
        self._themes = np.unique(themes[themes > 0])
        self._everywhere = self._shares(np.arange(len(self._ids)))

    def _shares(self, rows: np.ndarray) -> csr_matrix:
        """(themes, terms): the c-TF-IDF of each theme among these rows of the documents, adding up to 1."""
        import numpy as np
        from scipy.sparse import csr_matrix
        from sklearn.preprocessing import normalize

        place = np.searchsorted(self._themes, self._theme[rows])
        inside = self._theme[rows] > 0
        shape = len(self._themes), len(self._ids)
        chosen = csr_matrix((np.ones(inside.sum()), (place[inside], rows[inside])), shape)
        return normalize(self._weights(chosen @ self._counts), norm="l1")

    def __call__(self, utterances: pd.Series) -> dict[int, str]:
        """Up to five leading terms, joined by `; `, of each theme that is met in these (ids)."""
        rows = self._ids.get_indexer(utterances)
        rows = rows[rows >= 0]
        both = (self._everywhere + self._shares(rows)).tocsr()
        met = set(self._theme[rows])
        places = ((int(theme), place) for place, theme in enumerate(self._themes) if theme in met)
        return {theme: "; ".join(self._leading(both[place])) for theme, place in places}

    def together(self, themes: frozenset[int]) -> list[str]:
        """The ten leading terms of several themes taken as one."""
        import numpy as np
        from scipy.sparse import csr_matrix

        inside = np.isin(self._theme, list(themes))
        return self._leading(self._weights(csr_matrix(inside.astype(np.float64)) @ self._counts).tocsr()[0], 2 * TERMS)

    def _leading(self, row: csr_matrix, most: int = TERMS) -> list[str]:
        # Rounded, so that sums in another order leave equals equal.
        ranked = sorted(zip(-row.data.round(9), self._terms[row.indices], strict=True))
        return [self._shown.get(term, term) for _, term in ranked[:most]]


def themes_by(
    members: pd.DataFrame,
    utterances: pd.DataFrame,
    attributes: pd.DataFrame,
    named: list[str],
    orders: Orders,
    wording: Callable[[pd.Series], Mapping[int, str]],
) -> pd.DataFrame:
    """The table themes_by: a row for each value and theme, also where the theme is not met.

    `members` (columns utterance and theme) are all utterances that tell something, repeats included, theme 0 where
    they fit none: these make no rows, but are in `of_utterances`. `named` are the attributes to count by (all, if there
    are none), `wording` gives the terms of the themes in utterances of these ids. All are plain counts. Nothing is
    hidden however small a group is, since the table stays with the researchers.
    """
    told = utterances[_COLUMNS].merge(members[["utterance", "theme"]], on="utterance")
    themes = sorted(set(told["theme"]) - {0})
    made = chain(_people(told, attributes, named), groupings(told, attributes, named)) if themes else iter(())
    rows: list[dict[str, object]] = []
    for attribute, groups in groupby(made, key=lambda group: group[0]):
        key = orders.key(attribute)
        for _, value, inside in sorted(groups, key=lambda group: key(group[1])):
            rows += _rows(attribute, value, inside, themes, wording(inside["utterance"]))
    return tables.frame("themes_by", rows)


def _people(told: pd.DataFrame, attributes: pd.DataFrame, named: list[str]) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """As `groupings`, by person, where they are few enough to be told apart."""
    people = sorted(set(told["participant"]) - {""})
    if not named and len(people) <= MOST_VALUES and "participant" not in set(attributes["attribute"]):
        for person in people:
            yield "participant", person, told[told["participant"] == person]


def _rows(
    attribute: str, value: str, inside: pd.DataFrame, themes: Sequence[int], terms: Mapping[int, str]
) -> Iterator[dict[str, object]]:
    known = inside[inside["participant"] != ""]
    said = inside["theme"].value_counts()
    people = known.groupby("theme")["participant"].nunique()
    of_people = known["participant"].nunique()
    for theme in themes:
        yield {
            "attribute": attribute,
            "value": value,
            "theme": theme,
            "utterances": said.get(theme, 0),
            "of_utterances": len(inside),
            "percent": percent(said.get(theme, 0), len(inside)),
            "participants": people.get(theme, 0),
            "of_participants": of_people,
            "terms": terms.get(theme, ""),
        }

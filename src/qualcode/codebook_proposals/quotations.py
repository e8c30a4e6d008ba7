"""The quotations of counted codings as sentences, vectors and telling words: what proposals are made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..content import CONTENT, LIGHT, LONG_ENOUGH, spread, stop_words
from ..text import shortened

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ..tokens import Tokens

# Characters that are quoted in a proposal.
LONGEST = 300
# How many words tell what a code is about.
TELLING = 10


@dataclass(frozen=True)
class Quotations:
    """Distinct quotations of each code.

    `rows`: code, coding, quote (sentences of its first utterance that is data, shortened), utterance (that one),
    participant ('' if several or no one); in the order of the talk, one row for codings of a code that cover the same
    sentences.
    `covers`: the sentences of each: row, sentence.
    `vectors`: shape (rows, d), unit length, pooled over the sentences by their length; None without embeddings.
    `lemmas`: sentence, lemma: content words that sentences hold.
    `credits`: code, utterance, participant of every coding, those of equal quotations too.
    """

    rows: pd.DataFrame
    covers: pd.DataFrame
    vectors: np.ndarray | None
    lemmas: pd.DataFrame
    credits: pd.DataFrame

    @cached_property
    def of_code(self) -> dict[str, np.ndarray]:
        """The rows of each code."""
        return {str(code): at for code, at in self.rows.groupby("code", sort=False).indices.items()}

    @cached_property
    def _words(self) -> pd.DataFrame:
        """row, lemma: each word once per quotation."""
        return self.covers.merge(self.lemmas, on="sentence")[["row", "lemma"]].drop_duplicates()

    @cached_property
    def _frequency(self) -> pd.Series:
        return self._words.groupby("lemma").size()

    def telling(self, rows: Sequence[int] | np.ndarray, among: Sequence[int] | np.ndarray | None = None) -> list[str]:
        """The words that tell these quotations from `among` (default: all), at most TELLING, the most telling first.

        By the signed log-likelihood of their share of quotations (Rayson & Garside 2000); met in two at least.
        """
        import numpy as np

        words = self._words
        everything = words if among is None else words[words["row"].isin(among)]
        frequency = self._frequency if among is None else everything.groupby("lemma").size()
        total = len(self.rows) if among is None else len(among)
        inside = everything[everything["row"].isin(rows)].groupby("lemma").size()
        inside = inside[inside >= 2]
        outside = frequency.reindex(inside.index) - inside
        share, rest = len(rows) / total, 1 - len(rows) / total
        both = (inside + outside).astype("float64")
        gain = inside * np.log(inside / (both * share)) + outside * np.log(
            (outside / (both * rest)).where(outside > 0, 1.0) if rest > 0 else 1.0
        )
        found = gain[inside > both * share]
        ranked = sorted(zip(found.round(9), found.index, strict=True), key=lambda item: (-item[0], item[1]))
        return [str(lemma) for _, lemma in ranked[:TELLING]]


def gather(
    codings: pd.DataFrame, utterances: pd.DataFrame, tokens_of: Callable[[str], Tokens], embeddings: Path
) -> Quotations:
    """The quotations of `codings`: counted open codes by utterance (coding, source, code, start, end, quote,
    utterance, participant). `embeddings` is the file of vectors, which may be missing."""
    import numpy as np
    import pandas as pd

    sentences, lemmas = _sentences(codings, utterances, tokens_of, embeddings)
    placed = codings.merge(utterances[["utterance"]].assign(position=utterances.index), on="utterance")
    met = _met(placed, sentences)
    bounds = met.groupby("coding")["sentence"].agg(["min", "max"])
    placed = placed.merge(bounds.reset_index(), on="coding").sort_values(["position", "start"], kind="stable")
    people = placed.groupby("coding")["participant"].agg(["first", "nunique"])
    rows = placed.drop_duplicates("coding").drop_duplicates(["code", "min", "max"]).reset_index(drop=True)
    rows = rows.assign(participant=rows["coding"].map(people["first"].where(people["nunique"] == 1, "")))
    number = pd.Series(rows.index, index=rows["coding"])
    covers = met[met["coding"].isin(rows["coding"])]
    covers = covers.assign(row=covers["coding"].map(number).astype("int64"))[["row", "sentence"]].drop_duplicates()
    vectors = None
    if embeddings.exists():
        with np.load(embeddings) as stored:
            own = stored["sentence_vectors"][sentences["vector"].to_numpy()[covers["sentence"]]].astype(np.float64)
        length = (sentences["closes"] - sentences["opens"]).to_numpy()[covers["sentence"]]
        vectors = np.zeros((len(rows), own.shape[1]))
        np.add.at(vectors, covers["row"].to_numpy(), own * length[:, None])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    rows = rows.assign(quote=_quotes(rows, met, sentences, utterances))
    columns = ["code", "coding", "quote", "utterance", "participant"]
    credits = codings[["code", "utterance", "participant"]]
    return Quotations(rows[columns], covers.reset_index(drop=True), vectors, lemmas, credits)


def _met(placed: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """coding, position, sentence: the sentences that each coding reaches into, by utterance."""
    import numpy as np

    # Sentences stand in the order of the talk: those of an utterance in a row, and none within another.
    width = int(max(sentences["closes"].max(), placed["end"].max())) + 1 if len(sentences) and len(placed) else 1
    base = placed["position"].to_numpy() * width
    keys = [(sentences["position"] * width + sentences[edge]).to_numpy() for edge in ("closes", "opens")]
    begins = sentences["position"].to_numpy()
    low = np.maximum(
        np.searchsorted(keys[0], base + placed["start"].to_numpy(), side="right"),
        np.searchsorted(begins, placed["position"].to_numpy(), side="left"),
    )
    high = np.minimum(
        np.searchsorted(keys[1], base + placed["end"].to_numpy(), side="left"),
        np.searchsorted(begins, placed["position"].to_numpy(), side="right"),
    )
    of, sentence = spread(low, high)
    return placed[["coding", "position"]].iloc[of].assign(sentence=sentence)


def _quotes(rows: pd.DataFrame, met: pd.DataFrame, sentences: pd.DataFrame, utterances: pd.DataFrame) -> list[str]:
    """The first sentences of each coding in its first utterance, as many as are no longer than LONGEST together."""
    own = met.merge(rows[["coding", "position"]], on=["coding", "position"])
    first = own.groupby("coding")["sentence"].agg(["min", "max"]).reindex(rows["coding"])
    opens, closes = sentences["opens"].tolist(), sentences["closes"].tolist()
    starts, texts = utterances["start"].to_dict(), utterances["text"].to_dict()
    made = []
    for position, begin, end in zip(rows["position"], first["min"].tolist(), first["max"].tolist(), strict=True):
        while end > begin and closes[end] - opens[begin] > LONGEST:
            end -= 1
        made.append(
            shortened(texts[position][opens[begin] - starts[position] : closes[end] - starts[position]], LONGEST)
        )
    return made


def _sentences(
    codings: pd.DataFrame, utterances: pd.DataFrame, tokens_of: Callable[[str], Tokens], embeddings: Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sentences of coded utterances (position of the utterance, opens and closes in the canonical text, row of the
    vector), and the lemmas that they hold."""
    import numpy as np
    import pandas as pd

    coded = set(codings["utterance"])
    owners = np.zeros(0, dtype=np.int64)
    if embeddings.exists():
        with np.load(embeddings) as stored:
            owners = stored["sentence_utterances"]
    first_vector = np.searchsorted(owners, np.arange(len(utterances) + 1))
    rows: list[tuple[int, int, int, int]] = []
    lemmas = []
    coded_sources = set(codings["source"])
    for source, group in utterances.groupby("source", sort=False):
        if source not in coded_sources:
            continue
        tokens = tokens_of(str(source))
        places = np.full(len(tokens.spans) + 1, -1)
        offset, wanted = group["start"].to_list(), group["utterance"].isin(coded).to_list()
        at, seen = 0, -1
        for number, (utterance, start, end) in enumerate(tokens.spans):
            if utterance < 0 or not wanted[utterance]:
                continue
            position = int(group.index[utterance])
            at, seen = (at + 1 if utterance == seen else 0), utterance
            places[number] = len(rows)
            rows.append(
                (position, offset[utterance] + start, offset[utterance] + end, int(first_vector[position]) + at)
            )
        lemmas.append(_lemmas(tokens, places))
    frame = pd.DataFrame(rows, columns=["position", "opens", "closes", "vector"]).astype("int64")
    return frame, pd.concat(lemmas or [pd.DataFrame({"sentence": np.zeros(0, dtype=np.int64), "lemma": []})])


def _lemmas(tokens: Tokens, places: np.ndarray) -> pd.DataFrame:
    """Content words of sentences by their place among all; without a model words as they stand, short ones left out."""
    import numpy as np
    import pandas as pd

    base = tokens.lemma if tokens.parsed else tokens.surface
    forms = [form.lower() for form in tokens.forms]
    shortest = 2 if tokens.parsed else LONG_ENOUGH
    empty = stop_words() | LIGHT
    telling = np.array([len(form) >= shortest and form.isalpha() and form not in empty for form in forms] or [False])
    keep = telling[base] & (places[tokens.sentence] >= 0)
    if tokens.parsed:
        keep &= np.isin(tokens.pos.astype(str), list(CONTENT))
    words = np.array(forms or [""], dtype=object)[base[keep]]
    return pd.DataFrame({"sentence": places[tokens.sentence[keep]], "lemma": words}).drop_duplicates()

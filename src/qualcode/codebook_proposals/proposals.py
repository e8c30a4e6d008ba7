"""What the codings say of the codebook: codes that look like one, a code that looks like two, uncovered phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

from .. import tables
from ..codebook import Code, Codebook
from ..text import shortened
from .quotations import LONGEST, Quotations

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Codes with fewer quotations say nothing.
FEWEST_ALIKE = 5
FEWEST_DIVIDED = 12
# Share of sentences that both codes cover, of those that either covers; and how often more than by chance.
SAME_WORDS = 0.5
MORE_THAN_CHANCE = 2.0
# How near the quotations of two codes are, of how near those of one are: 1 is no difference, 0 as any two codes.
NEAR = 0.8
SHARED_WORDS = 3
# Standard deviations above what codings dealt out at random give: across two codes, and within each.
# With many codes as many more as leave chance this number of pairs.
CLOSE, BY_CHANCE = 3.0, 0.5
COHERENT = 1.0
SHUFFLES = 50
SEED = 2007
# Halves that bootstraps find again ("highly stable", Hennig 2007), each of at least this share of the quotations.
STABLE = 0.85
BOOTSTRAPS = 30
SMALLER_HALF = 0.25
# Halves as far apart as that are as rare among quotations of any code.
RARE = 0.9
MOST_QUOTATIONS = 200
# Halves that speakers tell apart to this share are those of speakers, and no matter of the code.
SPEAKERS = 0.9
# Phrases of one group are as similar as this on average.
ONE_GROUP = 0.5
MOST_PHRASES = 300


def alike(quotes: Quotations, codebook: Codebook) -> list[dict[str, object]]:
    """Pairs of codes whose codings cover the same sentences, or mean the same in the same words.

    A code and those above it are meant to look alike, and no pair.
    """
    codes = [code for code in codebook.codes if len(quotes.of_code.get(code.code, ())) >= FEWEST_ALIKE]
    shared = _same_sentences(quotes, codes)
    near = _near(quotes, codes)
    rows = []
    for at, a in enumerate(codes):
        for other in range(at + 1, len(codes)):
            b = codes[other]
            if a.code in b.path or b.code in a.path:
                continue
            evidence = [*_told(shared.get((at, other))), *_told(near.get((at, other)))]
            if evidence:
                score = max(value for value, _ in evidence)
                quoted = _nearest(quotes, a.code, b.code)
                rows.append(_row("alike", [a.code, b.code], [], score, [text for _, text in evidence], quotes, quoted))
    return rows


def looked_for(found: Sequence[Mapping[str, object]], quotes: Quotations) -> str:
    """How many proposals there are, and how many codes had the quotations that it takes to be looked at."""
    number = [len(rows) for rows in quotes.of_code.values()]
    pairs, halves = (sum(1 for rows in number if rows >= fewest) for fewest in (FEWEST_ALIKE, FEWEST_DIVIDED))
    vectors = "" if quotes.vectors is not None else "; without vectors no meanings are compared"
    return (
        f"{len(found)} {'proposal' if len(found) == 1 else 'proposals'} for the codebook (pairs need {FEWEST_ALIKE} "
        f"counted quotations each: {_codes(pairs)}; a division needs {FEWEST_DIVIDED}: {_codes(halves)}{vectors})"
    )


def _codes(number: int) -> str:
    return "1 code has them" if number == 1 else f"{number} codes have them"


def _told(found: tuple[float, str] | None) -> list[tuple[float, str]]:
    return [found] if found else []


def _same_sentences(quotes: Quotations, codes: Sequence[Code]) -> dict[tuple[int, int], tuple[float, str]]:
    """Score and evidence of pairs that cover the same sentences, by the places of the codes."""
    place = {code.code: at for at, code in enumerate(codes)}
    covers = quotes.covers.assign(code=quotes.rows["code"].to_numpy()[quotes.covers["row"]])
    every = covers["sentence"].nunique()
    covers = covers[covers["code"].isin(place)][["code", "sentence"]].drop_duplicates()
    number = covers["code"].value_counts()
    both = covers.merge(covers, on="sentence").groupby(["code_x", "code_y"]).size()
    found = {}
    for (a, b), shared in both.items():
        either, expected = int(number[a] + number[b] - shared), number[a] * number[b] / every
        if place[a] < place[b] and shared >= max(FEWEST_ALIKE, SAME_WORDS * either, MORE_THAN_CHANCE * expected):
            told = f"Of {either} sentences that carry one of them {shared} carry both ({expected:.1f} by chance)."
            found[place[a], place[b]] = (float(shared / either), told)
    return found


def _near(quotes: Quotations, codes: Sequence[Code]) -> dict[tuple[int, int], tuple[float, str]]:
    """Score and evidence of pairs whose quotations are nearly as near to one another as those of each are."""
    import numpy as np

    if quotes.vectors is None or len(codes) < 2:
        return {}
    own = [_spread(quotes.of_code[code.code]) for code in codes]
    rows, label = np.concatenate(own), np.repeat(np.arange(len(codes)), [len(part) for part in own])
    vectors = quotes.vectors[rows].astype(np.float32)
    within, across, apart = _similarities(vectors, label, len(codes))
    chance = np.random.default_rng(SEED)
    drawn = [_similarities(vectors, chance.permutation(label), len(codes))[:2] for _ in range(SHUFFLES)]
    coherent = _beyond(within, [item[0] for item in drawn]) >= COHERENT
    pairs = len(codes) * (len(codes) - 1) / 2
    close = _beyond(across, [item[1] for item in drawn]) >= max(CLOSE, NormalDist().inv_cdf(1 - BY_CHANCE / pairs))
    base = (apart[:, None] + apart[None, :]) / 2
    span = (within[:, None] + within[None, :]) / 2 - base
    share = np.where(span > 0, (across - base) / np.where(span > 0, span, 1), 0)
    candidates = np.argwhere(np.triu(close & coherent[:, None] & coherent[None, :] & (share >= NEAR), 1))
    telling = {at: quotes.telling(quotes.of_code[codes[at].code]) for at in sorted(set(candidates.ravel().tolist()))}
    found = {}
    for a, b in candidates.tolist():
        words = [word for word in telling[a] if word in telling[b]]
        if len(words) >= SHARED_WORDS:
            found[a, b] = (
                float(min(1.0, share[a, b])),
                f"Their quotations are as similar ({across[a, b]:.2f}) as those of each are among themselves "
                f"({within[a]:.2f} and {within[b]:.2f}; to other codes {base[a, b]:.2f}), and share telling words: "
                f"{', '.join(words)}.",
            )
    return found


def _similarities(vectors: np.ndarray, label: np.ndarray, codes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean cosine similarities: within each code, shape (codes,); across each two, (codes, codes); to all others."""
    import numpy as np

    number = np.bincount(label, minlength=codes).astype(float)
    begins = np.concatenate([[0], np.cumsum(number)[:-1]]).astype(int)
    sums = np.add.reduceat(vectors[np.argsort(label, kind="stable")], begins, axis=0)
    means = sums / number[:, None]
    within = ((sums**2).sum(axis=1) - number) / (number * (number - 1))
    others = (sums.sum(axis=0) - sums) / (len(label) - number)[:, None]
    return within, means @ means.T, (means * others).sum(axis=1)


def _beyond(found: np.ndarray, drawn: Sequence[np.ndarray]) -> np.ndarray:
    """Standard deviations above what was drawn at random."""
    import numpy as np

    stacked = np.stack(drawn)
    return (found - stacked.mean(axis=0)) / np.maximum(stacked.std(axis=0, ddof=1), 1e-12)


def _nearest(quotes: Quotations, a: str, b: str) -> list[int]:
    """The quotation of each code that is nearest to the other's (without vectors the first), of two utterances."""
    first = _middle(quotes.vectors, quotes.of_code[a], quotes.of_code[b])
    rows = quotes.of_code[b]
    elsewhere = rows[quotes.rows["utterance"].to_numpy()[rows] != quotes.rows["utterance"].iloc[first]]
    return [first, _middle(quotes.vectors, elsewhere if len(elsewhere) else rows, quotes.of_code[a])]


def divide(quotes: Quotations, codebook: Codebook) -> list[dict[str, object]]:
    """Codes whose quotations fall into two halves: apart from one another, stable, and not those of speakers."""
    import numpy as np

    if quotes.vectors is None:
        return []
    chance: dict[int, float] = {}
    rows = []
    for code in codebook.codes:
        own = _spread(quotes.of_code.get(code.code, np.zeros(0, dtype=np.int64)))
        if len(own) < FEWEST_DIVIDED:
            continue
        vectors = quotes.vectors[own]
        half = _halves(vectors)
        if _of_speakers(quotes.rows["participant"].to_numpy()[own], half) or not _even(half):
            continue
        stable = _stability(vectors, half)
        parts = [own[half == side] for side in (0, 1)]
        phrases = [", ".join(quotes.telling(part, own)[:5]) for part in parts]
        if stable < STABLE or not all(phrases):
            continue
        apart = _silhouette(vectors, half)
        if len(own) not in chance:
            chance[len(own)] = _by_chance(quotes.vectors, len(own))
        if apart <= chance[len(own)]:
            continue
        evidence = [
            f"{len(own)} quotations fall into {len(parts[0])} and {len(parts[1])}: silhouette {apart:.2f} "
            f"(one in ten by chance: {chance[len(own)]:.2f}), found again by bootstraps to {stable:.2f}."
        ]
        centres = [_middle(quotes.vectors, part, part) for part in parts]
        rows.append(_row("divide", [code.code], phrases, stable, evidence, quotes, centres))
    return rows


def _spread(rows: np.ndarray) -> np.ndarray:
    """At most MOST_QUOTATIONS of the rows, spread evenly."""
    import numpy as np

    return rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_QUOTATIONS)).round().astype(int))]


def _halves(vectors: np.ndarray) -> np.ndarray:
    """Two clusters (Ward 1963), shape (n,): 0 the one that holds the first."""
    from sklearn.cluster import AgglomerativeClustering

    label = AgglomerativeClustering(n_clusters=2, linkage="ward").fit_predict(vectors)
    return (label != label[0]).astype(int)


def _even(half: np.ndarray) -> bool:
    smaller = min(int(half.sum()), len(half) - int(half.sum()))
    return smaller >= SMALLER_HALF * len(half)


def _silhouette(vectors: np.ndarray, half: np.ndarray) -> float:
    """How far the halves are apart (Rousseeuw 1987), in cosine distances."""
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(vectors, half, metric="cosine"))


def _stability(vectors: np.ndarray, half: np.ndarray) -> float:
    """Mean over bootstraps of the Jaccard similarity of the less stable half to its nearest cluster (Hennig 2007)."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    values: list[list[float]] = [[], []]
    for _ in range(BOOTSTRAPS):
        drawn = np.unique(chance.integers(0, len(vectors), len(vectors)))
        again = _halves(vectors[drawn])
        for side in (0, 1):
            inside = half[drawn] == side
            if inside.any():
                met = [(inside & (again == other)).sum() / (inside | (again == other)).sum() for other in (0, 1)]
                values[side].append(float(max(met)))
    return min(sum(found) / len(found) if found else 0.0 for found in values)


def _by_chance(vectors: np.ndarray, number: int) -> float:
    """The silhouette that even halves of `number` quotations of any code exceed in one of ten draws."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    found = []
    for _ in range(SHUFFLES):
        drawn = vectors[np.sort(chance.choice(len(vectors), number, replace=False))]
        half = _halves(drawn)
        if _even(half):
            found.append(_silhouette(drawn, half))
    return float(np.quantile(found, RARE)) if found else 0.0


def _of_speakers(people: np.ndarray, half: np.ndarray) -> bool:
    """Whether who speaks tells the halves apart."""
    known = people != ""
    speakers = sorted(set(people[known].tolist()))
    if len(speakers) < 2:
        return False
    sides = [[int(((people == person) & (half == side)).sum()) for side in (0, 1)] for person in speakers]
    one_voice = any(sum(1 for counts in sides if counts[side]) < 2 for side in (0, 1))
    return one_voice or sum(map(max, sides)) >= SPEAKERS * int(known.sum())


def _middle(vectors: np.ndarray | None, rows: np.ndarray, of: np.ndarray) -> int:
    """Which of `rows` is nearest to the mean of the rows `of`; the first without vectors."""
    return int(rows[(vectors[rows] @ vectors[of].mean(axis=0)).round(6).argmax()] if vectors is not None else rows[0])


def group(
    phrases: pd.DataFrame,
    people: Mapping[int, tuple[set[str], set[str]]],
    codebook: Codebook,
    encode: Callable[[list[str]], np.ndarray],
) -> list[dict[str, object]]:
    """Uncovered in vivo codes of one meaning as candidate subcategories, with the nearest category.

    `phrases` are those of in_vivo_codes, `people` the utterances and participants of each by its group number.
    """
    from sklearn.cluster import AgglomerativeClustering

    phrases = phrases[~phrases["covered"]].head(MOST_PHRASES).reset_index(drop=True)
    categories = [code for code in codebook.codes if not code.leaf] or list(codebook.codes)
    if len(phrases) < 2 or not categories:
        return []
    vectors = encode(list(phrases["phrase"]))
    meanings = encode([f"{code.name}. {code.definition}".strip() for code in categories])
    model = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - ONE_GROUP
    )
    label = model.fit_predict(vectors)
    rows = []
    for members in phrases.groupby(label).indices.values():
        if len(members) < 2:
            continue
        own = vectors[members]
        similar = float(((own.sum(axis=0) ** 2).sum() - len(own)) / (len(own) * (len(own) - 1)))
        near = (meanings @ own.mean(axis=0)).round(6)
        category = categories[int(near.argmax())]
        listed = [people.get(int(number), (set(), set())) for number in phrases["group"].iloc[members]]
        utterances, participants = (set().union(*found) for found in zip(*listed, strict=True))
        first, second = (phrases.iloc[members[at]] for at in (0, 1))
        rows.append(
            {
                "kind": "group",
                "codes": category.code,
                "phrases": "; ".join(phrases["phrase"].iloc[members]),
                "score": similar,
                "utterances": len(utterances),
                "participants": len(participants - {""}),
                "evidence": f"{len(members)} phrases that no code covers, similar to {similar:.2f}; of the categories "
                f"{category.code} is nearest ({near.max():.2f}).",
                "quotation_1": shortened(first["quotation_1"], LONGEST),
                "utterance_1": first["utterance_1"],
                "quotation_2": shortened(second["quotation_1"], LONGEST),
                "utterance_2": second["utterance_1"],
            }
        )
    return rows


def _row(
    kind: str,
    codes: Sequence[str],
    phrases: Sequence[str],
    score: float,
    evidence: Sequence[str],
    quotes: Quotations,
    quoted: Sequence[int],
) -> dict[str, object]:
    carried = quotes.credits[quotes.credits["code"].isin(codes)]
    first, second = (quotes.rows.iloc[at] for at in quoted)
    return {
        "kind": kind,
        "codes": "; ".join(codes),
        "phrases": "; ".join(phrases),
        "score": score,
        "utterances": carried["utterance"].nunique(),
        "participants": carried.loc[carried["participant"] != "", "participant"].nunique(),
        "evidence": " ".join(evidence),
        "quotation_1": first["quote"],
        "utterance_1": first["utterance"],
        "quotation_2": second["quote"],
        "utterance_2": second["utterance"],
    }


def proposal_table(found: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """The table codebook_proposals: by kind, the surest first."""
    kinds = ("alike", "divide", "group")
    ordered = sorted(found, key=lambda row: (kinds.index(str(row["kind"])), -round(float(str(row["score"])), 4)))
    return tables.frame("codebook_proposals", ordered)

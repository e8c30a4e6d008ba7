"""Find words and short phrases of the talk itself that may name a topic: candidates for in vivo codes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .. import tables
from ..console import add_study, say
from ..counting import said
from ..language import load_embedder, vocabulary
from ..study import load_study
from ..tokens import parses_of, read_tokens
from .candidates import KINDS
from .catalogue import Catalogue, Reader
from .ranking import Group, groups_of, ranked

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SETTINGS = ("language", "embeddings")


def voices_of(utterances: pd.DataFrame) -> np.ndarray:
    """Who is heard in each utterance: a number for each person; a source where no one is known."""
    import pandas as pd

    person = utterances["participant"].where(utterances["participant"] != "", "source " + utterances["source"])
    return pd.factorize(person)[0]


def phrase_tables(
    catalogue: Catalogue, groups: Sequence[Group], utterances: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables phrases and phrase_places: groups in order, in them the leading phrase first, of these the places."""
    import numpy as np
    import pandas as pd

    rows, places = [], []
    by_phrase = catalogue.groups
    base, ids = utterances["start"].to_numpy(), utterances["utterance"].to_numpy()
    for number, group in enumerate(groups, 1):
        for phrase in group.phrases:
            at = catalogue.places.at(by_phrase[phrase.number])
            named = {"phrase": phrase.phrase, "kind": KINDS[catalogue.keys[phrase.number][0]], "group": number}
            rows.append(
                {
                    **named,
                    "group_score": group.score,
                    "score": phrase.score,
                    "indicators": phrase.indicators,
                    "count": len(at.start),
                    "utterances": len(np.unique(at.utterance)),
                    "participants": phrase.voices,
                    "own": phrase.own,
                    "distinctiveness": phrase.distinct,
                    "spread": phrase.spread,
                }
            )
            offset = base[at.utterance]
            columns = {
                **named,
                "utterance": ids[at.utterance],
                "start": at.start + offset,
                "end": at.end + offset,
                "sentence_start": at.sentence_start + offset,
                "sentence_end": at.sentence_end + offset,
            }
            places.append(pd.DataFrame(columns))
    together = pd.concat(places, ignore_index=True) if places else tables.frame("phrase_places", [])
    return tables.frame("phrases", rows), together


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    utterances = tables.read(args.results, "utterances")
    participants = tables.read(args.results, "participants")
    language = study.settings["language"]
    idle = frozenset(vocabulary(language).Defaults.stop_words)
    catalogue = read_sources(utterances, participants, args.results, idle)
    english = language.removeprefix("blank:").startswith("en")
    voice = voices_of(utterances)
    of_all = len(set(voice[utterances.index.isin(said(utterances).index)]))
    phrases = ranked(catalogue, utterances, voice, of_all, english, idle)
    embedder = load_embedder(study.settings["embeddings"]["model"])
    vectors = embedder.encode([phrase.phrase for phrase in phrases])
    groups = groups_of(catalogue, phrases, vectors, voice, of_all)
    table, places = phrase_tables(catalogue, groups, utterances)
    say(f"{len(groups)} candidates for in vivo codes, of {len(catalogue)} phrases")
    tables.write(args.results, "phrases", table)
    tables.write(args.results, "phrase_places", places)


def read_sources(
    utterances: pd.DataFrame, participants: pd.DataFrame, results: Path, idle: frozenset[str]
) -> Catalogue:
    """All candidates of the study: in what participants said, listening signals apart."""
    names = {word for name in participants["pseudonym"] for word in name.split()}
    telling = utterances.index.isin(said(utterances[~utterances["backchannel"]]).index)
    reader = Reader(names, idle)
    for source, group in utterances.groupby("source", sort=False):
        first = int(group.index[0])
        tokens = read_tokens(parses_of(results, str(source)))
        assert len(tokens.first) == len(group) + 1, "the parses are those of other utterances"
        reader.read(tokens, telling[first : first + len(group)], first)
    return reader.catalogue()

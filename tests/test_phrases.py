from __future__ import annotations

import argparse
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from qualcode import phrases, tables
from qualcode.codebook.indicators import Indicator, pieces
from qualcode.idle_words import share_in_english
from qualcode.language import load_pipeline
from qualcode.open_codes.matching import Matching, Text
from qualcode.phrases import scores
from qualcode.phrases.candidates import NOUN, RUN, VERB, candidates
from qualcode.phrases.catalogue import Reader
from qualcode.phrases.ranking import grouped
from qualcode.tokens import Tokens, read_tokens, tokens_of

ROOT = Path(__file__).parents[1]


@cache
def pipeline(language: str):
    return load_pipeline(language)


def tokens(*texts: str, language: str = "en_core_web_sm") -> Tokens:
    return tokens_of(pipeline(language).pipe(texts))


def found(*texts: str, language: str = "en_core_web_sm", names=(), stop=()) -> dict[str, set[str]]:
    """The candidates of these utterances as they are written, by kind."""
    read = tokens(*texts, language=language)
    made: dict[str, set[str]] = {}
    for kind, parts in candidates(read, np.ones(len(read), dtype=bool), names, stop):
        for row in parts.tolist():
            first, last = row[0], max(row)
            assert row == sorted(row[: row.index(-1)] if -1 in row else row) + [-1] * row.count(-1)
            text = texts[read.utterance[first]]
            made.setdefault(kind, set()).add(text[read.start[first] : read.end[last]])
    return made


def catalogue_of(*texts: str):
    reader = Reader((), ())
    reader.read(tokens(*texts), np.ones(len(texts), dtype=bool), 0)
    return reader.catalogue()


def worded(catalogue) -> dict[str, int]:
    return {" ".join(catalogue.words[word] for word in key[1:]): number for number, key in enumerate(catalogue.keys)}


# --- candidates ----------------------------------------------------------------------------------------------------


def test_noun_phrases_are_without_articles_and_pronouns_and_nested_ones_are_met_too():
    made = found("My mentor showed me the master schedule of the district.")[NOUN]
    assert {"mentor", "master schedule", "schedule", "district"} <= made
    assert not {"The mentor", "the district", "My mentor"} & made
    assert not {word for phrase in made for word in phrase.split()} & {"My", "me", "showed"}


def test_a_noun_of_a_noun_is_one_phrase_and_a_hedge_is_none():
    made = found("The division of labor was plain, and a lot of teachers saw that kind of mentor.")[NOUN]
    assert "division of labor" in made
    assert {"teachers", "mentor"} <= made
    assert not any("lot" in phrase or "kind" in phrase for phrase in made)


def test_a_verb_goes_with_its_object_unless_it_is_a_light_one():
    made = found("They paid the substitute. She got feedback. He had a plan.")
    assert made[VERB] == {"paid the substitute"}
    assert {"feedback", "plan"} <= made[NOUN]


@pytest.mark.parametrize(
    "text",
    [
        "It was a good thing, you know, the same way as last time.",
        "Um, yeah, okay, right, like, a lot of people and that kind of stuff.",
        "[laughs] [school] [inaudible]",
        "XXX xxxx XX xxxxx",
        "It took three years, until Tuesday.",
    ],
)
def test_fillers_generic_nouns_brackets_and_blackened_words_are_no_candidates(text):
    assert not set().union(*found(text).values())


def test_what_stands_around_a_bracket_is_met_and_one_never_closed_ends_with_its_utterance():
    assert found("The mentor at [elementary school] wrote.", "A [handbook", "The portfolio.")[NOUN] == {
        "mentor",
        "portfolio",
    }


def test_names_of_people_are_no_candidates():
    assert found("The handbook helped Rosa.", names={"Rosa"})[NOUN] == {"handbook"}


def test_a_hyphenated_word_is_not_cut():
    made = found("We watched a two-minute video.")[NOUN]
    assert "two-minute video" in made
    assert not made & {"minute video", "two-minute", "minute", "two"}


def test_a_word_said_twice_in_a_row_is_no_phrase():
    assert "mentor mentor" not in found("The mentor mentor helped the mentor mentor.").get(NOUN, set())


def test_a_phrase_runs_over_no_punctuation_and_no_end_of_a_sentence():
    made = found("We had a portfolio. Teacher meetings helped.", "They evaluated, um, the mentor.")
    assert not any("." in phrase or "," in phrase for group in made.values() for phrase in group)


def test_without_a_model_the_runs_between_stop_words_are_met():
    stop = {"der", "die", "hat", "und", "mir"}
    made = found("Der Plan hat mir geholfen, und die gemeinsame Planung.", language="blank:de", stop=stop)
    assert made == {RUN: {"Plan", "geholfen", "gemeinsame", "Planung", "gemeinsame Planung"}}


def test_what_is_not_told_is_not_met():
    read = tokens("The handbook helped. The portfolio did not.")
    told = np.arange(len(read)) < 4
    parts = [row[0] for _, rows in candidates(read, told) for row in rows.tolist()]
    assert [read.forms[read.surface[at]] for at in parts] == ["handbook"]


def test_an_empty_source_has_none():
    assert len(catalogue_of("")) == 0
    assert all(len(parts) == 0 for _, parts in candidates(tokens(""), np.zeros(0, dtype=bool)))


# --- what speaks for them ------------------------------------------------------------------------------------------


def test_forms_of_a_word_are_one_phrase_and_its_own_places_are_those_outside_longer_ones():
    texts = [
        "The learning plan helped.",
        "Those learning plans did not help.",
        "A plan is a plan.",
        "The teachers liked the plans.",
    ]
    catalogue = catalogue_of(*texts)
    own = scores.own_counts(catalogue)
    by_words = worded(catalogue)
    assert catalogue.counts[by_words["learning plan"]] == 2 and own[by_words["learning plan"]] == 2
    assert catalogue.counts[by_words["plan"]] == 5 and own[by_words["plan"]] == 3


def test_a_longer_phrase_that_is_met_once_takes_nothing_from_a_shorter_one():
    catalogue = catalogue_of("The learning plan helped.", "The plan did.")
    assert scores.own_counts(catalogue)[worded(catalogue)["plan"]] == 2


def test_spread_is_full_where_everyone_who_can_says_it():
    assert scores.spread([2, 2, 9], [2, 1, 3], 3) == [1.0, 0.5, 1.0]


def test_rare_words_of_english_tell_more_than_common_ones():
    texts = ["The handbook helped the school."] * 3
    catalogue = catalogue_of(*texts)
    told = dict(zip(worded(catalogue), scores.against_english(catalogue, share_in_english, {"the"}), strict=True))
    assert told["handbook"] > told["school"] > 0


def test_a_single_word_needs_more_than_a_phrase():
    assert scores.score(own=2, words=1, distinct=8, spread_=1) == 0
    assert scores.score(own=2, words=2, distinct=8, spread_=1) > 0
    assert scores.score(own=9, words=1, distinct=2, spread_=1) == 0
    assert scores.score(own=3, words=2, distinct=5, spread_=1) > scores.score(own=3, words=2, distinct=5, spread_=0.5)


def test_what_is_near_to_all_the_others_gains():
    vectors = np.array([[1, 0, 0], [0.9, 0.43589, 0], [0, 0, 1]], dtype=np.float32)
    near = scores.relevance(vectors, [1.0, 1.0, 1.0], [1, 1, 1])
    assert near[1] > near[2] and near[0] > near[2]
    assert len(scores.relevance(np.zeros((0, 3)), [], [])) == 0


def test_phrases_of_one_meaning_go_together():
    vectors = np.array([[1, 0], [0, 1], [0.98, 0.199]], dtype=np.float32)
    labels = grouped([None] * 3, vectors)  # type: ignore[list-item]
    assert labels[0] == labels[2] != labels[1]
    assert grouped([], np.zeros((0, 2))) == []


# --- the step ------------------------------------------------------------------------------------------------------

TALK = """Interviewer: What about the microscope, the microscope, the microscope?

Ana: The learning plan was late. I read the handbook.

Interviewer: The learning plan and the microscope?

Ben: My learning plan came in June, and the handbooks were long.

Ben: Handbook.

Ana: A handbook should be short. The handbook was not.
"""


def test_the_step_keeps_what_participants_say_with_its_places(study):
    study.write("transcripts/talk.txt", TALK)
    assert study.run("utterances", "parses", "phrases") == 0
    rows = {row["phrase"]: row for row in study.rows("phrases")}
    assert set(rows) == {"learning plan", "handbook", "read the handbook"}
    assert rows["handbook"]["count"] == "5" and rows["handbook"]["participants"] == "2"
    assert rows["learning plan"]["utterances"] == "2" and rows["learning plan"]["kind"] == NOUN
    text = (study.results / "texts" / "talk.txt").read_text("utf-8")
    places = study.rows("phrase_places")
    assert len(places) == 8
    for place in places:
        words = text[int(place["start"]) : int(place["end"])]
        assert words.casefold().removesuffix("s") == place["phrase"]
        sentence = text[int(place["sentence_start"]) : int(place["sentence_end"])]
        assert words in sentence and sentence.endswith(".")


def test_a_study_without_candidates_has_empty_tables(study):
    study.write("transcripts/talk.txt", "Ana: Mm-hm.\n\nBen: No.\n\nInterviewer: Well.\n")
    assert study.run("utterances", "parses", "phrases") == 0
    assert study.rows("phrases") == [] and study.rows("phrase_places") == []


def test_a_language_without_a_model_has_candidates_too(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:de\n")
    turns = ["Der gemeinsame Unterricht war gut.", "Ich mag gemeinsamen Unterricht.", "Wir haben Pause."] * 2
    turns += [f"Das war {word}." for word in ("kalt", "warm", "laut", "leise", "hell", "dunkel", "nass", "trocken")]
    turns += ["Der gemeinsame Unterricht hilft.", "Es regnet."] * 2
    text = "\n\n".join(f"{('Ana', 'Ben')[number % 2]}: {turn}" for number, turn in enumerate(turns))
    study.write("transcripts/talk.txt", text)
    assert study.run("utterances", "parses", "phrases") == 0
    assert "gemeinsame Unterricht" in {row["phrase"] for row in study.rows("phrases")}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example focus group with its phrases; gives the folder of its results."""
    from qualcode import parses, utterances

    folder = tmp_path_factory.mktemp("example")
    study = folder / "data" / "clinical-mentors"
    shutil.copytree(ROOT / "data" / "clinical-mentors", study)
    shutil.copytree(ROOT / "codebooks", folder / "codebooks")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for run in (utterances.run, parses.run, phrases.run):
            run(argparse.Namespace(study=study, results=folder / "results"))
    return folder / "results"


def test_the_example_offers_its_own_topics_and_no_fillers(example):
    leading = list(tables.read(example, "phrases").drop_duplicates("group")["phrase"])
    assert {"handbook", "learning plan", "password", "budget"} <= set(leading[:40])
    noise = {"thing", "things", "lot", "way", "people", "time", "year", "kind", "something", "bit", "stuff"}
    assert not noise & {word.casefold() for phrase in leading for word in phrase.split()}


def test_the_indicators_meet_every_place(example):
    table = tables.read(example, "phrases")
    told = tables.read(example, "utterances")
    read = read_tokens(example / "parses" / "focus-group.spacy")
    tokenizer = pipeline("en_core_web_sm").tokenizer

    def cut(word: str) -> list[str]:
        return [token.text for token in tokenizer(word)]

    indicators = [
        Indicator(f"{row.phrase}/{row.kind}", typed, pieces(typed, cut))
        for row in table.itertuples()
        for typed in row.indicators.split("; ")
    ]
    begin = told["start"].to_numpy()[read.utterance]
    met = {
        (hit.indicator.code, int((begin + read.start)[hit.start]), int((begin + read.end)[hit.end - 1]))
        for hit in Matching(indicators).find(Text(read))
    }
    places = tables.read(example, "phrase_places")
    looked_for = {(f"{row.phrase}/{row.kind}", row.start, row.end) for row in places.itertuples()}
    assert len(looked_for) > 200
    assert looked_for <= met


def test_groups_are_by_score_and_figures_agree(example):
    table = tables.read(example, "phrases")
    places = tables.read(example, "phrase_places")
    assert list(table["group"]) == sorted(table["group"])
    assert table["group_score"].is_monotonic_decreasing
    counts = places.groupby(["phrase", "kind"]).size()
    by_key = table.set_index(["phrase", "kind"])["count"]
    assert counts.to_dict() == by_key.to_dict()
    assert (table["own"] <= table["count"]).all() and (table["utterances"] <= table["count"]).all()


def test_the_same_words_give_the_same_bytes(example):
    before = [(example / f"{name}.csv").read_bytes() for name in ("phrases", "phrase_places")]
    folder = example.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        phrases.run(argparse.Namespace(study=folder / "data" / "clinical-mentors", results=example))
    assert [(example / f"{name}.csv").read_bytes() for name in ("phrases", "phrase_places")] == before

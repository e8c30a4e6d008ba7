import numpy as np
import pandas as pd
import pytest

from qualcode import tables, themes
from qualcode.tables import frame

WORDS = {
    "lesson": "the feedback about lesson planning from my mentor helped",
    "login": "the platform login crashed before every upload",
    "travel": "the bus travel cost money and took hours",
}
SIZES = {"lesson": 18, "login": 12, "travel": 8}
TOPICS = [topic for topic, size in SIZES.items() for _ in range(size)]


def clusters(noise: float = 0.05, seed: int = 1) -> np.ndarray:
    """Unit vectors around one axis per topic, in the order of TOPICS."""
    axes = np.eye(24)[[list(SIZES).index(topic) for topic in TOPICS]]
    vectors = axes + noise * np.random.default_rng(seed).standard_normal(axes.shape)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def texts() -> list[str]:
    """Different texts: each its topic's words, with a word of its own."""
    return [f"Well, {WORDS[topic]} on day{chr(97 + number % 26)}{number}." for number, topic in enumerate(TOPICS)]


def partition(member: list[int], keys: list) -> set[frozenset]:
    """Which go together, whatever their numbers."""
    return {frozenset(key for key, at in zip(keys, member, strict=True) if at == theme) for theme in member}


def utterances(words: list[str], speakers: int = 3, **more):
    rows = [
        {"utterance": f"talk:{n}", "source": "talk", "participant": f"p{(n - 1) % speakers + 1}", "role": "participant"}
        | {"question": "", "backchannel": False, "start": n, "end": n + 1, "time_start": "", "time_end": ""}
        | {"text": text, **more}
        for n, text in enumerate(words, 1)
    ]
    return frame("utterances", rows)


@pytest.fixture
def run(study):
    """Run the step on these utterances and vectors; gives themes, members and facts."""

    def made(said, vectors, settings=""):
        study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\n{settings}")
        person = {"role": "participant", "quote_consent": "yes", "kind": "interview", "utterances": 9, "words": 9}
        people = [person | {"participant": f"p{n}", "pseudonym": name} for n, name in enumerate(("Rosa", "Karl"), 1)]
        tables.write(study.results, "participants", frame("participants", people))
        tables.write(study.results, "utterances", said)
        np.savez(study.results / "embeddings.npz", vectors=np.asarray(vectors, dtype=np.float32))
        assert study.run("themes") == 0
        facts = {row["what"]: row["value"] for row in study.rows("theme_stability")}
        notes = {row["what"]: row["note"] for row in study.rows("theme_stability")}
        return study.rows("themes"), study.rows("theme_members"), facts, notes

    return made


def test_themes_are_made_of_what_participants_said_once_each():
    said = utterances(["One thing.", "ONE thing.", "Another.", "Right.", "Why?"])
    said.loc[3, "backchannel"] = True
    said.loc[4, "role"] = "moderator"
    assert list(themes.usable(said)["utterance"]) == ["talk:1", "talk:3"]


@pytest.mark.parametrize(
    ("asked", "said", "number"), [("auto", 30, 4), ("auto", 128, 8), ("auto", 4, 2), ("auto", 10_000, 12), (5, 30, 5)]
)
def test_how_many_themes(asked, said, number):
    assert themes.how_many(asked, said) == number


def test_themes_are_numbered_by_size_and_told_by_their_own_words():
    made = themes.fit(texts(), clusters(), 3)
    assert made.member == [1] * 18 + [2] * 12 + [3] * 8
    for theme, own in ((1, "lesson planning"), (2, "platform login"), (3, "bus travel")):
        assert own in made.terms[theme]
        assert len(made.terms[theme]) == themes.TERMS
    assert not {"well", "the", "and"} & {term for terms in made.terms.values() for term in terms}


def test_numbers_go_by_size_also_when_the_small_theme_comes_first():
    made = themes.fit(texts()[::-1], clusters()[::-1], 3)
    assert made.member == [3] * 8 + [2] * 12 + [1] * 18


def test_of_equal_themes_the_one_that_is_met_first_comes_first():
    assert themes._by_size([7, 4, 4, 7, 9, 9, 9]) == {9: 1, 7: 2, 4: 3}


@pytest.mark.parametrize("noise", [0.05, 0.6], ids=["clear clusters", "blurred clusters"])
def test_the_order_of_the_utterances_and_the_last_digits_do_not_matter(noise):
    vectors, words = clusters(noise), np.array(texts())
    first = themes.fit(list(words), vectors, 5)
    order = np.random.default_rng(3).permutation(len(words))
    mixed = themes.fit(list(words[order]), vectors[order], 5)
    assert partition(mixed.member, list(words[order])) == partition(first.member, list(words))
    shaken = vectors + 1e-7 * np.random.default_rng(4).standard_normal(vectors.shape)
    again = themes.fit(list(words), shaken, 5)
    assert (again.member, again.terms) == (first.member, first.terms)


def all_terms(words: list[str], names=()) -> set[str]:
    """Every word among the terms of three themes that use the same words."""
    made = themes.fit(words, clusters(), 3, names)
    return {word for terms in made.terms.values() for term in terms for word in term.split()}


def test_names_and_marks_in_brackets_are_no_terms():
    words = "Rosa and Dr. Smith-Jones [laughs] gave feedback at [the school]."
    assert all_terms([words] * len(TOPICS), ["Rosa", "Dr. Smith-Jones"]) == {"gave", "feedback"}


@pytest.mark.parametrize("words", ["Rosa's feedback.", "Rosa’s feedback."], ids=["straight", "curly"])
def test_what_belongs_to_a_person_is_not_told_by_the_name(words):
    assert all_terms([words] * len(TOPICS), ["Rosa"]) == {"feedback"}


@pytest.mark.parametrize("words", ["I'm sure I don't know the school.", "I’m sure I don’t know the school."])
def test_fillers_are_no_terms_with_straight_or_curly_apostrophes(words):
    assert all_terms([words] * len(TOPICS)) == {"sure", "school"}


def test_accents_and_other_scripts_stay():
    assert all_terms(["Élève, écoute. 老师"] * len(TOPICS)) == {"élève", "écoute", "老师"}


def test_clear_themes_are_stable_and_arbitrary_ones_are_not():
    clear = themes.stability(clusters(), [1] * 18 + [2] * 12 + [3] * 8, 3)
    assert clear == {1: 1, 2: 1, 3: 1}
    assert themes.stability(clusters(), [1] * 18 + [2] * 12 + [3] * 8, 3) == clear, "drawn with one seed"
    arbitrary = themes.stability(clusters(), [1, 2] * 19, 3)
    assert max(arbitrary.values()) < themes.UNSTABLE


def test_a_theme_is_quoted_by_the_utterance_nearest_to_its_centre():
    said = utterances(["left", "middle", "right", "alone"], speakers=2)
    vectors = np.array([[0.8, 0.6, 0], [1, 0, 0], [0.8, -0.6, 0], [0, 0, 1]])
    made, quotable = themes.Fit([1, 1, 1, 2], {1: list("abcde")}), pd.Series(True, said.index)
    table, members = themes.describe(said, vectors, made, {1: 0.9, 2: 0.5}, quotable)
    assert table.drop(columns="stability").to_dict("records") == [
        {"theme": 1, "label": "a, b, c, d", "terms": "a; b; c; d; e", "utterances": 3, "participants": 2, "sources": 1}
        | {"note": "", "quotation": "middle", "utterance": "talk:2"},
        {"theme": 2, "label": "(no telling words)", "terms": "", "utterances": 1, "participants": 1, "sources": 1}
        | {"note": "one person's topic; unstable", "quotation": "alone", "utterance": "talk:4"},
    ]
    assert members["similarity"].tolist() == pytest.approx([0.8, 1, 0.8, 1])


def test_only_who_said_yes_is_quoted_though_their_words_make_the_themes():
    said = utterances(["left", "middle", "right", "alone"], speakers=2)
    vectors = np.array([[0.8, 0.6, 0], [1, 0, 0], [0.8, -0.6, 0], [0, 0, 1]])
    made = themes.Fit([1, 1, 1, 2], {1: list("abcde")})
    for refusal in ("no", "ask"):
        people = pd.DataFrame({"participant": ["p1", "p2"], "quote_consent": ["yes", refusal]})
        table, _ = themes.describe(said, vectors, made, {1: 0.9, 2: 0.5}, themes.may_be_quoted(said, people))
        assert list(table["utterances"]) == [3, 1]
        quoted = list(zip(table["quotation"], table["utterance"], strict=True))
        assert quoted == [("left", "talk:1"), ("", "")]
    nobody = said.assign(participant="", role="")
    assert themes.may_be_quoted(nobody, people).all(), "a document has no one to ask"
    unknown = said.assign(participant=["p1", "p1", "p1", ""])
    assert list(themes.may_be_quoted(unknown, people)) == [True, True, True, False], "who is not known said no yes"


def test_the_step_writes_themes_members_and_how_they_were_made(run):
    made, members, facts, notes = run(utterances(texts()), clusters(), "themes: {number: 3}\n")
    assert [(row["theme"], row["utterances"], row["participants"], row["stability"]) for row in made] == [
        ("1", "18", "3", "1.0000"),
        ("2", "12", "3", "1.0000"),
        ("3", "8", "3", "1.0000"),
    ]
    assert [row["theme"] for row in members] == ["1"] * 18 + ["2"] * 12 + ["3"] * 8
    assert [row["utterance"] for row in members] == [f"talk:{n}" for n in range(1, 39)]
    assert (facts["usable utterances"], facts["themes"], facts["mean stability"]) == ("38", "3", "1.00")
    assert notes["themes"] == "as the study asks"


def test_the_number_of_themes_follows_from_the_number_of_utterances_unless_the_study_says(run):
    made, _, facts, notes = run(utterances(texts()), clusters())
    assert len(made) == int(facts["themes"]) == 4
    assert "Mardia" in notes["themes"]


def test_one_speaker_is_no_reason_for_a_caution(run):
    made, *_ = run(utterances(texts(), speakers=1), clusters(), "themes: {number: 3}\n")
    assert [(row["participants"], row["note"]) for row in made] == [("1", "")] * 3


def test_vectors_belong_to_their_utterances_when_some_are_left_out(run):
    said = utterances(["Mm-hm.", *texts(), "No direction."])
    said.loc[0, "backchannel"] = True
    vectors = np.concatenate([np.ones((1, 24)), clusters(), np.zeros((1, 24))])
    _, members, facts, _ = run(said, vectors, "themes: {number: 3}\n")
    assert [row["theme"] for row in members] == ["1"] * 18 + ["2"] * 12 + ["3"] * 8
    assert members[0]["utterance"] == "talk:2"
    assert facts["usable utterances"] == "38"


FILLERS = ["um", "yeah", "okay", "like", "just", "know", "mean", "you", "and", "so"]
NOTHING = {
    "too few": (utterances(texts()[:29]), "", "29 usable utterances are too few: 30 are needed"),
    "all the same": (utterances(["The same."] * 38), "", "1 usable utterances are too few: 30 are needed"),
    "listening signals": (utterances(["Mm-hm."] * 38, backchannel=True), "", "0 usable utterances are too few"),
    "moderators": (utterances(texts(), role="moderator"), "", "0 usable utterances are too few"),
    "nobody": (utterances([]), "", "0 usable utterances are too few"),
    "fillers": (
        utterances([f"{FILLERS[n % 10]}, {FILLERS[n // 10]}" for n in range(38)]),
        "",
        "the utterances hold no telling words",
    ),
    "marks": (utterances([f"[{word}]" for word in texts()]), "", "the utterances hold no telling words"),
    "more than utterances": (
        utterances(texts()),
        "themes: {number: 50}\n",
        "50 themes cannot be made of 38 utterances",
    ),
    "as the study asks": (
        utterances(texts()),
        "themes: {minimum_utterances: 39}\n",
        "38 usable utterances are too few",
    ),
}


@pytest.mark.parametrize(("said", "settings", "reason"), NOTHING.values(), ids=NOTHING)
def test_where_no_themes_can_be_made_the_reason_is_told(run, study, said, settings, reason):
    made, members, facts, notes = run(said, clusters()[: len(said)], settings)
    assert (made, members) == ([], [])
    assert facts["no themes"] == "0"
    assert notes["no themes"].startswith(reason)


def test_more_utterances_than_ward_can_hold(run, monkeypatch):
    monkeypatch.setattr(themes, "MOST_UTTERANCES", 37)
    made, _, _, notes = run(utterances(texts()), clusters())
    assert made == []
    assert notes["no themes"] == "38 usable utterances are more than 37, which Ward clustering can hold"


def test_themes_of_an_earlier_run_do_not_stay_when_none_can_be_made(run):
    assert run(utterances(texts()), clusters())[0]
    assert run(utterances(texts()[:20]), clusters()[:20])[:2] == ([], [])


def test_real_words_and_vectors_from_the_transcript_to_the_themes(study):
    praise = [
        "My mentor praised the lesson plan",
        "The teacher gave kind feedback on my lesson",
        "Her advice helped me teach",
    ]
    trouble = [
        "The website crashed during the upload",
        "I could not log in to the platform",
        "The password page was broken",
    ]
    when = ["on Monday", "in May", "last week", "twice", "again", "at noon"]
    words = [f"{first} {then}." for topic in (praise, trouble) for first in topic for then in when]
    turns = [f"{('Ana', 'Ben')[n % 2]}: {text}" for n, text in enumerate(words)]
    study.write("transcripts/talk.txt", "\n".join(turns) + "\n")
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\nthemes: {number: 2}\n")
    assert study.run("utterances", "parses", "embeddings", "themes") == 0
    member = [row["theme"] for row in study.rows("theme_members")]
    assert partition(member, words) == {frozenset(words[:18]), frozenset(words[18:])}
    assert all(float(row["stability"]) > 0.9 for row in study.rows("themes"))

"""The step as a whole: from utterances, parses and vectors to its tables, and every small or odd study."""

import numpy as np
import pytest
from test_themes_clustering import clouds

from qualcode import tables
from qualcode.tables.themes import FITS_NONE, MOVED, ONE_PERSON, REPEATS, UNSTABLE

TOPICS = {
    "lesson": ["lesson plan", "mentor", "feedback", "observation", "classroom"],
    "login": ["platform", "login", "password page", "upload", "browser"],
    "travel": ["bus", "ticket", "train station", "petrol", "commute"],
}
SIZES = (18, 12, 8)
LABELS = [label for label, size in enumerate(SIZES) for _ in range(size)]
TABLES = ("themes", "theme_members", "theme_choice", "themes_by", "theme_hierarchy")


def texts(labels=LABELS):
    """Different sentences: three words of the topic's, and one of its own."""
    words = list(TOPICS.values())
    return [
        f"Well, the {words[label][n % 5]} and the {words[label][(n // 5 + n) % 5]} by {n}."
        for n, label in enumerate(labels)
    ]


def vectors(sizes=SIZES, noise=0.8):
    return clouds(sizes, d=384, noise=noise)[0]


@pytest.fixture
def run(study):
    """Run the step on what people say in turn, and vectors of these turns; gives the rows of its tables, by name."""

    def made(said, meant, settings="", people=("Ana", "Ben", "Cleo")):
        study.write("study.yaml", f"title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n{settings}")
        roster = "".join(f"{name.lower()},participant,{name},,{name},active,yes,{name[0]}\n" for name in people)
        study.write(
            "participants.csv",
            "participant,role,labels,names,pseudonym,status,quote_consent,school\n"
            + roster
            + "i1,moderator,Interviewer,,Interviewer,active,yes,\n",
        )
        turns = [text if ":" in text else f"{people[n % len(people)]}: {text}" for n, text in enumerate(said)]
        study.write("transcripts/talk.txt", "\n\n".join(turns) + "\n")
        study.write("sources.csv", "source,file,kind,date\ntalk,talk.txt,focus_group,2026-01-02\n")
        assert study.run("utterances", "parses") == 0
        rows = study.rows("utterances")
        assert len(rows) == len(said)
        np.savez(
            study.results / "embeddings.npz",
            utterances=np.array([row["utterance"] for row in rows]),
            vectors=np.asarray(meant, dtype=np.float32),
        )
        assert study.run("themes") == 0
        found = {name: study.rows(name) for name in TABLES}
        return found | {"facts": {row["what"]: row for row in study.rows("theme_stability")}}

    return made


NO_CONTEXT = "themes: {context: false}\n"


def test_three_topics_become_three_themes(run):
    made = run(texts(), vectors(), NO_CONTEXT)
    assert [
        (row["theme"], row["utterances"], row["participants"], row["sources"], row["groups"]) for row in made["themes"]
    ] == [
        ("1", "18", "3", "1", "1"),
        ("2", "12", "3", "1", "1"),
        ("3", "8", "3", "1", "1"),
    ]
    assert {row["of_utterances"] for row in made["themes"]} == {"38"}
    assert {row["of_participants"] for row in made["themes"]} == {"3"}
    assert [int(row["theme"]) - 1 for row in made["theme_members"]] == LABELS
    for row, words in zip(made["themes"], TOPICS.values(), strict=True):
        own = {word for phrase in words for word in phrase.split()}
        assert {word for term in row["terms"].split("; ") for word in term.split()} <= own
        assert {word for term in row["label"].split(", ") for word in term.split()} <= own
        assert row["terms_by_meaning"] and row["terms_diverse"]
        assert float(row["stability"]) > 0.9 and 0 < float(row["cohesion"]) <= 1
    assert made["facts"]["usable utterances"]["value"] == "38"
    assert made["facts"]["choice"]["value"].startswith("3 themes: the smallest number from 2 to 3")
    assert [row["number"] for row in made["theme_choice"] if row["chosen"] == "true"] == ["3"]
    assert [(row["left"], row["right"]) for row in made["theme_hierarchy"]][-1][1] == "4"


def test_themes_are_counted_by_source_question_and_attribute(run):
    made = run(texts(), vectors(), NO_CONTEXT)
    rows = {(row["attribute"], row["value"], row["theme"]): row for row in made["themes_by"]}
    assert {attribute for attribute, _, _ in rows} == {"participant", "source", "school"}
    for person, school in enumerate("ABC"):
        for theme in range(3):
            expected = sum(n % 3 == person and label == theme for n, label in enumerate(LABELS))
            assert rows["school", school, str(theme + 1)]["utterances"] == str(expected)
            assert rows["participant", ("ana", "ben", "cleo")[person], str(theme + 1)]["utterances"] == str(expected)
    assert rows["source", "talk", "1"]["percent"] == "47.4"


def test_the_order_of_the_rows_last_digits_and_threads_change_nothing(run, study, monkeypatch):
    run(texts(), vectors(noise=2))
    first = {name: (study.results / f"{name}.csv").read_bytes() for name in (*TABLES, "theme_stability")}

    def again():
        assert study.run("themes") == 0
        return {name: (study.results / f"{name}.csv").read_bytes() for name in first}

    utterances = tables.read(study.results, "utterances")
    meant = vectors(noise=2)
    shaken = meant + 1e-7 * np.random.default_rng(4).standard_normal(meant.shape)
    np.savez(study.results / "embeddings.npz", utterances=np.array(utterances["utterance"]), vectors=shaken)
    close = again()
    for name in ("theme_members", "themes_by", "theme_hierarchy"):
        kept = [line.split(b",")[:3] for line in first[name].splitlines()]
        assert [line.split(b",")[:3] for line in close[name].splitlines()] == kept
    order = np.random.default_rng(3).permutation(len(utterances))
    tables.write(study.results, "utterances", utterances.iloc[order])
    np.savez(
        study.results / "embeddings.npz",
        utterances=np.array(utterances["utterance"])[order],
        vectors=np.asarray(meant, dtype=np.float32)[order],
    )
    from threadpoolctl import threadpool_limits

    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            assert again() == first


def test_a_codebook_is_never_looked_at(run, study):
    run(texts(), vectors(), NO_CONTEXT)
    first = (study.results / "themes.csv").read_bytes()
    study.write("codebook.yaml", "codebook: Another\ncodes:\n  - {code: bus, words: [bus]}\n")
    assert study.run("themes") == 0
    assert (study.results / "themes.csv").read_bytes() == first


def test_repeated_wordings_are_voices_and_are_clustered_once(run):
    said = [*texts(), texts()[0].upper(), texts()[0] + "!", texts()[37]]
    meant = np.concatenate([vectors(), vectors()[[0, 0, 37]]])
    made = run(said, meant, NO_CONTEXT)
    assert [row["utterances"] for row in made["themes"]] == ["20", "12", "9"]
    again = made["theme_members"][38:]
    assert [(row["repeats"], row["theme"], row["note"]) for row in again] == [
        ("talk:1", "1", REPEATS),
        ("talk:1", "1", REPEATS),
        ("talk:38", "3", REPEATS),
    ]
    assert made["facts"]["repeated wordings"]["value"] == "3"


def test_listening_signals_moderators_and_what_tells_nothing_are_left_out_and_counted(run):
    said = [
        "Ben: Mm-hm.",
        *texts(),
        "Interviewer: And the blackboard of the moderator?",
        "Ana: I know, that is like that.",
        "Ana: [reads the handbook aloud]",
    ]
    made = run(said, np.concatenate([vectors()[:1], vectors(), vectors()[:3]]), NO_CONTEXT)
    assert {row["utterance"] for row in made["theme_members"]} == {f"talk:{n}" for n in range(2, 40)}
    facts = made["facts"]
    assert facts["only signal listening"]["value"] == "1"
    assert facts["hold no telling word"]["value"] == "1"
    assert facts["hold only remarks in square brackets"]["value"] == "1"
    assert not any("blackboard" in cell for row in made["themes"] for cell in row.values())


def far_off(settings):
    """One utterance says something else altogether than the theme that it is gathered with."""
    meant = vectors()
    meant[5] = meant.mean(axis=0) + np.eye(384)[20]
    return texts(), meant, f"themes: {{number: 3, context: false{settings}}}\n"


def test_what_fits_no_theme_is_left_out_recorded_and_reversible(run):
    made = run(*far_off(""))
    apart = [row for row in made["theme_members"] if row["note"] == FITS_NONE]
    assert [row["utterance"] for row in apart] == ["talk:6"]
    assert apart[0]["theme"] == "0" and apart[0]["fitted"] != "0"
    assert made["facts"]["fits none"]["value"] == "1"
    assert sum(int(row["utterances"]) for row in made["themes"]) == 37
    assert all(row["theme"] == row["fitted"] for row in made["theme_members"] if not row["note"])


def test_what_fits_none_may_be_moved_and_the_table_says_from_where(run):
    made = run(*far_off(", outliers: nearest"))
    assert sum(int(row["utterances"]) for row in made["themes"]) == 38
    assert all(row["theme"] != "0" for row in made["theme_members"])
    moved = [row for row in made["theme_members"] if row["note"] == MOVED]
    assert all(row["theme"] != row["fitted"] for row in moved)
    assert made["facts"]["moved"]["value"] == str(len(moved))


def test_one_persons_topic_is_called_so(run):
    names = ["Cleo" if label == 2 else ("Ana", "Ben")[n % 2] for n, label in enumerate(LABELS)]
    said = [f"{name}: {text}" for name, text in zip(names, texts(), strict=True)]
    made = run(said, vectors(), NO_CONTEXT)
    assert [row["note"] for row in made["themes"]] == ["", "", ONE_PERSON]
    assert [row["largest_share"] for row in made["themes"]][2] == "1.0000"


def test_one_speaker_is_no_reason_for_a_caution(run):
    made = run(texts(), vectors(), NO_CONTEXT, people=("Ana",))
    assert [(row["participants"], row["note"]) for row in made["themes"]] == [("1", "")] * 3


def test_what_does_not_hold_is_called_unstable(run):
    meant = np.random.default_rng(5).standard_normal((38, 384))
    made = run(texts(), meant, "themes: {number: 3, context: false}\n")
    assert made["themes"] and all(UNSTABLE in row["note"] for row in made["themes"])


def test_short_turns_are_read_with_those_around_them(run):
    # Every third turn means nothing in particular; the turns around it say what it is about.
    meant = vectors(noise=0.3)
    meant[1:-1:3] = np.random.default_rng(1).standard_normal((12, 384)) * 0.01 + np.eye(384)[10] * 0.2
    made = run(texts(), meant, "themes: {number: 3}\n")
    inside = [row["fitted"] for row in made["theme_members"]]
    right = sum(int(theme) - 1 == label for theme, label in zip(inside, LABELS, strict=True))
    assert right >= 35
    assert made["facts"]["context"]["value"] == "yes"


FILLERS = ["um", "yeah", "okay", "like", "just", "know", "mean", "you", "and", "so"]
ODD = {
    "nobody": (["Interviewer: Hello?"], "there are too few usable utterances (found 0, needed 30)"),
    "one turn": ([texts()[0]], "there are too few usable utterances (found 1, needed 30)"),
    "eight turns": (texts()[:8], "there are too few usable utterances (found 8, needed 30)"),
    "twenty-nine": (texts()[:29], "there are too few usable utterances (found 29, needed 30)"),
    "all the same": (["The bus was late."] * 38, "there are too few usable utterances (found 1, needed 30)"),
    "listening signals": (["Mm-hm."] * 38, "there are too few usable utterances (found 0"),
    "moderators": ([f"Interviewer: {text}" for text in texts()], "there are too few usable utterances (found 0"),
    "fillers": (
        [f"{FILLERS[n % 10]}, {FILLERS[n // 10]}" for n in range(38)],
        "there are too few usable utterances (found 0",
    ),
    "marks": ([f"[{text}]" for text in texts()], "there are too few usable utterances (found 0"),
}


@pytest.mark.parametrize(("said", "reason"), ODD.values(), ids=ODD)
def test_where_no_themes_can_be_made_the_reason_is_told(run, study, said, reason, capsys):
    made = run(said, vectors()[: len(said)])
    assert all(made[name] == [] for name in TABLES)
    assert made["facts"]["no themes"]["value"] == "0"
    assert made["facts"]["no themes"]["note"].startswith(reason)
    assert f"no themes: {reason}" in capsys.readouterr().err


def test_a_source_without_words_gives_a_reason(study):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nlanguage: blank:en\n")
    assert study.run("utterances", "parses", "embeddings", "themes") == 0
    assert study.rows("themes") == []
    assert "too few" in study.rows("theme_stability")[-1]["note"]


def test_utterances_that_all_mean_the_same_have_no_themes(run):
    made = run(texts(), np.ones((38, 384)), NO_CONTEXT)
    assert made["facts"]["no themes"]["note"] == "all usable utterances mean the same"


def test_more_themes_than_utterances_cannot_be_made(run):
    made = run(texts(), vectors(), "themes: {number: 50}\n")
    assert made["facts"]["no themes"]["note"] == "50 themes cannot be made of 38 utterances"


def test_themes_of_an_earlier_run_do_not_stay_when_none_can_be_made(run):
    assert run(texts(), vectors())["themes"]
    assert all(run(texts()[:20], vectors()[:20])[name] == [] for name in TABLES)


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
    member = [row["fitted"] for row in study.rows("theme_members")]
    assert len(set(member[:18])) == len(set(member[18:])) == 1 and member[0] != member[18]
    assert all(float(row["stability"]) > 0.9 for row in study.rows("themes"))


WORDS = [f"{a}{b}" for a in ("la", "mo", "ti", "ru", "se") for b in ("bel", "dor", "fin", "gam", "kus", "pex")]
TRAVEL = "topics: {travel: [bus, ticket], teaching: [lesson]}"


@pytest.mark.parametrize("method", ["guided", "zero-shot"])
@pytest.mark.parametrize("similar", [0.01, 1])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_methods_that_begin_with_topics_write_all_tables(run, method, similar):
    settings = f"themes: {{context: false, method: {method}, topic_similarity: {similar}, {TRAVEL}}}\n"
    made = run(texts(), vectors(), settings)
    chosen = [row for row in made["theme_choice"] if row["chosen"] == "true"]
    assert len(chosen) == 1 and chosen[0]["score"] == "" and chosen[0]["stability"]
    assert len(made["themes"]) == int(made["facts"]["themes"]["value"]) > 1


@pytest.mark.parametrize("outliers", ["keep", "nearest"])
def test_a_method_that_finds_nothing_gives_a_reason(run, monkeypatch, outliers):
    monkeypatch.setattr("qualcode.themes.model.fit", lambda _, documents, __: np.full(len(documents), -1))
    made = run(texts(), vectors(), f"themes: {{method: guided, outliers: {outliers}, {TRAVEL}}}\n")
    assert all(made[name] == [] for name in TABLES)
    assert made["facts"]["no themes"]["note"] == "no utterances are alike enough to be a theme by guided"


@pytest.mark.filterwarnings("error")
def test_fewer_different_meanings_than_themes_are_told(run):
    meant = vectors()[np.repeat([0, 37], 19)]
    made = run(texts(), meant, "themes: {number: 5, method: kmeans, context: false}\n")
    assert len(made["themes"]) == 2
    assert made["facts"]["choice"]["value"].startswith("5 themes, as the study asks. 2 of them are left")


def test_what_differs_only_far_down_is_not_all_the_same(run):
    said = [f"Well, the {first} and the {second}." for first in ["bus", "car", "tram", "plane"] for second in WORDS]
    meant = np.concatenate([np.ones((100, 384)), vectors()])[: len(said)]
    made = run(said, meant, NO_CONTEXT)
    assert len(said) > 100 and made["themes"]


def test_vectors_that_are_no_numbers_have_no_meaning(run):
    meant = vectors()
    meant[3], meant[5] = np.nan, np.inf
    assert run(texts(), meant, NO_CONTEXT)["facts"]["have no meaning that the model knows"]["value"] == "2"

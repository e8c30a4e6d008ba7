import numpy as np
import pandas as pd
import pytest

from qualcode.codebook import Code, Codebook
from qualcode.codebook_proposals.proposals import alike, divide, group, proposal_table
from qualcode.codebook_proposals.quotations import LONGEST, Quotations
from qualcode.text import shortened

STEPS = ("utterances", "parses", "phrases", "open_codes", "embeddings", "codebook_proposals")
SIZE = 32
WORDS = {0: "login password screen", 1: "calendar summer deadline", 2: "mentor friend trust", 3: "money raise salary"}


def book(*codes: str) -> Codebook:
    """A codebook of ids; `a>b` stands below `a`."""
    made = []
    for path in codes:
        steps = tuple(path.split(">"))
        made.append(Code(steps[-1], steps[-1].capitalize(), "", len(steps), steps, 1, True))
    parents = {code.parent for code in made}
    return Codebook("", "", "", tuple(Code(**{**vars(code), "leaf": code.code not in parents}) for code in made))


def quotes(*coded: tuple[str, int, int, str], spread: float = 0.5, vectors: bool = True) -> Quotations:
    """Quotations of (code, sentence, topic, participant): vectors lie around their topic, words are the topic's."""
    chance = np.random.default_rng(7)
    sentences = sorted({(sentence, topic) for _, sentence, topic, _ in coded})
    placed = {
        sentence: np.eye(SIZE)[topic] + spread * chance.standard_normal(SIZE) / SIZE**0.5
        for sentence, topic in sentences
    }
    rows = pd.DataFrame(
        [(code, f"c{n}", f"words {n}", f"t:{sentence}", person) for n, (code, sentence, _, person) in enumerate(coded)],
        columns=["code", "coding", "quote", "utterance", "participant"],
    )
    covers = pd.DataFrame({"row": range(len(coded)), "sentence": [sentence for _, sentence, _, _ in coded]})
    lemmas = [(sentence, word) for sentence, topic in sentences for word in WORDS[topic].split()]
    stacked = np.stack([placed[sentence] / np.linalg.norm(placed[sentence]) for _, sentence, _, _ in coded])
    return Quotations(
        rows,
        covers,
        stacked if vectors else None,
        pd.DataFrame(lemmas, columns=["sentence", "lemma"]),
        rows[["code", "utterance", "participant"]],
    )


def many(code: str, topic: int, first: int, number: int, people: str = "pqr") -> list[tuple[str, int, int, str]]:
    return [(code, at, topic, people[at % len(people)]) for at in range(first, first + number)]


def kinds(found: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(row["kind"], row["codes"]) for row in found]


# Codes a and b both speak of topic 0, in other sentences; c and d of topics of their own.
APART = [*many("a", 0, 0, 8), *many("b", 0, 20, 8), *many("c", 1, 40, 8), *many("d", 2, 60, 8)]


def test_codes_of_one_meaning_in_the_same_words_are_alike():
    (row,) = alike(quotes(*APART), book("a", "b", "c", "d"))
    assert (row["kind"], row["codes"], row["utterances"], row["participants"]) == ("alike", "a; b", 16, 3)
    assert "login, password, screen" in str(row["evidence"])
    assert row["score"] > 0.8
    assert {row["utterance_1"], row["utterance_2"]} <= {f"t:{n}" for n in range(28)}


def test_one_meaning_alone_is_not_enough_without_the_words():
    made = quotes(*APART)
    other = made.lemmas.assign(lemma=[f"{lemma}{sentence}" for sentence, lemma in made.lemmas.values.tolist()])
    assert alike(Quotations(made.rows, made.covers, made.vectors, other, made.credits), book("a", "b", "c", "d")) == []


def test_a_code_and_those_above_it_are_no_pair_and_few_quotations_say_nothing():
    assert alike(quotes(*APART), book("a", "a>b", "c", "d")) == []
    few = [*many("a", 0, 0, 4), *many("b", 0, 20, 4), *many("c", 1, 40, 8), *many("d", 2, 60, 8)]
    assert alike(quotes(*few), book("a", "b", "c", "d")) == []


def test_codes_on_the_same_sentences_are_alike_also_without_vectors():
    both = [*many("a", 0, 0, 8), *many("b", 0, 2, 8), *many("c", 1, 40, 20)]
    (row,) = alike(quotes(*both, vectors=False), book("a", "b", "c"))
    assert row["codes"] == "a; b"
    assert row["score"] == pytest.approx(6 / 10)
    assert row["evidence"] == "Of 10 sentences that carry one of them 6 carry both (2.1 by chance)."
    little = [*many("a", 0, 0, 8), *many("b", 0, 5, 8), *many("c", 1, 40, 20)]
    assert alike(quotes(*little, vectors=False), book("a", "b", "c")) == []
    # Where nearly all is coded with both, that they meet says nothing.
    every = [*many("a", 0, 0, 8), *many("b", 0, 2, 8)]
    assert alike(quotes(*every, vectors=False), book("a", "b")) == []


TWO = [*many("a", 0, 0, 10), *many("a", 1, 20, 10), *many("b", 2, 40, 10), *many("c", 3, 60, 10)]


def test_a_code_that_speaks_of_two_things_is_divided_with_the_words_of_each():
    (row,) = divide(quotes(*TWO), book("a", "b", "c"))
    assert (row["kind"], row["codes"]) == ("divide", "a")
    assert row["phrases"] == "login, password, screen; calendar, deadline, summer"
    assert {row["utterance_1"], row["utterance_2"]} & {f"t:{n}" for n in range(10)}
    assert "20 quotations fall into 10 and 10" in str(row["evidence"])
    assert 0.85 <= float(str(row["score"])) <= 1


def test_a_code_of_one_thing_stays_whole_and_so_does_one_that_is_divided_by_its_speakers():
    one = [*many("a", 0, 0, 20), *many("b", 2, 40, 10), *many("c", 3, 60, 10)]
    assert divide(quotes(*one), book("a", "b", "c")) == []
    voices = [*many("a", 0, 0, 10, "pq"), *many("a", 1, 20, 10, "rs"), *TWO[20:]]
    assert divide(quotes(*voices), book("a", "b", "c")) == []
    assert kinds(divide(quotes(*TWO), book("a", "b", "c"))) == [("divide", "a")]
    few = [*many("a", 0, 0, 5), *many("a", 1, 20, 5), *TWO[20:]]
    assert divide(quotes(*few), book("a", "b", "c")) == []


def test_codings_dealt_out_at_random_give_next_to_no_proposals():
    coded = [item for code, topic in zip("abcdefgh", [0, 0, 1, 1, 2, 2, 3, 3], strict=True)
             for item in many(code, topic, 30 * "abcdefgh".index(code), 15)]  # fmt: skip
    codes = book(*"abcdefgh")
    assert len(alike(quotes(*coded), codes)) == 4
    number = 0
    for seed in range(10):
        dealt = np.random.default_rng(seed).permutation([code for code, *_ in coded])
        made = quotes(*((str(code), *rest) for code, (_, *rest) in zip(dealt, coded, strict=True)), spread=2.0)
        number += len(alike(made, codes)) + len(divide(made, codes))
    assert number <= 1


PHRASES = pd.DataFrame(
    {
        "phrase": ["log in", "new password", "summer", "screen", "known"],
        "group": [1, 2, 3, 4, 5],
        "covered": [False, False, False, False, True],
        "quotation_1": ["q1", "q2", "q3", "q4", "q5"],
        "utterance_1": ["t:1", "t:2", "t:3", "t:4", "t:5"],
    }
)
PLACES = {1: ({"t:1", "t:9"}, {"p", ""}), 2: ({"t:2", "t:9"}, {"p", "q"}), 4: ({"t:4"}, {""})}


def encode(texts: list[str]) -> np.ndarray:
    axes = {"log in": 0, "new password": 0, "screen": 0, "known": 0, "Tools.": 0, "summer": 1, "Time.": 1}
    return np.stack([np.eye(3)[axes.get(text, 2)] for text in texts])


def test_uncovered_phrases_of_one_meaning_are_a_candidate_subcategory_of_the_nearest_category():
    (row,) = group(PHRASES, PLACES, book("time", "time>x", "tools", "tools>y"), encode)
    assert (row["codes"], row["phrases"], row["score"]) == ("tools", "log in; new password; screen", 1.0)
    assert (row["utterances"], row["participants"]) == (4, 2)
    assert (row["quotation_1"], row["utterance_2"]) == ("q1", "t:2")
    assert group(PHRASES.head(1), PLACES, book("time"), encode) == []


def test_the_table_has_the_surest_of_each_kind_first():
    made = divide(quotes(*TWO), book("a", "b", "c"))
    pair = alike(quotes(*APART), book("a", "b", "c", "d"))
    ranked = proposal_table([*made, {**pair[0], "codes": "x; y", "score": 0.5}, *pair])
    assert list(ranked["codes"]) == ["a; b", "x; y", "a"]


def test_the_step_finds_two_codes_of_one_kind_of_sentence(study):
    helped = [
        "The password did not work again.",
        "I could not log in, the password was wrong.",
        "My password was gone.",
    ]
    helped += ["The password page would not load.", "They sent a new password and it failed."]
    other = [
        "We met every week over coffee.",
        "My mentor listened to me.",
        "The budget was cut.",
        "Children sang loudly.",
    ]
    other += ["We drove to the lake.", "Dinner was late."]
    lines = [*helped, *[line.replace("password", "password again") for line in helped], *other]
    study.write(
        "transcripts/talk.txt", "".join(f"{'Ana' if n % 2 else 'Ben'}: {line}\n\n" for n, line in enumerate(lines))
    )
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\n")
    study.write("codebook.yaml", "codebook: B\ncodes: [{code: a}, {code: b}, {code: c}]\n")
    rows = [(code, line) for code in "ab" for line in lines[:8]] + [("c", line) for line in other]
    study.codings("anna", [{"source": "talk", "code": code, "quote": line} for code, line in rows])
    assert study.run(*STEPS) == 0
    (row,) = [row for row in study.rows("codebook_proposals") if row["kind"] == "alike"]
    assert row["codes"] == "a; b"
    assert "share telling words: password" in row["evidence"]


def test_quotations_are_shortened_behind_a_word():
    assert shortened("a word", LONGEST) == "a word"
    long = "twelve chars " * 30
    made = shortened(long, LONGEST)
    assert len(made) <= LONGEST and made.endswith(" …") and long.startswith(made[:-2])


def test_a_proposal_quotes_sentences_of_a_participant_and_not_all_that_was_marked(study):
    said = [f"The password {word} again and again, and nobody in the office could say why." for word in "abcdefgh"]
    eaten = [f"Lunch {word} was fine." for word in "abcdefghijklmnop"]
    asked = "What did the moderator of this long talk want to know about it?"
    lines = "".join(f"Ana: {line} Then we waited. {'So it went on and on. ' * 12}\n\n" for line in said)
    study.write(
        "transcripts/talk.txt", f"Interviewer: {asked}\n\n{lines}" + "".join(f"Ben: {line}\n\n" for line in eaten)
    )
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\n")
    study.write("codebook.yaml", "codebook: B\ncodes: [{code: a}, {code: b}, {code: c}]\n")
    whole = f"{asked} {said[0]} Then we waited."
    rows = [(code, line) for code in "ab" for line in [whole, *said[1:]]]
    rows += [("c", line) for line in eaten]
    study.codings("anna", [{"source": "talk", "code": code, "quote": line} for code, line in rows])
    assert study.run(*(step for step in STEPS if step != "embeddings")) == 0
    (row,) = study.rows("codebook_proposals")
    assert row["codes"] == "a; b"
    assert row["utterance_1"] == "talk:2" and row["quotation_1"].startswith(said[0])
    assert asked not in row["quotation_1"] and len(row["quotation_1"]) <= LONGEST


@pytest.mark.parametrize("codings", [[], [{"source": "talk", "code": "support", "quote": "What helped you most"}]])
def test_where_no_coding_counts_or_all_are_on_moderators_there_are_no_proposals(study, problems_of, codings):
    study.write("study.yaml", "title: T\ncodebook: codebook.yaml\nrules: propose\n")
    study.codings("anna", codings or [{"source": "talk", "action": "done"}])
    assert study.run(*STEPS) == 0
    assert study.rows("codebook_proposals") == []
    assert (
        "0 proposals for the codebook (pairs need 5 counted quotations each: 0 codes have them; a division needs 12: "
        "0 codes have them)" in problems_of()
    )

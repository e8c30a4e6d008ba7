"""Which passages are candidates, and that nothing is quoted without consent, on random talk."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pandas as pd
from checking import frame, quoted
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.findings.evidence import AGAINST, CANDIDATE, CONSIDER, EXEMPLAR, Evidence
from qualcode.quoting import FITTING, LONGEST, Sentences, Speech

WORDS = ["the", "school", "meeting", "was", "planned", "and", "we", "had", "time", "support", "Reed", "again"]
PEOPLE = {"a": "Rosa", "b": "Karl", "c": "Mona", "m": "Interviewer"}
COLUMNS = ["coding", "source", "start", "end", "quote", "code", "basis", "status", "counts", "use"]


def a_talk(chance: random.Random, turns: int):
    """A random talk: its text, the table utterances, and the sentences of each as the stored parses give them."""
    text, rows, sentences = "", [], []
    for number in range(1, turns + 1):
        person = chance.choice([*PEOPLE, ""])
        found = [
            " ".join(chance.choices(WORDS, k=chance.choice([1, 3, 9, 30, 130]))).capitalize() + chance.choice(".?. ")
            for _ in range(chance.randint(1, 4))
        ]
        found = [sentence.strip() for sentence in found]
        text += f"{PEOPLE.get(person, 'Unknown')}: "
        words, spans = "", []
        for sentence in found:
            words += " " * bool(words)
            spans.append((len(words), len(words) + len(sentence)))
            words += sentence
        rows.append(
            {
                "utterance": f"talk:{number}",
                "source": "talk",
                "participant": person,
                "role": {"m": "moderator", "": ""}.get(person, "participant"),
                "backchannel": chance.random() < 0.1,
                "start": len(text),
                "end": len(text) + len(words),
                "time_start": "",
                "text": words,
            }
        )
        sentences.append(spans)
        text += words + "\n"
    return text, pd.DataFrame(rows), sentences


def some_codings(chance: random.Random, text: str, number: int) -> pd.DataFrame:
    rows = []
    for at in range(number):
        start = chance.randrange(len(text) - 1)
        end = min(len(text), start + chance.choice([5, 60, 400]))
        basis, status, counts = chance.choice(
            [("human", "accepted", True), ("human", "accepted", False), ("rule", "negated", False),
             ("rule", "rejected", False), ("rule", "accepted", True), ("human", "withdrawn", False)]
        )  # fmt: skip
        use = chance.choice(["", "", "exemplar", "deviant", "never"]) if basis == "human" else ""
        code = chance.choice(["k", "l", "elsewhere"])
        rows.append((f"c{at}", "talk", start, end, text[start:end], code, basis, status, counts, use))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"counts": bool})


def evidence_of(codings, utterances, sentences, consent, most=3, answers=()) -> Evidence:
    study = SimpleNamespace(sources=[SimpleNamespace(source="talk", kind="interview")])
    people = pd.DataFrame([(key, consent[key]) for key in PEOPLE], columns=["participant", "quote_consent"])
    speech = Speech.of(study, utterances, people, codings, frame(answers))
    read = SimpleNamespace(sentences=lambda: sentences)
    return Evidence(codings, Sentences.of(utterances, lambda _: read, {"talk"}), speech, PEOPLE, most)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 12), st.integers(0, 4))
def test_whatever_is_coded_only_what_may_be_quoted_is(seed, turns, number, most):
    chance = random.Random(seed)
    text, utterances, sentences = a_talk(chance, turns)
    codings = some_codings(chance, text, number)
    consent = {person: chance.choice(["yes", "yes", "no", "ask"]) for person in PEOPLE}
    found = evidence_of(codings, utterances, sentences, consent, most).of({"k", "l"})
    shuffled = codings.sample(frac=1, random_state=seed % 1000)
    assert evidence_of(shuffled, utterances, sentences, consent, most).of({"k", "l"}) == found
    never = codings[codings["use"] == "never"]
    spoken = utterances.to_dict("records")
    for part in found:
        assert len(part.quotations) <= most
        for item, why in part.quotations:
            assert text[item.start : item.end] == item.words
            met = [row for row in spoken if row["start"] < item.end and item.start < row["end"]]
            assert {consent.get(row["participant"], "unknown") for row in met} == {"yes"}
            assert not ((never["start"] < item.end) & (item.start < never["end"])).any()
            assert any(row["role"] != "moderator" for row in met)
            touched = codings[(codings["start"] < item.end) & (item.start < codings["end"])]
            touched = touched[touched["code"].isin(["k", "l"])]
            if part.label in (EXEMPLAR, AGAINST):
                use = "exemplar" if part.label == EXEMPLAR else "deviant"
                assert (touched["counts"] & (touched["use"] == use) & (touched["start"] == item.start)).any()
            else:
                assert len(met) == 1
                assert met[0]["role"] == "participant"
                assert not met[0]["backchannel"]
                assert len(item.words.split()) <= LONGEST
                edges = sentences[int(met[0]["utterance"].rpartition(":")[2]) - 1]
                assert item.start - met[0]["start"] in [start for start, _ in edges]
                assert item.end - met[0]["start"] in [end for _, end in edges]
            if part.label == CANDIDATE:
                assert touched["counts"].any()
            if part.label == CONSIDER:
                assert why
                assert (~touched["counts"] & touched["status"].isin(["negated", "rejected", "accepted"])).any()
    speaking, against = ([item for item, _ in quoted.quotations] for quoted in found)
    everything = [*speaking, *against]
    assert not any(one.touches(two) for at, one in enumerate(everything) for two in everything[:at])
    if found[0].label == CANDIDATE:
        assert len({item.voices for item in speaking}) == len(speaking)


def test_candidates_are_whole_sentences_that_tell_most_one_of_each_person():
    said = [
        ("a", ["Yes.", "The planning of lessons and the marking of tests took all my evenings.", "So."]),
        ("b", ["It is what it is and that is what it was to me then.", "The marking of tests took my evenings too."]),
        ("a", ["Planning."]),
    ]
    text, rows, sentences = "", [], []
    for number, (person, found) in enumerate(said, 1):
        text += f"{PEOPLE[person]}: "
        words = " ".join(found)
        starts = [words.index(sentence) for sentence in found]
        sentences.append([(start, start + len(part)) for start, part in zip(starts, found, strict=True)])
        rows.append(
            (f"talk:{number}", "talk", person, "participant", False, len(text), len(text) + len(words), "", words)
        )
        text += words + "\n"
    names = ["utterance", "source", "participant", "role", "backchannel", "start", "end", "time_start", "text"]
    utterances = pd.DataFrame(rows, columns=names)
    quotes = ["marking of tests took all", "It is what it is", "tests took my", "Planning."]
    places = [(text.index(quote), text.index(quote) + len(quote), quote) for quote in quotes]
    rest = ("k", "human", "accepted", True, "")
    codings = pd.DataFrame([(f"c{at}", "talk", *place, *rest) for at, place in enumerate(places)], columns=COLUMNS)
    speaking, _ = evidence_of(codings, utterances, sentences, dict.fromkeys(PEOPLE, "yes")).of({"k"})
    assert [(item.who, item.words) for item, _ in speaking.quotations] == [
        ("Karl", said[1][1][1]),
        ("Rosa", said[0][1][1]),
    ]


def test_a_long_coding_is_cut_to_sentences_of_sixty_words_together():
    words = " ".join(
        f"We planned {' and '.join(letter * size for size in range(4, 8))} there." for letter in "abcdefghijklmnop"
    )
    parts = [part + "." for part in words.split(".") if part]
    starts = [words.index(part) + (part[0] == " ") for part in parts]
    sentences = [[(start, start + len(part.strip())) for start, part in zip(starts, parts, strict=True)]]
    row = ("talk:1", "talk", "a", "participant", False, 6, 6 + len(words), "", words)
    names = ["utterance", "source", "participant", "role", "backchannel", "start", "end", "time_start", "text"]
    codings = pd.DataFrame(
        [("c", "talk", 6, 6 + len(words), words, "k", "human", "accepted", True, "")], columns=COLUMNS
    )
    consent = dict.fromkeys(PEOPLE, "yes")
    speaking, _ = evidence_of(codings, pd.DataFrame([row], columns=names), sentences, consent).of({"k"})
    (item, _), *others = speaking.quotations
    assert not others
    assert 45 < len(item.words.split()) <= FITTING


def some_answers(chance: random.Random, utterances: pd.DataFrame, number: int):
    """Answers of those who spoke, each of words within an utterance."""
    rows = []
    spoken = [row for row in utterances.to_dict("records") if row["role"] == "participant"]
    for row in chance.choices(spoken, k=number) if spoken else ():
        start = chance.randrange(len(row["text"]))
        words = row["text"][start : start + chance.choice([3, 40, 500])]
        effect = chance.choice(["kept", "amended", "withdrawn", "waits for words"])
        new = "Quite new words" if effect == "amended" else ""
        rows.append(quoted(row["participant"], effect, "talk", row["start"] + start, words, words=new))
    return rows


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 12), st.integers(1, 6))
def test_no_words_that_were_taken_back_are_quoted_and_amended_ones_say_so(seed, turns, number, answered):
    chance = random.Random(seed)
    text, utterances, sentences = a_talk(chance, turns)
    codings = some_codings(chance, text, number)
    consent = {person: chance.choice(["yes", "yes", "no", "ask"]) for person in PEOPLE}
    answers = some_answers(chance, utterances, answered)
    covered = [row for row in answers if row["effect"] != "kept"]
    allowed = {at for row in answers if row["effect"] in ("kept", "amended") for at in range(row["start"], row["end"])}
    for part in evidence_of(codings, utterances, sentences, consent, answers=answers).of({"k", "l"}):
        for item, _ in part.quotations:
            met = [row for row in covered if row["start"] < item.end and item.start < row["end"]]
            assert {row["effect"] for row in met} <= {"amended"}
            assert all(item.start <= row["start"] and row["end"] <= item.end for row in met)
            assert item.amended == bool(met) == ("[amended by the participant]" in item.words)
            if not met:
                assert item.words == text[item.start : item.end]
            for row in utterances.to_dict("records"):
                begin, end = max(row["start"], item.start), min(row["end"], item.end)
                if begin < end and consent.get(row["participant"]) != "yes":
                    assert consent[row["participant"]] == "ask" and allowed >= set(range(begin, end))


def test_what_repeats_words_that_someone_else_took_back_is_quoted_only_if_a_coder_chose_it():
    said = ("My bicycle got stolen behind the hall.", "As Rosa said, my bicycle got stolen behind it.")
    starts = (6, 6 + len(said[0]) + 7)
    text = f"Rosa: {said[0]}\nKarl: {said[1]}\n"
    row = {"source": "talk", "role": "participant", "backchannel": False, "time_start": ""}
    utterances = pd.DataFrame(
        [
            {**row, "utterance": f"talk:{n}", "participant": who, "start": at, "end": at + len(words), "text": words}
            for n, (who, at, words) in enumerate(zip("ab", starts, said, strict=True), 1)
        ]
    )
    coding = ("c", "talk", starts[1], starts[1] + len(said[1]), said[1], "k", "human", "accepted", True)
    answers = [quoted("a", "withdrawn", "talk", 6, said[0])]
    sentences = [[(0, len(words))] for words in said]
    for use, label, shown in (("exemplar", EXEMPLAR, [said[1]]), ("", CANDIDATE, [])):
        codings = pd.DataFrame([(*coding, use)], columns=COLUMNS)
        speaking, _ = evidence_of(codings, utterances, sentences, dict.fromkeys(PEOPLE, "yes"), answers=answers).of(
            {"k"}
        )
        assert text[starts[1] :].startswith(said[1])
        assert (speaking.label, [item.words for item, _ in speaking.quotations]) == (label, shown)
    assert "or repeats what someone else took back" in speaking.notes[0]


def test_notes_tell_what_was_withdrawn_apart_from_consent_and_never():
    text = "Rosa: One two three four. Five six seven."
    row = {"utterance": "talk:1", "source": "talk", "participant": "a", "role": "participant", "backchannel": False}
    utterances = pd.DataFrame([{**row, "start": 6, "end": len(text), "time_start": "", "text": text[6:]}])
    spans = [(0, 19), (20, 35)]
    made = [
        (f"c{start}", "talk", start, end, text[start:end], "k", "human", "accepted", True, "exemplar")
        for start, end in ((6, 25), (26, 41))
    ]
    codings = pd.DataFrame(made, columns=COLUMNS).astype({"counts": bool})
    answers = [quoted("a", "withdrawn", "talk", 10, "two")]
    speaking, _ = evidence_of(codings, utterances, [spans], dict.fromkeys(PEOPLE, "yes"), answers=answers).of({"k"})
    assert [item.words for item, _ in speaking.quotations] == ["Five six seven."]
    assert speaking.notes == (
        "1 further exemplar holds words that a participant withdrew or changed in a member check; it still counts.",
    )
    unmarked = codings.assign(use="")
    speaking, _ = evidence_of(unmarked, utterances, [spans], dict.fromkeys(PEOPLE, "yes"), answers=answers).of({"k"})
    assert [item.words for item, _ in speaking.quotations] == ["Five six seven."]
    assert speaking.notes == (
        "1 coding holds words that a participant withdrew or changed in a member check; it still counts.",
    )

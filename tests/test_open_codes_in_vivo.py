from __future__ import annotations

from types import SimpleNamespace

import pytest
from checking import frame as checked
from checking import quoted

from qualcode.codebook import load_codebook
from qualcode.open_codes.in_vivo import in_vivo_codes, paste
from qualcode.quoting import Speech
from qualcode.tables import frame

BOOK = """codebook: Mentors
codes:
  - {code: guide, name: Guide, formerly: [handbook]}
  - {code: plans, name: Plans, words: [plan]}
"""
WORDS = {
    "p1": "The handbook was far too long for any of us. The learning plan came late in the second year.",
    "p2": "I never read the handbook that they gave to me. The plan was fine, and so it stayed for years.",
    "p3": "We had the handbooks on the shelf where they were. Nobody ever spoke of a plan to me before.",
    "p4": "My handbook.",
}


class Talk:
    """A group whose members each speak once, in two sentences; `phrases` are looked for in their words."""

    def __init__(self, path, groups, codings=(), consent=None, words=None, book=BOOK, answers=()):
        self.answers = answers
        self.words = words or WORDS
        self.book = path / "codebook.yaml"
        self.book.write_text(book, encoding="utf-8")
        self.consent = dict.fromkeys(self.words, "yes") | (consent or {})
        self.groups, self.codings = groups, codings
        starts, at = {}, 0
        for person, text in self.words.items():
            starts[person] = at
            at += len(text) + 1
        self.starts = starts
        self.text = "\n".join(self.words.values())

    def span(self, words):
        start = self.text.index(words)
        return start, start + len(words)

    def utterances(self):
        rest = {"question": "", "backchannel": False, "time_start": "", "time_end": "", "role": "participant"}
        return frame(
            "utterances",
            [
                {"utterance": f"talk:{n}", "source": "talk", "participant": person, "text": text, **rest}
                | {"start": self.starts[person], "end": self.starts[person] + len(text)}
                for n, (person, text) in enumerate(self.words.items(), 1)
            ],
        )

    def phrases(self):
        figures = dict.fromkeys(("count", "utterances", "participants", "own", "distinctiveness", "spread", "score"), 1)
        return frame(
            "phrases",
            [
                {"phrase": phrase, "kind": "noun phrase", "group": number, "indicators": phrase, **figures}
                | {"group_score": 10.0 - number}
                for number, group in enumerate(self.groups, 1)
                for phrase in group
            ],
        )

    def places(self):
        rows = []
        for number, group in enumerate(self.groups, 1):
            for phrase in group:
                for n, (person, text) in enumerate(self.words.items(), 1):
                    begin, lower = self.starts[person], text.casefold()
                    at = lower.find(phrase)
                    while at >= 0:
                        first = text.rfind(". ", 0, at) + 2 if ". " in text[:at] else 0
                        last = text.index(".", at) + 1
                        rows.append(
                            {"phrase": phrase, "kind": "noun phrase", "group": number, "utterance": f"talk:{n}"}
                            | {"start": begin + at, "end": begin + at + len(phrase)}
                            | {"sentence_start": begin + first, "sentence_end": begin + last}
                        )
                        at = lower.find(phrase, at + 1)
        return frame("phrase_places", rows)

    def open_codes(self):
        rows = []
        for number, (code, words, more) in enumerate(self.codings):
            start, end = self.span(words)
            row = {"coding": f"c{number}", "source": "talk", "start": start, "end": end, "quote": words, "code": code}
            rows.append(dict.fromkeys(("coder", "evidence", "rule", "matched", "reason", "round", "memo"), "") | row)
            rows[-1] |= {"basis": "human", "codebook": "", "status": "accepted", "counts": True, "use": ""} | more
        return frame("open_codes", rows)

    def participants(self):
        return frame(
            "participants",
            [
                {"participant": person, "role": "participant", "pseudonym": person, "quote_consent": consent}
                | {"kind": "focus_group", "utterances": 1, "words": 9}
                for person, consent in self.consent.items()
            ],
        )

    def codes(self, number=40):
        made = in_vivo_codes(
            number,
            load_codebook(self.book),
            self.phrases(),
            self.places(),
            self.open_codes(),
            self.utterances(),
            self.speech(),
        )
        return made.to_dict("records")

    def speech(self):
        study = SimpleNamespace(sources=[SimpleNamespace(source="talk", kind="focus_group")])
        answers = [
            quoted(person, effect, "talk", self.span(words)[0], words, words="new" if effect == "amended" else "")
            for person, effect, words in self.answers
        ]
        return Speech.of(study, self.utterances(), self.participants(), self.open_codes(), checked(answers))


def by_rule(talk, words, within):
    """What the rule of `plans` proposes for a sentence in which it met these words."""
    start = talk.span(within)[0] + within.index(words)
    met = {"matched_start": start, "matched_end": start + len(words)}
    return ("plans", within, {"basis": "rule", "counts": False, "status": "rejected", **met})


def test_a_candidate_is_told_with_its_counts_variants_and_a_line_to_paste(tmp_path):
    row = Talk(tmp_path, [["handbook", "handbooks"]]).codes()[0]
    assert (row["phrase"], row["variants"]) == ("handbook", "handbooks")
    # "handbooks" begins where "handbook" does: a place of the group, not two.
    assert (row["count"], row["utterances"], row["participants"], row["of_participants"]) == (4, 4, 4, 4)
    assert not row["covered"] and row["covered_by"] == ""
    assert row["paste"] == '- {code: handbook-2, name: "Handbook", words: ["handbook", "handbooks"]}'


def test_a_place_within_another_of_its_group_counts_once(tmp_path):
    row = Talk(tmp_path, [["learning plan", "plan"]]).codes()[0]
    assert (row["count"], row["participants"]) == (3, 3)


def test_words_that_rules_met_cover_whatever_was_decided_and_those_beside_them_do_not(tmp_path):
    talk = Talk(tmp_path, [["learning plan", "plan"], ["handbook"]])
    talk.codings = [
        by_rule(talk, "plan", "The learning plan came late in the second year."),
        by_rule(talk, "plan", "The plan was fine, and so it stayed for years."),
        by_rule(talk, "handbook", "The handbook was far too long for any of us."),
    ]
    first, second = talk.codes()
    assert (first["phrase"], first["covered"], first["covered_by"]) == ("handbook", False, "plans")
    assert (second["phrase"], second["covered"], second["covered_by"]) == ("learning plan", True, "plans")


def test_a_counted_coding_covers_and_one_that_does_not_count_does_not(tmp_path):
    sentences = ["The handbook was far too long for any of us.", "I never read the handbook that they gave to me."]
    third = "We had the handbooks on the shelf where they were."
    for counts, covered in ((True, True), (False, False)):
        codings = [("guide", words, {"counts": counts}) for words in [*sentences, third]]
        row = Talk(tmp_path, [["handbook"]], codings).codes()[0]
        assert row["covered"] is covered and row["covered_by"] == ("guide" if covered else "")


def test_half_of_the_places_is_not_most(tmp_path):
    codings = [("guide", words, {}) for words in ("The handbook was far", "I never read the handbook")]
    row = Talk(tmp_path, [["handbook"]], codings).codes()[0]
    assert not row["covered"] and row["covered_by"] == "guide"


def test_codes_that_cover_more_come_first(tmp_path):
    codings = [("guide", "The handbook was far", {})]
    codings += [("plans", words, {}) for words in ("The handbook", "I never read the handbook", "We had the handbooks")]
    assert Talk(tmp_path, [["handbook"]], codings).codes()[0]["covered_by"] == "plans; guide"


def test_quotations_are_sentences_of_different_people_neither_too_short_nor_too_long(tmp_path):
    row = Talk(tmp_path, [["handbook"]]).codes()[0]
    assert [row[f"utterance_{n}"] for n in (1, 2, 3)] == ["talk:1", "talk:2", "talk:3"]
    assert row["quotation_2"] == "I never read the handbook that they gave to me."
    assert "plan" not in row["quotation_1"]


def test_different_people_are_quoted_before_one_is_quoted_twice(tmp_path):
    words = {
        "p1": "The first handbook was on the table there. The second handbook was on the shelf.",
        "p2": "Their handbook is what I remember best of it.",
    }
    talk = Talk(tmp_path, [["handbook"]], words=words | {"p3": "Nothing."})
    row = talk.codes()[0]
    assert {row["utterance_1"], row["utterance_2"]} == {"talk:1", "talk:2"}
    assert row["utterance_3"] == row["quotation_3"] == ""


@pytest.mark.parametrize("consent", ["no", "ask"])
def test_who_did_not_agree_is_counted_and_not_quoted(tmp_path, consent):
    row = Talk(tmp_path, [["handbook"]], consent={"p1": consent, "p2": consent}).codes()[0]
    assert row["participants"] == 4
    assert [row[f"utterance_{n}"] for n in (1, 2, 3)] == ["talk:3", "talk:4", ""]


def test_what_a_coder_said_never_to_quote_is_not_quoted(tmp_path):
    codings = [("guide", "far too long", {"use": "never", "counts": False})]
    row = Talk(tmp_path, [["handbook"]], codings).codes()[0]
    assert "talk:1" not in [row[f"utterance_{n}"] for n in (1, 2, 3)]


def test_a_document_has_no_one_to_ask(tmp_path):
    talk = Talk(tmp_path, [["handbook"]])
    nobody = talk.utterances().assign(participant="", role="")
    papers = SimpleNamespace(sources=[SimpleNamespace(source="talk", kind="document")])
    made = in_vivo_codes(
        40, load_codebook(talk.book), talk.phrases(), talk.places(), talk.open_codes(), nobody,
        Speech.of(papers, nobody, talk.participants().head(0), talk.open_codes(), checked([])),
    )  # fmt: skip
    row = made.to_dict("records")[0]
    assert row["participants"] == row["of_participants"] == 0 and row["count"] == 4
    assert row["quotation_1"] and row["quotation_2"] and row["quotation_3"]


def test_the_number_holds_for_what_is_covered_and_what_is_not_by_score(tmp_path):
    groups = [["handbook"], ["plan"], ["year"], ["shelf"]]
    codings = [("plans", words, {}) for words in ("learning plan", "The plan was fine", "spoke of a plan", "the shelf")]
    talk = Talk(tmp_path, groups, codings)
    assert [(row["phrase"], row["covered"]) for row in talk.codes()] == [
        ("handbook", False), ("year", False), ("plan", True), ("shelf", True),
    ]  # fmt: skip
    assert [row["phrase"] for row in talk.codes(1)] == ["handbook", "plan"]
    assert talk.codes(0) == []


def test_without_phrases_there_are_no_candidates(tmp_path):
    assert Talk(tmp_path, []).codes() == []


@pytest.mark.parametrize(
    "phrase", ["null", "No", 'the "plan": {a, b}', "Übergang", "二〇", "- x", "#1 plan", "learning plan"]
)
def test_pasted_lines_load(tmp_path, phrase):
    taken: set[str] = set()
    lines = [paste(phrase, [phrase.replace('"', "")], taken), paste(phrase.upper(), ["plan ~2 late", "plans"], taken)]
    path = tmp_path / "codebook.yaml"
    path.write_text("codebook: C\ncodes:\n" + "".join(f"  {line}\n" for line in lines), encoding="utf-8")
    first, second = load_codebook(path).codes
    assert first.words == (phrase.replace('"', ""),) and second.words == ("plan ~2 late", "plans")
    assert first.name.casefold() == phrase.casefold()
    assert first.code != second.code


@pytest.mark.parametrize("effect", ["withdrawn", "amended", "waits for words"])
def test_what_participants_took_back_is_neither_quoted_nor_a_candidate(tmp_path, effect):
    groups = [["handbook", "handbooks"], ["learning plan"]]
    plain = {row["phrase"]: row for row in Talk(tmp_path, groups).codes()}
    taken = ("p1", effect, "The learning plan came late")
    found = {row["phrase"]: row for row in Talk(tmp_path, groups, answers=[taken]).codes()}
    assert set(plain) == {"handbook", "learning plan"} and set(found) == {"handbook"}, "it stood nowhere else"
    assert found["handbook"] == plain["handbook"]
    taken = ("p2", effect, "that they gave to me")
    found = {row["phrase"]: row for row in Talk(tmp_path, groups, answers=[taken]).codes()}
    quoted = [found["handbook"][f"quotation_{nth}"] for nth in (1, 2, 3)]
    assert WORDS["p2"].partition(". ")[0] not in " ".join(quoted)
    assert (effect == "amended") == any("[amended by the participant]" in words for words in quoted)
    assert found["handbook"]["count"] == plain["handbook"]["count"]


def test_what_repeats_words_that_someone_else_took_back_is_not_quoted(tmp_path):
    words = {**WORDS, "p4": "The learning plan came late, they say.", "p5": "The learning plan was never there at all."}
    taken = ("p1", "withdrawn", "The learning plan came late")
    (row,) = Talk(tmp_path, [["learning plan"]], words=words, answers=[taken]).codes()
    assert (row["quotation_1"], row["quotation_2"]) == (words["p5"], "")


def test_who_is_asked_first_is_quoted_where_they_kept_it(tmp_path):
    asked, groups = {"p1": "ask", "p2": "ask", "p3": "ask", "p4": "ask"}, [["handbook", "handbooks"]]
    (row,) = Talk(tmp_path, groups, consent=asked).codes()
    assert row["quotation_1"] == ""
    sentence = "The handbook was far too long for any of us."
    (row,) = Talk(tmp_path, groups, consent=asked, answers=[("p1", "kept", sentence)]).codes()
    assert (row["quotation_1"], row["quotation_2"]) == (sentence, "")

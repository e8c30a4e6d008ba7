"""The code tree: every code with its numbers, folded where it does not fit, and nothing over anything else."""

from __future__ import annotations

import pytest
from drawing_checks import codebook_of, frequencies_of, having, overlapping, shown_texts, talk_of

from qualcode.codebook import Codebook
from qualcode.figures import drawing
from qualcode.figures.hierarchy import MOST_CODES, code_tree, shown


def tree(codebook: Codebook, frequencies=None):
    frequencies = frequencies_of(codebook, talk_of(codebook)) if frequencies is None else frequencies
    with drawing.fixed_style():
        drawn = code_tree(frequencies, codebook, "Why people mentor")
        return drawn, [text for text, _ in shown_texts(drawn.figure)], overlapping(drawn.figure)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("codes", "levels"), [(10, 1), (10, 2), (30, 3), (60, 2), (60, 4)])
def test_no_text_meets_another(codes: int, levels: int, seed: int) -> None:
    assert tree(codebook_of(codes, levels, seed=seed))[2] == []


def test_every_code_stands_there_with_its_participants_and_utterances() -> None:
    codebook = codebook_of(12, 3, longest=2)
    talk = talk_of(codebook, turns=30)
    _, texts, _ = tree(codebook, frequencies_of(codebook, talk))
    for code in codebook.codes:
        here = having(codebook, talk, code.code)
        people = {talk.plain[key][0] for key in here}
        assert texts[texts.index(code.name) + 1] == f"{len(people)}; {len(here)}"
    assert "Why people mentor" in "\n".join(texts)


def test_levels_that_do_not_fit_are_folded_and_said_to_be() -> None:
    codebook = codebook_of(MOST_CODES + 1, 2, longest=1)
    drawn, texts, met = tree(codebook)
    assert met == []
    roots = [code for code in codebook.codes if code.level == 1]
    for root in roots:
        inside = sum(code.parent == root.code for code in codebook.codes)
        assert f"{root.name} (+ {inside} codes)" in " ".join(texts).replace("\n", " ")
    told = f"Too many open codes ({MOST_CODES + 1}) to draw all: down to level 1 of 2, with what is below"
    assert told in drawn.alt and told in " ".join(texts).replace("\n", " ")


def test_of_a_wide_codebook_those_with_most_utterances_are_shown_in_its_order() -> None:
    codebook = codebook_of(MOST_CODES + 40, 1)
    utterances = {code.code: number for number, code in enumerate(codebook.codes)}
    ends, told = shown(codebook, utterances)
    assert [code.code for code in ends] == [code.code for code in codebook.codes[40:]]
    assert told == f"The {MOST_CODES} with most utterances, of {MOST_CODES + 40}: all of them are in frequencies.csv."


def test_open_codes_at_several_levels_are_all_shown_where_they_fit() -> None:
    codebook = codebook_of(20, 3)
    ends, told = shown(codebook, {})
    assert {code.code for code in ends} == {code.code for code in codebook.codes if code.leaf} and told == ""


def test_the_alt_text_tells_which_codes_most_people_speak_of() -> None:
    codebook = codebook_of(10, 2, longest=2)
    talk = talk_of(codebook, people=6)
    alt = tree(codebook, frequencies_of(codebook, talk))[0].alt
    people = {
        code.code: len({talk.plain[key][0] for key in having(codebook, talk, code.code)}) for code in codebook.codes
    }
    roots = [code for code in codebook.codes if code.level == 1]
    best = next(code for code in roots if people[code.code] == max(people[root.code] for root in roots))
    spoken = len(having(codebook, talk, best.code))
    assert f"({people[best.code]} of 6) speak of “{best.name}” ({spoken} utterances)" in alt


def test_documents_are_counted_by_source() -> None:
    codebook = codebook_of(4, 1, longest=2)
    table = frequencies_of(codebook, talk_of(codebook)).assign(
        of_participants=0, participants=0, sources=3, of_sources=7
    )
    drawn, texts, _ = tree(codebook, table)
    assert "sources (of 7)" in " ".join(texts).replace("\n", " ")
    assert "most sources (3 of 7)" in drawn.alt


def test_what_was_not_coded_is_told_as_such() -> None:
    codebook = codebook_of(4, 2)
    drawn, texts, _ = tree(codebook, frequencies_of(codebook, talk_of(codebook, longest=0)))
    assert texts.count("0; 0") == len(codebook.codes)
    assert "4 codes at the ends: no counted coding." in drawn.alt


def test_a_codebook_without_codes_gives_a_figure_that_says_so() -> None:
    codebook = codebook_of(0, 1)
    drawn, texts, _ = tree(codebook, frequencies_of(codebook_of(1, 1), talk_of(codebook_of(1, 1))))
    assert drawn.alt in texts and drawn.alt == "The codebook has no codes."

"""Printed tables leave out codes of few people, and say so."""

from __future__ import annotations

import openpyxl
import pytest
import test_printed
from test_printed import THEMES, a_study, by, cells, frequencies, texts

printed = test_printed.printed


@pytest.mark.parametrize("form", ["thematic", "words-used"])
@pytest.mark.parametrize(("least", "told"), [(10, "Left out: 1 code of fewer than 10 respondents"), (0, "")])
def test_codes_of_few_people_are_left_out_of_print_and_told(printed, tmp_path, form, least, told):
    document = printed("frequencies", a_study(form, least=least), tagged={code: "" for code, *_ in THEMES})
    names = {row[0].split("\n")[0] for table in document.tables for row in cells(table)[1:]}
    assert ("Advice" in names, "Styles" in names) == ((least == 0), (least == 0))
    assert {"Support", "Experience", "Feedback"} <= names
    note = " ".join(texts(document))
    if form == "words-used" and least:
        assert told in note and "(frequencies.csv has all)" in note
    elif least:
        assert "Left out: 3 codes of fewer than 10 respondents (frequencies.csv has all)." in note
    else:
        assert "Left out" not in note
    sheet = openpyxl.load_workbook(tmp_path / "frequencies.xlsx")["frequencies"]
    assert sheet.max_row == len(THEMES) + 1


def test_codes_that_nobody_speaks_of_are_left_out_unless_asked_for(printed):
    table = frequencies([("support", "", 12, 1), ("silence", "", 0, 0)])
    document = printed("frequencies", table=table)
    assert len(document.tables[0].rows) == 2
    assert "Left out: 1 code of which no respondent speaks (frequencies.csv has all)." in texts(document)[-1]
    assert len(printed("frequencies", a_study(least=0), table).tables[0].rows) == 3


def test_a_question_of_which_nothing_is_left_says_so(printed):
    tagged = {"support": "rq1", "planning": "rq2", "styles": "rq2"}
    document = printed("frequencies", a_study(least=5), tagged=tagged)
    assert "Research Question rq2: What hinders?: Left out: 2 codes of fewer than 5 respondents" in " ".join(
        texts(document)
    )
    assert len(document.tables) == 2


def test_groups_have_the_order_and_the_codes_of_the_table_of_all(printed):
    paths = [("late", "", 5, 1), ("few", "", 2, 1), ("early", "", 9, 1)]
    codes = [("late", 1), ("few", 1), ("early", 1)]
    groups = by([("course", "PGCE", 31, 4), ("course", "BA", 2, 0)], codes)
    document = printed("frequencies_by", a_study("words-used", least=3), frequencies(paths), groups)
    assert [row[0] for row in cells(document.tables[0])[1:]] == ["Early", "Late"]
    assert "Left out: 1 code of fewer than 3 respondents (frequencies_by.csv has all)." in " ".join(texts(document))
    thematic = printed("frequencies_by", a_study(least=3), frequencies(paths), groups)
    assert [row[0] for row in cells(thematic.tables[0])[1:]] == ["Late", "Early"]

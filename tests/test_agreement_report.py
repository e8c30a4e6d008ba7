"""What the report tells of agreement."""

import re

from two_coders import MENTOR, STEPS, SUPPORT, coding, settings

from qualcode import tables
from qualcode.report.compared import compared


def section(study) -> str:
    assert study.run("report") == 0
    page = (study.results / "report" / "index.html").read_text("utf-8")
    return re.search(r'<section aria-labelledby="agreement">.*?</section>', page, re.DOTALL)[0]


def rows_of(told: str, table: str) -> list[list[str]]:
    """The cells of a table of the section, row by row, without tags."""
    inside = re.search(rf'<caption id="{table}">.*?</table>', told, re.DOTALL)[0]
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>.*?</tr>", inside, re.DOTALL)
    ]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells][1:]


def two_rounds(study) -> None:
    settings(study)
    for coder in ("ben", "cleo"):
        rows = [coding("support", MENTOR), coding("clarity", SUPPORT)]
        study.codings(coder, [{**row, "action": "apply", "round": "<b>1</b>", "at": "2026-03-04"} for row in rows])
    study.run(*STEPS)


def test_coders_stand_beside_each_other_by_the_units_of_the_study(study):
    two_rounds(study)
    told = section(study)
    pooled = {row[0]: row for row in rows_of(told, "agreement-all")}
    assert set(pooled) == {
        *("anna and ben", "anna and cleo", "ben and cleo", "anna and rules", "ben and rules", "cleo and rules"),
        "anna, ben and cleo",
    }
    # Two codes on three utterances, and all of them alike.
    assert pooled["ben and cleo"][1:7] == ["6 of 6", "100.0", "33.3", "1.00", "1.00", "1.00"]
    assert "no interval: 2 participants" in pooled["ben and cleo"][7]
    by_code = rows_of(told, "agreement-codes")
    assert ["ben and cleo"] in by_code and "Support" in {row[0] for row in by_code}


def test_rounds_are_told_with_their_codebook_and_escaped(study):
    two_rounds(study)
    told = section(study)
    (row,) = rows_of(told, "agreement-rounds")
    assert row[0] == "&lt;b&gt;1&lt;/b&gt;" and row[2] == "ben and cleo"
    assert "by the codebook as it is" in row[-1]


def test_groups_that_the_rules_fail_are_named_with_their_counts(study):
    two_rounds(study)
    assert "For no group of people do the rules do worse" in section(study)
    by = tables.read(study.results, "rule_quality_by")
    row = {
        **{"code": "support", "coder": "anna", "attribute": "school", "value": "<i>night</i>", "participants": 6},
        **{"units": 60, "coded": 30, "found": 6, "missed": 24, "wrong": 0, "fails": True, "note": "missed: 24 of 30"},
    }
    tables.write(study.results, "rule_quality_by", tables.frame("rule_quality_by", [row]))
    told = section(study)
    assert "school: &lt;i&gt;night&lt;/i&gt; (6 participants), Support, beside anna: missed: 24 of 30" in told
    assert not by["fails"].any()


def test_rules_alone_are_no_agreement(study):
    settings(study)
    (study.path / "codings" / "anna" / "coding.csv").unlink()
    study.run(*STEPS)
    told = section(study)
    assert "There are no two coders" in told
    assert "What the rules are worth" not in told


def test_only_notes_that_most_rows_share_are_told_once():
    def row(code: str, note: str) -> dict[str, object]:
        who = {"code": code, "coder_a": "a", "coder_b": "b", "unit": "utterance", "scope": "all", "round": ""}
        counts = dict.fromkeys(
            ("participants", "units", "both", "only_a", "only_b", "neither", "prevalence", "percent"), 1
        )
        return {**who, **counts, "codebook": "", "note": note}

    rows = [row("x", "few; rare"), row("y", "few; rare"), row("z", "few"), row("w", "few; odd")]
    read = {"agreement": tables.frame("agreement", [*rows, row("all", "few")])}
    read |= {name: tables.frame(name, []) for name in ("rule_quality", "rule_quality_by")}
    by_code = compared(read, "utterance", {"x": "Ex"})["codes"]
    assert by_code["notes"] == {"few": 4}
    assert [(item["name"], item["note"]) for item in by_code["rows"]] == [
        ("Ex", "rare"), ("y", "rare"), ("z", ""), ("w", "odd"),
    ]  # fmt: skip

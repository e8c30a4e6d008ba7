"""What the report tells of suggestions: the model card."""

import re
from html import unescape

import pytest
from test_report import lay_study, make, section

from qualcode import tables
from qualcode.measures import forecasts
from qualcode.report.suggested import calibration, taught

STEPS = ("utterances", "parses", "phrases", "open_codes")
TABLES = ("suggestions", "suggestion_quality", "suggestion_quality_by", "suggestion_calibration", "suggestion_learning")
# (codings, units, found, missed, wrong) of each code.
CELLS = {"time": (21, 90, 13, 7, 3), "money": (10, 90, 2, 8, 9), "all": (31, 180, 15, 15, 12)}
BINS = [(0.0, 120, 0.03, 0.02), (0.6, 4, 0.64, 1.0), (0.7, 40, 0.75, 0.5), (0.8, 60, 0.86, 0.6)]


def quality(code: str, **cells: object) -> dict[str, object]:
    codings, units, found, missed, wrong = CELLS.get(code, (3, 90, 0, 5, 0))
    learned = code in CELLS
    return {
        "code": code, "basis": "learned" if learned else "nearest", "held_out": "source" if learned else "",
        "codings": codings, "sources": 3, "abstains": code == "money", "units": units, "coded": found + missed,
        "found": found, "missed": missed, "wrong": wrong, "people": "", "note": "",
        **({"precision": found / (found + wrong), "recall": found / (found + missed),
            "f1": 2 * found / (2 * found + missed + wrong), "kappa": 0.4567} if learned else {}),
        **cells,
    }  # fmt: skip


def by_group(code: str, note: str, **cells: object) -> dict[str, object]:
    counts = dict.fromkeys(("participants", "units", "coded", "found", "missed", "wrong"), 6)
    return {
        "code": code,
        "attribute": "school",
        "value": "<i>night</i>",
        "fails": False,
        "note": note,
        **counts,
        **cells,
    }


def learning(code: str, *kappas: float, forecast: float | None = None) -> list[dict[str, object]]:
    ahead = [] if forecast is None else [forecast]
    return [
        {"code": code, "step": number, "kind": "measured" if number <= len(kappas) else "forecast",
         "sources": 2 * number, "share": 50.0 * number, "codings": 7.0 * number, "kappa": kappa, "f1": 0.5,
         "note": "each source is judged alone" if number <= len(kappas) else "a promise <none>"}
        for number, kappa in enumerate([*kappas, *ahead], 1)
    ]  # fmt: skip


def suggestion(number: int, basis: str, status: str) -> dict[str, object]:
    probability = {"probability": 0.7} if basis == "learned" else {}
    return {
        "coding": f"{number:012x}", "utterance": "talk:1", "sentence": 1, "source": "talk", "participant": "p2",
        "start": 0, "end": 5, "quote": "Calvin suggested words", "code": "time", "basis": basis, "likeness": 0.5,
        "status": status, "because": "", "reason": "because anna coded “Calvin reasoned words”", **probability,
    }  # fmt: skip


def lay_suggestions(results, **instead: list[dict[str, object]]) -> None:
    """Tables of the step for the study of `lay_study`, or other rows of some."""
    kinds = [*[("learned", "proposed")] * 2, ("nearest", "proposed"), *[("learned", "uncertain")] * 4]
    rows = {
        "suggestions": [suggestion(n, *kind) for n, kind in enumerate([*kinds, ("learned", "second look")])],
        "suggestion_quality": [
            quality("support"),
            quality("time", precision_low=0.61, precision_high=0.93, people="anna; ben", people_kappa=0.81),
            quality("money", note="nothing is <suggested>"),
            quality("other"),
            quality("all", calibration_error=0.0456),
        ],
        "suggestion_quality_by": [by_group("time", "missed: too few to tell (1 unit); taken wrongly: too few to tell")],
        "suggestion_calibration": [
            {"low": low, "high": low + 0.1, "units": units, "probability": said, "coded": given}
            for low, units, said, given in BINS
        ],
        "suggestion_learning": [
            *learning("time", 0.3, 0.5, forecast=0.6), *learning("all", 0.2, 0.4567, forecast=0.51),
        ],
    }  # fmt: skip
    for name, found in {**rows, **instead}.items():
        tables.write(results, name, tables.frame(name, found))


def told(tmp_path, **instead) -> tuple[str, str]:
    """The page, and the words of its section."""
    study, results = lay_study(tmp_path)
    lay_suggestions(results, **instead)
    page, root = make(study, results)
    return page, section(root, "suggestions")


def rows_of(page: str, table: str) -> list[list[str]]:
    """The cells of a table, row by row, without tags."""
    inside = re.search(rf'<caption id="{table}">.*?</table>', page, re.DOTALL)[0]
    cells = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>.*?</tr>", inside, re.DOTALL)
    ]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells][1:]


def test_the_figures_are_those_of_the_tables(tmp_path):
    page, words = told(tmp_path)
    assert rows_of(page, "suggestions-all") == [
        ["all codes", "31", "180", "30", "15", "15", "12", "0.56", "0.50", "0.53", "0.46", "–"],
    ]
    assert rows_of(page, "suggestions-codes") == [
        ["Time", "21", "90", "20", "13", "7", "3", "0.81 0.61 to 0.93", "0.65", "0.72", "0.46", "0.81 anna; ben"],
        ["Money (abstains)", "10", "90", "10", "2", "8", "9", "0.18", "0.20", "0.19", "0.46", "–"],
        ["nothing is <suggested>"],
    ]
    assert "2 suggestions learned from coding and 1 suggestion by definitions and examples wait" in words
    assert "4 more questions would teach most" in words and "1 more suggestion is for a second look" in words
    # Money abstains: what it would have suggested is in the figures of all codes, and not offered.
    assert "13 of 16 were right (81 of a hundred)" in words
    assert "Abstains: Money." in words
    # A category is not offered what is nearest; its codes are.
    assert "By definition and examples: Other (3 codings)." in words
    assert "only the codes in them: Support." in words
    assert "On average a probability is 4.6 in a hundred away" in words
    assert "nan" not in words


def test_it_says_what_suggestions_are_not_and_where_they_run(tmp_path):
    page, words = told(tmp_path)
    assert "suggestions are not findings, and nothing here counts until a person accepts it" in words
    assert "do not report how often the machine suggests a code" in words
    assert "no words leave it" in words and "no file that could run code is read or written" in words
    assert "2 codings of anna (in talk)" in words
    assert re.search(r"all-MiniLM-L6-v2.*scikit-learn \d", words)
    # What was suggested, and why, are words of people.
    assert "Calvin suggested" not in page and "Calvin reasoned" not in page


def test_what_was_typed_is_escaped(tmp_path):
    rows = [by_group("time", "missed more often: <b>9</b> of 10", fails=True)]
    page, words = told(tmp_path, suggestion_quality_by=rows)
    assert "school: <i>night</i> (6 participants), Time: missed more often: <b>9</b> of 10" in words
    for mark in ("<i>night", "<b>9", "<suggested>", "<none>"):
        assert mark not in page


@pytest.mark.parametrize(
    ("note", "says"),
    [
        (
            "missed: too few to tell (1 unit); taken wrongly: too few others to tell (1 unit)",
            "No group could be tested",
        ),
        ("taken wrongly: too few to tell (2 participants, 3 units)", "1 of 1 pair of a group and a code had people"),
        ("", "For no group of people do suggestions do worse"),
    ],
)
def test_groups_that_could_not_be_tested_are_no_good_sign(tmp_path, note, says):
    assert says in told(tmp_path, suggestion_quality_by=[by_group("time", note)])[1]


def test_probabilities_that_are_off_are_named(tmp_path):
    page, words = told(tmp_path)
    kinds = [row[-1] for row in rows_of(page, "suggestions-bins")]
    assert kinds == ["not clearly off", "too few to tell", "too high", "too high"]
    # (40 x 0.75 + 60 x 0.86) / 100, and (40 x 0.5 + 60 x 0.6) / 100.
    assert "From 0.7 to 0.9 probabilities are too high" in words and "in 82 of a hundred cases" in words
    assert "people gave it in 56." in words


@pytest.mark.parametrize(
    ("units", "said", "given", "kind"),
    [
        (9, 0.5, 1.0, "too few to tell"),
        (10, 0.6, 1.0, "not clearly off"),
        (20, 0.6, 1.0, "too low"),
        (100_000, 0.54, 0.5, "not clearly off"),
        (100_000, 0.56, 0.5, "too high"),
    ],
)
def test_a_probability_is_off_where_chance_does_not_explain_it_and_it_matters(units, said, given, kind):
    row = {"low": 0.5, "high": 0.6, "units": units, "probability": said, "coded": given}
    empty = {"low": 0.6, "high": 0.7, "units": 0}
    found = calibration(tables.frame("suggestion_calibration", [row, empty]))
    assert [item["is"] for item in found] == [kind]


def test_the_learning_curve_stands_with_its_forecast(tmp_path):
    page, words = told(tmp_path)
    assert "Half as much again (2 sources): mean kappa of learned codes may rise from 0.46 to about 0.51." in words
    assert "Time may rise from 0.50 to about 0.60." in words
    steps = rows_of(page, "suggestions-curve")
    assert [row[:5] for row in steps] == [
        ["2 sources", "50", "7", "0.50", "0.20"],
        ["4 sources", "100", "14", "0.50", "0.46"],
        ["6 sources", "150", "21", "0.50", "0.51"],
    ]
    assert steps[2][5] == "forecast: a promise <none>"
    assert rows_of(page, "suggestions-curves") == [["Time", "0.30", "0.50", "0.60"]]


def test_forecasts_call_codes_by_their_names():
    rows = [*learning("time", 0.3, 0.5, forecast=0.6), *learning("flat", 0.5, forecast=0.5)]
    curve = tables.frame("suggestion_learning", [*rows, *learning("all", 0.4, forecast=0.5)])
    lines = forecasts.told(curve, "source", {"time": "No hours", "flat": "Flat out"})
    assert lines[1:] == [
        "  No hours may rise from 0.50 to about 0.60",
        "no gain in sight by more of the same: Flat out",
    ]
    assert forecasts.told(curve, "source")[1:] == [
        line.replace("No hours", "time").replace("Flat out", "flat") for line in lines[1:]
    ]


def test_what_is_held_out_is_told(tmp_path):
    says = {
        "participant": "in another talk they may be worse",
        "answer": "without any answer of the person who gave it",
        "source": "without the source in which it stands",
    }
    for number, (what, sentence) in enumerate(says.items()):
        (tmp_path / str(number)).mkdir()
        words = told(tmp_path / str(number), suggestion_quality=[quality("time"), quality("all", held_out=what)])[1]
        assert [other for other in says.values() if other in words] == [sentence]


def test_without_the_step_the_report_says_so(tmp_path):
    words = section(make(*lay_study(tmp_path))[1], "suggestions")
    assert "The step suggestions has not been run" in words and "How good they are" not in words


def test_without_codings_nothing_is_claimed(tmp_path):
    nothing = {"codings": 0, "sources": 0, "units": 0, "coded": 0, "missed": 0}
    rows = [quality("other", **nothing)]
    page, words = told(
        tmp_path, suggestion_quality=rows, **{name: [] for name in TABLES if name != "suggestion_quality"}
    )
    assert "Nobody has judged a sentence yet" in words
    assert "No code is learned yet" in words and "There is no probability to judge." in words
    assert "The learning curve needs two sources that are coded" in words
    assert "suggestions-all" not in page


def test_the_step_itself_makes_what_the_report_reads(study):
    """Of a study that is hardly coded, every table of the step is there, and the page is made of them."""
    study.run(*STEPS, "axial_codes", "embeddings", "suggestions")
    assert study.run("report") == 0
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert "2 codings of anna (in talk)" in page
    assert "No code is learned yet" in page


def test_accepted_suggestions_are_told_of_the_codings_that_count(study):
    rows = [
        {"action": "accept", "coding": "0123456789ab", "basis": "learned", "source": "talk", "code": code,
         "quote": "The training helped me to teach.", "at": "2026-03-04"}
        for code in ("training",)
    ]  # fmt: skip
    turned = {**rows[0], "action": "reject", "coding": "0123456789ac", "code": "clarity"}
    study.codings("anna", [*rows, turned], "review.csv")
    study.run(*STEPS, "axial_codes", "embeddings", "suggestions")
    study.run("report")
    page = (study.results / "report" / "index.html").read_text("utf-8")
    assert "decided on 2 suggestions so far (1 accepted, 1 turned down), and 1 of the 3 codings that count" in page


def test_what_is_learned_from_is_told_by_coder():
    codings = [
        {"coding": "a", "source": "x", "basis": "human", "coder": "anna", "counts": True},
        {"coding": "b", "source": "y", "basis": "human", "coder": "anna", "counts": True},
        {"coding": "c", "source": "y", "basis": "human", "coder": "ben", "counts": False},
        {"coding": "r", "source": "z", "basis": "rule", "coder": "", "counts": True},
        {"coding": "s", "source": "z", "basis": "rule", "coder": "", "counts": True},
    ]
    accepted = {"coder": "ben", "action": "accept", "holds": True, "sample": False, "coding": "r; gone"}
    decisions = [accepted, {**accepted, "coder": "cleo", "sample": True}, {**accepted, "coder": "dora", "holds": False}]
    import pandas as pd

    found = taught(pd.DataFrame(codings), pd.DataFrame(decisions))
    # `s` counts because the study applies its words: nobody made it.
    assert found == [
        {"coder": "anna", "codings": "2 codings", "where": "in x and y"},
        {"coder": "ben", "codings": "1 coding", "where": "in z"},
    ]

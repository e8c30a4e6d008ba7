"""The report: its numbers, its links, what it must never show, and the record of how it was made."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import pytest
from codings import BY_HAND
from theme_tables import lay_themes, quotation

from qualcode import cli, tables
from qualcode.codings import WAITS
from qualcode.report.overview import language
from qualcode.study import heard_again, load_study

TITLE = "Mentors <script>alert('x')</script> & \"more\""
CODEBOOK = """
codebook: Support
codes:
  - code: support
    name: Support
    definition: What helps.
    question: rq1
    codes:
      - {code: time, name: Time, question: rq1}
      - {code: money, name: Money}
  - {code: other, name: Other}
"""
# (id, pseudonym, role, consent, words): one utterance each.
PEOPLE = [
    ("p1", "Joanne", "participant", "yes", "I want <b>one</b> page & no more"),
    ("p2", "Calvin", "participant", "ask", "Calvin never agreed to this"),
    ("p3", "Beatriz", "participant", "yes", "September I do not even eat"),
    ("r1", "Moderator", "moderator", "yes", "What helps?"),
]


def lay_study(folder: Path) -> tuple[Path, Path]:
    study, results = folder / "mentors", folder / "results"
    (study / "transcripts").mkdir(parents=True)
    settings = {
        "title": TITLE,
        "codebook": "book.yaml",
        "questions": [{"id": "rq1", "text": "What helps mentors?"}, {"id": "rq2", "text": "What else?"}],
        "guide": [{"id": "g1", "text": "Tell us of help", "question": "rq1"}],
        "member_checks": {"contact": "Dr. Real Name, real@example.org"},
    }
    (study / "study.yaml").write_text(json.dumps(settings), encoding="utf-8")
    (study / "book.yaml").write_text(CODEBOOK, encoding="utf-8")
    (study / "sources.csv").write_text("source,file,kind\ntalk,talk.txt,focus_group\n", encoding="utf-8")
    (study / "transcripts" / "talk.txt").write_text("P1: words\n", encoding="utf-8")
    positions = {}
    at = 0
    for person, pseudonym, _, _, words in PEOPLE:
        start = at + len(pseudonym) + 2
        positions[person] = (start, start + len(words))
        at = start + len(words) + 1
    write: dict[str, list[dict[str, object]]] = {
        "utterances": [
            {"utterance": f"talk:{n}", "source": "talk", "participant": person, "role": role, "question": "",
             "backchannel": False, "start": positions[person][0], "end": positions[person][1], "time_start": "",
             "time_end": "", "text": words}
            for n, (person, _, role, _, words) in enumerate(PEOPLE, 1)
        ],
        "participants": [
            {"participant": person, "role": role, "pseudonym": pseudonym, "quote_consent": consent,
             "kind": "focus_group", "utterances": 1, "words": len(words.split())}
            for person, pseudonym, role, consent, words in PEOPLE
        ],
        "open_codes": [],
        "open_code_utterances": [],
        "coders": [{"source": "talk", "coder": "anna", "done_to": 100, "counts": True}],
        "unplaced": [
            {"coder": "anna", "file": "coding.csv", "row": 7, "action": "apply", "source": "talk", "code": "time",
             "quote": "Calvin words unplaced", "reason": "nothing <like> it", "nearest": "Calvin words near",
             "anchored": "Calvin words anchored", "stood": "Calvin words around"}
        ],
        "coverage": [],
        "coverage_by": [
            {"attribute": "source", "value": "talk", "words": 120, "coded_words": 20, "percent": 16.7, "utterances": 3,
             "coded_utterances": 1}
        ],
        "frequencies": [
            {"level": level, "code": code, "name": name, "definition": "What helps." if level == 1 else "",
             "parent": "", "path": code, "participants": n, "of_participants": 3,
             "of_present": 3, "participants_percent": tables.percent(n, 3), "suppressed": False,
             "utterances": n, "codings": n, "own_codings": n, "sources": 1, "of_sources": 1}
            for level, code, name, n in ((1, "support", "Support", 2), (2, "time", "Time", 2), (2, "money", "Money", 1),
                                         (1, "other", "Other", 0))
        ],
        "sample": [{"attribute": "school", "value": "north", "participants": 2, "of_participants": 3,
                    "participants_percent": 66.7, "suppressed": False}],
        "import_report": [{"source": "talk", "file": "talk.txt", "what": "words", "count": 1234, "note": "imported"}],
        "agreement": [
            {"code": code, "coder_a": "anna", "coder_b": "ben", "unit": "utterance", "scope": "all", "units": 20,
             "both": 5, "only_a": 2, "only_b": 1, "neither": 12, "percent": 85.0, "kappa": kappa,
             "round": "", "codebook": "", "participants": 3, "prevalence": 32.5, "note": ""}
            for code, kappa in (("time", None), ("all", 0.655))
        ],
        "packets": [
            {"participant": person, "made": not reason, "reason": reason, "draft": False, "concepts": 2 * (not reason),
             "quotations": 3 * (not reason), "others_quotations": 0, "return_code": "", "issued": "", "note": ""}
            for person, reason in (("p1", ""), ("p2", "has no coded words"), ("p3", "has no coded words"))
        ],
        "saturation": [{"scope": "tenth", "position": 1, "source": "", "codings": 2, "codes": 2, "new_codes": 2,
                        "codes_so_far": 2}],
    }  # fmt: skip
    for name, rows in write.items():
        tables.write(results, name, tables.frame(name, rows))
    lay_themes(
        results,
        theme_quotations=[
            quotation(n, "typical", 1, f"talk:{n}", person, words)
            for n, (person, *_, words) in enumerate(PEOPLE[:2], 1)
        ],
    )
    code_words(results, ("time", "p1"), ("money", "p2"))
    return study, results


def code_words(results: Path, *codings: tuple[str, str], **cells: object) -> None:
    """Mark a person's utterance (or those of `p1-p2`, from the one to the other) as the exemplar of a code."""
    utterances = tables.read(results, "utterances").set_index("participant")
    rows, credits = [], []
    for number, (code, people) in enumerate(codings):
        first, last = people.split("-")[0], people.split("-")[-1]
        words = " / ".join(utterances.loc[first:last, "text"])
        rows.append(
            {"coding": f"c{number}", "source": "talk", "start": utterances.loc[first, "start"],
             "end": utterances.loc[last, "end"], "quote": words, "code": code, "coder": "anna", "basis": "human",
             "evidence": "exact", "status": "accepted", "counts": True, "reason": "", "use": "exemplar", "round": "",
             "memo": "", **BY_HAND, **cells}
        )  # fmt: skip
        credits.append({"coding": f"c{number}", "utterance": utterances.loc[first, "utterance"], "participant": first})
    tables.write(results, "open_codes", tables.frame("open_codes", rows))
    tables.write(results, "open_code_utterances", tables.frame("open_code_utterances", credits))


def make(study: Path, results: Path) -> tuple[str, ET.Element]:
    """Run the step; the page as text, and parsed (it is well-formed XML but for its doctype)."""
    assert cli.main(["report", str(study), "--results", str(results)]) == 0
    page = (results / "report" / "index.html").read_text(encoding="utf-8")
    return page, parsed(page)


def parsed(page: str) -> ET.Element:
    doctype, _, rest = page.lstrip().partition("\n")
    assert doctype == "<!DOCTYPE html>"
    return ET.fromstring(rest)


def lay_figures(results: Path, *names: str) -> None:
    """Figures that say nothing, with their table."""
    (results / "figures").mkdir(exist_ok=True)
    for name in names:
        (results / "figures" / f"{name}.svg").write_text(f"<svg>{name}</svg>", encoding="utf-8")
    rows = [
        {"figure": name, "title": f"Title of {name}", "alt": f"It shows <{name}>.", "release": "shareable"}
        for name in names
    ]
    tables.write(results, "figures", tables.frame("figures", rows))


def words_of(root: ET.Element) -> str:
    return " ".join("".join(root.itertext()).split())


def section(root: ET.Element, name: str) -> str:
    found = root.find(f".//section[@aria-labelledby='{name}']")
    assert found is not None
    return words_of(found)


def test_titles_and_quotations_are_escaped(tmp_path: Path) -> None:
    page, root = make(*lay_study(tmp_path))
    assert "<script" not in page
    assert "<b>one</b>" not in page
    assert root.findtext(".//h1") == TITLE
    assert "“I want <b>one</b> page & no more” Joanne" in words_of(root)


def test_someone_who_has_not_said_yes_is_not_quoted(tmp_path: Path) -> None:
    page, root = make(*lay_study(tmp_path))
    # Neither as exemplar, nor as a theme's utterance, nor in unplaced rows or what no one coded.
    assert "never agreed" not in page
    assert "Calvin words" not in page
    assert "Calvin uncoded" not in page
    assert "these wait for an answer of a person who speaks in them: Calvin (1 passage)" in section(root, "open")


@pytest.mark.parametrize(
    ("cells", "people", "shown"),
    [
        ({}, "p3", True),
        ({}, "p2-p3", False),
        ({"counts": False}, "p3", False),
        ({"use": "never"}, "p3", False),
        ({"use": ""}, "p3", False),
    ],
)
def test_exemplars_need_a_counted_coding_and_the_yes_of_every_speaker(
    tmp_path: Path, cells: dict[str, object], people: str, shown: bool
) -> None:
    study, results = lay_study(tmp_path)
    code_words(results, ("time", people), **cells)
    page, _ = make(study, results)
    assert ("September I do not even eat" in page) is shown


def test_never_on_one_coding_bars_the_words_from_every_other(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    code_words(results, ("time", "p3"), ("money", "p3"))
    codings = tables.read(results, "open_codes")
    tables.write(results, "open_codes", codings.assign(use=["exemplar", "never"]))
    page, _ = make(study, results)
    assert "September I do not even eat" not in page


def test_counts_stand_beside_percentages(tmp_path: Path) -> None:
    _, root = make(*lay_study(tmp_path))
    rows = [[words_of(cell) for cell in row] for row in root.findall(".//table[@class='frequencies']/tbody/tr")]
    assert [row[0] for row in rows] == ["Support", "Time", "Money", "Other"]
    assert rows[0][1:] == ["What helps.", "2 of 3", "66.7", "2"]
    assert "read the counts, not the percentages" in section(root, "frequencies")
    sample = root.find(".//table/caption[@id='sample-caption']/../tbody/tr")
    assert sample is not None
    assert [words_of(cell) for cell in sample] == ["school", "north", "2 of 3", "66.7"]


def test_the_summary_says_what_went_in_and_what_counts(tmp_path: Path) -> None:
    told = section(make(*lay_study(tmp_path))[1], "summary")
    assert "The study reads 1 focus group: 4 utterances." in told
    assert "3 participants (3 utterances, 18 words) and 1 moderator (1 utterance, 2 words)" in told
    assert "People made 2 codings (anna 2 codings)." in told
    assert "2 codings count, on 2 codes" in told
    assert "that of anna (in 1 source)" in told


def test_research_questions_name_their_topmost_codes(tmp_path: Path) -> None:
    told = section(make(*lay_study(tmp_path))[1], "questions")
    assert "Asked: Tell us of help Support: 2 of 3 participants, 2 utterances What else?" in told
    assert "No code is tied to this question." in told


def test_agreement_shows_kappa_and_leaves_it_out_where_it_is_not_defined(tmp_path: Path) -> None:
    told = section(make(*lay_study(tmp_path))[1], "agreement")
    assert "0.66" in told
    assert "nan" not in told
    assert "17 of 20" in told


def test_what_is_open_is_told(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    codings = tables.read(results, "open_codes")
    tables.write(results, "open_codes", codings.assign(basis="rule", coder="", status="proposed", counts=False))
    told = section(make(study, results)[1], "open")
    assert "nothing <like> it" in told
    assert "2 proposals of the codebook's words wait" in told
    assert "talk: 100 of 120 words" in told
    assert "No packet for Calvin and Beatriz: has no coded words" in told
    assert "1,234" in told


def test_a_meeting_that_is_not_done_is_open(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    assert "Consensus" not in section(make(study, results)[1], "open")
    row = {"coder": "consensus", "file": "review.xlsx", "action": "note", "source": "talk", "code": "time", "now": "time",
           "participant": "", "coding": "", "start": 0, "end": 5, "round": "", "by": "", "at": "", "sample": False,
           "holds": True, "outcome": WAITS}  # fmt: skip
    tables.write(results, "decisions", tables.frame("decisions", [row | {"row": number} for number in (2, 3)]))
    assert "talk: 2 decisions wait." in section(make(study, results)[1], "open")


def test_a_report_without_the_later_steps(tmp_path: Path) -> None:
    """Steps that were not run are named, and nothing of theirs is linked."""
    study, results = lay_study(tmp_path)
    for name in ("themes", "theme_codes", "theme_stability", "agreement", "packets", "sample"):
        (results / tables.TABLES[name].file).unlink()
    page, root = make(study, results)
    assert "The step packets has not been run" in section(root, "open")
    assert "agreement.csv" not in page


def test_every_link_leads_to_a_file_or_a_heading(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    lay_figures(results, "saturation")
    for extra in ("packets/Jo anne #1.docx", "frequencies.xlsx", "texts/talk.txt", "new thing.txt"):
        (results / extra).parent.mkdir(exist_ok=True)
        (results / extra).write_text("x", encoding="utf-8")
    make(study, results)
    linked = links_of(results / "report")
    made = {path.resolve() for path in results.rglob("*") if path.is_file()}
    assert made <= linked


def links_of(report: Path) -> set[Path]:
    """Every file that a page of the report leads to; fails where a link leads nowhere."""
    pages = {path.resolve(): parsed(path.read_text(encoding="utf-8")) for path in sorted(report.rglob("*.html"))}
    anchors = {path: [node.get("id") for node in root.iter() if node.get("id")] for path, root in pages.items()}
    linked = set()
    for path, root in pages.items():
        assert len(anchors[path]) == len(set(anchors[path])), path
        links = [node.get("href") or "" for node in root.iter("a")] + [
            node.get("src") or "" for node in root.iter("img")
        ]
        for link in links:
            assert ":" not in link
            file, _, anchor = link.partition("#")
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file(), (path, link)
            assert not anchor or anchor in anchors[target], (path.name, link)
            linked.add(target)
    return linked


def test_the_page_is_accessible_and_loads_nothing(tmp_path: Path) -> None:
    page, root = make(*lay_study(tmp_path))
    assert root.get("lang") == "en"
    assert "http:" not in page and "https:" not in page
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert table.find("thead/tr/th[@scope='col']") is not None
    for image in root.iter("img"):
        assert image.get("alt")
    for part in root.findall(".//section"):
        assert [child.tag for child in part[:2]] == ["h2", "p"]
        assert part[1].get("class") == "how"
    ids = [node.get("id") for node in root.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {node.get("aria-labelledby") for node in root.iter() if node.get("aria-labelledby")}
    assert labelled <= set(ids)


def test_the_page_warns_of_passing_it_on(tmp_path: Path) -> None:
    _, root = make(*lay_study(tmp_path))
    assert "must not be passed on" in words_of(root)
    assert "working files and packets hold people's words and must not be passed on" in section(root, "files")


def test_provenance_tells_what_the_results_were_made_from(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    make(study, results)
    text = (results / "report" / "provenance.json").read_text(encoding="utf-8")
    record = json.loads(text)
    assert text == json.dumps(record, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert set(record["inputs"]) == {"study.yaml", "book.yaml", "sources.csv", "transcripts/talk.txt"}
    assert record["inputs"]["book.yaml"] == sha256((study / "book.yaml").read_bytes()).hexdigest()
    assert record["settings"]["themes"]["minimum_utterances"] == 30
    assert "frequencies.csv" in record["results"]["shareable"]
    assert "utterances.csv" in record["results"]["working"]
    made = sha256((results / "report" / "index.html").read_bytes()).hexdigest()
    assert record["results"]["working"]["report/index.html"] == made
    assert record["packages"]["pandas"]
    assert str(tmp_path) not in text
    # The contact of member checks is a name and an address.
    assert "real@example.org" not in text
    assert "real@example.org" not in (results / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ["a,a.txt,focus_group,anna,2026-02-20", "b,b.txt,interview,anna,2026-02-20", "c,c.txt,interview,ben,"],
            ["The recordings of a and b were heard again by anna on 2026-02-20.", "of c was heard again by ben."],
        ),
        (
            ["a,a.txt,focus_group,,2026-02-20", "b,b.txt,interview,,", "c,c.txt,interview,,"],
            ["The recording of a was heard again on 2026-02-20.", "The recordings of b and c were not heard again."],
        ),
        (
            ["a,a.txt,focus_group,anna,", "b,b.csv,survey,,", "c,c.txt,document,,"],
            ["The recording of a was heard again by anna."],
        ),
        (["a,a.txt,document,,", "b,b.csv,survey,,", "c,c.txt,document,,"], []),
    ],
)
def test_the_methods_say_which_recordings_were_heard_again_and_name_the_others(
    tmp_path: Path, rows: list[str], told: list[str]
) -> None:
    study, _ = lay_study(tmp_path)
    (study / "transcripts" / "talk.txt").unlink()
    for row in rows:
        (study / "transcripts" / row.split(",")[1]).write_text("P1: words\n", encoding="utf-8")
    head = "source,file,kind,audited_by,audited_at"
    (study / "sources.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    found = heard_again(load_study(study))
    assert len(found) == len(told)
    assert all(sentence in line for sentence, line in zip(told, found, strict=True))
    # Who heard them is no attribute to count by.
    assert {name for source in load_study(study).sources for name in source.attributes} == set()


def test_the_page_carries_what_the_methods_say(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    assert "The recording of talk was not heard again." in section(make(study, results)[1], "methods")
    listed = "source,file,kind,audited_by\ntalk,talk.txt,focus_group,Joan <b>\n"
    (study / "sources.csv").write_text(listed, encoding="utf-8")
    assert "The recording of talk was heard again by Joan <b>." in section(make(study, results)[1], "methods")
    (study / "sources.csv").write_text("source,file,kind\ntalk,talk.txt,document\n", encoding="utf-8")
    assert "There are no recordings" in section(make(study, results)[1], "methods")


ROSTER = (
    "participant,role,names,pseudonym,status\np1,participant,Joanna Real,Joanne,active\n"
    "p2,participant,Calvin Real,Cal,withdrawn\n"
)


def test_names_in_what_people_typed_are_told_by_their_place_and_not_by_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study, results = lay_study(tmp_path)
    assert "Names and withdrawn words in what people typed None." in section(make(study, results)[1], "open")
    capsys.readouterr()
    (study / "participants.csv").write_text(ROSTER, encoding="utf-8")
    (study / "transcripts" / "talk.txt").write_text("P1: words\nP2: that was all too much for us\n", encoding="utf-8")
    (study / "memos").mkdir()
    (study / "memos" / "a.md").write_text("One.\nJoanna Real again: that was all too much.\n", encoding="utf-8")
    _, root = make(study, results)
    told = section(root, "open")
    assert "memos/a.mdline 2words of 'p2', who withdrew, stand here: take them out." in told
    assert "memos/a.mdline 2a name that is to be hidden stands here (participants.csv row 2)." in told
    whole = [path.read_text(encoding="utf-8") for path in (results / "report").rglob("*.html")]
    assert len(whole) == 12 and all("Joanna" not in page and "too much" not in page for page in whole)
    said = capsys.readouterr().err
    assert "2 places in what people typed hold names, or words of people who withdrew" in said and "Joanna" not in said


def test_names_of_files_tell_no_one(tmp_path: Path) -> None:
    study, results = lay_study(tmp_path)
    (study / "participants.csv").write_text(ROSTER, encoding="utf-8")
    (study / "memos").mkdir()
    for name in ("On Joanna Real.md", "On Joanne.md", "on Calvin Real.md"):
        (study / "memos" / name).write_text("Words.\n", encoding="utf-8")
    make(study, results)
    text = (results / "report" / "provenance.json").read_text(encoding="utf-8")
    named = [name for name in json.loads(text)["inputs"] if name.startswith("memos/")]
    assert sorted(named) == ["memos/On Joanne.md", "memos/On Joanne.md (2)", "memos/on [withdrawn].md"]
    assert "Real" not in text


def test_a_codebook_that_lies_elsewhere_is_named_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study, results = lay_study(tmp_path)
    (tmp_path / "codebooks").mkdir()
    (study / "book.yaml").rename(tmp_path / "codebooks" / "book.yaml")
    monkeypatch.chdir(tmp_path)
    make(study, results)
    record = json.loads((results / "report" / "provenance.json").read_text(encoding="utf-8"))
    assert "codebooks/book.yaml" in record["inputs"]


@pytest.mark.parametrize(
    ("model", "tag"), [("en_core_web_sm", "en"), ("blank:de", "de"), ("xx_ent_wiki_sm", ""), ("blank:xx", "")]
)
def test_quotations_carry_their_language(model: str, tag: str) -> None:
    assert language(model) == tag

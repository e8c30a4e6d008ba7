"""The pages of the report: every count leads to its passages, every word stands where it was said, nothing runs."""

from __future__ import annotations

import base64
import re
import shutil
import xml.etree.ElementTree as ET
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
import reporting
from conftest import StudyFolder
from test_report import lay_figures, links_of, parsed, words_of

from qualcode import cli
from qualcode.report.memos import memos
from qualcode.report.pages import policy

QUOTED = "May not be quoted"


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    return reporting.run(tmp_path_factory.mktemp("report"))


def page(study: StudyFolder, name: str) -> ET.Element:
    return parsed((study.results / "report" / name).read_text(encoding="utf-8"))


def pages(study: StudyFolder) -> dict[str, str]:
    folder = study.results / "report"
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.html"))}


def classed(root: ET.Element, name: str) -> list[ET.Element]:
    return [node for node in root.iter() if name in (node.get("class") or "").split()]


def report(study: StudyFolder) -> int:
    return cli.main(["report", str(study.path), "--results", str(study.results)])


def test_there_is_a_page_for_each_source_and_each_code(talks: StudyFolder) -> None:
    assert set(pages(talks)) == {
        "index.html", "codebook.html", "tables.html", "memos.html", "transcripts/talk.html", "transcripts/second.html",
        "codes/help.html", "codes/support.html", "codes/training.html", "codes/clarity.html", "codes/empty.html",
        "themes/1.html", "themes/2.html", "themes/3.html",
    }  # fmt: skip


def test_every_link_of_every_page_leads_somewhere(talks: StudyFolder) -> None:
    linked = links_of(talks.results / "report")
    assert {path.resolve() for path in talks.results.rglob("*.html")} <= linked


def test_every_page_warns_and_has_the_same_ways(talks: StudyFolder) -> None:
    ways = set()
    for name, text in pages(talks).items():
        root = parsed(text)
        assert "holds participants’ words and must not be passed on" in words_of(root), name
        nav = root.find(".//nav")
        assert nav is not None
        ways.add(words_of(nav))
        headings = [int(node.tag[1]) for node in root.iter() if re.fullmatch("h[1-6]", node.tag)]
        assert headings[0] == 1 and headings.count(1) == 1
        assert all(later - first <= 1 for first, later in pairwise(headings)), name
    assert len(ways) == 1


def test_nothing_in_a_page_may_run_or_load(talks: StudyFolder) -> None:
    for name, text in pages(talks).items():
        root = parsed(text)
        assert not list(root.iter("script")) and not list(root.iter("link")), name
        assert all(key != "style" and not key.startswith("on") for node in root.iter() for key in node.attrib)
        styles = [node.text or "" for node in root.iter("style")]
        told = root.find(".//meta[@http-equiv='Content-Security-Policy']")
        assert told is not None
        digests = [base64.b64encode(sha256(style.encode()).digest()).decode() for style in styles]
        assert told.get("content") == (
            "default-src 'none'; img-src 'self'; style-src "
            + " ".join(f"'sha256-{digest}'" for digest in digests)
            + "; base-uri 'none'; form-action 'none'"
        )
        assert policy(styles) == told.get("content")


def test_transcripts_hold_every_word_once_and_escaped(talks: StudyFolder) -> None:
    for source in ("talk", "second"):
        root = page(talks, f"transcripts/{source}.html")
        for note in classed(root, "note"):
            note.clear()
        said = ["".join(node.itertext()) for node in classed(root, "said")]
        assert said == [row["text"] for row in talks.rows("utterances") if row["source"] == source]
    text = pages(talks)["transcripts/talk.html"]
    assert "&lt;script&gt;" in text and "<script" not in text and "<img" not in text


def test_every_coding_that_counts_is_marked_where_it_stands(talks: StudyFolder) -> None:
    """The marks from its anchor on hold its very words, and each of their notes names its code, coder and evidence."""
    root = page(talks, "transcripts/talk.html")
    for coding in talks.rows("open_codes"):
        if coding["source"] != "talk" or coding["counts"] != "true":
            continue
        name = {"clarity": "Clarity", "help": "Help <1>", "support": "Support", "training": "Training"}[coding["code"]]
        noted = [node for node in classed(root, "p") if f"{name}, {coding['coder']}: counts" in words_of(node[1])]
        words = " ".join(words_of(node[0]) for node in noted)
        assert words.replace(" ", "").find(coding["quote"].replace(" ", "")) >= 0
        assert any(coding["evidence"] in words_of(node[1]) for node in noted)
        assert [node for node in root.iter("span") if node.get("id") == f"c-{coding['coding']}"]


def test_words_of_two_categories_have_a_line_of_each(talks: StudyFolder) -> None:
    root = page(talks, "transcripts/talk.html")
    marks = {"".join(node.itertext()): node for node in root.iter("mark")}
    both = marks["always there."]
    assert "n2" in (both.get("class") or "") and len(both) == 1
    assert {(both.get("class") or "").split()[0], both[0].get("class")} == {"k0", "k1"}
    told = words_of(next(node for node in classed(root, "p") if node[0] is both)[1])
    assert "Support, anna: counts" in told and "Clarity, anna: counts" in told
    assert both.get("tabindex") == "0"
    described = [node for node in root.iter("span") if node.get("id") == both.get("aria-describedby")]
    assert [node.get("role") for node in described] == ["tooltip"]


def test_words_that_no_one_coded_are_plain(talks: StudyFolder) -> None:
    root = page(talks, "transcripts/talk.html")
    plain = next(node for node in classed(root, "said") if "".join(node.itertext()) == "Mm-hm.")
    assert len(plain) == 0


def test_what_may_not_be_quoted_says_so(talks: StudyFolder) -> None:
    turns = {node.get("id"): words_of(node) for node in classed(page(talks, "transcripts/talk.html"), "turn")}
    assert "Karl may not be quoted" in turns["u4"]
    assert "Mia may not be quoted in part: a coder said never" in turns["u6"]
    assert "may not be quoted" not in turns["u2"]
    rows = {words_of(row[0]): words_of(row) for row in passages(page(talks, "codes/help.html"))}
    assert f"{QUOTED}: a coder said never." in rows["Nobody should ever print this sentence."]
    assert QUOTED not in rows["My mentor was always there."]
    told = next(
        words_of(row)
        for row in passages(page(talks, "codes/clarity.html"))
        if words_of(row[0]) == "the expectations changed"
    )
    assert f"{QUOTED}: Karl said no." in told


def passages(root: ET.Element) -> list[ET.Element]:
    return [row for part in classed(root, "by") for row in part.iter("li")]


def test_a_page_of_a_code_has_its_passages_and_those_below_it(talks: StudyFolder) -> None:
    counting = [row for row in talks.rows("open_codes") if row["counts"] == "true"]
    below = {
        "help": {"help", "support", "training"},
        "support": {"support"},
        "training": {"training"},
        "clarity": {"clarity"},
        "empty": set(),
    }
    for code, codes in below.items():
        wanted = sorted(f"c-{row['coding']}" for row in counting if row["code"] in codes)
        assert sorted(row.get("id") or "" for row in passages(page(talks, f"codes/{code}.html"))) == wanted
    assert "Nothing counts on this code." in words_of(page(talks, "codes/empty.html"))


def test_what_does_not_count_stands_apart_with_its_reason(talks: StudyFolder) -> None:
    open_ones = [row for row in talks.rows("open_codes") if row["counts"] == "false" and row["code"] == "clarity"]
    assert open_ones
    part = page(talks, "codes/clarity.html").find(".//section[@aria-labelledby='others']")
    assert part is not None
    assert {row.get("id") for row in part.iter("li")} == {f"c-{row['coding']}" for row in open_ones}
    assert all(f"Does not count: {row['reason']}" in words_of(part) for row in open_ones)


def cells(study: StudyFolder) -> list[tuple[str, str, str, ET.Element]]:
    """(attribute, value, code, cell) of every table of codes on the page of tables."""
    found = []
    for part in page(study, "tables.html").iter("section"):
        name = words_of(part[0]).removeprefix("By ")
        if name == "Codes that meet":
            continue
        table = next(part.iter("table"))
        heads = [(head.text or "").strip() for head in table.findall("thead/tr/th")][1:]
        for row in table.findall("tbody/tr"):
            code = (row[0][0].get("href") or "").removeprefix("codes/").removesuffix(".html")
            found += [(name, value, code, cell) for value, cell in zip(heads, row[1:], strict=True)]
    return found


def test_every_cell_leads_to_just_the_passages_that_it_counts(talks: StudyFolder) -> None:
    counted = {(row["attribute"], row["value"], row["code"]): row for row in talks.rows("frequencies_by")}
    seen = 0
    for attribute, value, code, cell in cells(talks):
        if attribute == "person":
            continue
        row = counted.pop((attribute, value, code))
        if row["utterances"] == "0":
            assert words_of(cell) == "0" and len(cell) == 0
            continue
        assert words_of(cell) == f"{row['participants']} ({row['utterances']})"
        key = (cell[0].get("href") or "").removeprefix(f"codes/{code}.html#")
        root = page(talks, f"codes/{code}.html")
        assert sum(key in (item.get("class") or "").split() for item in passages(root)) == int(row["codings"])
        told = next(words_of(node) for node in classed(root, "only") if node.get("id") == key)
        assert told.startswith(f"Only {attribute}: {value}. {row['utterances']} utterance")
        assert f"#{key}:target~.by li:not(.{key})" in pages(talks)[f"codes/{code}.html"]
        seen += 1
    assert not counted and seen >= 15


def test_utterances_by_person_are_those_of_the_codings(talks: StudyFolder) -> None:
    """Counted again from codings and credits, in plain Python."""
    above = {"support": ["help", "support"], "training": ["help", "training"], "help": ["help"], "clarity": ["clarity"]}
    counting = {row["coding"]: above[row["code"]] for row in talks.rows("open_codes") if row["counts"] == "true"}
    names = {row["participant"]: row["pseudonym"] for row in talks.rows("participants")}
    said: dict[tuple[str, str], set[str]] = {}
    for row in talks.rows("open_code_utterances"):
        for code in counting.get(row["coding"], []):
            said.setdefault((names.get(row["participant"], ""), code), set()).add(row["utterance"])
    for attribute, value, code, cell in cells(talks):
        if attribute == "person":
            assert words_of(cell) == str(len(said.get((value, code), ())))


def test_pairs_of_codes_lead_to_what_has_both(talks: StudyFolder) -> None:
    rows = {(row["code_a"], row["code_b"]): row for row in talks.rows("cooccurrences")}
    table = page(talks, "tables.html").find(".//caption[@id='together-caption']/..")
    assert table is not None
    assert len(table.findall("tbody/tr")) == len(rows) > 0
    for line in table.findall("tbody/tr"):
        a, b = ((line[n][0].get("href") or "").split("/")[1].removesuffix(".html") for n in (0, 1))
        file, key = (line[2][0].get("href") or "").split("#")
        assert file == f"codes/{a}.html" and words_of(line[2]) == rows[a, b]["utterances"]
        root = page(talks, file)
        told = next(words_of(node) for node in classed(root, "only") if node.get("id") == key)
        assert f". {rows[a, b]['utterances']} utterance" in told
        assert any(key in (item.get("class") or "").split() for item in passages(root))
        other = page(talks, f"codes/{b}.html")
        assert f"Only together with: {words_of(line[0])}. {rows[a, b]['utterances']} utterance" in words_of(other)


def test_the_codebook_is_told_with_names_hidden(talks: StudyFolder) -> None:
    root = page(talks, "codebook.html")
    assert [words_of(part[0]) for part in classed(root, "tree")] == [
        "Help <1>",
        "Support",
        "Training",
        "Clarity",
        "Empty",
    ]
    support = words_of(classed(root, "tree")[1])
    for told in ("Someone is there.", "they were there", "always there", "aid", "[a teacher] is <there>."):
        assert told in support
    assert all("Smith" not in text for name, text in pages(talks).items()), "names are hidden on every page"


def test_memos_stand_with_their_front_matter_and_lead_to_codes(talks: StudyFolder) -> None:
    part = page(talks, "memos.html").find(".//section")
    assert part is not None
    told = words_of(part)
    assert "date 2026-03-02 by anna" in told
    assert "First reading of [a teacher]" in told and "much <more>" in told and "**" not in told
    assert [node.get("href") for node in part.iter("a")] == ["codes/support.html"]


def test_memos_without_front_matter_are_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("One --- two\n---\nthree\n", encoding="utf-8")
    (tmp_path / "b.md").write_bytes(b"---\r\ndate: x\r\n---\r\n")
    found = memos([tmp_path / "a.md", tmp_path / "b.md"], str.upper, lambda path: path.name, {})
    assert found[0] == {"name": "a.md", "front": [], "paragraphs": ["ONE --- TWO\n---\nTHREE"]}
    assert found[1] == {"name": "b.md", "front": [("date", "X")], "paragraphs": []}


def test_suppressed_cells_are_dashes_that_lead_nowhere(tmp_path: Path) -> None:
    study = reporting.run(tmp_path, "frequencies: {smallest_cell: 3}\n")
    suppressed = {
        (row["attribute"], row["value"], row["code"])
        for row in study.rows("frequencies_by")
        if row["suppressed"] == "true"
    }
    found = {(a, v, c) for a, v, c, cell in cells(study) if words_of(cell) == "–" and len(cell) == 0}
    assert suppressed and found == suppressed


def test_pages_of_what_is_gone_are_removed_and_unchanged_ones_left_alone(tmp_path: Path) -> None:
    study = reporting.run(tmp_path)
    folder = study.results / "report"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.html")}
    for name in ("codes/gone.html", "transcripts/gone.html", "figures/gone.svg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    assert report(study) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.html")} == before
    assert not (folder / "figures" / "gone.svg").exists()
    assert (folder / "notes.txt").exists()
    study.write("codebook.yaml", reporting.CODEBOOK.replace("  - {code: empty, name: Empty}\n", ""))
    assert report(study) == 0
    assert not (folder / "codes" / "empty.html").exists()


def test_nothing_shown_lies_outside_the_folder(talks: StudyFolder, tmp_path: Path) -> None:
    shutil.copytree(talks.results / "report", tmp_path / "moved")
    for path in (tmp_path / "moved").rglob("*.html"):
        root = parsed(path.read_text(encoding="utf-8"))
        for node in root.iter("img"):
            assert (path.parent / (node.get("src") or "")).is_file()
        for node in root.iter("a"):
            target = (path.parent / (node.get("href") or "").partition("#")[0]).resolve()
            inside = target.is_relative_to((tmp_path / "moved").resolve())
            assert target.exists() if inside else path.name == "index.html" or target.suffix == ".csv"


def test_a_report_of_nothing_coded_still_stands(tmp_path: Path) -> None:
    study = reporting.lay(tmp_path)
    shutil.rmtree(study.path / "codings")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        assert study.run("utterances", "parses", "open_codes", "axial_codes", "frequencies", "report") == 0
    links_of(study.results / "report")
    assert not [
        node for node in page(study, "transcripts/talk.html").iter("mark") if "counts" in (node.get("class") or "")
    ]


def test_the_same_study_gives_the_same_bytes(tmp_path: Path, talks: StudyFolder) -> None:
    again = reporting.run(tmp_path)
    assert pages(again) == pages(talks)


def test_figures_lie_within_the_report_with_their_words(tmp_path: Path) -> None:
    study = reporting.run(tmp_path)
    lay_figures(
        study.results, "theme_frequencies", "talk_map_talk", "something_new", "new_information", "agreement_by_code"
    )
    assert report(study) == 0
    shown = {}
    for name, text in pages(study).items():
        for image in parsed(text).iter("img"):
            shown[Path(image.get("src") or "").stem] = (name, image.get("src"), image.get("alt"))
    assert shown["theme_frequencies"] == (
        "index.html",
        "figures/theme_frequencies.svg",
        "It shows <theme_frequencies>.",
    )
    assert shown["talk_map_talk"] == (
        "transcripts/talk.html",
        "../figures/talk_map_talk.svg",
        "It shows <talk_map_talk>.",
    )
    assert shown["something_new"][0] == "tables.html", "a figure without a place of its own is shown all the same"
    assert shown["new_information"][0] == "index.html"
    for name in ("theme_frequencies", "something_new"):
        copied = study.results / "report" / "figures" / f"{name}.svg"
        assert copied.read_bytes() == (study.results / "figures" / f"{name}.svg").read_bytes()
    (study.results / "figures" / "something_new.svg").unlink()
    assert report(study) == 0
    assert not (study.results / "report" / "figures" / "something_new.svg").exists()
    links_of(study.results / "report")


@pytest.mark.parametrize(
    ("of", "told"), [("answered", "who spoke or answered"), ("present", "everyone who was present")]
)
def test_what_percentages_are_of_is_said(tmp_path: Path, of: str, told: str) -> None:
    study = reporting.run(tmp_path, f"frequencies: {{of: {of}, interval: 95}}\n")
    part = page(study, "index.html").find(".//section[@aria-labelledby='frequencies']")
    assert part is not None
    assert told in words_of(part)
    first = study.rows("frequencies")[0]
    whole = first["of_present" if of == "present" else "of_participants"]
    row = next(row for row in part.iter("tr") if row.get("class") == "level-1")
    assert words_of(row[2]) == f"{first['participants']} of {whole}"
    assert words_of(row[3]) == f"{first['participants_percent']}{first['percent_low']} to {first['percent_high']}"


def test_a_page_of_a_theme_has_what_it_gathers(talks: StudyFolder) -> None:
    words = {row["utterance"]: row["text"] for row in talks.rows("utterances")}
    for theme in (1, 2, 3):
        wanted = sorted(words[str(row["utterance"])] for row in reporting.MEMBERS if row["theme"] == theme)
        rows = passages(page(talks, f"themes/{theme}.html"))
        assert sorted("".join(row[0].itertext()) for row in rows) == wanted
    told = next(words_of(row) for row in passages(page(talks, "themes/1.html")) if "Karl" in words_of(row[1]))
    assert f"talk, turn 4. {QUOTED}: Karl said no." in told
    table = page(talks, "index.html").find(".//caption[@id='themes-by-1']/..")
    assert table is not None
    links = {
        words_of(row[0]): [cell[0].get("href") for cell in row[2:] if len(cell)] for row in table.findall("tbody/tr")
    }
    for source, theme, number in (("talk", 1, 2), ("talk", 2, 1), ("second", 1, 1)):
        link = next(link for link in links[source] if link.startswith(f"themes/{theme}.html#g"))
        key = link.partition("#")[2]
        rows = passages(page(talks, f"themes/{theme}.html"))
        assert sum(key in (row.get("class") or "").split() for row in rows) == number
    assert {source: len(of) for source, of in links.items()} == {"talk": 2, "second": 1}

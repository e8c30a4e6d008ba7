import json

import pypdfium2
import pytest
from browser import DESK, PHONE, chromium, opened, violations
from packing import concept, packet

from qualcode.answers import ANSWERS_MARK
from qualcode.answers.saved import read_saved
from qualcode.packets.form_page import render_html

__all__ = ["chromium"]

# Sizes in points.
PAPERS = {"A4": (595, 842), "Letter": (612, 792)}
ODD = 'She said "no" & \\ </script><!-- {answered} \' 🎈é\n\n  two lines\tlater'


@pytest.fixture
def page_of(tmp_path):
    def made(packet):
        path = tmp_path / "a.html"
        path.write_text(render_html(packet), encoding="utf-8")
        return path

    return made


def saved(page):
    """What the button saves, and under which name."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my answers").click()
    return download.value.suggested_filename, json.loads(download.value.path().read_text("utf-8"))


def choose(page, key, value):
    page.locator(f'input[name="{key}"][value="{value}"]').check()


def write(page, key, words):
    page.locator(f'textarea[name="{key}"]').fill(words)


@pytest.mark.parametrize("size", [DESK, PHONE])
@pytest.mark.parametrize("more", [{}, {"draft": "x"}, {"quote_consent": "no", "language": "es"}])
def test_axe_finds_nothing_wrong(chromium, page_of, size, more):
    assert violations(chromium, page_of(packet(**more)), size) == []


def test_axe_finds_nothing_wrong_where_all_is_shown(chromium, page_of):
    """With the fields for new words, and what the page says."""
    path = page_of(packet())
    text = path.read_text("utf-8").replace("  show();\n})();", '  choices();show();told.textContent="Saved.";\n})();')
    script = (
        "const choices = () => document.querySelectorAll('[value=change]').forEach((one) => { one.checked = true; });"
    )
    path.write_text(text.replace('"use strict";', script))
    assert violations(chromium, path) == []


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_nothing_is_asked_for_complained_of_stored_or_wider_than_the_screen(chromium, page_of, size):
    path = page_of(packet([concept(1, 2, name="Donaudampfschifffahrtsgesellschaft" * 4), concept(2)]))
    with opened(chromium, path, size) as (page, told):
        choose(page, "quotation 1.1", "change")
        write(page, "words 1.1", "x" * 500)
        saved(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert page.evaluate("document.cookie") == ""
        assert told.complaints == []
        assert [url for url in told.requests if not url.startswith((path.as_uri(), "blob:"))] == []


def test_no_other_script_or_style_runs(chromium, page_of):
    with opened(chromium, page_of(packet())) as (page, told):
        page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
              document.body.insertAdjacentHTML("beforeend", '<img src="https://example.org/a.png" onerror="window.ran = true">');
            }"""
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None
        assert sum("Content Security Policy" in text for text in told.complaints) >= 2


def test_what_was_chosen_and_typed_is_saved_and_nothing_else(chromium, page_of, tmp_path):
    made = packet()
    with opened(chromium, page_of(made), PHONE) as (page, _):
        name, empty = saved(page)
        assert empty["answers"] == dict.fromkeys(made.asked.questions, "")
        choose(page, "quotation 1.1", "change")
        choose(page, "quotation 1.2", "withdraw")
        choose(page, "reflects 1", "4")
        for key in ("words 1.1", "change 1", "add"):
            write(page, key, ODD)
        again, full = saved(page)
    assert name == again == f"answers-{made.return_code}.json"
    given = {"quotation 1.1": "change", "quotation 1.2": "withdraw", "reflects 1": "4"}
    given |= dict.fromkeys(("words 1.1", "change 1", "add"), ODD)
    assert list(full["answers"]) == made.asked.questions
    assert {key: value for key, value in full.items() if key != "answers"} == {
        "qualcode": ANSWERS_MARK, "study": made.title, "return_code": made.return_code,
    }  # fmt: skip
    assert full["answers"] == dict.fromkeys(made.asked.questions, "") | given
    (tmp_path / name).write_text(json.dumps(full), encoding="utf-8")
    read = read_saved(tmp_path / name)
    assert (read.code, read.title) == (made.return_code, made.title)
    assert {key: values[0] for key, values in read.values.items() if values[0]} == given


def test_the_answers_are_shown_as_text_too(chromium, page_of):
    with opened(chromium, page_of(packet())) as (page, _):
        write(page, "add", ODD)
        _, full = saved(page)
        text = page.get_by_label("Your answers as text")
        assert json.loads(text.input_value()) == full
        page.get_by_role("button", name="Copy the text").click()
        assert page.get_by_role("status").text_content() == "The text was copied. Please put it into an e-mail."
        write(page, "add", "")
        page.locator('textarea[name="add"]').press("Control+V")
        assert json.loads(page.locator('textarea[name="add"]').input_value()) == full


def test_new_words_are_asked_for_where_the_quotation_shall_change_and_go_with_the_choice(chromium, page_of):
    with opened(chromium, page_of(packet())) as (page, _):
        words = page.locator('textarea[name="words 1.1"]')
        assert not words.is_visible()
        choose(page, "quotation 1.1", "change")
        words.fill("They helped some of us.")
        choose(page, "quotation 1.1", "keep")
        assert not words.is_visible()
        assert saved(page)[1]["answers"]["words 1.1"] == ""
        choose(page, "quotation 1.1", "change")
        assert saved(page)[1]["answers"]["words 1.1"] == "They helped some of us."


def test_all_that_is_written_stays_in_sight_over_the_whole_width(chromium, page_of):
    with opened(chromium, page_of(packet()), {"width": 400, "height": 800}) as (page, _):
        choose(page, "quotation 1.1", "change")
        for key in ("words 1.1", "change 1", "add"):
            before = page.locator(f'textarea[name="{key}"]').bounding_box()
            write(page, key, "They helped some of us, and others not at all. " * 12)
            field = page.locator(f'textarea[name="{key}"]')
            assert field.evaluate("field => field.scrollTop === 0 && field.scrollHeight <= field.clientHeight")
            assert field.evaluate("field => field.offsetWidth === field.parentElement.clientWidth")
            assert field.bounding_box()["height"] > before["height"]
            write(page, key, "No")
            assert field.bounding_box()["height"] == pytest.approx(before["height"], abs=1)


def test_an_answer_can_be_taken_back_and_is_counted(chromium, page_of):
    made = packet()
    questions = len([key for key in made.asked.questions if key.startswith(("quotation", "reflects"))])
    with opened(chromium, page_of(made)) as (page, _):
        count = page.locator("#count")
        assert not page.get_by_text("cannot save your answers").is_visible()
        assert count.text_content() == f"Answered so far: 0 of {questions}. You may skip any question."
        choose(page, "reflects 1", "4")
        write(page, "change 1", "More of it.")
        write(page, "add", "Words")
        assert count.text_content().startswith("Answered so far: 1 of")
        choose(page, "reflects 1", "")
        assert count.text_content().startswith("Answered so far: 0 of")
        assert saved(page)[1]["answers"]["reflects 1"] == ""


def test_the_keyboard_alone_fills_and_saves(chromium, page_of):
    made = packet([concept(1, 1)], others=())
    with opened(chromium, page_of(made)) as (page, _):
        for keys in (
            ["Tab", "ArrowRight", "ArrowRight"],
            ["Tab", "N", "o"],
            ["Tab", "ArrowRight"],
            ["Tab", "A"],
            ["Tab", "Enter", "B"],
        ):
            for key in keys:
                page.keyboard.press(key)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "save"
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        full = json.loads(download.value.path().read_text("utf-8"))
    # From "No answer" the arrow goes round to the first choice.
    assert full["answers"] == {
        "quotation 1.1": "change", "words 1.1": "No", "reflects 1": "1", "change 1": "A", "add": "\nB",
    }  # fmt: skip


@pytest.mark.parametrize(("then", "asked"), [("nothing", False), ("changed", True), ("saved", False), ("again", True)])
def test_who_leaves_with_answers_that_are_not_saved_is_asked(chromium, page_of, then, asked):
    with opened(chromium, page_of(packet())) as (page, _):
        dialogs = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
        if then != "nothing":
            choose(page, "reflects 1", "4")
            assert page.get_by_role("status").text_content() == "Your last changes are not saved yet."
        if then in ("saved", "again"):
            name, _ = saved(page)
            assert name in page.get_by_role("status").text_content()
        if then == "again":
            choose(page, "reflects 1", "5")
        page.goto("about:blank")
        assert dialogs == ["beforeunload"] * asked


def test_without_scripts_the_page_says_what_to_do(chromium, page_of):
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(page_of(packet()).as_uri())
        assert page.get_by_text("This program cannot save your answers.").is_visible()
        assert not page.get_by_role("button").count()
        assert page.locator('textarea[name="words 1.1"]').is_visible()
        assert page.get_by_label("Leave it out").first.is_visible()
    finally:
        context.close()


@pytest.mark.parametrize("paper", PAPERS)
def test_on_paper_all_is_there_and_nothing_is_cut(chromium, page_of, tmp_path, paper):
    made = packet([concept(number) for number in range(1, 6)], draft="x")
    with opened(chromium, page_of(made)) as (page, _):
        choose(page, "quotation 1.1", "keep")
        page.emulate_media(media="print")
        read = page.locator("main").inner_text()
        page.pdf(path=tmp_path / "a.pdf", format=paper)
    for told in ("cannot save", "No answer", "Save my answers", "as text"):
        assert told not in read
    assert read.count("what should it say?") == 10
    printed = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    whole, pages = "", 0
    for sheet in printed:
        width, height = sheet.get_size()
        assert (width, height) == pytest.approx(PAPERS[paper], abs=1.5)
        text = sheet.get_textpage()
        assert "DRAFT" in text.get_text_range()
        for at in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(at)
            assert left >= 18 and bottom >= 18 and right <= width - 18 and top <= height - 18
        whole += text.get_text_range().replace("DRAFT", "")
        pages += 1
    assert pages > 2
    # What hyphens and line ends part is the same text.
    assert sorted("".join(whole.split())) == sorted("".join(read.replace("DRAFT", "").split()))

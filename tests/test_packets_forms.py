import json
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from itertools import pairwise

import docx
import pytest
from docx.oxml.ns import qn
from packing import concept, packet, quotation

from qualcode.answers import CHOICES, RATINGS
from qualcode.answers.word import read_word
from qualcode.files import schema
from qualcode.packets.form_page import render_html
from qualcode.packets.form_word import write_docx
from qualcode.packets.model import Concept

WORDING = schema("study")["properties"]["member_checks"]["properties"]["wording"]["properties"]
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
# What ISO/IEC 29500-1 (17.5.2.38) has in the properties of a control, in its order.
IN_ORDER = ["alias", "tag", "id", "lock", "placeholder", "showingPlcHdr", "text", "checkbox"]


def local(element):
    return element.tag.rpartition("}")[2]


def value(element, name):
    found = element.find(f".//{qn(name)}")
    return None if found is None else found.get(qn("w:val"))


def expected(made):
    """The tags of all controls in the order that `answers` reads where a program dropped them."""
    tags = ["study", "return code"]
    for key in made.asked.questions:
        values = {"quotation": CHOICES, "reflects": RATINGS}.get(key.partition(" ")[0])
        tags += [f"{key}={one}" for one in values] if values else [key]
    return tags


@pytest.fixture
def document(tmp_path):
    def made(packet):
        write_docx(packet, tmp_path / "a.docx")
        return docx.Document(tmp_path / "a.docx")

    return made


def controls(document):
    return list(document.element.body.iter(qn("w:sdt")))


def texts(document):
    """The text of each paragraph, controls and all."""
    return ["".join(text.text or "" for text in p.iter(qn("w:t"))) for p in document.element.body.iter(qn("w:p"))]


# --- docx ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", ["yes", "ask", "no"])
def test_each_question_has_one_control_for_each_value_in_the_order_of_the_questions(document, consent):
    made = packet(quote_consent=consent)
    tags = [value(control, "w:tag") for control in controls(document(made))]
    assert tags == expected(made)
    assert any(tag.startswith("quotation ") for tag in tags) == (consent != "no")


def test_controls_are_named_numbered_locked_and_in_the_order_of_the_format(document):
    found = controls(document(packet([concept(1, 2, name="A long name of a concept " * 9)])))
    assert len({value(control, "w:id") for control in found}) == len(found)
    for control in found:
        properties = [local(child) for child in control.find(qn("w:sdtPr"))]
        assert properties == [name for name in IN_ORDER if name in properties]
        assert 0 < len(value(control, "w:alias")) <= 64
        known = value(control, "w:tag") in ("study", "return code")
        assert value(control, "w:lock") == ("sdtContentLocked" if known else "sdtLocked")
    titles = [value(control, "w:alias") for control in found]
    assert "Quotation 1.2: Leave it out" in titles


def test_a_field_stands_alone_in_its_paragraph_and_shows_what_to_do(document):
    fields = [
        control for control in controls(document(packet())) if control.find(f".//{qn('w:showingPlcHdr')}") is not None
    ]
    assert [value(control, "w:tag") for control in fields] == [
        key for key in packet().asked.questions if not key.startswith(("quotation", "reflects"))
    ]
    for control in fields:
        assert control.find(f".//{qn('w:text')}").get(qn("w:multiLine")) == "1"
        paragraph = control.getparent()
        assert [local(child) for child in paragraph if local(child) != "pPr"] == ["sdt"]
        assert "".join(text.text for text in paragraph.iter(qn("w:t"))) == "[✎ Click here to write]"


def test_the_packet_says_which_study_and_which_packet_it_is(document):
    made = packet()
    shown = {value(control, "w:tag"): control for control in controls(document(made))}
    held = {tag: "".join(text.text for text in shown[tag].iter(qn("w:t"))) for tag in ("study", "return code")}
    assert held == {"study": made.asked.study, "return code": made.return_code}


@pytest.mark.parametrize(
    "made", [packet(), packet(quote_consent="no", others=()), packet([concept(1, 0, "")], others=())]
)
def test_headings_of_the_document_skip_no_level(document, made):
    levels = [
        int(paragraph.style.name[-1])
        for paragraph in document(made).paragraphs
        if paragraph.style.name.startswith("Heading")
    ]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_document_has_title_and_language_and_tells_of_nobody(document, tmp_path):
    made = document(packet(language="es-MX"))
    assert made.core_properties.title == "What <b>helps</b> & why: Your words and what we made of them"
    assert (made.core_properties.author, made.core_properties.last_modified_by) == ("", "")
    assert {lang.get(qn("w:val")) for lang in made.styles.element.iter(qn("w:lang"))} == {"es-MX"}
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        whole = b"".join(map(archive.read, archive.namelist())).decode()
    assert not re.search(r"/home/|/tmp/|python-docx|<dc:creator>\w", whole)


def test_a_draft_says_so_on_every_page(document):
    made = document(packet(draft="waits for a decision on Names"))
    assert made.sections[0].header.paragraphs[0].text == "DRAFT"
    assert "DRAFT. This is a draft. Please do not send it yet." in texts(made)
    assert "Names" not in " ".join(texts(made))
    assert "DRAFT" not in " ".join(paragraph.text for paragraph in document(packet()).sections[0].header.paragraphs)


def test_words_stand_with_their_context_place_and_question(document):
    lines = texts(document(packet()))
    at = lines.index("You were asked: What helped you?")
    assert lines[at + 1 : at + 5] == [
        "You said:",
        "… and then I thought: “The short videos helped me.” That was that.",
        "Quotation 1.1 (talk, utterance 2)",
        "May we use quotation 1.1?",
    ]
    assert "Quotation 2.1 (talk, utterances 4, 7)" in lines
    # Nothing tells whose words they are.
    at = lines.index("Others said:")
    assert lines[at + 1 : at + 3] == [
        "“There was nobody to ask.”",
        "How well does this reflect your experience? 1 means not at all, 5 means very well.",
    ]


def test_a_page_never_ends_between_a_heading_and_its_words_or_a_question_and_its_boxes(document):
    """From the heading to the words all stays together; the words themselves may go on over the page."""
    shown = document(packet([concept(1, 1)], others=()))
    keeps = [paragraph.paragraph_format.keep_with_next or shown.styles[paragraph.style.name].paragraph_format.keep_with_next
             for paragraph in shown.paragraphs]  # fmt: skip
    lines = texts(shown)
    at = lines.index("Help")
    assert dict(zip(lines[at:-5], keeps[at:-5], strict=True)) == {
        "Help": True,
        "1. Resources 1": True,
        "Things that explain the work.": True,
        "3 of 6 people in the study spoke of this.": True,
        "You were asked: What helped you?": True,
        "You said:": True,
        "… and then I thought: “The short videos helped me.” That was that.": None,
        "Quotation 1.1 (talk, utterance 2)": None,
        "May we use quotation 1.1?": True,
        "☐\u00a0Keep it    ☐\u00a0Change it    ☐\u00a0Leave it out": None,
        "If you want to change quotation 1.1, what should it say?": True,
        "[✎ Click here to write]": None,
        "How well does this reflect your experience? 1 means not at all, 5 means very well.": True,
        "☐\u00a01    ☐\u00a02    ☐\u00a03    ☐\u00a04    ☐\u00a05": None,
        "What should change? ": True,
        "Anything to add?": True,
        "Please write no names of people.": True,
        "What happens next": True,
        "Please send your answers to Ann Lee (ann@example.org).": None,
    }
    quoted = next(paragraph for paragraph in shown.paragraphs if paragraph.style.name == "Quotation")
    assert not (quoted.paragraph_format.keep_together or quoted.style.paragraph_format.keep_together)


def many(concepts, quotations):
    words = "I watched them on the bus, and at home I watched them once more, since nobody had told us how it is done."
    shown = [
        concept(n, 0, quotations=tuple(quotation(f"{n}.{q}", words) for q in range(1, quotations + 1)))
        for n in range(1, concepts + 1)
    ]
    return packet(shown)


@pytest.mark.parametrize(("concepts", "quotations"), [(12, 3), (60, 5)])
def test_packets_fit_an_email(tmp_path, concepts, quotations):
    made = many(concepts, quotations)
    write_docx(made, tmp_path / "a.docx")
    assert (tmp_path / "a.docx").stat().st_size < 300_000
    assert len(render_html(made).encode()) < 300_000


def kinds(document):
    """What each control holds, in the order of the document; frames that only hold other controls left out."""
    found = []
    for control in controls(document):
        properties = {local(child) for child in control.find(qn("w:sdtPr"))}
        found += ["box"] if "checkbox" in properties else ["text"] if "text" in properties else []
    return found


@pytest.fixture
def through_libreoffice(tmp_path):
    """The document opened and saved in LibreOffice."""
    if not shutil.which("soffice"):
        pytest.skip("there is no LibreOffice on this machine: the form was not opened in it")

    def saved():
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        command = ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", tmp_path / "saved"]
        subprocess.run([*command, tmp_path / "a.docx"], check=True, capture_output=True)
        return tmp_path / "saved" / "a.docx"

    return saved


def test_libreoffice_keeps_the_controls(document, through_libreoffice):
    made = packet()
    before = document(made)
    saved = docx.Document(through_libreoffice())
    assert kinds(saved) == kinds(before)
    tags = [tag for control in controls(saved) if (tag := value(control, "w:tag"))]
    # Versions before 7.5 drop all of them; then the order tells.
    assert tags in ([], expected(made))
    fields = [line for line in texts(saved) if line == "[✎ Click here to write]"]
    assert len(fields) == texts(before).count("[✎ Click here to write]")


GIVEN = {"quotation 1.1": "change", "words 1.1": "They helped\nsome of us. ☒", "reflects 2": "5", "add": "More & more"}


def fill(document, given):
    """Tick and write as Word does."""
    for control in controls(document):
        key, _, choice = value(control, "w:tag").partition("=")
        if key not in given or (choice and choice != given[key]):
            continue
        text = control.find(f".//{qn('w:t')}")
        if choice:
            control.find(f".//{W14}checked").set(f"{W14}val", "1")
            text.text = "☒"
            continue
        control.find(qn("w:sdtPr")).remove(control.find(f".//{qn('w:showingPlcHdr')}"))
        run = text.getparent()
        run.remove(text)
        for position, line in enumerate(given[key].split("\n")):
            if position:
                run.append(docx.oxml.OxmlElement("w:br"))
            run.append(docx.oxml.OxmlElement("w:t"))
            run[-1].text = line


def test_what_is_filled_in_is_read_back(document, tmp_path):
    made = packet()
    filled = document(made)
    fill(filled, GIVEN)
    filled.save(tmp_path / "filled.docx")
    assert answered(made, tmp_path / "filled.docx", tmp_path / "a.docx") == GIVEN
    assert answered(made, tmp_path / "a.docx", tmp_path / "a.docx") == {}


def test_what_is_filled_in_is_read_back_from_libreoffice(document, through_libreoffice, tmp_path):
    made = packet()
    filled = document(made)
    (tmp_path / "a.docx").rename(tmp_path / "sent.docx")
    # Versions before 7.5 take Word's line breaks out of a field.
    given = {question: text.replace("\n", " ") for question, text in GIVEN.items()}
    fill(filled, given)
    filled.save(tmp_path / "a.docx")
    assert answered(made, through_libreoffice(), tmp_path / "sent.docx") == given


def answered(made, path, sent):
    form = read_word(path)
    form.number(made.asked)
    filled = form.filled(read_word(sent))
    assert (filled.code, filled.title, filled.beside) == (made.return_code, made.title, 0)
    assert set(expected(made)) <= set(filled.marks)
    return {question: given[0] for question, given in filled.values.items() if given[0]}


# --- html ----------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.unlabelled = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag in ("input", "textarea") and "label" not in self.open:
            self.unlabelled.append(attributes)
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("consent", ["yes", "ask", "no"])
def test_the_page_is_whole_labelled_and_needs_nothing_else(consent):
    made = packet(quote_consent=consent, language="en-GB")
    text = render_html(made)
    page = Page(text)
    assert page.open == []
    assert page.all("html") == [{"lang": "en-GB"}]
    assert not page.all("link") + page.all("img")
    assert not re.search(r"https?:|url\(|@import", text)
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    labelled = {label.get("for") for label in page.all("label")}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert all(item.get("aria-labelledby") in ids or item.get("id") in labelled for item in page.unlabelled)
    assert len(page.all("legend")) == len(page.all("fieldset"))
    fields = {item["name"] for item in [*page.all("input"), *page.all("textarea")] if "name" in item}
    assert fields == set(made.asked.questions)
    assert json.loads(page.all("form")[0]["data-questions"]) == made.asked.questions
    asked = [(item["name"], item["value"]) for item in page.all("input")]
    assert len(asked) == len(set(asked))
    assert {f"{name}={one}" for name, one in asked} == {tag for tag in expected(made) if "=" in tag}


def test_only_the_pages_own_style_and_script_are_allowed():
    import base64
    import hashlib

    text = render_html(packet())
    policy = next(item["content"] for item in Page(text).all("meta") if item.get("http-equiv"))
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'" and rules["form-action"] == "'none'" and rules["base-uri"] == "'none'"
    for tag in ("style", "script"):
        held = re.search(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(held.encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"


def test_what_people_wrote_is_escaped_and_what_xml_cannot_hold_is_left_out(document):
    bad = 'I said <script>alert("x")</script> & \x0bmore'
    made = packet(
        [concept(1, 0, name=bad, quotations=(quotation("1.1", bad, before=bad, question=bad),), voices=(bad,))],
        pseudonym="<i>Rosa</i>", contact=bad, title=bad, wording={"answered": '" onload="x {answered}', "save": bad},
    )  # fmt: skip
    text = render_html(made)
    assert text.count("<script") == 1
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; more" in text
    assert "&lt;i&gt;Rosa&lt;/i&gt;" in text
    assert Page(text).all("form")[0]["data-answered"] == '" onload="x {answered}'
    assert any('“I said <script>alert("x")</script> & more”' in line for line in texts(document(made)))


def test_the_letter_names_who_where_and_until_when():
    text = render_html(packet())
    for told in ("Ann Lee (ann@example.org)", "1 May", "Rosa", "to leave the study altogether"):
        assert told in text


# --- wording -------------------------------------------------------------------------------------------------------


def shown(made, document):
    """All that is read in either form."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", render_html(made), flags=re.DOTALL)
    header = " ".join(paragraph.text for paragraph in document(made).sections[0].header.paragraphs)
    return " ".join([page, header, *texts(document(made)), *(value(c, "w:alias") for c in controls(document(made)))])


def test_a_study_may_say_everything_in_another_language(document):
    """Each key is shown somewhere, in the study's words, and nothing is said in any others."""
    wording = {
        key: f"Ñ{number}ñ" + "".join(re.findall(r"\{\w+\}", spec["default"]))
        for number, (key, spec) in enumerate(sorted(WORDING.items()))
    }
    letter = "Hola\n\n---\n\n# Fin\n\n{contact}"
    looks = [
        packet(wording=wording, letter=letter, quote_consent=consent, draft="x", contact="")
        for consent in ("yes", "ask", "no")
    ]
    for made in looks:
        read = shown(made, document)
        for spec in WORDING.values():
            longest = max(re.split(r"\{\w+\}", spec["default"]), key=len).strip()
            assert len(longest) < 5 or longest not in read, longest
    every = " ".join(shown(made, document) for made in looks)
    # How a concept on a category itself is called is said where concepts are made.
    unused = [key for key, text in wording.items() if text.partition("{")[0] not in every and key != "in_general"]
    assert unused == []


# --- letter --------------------------------------------------------------------------------------------------------


def test_a_studys_letter_takes_the_place_of_the_built_in_one(document):
    letter = (
        "Hello {pseudonym},\nthis is {title}.\n# Why\n\nBecause.\n## More\n---\nWrite to {contact}.\n\nBy {deadline}."
    )
    made = packet(letter=letter, deadline="1 Sept.")
    lines = texts(document(made))
    assert "Hello Rosa, this is What <b>helps</b> & why." in lines
    assert lines[-2:] == ["Write to Ann Lee (ann@example.org).", "By 1 Sept."]
    levels = {p.text: p.style.name for p in document(made).paragraphs}
    assert (levels["Why"], levels["More"]) == ("Heading 1", "Heading 2")
    assert "<h2>Why</h2>" in render_html(made) and "<h3>More</h3>" in render_html(made)
    assert "Thank you for taking part" not in " ".join(lines)


def test_without_a_deadline_nothing_is_said_of_one_and_without_a_contact_whoever_gave_it_is_meant(document):
    read = " ".join(texts(document(packet(deadline="", contact=""))))
    assert "deadline" not in read and "answer by" not in read and "until" not in read
    assert "Please send your answers to the person who gave it to you." in read


def test_a_concept_without_a_definition_or_category(document):
    made = packet([Concept("c", "", "Name", "", 1, 1)], others=())
    lines = texts(document(made))
    at = lines.index("1. Name")
    assert lines[at + 1] == "1 of 6 people in the study spoke of this."
    assert '<h3 id="concept-1">1. Name</h3>' in render_html(made)

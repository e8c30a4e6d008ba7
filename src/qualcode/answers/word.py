"""Filled docx forms: content controls, known by their tags, as Word and LibreOffice save them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import failure
from ..text import clean
from .filled import CODE, KEY, STUDY, TWO_THINGS, Filled, box, choices
from .model import Asked

if TYPE_CHECKING:
    from ..transcripts.packaged import Package

_WORD_SPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_BREAKS = {"br": "\n", "cr": "\n", "tab": "\t", "ptab": "\t", "noBreakHyphen": "-"}
# Elements without words: properties, what a tracked change took away, and the second copy of a drawing.
_PASSED_OVER = {"", "sdtPr", "sdtEndPr", "pPr", "rPr", "sectPr", "del", "moveFrom", "Fallback"}
# What a box shows when it is ticked and when it is not, characters of Wingdings (at F000) included.
_TICKS = set("☒☑✓✔✗✘✖✅⊠■xX🗵🗹\uf0fe\uf0fd\uf0fc\uf0fb\uf052\uf078")
_EMPTY = set("☐□▢◻⬜\uf0a8\uf06f\uf071")
# Stands for something else than a tick in a box.
_OTHER = "something else"
_OFF = {"0", "false", "off"}
_TOKEN = re.compile(r"\w+")
# What holds no words that could be read: drawings and ink, pictures, other files, formulas.
_DRAWN = {"drawing", "pict", "object", "contentPart", "altChunk", "oMath"}
# Where words stand outside the body, besides the margins.
_APART = ("comments", "footnotes", "endnotes")
_MARGINS = ("header", "footer")


@dataclass
class _Control:
    """A content control: its mark, the words in it, and those before and after it in a paragraph that has no other.

    `box`: whether it is to be ticked, and `checked` whether it is; `prompt`: whether it says of its words that they are
    no answer, which some programs leave when there is one.
    """

    mark: str
    box: bool
    prompt: bool
    checked: bool
    at: int
    pieces: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""

    @property
    def shown(self) -> str:
        return clean("".join(self.pieces))[0].strip()

    @property
    def words(self) -> bool:
        """Whether it is a field for words; who clicks beside it writes in its paragraph."""
        return KEY.fullmatch(self.mark) is not None

    def tick(self) -> str:
        """'yes', '' or that there is something else. Who types an x into a box does not mark it as ticked."""
        if self.checked and self.shown in _EMPTY:
            return TWO_THINGS
        if self.shown in _TICKS or (self.checked and not _TOKEN.search(self.shown)):
            return "yes"
        return _OTHER if self.shown and self.shown not in _EMPTY else ""

    def written(self, prompt: str, prompts: Collection[str]) -> str:
        """What was written into it.

        `prompt` is what the field said when it was issued, `prompts` what fields say that the program emptied.
        """
        inside = "" if self.prompt and self.shown in prompts else "".join(self.pieces)
        return clean(self.before + inside + self.after)[0].replace(prompt, "").strip()


@dataclass
class WordForm:
    """The controls of a docx file in their order, and what stands beside them.

    `margins`: the words at the edges of pages, which programs repeat as they like; `prompts`: what Word writes into
    fields that were emptied; `drawn`: how many drawings and the like there are. LibreOffice saves controls without
    their tags: where all are gone, `number` gives them by their order.
    """

    path: Path
    controls: list[_Control] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    margins: set[str] = field(default_factory=set)
    prompts: set[str] = field(default_factory=set)
    drawn: int = 0

    @property
    def _tagged(self) -> bool:
        return any(control.mark for control in self.controls)

    @property
    def code(self) -> str:
        """The return code as it stands there: without tags, in the second field that is no box."""
        return self._told(CODE, 1)

    @property
    def title(self) -> str:
        return self._told(STUDY, 0)

    def _told(self, mark: str, place: int) -> str:
        if self._tagged:
            return next((control.shown for control in self.controls if control.mark == mark), "")
        fields = [control for control in self.controls if not control.box]
        return fields[place].shown if len(fields) > place else ""

    def number(self, asked: Asked) -> None:
        """Give controls without tags the marks that they had, if they are all there."""
        marks = [STUDY, CODE, *marks_of(asked)]
        if not self._tagged and [control.box for control in self.controls] == ["=" in mark for mark in marks]:
            for control, mark in zip(self.controls, marks, strict=True):
                control.mark = mark

    def filled(self, sent: WordForm) -> Filled:
        """What was filled in. `sent` is the form as it was issued: what stood in it already is no answer."""
        prompts = {control.mark: control.shown for control in sent.controls if control.words}
        values: dict[str, list[str]] = {}
        for control in self.controls:
            question, _, value = control.mark.partition("=")
            if value and (ticked := control.tick()):
                values.setdefault(question, []).append(value if ticked == "yes" else ticked)
            elif control.words:
                values.setdefault(question, []).append(control.written(prompts.get(control.mark, ""), self.prompts))
        marks = frozenset(control.mark for control in self.controls)
        beside = (self._beside() - sent._beside()).total() + len(self.margins - sent.margins)
        drawn = max(0, self.drawn - sent.drawn)
        return Filled(self.path, self.code, self.title, values, marks, beside=beside, drawn=drawn)

    def _beside(self) -> Counter[str]:
        """The words that stand in no field, with how often each does."""
        around = (f"{control.before} {control.after}" for control in self.controls if not control.words)
        return Counter(_TOKEN.findall(" ".join(["".join(self.beside), *around]).casefold()))


def marks_of(asked: Asked) -> Iterator[str]:
    """The marks of all fields of a docx form: one for each box, one for each field of words."""
    for question in asked.questions:
        yield from [box(question, value) for value in choices(question)] or [question]


def read_word(path: Path) -> WordForm:
    """Read a docx form. Raises QualcodeError where the file cannot be read."""
    from ..transcripts.packaged import open_package

    form = WordForm(path)
    with open_package(path) as package:
        main = next(iter(package.relations("").get("officeDocument", [])), "word/document.xml")
        root = package.xml(main)
        if root is None:
            raise failure(path, "", "this is no Word document: it holds no text", "Save it as docx.")
        _walk(root, form, None)
        _walk_apart(package, package.relations(main), form)
    if form._tagged:
        others = [control for control in form.controls if not control.mark]
        form.controls = [control for control in form.controls if control.mark]
        form.beside += [" ".join((other.before, *other.pieces, other.after, "\n")) for other in others]
    return form


def _walk_apart(package: Package, relations: Mapping[str, Sequence[str]], form: WordForm) -> None:
    """Gather what stands outside the body; the numbers of pages are nobody's words."""
    margin = _Control("", box=False, prompt=False, checked=False, at=0)
    for kind in (*_APART, *_MARGINS):
        for name in relations.get(kind, []):
            if (part := package.xml(name)) is not None:
                _walk(part, form, margin if kind in _MARGINS else None)
    form.margins = {word for word in _TOKEN.findall(margin.shown.casefold()) if not word.isdecimal()}
    for name in relations.get("glossaryDocument", []):
        if (glossary := package.xml(name)) is not None:
            bodies = glossary.iter("{*}docPartBody")
            form.prompts |= {clean("".join(body.itertext("{*}t", with_tail=False)))[0].strip() for body in bodies}


def _walk(element: Any, form: WordForm, within: _Control | None) -> None:
    """Gather the words below an element; the parser refuses what is nested deeper than Python can go."""
    pieces = form.beside if within is None else within.pieces
    for child in element:
        name = _name(child.tag)
        if name in _PASSED_OVER:
            continue
        form.drawn += name in _DRAWN
        if name == "r":
            _walk(child, form, within)
        elif name == "sdt":
            inner = _control(child, within is not None, len(form.beside))
            if inner is not None:
                form.controls.append(inner)
            _walk(child, form, inner or within)
        elif name == "t" and child.tag.startswith(_WORD_SPACES):
            pieces.append(child.text or "")
        elif name == "sym":
            pieces.append(_symbol(child))
        elif name in _BREAKS:
            pieces.append(_BREAKS[name])
        elif name == "p":
            begun, met = len(form.beside), len(form.controls)
            _walk(child, form, within)
            if within is None:
                _settle(form, begun, form.controls[met:])
            pieces.append("\n")
        else:
            _walk(child, form, within)


def _settle(form: WordForm, begun: int, controls: Sequence[_Control]) -> None:
    """Words in the paragraph of a field that stands there alone go with the field."""
    if len(controls) == 1 and not controls[0].box:
        control = controls[0]
        control.before = "".join(form.beside[begun : control.at])
        control.after = "".join(form.beside[control.at :])
        del form.beside[begun:]


def _control(element: Any, inside: bool, at: int) -> _Control | None:
    """A content control by its properties; None if it is none of the form's. `at` pieces stand beside so far."""
    properties = next((child for child in element if _name(child.tag) == "sdtPr"), None)
    told = {} if properties is None else {_name(child.tag): child for child in properties}
    mark = _value(told["tag"]) if "tag" in told else ""
    question, _, value = mark.partition("=")
    ours = mark in (CODE, STUDY) or (KEY.fullmatch(question) and (value in choices(question) if value else True))
    if not ours and (inside or not ({"checkbox", "text"} & told.keys())):
        return None
    checked = next((child for child in told.get("checkbox", ()) if _name(child.tag) == "checked"), None)
    return _Control(
        mark if ours else "",
        bool(value) if ours else "checkbox" in told,
        "showingPlcHdr" in told and _on(told["showingPlcHdr"]),
        checked is not None and _on(checked),
        at,
    )


@cache
def _name(tag: object) -> str:
    """The name of an element without its dialect; '' of a comment."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _on(element: Any) -> bool:
    return _value(element, "1").lower() not in _OFF


def _value(element: Any, default: str = "") -> str:
    return next((value for name, value in element.items() if name.endswith("}val")), default)


def _symbol(element: Any) -> str:
    told = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
    try:
        return chr(int(told.get("char", ""), 16) % 0x1000 + 0xF000)
    except ValueError:
        return ""

"""Hiding names before anything is written: what a study lists is replaced, and what may be a word waits for a person.

Names are met in upper, lower and mixed case, with or without their accents, over line breaks and with a possessive;
a full name brings its parts along. A name that is also a word ("Will") is replaced only where it is surely a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from .names import (
    APOSTROPHES,
    BETWEEN,
    DOMAIN,
    TITLES,
    TOKEN,
    Wording,
    fold,
    is_particle,
    names_alone,
    names_someone,
    run_on_parts,
    without_words,
    wordings,
)
from .phrases import Phrases
from .standing import CERTAIN_TITLES, DOUBT, NAME, WORD, case_of, kinds_of, standing

__all__ = ["Entry", "Hidden", "Hider", "names_alone", "names_someone"]

# What stands in the place of a name that several people share ("Maria" of Maria Lopez and of Maria Chen).
SHARED = "[name]"

# Names run together with other letters are looked for only where people do so, and only long ones.
_ADDRESS = re.compile(
    r"(?<![\w.+%-])[\w.+%-]++@[\w-]++(?:\.[\w-]++)++|(?:https?://|www\.)\S+|(?<!\w)[@#]\w+"
    rf"|(?<![\w.-])[\w-]+(?:\.[\w-]+)*{DOMAIN.pattern}(?:/\S*)?",
    re.I,
)
_LONG = 4
# In the names of web sites, where many a word begins like a name (marine.org).
_LONG_IN_SITES = 6


@dataclass(frozen=True)
class Entry:
    """Something to hide: its text, what stands in its place, its kind, and where it is listed.

    `person` is the id of the participant whose name it is. What redactions.csv lists is no participant's, and it
    decides: a name that is a word is hidden wherever it is capitalised, and one listed in lower case everywhere.
    `here` is False for people of other sources: a name that is someone's here too is taken for theirs, and a part of
    the name of someone elsewhere ("Maria") may be anyone's. `surely`: also what may be a word is hidden.
    """

    text: str
    replacement: str
    kind: str = "name"
    place: str = ""
    person: str = ""
    here: bool = True
    surely: bool = False


@dataclass
class Hidden:
    """A text with names hidden: how often each entry was, and the hits left that a person must decide on.

    Keys are numbers of `Hider.entries`; a name that several people share counts for each of them.
    """

    text: str
    counts: Counter[int] = field(default_factory=Counter)
    waiting: Counter[tuple[int, str]] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Form:
    """A wording that is looked for: whose it is, and what becomes of it (`replacement` None: it is kept)."""

    wording: Wording
    entries: tuple[int, ...]
    replacement: str | None
    people: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    decided: str = ""


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    form: _Form
    standing: str


class Hider:
    """Replaces what is listed, whole words, longest first; what `kept` lists is left, and may stand around a name.

    A full name brings along its parts, their combinations and initials. Of a name that is a word, what is surely no
    name stays, and what may be one waits. Nothing that was put in is replaced again.
    """

    def __init__(self, entries: Iterable[Entry], kept: Iterable[str] = ()):
        self.entries = list(entries)
        self._replacements = {entry.person: entry.replacement for entry in self.entries if entry.person}
        self._forms: dict[str, list[_Form]] = {}
        forms = self._all_forms(list(kept))
        for form in forms:
            self._forms.setdefault(form.wording.words[0], []).append(form)
        # Hundreds may share a given name: what is looked for at a word also depends on the one that follows.
        self._pairs: dict[tuple[str, str], list[_Form]] = {}
        for alike in self._forms.values():
            alike.sort(key=_longest_first)
            for form in alike:
                self._pairs.setdefault((form.wording.words[0], "".join(form.wording.words[1:2])), []).append(form)
        self._joined = self._run_on_forms()
        self._anywhere = _alternatives(form.wording.raw[0] for form in self._joined.values())
        self._numbers = {_plain(entry.text): number for number, entry in enumerate(self.entries)}
        # identifiers.csv shows what stands in the hidden text: a row of redactions.csv may hold a pseudonym.
        put_in = Phrases(entry.replacement for entry in self.entries)
        decided = (entry.text for entry in self.entries if not entry.person)
        self._again = Phrases(text for text in decided if any(True for _ in put_in.find(text)))
        self._initials = {
            (person, form.wording.words[0][:1]) for form in forms for person in form.people if not form.wording.exact
        }
        self._inside = _alternatives(
            form.wording.words[0]
            for form in forms
            if form.people and len(form.wording.words) == 1 and len(form.wording.words[0]) >= _LONG and not form.kinds
        )

    def apply(self, text: str, doubtful: bool = False) -> Hidden:
        """The text with names hidden; with `doubtful` also what may be a name or a word."""
        hits = [hit for hit in self._hits(text) if hit.form.replacement is not None and hit.standing != WORD]
        found = Hidden(text)
        pieces: list[str] = []
        position = 0
        name: list[_Hit] = []
        for hit in hits:
            if hit.standing == DOUBT and not doubtful:
                found.waiting.update((number, text[hit.start : hit.end]) for number in hit.form.entries)
                continue
            found.counts.update(hit.form.entries)
            if name and _same_person(name, hit, text):
                name.append(hit)
                pieces[-1] = self._replacement(name)
            else:
                name = [hit]
                pieces += [text[position : hit.start], hit.form.replacement or ""]
            position = hit.end
        found.text = "".join([*pieces, text[position:]])
        for start, end, phrase in reversed(list(self._again.find(found.text))) if hits else ():
            number = self._numbers[_plain(phrase)]
            found.counts[number] += 1
            found.text = found.text[:start] + self.entries[number].replacement + found.text[end:]
        return found

    def hide(self, text: str) -> str:
        """The text with names hidden."""
        return self.apply(text).text

    def variants(self, quote: str) -> list[str]:
        """The wordings under which a quotation may stand in the hidden text: raw, hidden, all that is doubtful hidden.

        Quoted without what stands around it, a name that is a word may look more or less certain than it did.
        """
        return list(dict.fromkeys([quote, self.hide(quote), self.apply(quote, doubtful=True).text]))

    def doubts(self, text: str) -> list[str]:
        """What may be a listed name or a word and waits for a decision, in the order of the text."""
        return [text[hit.start : hit.end] for hit in self._hits(text) if hit.standing == DOUBT]

    # --- what is looked for --------------------------------------------------------------------------------------

    def _all_forms(self, kept: list[str]) -> list[_Form]:
        listed: dict[object, list[tuple[int, Wording]]] = {}
        for number, entry in enumerate(self.entries):
            for wording in wordings(entry.text, parts=bool(entry.person)):
                # A single letter names no one by itself.
                if entry.person and wording.words == wording.words[:1] and len(wording.words[0]) == 1:
                    continue
                # Will Power is not looked for as "willpower".
                if len(wording.words) == 1 and " " in wording.raw[0] and all(_is_word(wording.raw[0])):
                    continue
                listed.setdefault(wording.key, []).append((number, wording))
        forms = {key: self._form(owners) for key, owners in listed.items()}
        for text in kept:
            for wording in wordings(text, parts=False):
                form = forms.get(wording.key)
                if form and form.kinds and form.people:
                    forms[wording.key] = replace(form, decided=WORD)
                else:
                    forms[wording.key] = _Form(wording, (), None)
        return list(forms.values())

    def _run_on_forms(self) -> dict[str, _Form]:
        """What is found anywhere, by its plain text: what holds no word, and names in scripts without blanks."""
        listed: dict[str, dict[tuple[int, bool], Wording]] = {}
        for number, entry in enumerate(self.entries):
            if not without_words(entry.text) or len(entry.text) < 2:
                continue
            for text in (entry.text, *(run_on_parts(entry.text) if entry.person else ())):
                derived = _plain(text) != _plain(entry.text)
                wording = Wording((_plain(text),), (text,), derived=derived, exact=True)
                listed.setdefault(_plain(text), {}).setdefault((number, derived), wording)
        return {
            text: self._form([(number, wording) for (number, _), wording in owners.items()])
            for text, owners in listed.items()
        }

    def _form(self, owners: Sequence[tuple[int, Wording]]) -> _Form:
        """One form of a wording that several entries may have: redactions.csv decides, its last row most of all."""
        decisions = [(number, wording) for number, wording in owners if not self.entries[number].person]
        if decisions:
            number, wording = decisions[-1]
            entry = self.entries[number]
            alone = len(wording.words) == 1 and not wording.exact and not entry.text.islower()
            kinds = kinds_of(wording.words[0]) if alone else frozenset[str]()
            return _Form(wording, (number,), entry.replacement, kinds=kinds, decided=NAME)
        owners = [owner for owner in owners if self.entries[owner[0]].here] or owners
        # A name that is listed as it is goes before one that is part of another, of the same person.
        first = sorted(owners, key=lambda owner: owner[1].derived)
        numbers = {self.entries[number].person: number for number, _ in reversed(first)}
        replacements = {self.entries[number].replacement for number in numbers.values()}
        if first[0][1].derived and not self.entries[first[0][0]].here:
            replacements = {SHARED}
        wording = first[0][1]
        roles = tuple(_role(word, initial) for word, initial in zip(wording.words, wording.initials, strict=True))
        kinds = frozenset[str]()
        if len(wording.words) == 1:
            kinds = kinds_of(wording.words[0])
        elif set(roles) <= {"title", "word", "particle"} and wording.words[0] not in CERTAIN_TITLES:
            kinds = frozenset({"words"})
        return _Form(
            wording,
            tuple(sorted(numbers.values())),
            replacements.pop() if len(replacements) == 1 else SHARED,
            frozenset(numbers),
            frozenset() if wording.exact else kinds,
            roles,
            # Where people withdrew, rather a word too many is hidden.
            NAME if all(self.entries[number].surely for number in numbers.values()) else "",
        )

    # --- looking -------------------------------------------------------------------------------------------------

    def _hits(self, text: str) -> list[_Hit]:
        """What is met, in order and without overlaps."""
        hits = list(self._found(text))
        if "@" in text or "#" in text or "://" in text or "www." in text or DOMAIN.search(text):
            hits = _merged(hits, self._in_addresses(text, hits))
        if self._anywhere:
            hits = _merged(list(self._run_on(text)), hits)
        return [_beside(hits, position, text) for position in range(len(hits))]

    def _found(self, text: str) -> Iterator[_Hit]:
        forms = self._forms
        done = 0
        for token in TOKEN.finditer(text) if forms else ():
            word = token[0].lower() if token[0].isascii() else fold(token[0])
            candidates = forms.get(word)
            if token.start() < done:
                continue
            if not candidates:
                if word[-1] == "s" and (form := self._without_s(word)):
                    end = token.end() - len(word) + len(form.wording.words[0])
                    yield _Hit(token.start(), end, form, NAME)
                continue
            following = TOKEN.search(text, token.end()) if len(candidates[0].wording.words) > 1 else None
            longer = self._pairs.get((word, fold(following[0])), ()) if following else ()
            for form in (*longer, *self._pairs.get((word, ""), ())):
                end = _match(text, token, form)
                if end:
                    start = token.start() - len(form.wording.before)
                    done = end
                    yield _Hit(start, end, form, _judged(text, start, end, form))
                    break

    def _without_s(self, word: str) -> _Form | None:
        """The name in a family's plural or a possessive without its apostrophe: "the Marchettis", "teresas book"."""
        for name in (word[:-1], word[:-2] if word[-3:-2] in "sxz" and word.endswith("es") else ""):
            if len(name) < _LONG or kinds_of(word):
                continue
            for form in self._forms.get(name, ()):
                if form.people and not form.kinds and form.wording.words == (name,):
                    return form
        return None

    def _in_addresses(self, text: str, hits: Sequence[_Hit]) -> Iterator[_Hit]:
        """Names in e-mail addresses, web addresses and @handles: also words there, and run together with letters."""
        taken = {hit.start for hit in hits if hit.standing == NAME}
        for address in _ADDRESS.finditer(text):
            person = "@" in address[0] or address[0].startswith("#")
            person = person and not address[0].lower().startswith(("http", "www"))
            for token in TOKEN.finditer(text, *address.span()):
                if token.start() in taken:
                    continue
                form = next(
                    (form for form in self._forms.get(fold(token[0]), ()) if len(form.wording.words) == 1), None
                )
                site = not person or "@" in text[address.start() + 1 : token.start()]
                if form is None and (inside := self._in_word(fold(token[0]), site)):
                    form = inside
                elif form is None or not (person and form.people and form.decided != WORD):
                    continue
                yield _Hit(*token.span(), form, NAME)

    def _in_word(self, word: str, site: bool) -> _Form | None:
        """A name run together with other letters; in the name of a site a long one, or with names of the same person.

        `anaruiz` and `aruiz` are Ana Ruiz there, and `marine` is no Mari.
        """
        for found in self._inside.finditer(word) if self._inside else ():
            form = self._forms[found[0].lower()][-1]
            rest = [word[: found.start()], word[found.end() :]]
            if not site or len(found[0]) >= _LONG_IN_SITES or all(self._is_of(part, form.people) for part in rest):
                return form
        return None

    def _is_of(self, letters: str, people: frozenset[str]) -> bool:
        """Whether letters are nothing, a name or an initial of one of these people."""
        forms = self._pairs.get((letters, ""), ())
        return (
            not letters
            or any(form.people & people for form in forms)
            or (len(letters) == 1 and any((person, letters) in self._initials for person in people))
        )

    def _run_on(self, text: str) -> Iterator[_Hit]:
        assert self._anywhere is not None
        for match in self._anywhere.finditer(text):
            yield _Hit(*match.span(), self._joined[_plain(match[0])], NAME)

    def _replacement(self, name: Sequence[_Hit]) -> str:
        """What stands for hits that are one name: a given name that people share, and a surname, tell who it is."""
        people = frozenset.intersection(*(hit.form.people for hit in name))
        return self._replacements[next(iter(people))] if len(people) == 1 else SHARED


def _role(word: str, initial: bool) -> str:
    """What a word is in a name of several."""
    if initial or word in TITLES:
        return "initial" if initial else "title"
    return "particle" if is_particle(word) else "word" if kinds_of(word) else "name"


def _is_word(names: str) -> Iterator[bool]:
    return (bool(kinds_of(fold(name))) for name in names.split())


def _longest_first(form: _Form) -> tuple[int, int, bool]:
    """The order in which forms with the same first word are tried; the one that only has to look alike is the last."""
    wording = form.wording
    return -len(wording.words), -len(wording.after + wording.before), wording.accented


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).casefold().split())


def _alternatives(texts: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of texts that are found anywhere, longest first; blanks in them are as wide as they come."""
    longest = sorted({unicodedata.normalize("NFC", text) for text in texts}, key=lambda text: (-len(text), text))
    joined = "|".join(re.escape(text).replace("\\ ", r"\s*") for text in longest)
    return re.compile(joined, re.IGNORECASE) if joined else None


def _merged(first: Sequence[_Hit], second: Iterable[_Hit]) -> list[_Hit]:
    """Hits of both in order; of two that overlap the one that is surely a name stays, else the longer one."""
    merged: list[_Hit] = []
    for hit in sorted([*first, *second], key=lambda hit: (hit.start, hit.end)):
        if not merged or merged[-1].end <= hit.start:
            merged.append(hit)
        elif (hit.standing == NAME, hit.end - hit.start) > (
            merged[-1].standing == NAME,
            merged[-1].end - merged[-1].start,
        ):
            merged[-1] = hit
    return merged


def _match(text: str, token: re.Match[str], form: _Form) -> int:
    """Where a form ends that begins with this word, 0 if it does not stand here."""
    wording = form.wording
    said, dots = [token[0]], []
    end = token.end()
    for word, gap in zip(wording.words[1:], wording.gaps, strict=True):
        between = gap.match(text, end)
        following = TOKEN.match(text, between.end()) if between else None
        if between is None or following is None or fold(following[0]) != word:
            return 0
        dots.append("." in between[0])
        said.append(following[0])
        end = following.end()
    if wording.accented and any(
        one.isascii() and not raw.isascii() for one, raw in zip(said, wording.raw, strict=True)
    ):
        return 0
    if wording.exact:
        return _exactly(text, token.start(), end, wording)
    if form.people and len(said) > 1 and not _like_a_name(said, form.roles, [*dots, text.startswith(".", end)]):
        return 0
    # "Don" does not stand in "don't", and A.M. not in "10 A.M."
    if said[-1][-1] in "nN" and re.match(rf"[{APOSTROPHES}][tT]\b", text[end : end + 3]):
        return 0
    if len(said) > 1 and all(wording.initials):
        end += text.startswith(".", end)
        return 0 if re.search(r"\d\s*$", text[max(0, token.start() - 5) : token.start()]) else end
    # The dot of "Teresa M. said" goes with its initial, and that of "I met Teresa M." ends the sentence.
    if len(said) > 1 and wording.initials[-1] and re.match(r"\.(?:\s+[^\W\dA-Z_]|['’,;:?!])", text[end : end + 4]):
        end += 1
    return end


def _exactly(text: str, start: int, end: int, wording: Wording) -> int:
    if wording.before and not text.startswith(wording.before, max(0, start - len(wording.before))):
        return 0
    if wording.after and not text.startswith(wording.after, end):
        return 0
    begin, end = start - len(wording.before), end + len(wording.after)
    joined = (text[begin].isalnum() and begin and text[begin - 1].isalnum()) or (
        text[end - 1].isalnum() and text[end : end + 1].isalnum()
    )
    return 0 if joined else end


def _like_a_name(said: Sequence[str], roles: Sequence[str], dots: Sequence[bool]) -> bool:
    """Whether several words are written as one name: "will Smith" and "Teresa I" are not, "will smith" may be."""
    cases: dict[str, set[str]] = {role: set() for role in ("initial", "title", "particle", "word", "name")}
    for word, role in zip(said, roles, strict=True):
        cases[role].add(case_of(word))
    full = cases["name"] | cases["word"]
    for word, role, dot in zip(said, roles, dots, strict=True):
        # Without its dot, an initial may be the word "a", "I" or "o".
        if role == "initial" and not dot and (not full or word.lower() in "aio"):
            return False
    if "lower" in cases["initial"] and full != {"lower"}:
        return False
    if not cases["name"]:
        return len(full) <= 1
    apart = cases["word"] & {"lower", "upper"}
    return not apart or apart == cases["name"]


def _judged(text: str, start: int, end: int, form: _Form) -> str:
    """Whether a hit is a name, a word, or waits."""
    if not form.kinds or form.replacement is None:
        return NAME
    if "words" in form.kinds:
        found = NAME if case_of(text[start]) == "title" and not text[start:end].isupper() else DOUBT
    elif _accented(text[start:end], form.wording.raw[0]):
        return NAME
    else:
        found = standing(text, start, end, form.kinds, capitals=case_of(form.wording.raw[0]) == "upper")
    return form.decided if found == DOUBT and form.decided else found


def _accented(said: str, listed: str) -> bool:
    """Whether a word is told from its double by its accents: Đỗ is no "do"."""
    composed = unicodedata.normalize("NFC", said).casefold()
    return not composed.isascii() and composed == unicodedata.normalize("NFC", listed).casefold()


def _same_person(name: Sequence[_Hit], hit: _Hit, text: str) -> bool:
    """Whether a hit goes on with the name that the hits before are: "Teresa M. Marchetti", not "Teresa Teresa"."""
    if any(not known.form.people & hit.form.people for known in name):
        return False
    words = {word for known in name for word in known.form.wording.words}
    return words.isdisjoint(hit.form.wording.words) and bool(BETWEEN.fullmatch(text, name[-1].end, hit.start))


def _beside(hits: Sequence[_Hit], position: int, text: str) -> _Hit:
    """A doubtful hit beside another name of the same person is a name, if both are capitalised."""
    hit = hits[position]
    if hit.standing != DOUBT or case_of(text[hit.start : hit.end]) != "title":
        return hit
    for first, second in ((position - 1, position), (position, position + 1)):
        if first < 0 or second >= len(hits):
            continue
        other = hits[first if second == position else second]
        sure = other.standing == NAME and case_of(text[other.start : other.end]) == "title"
        if sure and _same_person([hits[first]], hits[second], text):
            return replace(hit, standing=NAME)
    return hit

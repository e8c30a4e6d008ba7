"""How a listed name may be written: tokens, the gaps between them, and the parts that it is made of."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, product

# What word processors put inside words, and no one sees: soft hyphen, joiners, marks of direction, byte order mark.
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060\ufe0f\ufeff"
# Digits of a footnote are letters for Python, and part of no name.
_NUMERALS = "²³¹⁰-₉¼-¾"
DASHES = "-‐‑‒–—―−"
APOSTROPHES = "'’‘ʼ`´′＇‛‵ʻʹ"
# Apostrophes that Python takes for letters.
_NO_LETTERS = "ʼʻʹ"


def _marks() -> str:
    """The accents and vowel signs that follow a letter, as the inside of a character class."""
    blocks = (range(0x300, 0x1E00), range(0x20D0, 0x20F1), range(0xA800, 0xAC00), range(0xFE20, 0xFE30))
    return "".join(chr(n) for block in blocks for n in block if unicodedata.category(chr(n))[0] == "M")


# A word: letters with all that belongs to them. Digits and underscores part words ("teresa_m", "Teresa2").
LETTERS = rf"(?:[^\W\d_{_NUMERALS}{_NO_LETTERS}]++[{_marks()}{_UNSEEN}]*+)++"
TOKEN = re.compile(rf"{LETTERS}|\d+")
_BLANK = rf"[\s{_UNSEEN}]"

# What may stand between two words of a name, by what stands there in the list.
BLANK, HYPHEN, DOT, APOSTROPHE = (
    re.compile(gap)
    for gap in (
        rf"[{DASHES}]|{_BLANK}+|[._+]",
        rf"{_BLANK}*[{DASHES}]{_BLANK}*|{_BLANK}+|[._+]",
        rf"\.?{_BLANK}*[{DASHES}]?{_BLANK}*",
        rf"[{APOSTROPHES}]{_BLANK}?|{_BLANK}|[{DASHES}]",
    )
)
_NO_GAP = re.compile("")
# Between words of one person that follow each other: "Teresa M. Marchetti".
BETWEEN = re.compile(rf"{_BLANK}+(?:[^\W\d_]\.{_BLANK}*)?|[{DASHES}]|[._+]")


def word_set(words: str) -> frozenset[str]:
    """Words given in one string."""
    return frozenset(words.split())


TITLES = word_set(
    "mr mrs ms mx miss dr prof professor sir madam dame lord lady rev reverend fr sr br coach principal dean sra srta "
    "chef aunt auntie uncle grandma grandpa grandmother grandfather mum mom dad daughter son sister brother"
)
_SUFFIXES = word_set("jr sr ii iii iv phd md edd esq mba ba ma")
_PARTICLES = word_set(
    "de del della di da do das dos du des d la le las los lo van von vom zu zur der den ter ten te bin ibn bint al "
    "el ul abu y e i and und et of the st san santa saint af av"
)
# What labels say of someone that is no part of a name.
_ROLES = word_set(
    "participant respondent interviewee interviewer moderator facilitator researcher student teacher mentor mentee "
    "speaker principal assistant head deputy parent mother father guardian nurse doctor patient client manager "
    "director chair chairman chairwoman president secretary host cohost guest group member male female man woman boy "
    "girl unknown unidentified person voice interview focus session transcript audio recording she her hers he him his "
    "they them theirs of the and superintendent counselor counsellor coach officer minister senator "
    "coordinator observer translator veteran instructor librarian chorus zoom iphone ipad esl dept adviser advisor "
    "paraprofessional interpreter transcriber notetaker co-facilitator co-moderator administrator intern attendee "
    "panelist crosstalk narrator caregiver carer psychologist therapist midwife physician pharmacist educator "
    "evaluator trainee apprentice freshman novice informant volunteer colleague voices commissioner ambassador "
    "councillor"
)
_DEVICE = re.compile(
    rf"[{APOSTROPHES}]s?\s+(?:iphone|ipad|ipod|imac|mac|macbook|phone|galaxy|pixel|android|tablet|laptop|computer|pc|"
    r"desktop|chromebook|surface|zoom)\b.*",
    re.I,
)
# What joins several names in one label, and what may stand around one.
_SEVERAL = re.compile(r"\s*[/&|;]\s*")
_AROUND = " ,;:|/&!?*"
_DOMAINS = (
    "com|org|net|edu|gov|mil|int|info|biz|io|co|me|us|uk|ca|au|nz|ie|in|za|de|fr|es|it|nl|ch|at|be|se|no|dk|eu|app|dev"
)
DOMAIN = re.compile(rf"\.(?:{_DOMAINS})(?![\w-])", re.I)
_SPELT = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
)
# Joerg may be Jörg, and at the end of a word no one writes so.
_DIGRAPH = re.compile(r"([aouAOU])[eE](?=\w)")
_OF_DIGRAPH = str.maketrans("aouAOU", "äöüÄÖÜ")
# Two names written as one ("Maryann") are looked for from this length.
_JOINED_LENGTH = 5
# Half of a hyphenated name is hidden by itself from this length; shorter ones are words in too many languages.
_HALF = 3
# So many parts are combined in every order-keeping way; a longer name is hidden whole, by its parts, and by its ends.
_MOST_PARTS = 4


_NOT_SEEN = re.compile(f"[{_UNSEEN}]")


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """A word as names are compared: without case, accents and characters that no one sees.

    >>> fold("Már­quez"), fold("Łukasz")
    ('marquez', 'lukasz')
    """
    if word.isascii():
        return word.lower()
    word = _NOT_SEEN.sub("", word)
    spelt = unicodedata.normalize("NFKD", word.casefold().translate(_SPELT)).translate(_SPELT)
    return "".join(char for char in spelt if not unicodedata.combining(char) and unicodedata.category(char) != "Cf")


@dataclass(frozen=True)
class Wording:
    """One way to write a name: folded words and the gaps between them, with what must stand before and after.

    `raw` are the words as listed. `exact` holds for texts that are no plain name ("P07", "C++"). `derived` says that
    the list gives it only as part of a longer name, `accented` that it stands only where it has its accents (Jörg for
    Joerg). Two names that are written as one have one word, whose `raw` holds a blank.
    """

    words: tuple[str, ...]
    raw: tuple[str, ...]
    gaps: tuple[re.Pattern[str], ...] = ()
    before: str = ""
    after: str = ""
    exact: bool = False
    derived: bool = False
    accented: bool = False

    @property
    def initials(self) -> tuple[bool, ...]:
        """Which of several words are initials; the O of O'Hara is none."""
        gaps = [*self.gaps, DOT] if self.gaps and self.gaps[-1] is not APOSTROPHE else [*self.gaps, APOSTROPHE]
        return tuple(len(word) == 1 and gap is DOT for word, gap in zip(self.words, gaps, strict=True))

    @property
    def key(self) -> tuple[object, ...]:
        return self.words, self.before, self.after, self.accented


@dataclass(frozen=True)
class _Part:
    """One word of a full name, which may be several with hyphens or apostrophes, and the particles before it."""

    words: tuple[str, ...]
    gaps: tuple[re.Pattern[str], ...]
    particles: tuple[str, ...] = ()


_PLAIN = re.compile(rf"{LETTERS}(?:(?:\.?\s+|\.|\s*[{DASHES}]\s*|[{APOSTROPHES}]\s?){LETTERS})*\.?")


@lru_cache(maxsize=1 << 14)
def wordings(text: str, parts: bool) -> tuple[Wording, ...]:
    """Every way in which a listed text is met; with `parts` also given names, surnames and initials by themselves."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if parts:
        text = text.strip(_AROUND) or text
    found: dict[tuple[object, ...], Wording] = {}
    spellings = dict.fromkeys([text, text.translate(_UMLAUTS)])
    for spelling in spellings:
        for wording in _spelt(spelling, parts):
            found.setdefault(wording.key, wording)
    with_umlauts = _DIGRAPH.sub(lambda digraph: digraph[1].translate(_OF_DIGRAPH), text)
    for wording in _spelt(with_umlauts, parts) if with_umlauts != text and parts else ():
        accented = replace(wording, accented=True)
        if not all(word.isascii() for word in wording.raw):
            found.setdefault(accented.key, accented)
    return tuple(found.values())


def _spelt(text: str, parts: bool) -> Iterator[Wording]:
    yield from _whole(text)
    # "Reed, Teresa" of "Reed, Teresa, PhD".
    if parts and text.count(",") > 1:
        yield from _whole(",".join(text.split(",")[:2]))
    for name in _names(text) if parts else ():
        yield from _parts(name)


def _whole(text: str) -> Iterator[Wording]:
    """The text itself. What holds no letter or digit ("+++") has no wording: see `without_words`."""
    if _PLAIN.fullmatch(text):
        part = _part(text)
        yield _wording([part], derived=False)
        yield from _run_together([part], derived=False)
        return
    tokens = list(TOKEN.finditer(text))
    if not tokens:
        return
    between = (text[a.end() : b.start()] for a, b in pairwise(tokens))
    raw = tuple(token[0] for token in tokens)
    gaps = tuple(re.compile(re.escape(gap).replace("\\ ", rf"{_BLANK}+")) for gap in between)
    before, after = text[: tokens[0].start()], text[tokens[-1].end() :]
    yield Wording(tuple(map(fold, raw)), raw, gaps, before, after, exact=True)


def names_someone(label: str) -> bool:
    """Whether a speaker's label holds more than a role, a title, a number or a letter."""
    return any(_significant(name) for name in _names(" ".join(label.split())))


def names_alone(text: str) -> set[str]:
    """The folded words of a listed name that name someone by themselves: given names, surnames, their halves."""
    alone = (wording for wording in wordings(text, parts=True) if len(wording.words) == 1)
    return {wording.words[0] for wording in alone if not wording.accented} - {""}


def is_particle(word: str) -> bool:
    """Whether a folded word joins others in a name: de, van, al."""
    return word in _PARTICLES


def without_words(text: str) -> bool:
    """Whether a text holds no word or number, or is in a script that puts no blanks between words."""
    return not TOKEN.search(text) or bool(_RUN_ON.search(text))


def run_on_parts(text: str) -> list[str]:
    """The parts of a name in a script without blanks between words, of two characters or more: 山田 and 太郎."""
    return [match[0] for match in re.finditer(f"{_RUN_ON.pattern}{{2,}}", unicodedata.normalize("NFC", text))]


# Chinese, Japanese, Korean (whose particles join the name), Thai, Lao, Khmer and Burmese.
_RUN_ON = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def _part(text: str, particles: tuple[str, ...] = ()) -> _Part:
    tokens = list(re.finditer(LETTERS, text))
    gaps = []
    for before, after in pairwise(tokens):
        gap = text[before.end() : after.start()]
        if "." in gap or (len(fold(before[0])) == 1 and not any(char in APOSTROPHES for char in gap)):
            gaps.append(DOT)
        elif any(char in APOSTROPHES for char in gap):
            gaps.append(APOSTROPHE)
        else:
            gaps.append(HYPHEN if any(char in DASHES for char in gap) else BLANK)
    return _Part(tuple(token[0] for token in tokens), tuple(gaps), particles)


def _names(text: str) -> Iterator[str]:
    """The plain names in a listed text: `Teresa (Terry) Marchetti` is Teresa Marchetti and Terry."""
    text = _DEVICE.sub("", text).strip(_AROUND)
    if "@" in text or "://" in text or DOMAIN.search(text):
        return
    if match := _IN_BRACKETS.fullmatch(text) or _IN_QUOTES.fullmatch(text):
        yield from _names(f"{match[1].strip()} {match[3].strip()}".strip())
        yield from _names(match[2].strip())
    elif _SEVERAL.search(text):
        for name in _SEVERAL.split(text):
            yield from _names(name)
    elif "," in text:
        yield from _by_commas([name for part in text.split(",") if (name := part.strip())])
    else:
        # Teresa.Marchetti and T.Marchetti are two words.
        text = re.sub(r"(?<=\w)\.(?=[^\W\d_]{2})", ". ", text)
        if not _PLAIN.fullmatch(text):
            text = re.sub(r"[\d_ ]+", " ", text).strip()
        if _PLAIN.fullmatch(text):
            yield text


# In brackets or quotation marks; single ones stand between blanks ("Teresa 'Tess' Reed"), unlike those of O'Hara.
_IN_BRACKETS = re.compile(r"(.*?)[(\[\"“]([^)\]\"”]*)[)\]\"”](.*)")
_IN_QUOTES = re.compile(rf"(.*?)(?<!\S)[{APOSTROPHES}](\S.*?)[{APOSTROPHES}](?!\S)(.*)")


def _by_commas(texts: list[str]) -> Iterator[str]:
    """`Reed, Teresa, PhD` is Teresa Reed, and `Teresa Marchetti, Principal, Elm Park` are two names."""
    telling = [text for text in texts if any(fold(part.words[0]) not in _SUFFIXES for part in _significant(text))]
    if len(telling) == 2 or (len(telling) > 2 and len(_significant(telling[0])) == 1):
        telling[:2] = [f"{telling[1]} {telling[0]}"]
    for text in telling:
        yield from _names(text)


def _parts(name: str) -> Iterator[Wording]:
    """Given names, surnames, their combinations in order, and initials with what is left in full."""
    parts = _significant(name)
    if len(parts) > _MOST_PARTS:
        choices = [*([part] for part in parts), [parts[0], parts[-1]]]
    else:
        choices = []
        for choice in product(*((None, part, _initial(part)) for part in parts)):
            chosen = [part for part in choice if part is not None]
            if any(len(part.words[0]) > 1 or len(part.words) > 1 for part in chosen):
                choices.append(chosen)
    for chosen in choices:
        for variant in dict.fromkeys((tuple(chosen), tuple(_Part(part.words, part.gaps) for part in chosen))):
            yield _wording(variant, derived=True)
            yield from _run_together(variant, derived=True)
    yield from _as_one(parts)
    for part in parts:
        halves = [word for word, gap in zip(part.words, (*part.gaps, HYPHEN), strict=True) if gap is HYPHEN]
        if len(part.words) > 1 and len(halves) == len(part.words):
            for half in halves:
                if len(half) >= _HALF and fold(half) not in _PARTICLES:
                    yield _wording([_Part((half,), ())], derived=True)


def _as_one(parts: list[_Part]) -> Iterator[Wording]:
    """Two names that are written as one: Maryann, DeShawn."""
    for words in ((*first.words, *second.words) for first, second in pairwise(parts) if not second.particles):
        if len(fold("".join(words))) >= _JOINED_LENGTH:
            yield Wording((fold("".join(words)),), (" ".join(words),), derived=True)


def _significant(name: str) -> list[_Part]:
    """The parts of a name without titles, roles, suffixes and single letters; particles join what follows them."""
    found: list[_Part] = []
    particles: tuple[str, ...] = ()
    for word in name.split():
        plain = fold(word.strip("."))
        if plain in TITLES | _ROLES | (_SUFFIXES if found else frozenset()):
            continue
        if plain in _PARTICLES and (word[0].islower() or found):
            particles = (*particles, word)
        elif len(plain.replace(".", "")) > 1 and not re.fullmatch(r"(?:\w\.)+\w?", word):
            found.append(_part(word, particles))
            particles = ()
    # At the end it joins nothing, and is a name: Nguyen Thi Do.
    return [*found, *(_part(word) for word in particles if word[0].isupper())]


def _initial(part: _Part) -> _Part:
    return _Part((part.words[0][0],), ())


def _wording(parts: tuple[_Part, ...] | list[_Part], derived: bool) -> Wording:
    words: list[str] = []
    gaps: list[re.Pattern[str]] = []
    for part in parts:
        for particle in part.particles:
            gaps += [_after(words)] if words else []
            words.append(particle)
        gaps += [_after(words)] if words else []
        words += part.words
        gaps += part.gaps
    return Wording(tuple(map(fold, words)), tuple(words), tuple(gaps), derived=derived)


def _after(words: list[str]) -> re.Pattern[str]:
    """The gap after a word of a full name: an initial may carry a dot."""
    return DOT if len(words[-1]) == 1 else BLANK


def _run_together(parts: tuple[_Part, ...] | list[_Part], derived: bool) -> Iterator[Wording]:
    """O'Hara as Ohara, Márquez-López as MarquezLopez: machines that transcribe write so."""
    if any(gap in (APOSTROPHE, HYPHEN) for part in parts for gap in part.gaps):
        yield _wording([_joined(part) for part in parts], derived)


def _joined(part: _Part) -> _Part:
    words, gaps = [part.words[0]], []
    for word, gap in zip(part.words[1:], part.gaps, strict=True):
        if gap in (APOSTROPHE, HYPHEN):
            words[-1] += word
        else:
            words.append(word)
            gaps.append(gap)
    return _Part(tuple(words), tuple(gaps), part.particles)

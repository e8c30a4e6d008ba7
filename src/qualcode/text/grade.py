"""How hard an English text is to read, as a school grade."""

from __future__ import annotations

import re

# An address is no word to read, and its full stops end no sentence.
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")
# After single letters (initials, e.g.) a full stop ends nothing.
_END = re.compile(r"(?<!\b[^\W\d_])[.!?…]+[\"'”’)\]]*(?=\s|$)")
_VOWELS = re.compile(r"[aeiouyà-öø-ÿ]+")
# Vowels that are written and not spoken: "made", "makes", "asked", "safely", "technique", "something", "every".
_SILENT = re.compile(
    r"(?<=[^aeiouy])e$(?<![^aeiouyrlw]le)(?<!maybe)"
    r"|(?<=[^aeiouycgshxz])es$(?<![^aeiouyrlw]les)"
    r"|(?<=[^aeiouytd])ed$(?<![^aeiouyrlw]led)(?<![dc]red)"
    r"|(?<=[aeiouy][^aeiouy])e(?=(?:ly|ful|fully|less|ment|ments|ness)$)(?<!^ele)"
    r"|(?<=[aio][gq])ues?$|(?<=^som)e(?=[tbhwd])|(?<=^ev)e(?=ry)|(?<=^bus)i"
)
# Where vowels in a row are two syllables, and consonants are one.
_APART = re.compile(
    r"(?<=[bdfhjkmnprvwyz]i)(?=a|o(?!us|n|r)|um|us|ous)|(?<=ri)(?=or)"  # media, period, serious; not: nation, social
    r"|(?<=qui)(?=e)|(?<=ci)(?=ety)|(?<=[lrpvd]i)(?=e(?:n[ct]|t))|(?<=sci)(?=en)"  # quiet, society, experience, science
    r"|(?<=[bdfhjklmnprstvwxyz]u)(?=a(?!rd|y)|ous)|(?<=flu)(?=e)"  # actual, continuous, influence; not: quality
    r"|(?<=cre)(?=at(?!u))|(?<=^ide)(?=a)|(?<=^re)(?=ali|act)|(?<=^are)(?=a)|(?<=^everyo)(?=ne)"  # create, idea, area
    r"|(?<=[aeouy])(?=ing)|(?<=[dn]e)(?=o)|(?<=ge)(?=o[gm])|(?<=co)(?=op|or)|(?<=po)(?=e[mt])"  # doing, video, poem
    r"|(?<=[aou]y)(?=er|al|on|ee)|(?<=soci)(?=at)|(?<=gi)(?=an)"  # player, associate, giant
    r"|(?<=[ds])(?=n['’]t$)|(?<=s)(?=ms?$)"  # didn't, realism
)


def syllables(word: str) -> int:
    """How many syllables an English word has, by its letters; a number counts as one."""
    small = word.lower()
    spoken = _VOWELS.findall(_SILENT.sub("", small))
    return max(1, len(spoken) + len(_APART.findall(small)))


def reading_grade(text: str) -> float | None:
    """The grade of a United States school in which an English text is read with ease; None for a text without words.

    Flesch-Kincaid grade level (Kincaid, Fishburne, Rogers & Chissom 1975): 0.39 words per sentence + 11.8 syllables
    per word - 15.59. A sentence ends with its mark or with its line.
    """
    lines = [line for line in _ADDRESS.sub(" ", text).splitlines() if _WORD.search(line)]
    words = [word for line in lines for word in _WORD.findall(line)]
    if not words:
        return None
    sentences = sum(sum(1 for part in _END.split(line) if _WORD.search(part)) for line in lines)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59

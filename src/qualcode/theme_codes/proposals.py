"""New themes as codes, in the form of a codebook, ready to be pasted into one. They are offered, never imposed."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..codebook import Code, Codebook, code_of, free_id
from ..codebook.formats.yaml import as_yaml
from ..codebook.indicators import pieces, plain
from ..console import counted_words
from ..study import slug
from ..tables import round_half_up
from ..tables.themes import ADOPTED, COVERED, NEW, SPREAD
from ..text import one_line

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 3
# Rules are proposed of this many leading terms at most: terms met twice in the theme, and rarely outside of it.
WORDS, FEWEST_HITS, MOST_OUTSIDE = 5, 2, 1 / 3
_TERM = re.compile(r"[\w'’-]+(?: [\w'’-]+)*")
_TOKEN = r"(?u)[\w'-]+"
_WIDTH = 110
_HEAD = (
    "Themes of the talk that no code covers yet, as codes in the form of a codebook. They are proposed by the machine: "
    "what they mean, and whether they are worth a code, is for you to say.",
    "To adopt one, copy it (from its `- code:` on) below `codes:` in your codebook, indented like the codes there. "
    "Write its name and definition yourself; change its id, examples and words, and place it below another code, as "
    "you like. Keep the line `theme:` as it is: by it the theme is known as adopted in every later run, whatever "
    "number it has then.",
    "This file is made anew with every run: copy what you need. Its examples are words of people who may be quoted: "
    "it stays with the researchers.",
)


@dataclass(frozen=True)
class Theme:
    """What is known of a theme: its row of themes, its row of theme_standing, typical quotations, marks and rules."""

    number: int
    label: str
    note: str
    utterances: int
    participants: int
    status: str
    code: str
    overlap: float
    quotations: Sequence[str]
    marks: Sequence[str]
    words: Sequence[str]

    @property
    def proposed(self) -> bool:
        return self.status in (NEW, SPREAD) and not self.note

    @property
    def named(self) -> bool:
        """Whether its label holds words, and does not say in brackets that there are none."""
        return any(char.isalnum() for char in self.label) and not self.label.startswith("(")


def file_text(themes: Sequence[Theme], codebook: Codebook, reason: str, origin: str) -> str:
    """The file codebook_proposals.yaml: what is proposed, and in comments what is not and why.

    `reason` says why there are no themes, `origin` from which run they are.
    """
    left_out = [f"Theme {theme.number} ({theme.label}): {_why_not(theme)}" for theme in themes if not theme.proposed]
    told = list(_HEAD)
    if not themes:
        told.append(f"There is nothing to propose: {reason or 'no themes were made'}.")
    elif len(left_out) == len(themes):
        told.append("There is nothing to propose: no theme is new without a caution.")
    paragraphs = ["\n".join(_comment(paragraph)) for paragraph in told]
    if left_out:
        paragraphs.append("\n".join(["# Not proposed:", *(line for text in left_out for line in _comment(text, "- "))]))
    taken = {known.casefold() for code in codebook.codes for known in (code.code, *code.formerly)}
    codes = tuple(_code(theme, len(themes), taken, origin) for theme in themes if theme.proposed)
    proposals = Codebook(Path(), _whole(f"Proposals for {codebook.title}"), "", codes)
    return as_yaml(proposals, "\n#\n".join(paragraphs) + "\n")


def _why_not(theme: Theme) -> str:
    if theme.status == ADOPTED:
        return f"adopted as `{theme.code}`."
    if theme.status == COVERED:
        return f"`{theme.code}` covers most of it ({round_half_up(100 * theme.overlap):.0f} % of its utterances)."
    return f"{theme.note}."


def _comment(text: str, bullet: str = "") -> Iterator[str]:
    """A text as lines of comments. What no comment can hold, line ends of any kind among it, becomes a blank."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    wrapped = textwrap.wrap(one_line(seen), _WIDTH, initial_indent=bullet, subsequent_indent=" " * len(bullet),
                            break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return (f"# {line}" for line in wrapped)


def _code(theme: Theme, number: int, taken: set[str], origin: str) -> Code:
    told = slug(plain(theme.label).replace("'", ""))
    if not theme.named or told == "unnamed":
        told = f"theme-{theme.number}"
    label = theme.label if theme.named else f"theme {theme.number}"
    size = counted_words(theme.utterances, "utterance")
    if theme.participants:
        size += f" of {counted_words(theme.participants, 'person', 'people')}"
    about = f"talk of {label}; " if theme.named else ""
    node: dict[str, Any] = {
        "code": free_id(told, taken),
        "name": one_line(label[:1].upper() + label[1:]),
        "definition": one_line(f"Draft by the machine: {about}{size}. Write your own."),
        "examples": list(theme.quotations[:EXAMPLES]),
        "words": list(theme.words),
        "memo": one_line(f"Proposed by the machine from theme {theme.number} of {number} ({theme.label}); {origin}."),
        "theme": list(theme.marks),
    }
    return code_of(node, (), (), {})


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def telling_words(themes: pd.DataFrame, members: pd.DataFrame, utterances: pd.DataFrame) -> Mapping[int, list[str]]:
    """Leading terms of each theme that may be rules: of the utterances that hold them at most a third are elsewhere.

    `themes` are rows of the table themes, `members` theme_members, `utterances` all that is data. Terms are looked for
    as they are written; a rule also meets other forms of their words.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    terms = {
        int(theme): [term for term in told.split("; ") if _may_be_rule(term)]
        for theme, told in zip(themes["theme"], themes["terms"], strict=True)
    }
    wanted = sorted({plain(term) for own in terms.values() for term in own})
    if not wanted:
        return {}
    longest = max(term.count(" ") for term in wanted) + 1
    vectorizer = CountVectorizer(
        vocabulary=wanted, preprocessor=plain, token_pattern=_TOKEN, ngram_range=(1, longest), binary=True
    )
    holds = vectorizer.transform(utterances["text"])
    place = {term: column for column, term in enumerate(wanted)}
    everywhere = holds.sum(axis=0).A1
    theme_of = utterances["utterance"].map(members.set_index("utterance")["theme"]).to_numpy()
    found = {}
    for theme, own in terms.items():
        inside = holds[theme_of == theme].sum(axis=0).A1
        at = {term: place[plain(term)] for term in own}
        kept = [
            term for term in own
            if inside[at[term]] >= FEWEST_HITS and inside[at[term]] >= (1 - MOST_OUTSIDE) * everywhere[at[term]]
        ]  # fmt: skip
        found[theme] = kept[:WORDS]
    return found


def _may_be_rule(term: str) -> bool:
    try:
        return bool(_TERM.fullmatch(term) and pieces(term))
    except ValueError:
        return False

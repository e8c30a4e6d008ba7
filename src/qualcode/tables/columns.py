"""What a table and its columns are, and the columns that several tables share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Release = Literal["working", "participant", "paper", "shareable"]
RELEASES: dict[Release, str] = {
    "working": "words of people, or figures of single people and small groups: stays with the researchers",
    "participant": "goes to one person",
    "paper": "quotes people who agreed to be quoted: goes out with the paper once a person has read it",
    "shareable": "holds no one's words: goes out with the paper",
}


@dataclass(frozen=True)
class Column:
    """A column: its type, what it means, the values it may take (any if empty), and decimals for a float."""

    name: str
    type: Literal["text", "integer", "number", "boolean"]
    about: str
    values: tuple[str, ...] = ()
    decimals: int = 4
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """A table: the step that makes it, who may see it, its columns and the columns that no two rows share.

    `further` says what the columns are that follow the declared ones, where their names depend on the study. They are
    read as text.
    """

    name: str
    step: str
    release: Release
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    folder: str = ""
    further: str = ""

    @property
    def guarded(self) -> bool:
        """Whether words that a spreadsheet would take for a formula are marked as text: in what people pass on."""
        return self.release != "working" or bool(self.further)

    @property
    def file(self) -> str:
        """The path under results/<study>/."""
        return f"{self.folder}{self.name}.csv"


def text(name: str, about: str, *values: str) -> Column:
    return Column(name, "text", about, values)


def integer(name: str, about: str, optional: bool = False) -> Column:
    return Column(name, "integer", about, optional=optional)


def number(name: str, about: str, decimals: int = 4, optional: bool = False) -> Column:
    return Column(name, "number", about, decimals=decimals, optional=optional)


def boolean(name: str, about: str) -> Column:
    return Column(name, "boolean", about)


UTTERANCE = text("utterance", "id of the utterance: `<source>:<n>`, n counted from 1")
SOURCE = text("source", "id of the source")
PARTICIPANT = text("participant", "id of the person (empty: not known)")
CODING = text("coding", "id of the coding: a hash of source, quotation, coder or rule, and the code's oldest id")
CODE = text("code", "id of the code")
START = integer("start", "first character in the source's canonical text, counted from 0 in code points")
END = integer("end", "character after the last")
LEVEL = integer("level", "level in the codebook; 1 is the root")
NAME = text("name", "name of the code")
PARENT = text("parent", "id of the code above (empty at level 1)")
PATH = text("path", "ids from the root to the code, joined by ` > `")
THEME = integer("theme", "number of the theme, by size from 1")

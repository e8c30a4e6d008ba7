"""Every table, declared once: columns, types, key and release class. Steps read and write only through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .codebook import ROLES
from .codebook.changes import CHANGES
from .errors import failure
from .files import replacing

if TYPE_CHECKING:
    import pandas as pd

Release = Literal["working", "participant", "shareable"]
RELEASES: dict[Release, str] = {
    "working": "words of people: stays with the researchers",
    "participant": "goes to one person",
    "shareable": "holds no one's words: goes out with the paper",
}


# What a row of a coder asks for.
ACTIONS = ("apply", "withdraw", "accept", "reject", "done", "note", "sampled")
# In what agreement is counted.
UNITS = ("utterance", "sentence", "character")
# How two codes are brought together: by where they stand, then by the words between them.
RELATIONS = ("together", "nearby", "answered", "because", "so that", "in order to", "if", "leads to")


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
    """A table: the step that makes it, who may see it, its columns and the columns that no two rows share."""

    name: str
    step: str
    release: Release
    about: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    folder: str = ""

    @property
    def file(self) -> str:
        """The path under results/<study>/."""
        return f"{self.folder}{self.name}.csv"


def _text(name: str, about: str, *values: str) -> Column:
    return Column(name, "text", about, values)


def _integer(name: str, about: str, optional: bool = False) -> Column:
    return Column(name, "integer", about, optional=optional)


def _number(name: str, about: str, decimals: int = 4, optional: bool = False) -> Column:
    return Column(name, "number", about, decimals=decimals, optional=optional)


def _boolean(name: str, about: str) -> Column:
    return Column(name, "boolean", about)


_UTTERANCE = _text("utterance", "id of the utterance: `<source>:<n>`, n counted from 1")
_SOURCE = _text("source", "id of the source")
_PARTICIPANT = _text("participant", "id of the person (empty: not known)")
_CODING = _text("coding", "id of the coding: a hash of source, quotation, coder or rule, and the code's oldest id")
_CODE = _text("code", "id of the code")
_START = _integer("start", "first character in the source's canonical text, counted from 0 in code points")
_END = _integer("end", "character after the last")
_LEVEL = _integer("level", "level in the codebook; 1 is the root")
_NAME = _text("name", "name of the code")
_PARENT = _text("parent", "id of the code above (empty at level 1)")
_PATH = _text("path", "ids from the root to the code, joined by ` > `")
_THEME = _integer("theme", "number of the theme, by size from 1")

_FREQUENCIES = (
    _integer("participants", "people with at least one counted coding on the code or below it"),
    _integer("of_participants", "people who spoke or answered"),
    _number("participants_percent", "participants in % of of_participants, halves rounded up", decimals=1),
    _integer("utterances", "utterances with such a coding"),
    _integer("codings", "counted codings on the code and below it"),
    _integer("own_codings", "counted codings on the code itself"),
    _integer("sources", "sources with such a coding"),
    _integer("of_sources", "sources of the study"),
)

_ALL = (
    Table(
        "utterances",
        "utterances",
        "working",
        "What was said, turn by turn; for surveys and documents, answer by answer and paragraph by paragraph.",
        (
            _UTTERANCE,
            _SOURCE,
            _PARTICIPANT,
            _text(
                "role",
                "participant, moderator, heading (words above the talk), withdrawn (a marker in the place of the words "
                "of someone who withdrew), or empty (no speaker is known, as in documents)",
                "participant",
                "moderator",
                "heading",
                "withdrawn",
                "",
            ),
            _text("question", "guide question in force, or the survey's column"),
            _boolean("backchannel", "whether it only signals listening ('Mm-hm.', 'Right.')"),
            _START,
            _END,
            _text("time_start", "time code where the file has one"),
            _text("time_end", "time code where the file has one"),
            _text("text", "the words, names hidden: the canonical text from start to end"),
        ),
        ("utterance",),
    ),
    Table(
        "participants",
        "utterances",
        "working",
        "Who spoke or answered.",
        (
            _PARTICIPANT,
            _text("role", "participant or moderator", "participant", "moderator"),
            _text("pseudonym", "what the person is called in everything that is written"),
            _text("quote_consent", "whether the person may be quoted", "yes", "no", "ask"),
            _text("kind", "kind of the source in which the person is met first"),
            _integer("utterances", "number of utterances"),
            _integer("words", "number of words"),
        ),
        ("participant",),
    ),
    Table(
        "attributes",
        "utterances",
        "working",
        "What is known of each person and source, in long form.",
        (
            _text("subject", "participant or source", "participant", "source"),
            _text("id", "id of the participant or source"),
            _text("attribute", "name of the attribute"),
            _text("value", "its value"),
        ),
        ("subject", "id", "attribute"),
    ),
    Table(
        "hidden",
        "utterances",
        "working",
        "What was hidden in each source, by the place where it is listed: never the words themselves.",
        (
            _SOURCE,
            _text("place", "file and row where it is listed"),
            _text("kind", "name, or the kind given in redactions.csv"),
            _text("replacement", "what stands in its place now"),
            _integer("count", "how often it was replaced"),
            _integer("waiting", "hits that may be a name or a word, not replaced: a person decides in redactions.csv"),
        ),
        ("source", "place"),
    ),
    Table(
        "import_report",
        "utterances",
        "working",
        "What came in from each file, and what was left out and why.",
        (
            _SOURCE,
            _text("file", "name of the file"),
            _text("what", "words, or what else is counted (utterances, characters, encoding, columns …)"),
            _integer("count", "how many"),
            _text("note", "what it means"),
        ),
        ("source", "what", "note"),
    ),
    Table(
        "identifiers",
        "identifiers",
        "working",
        "What may tell who is meant: what was hidden (by what stands there now), and strings that a person decides on.",
        (
            _text("text", "as it stands in the words; of what was hidden, what stands in its place"),
            _text("kind", "name that is a word, person, place, school, e-mail, …, or the kind given in redactions.csv"),
            _text("found_by", "who or what found it", "roster", "redactions", "model", "pattern"),
            _integer("count", "how often it stands in the words; of what was hidden, how often it was replaced"),
            _text(
                "sources", "ids of the sources, joined by `; `; (attributes): in what is known of people and sources"
            ),
            _integer("people", "people in whose words it stands (not counted for what was hidden)"),
            _text("example", "where it stands first, with a little around it"),
            _text(
                "decision",
                "redact: hidden; keep: stays; undecided: write it into redactions.csv",
                "redact",
                "keep",
                "undecided",
            ),
            _text("by", "who decided"),
            _text("at", "when"),
            _text("place", "where the decision or the name is listed"),
        ),
        ("kind", "text", "place"),
    ),
    Table(
        "open_codes",
        "open_codes",
        "working",
        "Every coding of people and rules: the words, who or what coded them, and why they count or not.",
        (
            _CODING,
            _SOURCE,
            _START,
            _END,
            _text("quote", "the words"),
            _CODE,
            _text("coder", "name of the coder (empty: a rule)"),
            _text("basis", "who or what made it", "human", "rule"),
            _text("evidence", "how the quotation was found, or every indicator that the rule met and the words it met"),
            _text("rule", "the indicator that speaks for it, as typed in the codebook (empty: a person)"),
            _text("matched", "the words that it met"),
            _integer("matched_start", "their first character in the canonical text", optional=True),
            _integer("matched_end", "character after the last", optional=True),
            _boolean("negated", "whether all that the rule met is negated"),
            _text("formerly", "ids that it has also had, under former ids of its code, joined by `; `"),
            _text("codebook", "version of the codebook that proposed it: 12 digits of its sha256 (empty: a person)"),
            _text("status", "where it stands", "accepted", "proposed", "rejected", "withdrawn", "negated"),
            _boolean("counts", "whether it enters the tables"),
            _text("reason", "why it counts or not"),
            _text("use", "the coder's word on quoting it", "", "exemplar", "deviant", "never"),
            _text("round", "the coder's round"),
            _text("memo", "the coder's memo"),
        ),
        ("coding",),
    ),
    Table(
        "open_code_utterances",
        "open_codes",
        "working",
        "Which utterances a coding covers, and to whom it is credited.",
        (_CODING, _UTTERANCE, _text("participant", "who is credited (empty: no one, as for moderators)")),
        ("coding", "utterance"),
    ),
    Table(
        "coders",
        "open_codes",
        "shareable",
        "Who finished which source, up to where, and whose word counts there.",
        (
            _SOURCE,
            _text("coder", "name of the coder"),
            _integer("done_to", "character of the canonical text up to which the coder finished"),
            _boolean("counts", "whether the coder's word counts in the source"),
            _boolean("coded", "whether the coder coded there, or only decided on proposals"),
            _boolean("said", "whether a `done` row says so, or it is taken for granted because there are rows"),
        ),
        ("source", "coder"),
    ),
    Table(
        "decisions",
        "open_codes",
        "working",
        "The record: every row of every coder, what it asked for, and what became of it.",
        (
            _text("coder", "name of the coder"),
            _text("file", "the file in the coder's folder"),
            _integer("row", "row as a spreadsheet shows it, or number of the comment"),
            _text(
                "action",
                "what it asks for; note: a memo or use without a decision; sampled: a unit of a random sample was read",
                *ACTIONS,
            ),
            _SOURCE,
            _text("code", "id of the code as it was written, or under which the proposal stood that is named"),
            _text("now", "id of the code that it is now (empty: none, or several where it was split)"),
            _text("participant", "whose words it is credited to (empty: everyone whose words it covers)"),
            _text(
                "coding",
                "id of the coding, several by `; ` where a code was split (no place: as the row has it; empty: none)",
            ),
            _integer("start", "first character in the source's canonical text", optional=True),
            _integer("end", "character after the last", optional=True),
            _text("round", "the coder's round"),
            _text("by", "who decided, where the row says so"),
            _text("at", "when, where the row says so"),
            _boolean(
                "sample", "whether it belongs to a random sample of units, which tests the rules and never counts"
            ),
            _boolean("holds", "whether it is carried out and the coder's last word on that coding"),
            _text("outcome", "what became of it"),
        ),
        ("coder", "file", "row", "action", "code"),
    ),
    Table(
        "unplaced",
        "open_codes",
        "working",
        "Rows of people's codings that could not be placed or carried out, with the reason.",
        (
            _text("coder", "name of the coder"),
            _text("file", "the file in the coder's folder"),
            _integer("row", "row as a spreadsheet shows it, or number of the comment"),
            _text("action", "what the row asks for", *ACTIONS),
            _SOURCE,
            _CODE,
            _text("quote", "the passage as the coder gave it"),
            _text("reason", "why it could not be placed"),
            _text("nearest", "the passage that is nearest to it"),
            _text("anchored", "the words that it stood on, where `qualcode anchor` noted them"),
            _text("stood", "where these stood: characters of the text as it was, and the talk around them"),
        ),
        ("coder", "file", "row", "action", "code"),
    ),
    Table(
        "coverage",
        "open_codes",
        "working",
        "What nobody coded: passages of one speaker that touch no coding that counts, nor a person's. Longest first.",
        (
            _text("utterance", "id of the first utterance of the passage"),
            _SOURCE,
            _PARTICIPANT,
            _text("question", "guide question in force, or the survey's column"),
            _START,
            _END,
            _integer("words", "words of the passage: not those of moderators, nor of who only listens, in between"),
            _integer("utterances", "utterances that it stands in"),
            _text("text", "the words, ` / ` between utterances"),
        ),
        ("source", "start"),
    ),
    Table(
        "coverage_by",
        "open_codes",
        "shareable",
        "How much of what participants said is coded: sentences that touch a coding that counts, or a person's.",
        (
            _text("attribute", "all, source, participant or question", "all", "source", "participant", "question"),
            _text("value", "id of the source, person or question (of all: all)"),
            _integer("words", "words, without those that only signal listening"),
            _integer("coded_words", "words in sentences that are coded"),
            _number("percent", "coded_words in % of words, halves rounded up", decimals=1),
            _integer("utterances", "utterances, without those that only signal listening"),
            _integer("coded_utterances", "utterances with a sentence that is coded"),
        ),
        ("attribute", "value"),
    ),
    Table(
        "phrases",
        "phrases",
        "working",
        "Words and short phrases of the talk that may name a topic, by group and score, whatever the codebook says.",
        (
            _text("phrase", "the wording that is met most often"),
            _text("kind", "how it was found", "noun phrase", "verb and object", "words"),
            _integer("group", "phrases of one meaning, numbered by their score together from 1"),
            _number("group_score", "what speaks for the group, against the other groups of the study"),
            _number("score", "what speaks for the phrase before its meaning is looked at"),
            _text("indicators", "what meets it among the `words` of a code, joined by `; `"),
            _integer("count", "how often it is met"),
            _integer("utterances", "utterances in which it is met"),
            _integer("participants", "people who say it (sources, where no one is known)"),
            _integer("own", "how often it is met outside of longer phrases that are met twice or more"),
            _number("distinctiveness", "doublings of its words' frequency against English, 0 to 8", decimals=1),
            _number("spread", "people who say it, of as many as could by its count", decimals=2),
        ),
        ("phrase", "kind"),
    ),
    Table(
        "phrase_places",
        "phrases",
        "working",
        "Where these phrases stand.",
        (
            _text("phrase", "the phrase"),
            _text("kind", "how it was found"),
            _integer("group", "its group"),
            _UTTERANCE,
            _START,
            _END,
            _integer("sentence_start", "first character of the sentence around it"),
            _integer("sentence_end", "character after the last"),
        ),
        ("phrase", "kind", "utterance", "start", "end"),
    ),
    Table(
        "in_vivo_codes",
        "open_codes",
        "working",
        "Candidates for in vivo codes, in participants' own words; those first that the codebook does not cover.",
        (
            _text("phrase", "the leading phrase"),
            _text("kind", "how it was found", "noun phrase", "verb and object", "words"),
            _integer("group", "its number in phrases.csv, by score"),
            _number("score", "what speaks for it, against the other candidates of the study"),
            _integer("count", "how often it or a variant is met"),
            _integer("utterances", "utterances in which one is met"),
            _integer("participants", "people who say one"),
            _integer("of_participants", "people who spoke or answered"),
            _text("variants", "other phrases of the same meaning, joined by `; `"),
            _boolean("covered", "whether most places lie in words that the codebook's rules met or a counted coding"),
            _text("covered_by", "the codes that cover most of its places, at most five, joined by `; `"),
            _text("quotation_1", "a sentence in which it is met (empty: none that may be quoted)"),
            _text("utterance_1", "id of its utterance"),
            _text("quotation_2", "another, by someone else where there is one"),
            _text("utterance_2", "id of its utterance"),
            _text("quotation_3", "another, by someone else where there is one"),
            _text("utterance_3", "id of its utterance"),
            _text("paste", "a line to paste under `codes` in the codebook"),
        ),
        ("group",),
    ),
    Table(
        "axial_codes",
        "axial_codes",
        "shareable",
        "Each coding once for every level above it: the roll-up from open codes to axial codes.",
        (_CODING, _LEVEL, _CODE, _PARENT, _PATH, _boolean("own", "whether the coding stands on this very code")),
        ("coding", "level"),
    ),
    Table(
        "relations",
        "axial_codes",
        "working",
        "Pairs of codes that counted codings bring together: in an utterance, near it, in answers to it, and by words "
        "of cause, purpose, condition and consequence.",
        (
            _text(
                "relation",
                "together: in one utterance; nearby: in one window of turns, which slides over the talk; answered: "
                "code_a in a turn, code_b in one of the next turns by someone else; the rest: code_a is said to be the "
                "cause, means or condition of code_b",
                *RELATIONS,
            ),
            _text(
                "of",
                "codes: as they were coded; categories: codes of level 1 with all that is below them",
                "codes",
                "categories",
            ),
            _text("code_a", "id of a code: in together and nearby the one that stands first in the codebook"),
            _text("code_b", "id of the other code"),
            _boolean(
                "directed",
                "whether it goes from code_a to code_b; of what is told in words: whether the words tell which brings "
                "about which (no: a code stands on both sides)",
            ),
            _integer("utterances", "units that carry both: utterances, windows (nearby) or turns that are answered"),
            _integer("participants", "people credited with both in one unit; in answered: those who answer"),
            _integer("units", "units there are (empty where the words tell the relation)", optional=True),
            _integer("units_a", "units that carry code_a", optional=True),
            _integer("units_b", "units that carry code_b; in answered: whose answers carry it", optional=True),
            _number("expected", "units that would carry both by chance: units_a x units_b / units", 2, optional=True),
            _number(
                "npmi",
                "normalised pointwise mutual information (Bouma 2009): -1 never together, 0 as by chance, 1 always",
                optional=True,
            ),
            _number("lift", "utterances / expected", 2, optional=True),
            _text("wording", "the words that tell the relation, joined by `; ` (empty: none do)"),
            _text("quotation", "the sentence that tells the relation, the first one (empty: none does)"),
            _text("utterance", "id of the utterance where it is met first"),
        ),
        ("relation", "of", "code_a", "code_b", "directed"),
    ),
    Table(
        "spanning_excerpts",
        "axial_codes",
        "working",
        "Utterances whose counted codings span several categories, in the order of the talk.",
        (
            _UTTERANCE,
            _SOURCE,
            _PARTICIPANT,
            _integer("number", "how many categories"),
            _text("categories", "ids of the categories (level 1), joined by `; `"),
            _text("codes", "ids of the codes, joined by `; `"),
            _text("text", "the words"),
        ),
        ("utterance",),
    ),
    Table(
        "codebook_proposals",
        "codebook_proposals",
        "working",
        "What the codings say of the codebook, for people to judge: nothing is changed by it.",
        (
            _text(
                "kind",
                "alike: two codes that look like one; divide: a code that looks like two; group: phrases that no code "
                "covers, as a candidate subcategory",
                "alike",
                "divide",
                "group",
            ),
            _text("codes", "ids of the codes, joined by `; `; of a group the nearest category"),
            _text("phrases", "of a group its phrases; of a code to divide the telling words of each half"),
            _number("score", "0 to 1, within a kind: how sure the evidence is"),
            _integer("utterances", "utterances that carry the codes or phrases"),
            _integer("participants", "people who are credited with them"),
            _text("evidence", "the figures it rests on"),
            _text("quotation_1", "words of the one code, half or group: at most 300 characters of one utterance"),
            _text("utterance_1", "their utterance"),
            _text("quotation_2", "words of the other"),
            _text("utterance_2", "their utterance"),
        ),
        ("kind", "codes", "phrases"),
    ),
    Table(
        "paradigm",
        "axial_codes",
        "shareable",
        "The codes by the part that they play in the paradigm (Strauss & Corbin 1990).",
        (
            _text("role", "the part", *ROLES),
            _CODE,
            _NAME,
            _text("definition", "definition of the code"),
            _boolean("own", "whether the codebook gives the role to this very code (else: to the nearest above it)"),
            _integer("participants", "people with at least one counted coding on the code or below it"),
            _integer("utterances", "utterances with such a coding"),
            _integer("codings", "counted codings on the code and below it"),
            _text("relations", "codes that people relate it to in so many words: `leads to: …; follows from: …`"),
        ),
        ("code",),
    ),
    Table(
        "codebook_changes",
        "axial_codes",
        "shareable",
        "What became of the codes from one version of the codebook to the next; of examples and words only how many. "
        "Names of people are hidden, in ids too; ids that are equal then are numbered.",
        (
            _text("from", "the earlier version: its date, with -2, -3 … where there are several of a day"),
            _text("to", "the later version; `current`: the codebook as it is"),
            _text(
                "change",
                "renamed, merged and split go by `formerly`; named: another name under the same id; redefined: "
                "definition, use_when or not_when; rules: words, patterns, unless or negation",
                *CHANGES,
            ),
            _text("code", "id of the code in the later version; of a split, of all that it became, joined by `; `"),
            _text("name", "name of the code, or of each"),
            _text("before", "what it was: ids, the place, the name, the definition, or how many items"),
            _text("after", "what it is"),
            _integer("codings", "codings, of whatever status, under its ids then and in the codebook as it is"),
            _integer("decide", "codings under the id of a code that was split, which need a person"),
            _text("note", "what else is to be known, as that a rename may lack its `formerly`"),
        ),
        ("from", "to", "change", "code", "before"),
    ),
    Table(
        "themes",
        "themes",
        "working",
        "Emergent themes that the machine proposes. They are offered, never imposed.",
        (
            _THEME,
            _text("label", "the leading terms"),
            _text("terms", "ten leading terms by c-TF-IDF, joined by `; `"),
            _integer("utterances", "usable utterances in the theme"),
            _integer("participants", "people in the theme"),
            _integer("sources", "sources in the theme"),
            _number("stability", "mean Jaccard similarity to the nearest cluster over bootstraps (Hennig 2007)"),
            _text("note", "a caution, such as one person's topic"),
            _text("quotation", "the utterance nearest to the theme's centre that may be quoted (empty: none)"),
            _text("utterance", "its id"),
        ),
        ("theme",),
    ),
    Table(
        "theme_members",
        "themes",
        "shareable",
        "Which utterance belongs to which theme.",
        (_UTTERANCE, _THEME, _number("similarity", "cosine similarity to the theme's centre")),
        ("utterance",),
    ),
    Table(
        "theme_stability",
        "themes",
        "shareable",
        "How the themes were made and how well they hold.",
        (_text("what", "the figure"), _text("value", "its value"), _text("note", "what it means")),
        ("what",),
    ),
    Table(
        "theme_codes",
        "theme_codes",
        "shareable",
        "Themes set against the codebook.",
        (
            _THEME,
            _CODE,
            _number("overlap", "share of the theme's utterances that carry a counted coding on the code or below it"),
            _number("similarity", "cosine similarity of the theme's centre to the code's name and definition"),
            _number("novelty", "1 minus the largest overlap of the theme with any code of the first level"),
        ),
        ("theme", "code"),
    ),
    Table(
        "frequencies",
        "frequencies",
        "shareable",
        "How many people, utterances and sources speak of each code.",
        (_LEVEL, _CODE, _NAME, _text("definition", "definition of the code"), _PARENT, _PATH, *_FREQUENCIES),
        ("code",),
    ),
    Table(
        "frequencies_by",
        "frequencies",
        "shareable",
        "The same, within each value of each attribute; sources and guide questions are attributes too.",
        (_text("attribute", "the attribute"), _text("value", "its value"), _LEVEL, _CODE, _NAME, *_FREQUENCIES),
        ("attribute", "value", "code"),
    ),
    Table(
        "sample",
        "frequencies",
        "shareable",
        "The make-up of the sample.",
        (
            _text("attribute", "the attribute"),
            _text("value", "its value"),
            _integer("participants", "people with that value"),
            _integer("of_participants", "people of whom the attribute is known"),
            _number("participants_percent", "in % of of_participants, halves rounded up", decimals=1),
        ),
        ("attribute", "value"),
    ),
    Table(
        "saturation",
        "saturation",
        "shareable",
        "New codes per source in the order of the study, and per tenth of the talk.",
        (
            _text("scope", "source or tenth", "source", "tenth"),
            _integer("position", "which one, counted from 1"),
            _text("source", "id of the source (empty: all of them)"),
            _integer("codings", "counted codings there"),
            _integer("codes", "different codes there"),
            _integer("new_codes", "codes not met before"),
            _integer("codes_so_far", "different codes up to here"),
        ),
        ("scope", "position"),
    ),
    Table(
        "agreement",
        "agreement",
        "shareable",
        "How far coders, and the rules, agree: units coded by nobody are counted.",
        (
            _text("code", "id of the code, or `all` for every pair of unit and code"),
            _text("coder_a", "a coder; all of them joined by `; ` where more than two are compared at once"),
            _text("coder_b", "another coder, or `rules` (empty: more than two at once)"),
            _text("unit", "what is compared", *UNITS),
            _text("scope", "id of the source, or `all`"),
            _text("round", "round of coding (empty: all that they coded, by the codebook as it is)"),
            _text(
                "codebook", "version of the codebook that the codes are those of: its date, or 12 digits of its sha256"
            ),
            _integer("participants", "people whose words are compared (sources, where no one is known)"),
            _integer(
                "units", "codable units that all of them finished: no moderator's, none that only signals listening"
            ),
            _integer("both", "units that all of them gave the code"),
            _integer("only_a", "units that only coder_a gave it (of more than two: that some gave it)"),
            _integer("only_b", "units that only coder_b gave it (of more than two: 0)"),
            _integer("neither", "units that none of them gave it"),
            _number("prevalence", "share of all judgements that give the code, in %", decimals=1),
            _number("percent", "agreement in % of units (of more than two: of pairs of coders)", decimals=1),
            _number("kappa", "Cohen's kappa (Cohen 1960) of two coders; empty where it is not defined", optional=True),
            _number(
                "low",
                "95 % interval of kappa (of more than two: of fleiss), by bootstrap over participants",
                optional=True,
            ),
            _number("high", "its upper end (empty: fewer than 10 participants)", optional=True),
            _number("alpha", "Krippendorff's alpha, nominal (Krippendorff 2011)", optional=True),
            _number("alpha_low", "its 95 % interval", optional=True),
            _number("alpha_high", "its upper end", optional=True),
            _number("ac1", "Gwet's AC1 (Gwet 2008)", optional=True),
            _number("ac1_low", "its 95 % interval", optional=True),
            _number("ac1_high", "its upper end", optional=True),
            _number("pabak", "prevalence-adjusted bias-adjusted kappa (Byrt, Bishop and Carlin 1993)", optional=True),
            _number("fleiss", "Fleiss' kappa (Fleiss 1971) of more than two coders", optional=True),
            _number(
                "unitizing_alpha", "Krippendorff's alpha for spans (Krippendorff 1995); of characters", optional=True
            ),
            _text("note", "what to be careful about, and why something is empty"),
        ),
        ("code", "coder_a", "coder_b", "unit", "scope", "round"),
    ),
    Table(
        "disagreements",
        "agreement",
        "working",
        "Where two coders differ.",
        (
            _text("unit", "id of the utterance, or `<utterance>.<sentence>`"),
            _CODE,
            _text("coder_a", "a coder"),
            _text("coder_b", "another coder, or `rules`"),
            _text("coded_by", "which of the two gave the code"),
            _text("text", "the words"),
        ),
        ("unit", "code", "coder_a", "coder_b"),
    ),
    Table(
        "rule_quality",
        "agreement",
        "shareable",
        "What the rules of each code are worth against what people coded.",
        (
            _CODE,
            _text("coder", "the person"),
            _integer("participants", "people whose words are compared (sources, where no one is known)"),
            _integer("units", "codable units that the person finished"),
            _integer("coded", "units that the person gave the code"),
            _integer("found", "of these, units that its rules met too"),
            _integer("missed", "of these, units that its rules did not meet"),
            _integer("wrong", "units that its rules met and the person did not give the code"),
            _number("precision", "found / (found + wrong); empty where the rules met nothing", optional=True),
            _number("recall", "found / coded; empty where the person gave the code to nothing", optional=True),
            _number("f1", "their harmonic mean", optional=True),
            _number("kappa", "Cohen's kappa (Cohen 1960)", optional=True),
            _number("low", "its 95 % interval by bootstrap over participants (empty: fewer than 10)", optional=True),
            _number("high", "its upper end", optional=True),
            _integer("sample_units", "units of a random sample that the person read"),
            _number("sample_kappa", "Cohen's kappa on that sample", optional=True),
            _number(
                "rho", "Shaffer's rho of that sample (empty: not applicable, there is no random sample)", optional=True
            ),
            _text("note", "what to be careful about, and why something is empty"),
        ),
        ("code", "coder"),
    ),
    Table(
        "rule_quality_by",
        "agreement",
        "shareable",
        "Whether rules fail for some people more than for others: their errors by attribute.",
        (
            _CODE,
            _text("coder", "the person that the rules are compared with"),
            _text("attribute", "name of the attribute"),
            _text("value", "its value"),
            _integer("participants", "people with that value"),
            _integer("units", "codable units of theirs that the person finished"),
            _integer("coded", "units that the person gave the code"),
            _integer("found", "of these, units that its rules met too"),
            _integer("missed", "of these, units that its rules did not meet"),
            _integer("wrong", "units that its rules met and the person did not give the code"),
            _number("recall", "found / coded", optional=True),
            _number("recall_of_others", "the same of everyone else whose value is known", optional=True),
            _number("precision", "found / (found + wrong)", optional=True),
            _number("precision_of_others", "the same of everyone else whose value is known", optional=True),
            _boolean("fails", "whether the rules do worse for these people than chance explains"),
            _text("note", "what that rests on, or why it cannot be told"),
        ),
        ("code", "coder", "attribute", "value"),
    ),
    Table(
        "rule_errors",
        "agreement",
        "working",
        "What the rules missed, and what they took wrongly, by what people coded.",
        (
            _CODE,
            _text("coder", "the person"),
            _text("error", "missed: the person gave the code; wrong: the rules did", "missed", "wrong"),
            _text("unit", "id of the utterance, or `<utterance>.<sentence>`"),
            _SOURCE,
            _PARTICIPANT,
            _text("evidence", "what the rules met"),
            _text("text", "the words"),
        ),
        ("code", "coder", "unit"),
    ),
    Table(
        "packets",
        "packets",
        "working",
        "Who gets a member-checking packet, and who does not and why.",
        (
            _text("participant", "id of the person"),
            _boolean("made", "whether there is a packet"),
            _text("reason", "why not"),
            _integer("concepts", "main concepts in it"),
            _integer("quotations", "the participant's own quotations in it"),
        ),
        ("participant",),
        folder="packets/",
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _ALL}

_DTYPES = {"text": "str", "integer": "int64", "number": "float64", "boolean": "bool"}


def frame(name: str, rows: Sequence[Mapping[str, object]] | Mapping[str, Sequence[object]]) -> pd.DataFrame:
    """Rows, or lists by column, as a DataFrame with the table's columns and types, also when there are none."""
    import pandas as pd

    table = TABLES[name]
    made = pd.DataFrame(rows, columns=[column.name for column in table.columns])
    return made.astype({column.name: _dtype(column) for column in table.columns})


def read(results: Path, name: str) -> pd.DataFrame:
    """A table of a study's results, checked. Ids and words are text ('007' and 'NA' stay as they are)."""
    import pandas as pd

    table = TABLES[name]
    path = results / table.file
    if not path.exists():
        raise failure(path, "", f"the table is not there: the step {table.step} makes it", "Run `make results`.")
    with path.open(encoding="utf-8", newline="") as handle:
        raw = pd.read_csv(handle, dtype=str, keep_default_na=False, na_filter=False)
    typed = raw.copy()
    for column in table.columns:
        if column.type == "boolean":
            typed[column.name] = raw[column.name].map({"true": True, "false": False})
        elif column.type != "text":
            typed[column.name] = pd.to_numeric(raw[column.name].where(raw[column.name] != "", None))
    return _checked(typed, table)


def write(results: Path, name: str, data: pd.DataFrame) -> None:
    """Write a table as UTF-8 csv with `\\n` line ends, checked against its declaration, whole or not at all."""
    table = TABLES[name]
    data = _checked(data[[column.name for column in table.columns]], table)
    shown = data.copy()
    for column in table.columns:
        if column.type == "text":
            # Python before 3.13 does not quote a carriage return, and every reader takes it for the end of a row.
            shown[column.name] = data[column.name].str.replace(r"\r\n?", "\n", regex=True)
        elif column.type == "boolean":
            shown[column.name] = data[column.name].map({True: "true", False: "false"})
        elif column.type == "number":
            shown[column.name] = [_decimal(value, column.decimals) for value in data[column.name]]
        elif column.type == "integer" and column.optional:
            shown[column.name] = [
                "" if value is None or value != value else str(int(value)) for value in data[column.name]
            ]
    with replacing(results / table.file) as temporary, temporary.open("w", encoding="utf-8", newline="") as handle:
        shown.to_csv(handle, index=False, lineterminator="\n")


def _decimal(value: float, decimals: int) -> str:
    """A float with fixed decimals, halves rounded away from zero; '' where it is not defined, never '-0.0'."""
    if value is None or value != value:
        return ""
    return f"{round_half_up(value, decimals) + 0.0:.{decimals}f}"


def round_half_up(value: float, decimals: int = 0) -> float:
    """Round as people do: 12.5 to 13, where Python's own rounding gives 12.

    >>> round_half_up(12.5), round_half_up(2.675, 2)
    (13.0, 2.68)
    """
    from decimal import ROUND_HALF_UP, Decimal

    return float(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def percent(part: int, whole: int, decimals: int = 1) -> float:
    """Part in % of the whole, halves rounded up; 0 of 0 is 0."""
    from decimal import ROUND_HALF_UP, Decimal

    if not whole:
        return 0.0
    exact = Decimal(100) * Decimal(int(part)) / Decimal(int(whole))
    return float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def _dtype(column: Column) -> str:
    return "float64" if column.optional and column.type == "integer" else _DTYPES[column.type]


def _checked(data: pd.DataFrame, table: Table) -> pd.DataFrame:
    import pandera.pandas as pa

    # pandera's own coercion takes "maybe" for true and 1.5 for 1.
    strict = {"boolean": "boolean", "integer": "Int64"}
    data = data.astype({c.name: strict[c.type] for c in table.columns if c.type in strict})
    columns = {
        column.name: pa.Column(
            _dtype(column),
            pa.Check.isin(column.values) if column.values else None,
            nullable=column.optional,
        )
        for column in table.columns
    }
    return pa.DataFrameSchema(columns, unique=list(table.key), strict=True, coerce=True).validate(data, lazy=True)


def dictionary() -> str:
    """The data dictionary as Markdown: results/README.md is made from it."""
    lines = [
        "# The tables under results/",
        "",
        "Made from `src/qualcode/tables.py` by `make docs`; do not edit. Every table is UTF-8 csv with a header. The",
        "release class says who may see it:",
        "",
    ]
    lines += [f"- **{release}**: {about}" for release, about in RELEASES.items()]
    for table in _ALL:
        key = " and ".join(f"`{name}`" for name in table.key)
        lines += [
            "",
            f"## {table.file}",
            "",
            f"{table.about} Step `{table.step}`; {table.release}; one row per {key}.",
            "",
            "| column | type | meaning |",
            "|---|---|---|",
        ]
        for column in table.columns:
            values = f" ({', '.join(value or 'empty' for value in column.values)})" if column.values else ""
            lines.append(f"| {column.name} | {column.type} | {column.about}{values} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(dictionary(), end="")

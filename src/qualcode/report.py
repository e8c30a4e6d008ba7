"""Write the report: one page with the results, what is still open and every file made, and the record of its making."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from . import __version__, tables
from .codebook import Codebook, load_codebook
from .console import add_study, say
from .counting import said
from .files import sha256, write_text
from .study import Study, load_study, settings_of
from .tables import RELEASES, TABLES, Release
from .typed import Finding, findings, gone

if TYPE_CHECKING:
    import pandas as pd

SETTINGS = (
    "title",
    "questions",
    "guide",
    "rules",
    "rules_for",
    "authority",
    "unit",
    "language",
    "embeddings",
    "themes",
    "frequencies",
    "identifiers",
)
# All that people wrote.
INPUTS = ("study", "transcripts", "people", "codings", "codebook", "memos")
KINDS = {
    "focus_group": ("focus group", "focus groups"),
    "interview": ("interview", "interviews"),
    "survey": ("survey", "surveys"),
    "document": ("document", "documents"),
}
# What a survey or a document says was never recorded.
RECORDED = ("focus_group", "interview")
FIGURES = {
    "theme_frequencies": "How many participants speak of each code.",
    "codes_by_participant": "How many utterances of each participant, or of each group, carry a code.",
    "saturation": "Different codes met so far, and codes not met before, as the talk went on.",
    "emergent_themes": "Utterances and participants of each theme that the machine proposes.",
}
# Leading terms are words of people, though not their sentences.
WORKING_FIGURES = {"emergent_themes"}
NEAREST_CODES = 3
# More people than this are not listed one by one, or not named in a sentence.
MOST_LISTED = 30
MOST_NAMED = 10


# --- who may be quoted ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Speech:
    """Who speaks where, who may be quoted, and which spans a coder said never to quote."""

    spoken: Mapping[str, Sequence[tuple[int, int, str]]]
    consent: Mapping[str, str]
    never: Mapping[str, Sequence[tuple[int, int]]]
    documents: frozenset[str]

    @classmethod
    def of(cls, study: Study, utterances: pd.DataFrame, participants: pd.DataFrame, codings: pd.DataFrame) -> Speech:
        spoken: dict[str, list[tuple[int, int, str]]] = {}
        for source, start, end, person in _columns(utterances, "source", "start", "end", "participant"):
            spoken.setdefault(source, []).append((start, end, person))
        never: dict[str, list[tuple[int, int]]] = {}
        for source, start, end in _columns(codings[codings["use"] == "never"], "source", "start", "end"):
            never.setdefault(source, []).append((start, end))
        consent = dict(_columns(participants, "participant", "quote_consent"))
        documents = frozenset(source.source for source in study.sources if source.kind == "document")
        return cls(spoken, consent, never, documents)

    def speakers(self, source: str, start: int, end: int) -> list[str]:
        """The people whose words a span holds, '' for words of no known person."""
        inside = (person for begin, stop, person in self.spoken.get(source, ()) if begin < end and start < stop)
        return list(dict.fromkeys(inside))

    def refusing(self, source: str, start: int, end: int) -> list[str]:
        """The speakers in a span who have not said yes to being quoted. Documents have no one to ask."""
        people = [person for person in self.speakers(source, start, end) if person or source not in self.documents]
        return [person for person in people if self.consent.get(person) != "yes"]

    def may_quote(self, source: str, start: int, end: int) -> bool:
        barred = any(begin < end and start < stop for begin, stop in self.never.get(source, ()))
        return not barred and not self.refusing(source, start, end)


def exemplars(
    codings: pd.DataFrame, speech: Speech, pseudonyms: Mapping[str, str]
) -> tuple[dict[str, dict[str, str]], dict[str, int]]:
    """The first quotable exemplar of each code, and how many exemplars wait for each person's yes (by pseudonym)."""
    shown: dict[str, dict[str, str]] = {}
    waiting: dict[str, int] = {}
    marked = codings[codings["counts"] & (codings["use"] == "exemplar")]
    for source, start, end, code, words in _columns(marked, "source", "start", "end", "code", "quote"):
        for person in speech.refusing(source, start, end):
            name = pseudonyms.get(person, "a person who is not known")
            waiting[name] = waiting.get(name, 0) + 1
        if code not in shown and speech.may_quote(source, start, end):
            people = [pseudonyms[person] for person in speech.speakers(source, start, end) if person]
            shown[code] = {"words": words, "who": " and ".join(people) or source}
    return shown, waiting


# --- what each section tells ---------------------------------------------------------------------------------------


def counted_words(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> counted_words(1, "utterance"), counted_words(1200, "person", "people")
    ('1 utterance', '1,200 people')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def enumeration(items: Iterable[str]) -> str:
    """Items as a sentence lists them.

    >>> enumeration(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = list(items) or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def summary(study: Study, read: Mapping[str, pd.DataFrame]) -> list[str]:
    """What went in, what was coded and what counts, in sentences."""
    people, utterances, codings = read["participants"], read["utterances"], read["open_codes"]
    kinds = [source.kind for source in study.sources]
    sources = enumeration(counted_words(kinds.count(kind), *KINDS[kind]) for kind in KINDS if kind in kinds)
    told = []
    for role in ("participant", "moderator"):
        group = people[people["role"] == role]
        if len(group):
            told.append(
                f"{counted_words(len(group), role)} ({counted_words(int(group['utterances'].sum()), 'utterance')}, "
                f"{counted_words(int(group['words'].sum()), 'word')})"
            )
    sentences = [f"The study reads {sources}: {counted_words(len(utterances), 'utterance')}."]
    sentences += [f"There are {enumeration(told)}."] if told else []
    human, rules = codings[codings["basis"] == "human"], codings[codings["basis"] == "rule"]
    coders = [f"{coder} {counted_words(len(group), 'coding')}" for coder, group in human.groupby("coder", sort=True)]
    sentences.append(
        f"People made {counted_words(len(human), 'coding')}{f' ({enumeration(coders)})' if coders else ''}."
    )
    states = [
        f"{count:,} {'undecided' if status == 'proposed' else status}"
        for status, count in sorted(rules["status"].value_counts().items())
    ]
    of_these = f" ({enumeration(states)})" if states else ""
    sentences.append(f"The codebook's words made {counted_words(len(rules), 'proposal')}{of_these}.")
    counting = codings[codings["counts"]]
    sentences.append(
        f"{counted_words(len(counting), 'coding counts', 'codings count')}, on "
        f"{counted_words(counting['code'].nunique(), 'code')}; only these are in the tables and figures."
    )
    trusted = read["coders"][read["coders"]["counts"]].groupby("coder")["source"].nunique()
    if len(trusted):
        whose = enumeration(f"{coder} (in {counted_words(n, 'source')})" for coder, n in trusted.items())
        sentences.append(f"The coding that is taken as the study's is that of {whose}.")
    return sentences


def methods(study: Study) -> list[str]:
    """Sentences for the methods text: which recordings were heard again, by whom, and which ones by nobody."""
    heard: dict[str, list[str]] = {}
    unheard = []
    for source in study.sources:
        if source.kind not in RECORDED:
            continue
        if not (source.audited_by or source.audited_at):
            unheard.append(source.source)
            continue
        by = study.hider(source.source).hide(source.audited_by)
        how = f"{f' by {by}' if by else ''}{f' on {source.audited_at}' if source.audited_at else ''}"
        heard.setdefault(how, []).append(source.source)
    told = [f"{_recordings(sources)} heard again{how}." for how, sources in heard.items()]
    return [*told, f"{_recordings(unheard)} not heard again."] if unheard else told


def _recordings(sources: Sequence[str]) -> str:
    return f"The recording{'s'[: len(sources) > 1]} of {enumeration(sources)} {'was' if len(sources) == 1 else 'were'}"


def answers(study: Study, codebook: Codebook, frequencies: pd.DataFrame) -> list[dict[str, Any]]:
    """Each research question with the topmost codes that speak to it."""
    counts = {row["code"]: row for row in records(frequencies)}
    found = []
    for question in study.settings["questions"]:
        tagged = [code for code in codebook.codes if code.question == question["id"]]
        inside = {code.code for code in tagged}
        topmost = [code for code in tagged if not inside & set(code.path[:-1])]
        rows = [counts[code.code] for code in topmost if code.code in counts]
        guide = [item["text"] for item in study.settings["guide"] if item.get("question") == question["id"]]
        found.append({**question, "codes": rows, "guide": guide})
    return found


def theme_rows(
    themes: pd.DataFrame,
    theme_codes: pd.DataFrame,
    codebook: Codebook,
    speech: Speech,
    read: Mapping[str, pd.DataFrame],
) -> list[dict[str, Any]]:
    """Each theme with the codes that its utterances carry most, and its central utterance where it may be quoted."""
    names = {code.code: code.name for code in codebook.codes}
    people = dict(_columns(read["participants"], "participant", "pseudonym"))
    by_id = {row["utterance"]: row for row in records(read["utterances"])}
    rows = records(themes)
    for row in rows:
        near = theme_codes[theme_codes["theme"] == row["theme"]].sort_values(
            ["overlap", "similarity"], ascending=False, kind="stable"
        )
        row["nearest"] = [
            {"name": names.get(code, code), "utterances": round(overlap * row["utterances"]), "percent": 100 * overlap}
            for code, overlap in _columns(near.head(NEAREST_CODES), "code", "overlap")
            if overlap > 0
        ]
        row["novelty"] = near["novelty"].iloc[0] if len(near) else None
        centre = by_id.get(row["utterance"])
        if centre is None or not speech.may_quote(centre["source"], centre["start"], centre["end"]):
            row["quotation"] = ""
        else:
            row["who"] = people.get(centre["participant"], centre["source"])
    return rows


def undecided(codings: pd.DataFrame, covered: pd.DataFrame, codebook: Codebook) -> list[dict[str, Any]]:
    """Proposals that wait for a person, by code in the codebook's order; not those where the code counts already."""
    spans = covered.merge(codings[["coding", "code", "status", "counts"]], on="coding")
    counting = set(spans.loc[spans["counts"], ["utterance", "code"]].itertuples(index=False, name=None))
    open_ones = spans[spans["status"] == "proposed"]
    new = [pair not in counting for pair in open_ones[["utterance", "code"]].itertuples(index=False, name=None)]
    waiting = open_ones.loc[new].drop_duplicates("coding")["code"].value_counts()
    return [
        {"name": code.name, "proposals": int(waiting[code.code])} for code in codebook.codes if code.code in waiting
    ]


def identifiers(table: pd.DataFrame, study: Study) -> dict[str, Any]:
    """How many names and other identifiers wait for a decision, by kind, and who accepted that they do."""
    waiting = table.loc[table["decision"] == "undecided", "kind"]
    kinds = [f"{kind} {counted_words(int((waiting == kind).sum()), 'string')}" for kind in dict.fromkeys(waiting)]
    accepted = study.settings["identifiers"].get("accepted", "")
    return {"number": len(waiting), "kinds": enumeration(kinds), "accepted": accepted}


def coverage(read: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """By source, what participants said (listening signals apart) and how much of it no counted coding covers."""
    utterances = read["utterances"]
    telling = said(utterances[~utterances["backchannel"]])
    bare = read["coverage"]["source"].value_counts()
    return [
        {"source": source, "uncoded": int(bare.get(source, 0)), "utterances": len(group)}
        for source, group in telling.groupby("source", sort=False)
    ]


def packets(table: pd.DataFrame, pseudonyms: Mapping[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Who gets a packet, and the reasons why others do not with the people of each."""
    made: list[dict[str, Any]] = []
    refused: dict[str, list[str]] = {}
    for row in records(table):
        name = pseudonyms.get(row["participant"], row["participant"])
        if row["made"]:
            made.append({**row, "name": name})
        else:
            refused.setdefault(row["reason"], []).append(name)
    return made, [
        {
            "reason": reason,
            "people": counted_words(len(names), "participant") if len(names) > MOST_NAMED else enumeration(names),
        }
        for reason, names in refused.items()
    ]


def flattened(settings: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Settings as (key, value) lines; keys of a block are joined by a colon."""
    lines = []
    for key, value in settings.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping) and value:
            lines += flattened(value, f"{name}: ")
        else:
            empty = value is None or value in ("", [], {})
            lines.append(
                (name, "(none)" if empty else enumeration(map(str, value)) if isinstance(value, list) else str(value))
            )
    return lines


# --- files ---------------------------------------------------------------------------------------------------------


def files(results: Path) -> dict[Release, list[dict[str, str]]]:
    """Every file made, by release class: its name, its link from the report, and what it is."""
    found: dict[Release, list[dict[str, str]]] = {release: [] for release in RELEASES}
    for path in sorted(results.rglob("*"), key=lambda path: path.relative_to(results).as_posix()):
        name = path.relative_to(results).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(name).parts) or name.startswith("report/"):
            continue
        release, about = described(name)
        found[release].append({"name": name, "link": quote(f"../{name}"), "about": about})
    return found


def described(name: str) -> tuple[Release, str]:
    """The release class of a file under results/<study>/, and what it is. What is not known is not let out."""
    path = Path(name)
    folder = path.parts[0] if len(path.parts) > 1 else ""
    for table in TABLES.values():
        if name == table.file:
            return table.release, table.about
    if folder == "packets":
        return "participant", "A packet for one person: it goes to that person and to no one else."
    if folder == "figures":
        release: Release = "working" if path.stem in WORKING_FIGURES else "shareable"
        return release, FIGURES.get(path.stem, "A figure.")
    if folder == "texts":
        return "working", "The text of a source as it was read, names hidden: what every position counts in."
    if folder == "parses":
        return "working", "The grammar of a source, for the steps after it."
    if path.suffix == ".npz":
        return "working", "What utterances mean, as vectors: the themes are made from them."
    if path.stem in TABLES:
        return TABLES[path.stem].release, f"{TABLES[path.stem].about} To print, as {path.suffix[1:]}."
    return "working", "Made by the workflow."


def provenance(study: Study, codebook: Codebook, results: Path) -> dict[str, Any]:
    """What the results were made from and with. No time, no absolute path, no name of a computer or its user."""
    import platform

    hashes: dict[str, dict[str, str]] = {release: {} for release in RELEASES}
    for table in TABLES.values():
        if (results / table.file).exists():
            hashes[table.release][table.file] = sha256(results / table.file)
    inputs: dict[str, str] = {}
    for path in study.files(*INPUTS):
        name = input_name(path, study)
        # Two files may be called the same once names are hidden.
        number = sum(taken == name or taken.startswith(f"{name} (") for taken in inputs)
        inputs[f"{name} ({number + 1})" if number else name] = sha256(path)
    return {
        "qualcode": __version__,
        "python": platform.python_version(),
        "packages": packages(),
        "study": study.folder.resolve().name,
        "codebook": {"title": codebook.title, "version": codebook.version},
        "inputs": inputs,
        "settings": settings_of(study, *SETTINGS),
        "tables": hashes,
    }


def input_name(path: Path, study: Study) -> str:
    """A file by its path in the study's folder, names hidden; a codebook that lies elsewhere as codebooks/<name>."""
    if path.is_relative_to(study.folder):
        return study.everyone.hide(path.relative_to(study.folder).as_posix())
    return f"codebooks/{study.everyone.hide(path.name)}"


def packages() -> dict[str, str]:
    """Versions of the packages that qualcode declares it needs, as far as they are installed."""
    from importlib.metadata import PackageNotFoundError, requires, version

    found = {}
    for requirement in requires("qualcode") or []:
        match = re.match(r"[\w.-]+", requirement)
        if match is None or "extra ==" in requirement:
            continue
        try:
            found[match[0].lower()] = version(match[0])
        except PackageNotFoundError:
            continue
    return found


# --- the page ------------------------------------------------------------------------------------------------------


def render(context: Mapping[str, Any]) -> str:
    """The page, everything in it escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters["thousands"] = lambda number: f"{int(number):,}"
    environment.filters["decimals"] = lambda number, places: f"{tables.round_half_up(number, places):.{places}f}"
    environment.globals["counted_words"] = counted_words
    return environment.get_template("report.html.j2").render(context)


def gather(study: Study, codebook: Codebook, results: Path, typed: Sequence[Finding]) -> dict[str, Any]:
    """All that the page shows, `typed` being what is theirs to mend in what people typed.

    A step that has not been run leaves an empty table.
    """
    missing = {name for name, table in TABLES.items() if not (results / table.file).exists()}
    read = {name: tables.frame(name, []) if name in missing else tables.read(results, name) for name in TABLES}
    participants, codings, frequencies = read["participants"], read["open_codes"], read["frequencies"]
    pseudonyms = dict(_columns(participants, "participant", "pseudonym"))
    speech = Speech.of(study, read["utterances"], participants, codings)
    shown, waiting = exemplars(codings, speech, pseudonyms)
    made, refused = packets(read["packets"], pseudonyms)
    listed = {name: records(rows) for name, rows in read.items()}
    code_names = {code.code: code.name for code in codebook.codes}
    figures = {name: about for name, about in FIGURES.items() if (results / "figures" / f"{name}.svg").exists()}
    return {
        "version": __version__,
        "title": study.settings["title"],
        "codebook": codebook,
        "language": _language(study.settings["language"]),
        "summary": summary(study, read),
        "methods": methods(study),
        "questions": answers(study, codebook, frequencies),
        "people": int((participants["role"] == "participant").sum()),
        "sources": len(study.sources),
        "frequencies": listed["frequencies"],
        "exemplars": shown,
        "waiting": waiting,
        "figures": figures,
        "sample": listed["sample"],
        "participants": listed["participants"] if len(participants) <= MOST_LISTED else [],
        "themes": theme_rows(read["themes"], read["theme_codes"], codebook, speech, read),
        "stability": listed["theme_stability"],
        "saturation": listed["saturation"],
        "agreement": [row for row in listed["agreement"] if row["scope"] == "all"],
        "code_names": code_names,
        "unplaced": listed["unplaced"],
        "undecided": undecided(codings, read["open_code_utterances"], codebook),
        "coverage": coverage(read),
        "identifiers": identifiers(read["identifiers"], study),
        "packets": made,
        "without_packet": refused,
        "typed": [{"file": input_name(item.path, study), "place": item.place, "told": item.told} for item in typed],
        "import_report": listed["import_report"],
        "settings": flattened(
            settings_of(study, *(key for key in SETTINGS if key not in ("title", "questions", "guide")))
        ),
        "releases": RELEASES,
        "files": files(results),
        "missing": missing,
    }


def _language(model: str) -> str:
    """The language tag of people's words: en_core_web_sm is `en`, blank:de is `de`; '' where it is not one language."""
    tag = re.split(r"[_:]", model.removeprefix("blank:"))[0]
    return tag if re.fullmatch(r"[a-z]{2,3}", tag) and tag != "xx" else ""


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dicts."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _columns(table: pd.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    """The rows of some columns as tuples."""
    return list(table[list(names)].itertuples(index=False, name=None))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_study(parser)


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    codebook = load_codebook(study.codebook)
    folder = args.results / "report"
    typed = findings(study, gone(study), study.files("study", "codebook", "memos"))
    if typed:
        say(f"{counted_words(len(typed), 'place')} in what people typed hold names, or words of people who withdrew:")
        say(f"see `qualcode check {args.study}`, or {folder / 'index.html'}")
    record = json.dumps(provenance(study, codebook, args.results), indent=2, sort_keys=True, ensure_ascii=False)
    page = render(gather(study, codebook, args.results, typed))
    write_text(folder / "provenance.json", record + "\n")
    write_text(folder / "index.html", page)

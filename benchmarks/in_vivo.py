"""Judge candidates for in vivo codes blind: the first 40 among as many random phrases of the same lengths.

usage: python benchmarks/in_vivo.py list STUDY FILE    write the shuffled phrases to FILE, and the key beside this file
       python benchmarks/in_vivo.py score              read keys and verdicts, and print the rates of noise

STUDY is clinical (the example study) or real (pdpilot of QUALCODE_DATA: seven interviews). A judge sees number, phrase
and sentence, and marks each phrase useful or noise before the key is opened: useful, if a researcher could take it as
an open code in the participants' own words, or as a topic worth one; noise, if it tells of no topic, or is cut wrong.
Marks stand in in_vivo_verdicts.csv (study, judge, number, verdict), keys in in_vivo_keys.csv. Neither holds words: a
key gives source and characters of the canonical text.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from qualcode import parses, phrases, tables, utterances
from qualcode.counting import said
from qualcode.study import load_study
from qualcode.tokens import parses_of, read_tokens

HERE = Path(__file__).parent
ROOT = HERE.parent
FIRST = 40
SEED = 40
# Of a longer sentence so much is shown around the phrase.
AROUND = 150
WORD = r"[^\W_]+(?:['’-][^\W_]+)*"
Row = dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    listing = commands.add_parser("list")
    listing.add_argument("study", choices=["clinical", "real"])
    listing.add_argument("file", type=Path)
    commands.add_parser("score")
    args = parser.parse_args()
    if args.command == "list":
        make_list(args.study, args.file)
    else:
        print(report(_rows(HERE / "in_vivo_keys.csv"), _rows(HERE / "in_vivo_verdicts.csv")))


def make_list(name: str, file: Path) -> None:
    """Write the phrases of a study, shuffled, and their key."""
    with tempfile.TemporaryDirectory() as folder:
        study, results = lay(name, Path(folder))
        here = Path.cwd()
        os.chdir(folder)
        try:
            for step in (utterances, parses, phrases):
                step.run(argparse.Namespace(study=study, results=results))
        finally:
            os.chdir(here)
        chosen = [("candidate", *place) for place in candidates(results)]
        texts = {source.source: (results / "texts" / f"{source.source}.txt") for source in load_study(study).sources}
        lengths = [len(texts[place[1]].read_text("utf-8")[place[2] : place[3]].split()) for place in chosen]
        chosen += [("random", *place) for place in drawn(results, lengths)]
        random.Random(SEED).shuffle(chosen)
        key, listed = [], []
        for number, (origin, source, start, end, begin, stop) in enumerate(chosen, 1):
            text = texts[source].read_text("utf-8")
            key.append(
                {"study": name, "number": number, "origin": origin, "source": source, "start": start, "end": end}
            )
            context = text[max(begin, start - AROUND) : min(stop, end + AROUND)]
            listed.append({"number": number, "phrase": text[start:end].lower(), "sentence": context})
    _write(file, listed)
    others = [row for row in _rows(HERE / "in_vivo_keys.csv") if row["study"] != name]
    _write(HERE / "in_vivo_keys.csv", sorted([*others, *key], key=lambda row: (row["study"], int(row["number"]))))


def lay(name: str, folder: Path) -> tuple[Path, Path]:
    """A copy of the example study, or a study of the real interviews; and the folder for its results."""
    study = folder / "data" / name
    if name == "clinical":
        shutil.copytree(ROOT / "data" / "clinical-mentors", study)
        shutil.copytree(ROOT / "codebooks", folder / "codebooks")
    else:
        sys.path.insert(0, str(ROOT / "tests"))
        from real_studies import build_pdpilot

        build_pdpilot(Path(os.environ["QUALCODE_DATA"]), study)
    return study, folder / "results" / name


Place = tuple[str, int, int, int, int]


def candidates(results: Path) -> list[Place]:
    """(source, start, end, start and end of the sentence) of a place of each of the best candidates.

    It is the first in a sentence of middle length where the phrase stands as it is listed, as people are shown it.
    """
    leading = tables.read(results, "phrases").drop_duplicates("group").head(FIRST)[["phrase", "kind"]]
    places = leading.merge(tables.read(results, "phrase_places"), on=["phrase", "kind"])
    places = places.merge(tables.read(results, "utterances")[["utterance", "source", "start", "text"]], on="utterance")
    spans = zip(places["text"], places["start_x"] - places["start_y"], places["end"] - places["start_y"], strict=True)
    as_listed = [text[start:end] for text, start, end in spans] == places["phrase"]
    middle = (places["sentence_end"] - places["sentence_start"]).between(30, 200)
    first = places.assign(listed=as_listed, middle=middle).sort_values(
        ["listed", "middle"], ascending=False, kind="stable"
    )
    columns = ["source", "start_x", "end", "sentence_start", "sentence_end"]
    chosen = first.drop_duplicates(["phrase", "kind"])[columns]
    return [(str(s), int(a), int(b), int(c), int(d)) for s, a, b, c, d in chosen.itertuples(index=False)]


def drawn(results: Path, lengths: list[int]) -> list[Place]:
    """Runs of so many words each, drawn from the sentences of what participants said, listening signals apart."""
    chance = random.Random(SEED)
    sentences = list(_sentences(results))
    made: list[Place] = []
    for length in lengths:
        words: list[re.Match[str]] = []  # without what was blackened ("xxxx") and single letters
        while len(words) < length:
            source, begin, text = chance.choice(sentences)
            words = [match for match in re.finditer(WORD, text) if len(set(match[0].casefold())) > 1]
        first = chance.randrange(len(words) - length + 1)
        start, end = begin + words[first].start(), begin + words[first + length - 1].end()
        made.append((source, start, end, begin, begin + len(text)))
    return made


def _sentences(results: Path) -> Iterator[tuple[str, int, str]]:
    """(source, first character, words) of each sentence that is data."""
    told = tables.read(results, "utterances")
    telling = set(said(told[~told["backchannel"]])["utterance"])
    for source, rows in told.groupby("source", sort=False):
        columns = rows[["utterance", "start", "text"]].itertuples(index=False)
        spans = read_tokens(parses_of(results, str(source))).sentences()
        for (utterance, begin, text), inside in zip(columns, spans, strict=True):
            if utterance in telling:
                yield from ((str(source), begin + start, text[start:end]) for start, end in inside)


def report(key: list[Row], verdicts: list[Row]) -> str:
    """Noise among candidates and random phrases by study and judge, with Wilson's 95 % intervals, in Markdown."""
    origin = {(row["study"], row["number"]): row["origin"] for row in key}
    lines = ["| study | judge | candidates: noise | random phrases: noise | ratio |", "|---|---|--:|--:|--:|"]
    for study, judge in sorted({(row["study"], row["judge"]) for row in verdicts}):
        marks = [row for row in verdicts if (row["study"], row["judge"]) == (study, judge)]
        if wrong := {row["verdict"] for row in marks} - {"useful", "noise"}:
            raise SystemExit(f"in_vivo_verdicts.csv: a verdict is useful or noise (found {', '.join(sorted(wrong))})")
        rates = {}
        for what in ("candidate", "random"):
            inside = [row for row in marks if origin[study, row["number"]] == what]
            rates[what] = sum(row["verdict"] == "noise" for row in inside), len(inside)
        ratio = rates["candidate"][0] * rates["random"][1] / max(1, rates["candidate"][1] * rates["random"][0])
        lines.append(f"| {study} | {judge} | {_rate(*rates['candidate'])} | {_rate(*rates['random'])} | {ratio:.2f} |")
    return "\n".join(lines)


def _rate(noise: int, of_all: int) -> str:
    low, high = wilson(noise, of_all)
    return f"{noise} of {of_all}, {100 * noise / of_all:.0f} % ({100 * low:.0f} to {100 * high:.0f})"


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927)."""
    z = 1.96
    middle = (part + z * z / 2) / (whole + z * z)
    half = z / (whole + z * z) * (part * (whole - part) / whole + z * z / 4) ** 0.5
    return middle - half, middle + half


def _rows(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _write(path: Path, rows: list[dict[str, object]] | list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

"""Studies built from the real data of QUALCODE_DATA. Nothing of the data is kept in the repository."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from qualcode.study import slug


def build_pdpilot(data: Path, folder: Path) -> Path:
    """Seven interviews with the codings that MAXQDA exported, as a study. Returns its folder."""
    (folder / "transcripts").mkdir(parents=True)
    for path in sorted((data / "pdpilot" / "txt").glob("P*.txt")):
        (folder / "transcripts" / path.name).write_text(without_numbers(path.read_text("utf-8")), encoding="utf-8")
    names = [path.stem for path in sorted((folder / "transcripts").iterdir())]
    write_rows(folder / "sources.csv", [{"source": n, "file": f"{n}.txt", "kind": "interview"} for n in names])
    people = [
        # One of the seven files has a slip of the pen in a label.
        {"participant": f"{n}-participant", "role": "participant", "source": n, "labels": "Participant;Particpant"}
        for n in names
    ]
    people.append({"participant": "Dan", "role": "moderator", "source": "", "labels": "Dan"})
    write_rows(folder / "participants.csv", people)
    with (data / "pdpilot" / "gold" / "code_system.csv").open(encoding="utf-8", newline="") as handle:
        system = list(csv.DictReader(handle))
    with (data / "pdpilot" / "gold" / "coded_segments.csv").open(encoding="utf-8", newline="") as handle:
        segments = list(csv.DictReader(handle))
    parents = {}
    for segment in segments:
        path = segment["code"].split(" > ")
        parents.update(dict(zip(path[1:], path[:-1], strict=True)))
    (folder / "codebook.yaml").write_text(_codebook(system, parents), encoding="utf-8")
    (folder / "study.yaml").write_text("title: PDPilot\ncodebook: codebook.yaml\n", encoding="utf-8")
    rows = [
        {"source": s["document"], "code": slug(s["code"].split(" > ")[-1]), "quote": s["segment"]} for s in segments
    ]
    write_rows(folder / "codings" / "authors" / "segments.csv", rows)
    return folder


def without_numbers(text: str) -> str:
    """The words alone: without what MAXQDA's PDF prints around them.

    Taken out are the paragraph numbers in the margin, the heading, the page numbers ("2/5"), and the last line of a
    page where the next page begins with it again.
    """
    kept: list[str] = []
    for page in text.split("\f"):
        lines = [
            line for line in page.split("\n") if not re.fullmatch(r"\s*(Interview|(\d+\s+)?\d+/\d+|\d+)?\s*", line)
        ]
        words = [re.sub(r"^\d+\s+", "", line).strip() for line in lines]
        if kept and words and kept[-1] == words[0]:
            kept.pop()
        kept += words
    return "\n".join(kept)


def _codebook(system: list[dict[str, str]], parents: dict[str, str]) -> str:
    nodes: dict[str, dict[str, object]] = {}
    for row in system:
        node: dict[str, object] = {"code": slug(row["code"]), "name": row["code"], "codes": []}
        if row["memo"]:
            node["definition"] = row["memo"]
        nodes[row["code"]] = node
    roots = []
    for name, node in nodes.items():
        if name in parents:
            nodes[parents[name]]["codes"].append(node)  # type: ignore[attr-defined]
        else:
            roots.append(node)
    # JSON is YAML too.
    return json.dumps({"codebook": "PDPilot", "codes": roots}, indent=1)


def build_bopp(data: Path, folder: Path) -> Path:
    """174 open survey answers with inductive codes, as a study of one survey. Returns its folder."""
    source = data / "llmcode-bopp" / "test_data" / "bopp_test.csv"
    rows = list(csv.DictReader(source.read_text("cp1252").splitlines(keepends=True)))
    (folder / "transcripts").mkdir(parents=True)
    for number, row in enumerate(rows, 1):
        row["respondent"] = f"r{number:03}"
    columns = ["respondent", "experience", "why_art"]
    # In the encoding in which it was published.
    write_rows(folder / "transcripts" / "survey.csv", [{c: row[c] for c in columns} for row in rows], "cp1252")
    source_row = {"source": "survey", "file": "survey.csv", "kind": "survey"}
    write_rows(folder / "sources.csv", [source_row | {"id_column": "respondent", "text_columns": "why_art"}])
    codes: dict[str, str] = {}
    codings = []
    for row in rows:
        for name in filter(None, (part.strip() for part in row["human_codes"].split(";"))):
            key = slug(name.casefold())
            codes.setdefault(key, name)
            answer = {"source": "survey", "code": key, "quote": row["why_art"], "participant": row["respondent"]}
            codings.append(answer)
    book = {"codebook": "Games as art", "codes": [{"code": key, "name": name} for key, name in codes.items()]}
    (folder / "codebook.yaml").write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")
    (folder / "study.yaml").write_text("title: Games as art\ncodebook: codebook.yaml\n", encoding="utf-8")
    write_rows(folder / "codings" / "authors" / "codes.csv", codings)
    return folder


def write_rows(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

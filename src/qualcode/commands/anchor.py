"""Note where each coding stands, in codings/anchors.csv, so that it follows its words when a transcript is changed."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..open_codes import place
from ..open_codes.anchors import Anchor, Anchors, moved, renew, someone_withdrew, wordless, write
from ..study import ANCHORS, Study, load_study
from ..utterances import read_sources
from .reading import check_texts, texts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", type=Path, help="the study's folder, e.g. data/clinical-mentors")
    parser.epilog = (
        "Run it after coding, and again after a transcript or what is hidden in it was changed and the workflow has\n"
        "run. It changes nothing but codings/anchors.csv, which no one needs to edit.\n\n"
        "Example:\n  make results STUDY=data/my-study\n  qualcode anchor data/my-study"
    )


def run(args: argparse.Namespace) -> None:
    study = load_study(args.study)
    results = Path("results") / study.folder.resolve().name
    check_texts(study, results)
    placed = place(study, results)
    unplaced = placed.coded.unplaced
    with_anchor = [item.anchor for item in unplaced if item.anchor]
    now = renew(placed.coded.stood, with_anchor, placed.anchors, placed.sources, study)
    write(now, study)
    earlier = {anchor.key: anchor for anchor in placed.anchors.anchors}
    print(_summary(earlier, now, placed.anchors, study))
    for anchor in now:
        if (old := earlier.get(anchor.key)) and old.quote != anchor.quote and not _gone(old, placed.anchors):
            print(f"{_where(anchor)}: “{old.quote}” is now “{anchor.quote}”.")
    for item in unplaced:
        row = f"{item.decision.path}: {item.decision.place}"
        if item.anchor is None:
            print(f"{row}: never had a place: {item.reason}.")
            continue
        print(f"{row}: {_where(item.anchor)}: {item.reason}.")
        if not someone_withdrew(study, item.source):
            print(f"    stood on: “{item.anchor.quote}”\n    nearest now: “{item.nearest}”")


def _summary(earlier: Mapping[tuple[str, str], Anchor], now: Iterable[Anchor], anchors: Anchors, study: Study) -> str:
    """How many codings stand where they stood, are new, or lost their words."""
    counts = dict.fromkeys(("as before", "new", "moved", "changed in name or spelling", "without a place"), 0)
    for anchor in now:
        old = earlier.get(anchor.key)
        if old is None:
            counts["new"] += 1
        elif _gone(old, anchors):
            counts["without a place"] += 1
        elif old.quote != anchor.quote:
            counts["changed in name or spelling"] += 1
        else:
            counts["as before" if old.start == anchor.start else "moved"] += 1
    dropped = len(earlier.keys() - {anchor.key for anchor in now})
    told = [f"{number} {what}" for what, number in counts.items() if number]
    told += [f"{dropped} taken out, for which no row asks any more"] * bool(dropped)
    total = sum(counts.values()) - counts["without a place"]
    return f"{study.folder / 'codings' / ANCHORS}: {total} anchored ({', '.join(told) or 'there are no codings'})."


def _gone(anchor: Anchor, anchors: Anchors) -> bool:
    return isinstance(anchors.place(anchor), str)


def _where(anchor: Anchor) -> str:
    made_by = anchor.coder or "a rule"
    return f"{anchor.source} {anchor.start}-{anchor.end}, {anchor.code or 'done'} ({made_by})"


def forget(study: Study) -> int:
    """Take the words out of codings/anchors.csv that are in no text of the study any more; gives their number.

    For `qualcode purge`: it needs no results. The codings concerned stay listed as without a place.
    """
    sources = texts(study, read_sources(study))
    anchors = Anchors.read(study, sources)
    now = []
    for anchor in anchors.anchors:
        stands = anchors.place(anchor)
        if isinstance(stands, str):
            now.append(wordless(anchor))
        else:
            now.append(moved(anchor, sources[anchor.source], stands, study.hider(anchor.source)))
    if anchors.anchors:
        write(now, study)
    return sum(1 for before, after in zip(anchors.anchors, now, strict=True) if before.quote and not after.quote)

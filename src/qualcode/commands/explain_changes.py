"""What would make a coding count, or not count: the rows and settings, as `open_codes.settlement` decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..console import enumeration
from ..counting import SAID
from ..study import CONSENSUS
from .reading import Cells

if TYPE_CHECKING:
    from .explain import Kept


def to_change(kept: Kept, coding: Cells, covered: Sequence[Cells]) -> Iterator[str]:
    """What would make it count, or not count."""
    deciding = kept.deciding(coding["source"])
    if covered and not any(item["role"] in SAID for item in covered):
        yield "`moderators: include` in study.yaml counts what moderators say like what participants say."
    elif coding["basis"] == "human":
        yield _of_person(coding, deciding)
    else:
        yield from _of_rule(kept, coding, covered, deciding)


def _of_person(coding: Cells, deciding: Sequence[str]) -> str:
    coder = coding["coder"]
    if coding["status"] == "withdrawn":
        return f"It stands again when the row of {coder} that withdraws it is deleted."
    if coding["counts"] == "true":
        return f"It counts no longer with a row {_row(coding, f'codings/{coder}/', 'withdraw')}."
    if coder in deciding:
        return (
            f"It counts when all of {enumeration(deciding)} give the code here, or with `authority: any` in study.yaml."
        )
    told = f"The code counts here when {enumeration(deciding)} {'give' if len(deciding) > 1 else 'gives'} it"
    if deciding == [CONSENSUS]:
        return f"{told}."
    return f"{told}; this coding counts with `authority: {coder}` or any in study.yaml."


def _of_rule(kept: Kept, coding: Cells, covered: Sequence[Cells], deciding: Sequence[str]) -> Iterator[str]:
    code, settings = coding["code"], kept.study.settings
    applies = settings["rules_for"].get(code, settings["rules"]) == "apply"
    decided = {coder: row for coder, row in kept.verdicts(coding).items() if coder in deciding}
    rejecting = [row for row in decided.values() if row.action == "reject"]
    if coding["counts"] == "true":
        yield f"It counts no longer with a row {_row(coding, enumeration(_folders(deciding), 'or'), 'reject')}."
        if applies and not decided:
            yield f"`rules_for: {{{code}: propose}}` in study.yaml lets the words of this code only propose."
        return
    # Where all have to agree, those are waited for who neither accepted nor coded the same.
    every = kept.study.authority(coding["source"]) == "all" and not applies and len(deciding) > 1
    lacking = _lacking(kept, code, covered, deciding) if every else []
    if rejecting:
        waited = [coder for coder in lacking if coder not in decided]
        also = f", and {enumeration(waited)} {'accept' if len(waited) > 1 else 'accepts'} it too" if waited else ""
        says = "say" if len(rejecting) > 1 else "says"
        yield f"It counts when {enumeration(row.place for row in rejecting)} {says} accept{also}."
        if len(rejecting) < len(decided):
            accepting = [row for row in decided.values() if row.action == "accept"]
            says = "say" if len(accepting) > 1 else "says"
            aside = f"it is set aside when {enumeration(row.place for row in accepting)} {says} reject"
            yield f"{enumeration(decided)} have to agree: {aside}."
        return
    each = "each " * (len(lacking) > 1)
    folders = enumeration(_folders(lacking)) if lacking else enumeration(_folders(deciding), "or")
    yield f"It counts with a row {each}{_row(coding, folders, 'accept')}."
    if coding["status"] == "negated":
        yield f"`negation: count` at {code} in the codebook takes negated words like others, wherever they are met."
    elif not applies:
        yield f"It is set aside with a row {_row(coding, enumeration(_folders(deciding), 'or'), 'reject')}."
        yield (
            f"`rules_for: {{{code}: apply}}` in study.yaml counts all that the words of this code propose "
            "and no one rejects."
        )


def _lacking(kept: Kept, code: str, covered: Sequence[Cells], deciding: Sequence[str]) -> list[str]:
    """Those deciding who do not give the code to an utterance that is covered; of several, where fewest are lacking."""
    found = []
    for item in covered:
        giving: set[str] = set()
        for other in kept.touching[item["utterance"]]:
            if other["code"] == code and other["basis"] == "rule":
                giving |= {row.coder for row in kept.verdicts(other).values() if row.action == "accept"}
            elif other["code"] == code and other["status"] != "withdrawn":
                giving.add(other["coder"])
        found.append([coder for coder in deciding if coder not in giving])
    return min(found, key=len, default=list(deciding))


def _folders(coders: Sequence[str]) -> list[str]:
    return [f"codings/{coder}/" for coder in coders] or ["codings/<your name>/"]


def _row(coding: Cells, folders: str, action: str) -> str:
    return f"in {folders} that has {coding['coding']} under `coding` and {action} under `action`"

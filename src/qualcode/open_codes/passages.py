"""What a coder's row asks for, and which of the places of its quotation it means."""

from __future__ import annotations

from collections.abc import Sequence

from ..codings import Decision
from ..text import Place, SourceText, digest, fold
from .anchors import ENOUGH


def incomplete(decision: Decision) -> str:
    """Why there is nothing to place, '' where there is. Rows of a table without these cells stop the run."""
    if not decision["quote"]:
        return "the comment stands at no words: mark the words that it is about"
    if not decision["code"] and decision.action != "done":
        return "there is no code in it"
    return ""


def puts_code(decision: Decision) -> bool:
    """Whether a row puts a code on words: of its own, or as it was suggested."""
    return decision.action in ("apply", "accept")


def evidence_of(place: Place) -> str:
    """How a quotation was found, as it is told."""
    return place.method if place.method != "fuzzy" else f"fuzzy, {place.score:.0f} of 100"


def said_by(person: str, text: SourceText, start: int, end: int) -> bool:
    """Whether someone said any of the words of a span."""
    return any(item.participant == person for item in text.covered(start, end))


def row_of(decision: Decision, code: str) -> str:
    """What a row asks for: rows that ask for the same stand in the same place."""
    quote = decision["quote"]
    cells = (decision["participant"], decision["start"], decision["end"])
    around = tuple(filter(None, (decision["before"], decision["after"])))
    return digest(decision.coder, code, decision["source"], fold(quote) or quote, *cells, *around)


def the_one_meant(decision: Decision, text: SourceText, places: Sequence[Place]) -> tuple[Place | None, str]:
    """The one of the places of a quotation that its row means, or why there is none."""
    person = decision["participant"]
    if person:
        places = [place for place in places if said_by(person, text, place.start, place.end)]
        if not places:
            return None, f"the quotation stands in the source, but these are not words of '{person}'"
    if len(places) > 1 and decision["start"]:
        places = [place for place in places if place.start == int(decision["start"])] or places
    if len(places) > 1 and (found := _by_context(decision, text, places)):
        return found, ""
    if len(places) > 1:
        do = "quote more, or name the participant" if not person else "quote more"
        return None, f"the quotation stands {len(places)} times: {do}"
    return places[0], ""


def _by_context(decision: Decision, text: SourceText, places: Sequence[Place]) -> Place | None:
    """The one of equal passages around which the talk is as the row has it, if there is one only."""
    agreeing = [text.agreeing(place, decision["before"], decision["after"]) for place in places]
    best = max(agreeing)
    return places[agreeing.index(best)] if best >= ENOUGH and agreeing.count(best) == 1 else None

"""What counts: whose word holds in a source, and what follows for every coding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..counting import SAID
from ..errors import Problems
from ..study import CONSENSUS, Study
from ..text import Utterance
from .anchors import HUMAN
from .people import Coded, Coding


@dataclass(frozen=True)
class Verdict:
    """Where a coding stands (`status`), whether it counts, and why in a plain sentence."""

    status: str
    counts: bool
    reason: str


@dataclass(frozen=True)
class Authority:
    """The coders whose word counts in a source; with `every`, only what all of them say counts."""

    coders: tuple[str, ...]
    every: bool = False


def authorities(study: Study, coded: Coded) -> dict[str, Authority]:
    """Whose word counts, by source. Raises QualcodeError where several coders are done and the study does not say."""
    problems = Problems()
    settings = study.folder / "study.yaml"
    for key in sorted(set(study.settings.get("authority_for", {})) - {source.source for source in study.sources}):
        problems.add(settings, "authority_for", f"there is no source '{key}'", "Mend the id.")
    found = {}
    for source in study.sources:
        asked = study.authority(source.source)
        done = sorted(coder for key, coder in coded.done if key == source.source)
        if CONSENSUS in done:
            found[source.source] = Authority((CONSENSUS,))
        elif len(done) <= 1:
            found[source.source] = Authority(tuple(done))
        elif asked in done:
            found[source.source] = Authority((asked,))
        elif asked == "any":
            found[source.source] = Authority(tuple(done))
        elif asked == "all":
            # Who only decided on suggestions came to some sentences: of all others they say nothing.
            finished = [coder for coder in done if coded.done[source.source, coder]]
            found[source.source] = Authority(tuple(finished or done), every=True)
        else:
            wrong = f"{' and '.join(done)} coded '{source.source}': whose coding counts"
            if asked:
                wrong += f" (found authority '{asked}', who did not)"
            names = ", ".join(done)
            do = f"Say `authority:` {names}, any or all, or add the codings of a coder named consensus."
            problems.add(settings, "authority", wrong + "?", do)
    problems.stop()
    return found


def settle(
    coded: Coded,
    authority: Mapping[str, Authority],
    study: Study,
    covered: Mapping[str, Sequence[Utterance]],
) -> dict[str, Verdict]:
    """The verdict on every coding, by its id. `covered` are the utterances of each.

    What covers no words that are data, but a moderator's alone, does not count whoever coded it.
    """
    says: dict[tuple[str, str], set[str]] = {}
    for coding in coded.codings.values():
        speakers = (
            [coding.coder]
            if coding.basis == HUMAN and not coding.withdrawn
            else [coder for coder, action in coding.decided.items() if action == "accept"]
        )
        for utterance in covered[coding.coding]:
            says.setdefault((utterance.utterance, coding.code), set()).update(speakers)
    verdicts = {}
    for coding in coded.codings.values():
        whose = authority[coding.source]
        agreed = not whose.every or any(
            set(whose.coders) <= says[item.utterance, coding.code] for item in covered[coding.coding]
        )
        if coding.basis == HUMAN:
            verdict = _of_person(coding, whose, agreed)
        else:
            applies = study.settings["rules_for"].get(coding.code, study.settings["rules"]) == "apply"
            verdict = _of_rule(coding, whose, agreed, applies)
        if verdict.counts and not any(item.role in SAID for item in covered[coding.coding]):
            verdict = replace(verdict, counts=False, reason=f"{verdict.reason}, but these are no participant's words")
        verdicts[coding.coding] = verdict
    return verdicts


def _of_person(coding: Coding, whose: Authority, agreed: bool) -> Verdict:
    says = f"{coding.coder} {'accepted it as a suggestion' if coding.suggested else 'coded it'}"
    if coding.withdrawn:
        return Verdict("withdrawn", False, f"{coding.coder} withdrew it")
    if coding.coder not in whose.coders:
        return Verdict("accepted", False, f"{says}, but {_names(whose.coders)} decides in this source")
    if not agreed:
        return Verdict("accepted", False, f"{says}, but not all of {_names(whose.coders)}")
    return Verdict("accepted", True, says)


def _of_rule(coding: Coding, whose: Authority, agreed: bool, applies: bool) -> Verdict:
    decided = {coder: action for coder, action in coding.decided.items() if coder in whose.coders}
    accepted = sorted(coder for coder, action in decided.items() if action == "accept")
    rejected = sorted(coder for coder, action in decided.items() if action == "reject")
    if accepted and rejected:
        return Verdict("proposed", False, f"accepted by {_names(accepted)}, rejected by {_names(rejected)}: undecided")
    if rejected:
        return Verdict("rejected", False, f"rejected by {_names(rejected)}")
    if accepted and agreed:
        return Verdict("accepted", True, f"proposed by the rule, accepted by {_names(accepted)}")
    if not coding.stands and not accepted:
        waiting = "its words are negated, and this code does not count what is negated"
        return Verdict("negated", False, f"{waiting}{_others(coding, decided)}")
    if applies:
        return Verdict("accepted", True, "the study applies the words of this code")
    if accepted:
        return Verdict("proposed", False, f"accepted by {_names(accepted)}, but not by all of {_names(whose.coders)}")
    waiting = "proposed by the rule: no one whose word counts has decided"
    return Verdict("proposed", False, f"{waiting}{_others(coding, decided)}")


def _others(coding: Coding, decided: Mapping[str, str]) -> str:
    """What those say of a proposal whose word does not count."""
    said = [f"{coder} would {action} it" for coder, action in sorted(coding.decided.items()) if coder not in decided]
    return f" ({'; '.join(said)})" if said else ""


def _names(coders: Iterable[str]) -> str:
    return " and ".join(coders)

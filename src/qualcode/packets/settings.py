"""What study.yaml says of packets, checked as far as its schema cannot."""

from __future__ import annotations

from ..codebook import Codebook
from ..errors import Problems
from ..files import decode
from ..study import PRINTED, Study
from .letter import built_in, check_letter, check_wording


def checked_letter(study: Study, codebook: Codebook) -> str:
    """The study's own letter, or the built-in one. Raises QualcodeError for all that is wrong with `member_checks`."""
    settings, problems = study.settings["member_checks"], Problems()
    where = study.folder / "study.yaml"
    _check_categories(study, codebook, problems)
    check_wording(settings["wording"], where, problems)
    letter = _own_letter(study, problems)
    texts = {key: settings[key] for key in ("contact", "deadline")}
    texts |= {f"wording: {key}": text for key, text in settings["wording"].items()}
    for key, text in texts.items():
        _check_names(study, text, str(where), f"member_checks: {key}", problems)
    for number, line in enumerate(letter.splitlines(), 1):
        _check_names(study, line, str(study.folder / settings["letter"]), f"line {number}", problems)
    problems.stop()
    return letter or built_in()


def _own_letter(study: Study, problems: Problems) -> str:
    name = study.settings["member_checks"]["letter"]
    if not name:
        return ""
    path = study.folder / name
    if not path.is_file():
        where, do = study.folder / "study.yaml", "Mend the name, or write the letter."
        problems.add(where, "member_checks: letter", f"there is no such file (found {name})", do)
        return ""
    text, _ = decode(path)
    check_letter(text, path, problems)
    return text


def _check_names(study: Study, text: str, file: str, place: str, problems: Problems) -> None:
    """A packet goes to one person: the name of another must not stand in it. Who leads the study may sign it."""
    signing = {f"participants.csv row {person.row}" for person in study.participants if person.role != "participant"}
    if listed := [found for found in study.names_in(text) if found not in signing]:
        wrong = f"a name that is to be hidden stands here ({', '.join(listed)})"
        problems.add(file, place, wrong, PRINTED)


def _check_categories(study: Study, codebook: Codebook, problems: Problems) -> None:
    """Codes below the main concepts have no concept at or below them."""
    settings = study.settings["member_checks"]
    where, place = study.folder / "study.yaml", "member_checks: categories"
    if unknown := [code for code in settings["categories"] if code not in codebook.by_id]:
        problems.add(where, place, f"the codebook has no such code (found {', '.join(unknown)})", "Mend the ids.")
    known = [codebook.by_id[code] for code in settings["categories"] if code in codebook.by_id]
    if below := [code.code for code in known if code.level > settings["level"]]:
        wrong = (
            f"main concepts are those of level {settings['level']}, and these stand below (found {', '.join(below)})"
        )
        problems.add(where, place, wrong, "Name the codes above them, or raise `level`.")

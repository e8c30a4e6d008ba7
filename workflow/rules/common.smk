# Inputs:  config (the list of studies) and the study folders it names.
# Outputs: none. Checks what can be checked before anything runs, and gives the rules their helpers.
import ast
import os
import re
import shutil
import sys
from functools import cache
from os import environ, pathsep
from pathlib import Path

from snakemake.exceptions import WorkflowError

import qualcode
from qualcode.errors import Problems, QualcodeError
from qualcode.files import check_document
from qualcode.study import load_studies, settings_of

# The rules call `qualcode`: find it beside the Python that runs this, also where no environment is activated.
environ["PATH"] = pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])


def _studies():
    """Every study, checked; all problems of all studies at once."""
    try:
        problems = Problems()
        check_document(config, "config", Path("config/config.yaml"), problems)
        problems.stop()
        return load_studies(config["studies"])
    except QualcodeError as error:
        # Not a WorkflowError: its place in this file is no help to who must mend the study.
        print(
            f"{error}\nNothing was run: mend {len(error.problems)} of the above first.",
            file=sys.stderr,
        )
        sys.exit(1)


STUDIES = _studies()


wildcard_constraints:
    study="|".join(map(re.escape, STUDIES)),


def folder(wildcards):
    """The folder of a study."""
    return STUDIES[wildcards.study].folder


def files(*kinds):
    """Input function: the files people wrote that a step reads."""
    return lambda wildcards: STUDIES[wildcards.study].files(*kinds)


def hashes(*kinds):
    """Params function: their sha256, so that content that changes with its time kept is noticed."""
    return lambda wildcards: STUDIES[wildcards.study].hashes(*kinds)


def settings(step):
    """Params function: the settings of study.yaml that a step says it reads (its SETTINGS)."""
    keys = _constant(step, "SETTINGS")
    return lambda wildcards: settings_of(STUDIES[wildcards.study], *keys)


def code(step):
    """The source files of a step and of all it imports from qualcode: editing them re-runs what depends on them."""
    templates = _PACKAGE.glob(f"templates/{step.removesuffix('s')}.*")
    modules = _imported(_module_file(step))
    lists = {path for module in modules for path in module.parent.glob("*.txt")}
    return sorted(map(os.path.relpath, {*modules, *lists, *templates}))


_PACKAGE = Path(qualcode.__file__).parent


def _module_file(name):
    path = _PACKAGE / Path(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _text(path):
    return path.read_text(encoding="utf-8")


def _constant(step, name):
    """A tuple of names in a step's module, read without importing it."""
    found = re.search(
        rf"^{name} = (\([^()]*\))", _text(_module_file(step)), re.MULTILINE
    )
    if not found:
        raise WorkflowError(f"the step {step} does not say its {name}")
    return ast.literal_eval(found[1])


# from .. import a, b; from ..study import (c, d). Parsing every module took a tenth of a run with nothing to do.
_IMPORT = re.compile(
    r"^[ \t]*from (\.+)([\w.]*) import (?:\(([^)]*)\)|([^\n#]*))", re.MULTILINE
)


@cache
def _imports(path):
    """The files of qualcode's modules that a module imports itself."""
    package = path.parent.relative_to(_PACKAGE).parts
    found = set()
    for dots, module, inside, line in _IMPORT.findall(_text(path)):
        base = [
            *package[: len(package) - len(dots) + 1],
            *filter(None, module.split(".")),
        ]
        names = [".".join([*base, name]) for name in re.findall(r"\w+", inside or line)]
        found |= {_module_file(name) for name in (".".join(base), *names) if name}
    return {file for file in found if file.exists()}


def _imported(start):
    """A module's file and those of all modules of qualcode that it imports, directly or not."""
    found, waiting = set(), {start}
    while waiting:
        found |= waiting
        waiting = {file for path in waiting for file in _imports(path)} - found
    return found


def outdated(path):
    """Make an output look older than anything it is made from (0 would count as no time at all)."""
    for file in (Path(path), Path(path) / ".snakemake_timestamp"):
        if file.exists():
            os.utime(file, (1, 1))


onstart:
    # What a killed run left here would stop every later one (the lock is held: no other run is under way).
    shutil.rmtree(Path(".snakemake") / "backups", ignore_errors=True)


onsuccess:
    for study in STUDIES:
        print(f"{study}: open results/{study}/report/index.html", file=sys.stderr)


onerror:
    # Outputs are flagged `update`, so that a step that fails leaves its earlier results alone. Snakemake gives them
    # back as if they were new, and would say "nothing to be done" the next time: what was not made anew is old.
    for job in workflow.dag.needrun_jobs():
        if not workflow.dag.finished(job):
            for path in job.output:
                outdated(path)

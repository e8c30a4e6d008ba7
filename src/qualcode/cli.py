"""The command line: a subcommand per step, and the commands that people run. Only here QualcodeError is caught."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from pathlib import Path

from . import __version__
from .console import speak_for
from .errors import QualcodeError
from .steps import STEPS

COMMANDS = (
    "init",
    "check",
    "find",
    "explain",
    "history",
    "review",
    "codebook",
    "anchor",
    "issue-packets",
    "reproduce",
    "package",
    "purge",
)


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand. Returns 0, 1 for a problem that the user can mend, 2 for wrong usage."""
    arguments = sys.argv[1:] if arguments is None else arguments
    name = arguments[0] if arguments else ""
    if name in ("-V", "--version"):
        print(f"qualcode {__version__}")
        return 0
    if name not in STEPS + COMMANDS:
        return _overview(name)
    module = _module(name)
    parser = argparse.ArgumentParser(
        prog=f"qualcode {name}", description=module.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    module.add_arguments(parser)
    # Options may stand between arguments; argparse cannot have that where there are subcommands.
    parse = parser.parse_args if name == "codebook" else parser.parse_intermixed_args
    args = parse(arguments[1:])
    if name in STEPS:
        study = args.study.resolve().name
        args.results = args.results or Path("results") / study
        speak_for(study, name)
    try:
        module.run(args)
    except QualcodeError as error:
        for problem in error.problems:
            print(f"qualcode {name}: {problem}", file=sys.stderr)
        if len(error.problems) > 1:
            print(f"qualcode {name}: {len(error.problems)} problems", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"qualcode {name}: stopped", file=sys.stderr)
        return 130
    return 0


def _module(name: str):  # type: ignore[no-untyped-def]
    return importlib.import_module(_path(name))


def _path(name: str) -> str:
    return f"qualcode.commands.{name.replace('-', '_')}" if name in COMMANDS else f"qualcode.{name}"


def _overview(name: str) -> int:
    if name not in ("", "-h", "--help"):
        print(f"qualcode: there is no command '{name}'. `qualcode --help` lists them.", file=sys.stderr)
        return 2
    lines = ["usage: qualcode <command> [arguments]", "", "For people:"]
    lines += [_line(command) for command in COMMANDS]
    lines += ["", "The steps of the workflow, in order (`make results` or `snakemake` runs them):"]
    lines += [_line(step) for step in STEPS]
    lines += ["", "`qualcode <command> --help` tells more."]
    print("\n".join(lines), file=sys.stdout if name else sys.stderr)
    return 0 if name else 2


def _line(name: str) -> str:
    """A command with the first line of its module, which is read and not imported: thirty imports take a while."""
    spec = importlib.util.find_spec(_path(name))
    assert spec and spec.origin
    with Path(spec.origin).open(encoding="utf-8") as lines:
        about = next(lines).strip().strip('"')
    return f"  {name:<20}{about}"


if __name__ == "__main__":
    sys.exit(main())

"""Lay a new study: commented files and one tiny transcript that runs as it is."""

from __future__ import annotations

import argparse
import shlex
import shutil
from pathlib import Path

from ..errors import failure
from ..study import load_study

TEMPLATE = Path(__file__).parent / "new_study"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the new study's folder, e.g. data/my-study")
    parser.epilog = "Example:\n  qualcode init data/my-study\n  make results STUDY=data/my-study"


def run(args: argparse.Namespace) -> None:
    folder: Path = args.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise failure(folder, "", "there is something of that name already", "Give the new study another name.")
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
    load_study(folder)
    print(f"Laid a study in {folder}. It runs as it is:\n")
    print(f"    make results STUDY={shlex.quote(str(folder))}\n")
    print(f"Then open results/{folder.resolve().name}/report/index.html. What to put where: {folder}/README.md")

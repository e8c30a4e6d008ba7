"""Time the workflow against a bare script that parses and embeds the same text. `make benchmark` runs this.

usage: python benchmarks/run.py [--repeats N] [--write] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import sections
from corpus import Corpus, build_study, edit_codebook, edit_utterance, load_corpus

CHECKOUT = Path(__file__).resolve().parent.parent
BASELINE, COLD, CODEBOOK, UTTERANCE, NOTHING = (
    "bare script",
    "cold run",
    "after editing one word of the codebook",
    "after editing one utterance",
    "nothing to do",
)
EXAMPLES, SNAKEMAKE, HELP = "nothing to do, the two examples", "`import snakemake.cli` alone", "`qualcode --help`"
# Short runs are noisy: they are repeated more often.
SHORT_REPEATS = 7
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds by the clock, seconds of processors, bytes of the largest process.

    `others` is what else the machine did meanwhile, in cores.
    """

    seconds: float
    processor: float
    memory: int
    others: float


@dataclass
class Costs:
    """Costs by what was run, and seconds by step for the runs of the workflow."""

    runs: dict[str, list[Cost]] = field(default_factory=dict)
    steps: dict[str, dict[str, list[float]]] = field(default_factory=dict)

    def median(self, name: str, figure: str = "seconds") -> float:
        """The median of a figure over the repeats."""
        return statistics.median(getattr(cost, figure) for cost in self.runs[name])


# --- running -------------------------------------------------------------------------------------------------------


def timed(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder and wait for it. Ends the program with the command's words where it fails."""
    # The copy's own code: nobody who edits the checkout meanwhile changes what is measured.
    env = os.environ | {"PYTHONPATH": str(folder / "src")}
    with tempfile.TemporaryFile() as said:
        start, busy = time.perf_counter(), machine_seconds()
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=said, stderr=subprocess.STDOUT)
        # Not process.wait(): wait4 tells what this process and all below it used.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{said.read().decode(errors='replace')}\nbenchmarks: this failed: {' '.join(command)}")
    own = usage.ru_utime + usage.ru_stime
    others = max(0.0, machine_seconds() - busy - own) / seconds
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, own, usage.ru_maxrss * unit, others)


def machine_seconds() -> float:
    """Seconds that all cores together were busy since the machine started."""
    times = psutil.cpu_times()
    return times.user + times.system


def tool(name: str) -> str:
    """A command of the environment that runs this."""
    return str(Path(sys.executable).with_name(name))


def workflow() -> list[str]:
    """What `make results` runs."""
    return [tool("snakemake"), "--cores", "all"]


def lay(folder: Path, studies: Sequence[str]) -> Path:
    """A copy of what the workflow needs of the checkout, set to run these studies."""
    for name in ("src", "workflow", "profiles", "codebooks"):
        shutil.copytree(CHECKOUT / name, folder / name)
    # The Snakefile, and what rules may name beside it (environment.yml).
    for path in CHECKOUT.iterdir():
        if path.is_file():
            shutil.copy2(path, folder)
    (folder / "config").mkdir()
    (folder / "config" / "config.yaml").write_text(json.dumps({"studies": list(studies)}), encoding="utf-8")
    for study in studies:
        if (CHECKOUT / study).is_dir():
            shutil.copytree(CHECKOUT / study, folder / study)
    return folder


def clear(folder: Path) -> None:
    """Take away all that earlier runs left: results, caches, and what Snakemake remembers."""
    for name in ("results", "logs", ".cache", ".snakemake", "data"):
        shutil.rmtree(folder / name, ignore_errors=True)


def steps_since(folder: Path, start: float) -> dict[str, float]:
    """Seconds by step of the jobs that began after a moment, as Snakemake recorded them."""
    seconds: dict[str, float] = {}
    for path in (folder / ".snakemake" / "metadata").rglob("*"):
        if path.is_file():
            job = json.loads(path.read_text(encoding="utf-8"))
            if (job.get("starttime") or 0) >= start:
                seconds[job["rule"]] = job["endtime"] - job["starttime"]
    return seconds


def measure(corpus: Corpus, repeats: int, folder: Path) -> Costs:
    """Everything in turns, so that a slow moment of the machine meets all alike."""
    costs = Costs()
    small = lay(folder / "examples", ["data/clinical-mentors", "data/student-teachers"])
    large = lay(folder / "large", ["data/meetings"])

    def run(name: str, command: Sequence[str], where: Path) -> None:
        say(name)
        start = time.time()
        costs.runs.setdefault(name, []).append(timed(command, where))
        for step, seconds in steps_since(where, start).items():
            costs.steps.setdefault(name, {}).setdefault(step, []).append(seconds)

    for number in range(1, repeats + 1):
        say(f"--- {number} of {repeats}")
        clear(large)
        study = build_study(corpus, large / "data" / "meetings")
        script = str(Path(__file__).with_name("bare_script.py"))
        run(BASELINE, [sys.executable, script, str(study / "transcripts")], large)
        run(COLD, workflow(), large)
        edit_codebook(study)
        run(CODEBOOK, workflow(), large)
        edit_utterance(study)
        run(UTTERANCE, workflow(), large)
        run(NOTHING, workflow(), large)
    say("--- the two examples")
    timed(workflow(), small)
    for _ in range(SHORT_REPEATS):
        run(EXAMPLES, workflow(), small)
        run(SNAKEMAKE, [sys.executable, "-c", "import snakemake.cli"], small)
        run(HELP, [tool("qualcode"), "--help"], small)
    return costs


def say(words: str) -> None:
    """A line for whoever waits."""
    print(words, file=sys.stderr, flush=True)


# --- telling -------------------------------------------------------------------------------------------------------


def report(costs: Costs, corpus: Corpus, repeats: int) -> str:
    """The tables and what they were measured on, as Markdown."""
    utterances = sum(map(len, corpus.sources.values()))
    return "\n".join(
        [
            f"Corpus: {corpus.about}; {corpus.words():,} words, {utterances:,} utterances, {len(corpus.people)} people "
            f"and {len(corpus.sources)} sources. Machine: {os.cpu_count()} cores, Python {sys.version.split()[0]}. "
            f"Medians of {repeats} runs each, of {SHORT_REPEATS} for the short ones.",
            "",
            *_costs_table(costs),
            "",
            f"Peak memory of the cold run, its largest process: {costs.median(COLD, 'memory') / MEBIBYTE:.0f} MiB "
            f"(bare script: {costs.median(BASELINE, 'memory') / MEBIBYTE:.0f} MiB).",
            "",
            f"What else the machine did meanwhile, in cores: {_others(costs)}. The less, the better the figures.",
            "",
            "Seconds by step; steps run side by side where they do not need each other:",
            "",
            *_steps_table(costs),
        ]
    )


def _others(costs: Costs) -> str:
    return ", ".join(f"{name} {costs.median(name, 'others'):.1f}" for name in (BASELINE, COLD, CODEBOOK, EXAMPLES))


def _costs_table(costs: Costs) -> list[str]:
    baseline, cold = costs.median(BASELINE), costs.median(COLD)
    aims = {
        COLD: ("1.5 × bare script", cold <= 1.5 * baseline),
        CODEBOOK: ("0.25 × cold run", costs.median(CODEBOOK) <= 0.25 * cold),
        EXAMPLES: ("1.5 s", costs.median(EXAMPLES) <= 1.5),
    }
    lines = [
        "| run | seconds | processor seconds | × bare script | × cold run | at most | reached |",
        "|---|--:|--:|--:|--:|---|---|",
    ]
    for name in costs.runs:
        seconds = costs.median(name)
        large = name not in (EXAMPLES, SNAKEMAKE, HELP)
        ratios = [f"{seconds / baseline:.2f}", f"{seconds / cold:.2f}"] if large else ["", ""]
        aim, reached = aims.get(name, ("", None))
        cells = [name, f"{seconds:.2f}", f"{costs.median(name, 'processor'):.2f}", *ratios, aim]
        lines.append(f"| {' | '.join([*cells, {True: 'yes', False: 'no', None: ''}[reached]])} |")
    return lines


def _steps_table(costs: Costs) -> list[str]:
    names = [COLD, CODEBOOK, UTTERANCE]
    steps = sorted(costs.steps[COLD], key=lambda step: -statistics.median(costs.steps[COLD][step]))
    lines = [f"| step | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for step in steps:
        times = [costs.steps.get(name, {}).get(step) for name in names]
        cells = [f"{statistics.median(found):.1f}" if found else "" for found in times]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure, print, and with --write keep the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--repeats", type=int, default=2, help="how often the large runs are made (default: 2)")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    parser.add_argument("--keep", type=Path, help="work in this new folder and leave it there, to look into")
    args = parser.parse_args()
    corpus = load_corpus(CHECKOUT / "data")
    say(f"{corpus.about}: {corpus.words():,} words")
    with tempfile.TemporaryDirectory(prefix="qualcode-benchmark-") as temporary:
        costs = measure(corpus, args.repeats, args.keep or Path(temporary))
    text = report(costs, corpus, args.repeats)
    print(text)
    if args.write:
        sections.write("workflow", text)


if __name__ == "__main__":
    main()

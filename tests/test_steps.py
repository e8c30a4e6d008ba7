"""The order of the steps, in which `qualcode reproduce` runs them one after the other."""

import re

import pytest
from test_house import RULES

from qualcode.steps import STEPS


@pytest.mark.parametrize("step", STEPS)
def test_a_step_reads_only_what_earlier_ones_made(step):
    made: set[str] = set()
    for earlier in STEPS[: STEPS.index(step)]:
        made |= paths(RULES[earlier].partition("output:")[2].partition("log:")[0])
    read = paths(RULES[step].partition("input:")[2].partition("output:")[0])
    assert step == "utterances" or read
    assert read <= made


def paths(part: str) -> set[str]:
    """Files below results/<study>/, those of `multiext` spelt out."""
    several = re.findall(r'multiext\(\s*"results/\{study\}/([\w/]+)",([^)]*)\)', part)
    found = {stem + end for stem, ends in several for end in re.findall(r'"(\.\w+)"', ends)}
    return found | set(re.findall(r'"results/\{study\}/([\w/]+(?:\.\w+)?)"(?!,\s*"\.)', part))

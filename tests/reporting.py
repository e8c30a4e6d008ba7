"""A study that tries what a report must hold, run through the steps that its pages are made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import StudyFolder
from theme_tables import by, lay_themes

# What a transcript may hold, and no page may run or load.
HOSTILE = "<script>document.title = 'ran'</script><img src=x onerror=\"document.title = 'ran'\"> & so on"
TRANSCRIPT = f"""Interviewer: What helped you most?

Ana: My mentor was always there. The timing of our meetings was good, and the training helped me to teach.

Ben: Mm-hm.

Ben: I got no support. Nobody told me what was expected of me, and the expectations changed.

Ana: I agree with Ben. {HOSTILE}

Cleo: We all say so, and Mrs. Smith said so too. Nobody should ever print this sentence.

Interviewer: What else?
"""
OTHER = """Interviewer: And you?

Dora: The training was long. My mentor was always there, always.

Interviewer: Anything else?

Dora: No.
"""
CODEBOOK = """codebook: Mentors & <others>
codes:
  - code: help
    name: Help <1>
    definition: What helps.
    codes:
      - {code: support, name: Support, definition: Someone is there., use_when: Smith is <there>., words: [support, "always there"],
         examples: ["they were there"], formerly: [aid]}
      - {code: training, name: Training, definition: Learning to teach., words: [training]}
  - code: clarity
    name: Clarity
    definition: Knowing what is expected.
    colour: "#884400"
    words: ["what * expected", expectation, timing]
  - {code: empty, name: Empty}
"""
PARTICIPANTS = """participant,role,labels,names,pseudonym,status,quote_consent,school
p1,participant,Ana,Ana,Rosa,active,yes,primary
p2,participant,Ben,Ben,Karl,active,no,secondary
p3,participant,Cleo,Cleo,Mia,active,yes,primary
p4,participant,Dora,Dora,Nora,active,yes,
i1,moderator,Interviewer,,Interviewer,active,yes,
"""
CODINGS = [
    {
        "source": "talk",
        "code": "support",
        "quote": "My mentor was always there.",
        "use": "exemplar",
        "memo": "Smith again",
    },
    {"source": "talk", "code": "clarity", "quote": "always there. The timing of our meetings was good"},
    {"source": "talk", "code": "training", "quote": "meetings was good, and the training helped me to teach."},
    {"source": "talk", "code": "clarity", "quote": "the expectations changed"},
    {"source": "talk", "code": "help", "quote": "I agree with Ben."},
    {"source": "talk", "code": "help", "quote": "Nobody should ever print this sentence.", "use": "never"},
    {"source": "second", "code": "training", "quote": "The training was long."},
    {"source": "second", "code": "support", "quote": "My mentor was always there, always."},
]
MEMO = """---
date: 2026-03-02
by: anna
---

# First reading of Smith

I thought of `support` and of **much <more>**.

Second paragraph with `no code`.
"""
# Utterances of the first two of three themes, and how many of them each source has.
MEMBERS: list[dict[str, object]] = [
    {"utterance": utterance, "theme": theme, "fitted": theme, "similarity": 0.5, "repeats": "", "note": ""}
    for utterance, theme in (("talk:2", 1), ("talk:4", 1), ("talk:6", 2), ("second:2", 1), ("talk:3", 0))
]
GATHERED = [
    row
    for source, counts in (("talk", {1: 2, 2: 1, 3: 0}), ("second", {1: 1, 2: 0, 3: 0}))
    for row in by("source", source, counts, 4)
]
STEPS = ("utterances", "parses", "identifiers", "open_codes", "axial_codes", "frequencies", "saturation")


def lay(folder: Path, settings: str = "") -> StudyFolder:
    """The study, not run yet."""
    study = StudyFolder(folder / "talks")
    study.write(
        "study.yaml",
        "title: Talks & <more>\ncodebook: codebook.yaml\nguide: [{id: g1, text: What <helped>?, cues: [helped you most]}]\n"
        + settings,
    )
    study.write("codebook.yaml", CODEBOOK)
    study.write(
        "sources.csv", "source,file,kind,date\ntalk,talk.txt,focus_group,2026-03-01\nsecond,second.txt,interview,\n"
    )
    study.write("participants.csv", PARTICIPANTS)
    study.write("redactions.csv", "text,replacement,kind,decision\nSmith,[a teacher],person,redact\n")
    study.write("transcripts/talk.txt", TRANSCRIPT)
    study.write("transcripts/second.txt", OTHER)
    study.write("memos/Smith.md", MEMO)
    study.codings("anna", CODINGS)
    return study


def run(folder: Path, settings: str = "") -> StudyFolder:
    """The study with its report."""
    study = lay(folder, settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert study.run(*STEPS) == 0
        lay_themes(study.results, theme_members=MEMBERS, themes_by=GATHERED)
        assert study.run("report") == 0
    return study

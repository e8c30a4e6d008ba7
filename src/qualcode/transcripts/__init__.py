"""Readers of transcripts, surveys and documents: one module per format, all returning a `Transcript`."""

from __future__ import annotations

from collections.abc import Collection

from ..errors import failure
from ..study import SURVEY_SUFFIXES, Source
from .model import LeftOut, Transcript, Turn

__all__ = ["LeftOut", "Transcript", "Turn", "read_transcript"]


def read_transcript(source: Source, labels: Collection[str]) -> Transcript:
    """Read a source's file. `labels` are the speaker labels known for it (none: any name-like label is a speaker).

    Raises QualcodeError where the file cannot be read or holds no words.
    """
    suffix = source.path.suffix.lower()
    if source.kind == "survey" and suffix not in SURVEY_SUFFIXES:
        raise failure(source.path, "", f"a survey is csv or xlsx (found '{suffix}')", "Mend its kind in sources.csv.")
    if source.kind == "survey":
        from .survey import read_survey

        transcript = read_survey(source)
    elif suffix == ".docx":
        from .docx import read_docx

        transcript = read_docx(source, labels)
    elif suffix in (".txt", ".md"):
        from .plain import read_plain

        transcript = read_plain(source, labels)
    else:
        known = "txt, md and docx for talk and documents, csv and xlsx for surveys"
        raise failure(source.path, "", f"files that end in '{suffix}' are not read", f"Save it as one of: {known}.")
    if not any(turn.text for turn in transcript.turns):
        raise failure(source.path, "", "the file holds no words", "Put the transcript in, or take the file away.")
    return transcript

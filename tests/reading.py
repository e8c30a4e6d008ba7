"""Reading transcripts in tests: every word of a file is in a turn or in the report, always."""

from __future__ import annotations

from pathlib import Path

from qualcode.study import Source
from qualcode.text import count_words
from qualcode.transcripts import Transcript, read_transcript


def read(path: Path, kind: str = "focus_group", labels=(), **columns) -> Transcript:
    """The transcript of a file whose words are all accounted for."""
    transcript = read_transcript(Source("s", path, kind, **columns), set(labels))
    assert accounted(transcript) == transcript.words
    return transcript


def accounted(transcript: Transcript) -> int:
    """Words of the turns and of what the report says was left out."""
    spoken = sum(count_words(turn.text) for turn in transcript.turns)
    return spoken + sum(item.count for item in transcript.left_out if item.what == "words")


def said(transcript: Transcript) -> list[tuple[str, str]]:
    """(label, words) of every turn."""
    return [(turn.label, turn.text) for turn in transcript.turns]


def left(transcript: Transcript, what: str = "words") -> dict[str, int]:
    """What the report counts, by its reason."""
    return {item.note: item.count for item in transcript.left_out if item.what == what}

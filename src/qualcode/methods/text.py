"""The methods text: its headings, and for each the paragraphs that the study's files give."""

from __future__ import annotations

from .analysis import agreement, coding, machine, saturation, themes
from .feedback import member_checking
from .gathering import data, participants, preparation
from .material import Material
from .phrases import Paragraphs
from .record import positionality, software


def sections(material: Material) -> dict[str, Paragraphs]:
    """Paragraphs by heading; what was not done has no heading."""
    made = {
        "Participants and setting": participants(material),
        "Data": data(material),
        "Preparation of transcripts": preparation(material),
        "Coding": coding(material),
        "Rules and machine proposals": machine(material),
        "Agreement": agreement(material),
        "Saturation": saturation(material),
        "Emergent themes": themes(material),
        "Member checking": member_checking(material),
        "Software and reproducibility": software(material),
        "Positionality": positionality(material),
    }
    return {heading: paragraphs for heading, paragraphs in made.items() if paragraphs}

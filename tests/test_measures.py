from qualcode import tables
from qualcode.measures.units import codable_units


def utterances(*rows):
    """(participant, role, backchannel, text) one after the other in the source s, a blank between them."""
    made, at = [], 0
    for number, (participant, role, backchannel, text) in enumerate(rows, 1):
        place = {"start": at, "end": at + len(text), "time_start": "", "time_end": "", "text": text}
        who = {"participant": participant, "role": role, "backchannel": backchannel, "question": ""}
        made.append({"utterance": f"s:{number}", "source": "s", **who, **place})
        at += len(text) + 1
    return tables.frame("utterances", made)


TALK = utterances(
    ("m", "moderator", False, "Why?"),
    ("p1", "participant", False, "It helped. It did."),
    ("p2", "participant", True, "Mm-hm."),
    ("", "", False, "Of no one."),
    ("", "heading", False, "Day 2"),
)
SENTENCES = {"s": [[(0, 4)], [(0, 10), (11, 18)], [(0, 6)], [(0, 10)], [(0, 5)]]}


def test_moderators_headings_and_back_channels_are_no_units():
    units = codable_units(TALK, {}, "utterance")
    assert [(u.unit, u.source, u.start, u.end, u.text, u.participant) for u in units] == [
        ("s:2", "s", 5, 23, "It helped. It did.", "p1"),
        ("s:4", "s", 31, 41, "Of no one.", ""),
    ]
    assert units == codable_units(TALK, {}, "character")


def test_sentences_are_numbered_within_their_utterance_and_placed_in_the_source():
    units = codable_units(TALK, SENTENCES, "sentence")
    assert [(u.unit, u.start, u.end, u.text) for u in units] == [
        ("s:2.1", 5, 15, "It helped."),
        ("s:2.2", 16, 23, "It did."),
        ("s:4.1", 31, 41, "Of no one."),
    ]


def test_a_person_is_drawn_as_a_whole_and_so_is_a_source_of_no_one():
    person, nobody = codable_units(TALK, {}, "utterance")
    assert (person.cluster, nobody.cluster) == (("", "p1"), ("s", ""))


def test_of_nothing_there_are_no_units():
    assert codable_units(tables.frame("utterances", []), {}, "sentence") == []

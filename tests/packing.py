"""A packet with everything in it that a packet may have, to look at its forms."""

from dataclasses import replace

from qualcode.packets.model import Concept, Packet, Passage, Quotation


def passage(utterance, text):
    return Passage("c1", "k", "", "talk", utterance, 1, 0, len(text), text, False, 0, text)


def quotation(number, text="The short videos helped me.", utterances=("talk:2",), **more):
    return Quotation(number, text, tuple(passage(one, text) for one in utterances), **more)


def concept(number, many=2, category="Help", **more):
    """A concept with so many quotations, the first with its context."""
    around = {"before": "… and then I thought:", "after": "That was that.", "question": "What helped you?"}
    own = tuple(quotation(f"{number}.{n}", **(around if n == 1 else {})) for n in range(1, many + 1))
    named = Concept(f"code{number}", category, f"Resources {number}", "Things that explain the work.", number, 3, own)
    return replace(named, **more)


def packet(concepts=None, **more):
    """Two concepts below a category, one without, and two that only others spoke of."""
    shown = (
        concept(1, voices=("There was nobody to ask.",)),
        replace(concept(2, 0), quotations=(quotation("2.1", utterances=("talk:4", "talk:7")),)),
        concept(3, 1, category=""),
    )
    made = Packet(
        participant="a",
        pseudonym="Rosa",
        quote_consent="yes",
        kind="focus_group",
        title="What <b>helps</b> & why",
        people=6,
        concepts=shown if concepts is None else tuple(concepts),
        others=(Concept("time", "", "Time", "Finding the hours."), Concept("room", "Place", "Rooms", "Where to meet.")),
        contact="Ann Lee (ann@example.org)",
        deadline="1 May",
    )
    return replace(made, **more)

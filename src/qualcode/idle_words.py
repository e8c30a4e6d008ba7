"""What is said and carries no topic of its own: idle words, remarks in brackets; how common a word is in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .language import word_ranks

if TYPE_CHECKING:
    import numpy as np

    from .tokens import Tokens


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


# Listening signals, hesitations, asides and typists' remarks that a tagger takes for nouns and adjectives, or that
# there is no tagger for.
FILLERS = _words(
    """
    actually ah alright anyway aw basically bye cool crosstalk cuz damn dunno ed eh er erm fine gee going gonna
    gosh got gotta guess ha haha hello hey hi hm hmm huh inaudible just kinda like maybe mean mhm mine mm mm-hm
    mmm nah nope oh ok okay oops please pretty really right sorry sort sorta sure thank thanks things uh uh-huh
    uhh um umm unintelligible wanna well whatever whoa wow ya yeah yep yes yup
    """
)
# Nouns that stand for anything: no candidates alone, nor with an adjective ("hard time"); with a noun they may be.
GENERIC = _words(
    """
    afternoon amount anybody anyone anything area aspect back beginning bit bottom bunch case chance change
    couple date day deal decade degree detail difference direction dozen effort end evening everybody everyone
    everything example extent fact feel feeling folk form front future god group guy half hand head hope hour
    hundred idea instance interest issue item kind lady level life line list load lol look lot majority man
    manner matter middle million minute moment money month morning name nature need night nobody none nothing
    number o'clock one order other others pair part past people percent person piece place plenty point
    possibility present problem question range rate reason respect rest result second section sense set side
    situation size somebody someone something sort space stage start step stop stuff talk term thing thought
    thousand time today tomorrow ton tonight top topic total type use version view way week weekend while woman
    word work world year yesterday zero
    """
)
# Nouns that only count or hedge: "lots of", "the kind of", "a couple of".
HEDGES = _words(
    """
    all amount billion bit bunch chunk couple deal degree dozen front half handful hundred kind load lot
    majority many million most number one pair part piece plenty range rest series set some sort thing thousand
    ton type way
    """
)
# Adjectives that point, order or weigh rather than describe.
POINTING = _words(
    """
    able additional all another any available bad best better big certain clear close common complete different
    difficult double each early easy else enough entire every exact extra few final first following former full
    further general good great half happy hard high huge important interesting large last late latter least less
    likely little long low main major many minor more most much multiple new next nice nth numerous old only
    original other own particular possible previous quick random real recent regular respective right same
    second separate several short similar simple single small so-called some specific sub such super sure third
    tiny total true typical useful usual various very weird whole worse wrong young
    """
)
# Verbs that leave the meaning to their object, which is a candidate by itself ("get feedback").
LIGHT = _words(
    """
    ask be become begin believe bring call can come could do end feel figure find get give go guess happen have
    hear help hope imagine involve keep know let like look love make may mean mention might must need notice
    provide put realize receive remember say see seem set shall should show start suppose take talk tell think
    try turn understand use want watch will wish wonder work would
    """
)

# Zipf's law over a vocabulary of 30,000 words: the word of rank r makes 1 / (r · 10.9) of what is said.
_HARMONIC = 10.9
_UNKNOWN = 30_000


def share_in_english(word: str) -> float:
    """About what share of English a word makes, from its rank by frequency (Zipf 1949); that of a rare one if unknown.

    >>> share_in_english("the") > share_in_english("school") > share_in_english("handbook")
    True
    """
    return 1 / (_HARMONIC * word_ranks().get(word, _UNKNOWN))


def bracketed(tokens: Tokens) -> np.ndarray:
    """Which tokens are remarks in square brackets, as "[laughs]" and "[school]", brackets included: shape (tokens,)."""
    import numpy as np

    signs = {"[": 1, "]": -1}
    sign = np.array([signs.get(form, 0) for form in tokens.forms] or [0])[tokens.surface]
    depth = np.concatenate([[0], np.cumsum(sign)])
    # A bracket that is never closed ends with its utterance.
    before = depth[tokens.first[:-1]][tokens.utterance]
    return (depth[1:] > before) | (sign < 0)

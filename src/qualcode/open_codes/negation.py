"""Negation: which words a sentence says are absent, not done or not so.

From each cue outwards along the dependencies (Councill et al. 2010; Mehrabi et al. 2015, DEEPEN), so that the cost
grows with the number of cues; without a parse, the words that follow a cue (Chapman et al. 2001, NegEx). What sounds
like negation and is none ("not only", "no doubt", "can't complain") takes its cue away, as NegEx has it; "fail" and
"prevent" negate what they govern (Karttunen 1971), and "I don't think that" what follows (neg-raising, Horn 1978).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from ..tokens import Tokens
from .negation_words import CUES, ENDS, GOVERNING, NO_CUE, words_of
from .scopes import LONGEST, Reading

if TYPE_CHECKING:
    import numpy as np

# --- words that are the opposite of another --------------------------------------------------------------------------

# Parts of speech in which a prefix or ending turns a word into its opposite.
AFFIXED = frozenset({"ADJ", "ADV", "NOUN", "VERB"})
_PREFIX = re.compile(
    r"(?:un(?!der|til|less|i[cfloqtv]|ion|do|cover|fold|lock|pack|veil|ravel|leash|wind|cle)(?=.{4})|non-?(?=.{4})"
    r"|dis-?(?=.{4})(?!abilit|able|card|charge|cipl|close|count|course|cover|cuss|ease|miss|patch|pens|perse|place|play"
    r"|pos[ei]|solve|till|tinct|tribut|trict)"
    r"|in(?=.{5})(?!crease|dent|depth|different|fant|flam|form|hab|herit|house|line|most|patient|press|quir|spir|stall"
    r"|stance|sur|tense|tent|tere|tern|test|valuable|vest|voice|ward)|il(?=l.{5})(?!lustrat|lumin)|ir(?=r.{5})(?!rigat)"
    r"|im(?=[bmp].{4})(?!migra|part(?!ial)|plant|plement|port|pos[ei]|press|print|prov|puls))(?P<base>.+)"
)
_ENDING = re.compile(r"(?P<base>.{3,})less(?:ly|ness)?")
_NOT_LESS = words_of(
    "bless countless doubtless needless nevertheless nonetheless priceless regardless relentless restless"
)
_INFLECTED = re.compile(r"(?:(?<=e)d|ed|s)$")


def bases(form: str) -> tuple[str, ...]:
    """The words whose opposite a form is by its prefix or ending, in lower case; () for most forms.

    A form with -ed or -s stands for what it is made of, too.

    >>> bases("unsupportive"), bases("hopeless"), bases("disliked"), bases("until")
    (('supportive',), ('hope',), ('liked', 'like'), ())
    """
    if match := _ENDING.fullmatch(form):
        return () if form in _NOT_LESS else (match["base"],)
    match = _PREFIX.fullmatch(form)
    if not match:
        return ()
    base = match["base"]
    stem = _INFLECTED.sub("", base)
    made = [base, stem if len(stem) > 3 and not base.endswith("ss") else base]
    if base.endswith("ed"):
        made.append(base[:-1])
    return tuple(dict.fromkeys(made))


# --- what negates --------------------------------------------------------------------------------------------------


def negation(tokens: Tokens) -> np.ndarray:
    """The cue that negates each token: its position among the tokens, or -1. Shape (tokens,), int64.

    What two cues negate is not negated ("not without support").
    """
    import numpy as np

    made = np.full(len(tokens), -1, dtype=np.int64)
    cues = _cues(tokens)
    if not tokens.parsed:
        return _windows(tokens, cues, made)
    reading = Reading(tokens)
    for _, group in groupby(cues, key=lambda item: reading.sentence[item[0]]):
        scopes = {cue: scope for cue, kind in group if (scope := reading.scope(cue, kind))}
        if len(scopes) > 1:
            _once(scopes, reading)
            _cancel(scopes, reading)
        times = Counter(token for scope in scopes.values() for token in scope)
        for cue, scope in scopes.items():
            made[[token for token in scope if times[token] == 1]] = cue
    return made


def _once(scopes: dict[int, set[int]], reading: Reading) -> None:
    """What is only said twice is negated once: "neither ... nor", "never have never", "didn't get no help"."""
    verbs: dict[int, int] = {}
    reached: set[int] = set()
    for cue in sorted(scopes):
        verb = reading.verb(cue)
        first = verbs.setdefault(verb, cue) if verb >= 0 else cue
        if first != cue:
            scopes[cue] -= scopes[first]
        if reading.form[cue] == "nor":
            scopes[cue] -= reached
        reached |= scopes[cue]


def _cancel(scopes: dict[int, set[int]], reading: Reading) -> None:
    """Take away the scope of a cue that is negated itself: "never failed to help", "nobody who didn't help"."""
    for cue in sorted(scopes):
        form, head = reading.form[cue], reading.head[cue]
        kind = CUES.get(form, "governing" if reading.lemma[cue] in GOVERNING else "adverb")
        if kind in {"governing", "before", "predicate"}:
            inside = {cue, head} if form == "without" else {cue}
        elif kind == "adverb" and reading.dep[head] == "relcl":
            inside = {reading.head[head]}
        else:
            continue
        for other in [other for other in scopes if cue - LONGEST < other < cue and inside & scopes[other]]:
            if "which" not in reading.form[other:cue]:
                # "couldn't have done it without her": it was done, too.
                scopes[other] -= scopes[other] if form == "without" else scopes[cue]
                scopes[cue] = set()


def _cues(tokens: Tokens) -> list[tuple[int, str]]:
    """(token, kind) of all that may be a cue, by position."""
    import numpy as np

    kinds = np.array([CUES.get(form, "adverb" if form.endswith("n't") else "") for form in tokens.plain] or [""])
    verbs = np.array([form in GOVERNING for form in tokens.plain] or [False])
    where = np.flatnonzero((kinds[tokens.surface] != "") | verbs[tokens.lemma])
    return [(int(at), str(kinds[tokens.surface[at]]) or "governing") for at in where]


def _windows(tokens: Tokens, cues: Iterable[tuple[int, str]], made: np.ndarray, width: int = 5) -> np.ndarray:
    """The words that follow a cue, up to five, a conjunction or a mark (NegEx: Chapman et al. 2001)."""
    form = tokens.plain
    sentence = tokens.sentence
    for cue, kind in cues:
        word = form[tokens.surface[cue]]
        if kind not in {"adverb", "determiner", "pronoun", "pair"} and word not in {"without", "lack", "absence"}:
            continue
        for token in range(cue + 1, min(cue + width + 1, len(tokens))):
            following = form[tokens.surface[token]]
            taken = token == cue + 1 and following in NO_CUE.get("not" if word.endswith(("n't", "nt")) else word, ())
            if sentence[token] != sentence[cue] or following in ENDS or following in ",.?!" or taken:
                break
            made[token] = cue
    return made

"""Words of cause, purpose, condition and consequence in a sentence, and what stands on their two sides (English)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ..content import CONTENT, LIGHT, LONG_ENOUGH, stop_words

if TYPE_CHECKING:
    from ..tokens import Tokens

Opens = Literal["cause", "consequence", "between"]


@dataclass(frozen=True)
class Connective:
    """Words that relate what stands around them.

    `opens` is what the clause that they open is to the other one; between: what stands before them is the cause of
    what stands after them. `verb`: they are one with its preposition, and may be denied like any verb.
    """

    relation: str
    opens: Opens
    words: tuple[str, ...]
    verb: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# By relation: what the clause is that they open, and their tokens.
_WORDINGS: tuple[tuple[str, Opens, str], ...] = (
    ("because", "cause", "because|'cause|’cause|cause|cuz|coz"),
    ("so that", "consequence", "so that"),
    ("in order to", "consequence", "in order to|in order for|in order that"),
    ("if", "cause", "if"),
    ("leads to", "between", "lead to|leads to|led to|leading to|result in|results in|resulted in|resulting in"),
    ("leads to", "between", "that 's why|that ’s why|that is why|which is why|therefore|, so"),
)
_VERBS = ("lead", "leads", "led", "leading", "result", "results", "resulted", "resulting")
_BY_WORDS = {
    tuple(words.split()): Connective(relation, opens, tuple(words.split()), words.split()[0] in _VERBS)
    for relation, opens, wordings in _WORDINGS
    for words in wordings.split("|")
}
# A sentence that opens with these speaks of the one before it.
JOINING = [words for words, item in _BY_WORDS.items() if item.opens == "between" and words[-1] in ("why", "therefore")]
_LONGEST = max(map(len, _BY_WORDS))
# Where there is a parse it has to bear out that these open a clause: "ask if …", "the cause of …".
_DOUBTFUL = {("if",), ("cause",)}
# "even if it rains" names no condition; "as if", "what if", "ask if" are none either.
_NO_CONDITION = _words("even as what ask asked asking know wonder see sure tell happens happen")
# "…, so far" and the like bring nothing about.
_NO_CONSEQUENCE = _words("far on forth many much long to that called what , .")
# Who may follow where "so that" opens a clause and no parse bears it out; else "that" may be a pronoun.
_SUBJECTS = _words(
    "i you he she it we they people everyone everybody nobody someone my your his her our their the a an there"
)
# Before these "lead" and "result" are no verbs.
_BEFORE_NOUNS = _words("the a an this these those my your his her its our their")
_OPENING = _words("and but so or well um uh er erm hm hmm mm mhm ah yeah yes no oh ok okay right like actually")
# What a clause may depend on by a slip of the parser, and is only a part of the clause that it is said of.
_IN_A_CLAUSE = _words("acomp amod attr compound dobj npadvmod nsubj nsubjpass pcomp pobj prep xcomp")
# What denies in a clause, right before what it denies, and right behind it.
_CUES = _words("not n't n’t never no nobody none nothing hardly barely rarely neither nor")
_NEAR_CUES = _words("not n't n’t never hardly barely rarely neither nor without")
_AFTER_CUES = _words("no nothing nobody none")
# "I didn't because …" denies no reason; "it wasn't because …" does.
_DOING = _words("do does did can could ca will wo would should have has had")
# "not only because" denies nothing; "not really because" does.
_REASONS = _words("because 'cause ’cause cuz coz")
_NO_DENIAL = _words("only just merely simply solely")
_BETWEEN_CUE_AND = _words("really even necessarily exactly actually always ever directly so be been being")
# "I don't think that it led to …" denies what follows (neg-raising, Horn 1978).
_RAISING = _words("think thought believe believed say said saying mean feel felt suppose guess imagine find")
_CLAUSE_ENDS = _words(", ; : and but because so if when")
# Verbs that deny what they govern (Karttunen 1971).
_DENYING = _words("doubt doubts doubted deny denies denied fail fails failed prevent prevents prevented preventing")
_MODAL = _words("can could may might will would should 'll 'd")
# "It isn't the hours that led to …", "it kept me from …", "without it leading to …".
_GOVERNED = _words("ccomp xcomp pcomp acomp relcl acl attr prep pobj")
# A question may be put after what is told: "…, you know?"
_TAG = 3


@dataclass(frozen=True)
class Sentence:
    """A sentence as lists: words in lower case, relations, heads within the sentence, parts of speech."""

    words: list[str]
    dep: list[str]
    head: list[int]
    pos: list[str]

    @classmethod
    def of(cls, tokens: Tokens, first: int, last: int) -> Sentence:
        """The tokens from `first` to before `last`."""
        words = [tokens.forms[code].lower() for code in tokens.surface[first:last].tolist()]
        heads = [
            head - first if first <= head < last else at for at, head in enumerate(tokens.head[first:last].tolist())
        ]
        return cls(words, tokens.dep[first:last].tolist(), heads, tokens.pos[first:last].tolist())

    @cached_property
    def parsed(self) -> bool:
        return any(self.dep)

    @cached_property
    def empty(self) -> set[int]:
        """The places of marks, and of words that only open or fill a sentence."""
        return {at for at, word in enumerate(self.words) if word in _OPENING or not any(map(str.isalnum, word))}

    @cached_property
    def content(self) -> set[int]:
        """The places of words that tell something; without a model, of those that are long and not everywhere."""
        found = (at for at, word in enumerate(self.words) if word not in LIGHT and at not in self.empty)
        if self.parsed:
            return {at for at in found if self.pos[at] in CONTENT}
        return {at for at in found if self.words[at] not in stop_words() and len(self.words[at]) >= LONG_ENOUGH}

    def below(self, root: int) -> set[int]:
        """A word and all that depends on it."""
        children: dict[int, list[int]] = {}
        for at, head in enumerate(self.head):
            if head != at:
                children.setdefault(head, []).append(at)
        found, waiting = set(), [root]
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += children.get(at, [])
        return found


@dataclass(frozen=True)
class Related:
    """A connective in a sentence, and the places of the words that tell the cause (means, condition) and the
    consequence. Not `sure`: something is denied, and it may be the relation."""

    connective: Connective
    at: int
    cause: set[int]
    consequence: set[int]
    sure: bool


def related(sentence: Sentence) -> Iterator[Related]:
    """What a sentence relates, in its order; nothing where it denies that, or asks."""
    found = connectives(sentence)
    standing = {at: _denial(sentence, connective, at) for connective, at in found}
    # What is no cause is not what another cause brings about either: "not because of a, but because of b".
    void: set[int] = set()
    for connective, at in found:
        if standing[at] == "denied" and connective.opens == "cause":
            clause = sides(sentence, connective, at, void)[0]
            if not sentence.parsed:
                comma = next((place for place in sorted(clause) if sentence.words[place] == ","), len(sentence.words))
                clause = {place for place in clause if place < comma}
            void |= {at - 1, at} | clause
    for connective, at in found:
        if standing[at] == "denied" or _asked(sentence, at):
            continue
        cause, consequence = sides(sentence, connective, at, void)
        yield Related(connective, at, cause - void, consequence - void, standing[at] == "told")


def connectives(sentence: Sentence) -> list[tuple[Connective, int]]:
    """Connectives of a sentence with the place of each; where one is in another, the longer."""
    found = []
    taken = -1
    for at in range(len(sentence.words)):
        for length in range(_LONGEST, 0, -1):
            connective = _BY_WORDS.get(tuple(sentence.words[at : at + length]))
            if connective and at > taken and _relates(sentence, connective, at):
                found.append((connective, at))
                taken = at + length - 1
                break
    return found


def _relates(sentence: Sentence, connective: Connective, at: int) -> bool:
    """Whether the words are a connective here, and no others that are written alike."""
    after = at + len(connective.words)
    before, following = ([*sentence.words, ""][place] for place in (at - 1, after))
    if connective.words == (",", "so"):
        return bool(following) and following not in _NO_CONSEQUENCE
    if connective.relation == "so that":
        return _opens_clause(sentence, at + 1) if sentence.parsed else following in _SUBJECTS
    if connective.verb:
        noun = sentence.pos[at] in ("NOUN", "PROPN") if sentence.parsed else before in _BEFORE_NOUNS
        return not noun and following != "by"
    return not (connective.relation == "if" and at and before in _NO_CONDITION)


def _opens_clause(sentence: Sentence, that: int) -> bool:
    """Whether the "that" of "so that" is no pronoun: "so that is why", "so that thing was fine"."""
    after = that + 1
    if after == len(sentence.words) or sentence.dep[that] != "mark" or sentence.pos[after] in ("VERB", "AUX"):
        return False
    if sentence.pos[after] != "NOUN":
        return True
    # Before a single thing it may be one all the same, unless the clause says what can or should be.
    thing = sentence.head[after] if sentence.dep[after] in ("compound", "amod") else after
    clause = sentence.head[that]
    modal = any(word in _MODAL and sentence.head[at] == clause for at, word in enumerate(sentence.words))
    return modal or sentence.words[thing].endswith("s")


def _asked(sentence: Sentence, at: int) -> bool:
    """Whether what holds the connective is a question; not where only the last words are, behind a comma."""
    words = sentence.words
    end = next((place for place in range(at, len(words)) if words[place] in (".", "!", "?")), None)
    if end is None or words[end] != "?":
        return False
    commas = [place for place in range(at + 1, end) if words[place] == ","]
    return not commas or end - commas[-1] - 1 > _TAG


# --- what is denied --------------------------------------------------------------------------------------------------


def _denial(sentence: Sentence, connective: Connective, at: int) -> Literal["denied", "doubtful", "told"]:
    """Whether the relation is denied, or stands behind a clause that is: "I wasn't tired because of the hours"."""
    words, after = sentence.words, at + len(connective.words)
    near = at - 1
    while near >= 0 and words[near] in _BETWEEN_CUE_AND:
        near -= 1
    if connective.verb and words[max(at - 2, 0) : at] == ["no", "longer"]:
        return "denied"
    if near >= 0 and words[near] in _NEAR_CUES and connective.words not in (("if",), (",", "so")):
        return "doubtful" if not connective.verb and near and words[near - 1] in _DOING else "denied"
    if connective.verb and _AFTER_CUES.intersection(words[after : after + 1]):
        return "denied"
    cues = (_cues_parsed if sentence.parsed else _cues_before)(sentence, connective, at)
    if cues & (_RAISING | _DENYING):
        return "denied"
    if not cues or connective.relation == "if":
        return "told"
    if connective.opens == "between":
        return "denied" if connective.verb else "told"
    # Behind a comma the reason is given for what is denied, and not denied with it.
    return "told" if at and words[at - 1] == "," else "doubtful"


def _cue(words: Sequence[str], at: int) -> bool:
    following = words[at + 1] if at + 1 < len(words) else ""
    return (
        words[at] in _CUES and following not in _NO_DENIAL | _REASONS and not (words[at] == "no" and following == ",")
    )


def _cues_before(sentence: Sentence, connective: Connective, at: int) -> set[str]:
    """What is denied in the clause before a connective: the word that follows each cue, and verbs that deny."""
    words = sentence.words
    found = set()
    for place in range(at - 1, -1, -1):
        if words[place] in _CLAUSE_ENDS and words[place:at] != [","]:
            break
        if _cue(words, place):
            found.add(next((word for word in words[place + 1 : at] if word not in _BETWEEN_CUE_AND), ""))
        if connective.verb and words[place] in _DENYING | {"without"}:
            found.add(words[place])
    return found


def _cues_parsed(sentence: Sentence, connective: Connective, at: int) -> set[str]:
    """What is denied of the verb that a connective is or depends on, and of those above it; verbs that deny."""
    after = at + len(connective.words)
    if connective.opens == "between":
        # "that's why" depends as its verb does.
        verb = at if connective.verb else at + 1 if connective.words[-1] == "why" else -1
    else:
        verb = (_clause(sentence, at, after) or (-1, -1))[1]
    if verb < 0:
        return set()
    above = _governing(sentence, verb)
    found = {sentence.words[place] for place in above if sentence.words[place] in _DENYING | {"without"}}
    found |= _cues_before(sentence, connective, at) & _DENYING
    for place in (place for place in range(at) if _cue(sentence.words, place)):
        head = sentence.head[place]
        # "no hours led to …": the cue is said of the subject.
        if head not in above and sentence.dep[place] in ("det", "neg", "advmod"):
            head = sentence.head[head]
        if head in above and sentence.dep[place] != "intj":
            found.add(sentence.words[head])
    return found


def _governing(sentence: Sentence, verb: int) -> set[int]:
    """A verb and those that it is the object of, or shares their subject with: "I don't think …", "it failed to …"."""
    above = {verb}
    while (head := sentence.head[verb]) not in above:
        subject = any(
            dep in ("nsubj", "nsubjpass") and sentence.head[at] == verb for at, dep in enumerate(sentence.dep)
        )
        if sentence.dep[verb] not in _GOVERNED and (subject or sentence.dep[verb] != "conj"):
            break
        above.add(verb := head)
    return above


# --- what stands on either side --------------------------------------------------------------------------------------


def sides(sentence: Sentence, connective: Connective, at: int, void: set[int]) -> tuple[set[int], set[int]]:
    """The places of the words that tell the cause (means, condition), and of those that tell the consequence."""
    after = at + len(connective.words)
    if connective.opens == "between":
        return set(range(at)), set(range(after, len(sentence.words)))
    found = _by_dependency(sentence, at, after)
    if found is None and connective.words in _DOUBTFUL and (sentence.parsed or connective.words == ("cause",)):
        return set(), set()
    clause, main = found or _by_position(sentence, at, after, void)
    return (clause, main) if connective.opens == "cause" else (main, clause)


def _clause(sentence: Sentence, at: int, after: int) -> tuple[int, int] | None:
    """The head of the clause that the connective opens, and the word that this clause depends on."""
    inside = range(at, min(after + 1, len(sentence.words)))
    heads = [sentence.head[place] for place in inside if sentence.dep[place] in ("mark", "aux")]
    heads += [at] if sentence.dep[at] == "prep" else []
    for head in heads:
        above = sentence.head[head]
        while sentence.head[above] != above and (above in inside or sentence.dep[above] in _IN_A_CLAUSE):
            above = sentence.head[above]
        if sentence.dep[head] in ("advcl", "prep", "relcl", "acl") and above != head:
            return head, above
    return None


def _by_dependency(sentence: Sentence, at: int, after: int) -> tuple[set[int], set[int]] | None:
    """The clause that the connective opens, and the one that this depends on, without what is coordinated with it."""
    found = _clause(sentence, at, after)
    if found is None:
        return None
    head, above = found
    clause = sentence.below(head)
    main = sentence.below(above) - clause
    for place, dep in enumerate(sentence.dep):
        if dep == "conj" and sentence.head[place] == above and place not in clause:
            main -= sentence.below(place)
    return clause, main


def _by_position(sentence: Sentence, at: int, after: int, void: set[int]) -> tuple[set[int], set[int]]:
    """The clause up to the comma where the connective opens the sentence; else all that follows it."""
    words = sentence.words
    if any(place not in sentence.empty | void and words[place] not in _CUES for place in range(at)):
        return set(range(after, len(words))), set(range(at))
    comma = next((place for place in range(after, len(words)) if words[place] == ","), len(words))
    return set(range(after, comma)), set(range(comma + 1, len(words)))

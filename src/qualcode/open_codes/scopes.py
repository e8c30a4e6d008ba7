"""The scope of a cue of negation: which words it reaches along the dependencies of a sentence.

Sources: Councill et al. 2010 (scopes from dependencies), Mehrabi et al. 2015 (DEEPEN: dependencies correct the
window of NegEx), Karttunen 1971 ("fail to", "prevent from"), Horn 1978 ("I don't think that").
"""

from __future__ import annotations

from collections.abc import Iterator

from ..tokens import Tokens
from .negation_words import (
    ABOUT,
    ALONE,
    AUXILIARY,
    BEFORE,
    BY_NO_MEANS,
    CAUSING,
    CLAUSE_VERBS,
    CUES,
    ENDS,
    EXISTING,
    FILLERS,
    FINITE,
    FROM_VERBS,
    GIVEN,
    GIVEN_OUT,
    GOVERNING,
    HAVING,
    HELD,
    INFINITIVE_VERBS,
    INVERSE,
    MODAL,
    MODIFIER,
    NO_CUE,
    NO_CUES,
    OBJECT,
    OBJECT_VERBS,
    OPEN,
    PASSING,
    PRAISING,
    PRONOUNS,
    RAISING,
    SUBJECT,
    SUBJECTS_OF_CLAUSES,
    THERE,
    UNCOMPLAINING,
    UNPROBLEMATIC,
)

# No scope is longer, so that no text makes a cue dear.
LONGEST = 60


class Reading:
    """The parses of a source as lists, which are quicker than arrays where single tokens are looked at."""

    def __init__(self, tokens: Tokens) -> None:
        import numpy as np

        forms = tokens.plain
        self.form = [forms[code] for code in tokens.surface.tolist()]
        self.lemma = [forms[code] for code in tokens.lemma.tolist()]
        self.dep, self.tag = tokens.dep.tolist(), tokens.tag.tolist()
        self.head = tokens.head.tolist()
        self.sentence, self.utterance = tokens.sentence.tolist(), tokens.utterance.tolist()
        self._ends = np.searchsorted(tokens.sentence, tokens.sentence, side="right").tolist()
        self._order = np.argsort(tokens.head, kind="stable").tolist()
        self._begins = np.concatenate([[0], np.cumsum(np.bincount(tokens.head, minlength=len(tokens)))]).tolist()

    def children(self, token: int, *deps: str) -> list[int]:
        """What depends on a token, in order; only in these relations if any are named."""
        found = self._order[self._begins[token] : self._begins[token + 1]]
        return [child for child in found if child != token and (not deps or self.dep[child] in deps)]

    def scope(self, cue: int, kind: str) -> set[int]:
        """What a cue of a kind (`negation_words.CUES`) negates: tokens, the cue not counted."""
        end = self._end(cue + ((self.form[cue], self._form(cue, 1)) == ("anything", "but")))
        answered = list(self._answered(cue))
        if not answered and (self._void(cue) or self._in_time(cue, end)):
            return set()
        starts = set(answered or getattr(self, "_" + kind)(cue, end))
        reached: set[int] = set()
        # Free: what may stand before the cue, because it is a subject that is not there.
        todo = [(start, start < cue and (bool(answered) or not self._verb(start))) for start in starts if start < end]
        while todo:
            token, free = todo.pop()
            if token in reached:
                continue
            reached.add(token)
            for child in self.children(token):
                if self._passes(token, child):
                    absent = self.dep[child] in SUBJECT
                    if free or absent or cue < child < end:
                        todo.append((child, free or absent))
        return {token for token in reached if token != cue and not self._qualified(token, reached)}

    def _qualified(self, token: int, reached: set[int]) -> bool:
        """Whether it is only how something is that is negated: the talk in "it was no easy talk" took place."""
        head = self.head[token]
        described = reached.intersection(self.children(token, "amod"))
        return bool(self.dep[token] == "attr" and described and not self.children(head, "expl"))

    def _answered(self, cue: int) -> Iterator[int]:
        """What a word answers that stands alone: "Feedback? None.", "Structure: none"."""
        if self.form[cue] not in {"none", "no", "not", "never", "nothing", "zero"}:
            return
        if not ALONE.issuperset(self.form[cue + 1 : self._last(cue)]):
            return
        if self._form(cue, -1) == ":" and self._form(cue, -2):
            yield cue - 2
        elif cue and self.form[cue - 1] == "?" and self.utterance[cue - 1] == self.utterance[cue]:
            yield from self._roots(self._first(cue - 1), cue)
        elif self._form(cue, -1) == "," and self.form[cue] == "no" and self._tagged(self._first(cue), 0, "VB"):
            yield from self._roots(self._first(cue), cue)

    def _roots(self, start: int, end: int) -> list[int]:
        return [token for token in range(start, end) if self.head[token] == token]

    # --- where a scope begins -------------------------------------------------------------------------------------

    def _adverb(self, cue: int, end: int) -> Iterator[int]:
        head = self.head[cue]
        while not self._verb(head) and self.dep[head] in MODIFIER | {"det"} and self.head[head] > cue:
            head = self.head[head]
        if self.dep[head] in {"aux", "auxpass"}:
            head = self.head[head]
        if self._verb(head) and (head > cue or self.lemma[head] in AUXILIARY):
            yield head
            if self.lemma[head] == "do" and self.head[head] > cue and not self.children(self.head[head], "neg"):
                # "I didn't, you know, get any": the parse has two verbs.
                yield self.head[head]
        elif self.dep[head] in SUBJECT and head > cue:
            yield self.head[head]
            yield head
        else:
            yield from self._right(cue + 1, end)

    def _determiner(self, cue: int, end: int) -> Iterator[int]:
        head, form = self.head[cue], self.form[cue]
        if form in {"little", "few"} and self._some(cue):
            return
        if self.form[head] in {"longer", "more"} and form == "no":
            yield self.head[head]
        elif head > cue and self.dep[cue] != "intj" and not (form == "no" and self._verb(head)):
            yield head
            yield from self._governor(head)
            if self.dep[head] == "pobj" and self.form[head] in BY_NO_MEANS:
                yield self.head[self.head[head]]
        elif form in {"little", "few"}:
            yield from self._governor(cue)
        elif form == "no" and self.dep[cue] != "intj" and not self._verb(head):
            yield from self._right(cue + 1, end)

    def _pronoun(self, cue: int, end: int) -> Iterator[int]:
        yield cue
        yield from self._next(cue, end, "about", {"NN", "NNS", "VBG"})
        yield from self._governor(cue)

    def _pair(self, cue: int, end: int) -> Iterator[int]:
        head = self.head[cue]
        if self.form[cue] == "nor" and head < cue:
            joined = [child for child in self.children(head, "conj") if child > cue]
            yield from joined or self._right(cue + 1, end)
        elif head > cue:
            yield head
            yield from self._governor(head)
        else:
            yield cue
            yield from self._governor(cue)

    def _before(self, cue: int, end: int) -> Iterator[int]:
        form = self.form[cue]
        before, after = BEFORE[form]
        if self._verb(cue) and self.lemma[cue] in GOVERNING:
            yield from self._governing(cue, end)
        elif before in {"", self._form(cue, -1)} and after in {"", self._form(cue, 1)}:
            found = self._right(cue + 1 + bool(after), end)
            # "far from school" is a place.
            yield from [at for at in found if form != "far" or self.tag[at][:2] in {"JJ", "VB"}]

    def _too(self, cue: int, end: int) -> Iterator[int]:
        if self.head[cue] > cue:
            yield from self._next(cue, min(end, cue + 10), "to", {"VB"})

    def _governing(self, cue: int, end: int) -> Iterator[int]:
        lemma = self.lemma[cue]
        if lemma in FROM_VERBS and self._verb(cue):
            yield from self._next(cue, min(end, cue + 12), "from", {"VBG"})
        if lemma in CLAUSE_VERBS and self._verb(cue):
            yield from self.children(cue, "ccomp")
        if lemma in OBJECT_VERBS and self._verb(cue):
            yield from self.children(cue, "dobj", "oprd", "nsubjpass")
        if lemma in INFINITIVE_VERBS and self._verb(cue):
            yield from self._next(cue, min(end, cue + 4), "to", {"VB"})
            yield from [at for at in range(cue + 1, min(end, cue + 2)) if self.tag[at] == "VBG"]
        elif lemma not in GOVERNING:
            yield from self._next(cue, min(end, cue + (2 if lemma == "yet" else 8)), "to", {"VB"})
            yield from self._next(cue, min(end, cue + 3), "of", {"VBG"})

    def _predicate(self, cue: int, end: int) -> Iterator[int]:  # noqa: ARG002
        objects = self.children(cue, "dobj") or [
            at
            for preposition in self.children(cue, "prep")
            if self.form[preposition] == "in"
            for at in self.children(preposition, "pobj")
            if not self._given(at)
        ]
        if objects:
            yield from objects
        elif self.dep[cue] == "amod":
            yield self.head[cue]
        else:
            yield from self.children(cue, *SUBJECT) or self.children(self.head[cue], *SUBJECT)

    def verb(self, cue: int) -> int:
        """The verb that a cue negates by itself, or through its object; -1 if it is no such cue."""
        head = self.head[cue]
        kind = CUES.get(self.form[cue], "")
        if kind == "adverb":
            return head if self._verb(head) else -1
        noun = {"determiner": head, "pronoun": cue}.get(kind, -1)
        return self.head[noun] if noun >= 0 and self.dep[noun] in {"dobj", "attr"} else -1

    def _governor(self, noun: int) -> Iterator[int]:
        """The verb of a subject or an object that is none."""
        if self.dep[noun] in {"nsubj", "nsubjpass", "dobj", "dative", "oprd"}:
            yield self.head[noun]

    def _right(self, start: int, end: int) -> Iterator[int]:
        """The head of what stands right of a place."""
        for token in range(start, end):
            if self.tag[token] == "IN":
                start = token + 1
            if self.tag[token][:2] in {"NN", "VB", "JJ"} and not start <= self.head[token] < end:
                yield token
                return
            if self.head[token] == token:
                yield token
                return

    def _next(self, cue: int, end: int, word: str, tags: set[str]) -> list[int]:
        """The first token with one of these tags that follows a word."""
        for place in range(cue + 1, end):
            if self.form[place] == word:
                near = range(place + 1, min(place + 4, self._last(cue)))
                return [at for at in near if self.tag[at] in tags][:1]
        return []

    # --- what it passes on to ------------------------------------------------------------------------------------

    def _passes(self, head: int, child: int) -> bool:
        dep, lemma = self.dep[child], self.lemma[head]
        if dep in SUBJECT:
            return self._verb(head) and self._absent(head, child)
        if dep in {"attr", "acomp", "prt"} or dep in MODIFIER:
            return dep != "npadvmod"
        if dep in OBJECT:
            return lemma in HAVING or not self._given(child)
        if dep == "prep":
            return self.form[child] == "of" or self._verb(head) or self.tag[head][:2] == "JJ"
        if dep == "pcomp":
            return self.form[head] in ABOUT
        if dep == "pobj":
            return self._about(head, child)
        if dep == "xcomp":
            return self._passes_verb(head)
        if dep == "advcl":
            return any(self.form[item] in {"to", "like", "as"} for item in self.children(child, "aux", "mark"))
        if dep == "ccomp":
            return self._raises(head, child)
        if dep == "conj":
            return self._joined(head, child)
        if dep in {"acl", "relcl"} and self.children(child, "neg", "mark"):
            # "No evidence that it works": that is left open.
            return False
        infinitive = any(self.form[item] == "to" for item in self.children(child, "aux"))
        return dep in {"acl", "relcl"} and (infinitive or not self._given(head)) and lemma not in UNPROBLEMATIC

    def _about(self, preposition: int, noun: int) -> bool:
        """Whether what a preposition names is not there: not in "I can't rely on papers", but in "for any papers"."""
        if self.form[noun] in OPEN or any(self.form[item] in OPEN for item in self.children(noun)):
            return True
        head = self.head[preposition]
        if self.form[head] in OPEN:
            return True
        return not self._given(noun) and (self.form[preposition] == "of" or self.lemma[head] in HAVING)

    def _passes_verb(self, head: int) -> bool:
        """Whether not to be, or do, what a word says is not to do what follows it."""
        described = [head] if self.tag[head][:2] == "JJ" else self.children(head, "acomp")
        if described:
            return any(self.form[item] in PASSING for item in described)
        return self.lemma[head] not in INVERSE

    def _absent(self, verb: int, subject: int) -> bool:
        """Whether not to do what the verb says is, for its subject, not to be there: "the support never came"."""
        if any(self.form[child] == "any" for child in self.children(subject, "det")) or self.form[subject] == "any":
            return True
        lemma = self.lemma[verb]
        if self.children(verb, "auxpass"):
            return lemma in GIVEN_OUT
        if lemma == "be":
            return any(self.form[child] in THERE for child in self._complements(verb))
        if self.dep[verb] == "ccomp" and self.lemma[self.head[verb]] in HAVING and self.children(verb, "aux"):
            return not self._given(subject)
        chain = [verb, *self.children(verb, "xcomp")]
        if self.children(verb, "acomp", "prt"):
            return False
        place = lemma == "take" and any(self.form[child] == "place" for child in self.children(verb, "dobj"))
        return place or any(self.lemma[item] in EXISTING for item in chain)

    def _complements(self, verb: int) -> list[int]:
        found = self.children(verb, "acomp", "attr", "advmod", "prep")
        return [*found, *(at for item in found for at in self.children(item, "pobj"))]

    def _raises(self, head: int, child: int) -> bool:
        """Whether what is not thought is thought not to be so: "I don't think it helped"."""
        if any(self.form[item] in PASSING for item in [head, *self.children(head, "acomp", "attr")]):
            return True
        if any(self.form[item] == "to" for item in self.children(child, "aux")):
            return True
        if self.lemma[head] in CAUSING:
            return self.tag[child] not in FINITE and not self.children(child, "mark")
        if self.lemma[head] == "be" and not self.children(head, "acomp"):
            return any(self.form[item] == "that" for item in self.children(child, "mark"))
        # "I wouldn't say it helped" says that it did not; "she didn't say it helped" leaves it open.
        opinion = self.lemma[head] == "say" and any(self.form[item] in MODAL for item in self.children(head, "aux"))
        return opinion or self.lemma[head] in RAISING

    def _joined(self, head: int, child: int) -> bool:
        words = [self.form[item] for item in self.children(head, "cc")]
        own = self.children(child, "neg", "nsubj", "nsubjpass")
        if {"but", "so"} & set(words) or any(self.form[item] in CUES for item in self.children(child)):
            return False
        if self._verb(head) and self.tag[child].startswith("NN"):
            return False
        if "or" in words or "nor" in words:
            return True
        if own:
            return False
        if self._verb(head) and self._verb(child):
            return self.tag[head] == self.tag[child] and self.tag[head] in {"VB", "VBN", "VBG"}
        list_of_two = self.dep[head] != "conj" and "and" in words
        comma = any(self.form[item - 1] == "," for item in self.children(head, "cc"))
        return not (list_of_two and comma) and self._given(head) >= self._given(child)

    def _given(self, noun: int) -> bool:
        """Whether a noun tells of what is there in any case: "the effort", "her kindness"."""
        before = self.children(noun, "det", "poss")
        return any(self.form[child] in GIVEN or self.dep[child] == "poss" for child in before)

    # --- where it ends, and what is no cue -----------------------------------------------------------------------

    def _last(self, token: int) -> int:
        """Where the sentence ends, or so many tokens on."""
        return min(self._ends[token], token + LONGEST)

    def _end(self, cue: int) -> int:
        last = self._last(cue)
        for token in range(cue + 1, last):
            form = self.form[token]
            if form in ENDS and not (form in {"if", "though"} and self.form[token - 1] == "as"):
                return token
            if form in {",", "and", "so", "then"} and self._begins_clause(token, last):
                return token
            if form in PRONOUNS and self._tagged(token, -1, "NN") and self.tag[min(token + 1, last - 1)] in FINITE:
                # "it isn't a test it's a talk": speech has no marks
                return token
            if form == "," and self._form(token, 1) == "and" and "," not in self.form[cue:token]:
                return token
        return last

    def _begins_clause(self, token: int, last: int) -> bool:
        """Whether a comma or conjunction is followed by someone who does something else."""
        at = token + 2 if self._form(token, 1) in {"and", "so", "then"} else token + 1
        if at >= last or self.form[at] not in SUBJECTS_OF_CLAUSES:
            return False
        filler = self.form[at] in {"i", "you"} and self._form(at, 1) in FILLERS
        return not (filler and self._form(at, 2) not in SUBJECTS_OF_CLAUSES)

    def _first(self, token: int) -> int:
        """Where the sentence begins."""
        first = token
        while first > max(0, token - LONGEST) and self.sentence[first - 1] == self.sentence[token]:
            first -= 1
        return first

    def _form(self, token: int, step: int) -> str:
        """The form so many tokens on (or back); '' outside the sentence."""
        there = token + step
        inside = 0 <= there < len(self.form) and self.sentence[there] == self.sentence[token]
        return self.form[there] if inside else ""

    def _verb(self, token: int) -> bool:
        return self.tag[token][:2] in {"VB", "MD"}

    def _some(self, cue: int) -> bool:
        """Whether "little" and "few" say that there are some, or how big they are."""
        if self._form(cue, -1) in GIVEN | {"a", "quite", "last", "next", "first", "past"}:
            return True
        small = self.tag[self.head[cue]] == "NNS" or bool(self.children(self.head[cue], "det", "poss"))
        return self.form[cue] == "little" and self.dep[cue] == "amod" and small

    def _in_time(self, cue: int, end: int) -> bool:
        """Whether it is said when it was so after all: "not until May"."""
        return self._form(cue, end - cue) in {"until", "till"} and CUES.get(self._plainly(cue)) in {
            "adverb",
            "determiner",
            "pronoun",
        }

    def _plainly(self, cue: int) -> str:
        return "not" if self.form[cue].endswith(("n't", "nt")) else self.form[cue]

    def _void(self, cue: int) -> bool:
        """Whether what looks like a cue is none."""
        form, before = self._plainly(cue), self._form(cue, -1)
        after, second = self._form(cue, 1), self._form(cue, 2)
        again = self.form[cue] in {after, second if after == "," or self.form[cue] == "n't" else ""}
        if again or after in NO_CUE.get(form, ()) or (form, after, second) in NO_CUES:
            return True
        if form == "no":
            return (before, after) == ("make", "mistake") or after in SUBJECTS_OF_CLAUSES | {",", ".", "!"}
        if form == "not" and before in {"why", "if"}:
            return before == "why" or not self._tagged(cue, 1, "VB")
        if form == "not" and (
            before in {"or", "whether"} or (self._form(cue, -2), before) == ("or", self._form(cue, -3))
        ):
            return True
        return form in {"not", "never"} and (self._asked(cue) or self._praised(cue))

    def _asked(self, cue: int) -> bool:
        """Whether a negative question asks for a yes: "wasn't it?", "don't you find it tiring"."""
        head, first = self.head[cue], self._first(cue)
        subjects = self.children(head, "nsubj", "nsubjpass", "expl")
        begins = cue - 1 == first
        turned = self._tagged(cue, 1, "PRP") or self._tagged(cue, 1, "EX")
        turned = turned or any(cue < item and (item == cue + 1 or item < head or begins) for item in subjects)
        questions = {self.form[at] for at in range(first, cue) if self.tag[at].startswith("W")}
        if self.form[cue] in {"n't", "nt"} and turned:
            suggested = self._form(cue, -1) == "do" and self._form(cue, 1) in {"you", "we"}
            return "why" not in questions or (suggested and self.lemma[head] not in HELD)
        if questions or self.form[self._last(cue) - 1] != "?":
            return False
        auxiliaries = [item for item in self.children(head, "aux", "auxpass") if item < cue]
        return any(auxiliaries[0] < item < cue for item in subjects if auxiliaries)

    def _praised(self, cue: int) -> bool:
        """Whether what sounds like blame is praise: "can't complain", "couldn't be happier", "never so well"."""
        near = range(cue + 1, min(cue + 9, self._end(cue)))
        if self.form[cue] == "never":
            return any(self.form[at] in {"so", "such", "better"} for at in near[:4])
        if self._form(cue, -1) not in {"ca", "can", "could"}:
            return False
        helped = [at for at in near if self.lemma[at] == "help"]
        if any(self._form(at, 1) == "but" or self._tagged(at, 1, "VBG") for at in helped):
            return True
        if any(self.lemma[at] in UNCOMPLAINING for at in near[:3]):
            return True
        if any(self.lemma[at] in PRAISING for at in near[:4]):
            return any(self.form[at] in {"enough", "highly", "too"} for at in near)
        verbs = {self.lemma[at] for at in near if self._verb(at)}
        compared = any(self.tag[at] in {"JJR", "RBR"} for at in near)
        return compared and bool(verbs & {"be", "agree", "ask", "hope", "wish"}) and not verbs & {"get", "give", "find"}

    def _tagged(self, token: int, step: int, tag: str) -> bool:
        return bool(self._form(token, step)) and self.tag[token + step].startswith(tag)

"""The words that negation turns on: cues, what ends their reach, and the words that let it pass or do not."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


# --- cues ------------------------------------------------------------------------------------------------------------

# What these negate follows them, where they stand between these words ('' is any).
BEFORE = {
    "without": ("", ""),
    "than": ("rather", ""),
    "instead": ("", "of"),
    "place": ("in", "of"),
    "opposed": ("as", "to"),
    **dict.fromkeys(words_of("lack absence shortage dearth"), ("", "of")),
    "anything": ("", "but"),
    "but": ("everything", ""),
    "except": ("everything", ""),
    "far": ("", "from"),
    "non": ("", "-"),
}
# How each kind of cue finds what it negates is told by the method of that name.
CUES = {
    **dict.fromkeys(words_of("not n't nt never hardly barely scarcely rarely seldom nowhere"), "adverb"),
    **dict.fromkeys(
        words_of("dont didnt doesnt cant couldnt wont wouldnt isnt wasnt arent werent havent hasnt hadnt"), "adverb"
    ),
    **dict.fromkeys(words_of("no few little zero"), "determiner"),
    **dict.fromkeys(words_of("none nobody nothing noone"), "pronoun"),
    **dict.fromkeys(words_of("neither nor"), "pair"),
    **dict.fromkeys(BEFORE, "before"),
    "too": "too",
    **dict.fromkeys(
        words_of("unable incapable impossible unwilling powerless failure inability refusal yet"), "governing"
    ),
    **dict.fromkeys(words_of("missing absent lacking nonexistent existent insufficient inadequate"), "predicate"),
}
# Verbs that negate what they govern, by lemma: the object of those, the infinitive of these, "from doing" of the last.
OBJECT_VERBS = words_of("lack deny withhold avoid cancel refuse decline")
INFINITIVE_VERBS = words_of("fail refuse decline neglect forget omit avoid cease stop quit")
FROM_VERBS = words_of("prevent stop keep ban discourage prohibit deter hinder bar")
CLAUSE_VERBS = words_of("doubt deny")
GOVERNING = OBJECT_VERBS | INFINITIVE_VERBS | FROM_VERBS | CLAUSE_VERBS

# The next word takes the cue away.
NO_CUE = {
    "not": words_of("only just merely simply solely least until till before surprisingly unlike alone unless"),
    "never": words_of("mind"),
    "without": words_of("saying"),
    "no": words_of(
        "doubt secret wonder matter exaggeration denying accident coincidence surprise less sooner fewer later least"
    ),
}
# So do the next two.
NO_CUES = frozenset(
    {
        ("not", "to", "mention"),
        ("no", "question", "that"),
        ("no", "question", "about"),
        ("little", "or", "no"),
        ("little", "to", "no"),
        ("few", "or", "no"),
    }
)
UNCOMPLAINING = words_of("complain fault wait beat blame")
PRAISING = words_of("stress emphasise emphasize thank praise recommend say overstate overemphasise overemphasize")

# A scope ends before these: another clause, an exception, or what holds instead.
ENDS = words_of(
    "but because although though while whereas when whenever if whether unless until till since except besides than "
    "apart aside what where why how which cos cuz 'cause ; : – — - ..."
)
SUBJECTS_OF_CLAUSES = words_of("i we they he she it you there this that these those")
# "No idea who designed it", "no trouble finding it": what follows is so.
UNPROBLEMATIC = words_of("idea clue problem issue difficulty trouble regret complaint")
PRONOUNS = words_of("i we they he she it")
FINITE = frozenset({"VBZ", "VBD", "VBP", "MD"})
ALONE = words_of("really at all much . ! ? a bit")
FILLERS = words_of("know mean think guess suppose see")

# --- words that let a negation pass, or not --------------------------------------------------------------------------

MODAL = words_of("would could can ca")
RAISING = words_of("think believe feel guess seem suppose expect imagine reckon appear want find mean look anticipate")
HELD = words_of("think believe feel seem want like know have need understand")
CAUSING = words_of("let make help have see hear get")
INVERSE = words_of("hesitate mind worry")
# What is not these, is not doing what follows either; "it isn't easy to ask" leaves it open.
PASSING = words_of("able likely possible ready willing prepared allowed supposed permitted true certain convinced case")
# With these, what a preposition names is not there either: "not eligible for any of it".
OPEN = words_of("any much many enough anything anyone anybody none")
ABOUT = words_of("of in for about to with at on from as")
BY_NO_MEANS = words_of("circumstances circumstance means way point time stage account sense")
EXISTING = words_of("materialise materialize happen exist occur arise arrive come emerge run")
THERE = words_of("there available present forthcoming existent around place offer accessible")
GIVEN_OUT = words_of(
    "have get receive give provide offer make do show arrange organise organize hold deliver send schedule supply "
    "include plan issue"
)
# Not to do this is, for its object, not to be there, whatever the object: "we didn't use the handbook".
HAVING = GIVEN_OUT | words_of("be find need want feel use attend join write create produce build")
GIVEN = words_of("the this that these those both each every my your his her its our their")

SUBJECT = words_of("nsubj nsubjpass csubj")
OBJECT = words_of("dobj dative oprd attr acomp")
MODIFIER = words_of("amod compound nmod nummod advmod npadvmod quantmod predet")
AUXILIARY = words_of("be do have can could will would shall should may might must ca wo ai sha need dare")

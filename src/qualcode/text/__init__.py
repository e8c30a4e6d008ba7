"""Words as people quote them: cleaning, and finding a quotation in a source."""

from .cleaning import clean, count_words, digest, is_backchannel, one_line, shortened
from .folding import ENDS, Folded, fold, fold_all, same_beginning
from .grade import reading_grade
from .likeness import FUZZY_MINIMUM, FUZZY_THRESHOLD
from .source import EDGE, GONE, Place, SourceText, Utterance

__all__ = [
    "EDGE", "ENDS", "FUZZY_MINIMUM", "FUZZY_THRESHOLD", "GONE", "Folded", "Place", "SourceText", "Utterance", "clean",
    "count_words", "digest", "fold", "fold_all", "is_backchannel", "one_line", "reading_grade", "same_beginning",
    "shortened",
]  # fmt: skip

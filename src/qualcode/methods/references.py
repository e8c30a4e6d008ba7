"""The references of the methods whose figures the text prints."""

from __future__ import annotations

from collections.abc import Mapping

from .phrases import Paragraphs

# By what the text says where it uses one.
REFERENCES = {
    "Cohen's κ": "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological "
    "Measurement, 20(1), 37–46.",
    "Fleiss' κ": "Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin, "
    "76(5), 378–382.",
    "Krippendorff's α": "Krippendorff, K. (2004). Content analysis: An introduction to its methodology (2nd ed.). "
    "Sage.",
    "Gwet's AC1": "Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high "
    "agreement. British Journal of Mathematical and Statistical Psychology, 61(1), 29–48.",
    "Guest, Namey & Chen (2020)": "Guest, G., Namey, E., & Chen, M. (2020). A simple method to assess and report "
    "thematic saturation in qualitative research. PLOS ONE, 15(5), e0232076.",
    "Grootendorst 2022": "Grootendorst, M. (2022). BERTopic: Neural topic modeling with a class-based TF-IDF "
    "procedure. arXiv:2203.05794.",
    "Ward 1963": "Ward, J. H., Jr. (1963). Hierarchical grouping to optimize an objective function. Journal of the "
    "American Statistical Association, 58(301), 236–244.",
    "Hennig 2007": "Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics & Data "
    "Analysis, 52(1), 258–271.",
    "Wilson 1927": "Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. "
    "Journal of the American Statistical Association, 22(158), 209–212.",
}


def references(sections: Mapping[str, Paragraphs]) -> list[str]:
    """The references of what these sections name, by author. What people wrote themselves names nothing here."""
    said = "\n".join(
        part
        for heading, paragraphs in sections.items()
        if heading != "Positionality"
        for paragraph in paragraphs
        for part in paragraph
        if isinstance(part, str)
    )
    return sorted(reference for named, reference in REFERENCES.items() if named in said)

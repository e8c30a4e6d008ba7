"""The items of two reporting checklists, word for word, and how they are filled in.

COREQ: Tong, Sainsbury & Craig 2007, Int J Qual Health Care 19(6):349-357, 32 items in three domains.
SRQR: O'Brien, Harris, Beckman, Reed & Cook 2014, Acad Med 89(9):1245-1251, 21 items.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Standing = Literal["files", "part", "researchers", "open"]
_STANDINGS: dict[Standing, str] = {
    "files": "answered from the study's files",
    "part": "answered from them in part",
    "researchers": "answered by the researchers",
    "open": "open",
}


@dataclass(frozen=True)
class Answer:
    """What the study's files tell about an item, where that stands, and what is left to write ('' if nothing)."""

    told: str = ""
    where: str = ""
    open: str = ""


@dataclass(frozen=True)
class Row:
    """An item as the checklist prints it: `own` is the researchers' answer."""

    number: int
    group: str
    topic: str
    asks: str
    answer: Answer
    own: str

    @property
    def standing(self) -> Standing:
        if self.own:
            return "researchers"
        if not self.answer.told:
            return "open"
        return "part" if self.answer.open else "files"


@dataclass(frozen=True)
class Checklist:
    """A checklist: groups with the topic and the question of each item, numbered through from 1."""

    name: str
    title: str
    source: str
    groups: Mapping[str, tuple[tuple[str, str], ...]]

    def filled(self, answers: Mapping[int, Answer], own: Mapping[str, str]) -> list[Row]:
        """All items in order, with what the files tell (`answers`) and what the researchers wrote (`own`)."""
        items = [(group, *item) for group, items in self.groups.items() for item in items]
        return [
            Row(number, group, topic, asks, answers[number], own.get(str(number), ""))
            for number, (group, topic, asks) in enumerate(items, 1)
        ]

    def standing(self, rows: Sequence[Row]) -> str:
        """How many items are answered, by what, and how many are open."""
        counts = Counter(row.standing for row in rows)
        told = "; ".join(f"{says}: {counts[key]}" for key, says in _STANDINGS.items())
        return f"{told}; of {len(rows)} items in all"


COREQ = Checklist(
    "coreq",
    "Consolidated criteria for reporting qualitative research (COREQ)",
    "Tong, A., Sainsbury, P., & Craig, J. (2007). Consolidated criteria for reporting qualitative research (COREQ): A "
    "32-item checklist for interviews and focus groups. International Journal for Quality in Health Care, 19(6), "
    "349–357.",
    {
        "Domain 1: Research team and reflexivity. Personal characteristics": (
            ("Interviewer/facilitator", "Which author/s conducted the interview or focus group?"),
            ("Credentials", "What were the researcher's credentials? E.g. PhD, MD"),
            ("Occupation", "What was their occupation at the time of the study?"),
            ("Gender", "Was the researcher male or female?"),
            ("Experience and training", "What experience or training did the researcher have?"),
        ),
        "Domain 1: Research team and reflexivity. Relationship with participants": (
            ("Relationship established", "Was a relationship established prior to study commencement?"),
            (
                "Participant knowledge of the interviewer",
                "What did the participants know about the researcher? E.g. personal goals, reasons for doing the "
                "research",
            ),
            (
                "Interviewer characteristics",
                "What characteristics were reported about the interviewer/facilitator? E.g. bias, assumptions, reasons "
                "and interests in the research topic",
            ),
        ),
        "Domain 2: Study design. Theoretical framework": (
            (
                "Methodological orientation and theory",
                "What methodological orientation was stated to underpin the study? E.g. grounded theory, discourse "
                "analysis, ethnography, phenomenology, content analysis",
            ),
        ),
        "Domain 2: Study design. Participant selection": (
            ("Sampling", "How were participants selected? E.g. purposive, convenience, consecutive, snowball"),
            ("Method of approach", "How were participants approached? E.g. face-to-face, telephone, mail, email"),
            ("Sample size", "How many participants were in the study?"),
            ("Non-participation", "How many people refused to participate or dropped out? Reasons?"),
        ),
        "Domain 2: Study design. Setting": (
            ("Setting of data collection", "Where was the data collected? E.g. home, clinic, workplace"),
            ("Presence of non-participants", "Was anyone else present besides the participants and researchers?"),
            (
                "Description of sample",
                "What are the important characteristics of the sample? E.g. demographic data, date",
            ),
        ),
        "Domain 2: Study design. Data collection": (
            ("Interview guide", "Were questions, prompts, guides provided by the authors? Was it pilot tested?"),
            ("Repeat interviews", "Were repeat interviews carried out? If yes, how many?"),
            ("Audio/visual recording", "Did the research use audio or visual recording to collect the data?"),
            ("Field notes", "Were field notes made during and/or after the interview or focus group?"),
            ("Duration", "What was the duration of the interviews or focus group?"),
            ("Data saturation", "Was data saturation discussed?"),
            ("Transcripts returned", "Were transcripts returned to participants for comment and/or correction?"),
        ),
        "Domain 3: Analysis and findings. Data analysis": (
            ("Number of data coders", "How many data coders coded the data?"),
            ("Description of the coding tree", "Did authors provide a description of the coding tree?"),
            ("Derivation of themes", "Were themes identified in advance or derived from the data?"),
            ("Software", "What software, if applicable, was used to manage the data?"),
            ("Participant checking", "Did participants provide feedback on the findings?"),
        ),
        "Domain 3: Analysis and findings. Reporting": (
            (
                "Quotations presented",
                "Were participant quotations presented to illustrate the themes/findings? Was each quotation "
                "identified? E.g. participant number",
            ),
            (
                "Data and findings consistent",
                "Was there consistency between the data presented and the findings?",
            ),
            ("Clarity of major themes", "Were major themes clearly presented in the findings?"),
            ("Clarity of minor themes", "Is there a description of diverse cases or discussion of minor themes?"),
        ),
    },
)

SRQR = Checklist(
    "srqr",
    "Standards for reporting qualitative research (SRQR)",
    "O'Brien, B. C., Harris, I. B., Beckman, T. J., Reed, D. A., & Cook, D. A. (2014). Standards for reporting "
    "qualitative research: A synthesis of recommendations. Academic Medicine, 89(9), 1245–1251.",
    {
        "Title and abstract": (
            (
                "Title",
                "Concise description of the nature and topic of the study. Identifying the study as qualitative or "
                "indicating the approach (e.g., ethnography, grounded theory) or data collection methods (e.g., "
                "interview, focus group) is recommended",
            ),
            (
                "Abstract",
                "Summary of key elements of the study using the abstract format of the intended publication; typically "
                "includes background, purpose, methods, results, and conclusions",
            ),
        ),
        "Introduction": (
            (
                "Problem formulation",
                "Description and significance of the problem/phenomenon studied; review of relevant theory and "
                "empirical work; problem statement",
            ),
            ("Purpose or research question", "Purpose of the study and specific objectives or questions"),
        ),
        "Methods": (
            (
                "Qualitative approach and research paradigm",
                "Qualitative approach (e.g., ethnography, grounded theory, case study, phenomenology, narrative "
                "research) and guiding theory if appropriate; identifying the research paradigm (e.g., postpositivist, "
                "constructivist/interpretivist) is also recommended; rationale",
            ),
            (
                "Researcher characteristics and reflexivity",
                "Researchers' characteristics that may influence the research, including personal attributes, "
                "qualifications/experience, relationship with participants, assumptions, and/or presuppositions; "
                "potential or actual interaction between researchers' characteristics and the research questions, "
                "approach, methods, results, and/or transferability",
            ),
            ("Context", "Setting/site and salient contextual factors; rationale"),
            (
                "Sampling strategy",
                "How and why research participants, documents, or events were selected; criteria for deciding when no "
                "further sampling was necessary (e.g., sampling saturation); rationale",
            ),
            (
                "Ethical issues pertaining to human subjects",
                "Documentation of approval by an appropriate ethics review board and participant consent, or "
                "explanation for lack thereof; other confidentiality and data security issues",
            ),
            (
                "Data collection methods",
                "Types of data collected; details of data collection procedures including (as appropriate) start and "
                "stop dates of data collection and analysis, iterative process, triangulation of sources/methods, and "
                "modification of procedures in response to evolving study findings; rationale",
            ),
            (
                "Data collection instruments and technologies",
                "Description of instruments (e.g., interview guides, questionnaires) and devices (e.g., audio "
                "recorders) used for data collection; if/how the instrument(s) changed over the course of the study",
            ),
            (
                "Units of study",
                "Number and relevant characteristics of participants, documents, or events included in the study; "
                "level of participation (could be reported in results)",
            ),
            (
                "Data processing",
                "Methods for processing data prior to and during analysis, including transcription, data entry, data "
                "management and security, verification of data integrity, data coding, and anonymization/"
                "deidentification of excerpts",
            ),
            (
                "Data analysis",
                "Process by which inferences, themes, etc., were identified and developed, including the researchers "
                "involved in data analysis; usually references a specific paradigm or approach; rationale",
            ),
            (
                "Techniques to enhance trustworthiness",
                "Techniques to enhance trustworthiness and credibility of data analysis (e.g., member checking, audit "
                "trail, triangulation); rationale",
            ),
        ),
        "Results/findings": (
            (
                "Synthesis and interpretation",
                "Main findings (e.g., interpretations, inferences, and themes); might include development of a theory "
                "or model, or integration with prior research or theory",
            ),
            (
                "Links to empirical data",
                "Evidence (e.g., quotes, field notes, text excerpts, photographs) to substantiate analytic findings",
            ),
        ),
        "Discussion": (
            (
                "Integration with prior work, implications, transferability, and contribution(s) to the field",
                "Short summary of main findings; explanation of how findings and conclusions connect to, support, "
                "elaborate on, or challenge conclusions of earlier scholarship; discussion of scope of "
                "application/generalizability; identification of unique contribution(s) to scholarship in a "
                "discipline or field",
            ),
            ("Limitations", "Trustworthiness and limitations of findings"),
        ),
        "Other": (
            (
                "Conflicts of interest",
                "Potential sources of influence or perceived influence on study conduct and conclusions; how these "
                "were managed",
            ),
            (
                "Funding",
                "Sources of funding and other support; role of funders in data collection, interpretation, and "
                "reporting",
            ),
        ),
    },
)

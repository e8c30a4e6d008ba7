"""The steps of the workflow, each after all those whose results it reads."""

STEPS = (
    "utterances",
    "parses",
    "member_checks",
    "identifiers",
    "phrases",
    "open_codes",
    "axial_codes",
    "embeddings",
    "codebook_proposals",
    "themes",
    "theme_codes",
    "frequencies",
    "saturation",
    "agreement",
    "suggestions",
    "packets",
    "findings",
    "methods",
    "figures",
    "report",
)

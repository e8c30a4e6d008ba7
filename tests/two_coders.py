"""What tests of agreement share: codings of the small study, and the figures that come of them."""

STEPS = ("utterances", "parses", "open_codes", "agreement")
MENTOR, EXPECTATIONS, SUPPORT = "My mentor was always there.", "the expectations changed", "I got no support."
WORDLESS = "codebook: B\ncodes:\n- code: support\n- code: clarity\n- code: training\n"


def settings(study, *lines: str) -> None:
    """Without a model of the language, which these tests do not need and which takes its time to load."""
    study.write(
        "study.yaml",
        "\n".join(["title: T", "codebook: codebook.yaml", "authority: any", "language: blank:en", *lines]) + "\n",
    )


def coding(code: str, quote: str, source: str = "talk", **more: str) -> dict[str, str]:
    return {"source": source, "code": code, "quote": quote, **more}


def figures(study, **wanted: str) -> dict[tuple[str, str], tuple[int, ...]]:
    """(units, both, only_a, only_b, neither) by code and scope; of utterances and no round unless `wanted` says so."""
    wanted = {"unit": "utterance", "round": "", **wanted}
    return {
        (row["code"], row["scope"]): tuple(int(row[key]) for key in ("units", "both", "only_a", "only_b", "neither"))
        for row in study.rows("agreement")
        if all(row[key] == value for key, value in wanted.items())
    }

# Inputs:  utterances, parses and counted codings.
# Outputs: embeddings, emergent themes, and what they share with the codebook and add to it.


rule embeddings:
    """Embed every sentence and pool the vectors to utterances."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/parses",
        code=code("embeddings"),
    output:
        update("results/{study}/embeddings.npz"),
    log:
        "logs/{study}/embeddings.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("embeddings"),
    shell:
        "qualcode embeddings {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule codebook_proposals:
    """Propose changes of the codebook."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/in_vivo_codes.csv",
        "results/{study}/phrase_places.csv",
        "results/{study}/parses",
        "results/{study}/embeddings.npz",
        typed=files("codebook"),
        code=code("codebook_proposals"),
    output:
        update("results/{study}/codebook_proposals.csv"),
    log:
        "logs/{study}/codebook_proposals.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("codebook_proposals"),
        hashes=hashes("codebook"),
    shell:
        "qualcode codebook_proposals {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule themes:
    """Propose emergent themes; a codebook edit never refits them."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/parses",
        "results/{study}/embeddings.npz",
        typed=files("people"),
        code=code("themes"),
    output:
        update("results/{study}/themes.csv"),
        update("results/{study}/theme_members.csv"),
        update("results/{study}/theme_choice.csv"),
        update("results/{study}/theme_stability.csv"),
        update("results/{study}/themes_by.csv"),
        update("results/{study}/theme_hierarchy.csv"),
    log:
        "logs/{study}/themes.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("themes"),
        hashes=hashes("people"),
    shell:
        "qualcode themes {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule theme_codes:
    """Set the themes against the codebook."""
    input:
        "results/{study}/embeddings.npz",
        "results/{study}/themes.csv",
        "results/{study}/theme_members.csv",
        "results/{study}/theme_stability.csv",
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/member_checks.csv",
        typed=files("people", "codebook"),
        code=code("theme_codes"),
    output:
        report(
            update("results/{study}/theme_codes.csv"),
            caption="../report/theme_codes.rst",
            category="Themes",
        ),
        report(
            update("results/{study}/theme_standing.csv"),
            caption="../report/theme_codes.rst",
            category="Themes",
        ),
        report(
            update("results/{study}/codes_without_themes.csv"),
            caption="../report/theme_codes.rst",
            category="Themes",
        ),
        update("results/{study}/theme_quotations.csv"),
        update("results/{study}/codebook_proposals.yaml"),
    log:
        "logs/{study}/theme_codes.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("theme_codes"),
        hashes=hashes("people", "codebook"),
    shell:
        "qualcode theme_codes {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"

# Inputs:  the files of a study folder and its codebook.
# Outputs: utterances, parses, open and axial codes, agreement, suggestions.


rule utterances:
    """Read every source into utterances, names hidden."""
    input:
        typed=files("transcripts", "people"),
        code=code("utterances"),
    output:
        update("results/{study}/utterances.csv"),
        update("results/{study}/participants.csv"),
        update("results/{study}/attributes.csv"),
        update("results/{study}/hidden.csv"),
        update("results/{study}/import_report.csv"),
        update(directory("results/{study}/texts")),
    log:
        "logs/{study}/utterances.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("utterances"),
        hashes=hashes("transcripts", "people"),
    shell:
        "qualcode utterances {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule parses:
    """Parse every utterance once."""
    input:
        "results/{study}/utterances.csv",
        code=code("parses"),
    output:
        update(directory("results/{study}/parses")),
    log:
        "logs/{study}/parses.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("parses"),
    shell:
        "qualcode parses {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule member_checks:
    """Read what participants answered to the packets that were issued."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/texts",
        typed=files("people", "codebook", "member_checks"),
        code=code("member_checks"),
    output:
        update("results/{study}/member_checks.csv"),
        update("results/{study}/member_check_packets.csv"),
        report(
            update("results/{study}/member_check_summary.csv"),
            caption="../report/member_checks.rst",
            category="Tables",
        ),
        update("results/{study}/member_check_summary.xlsx"),
        update("results/{study}/member_check_summary.docx"),
        update("results/{study}/member_check_summary.tex"),
        update("results/{study}/member_check_summary.md"),
    log:
        "logs/{study}/member_checks.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("member_checks"),
        hashes=hashes("people", "codebook", "member_checks"),
    shell:
        "qualcode member_checks {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule identifiers:
    """List what may still tell who is meant."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/hidden.csv",
        "results/{study}/member_checks.csv",
        "results/{study}/parses",
        typed=files("people"),
        code=code("identifiers"),
    output:
        update("results/{study}/identifiers.csv"),
    log:
        "logs/{study}/identifiers.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("identifiers"),
        hashes=hashes("people"),
    shell:
        "qualcode identifiers {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule phrases:
    """Find the phrases of the talk that may become codes."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/parses",
        code=code("phrases"),
    output:
        update("results/{study}/phrases.csv"),
        update("results/{study}/phrase_places.csv"),
    log:
        "logs/{study}/phrases.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("phrases"),
    shell:
        "qualcode phrases {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule open_codes:
    """Place people's codings, match the codebook's rules, settle what counts."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/texts",
        "results/{study}/parses",
        "results/{study}/participants.csv",
        "results/{study}/phrases.csv",
        "results/{study}/phrase_places.csv",
        "results/{study}/member_checks.csv",
        typed=files("transcripts", "people", "codings", "codebook"),
        code=code("open_codes"),
    output:
        update("results/{study}/open_codes.csv"),
        update("results/{study}/open_code_utterances.csv"),
        update("results/{study}/coders.csv"),
        update("results/{study}/decisions.csv"),
        update("results/{study}/unplaced.csv"),
        update("results/{study}/coverage.csv"),
        update("results/{study}/coverage_by.csv"),
        update("results/{study}/in_vivo_codes.csv"),
    log:
        "logs/{study}/open_codes.log",
    priority: 1
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("open_codes"),
        hashes=hashes("transcripts", "people", "codings", "codebook"),
    shell:
        "qualcode open_codes {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule axial_codes:
    """Roll open codes up to axial codes and relate them."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/unplaced.csv",
        "results/{study}/parses",
        typed=files("transcripts", "people", "codebook", "history"),
        code=code("axial_codes"),
    output:
        report(
            update("results/{study}/axial_codes.csv"),
            caption="../report/axial_codes.rst",
            category="Codes",
        ),
        update("results/{study}/relations.csv"),
        update("results/{study}/spanning_excerpts.csv"),
        report(
            update("results/{study}/codebook_changes.csv"),
            caption="../report/axial_codes.rst",
            category="Codes",
        ),
        report(
            update("results/{study}/paradigm.csv"),
            caption="../report/axial_codes.rst",
            category="Codes",
        ),
    log:
        "logs/{study}/axial_codes.log",
    priority: 1
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("axial_codes"),
        hashes=hashes("transcripts", "people", "codebook", "history"),
    shell:
        "qualcode axial_codes {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule agreement:
    """Compare coders with each other and with the rules."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/texts",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/parses",
        "results/{study}/open_codes.csv",
        "results/{study}/decisions.csv",
        "results/{study}/coders.csv",
        typed=files("people", "codebook", "history"),
        code=code("agreement"),
    output:
        report(
            update("results/{study}/agreement.csv"),
            caption="../report/agreement.rst",
            category="Coders",
        ),
        update("results/{study}/disagreements.csv"),
        update("results/{study}/disagreements.xlsx"),
        report(
            update("results/{study}/rule_quality.csv"),
            caption="../report/agreement.rst",
            category="Coders",
        ),
        update("results/{study}/rule_quality_by.csv"),
        update("results/{study}/rule_errors.csv"),
    log:
        "logs/{study}/agreement.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("agreement"),
        hashes=hashes("people", "codebook", "history"),
    shell:
        "qualcode agreement {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule suggestions:
    """Suggest codes by what people coded so far."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/attributes.csv",
        "results/{study}/embeddings.npz",
        "results/{study}/open_codes.csv",
        "results/{study}/decisions.csv",
        "results/{study}/coders.csv",
        typed=files("people", "codebook"),
        code=code("suggestions"),
    output:
        update("results/{study}/suggestions.csv"),
        report(
            update("results/{study}/suggestion_quality.csv"),
            caption="../report/suggestions.rst",
            category="Suggestions",
        ),
        update("results/{study}/suggestion_quality_by.csv"),
        report(
            update("results/{study}/suggestion_calibration.csv"),
            caption="../report/suggestions.rst",
            category="Suggestions",
        ),
        report(
            update("results/{study}/suggestion_learning.csv"),
            caption="../report/suggestions.rst",
            category="Suggestions",
        ),
    log:
        "logs/{study}/suggestions.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("suggestions"),
        hashes=hashes("people", "codebook"),
    shell:
        "qualcode suggestions {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"

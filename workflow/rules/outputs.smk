# Inputs:  counted codings rolled up the codebook.
# Outputs: tables, figures, packets and the report.


rule frequencies:
    """Count who speaks of each code, and describe the sample."""
    input:
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/member_checks.csv",
        typed=files("people", "codebook"),
        code=code("frequencies"),
    output:
        report(
            update("results/{study}/frequencies.csv"),
            caption="../report/frequencies.rst",
            category="Tables",
        ),
        update("results/{study}/frequencies.xlsx"),
        update("results/{study}/frequencies.docx"),
        update("results/{study}/frequencies.tex"),
        update("results/{study}/frequencies.md"),
        report(
            update("results/{study}/frequencies_by.csv"),
            caption="../report/frequencies.rst",
            category="Tables",
        ),
        update("results/{study}/frequencies_by.xlsx"),
        update("results/{study}/frequencies_by.docx"),
        update("results/{study}/frequencies_by.tex"),
        update("results/{study}/frequencies_by.md"),
        report(
            update("results/{study}/sample.csv"),
            caption="../report/frequencies.rst",
            category="Tables",
        ),
        update("results/{study}/sample.xlsx"),
        update("results/{study}/sample.docx"),
        update("results/{study}/sample.tex"),
        update("results/{study}/sample.md"),
        report(
            update("results/{study}/cooccurrences.csv"),
            caption="../report/frequencies.rst",
            category="Tables",
        ),
        update("results/{study}/cases.csv"),
    log:
        "logs/{study}/frequencies.log",
    priority: 1
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("frequencies"),
        hashes=hashes("people", "codebook"),
    shell:
        "qualcode frequencies {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule saturation:
    """Count new codes per source and per tenth of the talk."""
    input:
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/coders.csv",
        typed=files("people"),
        code=code("saturation"),
    output:
        report(
            update("results/{study}/saturation.csv"),
            caption="../report/saturation.rst",
            category="Tables",
        ),
        report(
            update("results/{study}/new_information.csv"),
            caption="../report/saturation.rst",
            category="Tables",
        ),
    log:
        "logs/{study}/saturation.log",
    priority: 1
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("saturation"),
        hashes=hashes("people"),
    shell:
        "qualcode saturation {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule packets:
    """Write a member-checking packet for every participant."""
    input:
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/identifiers.csv",
        "results/{study}/coders.csv",
        "results/{study}/decisions.csv",
        "results/{study}/member_checks.csv",
        "results/{study}/member_check_packets.csv",
        typed=files("people", "codebook", "letter"),
        code=code("packets"),
    output:
        update(directory("results/{study}/packets")),
    log:
        "logs/{study}/packets.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("packets"),
        hashes=hashes("people", "codebook", "letter"),
    shell:
        "qualcode packets {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule findings:
    """Draft the findings by research question."""
    input:
        "results/{study}/open_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/identifiers.csv",
        "results/{study}/parses",
        "results/{study}/frequencies.csv",
        "results/{study}/member_checks.csv",
        typed=files("codebook"),
        code=code("findings"),
    output:
        update("results/{study}/findings.docx"),
    log:
        "logs/{study}/findings.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("findings"),
        hashes=hashes("codebook"),
    shell:
        "qualcode findings {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule methods:
    """Draft the methods text and fill in the reporting checklists."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/import_report.csv",
        "results/{study}/hidden.csv",
        "results/{study}/identifiers.csv",
        "results/{study}/open_codes.csv",
        "results/{study}/coders.csv",
        "results/{study}/decisions.csv",
        "results/{study}/coverage_by.csv",
        "results/{study}/codebook_changes.csv",
        "results/{study}/agreement.csv",
        "results/{study}/rule_quality.csv",
        "results/{study}/suggestion_quality.csv",
        "results/{study}/themes.csv",
        "results/{study}/theme_stability.csv",
        "results/{study}/frequencies.csv",
        "results/{study}/sample.csv",
        "results/{study}/saturation.csv",
        "results/{study}/new_information.csv",
        "results/{study}/member_checks.csv",
        "results/{study}/member_check_packets.csv",
        "results/{study}/member_check_summary.csv",
        "results/{study}/packets",
        typed=files(
            "study",
            "transcripts",
            "people",
            "codings",
            "codebook",
            "history",
            "memos",
            "member_checks",
        ),
        code=code("methods"),
    output:
        update("results/{study}/methods.docx"),
        update("results/{study}/coreq.docx"),
        update("results/{study}/srqr.docx"),
    log:
        "logs/{study}/methods.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("methods"),
        hashes=hashes(
            "study",
            "transcripts",
            "people",
            "codings",
            "codebook",
            "history",
            "memos",
            "member_checks",
        ),
    shell:
        "qualcode methods {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule figures:
    """Draw the figures."""
    input:
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/frequencies.csv",
        "results/{study}/frequencies_by.csv",
        "results/{study}/cooccurrences.csv",
        "results/{study}/saturation.csv",
        "results/{study}/new_information.csv",
        "results/{study}/agreement.csv",
        "results/{study}/suggestion_learning.csv",
        "results/{study}/suggestion_calibration.csv",
        "results/{study}/themes.csv",
        "results/{study}/theme_choice.csv",
        "results/{study}/theme_stability.csv",
        "results/{study}/themes_by.csv",
        "results/{study}/theme_hierarchy.csv",
        "results/{study}/theme_quotations.csv",
        "results/{study}/member_checks.csv",
        typed=files("codebook"),
        code=code("figures"),
    output:
        report(
            update(directory("results/{study}/figures")),
            # What holds words of people (labels of themes, quotations) or tells of single persons stays out of
            # Snakemake's report.
            patterns=[
                "{figure,theme_frequencies|codes_by_attribute_\\d+|code_tree|cooccurrence_matrix|cooccurrence_network|saturation|new_information|agreement_by_code|suggestion_learning|suggestion_calibration|theme_choice}.svg"
            ],
            caption="../report/figures.rst",
            category="Figures",
        ),
    log:
        "logs/{study}/figures.log",
    priority: 1
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("figures"),
        hashes=hashes("codebook"),
    shell:
        "qualcode figures {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"


rule report:
    """Gather everything in a folder of pages, each count with the passages behind it."""
    input:
        "results/{study}/utterances.csv",
        "results/{study}/participants.csv",
        "results/{study}/attributes.csv",
        "results/{study}/texts",
        "results/{study}/parses",
        "results/{study}/embeddings.npz",
        "results/{study}/import_report.csv",
        "results/{study}/hidden.csv",
        "results/{study}/identifiers.csv",
        "results/{study}/open_codes.csv",
        "results/{study}/open_code_utterances.csv",
        "results/{study}/decisions.csv",
        "results/{study}/unplaced.csv",
        "results/{study}/coverage.csv",
        "results/{study}/coverage_by.csv",
        "results/{study}/phrases.csv",
        "results/{study}/phrase_places.csv",
        "results/{study}/in_vivo_codes.csv",
        "results/{study}/coders.csv",
        "results/{study}/axial_codes.csv",
        "results/{study}/relations.csv",
        "results/{study}/spanning_excerpts.csv",
        "results/{study}/codebook_changes.csv",
        "results/{study}/codebook_proposals.csv",
        "results/{study}/paradigm.csv",
        "results/{study}/agreement.csv",
        multiext("results/{study}/disagreements", ".csv", ".xlsx"),
        "results/{study}/rule_quality.csv",
        "results/{study}/rule_quality_by.csv",
        "results/{study}/rule_errors.csv",
        "results/{study}/suggestions.csv",
        "results/{study}/suggestion_quality.csv",
        "results/{study}/suggestion_quality_by.csv",
        "results/{study}/suggestion_calibration.csv",
        "results/{study}/suggestion_learning.csv",
        "results/{study}/themes.csv",
        "results/{study}/theme_members.csv",
        "results/{study}/theme_choice.csv",
        "results/{study}/theme_stability.csv",
        "results/{study}/themes_by.csv",
        "results/{study}/theme_hierarchy.csv",
        "results/{study}/theme_codes.csv",
        "results/{study}/theme_standing.csv",
        "results/{study}/codes_without_themes.csv",
        "results/{study}/theme_quotations.csv",
        "results/{study}/codebook_proposals.yaml",
        multiext("results/{study}/frequencies", ".csv", ".xlsx", ".docx", ".tex", ".md"),
        multiext(
            "results/{study}/frequencies_by", ".csv", ".xlsx", ".docx", ".tex", ".md"
        ),
        multiext("results/{study}/sample", ".csv", ".xlsx", ".docx", ".tex", ".md"),
        "results/{study}/cooccurrences.csv",
        "results/{study}/cases.csv",
        "results/{study}/saturation.csv",
        "results/{study}/new_information.csv",
        "results/{study}/member_checks.csv",
        "results/{study}/member_check_packets.csv",
        multiext(
            "results/{study}/member_check_summary",
            ".csv",
            ".xlsx",
            ".docx",
            ".tex",
            ".md",
        ),
        "results/{study}/packets",
        "results/{study}/findings.docx",
        "results/{study}/methods.docx",
        "results/{study}/coreq.docx",
        "results/{study}/srqr.docx",
        "results/{study}/figures",
        typed=files(
            "study",
            "transcripts",
            "people",
            "codings",
            "codebook",
            "history",
            "memos",
            "member_checks",
        ),
        code=code("report"),
    output:
        update(directory("results/{study}/report")),
    log:
        "logs/{study}/report.log",
    conda:
        "../../environment.yml"
    params:
        study=folder,
        settings=settings("report"),
        hashes=hashes(
            "study",
            "transcripts",
            "people",
            "codings",
            "codebook",
            "history",
            "memos",
            "member_checks",
        ),
    shell:
        "qualcode report {params.study:q} --results results/{wildcards.study:q} 2>&1 | tee {log:q}"

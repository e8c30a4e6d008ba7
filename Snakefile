"""From transcripts to tables, figures and member-checking packets: one run of every study named in config/config.yaml."""

from snakemake.utils import min_version

min_version("9.19")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/coding.smk"
include: "workflow/rules/themes.smk"
include: "workflow/rules/outputs.smk"


rule all:
    """Everything for every study: the report links all of it."""
    default_target: True
    input:
        expand("results/{study}/report", study=STUDIES),

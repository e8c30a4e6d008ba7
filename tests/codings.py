"""Rows of open_codes.csv as tests write them."""

# What only rules have.
BY_HAND = {
    "rule": "",
    "matched": "",
    "matched_start": None,
    "matched_end": None,
    "negated": False,
    "formerly": "",
    "codebook": "",
}

"""Prints the data dictionary: results/README.md."""

from . import dictionary

print(dictionary(), end="")

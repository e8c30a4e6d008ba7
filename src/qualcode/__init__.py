"""Qualitative coding of focus groups, interviews and open answers: the machine proposes, people decide."""

__version__ = "0.1.0"

"""Patterns in which a star stands for any text. No engine for patterns: what anybody writes is tried once."""

from __future__ import annotations


def fits(text: str, pattern: str) -> bool:
    """Whether all of a text is as the pattern says."""
    if "*" not in pattern:
        return text == pattern
    first, *between, last = pattern.split("*")
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(pattern) - pattern.count("*")):
        return False
    rest = text[len(first) : len(text) - len(last)]
    for part in between:
        at = rest.find(part)
        if at < 0:
            return False
        rest = rest[at + len(part) :]
    return True

"""PIB, the tax number of Serbian companies: nine digits, the last one a check by ISO 7064, MOD 11,10 (public)."""

from __future__ import annotations


def check_digit(eight: str) -> int:
    """The ninth digit for these eight."""
    rest = 10
    for digit in eight:
        rest = ((rest + int(digit)) % 10 or 10) * 2 % 11
    return (11 - rest) % 10


def is_pib(text: str) -> bool:
    return len(text) == 9 and text.isascii() and text.isdigit() and check_digit(text[:8]) == int(text[8])


def made(number: int) -> str:
    """A PIB from a number of up to eight digits, for fixtures."""
    eight = f"{10_000_000 + number % 90_000_000:08}"
    return f"{eight}{check_digit(eight)}"

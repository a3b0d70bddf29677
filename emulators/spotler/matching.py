"""Which master product is meant: by barcode, then by SKU, and never by guessing.

Source: Spotler Connect help: products. Assumed: what two candidates are (several masters with one barcode or one SKU,
or a barcode that says one and a SKU that says another), and that a product with neither cannot be matched.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from ..kernel import dataclass


class Verdict(Enum):
    LINK = "link"
    CREATE = "create"
    AMBIGUOUS = "ambiguous"
    NAMELESS = "nameless"


@dataclass(frozen=True)
class Names:
    """What a product is known by. Empty: not at all."""

    barcode: str = ""
    sku: str = ""


@dataclass(frozen=True)
class Match:
    verdict: Verdict
    masters: tuple[int, ...] = ()


def matched(product: Names, masters: Iterable[tuple[int, Names]]) -> Match:
    """`masters`: those that could be meant, by number. Letters count as they are; spaces around do not."""
    if not product.barcode and not product.sku:
        return Match(Verdict.NAMELESS)
    known = list(masters)
    by_barcode = {number for number, names in known if product.barcode and names.barcode == product.barcode}
    by_sku = {number for number, names in known if product.sku and names.sku == product.sku}
    candidates = tuple(sorted(by_barcode | by_sku))
    if not candidates:
        return Match(Verdict.CREATE)
    return Match(Verdict.LINK if len(candidates) == 1 else Verdict.AMBIGUOUS, candidates)

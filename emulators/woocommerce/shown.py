"""Products as JSON, written once for each change of them and not for each reading.

A product's text is kept until its row changes, or anything else that shows in it: its terms, attributes, pictures, what
it is related to, settings and taxes. Variations and groups show other products as well and are written each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..kernel import Emulation, Written, dataclass
from . import product_view, related, respond
from .product import Product

MOST = 4_000  # products; some 3 KB each
SHOWN_WITH_THEM = ("woo_terms", "woo_attributes", "woo_images", "woo_settings", "woo_tax_rates")
_SLOT = "woocommerce products shown"


@dataclass(frozen=True)
class _Shown:
    row: Sequence[Any]
    term_ids: tuple[int, ...]
    related: list[int]
    text: bytes


def one(here: Emulation, row: Sequence[Any]) -> Written:
    """The product of a row as `/products/{id}` shows it."""
    texts, fresh = _texts(here, [row])
    return Written.of(texts[0], fresh[0] if fresh else None)


def page(here: Emulation, rows: Sequence[Sequence[Any]]) -> Written:
    """A page of products."""
    texts, fresh = _texts(here, rows)
    return Written.of(b"[" + b",".join(texts) + b"]", fresh or None)


def _texts(here: Emulation, rows: Sequence[Sequence[Any]]) -> tuple[list[bytes], list[dict[str, Any]]]:
    """The text of each, and as values those that had to be written."""
    kept = _kept(here)
    records, known = here.store[Product], {}
    unknown = []
    for row in rows:
        seen = kept.get(row[0])
        if seen is not None and seen.row == row and seen.related == related.sharing(here, seen.term_ids, (row[0],)):
            known[row[0]] = seen.text
        else:
            unknown.append(row)
    products = [records.read(row) for row in unknown]
    fresh = product_view.page(here, products)
    for row, product, body in zip(unknown, products, fresh, strict=True):
        text = known[product.id] = respond.json_bytes(body)
        if not product.is_variation and product.type != "grouped":
            if len(kept) >= MOST:
                kept.clear()
            kept[product.id] = _Shown(row, (*product.category_ids, *product.tag_ids), body["related_ids"], text)
    return [known[row[0]] for row in rows], fresh


def _kept(here: Emulation) -> dict[int, _Shown]:
    """What was shown at this address since anything that shows in all products changed."""
    memos, versions = here.store.memos, here.store.versions
    if memos is None:
        return {}
    state = (here.root, *(versions.get(name, 0) for name in SHOWN_WITH_THEM))
    kept = memos.get(_SLOT)
    if kept is None or kept[0] != state:
        kept = memos[_SLOT] = (state, {})
    texts: dict[int, _Shown] = kept[1]
    return texts

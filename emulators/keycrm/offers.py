"""Offers over the API: list them, change their prices and sizes.

Source: KeyCRM API document v1.2.0, "offers"; KeyCRM help, synchronisation (10,000 rows a request).
"""

from __future__ import annotations

from typing import Any

from ..kernel import emulation
from .catalogue import OFFERS, Offer, altered, matched, shown
from .paging import among, among_ids, flagged, included, listed


def list_all(
    limit: int,
    page: int,
    filter: dict[str, Any] | None = None,
    include: str | None = None,
    sort: str | None = None,
) -> dict[str, Any]:
    here, asked, c = emulation(), filter or {}, OFFERS.c
    where = [
        *among_ids(c.id, asked, "id"),
        *among_ids(c.product_id, asked, "product_id"),
        *among(c.sku, asked, "sku"),
        *flagged(c.is_archived, asked, "is_archived"),
    ]
    names = included(include)
    return listed(
        here, OFFERS, *where, limit=limit, page=page, sort=sort, render=lambda found: shown(here, found, names)
    )


def update(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Change prices, sizes or the picture of up to 10,000 offers.

    Guess: a row whose id or SKU is unknown is skipped without a word, as in PUT /offers/stocks.
    """
    here = emulation()
    rows = body["offers"]
    found = matched(here, rows)
    changed = {offer.id: offer for offer in found if offer is not None}
    for row, offer in zip(rows, found, strict=True):
        if offer is not None:
            changed[offer.id] = altered(changed[offer.id], row)
    here.store[Offer].put_all(list(changed.values()))
    if unknown := sum(offer is None for offer in found):
        here.explain(f"{unknown} of {len(rows)} rows name no offer and were skipped")
    return {"status": True}, 202

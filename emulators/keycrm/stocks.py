"""Stock over the API: read it by offer and warehouse, or set it to absolute numbers.

Source: KeyCRM API document v1.2.0, "offers/stocks"; row shape confirmed by public clients.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, emulation
from ..quantities import number, rendered, thousandths
from .catalogue import OFFERS, Offer, matched
from .errors import unknown
from .movements import move
from .paging import among, among_ids, is_true, listed
from .stock import Change, Kind, Level, Total, Warehouse, added_up, brought_to, levels_of


def list_all(limit: int, page: int, filter: dict[str, Any] | None = None) -> dict[str, Any]:
    """One row an offer, with the totals of all warehouses; `filter[details]` adds each warehouse.

    Guess: archived offers are listed too (the document knows no filter for them here), by growing id.
    """
    here, asked = emulation(), filter or {}
    where = [*among_ids(OFFERS.c.id, asked, "offers_id"), *among(OFFERS.c.sku, asked, "offers_sku")]
    details = bool(is_true(asked, "details"))
    return listed(
        here, OFFERS, *where, limit=limit, page=page, render=lambda found: shown(here, found, details=details)
    )


def set_levels(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Bring a warehouse to these absolute quantities, each with a movement; the stock webhooks hear of it.

    Units: pieces, up to three places; the reserve is not touched.
    Errors: 422 for an unknown warehouse. A row whose id or SKU is unknown is skipped without a word: the answer
    has no place for it. Of several rows for one offer the last one counts.
    """
    here = emulation()
    warehouse_id = body["warehouse_id"]
    if here.store[Warehouse].get(warehouse_id) is None:
        raise unknown("warehouse_id")
    skipped = set_quantities(here, warehouse_id, body["stocks"], Kind.API)
    if skipped:
        here.explain(f"{skipped} of {len(body['stocks'])} rows name no offer and were skipped")
    return {"status": True}, 202


def set_quantities(here: Emulation, warehouse_id: int, rows: list[dict[str, Any]], kind: Kind) -> int:
    """Bring the warehouse to the numbers of these rows; how many rows named no offer."""
    found = matched(here, rows)
    wanted = {
        offer.id: thousandths(row["quantity"]) for row, offer in zip(rows, found, strict=True) if offer is not None
    }
    levels = {x.offer_id: x for x in levels_of(here, list(wanted)) if x.warehouse_id == warehouse_id}
    changes: list[Change] = []
    for offer_id, quantity in wanted.items():
        changes.append(brought_to(levels.get(offer_id, Level(offer_id, warehouse_id)), quantity))
    move(here, changes, kind)
    return sum(offer is None for offer in found)


def shown(here: Emulation, found: list[Offer], *, details: bool) -> list[dict[str, Any]]:
    levels = levels_of(here, [offer.id for offer in found])
    totals = added_up(levels)
    warehouses = here.store[Warehouse].all(order=[]) if details else []
    answer = []
    for offer in found:
        total = totals.get(offer.id, Total())
        row: dict[str, Any] = {
            "id": offer.id,
            "sku": offer.sku,
            "price": number(offer.price),
            "purchased_price": number(offer.purchased_price),
            "quantity": rendered(total.quantity),
            "reserve": rendered(total.reserve),
        }
        if details:
            own = {x.warehouse_id: x for x in levels if x.offer_id == offer.id}
            row["warehouse"] = [
                {
                    "id": w.id,
                    "name": w.name,
                    "quantity": rendered(own[w.id].quantity if w.id in own else 0),
                    "reserve": rendered(own[w.id].reserve if w.id in own else 0),
                }
                for w in sorted(warehouses, key=lambda w: w.id)
            ]
        answer.append(row)
    return answer

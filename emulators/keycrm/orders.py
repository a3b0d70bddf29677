"""Orders over the API: list, read, create one or fifty, change.

Source: KeyCRM API document v1.2.0, "order". A shop's own order number (`source_uuid`) is not unique: nobody has seen
KeyCRM refuse a second one, and clients look it up before they create (assumed from that).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, emulation
from ..quantities import money, thousandths
from . import order_live
from .account import observed
from .buyers import reached
from .custom_fields import filled
from .errors import unknown
from .order import ORDERS, Line, Order
from .order_book import found, lines_of, recounted, set_status, shipped, taken, worded
from .order_stock import settle
from .order_view import shown
from .paging import among, among_ids, included, inside, is_true, listed, newest_first
from .references import Status, known


def list_all(
    limit: int,
    page: int,
    filter: dict[str, Any] | None = None,
    include: str | None = None,
    sort: str | None = None,
) -> dict[str, Any]:
    """Orders by filter. `created_between` looks at `ordered_at`: the vendor says so."""
    here, asked, c = emulation(), filter or {}, ORDERS.c
    where = [
        *reached(c.client_id, asked, "buyer_email", "email"),
        *reached(c.client_id, asked, "buyer_phone", "phone"),
        *inside(c.ordered_at, asked, "created_between"),
        *inside(c.updated_at, asked, "updated_between"),
        *inside(c.shipping_date, asked, "shipping_between"),
        *among(c.payment_status, asked, "payment_status"),
        *among_ids(c.source_id, asked, "source_id"),
        *among(c.source_uuid, asked, "source_uuid"),
        *among_ids(c.status_id, asked, "status_id"),
    ]
    tracked = is_true(asked, "has_tracking_code")
    if tracked is not None:
        where.append(c.tracking_code.is_not(None) if tracked else c.tracking_code.is_(None))
    names, sort = included(include), newest_first(here, sort)
    return listed(here, ORDERS, *where, limit=limit, page=page, sort=sort, render=lambda some: shown(here, some, names))


def read(order_id: int, include: str | None = None) -> dict[str, Any]:
    here = emulation()
    return shown(here, [found(here, order_id)], included(include))[0]


def create(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    here = emulation()
    names = order_live.ON_CREATION if observed(here) else frozenset()
    return shown(here, [taken(here, body)], names)[0], 201


def create_many(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Up to 50 orders; all or none (assumed). The answer names no ids."""
    here = emulation()
    for number, row in enumerate(body["orders"]):
        taken(here, row, at=f"orders.{number}.")
    return {"status": True}, 201


def update(order_id: int, body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Change status, comments, discounts, shipping, custom fields, and lines that are already there.

    Errors: 422 for an unknown status or product status, or a second tracking code. A row of `products` that fits no
    line is ignored: this call cannot add one.
    """
    here = emulation()
    order = found(here, order_id)
    status_id = body.get("status_id")
    status = here.store[Status].get(order.status_id if status_id is None else status_id)
    if status is None:
        raise unknown("status_id")
    order = shipped(here, worded(order, body), body.get("shipping"))
    order = replace(order, custom_fields=filled(here, "order", body.get("custom_fields"), order.custom_fields))
    here.store[Order].put(order)
    lines = _changed_lines(here, lines_of(here, order_id), body.get("products") or [])
    current = here.store[Status].get(order.status_id)
    assert current is not None
    settle(here, order_id, lines, current)
    order = set_status(here, recounted(here, order), status)
    return shown(here, [order])[0], 202


def _changed_lines(here: Emulation, lines: Sequence[Line], rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    for number, row in enumerate(rows):
        status = row.get("product_status_id")
        if status is not None and known(here, "product_status", status) is None:
            raise unknown(f"products.{number}.product_status_id")
    return altered_lines(lines, rows)


def altered_lines(lines: Sequence[Line], rows: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The lines with what the rows bring; a row finds its line by `id`, else by `sku`, or finds none."""
    kept = {line.id: line for line in lines}
    skus: dict[str, int] = {}
    for line in lines:
        if line.sku:
            skus.setdefault(line.sku, line.id)
    for row in rows:
        line_id = row["id"] if row.get("id") is not None else skus.get(row.get("sku") or "")
        if line_id in kept:
            kept[line_id] = altered_line(kept[line_id], row)
    return list(kept.values())


def altered_line(line: Line, row: Mapping[str, Any]) -> Line:
    texts: dict[str, Any] = {k: row[k] for k in ("name", "comment", "product_status_id") if row.get(k) is not None}
    prices: dict[str, Any] = {k: money(row[k]) for k in ("price", "purchased_price") if row.get(k) is not None}
    discounts: dict[str, Any] = {
        k: None if row[k] is None else money(row[k]) for k in ("discount_percent", "discount_amount") if k in row
    }
    quantity = line.quantity if row.get("quantity") is None else thousandths(row["quantity"])
    return replace(line, **texts, **prices, **discounts, quantity=quantity)

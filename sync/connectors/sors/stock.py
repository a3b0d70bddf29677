"""The run for stock and prices: the unit's inventory, page by page, onto the store's shelf.

Only numbers that differ are written. What orders have sold and SORS does not know yet is taken off, so that nothing
that was just sold comes back onto the shelf.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ...book import Book
from ...desk import Desk
from ...errors import Retry, Skip
from ...woocommerce import error_in
from .catalogue import RESTARTS, products_by_code
from .rules import price_of, sellable, stock_changes

ORDER = "order"


def inventory(desk: Desk) -> str:
    """One page of what the unit has."""
    number = desk.cursor.get("page", 1)
    page = desk.backend.inventory(number)
    rows = {
        str(row["code"]): {"quantity": row["quantity"], "price": price_of(row, desk.settings["vat"])}
        for row in page.rows
    }
    restarts, counts = desk.cursor.get("restarts", 0), desk.cursor.get("counts", {})
    moved = number > 1 and page.total != desk.cursor["total"] and restarts < RESTARTS
    with desk.begin() as book:
        if moved:
            desk.go(book, "inventory", page=1, restarts=restarts + 1, counts=counts, total=page.total)
            return "the list changed while it was read: begins anew"
        kept = {"page": number, "total": page.total, "last": page.last, "restarts": restarts, "counts": counts}
        desk.go(book, "shelf", rows=rows, seq=desk.seq, **kept)
    return f"read stock of {len(rows)} of {page.total} articles"


def shelf(desk: Desk) -> str:
    """Compare with the products as they are now, and plan what to write."""
    cursor, settings = desk.cursor, desk.settings
    rows = cursor["rows"]
    found = products_by_code(desk, rows)
    writes: dict[int, list[dict[str, Any]]] = {}
    notes: dict[str, str] = {}
    with desk.begin() as book:
        sold = unknown_to_sors(desk, book, cursor["seq"])
        for code, row in rows.items():
            products = found.get(code, [])
            if len(products) != 1:
                if products or not settings["catalogue"]:
                    said = f"{len(products)} products of the store have this SKU"
                    notes[code] = said if products else "the store has no product with this SKU"
                continue
            product = products[0]
            quantity = sellable(row["quantity"], settings["fractions"])
            wanted = max(0, quantity - sold.get(code, 0)) if settings["stock"] else None
            price = row["price"] if settings["prices"] else None
            changed, why = stock_changes(product, wanted, price, manage=settings["manage_stock"])
            if why:
                notes[code] = why
            elif settings["stock"] and row["quantity"] % 1:
                notes[code] = f"SORS has {row['quantity']:g}, the store shows {quantity}"
            if settings["prices"] and row["price"] is None:
                notes.setdefault(code, "SORS has no price of this article; the store's own stays")
            if changed:
                parent = int(product.get("parent_id") or 0) if product.get("type") == "variation" else 0
                writes.setdefault(parent, []).append({"id": product["id"], "sku": code, **changed})
        book.unskip(desk.connection.id, [_what(code) for code in rows])
        book.skip(desk.connection.id, [("in", _what(code), why) for code, why in notes.items()], desk.now)
        kept = {n: cursor[n] for n in ("page", "total", "last", "restarts", "counts", "rows", "seq")}
        desk.go(book, "fill", writes=[[parent, some] for parent, some in writes.items()], **kept)
    return f"{sum(map(len, writes.values()))} of {len(rows)} differ"


def _what(code: str) -> str:
    return f"stock of {code}"[:255]


def unknown_to_sors(desk: Desk, book: Book, seq: int) -> dict[str, int]:
    """Pieces by code of orders that are no documents yet, or have become one since the inventory was read. All that a
    store ever sold is not read for each page."""
    sold: dict[str, int] = {}
    lately = desk.run.started_at - timedelta(hours=1)  # a clock may be set right meanwhile; `seq` tells exactly
    for twin in book.twins.moving(desk.connection.id, ORDER, settled=("done", "over"), since=lately):
        if twin.state == "done" and int(twin.data.get("seq", 0)) <= seq:
            continue
        if twin.state != "over":
            for code, pieces in twin.data.get("pieces", {}).items():
                sold[code] = sold.get(code, 0) + int(pieces)
    return sold


def fill(desk: Desk) -> str:
    """Write one batch."""
    cursor = desk.cursor
    kept = {n: cursor[n] for n in ("page", "total", "last", "restarts", "counts", "rows", "seq")}
    if not cursor["writes"]:
        with desk.begin() as book:
            return _page_done(desk, book, kept)
    (parent, rows), rest = cursor["writes"][0], cursor["writes"][1:]
    path = f"/products/{parent}/variations/batch" if parent else "/products/batch"
    update = [{name: value for name, value in row.items() if name != "sku"} for row in rows]
    try:
        body = desk.store.call("POST", path, [], {"update": update}).json()
        answers = body.get("update") or [] if isinstance(body, dict) else []
        if len(answers) != len(rows):
            raise Retry(f"POST {path} answered {len(answers)} rows for {len(rows)}")
        errors = [error_in(row) for row in answers]
    except Skip as refused:
        errors = [str(refused)] * len(rows)
    except Retry:
        with desk.begin() as book:  # sold meanwhile? the shelf is looked at again before anything is written
            desk.go(book, "shelf", **kept)
        raise
    counts = dict(kept["counts"])
    with desk.begin() as book:
        bad = [("in", _what(row["sku"]), error) for row, error in zip(rows, errors, strict=True) if error]
        book.skip(desk.connection.id, bad, desk.now)  # type: ignore[arg-type]
        counts["updated"] = counts.get("updated", 0) + len(rows) - len(bad)
        desk.go(book, "fill", writes=rest, **{**kept, "counts": counts})
    return f"wrote {len(rows) - len(bad)} of {len(rows)}"


def _page_done(desk: Desk, book: Book, kept: dict[str, Any]) -> str:
    if not kept["last"]:
        again = {"restarts": kept["restarts"], "counts": kept["counts"], "total": kept["total"]}
        desk.go(book, "inventory", page=kept["page"] + 1, **again)
        return "the page is done"
    book.set_connection(desk.connection.id, looked_at=desk.now, reason="")
    updated = kept["counts"].get("updated", 0)
    desk.done(book, f"stock: {updated} updated" if updated else "")
    return f"{updated} updated"

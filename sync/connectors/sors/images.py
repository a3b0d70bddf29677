"""The run for pictures: those of every article that changed, by address; the store fetches them itself.

A picture that is in the store already goes by its id and is not sent again. The merchant's own pictures stay behind
those of SORS.
"""

from __future__ import annotations

from typing import Any

from ...desk import Desk
from ...errors import Retry, Skip
from ...twins import Twin
from .catalogue import products_by_code
from .rules import gallery

PICTURES = "pictures"


def pictured(desk: Desk) -> str:
    """One page of articles: those that changed since their pictures were last looked at."""
    number = desk.cursor.get("page", 1)
    page = desk.backend.articles(number)
    with desk.begin() as book:
        codes = [row["code"] for row in page.rows]
        seen = {t.ref: t.data.get("at") for t in book.twins.of(desk.connection.id, PICTURES, refs=codes)}
        queue = [
            {"id": row["id"], "code": row["code"], "at": row.get("changedAt")}
            for row in page.rows
            if row.get("isActive") and seen.get(row["code"]) != _version(desk, row)
        ]
        kept = {"page": number, "last": page.last, "sent": desk.cursor.get("sent", 0)}
        desk.go(book, "framed", queue=queue, **kept)
    return f"{len(queue)} of {len(page.rows)} articles changed"


def _version(desk: Desk, row: Any) -> str:
    return f"{desk.connection.learned['database']} {row.get('changedAt') or row.get('at')}"


def framed(desk: Desk) -> str:
    """Which products these are."""
    cursor = desk.cursor
    found = products_by_code(desk, [row["code"] for row in cursor["queue"]])
    queue = []
    for row in cursor["queue"]:
        products = found.get(row["code"], [])
        if len(products) == 1 and products[0].get("type") != "variation":  # one picture is all a variation has
            queue.append({**row, "product": products[0]["id"]})
    kept = {n: cursor[n] for n in ("page", "last", "sent")}
    with desk.begin() as book:
        desk.go(book, "pictures", queue=queue, **kept)
    return f"{len(queue)} products"


def pictures(desk: Desk) -> str:
    """The addresses of the next article's pictures."""
    cursor = desk.cursor
    kept = {n: cursor[n] for n in ("page", "last", "sent")}
    if not cursor["queue"]:
        with desk.begin() as book:
            if not kept["last"]:
                desk.go(book, "pictured", page=kept["page"] + 1, sent=kept["sent"])
                return "the page is done"
            desk.done(book, f"images: {kept['sent']} products" if kept["sent"] else "")
        return f"{kept['sent']} products"
    row = cursor["queue"][0]
    try:
        addresses = desk.backend.pictures(row["id"])
    except Skip:  # gone meanwhile: the next run knows
        with desk.begin() as book:
            desk.go(book, "pictures", queue=cursor["queue"][1:], **kept)
        return f"{row['code']} is not there any more"
    with desk.begin() as book:
        twin = book.twins.get(desk.connection.id, PICTURES, str(row["product"]))
        if addresses or (twin and twin.data.get("known")):
            desk.go(book, "hang", queue=cursor["queue"], addresses=addresses, **kept)
        else:
            _seen(desk, book, row, {})
            desk.go(book, "pictures", queue=cursor["queue"][1:], **kept)
    return f"{row['code']} has {len(addresses)} pictures"


def hang(desk: Desk) -> str:
    """What the product shows now, and what it should show."""
    cursor = desk.cursor
    row, kept = cursor["queue"][0], {n: cursor[n] for n in ("page", "last", "sent")}
    try:
        product = desk.store.one(f"/products/{row['product']}", [("_fields", "id,images")])
    except Skip:
        with desk.begin() as book:
            desk.go(book, "pictures", queue=cursor["queue"][1:], **kept)
        return f"the product of {row['code']} is gone"
    with desk.begin() as book:
        twin = book.twins.get(desk.connection.id, PICTURES, str(row["product"]))
        known = {url: int(number) for url, number in (twin.data.get("known", {}) if twin else {}).items()}
        wanted = gallery(product, cursor["addresses"], known)
        if wanted is None:
            _seen(desk, book, row, _in_order(cursor["addresses"], product.get("images")))
            desk.go(book, "pictures", queue=cursor["queue"][1:], **kept)
            return f"{row['code']} is as it should be"
        desk.go(book, "upload", queue=cursor["queue"], addresses=cursor["addresses"], images=wanted[0], **kept)
    return f"{row['code']}: {sum('src' in image for image in wanted[0])} new pictures"


def _in_order(addresses: list[str], images: Any) -> dict[str, int]:
    """Which picture of the store is which address: SORS's come first."""
    return dict(zip(addresses, (int(image["id"]) for image in images or ()), strict=False))


def _seen(desk: Desk, book: Any, row: dict[str, Any], known: dict[str, int]) -> None:
    data = {"at": _version(desk, row), "known": known}
    book.twins.put(desk.connection.id, [Twin(PICTURES, str(row["product"]), row["code"], data=data)], desk.now)


def upload(desk: Desk) -> str:
    """Give the product its pictures; the store fetches those that are new."""
    cursor = desk.cursor
    row, kept = cursor["queue"][0], {n: cursor[n] for n in ("page", "last", "sent")}
    if cursor.get("tried"):
        with desk.begin() as book:
            desk.go(book, "hang", queue=cursor["queue"], addresses=cursor["addresses"], **kept)
        return "nobody knows whether these pictures were taken: looks again"
    with desk.begin() as book:
        desk.go(book, "upload", tried=True, **{n: cursor[n] for n in cursor if n != "tried"})
    what = f"pictures of {row['code']}"[:255]
    try:
        answer = desk.store.call(
            "PUT", f"/products/{row['product']}", [("_fields", "id,images")], {"images": cursor["images"]}
        )
        images = answer.json().get("images") or []
    except Skip as refused:
        with desk.begin() as book:
            book.skip(desk.connection.id, [("in", what, str(refused))], desk.now)
            desk.go(book, "pictures", queue=cursor["queue"][1:], **kept)
        return f"the store refused the pictures of {row['code']}"
    except Retry as retry:
        if not retry.sent:
            with desk.begin() as book:
                desk.go(book, "hang", queue=cursor["queue"], addresses=cursor["addresses"], **kept)
        raise
    with desk.begin() as book:
        book.unskip(desk.connection.id, [what])
        _seen(desk, book, row, _in_order(cursor["addresses"], images))
        desk.go(book, "pictures", queue=cursor["queue"][1:], **{**kept, "sent": kept["sent"] + 1})
    return f"{row['code']} shows {len(images)} pictures"

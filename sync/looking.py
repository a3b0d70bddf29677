"""The steps that look: page by page through the store and the backend, or only at the SKUs that matter."""

from __future__ import annotations

from .book import Book
from .decide import changed, to_look_at
from .desk import Desk
from .errors import Skip, SyncError
from .model import Direction, Item
from .woocommerce import Page

RESTARTS = 5  # so often is a list begun again that changes while it is read
LOOKUP = 40  # SKUs in one question to the store; the address must not grow too long


def products(desk: Desk) -> str:
    number = desk.cursor.get("page", 1)
    return _took_page(desk, desk.store.products(number), number, "products", "variations")


def variations(desk: Desk) -> str:
    number = desk.cursor.get("page", 1)
    after = "changed" if desk.run.kind == "push" else "backend"
    try:
        page = desk.store.variations(number)
    except Skip as unknown:
        if unknown.status != 404:
            raise
        with desk.begin() as book:  # a WooCommerce that is too old to list the variations of all products
            desk.go(book, after)
        return "this WooCommerce cannot list variations; they are left alone"
    return _took_page(desk, page, number, "variations", after)


def _took_page(desk: Desk, page: Page, number: int, what: str, after: str) -> str:
    """Keep a page; begin again when the list changed meanwhile, since then a product may have slipped through."""
    of_variations = what == "variations"
    restarts = desk.cursor.get("restarts", 0)
    moved = desk.cursor.get("total", page.total) != page.total
    with desk.begin() as book:
        book.sight.add_items(desk.run.id, page.items, desk.seq)
        count = desk.cursor.get("count", 0) + len(page.items)
        if page.last:
            count = book.sight.count(desk.run.id, "item", variations=of_variations)
        if (moved or (page.last and count < page.total)) and restarts < RESTARTS:
            book.sight.drop(desk.run.id, "item", variations=of_variations)
            desk.go(book, what, restarts=restarts + 1)
            return f"the list of {what} changed while it was read: begins again"
        if page.last:
            desk.go(book, after)
        else:
            desk.go(book, what, page=number + 1, total=page.total, count=count, restarts=restarts)
    return f"read {count} of {page.total} {what}"


def backend(desk: Desk) -> str:
    """One page of the backend's whole stock. A total that moves, or a row that comes twice, spoils all of it."""
    number, restarts = desk.cursor.get("page", 1), desk.cursor.get("restarts", 0)
    page = desk.backend.page(number)
    total = desk.cursor.get("total", page.total)
    expected = desk.cursor.get("count", 0) + len(page.levels)
    with desk.begin() as book:
        book.sight.add_levels(desk.run.id, page.levels, desk.seq)
        count = book.sight.count(desk.run.id, "level")
        drifted = page.total != total or count != expected or (page.last and count != total)
        if drifted and restarts < RESTARTS:
            book.sight.drop(desk.run.id, "level")
            desk.go(book, "backend", restarts=restarts + 1)
            return "the backend's list changed while it was read: discarded, begins again"
        if not drifted and page.last:
            desk.go(book, "plan")
        elif not drifted:
            desk.go(book, "backend", page=number + 1, total=total, count=count, restarts=restarts)
    if drifted:
        raise SyncError("the backend's list did not stand still while it was read")
    return f"read {count} of {total} rows of the backend"


def listen(desk: Desk) -> str:
    """Which hints say something new. No call: the rest are echoes of our own writes, or repetitions."""
    with desk.begin() as book:
        upto, hints = book.hints(desk.connection.id)
        links = book.links(desk.connection.id, {h.sku for h in hints})
        base = {sku: link.base for sku, link in links.items() if link.base is not None}
        wanted = to_look_at(hints, base, {sku: link.ref for sku, link in links.items()})
        book.set_run(desk.run.id, upto=upto)
        if wanted:
            book.sight.ask(desk.run.id, wanted, {sku: link.seq for sku, link in links.items()})
            desk.go(book, "levels")
        else:
            book.unhear(desk.connection.id, upto)
            desk.done(book, "")
    return f"heard of {len({h.sku for h in hints})} SKUs, {len(wanted)} of them with news"


def changed_items(desk: Desk) -> str:
    """What the store has sold or got since the backend was last told. No call."""
    with desk.begin() as book:
        found: dict[str, tuple[Item, ...]] = {}
        for item, _ in book.sight.items(desk.run.id):
            found[item.sku] = (*found.get(item.sku, ()), item)
        base = {sku: link.base for sku, link in book.links(desk.connection.id).items() if link.base is not None}
        wanted = [sku for sku in changed(found, base) if sku]
        book.sight.ask(desk.run.id, dict.fromkeys(wanted, ""))
        desk.go(book, "levels" if wanted else "plan")
    return f"{len(wanted)} SKUs differ from what the backend was last told"


def levels(desk: Desk) -> str:
    """What the backend says now of some of the SKUs in question."""
    with desk.begin() as book:
        wanted = book.sight.asked(desk.run.id, desk.backend.some)
        known = {sku: ref for sku, ref in wanted.items() if ref}
        wanted = known or wanted  # one question is either by id or by SKU
        told = book.newest_hint(desk.connection.id)
    found = desk.backend.levels(wanted)
    with desk.begin() as book:
        book.sight.add_levels(desk.run.id, found, desk.seq)
        book.sight.answered(desk.run.id, wanted)
        if desk.run.kind == "listen":  # so a flood costs no second reading of what it told of before the first one
            book.heed(desk.connection.id, wanted, desk.run.upto, told)
        side: Direction = "out" if desk.run.kind == "push" else "in"
        missing = wanted.keys() - {level.sku for level in found}
        why = "the backend gave no stock for this SKU; absent is not zero"
        book.skip(desk.connection.id, [(side, sku, why) for sku in missing], desk.now)
        if book.sight.asked(desk.run.id, 1):
            desk.go(book, "levels")
        elif desk.run.kind == "listen" and _to_find(desk, book):
            desk.go(book, "find")
        else:
            desk.go(book, "plan")
    return f"read {len(found)} rows of the backend"


def _to_find(desk: Desk, book: Book) -> bool:
    """SKUs of the backend for which no product is known yet."""
    skus = {level.sku for level, _ in book.sight.levels(desk.run.id)}
    unknown = skus - {sku for sku, link in book.links(desk.connection.id, skus).items() if link.item}
    book.sight.ask(desk.run.id, {sku: "" for sku in unknown if "," not in sku})  # a comma parts SKUs in the question
    return bool(book.sight.asked(desk.run.id, 1))


def find(desk: Desk) -> str:
    with desk.begin() as book:
        wanted = book.sight.asked(desk.run.id, LOOKUP)
    found = desk.store.by_sku(wanted)
    with desk.begin() as book:
        book.sight.add_items(desk.run.id, found, desk.seq)
        book.sight.answered(desk.run.id, wanted)
        desk.go(book, "find" if book.sight.asked(desk.run.id, 1) else "plan")
    return f"found {len(found)} products for {len(wanted)} SKUs"

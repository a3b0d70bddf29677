"""Orders become documents: each once, as soon as it exists, for a customer who is looked up first.

The store's webhook only says which order is new; the order is read. Before a document is entered, that is noted: after
an answer that was lost, SORS is asked for the order's number before anything is sent again.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ...book import Book
from ...clock import shown
from ...desk import Desk
from ...errors import GiveUp, Retry, Skip
from ...twins import Twin
from ...watching import said
from .client import CLOSED, DUPLICATE, Refusal
from .joining import since, watched
from .rules import NOT_YET, OVER, Export, Line, export_of, lookups, pieces, same_customer, same_document
from .stock import ORDER

OVERLAP = timedelta(hours=1)  # orders are looked at again for so long: clocks differ, lists lag
LIST = "id,number,status,date_created_gmt"
WAITING = ("new", "failed", "about")  # states of an order that is no document yet, as far as is known
SETTLED = ("done", "over")  # of one that is


# -- which orders there are


def webhook(desk: Desk) -> str:
    """Whether the store still tells us of new orders; mended if not."""
    webhooks, troubles = watched(desk)
    with desk.begin() as book:
        desk.note(book, webhooks=webhooks)
        desk.go(book, "since", page=1, mended=said(troubles), upto=shown(desk.now))
    return f"mended: {said(troubles)}" if troubles else "the webhook is well"


def since_then(desk: Desk) -> str:
    """Orders that changed since the last look: new ones that no webhook told of, and exported ones that are over."""
    cursor = desk.cursor
    after = since(desk.connection.learned["orders_from"]) - OVERLAP
    found = desk.store.rows(
        "/orders",
        cursor["page"],
        [("modified_after", after.strftime("%Y-%m-%dT%H:%M:%S")), ("dates_are_gmt", "true"), ("_fields", LIST)],
    )
    with desk.begin() as book:
        new = [row for row in found.rows if _concerns(desk, book, row)]
        twins = [Twin(ORDER, str(row["id"]), state="new", data={"number": str(row["number"])}) for row in new]
        book.twins.put(desk.connection.id, twins, desk.now)
        if not found.last:
            desk.go(book, "since", **{**cursor, "page": cursor["page"] + 1})
            return f"{len(new)} orders to export"
        for twin in [t for state in WAITING for t in book.twins.of(desk.connection.id, ORDER, state=state)]:
            book.inbox.add(desk.connection.id, ORDER, twin.key, desk.now, topic="found by looking")
        desk.note(book, orders_from=cursor["upto"])
        desk.done(book, f"orders: {cursor['mended']}, mended" if cursor["mended"] else "")
    return f"{len(new)} orders to export"


def _concerns(desk: Desk, book: Book, order: Any) -> bool:
    """Whether nothing is known of the order yet, and it is to be exported. One that was exported and is over now is
    told of."""
    twin = book.twins.get(desk.connection.id, ORDER, str(order["id"]))
    if twin is None:
        made = since(f"{order['date_created_gmt']}+00:00")
        return order.get("status") not in NOT_YET | OVER and made >= since(desk.connection.learned["export_from"])
    if twin.state == "done" and order.get("status") in OVER:
        _told_over(desk, book, twin, str(order["status"]))
    return False


def _told_over(desk: Desk, book: Book, twin: Twin, status: str) -> None:
    """The merchant cancels the document: nobody else can know whether the goods are on their way."""
    document_ = twin.data.get("document")
    why = f"is {status} in the store and has become {document_} in SORS, which stays: cancel it there"
    book.skip(desk.connection.id, [("out", _named(twin.data.get("number", twin.key)), why)], desk.now)
    book.twins.put(desk.connection.id, [Twin(ORDER, twin.key, twin.ref, "over", twin.data)], desk.now)


def _named(number: Any) -> str:
    return f"order {number}"[:255]


# -- one order after the other


def next_order(desk: Desk) -> str:
    """The order that waits longest."""
    count = desk.cursor.get("count", 0)
    with desk.begin() as book:
        waiting = book.inbox.waiting(desk.connection.id, ORDER, limit=1)
        if not waiting:
            desk.done(book, f"orders: {count} exported" if count else "")
            return f"{count} exported"
        desk.go(book, "order", order=int(waiting[0].key), entry=waiting[0].id, count=count)
    return f"order {waiting[0].key}"


def order(desk: Desk) -> str:
    """Read the order as it is now: what a webhook carried may be old."""
    number = desk.cursor["order"]
    with desk.begin() as book:
        twin = book.twins.get(desk.connection.id, ORDER, str(number))
        if twin is not None and twin.state in SETTLED:
            _next(desk, book)
            return f"order {number} is a document already"
    try:
        found = desk.store.one(f"/orders/{number}")
    except Skip as missing:
        if missing.status not in (400, 404):
            raise
        found = {"id": number, "number": twin.data.get("number", number) if twin else number, "status": "trash"}
    status, unsure = found.get("status"), bool(twin and twin.state == "about" and not desk.cursor.get("looked"))
    with desk.begin() as book:
        if status in NOT_YET | OVER and not unsure:
            if status in OVER and twin is not None:  # it failed, and now it is over: nothing is waited for
                book.unskip(desk.connection.id, [_named(twin.data.get("number", number))])
                book.twins.drop(desk.connection.id, ORDER, [twin.key])
            _next(desk, book)
            return f"order {number} is {status}: nothing to export"
        export = export_of(found, desk.settings)
        state = twin.state if twin is not None else "new"
        home = twin.data.get("home", "") if twin is not None else ""
        _twin(desk, book, export, state, home=home)
        if export.problem and not unsure:
            _failed(desk, book, export, export.problem)
            return f"order {number} cannot be exported: {export.problem}"
        ways = lookups(export.customer)
        phase = "number" if unsure else "customer" if ways else "new_customer"
        own = {**_own(desk), "home": home, "over": str(status) if status in OVER else ""}
        desk.go(book, phase, export=_kept(export), ways=[list(way) for way in ways], **own)
    return f"read order {number}"


def _own(desk: Desk) -> dict[str, Any]:
    return {name: desk.cursor[name] for name in ("order", "entry", "count")}


def _kept(export: Export) -> dict[str, Any]:
    """As JSON, for the next steps of this run."""
    return {
        **asdict(export),
        "customer": dict(export.customer),
        "lines": [{**asdict(line), "price": str(line.price), "discount": str(line.discount)} for line in export.lines],
    }


def _export(desk: Desk) -> Export:
    kept = desk.cursor["export"]
    lines = [{**line, "price": Decimal(line["price"]), "discount": Decimal(line["discount"])} for line in kept["lines"]]
    return Export(**{**kept, "lines": tuple(Line(**line) for line in lines)})


def _twin(desk: Desk, book: Book, export: Export, state: str, ref: str = "", **data: Any) -> None:
    kept = {"number": export.number, "pieces": {} if desk.settings["document_type"] == "return" else pieces(export)}
    twin = Twin(ORDER, str(desk.cursor["order"]), ref, state, {**kept, **data})
    book.twins.put(desk.connection.id, [twin], desk.now)


def _next(desk: Desk, book: Book, *, more: int = 0) -> None:
    """This order is seen to."""
    waiting = [e for e in book.inbox.waiting(desk.connection.id, ORDER) if e.id == desk.cursor["entry"]]
    book.inbox.done(waiting)
    desk.go(book, "next", count=desk.cursor["count"] + more)


def _failed(desk: Desk, book: Book, export: Export, why: str, *, state: str = "failed") -> None:
    """Told on the status page, tried again with the next look at the orders, and its pieces stay off the shelf."""
    _twin(desk, book, export, state)
    book.skip(desk.connection.id, [("out", _named(export.number), why)], desk.now)
    _next(desk, book)


def customer(desk: Desk) -> str:
    """Look for the customer in the next way."""
    (by, value), rest = desk.cursor["ways"][0], desk.cursor["ways"][1:]
    export = _export(desk)
    found = same_customer(by, export.customer, desk.backend.customers(by, value))
    again = {"export": desk.cursor["export"], **_own(desk)}
    with desk.begin() as book:
        if found is not None:
            desk.go(book, "document", customer=int(found["id"]), **again)
            return f"order {export.number} is for customer {found['id']}"
        taken = bool(desk.cursor.get("taken"))
        if rest:
            desk.go(book, "customer", ways=rest, taken=taken, **again)
        else:
            desk.go(book, "new_customer", taken=taken, **again)
    return f"no customer with this {by}"


def new_customer(desk: Desk) -> str:
    """Enter the customer. After an answer that was lost, look again first."""
    export = _export(desk)
    ways = [list(way) for way in lookups(export.customer)]
    taken = bool(desk.cursor.get("taken"))  # SORS has said so already, and has shown nobody
    again = {"export": desk.cursor["export"], **_own(desk)}
    if desk.cursor.get("tried") and ways:
        with desk.begin() as book:
            desk.go(book, "customer", ways=ways, **again)
        return "nobody knows whether that customer was made: looks again"
    with desk.begin() as book:
        desk.go(book, "new_customer", tried=True, **again)
    try:
        made = desk.backend.create_customer(export.customer)
    except Refusal as refused:
        with desk.begin() as book:
            if DUPLICATE in refused.codes and ways and not taken:  # somebody entered this PIB meanwhile
                desk.go(book, "customer", ways=ways, taken=True, **again)
                return "this customer is there by now: looks again"
            _stop_if_closed(refused)
            _failed(desk, book, export, f"SORS does not take the customer: {refused}")
        return f"order {export.number} has no customer"
    except Retry as retry:
        if not retry.sent:
            with desk.begin() as book:
                desk.go(book, "new_customer", **again)
        raise
    with desk.begin() as book:
        desk.go(book, "document", customer=int(made["id"]), **again)
    return f"made customer {made['id']}"


def _stop_if_closed(refused: Refusal) -> None:
    """Nothing can be entered any more; the order waits in the inbox."""
    if CLOSED in refused.codes:
        raise GiveUp(
            "the fiscal year of the chosen database is closed; orders wait: connect again with the new database"
        ) from None


def document(desk: Desk) -> str:
    """Enter the document. What is about to be done is noted first."""
    export = _export(desk)
    again = {"export": desk.cursor["export"], **_own(desk)}
    if desk.cursor.get("tried"):
        with desk.begin() as book:
            desk.go(book, "number", customer=desk.cursor["customer"], **again)
        return "nobody knows whether that document was made: looks for its number"
    with desk.begin() as book:
        _twin(desk, book, export, "about", home=desk.connection.learned["database"])
        desk.go(book, "document", customer=desk.cursor["customer"], tried=True, **again)
    settings = desk.settings
    try:
        made = desk.backend.create_document(
            export.document(settings["document_type"], desk.cursor["customer"], settings["vat"])
        )
    except Refusal as refused:
        with desk.begin() as book:
            if DUPLICATE in refused.codes:
                desk.go(book, "number", customer=desk.cursor["customer"], taken=True, **again)
                return "SORS has a document with this number: looks whether it is the same"
            if CLOSED in refused.codes:  # after the new year the order is read again
                _twin(desk, book, export, "new")
                desk.go(book, "next", count=desk.cursor["count"])
            else:
                _failed(desk, book, export, f"SORS does not take the document: {refused}")
        _stop_if_closed(refused)
        return f"order {export.number} was refused"
    except Retry as retry:
        if not retry.sent:
            with desk.begin() as book:
                desk.go(book, "document", customer=desk.cursor["customer"], **again)
        raise
    with desk.begin() as book:
        return _exported(desk, book, export, made)


def number(desk: Desk) -> str:
    """Whether SORS has the document already, by the number that the order has there; perhaps in last year's database,
    if the answer was lost before the year was closed."""
    export, over = _export(desk), desk.cursor.get("over")
    found = desk.backend.documents(desk.settings["document_type"], export.external, desk.cursor.get("home", ""))
    same = next((row for row in found if over or same_document(export, row)), None)
    with desk.begin() as book:
        if same is not None:
            said_ = _exported(desk, book, export, same)
            twin = book.twins.get(desk.connection.id, ORDER, str(desk.cursor["order"]))
            if over and twin is not None:
                _told_over(desk, book, twin, over)
            return said_
        if found:  # not ours, or ours from before the order was changed: a second one would be worse
            why = (
                f"SORS has {found[0].get('number')} with the number {export.external} for something else: was the "
                "order changed since, or does another store use the same number_prefix?"
            )
            _failed(desk, book, export, why, state="about")
            return f"order {export.number} has the number of another document"
        if desk.cursor.get("taken"):  # entering it again would only be refused again
            why = (
                f"SORS refuses the number {export.external}, for a document that it does not list: was that one "
                "cancelled? Have SORS take the number again, or enter the order there by hand"
            )
            _failed(desk, book, export, why, state="about")
            return f"order {export.number} has a number that SORS does not take"
        desk.go(book, "order", looked=True, **_own(desk))  # it may have been changed since it was read
    return "it was not made"


def _exported(desk: Desk, book: Book, export: Export, made: Any) -> str:
    name = str(made.get("number") or made["id"])
    home = desk.connection.learned["database"]
    _twin(desk, book, export, "done", f"{home}:{made['id']}", document=name, seq=desk.seq)
    book.unskip(desk.connection.id, [_named(export.number)])
    _next(desk, book, more=1)
    return f"order {export.number} is {name}"

"""Notes on orders: what the store writes down by itself, and what people add.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, Reply, emulation
from . import auth, dates, mails, php, respond, texts
from .errors import WooError
from .order_records import NOTES, Note, Order, UnknownOrder
from .params import Params

ALLOWED = ("GET", "DELETE")
STORE = "WooCommerce"  # the author of what the store writes down by itself


def added(here: Emulation, order_id: int, note: str, *, for_customer: bool = False, author: str = STORE) -> Note:
    """Write something down. Neither the order's date nor any webhook notices; the customer is mailed what is meant for
    them."""
    if for_customer and (order := here.store[Order].get(order_id)) is not None:
        mails.sent(here, order, "customer_note", note)
    return here.store[Note].add(
        Note(here.ids.next("comment"), order_id, dates.second(here), for_customer, note, author)
    )


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    if here.store[Order].get(params["order_id"]) is None:
        raise UnknownOrder(message="Invalid order ID.")
    wanted = {"customer": True, "internal": False}.get(params.get("type", "any"))
    notes = here.store[Note].all(
        NOTES.c.order_id == params["order_id"], order=[NOTES.c.created_at.desc(), NOTES.c.id.desc()]
    )
    return respond.one([rendered(here, n) for n in notes if wanted is None or n.customer_note is wanted])


def create(params: Params) -> Reply:
    here = emulation()
    _order_exists(here, params["order_id"])
    auth.require("create", here)
    note = added(
        here,
        params["order_id"],
        texts.unslashed(php.text(params.get("note"))),
        for_customer=bool(params.get("customer_note")),
        author=auth.ADMIN if params.get("added_by_user") else STORE,
    )
    body = rendered(here, note)
    return respond.one(body, 201, location=respond.self_url(body))


def read(params: Params) -> Reply:
    here = emulation()
    note = _found(here, params)
    auth.require("view", here, single=True)
    return respond.one(rendered(here, note))


def delete(params: Params) -> Reply:
    here = emulation()
    note = _found(here, params)
    auth.require("delete", here)
    if not params.get("force"):
        raise WooError("woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.", 501)  # sic
    here.store[Note].delete(note.id)
    return respond.one(rendered(here, note))


def _order_exists(here: Emulation, order_id: int) -> None:
    if here.store[Order].get(order_id) is None:
        raise WooError("woocommerce_rest_order_invalid_id", "Invalid order ID.", 404)


def _found(here: Emulation, params: Params) -> Note:
    _order_exists(here, params["order_id"])
    note = here.store[Note].get(params["id"])
    if note is None or note.order_id != params["order_id"]:
        raise WooError("woocommerce_rest_invalid_id", "Invalid resource ID.", 404)
    return note


def rendered(here: Emulation, note: Note) -> dict[str, Any]:
    return {
        "id": note.id,
        "author": note.author,
        "date_created": dates.local(here, note.created_at),
        "date_created_gmt": dates.gmt(note.created_at),
        "note": note.note,
        "customer_note": note.customer_note,
        "_links": respond.links(
            here, f"orders/{note.order_id}/notes", note.id, f"orders/{note.order_id}", allow=ALLOWED
        ),
    }

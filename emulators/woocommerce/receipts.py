"""Receipts of orders: a page with a name nobody guesses, good for some days.

Source: WooCommerce 10.5.0, recorded 2026-11-21: making one. What is refused is after the same release, and how the
page looks is our own.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation
from . import order_actions, order_view, php, prices
from .errors import WooError
from .handoff import templates
from .order_records import Order
from .params import Params


@dataclass(frozen=True)
class Receipt:
    """The newest receipt of an order. `name` ends its address; `until`: its last day, "2026-11-22"."""

    order_id: int
    name: str
    until: str


RECEIPTS = Table(Receipt, "woo_receipts", key="order_id", columns=("name",))


def read(params: Params) -> dict[str, str]:
    """Errors: 404 when there is none, or it ran out."""
    here = emulation()
    order_actions.require(here, "view")
    receipt = here.store[Receipt].get(params["id"])
    if receipt is None or not _good(here, receipt):
        raise WooError("woocommerce_rest_not_found", "Receipt not found", 404)
    return _rendered(here, receipt)


def create(params: Params) -> dict[str, str]:
    """The receipt there is while it is good, else a new one. Errors: 404, 400 for a day that is none or is past."""
    here = emulation()
    order_actions.require(here, "create")
    until = _last_day(here, params)
    if here.store[Order].get(params["id"]) is None:
        raise WooError("woocommerce_rest_not_found", "Order not found", 404)
    old = here.store[Receipt].get(params["id"])
    if old is not None and _good(here, old) and not php.boolean(params.get("force_new")):
        return _rendered(here, old)
    name = f"{until.year:03x}{until.month:x}{until.day:02x}{here.ids.hex(32)}"
    return _rendered(here, here.store[Receipt].put(Receipt(params["id"], name, until.isoformat())))


def show(params: Params) -> Reply:
    """The page itself, for everybody who knows its address."""
    here = emulation()
    receipt = here.store[Receipt].first(RECEIPTS.c.name == params["name"])
    order = here.store[Order].get(receipt.order_id) if receipt is not None and _good(here, receipt) else None
    if order is None:
        return Reply(404, b"", (_HTML,))
    shown = order_view.rendered(here, order)
    money = prices.money(here)
    lines = [(x["name"], x["quantity"], unescape(money.text(x["total"]))) for x in shown["line_items"]]
    total = unescape(money.text(shown["total"]))
    body = templates().get_template("receipt.html").render(order=shown, lines=lines, total=total)
    return Reply(200, body.encode(), (_HTML,))


_HTML = ("Content-Type", "text/html; charset=UTF-8")


def _last_day(here: Emulation, params: Params) -> date:
    today = here.clock.now.date()
    asked = params.get("expiration_date")
    if asked is not None:
        day = _day(php.text(asked))
        if day is None:
            raise _invalid(f"{php.text(asked)} is not a valid date, expected format: YYYY-MM-DD")
    else:
        try:
            day = today + timedelta(days=php.integer(params.get("expiration_days")))
        except OverflowError:
            day = date.min
    if day < today:
        raise _invalid(f"The supplied expiration date, {day.isoformat()}, is in the past")
    return day


def _day(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _invalid(message: str) -> WooError:
    return WooError("woocommerce_invalid_argument", message)


def _good(here: Emulation, receipt: Receipt) -> bool:
    return receipt.until >= here.clock.now.date().isoformat()


def _rendered(here: Emulation, receipt: Receipt) -> dict[str, Any]:
    return {"receipt_url": f"{here.root}/wc/file/transient/{receipt.name}", "expiration_date": receipt.until}

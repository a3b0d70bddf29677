"""Orders in the vocabulary of the laboratory: what a shopper and a merchant do, and what the store then believes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, LabError, replace
from . import dates, order_status, order_view, orders, product, refunds, totals, webhooks
from .order_records import DRAFTS, ORDERS, STATUSES, Order, items_by_order, items_of, still_refundable
from .params import Params
from .refund_lines import Asked

SHOPPER = {
    "first_name": "Ann",
    "last_name": "Lee",
    "address_1": "1 Main",
    "city": "San Francisco",
    "state": "CA",
    "postcode": "94103",
    "country": "US",
    "email": "ann@example.com",
    "phone": "555",
}


def place(
    here: Emulation,
    lines: Mapping[str, int] | None = None,
    paid: bool = True,
    email: str = "ann@example.com",
    payment_method: str = "cod",
    billing: Mapping[str, str] | None = None,
    fields: Mapping[str, Any] | None = None,
    note: str = "",
    sku: str = "",
    quantity: int = 1,
) -> dict[str, Any]:
    """A shopper checks out: `lines` are pieces by SKU (or `sku` and `quantity`, for one line), `billing` is what of the
    address is not as everybody's, `fields` are custom fields of the order, `note` is what the shopper wrote.

    The order is new first and is then paid (processing, stock taken), or waits for its money with `paid` false
    (on-hold, stock taken too). Webhooks hear of the order and of every product whose stock moved. Answers {"id",
    "number", "status", "total"}.
    """
    wanted = {**(lines or {}), **({sku: quantity} if sku else {})}
    if not wanted:
        raise LabError("an order needs a sku, or lines: pieces by SKU, like MUG: 2")
    bought = [{**reference(here, one), "quantity": pieces(one, count)} for one, count in wanted.items()]
    address = {**SHOPPER, "email": email}
    params = Params.unchecked(
        {
            "line_items": bought,
            "billing": {**address, **(billing or {})},
            "shipping": {k: v for k, v in address.items() if k != "email"},
            "meta_data": [{"key": key, "value": value} for key, value in (fields or {}).items()],
            "customer_note": note,
            "payment_method": payment_method,
            "created_via": "checkout",
            "status": "pending" if paid else "on-hold",
            "set_paid": paid,
        }
    )
    return told(orders.finished(here, orders.begun(here, params), params))


def reference(here: Emulation, sku: str) -> dict[str, int]:
    found = product.by_sku(here, sku)
    if found is None:
        raise LabError(f"the store has no product with SKU {sku!r}", status=404, code="unknown_sku")
    return {"variation_id": found.id} if found.is_variation else {"product_id": found.id}


def pieces(sku: str, count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise LabError(f"{count!r} pieces of {sku} cannot be ordered")
    return count


def pay(here: Emulation, order: int) -> dict[str, Any]:
    """The money came: processing, or completed when all of it can be downloaded."""
    old = wanted(here, order)
    if old.status not in order_status.PAYABLE:
        raise LabError(f"order {order} is {old.status} and waits for no money")
    return told(changed(here, old, order_status.paid(here, old)))


def cancel(here: Emulation, order: int) -> dict[str, Any]:
    """Cancelled by the merchant: what stock it held goes back to the shelf."""
    return change_status(here, order, "cancelled")


def change_status(here: Emulation, order: int, status: str) -> dict[str, Any]:
    """Any status after any other, as the merchant may choose it."""
    if status not in STATUSES:
        raise LabError(f"{status!r} is no status of an order; there are {', '.join(STATUSES)}")
    old = wanted(here, order)
    return told(changed(here, old, order_status.moved(here, old, status)))


def give_custom_status(here: Emulation, order: int, status: str = "awaiting-pickup") -> dict[str, Any]:
    """A plugin moves the order to a status of its own, of which WooCommerce knows nothing: stock stays where it is."""
    if status in (*STATUSES, order_status.TRASH) or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,16}", status):
        raise LabError(f"{status!r} is no status of a plugin's own: small letters, digits and hyphens, at most 17")
    old = wanted(here, order)
    return told(changed(here, old, replace(old, status=status)))


def trash(here: Emulation, order: int) -> dict[str, Any]:
    """Thrown away by the merchant; stock stays where it is."""
    old = wanted(here, order)
    if old.status == order_status.TRASH:
        raise LabError(f"order {order} is in the trash already")
    new = order_status.trashed(here, old)
    webhooks.happened(here, "order.deleted", order)
    return told(new)


def restore(here: Emulation, order: int) -> dict[str, Any]:
    """Taken out of the trash by the merchant, in the status it had."""
    old = wanted(here, order)
    if old.status != order_status.TRASH:
        raise LabError(f"order {order} is {old.status} and not in the trash")
    new = order_status.restored(here, old)
    webhooks.happened(here, "order.restored", order)
    return told(new)


def refund(
    here: Emulation, order: int, lines: Mapping[str, int] | None = None, amount: str = "", restock: bool = True
) -> dict[str, Any]:
    """Money given back by hand: for `lines` (pieces by SKU, at what they cost), an `amount`, or all that is left.

    Pieces come back into stock unless `restock` is false. Answers {"id", "amount", "order"}.
    """
    old = wanted(here, order)
    back = _returned(here, old, lines or {})
    rest = still_refundable(here, old)
    given = totals.amount(amount) if amount else sum((b.amount for b in back), totals.ZERO) if back else rest
    if not totals.ZERO < given <= rest:
        raise LabError(f"{given} cannot be refunded: {rest} is left of order {order}")
    made = refunds.given(here, old, back, totals.rounded(given), restock=restock)
    return {"id": made.id, "amount": f"{made.amount:.2f}", "order": told(wanted(here, order))}


def _returned(here: Emulation, order: Order, lines: Mapping[str, int]) -> list[Asked]:
    items = items_of(here, order.id, "line_item")
    view = order_view.View(here, items)
    by_sku = {sold.sku: item for item in items if (sold := view.product(item)) is not None}
    back = []
    for sku, count in lines.items():
        item = by_sku.get(sku)
        if item is None or not 0 < pieces(sku, count) <= item.quantity:
            raise LabError(f"order {order.id} does not hold {count} of {sku!r}")
        share = Decimal(count) / item.quantity
        taxes = {rate: totals.rounded(tax * share) for rate, tax in item.line.taxes.items()}
        back.append(Asked(item, count, totals.rounded(item.total * share), taxes))
    return back


def wanted(here: Emulation, number: int) -> Order:
    order = here.store[Order].get(number)
    if order is None:
        raise LabError(f"there is no order {number}", status=404, code="unknown_order")
    return order


def changed(here: Emulation, old: Order, new: Order) -> Order:
    new = here.store[Order].put(replace(new, modified_at=dates.second(here)))
    order_status.told(here, old.status, new)
    return new


def told(order: Order) -> dict[str, Any]:
    return {"id": order.id, "number": str(order.id), "status": order.status, "total": f"{order.total:.2f}"}


def an_order(here: Emulation, sku: str = "MUG", quantity: int = 1, status: str = "processing") -> dict[str, Any]:
    """An order of one product, which is made if there is none with this SKU. Answers like "place order"."""
    if status not in STATUSES:
        raise LabError(f"{status!r} is no status of an order; there are {', '.join(STATUSES)}")
    if product.by_sku(here, sku) is None:
        now = dates.second(here)
        new = product.Product(
            here.ids.next("post"), now, now, name=sku, slug=sku.lower(), sku=sku, regular_price="10.00"
        )
        product.kept(here, replace(new, manage_stock=True, stock_quantity=100))
    for order, lines in _with_lines(here, ORDERS.c.status == status):
        if lines == {sku: quantity}:
            return {**told(order), "order_key": order.order_key}
    params = Params.unchecked(
        {"line_items": [{**reference(here, sku), "quantity": quantity}], "billing": SHOPPER, "status": status}
    )
    made = orders.finished(here, orders.begun(here, params), params)
    return {**told(made), "order_key": made.order_key}


def facts(here: Emulation) -> dict[str, dict[str, Any]]:
    """Orders by number: status, total, and pieces by SKU (by name where there is none). No trash, and no drafts:
    those are no orders yet."""
    return {
        str(order.id): {"status": order.status, "total": f"{order.total:.2f}", "lines": lines}
        for order, lines in _with_lines(here, ORDERS.c.status.not_in((order_status.TRASH, *DRAFTS)))
    }


def _with_lines(here: Emulation, *where: Any) -> list[tuple[Order, dict[str, int]]]:
    """Orders, each with its pieces by SKU."""
    found = here.store[Order].all(*where, order=[ORDERS.c.id])
    items = items_by_order(here, [o.id for o in found])
    view = order_view.View(here, [i for some in items.values() for i in some if i.kind == "line_item"])
    listed = []
    for order in found:
        lines: dict[str, int] = {}
        for item in items[order.id]:
            if item.kind == "line_item":
                sold = view.product(item)
                name = (sold.sku if sold else "") or item.name
                lines[name] = lines.get(name, 0) + item.quantity
        listed.append((order, lines))
    return listed


STATES: dict[str, Callable[..., Any]] = {"an order": an_order}
MOVES: dict[str, Callable[..., Any]] = {
    "place order": place,
    "pay order": pay,
    "cancel order": cancel,
    "change order status": change_status,
    "give order a custom status": give_custom_status,
    "trash order": trash,
    "restore order": restore,
    "refund order": refund,
}
FACTS: dict[str, Callable[..., Any]] = {"orders": facts}

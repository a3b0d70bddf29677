"""Orders in the store: taking them, changing their status, keeping their sums, telling the triggers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..kernel import Emulation
from ..quantities import money, thousandths
from .account import account, observed
from .buyers import of_order
from .catalogue import PRODUCTS, Offer, Product, by_sku, complete
from .custom_fields import filled
from .dates import parsed
from .errors import Invalid, NotFound, unknown
from .order import (
    EXPENSES,
    LINES,
    PAYMENTS,
    ZERO,
    Expense,
    Line,
    Order,
    Payment,
    paid_total,
    payment_state,
    summed,
)
from .order_stock import settle
from .order_view import SHIPPING_TEXTS, context
from .references import Status, first_status, known, named_or_added
from .users import exists
from .webhooks import triggered

TEXTS = ("buyer_comment", "manager_comment", "promocode", "gift_message")
MARKS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
SHIPPING = (*SHIPPING_TEXTS, "delivery_service_id", "shipping_secondary_line", "shipping_service", "warehouse_ref")
MONEYS = ("discount_percent", "discount_amount", "shipping_price", "wrap_price", "taxes")


def found(here: Emulation, order_id: int) -> Order:
    order = here.store[Order].get(order_id)
    if order is None:
        raise NotFound
    return order


def lines_of(here: Emulation, order_id: int) -> list[Line]:
    return here.store[Line].all(LINES.c.order_id == order_id, order=[LINES.c.id])


def taken(here: Emulation, body: Mapping[str, Any], *, at: str = "") -> Order:
    """A new order with its buyer, lines and payments, in the account's first status.

    `at` is where the order stands in the request ("orders.3."), for refusals.
    Errors: 422 for a source, manager, delivery service or payment method that does not exist.
    """
    source_id = _source(here, body, at)
    _check_references(here, body, at)
    now = here.clock.now
    status = first_status(here)
    order = Order(
        id=here.ids.next("keycrm.order"),
        source_id=source_id,
        status_id=status.id,
        client_id=of_order(here, body["buyer"]).id,
        ordered_at=moment(body.get("ordered_at"), now),
        created_at=now,
        updated_at=now,
        status_changed_at=now,
        source_uuid=body.get("source_uuid"),
        manager_id=body.get("manager_id"),
        is_gift=bool(body.get("is_gift")),
        gift_wrap=bool(body.get("gift_wrap")),
        marketing={k: v for k, v in (body.get("marketing") or {}).items() if k in MARKS},
        custom_fields=filled(here, "order", body.get("custom_fields")),
    )
    order = here.store[Order].add(shipped(here, worded(order, body), body.get("shipping"), at))
    lines = _lines(here, order.id, body.get("products") or [])
    settle(here, order.id, lines, status)
    for number, row in enumerate(body.get("payments") or []):
        pay(here, row, order_id=order.id, at=f"{at}payments.{number}.")
    return recounted(here, order, announce=False)


def worded(order: Order, body: Mapping[str, Any]) -> Order:
    """The order with the comments and amounts that the body brings; null empties one."""
    texts: dict[str, Any] = {k: body[k] for k in TEXTS if k in body}
    amounts: dict[str, Any] = {k: None if body[k] is None else money(body[k]) for k in MONEYS if k in body}
    return replace(order, **texts, **amounts)


def shipped(here: Emulation, order: Order, shipping: Mapping[str, Any] | None, at: str = "") -> Order:
    """The order with this shipping; what it leaves out stays.

    Errors: 422 when a tracking code is set that differs from the one there is (KeyCRM says it cannot be replaced).
    """
    if not shipping:
        return order
    service = shipping.get("delivery_service_id")
    if service is not None and known(here, "delivery_service", service) is None:
        raise unknown(f"{at}shipping.delivery_service_id")
    code = shipping.get("tracking_code")
    if code and order.tracking_code and code != order.tracking_code:
        raise Invalid({f"{at}shipping.tracking_code": ["The order already has a tracking code."]})
    date = shipping.get("shipping_date")
    kept = {k: shipping[k] for k in SHIPPING if k in shipping}
    return replace(
        order,
        tracking_code=order.tracking_code or code or None,
        shipping_date=parsed(date) if date else order.shipping_date,
        shipping={**order.shipping, **kept},
    )


def set_status(here: Emulation, order: Order, status: Status, *, quiet: bool = False) -> Order:
    """Move the order to a status: stock follows, webhooks hear of it unless it is to be quiet. The same status again
    does nothing."""
    if order.status_id == status.id:
        return order
    now = here.clock.now
    order = here.store[Order].put(
        replace(
            order,
            status_id=status.id,
            status_changed_at=now,
            updated_at=now,
            closed_at=now if status.is_closing_order else None,
        )
    )
    settle(here, order.id, lines_of(here, order.id), status, quiet=quiet)
    order = recounted(here, order, announce=not quiet)
    if not quiet:
        triggered(here, "order.change_order_status", context(order, status))
    return order


def recounted(here: Emulation, order: Order, *, announce: bool = True) -> Order:
    """The order with its sums and payment status as its lines, payments and expenses have them now, kept."""
    lines = lines_of(here, order.id)
    payments = here.store[Payment].all(PAYMENTS.c.order_id == order.id)
    expenses = here.store[Expense].all(EXPENSES.c.order_id == order.id)
    sums = summed(order, lines)
    paid = paid_total(payments)
    state = payment_state(paid, sums.grand_total)
    after = here.store[Order].put(
        replace(
            order,
            **asdict(sums),
            payments_total=paid,
            expenses_sum=sum((expense.amount for expense in expenses), ZERO),
            payment_status=state,
            has_reserves=any(line.reserved for line in lines),
            updated_at=here.clock.now,
        )
    )
    if announce and state != order.payment_status:
        status = here.store[Status].get(after.status_id)
        assert status is not None
        triggered(here, "order.change_payment_status", context(after, status))
    return after


def pay(
    here: Emulation,
    row: Mapping[str, Any],
    *,
    order_id: int | None = None,
    card_id: int | None = None,
    at: str = "",
) -> Payment:
    """A payment, by the id of its method or by its name.

    Errors: 422 without either, or for an id that does not exist.
    """
    now = here.clock.now
    return here.store[Payment].add(
        Payment(
            id=here.ids.next("keycrm.payment"),
            amount=money(row["amount"]),
            created_at=now,
            updated_at=now,
            payment_date=moment(row.get("payment_date"), now),
            order_id=order_id,
            card_id=card_id,
            payment_method_id=pointed_at(here, row, "payment_method", at),
            status=row.get("status") or "paid",
            description=row.get("description"),
        )
    )


def pointed_at(here: Emulation, row: Mapping[str, Any], kind: str, at: str = "") -> int:
    """The id of the payment method or expense type that a row names by id or by name."""
    number, name = row.get(f"{kind}_id"), row.get(kind)
    if number is not None:
        if known(here, kind, number) is None:
            raise unknown(f"{at}{kind}_id")
        return int(number)
    if not name:
        said = f"The {kind} id field is required when {kind} is not present.".replace("_", " ")
        raise Invalid({f"{at}{kind}_id": [said]})
    return named_or_added(here, kind, name).id


def moment(text: str | None, otherwise: datetime) -> datetime:
    return (parsed(text) if text else None) or otherwise


def _source(here: Emulation, body: Mapping[str, Any], at: str) -> int:
    """The source by id; in the observed profile also by name, made when it is new."""
    number = body.get("source_id")
    if number is None and observed(here):
        if body.get("source_name"):
            return named_or_added(here, "source", body["source_name"]).id
        raise Invalid({f"{at}source_id": ["The source id field is required when source name is not present."]})
    if number is None:
        raise Invalid({f"{at}source_id": ["The source id field is required."]})
    if known(here, "source", number) is None:
        raise unknown(f"{at}source_id")
    return int(number)


def _check_references(here: Emulation, body: Mapping[str, Any], at: str) -> None:
    manager_id = body.get("manager_id")
    if manager_id is not None and not exists(here, manager_id):
        raise unknown(f"{at}manager_id")


def _lines(here: Emulation, order_id: int, rows: list[dict[str, Any]]) -> list[Line]:
    if not rows:
        return []
    skus = list({row["sku"] for row in rows if row.get("sku")})
    offers = by_sku(here, skus)
    product_ids = list({offer.product_id for offer in offers.values()})
    products = {p.id: p for p in here.store[Product].all(PRODUCTS.c.id.in_(product_ids))}
    first = here.ids.next("keycrm.line", len(rows))
    warehouse_id = account(here).warehouse_id
    answer = []
    for number, row in enumerate(rows):
        offer = offers.get(row.get("sku") or "")
        product = products.get(offer.product_id) if offer else None
        answer.append(lined(first + number, order_id, row, offer, product, warehouse_id))
    return answer


def lined(
    line_id: int,
    order_id: int,
    row: Mapping[str, Any],
    offer: Offer | None,
    product: Product | None,
    warehouse_id: int,
) -> Line:
    """A line from its row; what the row leaves out comes from the offer with its SKU, if there is one."""

    def amount(key: str) -> Decimal:
        if row.get(key) is not None:
            return money(row[key])
        given: Decimal = getattr(offer, key) if offer else ZERO
        return given

    percent, off = row.get("discount_percent"), row.get("discount_amount")
    return Line(
        id=line_id,
        order_id=order_id,
        name=row.get("name") or (product.name if product else row.get("sku") or ""),
        quantity=thousandths(row.get("quantity", 1)),
        sku=row.get("sku"),
        offer_id=offer.id if offer else None,
        warehouse_id=warehouse_id if offer else None,
        price=amount("price"),
        purchased_price=amount("purchased_price"),
        discount_percent=None if percent is None else money(percent),
        discount_amount=None if off is None else money(off),
        unit_type=row.get("unit_type") or (product.unit_type if product else None),
        comment=row.get("comment") or "",
        picture=row.get("picture") or (offer.thumbnail_url if offer else None),
        properties=complete(row.get("properties") or (offer.properties if offer else [])),
    )

"""The checkout as a shopper goes through it: a draft while the form is filled in, an order when it is sent, money.

While the form is open the order is a checkout-draft, which webhooks hear of as order.created. Sending it makes it
pending: order.created a second time, and no order.updated. The payment then moves it on. What is pending or a draft
holds pieces back from other shoppers for a while; stock itself moves only when the order is to be fulfilled.
Source: WooCommerce 10.5.0, recorded 2026-11-21 (the statuses and their webhooks, over REST). Guess: that the block
checkout does the same to them, the minutes that a draft holds stock, and that it fills the customer's addresses.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, LabError, dataclass, replace
from . import customers, order_moves, order_status, orders, php, product, settings, stock, webhooks
from .customers import Customer
from .errors import WooError
from .order_records import ITEMS, ORDERS, Item, Order, items_of
from .params import Params
from .product import Product

DRAFT = "checkout-draft"
VIA = "store-api"
DRAFT_HOLDS = timedelta(minutes=10)
METHODS = {
    "cod": "Cash on delivery",
    "bacs": "Direct bank transfer",
    "cheque": "Check payments",
    "card": "Credit / Debit Card",
}
_BY_HAND = {
    "cod": ("processing", "Payment to be made upon delivery."),
    "bacs": ("on-hold", "Awaiting BACS payment"),
    "cheque": ("on-hold", "Awaiting cheque payment"),
}
PAYMENTS = ("succeeds", "fails", "waits")


def check_out(
    here: Emulation,
    lines: Mapping[str, int],
    customer: str = "",
    email: str = "ann@example.com",
    create_account: bool = False,
    coupon: str = "",
    shipping: str = "",
    payment_method: str = "cod",
    payment: str = "succeeds",
    note: str = "",
) -> dict[str, Any]:
    """A shopper buys a cart (`lines`: pieces by SKU) and pays.

    A guest with this `email`, a `customer` by the address of an account, or a new account. `shipping` is what a flat
    rate costs ("5.00"). By `payment_method`: cod is processing, bacs and cheque wait on-hold, a card "succeeds"
    (processing, or completed when all of it is downloaded), "fails" (failed) or "waits" (pending). Refused as the
    checkout refuses it: what is out of stock or held by other carts, and a coupon that cannot be used.
    """
    cart = Cart(lines, customer, email, create_account, coupon, shipping, note)
    draft = _opened(here, cart)
    return _sent(here, draft, payment_method, payment)


def abandon(
    here: Emulation,
    lines: Mapping[str, int],
    at: str = "checkout",
    customer: str = "",
    email: str = "ann@example.com",
) -> dict[str, Any]:
    """A shopper goes away: `at` "checkout" leaves a checkout-draft behind, "payment" an order that is pending. WP-Cron
    deletes the one after a day, and cancels the other when it held its stock long enough."""
    if at not in ("checkout", "payment"):
        raise LabError(f"a shopper goes away at the checkout or at the payment, not at {at!r}")
    draft = _opened(here, Cart(lines, customer, email))
    return order_moves.told(draft) if at == "checkout" else _sent(here, draft, "card", "waits")


def finish(here: Emulation, order: int, payment_method: str = "cod", payment: str = "succeeds") -> dict[str, Any]:
    """The shopper comes back to a draft and sends it: the second order.created of the same order."""
    draft = order_moves.wanted(here, order)
    if draft.status != DRAFT:
        raise LabError(f"order {order} is {draft.status}, which is no draft of a checkout")
    bought = items_of(here, draft.id, "line_item")
    _refuse_missing(here, [(i.variation_id or i.product_id, i.quantity) for i in bought], but=draft.id)
    return _sent(here, draft, payment_method, payment)


def fail_payment(here: Emulation, order: int) -> dict[str, Any]:
    """The bank refuses: failed. What stock the order took stays taken; the shopper may try again ("pay order")."""
    old = order_moves.wanted(here, order)
    if old.status not in ("pending", "on-hold"):
        raise LabError(f"order {order} is {old.status} and waits for no money")
    return order_moves.told(order_moves.changed(here, old, order_status.moved(here, old, "failed")))


MOVES: dict[str, Callable[..., Any]] = {
    "check out": check_out,
    "abandon checkout": abandon,
    "finish checkout": finish,
    "fail payment": fail_payment,
}

# ---------------------------------------------------------------------------------------------- on the way


@dataclass(frozen=True)
class Cart:
    """What the form of the checkout holds before it is sent."""

    lines: Mapping[str, int]
    customer: str = ""
    email: str = "ann@example.com"
    create_account: bool = False
    coupon: str = ""
    shipping: str = ""
    note: str = ""


def _opened(here: Emulation, cart: Cart) -> Order:
    """The draft that is there while the form is filled in; webhooks hear of it."""
    if not cart.lines:
        raise LabError("a cart needs lines: pieces by SKU, like MUG: 2")
    pieces = {sku: order_moves.pieces(sku, count) for sku, count in cart.lines.items()}
    _refuse_missing(here, [(_for_sale(here, sku, count).id, count) for sku, count in pieces.items()])
    buyer = _buyer(here, cart)
    address = {**order_moves.SHOPPER, "email": buyer.email if buyer else cart.email}
    params = Params.unchecked(
        {
            "line_items": [{**order_moves.reference(here, sku), "quantity": count} for sku, count in pieces.items()],
            "billing": address,
            "shipping": {k: v for k, v in address.items() if k != "email"},
            "created_via": VIA,
            "customer_id": buyer.id if buyer else 0,
            "customer_note": cart.note,
            "shipping_lines": [_shipping(cart.shipping)] if cart.shipping else [],
            "coupon_lines": [{"code": cart.coupon}] if cart.coupon else [],
        }
    )
    try:
        order = orders.with_coupons(here, orders.begun(here, params), params)
    except WooError as refused:
        raise LabError(html.unescape(refused.message), code="coupon_refused") from None
    order = here.store[Order].put(replace(order, status=DRAFT))
    orders.tell_new(here, order)
    return order


def _shipping(cost: str) -> dict[str, str]:
    if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", cost):
        raise LabError(f"{cost!r} is no price of shipping; write it like 5.00")
    return {"method_id": "flat_rate", "instance_id": "1", "method_title": "Flat rate", "total": cost}


def _sent(here: Emulation, draft: Order, payment_method: str, payment: str) -> dict[str, Any]:
    """The form was sent: an order, and what becomes of its payment."""
    if payment_method not in METHODS:
        raise LabError(f"nobody can pay by {payment_method!r}; there are: {', '.join(METHODS)}")
    if payment not in PAYMENTS:
        raise LabError(f"a payment {', '.join(PAYMENTS)}; {payment!r} is none of it")
    if payment_method in _BY_HAND and payment != "succeeds":
        raise LabError(f"only a card can be refused or left waiting, not {METHODS[payment_method]}")
    draft = replace(draft, payment_method=payment_method, payment_method_title=METHODS[payment_method])
    order = order_status.moved(here, draft, "pending")
    order_status.told(here, DRAFT, order)
    _remember_addresses(here, order)
    return order_moves.told(_after_payment(here, order, payment))


def _after_payment(here: Emulation, order: Order, payment: str) -> Order:
    if payment == "waits":
        return order
    if payment == "fails":
        after = order_status.moved(here, order, "failed")
    elif order.total and (by_hand := _BY_HAND.get(order.payment_method)):
        status, words = by_hand
        after = order_status.moved(
            here, order, status, note=f"{words} Order status changed from Pending payment to {status.capitalize()}."
        )
    else:
        paid_by = f"ch_{here.ids.hex(24)}" if order.total else ""
        after = order_status.paid(here, replace(order, transaction_id=paid_by))
    order_status.told(here, order.status, after)
    return after


def _buyer(here: Emulation, cart: Cart) -> Customer | None:
    """Whose order it is; None for a guest."""
    wanted = cart.customer or (cart.email if cart.create_account else "")
    if not wanted:
        return None
    account = here.store[Customer].first(customers.C.email_key == wanted.casefold())
    if account is not None and not cart.customer:
        raise LabError(f"an account is already registered with {cart.email}; check out as that customer")
    if account is None and not cart.create_account:
        raise LabError(f"there is no account with the address {wanted!r}", status=404, code="unknown_customer")
    if account is None:
        number = customers.a_customer(here, wanted, order_moves.SHOPPER["first_name"])["id"]
        webhooks.happened(here, "customer.created", number)
        webhooks.happened(here, "customer.updated", number)
        account = customers.found(here, number)
    return account


def _remember_addresses(here: Emulation, order: Order) -> None:
    account = here.store[Customer].get(order.customer_id) if order.customer_id else None
    if account is None or (account.billing, account.shipping) == (order.billing, order.shipping):
        return
    here.store[Customer].put(
        replace(account, billing=order.billing, shipping=order.shipping, modified_at=order.modified_at)
    )
    webhooks.happened(here, "customer.updated", account.id)


# ---------------------------------------------------------------------------------------------- what can be bought


def _for_sale(here: Emulation, sku: str, count: int) -> Product:
    found = product.by_sku(here, sku)
    if found is None:
        raise LabError(f"the store has no product with SKU {sku!r}", status=404, code="unknown_sku")
    whole = product.found(here, found.parent_id) if found.is_variation else found
    if whole is None or whole.status != "publish" or found.status != "publish":
        raise LabError(f"{sku} is not for sale: it is not published")
    if found.type in ("variable", "grouped", "external"):
        raise LabError(f"{sku} is {found.type}: a shopper buys one of what it stands for")
    if found.price == "":
        raise LabError(f"{sku} is not for sale: it has no price")
    if whole.sold_individually and count > 1:
        raise LabError(f"only one {sku} can be in a cart")
    return found


def _refuse_missing(here: Emulation, cart: Iterable[tuple[int, int]], *, but: int = 0) -> None:
    """Refuse what is out of stock, or held by the carts of others. `cart`: pieces of products, by their ids."""
    wanted: dict[int, int] = {}
    for number, count in cart:
        found = product.found(here, number)
        if found is None:
            raise LabError("something in the cart is gone")
        keeper = stock.keeper(here, found)
        if keeper is None and found.stock_status == "outofstock":
            raise LabError(f"{found.name} is out of stock", code="out_of_stock")
        if keeper is not None and keeper.backorders == "no":
            wanted[keeper.id] = wanted.get(keeper.id, 0) + count
    for number, count in wanted.items():
        keeper = here.store[Product].get(number, lock=True)
        assert keeper is not None
        left = (keeper.stock_quantity or 0) - held(here, number, but=but)
        if left < count:
            raise LabError(
                f"there are not enough pieces of {keeper.name}: {max(left, 0)} left for {count}", code="out_of_stock"
            )


def held(here: Emulation, keeper: int, *, but: int = 0) -> int:
    """Pieces that other checkouts hold back now: drafts for ten minutes, unpaid orders for as long as the store's
    setting says."""
    minutes = php.integer(settings.value(here, "woocommerce_hold_stock_minutes"))
    if not minutes:
        return 0
    now = here.clock.now
    c = ORDERS.c
    draft = (c.status == DRAFT) & (c.modified_at > now - DRAFT_HOLDS)
    unpaid = (c.status == "pending") & (c.modified_at > now - timedelta(minutes=minutes))
    holding = sa.select(c.id).where(c.created_via == VIA, draft | unpaid, c.id != but)
    of_it = (ITEMS.c.product_id == keeper) | (ITEMS.c.variation_id == keeper)
    held_back = here.store[Item].all(ITEMS.c.kind == "line_item", of_it, ITEMS.c.order_id.in_(holding))
    return sum(i.quantity for i in held_back if _keeper_id(here, i) == keeper)


def _keeper_id(here: Emulation, item: Item) -> int:
    sold = product.found(here, item.variation_id or item.product_id)
    keeper = stock.keeper(here, sold) if sold is not None else None
    return keeper.id if keeper is not None else 0

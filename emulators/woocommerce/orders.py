"""Orders over REST: list, create, read, change, delete.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ..kernel import Emulation, Reply, emulation, replace
from . import (
    auth,
    coupon_rules,
    currencies,
    customers,
    dates,
    errors,
    internal_meta,
    meta,
    notes,
    order_coupons,
    order_lines,
    order_money,
    order_sales,
    order_status,
    order_stock,
    order_view,
    php,
    respond,
    settings,
    texts,
    webhooks,
)
from .arguments import is_email
from .errors import WooError
from .order_records import (
    BILLING,
    HIDDEN,
    ITEMS,
    ORDERS,
    SHIPPING,
    STATUS_NAMES,
    Item,
    Order,
    found,
    items_of,
    matching,
    removed,
    searched,
    with_product,
)
from .params import Params

C = ORDERS.c
LINES = ("line_items", "shipping_lines", "fee_lines", "coupon_lines")
REPRICED_BY = (*LINES, "billing", "shipping")
DRAFT = "checkout-draft"
VIA = "rest-api"
_SHOWN = C.status.not_in(HIDDEN)


def list_all(params: Params) -> Reply:
    """A page of orders. Beyond the end the totals are 0, unlike those of other lists."""
    here = emulation()
    auth.require("view", here)
    where = _filters(here, params)
    total = _counted(here, where, params)
    page = _page(here, where, params) if respond.offset(params) < total else []
    total = total if page else 0
    _tell_defaults(params, bool(page))
    bodies = meta.limited(order_view.page(here, page, order_view.digits(here, params)), params)
    return respond.page(bodies, total, params, "orders")


def _tell_defaults(params: Params, any_found: bool) -> None:
    """The links to other pages repeat what the store filled in by itself on the way."""
    params.query.setdefault(
        "status", list(params["status"]) if isinstance(params["status"], list) else [params["status"]]
    )
    if any_found:
        params.query.setdefault("dp", order_view.digits(emulation(), params))
        params.query.setdefault("context", params.get("context", "view"))


def _sorting(params: Params) -> list[Any]:
    """Title and slug mean nothing to orders: they come as they were made."""
    by = params["orderby"]
    if by in ("title", "slug"):
        return [C.id]
    if by == "include" and params.get("include"):
        return [sa.case({number: at for at, number in enumerate(params["include"])}, value=C.id)]
    column = {"id": C.id, "modified": C.modified_at}.get(by, C.created_at)
    return [column.asc(), C.id.asc()] if params["order"] == "asc" else [column.desc(), C.id.desc()]


def _counted(here: Emulation, where: list[Any], params: Params) -> int:
    """How many there are. Nearly all is counted as all but few: what is left out is found in an index."""
    orders, question = here.store[Order], _question(here, params)
    first, *others = where
    if first is not _SHOWN or len(others) > 1:
        return orders.count(*where, memo=question)
    left_out = [sa.not_(other) for other in others if params.get("exclude") or params.get("parent_exclude")]
    if len(left_out) < len(others):
        return orders.count(*where, memo=question)
    all_shown = orders.count(memo="all") - orders.count(C.status.in_(HIDDEN), memo="hidden")
    return all_shown - (orders.count(_SHOWN, *left_out, memo=question) if left_out else 0)


def _page(here: Emulation, where: list[Any], params: Params) -> list[Order]:
    """The orders of a page. Which ones they are is read from the indexes alone, however many come before them."""
    limited = sa.select(C.id).where(*where).order_by(*_sorting(params)).limit(params["per_page"])
    ids = [row[0] for row in here.store.execute(limited.offset(respond.offset(params)))]
    return list(here.store[Order].by_key(ids).values())


_COUNTED_BY = (
    "status", "customer", "include", "exclude", "parent", "parent_exclude", "created_via", "product", "search",
    "after", "before", "modified_after", "modified_before", "dates_are_gmt",
)  # fmt: skip


def _question(here: Emulation, params: Params) -> tuple[Any, ...]:
    """What is counted, and what besides orders can change the answer: their lines, and the time zone of the store."""
    versions = (here.store.versions.get(name, 0) for name in (ITEMS.name, "woo_settings"))
    return ("listed", *versions, *(f"{name}={params.get(name)}" for name in _COUNTED_BY))


def _filters(here: Emulation, params: Params) -> list[Any]:
    statuses = params["status"] if isinstance(params["status"], list) else [params["status"]]
    # Asked for by name, automatic drafts are not found: the store then looks for a status it never writes.
    named = [s for s in statuses if s != "auto-draft"]
    where: list[Any] = [_SHOWN if "any" in statuses or not statuses else C.status.in_(named)]
    if params.get("customer") is not None:
        where.append(C.customer_id == params["customer"])
    if params.get("product"):
        where.append(with_product(params["product"]))
    if params.get("search"):
        where.append(matching(here, params["search"]))
    for name, column, wanted in (
        ("include", C.id, True),
        ("exclude", C.id, False),
        ("parent", C.parent_id, True),
        ("parent_exclude", C.parent_id, False),
        ("created_via", C.created_via, True),
    ):
        if params.get(name):
            where.append(column.in_(params[name]) if wanted else column.not_in(params[name]))
    return [*where, *dates.bounds(here, params, C.created_at, C.modified_at)]


def create(params: Params) -> Reply:
    """Make an order.

    A coupon that cannot be used refuses the request, and still leaves the order behind as a draft, whose id is in
    the error.
    """
    here = emulation()
    auth.require("create", here)
    if params.get("id"):
        raise WooError("woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.")
    order = begun(here, params)
    try:
        order = with_coupons(here, order, params)
    except order_coupons.Refused as refused:
        here.explain(refused.message)
        order_status.moved(here, order, DRAFT)
        tell_new(here, order)
        refused.detail["new_draft_order_id"] = order.id
        return errors.rendered(refused)
    order = finished(here, order, params)
    body = order_view.rendered(here, order, order_view.digits(here, params))
    return respond.one(body, 201, location=respond.self_url(body))


def begun(here: Emulation, params: Params) -> Order:
    """A pending order with its lines and amounts, stored, and nobody told."""
    now = dates.second(here)
    order = ORDERS.blank(
        id=here.ids.next("post"),
        created_at=now,
        modified_at=now,
        currency=settings.value(here, "woocommerce_currency") or "USD",
        prices_include_tax=settings.value(here, "woocommerce_prices_include_tax") == "yes",
        order_key=f"wc_order_{here.ids.token(13)}",
    )
    order = with_sent(here, order, params)
    order = replace(order, created_via=order.created_via or VIA)
    written = order_lines.written(here, order, [], params)
    order, _ = order_money.recalculated(here, order, written.items)
    return order


def finished(here: Emulation, order: Order, params: Mapping[str, Any]) -> Order:
    """On to the status that was asked for, paid if that was asked for, and told to webhooks."""
    order = here.store[Order].change(order, order_coupons.counted(here, order))
    status = order_status.known(params.get("status") or "pending")
    order = order_status.moved(here, order, status, author=_author(params))
    if params.get("set_paid") is True:
        order = order_status.paid(here, order)
    tell_new(here, order)
    return order


def _author(params: Mapping[str, Any]) -> str:
    """Who is said to have changed the status: the person, if they say that they did it by hand."""
    return auth.ADMIN if params.get("manual_update") else notes.STORE


def tell_new(here: Emulation, order: Order) -> None:
    webhooks.happened(here, "order.created", order.id)
    webhooks.happened(here, "order.updated", order.id)


def with_coupons(here: Emulation, order: Order, params: Params) -> Order:
    """The order with these coupons and no others, stored. Errors: `Refused`; of a code that comes twice the first, and
    those before the second, are put on."""
    if not isinstance(params.get("coupon_lines"), list):
        return order
    items = items_of(here, order.id)
    before = [i.name for i in items if i.kind == "coupon"]
    sent = order_coupons.codes(here, order, items, params["coupon_lines"])
    wanted = sent[: next((at for at, code in enumerate(sent) if code in sent[:at]), len(sent))]
    if wanted or before:
        items = order_coupons.applied(here, order, items, wanted)
        order_coupons.recounted(here, order, before, wanted)
        order, _ = order_money.recalculated(here, order, items)
    if wanted != sent:
        raise order_coupons.Refused(f"Coupon code {coupon_rules.quoted(sent[len(wanted)])} already applied!")
    return order


def read(params: Params) -> Reply:
    here = emulation()
    order = found(here, params["id"])
    auth.require("view", here, single=True)
    return respond.one(meta.limited([order_view.rendered(here, order, order_view.digits(here, params))], params)[0])


def update(params: Params) -> Reply:
    """A coupon that cannot be used refuses the request, and still all that was sent beside it is changed, the status
    and `set_paid` apart. Source: save_object() of WC_REST_Orders_Controller, WooCommerce 10.5."""
    here = emulation()
    order = found(here, params["id"], status=400)
    auth.require("edit", here)
    try:
        order = changed(here, order, params)
    except order_coupons.Refused as refused:
        here.explain(refused.message)
        return errors.rendered(refused)
    return respond.one(order_view.rendered(here, order, order_view.digits(here, params)))


def changed(here: Emulation, order: Order, params: Params) -> Order:
    """Change what was sent, and tell. Amounts are made anew only when lines or addresses were sent. Errors: that of a
    coupon comes when the rest is stored and told."""
    before = order.status
    order = replace(with_sent(here, order, params), created_via=order.created_via, modified_at=dates.second(here))
    if any(name in params for name in REPRICED_BY):
        order = _with_lines(here, order, params)
        try:
            order = with_coupons(here, order, params)
        except order_coupons.Refused:
            order_status.told(here, before, order)
            raise
    here.store[Order].put(order)
    if params.get("status") is not None:
        status = order_status.known(params["status"])
        order = order_status.moved(here, order, status, author=_author(params))
    if params.get("set_paid") is True and order_view.needs_payment(order):
        order = order_status.paid(here, order)
    order_status.told(here, before, order)
    return order


def _with_lines(here: Emulation, order: Order, params: Params) -> Order:
    written = order_lines.written(here, order, items_of(here, order.id), params)
    for item in written.removed:
        order_stock.adjusted(here, order, item, 0)
        here.store[Item].delete_where(ITEMS.c.id == item.id)
    changed = {i.id: order_stock.adjusted(here, order, i) for i in written.touched}
    order, _ = order_money.recalculated(here, order, [changed.get(i.id, i) for i in written.items])
    return order


def delete(params: Params) -> Reply:
    """Into the trash, or gone with force. Stock stays where it is; only the trash is told to webhooks."""
    here = emulation()
    order = found(here, params["id"])
    auth.require("delete", here)
    body = order_view.rendered(here, order, order_view.digits(here, params))
    if params.get("force"):
        order_sales.unrecorded(here, order)
        removed(here, order.id)
        return respond.one(body)
    if order.status == order_status.TRASH:
        raise WooError("woocommerce_rest_already_trashed", "The shop_order has already been deleted.", 410)
    order_status.trashed(here, order)
    webhooks.happened(here, "order.deleted", order.id)
    return respond.one(body)


def list_statuses(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    return respond.one([{"slug": slug, "name": name} for slug, name in STATUS_NAMES.items()])


def with_sent(here: Emulation, order: Order, params: Mapping[str, Any]) -> Order:
    """The order with what was sent, lines and status apart. Errors: 400 for a customer or a parent there is not, and
    for an address or a currency that is none where no schema stopped it (batch)."""
    sent = {**params, **internal_meta.ORDER.told(params)}
    changes: dict[str, Any] = {
        name: texts.php_text(sent[name])
        for name in ("payment_method", "payment_method_title", "transaction_id", "created_via", "order_key")
        if sent.get(name) is not None and (name != "order_key" or name not in params)
    }
    if changes.get("payment_method") == "":
        changes.setdefault("payment_method_title", "")
    if sent.get("customer_note") is not None:
        changes["customer_note"] = texts.php_text(sent["customer_note"])
    if sent.get("currency"):
        if sent["currency"] not in currencies.SYMBOLS:
            raise WooError("order_invalid_currency", "Invalid currency code")
        changes["currency"] = sent["currency"]
    if sent.get("parent_id") is not None:
        changes["parent_id"] = _parent(here, order, php.integer(sent["parent_id"]))
    changes["meta_data"] = meta.merged(here, order.meta_data, sent.get("meta_data"))
    billing = customers.merged_address(order.billing, sent.get("billing"), BILLING)
    shipping = customers.merged_address(order.shipping, sent.get("shipping"), SHIPPING)
    if isinstance(sent.get("billing"), Mapping) and sent["billing"].get("email", "") is None:
        billing = {**billing, "email": ""}
    email = billing.get("email", "")
    if email and email != order.billing.get("email") and not is_email(email):
        raise WooError("order_invalid_billing_email", "Invalid billing email address")
    customer_id = order.customer_id
    if sent.get("customer_id") is not None:
        customer_id = php.integer(sent["customer_id"])
        customer = here.store[customers.Customer].get(customer_id) if customer_id else None
        if customer_id and customer is None:
            raise WooError("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
        if customer is not None and not email:
            billing = {**billing, "email": customer.email}
    return replace(
        order,
        billing=billing,
        shipping=shipping,
        customer_id=customer_id,
        haystack=searched(billing, shipping, changes.get("transaction_id", order.transaction_id)),
        **changes,
    )


def _parent(here: Emulation, order: Order, parent_id: int) -> int:
    if parent_id and (parent_id == order.id or here.store[Order].get(parent_id) is None):
        raise WooError("order_invalid_parent_id", "Invalid parent ID")
    return abs(parent_id)


def payload(here: Emulation, order_id: int) -> dict[str, Any]:
    return order_view.rendered(here, found(here, order_id))


def untied(here: Emulation, customer_id: int) -> None:
    """The orders of an account that was deleted are those of a guest."""
    orders: Sequence[Order] = here.store[Order].all(C.customer_id == customer_id)
    now = dates.second(here)
    here.store[Order].put_all([replace(o, customer_id=0, modified_at=now) for o in orders])


customers.WHEN_DELETED.append(untied)

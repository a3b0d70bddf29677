"""What the store can be told to do about an order: send its customer an e-mail.

Nothing is really sent: the note on the order is what remains, as in the real store, and a row in `mails`.
Source: WooCommerce 10.5.0, recorded 2026-11-21; refusals after the same release.
"""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, emulation, replace
from . import auth, dates, mails, notes, php, texts, webhooks
from .arguments import is_email
from .errors import WooError
from .order_records import Order, refunds_by_order, searched, still_refundable
from .params import Params

INVOICE = "customer_invoice"
# E-mails to customers about an order: title, and what it is for.
TEMPLATES = {
    "customer_completed_order": ("Completed order", "Says that the order is on its way."),
    "customer_failed_order": ("Failed order", "Says that the payment did not work."),
    INVOICE: ("Order details", "Shows the order and where to pay it."),
    "customer_on_hold_order": ("Order on-hold", "Says that the order waits for its payment."),
    "customer_processing_order": ("Processing order", "Says that the order was paid."),
    "customer_refunded_order": ("Refunded order", "Says that money was given back."),
}
_OF_STATUS = {
    "completed": "customer_completed_order",
    "failed": "customer_failed_order",
    "on-hold": "customer_on_hold_order",
    "processing": "customer_processing_order",
    "refunded": "customer_refunded_order",
}
_SILENT = ("auto-draft", "draft", "new", "trash")


def email_templates(params: Params) -> Any:
    here = emulation()
    order = allowed(here, params["id"], "view")
    return [
        {"id": id, "title": TEMPLATES[id][0], "description": TEMPLATES[id][1]} for id in sorted(fitting(here, order))
    ]


def send_email(params: Params) -> dict[str, str]:
    """Errors: 400 without an address, with another one than the order has, or for an e-mail that does not fit."""
    here = emulation()
    order, done = _addressed(here, allowed(here, params["id"], "create"), params)
    template = params["template_id"]
    if template not in fitting(here, order):
        message = f"{php.text(template)} is not a valid template for this order."
        raise WooError("woocommerce_rest_invalid_email_template", message)
    if template == INVOICE:
        return _sent(here, order, [*done, f"Order details sent to {order.billing['email']}."])
    title = TEMPLATES[template][0]
    return _sent(
        here, order, [*done, f"Email template &quot;{title}&quot; sent to {order.billing['email']}."], template
    )


def send_order_details(params: Params) -> dict[str, str]:
    """Errors: 400 without an address, or with another one than the order has."""
    here = emulation()
    order, done = _addressed(here, allowed(here, params["id"], "create"), params)
    return _sent(here, order, [*done, f"Order details sent to {order.billing['email']}."])


def allowed(here: Emulation, order_id: Any, action: str) -> Order:
    """Errors: 404 before 401."""
    order = here.store[Order].get(php.integer(order_id))
    if order is None:
        raise WooError("woocommerce_rest_not_found", "Order not found", 404)
    require(here, action)
    return order


def require(here: Emulation, action: str) -> None:
    """The newer routes of the store refuse strangers in words of their own."""
    if not isinstance(here.caller, auth.ApiKey):
        status = 401 if here.caller is None else 403
        raise WooError(f"woocommerce_rest_cannot_{action}", f"Sorry, you cannot {action} resources.", status)


def fitting(here: Emulation, order: Order) -> set[str]:
    """The e-mails that say something true about this order; none without an address."""
    if not order.billing.get("email") or order.status in _SILENT:
        return set()
    found = {INVOICE}
    if order.status in _OF_STATUS:
        found.add(_OF_STATUS[order.status])
    if refunds_by_order(here, [order.id])[order.id] and still_refundable(here, order) > 0:
        found.add("customer_refunded_order")
    return found


def _addressed(here: Emulation, order: Order, params: Params) -> tuple[Order, list[str]]:
    """The order with the address that was sent, and what there is to tell of it."""
    email, had, done = php.text(params.get("email")), order.billing.get("email", ""), []
    if email and email != had:
        if had and not php.boolean(params.get("force_email_update")):
            raise WooError("woocommerce_rest_order_billing_email_exists", "Order already has a billing email.")
        billing = {**order.billing, "email": email}
        haystack = searched(billing, order.shipping, order.transaction_id)
        order = replace(order, billing=billing, haystack=haystack, modified_at=dates.second(here))
        here.store[Order].put(order)
        webhooks.happened(here, "order.updated", order.id)
        done.append(f"Billing email updated to {texts.plain(email)}.")
    if not is_email(order.billing.get("email", "")):
        raise WooError("woocommerce_rest_missing_email", "Order does not have an email address.")
    return order, done


def _sent(here: Emulation, order: Order, messages: list[str], template: str = INVOICE) -> dict[str, str]:
    mails.sent(here, order, template)
    for message in messages:
        notes.added(here, order.id, message, author=auth.ADMIN)
    return {"message": " ".join(messages)}

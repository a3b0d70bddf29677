"""Words for the states of orders and products: the shop's, and Connect's.

Source: Spotler Connect help: WooCommerce statuses (one to one for the seven of WooCommerce; a custom status is mapped
by nothing), products (active, draft, removed), order statuses of another platform (returned, partially ...).
"""

from __future__ import annotations

from collections.abc import Mapping

FROM_SHOP: Mapping[str, str] = {
    "pending": "pending_payment",
    "failed": "failed",
    "processing": "processing",
    "completed": "completed",
    "on-hold": "on_hold",
    "cancelled": "cancelled",
    "refunded": "refunded",
}
ELSEWHERE = ("returned", "partially_returned", "partially_shipped", "partially_refunded")
KNOWN = (*FROM_SHOP.values(), *ELSEWHERE)
NOT_YET = ("auto-draft", "checkout-draft", "new")  # the shop keeps checkouts that are filled in like orders
GONE = "trash"
HOLDING = frozenset({"processing", "on_hold", "completed", "partially_shipped"})  # goods are set aside for these
ENDED = frozenset({"cancelled", "refunded", "failed", "returned"})  # nothing is shipped for these


def from_shop(status: str) -> str:
    """Connect's word, or the shop's own where there is none: a rule may still know it."""
    return FROM_SHOP.get(status, status)


def of_product(status: str) -> str:
    """Active when shoppers see it, else a draft, which is not made elsewhere by itself."""
    return "active" if status == "publish" else "draft"

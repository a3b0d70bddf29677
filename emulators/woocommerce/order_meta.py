"""Custom fields of orders that are none: WordPress kept an order's own fields under these names.

Who writes one of them sets the field, where there is one; none is ever shown.
Source: WC_Data::update_meta_data and the internal_meta_keys of OrdersTableDataStore, WooCommerce 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .order_view import BILLING, SHIPPING

_FIELDS = {
    f"_{name}": name
    for name in ("payment_method", "payment_method_title", "transaction_id", "created_via", "order_key")
}
_ADDRESSES = {f"_billing_{name}": ("billing", name) for name in BILLING} | {
    f"_shipping_{name}": ("shipping", name) for name in SHIPPING
}
_HIDDEN = frozenset(
    (
        "_customer_user", "_order_currency", "_completed_date", "_paid_date", "_edit_last", "_cart_discount",
        "_cart_discount_tax", "_order_shipping", "_order_shipping_tax", "_order_tax", "_order_total",
        "_customer_ip_address", "_customer_user_agent", "_order_version", "_prices_include_tax", "_date_completed",
        "_date_paid", "_payment_tokens", "_billing_address_index", "_shipping_address_index", "_recorded_sales",
        "_recorded_coupon_usage_counts", "_download_permissions_granted", "_order_stock_reduced",
        "_new_order_email_sent", "_cogs_total_value",
    )
)  # fmt: skip


def told_as_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The request's fields that come as custom fields, and the custom fields without them."""
    entries = sent.get("meta_data")
    if not isinstance(entries, list):
        return {}
    out: dict[str, Any] = {}
    kept = []
    for entry in entries:
        key = entry.get("key") if isinstance(entry, Mapping) else None
        if key in _FIELDS:
            out[_FIELDS[key]] = entry.get("value")
        elif key in _ADDRESSES:
            address, name = _ADDRESSES[key]
            before = out.get(address, sent.get(address))
            out[address] = {**(before if isinstance(before, Mapping) else {}), name: entry.get("value")}
        elif key not in _HIDDEN:
            kept.append(entry)
    return {**out, "meta_data": kept}

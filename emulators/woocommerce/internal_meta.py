"""Custom fields that are none: WordPress keeps the own fields of a product or an order under these names.

Who writes one of them sets the field, where the API has one; none is ever shown.
Source: WC_Data::update_meta_data and the internal_meta_keys of WC_Product_Data_Store_CPT and OrdersTableDataStore,
WooCommerce 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .order_records import BILLING, SHIPPING


@dataclass(frozen=True)
class Internal:
    """`fields`: a name, and where the API has it: ("sku",) or, in an object, ("dimensions", "length")."""

    fields: Mapping[str, tuple[str, ...]]
    hidden: frozenset[str]

    def told(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """The request's fields that come as custom fields, and the custom fields without them."""
        entries = sent.get("meta_data")
        if not isinstance(entries, list):
            return {}
        out: dict[str, Any] = {}
        kept = []
        for entry in entries:
            key = str(entry.get("key")) if isinstance(entry, Mapping) else ""
            if key in self.fields:
                field, *inner = self.fields[key]
                value = entry.get("value")
                if inner:
                    before = out.get(field, sent.get(field))
                    value = {**(before if isinstance(before, Mapping) else {}), inner[0]: value}
                out[field] = value
            elif key not in self.hidden:
                kept.append(entry)
        return {**out, "meta_data": kept}


PRODUCT = Internal(
    {
        f"_{name}": (name,)
        for name in (
            "sku", "global_unique_id", "regular_price", "sale_price", "tax_status", "tax_class", "manage_stock",
            "stock_status", "backorders", "low_stock_amount", "sold_individually", "weight", "purchase_note", "virtual",
            "downloadable", "download_limit", "download_expiry", "button_text",
        )
    }
    | {"_product_url": ("external_url",)}
    | {f"_{side}": ("dimensions", side) for side in ("length", "width", "height")},
    frozenset(
        (
            "_visibility", "_price", "_sale_price_dates_from", "_sale_price_dates_to", "total_sales", "_stock",
            "_upsell_ids", "_crosssell_ids", "_default_attributes", "_product_attributes", "_featured",
            "_downloadable_files", "_wc_rating_count", "_wc_average_rating", "_wc_review_count",
            "_variation_description", "_thumbnail_id", "_file_paths", "_product_image_gallery", "_product_version",
            "_wp_old_slug", "_edit_last", "_edit_lock",
        )
    ),
)  # fmt: skip

ORDER = Internal(
    {
        f"_{name}": (name,)
        for name in ("payment_method", "payment_method_title", "transaction_id", "created_via", "order_key")
    }
    | {f"_billing_{name}": ("billing", name) for name in BILLING}
    | {f"_shipping_{name}": ("shipping", name) for name in SHIPPING},
    frozenset(
        (
            "_customer_user", "_order_currency", "_completed_date", "_paid_date", "_edit_last", "_cart_discount",
            "_cart_discount_tax", "_order_shipping", "_order_shipping_tax", "_order_tax", "_order_total",
            "_customer_ip_address", "_customer_user_agent", "_order_version", "_prices_include_tax", "_date_completed",
            "_date_paid", "_payment_tokens", "_billing_address_index", "_shipping_address_index", "_recorded_sales",
            "_recorded_coupon_usage_counts", "_download_permissions_granted", "_order_stock_reduced",
            "_new_order_email_sent", "_cogs_total_value",
        )
    ),
)  # fmt: skip

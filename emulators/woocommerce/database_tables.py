"""The tables of a fresh store's database, as its status report lists them.

Here they are names: what the store keeps is elsewhere, so their sizes stay those of a fresh store.
Source: WooCommerce 10.5.0 on MariaDB, recorded 2026-11-21.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

PREFIX = "wp_"

# Name without the prefix, megabytes of data and of indexes.
_WOOCOMMERCE = """
woocommerce_sessions 0.02 0.03
woocommerce_api_keys 0.02 0.03
woocommerce_attribute_taxonomies 0.02 0.02
woocommerce_downloadable_product_permissions 0.02 0.08
woocommerce_order_items 0.02 0.02
woocommerce_order_itemmeta 0.02 0.03
woocommerce_tax_rates 0.02 0.06
woocommerce_tax_rate_locations 0.02 0.03
woocommerce_shipping_zones 0.02 0.00
woocommerce_shipping_zone_locations 0.02 0.03
woocommerce_shipping_zone_methods 0.02 0.00
woocommerce_payment_tokens 0.02 0.02
woocommerce_payment_tokenmeta 0.02 0.03
woocommerce_log 0.02 0.02
"""
_OTHER = """
actionscheduler_actions 0.06 0.14
actionscheduler_claims 0.02 0.02
actionscheduler_groups 0.02 0.02
actionscheduler_logs 0.05 0.03
commentmeta 0.02 0.03
comments 0.02 0.11
links 0.02 0.02
options 0.19 0.06
postmeta 0.02 0.03
posts 0.05 0.08
termmeta 0.02 0.03
terms 0.02 0.03
term_relationships 0.02 0.02
term_taxonomy 0.02 0.03
usermeta 0.02 0.03
users 0.02 0.05
wc_admin_notes 0.02 0.00
wc_admin_note_actions 0.02 0.02
wc_category_lookup 0.02 0.00
wc_customer_lookup 0.02 0.03
wc_download_log 0.02 0.03
wc_orders 0.02 0.11
wc_orders_meta 0.02 0.03
wc_order_addresses 0.02 0.06
wc_order_coupon_lookup 0.02 0.03
wc_order_operational_data 0.02 0.03
wc_order_product_lookup 0.02 0.08
wc_order_stats 0.02 0.06
wc_order_tax_lookup 0.02 0.03
wc_product_attributes_lookup 0.02 0.02
wc_product_download_directories 0.02 0.02
wc_product_meta_lookup 0.02 0.11
wc_rate_limits 0.02 0.02
wc_reserved_stock 0.02 0.00
wc_tax_rate_classes 0.02 0.02
wc_webhooks 0.02 0.02
"""


def reported() -> dict[str, Any]:
    """The tables by who made them, and the sum of their sizes."""
    tables = {"woocommerce": _rows(_WOOCOMMERCE), "other": _rows(_OTHER)}
    rows = [row for group in tables.values() for row in group.values()]
    size = {part: float(sum(Decimal(row[part]) for row in rows)) for part in ("data", "index")}
    return {"database_tables": tables, "database_size": size}


def _rows(listed: str) -> dict[str, dict[str, str]]:
    lines = (line.split() for line in listed.split("\n") if line)
    return {PREFIX + name: {"data": data, "index": index, "engine": "InnoDB"} for name, data, index in lines}

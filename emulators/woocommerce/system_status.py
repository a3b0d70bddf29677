"""What the store runs on: the report that connectors read to find out versions."""

from __future__ import annotations

from typing import Any

from ..kernel import Emulation, emulation
from . import auth, currencies, database_tables, plugins, prices, settings, versions
from .coupons import Coupon
from .images import Image
from .order_records import Order, Refund
from .params import Params
from .product import PRODUCTS, Product
from .versions import PHP, WORDPRESS

_VISIBILITY = (
    "exclude-from-catalog", "exclude-from-search", "featured", "outofstock",
    "rated-1", "rated-2", "rated-3", "rated-4", "rated-5",
)  # fmt: skip
_FEATURES = (
    "analytics", "marketplace", "order_attribution", "site_visibility_badge", "remote_logging", "blueprint",
    "point_of_sale", "custom_order_tables",
)  # fmt: skip
_PAGES = (
    ("Shop base", "woocommerce_shop_page_id", "", ""),
    ("Cart", "woocommerce_cart_page_id", "[woocommerce_cart]", "woocommerce/cart"),
    ("Checkout", "woocommerce_checkout_page_id", "[woocommerce_checkout]", "woocommerce/checkout"),
    ("My account", "woocommerce_myaccount_page_id", "[woocommerce_my_account]", ""),
    ("Terms and conditions", "woocommerce_terms_page_id", "", ""),
)
_FRESH = {"attachment": 1, "page": 7, "post": 1, "wp_navigation": 1}  # posts that come with the site


def read(params: Params) -> dict[str, Any]:
    here = emulation()
    auth.require("view", here)
    return {
        "environment": _environment(here),
        "database": {
            "wc_database_version": versions.woocommerce(here),
            "database_prefix": database_tables.PREFIX,
            "maxmind_geoip_database": "",
            **database_tables.reported(),
        },
        "active_plugins": [_woocommerce(here), *_installed(here, active=True)],
        "inactive_plugins": _installed(here, active=False),
        "dropins_mu_plugins": {"dropins": [], "mu_plugins": []},
        "theme": {
            "name": "Storelab",
            "version": "1.0",
            "version_latest": "1.0",
            "author_url": "",
            "is_child_theme": False,
            "is_block_theme": True,
            "has_woocommerce_support": True,
            "has_woocommerce_file": False,
            "has_outdated_templates": False,
            "overrides": [],
            "parent_name": "",
            "parent_version": "",
            "parent_version_latest": "",
            "parent_author_url": "",
        },
        "settings": _settings(here),
        "security": {"secure_connection": here.root.startswith("https"), "hide_errors": True},
        "pages": [_page(here, *page) for page in _PAGES],
        "post_type_counts": _post_types(here),
        "logging": {
            "logging_enabled": True,
            "default_handler": "Automattic\\WooCommerce\\Internal\\Admin\\Logging\\LogHandlerFileV2",
            "retention_period_days": 30,
            "level_threshold": "",
            "log_directory_size": "0 B",
        },
    }


def _environment(here: Emulation) -> dict[str, Any]:
    return {
        "home_url": here.root,
        "site_url": here.root,
        "store_id": settings.value(here, "store_id"),
        "version": versions.woocommerce(here),
        "log_directory": "",
        "log_directory_writable": True,
        "wp_version": WORDPRESS,
        "wp_multisite": False,
        "wp_memory_limit": 536870912,
        "wp_debug_mode": False,
        "wp_cron": True,
        "wp_environment_type": "local",
        "language": "en_US",
        "external_object_cache": None,
        "server_info": "storelab",
        "server_architecture": "",
        "php_version": PHP,
        "php_post_max_size": 33554432,
        "php_max_execution_time": 120,
        "php_max_input_vars": 1000,
        "curl_version": "",
        "suhosin_installed": False,
        "max_upload_size": 33554432,
        "mysql_version": "",
        "mysql_version_string": "",
        "default_timezone": "UTC",
        "fsockopen_or_curl_enabled": True,
        "soapclient_enabled": False,
        "domdocument_enabled": True,
        "gzip_enabled": True,
        "mbstring_enabled": True,
        "remote_post_successful": True,
        "remote_post_response": "",
        "remote_get_successful": True,
        "remote_get_response": "",
    }


def _woocommerce(here: Emulation) -> dict[str, Any]:
    return {
        "plugin": "woocommerce/woocommerce.php",
        "name": "WooCommerce",
        "version": versions.woocommerce(here),
        "version_latest": versions.WOOCOMMERCE,
        "url": "https://woocommerce.com/",
        "author_name": "Automattic",
        "author_url": "https://woocommerce.com",
        "network_activated": False,
    }


def _installed(here: Emulation, *, active: bool) -> list[dict[str, Any]]:
    """What the merchant installed beside WooCommerce."""
    return [
        {
            "plugin": f"{p.id}/{p.id}.php",
            "name": p.name,
            "version": "1.0.0",
            "version_latest": "1.0.0",
            "url": "",
            "author_name": "",
            "author_url": "",
            "network_activated": False,
        }
        for p in here.store[plugins.Plugin].all(order=[plugins.PLUGINS.c.id])
        if p.active is active
    ]


def _settings(here: Emulation) -> dict[str, Any]:
    currency = settings.value(here, "woocommerce_currency")
    return {
        "api_enabled": settings.value(here, "woocommerce_api_enabled") == "yes",
        "force_ssl": settings.value(here, "woocommerce_force_ssl_checkout") == "yes",
        "currency": currency,
        "currency_symbol": currencies.SYMBOLS.get(currency, currency),
        "currency_position": settings.value(here, "woocommerce_currency_pos"),
        "thousand_separator": settings.value(here, "woocommerce_price_thousand_sep"),
        "decimal_separator": settings.value(here, "woocommerce_price_decimal_sep"),
        "number_of_decimals": prices.decimals(here),
        "geolocation_enabled": settings.value(here, "woocommerce_default_customer_address").startswith("geolocation"),
        "taxonomies": {kind: kind for kind in ("external", "grouped", "simple", "variable")},
        "product_visibility_terms": {term: term for term in _VISIBILITY},
        "woocommerce_com_connected": "no",
        "enforce_approved_download_dirs": True,
        "order_datastore": "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore",
        "HPOS_enabled": True,
        "HPOS_sync_enabled": False,
        "enabled_features": list(_FEATURES),
    }


def _page(here: Emulation, name: str, setting: str, shortcode: str, block: str) -> dict[str, Any]:
    number = settings.value(here, setting)
    there = number != ""
    return {
        "page_name": name,
        "page_id": number,
        "page_set": there,
        "page_exists": there,
        "page_visible": there,
        "shortcode": shortcode,
        "block": block,
        "shortcode_required": bool(shortcode),
        "shortcode_present": bool(shortcode) and not block,
        "block_present": bool(block),
        "block_required": bool(block),
    }


def _post_types(here: Emulation) -> list[dict[str, str]]:
    """How many posts of each type there are; of an order or a refund, which have tables of their own, it is a
    placeholder. Types of which there are none are not listed."""
    is_variation = PRODUCTS.c.is_variation
    counts = {
        "attachment": _FRESH["attachment"] + here.store[Image].count(),
        "product": here.store[Product].count(is_variation.is_(False)),
        "product_variation": here.store[Product].count(is_variation.is_(True)),
        "shop_coupon": here.store[Coupon].count(),
        "shop_order_placehold": here.store[Order].count() + here.store[Refund].count(),
    }
    listed = sorted({**_FRESH, **counts}.items())
    return [{"type": name, "count": str(count)} for name, count in listed if count]

"""What the choices of settings are called. Of those that are sentences in the store there is only a short form here.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from .order_records import STATUS_NAMES

_TAXES_SHOWN = {"incl": "Including tax", "excl": "Excluding tax"}
_NAMES: dict[str, dict[str, str]] = {
    "allowed_countries": {"all": "Sell to all countries", "specific": "Sell to specific countries"},
    "ship_to_countries": {"all": "Ship to all countries"},
    "default_customer_address": {"base": "Shop country/region", "geolocation": "Geolocate"},
    "currency_pos": {"left_space": "Left with space", "right_space": "Right with space"},
    "file_download_method": {"force": "Force downloads", "xsendfile": "X-Accel-Redirect/X-Sendfile"},
    "tax_based_on": {
        "shipping": "Customer shipping address",
        "billing": "Customer billing address",
        "base": "Shop base address",
    },
    "shipping_tax_class": {"": "Standard", "reduced-rate": "Reduced rate", "zero-rate": "Zero rate"},
    "tax_display_shop": _TAXES_SHOWN,
    "tax_display_cart": _TAXES_SHOWN,
    "tax_total_display": {"single": "As a single total"},
    "email_type": {"plain": "Plain text", "html": "HTML"},
    "excluded_report_order_statuses": STATUS_NAMES,
    "actionable_order_statuses": STATUS_NAMES,
}
_AS_THEY_ARE = frozenset({"weight_unit", "dimension_unit", "date_type"})


def named(setting: str, choice: str) -> str:
    setting = setting.removeprefix("woocommerce_")
    if setting in _AS_THEY_ARE:
        return choice
    return _NAMES.get(setting, {}).get(choice, choice.replace("_", " ").capitalize())

"""What this store says it is: one of today, unless a state made it an older one."""

from __future__ import annotations

import re

from ..kernel import Emulation
from . import settings

WOOCOMMERCE = "10.5.0"
WORDPRESS = "6.9.7"
PHP = "8.2.35"
OPTION = "woocommerce_version"  # where WordPress keeps it
SWITCHED_OFF = "storelab_woocommerce_off"  # WordPress keeps it in the list of active plugins
_NEW_API = (3, 5)  # the first with /wp-json/wc/v3


def woocommerce(here: Emulation) -> str:
    return settings.value(here, OPTION) or WOOCOMMERCE


def has_version_3(here: Emulation) -> bool:
    return tuple(map(int, re.findall(r"[0-9]+", woocommerce(here)))) >= _NEW_API


def lacks(here: Emulation, path: str) -> bool:
    """Whether this path is of an API that a store of this version does not have, or that goes with WooCommerce."""
    path = path.lower()
    if settings.value(here, SWITCHED_OFF) and path.startswith("/wp-json/wc"):
        return True
    return path.startswith("/wp-json/wc/v3") and not has_version_3(here)


def user_agent(here: Emulation) -> str:
    """How webhooks name the store."""
    return f"WooCommerce/{woocommerce(here)} Hookshot (WordPress/{WORDPRESS})"

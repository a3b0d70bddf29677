"""What travels, and which way: three presets, chosen at onboarding.

Source: Spotler Connect help: onboarding presets, WooCommerce connector overview. Assumed: what the preset "fulfilment"
moves besides stock (the help names it for being the only source of stock): orders, products and shipments, but neither
contacts nor checkouts, which a warehouse has no use for.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum


class Preset(Enum):
    E_FULFILMENT = "ecommerce_with_e_fulfilment"
    MARKETING = "ecommerce_with_marketing_automation"
    FULFILMENT = "fulfilment"


IN, OUT = "in", "out"  # seen from Connect: in is from the shop

_SHOP = frozenset({("orders", IN), ("products", IN), ("checkouts", IN), ("contacts", IN), ("contacts", OUT)})
_GOODS = frozenset({("stock", OUT), ("shipments", OUT)})
FLOWS: dict[Preset, frozenset[tuple[str, str]]] = {
    Preset.E_FULFILMENT: _SHOP | _GOODS,
    Preset.MARKETING: _SHOP,
    Preset.FULFILMENT: frozenset({("orders", IN), ("products", IN)}) | _GOODS,
}
LOOK_BACK = {"orders": timedelta(days=7), "products": timedelta(days=3652), "contacts": timedelta(days=3652)}
TOPICS = {"orders": ("order.created", "order.updated"), "contacts": ("customer.created", "customer.updated")}
EVERY_TOPIC = tuple(topic for kind in TOPICS for topic in TOPICS[kind])


def flows(preset: Preset, kind: str, direction: str) -> bool:
    return (kind, direction) in FLOWS[preset]


def topics(preset: Preset) -> tuple[str, ...]:
    """The webhooks that this preset needs in the shop, and no others."""
    return tuple(topic for kind, some in TOPICS.items() if flows(preset, kind, IN) for topic in some)


def only_source_of_stock(preset: Preset) -> bool:
    """Whether a number that was changed in the shop is put right again; else it stays until goods move."""
    return preset is Preset.FULFILMENT

"""What a webhook can be about: topics, and the WordPress actions behind them.

Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import re

HOOKS: dict[str, tuple[str, ...]] = {
    "coupon.created": ("woocommerce_process_shop_coupon_meta", "woocommerce_new_coupon"),
    "coupon.updated": ("woocommerce_process_shop_coupon_meta", "woocommerce_update_coupon"),
    "coupon.deleted": ("wp_trash_post",),
    "coupon.restored": ("untrashed_post",),
    "customer.created": ("user_register", "woocommerce_created_customer", "woocommerce_new_customer"),
    "customer.updated": ("profile_update", "woocommerce_update_customer"),
    "customer.deleted": ("delete_user",),
    "customer.restored": (),  # accepted, but nothing ever triggers it
    "order.created": ("woocommerce_new_order",),
    "order.updated": ("woocommerce_update_order", "woocommerce_order_refunded"),
    "order.deleted": ("wp_trash_post", "woocommerce_trash_order"),
    "order.restored": ("untrashed_post", "woocommerce_untrash_order"),
    "product.created": (
        "woocommerce_process_product_meta",
        "woocommerce_new_product",
        "woocommerce_new_product_variation",
    ),
    "product.updated": (
        "woocommerce_process_product_meta",
        "woocommerce_update_product",
        "woocommerce_update_product_variation",
    ),
    "product.deleted": ("wp_trash_post",),
    "product.restored": ("untrashed_post",),
}

# The action a plugin would hear when this happens by REST: what `action.<name>` subscribes to.
ACTIONS: dict[str, str] = {
    "coupon.created": "woocommerce_new_coupon",
    "coupon.updated": "woocommerce_update_coupon",
    "customer.created": "woocommerce_new_customer",
    "customer.updated": "woocommerce_update_customer",
    "order.created": "woocommerce_new_order",
    "order.updated": "woocommerce_update_order",
    "order.deleted": "woocommerce_trash_order",
    "order.restored": "woocommerce_untrash_order",
    "product.created": "woocommerce_new_product",
    "product.updated": "woocommerce_update_product",
}

_BARRED = frozenset(
    {
        "woocommerce_login_credentials",
        "woocommerce_product_csv_importer_check_import_file_path",
        "woocommerce_webhook_should_deliver",
    }
)
_ACTION = re.compile(r"action\.((?:woocommerce|wc)_.+)")


def is_valid(topic: str) -> bool:
    """One of the sixteen, or `action.` and the name of an action of WooCommerce that is not barred."""
    action = _ACTION.fullmatch(topic)
    return topic in HOOKS if action is None else action[1] not in _BARRED


def kept(topic: str) -> str:
    """What a webhook keeps of a topic that was asked for. Requests are judged in small letters, and what is kept is
    judged as it came: "Order.created" is accepted, and its webhook has no topic and hears nothing."""
    return topic if is_valid(topic) else ""


def split(topic: str) -> tuple[str, str]:
    """Resource and event: ("order", "created"), ("action", "woocommerce_low_stock")."""
    resource, _, event = topic.partition(".")
    return resource, event


def hooks(topic: str) -> list[str]:
    resource, event = split(topic)
    return [event] if resource == "action" else list(HOOKS.get(topic, ()))

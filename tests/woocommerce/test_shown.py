"""A product is written as JSON once for each change; whatever shows in it counts as a change of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .shop import Shop

CHANGES: dict[str, Callable[[Shop, dict[str, Any]], object]] = {
    "itself": lambda shop, mug: shop.put(f"products/{mug['id']}", {"name": "Big mug"}),
    "its category": lambda shop, mug: shop.put(f"products/categories/{mug['categories'][0]['id']}", {"name": "Cups"}),
    "its tag": lambda shop, mug: shop.delete(f"products/tags/{mug['tags'][0]['id']}", force=True),
    "another product of its category": lambda shop, mug: shop.product("CAP", categories=mug["categories"]),
    "a related product that goes": lambda shop, mug: shop.delete(f"products/{mug['related_ids'][0]}", force=True),
    "the currency": lambda shop, mug: shop.put("settings/general/woocommerce_currency", {"value": "EUR"}),
    "the zone": lambda shop, mug: shop.world.do(
        "woocommerce", "change setting", name="timezone_string", value="Europe/Kyiv"
    ),
    "an order for it": lambda shop, mug: shop.post(
        "orders", {"status": "processing", "line_items": [{"product_id": mug["id"], "quantity": 1}]}
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_shows_in_the_list_and_in_the_product(shop: Shop, change: Callable[..., object]) -> None:
    cups, small = shop.post("products/categories", {"name": "Mugs"}), shop.post("products/tags", {"name": "Small"})
    shop.product("OLD", categories=[{"id": cups["id"]}])
    made = shop.product(categories=[{"id": cups["id"]}], tags=[{"id": small["id"]}], stock=5)
    before = shop.get(f"products/{made['id']}")
    assert shop.get("products", include=made["id"]) == [before]

    change(shop, before)

    after = shop.get(f"products/{made['id']}")
    assert after != before
    assert shop.get("products", include=made["id"]) == [after]
    edited = shop.get(f"products/{made['id']}", context="edit")  # which is written each time
    assert {name: after[name] for name in SHOWN_ALIKE} == {name: edited[name] for name in SHOWN_ALIKE}


SHOWN_ALIKE = ("name", "date_created", "categories", "tags", "related_ids", "price_html", "stock_quantity")


def test_the_address_that_was_asked_shows_in_the_links(shop: Shop) -> None:
    mug = shop.product()
    shop.get(f"products/{mug['id']}")

    elsewhere = shop.session.get(
        f"{shop.url}/wp-json/wc/v3/products/{mug['id']}", headers={"Host": "shop.example"}, timeout=30
    ).json()

    assert elsewhere["permalink"].startswith("https://shop.example/")

"""What comes and goes with a plugin, and the store-side API that stands for its PHP."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.emulators.kernel.errors import LabError

from .receiver import Receiver
from .shop import Shop

SECRET_OPTIONS = {"connector_token": "t0ken", "connector_settings": {"sync": True}}


def installed(shop: Shop, receiver: Receiver, **given: Any) -> Any:
    topics = ["order.created", "product.updated"]
    return shop.world.do(
        "woocommerce", "install plugin", topics=topics, delivery_url=receiver.url, options=SECRET_OPTIONS, **given
    )


def php(shop: Shop, method: str, path: str, body: Any = None, auth: Any = ("admin", "password")) -> requests.Response:
    """A call of the store-side API."""
    return requests.request(method, f"{shop.url}/wp-json/storelab/v1/{path}", json=body, auth=auth, timeout=30)


def opens(shop: Shop, key: dict[str, Any]) -> bool:
    query = {"consumer_key": key["consumer_key"], "consumer_secret": key["consumer_secret"]}
    return requests.get(
        f"{shop.url}/wp-json/wc/v3/products", params=query, headers={"X-Forwarded-Proto": "https"}, timeout=30
    ).ok


def test_a_plugin_brings_a_key_webhooks_and_options(shop: Shop, receiver: Receiver) -> None:
    made = installed(shop, receiver)

    assert opens(shop, made["key"])
    assert [w["topic"] for w in shop.world.fact("woocommerce", "webhooks")] == ["order.created", "product.updated"]
    assert shop.world.fact("woocommerce", "options") == SECRET_OPTIONS
    assert receiver.got == []
    assert shop.world.fact("woocommerce", "plugins")["Connector"]["active"] is True
    assert shop.world.fact("woocommerce", "API keys")[-1]["description"].startswith("Connector - API (")


def test_a_plugin_takes_away_what_it_brought(shop: Shop, receiver: Receiver) -> None:
    made = installed(shop, receiver)

    shop.world.do("woocommerce", "uninstall plugin")

    assert not opens(shop, made["key"])
    assert [shop.world.fact("woocommerce", fact) for fact in ("webhooks", "options", "plugins")] == [[], {}, {}]


def test_a_careless_plugin_leaves_everything_behind(shop: Shop, receiver: Receiver) -> None:
    made = installed(shop, receiver)

    shop.world.do("woocommerce", "uninstall plugin", cleans_up=False)
    shop.product()
    shop.put(f"products/{shop.get('products')[0]['id']}", {"name": "Cup"})
    shop.world.settle()

    assert opens(shop, made["key"])
    assert receiver.topics() == ["product.updated"]


def test_a_plugin_installed_twice_is_told_twice(shop: Shop, receiver: Receiver) -> None:
    installed(shop, receiver)
    installed(shop, receiver)
    mug = shop.product()

    shop.put(f"products/{mug['id']}", {})
    shop.world.settle()

    assert receiver.topics() == ["product.updated", "product.updated"]


def test_a_plugin_that_is_switched_off_is_told_nothing(shop: Shop, receiver: Receiver) -> None:
    made = installed(shop, receiver)
    mug = shop.product()

    shop.world.do("woocommerce", "deactivate plugin")
    shop.put(f"products/{mug['id']}", {})
    shop.world.do("woocommerce", "activate plugin")
    shop.put(f"products/{mug['id']}", {})
    shop.world.settle()

    assert receiver.topics() == ["product.updated"]
    assert opens(shop, made["key"])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"topics": ["order.created"]}, "say delivery_url"),
        ({"topics": ["order.exploded"], "delivery_url": "http://127.0.0.1:9/"}, "not a topic of a webhook"),
        ({"topics": ["order.created"], "delivery_url": "nowhere"}, "must be a valid URL"),
        ({"permissions": "all"}, "a key is read, write or read_write"),
    ],
)
def test_a_plugin_that_cannot_be_installed_leaves_nothing(shop: Shop, given: dict[str, Any], words: str) -> None:
    keys = shop.world.fact("woocommerce", "API keys")

    with pytest.raises(LabError, match=words):
        shop.world.do("woocommerce", "install plugin", **given)

    assert shop.world.fact("woocommerce", "API keys") == keys
    with pytest.raises(LabError, match="there is no plugin 'Connector'; there are: none"):
        shop.world.do("woocommerce", "uninstall plugin")


# ---------------------------------------------------------------------------------------------- the store-side API


def test_keys_are_made_and_revoked_from_inside(shop: Shop) -> None:
    made = php(shop, "POST", "keys", {"permissions": "read", "description": "Connector"})
    key = made.json()

    assert (made.status_code, opens(shop, key)) == (201, True)
    assert [k["description"] for k in php(shop, "GET", "keys").json()][-1] == "Connector"
    assert "consumer_secret" not in php(shop, "GET", "keys").text
    assert php(shop, "DELETE", f"keys/{key['key_id']}").json() == {"key_id": key["key_id"], "description": "Connector"}
    assert not opens(shop, key)
    assert php(shop, "DELETE", f"keys/{key['key_id']}").status_code == 404


def test_options_are_kept_until_they_are_deleted(shop: Shop) -> None:
    php(shop, "PUT", "options/connector", {"value": {"token": "t"}})

    assert php(shop, "GET", "options/connector").json() == {"name": "connector", "value": {"token": "t"}}
    assert php(shop, "GET", "options").json() == {"connector": {"token": "t"}}
    assert php(shop, "DELETE", "options/connector").status_code == 200
    assert php(shop, "GET", "options/connector").json()["code"] == "storelab_unknown_option"
    assert php(shop, "PUT", "options/connector", {}).json()["code"] == "rest_missing_callback_param"


def test_the_screen_of_an_order_shows_what_a_plugin_wrote(shop: Shop) -> None:
    shop.product()
    order = shop.world.do("woocommerce", "check out", lines={"MUG": 1})["id"]
    shop.put(f"orders/{order}", {"meta_data": [{"key": "tracking", "value": "RR1"}, {"key": "_sent", "value": "yes"}]})

    php(shop, "POST", f"orders/{order}/notes", {"note": "Sent to the warehouse", "by": "Connector"})
    screen = php(shop, "GET", f"orders/{order}/screen").json()

    assert screen["custom_fields"] == [{"key": "tracking", "value": "RR1"}]
    assert screen["hidden_fields"] == [{"key": "_sent", "value": "yes"}]
    assert (screen["notes"][0]["note"], screen["notes"][0]["by"]) == ("Sent to the warehouse", "Connector")
    assert php(shop, "GET", "orders/999999/screen").status_code == 404


def test_cron_is_run_from_inside(shop: Shop) -> None:
    shop.product(stock=5)
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    order = shop.world.do("woocommerce", "abandon checkout", lines={"MUG": 1}, at="payment")["id"]
    shop.world.clock(advance=3600)

    assert php(shop, "POST", "cron").json()["cancelled_orders"] == [order]


def test_a_key_of_the_store_opens_nothing_inside(shop: Shop) -> None:
    answers = [php(shop, "GET", "keys", auth=auth) for auth in (None, shop.session.auth, ("admin", "wrong"))]

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(401, "rest_forbidden")] * 3
    assert "storelab/v1" not in requests.get(f"{shop.url}/wp-json/", timeout=30).json()["namespaces"]


def test_the_status_report_lists_plugins(shop: Shop) -> None:
    shop.world.do("woocommerce", "install plugin", name="Stock Sync")
    shop.world.do("woocommerce", "install plugin", name="Old One")
    shop.world.do("woocommerce", "deactivate plugin", name="Old One")

    status = shop.get("system_status")

    assert [p["name"] for p in status["active_plugins"]] == ["WooCommerce", "Stock Sync"]
    assert [p["plugin"] for p in status["inactive_plugins"]] == ["old-one/old-one.php"]


def test_the_store_side_api_is_not_counted_as_the_stores(shop: Shop) -> None:
    counted = shop.world.call("GET", "/coverage")["woocommerce"]

    assert [o["path"] for o in counted if "storelab" in o["path"]] == []


def test_a_locked_product_is_sold_and_read_and_cannot_be_saved_over_rest(shop: Shop) -> None:
    mug, cap = shop.product("MUG", stock=5), shop.product("CAP", stock=5)
    shop.world.do("woocommerce", "lock product", sku="MUG")

    alone = shop.refusal("PUT", f"products/{mug['id']}", {"stock_quantity": 1})
    rows = [{"id": one["id"], "stock_quantity": 2} for one in (mug, cap)]
    both = shop.post("products/batch", {"update": rows})["update"]
    shop.world.do("woocommerce", "place order", lines={"MUG": 1})

    assert alone[:2] == (400, "product_locked")
    assert (both[0]["error"]["code"], both[1]["stock_quantity"]) == ("product_locked", 2)
    assert shop.get(f"products/{mug['id']}")["stock_quantity"] == 4
    shop.world.do("woocommerce", "lock product", sku="MUG", locked=False)
    assert shop.put(f"products/{mug['id']}", {"stock_quantity": 9})["stock_quantity"] == 9


def test_a_locked_variation_cannot_be_saved_and_an_unknown_sku_cannot_be_locked(shop: Shop) -> None:
    shop.world.state("woocommerce", "a variable product", sku="SHIRT")
    small = shop.world.fact("woocommerce", "products")["SHIRT-S"]["id"]
    parent = shop.world.fact("woocommerce", "products")["SHIRT"]["id"]
    shop.world.do("woocommerce", "lock product", sku="SHIRT-S")

    refused = shop.refusal("PUT", f"products/{parent}/variations/{small}", {"stock_quantity": 1})

    assert refused[1] == "product_locked"
    with pytest.raises(LabError, match="no product 'NONE'"):
        shop.world.do("woocommerce", "lock product", sku="NONE")

"""A store that moves, loses its permalinks, or is copied to staging."""

from __future__ import annotations

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .receiver import Receiver
from .shop import Shop
from .test_webhooks import hooked


def at(shop: Shop, url: str) -> Shop:
    """The same shop with the same key, at another address."""
    other = Shop.__new__(Shop)
    other.world, other.url, other.session = shop.world, url, shop.session
    return other


# ---------------------------------------------------------------------------------------------- the address


def test_a_store_that_moved_redirects_from_its_old_address(shop: Shop) -> None:
    moved = shop.world.do("woocommerce", "change store URL")

    answer = shop.session.get(f"{shop.url}/wp-json/wc/v3/products?per_page=5", allow_redirects=False, timeout=30)

    assert moved == {"old": shop.url, "new": shop.url.replace("127.0.0.1", "localhost")}
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{moved['new']}/wp-json/wc/v3/products?per_page=5"
    assert shop.world.fact("woocommerce", "address")["url"] == moved["new"]
    assert shop.world.info()["store"]["url"] == moved["new"]


def test_who_follows_the_redirect_of_a_post_reads_instead_of_writing(shop: Shop) -> None:
    new = at(shop, shop.world.do("woocommerce", "change store URL")["new"])

    shop.session.post(f"{shop.url}/wp-json/wc/v3/products", json={"name": "Lost"}, timeout=30)

    assert new.get("products") == []


def test_links_and_webhooks_carry_the_new_address_and_keys_stay(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.created")
    new = at(shop, shop.world.do("woocommerce", "change store URL")["new"])

    made = new.product()
    shop.world.settle()

    told = receiver.deliveries[0]
    address = new.url.partition("//")[2]
    assert made["_links"]["self"][0]["href"].partition("//")[2].startswith(address)
    assert told.header("X-WC-Webhook-Source") == f"{new.url}/"
    assert told.json["_links"]["self"][0]["href"].startswith(new.url)


def test_a_store_can_move_back(shop: Shop) -> None:
    shop.world.do("woocommerce", "change store URL")
    shop.world.do("woocommerce", "change store URL", url=shop.url)

    assert shop.get("products") == []


@pytest.mark.parametrize("url", ["nonsense", "ftp://localhost/woocommerce", "http://localhost:1/elsewhere"])
def test_a_store_does_not_move_where_nobody_would_find_it(shop: Shop, url: str) -> None:
    with pytest.raises(LabError, match="address"):
        shop.world.do("woocommerce", "change store URL", url=url)


# ---------------------------------------------------------------------------------------------- permalinks


def test_without_permalinks_the_api_is_the_themes_404(shop: Shop) -> None:
    shop.product()
    shop.world.do("woocommerce", "permalinks off")

    answers = [shop.call("GET", "products"), shop.session.get(f"{shop.url}/wp-json/", timeout=30)]

    assert {(a.status_code, a.headers["Content-Type"]) for a in answers} == {(404, "text/html; charset=UTF-8")}
    assert shop.world.journal()[-1]["reason"] == "this store has no permalinks: its API is at ?rest_route= only"


def test_without_permalinks_the_query_leads_to_the_api_but_opens_nothing(shop: Shop) -> None:
    shop.world.do("woocommerce", "permalinks off")

    index = shop.session.get(f"{shop.url}/?rest_route=/", timeout=30)
    products = shop.session.get(f"{shop.url}/?rest_route=/wc/v3/products", timeout=30)
    front = requests.head(f"{shop.url}/", timeout=30)

    assert "wc/v3" in index.json()["namespaces"]
    assert (products.status_code, products.json()["code"]) == (401, "woocommerce_rest_cannot_view")
    assert f"<{shop.url}/index.php?rest_route=/>" in front.headers["Link"]


def test_permalinks_come_back(shop: Shop) -> None:
    shop.world.do("woocommerce", "permalinks off")
    shop.world.do("woocommerce", "permalinks on")

    assert shop.get("products") == []
    assert f"<{shop.url}/wp-json/>" in requests.head(f"{shop.url}/", timeout=30).headers["Link"]


# ---------------------------------------------------------------------------------------------- WooCommerce itself


def test_without_woocommerce_its_api_is_no_route_and_wordpress_stays(shop: Shop) -> None:
    shop.product(sku="MUG")
    shop.world.do("woocommerce", "deactivate WooCommerce")

    products, index = shop.call("GET", "products"), shop.session.get(f"{shop.url}/wp-json/", timeout=30)

    assert (products.status_code, products.json()["code"]) == (404, "rest_no_route")
    assert [name for name in index.json()["namespaces"] if name.startswith("wc")] == []
    assert index.json()["namespaces"] != []
    shop.world.do("woocommerce", "activate WooCommerce")
    assert [product["sku"] for product in shop.get("products")] == ["MUG"]


# ---------------------------------------------------------------------------------------------- staging


def test_a_copy_knows_keys_and_products_and_goes_its_own_way(shop: Shop) -> None:
    staging = at(shop, shop.world.do("woocommerce", "clone to staging")["url"])
    shop.product()
    again = shop.world.do("woocommerce", "clone to staging")

    staging.product(sku="CAP")

    assert again["url"] == staging.url
    assert sorted(p["sku"] for p in staging.get("products")) == ["CAP", "MUG"]
    assert [p["sku"] for p in shop.get("products")] == ["MUG"]


def test_a_copy_delivers_to_the_same_receiver_under_another_source(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.created")
    url = shop.world.do("woocommerce", "clone to staging")["url"]
    staging = LabClient(url.removesuffix("/woocommerce"))

    at(shop, url).product(sku="TEST")
    staging.settle()

    [told] = receiver.deliveries
    assert told.header("X-WC-Webhook-Source") == f"{url}/"
    assert told.header("X-WC-Webhook-ID") == "1"


def test_what_waited_to_be_delivered_is_delivered_by_both(shop: Shop, receiver: Receiver) -> None:
    hooked(shop, receiver, "product.created")
    shop.world.call("POST", "/deliveries/hold")
    shop.product()

    url = shop.world.do("woocommerce", "clone to staging")["url"]
    LabClient(url.removesuffix("/woocommerce")).settle()
    shop.world.call("POST", "/deliveries/release")
    shop.world.settle()

    assert [g.header("X-WC-Webhook-Source") for g in receiver.deliveries] == [f"{url}/", f"{shop.url}/"]


def test_a_copy_of_a_store_that_moved_is_where_it_is(shop: Shop) -> None:
    shop.world.do("woocommerce", "change store URL")
    url = shop.world.do("woocommerce", "clone to staging")["url"]

    assert at(shop, url).get("products") == []


def test_a_world_is_copied_by_the_control_api(shop: Shop) -> None:
    shop.product()
    name = shop.world.url.rsplit("/~", 1)[1]

    copy = shop.world.make_world(f"{name}-qa", copy_of=name)

    assert copy.fact("woocommerce", "products").keys() == {"MUG"}
    assert copy.info()["store"]["consumer_key"] == shop.world.info()["store"]["consumer_key"]
    copy.drop()


def test_what_was_missed_while_the_connector_was_down_is_sent_again(shop: Shop, receiver: Receiver) -> None:
    [webhook] = hooked(shop, receiver, "product.updated", path="/status/500")
    mug = shop.product()
    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()
    shop.put(f"webhooks/{webhook}", {"delivery_url": f"{receiver.url}/hook"})
    receiver.got.clear()

    again = shop.world.redeliver_missed("woocommerce")

    assert (again["delivered"], [d["status"] for d in again["deliveries"]]) == (1, ["delivered"])
    assert [g.json["name"] for g in receiver.deliveries] == ["Cup"]
    assert shop.world.redeliver_missed()["deliveries"] == []

"""What the store says of itself: OPTIONS of every route, and the index."""

from __future__ import annotations

import re
from typing import Any

import pytest

from storelab.emulators.kernel.service import load_document
from storelab.emulators.woocommerce import words

from .shop import Shop

ROUTES = load_document("woocommerce")["x-routes"]


def options(shop: Shop, path: str) -> dict[str, Any]:
    answer = shop.call("OPTIONS", path.removeprefix("/wp-json/wc/v3").lstrip("/"))
    assert answer.status_code == 200, path
    body: dict[str, Any] = answer.json()
    return body


def test_every_route_says_what_it_takes_without_a_key(shop: Shop) -> None:
    shop.session.auth = None
    document = load_document("woocommerce")["paths"]
    for path in ROUTES:
        methods = {m.upper() for m in document[path]} - {"PARAMETERS"}
        if all(o.get("x-not-emulated") for m, o in document[path].items() if m != "parameters"):
            continue

        told = options(shop, re.sub(r"\{location\}|\{currency\}", "USD", re.sub(r"\{\w*id\}|\{slug\}", "1", path)))

        assert set(told["methods"]) == methods, path
        for endpoint in told["endpoints"]:
            assert all(arg["description"] for arg in endpoint["args"].values()), path


def test_a_batch_takes_what_one_thing_takes(shop: Shop) -> None:
    one = options(shop, "products/1")["endpoints"][1]["args"]
    many = options(shop, "products/batch")["endpoints"][0]["args"]

    assert list(many) == [name for name in one if name != "id"]


def test_the_schema_of_a_product_says_what_the_recorded_one_says(shop: Shop) -> None:
    schema = options(shop, "products")["schema"]
    told = {
        "id": {"type": "integer", "context": ["view", "edit"], "readonly": True},
        "type": {
            "type": "string",
            "default": "simple",
            "enum": ["simple", "grouped", "external", "variable"],
            "context": ["view", "edit"],
        },
        "date_created": {"type": "date-time", "context": ["view", "edit"]},
        "stock_quantity": {"type": "integer", "context": ["view", "edit"]},
        "generated_slug": {"type": "string", "context": ["edit"], "readonly": True},
        "variations": {"type": "array", "items": {"type": "integer"}, "context": ["view", "edit"], "readonly": True},
    }

    shown = {name: {k: v for k, v in schema["properties"][name].items() if k != "description"} for name in told}

    assert shown == told
    assert schema["title"] == "product"


@pytest.mark.parametrize(
    ("path", "title", "written", "read_only"),
    [
        ("orders", "shop_order", "customer_note", "order_key"),
        ("orders/1", "shop_order", "status", "total"),
        ("customers", "customer", "email", "avatar_url"),
        ("products/1/variations", "product_variation", "sku", "permalink"),
        ("webhooks/1", "webhook", "topic", "resource"),
    ],
)
def test_what_can_be_written_is_told_from_what_can_be_read(
    shop: Shop, path: str, title: str, written: str, read_only: str
) -> None:
    schema = options(shop, path)["schema"]

    assert schema["title"] == title
    assert "readonly" not in schema["properties"][written]
    assert schema["properties"][read_only]["readonly"] is True


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("customers", {"password"}),
        ("orders", {"set_paid", "manual_update"}),
        ("orders/1/notes", {"added_by_user"}),
        ("orders/1/refunds", {"api_refund", "api_restock"}),
        ("webhooks", {"secret"}),
    ],
)
def test_a_schema_has_what_is_written_and_never_shown(shop: Shop, path: str, names: set[str]) -> None:
    """Source: get_item_schema() of the store's controllers, WooCommerce 10."""
    properties = options(shop, path)["schema"]["properties"]

    assert {name for name, schema in properties.items() if schema["context"] == ["edit"]} == names


def test_the_schema_of_a_payment_method_leaves_out_what_is_for_the_settings_page(shop: Shop) -> None:
    told = list(options(shop, "payment_gateways")["schema"]["properties"])

    assert (told[0], told[-1], len(told)) == ("id", "settings", 9)


def test_a_name_that_has_no_words_is_read_out() -> None:
    assert words.said("tax_status") == "Tax status."
    assert words.said("date_paid") == "Date paid, in the time zone of the store."
    assert words.said("date_paid_gmt") == "Date paid, in UTC."
    assert words.said("upsell_ids") == "Upsells, by their ids."

"""Batch: many at once, each for itself, unchecked."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


def _errors(items: list[dict[str, Any]]) -> list[tuple[Any, str, int]]:
    return [(i["id"], i["error"]["code"], i["error"]["data"]["status"]) for i in items if "error" in i]


def test_what_one_item_is_refused_hinders_no_other(shop: Shop) -> None:
    mug = shop.product("MUG")

    done = shop.post(
        "products/batch",
        {
            "create": [{"name": "New", "sku": "NEW"}, {"name": "Twin", "sku": "MUG"}],
            "update": [{"id": mug["id"], "name": "Big mug"}, {"id": 999999, "name": "x"}, {"name": "nobody"}],
            "delete": [999999],
        },
    )

    assert done["create"][0]["sku"] == "NEW"
    assert done["update"][0]["name"] == "Big mug"
    assert _errors(done["create"]) == [(0, "product_invalid_sku", 400)]
    assert _errors(done["update"]) == [
        (999999, "woocommerce_rest_product_invalid_id", 400),
        (None, "woocommerce_rest_product_invalid_id", 400),
    ]
    assert _errors(done["delete"]) == [(999999, "woocommerce_rest_product_invalid_id", 404)]


def test_what_a_refused_item_had_written_is_undone(shop: Shop) -> None:
    done = shop.post("products/batch", {"create": [{"tags": [{"name": "Left over"}], "images": [{"id": 99999}]}]})

    assert _errors(done["create"]) == [(0, "woocommerce_product_invalid_image_id", 400)]
    assert shop.get("products/tags") == []
    assert shop.get("products") == []


def test_deleting_is_for_good_and_comes_last(shop: Shop) -> None:
    mug = shop.product("MUG")

    done = shop.post("products/batch", {"delete": [{"id": mug["id"]}, "abc"], "create": [{"sku": "MUG"}]})

    assert list(done) == ["create", "delete"]
    assert _errors(done["create"]) == [(0, "product_invalid_sku", 400)]
    assert [p["id"] for p in done["delete"]] == [mug["id"]]
    assert shop.refusal("GET", f"products/{mug['id']}")[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_more_than_a_hundred_in_all_are_too_many(shop: Shop, method: str) -> None:
    items = {"create": [{"name": "x"}] * 60, "delete": [1] * 41}

    assert shop.refusal(method, "products/batch", items)[:2] == (413, "woocommerce_rest_request_entity_too_large")
    assert shop.get("products") == []


@pytest.mark.parametrize("body", [{}, {"foo": [1]}, {"create": []}, {"create": "x"}, {"update": 5}], ids=str)
def test_nothing_to_do_answers_an_empty_list(shop: Shop, body: dict[str, Any]) -> None:
    assert shop.post("products/batch", body) == []


def test_an_object_in_place_of_a_list_breaks_the_store_and_changes_nothing(shop: Shop) -> None:
    assert shop.refusal("POST", "products/batch", {"create": {"name": "q"}})[:2] == (500, "internal_server_error")
    assert shop.get("products") == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"regular_price": 5}, {"price": "5"}),
        ({"regular_price": 5.25}, {"price": "5.25"}),
        ({"status": "zzz"}, {"status": "draft"}),
        ({"manage_stock": "yes", "stock_quantity": "12abc"}, {"stock_quantity": 12}),
        ({"manage_stock": True, "stock_quantity": 10**30}, {"manage_stock": True}),
        ({"name": 5}, {"name": "5"}),
        ({"name": ["a"]}, {"name": "Array"}),
        ({"type": "zzz"}, {"type": "simple"}),
        ({"categories": "x", "tags": 5, "attributes": "y", "meta_data": {"a": 1}}, {"tags": [], "attributes": []}),
        ({"categories": [5], "tags": [None], "attributes": [7], "images": ["x"]}, {"images": []}),
        ({"dimensions": "x", "downloads": {"a": 1}}, {"downloads": []}),
        ({"regular_price": "9" * 400}, {"regular_price": "9" * 400}),
        ({"menu_order": -(10**30), "weight": {"a": 1}}, {"status": "publish"}),
        ({"date_on_sale_from": "soon", "date_created": "soon"}, {"date_on_sale_from": None}),
        ({"default_attributes": [{"id": "x"}], "upsell_ids": "1,2,x"}, {"upsell_ids": [1, 2]}),
        ({"description": "a\u0000b"}, {"description": "ab"}),
    ],
    ids=lambda value: str(value)[:60],
)
def test_nothing_is_checked_within_a_batch(shop: Shop, sent: dict[str, Any], kept: dict[str, Any]) -> None:
    made = shop.post("products/batch", {"create": [sent]})["create"][0]

    assert {k: made[k] for k in kept} == kept


@pytest.mark.parametrize("item", [None, 5, "x", [], [1]])
def test_an_item_that_is_no_object_is_an_empty_one(shop: Shop, item: Any) -> None:
    done = shop.post("products/batch", {"create": [item], "update": [item]})

    assert done["create"][0]["name"] == "Product"
    assert _errors(done["update"]) == [(None, "woocommerce_rest_product_invalid_id", 400)]


def test_a_missing_variation_is_told_with_what_was_looked_for(shop: Shop) -> None:
    shirt = shop.world.state("woocommerce", "a variable product", sku="SHIRT")

    done = shop.post(
        f"products/{shirt['id']}/variations/batch",
        {"update": [{"id": shirt["variations"]["SHIRT-S"], "regular_price": 7}], "delete": [999999]},
    )

    assert done["update"][0]["price"] == "7"
    assert done["delete"][0]["id"] == {"id": 999999, "product_id": shirt["id"], "force": True}


@pytest.mark.parametrize("resource", ["categories", "tags", "shipping_classes", "brands"])
def test_terms_need_a_name_and_keep_it_to_themselves(shop: Shop, resource: str) -> None:
    done = shop.post(f"products/{resource}/batch", {"create": [{"name": "B1"}, {"name": "B1"}, {}], "delete": [9999]})

    assert done["create"][0]["slug"] == "b1"
    assert [code for _, code, _ in _errors(done["create"])] == ["term_exists", "empty_term_name"]
    assert _errors(done["delete"]) == [(9999, "woocommerce_rest_term_invalid", 404)]


def test_a_hundred_are_created_in_one_request(shop: Shop) -> None:
    done = shop.post("products/batch", {"create": [{"name": "Mug", "sku": f"M-{n}"} for n in range(100)]})

    assert [p["slug"] for p in done["create"][:3]] == ["mug", "mug-2", "mug-3"]
    assert len({p["id"] for p in done["create"]}) == 100


def test_reviews_that_are_deleted_in_a_batch_are_told_as_they_were(shop: Shop) -> None:
    review = {"review": "Nice", "reviewer": "J", "reviewer_email": "j@example.com", "product_id": shop.product()["id"]}
    made = shop.post("products/reviews", review)["id"]

    (told,) = shop.post("products/reviews/batch", {"delete": [made]})["delete"]

    assert (told["deleted"], told["previous"]["id"]) == (True, made)

"""Products, their offers, categories and custom fields."""

from __future__ import annotations

from typing import Any

from .conftest import Crm


def made(crm: Crm, **product: Any) -> dict[str, Any]:
    got = crm.ask("POST", "/products", {"name": "Shirt", **product})
    assert got.status == 201, got.body
    body: dict[str, Any] = got.body
    return body


def test_a_product_without_variants_has_one_offer_with_its_sku(crm: Crm) -> None:
    product = made(crm, sku="SHIRT", price=19.99, weight=0.375, pictures=["http://p/1.jpg"])

    offers = crm.get("/offers", f"filter[product_id]={product['id']}&include=product")["data"]

    assert [(o["sku"], o["price"], o["weight"], o["quantity"]) for o in offers] == [("SHIRT", 19.99, 0.375, 0)]
    assert offers[0]["product"]["name"] == "Shirt"
    assert (product["has_offers"], product["thumbnail_url"]) == (False, "http://p/1.jpg")


def test_variants_take_the_place_of_the_products_own_offer(crm: Crm) -> None:
    product = made(crm, sku="SHIRT")
    rows = [
        {"sku": "SHIRT-S", "price": 10, "properties": [{"name": "Size", "value": "S"}, {"name": "Lost"}]},
        {"sku": "SHIRT-M", "price": 12, "properties": [{"name": "Size", "value": "M"}]},
    ]

    got = crm.ask("POST", f"/products/{product['id']}/offers", {"offers": rows})

    assert (got.status, got.body) == (201, {"status": True})
    offers = crm.get("/offers", "include=product")["data"]
    assert [(o["sku"], o["properties"]) for o in offers] == [
        ("SHIRT-S", [{"name": "Size", "value": "S"}]),
        ("SHIRT-M", [{"name": "Size", "value": "M"}]),
    ]
    assert offers[0]["product"]["properties_agg"] == {"Size": ["S", "M"]}
    after = crm.get(f"/products/{product['id']}")
    assert (after["has_offers"], after["min_price"], after["max_price"], after["sku"]) == (True, 10, 12, None)


def test_an_own_offer_that_had_stock_is_archived_and_not_lost(crm: Crm) -> None:
    product = made(crm, sku="SHIRT")
    crm.do("adjust stock", sku="SHIRT", quantity=3)

    crm.ask("POST", f"/products/{product['id']}/offers", {"offers": [{"sku": "SHIRT-S"}]})

    assert [o["sku"] for o in crm.get("/offers", "filter[is_archived]=true")["data"]] == ["SHIRT"]
    assert crm.fact("stock")["SHIRT"]["in_stock"] == 3


def test_a_hundred_products_are_imported_without_ids_and_a_hundred_and_one_are_not(crm: Crm) -> None:
    rows = [{"name": f"Product {number}"} for number in range(101)]

    assert crm.ask("POST", "/products/import", {"products": rows}).status == 422
    got = crm.ask("POST", "/products/import", {"products": rows[:100]})

    assert (got.status, got.body) == (201, {"status": True})
    assert crm.get("/products")["total"] == 100


def test_a_change_reaches_the_products_own_offer(crm: Crm) -> None:
    product = made(crm, sku="OLD", price=1)

    got = crm.ask("PUT", f"/products/{product['id']}", {"sku": "NEW", "price": 2, "description": "Cotton"})

    assert (got.status, got.body["sku"], got.body["price"], got.body["name"]) == (202, "NEW", 2, "Shirt")
    assert [o["sku"] for o in crm.get("/offers")["data"]] == ["NEW"]


def test_offers_are_changed_by_id_or_sku_and_unknown_ones_skipped(crm: Crm) -> None:
    first = crm.state("an offer in stock", sku="A")["offer_id"]
    crm.state("an offer in stock", sku="B")
    rows = [
        {"id": first, "price": 5.555, "width": 2},
        {"sku": "B", "image_url": "http://p/b.jpg"},
        {"sku": "?", "price": 1},
    ]

    got = crm.ask("PUT", "/offers", {"offers": rows})

    assert (got.status, got.body) == (202, {"status": True})
    a, b = crm.get("/offers")["data"]
    assert (a["price"], a["width"], b["price"], b["thumbnail_url"]) == (5.56, 2, 9.5, "http://p/b.jpg")


def test_a_row_without_id_and_sku_is_refused(crm: Crm) -> None:
    assert crm.ask("PUT", "/offers", {"offers": [{"price": 1}]}).status == 422


def test_offers_are_sorted_by_id_and_an_unknown_sort_is_ignored(crm: Crm) -> None:
    crm.state("a catalogue", size=3)

    def ids(query: str) -> list[int]:
        return [offer["id"] for offer in crm.get("/offers", query)["data"]]

    assert (ids("sort=id"), ids("sort=-id"), ids("sort=price")) == ([1, 2, 3], [3, 2, 1], [1, 2, 3])


def test_the_reserve_of_an_offer_is_shown_only_where_it_was_seen(crm: Crm) -> None:
    crm.state("an offer in stock", reserve=4)
    documented = crm.get("/offers")["data"][0]
    crm.do("switch profile", profile="observed")

    observed = crm.get("/offers")["data"][0]

    assert "in_reserve" not in documented
    assert documented["thumbnail_url"] == ""
    assert (observed["in_reserve"], observed["thumbnail_url"]) == (4, None)
    assert (observed["is_default"], observed["is_archived"]) == (False, False)
    assert crm.get("/products")["data"][0]["in_reserve"] == 4


def test_products_seen_live_come_newest_first(crm: Crm) -> None:
    crm.state("a catalogue", size=3)
    documented = [product["id"] for product in crm.get("/products")["data"]]

    crm.do("switch profile", profile="observed")

    assert [product["id"] for product in crm.get("/products")["data"]] == documented[::-1] != documented


def test_categories_form_a_tree(crm: Crm) -> None:
    top = crm.ask("POST", "/products/categories", {"name": "Clothes"}).body
    crm.ask("POST", "/products/categories", {"name": "Shirts", "parent_id": top["id"]})
    lost = crm.ask("POST", "/products/categories", {"name": "Lost", "parent_id": 99})

    assert lost.status == 422
    assert [c["name"] for c in crm.get("/products/categories", f"filter[parent_id]={top['id']}")["data"]] == ["Shirts"]
    product = made(crm, category_id=top["id"])
    assert crm.get("/products", f"filter[category_id]={top['id']}")["data"][0]["id"] == product["id"]


def test_a_page_is_wrapped_in_the_envelope(crm: Crm) -> None:
    crm.state("a catalogue", size=7)

    middle = crm.get("/offers", "limit=3&page=2&filter[is_archived]=false")
    beyond = crm.get("/offers", "limit=3&page=9")

    assert {k: middle[k] for k in ("total", "current_page", "per_page", "last_page", "from", "to")} == {
        "total": 7,
        "current_page": 2,
        "per_page": 3,
        "last_page": 3,
        "from": 4,
        "to": 6,
    }
    assert middle["next_page_url"] == "http://lab/keycrm/v1/offers?limit=3&filter%5Bis_archived%5D=false&page=3"
    assert (beyond["data"], beyond["next_page_url"], beyond["from"]) == ([], None, None)


def test_a_foreign_paging_parameter_is_ignored(crm: Crm) -> None:
    crm.state("a catalogue", size=20)

    assert len(crm.get("/offers", "perPage=50")["data"]) == 15


def test_custom_fields_come_all_at_once(crm: Crm) -> None:
    crm.do("add custom field", name="Size", model="crm_product", type="select", options=["S", "M"])
    crm.do("add custom field", name="Note", model="order")

    everything = crm.get("/custom-fields")
    products = crm.get("/custom-fields", "filter[model]=crm_product&include=options&sort=-position")

    assert [field["name"] for field in everything] == ["Size", "Note"]
    assert [option["value"] for option in products[0]["options"]] == ["S", "M"]
    product = made(crm, custom_fields=[{"uuid": products[0]["uuid"], "value": ["S"]}])
    assert crm.get(f"/products/{product['id']}", "include=custom_fields")["custom_fields"][0]["value"] == ["S"]


def test_a_page_has_its_fields_in_the_order_of_a_live_answer(crm: Crm) -> None:
    assert list(crm.get("/offers", "limit=15&sort=id")) == [
        "current_page",
        "data",
        "first_page_url",
        "from",
        "last_page",
        "last_page_url",
        "next_page_url",
        "path",
        "per_page",
        "prev_page_url",
        "to",
        "total",
    ]

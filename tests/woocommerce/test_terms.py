"""Categories, tags, brands and attributes: how they are listed, changed and refused.

Source: the terms' controllers of WooCommerce 10 and wp_update_term() of WordPress, read (nothing of it is recorded).
"""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


def test_attributes_are_listed_by_name(shop: Shop) -> None:
    for name in ("Strap", "Lens", "Frame"):
        shop.post("products/attributes", {"name": name})

    assert [a["slug"] for a in shop.get("products/attributes")] == ["pa_frame", "pa_lens", "pa_strap"]


@pytest.mark.parametrize("kind", ["categories", "brands", "tags"])
def test_lists_of_terms_count_what_customers_see_and_a_term_by_itself_what_there_is(shop: Shop, kind: str) -> None:
    made = shop.post(f"products/{kind}", {"name": "Sale"})["id"]
    shop.product("MUG", stock_status="outofstock", **{kind: [{"id": made}]})

    def counts() -> tuple[int, int]:
        listed = shop.get(f"products/{kind}", include=made)
        return listed[0]["count"], shop.get(f"products/{kind}/{made}")["count"]

    assert counts() == (1, 1)
    shop.put("settings/products/woocommerce_hide_out_of_stock_items", {"value": "yes"})
    assert counts() == (0, 1)


def test_categories_of_a_product_come_in_the_order_of_the_menu(shop: Shop) -> None:
    made = [
        shop.post("products/categories", {"name": name, "menu_order": order})["id"]
        for name, order in (("C", 0), ("A", 2), ("B", 0))
    ]

    mug = shop.product(categories=[{"id": number} for number in made])

    assert [category["name"] for category in mug["categories"]] == ["B", "C", "A"]


def test_what_no_tree_has_is_not_asked_for_a_parent(shop: Shop) -> None:
    made = [shop.post("products/tags", {"name": name})["id"] for name in "AB"]

    assert len(shop.get("products/tags", parent=5)) == 2
    included = shop.get("products/tags", include=f"{made[0]},{made[1]}", orderby="include", order="desc")
    assert [tag["name"] for tag in included] == ["B", "A"]


@pytest.mark.parametrize(
    ("method", "kind", "refusal"),
    [
        ("POST", "attributes", ("cannot_create", "Sorry, you cannot create new resource.")),
        ("PUT", "attributes", ("cannot_update", "Sorry, you cannot update resource.")),
        ("PUT", "reviews", ("cannot_edit", "Sorry, you cannot edit this resource.")),
        ("DELETE", "reviews", ("cannot_delete", "Sorry, you cannot delete this resource.")),
    ],
)
def test_strangers_are_told_by_each_controller_in_its_words(
    shop: Shop, method: str, kind: str, refusal: tuple[str, str]
) -> None:
    sent = {"product_id": shop.product()["id"], "review": "Nice", "reviewer": "Jo", "reviewer_email": "jo@example.com"}
    made = shop.post(f"products/{kind}", {"name": "Size"} if kind == "attributes" else sent)
    shop.session.auth = None
    path = f"products/{kind}" if method == "POST" else f"products/{kind}/{made['id']}"

    code, message = refusal
    assert shop.refusal(method, path, {"name": "x"}) == (401, f"woocommerce_rest_{code}", message)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"slug": "b"}, "duplicate_term_slug"),
        ({"parent": 99999}, "missing_parent"),
        ({"name": " "}, "empty_term_name"),
    ],
    ids=str,
)
def test_what_a_change_of_a_category_is_refused_is_told_without_a_status(
    shop: Shop, sent: dict[str, Any], code: str
) -> None:
    a, _ = (shop.post("products/categories", {"name": name})["id"] for name in "AB")

    refused = shop.call("PUT", f"products/categories/{a}", sent)

    assert (refused.status_code, refused.json()["code"], refused.json()["data"]) == (500, code, None)


def test_a_taken_slug_is_made_free_where_the_parent_changes_as_well(shop: Shop) -> None:
    a, b = (shop.post("products/categories", {"name": name})["id"] for name in "AB")

    moved = shop.put(f"products/categories/{a}", {"slug": "b", "parent": b})

    assert moved["slug"] == "b-b"

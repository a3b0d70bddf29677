"""Shared attributes and their values, and variations that follow when one of them, or their product, changes.

Source: the REST controllers and wc_update_attribute() of WooCommerce 10, read (nothing of it is recorded).
"""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop

NOT_THERE = (404, "woocommerce_rest_product_invalid_id", "Invalid product ID.")


def shirt(shop: Shop) -> tuple[dict[str, Any], str, str]:
    """A shirt in two shared colours with its red variation: the attribute, the paths of both."""
    colour = shop.post("products/attributes", {"name": "Color"})
    chosen = {"id": colour["id"], "option": "Red"}
    sold = {"id": colour["id"], "variation": True, "options": ["Red", "Blue"]}
    parent = shop.post(
        "products", {"name": "Shirt", "type": "variable", "attributes": [sold], "default_attributes": [chosen]}
    )
    path = f"products/{parent['id']}"
    red = shop.post(f"{path}/variations", {"attributes": [chosen]})
    return colour, path, f"{path}/variations/{red['id']}"


def small(shop: Shop) -> tuple[str, str]:
    """A shirt with a size of its own, and its small variation: the paths of both."""
    size = {"name": "Size", "variation": True, "options": ["S", "M"]}
    parent = shop.post("products", {"name": "Shirt", "type": "variable", "attributes": [size]})
    path = f"products/{parent['id']}"
    made = shop.post(f"{path}/variations", {"attributes": [{"name": "Size", "option": "S"}]})
    return path, f"{path}/variations/{made['id']}"


def test_a_variation_follows_the_slug_and_the_name_of_its_value(shop: Shop) -> None:
    colour, parent, red = shirt(shop)
    terms = f"products/attributes/{colour['id']}/terms"
    value = shop.get(terms, slug="red")[0]["id"]

    shop.put(f"{terms}/{value}", {"slug": "crimson", "name": "Crimson"})

    shown = shop.get(red)
    assert (shown["attributes"][0]["option"], shown["permalink"].partition("?")[2]) == (
        "Crimson",
        "attribute_pa_color=crimson",
    )
    assert shop.get(parent)["default_attributes"][0]["option"] == "crimson"
    assert shop.get(f"products/{shown['id']}")["name"] == "Shirt - Crimson"


def test_an_attribute_gets_the_slug_of_its_new_name_and_keeps_the_rest(shop: Shop) -> None:
    colour, _, red = shirt(shop)
    path = f"products/attributes/{colour['id']}"
    shop.put(path, {"name": "Color", "order_by": "name", "has_archives": True})

    changed = shop.put(path, {"name": "Farbe"})

    assert (changed["slug"], changed["order_by"], changed["has_archives"]) == ("pa_farbe", "name", True)
    shown = shop.get(red)
    assert shown["attributes"] == [{"id": colour["id"], "name": "Farbe", "slug": "pa_farbe", "option": "Red"}]
    assert shown["permalink"].endswith("?attribute_pa_farbe=red")


def test_a_slug_that_another_attribute_has_is_refused_for_a_change(shop: Shop) -> None:
    shop.post("products/attributes", {"name": "Size"})
    colour = shop.post("products/attributes", {"name": "Color"})

    refused = shop.refusal("PUT", f"products/attributes/{colour['id']}", {"slug": "size"})

    assert refused == (400, "woocommerce_rest_cannot_edit", 'Slug "size" is already in use. Change it, please.')


def test_a_slug_is_made_for_a_name_that_is_taken_if_asked_for(shop: Shop) -> None:
    made = [shop.post("products/attributes", {"name": "Color", "generate_slug": "true"}) for _ in range(3)]

    assert [attribute["slug"] for attribute in made] == ["pa_color", "pa_color-1", "pa_color-2"]


def test_letters_of_other_scripts_stay_in_a_slug_and_such_an_attribute_is_chosen_by_its_slug_alone(shop: Shop) -> None:
    size = shop.post("products/attributes", {"name": "Розмір"})
    sold = {"id": size["id"], "variation": True, "options": ["Великий"]}
    parent = shop.post("products", {"name": "Shirt", "type": "variable", "attributes": [sold]})

    by_id, by_slug = (
        shop.post(f"products/{parent['id']}/variations", {"attributes": [{**how, "option": "Великий"}]})
        for how in ({"id": size["id"]}, {"name": size["slug"]})
    )

    assert size["slug"] == parent["attributes"][0]["slug"] == "pa_розмір"
    assert by_id["attributes"] == []
    assert by_slug["attributes"][0]["slug"] == "pa_розмір"


def test_variations_are_called_after_their_product(shop: Shop) -> None:
    parent, variation = small(shop)

    shop.put(parent, {"name": "Coat"})

    assert shop.get(f"products/{variation.rpartition('/')[2]}")["name"] == "Coat - S"


@pytest.mark.parametrize(
    "attributes", [[], [{"name": "Size", "variation": False, "options": ["S"]}]], ids=["none", "not for variations"]
)
def test_a_variation_stands_for_what_its_product_still_has(shop: Shop, attributes: list[Any]) -> None:
    parent, variation = small(shop)

    shop.put(parent, {"attributes": attributes})

    shown = shop.get(variation)
    assert (shown["attributes"], shown["name"]) == ([], "")
    assert shown["permalink"] == shop.get(parent)["permalink"]


def test_a_shared_attribute_is_not_found_by_its_name_alone(shop: Shop) -> None:
    _, parent, _ = shirt(shop)

    made = shop.post(f"{parent}/variations", {"attributes": [{"name": "Color", "option": "Red"}]})

    assert made["attributes"] == []


def test_the_description_of_a_variation_keeps_its_backslashes(shop: Shop) -> None:
    parent, variation = small(shop)

    assert shop.put(variation, {"description": r"a\b"})["description"] == "<p>a\\b</p>\n"
    assert shop.put(parent, {"description": r"a\b"})["description"] == "ab"


def test_variations_are_made_for_products_alone_and_none_for_one_that_has_none(shop: Shop) -> None:
    _, variation = small(shop)
    mug = shop.product("MUG")["id"]

    assert shop.refusal("POST", "products/99999/variations/generate", {}) == NOT_THERE
    assert shop.refusal("POST", f"products/{variation.rpartition('/')[2]}/variations/generate", {}) == NOT_THERE
    assert shop.post(f"products/{mug}/variations/generate") == {"count": None}


@pytest.mark.parametrize(
    ("order_by", "shown"), [("name_num", ["9", "10"]), ("name", ["10", "9"]), ("menu_order", ["10", "9"])]
)
def test_the_values_of_a_product_come_in_the_order_of_their_attribute(
    shop: Shop, order_by: str, shown: list[str]
) -> None:
    size = shop.post("products/attributes", {"name": "Size", "order_by": order_by})["id"]

    mug = shop.product(attributes=[{"id": size, "options": ["9", "10"]}])

    assert mug["attributes"][0]["options"] == shown

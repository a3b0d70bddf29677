"""What the product editor asks a store for."""

from __future__ import annotations

from .shop import Shop


def test_products_that_share_a_category_or_a_tag_are_related(shop: Shop) -> None:
    cups = [{"id": shop.post("products/categories", {"name": "Cups"})["id"]}]
    mug, bowl = shop.product("MUG", categories=cups), shop.product("BOWL", categories=cups)
    shop.product("CAP")

    assert shop.get(f"products/{mug['id']}/related") == {"related_ids": [bowl["id"]]}
    assert shop.refusal("GET", "products/999/related")[0] == 404


def test_products_are_suggested_by_categories_and_tags(shop: Shop) -> None:
    cups = shop.post("products/categories", {"name": "Cups"})["id"]
    sale = shop.post("products/tags", {"name": "Sale"})["id"]
    mug = shop.product("MUG", categories=[{"id": cups}])
    cap = shop.product("CAP", tags=[{"id": sale}])

    def suggested(**asked: object) -> set[int]:
        return {product["id"] for product in shop.get("products/suggested-products", **asked)}

    assert suggested() == set()
    assert suggested(categories=cups, tags=sale) == {mug["id"], cap["id"]}
    assert suggested(categories=cups, tags=sale, exclude=mug["id"]) == {cap["id"]}
    assert len(suggested(categories=cups, tags=sale, limit=1)) == 1


def test_names_of_custom_fields_are_listed_once_and_hidden_ones_never(shop: Shop) -> None:
    fields = [{"key": "erp_id", "value": "7"}, {"key": "_hidden", "value": "x"}, {"key": "Colour", "value": "red"}]
    shop.product("MUG", meta_data=fields)
    shop.product("CAP", meta_data=fields[:1])

    answer = shop.call("GET", "products/custom-fields/names")

    assert (answer.json(), answer.headers["X-WP-Total"]) == (["Colour", "erp_id"], "2")
    assert shop.get("products/custom-fields/names", order="desc", per_page=1) == ["erp_id"]
    assert shop.get("products/custom-fields/names", search="COL") == ["Colour"]


def test_a_suggested_slug_is_a_free_one(shop: Shop) -> None:
    assert shop.get("products/shipping_classes/slug-suggestion", name="Very Big") == "very-big"

    shop.post("products/shipping_classes", {"name": "Very Big"})

    assert shop.get("products/shipping_classes/slug-suggestion", name="Very Big") == "very-big-2"


def test_there_are_no_layouts_as_long_as_nobody_turns_the_block_editor_on(shop: Shop) -> None:
    assert shop.get("layout-templates", area="product-form") == []
    assert shop.refusal("GET", "layout-templates/simple-product")[:2] == (
        404,
        "woocommerce_rest_layout_template_invalid_id",
    )


def test_only_what_is_published_is_related_from_the_moment_on_that_it_is_not(shop: Shop) -> None:
    cups = [{"id": shop.post("products/categories", {"name": "Cups"})["id"]}]
    made = [shop.product(sku, categories=cups)["id"] for sku in ("A", "B", "C", "D", "E", "F", "G")]

    def related(product: int) -> list[int]:
        found: list[int] = shop.get(f"products/{product}")["related_ids"]
        return found

    assert related(made[0]) == made[:1:-1]
    shop.put(f"products/{made[6]}", {"status": "draft"})
    shop.delete(f"products/{made[5]}")
    assert related(made[0]) == made[4:0:-1]
    newer = shop.product("H", categories=cups)
    assert newer["related_ids"] == made[4::-1]
    assert related(made[0]) == [newer["id"], *made[4:0:-1]]
    shop.put(f"products/{made[6]}", {"status": "publish"})
    assert related(made[0]) == [newer["id"], made[6], *made[4:1:-1]]

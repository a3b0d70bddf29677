"""Products and what belongs to them: create, read, update, delete, trash, SKUs, custom fields, terms, variations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from .receiver import Receiver
from .shop import Shop


def test_a_product_needs_nothing_at_all(shop: Shop) -> None:
    made = shop.post("products")

    assert (made["name"], made["slug"], made["status"], made["price"]) == ("Product", "product", "publish", "")
    assert [c["slug"] for c in made["categories"]] == ["uncategorized"]
    assert made["purchasable"] is False


def test_what_was_created_is_read_back_but_for_two_fields_of_the_editor(shop: Shop) -> None:
    made = shop.product(description="one\n\ntwo")

    read = shop.get(f"products/{made['id']}")

    assert made.keys() - read.keys() == {"permalink_template", "generated_slug"}
    assert (made["description"], read["description"]) == ("one\n\ntwo", "<p>one</p>\n<p>two</p>\n")
    assert (made["average_rating"], read["average_rating"]) == ("0", "0.00")


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH"])
def test_only_what_is_sent_changes(shop: Shop, method: str) -> None:
    made = shop.product(stock=4)

    changed = shop.call(method, f"products/{made['id']}", {"regular_price": "11"}).json()

    assert {k for k in made if made[k] != changed[k]} - {"date_modified", "date_modified_gmt"} == {
        "price",
        "regular_price",
        "price_html",
    }


def test_a_draft_has_no_slug_until_it_is_published(shop: Shop) -> None:
    draft = shop.post("products", {"name": "Blue Mug", "status": "draft"})

    published = shop.put(f"products/{draft['id']}", {"status": "publish"})

    assert (draft["slug"], draft["permalink"]) == ("", f"{_site(shop)}/?post_type=product&p={draft['id']}")
    assert (published["slug"], published["permalink"]) == ("blue-mug", f"{_site(shop)}/product/blue-mug/")


def _site(shop: Shop) -> str:
    return shop.url.replace("http://", "https://")


def test_a_product_waits_for_its_date(shop: Shop) -> None:
    now = datetime.fromisoformat(shop.product("NOW")["date_created_gmt"])
    later = shop.product("LATER", date_created_gmt=f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}")

    before = [p["sku"] for p in shop.get("products", status="publish")]
    shop.world.clock(advance=3700)
    after = [p["sku"] for p in shop.get("products", status="publish")]

    assert later["status"] == "future"
    assert (before, after) == (["NOW"], ["LATER", "NOW"])


def test_equal_names_get_numbered_slugs(shop: Shop) -> None:
    slugs = [shop.post("products", {"name": "Mug"})["slug"] for _ in range(3)]

    assert slugs == ["mug", "mug-2", "mug-3"]


def test_a_sku_is_taken_whatever_its_case(shop: Shop) -> None:
    owner = shop.product("MUG")

    answer = shop.call("POST", "products", {"name": "Other", "sku": "mug"}).json()

    assert answer["code"] == "product_invalid_sku"
    assert answer["data"] == {"status": 400, "resource_id": owner["id"], "unique_sku": "mug-1"}


def test_the_sku_of_a_trashed_product_stays_taken_in_other_words(shop: Shop) -> None:
    mug = shop.product("MUG")
    shop.delete(f"products/{mug['id']}")

    assert shop.refusal("POST", "products", {"sku": "MUG"})[:2] == (400, "woocommerce_rest_product_not_created")


def test_the_trash_keeps_a_product_until_it_is_wanted_back(shop: Shop) -> None:
    mug = shop.product()

    answered = shop.delete(f"products/{mug['id']}")
    trashed = shop.get(f"products/{mug['id']}")
    listed = shop.get("products", status="trash"), shop.get("products")
    restored = shop.put(f"products/{mug['id']}", {"status": "publish"})

    assert answered["status"] == "publish"
    assert (trashed["status"], trashed["slug"]) == ("trash", "mug__trashed")
    assert [[p["id"] for p in page] for page in listed] == [[mug["id"]], []]
    assert (restored["status"], restored["slug"]) == ("publish", "mug")


def test_what_is_deleted_for_good_is_gone(shop: Shop) -> None:
    mug = shop.product()
    path = f"products/{mug['id']}"

    shop.delete(path, force="true")

    assert shop.refusal("GET", path)[:2] == (404, "woocommerce_rest_product_invalid_id")
    assert shop.refusal("PUT", path, {"name": "x"})[:2] == (400, "woocommerce_rest_product_invalid_id")
    assert shop.product("MUG")["id"] > mug["id"]


def test_custom_fields_come_back_as_text_and_are_changed_by_key_or_id(shop: Shop) -> None:
    mug = shop.post("products", {"meta_data": [{"key": "n", "value": 5}, {"key": "l", "value": [1, {"a": 2}]}]})
    path, (number, listed) = f"products/{mug['id']}", mug["meta_data"]

    by_key = shop.put(path, {"meta_data": [{"key": "n", "value": True}]})["meta_data"]
    by_id = shop.put(path, {"meta_data": [{"id": listed["id"], "key": "l", "value": None}]})["meta_data"]

    assert (number["value"], listed["value"]) == ("5", [1, {"a": 2}])
    assert by_key == [{**number, "value": "1"}, listed]
    assert by_id == [{**number, "value": "1"}]


def test_unknown_categories_leave_the_default_one_and_unknown_tags_are_made(shop: Shop) -> None:
    made = shop.post("products", {"categories": [{"id": 9999}], "tags": [{"name": "New tag"}]})

    assert [c["slug"] for c in made["categories"]] == ["uncategorized"]
    assert [t["slug"] for t in made["tags"]] == ["new-tag"]
    assert [(t["name"], t["count"]) for t in shop.get("products/tags")] == [("New tag", 1)]


def test_products_of_a_deleted_category_fall_back_to_the_default_one(shop: Shop) -> None:
    shelf = shop.post("products/categories", {"name": "Shelf"})
    mug = shop.product(categories=[{"id": shelf["id"]}])

    shop.delete(f"products/categories/{shelf['id']}", force="true")

    assert [c["slug"] for c in shop.get(f"products/{mug['id']}")["categories"]] == ["uncategorized"]
    default = shop.get("products/categories")[0]
    assert shop.refusal("DELETE", f"products/categories/{default['id']}", force="true")[0] == 500


def test_a_category_counts_what_customers_see_below_it(shop: Shop) -> None:
    top = shop.post("products/categories", {"name": "Top"})
    below = shop.post("products/categories", {"name": "Below", "parent": top["id"]})
    shop.product("A", categories=[{"id": top["id"]}])
    shop.product("B", categories=[{"id": below["id"]}, {"id": top["id"]}])
    shop.product("C", categories=[{"id": below["id"]}], catalog_visibility="hidden")
    shop.product("D", categories=[{"id": below["id"]}], status="draft")

    counts = {c["name"]: c["count"] for c in shop.get("products/categories")}

    assert (counts["Top"], counts["Below"]) == (2, 1)


@pytest.mark.parametrize(
    ("attributes", "status", "message"),
    [
        ({"name": "Color"}, 400, 'Slug "color" is already in use. Change it, please.'),
        ({"name": "X", "slug": "category"}, 400, "reserved term"),
        ({"name": "X", "slug": "x" * 29}, 400, "too long (28 characters max)"),
        ({}, 400, "Missing parameter(s): name"),
    ],
)
def test_a_shared_attribute_needs_a_slug_of_its_own(
    shop: Shop, attributes: dict[str, Any], status: int, message: str
) -> None:
    shop.post("products/attributes", {"name": "Color"})

    refused = shop.refusal("POST", "products/attributes", attributes)

    assert refused[0] == status
    assert message in refused[2]


def test_a_variation_is_named_after_the_values_it_stands_for(shop: Shop) -> None:
    color = shop.post("products/attributes", {"name": "Color"})
    shop.post(f"products/attributes/{color['id']}/terms", {"name": "Red"})
    shirt = shop.post(
        "products",
        {
            "name": "Shirt",
            "sku": "SHIRT",
            "type": "variable",
            "attributes": [
                {"id": color["id"], "variation": True, "options": ["Red", "Green"]},
                {"name": "Size", "variation": True, "options": ["S"]},
            ],
        },
    )
    made = shop.post(
        f"products/{shirt['id']}/variations",
        {"attributes": [{"id": color["id"], "option": "Red"}, {"name": "Size", "option": "S"}]},
    )

    alone = shop.get(f"products/{made['id']}")

    assert (made["name"], alone["name"]) == ("Red, S", "Shirt - Red, S")
    assert made["permalink"].endswith("/product/shirt/?attribute_pa_color=red&attribute_size=S")
    assert made["sku"] == "SHIRT"
    assert [t["name"] for t in shop.get(f"products/attributes/{color['id']}/terms")] == ["Green", "Red"]
    assert shop.refusal("PUT", f"products/{made['id']}", {"name": "x"})[:2] == (
        404,
        "woocommerce_rest_invalid_product_id",
    )


def test_generating_makes_every_combination_once(shop: Shop) -> None:
    attributes = [{"name": n, "variation": True, "options": ["a", "b"]} for n in ("X", "Y")]
    shirt = shop.post("products", {"type": "variable", "attributes": attributes})
    path = f"products/{shirt['id']}/variations"
    shop.post(path, {"attributes": [{"name": "X", "option": "a"}, {"name": "Y", "option": "b"}]})

    made = [shop.post(f"{path}/generate") for _ in range(2)]

    assert made == [{"count": 3}, {"count": 0}]
    assert sorted(v["name"] for v in shop.get(path)) == ["a, a", "a, b", "b, a", "b, b"]


def test_a_variable_product_made_simple_loses_its_variations(shop: Shop) -> None:
    made = shop.world.state("woocommerce", "a variable product")

    shop.put(f"products/{made['id']}", {"type": "simple"})

    assert shop.get(f"products/{made['id']}/variations") == []
    assert shop.put(f"products/{made['id']}", {"type": "variable"})["stock_status"] == "outofstock"


def test_a_copy_is_a_draft_with_a_sku_of_its_own(shop: Shop) -> None:
    mug = shop.product("MUG", stock=3)

    copy = shop.post(f"products/{mug['id']}/duplicate")
    shown = shop.get(f"products/{copy['id']}")

    assert (copy["name"], copy["status"], copy["sku"]) == ("Mug (Copy)", "draft", "MUG-1")
    assert (shown["stock_quantity"], shown["regular_price"]) == (3, "10.00")


def test_a_new_review_stays_as_it_came_and_a_changed_one_has_its_quotes_slashed(shop: Shop) -> None:
    said = {"product_id": shop.product()["id"], "reviewer": "J", "reviewer_email": "j@example.com"}
    text = '<p>It\'s "it" <script>x</script> C:\\x</p>'

    made = shop.post("products/reviews", {**said, "review": text})
    changed = shop.put(f"products/reviews/{made['id']}", {"review": text})

    assert made["review"] == text
    assert changed["review"] == '<p>It\\\'s \\"it\\" x C:x</p>'


def test_a_review_cannot_be_written_twice(shop: Shop) -> None:
    mug = shop.product()
    said = {"product_id": mug["id"], "review": "Nice", "reviewer": "J", "reviewer_email": "j@example.com", "rating": 4}
    review = shop.post("products/reviews", said)

    again = shop.refusal("POST", "products/reviews", said)
    gone = shop.delete(f"products/reviews/{review['id']}", force="true")

    assert again[:2] == (409, "woocommerce_rest_comment_duplicate")
    assert gone["deleted"] is True


def test_stars_that_come_by_the_api_show_once_reviews_are_counted_again(shop: Shop) -> None:
    mug = shop.product()
    said = {"product_id": mug["id"], "reviewer": "J", "reviewer_email": "j@example.com"}

    def shown() -> tuple[str, int]:
        product = shop.get(f"products/{mug['id']}")
        return product["average_rating"], product["rating_count"]

    review = shop.post("products/reviews", {**said, "review": "Nice", "rating": 4})
    first = shown()
    shop.post("products/reviews", {**said, "review": "Still nice", "rating": 5})
    second = shown()
    shop.put(f"products/reviews/{review['id']}", {"rating": 2})
    changed = shown()
    shop.put(f"products/reviews/{review['id']}", {})
    counted = shown()
    shop.delete(f"products/reviews/{review['id']}", force="true")

    assert [first, second, changed, counted, shown()] == [
        ("0.00", 0),
        ("4.00", 1),
        ("4.50", 2),
        ("3.50", 2),
        ("5.00", 1),
    ]


def test_a_picture_is_fetched_and_a_bad_one_leaves_no_product(shop: Shop, receiver: Receiver) -> None:
    before = len(shop.get("products"))

    refused = shop.refusal("POST", "products", {"images": [{"src": f"{receiver.url}/notes.txt"}]})
    unknown = shop.refusal("POST", "products", {"images": [{"id": 99999}]})
    made = shop.post("products", {"images": [{"src": f"{receiver.url}/cup.png", "alt": "A cup"}]})

    assert refused[1:] == (
        "woocommerce_product_image_upload_error",
        "Invalid image: Sorry, you are not allowed to upload this file type.",
    )
    assert unknown[1:] == ("woocommerce_product_invalid_image_id", "#99999 is an invalid image ID.")
    assert [(i["name"], i["alt"]) for i in made["images"]] == [("cup.png", "A cup")]
    assert made["images"][0]["src"].endswith("/cup.png")
    assert len(shop.get("products")) == before + 1


@pytest.mark.parametrize("address", ["http://198.51.100.7/cup.png", "http://[2001:db8::1]/cup.png"])
def test_pictures_come_from_this_machine_unless_a_host_is_allowed(shop: Shop, address: str) -> None:
    refused = shop.refusal("POST", "products", {"images": [{"src": address}]})

    assert refused[1] == "woocommerce_product_image_upload_error"
    assert refused[2].endswith("Error: A valid URL was not provided.")
    assert any("STORELAB_ALLOW_HOSTS" in e["reason"] for e in shop.world.journal())


def test_the_shopkeeper_adds_edits_trashes_restores_and_deletes(shop: Shop) -> None:
    world = shop.world
    added = world.do("woocommerce", "add product", sku="MUG", name="Mug", price="7.50", stock=2)

    world.do("woocommerce", "edit product", sku="MUG", name="Big mug", price="8")
    world.do("woocommerce", "trash product", sku="MUG")
    world.do("woocommerce", "restore product", sku="MUG")
    believed = world.fact("woocommerce", "products")
    world.do("woocommerce", "delete product", sku="MUG")

    assert believed["MUG"] == {
        "id": added["id"],
        "name": "Big mug",
        "type": "simple",
        "status": "publish",
        "price": "8",
        "stock": 2,
        "stock_status": "instock",
        "manage_stock": True,
        "backorders": "no",
    }
    assert world.fact("woocommerce", "products") == {}


def test_variations_go_to_the_trash_and_come_back_with_their_product(shop: Shop) -> None:
    made = shop.world.state("woocommerce", "a variable product", sku="SHIRT")

    shop.world.do("woocommerce", "trash product", sku="SHIRT")
    gone = shop.world.fact("woocommerce", "stock")
    shop.world.do("woocommerce", "restore product", sku="SHIRT")

    assert gone == {}
    assert shop.get(f"products/{made['id']}")["variations"] == list(made["variations"].values())
    assert shop.world.fact("woocommerce", "stock") == {"SHIRT-S": 5, "SHIRT-M": 5}


def test_what_stands_on_a_products_page_is_a_fact(shop: Shop) -> None:
    above = shop.post("products/categories", {"name": "Kitchen"})["id"]
    below = shop.post("products/categories", {"name": "Cups", "parent": above})["id"]
    shop.product("MUG", description="Fine", categories=[{"id": below}], global_unique_id="8600000000015")

    card = shop.world.fact("woocommerce", "product cards")["MUG"]
    categories = shop.world.fact("woocommerce", "categories")

    assert (card["description"], card["gtin"], card["pictures"]) == ("Fine", "8600000000015", 0)
    assert card["categories"] == ["Kitchen/Cups"]
    assert {path: categories[path] for path in ("Kitchen", "Kitchen/Cups")} == {"Kitchen": above, "Kitchen/Cups": below}

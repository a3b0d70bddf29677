"""What a field of a product does, and when it does nothing: as the store's own controllers have it.

Source: the REST controllers of WooCommerce 10, read (nothing of it is recorded).
"""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


def test_where_an_external_product_is_sold_means_nothing_to_others(shop: Shop) -> None:
    sent = {"external_url": "http://example.com/x", "button_text": "Buy"}
    simple, external = shop.product("A", **sent), shop.product("B", type="external", **sent)

    assert [(p["external_url"], p["button_text"]) for p in (simple, external)] == [
        ("", ""),
        ("http://example.com/x", "Buy"),
    ]


def test_files_belong_to_what_can_be_downloaded(shop: Shop) -> None:
    files = {"downloads": [{"name": "f", "file": "http://example.com/f.zip"}], "download_limit": 3}
    mug, song = shop.product("MUG", **files), shop.product("SONG", downloadable=True, **files)

    assert (mug["downloads"], mug["download_limit"]) == ([], -1)
    assert (song["downloads"][0]["name"], song["download_limit"]) == ("f", 3)
    shop.put(f"products/{song['id']}", {"downloadable": False})
    assert shop.get(f"products/{song['id']}")["downloads"] == []


def test_null_leaves_the_dates_of_a_sale_and_an_empty_text_takes_them_away(shop: Shop) -> None:
    ends = {"date_on_sale_to": "2030-01-01T00:00:00", "date_on_sale_to_gmt": "2031-01-01T00:00:00"}
    mug = shop.product("MUG", sale_price="5", **ends)
    path = f"products/{mug['id']}"

    assert mug["date_on_sale_to"] == "2031-01-01T00:00:00"  # the one in UTC is read last
    assert shop.put(path, {"date_on_sale_to": None})["date_on_sale_to"] == "2031-01-01T00:00:00"
    assert shop.put(path, {"date_on_sale_to": ""})["date_on_sale_to"] is None


def test_values_of_an_attribute_of_its_own_are_one_text_parted_by_a_bar(shop: Shop) -> None:
    sent = [{"name": "Size", "options": ["S | M", "S"]}, {"name": "Colour", "options": []}, {"name": "Left out"}]

    made = shop.product(attributes=sent)["attributes"]

    assert [(a["name"], a["options"]) for a in made] == [("Size", ["S", "M", "S"]), ("Colour", [""])]


@pytest.mark.parametrize(
    ("key", "value", "field", "shown"),
    [
        ("_sku", "FROM-META", "sku", "FROM-META"),
        ("_regular_price", "7", "price", "7"),
        ("_weight", "2", "weight", "2"),
        ("_length", "4", "dimensions", {"length": "4", "width": "", "height": ""}),
        ("_price", "9", "price", "10.00"),
        ("_stock", "9", "stock_quantity", None),
    ],
)
def test_the_fields_of_a_product_are_no_custom_fields(shop: Shop, key: str, value: str, field: str, shown: Any) -> None:
    mug = shop.product("MUG")
    fields = [{"key": key, "value": value}, {"key": "erp_id", "value": "1"}]

    changed = shop.put(f"products/{mug['id']}", {"meta_data": fields})

    assert changed[field] == shown
    assert [m["key"] for m in changed["meta_data"]] == ["erp_id"]


def test_a_custom_field_of_an_unknown_id_takes_the_place_of_its_namesake(shop: Shop) -> None:
    mug = shop.product("MUG", meta_data=[{"key": "a", "value": "1"}])

    changed = shop.put(f"products/{mug['id']}", {"meta_data": [{"id": 9999, "key": "a", "value": "2"}]})

    assert [(m["key"], m["value"]) for m in changed["meta_data"]] == [("a", "2")]


def test_of_custom_fields_with_one_key_the_first_is_changed_and_the_others_go(shop: Shop) -> None:
    mug = shop.product("MUG", meta_data=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
    path, second = f"products/{mug['id']}", mug["meta_data"][1]["id"]
    shop.put(path, {"meta_data": [{"id": second, "key": "a", "value": "2"}]})

    changed = shop.put(path, {"meta_data": [{"key": "a", "value": "3"}]})

    assert [m["value"] for m in changed["meta_data"]] == ["3"]


def test_a_picture_without_an_id_and_an_address_is_refused_and_nothing_at_all_is_none(shop: Shop) -> None:
    assert shop.refusal("POST", "products", {"images": [{"name": "Front"}]}) == (
        400,
        "woocommerce_product_invalid_image_id",
        "#0 is an invalid image ID.",
    )
    assert shop.post("products", {"images": [{}]})["images"] == []


def test_a_picture_that_cannot_be_had_is_told_in_the_words_of_whom_it_was_for(shop: Shop) -> None:
    nowhere = {"src": "http://127.0.0.1:9/x.png"}
    parent = shop.product("SHIRT", type="variable")["id"]

    refused = [
        shop.refusal("POST", path, body)[1:]
        for path, body in (
            ("products", {"images": [nowhere]}),
            (f"products/{parent}/variations", {"image": nowhere}),
            ("products/categories", {"name": "Shirts", "image": nowhere}),
        )
    ]

    assert [code for code, _ in refused] == [
        "woocommerce_product_image_upload_error",
        "woocommerce_variation_image_upload_error",
        "woocommerce_rest_invalid_remote_image_url",
    ]
    said = "Error getting remote image http://127.0.0.1:9/x.png. Error: cURL error 7: Failed to connect to 127.0.0.1"
    assert {message.partition(" port 9 after ")[0] for _, message in refused} == {said}
    assert shop.post("products/categories", {"name": "Hats", "image": {"id": 99999}})["image"] is None


def test_a_variation_is_as_old_as_it_is_and_cannot_be_put_back_to_the_front(shop: Shop) -> None:
    path = f"products/{shop.product('SHIRT', type='variable')['id']}/variations"
    made = shop.post(path, {"date_created": "2020-01-01T00:00:00", "menu_order": 3})

    assert not made["date_created"].startswith("2020")
    assert shop.put(f"{path}/{made['id']}", {"menu_order": 0})["menu_order"] == 3
    assert shop.put(f"{path}/{made['id']}", {"menu_order": 2})["menu_order"] == 2


def test_a_batch_is_refused_by_the_product_what_a_schema_would_have_refused_before(shop: Shop) -> None:
    made = shop.post("products/batch", {"create": [{"tax_status": "zz"}, {"catalog_visibility": "zz"}]})["create"]

    assert [item["error"]["code"] for item in made] == [
        "product_invalid_tax_status",
        "product_invalid_catalog_visibility",
    ]


def test_only_categories_have_parents(shop: Shop) -> None:
    for path in ("products/tags", "products/shipping_classes"):
        assert shop.refusal("POST", path, {"name": "New", "parent": 15})[:2] == (
            400,
            "woocommerce_rest_taxonomy_not_hierarchical",
        )


def test_reviews_are_dated_searched_and_nobodys(shop: Shop) -> None:
    mug = shop.product("MUG")["id"]
    said = {"reviewer": "Ann", "reviewer_email": "ann@example.com"}
    first = shop.post(
        "products/reviews", {"product_id": mug, "review": "Great", "date_created": "2020-01-01T00:00:00", **said}
    )
    second = shop.post("products/reviews", {"product_id": mug, "review": "Small", **said})
    ids = [first["id"], second["id"]]

    def found(**query: Any) -> list[int]:
        return [review["id"] for review in shop.get("products/reviews", **query)]

    assert first["date_created"] == "2020-01-01T00:00:00"
    assert (found(search="great"), found(search="ann@"), found(search="dull")) == ([ids[0]], ids[::-1], [])
    assert found(include=f"{ids[0]},{ids[1]}", orderby="include") == ids
    assert (found(reviewer=1), found(reviewer_exclude=1)) == ([], ids[::-1])


def test_a_variation_has_no_reviews(shop: Shop) -> None:
    made = shop.world.state("woocommerce", "a variable product", sku="SHIRT")
    variation = shop.get(f"products/{made['id']}/variations")[0]["id"]

    assert shop.refusal(
        "POST",
        "products/reviews",
        {"product_id": variation, "review": "r", "reviewer": "a", "reviewer_email": "a@example.com"},
    )[:2] == (404, "woocommerce_rest_product_invalid_id")


def test_generating_gives_all_what_was_sent_and_clears_away_what_stands_for_nothing(shop: Shop) -> None:
    sizes = {"name": "Size", "options": ["S", "M"], "variation": True}
    path = f"products/{shop.product('SHIRT', type='variable', attributes=[sizes])['id']}"
    for size in ("S", "S", "S"):
        shop.post(f"{path}/variations", {"attributes": [{"name": "Size", "option": size}]})
    shop.put(path, {"attributes": [{**sizes, "options": ["S", "L"]}]})

    told = shop.post(f"{path}/variations/generate", {"delete": True, "default_values": {"regular_price": "7"}})

    assert told == {"count": 1, "deleted_count": 2}
    assert {v["name"]: v["price"] for v in shop.get(f"{path}/variations")} == {"S": "", "L": "7"}


def test_a_copy_is_made_of_what_was_sent_with_it(shop: Shop) -> None:
    mug = shop.product("MUG")

    assert shop.post(f"products/{mug['id']}/duplicate", {"name": "Cup", "regular_price": "9"})["name"] == "Cup (Copy)"
    assert shop.get(f"products/{mug['id']}")["name"] == "Mug"
    assert shop.refusal("POST", "products/99999/duplicate") == (
        404,
        "woocommerce_rest_product_invalid_id",
        "Invalid product ID.",
    )


@pytest.mark.parametrize("text", ["2020-13-01T00:00:00", "2020-01-32T00:00:00", "2020-01-01T25:00:00"])
def test_a_time_that_php_cannot_read_is_refused(shop: Shop, text: str) -> None:
    assert shop.refusal("GET", "products", after=text)[:2] == (400, "rest_invalid_param")


def test_a_day_too_many_is_the_next_months(shop: Shop) -> None:
    made = shop.product("MUG", date_created="2021-02-30T10:00:00")

    assert made["date_created"] == "2021-03-02T10:00:00"


def test_names_of_terms_are_kept_escaped_and_found_again(shop: Shop) -> None:
    """Source: WooCommerce's issues 16250 and 40029."""
    games = shop.post("products/categories", {"name": "Axis & Allies <b>x</b>"})
    size = shop.post("products/attributes", {"name": "Size"})["id"]
    sent = {
        "categories": [{"id": games["id"]}],
        "tags": [{"name": "R&D"}],
        "attributes": [{"id": size, "options": ["S & M"], "variation": True}],
    }

    first, second = (shop.product(sku, type="variable", **sent) for sku in ("A", "B"))

    assert (games["name"], games["slug"]) == ("Axis &amp; Allies x", "axis-allies-x")
    assert first["categories"][0]["name"] == "Axis &amp; Allies x"
    assert [tag["name"] for tag in first["tags"]] == ["R&amp;D"]
    assert first["tags"] == second["tags"]
    assert first["attributes"][0]["options"] == ["S &amp; M"]
    assert len(shop.get(f"products/attributes/{size}/terms")) == 1
    made = shop.post(f"products/{first['id']}/variations", {"attributes": [{"id": size, "option": "S & M"}]})
    assert made["attributes"][0]["option"] == "S &amp; M"
    assert shop.refusal("POST", "products/categories", {"name": "Axis & Allies x"})[1] == "term_exists"


def test_a_custom_field_whose_key_is_no_text_hinders_nothing_in_a_batch(shop: Shop) -> None:
    odd = {"name": "Mug", "meta_data": [{"key": ["_sku"], "value": "A"}, {"key": "colour", "value": "red"}]}

    [made] = shop.post("products/batch", {"create": [odd]})["create"]

    assert {"key": "colour", "value": "red"}.items() <= made["meta_data"][-1].items()


def test_a_variation_is_always_described_in_paragraphs(shop: Shop) -> None:
    shirt = shop.product("SHIRT", type="variable")["id"]

    made = shop.post(f"products/{shirt}/variations", {"description": "Soft"})

    assert made["description"] == "<p>Soft</p>\n"
    assert shop.get(f"products/{shirt}/variations/{made['id']}")["description"] == "<p>Soft</p>\n"


def test_changing_a_variation_that_is_not_there_is_refused_as_changing_a_product_is(shop: Shop) -> None:
    shirt = shop.product("SHIRT", type="variable")["id"]

    refusals = [shop.refusal(method, f"products/{shirt}/variations/99999") for method in ("GET", "PUT", "DELETE")]

    assert [refusal[0] for refusal in refusals] == [404, 400, 404]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"virtual": True, "weight": "2", "dimensions": {"length": "1"}}, {"weight": ""}),
        ({"regular_price": "5", "sale_price": "0"}, {"sale_price": "", "price": "0", "on_sale": True}),
        (
            {"downloadable": True, "download_limit": -5, "download_expiry": -3},
            {"download_limit": 5, "download_expiry": 3},
        ),
        ({"parent_id": -7}, {"parent_id": 7}),
        ({"status": "auto-draft", "name": "Mug"}, {"name": "AUTO-DRAFT"}),
        ({"type": "external", "stock_status": "outofstock"}, {"stock_status": "instock"}),
        ({"type": "variable", "virtual": True, "downloadable": True}, {"virtual": False, "downloadable": False}),
        ({"name": "Feed"}, {"slug": "feed-2"}),
        ({"slug": "%D1%87%d0%b0%d0%b9"}, {"slug": "%d1%87%d0%b0%d0%b9"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_unusual_values_are_kept_as_the_store_keeps_them(
    shop: Shop, sent: dict[str, Any], shown: dict[str, Any]
) -> None:
    made = shop.post("products", sent)

    assert {name: made[name] for name in shown} == shown


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("example.com/x", "http://example.com/x"),
        ("javascript:alert(1)", ""),
        ("http://example.com/a b", "http://example.com/a%20b"),
        ("https://example.com/?a=1&amp;copy=2", "https://example.com/?a=1&copy=2"),
        ("/path", "/path"),
        ("mailto:jo@example.com", "mailto:jo@example.com"),
    ],
)
def test_an_address_is_kept_as_wordpress_writes_it(shop: Shop, sent: str, kept: str) -> None:
    assert shop.product(type="external", external_url=sent)["external_url"] == kept


def test_what_is_sold_elsewhere_cannot_be_backordered(shop: Shop) -> None:
    refused = shop.refusal("POST", "products", {"type": "external", "backorders": "yes"})

    assert refused == (400, "product_external_invalid_backorders", "External products cannot be backordered.")


def test_an_unknown_tax_class_is_the_standard_one(shop: Shop) -> None:
    mug = shop.product(tax_class="reduced-rate")

    assert mug["tax_class"] == "reduced-rate"
    assert shop.put(f"products/{mug['id']}", {"tax_class": "nope"})["tax_class"] == ""


def test_brands_come_as_objects_or_unchecked_as_ids_and_an_empty_list_leaves_them(shop: Shop) -> None:
    brand = shop.post("products/brands", {"name": "Acme"})["id"]
    mug = shop.product(brands=[{"id": brand}])
    batch = {"create": [{"name": "Cup", "brands": [brand]}], "update": [{"id": mug["id"], "brands": []}]}

    done = shop.post("products/batch", batch)

    assert [[b["id"] for b in done[verb][0]["brands"]] for verb in ("create", "update")] == [[brand], [brand]]


def test_attributes_in_the_same_position_keep_the_order_that_they_had(shop: Shop) -> None:
    a, b = ({"name": name, "options": ["x"]} for name in "AB")
    mug = shop.product(attributes=[a, b])

    def order(*sent: dict[str, Any]) -> list[str]:
        return [x["name"] for x in shop.put(f"products/{mug['id']}", {"attributes": sent})["attributes"]]

    assert order(b, a) == ["A", "B"]
    assert order({**b, "position": 1}, {**a, "position": 2}) == ["B", "A"]


def test_unchecked_booleans_are_yes_and_no(shop: Shop) -> None:
    sent = [{"name": "Mug", "featured": word} for word in ("yes", "no", "on", "true", "1", 1)]

    made = shop.post("products/batch", {"create": sent})["create"]

    assert [product["featured"] for product in made] == [True, False, False, True, True, True]


def test_a_file_that_would_have_to_be_on_the_server_is_refused(shop: Shop) -> None:
    files = [{"file": "http://example.com/song.mp3?x=1"}]
    assert shop.product(downloadable=True, downloads=files)["downloads"][0]["name"] == "song.mp3"

    refused = shop.refusal("POST", "products", {"downloadable": True, "downloads": [{"name": "f", "file": "song.mp3"}]})

    assert refused[:2] == (400, "product_invalid_download")


def test_prices_are_read_with_the_comma_of_the_shop(shop: Shop) -> None:
    shop.put("settings/general/woocommerce_price_decimal_sep", {"value": ","})

    mugs = [shop.product(sku, price=price, weight="0,4") for sku, price in (("A", "12,50"), ("B", "1.234,56"))]

    assert [(mug["price"], mug["weight"]) for mug in mugs] == [("12.50", "0.4"), ("1234.56", "0.4")]


def test_copies_are_numbered_on_from_the_highest_number_there_is(shop: Shop) -> None:
    mug = shop.product("MUG")

    first = shop.post(f"products/{mug['id']}/duplicate")
    others = [shop.post(f"products/{of['id']}/duplicate")["sku"] for of in (first, mug)]

    assert [first["sku"], *others] == ["MUG-1", "MUG-2", "MUG-3"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "Error getting remote image . Error: No URL Provided."),
        ("nowhere", "Error getting remote image http://nowhere. Error: A valid URL was not provided."),
        ("javascript:x", "Error getting remote image . Error: No URL Provided."),
    ],
)
def test_a_picture_without_a_good_address_is_refused(shop: Shop, source: str, told: str) -> None:
    refused = shop.refusal("POST", "products", {"name": "Mug", "images": [{"src": source}]})

    assert refused == (400, "woocommerce_product_image_upload_error", told)


def test_what_waits_for_its_day_has_no_address_of_its_own(shop: Shop) -> None:
    mug = shop.product(date_created="2040-01-01T00:00:00")

    assert mug["status"] == "future"
    assert mug["permalink"].endswith(f"/?post_type=product&p={mug['id']}")


def test_a_product_is_found_by_the_slug_that_it_shows(shop: Shop) -> None:
    cup = shop.product("CUP", name="Чашка")

    assert [p["id"] for p in shop.get("products", slug=cup["slug"])] == [cup["id"]]
    assert shop.put(f"products/{cup['id']}", {"slug": cup["slug"]})["slug"] == cup["slug"]


def test_a_group_costs_what_its_members_cost_when_they_were_chosen_but_for_free_ones(shop: Shop) -> None:
    members = [shop.product(sku, price=price) for sku, price in (("FREE", "0"), ("MUG", "5"), ("CUP", "7"))]
    shop.put(f"products/{members[1]['id']}", {"status": "draft"})
    group = shop.post("products", {"type": "grouped", "grouped_products": [m["id"] for m in members]})
    path = f"products/{group['id']}"
    shop.put(f"products/{members[1]['id']}", {"regular_price": "6"})

    prices = [group["price"], shop.put(path, {"name": "Set"})["price"]]

    assert prices == ["5", "5"]
    assert "7.00" in shop.get(path)["price_html"]


def test_a_variation_is_not_copied(shop: Shop) -> None:
    shirt = shop.product(type="variable")["id"]
    variation = shop.post(f"products/{shirt}/variations")["id"]

    copy = shop.post(f"products/{variation}/duplicate")

    assert (copy["id"], copy["name"], copy["status"]) == (0, "", False)
    assert len(shop.get("products")) == 1


def test_a_variation_that_is_not_shown_counts_for_the_stock_of_its_product(shop: Shop) -> None:
    shirt = f"products/{shop.product(type='variable')['id']}"
    shop.post(f"{shirt}/variations", {"status": "private"})

    assert shop.get(shirt)["stock_status"] == "instock"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"date_created": "2020-01-01T10:00:00"}, "2020-01-01T10:00:00"),
        ({"date_created": "2020-01-01T10:00:00+02:00"}, "2020-01-01T08:00:00"),
        ({"date_created_gmt": "2020-01-01T10:00:00+02:00"}, "2020-01-01T10:00:00"),
        ({"date_created": "2020-01-01"}, None),
    ],
    ids=str,
)
def test_a_product_is_dated_in_utc_whatever_the_zone_of_the_shop(
    shop: Shop, sent: dict[str, str], read: str | None
) -> None:
    shop.world.do("woocommerce", "change setting", name="timezone_string", value="Europe/Kyiv")

    dated = shop.product(**sent)["date_created_gmt"]

    assert dated == read if read else dated > "2020-01-02"


def test_a_sale_ends_at_a_unix_time_or_never_if_it_is_no_time(shop: Shop) -> None:
    path = f"products/{shop.product(sale_price='5')['id']}"

    ends = [shop.put(path, {"date_on_sale_to": sent})["date_on_sale_to"] for sent in ("4102444800", "soon")]

    assert ends == ["2100-01-01T00:00:00", None]


def test_variations_are_found_by_what_they_stand_for(shop: Shop) -> None:
    size = {"name": "Size", "variation": True, "options": ["S", "M"]}
    path = f"products/{shop.product(type='variable', attributes=[size])['id']}/variations"
    made = {
        option: shop.post(path, {"attributes": [{"name": "Size", "option": option}]})["id"] for option in ("S", "M")
    }

    found = shop.get(path, **{"attributes[0][attribute]": "size", "attributes[0][term]": "m"})

    assert [variation["id"] for variation in found] == [made["M"]]

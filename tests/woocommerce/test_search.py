"""Lists: which products are found, in which order, and on which page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.client import LabClient
from storelab.emulators.kernel import text_index
from storelab.emulators.woocommerce import search
from storelab.emulators.woocommerce.search import searched_words
from storelab.sandbox import Sandbox

from .shop import Shop


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("blue mug", ["blue", "mug"]),
        ('"blue mug" big', ["blue mug", "big"]),
        ("Prod 01", ["prod", "01"]),
        ("rod 0", ["rod"]),
        ("the mug of a cat", ["mug", "cat"]),
        ("I", ["i"]),
        ("a the", ["a the"]),
        ("a1 b2 c3 d4 e5 f6 g7 h8 i9 j10", ["a1 b2 c3 d4 e5 f6 g7 h8 i9 j10"]),
        ("-cat mug", ["-cat", "mug"]),
    ],
)
def test_which_words_a_search_looks_for(text: str, words: list[str]) -> None:
    assert searched_words(text) == words


@given(st.text(min_size=1))
def test_a_search_always_looks_for_something(text: str) -> None:
    assert searched_words(text)


@pytest.fixture(scope="module")
def stocked(sandbox: Sandbox) -> Iterator[Shop]:
    """Five products, one of each kind that a list tells apart. Tests only look at them."""
    world = sandbox.client.make_world()
    shop = Shop(world)
    shop.product("RED-MUG", "5.00", name="Red mug", description="For coffee")
    shop.product("BLUE-MUG", "10.00", stock=0, name="Blue mug", short_description="For tea_time")
    shop.product("CAP", "15.00", name="Cap", featured=True, sale_price="12.00")
    shop.product("DRAFT", "20.00", name="Draft mug", status="draft")
    shop.product("KILT", "25.00", name="Юбка", virtual=True, stock_status="onbackorder")
    yield shop
    world.drop()


def skus(shop: Shop, path: str = "products", **query: Any) -> list[str]:
    return [p["sku"] for p in shop.get(path, order="asc", orderby="id", **query)]


@pytest.mark.parametrize(("orderby", "whole"), [("date", False), ("modified", False), ("id", True)])
def test_products_of_one_second_have_no_order_across_pages_but_by_id(
    world: LabClient, orderby: str, whole: bool
) -> None:
    shop = Shop(world)
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    shop.world.state("woocommerce", "a catalogue", size=5, at_once=True)
    shop.world.do("woocommerce", "shuffle equal dates")

    pages = [shop.get("products", orderby=orderby, order="asc", per_page=2, page=page) for page in (1, 2, 3)]

    seen = [product["sku"] for page in pages for product in page]
    assert len(seen) == 5
    assert (len(set(seen)) == 5) is whole


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["RED-MUG", "BLUE-MUG", "CAP", "DRAFT", "KILT"]),
        ({"search": "mug"}, ["RED-MUG", "BLUE-MUG", "DRAFT"]),
        ({"search": "MUG blue"}, ["BLUE-MUG"]),
        ({"search": "coffee"}, ["RED-MUG"]),
        ({"search": "юбка"}, ["KILT"]),
        ({"search": "RED-MUG"}, []),
        ({"search": "a_t"}, ["BLUE-MUG"]),
        ({"search": "mug -blue"}, ["RED-MUG", "DRAFT"]),
        ({"search": "%"}, []),
        ({"search_sku": "mug"}, ["RED-MUG", "BLUE-MUG"]),
        ({"search_name_or_sku": "cap"}, ["CAP"]),
        ({"sku": "cap,KILT"}, ["CAP", "KILT"]),
        ({"sku": "ca"}, []),
        ({"sku": ""}, ["RED-MUG", "BLUE-MUG", "CAP", "DRAFT", "KILT"]),
        ({"status": "draft"}, ["DRAFT"]),
        ({"status": "publish", "search": "mug"}, ["RED-MUG", "BLUE-MUG"]),
        ({"stock_status": "outofstock"}, ["BLUE-MUG"]),
        ({"stock_status": "onbackorder"}, ["KILT"]),
        ({"featured": "true"}, ["CAP"]),
        ({"on_sale": "true"}, ["CAP"]),
        ({"on_sale": "false", "featured": "false"}, ["RED-MUG", "BLUE-MUG", "DRAFT", "KILT"]),
        ({"virtual": "true"}, ["KILT"]),
        ({"min_price": "12", "max_price": "20"}, ["CAP", "DRAFT"]),
        ({"min_price": "abc"}, ["RED-MUG", "BLUE-MUG", "CAP", "DRAFT", "KILT"]),
        ({"include": "999999"}, []),
        ({"slug": "red-mug"}, ["RED-MUG"]),
        ({"category": "9999"}, []),
        ({"category": "abc"}, []),
        ({"after": "2020-01-01T00:00:00"}, ["RED-MUG", "BLUE-MUG", "CAP", "DRAFT", "KILT"]),
        ({"modified_before": "2020-01-01T00:00:00Z"}, []),
        ({"exclude_status": "draft"}, ["RED-MUG", "BLUE-MUG", "CAP", "KILT"]),
    ],
    ids=str,
)
def test_what_a_list_finds(stocked: Shop, query: dict[str, str], found: list[str]) -> None:
    assert skus(stocked, **query) == found


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ({"orderby": "title", "order": "asc"}, "Blue mug"),
        ({"orderby": "price", "order": "asc"}, "Red mug"),
        ({"orderby": "price", "order": "desc"}, "Юбка"),
        ({"orderby": "date", "order": "asc"}, "Red mug"),
        ({"orderby": "slug", "order": "desc"}, "Red mug"),
    ],
    ids=str,
)
def test_what_comes_first(stocked: Shop, order: dict[str, str], first: str) -> None:
    assert stocked.get("products", **order)[0]["name"] == first


def test_included_products_come_in_the_order_they_were_asked_for(stocked: Shop) -> None:
    ids = [p["id"] for p in stocked.get("products")]
    wanted = [ids[3], ids[0], ids[2]]

    found = stocked.get("products", include=",".join(map(str, wanted)), orderby="include")

    assert [p["id"] for p in found] == wanted


def test_a_variation_is_found_only_by_what_names_it(shop: Shop) -> None:
    made = shop.world.state("woocommerce", "a variable product", sku="SHIRT")

    assert [(p["type"], p["parent_id"]) for p in shop.get("products", sku="shirt-m")] == [("variation", made["id"])]
    assert [p["sku"] for p in shop.get("products")] == ["SHIRT"]
    assert [p["sku"] for p in shop.get("products", search="shirt")] == ["SHIRT"]
    assert len(shop.get("products", search_name_or_sku="shirt")) == 3
    assert [p["sku"] for p in shop.get("products", search="-s", search_fields="sku")] == ["SHIRT-S"]


def test_products_and_variations_are_found_by_their_barcodes(shop: Shop) -> None:
    """No route says that it takes global_unique_id, and all three do.

    Source: WooCommerce's pull requests 51264 and 52839.
    """
    shop.product("MUG", global_unique_id="4006381333931")
    shirt = shop.world.state("woocommerce", "a variable product", sku="SHIRT")["id"]
    first = shop.get(f"products/{shirt}/variations", sku="SHIRT-S")[0]
    shop.put(f"products/{shirt}/variations/{first['id']}", {"global_unique_id": "400123"})

    assert [p["sku"] for p in shop.get("products", global_unique_id="400123")] == ["SHIRT-S"]
    assert len(shop.get("products", global_unique_id="4006381333931, 400123")) == 2
    assert shop.get("products", global_unique_id="4006381") == []
    assert [p["sku"] for p in shop.get(f"products/{shirt}/variations", global_unique_id="400123")] == ["SHIRT-S"]
    assert [p["sku"] for p in shop.get("products", sku="mug")] == ["MUG"]


def test_products_are_found_by_their_tax_class(shop: Shop) -> None:
    shop.product("MUG")
    book = shop.product("BOOK", tax_class="zero-rate")

    for _ in range(2):
        assert [p["sku"] for p in shop.get("products", tax_class="zero-rate")] == ["BOOK"]
        assert [p["sku"] for p in shop.get("products", tax_class="standard")] == ["MUG"]
    shop.put(f"products/{book['id']}", {"tax_class": "standard"})
    assert shop.get("products", tax_class="zero-rate") == []


def test_of_a_variable_product_one_price_has_to_be_within_the_bounds(shop: Shop) -> None:
    shirt = shop.product("SHIRT", type="variable")["id"]
    for price in ("5", "50"):
        shop.post(f"products/{shirt}/variations", {"regular_price": price})
    shop.post("products", {"name": "Free to be priced"})

    def found(**query: str) -> int:
        return len(shop.get("products", **query))

    assert (found(min_price="10", max_price="20"), found(min_price="10", max_price="50")) == (0, 1)
    assert (found(min_price="10"), found(max_price="20"), found(min_price="0")) == (1, 1, 2)
    assert len(shop.get("variations")) == 2


def test_a_group_is_found_by_the_prices_of_its_members_and_never_as_a_sale(shop: Shop) -> None:
    members = [shop.product("MUG", "20", sale_price="18")["id"], shop.product("HOODIE", "45")["id"]]
    group = shop.post("products", {"name": "Set", "type": "grouped", "grouped_products": members})

    def found(**query: str) -> list[str]:
        return sorted(p["name"] for p in shop.get("products", **query))

    assert (group["on_sale"], group["price"]) == (True, "18")
    assert (found(on_sale="true"), found(on_sale="false")) == (["Mug"], ["Hoodie", "Set"])
    assert (found(min_price="21", max_price="28"), found(min_price="40")) == ([], ["Hoodie", "Set"])
    assert found(max_price="18") == ["Mug", "Set"]


def test_a_category_finds_what_is_below_it(shop: Shop) -> None:
    top = shop.post("products/categories", {"name": "Top"})
    below = shop.post("products/categories", {"name": "Below", "parent": top["id"]})
    shop.product("A", categories=[{"id": below["id"]}])
    shop.product("B")

    assert skus(shop, category=top["id"]) == ["A"]


def test_pages_follow_each_other_and_beyond_the_last_there_is_nothing(shop: Shop) -> None:
    shop.world.state("woocommerce", "a catalogue", size=25)
    answers = [shop.call("GET", "products", per_page=10, page=n) for n in (1, 2, 3, 4)]

    seen = [p["sku"] for answer in answers for p in answer.json()]

    assert seen == [f"P-{n:06d}" for n in range(25, 0, -1)]
    assert {a.headers["X-WP-Total"] for a in answers} == {"25"}
    assert answers[3].json() == []
    assert 'page=1>; rel="prev"' in answers[1].headers["Link"]
    assert 'page=3>; rel="next"' in answers[1].headers["Link"]


def test_a_page_that_was_seen_before_shows_what_has_changed_since(shop: Shop) -> None:
    mug = shop.product(stock=5)
    before = shop.get("products")

    shop.put(f"products/{mug['id']}", {"stock_quantity": 4})
    shelf = shop.get("products/categories")[0]
    shop.put(f"products/categories/{shelf['id']}", {"name": "Various"})
    after = shop.get("products")

    assert (before[0]["stock_quantity"], after[0]["stock_quantity"]) == (5, 4)
    assert after[0]["categories"][0]["name"] == "Various"


def test_deleting_from_the_first_page_moves_one_up_from_the_second(shop: Shop) -> None:
    shop.world.state("woocommerce", "a catalogue", size=12)
    first = shop.get("products", per_page=5)

    shop.delete(f"products/{first[0]['id']}", force="true")
    second = shop.get("products", per_page=5, page=2)

    assert second[0]["sku"] == "P-000006"


def test_a_catalogue_is_filled_up_and_never_twice(shop: Shop) -> None:
    shop.world.state("woocommerce", "a catalogue", size=10, categories=3)
    again = shop.world.state("woocommerce", "a catalogue", size=15, categories=3)

    assert again == {"products": 15, "first_sku": "P-000001", "last_sku": "P-000015"}
    assert len(shop.get("products", per_page=100)) == 15
    assert sum(c["count"] for c in shop.get("products/categories")) == 15


@pytest.mark.parametrize(
    "query", [{"per_page": "0"}, {"orderby": "stock"}, {"status": "publish,draft"}, {"after": "2020-01-01"}], ids=str
)
def test_a_list_refuses_what_its_arguments_do_not_allow(shop: Shop, query: dict[str, str]) -> None:
    assert shop.refusal("GET", "products", **query)[:2] == (400, "rest_invalid_param")


@pytest.mark.parametrize(
    "query",
    [
        {"page": str(2**63 - 1), "per_page": "100"},
        {"include": str(10**30)},
        {"search": "\0"},
        {"sku": "\0,x"},
        {"search": "'; drop table woo_products; --"},
        {"slug": "%%%"},
        {"min_price": "9" * 400},
    ],
    ids=str,
)
def test_odd_questions_are_answered(stocked: Shop, query: dict[str, str]) -> None:
    assert stocked.call("GET", "products", **query).status_code == 200
    assert len(stocked.get("products")) == 5


@pytest.fixture(scope="module")
def seeded(sandbox: Sandbox) -> Iterator[Shop]:
    """A believable store. Tests only look at it."""
    world = sandbox.client.make_world()
    world.state("woocommerce", "a believable store", products=50, customers=10, orders=60)
    yield Shop(world)
    world.drop()


ORDERS = ("date", "id", "title", "slug", "modified", "popularity", "price", "menu_order")


@pytest.mark.parametrize("by", ORDERS)
@pytest.mark.parametrize("way", ["asc", "desc"])
def test_few_and_many_come_in_the_same_order(seeded: Shop, monkeypatch: pytest.MonkeyPatch, by: str, way: str) -> None:
    def listed(few: int, **query: Any) -> list[int]:
        monkeypatch.setattr(search, "FEW", few)
        other = {"exclude": 900_000 + few, "stock_status": "instock"}  # another question: no page was seen before
        return [p["id"] for p in seeded.get("products", orderby=by, order=way, **other, **query)]

    whole = listed(3_000, per_page=100)

    assert whole == listed(0, per_page=100)
    assert whole[:30] == [i for n in (1, 2, 3) for i in listed(3_000, per_page=10, page=n)]
    assert whole[:30] == [i for n in (1, 2, 3) for i in listed(0, per_page=10, page=n)]


@pytest.mark.parametrize("by", ["date", "id", "modified", "title"])
def test_pages_of_orders_are_the_whole_in_pieces(seeded: Shop, by: str) -> None:
    for query in ({}, {"status": "completed"}, {"created_via": "checkout"}, {"after": "2020-01-01T00:00:00"}):
        asked = {"orderby": by, "order": "asc", **query}
        whole = [o["id"] for o in seeded.get("orders", per_page=100, **asked)]
        pieces = [o["id"] for n in range(1, 7) for o in seeded.get("orders", per_page=10, page=n, **asked)]

        assert pieces == whole != []


def test_orders_are_counted_right_whatever_is_left_out(seeded: Shop) -> None:
    whole = seeded.get("orders", per_page=100)
    left_out = [order["id"] for order in whole[:3]]

    def total(**query: Any) -> int:
        return int(seeded.call("GET", "orders", **query).headers["X-WP-Total"])

    assert total() == len(whole) == 60
    assert total(exclude=",".join(map(str, left_out))) == 57
    assert total(parent_exclude="0") == 0
    assert total(parent_exclude="5") == 60
    assert total(exclude=str(left_out[0]), status="completed") <= 59


@pytest.fixture
def large(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A store that an index is made for: of all that it has but the last two."""
    monkeypatch.setattr(text_index, "LARGE", 2)
    for number, name in enumerate(("Red mug", "Blue MUG", "Mugwort tea", "Čaj & mug", "Cap", "Smug cap")):
        made = shop.product(f"P-{number}", name=name, description="A cup_full" if number % 2 else "")
        lines = [{"product_id": made["id"], "quantity": 1}]
        shop.post("orders", {"billing": {"last_name": f"Mugova {number}"} if number > 2 else {}, "line_items": lines})
    shirt = shop.product("SHIRT", name="Shirt", type="variable", attributes=[SIZE])
    for size in ("Small mug", "Large"):
        shop.post(f"products/{shirt['id']}/variations", {"attributes": [{"name": "Size", "option": size}]})
    return shop


SIZE = {"name": "Size", "variation": True, "options": ["Small mug", "Large"]}
SEARCHES = (
    "mug",
    "MUG",
    "mug -red",
    "-mug",
    "mug blue",
    "mu",
    "cup_f",
    "čaj",
    "&",
    "mugova",
    "mugova 4",
    "zzz",
    '"d mug"',
)


def test_a_large_store_finds_what_a_small_one_finds(large: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[Any]:
        by_sku = [
            [one["sku"] for one in large.get("products", search_sku=part)] for part in ("P-0", "-1", "shi", "p_0")
        ]
        return by_sku + [
            [one["id"] for one in large.get(path, search=text, orderby=by, per_page=4)]
            for path in ("products", "orders", "variations")
            for text in SEARCHES
            for by in ("date", "title")
        ]

    changed = large.get("products", search="smug")[0]
    found()
    large.put(f"products/{changed['id']}", {"name": "Hat", "description": "like a mug"})
    large.product("P-9", name="Another mug")
    large.delete(f"products/{large.get('products', sku='P-1')[0]['id']}")
    with_index = found()
    monkeypatch.setattr(text_index.TextIndex, "holding", lambda index, texts: None)
    large.put(f"products/{changed['id']}", {"weight": "1"})  # what was remembered is asked again

    assert found() == with_index
    assert sum(map(len, with_index)) > 60


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"include_status": "draft,publish", "exclude_status": "publish"}, ["draft"]),
        ({"include_status": "draft", "exclude_status": "draft"}, []),
        ({"status": "publish", "exclude_status": "publish"}, []),
        ({"include_status": "any", "exclude_status": "publish"}, ["draft", "private"]),
        ({"exclude_status": "draft"}, ["publish", "private"]),
        ({"include_status": "trash,draft", "exclude_status": "draft"}, ["trash"]),
    ],
)
@pytest.mark.parametrize("variations", [False, True], ids=["products", "variations"])
def test_of_what_a_list_includes_it_leaves_out_what_it_excludes(
    shop: Shop, query: dict[str, str], found: list[str], variations: bool
) -> None:
    parent = shop.product("SHIRT", type="variable", status="pending") if variations else None
    collection = f"products/{parent['id']}/variations" if parent else "products"
    for status in ("draft", "publish", "private", "trash"):
        made = shop.post(collection, {"status": "publish" if status == "trash" else status, "regular_price": "1"})
        if status == "trash":
            shop.delete(f"{collection}/{made['id']}")

    listed = shop.get(collection, orderby="id", order="asc", **query)

    assert [one["status"] for one in listed] == found


def test_a_variation_is_found_by_what_it_stands_for(shop: Shop) -> None:
    size = {"name": "Size", "options": ["Small", "Large"], "variation": True}
    shirt = shop.product("SHIRT", type="variable", attributes=[size])
    for option in size["options"]:
        sent = {"regular_price": "9", "description": "Soft", "attributes": [{"name": "Size", "option": option}]}
        shop.post(f"products/{shirt['id']}/variations", sent)

    def found(search: str) -> list[str]:
        return [v["name"] for v in shop.get("variations", search=search, orderby="id", order="asc")]

    assert found("small") == ["Small"]
    assert found("size") == ["Small", "Large"]
    assert found("soft") == []
    assert shop.get(f"products/{shirt['id'] + 1}")["short_description"] == ""


@pytest.mark.parametrize("asked", [{"search": "CAFE"}, {"search": "café"}, {"sku": "cafe-1"}, {"search_sku": "fé-"}])
def test_neither_case_nor_accents_count(shop: Shop, asked: dict[str, str]) -> None:
    shop.product("CAFÉ-1", name="Café crème")

    assert [p["name"] for p in shop.get("products", **asked)] == ["Café crème"]


def test_a_space_after_a_comma_is_part_of_a_sku(shop: Shop) -> None:
    for sku in "AB":
        shop.product(sku)

    assert [[p["sku"] for p in shop.get("products", sku=asked)] for asked in ("A,B", "A, B")] == [["B", "A"], ["A"]]


def test_a_draft_is_not_listed_as_a_sale(shop: Shop) -> None:
    shop.product(sale_price="4", status="draft")

    assert [len(shop.get("products", on_sale=asked)) for asked in ("true", "false")] == [0, 1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"include": "full", "on_sale": "true"}, ["full", "second", "third"]),
        ({"include": "full first", "on_sale": "false"}, ["full", "first"]),
        ({"exclude": "second", "on_sale": "true"}, ["first", "second", "third"]),
        ({"exclude": "full", "on_sale": "false"}, ["first"]),
        ({"include": "first", "exclude": "first"}, ["first"]),
    ],
    ids=str,
)
def test_a_list_of_ids_lies_over_the_list_of_sales(shop: Shop, asked: dict[str, str], found: list[str]) -> None:
    on_sale = {"first": "4", "third": "6", "second": "5"}
    ids = {name: shop.product(name, sale_price=on_sale.get(name, ""))["id"] for name in ("full", *sorted(on_sale))}
    query = {k: ",".join(str(ids[n]) for n in v.split()) if k.endswith("clude") else v for k, v in asked.items()}

    assert {p["sku"] for p in shop.get("products", **query)} == set(found)

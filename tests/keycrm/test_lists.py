"""What stands beside orders and offers: words, pipelines, files; and what is told of what people do."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Crm
from .test_orders import taken, upload


@pytest.mark.parametrize(
    "words", ["tag", "source", "payment-method", "expense-type", "delivery-service", "product-status", "status"]
)
def test_a_list_of_words_comes_in_pages_that_make_up_the_whole(crm: Crm, words: str) -> None:
    crm.state("an order")
    path = f"/order/{words}"
    whole = crm.get(path, "limit=50")

    pages = [crm.get(path, f"limit=1&page={number}") for number in range(1, whole["total"] + 1)]

    assert [row for page in pages for row in page["data"]] == whole["data"]
    assert len({row["id"] for row in whole["data"]}) == whole["total"] > 0
    assert all(row["name"] for row in whole["data"])


def test_a_page_names_its_neighbours_and_the_first_has_none_before_it(crm: Crm) -> None:
    for sku in ("A", "B", "C"):
        crm.do("add offer", sku=sku)

    first, middle, last = (crm.get("/offers", f"limit=1&page={number}") for number in (1, 2, 3))

    assert (first["prev_page_url"], last["next_page_url"]) == (None, None)
    assert middle["prev_page_url"] == first["first_page_url"]
    assert "page=1" in middle["prev_page_url"]
    assert "page=3" in middle["next_page_url"]


def test_a_funnel_counts_its_stages_from_one(crm: Crm) -> None:
    for pipeline in crm.get("/pipelines")["data"]:
        stages = crm.get(f"/pipelines/{pipeline['id']}/statuses")["data"]

        assert sorted(stage["position"] for stage in stages) == list(range(1, len(stages) + 1))


def test_stored_files_are_listed_until_the_last_page_and_not_beyond(crm: Crm) -> None:
    ids = [upload(crm, content).body["id"] for content in (b"one", b"two", b"three")]

    assert [one["id"] for one in crm.get("/storage", "limit=2&sort=id")["data"]] == ids[:2]
    assert [one["id"] for one in crm.get("/storage", "limit=2&sort=id&page=2")["data"]] == ids[2:]
    assert crm.get("/storage", "limit=2&page=3")["data"] == []


def test_the_files_of_an_order_are_those_attached_to_it(crm: Crm) -> None:
    order = taken(crm)
    mine, _other = upload(crm, b"mine").body, upload(crm, b"other").body
    crm.ask("POST", f"/order/{order['id']}/attachment/{mine['id']}")

    assert [one["id"] for one in crm.get(f"/storage/attachment/order/{order['id']}")] == [mine["id"]]
    assert crm.ask("GET", "/storage/attachment/order/999").status == 404


def test_a_file_may_be_a_field_without_a_name(crm: Crm) -> None:
    raw = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello\r\n--x--\r\n'

    stored = crm.ask("POST", "/storage/upload", raw, headers={"content-type": "multipart/form-data; boundary=x"})

    assert (stored.status, stored.body["size"]) == (201, 5)


def test_an_order_shows_its_status_only_when_asked(crm: Crm) -> None:
    order = taken(crm)

    assert "status" not in crm.get(f"/order/{order['id']}")
    assert crm.get(f"/order/{order['id']}", "include=status")["status"]["id"] == order["status_id"]


def test_what_wrapping_costs_is_a_number_of_the_api_and_a_text_of_triggers(crm: Crm) -> None:
    crm.do("add trigger", url="http://shop/trigger", event="order.change_order_status")
    plain, wrapped = taken(crm, source_uuid="1"), taken(crm, source_uuid="2", wrap_price=2.5)

    crm.do("change order status", order=plain["id"], status="confirmed")
    crm.do("change order status", order=wrapped["id"], status="confirmed")

    assert (plain["wrap_price"], wrapped["wrap_price"]) == (None, 2.5)
    assert [sent["context"]["wrap_price"] for sent in crm.settle()] == [None, "2.50"]


def test_offers_that_nobody_knows_are_skipped_and_the_journal_says_how_many(crm: Crm) -> None:
    crm.do("add offer", sku="MUG")

    got = crm.ask("PUT", "/offers", {"offers": [{"sku": "MUG", "price": 3}, {"sku": "GONE", "price": 4}]})

    assert got.status == 202
    assert "1 of 2 rows" in crm.reasons()[-1]


def test_a_loaded_file_of_stock_says_what_it_took(crm: Crm) -> None:
    crm.do("add offer", sku="MUG")

    assert crm.do("import stock", stock={"MUG": 4, "GONE": 1}) == {"imported": 1, "skipped": 1}
    assert crm.fact("stock")["MUG"]["in_stock"] == 4


def test_an_order_that_comes_in_is_told_as_the_api_shows_it(crm: Crm) -> None:
    crm.do("add offer", sku="MUG")

    told: dict[str, Any] = crm.do("place order", sku="MUG", status="confirmed", source_uuid="77")

    shown = crm.get(f"/order/{told['id']}")
    assert (shown["source_uuid"], shown["status_id"]) == ("77", told["status_id"])
    assert crm.get(f"/order/{crm.do('place order', sku='MUG')['id']}")["source_uuid"] is None


def test_a_revoked_key_is_one_key_and_opens_nothing(crm: Crm) -> None:
    first, again = crm.state("a revoked key"), crm.state("a revoked key")

    assert first == again
    assert crm.ask("GET", "/offers", key=first["api_key"]).status == 401
    assert crm.ask("GET", "/offers").status == 200


def test_a_webhook_of_a_state_is_kept_to_the_warehouses_that_it_names(crm: Crm) -> None:
    crm.state("an offer in stock", sku="MUG", quantity=5)
    crm.state("a stock webhook", url="http://shop/hook")
    crm.state("a stock webhook", url="http://shop/hook", warehouses=["Second"])

    crm.do("adjust stock", sku="MUG", quantity=4)
    assert crm.settle() == []

    crm.do("adjust stock", sku="MUG", quantity=3, warehouse="Second")
    assert len(crm.settle()) == 1

"""Golisto's rules, as plain functions of plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from storelab.emulators.golisto import addresses, catalogue, sales
from storelab.emulators.golisto.credentials import wrong
from storelab.emulators.golisto.deliveries import product_of
from storelab.emulators.golisto.merchants import Merchant, TooManyWrong, tried
from storelab.emulators.golisto.pages import origin
from storelab.emulators.golisto.sales import Line, Sale, SaleStatus
from storelab.emulators.golisto.sites import LIFECYCLE, Site, Status, derived, fingerprint, moved, secrets_of
from storelab.emulators.kernel import NotAllowed

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


# -- addresses


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://Shop.Example/", "https://shop.example"),
        ("HTTPS://shop.example:443/store/", "https://shop.example/store"),
        ("http://127.0.0.1:8700/woocommerce", "http://127.0.0.1:8700/woocommerce"),
        ("https://[::1]:8443/x", "https://[::1]:8443/x"),
        ("https://shop.example?x=1", ""),
        ("https://shop.example#x", ""),
        ("https://me:pw@shop.example", ""),
        ("ftp://shop.example", ""),
        ("https://", ""),
        ("https://shop.example:99999", ""),
        ("https://[broken", ""),
        ("shop.example", ""),
        ("https://shop.exämple", ""),
        ("https://shop.example/a b", ""),
    ],
)
def test_an_address_is_kept_in_one_way(url: str, kept: str) -> None:
    assert addresses.normal(url) == kept


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-zA-Z0-9.:@/?#\[\]-]{0,40}", fullmatch=True))
def test_keeping_an_address_twice_is_keeping_it_once(url: str) -> None:
    kept = addresses.normal(url)

    assert addresses.normal(kept) == kept
    assert not kept.endswith("/")


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://shop.example", True),
        ("http://localhost:8700/x", True),
        ("http://127.9.9.9", True),
        ("http://[::1]/x", True),
        ("http://shop.example", False),
        ("http://localhost.evil.example", False),
        ("http://128.0.0.1", False),
    ],
)
def test_plain_http_is_for_this_machine(url: str, safe: bool) -> None:
    assert addresses.secure(url) is safe


@given(st.text(max_size=80))
def test_nothing_that_is_no_address_leads_back(url: str) -> None:
    if addresses.returns_to(url, "https://shop.example"):
        assert origin(url) == "https://shop.example" or addresses.loopback(url)


# -- lifecycle


@pytest.mark.parametrize(
    ("status", "events"),
    [
        (Status.LINKED, {"link", "confirm", "disconnect"}),
        (Status.AWAITING, {"link", "confirm", "approve", "reject", "change currency", "disconnect"}),
        (Status.APPROVED, {"link", "confirm", "suspend", "withdraw approval", "change currency", "disconnect"}),
        (Status.SUSPENDED, {"link", "confirm", "resume", "withdraw approval", "change currency", "disconnect"}),
        (Status.REJECTED, {"link", "disconnect"}),
        (Status.DISCONNECTED, {"link"}),
    ],
)
def test_what_can_happen_to_a_store(status: Status, events: set[str]) -> None:
    assert LIFECYCLE.events(status) == events


EVENTS = sorted({event for status in Status for event in LIFECYCLE.events(status)})


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_nobody_is_approved_without_a_review_since_the_confirmation(events: list[str]) -> None:
    site, reviewed = Site("shop_1", "https://shop.example", "m@x"), False
    for event in events:
        try:
            site = moved(site, event, at=NOW)
        except NotAllowed:
            continue
        reviewed = reviewed or event == "approve"
        if event in ("withdraw approval", "change currency", "disconnect", "reject"):
            reviewed = False
        assert reviewed or site.status is not Status.APPROVED


def test_since_when_a_status_holds_does_not_move_while_it_holds() -> None:
    site = Site("shop_1", "https://shop.example", "m@x", Status.AWAITING, NOW)

    later = moved(site, "confirm", at=NOW + timedelta(hours=1))
    approved = moved(later, "approve", at=NOW + timedelta(hours=2))

    assert (later.since, approved.since) == (NOW, NOW + timedelta(hours=2))


def test_an_old_secret_ends() -> None:
    site = Site("s_1", "u", "m", webhook_secret="new", old_secret="old", old_secret_until=NOW)

    assert secrets_of(site, NOW - timedelta(seconds=1)) == ["new", "old"]
    assert secrets_of(site, NOW) == ["new"]
    assert secrets_of(replace(site, webhook_secret=""), NOW) == []


@given(st.dictionaries(st.sampled_from(["consumer_key", "consumer_secret", "webhook_secret"]), st.text(), min_size=3))
def test_a_token_follows_from_what_was_posted(body: dict[str, str]) -> None:
    used = fingerprint(body, "https://shop.example")

    assert derived("salt", "token", used) == derived("salt", "token", fingerprint(dict(body), "https://shop.example"))
    assert derived("salt", "token", used) != derived("pepper", "token", used)
    assert used != fingerprint(body, "https://other.example")


# -- passwords


def test_five_wrong_passwords_shut_an_account_and_a_right_one_forgets_them() -> None:
    merchant = Merchant("m@x", "right")
    for _ in range(4):
        merchant, right = tried(merchant, "wrong", NOW)
        assert not right
    merchant, right = tried(merchant, "right", NOW)
    assert (right, merchant.wrong) == (True, 0)

    for _ in range(5):
        merchant, _ = tried(merchant, "wrong", NOW)

    with pytest.raises(TooManyWrong):
        tried(merchant, "right", NOW + timedelta(minutes=14))
    assert tried(merchant, "right", NOW + timedelta(minutes=15))[1]


# -- what is sent

GOOD = {
    "store_url": "https://shop.example",
    "currency": "EUR",
    "consumer_key": "ck",
    "consumer_secret": "cs",
    "webhook_secret": "x" * 32,
}


@pytest.mark.parametrize(
    ("changed", "new", "fields"),
    [
        ({}, True, set()),
        ({"store_url": "http://shop.example"}, True, {"store_url"}),
        ({"store_url": "http://127.0.0.1:1/x"}, True, set()),
        ({"store_url": "nonsense"}, True, {"store_url"}),
        ({"currency": "XXX"}, True, {"currency"}),
        ({"currency": "eur"}, True, {"currency"}),
        ({"webhook_secret": "x" * 31}, True, {"webhook_secret"}),
        ({"consumer_key": ""}, True, {"consumer_key"}),
        ({"consumer_key": "", "consumer_secret": ""}, True, {"consumer_key", "consumer_secret"}),
        ({"consumer_key": "", "consumer_secret": ""}, False, set()),
        ({"consumer_key": ""}, False, {"consumer_key"}),
    ],
)
def test_what_is_wrong_with_credentials(changed: dict[str, str], new: bool, fields: set[str]) -> None:
    assert wrong({**GOOD, **changed}, new=new).keys() == fields


@pytest.mark.parametrize(
    ("body", "product"),
    [
        ({"id": 11}, 11),
        ({"id": 12, "type": "variation", "parent_id": 11}, 11),
        ({"id": 12, "type": "simple", "parent_id": 0}, 12),
        ({"id": 12, "type": "variation", "parent_id": 0}, 12),
        ({"id": "11"}, 0),
        ({"id": True}, 0),
        ({"id": -1}, 0),
        ({"id": 2**60}, 0),
        ({}, 0),
        ({"code": "woocommerce_rest_cannot_view", "message": "Sorry.", "data": {"status": 401}}, 0),
    ],
)
def test_which_product_a_delivery_tells_of(body: dict[str, Any], product: int) -> None:
    assert product_of(body) == product


# -- the catalogue


@given(
    st.fixed_dictionaries(
        {"manage_stock": st.sampled_from([True, False, "parent"])},
        optional={"stock_quantity": st.none() | st.integers(-50, 50) | st.floats(-9, 9) | st.text(max_size=3)},
    )
)
def test_stock_is_never_below_zero_and_nothing_where_nobody_counts(row: dict[str, Any]) -> None:
    found = catalogue.pieces(row)

    assert found is None or found >= 0
    assert found is None or row["manage_stock"] is True


def test_text_is_without_markup() -> None:
    assert catalogue.text("<p>Holds <b>tea</b> &amp; more&hellip;</p>\n") == "Holds tea & more…"
    assert catalogue.text(None) == ""


def test_a_variation_has_what_its_parent_has_where_it_has_none_of_its_own() -> None:
    parent = {
        "id": 20,
        "name": "Shirt",
        "description": "<p>Cotton</p>",
        "images": [{"src": "https://x/p.png"}],
        "manage_stock": True,
        "stock_quantity": 9,
    }
    row = {"id": 21, "sku": "S", "manage_stock": "parent", "attributes": [{"name": "Size", "option": "S"}]}

    plain = catalogue.variation_from("shop_1", parent, row, NOW)
    own = catalogue.variation_from(
        "shop_1",
        parent,
        {**row, "description": "Small", "image": {"src": "https://x/s.png"}, "manage_stock": True, "stock_quantity": 2},
        NOW,
    )

    assert (plain.title, plain.description, plain.stock, plain.images) == (
        "Shirt – S",
        "Cotton",
        9,
        ["https://x/p.png"],
    )
    assert (own.description, own.stock, own.images) == ("Small", 2, ["https://x/s.png"])


@pytest.mark.parametrize(
    ("row", "listed"),
    [
        ({"status": "publish", "type": "simple"}, True),
        ({"status": "publish", "type": "variable"}, True),
        ({"status": "draft", "type": "simple"}, False),
        ({"status": "private", "type": "simple"}, False),
        ({"status": "publish", "type": "external"}, False),
        ({"status": "publish", "type": "grouped"}, False),
    ],
)
def test_what_is_for_sale(row: dict[str, str], listed: bool) -> None:
    assert catalogue.is_for_sale(row) is listed


# -- sales

PRICES = st.decimals(0, 9999, places=2).map(str)
LINES = st.lists(
    st.builds(Line, st.integers(1, 99), st.integers(0, 99), st.just("X"), st.integers(1, 20), PRICES),
    min_size=1,
    max_size=5,
)


def a_sale(lines: list[Line], **changed: Any) -> Sale:
    made = Sale("GOL_1", "shop_1", NOW, [vars(line) for line in lines], "b_1", {"email": "b@x", "city": "B"}, "EUR")
    return replace(made, **changed)


@given(LINES)
def test_the_lines_of_an_order_add_up_to_the_sale(lines: list[Line]) -> None:
    sale = a_sale(lines)

    order = sales.new_order(sale)

    assert sum(sales.Decimal(row["total"]) for row in order["line_items"]) == sale.total
    assert order["set_paid"] is True
    assert "email" not in order["shipping"]
    assert sales.is_of(order, sale)


@given(
    st.sampled_from(SaleStatus),
    st.sampled_from(["pending", "processing", "completed", "cancelled", "refunded", "on-hold"]),
)
def test_telling_an_order_twice_sets_no_status_twice(status: SaleStatus, now: str) -> None:
    sale = a_sale([Line(1, 0, "X", 1, "1.00")], status=status)

    first = sales.changed_order(sale, now)
    second = sales.changed_order(sale, first.get("status", now))

    assert "status" not in second
    assert now not in ("cancelled", "refunded") or "status" not in first


def test_only_what_there_is_to_tell_is_written() -> None:
    sale = a_sale([Line(1, 0, "X", 1, "1.00")], payout={"id": "pay_1", "status": "paid", "amount": "1.00"})

    keys = [entry["key"] for entry in sales.metadata(sale)]

    assert keys == [
        "_golisto_order_id",
        "_golisto_buyer_ref",
        "_golisto_payout_id",
        "_golisto_payout_status",
        "_golisto_payout_amount",
    ]


def test_an_order_of_another_sale_is_not_this_one() -> None:
    sale = a_sale([Line(1, 0, "X", 1, "1.00")])

    assert not sales.is_of({"meta_data": [{"key": "_golisto_order_id", "value": "GOL_12"}]}, sale)
    assert not sales.is_of({"meta_data": [{"key": "other", "value": "GOL_1"}, None]}, sale)
    assert not sales.is_of({}, sale)

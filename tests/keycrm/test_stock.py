"""Stock over the API and in the cabinet: levels, movements, warehouses."""

from __future__ import annotations

import pytest

from storelab.emulators.kernel import LabError
from storelab.laws import unexplained

from .conftest import Crm


def set_levels(crm: Crm, rows: list[dict[str, object]], warehouse: int = 1) -> int:
    return crm.ask("PUT", "/offers/stocks", {"warehouse_id": warehouse, "stocks": rows}).status


def test_a_quantity_is_set_to_the_number_and_a_movement_says_how(crm: Crm) -> None:
    crm.state("an offer in stock", sku="MUG", quantity=10, reserve=3)

    assert set_levels(crm, [{"sku": "MUG", "quantity": 7.25}]) == 202

    assert crm.fact("stock") == {"MUG": {"in_stock": 7.25, "in_reserve": 3}}
    last = crm.fact("movements")[-1]
    assert (last["kind"], last["quantity"], last["quantity_after"], last["reserve"]) == ("api", -2.75, 7.25, 0)


def test_the_same_number_again_moves_nothing(crm: Crm) -> None:
    crm.state("an offer in stock", quantity=10)
    before = crm.fact("movements")

    set_levels(crm, [{"sku": "MUG", "quantity": 10}])

    assert crm.fact("movements") == before


def test_an_unknown_sku_is_skipped_without_a_word_and_the_journal_knows(crm: Crm) -> None:
    crm.state("an offer in stock")

    got = crm.ask(
        "PUT",
        "/offers/stocks",
        {"warehouse_id": 1, "stocks": [{"sku": "?", "quantity": 1}, {"sku": "MUG", "quantity": 4}]},
    )

    assert (got.status, got.body) == (202, {"status": True})
    assert crm.fact("available") == {"MUG": 4}
    assert "1 of 2 rows" in crm.reasons()[-1]


def test_an_unknown_warehouse_is_refused_and_nothing_changes(crm: Crm) -> None:
    crm.state("an offer in stock")

    got = crm.ask("PUT", "/offers/stocks", {"warehouse_id": 9, "stocks": [{"sku": "MUG", "quantity": 1}]})

    assert (got.status, list(got.body["errors"])) == (422, ["warehouse_id"])
    assert crm.fact("available") == {"MUG": 10}


def test_the_id_of_a_row_counts_before_its_sku(crm: Crm) -> None:
    mug = crm.state("an offer in stock", sku="MUG")["offer_id"]
    crm.state("an offer in stock", sku="CAP")

    set_levels(crm, [{"id": mug, "sku": "CAP", "quantity": 1}])

    assert crm.fact("available") == {"CAP": 10, "MUG": 1}


def test_of_two_rows_for_one_offer_the_last_counts(crm: Crm) -> None:
    crm.state("an offer in stock")

    set_levels(crm, [{"sku": "MUG", "quantity": 1}, {"sku": "MUG", "quantity": 2}])

    assert crm.fact("available") == {"MUG": 2}
    assert len(crm.fact("movements")) == 2


def test_totals_are_over_all_warehouses_and_details_show_each(crm: Crm) -> None:
    crm.state("two warehouses", main=10, other=5)

    row = crm.get("/offers/stocks")["data"][0]
    detailed = crm.get("/offers/stocks", "filter[details]=true")["data"][0]

    assert (row["quantity"], row["reserve"]) == (15, 0)
    assert "warehouse" not in row
    assert detailed["warehouse"] == [
        {"id": 1, "name": "Main", "quantity": 10, "reserve": 0},
        {"id": 2, "name": "Second", "quantity": 5, "reserve": 0},
    ]


def test_setting_one_warehouse_leaves_the_other_alone(crm: Crm) -> None:
    crm.state("two warehouses", main=10, other=5)

    set_levels(crm, [{"sku": "MUG", "quantity": 1}], warehouse=2)

    assert crm.fact("stock", warehouse="Main")["MUG"]["in_stock"] == 10
    assert crm.fact("stock")["MUG"]["in_stock"] == 11


def test_filters_take_comma_lists_and_an_unknown_filter_changes_nothing(crm: Crm) -> None:
    ids = [crm.state("an offer in stock", sku=sku)["offer_id"] for sku in ("A", "B", "C")]

    def skus(query: str) -> list[str]:
        return [row["sku"] for row in crm.get("/offers/stocks", query)["data"]]

    assert skus("filter[offers_sku]=A,C") == ["A", "C"]
    assert skus(f"filter[offers_id]={ids[1]},nonsense") == ["B"]
    assert skus("filter[warehouse_id]=99") == ["A", "B", "C"]
    assert skus("filter[offers_sku]=") == []


def test_ten_thousand_rows_fit_into_one_request_and_one_more_does_not(crm: Crm) -> None:
    crm.state("a catalogue", size=3)
    rows = [{"sku": f"SKU-{number % 3 + 1:06}", "quantity": number} for number in range(10_000)]

    assert set_levels(crm, rows) == 202
    assert set_levels(crm, [*rows, rows[0]]) == 422
    assert crm.fact("available") == {"SKU-000001": 9999, "SKU-000002": 9997, "SKU-000003": 9998}


@pytest.mark.parametrize(
    ("move", "arguments", "stock"),
    [
        ("adjust stock", {"quantity": 4}, {"in_stock": 4, "in_reserve": 2}),
        ("receive", {"quantity": 2.5}, {"in_stock": 12.5, "in_reserve": 2}),
        ("write off", {"quantity": 11}, {"in_stock": -1, "in_reserve": 2}),
        ("reserve", {"quantity": 3}, {"in_stock": 10, "in_reserve": 5}),
        ("release", {"quantity": 2}, {"in_stock": 10, "in_reserve": 0}),
        ("transfer", {"quantity": 4, "to": "Second"}, {"in_stock": 10, "in_reserve": 2}),
    ],
)
def test_a_person_moves_stock(crm: Crm, move: str, arguments: dict[str, object], stock: dict[str, float]) -> None:
    crm.do("add warehouse", name="Second")
    crm.state("an offer in stock", quantity=10, reserve=2)

    crm.do(move, sku="MUG", **arguments)

    assert crm.fact("stock")["MUG"] == stock
    assert unexplained(crm.fact("stock"), crm.fact("movements")) == ""


@pytest.mark.parametrize(
    ("move", "arguments"),
    [
        ("adjust stock", {"sku": "NONE", "quantity": 1}),
        ("receive", {"sku": "MUG", "quantity": 0}),
        ("receive", {"sku": "MUG", "quantity": "many"}),
        ("adjust stock", {"sku": "MUG", "quantity": 1e300}),
        ("place order", {"sku": "MUG", "quantity": -1}),
        ("receive", {"sku": "MUG", "quantity": 1, "warehouse": "Moon"}),
        ("release", {"sku": "MUG", "quantity": 1}),
        ("transfer", {"sku": "MUG", "quantity": 1, "to": "Main"}),
        ("delete webhook", {"webhook": 3}),
        ("change order status", {"status": "confirmed"}),
        ("switch profile", {"profile": "dreamt"}),
        ("add trigger", {"url": "http://x", "event": "order.sneezed"}),
    ],
)
def test_what_a_person_cannot_do_says_why(crm: Crm, move: str, arguments: dict[str, object]) -> None:
    crm.state("an offer in stock", sku="MUG")
    before = crm.fact("movements")

    with pytest.raises(LabError):
        crm.do(move, **arguments)

    assert crm.fact("movements") == before


def test_two_offers_may_share_a_sku_and_the_older_one_is_meant(crm: Crm) -> None:
    crm.do("add offer", sku="MUG", quantity=1)
    crm.do("add offer", sku="MUG", quantity=2)

    set_levels(crm, [{"sku": "MUG", "quantity": 5}])

    assert [row["quantity"] for row in crm.get("/offers/stocks")["data"]] == [5, 2]


def test_the_last_page_of_a_large_catalogue_is_the_last(crm: Crm) -> None:
    crm.state("a catalogue", size=2000)

    page = crm.get("/offers/stocks", "limit=50&page=40")

    assert (page["total"], page["last_page"], len(page["data"])) == (2000, 40, 50)
    assert page["next_page_url"] is None
    assert page["data"][-1]["sku"] == "SKU-002000"

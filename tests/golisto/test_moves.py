"""What people do at Golisto: what is possible when, and what is said when it is not."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel import LabError

REVIEWS = ("approve", "reject", "suspend", "resume", "withdraw approval", "end connection")
POSSIBLE = {
    "a linked store": {"end connection"},
    "an awaiting store": {"approve", "reject", "end connection"},
    "an approved store": {"suspend", "withdraw approval", "end connection"},
    "a suspended store": {"resume", "withdraw approval", "end connection"},
    "a rejected store": {"end connection"},
    "a disconnected store": set(),
}


@pytest.fixture(autouse=True)
def frozen(world: LabClient) -> None:
    """Nothing happens by itself before the store, whose key these situations do not have."""
    world.clock(freeze="2026-03-02T08:00:00Z")


@pytest.mark.parametrize("move", REVIEWS)
@pytest.mark.parametrize("state", POSSIBLE)
def test_a_review_is_possible_only_where_it_makes_sense(world: LabClient, state: str, move: str) -> None:
    world.state("golisto", state)
    before = world.fact("golisto", "connection")

    if move in POSSIBLE[state]:
        assert world.do("golisto", move)["status"] != before["status"]
        return
    with pytest.raises(LabError) as refused:
        world.do("golisto", move)

    assert refused.value.status == 409
    assert world.fact("golisto", "connection") == before


@pytest.mark.parametrize("move", ["reject", "suspend", "withdraw approval"])
def test_a_reason_is_kept_for_the_merchant(world: LabClient, move: str) -> None:
    world.state("golisto", "an awaiting store" if move == "reject" else "an approved store")

    world.do("golisto", move, reason="Blurry pictures.")

    assert world.fact("golisto", "connection")["reason"] == "Blurry pictures."


def test_a_store_is_named_by_address_or_number_and_else_it_is_the_newest(world: LabClient) -> None:
    first = world.state("golisto", "an awaiting store", store_url="https://one.example")
    world.state("golisto", "an awaiting store", store_url="https://two.example")

    world.do("golisto", "reject")
    world.do("golisto", "reject", store=first["shop_id"])

    found = world.fact("golisto", "connections")
    assert found == {"https://one.example": "rejected", "https://two.example": "rejected"}
    with pytest.raises(LabError, match=r"knows no store 'https://three.example'.*one.example"):
        world.do("golisto", "approve", store="https://three.example")


@pytest.mark.parametrize("move", ["link store", "deny store"])
def test_nothing_is_answered_on_a_page_that_nobody_opened(world: LabClient, move: str) -> None:
    with pytest.raises(LabError, match="no connect page is open"):
        world.do("golisto", move)


def test_a_closed_tab_answers_nothing(world: LabClient) -> None:
    world.state("golisto", "an open page")

    world.do("golisto", "close the tab")

    with pytest.raises(LabError, match="no connect page is open"):
        world.do("golisto", "link store", returns=False)
    assert world.fact("golisto", "connections") == {}


@pytest.mark.parametrize(("answer", "arguments"), [("link store", {"returns": False}), ("deny store", {})])
def test_a_page_is_answered_once(world: LabClient, answer: str, arguments: dict[str, Any]) -> None:
    world.state("golisto", "an open page")

    world.do("golisto", answer, **arguments)

    with pytest.raises(LabError, match="no connect page is open"):
        world.do("golisto", answer, **arguments)


def test_a_store_that_is_removed_is_unknown_and_its_neighbour_is_not(world: LabClient) -> None:
    for name in ("one", "two"):
        world.state("golisto", "an awaiting store", store_url=f"https://{name}.example")

    world.do("golisto", "remove store", store="https://one.example")

    assert world.fact("golisto", "connections") == {"https://two.example": "awaiting_approval"}


def test_only_the_connect_page_is_opened(world: LabClient) -> None:
    with pytest.raises(LabError, match="not the connect page"):
        world.do("golisto", "open connect page", url="http://127.0.0.1:9/elsewhere?x=1")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({}, "at least one line"),
        ({"MUG": 11}, "has 10 of 'MUG'"),
        ({"MUG": 0}, "at least 1 piece"),
        ({"CAP": 1}, "no 'CAP'"),
    ],
    ids=["nothing", "too many", "none", "unknown"],
)
def test_golisto_sells_what_it_believes_is_there(world: LabClient, lines: dict[str, int], said: str) -> None:
    world.state("golisto", "a listing", sku="MUG", stock=10)

    with pytest.raises(LabError, match=said):
        world.do("golisto", "sell", lines=lines)

    assert world.fact("golisto", "orders") == {}


def test_what_is_left_is_sold_to_the_last_piece(world: LabClient) -> None:
    world.state("golisto", "a listing", sku="MUG", stock=10)

    assert world.do("golisto", "sell", lines={"MUG": 10})["sale"]

    with pytest.raises(LabError, match="has 0 of 'MUG'"):
        world.do("golisto", "sell", lines={"MUG": 1})


@pytest.mark.parametrize(
    ("first", "then", "arguments", "said"),
    [
        ("ship", "cancel sale", {}, "not possible"),
        ("cancel sale", "ship", {}, "not possible"),
        ("cancel sale", "pay out", {}, "nothing is paid out"),
        ("ship", "pay out", {"amount": "much"}, "written like"),
        ("ship", "pay out", {"amount": "-1"}, "written like"),
        ("ship", "pay out", {"status": "maybe"}, "pending"),
        ("ship", "ship", {"sale": "GOL_9"}, "has no sale"),
    ],
)
def test_a_sale_goes_one_way(world: LabClient, first: str, then: str, arguments: dict[str, Any], said: str) -> None:
    world.state("golisto", "a sale")
    world.do("golisto", first)

    with pytest.raises(LabError, match=said):
        world.do("golisto", then, **arguments)


def test_a_shipment_and_a_payout_keep_their_numbers(world: LabClient) -> None:
    world.state("golisto", "a sale")

    shipped = [world.do("golisto", "ship", tracking_number=number) for number in ("A", "B")]
    world.do("golisto", "pay out", status="pending")
    world.do("golisto", "pay out")

    assert [s["tracking_number"] for s in shipped] == ["A", "B"]
    assert world.fact("golisto", "payouts") == {"GOL_1": {"id": "pay_1", "status": "paid", "amount": "19.00"}}

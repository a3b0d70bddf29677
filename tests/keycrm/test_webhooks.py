"""What KeyCRM sends: stock webhooks with their echo, and triggers with their three attempts."""

from __future__ import annotations

import json

import pytest

from storelab.emulators.keycrm.webhooks import EVENTS

from .conftest import Crm

STOCK, TRIGGER = "http://shop/stock?token=t", "http://shop/trigger"


def set_level(crm: Crm, quantity: float, warehouse: int = 1) -> None:
    crm.ask("PUT", "/offers/stocks", {"warehouse_id": warehouse, "stocks": [{"sku": "MUG", "quantity": quantity}]})


def test_adding_a_webhook_tells_nothing_of_the_stock_there_is(crm: Crm) -> None:
    crm.state("an offer in stock")

    crm.do("add webhook", url=STOCK)

    assert crm.settle() == []


def test_a_write_over_the_api_comes_back_as_a_webhook(crm: Crm) -> None:
    offer = crm.state("an offer in stock", quantity=10, reserve=3)["offer_id"]
    crm.do("add webhook", url=STOCK)

    set_level(crm, 16)

    assert crm.settle() == [[{"offer_id": offer, "sku": "MUG", "in_stock": 16, "in_reserve": 3}]]
    outgoing = crm.sent[0]
    assert (outgoing.method, outgoing.url) == ("POST", STOCK)
    assert not [name for name, _ in outgoing.headers if "signature" in name.lower()]


def test_a_write_that_changes_nothing_is_not_told(crm: Crm) -> None:
    crm.state("an offer in stock", quantity=10)
    crm.do("add webhook", url=STOCK)

    set_level(crm, 10)

    assert crm.settle() == []


@pytest.mark.parametrize(
    ("warehouses", "told"),
    [((), [12, 13]), (("Main",), [7]), (("Second",), [6]), (("Main", "Second"), [12, 13])],
    ids=["all", "main", "second", "both"],
)
def test_the_warehouses_of_a_webhook_are_summed_and_only_they_count(
    crm: Crm, warehouses: tuple[str, ...], told: list[int]
) -> None:
    crm.state("two warehouses", main=10, other=5)
    crm.do("add webhook", url=STOCK, warehouses=list(warehouses))

    set_level(crm, 7, warehouse=1)
    set_level(crm, 6, warehouse=2)

    assert [rows[0]["in_stock"] for rows in crm.settle()] == told


def test_every_way_to_change_stock_is_told(crm: Crm) -> None:
    crm.do("add warehouse", name="Second")
    crm.state("an offer in stock", quantity=10)
    crm.state("an order", quantity=2)
    crm.do("add webhook", url=STOCK)

    crm.do("adjust stock", sku="MUG", quantity=20)
    crm.do("receive", sku="MUG", quantity=1)
    crm.do("reserve", sku="MUG", quantity=1)
    crm.do("transfer", sku="MUG", quantity=1, to="Second")
    crm.do("import stock", stock={"MUG": 5})
    crm.do("change order status", status="confirmed")
    crm.do("change order status", status="completed")

    told = [(rows[0]["in_stock"], rows[0]["in_reserve"]) for rows in crm.settle()]
    assert told == [(20, 0), (21, 0), (21, 1), (21, 1), (6, 1), (6, 3), (4, 1)]


def test_a_webhook_shows_the_stock_of_its_change_also_when_it_is_late(crm: Crm) -> None:
    crm.state("an offer in stock", quantity=10)
    crm.do("add webhook", url=STOCK)

    set_level(crm, 5)
    set_level(crm, 4)

    assert [rows[0]["in_stock"] for rows in crm.settle()] == [5, 4]


def test_a_large_write_is_told_in_pieces(crm: Crm) -> None:
    crm.state("a catalogue", size=1100)
    crm.do("add webhook", url=STOCK)

    rows = [{"sku": f"SKU-{number:06}", "quantity": 1} for number in range(1, 1101)]
    crm.ask("PUT", "/offers/stocks", {"warehouse_id": 1, "stocks": rows})

    assert [len(rows) for rows in crm.settle()] == [500, 500, 100]


def test_a_stock_webhook_is_not_tried_again_unless_switched_on(crm: Crm) -> None:
    crm.state("an offer in stock")
    crm.do("add webhook", url=STOCK)
    crm.statuses = [500, 500, 500]

    set_level(crm, 5)
    crm.settle()
    crm.advance(3600)
    assert len(crm.sent) == 1
    crm.do("set stock webhook attempts", attempts=2)
    set_level(crm, 6)
    crm.settle()
    crm.advance(3600)

    assert len(crm.sent) == 3


def test_a_deleted_webhook_hears_nothing_more(crm: Crm) -> None:
    crm.state("an offer in stock")
    webhook = crm.do("add webhook", url=STOCK)["id"]

    crm.do("delete webhook", webhook=webhook)
    set_level(crm, 5)

    assert crm.settle() == []
    assert crm.fact("webhooks") == []


def test_a_refused_write_is_not_told(crm: Crm) -> None:
    crm.state("an offer in stock")
    crm.do("add webhook", url=STOCK)

    set_level(crm, 5, warehouse=9)

    assert crm.settle() == []


def test_a_status_fires_its_trigger_with_the_names_of_the_context(crm: Crm) -> None:
    crm.state("an order", source_uuid="1001", quantity=2)
    crm.do("add trigger", url=TRIGGER)

    crm.do("change order status", order="1001", status="confirmed")

    (sent,) = crm.settle()
    assert sent["event"] == "order.change_order_status"
    context = sent["context"]
    assert (context["source_uuid"], context["status_id"], context["has_reserves"]) == ("1001", 2, True)
    assert {"client_id", "client_comment", "payments_total", "fiscal_result", "status_changed_at"} <= set(context)


def test_the_same_status_again_fires_nothing(crm: Crm) -> None:
    crm.state("an order", status="confirmed")
    crm.do("add trigger", url=TRIGGER)

    crm.do("change order status", status="confirmed")

    assert crm.settle() == []


def test_a_payment_fires_its_trigger_when_the_payment_status_changes(crm: Crm) -> None:
    crm.state("an order", quantity=1)
    crm.do("add trigger", url=TRIGGER, event="order.change_payment_status")

    crm.do("pay order", amount=1)
    crm.do("pay order", amount=1)
    crm.do("pay order")

    assert [sent["context"]["payment_status"] for sent in crm.settle()] == ["part_paid", "paid"]


@pytest.mark.parametrize(
    ("answers", "attempts"),
    [([200], 1), ([201, 200], 2), ([500, 302, 200], 3), ([500, 500, 500, 200], 3)],
    ids=["at once", "only a 200 counts", "at the third time", "three and no more"],
)
def test_a_trigger_is_tried_three_times(crm: Crm, answers: list[int], attempts: int) -> None:
    crm.state("an order")
    crm.do("add trigger", url=TRIGGER)
    crm.statuses = answers

    crm.do("change order status", status="confirmed")
    crm.settle()
    crm.advance(3600)

    assert len(crm.sent) == attempts


def test_a_trigger_may_be_sent_by_get(crm: Crm) -> None:
    crm.state("an order", source_uuid="1001")
    crm.do("add trigger", url=f"{TRIGGER}?token=t", method="GET")

    crm.do("change order status", status="confirmed")
    crm.run(crm.world.postman.settle())

    outgoing = crm.sent[0]
    assert (outgoing.method, outgoing.body) == ("GET", b"")
    assert outgoing.url.startswith(f"{TRIGGER}?token=t&event=order.change_order_status&context%5Bid%5D=1")


def test_the_body_is_json_with_its_type(crm: Crm) -> None:
    crm.state("an offer in stock")
    crm.do("add webhook", url=STOCK)

    set_level(crm, 0.375)
    crm.settle()

    assert ("Content-Type", "application/json") in crm.sent[0].headers
    assert json.loads(crm.sent[0].body)[0]["in_stock"] == 0.375


def test_a_trigger_tells_times_to_the_microsecond_but_for_the_close(crm: Crm) -> None:
    crm.state("an order", quantity=2)
    crm.do("add trigger", url=TRIGGER, event="order.change_order_status")

    crm.do("change order status", status="completed")
    crm.settle()

    told = json.loads(crm.sent[0].body)["context"]
    assert {told[name][10:11] + told[name][-8:] for name in ("created_at", "ordered_at", "status_changed_at")} == {
        "T.000000Z"
    }
    assert told["closed_at"][10] == " "
    assert (told["global_source_uuid"], told["margin_sum"]) == (None, told["grand_total"])


@pytest.mark.parametrize("profile", ["documented", "observed"])
def test_what_is_sent_keeps_to_the_document(crm: Crm, profile: str) -> None:
    crm.state("an order", quantity=2)
    crm.do("switch profile", profile=profile)
    crm.do("add webhook", url=STOCK)
    for event in EVENTS:
        crm.do("add trigger", url=f"http://shop/{event}", event=event)
    card = crm.ask("POST", "/pipelines/cards", {"contact": {"full_name": "Olena"}}).body

    crm.do("change order status", status="completed")
    crm.do("pay order")
    crm.ask("PUT", f"/pipelines/cards/{card['id']}", {"status_id": 2})
    crm.settle()

    schemas = {STOCK: "StockWebhook", "http://shop/lead.change_lead_status": "LeadTrigger"}
    assert len(crm.sent) == 4
    for outgoing in crm.sent:
        name = schemas.get(outgoing.url, "OrderTrigger")
        document = crm.lab.services["keycrm"].document
        document.validator({"$ref": f"#/components/schemas/{name}"}).validate(json.loads(outgoing.body))

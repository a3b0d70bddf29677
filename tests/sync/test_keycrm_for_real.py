"""The KeyCRM connector between the emulated store and the emulated KeyCRM, over real HTTP, on their clock."""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings
from storelab.sync.engine import Engine
from storelab.sync.service import Server
from storelab.sync.transport import Http
from storelab.sync.woocommerce import Store

from .drive import Drive

Make = Callable[..., Drive]


def test_the_first_sync_makes_the_store_right_when_told_so(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(
        ours={"MUG": 12, "CAP": 0, "BAG": 5}, theirs={"MUG": 3, "CAP": 8, "BAG": 5}
    )

    hand.connect().run()

    assert hand.theirs() == {"MUG": 12, "CAP": 0, "BAG": 5}
    assert hand.ours() == {"MUG": 12, "CAP": 0, "BAG": 5}


def test_the_first_sync_makes_keycrm_right_when_told_so(drive: Make) -> None:
    hand = drive(first_sync="keycrm").stocked(
        ours={"MUG": 12, "CAP": 0, "BAG": 5}, theirs={"MUG": 3, "CAP": 8, "BAG": 5}
    )

    hand.connect().run()

    assert hand.ours() == {"MUG": 3, "CAP": 8, "BAG": 5}
    assert "PUT /v1/offers/stocks" not in hand.calls("keycrm")


def test_calls_keep_their_pace_also_where_the_store_takes_its_time(drive: Make, sync: Server) -> None:
    many = {f"P-{n:03}": 5 for n in range(120)}
    hand = drive(first_sync="keycrm").stocked(ours=many, theirs=many).connect()
    now, called = [datetime.fromisoformat(hand.now) + timedelta(minutes=1)], list[datetime]()

    def takes_time(where: str) -> None:
        if where.startswith("before ") and "/v1/" in where:
            called.append(now[0])
        if where.startswith("after "):
            now[0] += timedelta(seconds=0.7)

    engine, idle = Engine(sync.service.ledger, point=takes_time), False
    while not idle:
        progress = engine.advance(hand.id, now[0], clock=lambda: now[0])
        idle, now[0] = progress.idle, max(now[0], progress.next_at or now[0])

    assert len(called) == 3  # pages
    assert min(later - earlier for earlier, later in itertools.pairwise(called)) >= timedelta(seconds=1)


def test_who_is_told_to_wait_counts_from_the_answer_also_where_it_was_slow(drive: Make, sync: Server) -> None:
    hand = drive(first_sync="keycrm").stocked(ours={"MUG": 5}, theirs={"MUG": 5}).connect()
    hand.world.fault(kind="status", service="keycrm", status=429, retry_after=30, times=1, sender="storelab-sync")
    now, answered = [datetime.fromisoformat(hand.now) + timedelta(minutes=1)], list[datetime]()

    def takes_time(where: str) -> None:
        if where.startswith("after ") and "/v1/" in where:
            now[0] += timedelta(seconds=20)
            answered.append(now[0])

    progress = Engine(sync.service.ledger, point=takes_time).advance(hand.id, now[0], clock=lambda: now[0])

    assert len(answered) == 1
    assert progress.next_at == answered[0] + timedelta(seconds=30)


def test_without_a_source_of_truth_nothing_that_differs_is_overwritten(drive: Make) -> None:
    hand = drive().stocked(ours={"MUG": 12, "BAG": 5}, theirs={"MUG": 3, "BAG": 5})

    hand.connect().run()

    assert (hand.ours(), hand.theirs()) == ({"MUG": 12, "BAG": 5}, {"MUG": 3, "BAG": 5})
    assert [failure["sku"] for failure in hand.status()["failures"]] == ["MUG"]


def test_a_second_pass_writes_nothing(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 12, "CAP": 4}, theirs={"MUG": 3, "CAP": 4}).connect()
    hand.run()
    writes = hand.calls("keycrm").count("PUT /v1/offers/stocks"), len(hand.world.fact("keycrm", "movements"))

    hand.push()
    hand.wait(3600)
    hand.run()

    assert (hand.calls("keycrm").count("PUT /v1/offers/stocks"), len(hand.world.fact("keycrm", "movements"))) == writes
    assert hand.store_writes() == 0


def test_a_change_in_keycrm_reaches_the_store_without_its_reserve(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 12}, theirs={"MUG": 12}).connect()
    hand.run()

    hand.world.do("keycrm", "receive", sku="MUG", quantity=8)
    hand.world.do("keycrm", "reserve", sku="MUG", quantity=3)
    hand.run()

    assert hand.ours() == {"MUG": 17}


def test_a_sale_reaches_keycrm_when_pushed_and_leaves_its_reserve_alone(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 12}, theirs={"MUG": 12}).connect()
    hand.run()
    hand.world.do("keycrm", "reserve", sku="MUG", quantity=3)
    hand.run()

    hand.world.do("woocommerce", "adjust stock", sku="MUG", quantity=7)
    hand.push()

    assert hand.world.fact("keycrm", "stock")["MUG"] == {"in_stock": 10, "in_reserve": 3}
    assert hand.ours() == {"MUG": 7}


def test_a_sale_between_push_and_echo_is_not_taken_back(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 12}, theirs={"MUG": 3}).connect()
    while not any(step.get("sent") for step in hand.tick()["did"]):
        hand.wait(1)
    hand.world.do("woocommerce", "adjust stock", sku="MUG", quantity=11)

    hand.run()

    assert hand.ours() == {"MUG": 11}
    assert hand.store_writes() == 0
    hand.push()
    assert hand.theirs() == {"MUG": 11}


def test_what_both_sides_changed_counts_on_both_sides(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()

    hand.world.do("woocommerce", "adjust stock", sku="MUG", quantity=8)
    hand.world.do("keycrm", "receive", sku="MUG", quantity=5)
    hand.run()
    hand.push()

    assert (hand.ours(), hand.theirs()) == ({"MUG": 13}, {"MUG": 13})


def test_duplicate_and_late_webhooks_do_no_harm(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    hand.world.fault(kind="duplicate", service="keycrm")
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=6)
    hand.run()
    late = [{"offer_id": 1, "sku": "MUG", "in_stock": 10, "in_reserve": 0}]

    answer = requests.post(hand.hooks["stock"], json=late, timeout=30)
    hand.run()

    assert answer.json() == {"updated": 1, "skipped": []}
    assert hand.ours() == {"MUG": 6}
    assert hand.store_writes() == 1


def test_a_lost_webhook_is_made_good_by_the_next_look(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    hand.world.fault(kind="drop", service="keycrm")
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=6)
    hand.run()
    assert hand.ours() == {"MUG": 10}

    hand.wait(3600)
    hand.run()

    assert hand.ours() == {"MUG": 6}


def test_429_in_the_middle_waits_as_long_as_it_says(drive: Make) -> None:
    hand = drive(first_sync="store", batch=1).stocked(
        ours={"MUG": 1, "CAP": 2, "BAG": 3}, theirs=dict.fromkeys(("MUG", "CAP", "BAG"), 9)
    )
    hand.connect()
    hand.world.fault(
        kind="status", service="keycrm", status=429, retry_after=17, method="PUT", sender="storelab-sync", skip=1
    )

    hand.run()

    assert hand.theirs() == {"MUG": 1, "CAP": 2, "BAG": 3}
    puts = [datetime.fromisoformat(e["at"]) for e in hand.exchanges("keycrm", "PUT")]
    assert [(b - a).total_seconds() for a, b in itertools.pairwise(puts)] == [1, 17, 1]


def test_calls_to_keycrm_keep_one_second_apart(drive: Make) -> None:
    hand = drive(first_sync="store", batch=10)
    hand.world.state("woocommerce", "a catalogue", size=200)
    hand.world.state("keycrm", "a catalogue", size=200, prefix="P-")

    hand.connect().run()

    times = [datetime.fromisoformat(e["at"]) for e in hand.exchanges("keycrm")]
    assert len(times) > 20
    assert min((b - a).total_seconds() for a, b in itertools.pairwise(times)) >= 1


def test_a_revoked_key_ends_it_until_another_is_entered(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    hand.world.do("keycrm", "revoke key")
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=6)

    hand.run()
    status = hand.status()
    assert status["status"] == "reconnect_required"
    assert status["pending"]["hints"] == 0 or status["pending"]["runs"]
    hand.world.do("keycrm", "issue key")
    again = hand.ask_to_connect()
    hand.run()

    assert (again.status_code, again.json()["id"], again.json()["todo"]) == (200, hand.id, [])
    assert hand.status()["status"] == "active"
    assert hand.ours() == {"MUG": 6}


def test_a_store_key_that_may_only_read_is_refused(drive: Make) -> None:
    hand = drive()
    store = hand.world.info()["store"]

    answer = hand.ask_to_connect(store={"url": store["url"], **store["read_only"]})

    assert (answer.status_code, answer.json()["code"]) == (422, "store_refused")
    assert store["read_only"]["consumer_secret"] not in answer.text


def test_the_key_is_checked_by_a_request_that_carries_only_the_key(drive: Make) -> None:
    hand = drive().stocked(ours={"MUG": 10})

    hand.ask_to_connect()

    (check,) = hand.exchanges("keycrm")
    assert (check["method"], check["url"].split("/keycrm")[1]) == ("GET", "/v1/users")
    assert check["request"]["body"] in ("", None)


def test_unknown_skus_are_reported_and_left_alone(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10, "ONLY-HERE": 2}, theirs={"MUG": 1, "ONLY-THERE": 5})

    hand.connect().run()

    assert hand.theirs() == {"MUG": 10, "ONLY-THERE": 5}
    reasons = {failure["sku"]: failure["reason"] for failure in hand.status()["failures"]}
    assert reasons == {
        "ONLY-HERE": "the backend knows no such SKU",
        "ONLY-THERE": "no product or variation of the store has this SKU",
    }


def test_a_variation_is_synced_both_ways(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(theirs={"SHIRT-S": 1, "SHIRT-M": 1})
    variations = variable(hand.world, {"SHIRT-S": 4, "SHIRT-M": 6})
    hand.connect().run()
    assert hand.theirs() == {"SHIRT-S": 4, "SHIRT-M": 6}

    hand.world.do("keycrm", "adjust stock", sku="SHIRT-M", quantity=9)
    hand.run()

    assert {sku: hand.ours()[sku] for sku in variations} == {"SHIRT-S": 4, "SHIRT-M": 9}


def test_a_product_that_is_new_on_both_sides_is_pushed(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    hand.stocked(ours={"NEW": 7}, theirs={"NEW": 0})

    hand.push()

    assert hand.theirs() == {"MUG": 10, "NEW": 7}


def test_a_webhook_for_a_product_that_is_new_finds_it(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    hand.stocked(ours={"NEW": 7, "new2": 1})

    hand.world.do("keycrm", "add offer", sku="NEW", quantity=3)
    hand.world.do("keycrm", "add offer", sku="NEW2", quantity=3)  # not new2: case counts
    hand.run()

    assert hand.ours() == {"MUG": 10, "NEW": 3, "new2": 1}


def test_a_fraction_is_rounded_down_and_noted(drive: Make) -> None:
    hand = drive(first_sync="keycrm").stocked(ours={"CLOTH": 1}, theirs={"CLOTH": 2.75})

    hand.connect().run()

    assert hand.ours() == {"CLOTH": 2}
    assert hand.status()["failures"][0]["reason"] == "2.75 was rounded down"


def test_disconnect_wipes_what_is_secret_and_stops(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    before = len(hand.calls("keycrm")), len(hand.calls("woocommerce"))

    first = hand.call("DELETE", f"/connections/{hand.id}")
    second = hand.call("DELETE", f"/connections/{hand.id}")
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=6)
    hand.world.settle()
    hand.tick()

    assert first.json() == second.json() == {"id": hand.id, "status": "disconnected"}
    assert requests.post(hand.hooks["stock"], json=[], timeout=30).status_code == 410
    assert (len(hand.calls("keycrm")), len(hand.calls("woocommerce"))) == before
    assert hand.status()["linked"] == 1
    assert hand.status()["synced"] == 0


def test_connecting_again_after_disconnect_starts_afresh(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    old = hand.hooks["stock"]
    hand.call("DELETE", f"/connections/{hand.id}")
    hand.world.do("keycrm", "delete webhook")
    hand.world.do("keycrm", "adjust stock", sku="MUG", quantity=4)

    hand.settings["first_sync"] = "keycrm"
    hand.connect().run()

    assert hand.hooks["stock"] != old
    assert requests.post(old, json=[], timeout=30).status_code == 403
    assert hand.ours() == {"MUG": 4}


def test_another_warehouse_is_another_number_not_a_change(drive: Make) -> None:
    hand = drive(first_sync="keycrm").stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect()
    hand.run()
    shop = hand.world.do("keycrm", "add warehouse", name="Shop")["id"]
    hand.world.state("keycrm", "an offer in stock", sku="MUG", quantity=2, warehouse="Shop")

    hand.settings["warehouse_id"] = shop
    again = hand.ask_to_connect()
    hand.run()

    assert (again.status_code, again.json()["hooks"], again.json()["todo"]) == (200, hand.hooks, [])
    assert hand.ours() == {"MUG": 2}


def test_when_half_of_the_offers_vanish_nothing_is_touched(drive: Make) -> None:
    skus = {f"SKU-{n}": 5 for n in range(6)}
    hand = drive(first_sync="store").stocked(ours=skus, theirs=skus).connect()
    hand.run()
    for n in range(4):
        hand.world.do("keycrm", "rename SKU", sku=f"SKU-{n}", to=f"GONE-{n}")

    hand.wait(3600)
    hand.run()

    assert hand.ours() == skus
    assert "4 of 6 known SKUs vanished" in hand.status()["reason"]


def test_pages_that_drift_are_discarded(drive: Make) -> None:
    hand = drive(first_sync="store")
    hand.world.state("woocommerce", "a catalogue", size=120)
    hand.world.state("keycrm", "a catalogue", size=120, prefix="P-")
    hand.connect()
    hand.world.fault(kind="drift", service="keycrm", operation="stocks.list_all", times=2)

    did = hand.run()

    assert any("discarded" in step["what"] for step in did)
    assert hand.theirs() == hand.ours()


@pytest.mark.parametrize(
    "fault", [{"kind": "lost"}, {"kind": "reset"}, {"kind": "truncate"}, {"kind": "status", "status": 503}]
)
@pytest.mark.parametrize(
    ("service", "method", "skip"),
    [("keycrm", "GET", 0), ("keycrm", "PUT", 0), ("woocommerce", "GET", 0), ("woocommerce", "POST", 0)],
)
def test_whatever_breaks_once_is_done_exactly_once(
    drive: Make, fault: dict[str, object], service: str, method: str, skip: int
) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 10, "CAP": 4}, theirs={"MUG": 7, "CAP": 4}).connect()
    if method == "POST":
        hand.run()
        hand.world.do("keycrm", "receive", sku="MUG", quantity=5)
    hand.world.fault(service=service, method=method, sender="storelab-sync", skip=skip, **fault)

    hand.run()

    right = 15 if method == "POST" else 10
    assert (hand.ours(), hand.theirs()) == ({"MUG": right, "CAP": 4}, {"MUG": right, "CAP": 4})


def test_cron_sends_one_batch_a_call(drive: Make) -> None:
    hand = drive(batch=2).stocked(ours={"A": 1, "B": 2, "C": 3}, theirs={"A": 0, "B": 0, "C": 0}).connect()
    early = hand.cron()
    hand.run()

    answers = []
    for _ in range(5):
        answer = hand.cron().json()
        answers.append((answer["sent"], answer["next"]))
        hand.wait(1)
        if answer["next"] is None:
            break

    assert early.status_code == 409
    assert [a for a in answers if a[0]] == [(2, 2), (1, None)]
    assert hand.theirs() == {"A": 1, "B": 2, "C": 3}


def test_no_sku_takes_a_request_of_its_own(drive: Make) -> None:
    """Two thousand of them; with STORELAB_LONG=1 ten thousand."""
    skus = 10_000 if os.environ.get("STORELAB_LONG") else 2_000
    hand = drive(first_sync="store")
    hand.world.state("woocommerce", "a catalogue", size=skus)
    hand.world.state("keycrm", "a catalogue", size=skus, quantity=0, prefix="P-")

    hand.connect().run()

    assert hand.theirs() == hand.ours()
    assert len(hand.theirs()) == skus
    assert Counter(hand.calls("keycrm")) == {
        "GET /v1/users": 1,
        "GET /v1/offers/stocks": skus / 50,
        "PUT /v1/offers/stocks": skus / 100,
    }
    assert len(hand.calls("woocommerce")) == skus / 100 + 3


def test_over_https_it_is_the_same(world: LabClient) -> None:
    with Sandbox(Settings(port=0, sync_port=None, tls=True, check=True)) as sandbox:
        authority = str(sandbox.authority)
        secure = LabClient(sandbox.url, verify=authority).make_world()
        with Server(port=0, ca=authority) as sync:
            hand = Drive(secure, sync.url, first_sync="store").stocked(ours={"MUG": 12}, theirs={"MUG": 3}).connect()
            hand.run()

            assert hand.theirs() == {"MUG": 12}
            assert hand.world.info()["store"]["url"].startswith("https://")


def variable(world: LabClient, stock: dict[str, int]) -> list[str]:
    """A product with one variation for each SKU."""
    info = world.info()["store"]
    now = datetime.fromisoformat(world.clock()["now"])
    store = Store(info["url"], info["consumer_key"], info["consumer_secret"], Http(), now=lambda: now)
    attribute = {"name": "Size", "variation": True, "visible": True, "options": list(stock)}
    made = store.call("POST", "/products", [], {"name": "Shirt", "type": "variable", "attributes": [attribute]}).json()
    for sku, quantity in stock.items():
        row = {"sku": sku, "regular_price": "9", "manage_stock": True, "stock_quantity": quantity}
        row["attributes"] = [{"name": "Size", "option": sku}]
        store.call("POST", f"/products/{made['id']}/variations", [], row)
    return list(stock)

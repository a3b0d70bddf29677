"""The fixtures, used as a stranger would use them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from storelab.emulators.kernel.errors import LabError
from storelab.testing import Clock, Deliveries, Faults, Journal, Laboratory, Service, World


def stock_of_cap(world: World) -> None:
    world.keycrm.an_offer_in_stock(sku="CAP", quantity=5)


def asked(service: Service, path: str, key: str = "") -> requests.Response:
    return requests.get(
        f"{service.url}{path}", headers={"Authorization": f"Bearer {key or service.api_key}"}, timeout=10
    )


def test_moves_states_and_facts_are_methods(keycrm: Service) -> None:
    keycrm.an_offer_in_stock(sku="MUG", quantity=3)

    keycrm.adjust_stock("MUG", 7)

    assert keycrm.stock() == {"MUG": {"in_stock": 7, "in_reserve": 0}}
    assert keycrm.fact("available") == {"MUG": 7}


def test_a_move_that_cannot_be_done_says_why(keycrm: Service) -> None:
    with pytest.raises(LabError, match="MUG"):
        keycrm.adjust_stock(sku="MUG", quantity=7)


@pytest.mark.parametrize(("values", "named"), [((1, 2, 3, 4), {}), (("MUG",), {"sku": "MUG"})])
def test_arguments_that_do_not_fit_are_named(
    keycrm: Service, values: tuple[object, ...], named: dict[str, object]
) -> None:
    with pytest.raises(LabError, match=r"keycrm\.adjust_stock\(sku, quantity, warehouse=''\)"):
        keycrm.adjust_stock(*values, **named)


def test_a_word_that_nobody_knows_is_answered_with_the_nearest(keycrm: Service) -> None:
    with pytest.raises(AttributeError, match="Did you mean 'adjust_stock'"):
        keycrm.adjust_stok()


def test_a_word_says_what_it_is_and_takes(keycrm: Service) -> None:
    assert "adjust_stock" in dir(keycrm)
    assert repr(keycrm.adjust_stock).startswith("<move keycrm.adjust_stock(sku, quantity, warehouse=''): ")


def test_every_word_of_every_service_has_a_name_of_its_own(storelab: World) -> None:
    for name, known in storelab.laboratory.client.vocabulary.items():
        service = storelab.service(name)
        words = [word for kind in ("states", "moves", "facts") for word in known[kind]]
        taken = {attribute for attribute in vars(Service) if not attribute.startswith("_")} | {"name"}

        assert len(service.words) == len(words), name
        assert all(method.isidentifier() for method in service.words), name
        assert not service.words.keys() & (taken | service.credentials.keys()), name


def test_every_service_has_a_fixture(request: pytest.FixtureRequest, storelab: World) -> None:
    for name in storelab.laboratory.client.vocabulary:
        service: Service = request.getfixturevalue("woo" if name == "woocommerce" else name)

        assert service.url == f"{storelab.url}/{name}"


def test_keys_open_the_service(keycrm: Service, storelab: World) -> None:
    before = keycrm.api_key
    assert asked(keycrm, "/v1/offers/stocks").status_code == 200

    keycrm.issue_key()

    assert keycrm.api_key != before
    assert storelab.env["KEYCRM_API_KEY"] == keycrm.api_key
    assert asked(keycrm, "/v1/offers/stocks").status_code == 200


def test_a_shopper_orders_by_sku(woo: Service) -> None:
    woo.a_product_in_stock(sku="MUG", quantity=12)

    order = woo.place_order(sku="MUG", quantity=2)

    assert woo.orders()[str(order["id"])]["lines"] == {"MUG": 2}
    assert woo.stock() == {"MUG": 10}


def test_the_clock_stands_still_and_is_moved(clock: Clock) -> None:
    start = datetime(2027, 1, 31, tzinfo=UTC)

    assert clock.freeze(start) == start
    assert clock.advance(hours=1) == start + timedelta(hours=1)
    assert clock.advance(timedelta(minutes=1)) == clock.now
    assert clock.next_due is None
    assert clock.live() < start  # the real time


def test_faults_strike_and_are_cleared(keycrm: Service, faults: Faults) -> None:
    keycrm.fault("status", status=429, times=1)
    later = faults.add("status", service="keycrm", status=500, times=3)

    assert [asked(keycrm, "/v1/offers/stocks").status_code for _ in range(2)] == [429, 500]
    assert [fault["id"] for fault in faults.active] == [later]

    faults.clear(later)

    assert asked(keycrm, "/v1/offers/stocks").status_code == 200
    assert "status" in faults.kinds


def test_webhooks_are_held_sent_and_sent_again(woo: Service, deliveries: Deliveries) -> None:
    woo.a_webhook(topic="order.created", delivery_url=f"{woo.url}/wp-json")
    woo.a_product_in_stock(sku="MUG")
    deliveries.settle()
    deliveries.hold()
    before = len(deliveries)

    woo.place_order(sku="MUG")
    assert [d["status"] for d in deliveries][before:] == ["pending"]
    deliveries.release()
    deliveries.settle()

    last = deliveries.of("woocommerce")[-1]
    assert last["status"] != "pending"
    assert len(deliveries.redeliver(last["number"])["attempts"]) == len(last["attempts"]) + 1


@pytest.mark.storelab(snapshot=stock_of_cap)
@pytest.mark.parametrize("again", [1, 2])
def test_a_world_begins_as_a_function_has_prepared_it(keycrm: Service, again: int) -> None:
    assert keycrm.available() == {"CAP": 5}

    keycrm.adjust_stock(sku="CAP", quantity=0)


def test_a_world_begins_with_a_file(tmp_path_factory: pytest.TempPathFactory, storelab_laboratory: Laboratory) -> None:
    file = tmp_path_factory.mktemp("snapshots") / "stocked"
    with storelab_laboratory.world() as world:
        stock_of_cap(world)
        world.save("stocked")
        file.write_bytes(world.client.call("GET", "/snapshots/stocked"))

    with storelab_laboratory.world(snapshot=file) as other:
        assert other.keycrm.available() == {"CAP": 5}


def test_a_snapshot_that_is_nowhere_is_named(storelab_laboratory: Laboratory) -> None:
    with pytest.raises(LabError, match="no snapshot 'nowhere': no file of that name"):
        storelab_laboratory.world(snapshot="nowhere")


def test_a_preparation_that_breaks_leaves_no_world(storelab_laboratory: Laboratory) -> None:
    before = storelab_laboratory.client.call("GET", "/worlds")

    with pytest.raises(LabError):
        storelab_laboratory.world(snapshot=lambda world: world.keycrm.adjust_stock(sku="MUG", quantity=1))

    assert storelab_laboratory.client.call("GET", "/worlds") == before


def test_the_same_seed_gives_the_same_keys(storelab_laboratory: Laboratory) -> None:
    keys = []
    for seed in ("a", "a", "b"):
        with storelab_laboratory.world(seed=seed) as world:
            keys.append(world.keycrm.api_key)

    assert keys[0] == keys[1] != keys[2]


def test_a_world_is_saved_restored_and_reset(storelab: World, keycrm: Service) -> None:
    stock_of_cap(storelab)
    storelab.save("before")
    keycrm.adjust_stock(sku="CAP", quantity=1)

    storelab.restore("before")
    assert keycrm.available() == {"CAP": 5}

    storelab.reset()
    assert keycrm.available() == {}


def test_a_service_that_is_not_there_is_named(storelab: World) -> None:
    with pytest.raises(LabError, match=r"there is no service 'acme'\. Possible: woocommerce, golisto"):
        storelab.service("acme")
    with pytest.raises(AttributeError, match="its services are: woo, golisto"):
        _ = storelab.acme


class TestJournal:
    """Assertions about what crossed the wire."""

    def test_what_was_called_is_found(self, keycrm: Service, journal: Journal) -> None:
        asked(keycrm, "/v1/offers/stocks?limit=5")

        call = journal.assert_called(service="keycrm", method="get", path="/v1/offers/*", query={"limit": 5})

        assert (call.status, call.path, call.query) == (200, "/v1/offers/stocks", {"limit": "5"})
        assert call.answer["data"] == []
        assert len(journal) == 1
        journal.assert_not_called(method="PUT")

    def test_what_came_closest_is_told_with_how_it_differs(self, keycrm: Service, journal: Journal) -> None:
        keycrm.an_offer_in_stock(sku="MUG", quantity=3)
        asked(keycrm, "/v1/offers/stocks", key="wrong")
        requests.put(
            f"{keycrm.url}/v1/offers/stocks",
            json={"warehouse_id": 1, "stocks": [{"sku": "MUG", "quantity": 5}]},
            headers={"Authorization": f"Bearer {keycrm.api_key}"},
            timeout=10,
        )

        with pytest.raises(AssertionError) as told:
            journal.assert_called(
                service="keycrm", method="PUT", path="/v1/offers/stocks", json={"stocks": [{"quantity": 7}]}
            )

        lines = str(told.value).splitlines()
        assert lines[0] == (
            "nothing was PUT /v1/offers/stocks to keycrm, json {'stocks': [{'quantity': 7}]}; of 2, these came closest:"
        )
        assert lines[1].startswith("  #2 -> keycrm PUT /keycrm/v1/offers/stocks 202")
        assert lines[2].strip() == "json stocks[0] quantity is 5, wanted 7"
        assert "method is GET, wanted PUT" in str(told.value)
        assert keycrm.api_key not in str(told.value)

    def test_how_often_counts(self, keycrm: Service, journal: Journal) -> None:
        asked(keycrm, "/v1/offers/stocks")
        seen = journal.last
        asked(keycrm, "/v1/offers/stocks")

        journal.assert_called(service="keycrm", times=2)
        journal.assert_called(service="keycrm", times=1, after=seen)
        with pytest.raises(AssertionError, match="called 2 times, wanted called once"):
            journal.assert_called(service="keycrm", times=1)
        with pytest.raises(AssertionError, match="called 2 times, wanted none"):
            journal.assert_not_called(service="keycrm")

    def test_an_empty_journal_is_told(self, journal: Journal) -> None:
        with pytest.raises(AssertionError, match="nothing was a call to keycrm; the journal is empty"):
            journal.assert_called(service="keycrm")

    def test_webhooks_are_calls_that_went_out(self, woo: Service, storelab: World, journal: Journal) -> None:
        woo.a_webhook(topic="product.created", delivery_url=f"{storelab.url}/keycrm/hook")

        woo.add_product(sku="MUG")
        storelab.settle()

        call = journal.assert_called(direction="out", service="woocommerce", json={"sku": "MUG"})
        assert call.headers["x-wc-webhook-topic"] == "product.created"

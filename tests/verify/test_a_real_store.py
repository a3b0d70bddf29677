"""What a host or a plugin puts in the way of connectors is found by its symptoms, and told with what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED
from storelab.contracts.tap import Exchange
from storelab.sandbox import Sandbox, Settings
from storelab.verify import run, traits
from storelab.verify.pacts import Target
from storelab.verify.report import CONTRACT, STORE, Check
from storelab.verify.shop import CannotTell, Shop

from .planted import Planted

BACKENDS = {"golisto", "keycrm", "sors", "spotler", "stockburst"}


@pytest.fixture(scope="module")
def lab() -> Iterator[LabClient]:
    """A sandbox on https, as real stores are."""
    with Sandbox(Settings(port=0, sync_port=None, tls=True)) as running:
        yield LabClient(running.url, running.token, verify=str(running.authority))


@pytest.fixture
def shop(lab: LabClient) -> Iterator[LabClient]:
    made = lab.make_world()
    yield made
    made.drop()


def keys_of(shop: LabClient) -> dict[str, str]:
    store = shop.info()["store"]
    return {name: store[name] for name in ("consumer_key", "consumer_secret")}


def looked_at(
    shop: LabClient,
    *,
    keys: dict[str, str] | None = None,
    url: str = "",
    contracts: bool = False,
    slow: float = 20.0,  # a busy machine is no slow host
) -> list[Check]:
    """As `storelab verify woocommerce --url` does."""
    ca = str(shop.verify) if shop.url.startswith("https") and not url else ""
    given = keys_of(shop) if keys is None else keys
    target = Target("woocommerce", url or f"{shop.url}/woocommerce", given=given, ca=ca, slow=slow)
    found = list(run.of_target(target, run.Parts(fuzz="off", webhooks=False), tell=lambda check: None).checks)
    return found if contracts else [check for check in found if check.part == STORE]


def broken(checks: list[Check]) -> dict[str, Check]:
    return {check.differences[0].where: check for check in checks if check.verdict == BROKEN}


def _disabled(shop: LabClient) -> None:
    made = shop.state("woocommerce", "a webhook", topic="order.created", delivery_url="https://hooks.example/1")
    shop.do("woocommerce", "disable webhook", webhook=made["id"])


def _custom(shop: LabClient) -> None:
    order = shop.state("woocommerce", "an order")
    shop.do("woocommerce", "give order a custom status", order=order["id"], status="packing")


def _move(move: str, /, **arguments: Any) -> Callable[[LabClient], None]:
    def done(shop: LabClient) -> None:
        shop.do("woocommerce", move, **arguments)

    return done


TROUBLE: dict[str, tuple[Callable[[LabClient], None], set[str], str]] = {
    "stripped-authorization": (_move("strip Authorization header"), BACKENDS, "HTTP_AUTHORIZATION"),
    "blocked-rest": (_move("block REST by a security plugin", answer="html"), BACKENDS, "security plugin"),
    "cached-gets": (_move("cache GETs"), BACKENDS, "out of the cache"),
    "disabled-webhooks": (_disabled, {"spotler", "stockburst", "keycrm", "sors"}, "set the webhooks to Active"),
    "custom-statuses": (_custom, {"golisto", "sors", "spotler", "stockburst"}, "Map them"),
    "plain-permalinks": (_move("permalinks off"), BACKENDS, "permalinks but Plain"),
    "maintenance": (_move("maintenance mode"), BACKENDS, "End the maintenance"),
    "no-woocommerce": (_move("deactivate WooCommerce"), BACKENDS, "Activate WooCommerce"),
    "wrong-clock": (_move("clock is off", minutes=40), BACKENDS, "clock"),
    "slow-host": (_move("slow host", seconds=0.2), BACKENDS, "plugins"),
    "stock-off": (
        _move("change setting", name="woocommerce_manage_stock", value="no"),
        BACKENDS,
        "Enable stock management",
    ),
}


@pytest.mark.parametrize("slug", TROUBLE)
def test_what_is_in_the_way_is_named_with_whom_it_breaks_and_what_to_do(shop: LabClient, slug: str) -> None:
    begin, affects, todo = TROUBLE[slug]
    begin(shop)

    found = broken(looked_at(shop, slow=0.1 if slug == "slow-host" else 20.0))

    assert set(found) == {slug}
    check = found[slug]
    assert set(check.affects) == affects
    assert todo in check.advice
    assert check.differences[0].message
    assert check.curl.startswith("curl ")


def test_nothing_is_found_in_a_store_that_is_well(shop: LabClient) -> None:
    shop.state("woocommerce", "a believable store", products=5, customers=2, orders=5)

    checks = looked_at(shop, contracts=True)

    assert [check.summary for check in checks if check.verdict == BROKEN] == []
    assert {check.verdict for check in checks if check.part == STORE} == {KEPT}
    kept = [check for check in checks if check.part == CONTRACT and check.verdict == KEPT]
    assert len(kept) > 15  # what every store keeps, whatever is in it
    assert all(check.why for check in checks if check.verdict == SKIPPED)


def test_a_key_that_was_revoked_is_told(shop: LabClient) -> None:
    keys = keys_of(shop)
    shop.do("woocommerce", "revoke API key", consumer_key=keys["consumer_key"])

    found = broken(looked_at(shop, keys=keys))

    assert set(found) == {"keys-refused"}
    assert keys["consumer_key"] not in str(found["keys-refused"].as_json())


def test_without_keys_what_is_open_to_all_is_still_told(shop: LabClient) -> None:
    shop.do("woocommerce", "permalinks off")

    checks = looked_at(shop, keys={})

    assert set(broken(checks)) == {"plain-permalinks"}
    assert any("no keys" in check.why for check in checks if check.verdict == SKIPPED)


def test_a_store_on_plain_http_is_told_and_nothing_is_written_there(world: LabClient) -> None:
    found = broken(looked_at(world))

    assert set(found) == {"http-only"}
    assert set(found["http-only"].affects) == BACKENDS
    assert {exchange["method"] for exchange in world.journal(service="woocommerce", limit=1000)} == {"GET"}


def test_a_store_that_lives_at_another_address_is_told_which(world: LabClient) -> None:
    moved = Planted(
        f"{world.url}/woocommerce",
        lambda answer: replace(answer, status=301).with_header("Location", "https://www.shop.example/wp-json/"),
    )
    try:
        found = broken(looked_at(world, url=moved.url, keys={}))
    finally:
        moved.close()

    assert "Enter https://www.shop.example as the store's address" in found["redirect"].advice


def test_a_store_whose_cron_is_off_is_told_that_no_webhook_is_sent() -> None:
    class WithoutCron(Shop):
        def record(self, path: str, query: Any = None) -> dict[str, Any]:
            self.asked.append(Exchange("GET", path, (), b"", 200))
            return {"environment": {"wp_cron": False}}

    (found,) = traits.cron_runs(WithoutCron("https://shop.example"))

    assert found.slug == "no-cron"
    assert set(found.affects) >= {"golisto", "spotler", "stockburst"}


def test_no_finding_shows_a_key(shop: LabClient) -> None:
    store = shop.info()["store"]
    shop.do("woocommerce", "strip Authorization header")
    shop.do("woocommerce", "cache GETs")

    shown = str([check.as_json() for check in looked_at(shop)])

    assert store["consumer_key"] not in shown
    assert store["consumer_secret"] not in shown


@pytest.mark.parametrize("date", ["soon", "Tue, 99 Dec 2026 00:00:00 GMT", "Tue, 01 Dec 2026 00:00:00 -0000"])
def test_a_date_that_is_none_is_no_wrong_clock(date: str) -> None:
    index = Exchange("GET", "/", {}, b"", status=200, headers=[("Date", date)])

    with suppress(CannotTell):
        for found in traits.clock_right(SimpleNamespace(index=index, asked=[index])):  # type: ignore[arg-type]
            assert "minutes" in found.seen


def test_where_a_disabled_webhook_delivers_is_told_without_its_password() -> None:
    urls = ["https://u:hidden@hooks.example/1", "https://[x/"]
    hooks = [{"id": n, "topic": "order.created", "status": "disabled", "delivery_url": u} for n, u in enumerate(urls)]
    shop = SimpleNamespace(rows=lambda path, query: hooks, asked=[None])

    (found,) = traits.webhooks_on(shop)  # type: ignore[arg-type]

    assert "hooks.example" in found.seen
    assert "what is no address" in found.seen
    assert "hidden" not in found.seen

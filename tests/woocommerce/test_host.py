"""What stands between a connector and its store: hosts, guards and caches, until somebody puts it right."""

from __future__ import annotations

import pytest
import requests

from storelab.emulators.kernel import service
from storelab.emulators.kernel.errors import LabError

from .shop import Shop


def trouble(shop: Shop, what: str, **given: object) -> None:
    shop.world.do("woocommerce", what, **given)


def test_a_stripped_header_looks_like_no_key_and_the_query_still_works(shop: Shop) -> None:
    trouble(shop, "strip Authorization header")

    refused = shop.refusal("GET", "products")
    key, secret = shop.session.auth  # type: ignore[misc]
    answer = shop.call("GET", "products", consumer_key=key, consumer_secret=secret)

    assert refused == (401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [("json", 401, "application/json; charset=UTF-8"), ("html", 403, "text/html; charset=UTF-8")],
)
def test_a_guard_closes_the_api_and_nothing_else(shop: Shop, answer: str, status: int, kind: str) -> None:
    trouble(shop, "block REST by a security plugin", answer=answer)

    blocked = shop.call("GET", "products")
    by_query = requests.get(f"{shop.url}/?rest_route=/wc/v3/products", timeout=30)
    front = requests.get(f"{shop.url}/", timeout=30)

    assert (blocked.status_code, blocked.headers["Content-Type"]) == (status, kind)
    assert by_query.status_code == status
    assert front.status_code == 200


def test_a_site_in_maintenance_says_when_to_come_back(shop: Shop) -> None:
    trouble(shop, "maintenance mode", retry_after=120)

    answers = [shop.call("GET", "products"), requests.get(f"{shop.url}/wc-auth/v1/authorize", timeout=30)]

    assert [a.status_code for a in answers] == [503, 503]
    assert answers[0].headers["Retry-After"] == "120"
    assert "maintenance" in answers[0].text


def test_a_cache_shows_the_stock_of_a_while_ago(shop: Shop) -> None:
    mug = shop.product(stock=5)
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    trouble(shop, "cache GETs", seconds=60)

    seen = [shop.stock(mug)]
    shop.put(f"products/{mug['id']}", {"stock_quantity": 4})
    seen.append(shop.stock(mug))
    shop.world.clock(advance=45)
    stale = shop.call("GET", f"products/{mug['id']}")
    shop.world.clock(advance=15)
    fresh = shop.call("GET", f"products/{mug['id']}")

    assert seen == [5, 5]
    assert (stale.headers["X-Cache"], stale.headers["Age"], stale.json()["stock_quantity"]) == ("HIT", "45", 5)
    assert (fresh.headers["X-Cache"], fresh.headers["Age"], fresh.json()["stock_quantity"]) == ("MISS", "0", 4)


def test_a_slow_host_is_slow_every_time(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def noted(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(service, "DELAYS", noted)
    trouble(shop, "slow host", seconds=20)

    shop.get("products")
    shop.get("orders")

    assert slept == [20, 20]


def test_trouble_ends_one_by_one_or_all_at_once(shop: Shop) -> None:
    for what in ("maintenance mode", "maintenance mode", "strip Authorization header", "cache GETs"):
        trouble(shop, what)
    shop.world.fault(service="woocommerce", kind="status", status=500)

    one = shop.world.do("woocommerce", "end host trouble", what="maintenance mode")
    left = shop.world.fact("woocommerce", "host trouble")
    rest = shop.world.do("woocommerce", "end host trouble")

    assert (one, left) == ({"ended": ["maintenance mode"]}, ["cache GETs", "strip Authorization header"])
    assert sorted(rest["ended"]) == left
    assert shop.call("GET", "products").status_code == 500
    assert shop.call("GET", "products").status_code == 200


def test_trouble_that_is_unknown_is_refused(shop: Shop) -> None:
    with pytest.raises(LabError, match="no trouble that can end; there are: strip Authorization header"):
        shop.world.do("woocommerce", "end host trouble", what="rain")


def test_what_strikes_is_written_into_the_journal(shop: Shop) -> None:
    trouble(shop, "strip Authorization header")

    shop.call("GET", "products")

    assert shop.world.journal()[-1]["fault"] == "strip #1"


def test_a_clock_that_is_off_refuses_good_signatures_and_says_what_time_it_has(shop: Shop) -> None:
    shop.world.clock(freeze="2026-11-02T09:00:00Z")
    trouble(shop, "clock is off", minutes=20)

    ahead = shop.call("GET", "products")
    shop.world.do("woocommerce", "end host trouble", what="clock is off")
    right = shop.call("GET", "products")

    assert ahead.headers["Date"] == "Mon, 02 Nov 2026 09:20:00 GMT"
    assert right.headers["Date"] == "Mon, 02 Nov 2026 09:00:00 GMT"
    with pytest.raises(LabError, match="off is so by some minutes"):
        trouble(shop, "clock is off", minutes=0)

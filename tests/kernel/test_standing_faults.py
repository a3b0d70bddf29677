"""Faults that last until they are cleared: what stands between a service and its callers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storelab.emulators.kernel import Request, service

from .conftest import Acme
from .test_faults import statuses, strike


def headers(backend: Acme) -> dict[str, str]:
    """Those of the last answer."""
    return dict(list(backend.lab.world().journal)[-1].response_headers)


def test_a_header_is_taken_away_before_the_service_sees_it(backend: Acme) -> None:
    strike(backend, kind="strip", header="X-Key")

    assert statuses(backend, 2) == [401, 401]
    last = list(backend.lab.world().journal)[-1]
    assert (last.reason, last.fault) == ("no key, or a wrong one", "strip #1")
    assert dict(last.request_headers)["x-key"] == "sesame"


def test_what_stands_before_the_service_answers_in_its_own_words(backend: Acme) -> None:
    strike(backend, kind="block", path="/items", status=503, body='{"go": "away"}', retry_after=600)

    assert backend.call("GET", "/items") == (503, {"go": "away"})
    assert headers(backend) == {"Content-Type": "text/html; charset=UTF-8", "Retry-After": "600"}
    assert backend.call("GET", "/elsewhere")[0] == 404


def test_a_cache_answers_as_before_until_its_time_is_over(backend: Acme) -> None:
    world = backend.lab.world()
    world.set_clock(world.clock.frozen(world.now))
    strike(backend, kind="cache", seconds=30)

    first = backend.call("GET", "/items")
    backend.call("POST", "/items", {"sku": "MUG"})
    backend.run(world.advance(29))
    cached = backend.call("GET", "/items", key="wrong"), headers(backend)
    backend.run(world.advance(1))
    fresh = backend.call("GET", "/items"), headers(backend)

    assert first == cached[0] == (200, [])
    assert (cached[1]["Age"], cached[1]["X-Cache"]) == ("29", "HIT")
    assert [item["sku"] for item in fresh[0][1]] == ["MUG"]
    assert (fresh[1]["Age"], fresh[1]["X-Cache"]) == ("0", "MISS")


def test_a_refusal_is_not_cached(backend: Acme) -> None:
    strike(backend, kind="cache", seconds=30)

    backend.call("GET", "/items", key="wrong")

    assert backend.call("GET", "/items")[0] == 200


def test_how_things_stand_leaves_room_for_what_happens_once(backend: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def noted(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(service, "DELAYS", noted)
    strike(backend, kind="delay", seconds=8, times=None)
    strike(backend, kind="status", status=500)
    strike(backend, kind="status", status=502)

    assert statuses(backend, 3) == [500, 502, 200]
    assert slept == [8, 8, 8]


def test_what_never_reached_the_service_uses_up_no_other_fault(backend: Acme) -> None:
    strike(backend, kind="block", times=1)
    strike(backend, kind="status", status=500)

    assert [backend.raw("GET", "/items")[0] for _ in range(3)] == [403, 500, 200]


def test_faults_that_change_the_answer_add_up(backend: Acme) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})
    strike(backend, kind="cache", seconds=60)
    strike(backend, kind="stale")

    backend.call("GET", "/items")
    backend.lab.world().faults.clear(1)
    backend.call("POST", "/items", {"sku": "CAP"})

    seen: Any = backend.call("GET", "/items")[1]
    assert [item["sku"] for item in seen] == ["MUG"]


def test_a_clock_that_is_off_tells_its_own_time(backend: Acme) -> None:
    world = backend.lab.world()
    world.set_clock(world.clock.frozen(datetime(2026, 3, 2, 8, tzinfo=UTC)))
    asked = Request("GET", "/items", "http://lab/acme", "", {"x-key": "sesame"})

    strike(backend, kind="clock", seconds=-1200)
    behind = backend.run(backend.lab.services["acme"].answer(world, asked))
    world.faults.clear()
    right = backend.run(backend.lab.services["acme"].answer(world, asked))

    assert (behind.at, right.at) == (world.now - timedelta(minutes=20), world.now)

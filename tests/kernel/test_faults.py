"""Faults strike exactly what they name, as often as they say, in the vendor's own words."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from storelab.emulators.kernel import LabError, Reply
from storelab.emulators.kernel.faults import shortened

from .conftest import Acme


def strike(backend: Acme, **fault: Any) -> None:
    world = backend.lab.world()
    world.faults.add({"service": "acme", **fault}, world.now)


def statuses(backend: Acme, times: int) -> list[int]:
    return [backend.call("GET", "/items")[0] for _ in range(times)]


def test_twice_and_then_fine(backend: Acme) -> None:
    strike(backend, kind="status", status=503, times=2)

    assert statuses(backend, 3) == [503, 503, 200]


def test_the_first_few_may_be_let_through(backend: Acme) -> None:
    strike(backend, kind="status", status=500, skip=2)

    assert statuses(backend, 4) == [200, 200, 500, 200]


def test_a_refusal_by_fault_has_the_vendors_body(backend: Acme) -> None:
    strike(backend, kind="status", status=429, retry_after=7)

    assert backend.call("GET", "/items") == (429, {"error": "broken", "message": "out of order"})
    last = list(backend.lab.world().journal)[-1]
    assert ("Retry-After", "7") in last.response_headers
    assert last.fault == "status #1"


def test_an_answer_lost_after_commit_was_nevertheless_done(backend: Acme) -> None:
    strike(backend, kind="lost", method="POST")

    with pytest.raises(ConnectionResetError):
        backend.call("POST", "/items", {"sku": "MUG"})

    assert [row["sku"] for row in backend.call("GET", "/items")[1]] == ["MUG"]


def test_an_error_after_commit_was_nevertheless_done(backend: Acme) -> None:
    strike(backend, kind="status", status=500, phase="after-commit", method="POST")

    assert backend.call("POST", "/items", {"sku": "MUG"})[0] == 500
    assert len(backend.call("GET", "/items")[1]) == 1


def test_only_the_named_operation_is_struck(backend: Acme) -> None:
    strike(backend, kind="reset", operation="acme.create_item", times=None)

    assert statuses(backend, 1) == [200]
    with pytest.raises(ConnectionResetError):
        backend.call("POST", "/items", {"sku": "MUG"})


def test_only_the_named_sender_is_struck(backend: Acme) -> None:
    strike(backend, kind="status", sender="somebody", times=None)

    assert statuses(backend, 1) == [200]


def test_an_outage_ends_by_the_worlds_clock(backend: Acme) -> None:
    world = backend.lab.world()
    world.set_clock(world.clock.frozen(world.now))
    strike(backend, kind="outage", seconds=60)

    during = statuses(backend, 2)
    backend.run(world.advance(60))

    assert during + statuses(backend, 1) == [503, 503, 200]


def test_stale_answers_stay_as_they_were(backend: Acme) -> None:
    strike(backend, kind="stale", operation="acme.list_items")

    before = backend.call("GET", "/items")
    backend.call("POST", "/items", {"sku": "MUG"})

    assert backend.call("GET", "/items") == before
    backend.lab.world().faults.clear()
    assert len(backend.call("GET", "/items")[1]) == 1


@pytest.mark.parametrize("page", ["²", "-1", "x", "9" * 5000])
def test_a_page_that_is_no_number_drifts_as_the_first_does(backend: Acme, page: str) -> None:
    backend.call("POST", "/items", {"sku": "MUG"})
    strike(backend, kind="drift", times=2)
    wanted = backend.call("GET", "/items")

    assert backend.call("GET", "/items", query=f"page={quote(page)}") == wanted


def test_a_short_list_is_short_everywhere(backend: Acme) -> None:
    for sku in ("MUG", "CAP"):
        backend.call("POST", "/items", {"sku": sku})
    strike(backend, kind="short")

    assert [row["sku"] for row in backend.call("GET", "/items")[1]] == ["MUG"]
    assert len(backend.call("GET", "/items")[1]) == 2


def test_a_list_in_an_envelope_is_counted_anew_when_it_is_cut_short() -> None:
    cut = shortened(Reply(200, b'{"total":3,"data":[1,2,3]}', (("X-WP-Total", "3"), ("X-WP-TotalPages", "2"))))
    not_one = shortened(Reply(200, b'{"id":1}'))

    assert (cut.body, cut.headers) == (b'{"total": 1, "data": [1]}', (("X-WP-Total", "1"), ("X-WP-TotalPages", "1")))
    assert not_one.body == b'{"id":1}'


def test_dice_fall_alike_with_the_same_seed(backend: Acme) -> None:
    def rolled(name: str) -> list[int]:
        backend.lab.make(name, seed="dice")
        backend.world = name
        world = backend.lab.world(name)
        world.faults.add({"service": "acme", "kind": "status", "chance": 0.5, "times": None}, world.now)
        return statuses(backend, 30)

    first, second = rolled("one"), rolled("two")

    assert first == second
    assert {200, 500} == set(first)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "meteor"}, "there is no fault 'meteor'"),
        ({"kind": "status", "colour": 1}, "a fault has no colour"),
        ({"kind": "status", "status": 199}, "between 200 and 599"),
        ({"kind": "status", "phase": "during"}, "before or after-commit"),
        ({"kind": "status", "chance": 2}, "between 0 and 1"),
        ({"kind": "duplicate", "copies": 0}, "between 1 and 1000"),
        ({"kind": "delay", "seconds": -1}, "only a clock can be behind"),
    ],
)
def test_a_wrong_fault_is_refused_with_the_reason(backend: Acme, fault: dict[str, Any], words: str) -> None:
    with pytest.raises(LabError, match=words):
        strike(backend, **fault)


def test_late_without_seconds_is_a_minute_and_never_at_once_again_and_again(backend: Acme) -> None:
    fault = backend.lab.world().faults.add({"kind": "late", "service": "acme", "times": None}, backend.lab.world().now)

    assert fault.seconds == 60

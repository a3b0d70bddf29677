"""The player: what it does with a story and any connector, and how it explains what is not as it should be."""

from __future__ import annotations

import json

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.scenarios import player
from storelab.scenarios.events import Believes, Crossed, Doing, Result, Started
from storelab.scenarios.story import HOME

from . import tiny
from .conftest import Write

GIVEN = """
title: A story of a test
backend: keycrm
given:
  - shelf: {MUG: 10}
  - state: {an offer in stock: {sku: MUG, quantity: 10}}
  - connect: {warehouse_id: 1}
  - sync: until idle
steps:
"""


def failed(lab: LabClient, path: object, connector: str | None = None) -> tuple[int, str]:
    """The line at which the story failed, and everything that was said."""
    result = player.result(path, lab, connector)  # type: ignore[arg-type]
    assert not result.held
    assert result.failure is not None
    return result.failure.line, "\n".join(result.lines())


def test_it_tells_how_it_goes_while_it_plays(lab: LabClient) -> None:
    events = list(player.play(HOME / "keycrm" / "stock_change_reaches_store.yaml", lab))

    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Result)
    assert [e.word for e in events if isinstance(e, Doing) and e.number] == ["move", "expect", "sync", "expect"]
    assert [dict(e.shelf) for e in events if isinstance(e, Believes)][-1] == {"MUG": 7, "CAP": 4}
    assert any("webhook" in x["operation"] for e in events if isinstance(e, Crossed) for x in e.exchanges)
    json.dumps([event.as_json() for event in events])


def test_a_world_is_made_for_the_story_and_dropped(lab: LabClient, write: Write) -> None:
    before = lab.call("GET", "/worlds")["worlds"]

    result = player.result(write(GIVEN + "  - expect: {shelf: {MUG: 10}}\n"), lab)

    assert result.held
    assert lab.call("GET", "/worlds")["worlds"] == before


def test_a_world_is_kept_where_somebody_wants_to_look_at_it(lab: LabClient, write: Write) -> None:
    *_, last = player.play(write(GIVEN + "  - expect: {shelf: {MUG: 11}}\n"), lab, keep=True)

    assert isinstance(last, Result)
    kept = LabClient(last.world)
    assert kept.fact("woocommerce", "stock")["MUG"] == 10
    kept.drop()


def test_a_wrong_number_is_told_with_when_it_was_right(lab: LabClient, write: Write) -> None:
    steps = "  - move: {adjust stock: {sku: MUG, quantity: 3}}\n  - sync: until idle\n  - expect: {shelf: {MUG: 10}}\n"

    line, said = failed(lab, write(GIVEN + steps))

    assert line == 11
    assert "on the store's shelf MUG is 3, wanted 10; it was so until line 10 (sync until idle)" in said
    assert "-> woocommerce POST" in said
    assert '"stock_quantity": 3' in said


def test_a_number_that_never_was_is_told_so(lab: LabClient, write: Write) -> None:
    line, said = failed(lab, write(GIVEN + "  - expect: {received: {MUG: 99}}\n"))

    assert line == 9
    assert "in keycrm MUG is 10, wanted 99; it never was so, and is what it is since line 5" in said


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ("{shelf: {MGU: 10}}", "MGU is not there, wanted 10; the nearest is MUG"),
        ("{shelf: {}}", "on the store's shelf is {MUG: 10}, wanted nothing"),
        ("{shelf: {MUG: absent}}", "MUG is 10, wanted none"),
        ("{shelf: {MUG: '10'}}", "MUG is 10, wanted 10 (it is a number, wanted a text)"),
        ("{status: paused}", "the connection's status is active, wanted paused"),
        ("{store: {products: {MUG: {stock_status: outofstock}}}}", "stock_status is instock, wanted outofstock"),
        ("{deliveries: {keycrm: 1}}", "webhooks of keycrm sent: 0 since the last look, wanted 1; nothing at all"),
        ("{deliveries: []}", "deliveries is a list"),
        ("{refused: no}", "refused is False"),
        ("{refused: too late}", "nothing was refused, wanted a refusal that says 'too late'"),
        ("{calls: {keycrm: {at least: 1}}}", "calls to keycrm: 0 since the last look, wanted at least 1"),
        ("{orders: {'1001': {status: new}}}", "keycrm's orders 1001 is not there"),
    ],
)
def test_each_expectation_explains_itself(wanted: str, says: str, lab: LabClient, write: Write) -> None:
    path = write(GIVEN + f"  - expect: {wanted}\n")

    try:
        said = failed(lab, path)[1]
    except LabError as bad:
        said = bad.message

    assert says in said


def test_a_wrong_count_names_what_was_called_instead(lab: LabClient, write: Write) -> None:
    steps = "  - sync: push\n  - sync: until idle\n  - expect: {calls: {store: {products.create: 1}}}\n"

    _, said = failed(lab, write(GIVEN + steps))

    assert "products.create of store: 0 since the last look, wanted 1; there were: products.list_all 1" in said


def test_only_what_happened_since_the_last_look_is_counted(lab: LabClient, write: Write) -> None:
    steps = """
  - move: {adjust stock: {sku: MUG, quantity: 3}}
  - expect: {deliveries: {keycrm: 1}}
  - expect: {deliveries: {keycrm: {accepted: 1, refused: 0}}}
  - wait: {minutes: 1}
  - expect: {deliveries: {keycrm: 0}}
"""

    result = player.result(write(GIVEN + steps), lab)

    assert result.held, "\n".join(result.lines())


def test_what_may_not_be_sent_is_shown_with_the_exchange_that_sent_it(lab: LabClient, write: Write) -> None:
    steps = """
  - move: {store: {adjust stock: {sku: MUG, quantity: 4}}}
  - sync: push
  - sync: until idle
  - expect: {sent: {keycrm: {stocks.set_levels: [header authorization, warehouse_id, stocks.sku]}}}
"""

    _, said = failed(lab, write(GIVEN + steps))

    assert "'stocks.quantity' was sent to stocks.set_levels of keycrm, wanted nothing but" in said
    assert "PUT /keycrm/v1/offers/stocks 202" in said


def test_a_text_that_was_said_is_found(lab: LabClient, write: Write) -> None:
    steps = """
  - move: {store: {adjust stock: {sku: MUG, quantity: 4}}}
  - sync: push
  - sync: until idle
  - expect: {unsaid: {keycrm: [mug]}}
"""

    _, said = failed(lab, write(GIVEN + steps))

    assert "'mug' was said to keycrm" in said


def test_a_refusal_that_nobody_expects_breaks_the_story_where_it_happened(lab: LabClient, write: Write) -> None:
    steps = "  - move: {receive: {sku: VASE, quantity: 1}}\n  - sync: once\n"

    line, said = failed(lab, write(GIVEN + steps))

    assert line == 9
    assert "was refused: KeyCRM has no offer with SKU 'VASE'" in said


def test_a_refusal_in_the_last_step_breaks_the_story_as_well(lab: LabClient, write: Write) -> None:
    line, said = failed(lab, write(GIVEN + "  - move: {receive: {sku: VASE, quantity: 1}}\n"))

    assert line == 9
    assert "was refused" in said


def test_an_expected_refusal_is_held_against_its_words(lab: LabClient, write: Write) -> None:
    right = "  - move: {receive: {sku: VASE, quantity: 1}}\n  - expect: {refused: no offer}\n"
    wrong = "  - move: {receive: {sku: VASE, quantity: 1}}\n  - expect: {refused: no warehouse}\n"

    assert player.result(write(GIVEN + right), lab).held
    assert "wanted 'no warehouse' in it" in failed(lab, write(GIVEN + wrong))[1]


def test_without_a_connection_there_is_nothing_to_sync(lab: LabClient, write: Write) -> None:
    path = write("title: A\nbackend: keycrm\nsteps:\n  - sync: once\n")

    assert "there is no connection yet; a `connect` has to come before" in failed(lab, path)[1]


@pytest.mark.parametrize("after", ["", "  - fault: clear\n"])
def test_a_fault_that_nothing_ran_into_breaks_the_story(after: str, lab: LabClient, write: Write) -> None:
    steps = "  - fault: {kind: lost, operation: stocks.set_levels}\n  - expect: {shelf: {MUG: 10}}\n"

    line, said = failed(lab, write(GIVEN + steps + after))

    assert line == 9
    assert "nothing ran into this fault" in said


def test_a_connector_that_never_rests_is_told_so(lab: LabClient, write: Write) -> None:
    with tiny.running("restless") as connector:
        _, said = failed(lab, write(GIVEN + "  - expect: {shelf: {MUG: 10}}\n"), connector.url)

    assert "the sync did not come to rest in 500 ticks" in said


def test_a_connector_that_only_waits_for_a_far_day_is_idle(lab: LabClient, write: Write) -> None:
    with tiny.running("endless") as connector:
        result = player.result(write(GIVEN + "  - expect: {shelf: {MUG: 10}}\n"), lab, connector.url)

    assert result.held, "\n".join(result.lines())


def test_nobody_at_the_connectors_address_is_told(lab: LabClient, write: Write) -> None:
    line, said = failed(lab, write(GIVEN + "  - sync: once\n"), "http://127.0.0.1:9")

    assert line == 6
    assert "no connector answers at http://127.0.0.1:9" in said


def test_a_job_of_a_backend_that_failed_breaks_the_story(
    lab: LabClient, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: LabClient) -> None:
        raise LabError("failed jobs: keycrm: poll (KeyError: 'x')", status=500, code="job_failed")

    monkeypatch.setattr(LabClient, "settle", failing)

    result = player.result(
        write("title: A job\nbackend: keycrm\ngiven: []\nsteps:\n  - shelf: {MUG: 1}\n  - expect: {shelf: {MUG: 1}}"),
        lab,
    )

    assert not result.held
    assert result.failure is not None
    assert "failed jobs: keycrm: poll" in result.failure.said[0]

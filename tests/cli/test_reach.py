"""A client reaches a sandbox over the network or in its own process: what it is told is the same."""

from __future__ import annotations

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings


@pytest.fixture(params=["network", "process"])
def reached(request: pytest.FixtureRequest, sandbox: Sandbox) -> LabClient:
    return LabClient(sandbox.url, sandbox.token) if request.param == "network" else sandbox.client


def test_a_world_is_made_moved_asked_and_dropped(reached: LabClient) -> None:
    world = reached.make_world()

    world.state("woocommerce", "a product in stock", sku="ČAŠA 1/2", quantity=3)
    world.call("PUT", "/snapshots/before")
    world.do("woocommerce", "adjust stock", sku="ČAŠA 1/2", quantity=9)
    sold = world.fact("woocommerce", "stock")
    world.call("POST", "/snapshots/before/restore")

    assert sold == {"ČAŠA 1/2": 9}
    assert world.fact("woocommerce", "stock") == {"ČAŠA 1/2": 3}
    assert world.call("GET", "/snapshots/before").startswith(b"SQLite format 3")
    assert world.journal(limit=5, bodies=False) == []
    world.drop()
    with pytest.raises(LabError, match="there is no world") as refused:
        world.info()
    assert refused.value.status == 404


def test_the_name_of_a_world_that_is_gone_is_given_to_no_other(reached: LabClient) -> None:
    first = reached.make_world()
    first.drop()
    second = reached.make_world()
    second.drop()

    assert first.url != second.url


def test_what_cannot_be_a_name_is_refused_by_the_sandbox(reached: LabClient) -> None:
    for name in ("a b", "ü", "жук"):
        with pytest.raises(LabError, match="the control API has no PUT /snapshots/"):
            reached.call("PUT", f"/snapshots/{name}")


def test_what_json_does_not_have_is_refused_before_it_is_sent(reached: LabClient) -> None:
    with pytest.raises(LabError, match="NaN"):
        reached.clock(advance=float("inf"))


def test_a_sandbox_in_the_same_process_is_asked_without_the_network(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing_is_sent(*_: object, **__: object) -> None:
        raise AssertionError("this went over the network")

    by_network = LabClient(sandbox.url, sandbox.token).info()
    monkeypatch.setattr(requests.Session, "send", nothing_is_sent)

    assert sandbox.client.info() == by_network


def test_one_that_was_stopped_says_so() -> None:
    with Sandbox(Settings(port=0, sync_port=None)) as sandbox:
        client = sandbox.client
        assert client.info()["url"] == sandbox.url

    with pytest.raises(LabError, match="was stopped"):
        client.info()

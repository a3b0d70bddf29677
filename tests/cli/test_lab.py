"""Commands that drive a running sandbox."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from storelab.cli import app
from storelab.client import LabClient
from storelab.sandbox import Sandbox


def said(*words: str) -> str:
    outcome = CliRunner().invoke(app, list(words))
    assert outcome.exit_code == 0, outcome.output
    return outcome.output.strip()


@pytest.fixture
def here(world: LabClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> LabClient:
    """A fresh world, and a command line that knows the sandbox."""
    monkeypatch.setenv("STORELAB_URL", sandbox.url)
    return world


def name_of(world: LabClient) -> str:
    return world.url.rsplit("/~", 1)[1]


def test_a_world_is_copied(here: LabClient) -> None:
    here.state("woocommerce", "a product in stock", sku="MUG")
    copy = f"{name_of(here)}-copy"

    url = said("world", "make", copy, "--copy-of", name_of(here))
    stock = json.loads(said("fact", "woocommerce", "stock", "--world", copy, "--json"))
    said("world", "drop", copy)

    assert url.endswith(f"/~{copy}")
    assert stock == {"MUG": 12}


def test_what_was_missed_is_sent_again(here: LabClient) -> None:
    here.state("woocommerce", "a webhook", topic="product.updated", delivery_url="http://127.0.0.1:9/")
    here.state("woocommerce", "a product in stock")
    here.do("woocommerce", "adjust stock", sku="MUG", quantity=3)
    here.settle()

    told = said("deliveries", "--redeliver-missed", "--service", "woocommerce", "--world", name_of(here))
    later = said("deliveries", "--redeliver-missed", "--since", "2999-01-01T00:00:00Z", "--world", name_of(here))

    assert (told, later) == ("0 of 1 delivered", "0 of 0 delivered")
    assert [len(d["attempts"]) for d in here.deliveries()] == [2]

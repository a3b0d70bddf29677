"""A connector without the driver API is told what to do, and watched in real time."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.scenarios import player
from storelab.scenarios.driver import NoConnector
from storelab.scenarios.onlooker import Onlooker, teller

from . import tiny
from .conftest import Write

STORY = """
title: A story of a test
backend: keycrm
given:
  - shelf: {MUG: 10}
  - state: {an offer in stock: {sku: MUG, quantity: 10}}
  - connect: {warehouse_id: 1}
steps:
"""


class Outside:
    """A connector that somebody else runs: it does what it is told, after a while of its own."""

    def __init__(self, it: tiny.Tiny, *, slow: float = 0.0) -> None:
        self.it, self.slow, self.told, self.id = it, slow, list[str](), ""

    def tell(self, what: Mapping[str, Any]) -> None:
        self.told.append(str(what["do"]))
        deeds: dict[str, Callable[[], Any]] = {"connect": lambda: self.connect(what), "press": self.push}
        if what["do"] in deeds:
            deeds[str(what["do"])]()

    def connect(self, what: Mapping[str, Any]) -> None:
        _, made = self.it.connect(dict(what))
        self.id = made["id"]
        LabClient(str(what["control"]).removesuffix("/_lab")).do("keycrm", "add webhook", url=made["hooks"]["stock"])

    def push(self) -> None:
        threading.Timer(self.slow, self.it.push, [self.id]).start()


@pytest.fixture
def outside() -> Iterator[Outside]:
    with tiny.running() as it:
        yield Outside(it)


def test_what_is_expected_may_take_its_time(lab: LabClient, write: Write, outside: Outside) -> None:
    outside.slow = 0.6
    steps = """
  - move: {adjust stock: {sku: MUG, quantity: 7}}
  - sync: until idle
  - expect: {status: active, shelf: {MUG: 7}}
  - move: {store: {adjust stock: {sku: MUG, quantity: 3}}}
  - sync: push
  - expect: {received: {MUG: 3}}
"""
    result = player.result(write(STORY + steps), lab, Onlooker(outside.tell, patience=5, quiet=0.2))

    assert result.held, "\n".join(result.lines())
    assert outside.told == ["connect", "press", "disconnect"]


def test_what_does_not_come_to_be_so_is_told_when_patience_is_over(
    lab: LabClient, write: Write, outside: Outside
) -> None:
    outside.it.flaw = "deaf"
    steps = "  - move: {adjust stock: {sku: MUG, quantity: 7}}\n  - wait: {hours: 1}\n  - expect: {shelf: {MUG: 7}}\n"
    began = time.monotonic()

    result = player.result(write(STORY + steps), lab, Onlooker(outside.tell, patience=0.5, quiet=0.1))

    assert not result.held
    assert result.failure is not None
    assert "on the store's shelf MUG is 10, wanted 7" in result.failure.said[0]
    assert result.failure.exchanges
    assert time.monotonic() - began < 20
    assert outside.told == ["connect", "wait", "disconnect"]


def test_a_command_is_told_as_json(tmp_path: Path) -> None:
    script, heard = tmp_path / "told.py", tmp_path / "heard.json"
    script.write_text(f"import sys; open({str(heard)!r}, 'w').write(sys.stdin.read())")

    teller(f"{sys.executable} {script}")({"do": "wait", "seconds": 5})

    assert json.loads(heard.read_text()) == {"do": "wait", "seconds": 5}


def test_a_command_that_fails_is_no_connector() -> None:
    with pytest.raises(NoConnector, match="false answered connect with exit code 1"):
        teller("false")({"do": "connect"})


@pytest.mark.parametrize("command", ["", "/nowhere/at/all"], ids=["none", "not there"])
def test_somebody_has_to_be_there_to_be_told_before_anything_is_played(command: str) -> None:
    with pytest.raises(LabError, match="--tell"):
        teller(command)

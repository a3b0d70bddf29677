"""Once both sides agree, looking at everything again writes nothing: neither into the store nor into the backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.emulators.kernel.lab import found_emulators
from storelab.scenarios import player, story, wire
from storelab.scenarios.driver import Driver
from storelab.scenarios.events import Crossed, Doing, Result

BACKENDS = sorted(found_emulators().keys() - {story.STORE})
SIGNALS = {"health.report"}  # says that the plugin is alive, and changes nothing else
DAY = {"hours": 25}  # in which whatever looks every hour or every night has looked
ROUND = {"spotler": {"hours": 2}}  # looks every five minutes, and at everything every hour


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_second_pass_writes_nothing(backend: str, lab: LabClient) -> None:
    """The story from connect to sync, then everything once more, and what only a button starts; and the same again."""
    whole = story.read(story.HOME / backend / "connect_to_sync.yaml")
    driver = Driver(lab.info()["sync"]["url"])
    buttons = driver.wants(backend).get("buttons", ())
    connected = takewhile(lambda step: (step.word, step.value) != ("connect", "end"), whole.steps)
    once = [
        ("wait", ROUND.get(backend, DAY)),
        ("sync", "until idle"),
        *([("sync", "push")] if "push" in buttons else []),
    ]
    passes = [story.Step(word, value, (), n) for n, (word, value) in enumerate([*once, *once], 1001)]
    second = passes[len(passes) // 2].line

    seen: list[Mapping[str, Any]] = []
    line = 0
    for event in player.play(replace(whole, steps=(*connected, *passes)), lab, driver):
        if isinstance(event, Doing):
            line = event.line
        elif isinstance(event, Crossed) and second <= line:
            seen += event.exchanges
        elif isinstance(event, Result):
            assert event.held, "\n".join(event.lines())

    assert any(exchange["service"] == story.STORE for exchange in seen), "nobody has looked"
    assert [wire.shown(e) for e in seen if wire.writes(e) and e["operation"] not in SIGNALS] == []

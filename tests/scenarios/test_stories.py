"""Every story holds with the reference sync. A story is a test by being found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from storelab.client import LabClient
from storelab.scenarios import player, story
from storelab.scenarios.events import Crossed

from . import tiny

EVERY = story.stories()


@pytest.mark.parametrize("path", EVERY, ids=[p.relative_to(story.HOME).with_suffix("").as_posix() for p in EVERY])
def test_the_story_holds(path: Path, lab: LabClient) -> None:
    result = player.result(path, lab)

    assert result.held, "\n".join(result.lines())


def test_every_title_is_told_once() -> None:
    titles = [story.read(path).title for path in EVERY]

    assert sorted(titles) == sorted(set(titles))


def test_a_story_lies_in_the_folder_of_its_backend() -> None:
    astray = [path for path in EVERY if story.read(path).backend not in path.parts]

    assert astray == []


def test_no_story_holds_with_a_connector_that_does_nothing_but_those_of_the_key(lab: LabClient) -> None:
    with tiny.running("dead") as connector:
        held = [result.story for path in EVERY if (result := player.result(path, lab, connector.url)).held]

    assert held == ["keycrm/key_check_sends_only_the_key", "keycrm/wrong_key"]


@pytest.mark.parametrize("name", ["keycrm/connect_to_sync", "keycrm/answer_of_store_lost", "keycrm/webhook_late"])
def test_the_same_story_played_twice_crosses_the_wire_in_the_same_way(name: str, lab: LabClient) -> None:
    first, second = crossed(name, lab), crossed(name, lab)

    assert first
    assert first == second


def crossed(name: str, lab: LabClient) -> list[Any]:
    """Everything that crossed the wire, without what names a world or a connection, or signs a request."""
    events = list(player.play(story.HOME / f"{name}.yaml", lab))
    exchanges = [exchange for event in events if isinstance(event, Crossed) for exchange in event.exchanges]
    return [told(exchange) for exchange in exchanges]


def told(exchange: Any) -> Any:
    kept = {k: exchange[k] for k in ("number", "at", "direction", "service", "operation", "method", "status", "fault")}
    bodies = [exchange[side]["body"] for side in ("request", "response")]
    url = re.sub(r"oauth_(nonce|signature|timestamp)=[^&]*", "", exchange["url"])
    return [kept, *(re.sub(r"con_[0-9a-f]+|/~story-[\w-]+", "", text) for text in (url, *bodies))]

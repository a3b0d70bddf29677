"""The reference sync survives what was reported from the field; and the stories ask nothing else of a connector."""

from __future__ import annotations

import pytest
import yaml

from storelab.client import LabClient
from storelab.failures import catalogue
from storelab.openapi import __path__ as documents
from storelab.scenarios import player
from storelab.scenarios.story import Story

from ..scenarios import tiny

EVERY = catalogue()
IDS = [story.path.stem for story in EVERY]


@pytest.mark.parametrize("failure", EVERY, ids=IDS)
def test_the_reference_sync_survives_it(failure: Story, lab: LabClient, secure_lab: LabClient) -> None:
    result = player.result(failure, secure_lab if failure.needs == "https" else lab)

    assert result.held, "\n".join(result.lines())


def test_each_is_told_with_its_report_and_what_must_hold() -> None:
    assert [s.path.stem for s in EVERY if not (s.report and s.about)] == []
    assert len({s.title for s in EVERY}) == len(EVERY)
    assert [f"F{number:02}" for number in range(1, 53)] == IDS


def test_of_the_connectors_answers_they_read_only_what_the_driver_api_promises() -> None:
    with open(f"{next(iter(documents))}/connector.yaml", encoding="utf-8") as file:
        schemas = yaml.safe_load(file)["components"]["schemas"]
    words = set(schemas["Outline"]["properties"]["status"]["enum"])

    asked = [s.value["status"] for story in EVERY for s in story.steps if s.word == "expect" and "status" in s.value]

    assert asked
    assert {status for status in asked if not isinstance(status, str) or status not in words} == set()


def test_no_connector_survives_by_doing_nothing(lab: LabClient) -> None:
    plain = [story for story in EVERY if not story.needs]
    with tiny.running("dead") as connector:
        held = [story.path.stem for story in plain if player.result(story, lab, connector.url).held]

    assert held == []

"""A story may kill the sync: at a point of its work, from which it goes on with what stands in its ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from storelab.client import LabClient
from storelab.scenarios.events import Result
from storelab.scenarios.mortal import Mortal, MortalDriver
from storelab.scenarios.player import result
from storelab.scenarios.source import BadStory
from storelab.sync import acting

from .conftest import Write

STORY = """
title: A push is carried although the sync is killed
backend: keycrm
given:
  - shelf: {{MUG: 10}}
  - state: {{an offer in stock: {{sku: MUG, quantity: 10}}}}
  - connect: {{warehouse_id: 1}}
  - sync: until idle
steps:
  - move: {{store: {{place order: {{lines: {{MUG: 2}}}}}}}}
  - fault: {fault}
  - sync: push
  - sync: until idle
  - sync: until idle
  - expect: {{shelf: {{MUG: 8}}, received: {{MUG: 8}}}}
"""


class Watched(Mortal):
    """Remembers the points that it passed since it was to die."""

    def __init__(self, folder: Path) -> None:
        self.passed: list[str] = []
        super().__init__(folder)

    def _point(self, where: str) -> None:
        if self._left:
            self.passed.append(where)
        super()._point(where)


def test_killed_in_the_midst_it_goes_on_and_a_defect_there_is_found(
    lab: LabClient, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Watched(tmp_path) as sync:

        def killed(skip: int) -> Result:
            sync.passed.clear()
            return result(
                write(STORY.format(fault=f"{{kind: killed, service: sync, skip: {skip}}}")), lab, MortalDriver(sync)
            )

        never = killed(1000)
        points = [*sync.passed]
        put = next(number for number, point in enumerate(points) if point.startswith("before PUT"))

        for skip in (0, put, put + 1, len(points) - 1):
            told = killed(skip)
            assert (told.failure, sync.where.split("/")[0]) == (None, points[skip].split("/")[0])
            assert sync.passed[-1] == sync.where

        monkeypatch.setattr(acting, "was_taken", lambda *asked: True)  # the planted defect: what was sent has arrived
        wrong = killed(put)

    assert never.failure is not None
    assert "never killed" in never.failure.said[0]
    assert never.failure.text.startswith("fault kind: killed")
    assert wrong.failure is not None
    assert wrong.failure.text.startswith("expect")


def test_without_a_connector_the_story_has_a_sync_of_its_own(lab: LabClient, write: Write) -> None:
    assert result(write(STORY.format(fault="{kind: killed, service: sync, skip: 3}")), lab).held


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{kind: killed, service: sync}", "only storelab's own sync can be killed"),
        ("{kind: reset, service: sync}", "the sync has no fault 'reset'. Possible: killed"),
        ("{kind: killed, service: sync, times: 2}", "a fault of the sync has no 'times'"),
        ("{kind: killed, service: sync, skip: -1}", "skip is -1"),
        ("{kind: killed}", "write {kind: killed, service: sync}"),
    ],
)
def test_what_cannot_be_killed_is_told_before_anything_is_played(
    fault: str, said: str, lab: LabClient, write: Write
) -> None:
    with pytest.raises(BadStory) as refused:
        result(write(STORY.format(fault=fault)), lab, str(lab.info()["sync"]["url"]))

    assert "story.yaml:10:" in refused.value.message
    assert said in refused.value.message

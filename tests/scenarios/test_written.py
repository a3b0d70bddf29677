"""What is written down as a story reads as it was."""

from __future__ import annotations

from typing import Any

import pytest

from storelab.scenarios import story
from storelab.scenarios.writing import written

from .conftest import Write


@pytest.mark.parametrize(
    "steps",
    [
        [{"connect": None}, {"sync": "until idle"}],
        [{"move": {"store": {"place order": {"lines": {"0012": 2, "on": 1}}}}}, {"wait": {"minutes": 5}}],
        [{"expect": {"calls": {"keycrm": {"429": 1}}, "sent": {"keycrm": ["?filter[sku]"]}, "shelf": {}}}],
    ],
)
def test_a_story_that_is_written_down_reads_as_it_was(steps: list[dict[str, Any]], write: Write) -> None:
    text = written("A title: with a colon", "keycrm", steps, about="Ünïcode, too", given=[{"shelf": {"MUG": 1}}])

    read = story.read(write(text))

    assert read.title == "A title: with a colon"
    assert [{step.word: step.value} for step in read.steps] == [{"shelf": {"MUG": 1}}, *steps]

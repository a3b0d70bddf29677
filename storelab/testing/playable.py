"""A story as a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storelab.emulators.kernel.errors import LabError
from storelab.scenarios import player
from storelab.scenarios.story import Story

if TYPE_CHECKING:
    from .laboratory import Laboratory


@dataclass(frozen=True)
class Playable:
    """A story, and the connector that it is played with: an address, or the reference sync where there is none."""

    story: Story
    laboratory: Laboratory
    connector: str = ""

    @property
    def title(self) -> str:
        return self.story.title

    def play(self, connector: str = "") -> None:
        """In a world of its own; `AssertionError` with the reasons and what crossed the wire when it does not hold."""
        __tracebackhide__ = True
        if self.story.needs == "https" and not self.laboratory.client.url.startswith("https:"):
            raise LabError(
                f"{self.story.name} is told on a sandbox that speaks https: start one with `storelab up --tls`, "
                "and name it with --storelab-url"
            )
        driver = self.laboratory.driver(connector or self.connector)
        result = player.result(self.story, self.laboratory.client, driver)
        if not result.held:
            raise AssertionError("\n".join(result.lines()))

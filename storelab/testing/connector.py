"""A connector under test, or the reference sync: connected to a backend, driven step by step, asked how it stands.

The words are those of stories (`connect`, `sync`), and so is what they do; nothing here looks inside the connector.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from storelab.emulators.kernel.errors import LabError
from storelab.scenarios.driver import Driver
from storelab.scenarios.merchant import Browser
from storelab.scenarios.scene import Broken, Scene
from storelab.scenarios.source import Source
from storelab.scenarios.story import Step, Story
from storelab.scenarios.vocabulary import Vocabulary

if TYPE_CHECKING:
    from .world import World


class Connector:
    """A connector in one world. Errors: `LabError` when it refuses, `AssertionError` when it never comes to rest."""

    def __init__(self, world: World, driver: Driver) -> None:
        self._world, self._driver = world, driver
        self._scene: Scene | None = None

    def connect(self, backend: str, **entered: Any) -> dict[str, Any]:
        """What a merchant enters and presses: this world's addresses and keys, unless `entered` names others; the rest
        are settings (`warehouse_id=1`). Answers the status."""
        if self._scene is not None and self._scene.story.backend != backend:
            raise LabError(
                f"this connector is connected to {self._scene.story.backend}; another backend, another world"
            )
        if self._scene is None:
            self._world.service(backend)
            self._scene = self._began(backend)
        self._act("connect", entered)
        return self.status

    def confirm(self) -> dict[str, Any]:
        """The merchant confirms what connect began."""
        self._act("connect", "confirm")
        return self.status

    def approve(self) -> dict[str, Any]:
        """The merchant lets the app have its key, on the store's page to which `connect(handoff=True)` led."""
        self._act("connect", "approve")
        return self.status

    def deny(self) -> dict[str, Any]:
        """The merchant does not."""
        self._act("connect", "deny")
        return self.status

    def run(self, how: str = "until idle") -> dict[str, Any]:
        """`until idle`, moving the world's clock where it waits; `once`; `push`, `cron`, or a button of the connector.
        What it set off is delivered. Answers the status."""
        self._act("sync", how)
        return self.status

    @property
    def status(self) -> dict[str, Any]:
        """What the connector says of the connection; empty when there is none."""
        return self._scene.status() if self._scene else {}

    def disconnect(self) -> None:
        """End the connection, from the store's side."""
        self._act("connect", "end")

    def close(self) -> None:
        """The connector forgets this world."""
        if self._scene is not None:
            self._scene.leave()
        self._driver.close()

    def _began(self, backend: str) -> Scene:
        client = self._world.client
        story = Story(self._world.name, backend, (), Source(Path(self._world.name), {}, {}))
        words = Vocabulary(client, self._driver)
        return Scene(story, client, self._driver, words, self._world.clock.now, browser=Browser(client.verify))

    def _act(self, word: str, value: Any) -> None:
        __tracebackhide__ = True
        scene = self._scene
        if scene is None:
            raise LabError(f"nothing is connected yet: call connect(backend) before {value}")
        try:
            scene.settle()
            scene.read_clock(self._world.client.clock())
            scene.act(Step(word, value, (), 0))
            scene.settle()
        except Broken as broken:
            raise AssertionError("; ".join(broken.said)) from None
        self._world.changed()
        if scene.refusal is not None:
            (_, why), scene.refusal = scene.refusal, None
            said = value if isinstance(value, str) else scene.story.backend  # never what was entered: keys are in it
            raise LabError(f"{word} {said} was refused: {why}", code="refused")

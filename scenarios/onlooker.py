"""Plays a story with a connector that has no driver API: somebody is told what to do, and then it is watched.

The connector runs by itself, in real time, and the world's clock runs with it. Where a story connects, presses a button
or lets an hour pass, whoever looks after the connector is told so (a command, or a person at a terminal). Where the
story waits until the sync is idle, it waits until nothing has crossed the wire for a moment; and what it expects may
take its time. What the connector would say of itself (`status`, `refused`) is not judged.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from storelab.emulators.kernel.errors import LabError

from .driver import Driver, NoConnector
from .expect import check_expected
from .scene import Broken, Scene
from .story import Step

Tell = Callable[[Mapping[str, Any]], None]
OWN_WORDS = ("status", "refused")  # what only the connector itself could say
QUIET = 1.5  # seconds of real time without an exchange, and a connector is taken for idle
PATIENCE = 30.0  # seconds of real time that anything may take
GLANCE = 0.1  # seconds between two looks


class Onlooker(Driver):
    """In the place of a driver. `tell` passes on what is to be done: {"do": "connect", ...}."""

    def __init__(self, tell: Tell, *, patience: float = PATIENCE, quiet: float = QUIET) -> None:
        super().__init__("")
        self.tell, self.patience, self.quiet = tell, patience, quiet

    def connect(self, wanted: Mapping[str, Any], now: datetime | None) -> dict[str, Any]:
        world = str(wanted["store"]["url"]).rsplit("/", 1)[0]
        self.tell({"do": "connect", **wanted, "control": f"{world}/_lab"})
        return {"id": "observed"}

    def confirm(self, connection: str, now: datetime | None) -> dict[str, Any]:
        self.tell({"do": "confirm"})
        return {}

    def disconnect(self, connection: str) -> dict[str, Any]:
        self.tell({"do": "disconnect"})
        return {}

    def tick(self, connection: str, now: datetime | None) -> dict[str, Any]:
        return {"did": [], "next_at": None, "idle": True}

    def push(self, connection: str, now: datetime | None) -> dict[str, Any]:
        return self.start(connection, "push", now)

    def start(self, connection: str, button: str, now: datetime | None) -> dict[str, Any]:
        self.tell({"do": "press", "button": button})
        return {}

    def call_hook(self, url: str) -> None:
        self.tell({"do": "press", "button": "cron"})

    def wants(self, backend: str) -> dict[str, Any]:
        return {}

    def backends(self) -> list[str]:
        return []

    def status(self, connection: str) -> dict[str, Any]:
        return {"hooks": {"push": "told"}}

    # -- watching

    def watched(self, scene: Scene, step: Step) -> None:
        """What the story expects comes to be so in time; `Broken` when it does not."""
        judged = {name: wanted for name, wanted in step.value.items() if name not in OWN_WORDS}
        end = time.monotonic() + self.patience
        while judged:
            scene.look(given=step.given)
            try:
                check_expected(scene, replace(step, value={**judged}))
            except Broken:
                if time.monotonic() > end:
                    raise
                scene.settle()
                time.sleep(GLANCE)
            else:
                return

    def followed(self, scene: Scene, step: Step) -> None:
        """The connector does what comes of this step by itself."""
        if step.word == "wait":
            self.tell({"do": "wait", "seconds": timedelta(**step.value).total_seconds()})
        if step.word in ("sync", "wait"):
            self.rested(scene, step)

    def rested(self, scene: Scene, step: Step) -> None:
        """Until nothing has crossed the wire for a moment."""
        end, still = time.monotonic() + self.patience, time.monotonic()
        while time.monotonic() - still < self.quiet and time.monotonic() < end:
            scene.settle()
            if scene.look(given=step.given):
                still = time.monotonic()
            time.sleep(GLANCE)


def teller(command: str) -> Tell:
    """Runs the command for everything that is to be done, with it as JSON on standard input. Without a command, a
    person at the terminal is asked; `LabError` where there is none, or no such program."""
    if command:
        words = shlex.split(command)
        if not words or shutil.which(words[0]) is None:
            raise LabError(f"--tell {command}: that is no program that can be run here (a file has to be executable)")
        return lambda what: _run(words, what)
    if not sys.stdin.isatty():
        raise LabError("to observe a connector somebody has to tell it what to do: name a command with --tell")
    return _ask


def _run(command: list[str], what: Mapping[str, Any]) -> None:
    try:
        done = subprocess.run(command, input=json.dumps(what), text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as bad:
        raise NoConnector(f"{command[0]} could not be told to {what['do']}: {type(bad).__name__}") from None
    if done.returncode:
        raise NoConnector(f"{command[0]} answered {what['do']} with exit code {done.returncode}")


def _ask(what: Mapping[str, Any]) -> None:
    print(
        f"\nPlease {what['do']}:", json.dumps({k: v for k, v in what.items() if k != "do"}, indent=2), file=sys.stderr
    )
    print("Press Enter when it is done.", file=sys.stderr, flush=True)
    input()

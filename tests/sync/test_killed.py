"""kill -9 for real: a sync in a process of its own dies at a point of its work and another goes on from its ledger.

Four points of a whole life are tried; with STORELAB_LONG=1 every one of them.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox

from .drive import Drive, live, lived_once

LONG = bool(os.environ.get("STORELAB_LONG"))
ROOT = Path(__file__).parents[2]


class Cradle:
    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "tests.sync.cradle"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
        )

    def sync(self, folder: Path, kill_at: int) -> int:
        """The process of a new one on the ledger of this folder."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        told = {
            "ledger": f"sqlite:///{folder}/ledger.db",
            "port": self.port,
            "kill_at": kill_at,
            "points": str(folder / "points"),
        }
        self.process.stdin.write(json.dumps(told) + "\n")
        self.process.stdin.flush()
        return int(json.loads(self.process.stdout.readline())["pid"])


@pytest.fixture(scope="module")
def cradle() -> Iterator[Cradle]:
    made = Cradle()
    yield made
    assert made.process.stdin is not None
    made.process.stdin.close()
    made.process.wait(10)


class Phoenix(Drive):
    """Whoever drives it finds nobody there, has it started again, and asks once more."""

    def __init__(self, world: LabClient, cradle: Cradle, folder: Path, kill_at: int) -> None:
        super().__init__(world, cradle.url, first_sync="store", batch=1)
        self.cradle, self.folder, self.deaths = cradle, folder, 0
        self.process = cradle.sync(folder, kill_at)

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        try:
            return super().call(method, path, body)
        except requests.ConnectionError:
            self.deaths += 1
            self.world.settle()
            self.process = self.cradle.sync(self.folder, 0)
            return super().call(method, path, body)


def life(sandbox: Sandbox, cradle: Cradle, folder: Path, kill_at: int) -> list[str]:
    """Connect, a first sync, a delivery there with a sale here, a push: all of it once, whenever it died."""
    folder.mkdir()
    world = sandbox.client.make_world()
    hand = Phoenix(world, cradle, folder, kill_at)
    live(hand)

    points = (folder / "points").read_text().splitlines()
    told = f"killed at point {kill_at}, {points[kill_at - 1]!r}"
    assert hand.deaths == (1 if kill_at else 0), told
    lived_once(hand, told)
    connections = hand.call("GET", "/connections").json()
    assert [one["status"] for one in connections] == ["active"], told
    world.drop()
    return points


def test_killed_for_real_it_goes_on_from_its_ledger(sandbox: Sandbox, cradle: Cradle, tmp_path: Path) -> None:
    points = life(sandbox, cradle, tmp_path / "0", 0)

    last = len(points) - 1  # the last of all belongs to the push that finds nothing to do
    for kill_at in range(1, last) if LONG else (2, last // 3, last // 2, last - 4):
        life(sandbox, cradle, tmp_path / str(kill_at), kill_at)

    assert last > 40
    print(f"killed at {last - 1} of {last} points" if LONG else "")

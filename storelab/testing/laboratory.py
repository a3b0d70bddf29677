"""The sandbox of a test run, and the worlds that are made in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .world import World

if TYPE_CHECKING:
    from storelab.sandbox import Sandbox
    from storelab.scenarios.driver import Driver
    from storelab.sync.service import Server as SyncServer

SEED = "storelab"
Prepare = Callable[[World], object]
"""Sets the scene of a world, once for all that begin with it."""


class Laboratory:
    """A sandbox of its own in this process, on any free port of loopback; or, with `url`, one that runs already."""

    def __init__(self, url: str = "", token: str = "") -> None:
        self.sandbox: Sandbox | None = None
        if url:
            self.client = LabClient(url, token)
        else:
            from storelab.sandbox import Sandbox, Settings

            self.sandbox = Sandbox(Settings(port=0, sync_port=None)).start()
            self.client = self.sandbox.client
        self._prepared: dict[tuple[Prepare, str], World] = {}
        self._sync: SyncServer | None = None

    def world(self, *, seed: str = SEED, snapshot: Prepare | Path | str | None = None) -> World:
        """A fresh world. The same seed and the same calls give the same ids and keys.

        It begins with `snapshot`: what a function has prepared (called once for all worlds with this seed), a file
        that was exported, or the name of a snapshot of the sandbox's first world.
        """
        if callable(snapshot):
            return self._made(seed, copy_of=self._as_prepared(snapshot, seed).name)
        image = None if snapshot is None else self._image(snapshot)
        world = self._made(seed)
        if image is not None:
            world.client.call("PUT", "/snapshots/beginning", image)
            world.restore("beginning")
        return world

    def _made(self, seed: str, copy_of: str = "") -> World:
        info = self.client.call("POST", "/worlds", {"seed": seed, **({"copy_of": copy_of} if copy_of else {})})
        return World(self, self.client.beside(info["url"].rpartition("/~")[2]), info, seed)

    def _as_prepared(self, prepare: Prepare, seed: str) -> World:
        key = (prepare, seed)
        if key not in self._prepared:
            world = self._made(seed)
            try:
                prepare(world)
                world.settle()
            except BaseException:
                world.drop()
                raise
            self._prepared[key] = world
        return self._prepared[key]

    def _image(self, snapshot: Path | str) -> bytes:
        path = Path(snapshot)
        if path.is_file():
            return path.read_bytes()
        try:
            image: bytes = self.client.call("GET", f"/snapshots/{snapshot}")
        except LabError as bad:
            raise LabError(
                f"there is no snapshot {str(snapshot)!r}: no file of that name, and the sandbox says: {bad.message}"
            ) from None
        return image

    def driver(self, connector: str = "") -> Driver:
        """Speaks to the connector whose driver API is at this address; to the reference sync where there is none, which
        is started when it is first wanted."""
        from storelab.scenarios.driver import Driver

        if connector:
            return Driver(connector)
        if self.sandbox is None and (running := self.client.info().get("sync")):
            return Driver(running["url"], token=self.client.info()["control"]["token"])
        if self._sync is None:
            from storelab.sync.service import Server as SyncServer

            self._sync = SyncServer(port=0, live=True).start()
        return Driver(self._sync.url)

    def close(self) -> None:
        """Drop what was prepared, and stop the sandbox if it is ours."""
        if self._sync is not None:
            self._sync.stop()
        for world in self._prepared.values():
            world.drop()
        self._prepared.clear()
        if self.sandbox is not None:
            self.sandbox.stop()

    def __enter__(self) -> Laboratory:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

"""The laboratory: the services, and the worlds they live in."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from .clock import real_time
from .databases import Databases, Image, checked_name
from .emulator import Emulator
from .errors import LabError
from .following import Follower
from .journal import MOST
from .service import Service
from .services import Services
from .spelling import meant
from .world import World

DEFAULT = "default"
MOST_WORLDS = 2_000
_TEMPLATE = "lab-template-"


def found_emulators() -> dict[str, Emulator]:
    """Every vendor, found by the name of its folder: the store first, then the backends in order."""
    import storelab.emulators as home

    names = sorted(
        m.name for m in pkgutil.iter_modules(home.__path__) if m.ispkg and m.name not in ("kernel", "console")
    )
    names.sort(key=lambda name: name != "woocommerce")
    emulators = {}
    for name in names:
        module = importlib.import_module(f"{home.__name__}.{name}")
        if emulator := getattr(module, "EMULATOR", None):
            emulators[name] = emulator
    return emulators


class Lab:
    """All worlds of one server. `base_url` is the server's own address, without a slash at the end."""

    def __init__(
        self,
        emulators: Mapping[str, Emulator],
        databases: Databases,
        *,
        seed: str = "storelab",
        base_url: str = "http://127.0.0.1:8700",
        check: bool = False,
        documents: Mapping[str, dict[str, Any]] | None = None,
        now: Any = real_time,
        journal: int = MOST,
        follow: Callable[[World], Follower] | None = None,
    ) -> None:
        """`journal` is how many exchanges each world keeps; `follow` makes whoever follows what happens in it."""
        self.seed, self.base_url, self._databases, self._now = seed, base_url, databases, now
        self._check, self._journal, self._follow = check, journal, follow
        self.vocabulary = Services(emulators)
        self.services = {
            name: Service(emulator, check=check, document=(documents or {}).get(name))
            for name, emulator in emulators.items()
        }
        self._tables = self.vocabulary.tables
        self._images: dict[str, Image] = {}
        self._worlds: dict[str, World] = {}
        self.dropped: list[Callable[[str], None]] = []  # told the name of each world that is gone
        self._copies: dict[str, set[str]] = {}  # worlds that moves made, by the world they were made from
        for name in [DEFAULT, *(n for n in databases.names() if n != DEFAULT and not n.startswith(_TEMPLATE))]:
            self._open(name, seed)

    def _open(self, name: str, seed: str) -> World:
        world = World(
            name,
            self.vocabulary,
            self._databases,
            seed=seed,
            base_url=self.base_url if name == DEFAULT else f"{self.base_url}/~{name}",
            tables=self._tables,
            fresh=self._fresh,
            copier=self._copied_by_move,
            now=self._now,
            check=self._check,
            journal=self._journal,
        )
        if self._follow is not None:
            world.follower = self._follow(world)
            world.journal.watchers.append(world.follower.told)
        self._worlds[name] = world
        return world

    def _fresh(self, world: World) -> Image:
        """The state of a new world. Made once for a seed: what is fresh does not depend on the world's name."""
        if world.seed not in self._images:
            from .databases import SqliteDatabases
            from .postgres import PostgresDatabases

            scratch: Databases = (
                self._databases if isinstance(self._databases, PostgresDatabases) else SqliteDatabases(None)
            )
            name = f"{_TEMPLATE}{os.getpid()}"  # of its own where several servers share a database
            scratch.drop(name)  # left behind by a crash
            template = World(
                name,
                self.vocabulary,
                scratch,
                seed=world.seed,
                base_url=self.base_url,
                tables=self._tables,
                now=self._now,
            )
            self._images[world.seed] = template.image()
            template.close()
            scratch.drop(name)
        return self._images[world.seed]

    def world(self, name: str = "") -> World:
        """The world of this name; the default one for no name."""
        try:
            return self._worlds[name or DEFAULT]
        except KeyError:
            raise LabError(
                f"there is no world {name!r}.{meant(name, self._worlds)} `storelab world make {name}` or "
                "POST /_lab/worlds makes one",
                status=404,
                code="unknown_world",
            ) from None

    def make(self, name: str, *, seed: str | None = None) -> World:
        self._refuse_taken(name)
        return self._open(name, seed or self.seed)

    def aside(self, image: Image, like: World) -> World:
        """A world beside all others, with what an image of another has, for whoever wants to look at it in a thread of
        their own: nothing is delivered from it, and nobody can ask for it. To be closed after use. Not for databases
        that several servers share."""
        from .databases import SqliteDatabases

        return World(
            like.name,
            self.vocabulary,
            SqliteDatabases(None),
            seed=like.seed,
            base_url=like.base_url,
            tables=self._tables,
            fresh=lambda world: image,
            now=self._now,
        )

    def copy(self, source: World, name: str, *, seed: str | None = None) -> World:
        """A new world with all that is in the source: state, clock and what waits to be delivered, which is now
        delivered twice. Faults and the journal are not copied, and what is drawn by chance differs from here on."""
        self._refuse_taken(name)
        image = source.image()
        made = self._open(name, source.seed)
        made.seed = seed or f"{source.seed}@{name}"
        made.become(image)
        return made

    def _copied_by_move(self, source: World, name: str) -> World:
        """One service was copied, not its partners: what they do by themselves they go on doing in the source only."""
        mine = self._copies.setdefault(source.name, set())
        if name not in mine or name not in self._worlds:
            made = self.copy(source, name)
            mine.add(name)
        else:
            made = self._worlds[name]
            made.journal.clear()
            made.become(source.image())
        made.worker.drop_all()
        return made

    def _refuse_taken(self, name: str) -> None:
        checked_name(name, "world")
        if name in self._worlds:
            raise LabError(f"there is a world {name!r} already", status=409, code="world_exists")
        if len(self._worlds) >= MOST_WORLDS:
            raise LabError(
                f"there are {MOST_WORLDS} worlds, which is the limit; drop some", status=409, code="too_many"
            )

    def drop(self, name: str) -> None:
        if name == DEFAULT:
            raise LabError("the default world cannot be dropped; reset it", status=409, code="default_world")
        self.world(name).close()
        del self._worlds[name]
        self._databases.drop(name)
        for tell in self.dropped:
            tell(name)
        for others in self._copies.values():
            others.discard(name)
        for copy in self._copies.pop(name, set()):
            if copy in self._worlds:
                self.drop(copy)

    def names(self) -> list[str]:
        return list(self._worlds)

    def __contains__(self, world: World) -> bool:
        """Whether this very world is still there."""
        return self._worlds.get(world.name) is world

    def wake(self) -> None:
        for world in self._worlds.values():
            world.postman.wake()

    def close(self) -> None:
        for world in self._worlds.values():
            world.close()

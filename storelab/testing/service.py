"""One service of a world: its address, its keys, and every word of its vocabulary as a method."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from storelab.emulators.kernel.errors import LabError

if TYPE_CHECKING:
    from .world import World

KINDS = {"moves": "move", "states": "state", "facts": "fact"}


def spoken(words: str) -> str:
    """How Python says it: "adjust stock" is `adjust_stock`, "run WP-Cron" is `run_wp_cron`."""
    return re.sub(r"\W+", "_", words).strip("_").lower()


@dataclass(frozen=True)
class Word:
    """A state, a move or a fact of a service, ready to be said. Its arguments may be given in their order or by name.

    Errors: `LabError` in the sandbox's own words, when it cannot be said now or an argument does not fit.
    """

    service: str
    kind: str  # move, state or fact
    words: str
    about: str
    arguments: Mapping[str, Any]  # by name, with their defaults
    required: tuple[str, ...]
    say: Callable[[str, str, Mapping[str, Any]], Any]

    def __call__(self, *values: Any, **arguments: Any) -> Any:
        names = list(self.arguments)
        if len(values) > len(names):
            raise LabError(f"{self.usage} takes {len(names)} arguments, {len(values)} were given")
        given = dict(zip(names, values, strict=False))
        if twice := given.keys() & arguments.keys():
            raise LabError(f"{self.usage} was given {', '.join(sorted(twice))} twice")
        return self.say(self.kind, self.words, {**given, **arguments})

    @property
    def usage(self) -> str:
        """As it is written in a test: `keycrm.adjust_stock(sku, quantity, warehouse='')`."""
        shown = [name if name in self.required else f"{name}={value!r}" for name, value in self.arguments.items()]
        return f"{self.service}.{spoken(self.words)}({', '.join(shown)})"

    def __repr__(self) -> str:
        return f"<{self.kind} {self.usage}: {self.about}>"


class Service:
    """A service of one world.

    `url` and the keys (`keycrm.api_key`, `woo.consumer_key`) are what a connector is told; moves, states and facts are
    methods: `keycrm.adjust_stock(sku="MUG", quantity=7)`, `keycrm.an_offer_in_stock(sku="MUG")`, `keycrm.stock()`.
    `dir()` lists them.
    """

    def __init__(self, name: str, world: World) -> None:
        self.name, self._world = name, world

    @property
    def url(self) -> str:
        """The address without a slash at the end."""
        return str(self._told["url"])

    @property
    def credentials(self) -> dict[str, Any]:
        """Everything but the address that a client of this service needs, as it is now."""
        return {name: value for name, value in self._told.items() if name != "url"}

    @cached_property
    def words(self) -> dict[str, Word]:
        """The vocabulary, by the name of the method."""
        known = self._world.laboratory.client.vocabulary[self.name]
        return {
            spoken(words): Word(
                service=self.name,
                kind=kind,
                words=words,
                about=described["about"],
                arguments=described["arguments"],
                required=tuple(described["required"]),
                say=self._say,
            )
            for section, kind in KINDS.items()
            for words, described in known[section].items()
        }

    def do(self, move: str, **arguments: Any) -> Any:
        """A move by its words: `keycrm.do("adjust stock", sku="MUG", quantity=7)`."""
        return self._say("move", move, arguments)

    def state(self, state: str, **arguments: Any) -> Any:
        """Set a named situation; answers what it made."""
        return self._say("state", state, arguments)

    def fact(self, fact: str, **arguments: Any) -> Any:
        """What the vendor now believes."""
        return self._say("fact", fact, arguments)

    def fault(self, kind: str, **how: Any) -> int:
        """Something goes wrong with this service: `keycrm.fault("status", status=429, times=2)`. Answers its number."""
        return self._world.faults.add(kind, service=self.name, **how)

    @property
    def _told(self) -> Mapping[str, Any]:
        info = self._world.info
        told: Mapping[str, Any] = info["store"] if self.name == "woocommerce" else info["backends"][self.name]
        return told

    def _say(self, kind: str, words: str, arguments: Mapping[str, Any]) -> Any:
        said = self._world.client.call(
            "POST", f"/services/{self.name}/{kind}s", {"name": words, "arguments": dict(arguments)}
        )
        if kind != "fact":
            self._world.changed()
        return said["result"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        words = self.words
        if name in words:
            return words[name]
        if name in self._told:
            return self._told[name]
        from storelab.emulators.kernel.spelling import unknown

        raise AttributeError(unknown(f"{self.name} has no", name, [*self._told, *sorted(words)]))

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._told, *self.words})

    def __repr__(self) -> str:
        return f"<{self.name} at {self.url}>"

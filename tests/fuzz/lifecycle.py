"""A connection's life, lived step by step in the words of the stories, and kept as a story when it goes wrong."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis.strategies import SearchStrategy

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.scenarios import wire
from storelab.scenarios.merchant import Browser
from storelab.scenarios.mortal import Mortal, MortalDriver
from storelab.scenarios.player import BEGINNING
from storelab.scenarios.scene import Scene
from storelab.scenarios.source import Source
from storelab.scenarios.story import STORE, Step, Story
from storelab.scenarios.vocabulary import KILLED, SYNC as CONNECTOR, Vocabulary
from storelab.scenarios.writing import written

SKUS = ("MUG", "CAP", "SHIRT-S")
APART = ("", "connecting", "disconnected")  # what a connection is while the two sides are not joined
SYNC = "storelab-sync"  # how the reference sync calls itself
Said = dict[str, Any]
"""One step of a story: {"move": {"receive": {"sku": "MUG", "quantity": 5}}}."""


@dataclass(frozen=True)
class Move:
    """What somebody does. `counts`: how many pieces more of a SKU there are because of it, asked before it is done."""

    value: Any
    counts: Callable[[Life], Mapping[str, float]] = lambda life: {}


@dataclass(frozen=True)
class Agreement:
    """One thing that has to be so when nothing goes wrong any more: what is found where, and what should be. `told`
    is how a story expects it."""

    found: Any
    wanted: Any
    told: Said


@dataclass(frozen=True)
class Backend:
    """What a backend brings to a life: its links, its moves, and what has to agree in the end.

    `given` sets the scene (pieces by SKU in the backend; in the store there are `ours` more). `chosen` are settings of
    a connection. `connect`: what the merchant and the vendor do until everything is connected; `mend`: what they do
    once everything works again, to let in who was thrown out. `moves` are everybody's in the backend, `breaks` are
    series of them that end the connection or hold it up. `worker`: who calls the store for the backend, and may do so
    only while `consents`; `sales` are the store's orders that are its own. `counted_in_shop`: what is counted in the
    shop is not written over. `adds_up`: what one side takes and brings is what both have in the end, from `owed` on;
    `counts_below_zero`, also where more was sold than there was. `forgets`: words after which changes may be written
    over. `round`: how long it takes until everything was looked at again. `signals`: operations that say that somebody
    is alive, and change nothing.
    """

    name: str
    given: Callable[[Mapping[str, int], int], list[Said]]
    chosen: SearchStrategy[dict[str, Any]]
    connect: Callable[[Life], Iterable[Said]]
    moves: SearchStrategy[Move]
    breaks: SearchStrategy[list[Said]]
    mend: Callable[[Life], Iterator[Said]]
    agreements: Callable[[Life], Iterator[Agreement]]
    owed: Callable[[Life, Mapping[str, int], int], Mapping[str, float]]
    consents: Callable[[Life], bool] = lambda life: life.status != "disconnected"
    may_connect: Callable[[Life], bool] = lambda life: life.status not in ("active", "pending")
    sales: Callable[[Life], set[str]] = lambda life: set()
    worker: str = SYNC
    counted_in_shop: bool = True
    counts_below_zero: bool = False
    adds_up: bool = True
    prices: bool = False
    pushes: bool = False
    forgets: frozenset[str] = frozenset()
    round: Said = field(default_factory=lambda: {"hours": 2})
    signals: frozenset[str] = frozenset()
    tidies: tuple[str, ...] = ()


class Life:
    """One world, one connection. `said` is everything that was done, as steps of a story."""

    def __init__(self, lab: LabClient, sync: Mortal, backend: Backend) -> None:
        self.backend, self.sync = backend, sync
        name = f"life-{secrets.token_hex(6)}"  # of its own: the sync remembers the stores that it has seen
        self.world = lab.make_world(name, seed="life")
        self.world.clock(freeze=BEGINNING.isoformat())
        self.driver = MortalDriver(sync)
        story = Story("a life", backend.name, (), Source(Path("life.yaml"), {}, {}))
        browser = Browser(lab.verify)
        self.scene = Scene(story, self.world, self.driver, Vocabulary(self.world), BEGINNING, browser=browser)
        self.said: list[Said] = []
        self.given = 0
        self.settings: dict[str, Any] = {}
        self.faults: dict[int, Said] = {}
        self.killing: Said = {}  # the step by which it is to be killed, and was not yet
        self.deaths: list[str] = []  # the points at which it was
        self._known: dict[str, str] = {}
        self.key = ""  # the backend's key that the connection has; none where that is not sure
        self.owed: dict[str, float] = {}  # what both sides must come to have
        self.bought = 0  # orders of shoppers in the store
        self.earlier = set[str]()  # orders from before the store was connected, or connected again after an end
        self.counted = True  # nothing has happened that nobody can add up
        self.allowed = True  # whether the backend may work in the store

    # -- steps

    def say(self, word: str, value: Any, counts: Mapping[str, float] | None = None) -> bool:
        """Do one step; whether it was taken. What is refused is expected to be, in the story."""
        said = {word: value}
        self.said.append(said)
        step = Step(word, value, (), len(self.said))
        before, last = set(self.scene.faults), self._last_number()
        apart = word == "connect" and self.status in APART
        self._known.clear()
        try:
            self.scene.act(step)
        except LabError as bad:
            self.scene.refused(step, bad.message)
        died = self._revived()
        self.scene.settle()
        died = self._revived() or died
        self._known.clear()
        for number in set(self.scene.faults) - before:
            self.faults[number] = said
        self._nothing_without_consent(word, value, last)
        if self.scene.refusal is None:
            if word == "connect":
                self._clicked(apart, died)
            self._taken(value, counts or {})
            return True
        _, message = self.scene.refusal
        self.scene.refusal = None
        self.said.append({"expect": {"refused": message.split(":")[0][:30].strip()}})
        return False

    def kill(self, after: int) -> None:
        """The sync is to die at this point of its work from now on; not at one that was named before."""
        self._spared()
        self.say("fault", {"kind": KILLED, "service": CONNECTOR, "skip": after - 1})
        self.killing = self.said[-1]

    def _spared(self) -> None:
        """In the story, a death that never came is left out: it proves nothing."""
        self.said = [said for said in self.said if said is not self.killing]
        self.killing, self.scene.killing = {}, None
        self.sync.live_on()

    def _revived(self) -> bool:
        if died := self.scene.revive():
            self.deaths.append(self.sync.where)
            self.killing = {}
        return died

    def _clicked(self, apart: bool, died: bool) -> None:
        """Also a click in which the sync died may have come to its end, or to nothing."""
        joined = self.status not in APART
        if apart and joined:
            self.earlier = set(self.store("orders"))
        self.key = (self.open_key or "none") if joined and not died else ""

    def _taken(self, value: Any, counts: Mapping[str, float]) -> None:
        if isinstance(value, str) and value in self.backend.forgets:
            self.counted = False  # what happens while nobody listens may be overwritten afterwards
        for sku, pieces in counts.items():
            self.owed[sku] += pieces
        if counts and not self.backend.counts_below_zero:
            shelf = self.shelf
            shown = [*self.owed.values(), *(shelf[sku] for sku in SKUS)]
            self.counted = self.counted and min(shown) >= 0  # oversold: the store shows nothing, the difference is gone

    def do(self, said: Iterable[Said]) -> bool:
        """Steps that belong together, as long as they are taken."""
        return all(self.say(word, value) for one in said for word, value in one.items())

    def move(self, move: Move) -> bool:
        return self.say("move", move.value, move.counts(self) if self.owed else {})

    def _last_number(self) -> int:
        if self.allowed:
            return 0
        return max((int(e["number"]) for e in self.world.journal(limit=1, bodies=False)), default=0)

    def _nothing_without_consent(self, word: str, value: Any, last: int) -> None:
        """Before the merchant and the vendor have said yes, and after one of them said no, nobody works in the store.
        A click is a yes, whatever becomes of it; so is an end, to take away what was left there."""
        before, self.allowed = self.allowed, not self.settings or self.backend.consents(self)
        if before or self.allowed or word == "connect" or value in self.backend.tidies:
            return
        seen = self.world.journal(after=last, limit=10_000, bodies=False)
        there = {STORE, self.backend.name} if self.backend.worker == SYNC else {STORE}
        asked = [e for e in seen if e["direction"] == "in" and e["service"] in there]
        worked = [wire.shown(e) for e in asked if e["sender"] == self.backend.worker and wire.accepted(e)]
        self._expect({"calls": {"store": 0}}, not worked, f"nobody has consented, and it was asked: {worked}")

    # -- looking

    def fact(self, name: str, **arguments: Any) -> Any:
        return self.world.fact(self.backend.name, name, **arguments)

    def store(self, name: str) -> Any:
        return self.world.fact(STORE, name)

    @property
    def shelf(self) -> dict[str, int]:
        return self.scene.pieces(STORE)

    @property
    def received(self) -> dict[str, float]:
        return self.scene.pieces(self.backend.name)

    @property
    def open_key(self) -> str:
        """The backend's key that opens it now."""
        return self._once("key", self._open_key)

    def _open_key(self) -> str:
        given = self.world.info()["backends"][self.backend.name]
        return str(given.get("api_key") or given.get("token") or "")

    @property
    def status(self) -> str:
        return self._once("status", lambda: str(self.scene.status().get("status", "")))

    def _once(self, what: str, asked: Callable[[], str]) -> str:
        """Asked once for all who want to know before the next step."""
        if what not in self._known:
            self._known[what] = asked()
        return self._known[what]

    def until(self, moment: str) -> float:
        """Seconds."""
        return max(0.0, (datetime.fromisoformat(moment) - self.scene.now).total_seconds())

    # -- the beginning

    def begin(self, pieces: Mapping[str, int], ours: int, settings: dict[str, Any]) -> None:
        """The same SKUs on both sides, not always as many."""
        self.do(self.backend.given(pieces, ours))
        self.given = len(self.said)
        self.settings, self.allowed = settings, False
        assert self.do(self.backend.connect(self)), self.said[-1]
        assert self.say("sync", "until idle")
        self.owed = dict(self.backend.owed(self, pieces, ours))

    # -- what must hold in the end

    def mend(self) -> None:
        """Nothing goes wrong any more, and whoever was thrown out is let in again."""
        self.clear_faults()
        for said in self.backend.mend(self):
            assert self.do([said]), self.said[-1]

    def clear_faults(self) -> None:
        """In the story, faults that nothing ran into are left out: they prove nothing."""
        self._spared()
        struck = {f["id"] for f in self.world.call("GET", "/faults")["faults"] if f["hits"]}
        active = {f["id"] for f in self.world.call("GET", "/faults")["faults"]}
        for number in [n for n in self.faults if n in active and n not in struck]:
            self.said = [said for said in self.said if said is not self.faults[number]]
        if self.faults:
            self.world.call("DELETE", "/faults")
            self.scene.faults.clear()
            self.faults.clear()
            self.said.append({"fault": "clear"})

    def reconcile(self) -> None:
        """Both sides are read whole once more, and the store's stock is pushed once more."""
        pushes = ["push", "until idle"] if self.backend.pushes else []
        rounds: list[Said] = [{"sync": "until idle"}, {"wait": self.backend.round}, {"sync": "until idle"}]
        assert self.do([*rounds, *({"sync": how} for how in pushes)]), self.said[-1]

    def agree(self) -> None:
        for agreed in self.backend.agreements(self):
            why = f"there is {agreed.found}, and there should be {agreed.wanted}"
            self._expect(agreed.told, agreed.found == agreed.wanted, why)

    def nothing_is_lost(self) -> None:
        """What was there, and what was brought and taken on either side, adds up to what is there now."""
        if not (self.counted and self.backend.adds_up):
            return
        wanted = {sku: int(self.owed[sku]) for sku in SKUS}
        found = {sku: int(self.shelf[sku]) for sku in SKUS}
        self._expect({"shelf": wanted}, found == wanted, f"it adds up to {wanted}, and there is {found}")

    def rest(self) -> None:
        """A second pass finds nothing to write."""
        self.scene.look(given=False)
        seen = len(self.scene.exchanges)
        self.said.append({"expect": {"status": "active"}})  # from here on calls are counted
        self.reconcile()
        self.scene.look(given=False)
        writes = [
            f"{e['method']} {e['url']}"
            for e in self.scene.exchanges[seen:]
            if e["direction"] == "in" and wire.writes(e) and e["operation"] not in self.backend.signals
        ]
        told: Said = {"store": {"PUT": 0, "POST": 0}}
        if not self.backend.signals:
            told[self.backend.name] = {"PUT": 0, "POST": 0}
        self._expect({"calls": told}, not writes, f"a second pass wrote: {writes}")

    def _expect(self, wanted: Said, held: bool, why: str) -> None:
        """What did not hold ends the story; what did says nothing to whoever reads it."""
        if not held:
            self.said.append({"expect": wanted})
        assert held, why

    def end(self) -> None:
        self.scene.leave()
        self.driver.close()
        self.world.drop()

    def story(self, title: str) -> str:
        """Everything that was done, as a scenario file."""
        given = [said for said in self.said[: self.given] if "expect" not in said]  # it only sets the scene
        about = f"The sync was killed {', '.join(self.deaths)}." if self.deaths else ""
        return written(title, self.backend.name, self.said[self.given :], given=given, about=about)


__all__ = ["SKUS", "Agreement", "Backend", "Life", "Move"]

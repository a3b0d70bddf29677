"""A story under way: its world, its connector, what has happened so far, and how each word is acted on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .driver import Driver, NoConnector, Refusal, moment
from .merchant import Browser, wanted_connection
from .story import STORE, Step, Story
from .vocabulary import STAGING, Vocabulary, kills, phrases, service_of
from .wire import Exchange

NOT_STRUCK = "nothing ran into this fault: no request or webhook came that it strikes, so what follows proves nothing"
NOT_KILLED = "the sync was never killed: it came to rest before that point of its work, so what follows proves nothing"
OF_COPY = 100_000  # added to the numbers of what the copy saw
MOST_TICKS = 500  # a sync that has not come to rest after so many is told to be endless
LONGEST = timedelta(days=2)  # of the world's time, for the same
PIECES = ("available", "stock")  # the fact that tells pieces by SKU: less what is reserved, where that exists
ON_SHELF = "a product in stock"  # the store's state for one SKU and its pieces


class Broken(Exception):
    """The story does not hold. `said` is one sentence for each reason; `step`: where, if not at the present one."""

    def __init__(self, said: Sequence[str], exchanges: Sequence[Exchange] = (), step: Step | None = None) -> None:
        super().__init__("; ".join(said))
        self.said, self.exchanges, self.step = list(said), list(exchanges), step


@dataclass(frozen=True)
class Beliefs:
    """What each side believes at one moment."""

    shelf: Mapping[str, Any] = field(default_factory=dict)
    received: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""


@dataclass
class Scene:
    story: Story
    world: LabClient
    driver: Driver
    vocabulary: Vocabulary
    now: datetime
    connections: list[str] = field(default_factory=list)  # the last one is meant; ended, it is the one before it
    hooks: Mapping[str, str] = field(default_factory=dict)  # the connector's own addresses, by name
    browser: Browser = field(default_factory=Browser)
    staging: LabClient | None = None  # the world of the store's copy
    refusal: tuple[Step, str] | None = None  # a step that was refused, until somebody expects it
    beliefs: Beliefs = field(default_factory=Beliefs)
    history: list[tuple[Step, Beliefs]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # all since the first step
    faults: dict[int, Step] = field(default_factory=dict)  # by number; none that was cleared
    killing: Step | None = None  # the sync is to be killed, and was not yet
    webhooks: int = 0  # that anybody sent since the world began
    latest: list[Exchange] = field(default_factory=list)  # of the last step but `expect`
    looked: bool = False  # an `expect` was the last word
    _window: int = 0  # the exchanges before this one were there before an earlier `expect`
    _seen: int = 0  # number of the last exchange that was read from the journal
    _seen_there: int = 0  # the same of the copy's

    @property
    def connection(self) -> str:
        return self.connections[-1] if self.connections else ""

    # -- the words

    def act(self, step: Step) -> None:
        """Everything but `expect`. `LabError` when the sandbox refuses."""
        self.latest = []
        if self.looked:
            self._window, self.looked = len(self.exchanges), False
        act: dict[str, Callable[[Step], None]] = {
            "state": self._state,
            "shelf": self._shelf,
            "connect": self._connect,
            "sync": self._sync,
            "move": self._move,
            "fault": self._fault,
            "wait": self._wait,
        }
        act[step.word](step)

    def _state(self, step: Step) -> None:
        for phrase in phrases(step, self.story.backend, self.vocabulary.services):
            world, service = self._at(phrase.service)
            world.state(service, phrase.words, **phrase.arguments)

    def _move(self, step: Step) -> None:
        for phrase in phrases(step, self.story.backend, self.vocabulary.services):
            world, service = self._at(phrase.service)
            told = world.do(service, phrase.words, **phrase.arguments)
            if isinstance(told, dict) and {"world", "url"} <= told.keys():
                self.staging = self.world.beside(str(told["world"]))
                self.staging.clock(freeze=self.now.isoformat())

    def _at(self, service: str) -> tuple[LabClient, str]:
        """In which world, and how it is called there."""
        return (self.copy(), STORE) if service == STAGING else (self.world, service)

    def copy(self) -> LabClient:
        """The world of the store's copy."""
        if self.staging is None:
            raise LabError("there is no staging store: the move `clone to staging` makes it")
        return self.staging

    def worlds(self) -> list[LabClient]:
        return [self.world, *([self.staging] if self.staging else [])]

    def _shelf(self, step: Step) -> None:
        for sku, quantity in step.value.items():
            self.world.state(STORE, ON_SHELF, sku=sku, quantity=quantity, name=sku)

    def _fault(self, step: Step) -> None:
        if step.value == "clear":
            self.every_fault_struck()
            self.world.call("DELETE", "/faults")
            self.faults.clear()
            return
        if kills(step):
            self.driver.kill(int(step.value.get("skip", 0)) + 1)
            self.killing = step
            return
        service = service_of(step.value.get("service", self.story.backend))
        self.faults[self.world.fault(**{**step.value, "service": service})["id"]] = step

    def every_fault_struck(self) -> None:
        """A fault that nothing ran into proves nothing: the story is broken. One by chance may miss."""
        if self.killing:
            raise Broken([NOT_KILLED], step=self.killing)
        if not self.faults:
            return
        waiting = {fault["id"] for fault in self.world.call("GET", "/faults")["faults"] if not fault["hits"]}
        for number, step in self.faults.items():
            if number in waiting and "chance" not in step.value:
                raise Broken([NOT_STRUCK], step=step)

    def revive(self) -> bool:
        """Whether the sync was killed in this step. It is there again; whoever asked it got no answer, so nothing was
        refused."""
        if died := self.driver.revive(self.connections, self.now):
            self.killing = self.refusal = None
        return died

    def _wait(self, step: Step) -> None:
        self._advance(timedelta(**step.value).total_seconds())

    def _advance(self, seconds: float) -> None:
        for world in self.worlds()[1:]:
            world.clock(advance=seconds)
        self.read_clock(self.world.clock(advance=seconds))

    def _connect(self, step: Step) -> None:
        clicks: dict[str, Callable[[Step], Any]] = {
            "end": lambda step: self._disconnect(step),
            "confirm": lambda step: self.driver.confirm(self._connected(step), self.now),
            "approve": lambda step: self.browser.approve(self._login()),
            "deny": lambda step: self.browser.deny(self._login()),
        }
        try:
            clicks[step.value](step) if isinstance(step.value, str) else self._click(dict(step.value or {}))
        except Refusal as refusal:
            self.refused(step, refusal.message)

    def _click(self, entered: dict[str, Any]) -> None:
        wants = self.driver.wants(self.story.backend)
        if "store_url" in entered:
            entered["store_url"] = self._store_url(str(entered["store_url"]))
        if "store_key" in entered:
            entered |= self._store_key(str(entered.pop("store_key")))
        made = self.driver.connect(wanted_connection(self.world.info(), self.story.backend, entered, wants), self.now)
        self.connections = [*(c for c in self.connections if c != made["id"]), made["id"]]
        self.hooks = made.get("hooks") or {}
        for todo in made.get("todo") or ():
            if not isinstance(todo, dict) or not {"service", "move"} <= todo.keys():
                raise NoConnector(f"the connector answered {todo!r} as something to do; it takes service, move, args")
            self.world.do(todo["service"], todo["move"], **(todo.get("args") or {}))
        if made.get("open"):
            self.browser.open(str(made["open"]))  # what is done on the backend's pages are moves

    def _store_url(self, said: str) -> str:
        """`staging` is the copy's address, `former` the one that the store had before it moved."""
        if said == STAGING:
            return str(self.copy().info()["store"]["url"])
        return f"{self.world.url}/{STORE}" if said == "former" else said

    def _store_key(self, whose: str) -> dict[str, str]:
        """A key that the world has under this name (`read_only`), or one that this WordPress user makes now."""
        known = self.world.info()["store"].get(whose)
        made = known if isinstance(known, dict) else self.world.do(STORE, "create API key", user=whose)
        return {name: str(made[name]) for name in ("consumer_key", "consumer_secret")}

    def _login(self) -> dict[str, str]:
        admin = self.world.info()["store"]["admin"]
        return {"username": admin["user"], "password": admin["password"]}

    def _disconnect(self, step: Step) -> None:
        self.driver.disconnect(self._connected(step))
        if len(self.connections) > 1:
            self.connections.pop()

    def _sync(self, step: Step) -> None:
        try:
            if step.value == "push":
                self.driver.push(self._connected(step), self.now)
            elif step.value == "cron":
                self.driver.tick(self._connected(step), self.now)  # so that it knows what time it is
                self.driver.call_hook(self._hook(step, "push"))
            elif step.value == "once":
                self.driver.tick(self._connected(step), self.now)
            elif step.value == "until idle":
                self._until_idle(self._connected(step))
            else:
                self.driver.start(self._connected(step), step.value, self.now)
        except Refusal as refusal:
            self.refused(step, refusal.message)

    def _until_idle(self, connection: str) -> None:
        """Tick, let what was set off arrive, go to the time at which the connector wants to go on, and again.

        It is idle when it says so, or (a connector that does not say) when it did nothing twice in a row, or wants to
        wait for days; webhooks that are still to come keep it awake.
        """
        end, nothing = self.now + LONGEST, 0
        for _ in range(MOST_TICKS):
            progress = self.driver.tick(connection, self.now)
            self.settle()
            nothing = 0 if progress.get("did") else nothing + 1
            coming = self.read_clock(self.world.clock())
            if progress.get("idle", nothing > 1) and not progress.get("did") and coming is None:
                return
            times = [moment(progress["next_at"])] if progress.get("next_at") and not progress.get("idle") else []
            times += [coming] if coming else []
            if nothing and (min(times) > end if times else nothing > 1):
                return
            if times and (ahead := (min(times) - self.now).total_seconds()) > 0:
                self._advance(ahead)
        raise Broken(
            [f"the sync did not come to rest in {MOST_TICKS} ticks or {LONGEST.days} days of the world's time"]
        )

    # -- refusals

    def refused(self, step: Step, message: str) -> None:
        self.refusal = (step, message)

    def nothing_was_refused(self) -> None:
        """Something else begins although a step was refused: the story broke there."""
        if self.refusal is not None:
            step, message = self.refusal
            raise Broken([f"was refused: {message}"], self.last_exchanges(step), step)

    def _connected(self, step: Step) -> str:
        if not self.connection:
            raise LabError(f"line {step.line}: there is no connection yet; a `connect` has to come before")
        return self.connection

    def _hook(self, step: Step, name: str) -> str:
        self._connected(step)
        hooks = {**self.hooks, **(self.status().get("hooks") or {})}
        if name not in hooks:
            raise LabError(f"line {step.line}: the connector named no address {name!r} when it was connected")
        return str(hooks[name])

    # -- looking

    def read_clock(self, clock: Mapping[str, Any]) -> datetime | None:
        """The world's time, which nobody moves but the story; and when the next delivery is due."""
        self.now = datetime.fromisoformat(clock["now"])
        return datetime.fromisoformat(clock["next_due"]) if clock["next_due"] else None

    def settle(self) -> None:
        """Whatever is due arrives, before the next step."""
        for world in self.worlds():
            world.settle()

    def look(self, *, given: bool) -> list[Exchange]:
        """The exchanges since the last look."""
        new: list[Exchange] = list(self.world.journal(after=self._seen, limit=10_000))
        if new:
            self._seen = int(new[-1]["number"])
        if self.staging:
            copied = [e for e in self.staging.journal(after=self._seen_there, limit=10_000) if e["service"] == STORE]
            self._seen_there = max((int(e["number"]) for e in copied), default=self._seen_there)
            new += [{**e, "service": STAGING, "number": int(e["number"]) + OF_COPY} for e in copied]
        self.latest += new
        self.webhooks += sum(e["operation"] == "webhook" for e in new)
        if not given:
            self.exchanges += new
        return new

    def window(self) -> list[Exchange]:
        """The exchanges since the last look: since the last `expect` that came before other words."""
        return self.exchanges[self._window :]

    def last_exchanges(self, step: Step, most: int = 8) -> list[Exchange]:
        """What crossed in the step and before it, since the last look; what only sets the scene stands for itself."""
        return (self.latest if step.given else self.window())[-most:]

    def totals(self) -> dict[str, int]:
        return dict(Counter(e["service"] for e in self.exchanges if e["direction"] == "in"))

    def beliefs_changed(self, step: Step) -> bool:
        """Asks both sides what they believe now; whether it is something new."""
        said = self.status()
        status = " ".join(filter(None, (said.get("status"), f"({said['stage']})" if said.get("stage") else "")))
        now = Beliefs(self.pieces(STORE), self.pieces(self.story.backend), status)
        changed = now != self.beliefs
        if changed or not self.history:
            self.history.append((step, now))
        self.beliefs = now
        return changed

    def pieces(self, service: str) -> dict[str, Any]:
        """Pieces by SKU, as this side believes them."""
        known = self.vocabulary.words(service, "facts")
        fact = next((name for name in PIECES if name in known), "")
        pieces: dict[str, Any] = self.world.fact(service, fact) if fact else {}
        return pieces

    def status(self) -> dict[str, Any]:
        """What the connector says of the connection; empty while there is none."""
        if not self.connection:
            return {}
        try:
            return self.driver.status(self.connection)
        except (Refusal, NoConnector):
            return {}

    def leave(self) -> None:
        """The connector forgets this world, which is about to be gone."""
        self.browser.close()
        self.driver.spare()
        for connection in self.connections:
            try:
                self.driver.disconnect(connection)
            except (Refusal, LabError):
                continue

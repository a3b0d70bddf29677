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
from .story import STORE, Step, Story
from .vocabulary import Vocabulary, phrases, service_of
from .wire import Exchange

MOST_TICKS = 500  # a sync that has not come to rest after so many is told to be endless
LONGEST = timedelta(days=2)  # of the world's time, for the same
STORE_KEYS = ("consumer_key", "consumer_secret")
OF_STORE = (*STORE_KEYS, "store_key", "store_url", "admin")
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
    connection: str = ""
    hooks: Mapping[str, str] = field(default_factory=dict)  # the connector's own addresses, by name
    opened: str = ""  # the page that the merchant was sent to by the last connect
    refusal: tuple[Step, str] | None = None  # a step that was refused, until somebody expects it
    beliefs: Beliefs = field(default_factory=Beliefs)
    history: list[tuple[Step, Beliefs]] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # all since the first step
    faults: dict[int, Step] = field(default_factory=dict)  # by number; none that was cleared
    looked: bool = False  # an `expect` was the last word
    _window: int = 0  # the exchanges before this one were there before an earlier `expect`
    _seen: int = 0  # number of the last exchange that was read from the journal

    # -- the words

    def act(self, step: Step) -> None:
        """Everything but `expect`. `LabError` when the sandbox refuses."""
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
            self.world.state(phrase.service, phrase.words, **phrase.arguments)

    def _move(self, step: Step) -> None:
        for phrase in phrases(step, self.story.backend, self.vocabulary.services):
            self.world.do(phrase.service, phrase.words, **phrase.arguments)

    def _shelf(self, step: Step) -> None:
        for sku, quantity in step.value.items():
            self.world.state(STORE, ON_SHELF, sku=sku, quantity=quantity, name=sku)

    def _fault(self, step: Step) -> None:
        if step.value == "clear":
            self.every_fault_struck()
            self.world.call("DELETE", "/faults")
            self.faults.clear()
            return
        service = service_of(step.value.get("service", self.story.backend))
        self.faults[self.world.fault(**{**step.value, "service": service})["id"]] = step

    def every_fault_struck(self) -> None:
        """A fault that nothing ran into proves nothing: the story is broken. One by chance may miss."""
        if not self.faults:
            return
        waiting = {fault["id"] for fault in self.world.call("GET", "/faults")["faults"] if not fault["hits"]}
        for number, step in self.faults.items():
            if number in waiting and "chance" not in step.value:
                raise Broken(["nothing ran into this fault, so what follows it proves nothing"], step=step)

    def _wait(self, step: Step) -> None:
        self.read_clock(self.world.clock(advance=timedelta(**step.value).total_seconds()))

    def _connect(self, step: Step) -> None:
        if step.value == "end":
            self._disconnect(step)
            return
        if step.value == "confirm":
            self._confirm(step)
            return
        wants = self.driver.wants(self.story.backend)
        wanted = wanted_connection(self.world.info(), self.story.backend, step.value or {}, wants)
        try:
            made = self.driver.connect(wanted, self.now)
        except Refusal as refusal:
            self.refused(step, refusal.message)
            return
        self.connection, self.hooks = made["id"], made.get("hooks") or {}
        for todo in made.get("todo") or ():
            if not isinstance(todo, dict) or not {"service", "move"} <= todo.keys():
                raise NoConnector(f"the connector answered {todo!r} as something to do; it takes service, move, args")
            self.world.do(todo["service"], todo["move"], **(todo.get("args") or {}))
        self.opened = str(made.get("open") or "")
        if self.opened:
            self._open(step)

    def _open(self, step: Step) -> None:
        """The merchant's browser goes where the plugin sends it. What is done on that page are moves."""
        try:
            self.driver.open(self.opened)
        except Refusal as refusal:
            self.refused(step, refusal.message)

    def _confirm(self, step: Step) -> None:
        try:
            self.driver.confirm(self._connected(step), self.now)
        except Refusal as refusal:
            self.refused(step, refusal.message)

    def _disconnect(self, step: Step) -> None:
        try:
            self.driver.disconnect(self._connected(step))
        except Refusal as refusal:
            self.refused(step, refusal.message)

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
            self.world.settle()
            nothing = 0 if progress.get("did") else nothing + 1
            coming = self.read_clock(self.world.clock())
            if progress.get("idle", nothing > 1) and not progress.get("did") and coming is None:
                return
            times = [moment(progress["next_at"])] if progress.get("next_at") and not progress.get("idle") else []
            times += [coming] if coming else []
            if nothing and (min(times) > end if times else nothing > 1):
                return
            if times and (ahead := (min(times) - self.now).total_seconds()) > 0:
                self.read_clock(self.world.clock(advance=ahead))
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
            raise Broken([f"was refused: {message}"], self.last_exchanges(), step)

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
        self.world.settle()

    def look(self, *, given: bool) -> list[Exchange]:
        """The exchanges since the last look."""
        new: list[Exchange] = list(self.world.journal(after=self._seen, limit=10_000))
        if new:
            self._seen = int(new[-1]["number"])
        if not given:
            self.exchanges += new
        return new

    def window(self) -> list[Exchange]:
        """The exchanges since the last look: since the last `expect` that came before other words."""
        return self.exchanges[self._window :]

    def last_exchanges(self, most: int = 8) -> list[Exchange]:
        return self.window()[-most:]

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
        if self.connection:
            try:
                self.driver.disconnect(self.connection)
            except (Refusal, LabError):
                return


def wanted_connection(
    info: Mapping[str, Any], backend: str, entered: Mapping[str, Any], wants: Mapping[str, Any]
) -> dict[str, Any]:
    """What a merchant enters: address, keys and admin of this world, unless the story names others; the rest are
    settings. A connector takes what it needs.

    `api_key: wrong` (whatever the backend's credentials are called, there or in `wants`, what the connector says of
    itself) and `consumer_key`, `consumer_secret`, `store_url` stand for the world's own; `store_key: read_only` takes
    another of the store's keys; `admin: mia` is the WordPress user who clicks.
    """
    store = info["store"]
    keys = store[entered["store_key"]] if "store_key" in entered else store
    credentials = dict(info["backends"][backend])
    names = {*credentials, *wants.get("credentials", ())}
    settings = {}
    for name, value in entered.items():
        if name in names:
            credentials[name] = str(value)
        elif name not in OF_STORE:
            settings[name] = value
    return {
        "backend": backend,
        "store": {
            "url": entered.get("store_url", store["url"]),
            **{name: entered.get(name, keys[name]) for name in STORE_KEYS},
            "admin": _admin(store["admin"], entered.get("admin")),
        },
        "credentials": {name: value for name, value in credentials.items() if isinstance(value, str)},
        "settings": settings,
    }


def _admin(known: Mapping[str, str], who: Any) -> dict[str, str]:
    """Who clicks: by login (everybody has the admin's password, unless a state gave another), or with a password."""
    if isinstance(who, Mapping):
        return {str(name): str(value) for name, value in who.items()}
    return {"username": str(who or known["user"]), "password": known["password"]}

"""A world to test in: its services, its clock, its faults, its journal and its deliveries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from storelab.client import LabClient

from .journal import Journal
from .service import Service

if TYPE_CHECKING:
    from .laboratory import Laboratory

STORE = "woocommerce"
MOST = 10_000  # what the control API gives at a time


class World:
    """One universe of a laboratory. As a context manager it is dropped at the end.

    Services are attributes: `world.woo` is the store, `world.keycrm` a backend.
    """

    def __init__(self, laboratory: Laboratory, client: LabClient, info: Mapping[str, Any], seed: str) -> None:
        self.laboratory, self.client, self.seed = laboratory, client, seed
        self._info: Mapping[str, Any] | None = info
        self.clock = Clock(client)
        self.faults = Faults(client)
        self.journal = Journal(client)
        self.deliveries = Deliveries(client)

    @property
    def url(self) -> str:
        """Its own address, without a slash at the end; the control API is at `/_lab` below it."""
        return self.client.url

    @property
    def name(self) -> str:
        return self.url.rpartition("/~")[2]

    @property
    def info(self) -> Mapping[str, Any]:
        """Addresses and keys, as `storelab up --json` prints them."""
        if self._info is None:
            self._info = self.client.info()
        return self._info

    @property
    def env(self) -> dict[str, str]:
        """The same as environment variables (`KEYCRM_URL`, `KEYCRM_API_KEY`), for a connector in a process of its
        own."""
        from storelab.cli.up import variables

        return variables(self.info)

    def service(self, name: str) -> Service:
        """The store (`woocommerce`) or a backend, by its name; `LabError` when there is none."""
        from storelab.emulators.kernel.errors import LabError
        from storelab.emulators.kernel.spelling import unknown

        if name not in self.laboratory.client.vocabulary:
            raise LabError(unknown("there is no service", name, self.laboratory.client.vocabulary))
        return Service(name, self)

    @property
    def woo(self) -> Service:
        """The store."""
        return self.service(STORE)

    def save(self, snapshot: str) -> None:
        """Keep all there is under this name, in this world."""
        self.client.call("PUT", f"/snapshots/{snapshot}")

    def restore(self, snapshot: str) -> None:
        """Be again as it was when this was saved."""
        self.client.call("POST", f"/snapshots/{snapshot}/restore")
        self.changed()

    def reset(self) -> None:
        """Be as a new world is."""
        self._info = self.client.call("POST", "/reset")

    def settle(self) -> None:
        """Everything that is due is delivered and done before this returns."""
        self.client.settle()

    def changed(self) -> None:
        """Keys may be others now: they are asked for again when they are needed."""
        self._info = None

    def drop(self) -> None:
        self.client.drop()

    def __getattr__(self, name: str) -> Service:
        if name.startswith("_") or name not in self.laboratory.client.vocabulary:
            known = ", ".join(["woo", *(n for n in self.laboratory.client.vocabulary if n != STORE)])
            raise AttributeError(f"a world has no {name!r}; its services are: {known}")
        return Service(name, self)

    def __enter__(self) -> World:
        return self

    def __exit__(self, *exc: object) -> None:
        self.drop()

    def __repr__(self) -> str:
        return f"<world {self.url}>"


class Clock:
    """The time of one world. It runs with the real time until it is frozen or moved."""

    def __init__(self, client: LabClient) -> None:
        self._client = client

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self._client.clock()["now"])

    @property
    def next_due(self) -> datetime | None:
        """When the next delivery or job falls due; those that come again and again are left out."""
        due = self._client.clock()["next_due"]
        return datetime.fromisoformat(due) if due else None

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stand still, at this time or now: nothing falls due any more until the clock is moved."""
        return self._set(freeze=at.isoformat() if isinstance(at, datetime) else at or True)

    def advance(self, seconds: float | timedelta = 0.0, **units: float) -> datetime:
        """Everything due on the way happens, in its order: `advance(90)`, `advance(hours=2)`, `advance(days=1)`."""
        given = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        return self._set(advance=(given + timedelta(**units)).total_seconds())

    def until_idle(self) -> datetime:
        """Go on until nothing waits any more, whenever that is."""
        return self._set(until_idle=True)

    def live(self) -> datetime:
        """Be the real time again."""
        return self._set(live=True)

    def _set(self, **setting: Any) -> datetime:
        return datetime.fromisoformat(self._client.clock(**setting)["now"])


class Faults:
    """What goes wrong in one world."""

    def __init__(self, client: LabClient) -> None:
        self._client = client

    def add(self, kind: str, *, service: str, **how: Any) -> int:
        """`faults.add("status", service="keycrm", status=429, times=2)`; answers its number. `kinds` lists what there
        is; `operation`, `method` and `sender` say what it strikes, `times`, `skip` and `chance` how often."""
        return int(self._client.fault(kind=kind, service=service, **how)["id"])

    def clear(self, number: int | None = None) -> None:
        """This fault, or all."""
        self._client.call("DELETE", "/faults" if number is None else f"/faults/{number}")

    @property
    def active(self) -> list[dict[str, Any]]:
        """With `hits`: how often each has struck."""
        return list(self._client.call("GET", "/faults")["faults"])

    @property
    def kinds(self) -> dict[str, str]:
        """Every kind, and what it does."""
        return dict(self._client.call("GET", "/faults")["kinds"])


class Deliveries:
    """The webhooks that the services of one world send, with every attempt. Iterating gives all, oldest first."""

    def __init__(self, client: LabClient) -> None:
        self._client = client

    def of(self, service: str = "", status: str = "") -> list[dict[str, Any]]:
        """Those of a service, and of a status: pending, sending, delivered, failed or dropped."""
        return self._client.deliveries(service=service or None, status=status or None, limit=MOST)

    def settle(self) -> None:
        """What is due is sent before this returns."""
        self._client.settle()

    def hold(self) -> None:
        """Nothing goes out until `release`."""
        self._client.call("POST", "/deliveries/hold")

    def release(self) -> None:
        self._client.call("POST", "/deliveries/release")

    def redeliver(self, number: int) -> dict[str, Any]:
        """Send one again; answers it with its new attempt."""
        again: dict[str, Any] = self._client.call("POST", f"/deliveries/{number}/redeliver")
        return again

    def redeliver_missed(self, service: str = "") -> list[dict[str, Any]]:
        """Send again what failed or was dropped, as after an outage of the receiver."""
        return list(self._client.redeliver_missed(service)["deliveries"])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.of())

    def __len__(self) -> int:
        return len(self.of())

"""Who loads a sandbox: clients that read and write, do moves of the vocabulary, put faults, save and restore snapshots,
make worlds and drop them, all by chance."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

HTTPS = {"X-Forwarded-Proto": "https"}
SKUS = ("MUG", "CAP", "LAMP", "VASE")
A_LIFE = (20, 80)  # actions between making a world and dropping it
NOT_DONE = ("seed", "import", "clone")  # moves that make much at once, or a world
FAULTS = (
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": 1},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "delay", "seconds": 0.2},
)


@dataclass
class Tally:
    """What the clients did, and what they cannot explain."""

    done: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)
    kills: int = 0
    working: threading.Event = field(default_factory=threading.Event)  # a first worker is there
    kept: tuple[int, int] = (0, 0)  # the most exchanges, and bytes of them, that the connected world's journal held
    samples: list[tuple[float, float, int, int]] = field(default_factory=list)  # at, MB, files, threads


@dataclass
class World:
    """A world of one client. `faulty` once a fault was put: then it may answer anything."""

    lab: LabClient
    store: dict[str, Any]
    key: dict[str, Any]
    left: int
    faulty: bool = False
    products: list[int] = field(default_factory=list)

    @classmethod
    def made(cls, root: LabClient, chance: Random) -> World:
        lab = root.make_world()
        info = lab.info()
        return cls(lab, info["store"], info["backends"]["keycrm"], chance.randint(*A_LIFE))


class Client(threading.Thread):
    """Does one thing after the other until it is told to stop."""

    def __init__(
        self, number: int, url: str, seed: int, tally: Tally, stop: threading.Event, pause: float = 0.0
    ) -> None:
        """`pause`: seconds after each thing, on average."""
        super().__init__(daemon=True)
        self._chance, self._tally, self._over, self._pause = Random(f"{seed}/{number}"), tally, stop, pause
        self._root, self._http = LabClient(url), requests.Session()
        self._http.trust_env = False
        vocabulary = self._root.call("GET", "/vocabulary")
        self._moves = [
            (service, move)
            for service, words in vocabulary.items()
            for move, told in words["moves"].items()
            if not told["required"] and not move.startswith(NOT_DONE)
        ]
        self._world: World | None = None

    def run(self) -> None:
        actions: list[tuple[int, Callable[[World], None]]] = [
            (6, self._read),
            (5, self._write),
            (4, self._stock),
            (4, self._order),
            (3, self._keycrm),
            (4, self._move),
            (1, self._fault),
            (1, self._snapshot),
            (1, self._reset),
        ]
        weights = [weight for weight, _ in actions]
        while not self._over.is_set():
            if self._world is None:
                self._world = World.made(self._root, self._chance)
            world, (_, act) = self._world, self._chance.choices(actions, weights)[0]
            try:
                act(world)
            except LabError as refused:
                if refused.status >= 500:
                    self._tally.unexplained.append(f"{act.__name__}: {refused.message}"[:300])
            except (requests.RequestException, ValueError) as broken:
                if not world.faulty:
                    self._tally.unexplained.append(f"{act.__name__}: {type(broken).__name__} {broken}"[:300])
            self._tally.done[act.__name__.strip("_")] += 1
            world.left -= 1
            if world.left <= 0:
                world.lab.drop()
                self._world = None
            if self._pause:
                self._over.wait(self._chance.uniform(0, 2 * self._pause))
        if self._world is not None:
            self._world.lab.drop()
        self._http.close()

    def _ask(self, world: World, method: str, path: str, **more: Any) -> Any:
        keys = (world.store["consumer_key"], world.store["consumer_secret"])
        url = f"{world.store['url']}/wp-json/wc/v3/{path}"
        answer = self._http.request(method, url, auth=keys, headers=HTTPS, timeout=30, **more)
        if answer.status_code >= 500 and not world.faulty:
            self._tally.unexplained.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer.json() if answer.status_code < 300 else None

    def _read(self, world: World) -> None:
        self._ask(world, "GET", self._chance.choice(("products", "orders", "customers", "products?per_page=100")))

    def _write(self, world: World) -> None:
        sku = f"{self._chance.choice(SKUS)}-{self._chance.randint(1, 9)}"
        body = {"name": sku, "sku": sku, "regular_price": "5", "manage_stock": True, "stock_quantity": 20}
        if made := self._ask(world, "POST", "products", json=body):
            world.products.append(int(made["id"]))

    def _stock(self, world: World) -> None:
        if world.products:
            quantity = {"stock_quantity": self._chance.randint(0, 50)}
            self._ask(world, "PUT", f"products/{self._chance.choice(world.products)}", json=quantity)

    def _order(self, world: World) -> None:
        if world.products:
            line = {"product_id": self._chance.choice(world.products), "quantity": 1}
            self._ask(world, "POST", "orders", json={"line_items": [line], "set_paid": True})

    def _keycrm(self, world: World) -> None:
        sku = self._chance.choice(SKUS)
        world.lab.state("keycrm", "an offer in stock", sku=sku, quantity=5)
        rows = {"warehouse_id": 1, "stocks": [{"sku": sku, "quantity": self._chance.randint(0, 9)}]}
        headers = {"Authorization": f"Bearer {world.key['api_key']}"}
        self._http.put(f"{world.key['url']}/v1/offers/stocks", json=rows, headers=headers, timeout=30)

    def _move(self, world: World) -> None:
        service, move = self._chance.choice(self._moves)
        world.faulty |= service == "woocommerce"  # a host in trouble may answer anything
        world.lab.do(service, move)

    def _fault(self, world: World) -> None:
        world.faulty = True
        world.lab.fault(service=self._chance.choice(("woocommerce", "keycrm")), times=2, **self._chance.choice(FAULTS))

    def _snapshot(self, world: World) -> None:
        world.lab.call("PUT", "/snapshots/before")
        self._write(world)
        world.lab.call("POST", "/snapshots/before/restore")

    def _reset(self, world: World) -> None:
        world.lab.call("POST", "/reset")
        world.products.clear()
        info = world.lab.info()
        world.store, world.key = info["store"], info["backends"]["keycrm"]

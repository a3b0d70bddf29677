"""The machine that lives: its rules are what people, shoppers, the network and time do. What only one backend has is
drawn from `backends.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import assume, note, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .backends import HOLDING, OVER, few, pieces, prices, skus
from .lifecycle import SYNC, Backend, Life, Move, Said

FAULTS = (
    {"kind": "status", "status": 429, "retry_after": 30},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503, "phase": "after-commit"},
    {"kind": "reset"},
    {"kind": "lost"},
    {"kind": "truncate"},
    {"kind": "garble"},
    {"kind": "outage", "seconds": 600},
)
MISHAPS = (
    {"kind": "drop"},
    {"kind": "duplicate"},
    {"kind": "late", "seconds": 900},
    {"kind": "reorder"},
    {"kind": "unreachable"},
    {"kind": "unheard"},
)


class Lifecycle(RuleBasedStateMachine):
    """`live` makes a life of `backend`."""

    backend: Backend
    live: Callable[[], Life]
    life: Life
    steps = 0  # of all lives

    @invariant()
    def counted(self) -> None:
        Lifecycle.steps += 1

    def __init__(self) -> None:
        super().__init__()
        self.broken = True  # until it has begun

    def _say(self, word: str, value: Any) -> None:
        self._do([{word: value}])

    def _do(self, said: Iterable[Said]) -> None:
        """Steps that must not break the connector, whatever it answers."""
        self.broken = True
        self.life.do(said)
        self.broken = False

    def _move(self, move: Move) -> bool:
        self.broken = True
        taken = self.life.move(move)
        self.broken = False
        return taken

    @initialize(
        drawn=st.integers(0, 1000),
        data=st.data(),
        mugs=st.integers(3, 20),
        caps=st.integers(3, 20),
        shirts=st.integers(3, 20),
        ours=few,
    )
    def begin(self, drawn: int, data: st.DataObject, mugs: int, caps: int, shirts: int, ours: int) -> None:
        assume(drawn)  # what Hypothesis tries first is the simplest there is: a life of one step, done over and over
        self.life = type(self).live()
        settings = dict(data.draw(self.backend.chosen))
        self.life.begin({"MUG": mugs, "CAP": caps, "SHIRT-S": shirts}, ours, settings)
        self.broken = False

    # -- people

    @rule(sku=skus, many=few)
    def a_shopper_buys(self, sku: str, many: int) -> None:
        if self.life.shelf.get(sku, 0) >= many:
            bought = Move({"store": {"place order": {"lines": {sku: many}}}}, lambda life: {sku: -many})
            self.life.bought += self._move(bought)

    @rule(which=st.integers(0, 5))
    def a_shopper_changes_their_mind(self, which: int) -> None:
        theirs = self.backend.sales(self.life)
        open_ = {n: o for n, o in self.life.store("orders").items() if o["status"] not in (*OVER, "completed")}
        if orders := {number: order for number, order in open_.items() if number not in theirs}:
            number = sorted(orders, key=int)[which % len(orders)]
            back = orders[number]["lines"] if orders[number]["status"] in HOLDING else {}
            self._move(Move({"store": {"cancel order": {"order": int(number)}}}, lambda life: back))

    @rule(sku=skus, quantity=pieces)
    def somebody_counts_in_the_shop(self, sku: str, quantity: int) -> None:
        stays = self.backend.counted_in_shop
        found = quantity - self.life.shelf[sku] if stays else 0
        self._move(Move({"store": {"adjust stock": {"sku": sku, "quantity": quantity}}}, lambda life: {sku: found}))

    @precondition(lambda self: self.backend.prices)
    @rule(sku=skus, price=prices)
    def somebody_changes_a_price_in_the_shop(self, sku: str, price: str) -> None:
        self._say("move", {"store": {"edit product": {"sku": sku, "price": price}}})

    @rule(data=st.data())
    def something_happens_in_the_backend(self, data: st.DataObject) -> None:
        self._move(data.draw(self.backend.moves))

    @rule(data=st.data())
    def something_else_happens_in_the_backend(self, data: st.DataObject) -> None:
        self._move(data.draw(self.backend.moves))

    # -- the connection

    @precondition(lambda self: self.life.status == "active")
    @rule(data=st.data())
    def the_connection_breaks(self, data: st.DataObject) -> None:
        self._do(data.draw(self.backend.breaks))

    @precondition(lambda self: self.life.settings is not None and self.backend.may_connect(self.life))
    @rule()
    def the_merchant_connects_again(self) -> None:
        self._do(self.backend.connect(self.life))

    @precondition(lambda self: self.life.status == "active")
    @rule()
    def the_merchant_disconnects(self) -> None:
        self._say("connect", "end")

    # -- time, the network, and the sync itself

    @rule(how=st.sampled_from(("once", "once", "until idle", "push", "push")))
    def the_sync_works(self, how: str) -> None:
        if how != "push":
            self._say("sync", how)
        elif self.backend.pushes and self.life.status == "active":
            self._say("sync", "push")

    @rule(minutes=st.sampled_from((1, 5, 30, 70)))
    def time_passes(self, minutes: int) -> None:
        self._say("wait", {"minutes": minutes})

    @rule(after=st.integers(1, 12))
    def the_sync_is_killed(self, after: int) -> None:
        self.life.kill(after)

    @rule(fault=st.sampled_from(FAULTS), data=st.data(), times=few)
    def the_network_fails(self, fault: dict[str, Any], data: st.DataObject, times: int) -> None:
        """Between the sync and both sides, or between the store and whoever works there for the backend."""
        name, worker = self.backend.name, self.backend.worker
        service, sender = data.draw(st.sampled_from(((name, SYNC), ("store", SYNC), ("store", worker))))
        self._say("fault", {**fault, "service": service, "times": times, "sender": sender})

    @rule(mishap=st.sampled_from(MISHAPS), times=few)
    def a_webhook_goes_astray(self, mishap: dict[str, Any], times: int) -> None:
        if self.backend.name == "keycrm":
            self.life.counted = False  # a change that is told of too late may be overwritten
            self._say("fault", {**mishap, "times": times})
        else:
            self._say("fault", {**mishap, "times": times, "service": "store"})

    # -- the end

    def teardown(self) -> None:
        if "life" not in vars(self):
            return
        life = self.life
        try:
            if not self.broken:
                life.mend()
                life.reconcile()
                life.agree()
                life.nothing_is_lost()
                life.rest()
        finally:
            note(life.story("A life that hypothesis found"))
            life.end()

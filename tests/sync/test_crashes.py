"""Killed at each of its steps, the sync goes on from there: nothing is lost and nothing is done twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storelab.client import LabClient
from storelab.sandbox import Sandbox
from storelab.sync.engine import Engine
from storelab.sync.service import Server

from .drive import Drive, live, lived_once
from .executioner import Executioner, Killed


class Mortal(Drive):
    """Ticks by an engine of its own that dies at a point, and is replaced by another on the same ledger."""

    def __init__(self, world: LabClient, server: Server, executioner: Executioner, **settings: Any) -> None:
        super().__init__(world, server.url, **settings)
        self.ledger, self.executioner = server.service.ledger, executioner

    def tick(self) -> dict[str, Any]:
        now = datetime.fromisoformat(self.now)
        try:
            progress = Engine(self.ledger, point=self.executioner).advance(self.id, now)
        except Killed:
            self.world.settle()
            progress = Engine(self.ledger).advance(self.id, now)
        return {"did": progress.did, "idle": progress.idle, "next_at": progress.next_at and str(progress.next_at)}


def life(sandbox: Sandbox, at: int) -> list[str]:
    """A whole life, killed at point `at`; the points that it passed."""
    executioner = Executioner(at)
    world = sandbox.client.make_world()
    with Server(port=0) as server:
        hand = Mortal(world, server, executioner, first_sync="store")
        live(hand)
        lived_once(hand, executioner.told)
    world.drop()
    return executioner.passed


def test_killed_at_any_point_it_goes_on_from_there(sandbox: Sandbox) -> None:
    points = life(sandbox, 0)

    for at in range(1, len(points) + 1):
        life(sandbox, at)

    assert len(points) > 40


def test_a_sale_while_it_was_dead_counts(sandbox: Sandbox) -> None:
    """Killed just after the store took the write: the mark, not the number, tells that it was taken."""
    world = sandbox.client.make_world()
    executioner = Executioner()
    with Server(port=0) as server:
        hand = Mortal(world, server, executioner, first_sync="store")
        hand.stocked(ours={"MUG": 10}, theirs={"MUG": 10}).connect().run()
        world.do("keycrm", "receive", sku="MUG", quantity=1)
        world.settle()
        engine = Engine(hand.ledger, point=until("after POST"))
        for _ in range(2):
            hand.wait(1)
            try:
                engine.advance(hand.id, datetime.fromisoformat(hand.now))
            except Killed:
                break
        assert hand.ours() == {"MUG": 11}
        world.do("woocommerce", "adjust stock", sku="MUG", quantity=9)  # two are sold meanwhile

        hand.run()

        assert hand.ours() == {"MUG": 9}
        hand.push()
        assert hand.theirs() == {"MUG": 9}
    world.drop()


def until(start: str) -> Any:
    def kill(point: str) -> None:
        if point.startswith(start):
            raise Killed(point)

    return kill

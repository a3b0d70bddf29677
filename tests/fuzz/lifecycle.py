"""A connection's life, lived step by step in the words of the stories, and kept as a story when it goes wrong."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.scenarios.driver import Driver
from storelab.scenarios.player import BEGINNING
from storelab.scenarios.scene import Broken, Scene
from storelab.scenarios.source import Source
from storelab.scenarios.story import STORE, Step, Story
from storelab.scenarios.vocabulary import Vocabulary
from storelab.scenarios.writing import written

BACKEND = "keycrm"
SKUS = ("MUG", "CAP", "SHIRT-S")
WRITES = {"PUT": 0, "POST": 0}


class Life:
    """One world, one connection. `said` is everything that was done, as steps of a story."""

    def __init__(self, lab: LabClient, sync_url: str) -> None:
        self.world = lab.make_world(seed="life")
        self.world.clock(freeze=BEGINNING.isoformat())
        self.driver = Driver(sync_url)
        story = Story("a life", BACKEND, (), Source(Path("life.yaml"), {}, {}))
        self.scene = Scene(story, self.world, self.driver, Vocabulary(self.world), BEGINNING)
        self.said: list[dict[str, Any]] = []
        self.given = 0
        self.settings: dict[str, Any] = {}
        self.faults: dict[int, dict[str, Any]] = {}
        self.key = ""  # the backend's key that the connection has
        self.owed: dict[str, float] = {}  # what both sides must come to have
        self.counted = True  # nothing has happened that nobody can add up

    def say(self, word: str, value: Any) -> bool:
        """Do one step; whether it was taken. What is refused is expected to be, in the story."""
        said = {word: value}
        self.said.append(said)
        step = Step(word, value, (), len(self.said))
        before, had = set(self.scene.faults), self._pieces() if word == "move" else []
        try:
            self.scene.act(step)
        except LabError as bad:
            self.scene.refused(step, bad.message)
        if had and self.owed:
            self._count(had)
        if value in ("end", "revoke key"):
            self.counted = False  # what happens while nobody listens may be overwritten afterwards
        self.scene.settle()
        for number in set(self.scene.faults) - before:
            self.faults[number] = said
        if self.scene.refusal is None:
            if word == "connect":
                self.key = "" if value == "end" else self.open_key
            return True
        _, message = self.scene.refusal
        self.scene.refusal = None
        self.said.append({"expect": {"refused": message.split(":")[0][:30].strip()}})
        return False

    def _pieces(self) -> list[dict[str, float]]:
        sides = [self.scene.pieces(STORE), self.scene.pieces(BACKEND)]
        return [{sku: float(side.get(sku, 0)) for sku in SKUS} for side in sides]

    def _count(self, had: list[dict[str, float]]) -> None:
        """What a person or a shopper took or brought counts once, on whichever side it was."""
        for before, after in zip(had, self._pieces(), strict=True):
            for sku in SKUS:
                self.owed[sku] += after[sku] - before[sku]
                if after[sku] < 0 or self.owed[sku] < 0:
                    self.counted = False  # oversold: the store shows nothing, and the difference is gone

    # -- the beginning

    def begin(self, pieces: dict[str, int], ours: int, truth: str) -> None:
        """The same SKUs on both sides, not always as many."""
        self.say("shelf", {sku: pieces[sku] + ours for sku in ("MUG", "CAP")})
        self.say("state", {"store": {"a variable product": {"sku": "SHIRT", "quantity": pieces["SHIRT-S"] + ours}}})
        for sku in SKUS:
            self.say("state", {"an offer in stock": {"sku": sku, "quantity": pieces[sku]}})
        self.settings = {"warehouse_id": 1, "first_sync": truth, "vanish_limit": 1}
        self.say("connect", dict(self.settings))
        self.say("sync", "until idle")
        self.owed = {sku: float(pieces[sku] + (ours if truth == "store" else 0)) for sku in SKUS}
        self.given = len(self.said)

    @property
    def open_key(self) -> str:
        return str(self.world.info()["backends"][BACKEND]["api_key"])

    @property
    def status(self) -> str:
        return str(self.scene.status().get("status", ""))

    # -- what must hold in the end

    def mend(self) -> None:
        """Nothing goes wrong any more, and whoever was thrown out is let in again."""
        self.clear_faults()
        if not self.open_key:
            self.say("move", "issue key")
        if self.status != "active" or self.key != self.open_key:
            self.say("wait", {"hours": 1})
            assert self.say("connect", dict(self.settings)), self.said[-1]

    def clear_faults(self) -> None:
        """In the story, faults that nothing ran into are left out: they prove nothing."""
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
        self.say("sync", "until idle")
        self.say("wait", {"hours": 2})
        self.say("sync", "until idle")
        self.say("sync", "push")
        self.say("sync", "until idle")

    def agree(self) -> None:
        """What the store offers is what the backend can deliver: whole pieces, never less than nothing."""
        shelf, received = self.scene.pieces(STORE), self.scene.pieces(BACKEND)
        wanted = {sku: max(0, math.floor(received[sku])) for sku in SKUS}
        found = {sku: shelf.get(sku) for sku in SKUS}
        self._expect({"shelf": wanted}, found == wanted, f"the store offers {found}, the backend has {wanted}")

    def nothing_is_lost(self) -> None:
        """What was there, and what was brought and taken on either side, adds up to what is there now."""
        if not self.counted:
            return
        wanted = {sku: int(self.owed[sku]) for sku in SKUS}
        found = {sku: int(self.scene.pieces(STORE)[sku]) for sku in SKUS}
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
            if e["direction"] == "in" and e["method"] in WRITES
        ]
        calls = {BACKEND: dict(WRITES), "store": dict(WRITES)}
        self._expect({"calls": calls}, not writes, f"a second pass wrote: {writes}")

    def _expect(self, wanted: dict[str, Any], held: bool, why: str) -> None:
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
        return written(title, BACKEND, self.said[self.given :], given=given)


__all__ = ["BACKEND", "SKUS", "Broken", "Life"]

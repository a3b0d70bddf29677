"""The part of a verification that lets webhooks fail: how often does a provider come back, and when?

How often it should is in its document: `x-webhooks`, with `x-attempts`, `x-seconds-between` and `x-cause`, the states
and the move that set it off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from storelab.contracts.adapter import Adapter
from storelab.contracts.kit import BROKEN, KEPT, SKIPPED, Difference
from storelab.contracts.provider import Caught, Listener, addressed
from storelab.emulators.kernel.documents import load_document
from storelab.emulators.kernel.errors import LabError

from .report import WEBHOOK, Check
from .veil import Veil
from .wanted import of_operation

SOON = 0.3  # seconds in which nothing more may come when the clock stands
EARLY, LATE = 0.5, 2.0  # parts of the time between two attempts that are still as said

Advance = Callable[[float], Any]
"""Lets time pass for the provider, where that can be done; None: it passes by itself."""


def checks(
    provider: str, adapter: Adapter, listener: Listener, veil: Veil, *, advance: Advance | None = None
) -> Iterator[Check]:
    for name, hook in load_document(provider).get("x-webhooks", {}).items():
        if "x-attempts" in hook:
            yield _checked(provider, name, hook, _Fired(adapter, listener, advance), veil)


def _checked(provider: str, name: str, hook: Mapping[str, Any], fired: _Fired, veil: Veil) -> Check:
    attempts, between = int(hook["x-attempts"]), float(hook.get("x-seconds-between", 0))
    times = "once" if attempts == 1 else f"{attempts} times, {between:g} seconds apart"
    check = Check(
        WEBHOOK,
        provider,
        "",
        f"a webhook about {name} that is refused is sent {times}",
        KEPT,
        basis=of_operation(f"webhook {name}", hook),
        expected=f"sent {times}",
    )
    why = fired.impossible(hook["x-cause"], attempts, between)
    if why:
        return replace(check, verdict=SKIPPED, why=why)
    try:
        came, early = fired.count(hook["x-cause"], attempts, between)
    except LabError as bad:
        return replace(check, verdict=BROKEN, differences=(Difference("provider", bad.message),))
    found = list(_differences(came, early, attempts, between))
    shown = "\n".join(f"{number}. after {one.at - came[0].at:.1f} s" for number, one in enumerate(came, 1))
    first = came[0] if came else None
    return replace(
        check,
        verdict=BROKEN if found else KEPT,
        differences=tuple(found),
        actual=shown or "nothing was sent",
        request=veil.delivery(first.method, first.headers, first.body) if first else "",
    )


def _differences(came: list[Caught], early: bool, attempts: int, between: float) -> Iterator[Difference]:
    if len(came) != attempts:
        said = f"it was sent {len(came)} times, not {attempts}"
        yield Difference("retry", said, f"{attempts} times", f"{len(came)} times")
    if early:
        yield Difference("time", f"it came again before {between * EARLY:g} seconds had passed", f"{between:g} s")


class _Fired:
    """A webhook that is set off and refused, again and again."""

    def __init__(self, adapter: Adapter, listener: Listener, advance: Advance | None) -> None:
        self.adapter, self.listener, self.advance = adapter, listener, advance

    def impossible(self, cause: Mapping[str, Any], attempts: int, between: float) -> str:
        offers = self.adapter.offers
        missing = [] if cause["move"] in offers.moves else [cause["move"]]
        if offers.states is not None:
            missing += [state["name"] for state in cause["states"] if state["name"] not in offers.states]
        if missing:
            return f"needs what the adapter does not offer: {' and '.join(map(repr, missing))}"
        wait = (attempts - 1) * between * LATE
        if self.advance is None and wait > self.listener.patience:
            return f"takes {wait:g} seconds: allow them with --patience {wait:g}"
        return ""

    def count(self, cause: Mapping[str, Any], attempts: int, between: float) -> tuple[list[Caught], bool]:
        """All that came, and whether one came too early."""
        self.adapter.teardown()
        values: dict[str, Any] = dict(self.adapter.offers.values)
        for state in cause["states"]:
            values |= self.adapter.setup(state["name"], addressed(state.get("params", {}), self.listener.url, values))
        self.listener.caught.clear()
        self.listener.status = 500
        try:
            self.adapter.move(cause["move"], addressed(cause.get("params", {}), self.listener.url, values))
            early = self._waited(attempts, between)
            return list(self.listener.caught), early
        finally:
            self.listener.status = 200
            self.adapter.teardown()  # nothing more is sent to this address

    def _waited(self, attempts: int, between: float) -> bool:
        self.listener.wait_for(1, self.listener.patience)
        early = False
        for number in range(2, attempts + 1):
            if self.advance:
                early = early or len(self.listener.caught) >= number
                self.advance(between)
            else:
                self.listener.wait_for(number, between * LATE)
        if self.advance is None:
            times = [caught.at for caught in self.listener.caught]
            early = any(later - sooner < between * EARLY for sooner, later in pairwise(times))
        else:
            self.advance(10 * max(between, 60.0))  # and no more after that
        self.listener.wait_for(attempts + 1, SOON)
        return early

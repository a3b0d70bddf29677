"""Work: one object on its way in or out, tried until it is done, blocked, or an alert.

What a shop does not answer is tried again, 1, 5, 15, 60 and 240 minutes later, and then somebody is told; what it
refuses is told at once. What failed is tried anew when the object changes, when a rule changes, when the connector
works again, or when a person asks for it.

Source: Spotler Connect help says that an alert follows whenever an object cannot be synchronised. Assumed: how often
and after how long it is tried.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, Table, dataclass
from ..shop import ShopRefused, ShopSilent
from . import alerts
from .connector import Connector, State, found, moved

DELAYS = (60.0, 300.0, 900.0, 3600.0, 14400.0)  # seconds before each further try
FIRST = "first"  # the kind of the first import, which a connector cannot do without

Doer = Callable[[Emulation, Connector, str], Awaitable[None]]
DOERS: dict[tuple[str, str], Doer] = {}  # by direction and kind; filled by the modules that know the kind


class Failed(Exception):
    """This object cannot be synchronised until something is changed. `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Again(Exception):
    """What the shop answered cannot be true any more: ask again later."""


@dataclass(frozen=True)
class Work:
    """`serial` grows with every time that it is asked for: who finishes an older one leaves the newer alone."""

    key: str  # "connector/direction/kind/ref"
    connector: int
    direction: str
    kind: str
    ref: str
    serial: int
    state: str = "due"  # due, retrying, failed
    tries: int = 0
    reason: str = ""


WORKS = Table(
    Work, "spotler_works", key="key", columns=("connector", "kind", "state"), indexes=[("connector", "state")]
)
C = WORKS.c


def ask(here: Emulation, connector: int, direction: str, kind: str, ref: str | int) -> None:
    """Have it done as soon as may be; asked twice before it begins, it is done once."""
    key = f"{connector}/{direction}/{kind}/{ref}"
    serial = here.ids.next("spotler.work")
    here.store[Work].put(Work(key, connector, direction, kind, str(ref), serial))
    here.later("work", {"work": key, "tries": 0}, once=True)


def ask_again(here: Emulation, *where: Any) -> int:
    """Take up what waits or has failed; how much that was."""
    works = here.store[Work].all(*where, order=[C.key])
    for one in works:
        ask(here, one.connector, one.direction, one.kind, one.ref)
    return len(works)


async def run(here: Emulation, event: dict[str, Any]) -> None:
    """The job "work"."""
    work = here.store[Work].get(event["work"])
    if work is None or work.tries != event["tries"] or work.state == "failed":
        return
    connector = found(here, work.connector)
    if connector.state not in (State.IMPORTING, State.ACTIVE):
        return  # it is taken up again when the connector is
    try:
        await DOERS[work.direction, work.kind](here, connector, work.ref)
    except Failed as failed:
        _given_up(here, work, failed.code, str(failed), work.tries + 1)
    except (ShopSilent, Again) as silent:
        _postponed(here, work, str(silent), silent.retry_after if isinstance(silent, ShopSilent) else None)
    except ShopRefused as refused:
        if refused.status in (401, 403):
            broken(here, connector, refused)
        else:
            said = f"the shop refused it: {refused.message} ({refused.code or refused.status})"
            _given_up(here, work, "refused_by_shop", said, work.tries + 1)
    else:
        _done(here, work)


def _done(here: Emulation, work: Work) -> None:
    alerts.settled(here, work.connector, work.direction, work.kind, work.ref)
    if _still(here, work):
        here.store[Work].delete(work.key)


def _postponed(here: Emulation, work: Work, why: str, retry_after: float | None) -> None:
    tries = work.tries + 1
    if tries > len(DELAYS):
        _given_up(here, work, "shop_does_not_answer", f"{why}; tried {tries} times", tries)
    elif _still(here, work):
        here.store[Work].put(replace(work, state="retrying", tries=tries, reason=why))
        after = max(DELAYS[tries - 1], retry_after or 0.0)
        here.later("work", {"work": work.key, "tries": tries}, after=after, once=True)


def _given_up(here: Emulation, work: Work, code: str, why: str, tries: int) -> None:
    if not _still(here, work):
        return
    here.store[Work].put(replace(work, state="failed", tries=tries, reason=why))
    connector = found(here, work.connector)
    if work.kind == FIRST and connector.state is State.IMPORTING:
        connector = moved(here, connector.id, "fail", problem={"code": code, "message": why})
    alerts.raised(here, connector, work.direction, work.kind, work.ref, code, why, tries)


def _still(here: Emulation, work: Work) -> bool:
    """Whether nobody has asked for it anew, or dropped it, while it was under way."""
    now = here.store[Work].get(work.key)
    return now is not None and now.serial == work.serial


def broken(here: Emulation, connector: Connector, refused: ShopRefused) -> None:
    """The shop does not let us in any more: everything waits until it does. One alert for the connector."""
    now = found(here, connector.id)
    if now.state not in (State.IMPORTING, State.ACTIVE):
        return
    message = f"{now.shop_url} refuses the API key: {refused.message}. Enter a new key and secret."
    failed = moved(here, now.id, "fail", problem={"code": "key_refused", "message": message})
    alerts.raised(here, failed, "import", "connector", "key", "key_refused", message)

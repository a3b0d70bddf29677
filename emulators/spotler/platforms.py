"""The other systems of the account: what Connect passes on to them, and the orders that they have of their own.

They live inside Connect as plain records: nobody outside sees how it speaks to them.
Source: Spotler Connect help: connector overview (data goes from one system to another that have no link of their own),
onboarding presets. Assumed: which three there are in an account, and which of them takes what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from ..kernel import Emulation, LabError, Table, dataclass, emulation
from .connector import Connector
from .presets import Preset
from .rule_book import judged

WAREHOUSE, NEWSLETTER, MARKETPLACE = "Warehouse", "Newsletter", "Marketplace"
FULFILMENT, MARKETING, SELLING = "e-fulfilment", "marketing automation", "marketplace"
TAKES: Mapping[str, frozenset[str]] = {
    FULFILMENT: frozenset({"order", "product"}),
    MARKETING: frozenset({"order", "product", "contact", "checkout"}),
    SELLING: frozenset(),
}
PARTNERS: Mapping[Preset, tuple[str, ...]] = {
    Preset.E_FULFILMENT: (FULFILMENT, MARKETING),
    Preset.MARKETING: (MARKETING,),
    Preset.FULFILMENT: (FULFILMENT,),
}


@dataclass(frozen=True)
class Platform:
    """One other system. Its number is of the same sort as a connector's: rules can be for it alone."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True)
class Passed:
    """What a platform was given last of one object. `source`: the connector it came from."""

    key: str  # "platform/kind/source/ref"
    platform: int
    kind: str
    source: int
    ref: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlatformOrder:
    """An order that was placed on a platform. `held` are pieces by master product that the warehouse sets aside."""

    key: str  # "platform/number"
    platform: int
    number: str
    status: str = "open"
    lines: dict[str, int] = field(default_factory=dict)  # pieces by SKU
    shipments: list[dict[str, Any]] = field(default_factory=list)


PLATFORMS = Table(Platform, "spotler_platforms", columns=("name",))
PASSED = Table(Passed, "spotler_passed", key="key", columns=("platform", "kind", "source", "ref"))
PLATFORM_ORDERS = Table(PlatformOrder, "spotler_platform_orders", key="key", columns=("platform", "number"))
TABLES = (PLATFORMS, PASSED, PLATFORM_ORDERS)


def fresh(here: Emulation) -> None:
    for name, kind in ((WAREHOUSE, FULFILMENT), (NEWSLETTER, MARKETING), (MARKETPLACE, SELLING)):
        here.store[Platform].add(Platform(here.ids.next("spotler.connector"), name, kind))


def named(here: Emulation, name: str) -> Platform:
    platform = here.store[Platform].first(PLATFORMS.c.name == name)
    if platform is None:
        there = ", ".join(p.name for p in here.store[Platform].all(order=[PLATFORMS.c.id]))
        raise LabError(f"the account has no platform {name!r}; it has {there}", status=404, code="unknown_platform")
    return platform


def list_all() -> dict[str, Any]:
    here = emulation()
    return {"data": [vars(platform) for platform in here.store[Platform].all(order=[PLATFORMS.c.id])]}


def pass_on(here: Emulation, connector: Connector, kind: str, ref: str, values: Mapping[str, Any]) -> list[str]:
    """Give an object to the platforms that take its kind and that the preset works with, as far as rules let it. The
    names of those that have it now."""
    given = []
    for platform in here.store[Platform].all(order=[PLATFORMS.c.id]):
        if platform.kind not in PARTNERS[connector.preset] or kind not in TAKES[platform.kind]:
            continue
        about = f"{kind} {ref} to {platform.name}"
        outcome = judged(here, kind, "export", platform.id, values, zone=connector.timezone, about=about)
        if outcome.blocked_by is None:
            key = f"{platform.id}/{kind}/{connector.id}/{ref}"
            here.store[Passed].put(Passed(key, platform.id, kind, connector.id, ref, dict(outcome.values)))
            given.append(platform.name)
    return given


def forget(here: Emulation, connector: int) -> None:
    """What came from this connector is not Connect's any more; the platforms keep their own."""
    here.store[Passed].delete_where(PASSED.c.source == connector)


def order_of(here: Emulation, platform: str, number: str) -> PlatformOrder | None:
    found = here.store[Platform].first(PLATFORMS.c.name == platform)
    return here.store[PlatformOrder].get(f"{found.id}/{number}") if found else None


def add_order(here: Emulation, platform: Platform, number: str, lines: Mapping[str, int]) -> PlatformOrder:
    order = PlatformOrder(f"{platform.id}/{number}", platform.id, number, lines=dict(lines))
    return here.store[PlatformOrder].put(order)


def shipped(here: Emulation, order: PlatformOrder, shipment: Mapping[str, Any]) -> PlatformOrder:
    """With one more shipment, unless it has it already."""
    now = here.store[PlatformOrder].get(order.key) or order
    if any(one["tracking_code"] == shipment["tracking_code"] for one in now.shipments):
        return now
    return here.store[PlatformOrder].put(replace(now, status="shipped", shipments=[*now.shipments, dict(shipment)]))

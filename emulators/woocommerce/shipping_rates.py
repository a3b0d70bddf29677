"""Which ways to ship a customer is offered, and for how much: the zones, methods and settings put to use.

Source: WooCommerce 10.5.0's settings pages; the checkout itself is not part of any recording.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..kernel import Emulation, LabError
from . import (
    coupons,
    order_taxes,
    places,
    prices,
    product,
    settings,
    shipping_costs,
    shipping_zones,
    taxes,
    texts,
    totals,
)
from .product import Product
from .shipping_costs import Parcel
from .shipping_methods import METHODS
from .shipping_zones import Zone, ZoneMethod
from .totals import ZERO

Lines = Sequence[tuple[Product, int]]


def zone_of(here: Emulation, country: str, state: str, postcode: str) -> Zone:
    """The first zone, in their order, that holds the address; everywhere else if none does."""
    zones = shipping_zones.all_zones(here)
    return next((z for z in zones if holds(z.locations, country, state, postcode)), shipping_zones.found(here, 0))


def holds(locations: Sequence[Mapping[str, str]], country: str, state: str, postcode: str) -> bool:
    """Whether one of its countries, states or continents fits, if it has any, and one of its postcodes, if any."""
    members = {code: countries for code, (_, countries) in places.continents().items()}
    regions = [x for x in locations if x["type"] != "postcode"]
    codes = [x["code"] for x in locations if x["type"] == "postcode"]
    near = any(
        x["code"] == country
        or (x["type"] == "state" and x["code"] == f"{country}:{state}")
        or (x["type"] == "continent" and country in members.get(x["code"], ()))
        for x in regions
    )
    return (near or not regions) and (not codes or any(taxes.in_postcode(code, postcode) for code in codes))


def offered(
    here: Emulation,
    lines: Mapping[str, int],
    country: str = "",
    state: str = "",
    postcode: str = "",
    coupon: str = "",
) -> list[dict[str, Any]]:
    """What the checkout offers for these pieces (by SKU) at this address: zone, method, title, cost and tax status.

    Without a country it is the shop's own address. Nothing is offered for what needs no shipping.
    """
    base = order_taxes.base(here)
    if not country:
        country, state, postcode = base["country"], base["state"], postcode or base["postcode"]
    sold = [(_found(here, sku), int(count)) for sku, count in lines.items()]
    packed = [(p, count) for p, count in sold if not p.virtual]
    if not packed or settings.value(here, "woocommerce_ship_to_countries") == "disabled":
        return []
    zone = zone_of(here, country.upper(), state.upper(), postcode)
    known = coupons.by_code(here, coupon) if coupon else None
    opened = known is not None and known.free_shipping
    rates = [
        {
            "zone": zone.id,
            "method": method.method_id,
            "instance": method.id,
            "title": shipping_zones.title(here, method),
            "cost": totals.text(cost, prices.decimals(here)),
            "tax_status": str(method.settings.get("tax_status", "taxable")),
        }
        for method in shipping_zones.methods_of(here, zone.id)
        if method.enabled and (cost := _COSTS[method.method_id](method, packed, opened)) is not None
    ]
    return _without_needless(here, rates)


def _without_needless(here: Emulation, rates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where the shop wants it, what costs something is not offered beside free shipping; fetching it is."""
    if settings.value(here, "woocommerce_shipping_hide_rates_when_free") != "yes":
        return rates
    free = any(rate["method"] == "free_shipping" for rate in rates)
    return [r for r in rates if not free or r["method"] in ("free_shipping", "local_pickup")]


def _found(here: Emulation, sku: str) -> Product:
    wanted = product.C.sku_key == texts.folded(sku)
    sold = here.store[Product].first(wanted, product.C.trashed.is_(False))
    if sold is None:
        raise LabError(f"no product has the SKU {sku!r}", status=404, code="unknown_sku")
    return sold


def _parcel(lines: Lines) -> Parcel:
    worth = sum((prices.number(p.price) * count for p, count in lines), ZERO)
    return Parcel(sum(count for _, count in lines), worth)


def _flat_rate(method: ZoneMethod, lines: Lines, opened: bool) -> Decimal | None:
    said = {"cost": "0", "type": "class", "no_class_cost": "", **method.settings}
    own = shipping_costs.cost(str(said["cost"]), _parcel(lines)) if said["cost"] != "" else None
    by_class: dict[int, list[tuple[Product, int]]] = {}
    for sold, count in lines:
        by_class.setdefault(sold.shipping_class_id, []).append((sold, count))
    formulas = [
        (str(said.get(f"class_cost_{number}" if number else "no_class_cost", "")), _parcel(some))
        for number, some in by_class.items()
    ]
    more = shipping_costs.class_costs(formulas, dearest_only=said["type"] == "order")
    return None if own is None and more is None else (own or ZERO) + (more or ZERO)


def _free_shipping(method: ZoneMethod, lines: Lines, opened: bool) -> Decimal | None:
    enough = _parcel(lines).worth >= totals.amount(method.settings.get("min_amount", "0"))
    free = shipping_costs.is_free(str(method.settings.get("requires", "")), enough=enough, coupon=opened)
    return ZERO if free else None


def _local_pickup(method: ZoneMethod, lines: Lines, opened: bool) -> Decimal | None:
    return shipping_costs.cost(str(method.settings.get("cost", "")) or "0", _parcel(lines))


_COSTS: dict[str, Callable[[ZoneMethod, Lines, bool], Decimal | None]] = {
    "flat_rate": _flat_rate,
    "free_shipping": _free_shipping,
    "local_pickup": _local_pickup,
}
assert _COSTS.keys() == {m.id for m in METHODS.values() if m.by_zone}

FACTS: dict[str, Callable[..., Any]] = {"shipping rates": offered}

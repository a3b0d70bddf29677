"""Shipping zones: where a zone is, and which ways to ship it has.

Zone 0 is everywhere else: it is always there, and only its methods can be changed.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from html import unescape
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, php, places, respond, setting_fields, settings, texts
from .errors import WooError
from .params import Params
from .shipping_methods import METHODS, counted, fields

PATH = "shipping/zones"
EVERYWHERE = "Locations not covered by your other zones"
PLACES = ("postcode", "state", "country", "continent")


@dataclass(frozen=True)
class Zone:
    """`locations`: objects of code and type, in the order they were sent."""

    id: int
    name: str
    order: int = 0
    locations: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class ZoneMethod:
    """A way to ship in a zone; `settings` holds what differs from the method's defaults."""

    id: int
    zone_id: int
    method_id: str
    order: int = 1
    enabled: bool = True
    settings: dict[str, Any] = field(default_factory=dict)


ZONES = Table(Zone, "woo_shipping_zones", columns=("order",))
METHODS_OF_ZONES = Table(ZoneMethod, "woo_shipping_zone_methods", columns=("zone_id", "order"))
TABLES = (ZONES, METHODS_OF_ZONES)

_MOST_NAMES = 10
_REST = Zone(0, EVERYWHERE)


def all_zones(here: Emulation) -> list[Zone]:
    """In the order in which an address is looked for; everywhere else is not among them."""
    return here.store[Zone].all(order=[ZONES.c.order, ZONES.c.id])


def methods_of(here: Emulation, zone_id: int) -> list[ZoneMethod]:
    M = METHODS_OF_ZONES.c
    return here.store[ZoneMethod].all(M.zone_id == zone_id, order=[M.order, M.id])


def title(here: Emulation, method: ZoneMethod) -> str:
    return str(method.settings.get("title", METHODS[method.method_id].title))


# ---------------------------------------------------------------------------------------------- zones


def list_all(params: Params) -> Reply:
    here = _allowed("view")
    return counted([rendered(here, zone) for zone in (_REST, *all_zones(here))])


def create(params: Params) -> Reply:
    here = _allowed("create")
    zone = _with_sent(Zone(here.ids.next("zone"), ""), params)
    here.store[Zone].add(zone)
    body = rendered(here, zone)
    return respond.one(body, 201, location=respond.self_url(body))


def read(params: Params) -> Reply:
    here = _allowed("view")
    return respond.one(rendered(here, found(here, params["id"])))


def update(params: Params) -> Reply:
    """Errors: 403 for everywhere else, whose name is its own."""
    here = _allowed("edit")
    zone = found(here, params["id"])
    if zone.id == 0:
        raise _untouchable("woocommerce_rest_shipping_zone_invalid_zone")
    return respond.one(rendered(here, here.store[Zone].put(_with_sent(zone, params))))


def delete(params: Params) -> Reply:
    """A zone and its methods, for good. Everywhere else survives it."""
    here = _allowed("delete")
    zone = found(here, params["id"])
    if not php.boolean(params.get("force")):
        raise WooError("rest_trash_not_supported", "Shipping zones do not support trashing.", 501)
    if zone.id:
        here.store[ZoneMethod].delete_where(METHODS_OF_ZONES.c.zone_id == zone.id)
        here.store[Zone].delete(zone.id)
    return respond.one(rendered(here, zone))


def found(here: Emulation, zone_id: Any) -> Zone:
    number = php.integer(zone_id)
    zone = _REST if number == 0 else here.store[Zone].get(number)
    if zone is None:
        raise WooError("woocommerce_rest_shipping_zone_invalid", "Resource does not exist.", 404)
    return zone


def _allowed(action: str) -> Emulation:
    """A store that ships nowhere has no zones. Errors: 404 rest_no_route, 401."""
    here = emulation()
    if settings.value(here, "woocommerce_ship_to_countries") == "disabled":
        raise WooError("rest_no_route", "Shipping is disabled.", 404)
    auth.require(action, here)
    return here


def _untouchable(code: str) -> WooError:
    return WooError(code, 'The "locations not covered by your other zones" zone cannot be updated.', 403)


def _with_sent(zone: Zone, params: Params) -> Zone:
    """A zone without a name gets one from where it is."""
    name = texts.plain(params["name"]) if params.get("name") is not None else zone.name
    order = abs(php.integer(params["order"])) if params.get("order") is not None else zone.order
    return replace(zone, name=name or _where(zone.locations), order=order)


def _where(locations: Sequence[Mapping[str, str]]) -> str:
    """Names of the places, wide ones first, ten at most. Source: WC_Shipping_Zone::get_formatted_location."""
    ordered = sorted(locations, key=lambda place: -PLACES.index(place["type"]))
    names = [unescape(_named(place)) for place in ordered]
    more = len(names) - _MOST_NAMES
    if more > 0:
        return f"{', '.join(names[:_MOST_NAMES])} and {more} other region{'' if more == 1 else 's'}"
    return ", ".join(names) or "Everywhere"


def _named(place: Mapping[str, str]) -> str:
    code = place["code"]
    country, _, state = code.partition(":")
    match place["type"]:
        case "continent" if code in places.continents():
            return places.continents()[code][0]
        case "country" if code in places.countries():
            return places.countries()[code].name
        case "state" if country in places.countries():
            return places.countries()[country].states.get(state, code)
    return code


def rendered(here: Emulation, zone: Zone) -> dict[str, Any]:
    return {
        "id": zone.id,
        "name": zone.name,
        "order": zone.order,
        "_links": respond.links(here, PATH, zone.id, describedby=f"{PATH}/{zone.id}/locations"),
    }


# ---------------------------------------------------------------------------------------------- locations


def list_locations(params: Params) -> Reply:
    here = _allowed("view")
    return _locations(here, found(here, params["id"]))


def update_locations(params: Params) -> Reply:
    """All locations anew; what has no code or a kind that there is not is left out without a word."""
    here = _allowed("edit")
    zone = found(here, params["id"])
    if zone.id == 0:
        raise _untouchable("woocommerce_rest_shipping_zone_locations_invalid_zone")
    sent = [params[name] for name in params if name in params.sent and isinstance(params[name], Mapping)]
    kept = [place for posted in sent if (place := _located(posted))]
    return _locations(here, here.store[Zone].put(replace(zone, locations=kept)))


def _located(posted: Mapping[str, Any]) -> dict[str, str] | None:
    code, kind = posted.get("code"), posted.get("type") or "country"
    if not code or isinstance(code, list | dict) or kind not in PLACES:
        return None
    return {"code": texts.plain(code), "type": kind}


def _locations(here: Emulation, zone: Zone) -> Reply:
    path = f"{PATH}/{zone.id}"
    links = {
        "collection": [{"href": respond.url(here, f"{path}/locations")}],
        "describes": [{"href": respond.url(here, path)}],
    }
    return counted([{**place, "_links": links} for place in zone.locations])


# ---------------------------------------------------------------------------------------------- methods


def list_methods(params: Params) -> Reply:
    here = _allowed("view")
    zone = found(here, params["zone_id"])
    return counted([rendered_method(here, m) for m in methods_of(here, zone.id)])


def create_method(params: Params) -> Reply:
    """Put a way to ship at the end of a zone. Answers 200. Errors: 500 for one that a zone cannot have."""
    here = _allowed("create")
    zone = found(here, params["zone_id"])
    wanted = params["method_id"]
    known = METHODS.get(wanted) if isinstance(wanted, str) else None
    if known is None or not known.by_zone:
        raise WooError("woocommerce_rest_shipping_zone_not_created", "Resource cannot be created.", 500)
    at = len(methods_of(here, zone.id)) + 1
    made = _method_with_sent(here, ZoneMethod(here.ids.next("method"), zone.id, known.id, at), params)
    return respond.one(rendered_method(here, here.store[ZoneMethod].add(made)))


def read_method(params: Params) -> Reply:
    here = _allowed("view")
    return respond.one(rendered_method(here, found_method(here, params)))


def update_method(params: Params) -> Reply:
    here = _allowed("edit")
    after = _method_with_sent(here, found_method(here, params), params)
    return respond.one(rendered_method(here, here.store[ZoneMethod].put(after)))


def delete_method(params: Params) -> Reply:
    here = _allowed("delete")
    method = found_method(here, params)
    if not php.boolean(params.get("force")):
        raise WooError("rest_trash_not_supported", "Shipping methods do not support trashing.", 501)
    body = rendered_method(here, method)
    here.store[ZoneMethod].delete(method.id)
    return respond.one(body)


def found_method(here: Emulation, params: Params) -> ZoneMethod:
    zone = found(here, params["zone_id"])
    method = here.store[ZoneMethod].get(php.integer(params["instance_id"]))
    if method is None or method.zone_id != zone.id:
        raise WooError("woocommerce_rest_shipping_zone_method_invalid", "Resource does not exist.", 404)
    return method


def _method_with_sent(here: Emulation, method: ZoneMethod, params: Params) -> ZoneMethod:
    changes: dict[str, Any] = {}
    if params.get("settings") is not None:
        known = fields(here, method.method_id)
        changes["settings"] = setting_fields.written(known, method.settings, params["settings"])
    if params.get("order") is not None:
        changes["order"] = abs(php.integer(params["order"]))
    if params.get("enabled") is not None:
        changes["enabled"] = php.boolean(params["enabled"])
    return replace(method, **changes)


def rendered_method(here: Emulation, method: ZoneMethod) -> dict[str, Any]:
    known = METHODS[method.method_id]
    zone = f"{PATH}/{method.zone_id}"
    return {
        "id": method.id,
        "instance_id": method.id,
        "title": title(here, method),
        "order": method.order,
        "enabled": method.enabled,
        "method_id": known.id,
        "method_title": known.title,
        "method_description": f"<p>{known.description}</p>\n",
        "settings": setting_fields.rendered(fields(here, known.id), method.settings),
        "_links": respond.links(here, f"{zone}/methods", method.id, describes=zone),
    }

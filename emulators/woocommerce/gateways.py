"""Payment gateways: the three that every store has, and what can be set for each.

Source: WooCommerce 10.5.0, recorded 2026-11-21; explaining texts in our own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ..kernel import Emulation, Reply, Table, dataclass, emulation, replace
from . import auth, php, respond, setting_fields, shipping_zones
from .errors import WooError
from .params import Params
from .setting_fields import Field
from .shipping_methods import METHODS, counted


@dataclass(frozen=True)
class Known:
    id: str
    title: str
    description: str
    about: str
    instructions: str = ""


@dataclass(frozen=True)
class Gateway:
    """What the shopkeeper changed of a gateway."""

    id: str
    enabled: bool = False
    order: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)


GATEWAYS = Table(Gateway, "woo_gateways")
_HANDED_OVER = "Pay in cash when it is handed over."
KNOWN = {
    known.id: known
    for known in (
        Known("bacs", "Direct bank transfer", "Send the money to our account; we ship when it is there.",
              "Customers pay by bank transfer."),
        Known("cheque", "Check payments", "Send a check to the address of the shop.", "Customers pay by check."),
        Known("cod", "Cash on delivery", _HANDED_OVER, "Customers pay on delivery.", _HANDED_OVER),
    )
}  # fmt: skip


def fields(here: Emulation, gateway_id: str) -> list[Field]:
    known = KNOWN[gateway_id]
    out = [
        Field("title", "Title", "safe_text", known.title, "What customers read at the checkout."),
        Field("instructions", "Instructions", "textarea", known.instructions, "Shown after the order, and in e-mails."),
    ]
    if gateway_id == "cod":
        only = "The ways to ship with which one can pay like this; all if empty."
        out.append(
            Field("enable_for_methods", "Enable for shipping methods", "multiselect", "", only, options=_ways(here))
        )
        out.append(Field("enable_for_virtual", "Accept COD if the order is virtual", "checkbox", "yes"))
    return out


def _ways(here: Emulation) -> dict[str, dict[str, str]]:
    """Ways to ship by title: any of that kind, and each where a zone has it. Of two with one title the later stays."""
    ways: dict[str, dict[str, str]] = {}
    zones = [*shipping_zones.all_zones(here), shipping_zones.found(here, 0)]
    for method in METHODS.values():
        ways[method.title] = {method.id: f"Any &quot;{method.title}&quot; method"}
        for zone in zones:
            for used in shipping_zones.methods_of(here, zone.id):
                if used.method_id == method.id:
                    name = f"{zone.name if zone.id else 'Other locations'} &ndash; "
                    name += f"{shipping_zones.title(here, used)} (#{used.id})"
                    ways[method.title][f"{method.id}:{used.id}"] = name
    return ways


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    gateways = [here.store[Gateway].get(known) or Gateway(known) for known in KNOWN]
    ordered = sorted(gateways, key=lambda g: g.order if g.order is not None else len(KNOWN) + 999)
    return counted([rendered(here, gateway) for gateway in ordered])


def read(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here, single=True)
    return respond.one(rendered(here, found(here, params)))


def update(params: Params) -> Reply:
    """Errors: 400 rest_setting_value_invalid, and nothing is changed.

    What comes as a setting and is told outside of the settings too (title, description, enabled) is kept, and this
    answer still tells the old. Source: update_item() of WC_REST_Payment_Gateways_V2_Controller, WooCommerce 10.
    """
    here = emulation()
    auth.require("edit", here)
    gateway = found(here, params)
    before = rendered(here, gateway)
    known = [*fields(here, gateway.id), *_TOLD_OUTSIDE]
    kept = setting_fields.written(known, gateway.settings, params.get("settings"))
    told: dict[str, Any] = {
        name: php.text(params[name]) for name in ("title", "description") if params.get(name) is not None
    }
    changes: dict[str, Any] = {"enabled": kept.pop("enabled", "yes" if gateway.enabled else "no") == "yes"}
    if params.get("enabled") is not None:
        changes["enabled"] = told["enabled"] = php.boolean(params["enabled"])
    if params.get("order") is not None:
        changes["order"] = abs(php.integer(params["order"]))
    kept |= {name: text for name, text in told.items() if name != "enabled"}
    after = rendered(here, here.store[Gateway].put(replace(gateway, settings=kept, **changes)))
    return respond.one(
        {**after, **{name: told.get(name, before[name]) for name in ("title", "description", "enabled")}}
    )


_TOLD_OUTSIDE = (Field("enabled", "Enable/Disable", "checkbox", "no"), Field("description", "Description", "textarea"))


def _settings(here: Emulation, gateway: Gateway) -> dict[str, Any]:
    """What PHP finds empty is "" here, also a list of none."""
    shown = setting_fields.rendered(fields(here, gateway.id), gateway.settings)
    return {
        name: {**one, "value": "" if one["value"] in ([], "0", False) else one["value"]} for name, one in shown.items()
    }


def found(here: Emulation, params: Params) -> Gateway:
    if params["id"] not in KNOWN:
        raise WooError("woocommerce_rest_payment_gateway_invalid", "Resource does not exist.", 404)
    return here.store[Gateway].get(params["id"]) or Gateway(params["id"])


def rendered(here: Emulation, gateway: Gateway) -> Mapping[str, Any]:
    known = KNOWN[gateway.id]
    return {
        "id": known.id,
        "title": gateway.settings.get("title", known.title),
        "description": gateway.settings.get("description", known.description),
        "order": "" if gateway.order is None else gateway.order,
        "enabled": gateway.enabled,
        "method_title": known.title,
        "method_description": known.about,
        "method_supports": ["products"],
        "settings": _settings(here, gateway),
        "needs_setup": False,
        "post_install_scripts": [],
        "settings_url": f"{here.root}/wp-admin/admin.php?page=wc-settings&tab=checkout&path=/offline/{known.id}",
        "connection_url": None,
        "setup_help_text": None,
        "required_settings_keys": [],
        "_links": respond.links(here, "payment_gateways", known.id, allow=("GET", "POST", "PUT", "PATCH")),
    }

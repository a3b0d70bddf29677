"""The ways to ship that a store knows, and what can be set for each where a zone uses it.

Source: WooCommerce 10.5.0, recorded 2026-11-21: flat rate. The settings of free shipping and local pickup are those
of the same release's settings pages; no call to them was recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..kernel import Emulation, Reply, dataclass, emulation
from . import auth, respond
from .errors import WooError
from .params import Params
from .setting_fields import Field
from .term import TERMS, Term

_TAXED = {"taxable": "Taxable", "none": "None"}
_COST = (
    "Net price, or a sum: [qty] stands for the number of pieces, [cost] for what they cost together and "
    "[fee percent min_fee max_fee] for a share of that."
)
_NAME = "What customers read when they choose how to have it sent."


@dataclass(frozen=True)
class Method:
    """`by_zone`: whether a zone can have it."""

    id: str
    title: str
    description: str
    by_zone: bool = True


METHODS = {
    method.id: method
    for method in (
        Method("flat_rate", "Flat rate", "One price for shipping, whatever is sent."),
        Method("free_shipping", "Free shipping", "Costs nothing, for everybody or with a coupon or a minimum order."),
        Method("local_pickup", "Local pickup", "Customers come and fetch it; taxed at the address of the shop."),
        Method("pickup_location", "Local pickup", "Customers choose one of the shop's places to fetch it.", False),
    )
}


def fields(here: Emulation, method_id: str) -> list[Field]:
    """What can be set for this method in a zone."""
    return _FIELDS[method_id](here)


def _flat_rate(here: Emulation) -> list[Field]:
    """One cost for all, and when there are shipping classes one more for each of them."""
    out = [
        Field("title", "Name", default="Flat rate", description=_NAME, placeholder="e.g. Standard national"),
        Field("tax_status", "Tax status", "select", "taxable", options=_TAXED),
        Field("cost", "Cost", default="0", description=_COST),
    ]
    classes = here.store[Term].all(TERMS.c.taxonomy == "product_shipping_class", order=[TERMS.c.name_key, TERMS.c.id])
    if classes:
        out.append(Field("class_costs", "Shipping class costs", "title", description="Added to the cost above."))
        for each in classes:
            label = f"&quot;{each.name}&quot; shipping class cost"
            out.append(Field(f"class_cost_{each.id}", label, description=_COST, placeholder="N/A"))
        out.append(Field("no_class_cost", "No shipping class cost", description=_COST, placeholder="N/A"))
        how = {"class": "Per class: each one adds its cost", "order": "Per order: only the dearest adds its cost"}
        out.append(Field("type", "Calculation type", "select", "class", options=how))
    return out


def _free_shipping(here: Emulation) -> list[Field]:
    needs = {
        "": "No requirement",
        "coupon": "A valid free shipping coupon",
        "min_amount": "A minimum order amount",
        "either": "A minimum order amount OR coupon",
        "both": "A minimum order amount AND coupon",
    }
    return [
        Field("title", "Name", default="Free shipping", description=_NAME, placeholder="e.g. Free shipping"),
        Field("requires", "Free shipping requires", "select", options=needs),
        Field("min_amount", "Minimum order amount", "price", "0", "What an order must be worth.", "0"),
        Field("ignore_discounts", "Coupons discounts", "checkbox", "no", "Count the order as before its coupons."),
    ]


def _local_pickup(here: Emulation) -> list[Field]:
    return [
        Field("title", "Name", default="Local pickup", description=_NAME, placeholder="e.g. Local pickup"),
        Field("tax_status", "Tax status", "select", "taxable", options=_TAXED),
        Field("cost", "Cost", description="What fetching it costs, if anything.", placeholder="0"),
    ]


_FIELDS: dict[str, Callable[[Emulation], list[Field]]] = {
    "flat_rate": _flat_rate,
    "free_shipping": _free_shipping,
    "local_pickup": _local_pickup,
}


def list_all(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here)
    return counted([_rendered(here, method) for method in METHODS.values()])


def read(params: Params) -> Reply:
    here = emulation()
    auth.require("view", here, single=True)
    method = METHODS.get(params["id"])
    if method is None:
        raise WooError("woocommerce_rest_shipping_method_invalid", "Resource does not exist.", 404)
    return respond.one(_rendered(here, method))


def counted(items: list[Any]) -> Reply:
    """A whole list on one page."""
    return Reply(200, items, (("X-WP-Total", str(len(items))), ("X-WP-TotalPages", "1" if items else "0")))


def _rendered(here: Emulation, method: Method) -> Mapping[str, Any]:
    return {
        "id": method.id,
        "title": method.title,
        "description": method.description,
        "_links": respond.links(here, "shipping_methods", method.id, allow=("GET",)),
    }

"""What OPTIONS and the index of the API say of arguments and answers: made from the OpenAPI document.

The store's own answers were recorded for products; for the others names, types and choices are those of the document,
and the order of the keys is that of products.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kernel import Operation
from . import params as parameters, words
from .arguments import Arg
from .params import Route

BOTH = ["view", "edit"]
_ANY = ["null", "object", "string", "number", "boolean", "integer", "array"]
_ONLY_EDITED = frozenset({"permalink_template", "generated_slug"})
_DEFAULT_FIRST = ("status", "include_meta", "exclude_meta")
_UNSAID = {  # shown, and yet not in the store's schema
    "Gateway": (
        "needs_setup", "post_install_scripts", "settings_url", "connection_url", "setup_help_text",
        "required_settings_keys",
    ),
}  # fmt: skip
_TITLES = {
    "Attribute": "product_attribute",
    "AttributeTerm": "product_attribute_term",
    "Brand": "product_brand",
    "Category": "product_cat",
    "Continent": "data_continents",
    "Country": "data_countries",
    "Coupon": "shop_coupon",
    "Currency": "data_currencies",
    "DataIndex": "data_index",
    "Gateway": "payment_gateway",
    "Order": "shop_order",
    "Refund": "shop_order_refund",
    "Review": "product_review",
    "ShippingClass": "product_shipping_class",
    "Tag": "product_tag",
    "TaxRate": "tax",
    "TopSeller": "top_sellers_report",
    "Variation": "product_variation",
    "ZoneMethod": "shipping_zone_method",
}


def arguments(operation: Operation) -> dict[str, Any]:
    """The arguments of an operation. A batch is shown with those of one thing."""
    route, shown = parameters.route(operation), {}
    path = [p["name"] for p in reversed(operation.parameters_in("path"))]
    if not operation.path.endswith(("/variations/{id}", "/refunds/{id}")):
        path.sort(key=lambda name: name != "id")
    else:
        path.reverse()
    names = [*path, *(name for name in route.args if name not in path)]
    for name in names:
        shown[name] = _argument(route.args[name], name, route, first=operation.method != "GET")
    if operation.path.endswith("/batch") and (one := _one_of_many(operation)):
        shown |= {name: arg for name, arg in arguments(one).items() if name != "id"}
    return shown


def _one_of_many(batch: Operation) -> Operation | None:
    path = batch.path.removesuffix("batch") + "{id}"
    found = (o for o in batch.document.operations.values() if o.path == path and o.method == "PUT")
    return next(found, None)


def _argument(arg: Arg, name: str, route: Route, *, first: bool) -> dict[str, Any]:
    """In the order of keys that the store has, as far as there is a rule to it. `first`: the default comes first."""
    given = {"description": words.said(name), **_schema(arg)}
    if name in route.defaults:
        given["default"] = route.defaults[name]
    given["required"] = name in route.required
    if (first or name in _DEFAULT_FIRST) and "default" in given:
        order: tuple[str, ...] = ("default", "description", "type", "enum", "format", "items", "properties")
    elif name == "context":
        order = ("description", "type", "enum", "default")
    else:
        order = ("description", "type", "items", "default", "minimum", "maximum", "enum", "format", "properties")
    return {key: given[key] for key in (*order, "required") if key in given}


def _schema(arg: Arg) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if arg.types:
        out["type"] = arg.types[0] if len(arg.types) == 1 else list(arg.types)
    for key, value in (("minimum", arg.minimum), ("maximum", arg.maximum)):
        if value is not None:
            out[key] = value
    if arg.listed:
        out["enum"] = list(arg.listed)
    if arg.format:
        out["format"] = arg.format
    if arg.items is not None:
        out["items"] = _schema(arg.items)
    if arg.properties:
        out["properties"] = {
            name: _inner(inner, name, _is_given(arg.name, name)) for name, inner in arg.properties.items()
        }
    return out


def _is_given(owner: str, name: str) -> bool:
    """Whether the store fills this in by itself."""
    if owner in ("categories", "brands", "tags"):
        return name in ("name", "slug")
    if owner in ("images", "image"):
        return name.startswith("date_")
    return name == "id" and (owner == "meta_data" or owner.endswith(("_lines", "_items")))


def _inner(arg: Arg, name: str, read_only: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _ANY, **_schema(arg)}
    last = _after_context(schema)
    default = {} if arg.default is None else {"default": arg.default}
    out = {"description": words.said(name), **schema, **default, "context": BOTH, **last}
    return {**out, "readonly": True} if read_only else out


def _after_context(schema: dict[str, Any]) -> dict[str, Any]:
    """What is taken out to be put last: the insides of objects. Lists of plain values stay where they are."""
    last = ("properties", "items") if "properties" in schema.get("items", {}) else ("properties",)
    return {key: schema.pop(key) for key in last if key in schema}


# ---------------------------------------------------------------------------------------------- answers


def answer(operation: Operation) -> dict[str, Any] | None:
    """The schema of what a route answers with: what can be written as it is written, the rest as read only. What is
    written and never shown (a password) is there as well."""
    resolved = operation.document.resolved
    described = resolved(operation.raw["responses"].get("200", {}))
    schema = resolved(described.get("content", {}).get("application/json", {}).get("schema", {}))
    given = described.get("content", {}).get("application/json", {}).get("schema", {})
    reference = (schema.get("items", {}) if schema.get("type") == "array" else given).get("$ref", "")
    if not reference:
        return None
    properties: Mapping[str, Any] = resolved({"$ref": reference}).get("properties", {})
    written, unsaid = _written(operation), _UNSAID.get(reference.rsplit("/", 1)[1], ())
    shown = {
        name: _property(name, resolved(inner), written.get(name), operation)
        for name, inner in properties.items()
        if not name.startswith("_") and name not in unsaid
    }
    never_shown = {
        name: {**_property(name, {}, written[name], operation), "context": ["edit"]}
        for name in written
        if name not in properties
    }
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": title(reference.rsplit("/", 1)[1]),
        "type": "object",
        "properties": {**shown, **never_shown},
    }


def title(name: str) -> str:
    """How the store calls a schema of the document: `ShippingZone` is a `shipping_zone`."""
    return _TITLES.get(name) or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _written(operation: Operation) -> dict[str, tuple[Arg, Route]]:
    """The arguments that make or change what the operation is about."""
    base = operation.path.removesuffix("/{id}")
    out: dict[str, tuple[Arg, Route]] = {}
    for other in operation.document.operations.values():
        if other.method in ("PUT", "POST") and other.path in (base, f"{base}/{{id}}"):
            route = parameters.route(other)
            path = {p["name"] for p in other.parameters_in("path")}
            for name, arg in route.args.items():
                if name not in path and (name not in out or name in route.defaults):
                    out[name] = (arg, route)
    return out


def _property(
    name: str, schema: Mapping[str, Any], written: tuple[Arg, Route] | None, operation: Operation
) -> dict[str, Any]:
    context = ["edit"] if name in _ONLY_EDITED else BOTH
    out: dict[str, Any] = {"description": words.said(name)}
    if written is None:
        out |= {"type": _type(name, schema)} | {key: schema[key] for key in ("format", "enum") if key in schema}
        items = operation.document.resolved(schema.get("items", {}))
        if "type" in items:
            out["items"] = {"type": items["type"]}
        return {**out, "context": context, "readonly": True}
    arg, route = written
    shown = _schema(arg)
    last = _after_context(shown)
    out |= {key: shown[key] for key in ("type", "format", "items") if key in shown}
    if name.startswith("date_"):
        out["type"] = "date-time"
    if name in route.defaults:
        out["default"] = route.defaults[name]
    out |= {key: shown[key] for key in ("minimum", "maximum", "enum") if key in shown}
    return {**out, "context": context, **last}


def _type(name: str, schema: Mapping[str, Any]) -> Any:
    if name.startswith("date_") or name.endswith("_date"):
        return "date-time"
    if "anyOf" in schema:
        return [option["type"] for option in schema["anyOf"] if "type" in option]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return [kind, "null"] if schema.get("nullable") else kind

"""Many at once: create, update and delete in one request, for every resource.

Each item goes to the handler that also serves it alone, without any check of what was sent; what one item is
refused stands in its place and hinders no other. Deleting is for good.
Source: WooCommerce 10.5.0, recorded 2026-11-21.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..kernel import ApiError, Emulation, Reply, dataclass, emulation
from . import (
    attributes as attribute_handlers,
    auth,
    coupons as coupon_handlers,
    customers as customer_handlers,
    orders as order_handlers,
    php,
    products as product_handlers,
    reviews as review_handlers,
    shared_attributes,
    taxes as tax_handlers,
    terms as term_handlers,
    variations as variation_handlers,
    webhooks as webhook_handlers,
)
from .errors import WooError, critical
from .params import Params

MOST = 100
Handler = Callable[[Params], Any]


@dataclass(frozen=True)
class Resource:
    create: Handler
    update: Handler
    delete: Handler


def _resource(module: Any) -> Resource:
    return Resource(module.create, module.update, module.delete)


def _terms(one: str, module: Any = term_handlers) -> Resource:
    return Resource(*(getattr(module, f"{verb}_{one}") for verb in ("create", "update", "delete")))


async def carried_out(resource: Resource, params: Params, **path: Any) -> Reply:
    """Errors: 413 for more than a hundred items in all; a crash for a list that is an object."""
    here = emulation()
    auth.require("batch", here)
    lists: dict[str, list[Any]] = {}
    for verb in ("create", "update", "delete"):
        sent = params.get(verb)
        if isinstance(sent, Mapping) and sent:
            here.explain(f"{verb} is an object and not a list: the real store crashes here")
            raise _without_allow(critical())
        lists[verb] = sent if isinstance(sent, list) else []
    if sum(map(len, lists.values())) > MOST:
        message = f"Unable to accept more than {MOST} items for this request."
        raise WooError("woocommerce_rest_request_entity_too_large", message, 413)
    body: dict[str, list[Any]] = {}
    if lists["create"]:
        body["create"] = [await _made(here, resource, item, path) for item in lists["create"]]
    if lists["update"]:
        body["update"] = [await _edited(here, resource, item, path) for item in lists["update"]]
    if lists["delete"]:
        body["delete"] = [await _dropped(here, resource, i, path) for i in map(_id_of, lists["delete"]) if i]
    return Reply(200, body or [])


async def _made(here: Emulation, resource: Resource, item: Any, path: Mapping[str, Any]) -> Any:
    return await _one(here, resource.create, Params.unchecked(_fields(item), **path), 0)


async def _edited(here: Emulation, resource: Resource, item: Any, path: Mapping[str, Any]) -> Any:
    fields = _fields(item)
    return await _one(here, resource.update, Params.unchecked({"id": None, **fields}, **path), fields.get("id"))


async def _dropped(here: Emulation, resource: Resource, item_id: int, path: Mapping[str, Any]) -> Any:
    fields = {"id": item_id, **path, "force": True}
    shown = fields if path else item_id  # of what lies below another thing the store shows what it looked for
    return await _one(here, resource.delete, Params.unchecked(fields), shown)


def _fields(item: Any) -> dict[str, Any]:
    return dict(item) if isinstance(item, Mapping) else {}


def _id_of(item: Any) -> int:
    return php.integer(item.get("id") if isinstance(item, Mapping) else item)


async def _one(here: Emulation, handler: Handler, params: Params, item_id: Any) -> Any:
    """The body for one item. What it wrote before it was refused is undone."""
    point = here.store.savepoint()
    try:
        result = handler(params)
        if inspect.isawaitable(result):
            result = await result
    except ApiError as refused:
        if point.is_active:
            point.rollback()
        if here.store.memos is not None:
            here.store.memos.clear()
        error = refused if isinstance(refused, WooError) else WooError(refused.code, refused.message, refused.status)
        return {"id": item_id, "error": error.body}
    if point.is_active:
        point.commit()
    if isinstance(result, Reply):  # a refusal can also be an answer: an order whose coupon is refused stays, as a draft
        return {"id": item_id, "error": result.body} if result.status >= 400 else result.body
    return result[0] if isinstance(result, tuple) else result


def _without_allow(error: WooError) -> WooError:
    error.headers = (("Allow", ""),)
    return error


products = partial(carried_out, _resource(product_handlers))
categories = partial(carried_out, _terms("category"))
tags = partial(carried_out, _terms("tag"))
shipping_classes = partial(carried_out, _terms("shipping_class"))
brands = partial(carried_out, _terms("brand"))
reviews = partial(carried_out, _resource(review_handlers))
orders = partial(carried_out, _resource(order_handlers))
customers = partial(carried_out, _resource(customer_handlers))
coupons = partial(carried_out, _resource(coupon_handlers))
webhooks = partial(carried_out, _resource(webhook_handlers))
taxes = partial(carried_out, _resource(tax_handlers))


async def variations(params: Params) -> Reply:
    return await carried_out(_resource(variation_handlers), params, product_id=params["product_id"])


async def attribute_terms(params: Params) -> Reply:
    return await carried_out(_terms("term", attribute_handlers), params, attribute_id=params["attribute_id"])


async def attributes(params: Params) -> Reply:
    """The store does not see the attributes that the same batch has just made: their slugs may repeat."""
    create = partial(attribute_handlers.created, taken=shared_attributes.slugs(emulation()))
    resource = Resource(create, attribute_handlers.update, attribute_handlers.delete)
    return await carried_out(resource, params)

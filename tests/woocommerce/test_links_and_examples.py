"""openapi/woocommerce.yaml by itself: all operations have their words, links lead somewhere, examples hold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest

from storelab.emulators.kernel.operations import Document, Operation
from storelab.emulators.kernel.service import load_document

from .shop import Shop


@cache
def document() -> Document:
    return Document(load_document("woocommerce"), None)


class Link(NamedTuple):
    origin: Operation
    name: str
    answer: dict[str, Any]
    described: dict[str, Any]


def links() -> Iterator[Link]:
    for operation in document().operations.values():
        for answer in operation.raw["responses"].values():
            resolved = document().resolved(answer)
            for name, described in resolved.get("links", {}).items():
                yield Link(operation, name, resolved, document().resolved(described))


def examples() -> Iterator[tuple[Operation, Any]]:
    for operation in document().operations.values():
        content = document().resolved(operation.raw.get("requestBody", {})).get("content", {})
        for media in content.values():
            if "example" in media:
                yield operation, media["example"]


EXAMPLES = {operation.id: example for operation, example in examples()}


def test_every_operation_has_a_summary_of_its_own() -> None:
    summaries: dict[tuple[str, str], str] = {}
    for operation in document().operations.values():
        words = operation.raw.get("summary", "")
        assert words, operation.id
        assert len(words) < 80, operation.id
        assert words[0].isupper(), operation.id
        assert summaries.setdefault((words, operation.name), operation.name) == operation.name


@pytest.mark.parametrize("link", list(links()), ids=lambda link: f"{link.origin.id}: {link.name}")
def test_a_link_leads_to_an_operation_with_what_it_needs(link: Link) -> None:
    target = document().operations[link.described["operationId"]]
    known = {p["name"] for where in ("path", "query", "header") for p in target.parameters_in(where)}
    given = link.described.get("parameters", {})

    assert set(given) <= known
    assert target.emulated
    if not link.described.get("requestBody"):
        assert {p["name"] for p in target.parameters_in("path")} == set(given)
    for expression in _expressions(link.described):
        assert _found(link, expression), expression


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _expressions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _expressions(inner)
    elif isinstance(value, str) and value.startswith("$"):
        yield value


def _found(link: Link, expression: str) -> bool:
    """Whether there is what the expression speaks of, in the answer or in the request."""
    if expression.startswith("$request.path."):
        return any(p["name"] == expression.rsplit(".", 1)[1] for p in link.origin.parameters_in("path"))
    schema = document().resolved(link.answer["content"]["application/json"]["schema"])
    for name in expression.removeprefix("$response.body#/").split("/"):
        if name not in schema.get("properties", {}):
            return False
        schema = document().resolved(schema["properties"][name])
    return True


def test_the_things_a_store_is_made_of_lead_on() -> None:
    origins = {link.origin.id for link in links()}

    assert origins >= {
        f"{thing}.create" for thing in ("products", "variations", "orders", "customers", "coupons", "webhooks", "users")
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_to_its_schema(name: str) -> None:
    operation = document().operations[name]

    assert not list(operation.problems_in("body", EXAMPLES[name]))


def test_the_store_takes_every_example(shop: Shop) -> None:
    shop.world.do("woocommerce", "change setting", name="woocommerce_calc_taxes", value="yes")
    made: dict[str, int] = {}

    def done(method: str, path: str, name: str, body: Any = None) -> None:
        answer = shop.call(method, path, EXAMPLES[name] if body is None else body)
        assert answer.status_code in (200, 201), f"{name}: {answer.text[:300]}"
        made[name] = answer.json().get("id", 0)

    for path, name in (
        ("products", "products.create"),
        ("orders", "orders.create"),
        ("customers", "customers.create"),
        ("coupons", "coupons.create"),
        ("webhooks", "webhooks.create"),
        ("products/categories", "terms.create_category"),
        ("products/tags", "terms.create_tag"),
        ("products/brands", "terms.create_brand"),
        ("products/shipping_classes", "terms.create_shipping_class"),
        ("products/attributes", "attributes.create"),
        ("taxes", "taxes.create"),
        ("taxes/classes", "taxes.create_class"),
        ("shipping/zones", "shipping_zones.create"),
    ):
        done("POST", path, name)
    product, order, zone = made["products.create"], made["orders.create"], made["shipping_zones.create"]
    done("POST", f"products/attributes/{made['attributes.create']}/terms", "attributes.create_term")
    done("POST", f"orders/{order}/notes", "notes.create")
    done("POST", f"orders/{order}/refunds", "refunds.create")
    done("POST", f"shipping/zones/{zone}/methods", "shipping_zones.create_method")
    done("PUT", f"shipping/zones/{zone}/methods/1", "shipping_zones.update_method")
    done("POST", "products/reviews", "reviews.create", EXAMPLES["reviews.create"] | {"product_id": product})
    shirt = shop.product("SHIRT", type="variable", attributes=[{"name": "Size", "variation": True, "options": ["S"]}])
    done("POST", f"products/{shirt['id']}/variations", "variations.create")
    done("PUT", f"products/{shirt['id']}/variations/{made['variations.create']}", "variations.update")
    for thing in ("products", "orders", "customers", "coupons", "webhooks"):
        done("PUT", f"{thing}/{made[f'{thing}.create']}", f"{thing}.update")
    done("PUT", "payment_gateways/bacs", "gateways.update")
    done("PUT", "settings/general/woocommerce_calc_taxes", "settings.update")

    asked = {name for name in EXAMPLES if not name.startswith(("batch.", "users."))}
    assert asked == set(made)

"""Which custom fields a list of orders or products shows."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop

FIELDS = {"meta_data": [{"key": "erp", "value": "7"}, {"key": "till", "value": "3"}]}


@pytest.mark.parametrize("collection", ["orders", "products"])
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({}, ["erp", "till"]),
        ({"include_meta": "erp"}, ["erp"]),
        ({"include_meta": "erp,till"}, ["erp", "till"]),
        ({"include_meta": ""}, ["erp", "till"]),
        ({"exclude_meta": "erp"}, ["till"]),
        ({"include_meta": "erp", "exclude_meta": "erp"}, ["erp"]),
        ({"include_meta": "erp", "context": "edit"}, ["erp"]),
    ],
)
def test_a_list_shows_the_custom_fields_that_are_asked_for(
    shop: Shop, collection: str, query: dict[str, Any], shown: list[str]
) -> None:
    shop.post(collection, FIELDS)

    (told,) = shop.get(collection, **query)

    assert [entry["key"] for entry in told["meta_data"]] == shown


@pytest.mark.parametrize("collection", ["orders", "products"])
def test_where_one_thing_is_read_one_field_is_named(shop: Shop, collection: str) -> None:
    one = f"{collection}/{shop.post(collection, FIELDS)['id']}"

    assert [entry["key"] for entry in shop.get(one, exclude_meta="erp")["meta_data"]] == ["till"]
    assert shop.get(one, include_meta="erp,till")["meta_data"] == []
    assert len(shop.get(one)["meta_data"]) == 2

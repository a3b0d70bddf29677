"""Lists of coupons."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["shown", "hidden"]),
        ({"status": "draft"}, ["draft"]),
        ({"status": "draft,publish"}, ["shown", "draft"]),
        ({"status[]": ["draft", "private"]}, ["hidden", "draft"]),
        ({"status": "any"}, ["shown", "hidden", "draft"]),
        ({"status": "trash"}, ["gone"]),
        ({"status": "nonsense"}, ["shown", "hidden", "draft", "gone"]),
        ({"status": "wc-pending"}, []),
    ],
)
def test_coupons_are_found_by_their_status(shop: Shop, query: dict[str, Any], found: list[str]) -> None:
    for code, status in (("shown", "publish"), ("hidden", "private"), ("draft", "draft"), ("gone", "publish")):
        made = shop.post("coupons", {"code": code, "status": status})
    shop.delete(f"coupons/{made['id']}")

    assert [c["code"] for c in shop.get("coupons", orderby="id", order="asc", **query)] == found

"""What a review may hold. Source: the reviews' controller of WooCommerce 10, read (nothing of it is recorded)."""

from __future__ import annotations

from typing import Any

import pytest

from .shop import Shop

TOO_LONG = "Product review field exceeds maximum length allowed."


def review(shop: Shop, **more: Any) -> dict[str, Any]:
    sent = {"product_id": shop.product()["id"], "review": "Nice", "reviewer": "Jo", "reviewer_email": "jo@example.com"}
    return {**sent, **more}


@pytest.mark.parametrize("text", ["", "0"])
def test_a_review_says_something_also_when_it_is_changed(shop: Shop, text: str) -> None:
    nothing = (400, "woocommerce_rest_review_content_invalid", "Invalid review content.")
    made = shop.post("products/reviews", review(shop))

    assert shop.refusal("PUT", f"products/reviews/{made['id']}", {"review": text}) == nothing
    assert shop.refusal("POST", "products/reviews", {**made, "id": 0, "review": text}) == nothing


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("reviewer", "J" * 246, "reviewer"),
        ("reviewer_email", f"{'j' * 100}@example.com", "reviewer_email"),
        ("review", "x" * 65526, "review_content"),
    ],
)
def test_a_field_is_no_longer_than_the_database_holds(shop: Shop, field: str, value: str, code: str) -> None:
    refused = shop.refusal("POST", "products/reviews", review(shop, **{field: value}))

    assert refused == (400, f"woocommerce_rest_{code}_column_length", TOO_LONG)

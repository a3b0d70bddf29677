"""Titles as readers see them. Source: the rules that WordPress documents for wptexturize()."""

from __future__ import annotations

import pytest

from storelab.emulators.woocommerce import titles

from .shop import Shop


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("mug", "mug"),
        ("Joe's mug", "Joe&#8217;s mug"),
        ('The "big" one', "The &#8220;big&#8221; one"),
        ("Mug - red -- new", "Mug &#8211; red &#8212; new"),
        ("10x20 cm", "10&#215;20 cm"),
        ('9" pan', "9&#8243; pan"),
        ("Salt & pepper...", "Salt &#038; pepper&#8230;"),
        ("Salt &amp; pepper", "Salt &amp; pepper"),
        ("'96 wine", "&#8217;96 wine"),
    ],
)
def test_quotes_and_dashes_are_typographic(title: str, shown: str) -> None:
    assert titles.texturized(title) == shown


@pytest.mark.parametrize(
    ("product", "shown"),
    [
        ({}, "Joe&#8217;s"),
        ({"status": "private"}, "Private: Joe&#8217;s"),
        ({"post_password": "x"}, "Protected: Joe&#8217;s"),
    ],
)
def test_a_review_calls_its_product_as_a_reader_would_see_it(shop: Shop, product: dict[str, str], shown: str) -> None:
    mug = shop.post("products", {"name": "Joe's", **product})
    sent = {"product_id": mug["id"], "review": "Nice", "reviewer": "Jo", "reviewer_email": "jo@example.com"}

    assert shop.post("products/reviews", sent)["product_name"] == shown

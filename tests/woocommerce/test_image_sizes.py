"""Smaller forms of pictures. Source: the rules of WordPress's image functions, read (nothing of it is recorded)."""

from __future__ import annotations

import struct

import pytest
import requests
from hypothesis import given, strategies as st

from storelab.emulators.woocommerce import image_sizes

from .shop import Shop

SIDES = st.integers(1, 5000)


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((48, 48), []),
        ((800, 600), [800, 300, 768, 600]),
        ((800, 800), [800, 300, 150, 768, 600, 100]),
        ((1200, 900), [1200, 300, 1024, 768, 600]),
        ((2500, 1000), [2500, 300, 1024, 768, 1536, 2048, 600]),
        ((0, 0), []),
    ],
)
def test_a_picture_is_offered_in_the_widths_that_keep_its_shape(size: tuple[int, int], widths: list[int]) -> None:
    offered = image_sizes.offered("http://shop/a.jpg", size)

    assert [int(source.rpartition(" ")[2][:-1]) for source in offered.split(", ") if source] == widths


def test_the_forms_are_named_after_their_sizes() -> None:
    offered = image_sizes.offered("http://shop/a.jpg", (800, 600))

    assert offered.startswith("http://shop/a.jpg 800w, http://shop/a-300x225.jpg 300w, http://shop/a-768x576.jpg 768w")
    assert image_sizes.offered("http://shop/a.gif", (800, 600)) == ""


@pytest.mark.parametrize(
    ("size", "cut"), [((400, 200), (300, 200)), ((900, 900), (300, 300)), ((300, 300), None), ((90, 90), None)]
)
def test_a_square_is_cut_out_where_there_is_more(size: tuple[int, int], cut: tuple[int, int] | None) -> None:
    assert image_sizes.square(size, 300) == cut


@given(size=st.tuples(SIDES, SIDES), box=st.tuples(SIDES, SIDES))
def test_what_is_fitted_is_within_its_box_and_never_larger(size: tuple[int, int], box: tuple[int, int]) -> None:
    made = image_sizes.fitted(size, box)

    assert 1 <= made[0] <= min(size[0], box[0])
    assert 1 <= made[1] <= min(size[1], box[1])


def test_every_form_that_is_offered_is_served(shop: Shop) -> None:
    shop.world.state("woocommerce", "a believable store", products=5, customers=0, orders=0)
    pictured = next(product for product in shop.get("products", per_page=100) if product["images"])

    sources = [source.split(" ") for source in pictured["images"][0]["srcset"].split(", ")]

    for address, width in sources:
        served = requests.get(address.replace("https:", "http:"), timeout=30)
        assert served.status_code == 200
        assert f"{struct.unpack('>I', served.content[16:20])[0]}w" == width
    gone = sources[1][0].replace("https:", "http:").replace("-300x", "-301x")
    assert requests.get(gone, timeout=30).status_code == 404

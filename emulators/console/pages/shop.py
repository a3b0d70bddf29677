"""A small shop front: somebody buys something, by the store's own move for that."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for

from ...kernel.errors import LabError
from .. import forms
from ..bridge import bridge
from ..doing import say
from ..shelves import listed, read
from ..traffic import STORE

PAGES = Blueprint("shop", __name__)
BUY = "check out"
MOST_LINES = 40  # of a basket, which lies in a cookie


@PAGES.get("/shop")
def page() -> str:
    text = request.args.get("search", "").strip()
    found = listed("/products", per_page=12, search=text, status="publish", orderby="title", order="asc")
    return render_template("shop.html", found=found, text=text, basket=_basket())


@PAGES.get("/shop/<int:number>")
def product(number: int) -> str:
    shown, _ = read(f"/products/{number}")
    variations = read(f"/products/{number}/variations", per_page=100)[0] if shown["type"] == "variable" else []
    return render_template("shop_product.html", p=shown, variations=variations, basket=_basket())


@PAGES.post("/shop/basket")
def put() -> Any:
    sku, pieces = request.form.get("sku", ""), request.form.get("pieces", 1, type=int)
    if not sku:
        raise LabError("what has no SKU cannot be bought here: give the product one")
    basket = _basket()
    basket[sku] = basket.get(sku, 0) + pieces
    if len(basket) > MOST_LINES:
        raise LabError(f"a basket holds {MOST_LINES} different things here")
    _keep({sku: pieces for sku, pieces in basket.items() if pieces > 0})
    flash(f"{pieces} × {sku} put into the basket.", "good")
    return redirect(url_for("shop.page"))


@PAGES.post("/shop/basket/empty")
def empty() -> Any:
    _keep({})
    return redirect(url_for("shop.page"))


@PAGES.get("/shop/checkout")
def checkout() -> str:
    words = forms.one(BUY, bridge().lab.vocabulary[STORE].moves[BUY])
    lines = "\n".join(f"{sku}: {pieces}" for sku, pieces in _basket().items())
    return render_template("shop_checkout.html", words=words, given={"lines": lines}, basket=_basket())


@PAGES.post("/shop/checkout")
def buy() -> Any:
    function = bridge().lab.vocabulary[STORE].moves[BUY]
    placed = say(STORE, "moves", BUY, forms.arguments(function, request.form))
    _keep({})
    number = placed["id"]
    flash(f"Order {number} was placed.", "good")
    return redirect(url_for("store.order", number=number))


def _basket() -> dict[str, int]:
    """Pieces by SKU, of this world."""
    basket: dict[str, int] = dict(session.get(f"basket {g.world}", {}))
    return basket


def _keep(basket: dict[str, int]) -> None:
    session[f"basket {g.world}"] = basket

"""The store as its owner sees it: catalogue, orders, customers, webhooks with their deliveries, API keys."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from ...kernel.journal import masked
from ...kernel.webhooks import DELIVERIES, Delivery
from ...kernel.world import World
from .. import forms
from ..bridge import ask, bridge
from ..shelves import listed, read
from ..tables import sheet
from ..traffic import STORE

PAGES = Blueprint("store", __name__)
SHOWN = 50  # deliveries
STATUSES = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed", "checkout-draft")


def about(argument: str) -> list[forms.Words]:
    """The store's moves that take this argument."""
    return [w for w in forms.words(_moves()) if any(f.name == argument for f in w.fields)]


def named(*names: str) -> list[forms.Words]:
    """The store's moves whose names hold one of these words."""
    return [w for w in forms.words(_moves()) if any(name in w.name for name in names)]


def _moves() -> Any:
    return bridge().lab.vocabulary[STORE].moves


@PAGES.get("/store/products")
def products() -> str:
    text, status = request.args.get("search", "").strip(), request.args.get("stock_status", "")
    found = listed("/products", search=text, stock_status=status, orderby="id")
    return render_template("products.html", found=found, text=text, stock_status=status, add=named("add product"))


@PAGES.get("/store/products/<int:number>")
def product(number: int) -> str:
    shown, _ = read(f"/products/{number}")
    variations = read(f"/products/{number}/variations", per_page=100)[0] if shown["type"] == "variable" else []
    return render_template("product.html", p=shown, variations=variations, moves=about("sku"))


@PAGES.get("/store/orders")
def orders() -> str:
    text, status = request.args.get("search", "").strip(), request.args.get("status", "")
    found = listed("/orders", search=text, status=status or None, customer=request.args.get("customer", ""))
    return render_template("orders.html", found=found, text=text, status=status, statuses=STATUSES)


@PAGES.get("/store/orders/<int:number>")
def order(number: int) -> str:
    shown, _ = read(f"/orders/{number}")
    notes, _ = read(f"/orders/{number}/notes")
    refunds, _ = read(f"/orders/{number}/refunds")
    told = [(shown[f"date_{what}_gmt"], what) for what in ("created", "paid", "completed") if shown[f"date_{what}_gmt"]]
    told += [(note["date_created_gmt"], f"{note['author']}: {note['note']}") for note in notes]
    told += [(r["date_created_gmt"], f"refunded {r['amount']} {shown['currency']}") for r in refunds]
    return render_template(
        "order.html",
        o=shown,
        timeline=sorted(told, key=lambda moment: moment[0]),
        meta=sheet([{"key": m["key"], "value": m["value"]} for m in masked(shown["meta_data"])]),
        moves=about("order"),
    )


@PAGES.get("/store/customers")
def customers() -> str:
    text = request.args.get("search", "").strip()
    return render_template("customers.html", found=listed("/customers", search=text, role="all"), text=text)


@PAGES.get("/store/webhooks")
def webhooks() -> str:
    return render_template("webhooks.html", found=listed("/webhooks"), moves=named("webhook"), **_deliveries(STORE))


@PAGES.get("/store/keys")
def keys() -> str:
    emulator = bridge().lab.vocabulary[STORE]
    known = ask(lambda world: world.fact(STORE, "API keys", {}))
    return render_template("keys.html", sheet=sheet(masked(known, emulator.secrets)), moves=named("API key"))


# -- deliveries, of any service


@PAGES.get("/deliveries")
def deliveries() -> str:
    return render_template("deliveries_page.html", **_deliveries(request.args.get("service", "")))


def _deliveries(service: str) -> dict[str, Any]:
    status = request.args.get("delivered", "")
    c = DELIVERIES.c
    where = [column == value for column, value in ((c.service, service), (c.status, status)) if value]

    def look(world: World) -> list[Delivery]:
        found = world.store[Delivery].all(*where, order=[c.id.desc()], limit=SHOWN)
        world.store.rollback()
        return found

    rows = []
    for d in ask(look):
        secrets = bridge().lab.vocabulary[d.service].secrets
        rows.append((d, masked(d.event, secrets), masked(d.attempts, secrets)))
    return {"deliveries": rows, "of": service, "delivered": status}


@PAGES.post("/deliveries/<int:number>/redeliver")
def redeliver(number: int) -> Any:
    again = ask(lambda world: world.postman.redeliver(number))
    flash(f"Delivery {number} was sent again: {again.status}.", "good" if again.status == "delivered" else "bad")
    return redirect(_back())


@PAGES.post("/deliveries/missed")
def missed() -> Any:
    service = request.form.get("service", "")
    again = ask(lambda world: world.postman.redeliver_missed(service))
    taken = sum(d.status == "delivered" for d in again)
    flash(f"{len(again)} deliveries that were missed were sent again, {taken} of them taken.", "good")
    return redirect(_back())


def _back() -> str:
    service = request.form.get("service", "")
    return url_for("store.webhooks") if service == STORE else url_for("store.deliveries", service=service or None)

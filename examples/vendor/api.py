"""A small vendor's API, as KeyCRM's stock is asked for, and the state adapter that lets `storelab verify` try it.

    python examples/vendor/api.py 9100

The API is what the vendor has anyway. The adapter at /states is what it writes for the verification: some thirty lines
that bring situations about in a test account, and do what a person does there. Run it beside a test system only.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

import requests
from flask import Flask, Response, jsonify, request

app = Flask(__name__)


# ------------------------------------------------------------------------------------------ what the vendor has anyway


@dataclass
class Offer:
    id: int
    sku: str
    quantity: float = 12
    reserve: float = 0


@dataclass
class Account:
    key: str = "the-test-account"
    revoked: bool = False
    offers: dict[str, Offer] = field(default_factory=dict)
    webhook: str = ""


account = Account()


def refusal() -> tuple[Response, int] | None:
    opened = request.headers.get("Authorization") == f"Bearer {account.key}" and not account.revoked
    return None if opened else (jsonify(message="Unauthenticated."), 401)


@app.get("/v1/users")
def users() -> Any:
    return refusal() or jsonify(data=[{"id": 1}], total=1)


@app.get("/v1/offers/stocks")
def stocks() -> Any:
    if refused := refusal():
        return refused
    found = sorted(account.offers.values(), key=lambda offer: offer.id)
    if skus := request.args.get("filter[offers_sku]"):
        found = [offer for offer in found if offer.sku in skus.split(",")]
    if ids := request.args.get("filter[offers_id]"):
        found = [offer for offer in found if str(offer.id) in ids.split(",")]
    limit, page = int(request.args.get("limit", 15)), int(request.args.get("page", 1))
    rows = [vars(offer) | warehouse(offer) for offer in found[(page - 1) * limit : page * limit]]
    return jsonify(data=rows, total=len(found), current_page=page, per_page=limit)


def warehouse(offer: Offer) -> dict[str, Any]:
    if request.args.get("filter[details]") != "true":
        return {}
    return {"warehouse": [{"id": 1, "name": "Main", "quantity": offer.quantity, "reserve": offer.reserve}]}


@app.put("/v1/offers/stocks")
def set_stocks() -> Any:
    if refused := refusal():
        return refused
    asked = request.get_json()
    if asked.get("warehouse_id", 1) != 1:
        return invalid("warehouse_id", "The selected warehouse id is invalid.")
    for number, row in enumerate(asked["stocks"]):
        if len(row["sku"]) > 255:
            return invalid(f"stocks.{number}.sku", "must not be greater than 255 characters")
    changed = [offer for row in asked["stocks"] if (offer := set_quantity(row["sku"], row["quantity"]))]
    tell(changed)
    return jsonify(status=True), 202


def invalid(name: str, why: str) -> tuple[Response, int]:
    return jsonify(message="The given data was invalid.", errors={name: [why]}), 422


def set_quantity(sku: str, quantity: float) -> Offer | None:
    offer = account.offers.get(sku)
    if offer is None or offer.quantity == quantity:
        return None
    offer.quantity = quantity
    return offer


def tell(changed: list[Offer]) -> None:
    """The webhook; a vendor with a queue puts it there."""
    rows = [{"offer_id": o.id, "sku": o.sku, "in_stock": o.quantity, "in_reserve": o.reserve} for o in changed]
    if account.webhook and rows:
        requests.post(account.webhook, json=rows, timeout=10)


# ------------------------------------------------------------------------------------------ the adapter


def an_empty_account() -> dict[str, Any]:
    account.__init__()  # type: ignore[misc]  # as new
    return {"api_key": account.key}


def an_offer_in_stock(sku: str = "MUG", quantity: float = 12, reserve: float = 0) -> dict[str, Any]:
    offer = account.offers.setdefault(sku, Offer(41 + len(account.offers), sku))
    offer.quantity, offer.reserve = quantity, reserve
    return {"offer_id": offer.id, "sku": sku, "api_key": account.key}


def a_catalogue(size: int = 20) -> dict[str, Any]:
    for number in range(1, size + 1):
        an_offer_in_stock(f"SKU-{number:06}")
    return {"api_key": account.key}


def a_revoked_key() -> dict[str, Any]:
    account.revoked = True
    return {"api_key": account.key}


def a_stock_webhook(url: str) -> dict[str, Any]:
    account.webhook = url
    return {}


def adjust_stock(sku: str, quantity: float) -> None:
    tell([offer] if (offer := set_quantity(sku, quantity)) else [])


def receive(sku: str, quantity: float) -> None:
    adjust_stock(sku, account.offers[sku].quantity + quantity)


def write_off(sku: str, quantity: float) -> None:
    receive(sku, -quantity)


STATES = {
    "an empty account": an_empty_account,
    "an offer in stock": an_offer_in_stock,
    "a catalogue": a_catalogue,
    "a revoked key": a_revoked_key,
    "a stock webhook": a_stock_webhook,
}
MOVES = {"adjust stock": adjust_stock, "receive": receive, "write off": write_off}
FACTS = {"stock": lambda: {sku: offer.quantity for sku, offer in account.offers.items()}}


@app.post("/states")
def states() -> Any:
    asked = request.get_json()
    params = asked.get("params") or {}
    match asked["action"]:
        case "setup" if asked["state"] in STATES:
            return jsonify(STATES[asked["state"]](**params))
        case "teardown":
            return jsonify(an_empty_account())
        case "offers":
            return jsonify(states=[*STATES], moves=[*MOVES], facts=[*FACTS], values={"api_key": account.key})
        case "move" if asked["move"] in MOVES:
            return jsonify(result=MOVES[asked["move"]](**params))
        case "fact" if asked["fact"] in FACTS:
            return jsonify(result=FACTS[asked["fact"]]())
        case "facts":
            return jsonify(result={name: fact() for name, fact in FACTS.items()})
    return jsonify(error=f"this adapter cannot do {asked}"), 404


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 9100)

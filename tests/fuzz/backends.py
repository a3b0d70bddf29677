"""What each backend brings to a life: its links, its moves and sales, which way each thing goes, and what has to agree
in the end. `machine.py` lives it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from .lifecycle import SKUS, Agreement, Backend, Life, Move, Said

skus = st.sampled_from(SKUS)
few = st.integers(1, 3)
pieces = st.integers(0, 20)
prices = st.sampled_from(("9.00", "12.50", "20.00", "31.00"))
HOLDING = ("processing", "on-hold", "completed")  # orders whose pieces are off the store's shelf
OVER = ("cancelled", "refunded", "failed")

Counts = Callable[[Life, dict[str, Any]], Mapping[str, float]]


def named(arguments: Mapping[str, Any]) -> str:
    return str(arguments.get("sku") or arguments.get("code"))


def nothing(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    return {}


def more(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    return {named(arguments): arguments["quantity"]}


def fewer(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    return {named(arguments): -arguments["quantity"]}


def set_to(fact: str, *way: str) -> Counts:
    """Somebody counts what this fact tells, of each SKU in this way."""

    def counts(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
        had = life.fact(fact)[named(arguments)]
        for name in way:
            had = had[name]
        return {named(arguments): arguments["quantity"] - had}

    return counts


def move(name: str, counts: Counts = nothing, /, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Move]:
    def made(given: dict[str, Any]) -> Move:
        return Move({name: given} if given else name, lambda life: counts(life, given))

    return st.fixed_dictionaries(arguments).map(made)


def series(*some: Any) -> list[Said]:
    return [{"move": one} if isinstance(one, str) else one for one in some]


def on_the_shelf(pieces: Mapping[str, int], ours: int) -> list[Said]:
    """Two products, and a variation of a third."""
    shirts = {"a variable product": {"sku": "SHIRT", "quantity": pieces["SHIRT-S"] + ours}}
    return [{"shelf": {sku: pieces[sku] + ours for sku in ("MUG", "CAP")}}, {"state": {"store": shirts}}]


def as_in_the_store(life: Life, pieces: Mapping[str, int], ours: int) -> Mapping[str, float]:
    return {sku: float(pieces[sku] + ours) for sku in SKUS}


def as_there(life: Life, pieces: Mapping[str, int], ours: int) -> Mapping[str, float]:
    return {sku: float(pieces[sku]) for sku in SKUS}


def offers_what_is_there(life: Life) -> Iterator[Agreement]:
    """What the store offers is what the backend can deliver: whole pieces, never less than nothing."""
    shelf, received = life.shelf, life.received
    wanted = {sku: max(0, math.floor(received[sku])) for sku in SKUS}
    yield Agreement({sku: shelf.get(sku) for sku in SKUS}, wanted, {"shelf": wanted})


def sells_what_is_there(life: Life) -> Iterator[Agreement]:
    """The backend offers what the store has, never less than nothing."""
    shelf, received = life.shelf, life.received
    wanted = {sku: max(0, shelf[sku]) for sku in SKUS}
    yield Agreement({sku: received.get(sku) for sku in SKUS}, wanted, {"received": wanted})


def store_prices(life: Life) -> dict[str, str]:
    products = life.store("products")
    return {sku: products[sku]["price"] for sku in SKUS}


# -- KeyCRM: stock both ways, by the sync


def _keycrm_given(pieces: Mapping[str, int], ours: int) -> list[Said]:
    offers: list[Said] = [{"state": {"an offer in stock": {"sku": sku, "quantity": pieces[sku]}}} for sku in SKUS]
    return [*on_the_shelf(pieces, ours), *offers]


def _by_status(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    """An order that is new neither reserves nor writes off."""
    return nothing(life, arguments) if arguments["status"] == "new" else fewer(life, arguments)


def _keycrm_owed(life: Life, pieces: Mapping[str, int], ours: int) -> Mapping[str, float]:
    return (as_in_the_store if life.settings["first_sync"] == "store" else as_there)(life, pieces, ours)


def _keycrm_mend(life: Life) -> Iterator[Said]:
    if not life.open_key:
        yield {"move": "issue key"}
    if life.status != "active" or life.key != life.open_key:
        yield {"wait": {"hours": 1}}
        yield {"connect": dict(life.settings)}


KEYCRM = Backend(
    name="keycrm",
    given=_keycrm_given,
    chosen=st.fixed_dictionaries(
        {"warehouse_id": st.just(1), "first_sync": st.sampled_from(("keycrm", "store")), "vanish_limit": st.just(1)}
    ),
    connect=lambda life: [{"connect": dict(life.settings)}],
    moves=st.one_of(
        move("adjust stock", set_to("stock", "in_stock"), sku=skus, quantity=pieces),
        move("receive", more, sku=skus, quantity=few),
        move("reserve", fewer, sku=skus, quantity=few),
        move(
            "place order", _by_status, sku=skus, quantity=few, status=st.sampled_from(("new", "confirmed", "completed"))
        ),
    ),
    breaks=st.sampled_from((series("revoke key"), series("revoke key", "issue key"))),
    mend=_keycrm_mend,
    agreements=offers_what_is_there,
    owed=_keycrm_owed,
    may_connect=lambda life: life.open_key not in ("", life.key),
    pushes=True,
    forgets=frozenset({"end", "revoke key"}),
)


# -- Golisto: the store's catalogue out, by Golisto; its sales in


def _golisto_connect(life: Life) -> Iterator[Said]:
    yield from ({"connect": None}, {"move": "link store"}, {"connect": "confirm"})
    if (
        life.fact("connection")["status"] == "awaiting_approval"
    ):  # who was approved before, and did not end it, still is
        yield {"move": "approve"}
    yield from ({"wait": {"minutes": 15}}, {"sync": "until idle"}, {"wait": {"minutes": 2}})


def _golisto_mend(life: Life) -> Iterator[Said]:
    yield {"wait": {"hours": 1}}
    yield {"sync": "until idle"}
    stands = life.fact("connection")["status"]
    if life.status not in ("active", "pending") or stands in ("linked", "disconnected", "unlinked"):
        yield from _golisto_connect(life)
        return
    if stands != "approved":
        yield {"move": "approve" if stands == "awaiting_approval" else "resume"}
    yield {"wait": {"minutes": 15}}
    yield {"sync": "until idle"}
    yield {"wait": {"minutes": 2}}


def _newest_sale(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    *_, sale = list(life.fact("orders").values()) or [{"status": "none"}]
    return sale["lines"] if sale["status"] == "sold" else {}


def _golisto_agreements(life: Life) -> Iterator[Agreement]:
    yield from sells_what_is_there(life)
    catalogue, wanted = life.fact("catalogue"), store_prices(life)
    found = {sku: catalogue[sku]["price"] for sku in SKUS}
    yield Agreement(found, wanted, {"catalogue": {sku: {"price": price} for sku, price in wanted.items()}})
    yield from _each_sale_is_one_order(life)


def _each_sale_is_one_order(life: Life) -> Iterator[Agreement]:
    sales, orders = life.fact("orders"), life.store("orders")
    state = {"sold": "processing", "shipped": "completed", "cancelled": "cancelled"}
    in_store = {sale["order"]: sale for sale in sales.values() if sale["order"]}
    wanted = {str(number): (state[sale["status"]], sale["lines"]) for number, sale in in_store.items()}
    shown = {number: orders.get(number, {}) for number in wanted}
    found = {number: (order.get("status"), order.get("lines")) for number, order in shown.items()}
    yield Agreement(found, wanted, {"store": {"orders": {n: {"status": status} for n, (status, _) in wanted.items()}}})
    untold = {id_: sale["trouble"] for id_, sale in sales.items() if not sale["told"]}
    yield Agreement(untold, {}, {"orders": {id_: {"told": True} for id_ in untold}})
    yield Agreement(len(orders), life.bought + len(in_store), {"store": {"orders": wanted}})


GOLISTO = Backend(
    name="golisto",
    given=on_the_shelf,
    chosen=st.just({}),
    connect=_golisto_connect,
    moves=st.one_of(
        st.tuples(skus, few).map(
            lambda sold: Move({"sell": {"lines": {sold[0]: sold[1]}}}, lambda life: {sold[0]: -sold[1]})
        ),
        move("cancel sale", _newest_sale),
        move("ship"),
        move("pay out"),
        move("reconcile"),
    ),
    breaks=st.sampled_from(
        (
            series("suspend"),
            series("suspend", "resume"),
            series("withdraw approval"),
            series("withdraw approval", "approve"),
            series("end connection"),
        )
    ),
    mend=_golisto_mend,
    agreements=_golisto_agreements,
    owed=as_in_the_store,
    consents=lambda life: life.fact("connection")["status"] == "approved",
    worker="Golisto",
    sales=lambda life: {str(sale["order"]) for sale in life.fact("orders").values() if sale["order"]},
    counts_below_zero=True,
    prices=True,
    round={"hours": 25},
)


# -- StockBurst: stock and prices both ways, by StockBurst; orders out


def _stockburst_connect(life: Life) -> list[Said]:
    return [{"move": "issue setup code"}, {"connect": {"consent": True}}]


def _stockburst_mend(life: Life) -> Iterator[Said]:
    if not life.fact("account")["active"]:
        yield {"move": "reactivate account"}
    yield {"wait": {"hours": 2}}
    yield {"sync": "until idle"}
    there = life.fact("connection")
    if life.status != "active" or (there["status"], there["token"]) != ("connected", "good"):
        yield from _stockburst_connect(life)


def _stockburst_agreements(life: Life) -> Iterator[Agreement]:
    yield from offers_what_is_there(life)
    has, wanted = life.fact("prices"), store_prices(life)
    yield Agreement({sku: f"{float(has[sku]):.2f}" for sku in SKUS}, wanted, {"prices": wanted})
    orders, known = life.store("orders"), life.fact("orders")
    states = {number: order["status"] for number, order in orders.items()}
    yield Agreement(
        {number: order["status"] for number, order in known.items() if number in states},
        states,
        {"orders": {number: {"status": status} for number, status in states.items()}},
    )


STOCKBURST = Backend(
    name="stockburst",
    given=on_the_shelf,
    chosen=st.just({}),
    connect=_stockburst_connect,
    moves=st.one_of(
        move("adjust stock", set_to("stock"), sku=skus, quantity=pieces),
        move("sell elsewhere", fewer, sku=skus, quantity=few),
        move("change price", sku=skus, price=prices),
        move("compare now"),
    ),
    breaks=st.sampled_from(
        (
            series("suspend account"),
            series("suspend account", "reactivate account"),
            series("remove integration"),
            series("revoke token"),
        )
    ),
    mend=_stockburst_mend,
    agreements=_stockburst_agreements,
    owed=as_in_the_store,
    consents=lambda life: bool(life.fact("account")["active"]) and life.fact("connection")["status"] == "connected",
    worker="StockBurst",
    prices=True,
    forgets=frozenset({"end", "remove integration"}),
    round={"hours": 25},
    signals=frozenset({"health.report"}),
)


# -- Spotler Connect: orders out, stock and shipments in, by Connect


def _spotler_given(pieces: Mapping[str, int], ours: int) -> list[Said]:
    goods = [{"state": {"goods in the warehouse": {"sku": sku, "quantity": pieces[sku]}}} for sku in SKUS]
    return [*on_the_shelf(pieces, ours), *goods]


def _spotler_connect(life: Life) -> list[Said]:
    return [{"connect": dict(life.settings)}, {"wait": {"minutes": 6}}, {"sync": "until idle"}]


def _spotler_mend(life: Life) -> Iterator[Said]:
    if not life.open_key:
        yield {"move": "issue token"}
    if life.fact("connection").get("state") == "paused":
        yield {"move": "resume connector"}
    yield {"wait": {"hours": 1, "minutes": 10}}
    yield {"sync": "until idle"}
    if life.status != "active" or life.key != life.open_key or life.fact("connection").get("state") != "active":
        yield from _spotler_connect(life)
    while late := [job["due_at"] for job in life.world.jobs(service="spotler") if waits(job)]:
        yield {"wait": {"minutes": 1 + math.ceil(life.until(min(late)) / 60)}}
    if any(alert["state"] == "open" for alert in life.fact("alerts").values()):
        yield {"move": "try again"}


def waits(job: Mapping[str, Any]) -> bool:
    return bool(job["name"] == "work") and bool(job["status"] == "pending")


def _on_hand(life: Life, arguments: dict[str, Any]) -> Mapping[str, float]:
    sku = named(arguments)
    return {sku: arguments["quantity"] - life.fact("warehouse")[sku]["on_hand"]}


def _spotler_agreements(life: Life) -> Iterator[Agreement]:
    yield from offers_what_is_there(life)
    words = {"on-hold": "on_hold", "pending": "pending_payment"}
    wanted = {
        number: {"status": words.get(order["status"], order["status"]), "lines": order["lines"]}
        for number, order in life.store("orders").items()
    }
    orders = life.fact("orders")
    found = {number: {name: orders[number][name] for name in ("status", "lines")} for number in orders}
    yield Agreement(found, wanted, {"orders": wanted})
    shipped = {code: one["order"] for code, one in life.fact("shipments").items() if not one["in_shop"]}
    left = {code: number for code, number in shipped.items() if wanted.get(number, {}).get("status") not in OVER}
    yield Agreement(left, {}, {"shipments": {code: {"in_shop": True} for code in left}})


SPOTLER = Backend(
    name="spotler",
    given=_spotler_given,
    chosen=st.just({"preset": "fulfilment"}),  # the one in which the warehouse is the only source of stock
    connect=_spotler_connect,
    moves=st.one_of(
        move("receive goods", more, sku=skus, quantity=few),
        move("count stock", _on_hand, sku=skus, quantity=pieces),
        move("sale elsewhere", fewer, sku=skus, quantity=few),
        move("ship order"),
    ),
    breaks=st.sampled_from(
        (
            series("pause connector"),
            series("pause connector", "resume connector"),
            series("revoke token"),
            series("revoke token", "issue token"),
            series("remove connector"),
        )
    ),
    mend=_spotler_mend,
    agreements=_spotler_agreements,
    owed=as_there,
    consents=lambda life: life.fact("connection").get("state") in ("importing", "active", "error"),
    may_connect=lambda life: life.status not in ("active", "pending") or life.open_key not in ("", life.key),
    worker="SpotlerConnect",
    counted_in_shop=False,
    forgets=frozenset({"end", "remove connector"}),
    tidies=("remove connector",),
)


# -- SORS: catalogue, stock and prices in, orders out as documents, by the sync


def _sors_given(pieces: Mapping[str, int], ours: int) -> list[Said]:
    articles = [{"state": {"an article in stock": {"code": sku, "quantity": pieces[sku]}}} for sku in SKUS]
    return [
        {"state": {"store": {"a store in another currency": {"code": "RSD"}}}},
        *on_the_shelf(pieces, ours),
        *articles,
    ]


def _sors_connect(life: Life) -> list[Said]:
    open_ = [name for name, one in life.fact("databases").items() if not one["closed"] and not one["demo"]]
    life.settings["database"] = open_[-1]
    return [{"connect": {**life.settings, "business_unit": "01"}}]


def _sors_mend(life: Life) -> Iterator[Said]:
    yield {"move": "allow negative stock"}  # a document for every order
    yield {"move": {"envelope 200 always": {"on": False}}}
    yield {"move": "grant database"}
    if not life.open_key:
        yield {"move": "issue key"}
    if (
        life.status != "active"
        or life.key != life.open_key
        or life.fact("databases")[life.settings["database"]]["closed"]
    ):
        yield {"wait": {"hours": 1}}
        yield from _sors_connect(life)


def _sors_agreements(life: Life) -> Iterator[Agreement]:
    yield from offers_what_is_there(life)
    listed = life.fact("prices")
    wanted = {sku: f"{listed[sku]['retail_with_vat']:.2f}" for sku in SKUS}
    yield Agreement(store_prices(life), wanted, {"store": {"products": {s: {"price": p} for s, p in wanted.items()}}})
    yield from _each_order_is_one_document(life)


def _each_order_is_one_document(life: Life) -> Iterator[Agreement]:
    """An order that was over before SORS heard of it is none, nor need one be from before the store was connected; a
    document whose order is over is the merchant's to cancel. Nothing that stands twice is ever right."""
    made: dict[str, int] = {}
    for database in life.fact("databases"):
        for number, count in life.fact("numbers", database=database).items():
            made[number] = made.get(number, 0) + count
    orders = life.store("orders")
    due = {number: order for number, order in orders.items() if number not in life.earlier}
    wanted = {f"WC-{number}": 1 for number, order in due.items() if order["status"] not in OVER}
    over = {number for number in made if number not in wanted and made[number] == 1}
    found = {number: count for number, count in made.items() if number not in over}
    yield Agreement(found, wanted, {"numbers": wanted})


SORS = Backend(
    name="sors",
    given=_sors_given,
    chosen=st.fixed_dictionaries({"document_type": st.sampled_from(("reservation", "invoiceDeliveryNote"))}),
    connect=_sors_connect,
    moves=st.one_of(
        move("adjust stock", code=skus, quantity=pieces),
        move("reserve", code=skus, quantity=few),
        move("change price", code=skus, wholesale=st.sampled_from((100, 250.5, 999.99)), retail=st.just(1250)),
        move("rename article", code=skus, name=st.sampled_from(("Solja", "Kapa", "Majica"))),
        st.sampled_from(("allow negative stock", "forbid negative stock", "close year")).map(Move),
        move("envelope 200 always", on=st.booleans()),
    ),
    breaks=st.sampled_from(
        (
            series("revoke key"),
            series("revoke key", "issue key"),
            series("withdraw database"),
            series("withdraw database", "grant database"),
        )
    ),
    mend=_sors_mend,
    agreements=_sors_agreements,
    owed=as_there,
    may_connect=lambda life: life.open_key not in ("", life.key) or life.status != "active",
    counted_in_shop=False,
    adds_up=False,  # a cancelled order goes back on the shelf, and its document stays until somebody cancels it
    prices=True,
)


BACKENDS = {backend.name: backend for backend in (GOLISTO, KEYCRM, SORS, SPOTLER, STOCKBURST)}

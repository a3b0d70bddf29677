"""Named situations of a KeyCRM account. A situation is quiet: no webhook tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..kernel import Emulation
from ..kernel.emulator import State
from ..quantities import money
from .account import KEYS, ApiKey, Profile, account, change, issue_key, open_key, revoke_keys
from .buyers import of_order
from .cabinet import a_warehouse, an_offer, pieces, the_status
from .catalogue import OFFERS, Offer, Product, by_sku
from .custom_fields import CUSTOM_FIELDS, CustomField
from .fresh import MAIN, emptied
from .limits import Window
from .movements import move
from .moves import add_custom_field, add_trigger, add_variants, add_webhook
from .order import ORDERS, Order
from .order_book import set_status, taken
from .references import named_or_added
from .stock import Change, Kind, level
from .webhooks import STOCK_WEBHOOKS, TRIGGERS, StockWebhook, Trigger


def an_empty_account(here: Emulation) -> dict[str, Any]:
    """Nothing in it but an open key, one person, the main warehouse and the reference lists."""
    emptied(here)
    return {"api_key": (open_key(here) or issue_key(here)).key}


def an_offer_in_stock(
    here: Emulation,
    sku: str = "MUG",
    quantity: float = 10,
    reserve: float = 0,
    warehouse: str = MAIN,
    price: float = 9.5,
    name: str = "",
) -> dict[str, Any]:
    """One offer with exactly this quantity and reserve in this warehouse."""
    offer = an_offer(here, sku, name=name, price=price)
    place = a_warehouse(here, warehouse)
    there = level(here, offer.id, place.id)
    wanted = Change(offer.id, place.id, pieces(quantity) - there.quantity, pieces(reserve) - there.reserve)
    move(here, [wanted], Kind.OPENING, quiet=True)
    return {"offer_id": offer.id, "product_id": offer.product_id, "warehouse_id": place.id}


def a_product_with_variants(
    here: Emulation, name: str = "Shirt", skus: Sequence[str] = ("SHIRT-S", "SHIRT-M"), quantity: float = 10
) -> dict[str, Any]:
    """One product whose variants have these SKUs and this quantity each."""
    known = by_sku(here, list(skus))
    if set(known) != set(skus):
        add_variants(here, name, [sku for sku in skus if sku not in known], price=20)
    made = [an_offer_in_stock(here, sku, quantity) for sku in skus]
    return {"product_id": made[0]["product_id"] if made else None, "offers": [one["offer_id"] for one in made]}


def a_catalogue(
    here: Emulation, size: int = 100, quantity: float = 10, prefix: str = "SKU-", price: float = 10
) -> dict[str, Any]:
    """Offers from SKU-000001 on, each with a product of its own and this quantity in the main warehouse.

    100,000 take a few seconds. Those that are there already stay as they are.
    """
    known = {o.sku for o in here.store[Offer].all(OFFERS.c.sku.like(f"{prefix}%"))}
    skus = [sku for number in range(1, size + 1) if (sku := f"{prefix}{number:06}") not in known]
    if not skus:
        return {"made": 0}
    now = here.clock.now
    first_product = here.ids.next("keycrm.product", len(skus))
    first_offer = here.ids.next("keycrm.offer", len(skus))
    place = a_warehouse(here, MAIN)
    cost, currency, amount = money(price), account(here).currency, pieces(quantity)
    here.store[Product].put_all(
        [
            Product(first_product + i, sku, currency_code=currency, created_at=now, updated_at=now)
            for i, sku in enumerate(skus)
        ]
    )
    here.store[Offer].put_all(
        [Offer(first_offer + i, first_product + i, sku, price=cost, of_product=True) for i, sku in enumerate(skus)]
    )
    changes = [Change(first_offer + i, place.id, amount) for i in range(len(skus))]
    move(here, changes, Kind.OPENING, quiet=True)
    return {"made": len(skus)}


def an_order(
    here: Emulation,
    sku: str = "MUG",
    quantity: float = 1,
    status: str = "new",
    source_uuid: str = "1001",
    price: float = 9.5,
) -> dict[str, Any]:
    """One order of this SKU from the shop, in this status; stock is reserved or written off accordingly."""
    an_offer(here, sku, price=price)
    wanted = the_status(here, status)
    found = here.store[Order].first(ORDERS.c.source_uuid == source_uuid, order=[ORDERS.c.id])
    order = found or taken(
        here,
        {
            "source_id": named_or_added(here, "source", "WooCommerce").id,
            "source_uuid": source_uuid,
            "buyer": {"full_name": "Olena Buyer", "email": "olena@shop.example", "phone": "+380000000002"},
            "products": [{"sku": sku, "quantity": quantity, "price": price}],
        },
    )
    return {"order_id": set_status(here, order, wanted, quiet=True).id}


def a_revoked_key(here: Emulation) -> dict[str, Any]:
    """A key that was issued once and opens nothing any more; the others are as they were."""
    for one in here.store[ApiKey].all(order=[KEYS.c.id]):
        if not one.opens:
            return {"api_key": one.key}
    revoked = issue_key(here, "revoked")
    revoke_keys(here, revoked.key)
    return {"api_key": revoked.key}


def no_open_key(here: Emulation) -> None:
    """Every key is revoked."""
    revoke_keys(here)


def a_stock_webhook(
    here: Emulation, url: str = "http://127.0.0.1:9/hook", name: str = "Shop", warehouses: Sequence[str] = ()
) -> dict[str, Any]:
    """One stock webhook to this address, for these warehouses or for all."""
    for one in here.store[StockWebhook].all(order=[STOCK_WEBHOOKS.c.id]):
        if one.url == url:
            places = tuple(a_warehouse(here, warehouse).id for warehouse in warehouses)
            here.store[StockWebhook].put(replace(one, name=name, warehouses=places))
            return {"id": one.id}
    for warehouse in warehouses:
        a_warehouse(here, warehouse)
    return add_webhook(here, url, name, warehouses)


def a_trigger(
    here: Emulation,
    url: str = "http://127.0.0.1:9/trigger",
    event: str = "order.change_order_status",
    method: str = "POST",
) -> dict[str, Any]:
    """One automation that sends a webhook."""
    for one in here.store[Trigger].all(TRIGGERS.c.event == event):
        if (one.url, one.method) == (url, method):
            return {"id": one.id}
    return add_trigger(here, url, event, method)


def two_warehouses(
    here: Emulation, sku: str = "MUG", main: float = 10, other: float = 5, name: str = "Second"
) -> dict[str, Any]:
    """One offer that lies in two warehouses."""
    an_offer_in_stock(here, sku, main)
    return an_offer_in_stock(here, sku, other, warehouse=name)


def an_observed_account(here: Emulation) -> None:
    """The account answers as KeyCRM was seen to, not as its document says."""
    change(here, profile=Profile.OBSERVED)


def a_used_up_minute(here: Emulation) -> None:
    """The open key has no request left in this minute."""
    limit, key = account(here).requests_a_minute, open_key(here)
    if key is not None and limit:
        here.store[Window].put(Window(f"key:{key.id}", here.clock.now, limit))


def a_buyer(
    here: Emulation, full_name: str = "Olena Buyer", email: str = "olena@shop.example", phone: str = "+380000000002"
) -> dict[str, Any]:
    """A buyer with these contacts."""
    return {"buyer_id": of_order(here, {"full_name": full_name, "email": email, "phone": phone}).id}


def a_custom_field(here: Emulation, name: str = "Gift note", model: str = "order") -> dict[str, Any]:
    """A custom field with this name: of orders, unless another model is named."""
    for one in here.store[CustomField].all(CUSTOM_FIELDS.c.model == model, order=[CUSTOM_FIELDS.c.id]):
        if one.name == name:
            return {"id": one.id, "uuid": one.uuid}
    return add_custom_field(here, name, model)


STATES: dict[str, State] = {
    "a buyer": a_buyer,
    "a catalogue": a_catalogue,
    "a custom field": a_custom_field,
    "a product with variants": a_product_with_variants,
    "a revoked key": a_revoked_key,
    "a stock webhook": a_stock_webhook,
    "a trigger": a_trigger,
    "a used up minute": a_used_up_minute,
    "an empty account": an_empty_account,
    "an observed account": an_observed_account,
    "an offer in stock": an_offer_in_stock,
    "an order": an_order,
    "no open key": no_open_key,
    "two warehouses": two_warehouses,
}

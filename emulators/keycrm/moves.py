"""What a person does in KeyCRM's cabinet. Units of every quantity: pieces, up to three places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kernel import Emulation, LabError
from ..kernel.emulator import Move
from ..quantities import rendered
from .account import Profile, account, change, issue_key, revoke_keys
from .cabinet import (
    a_warehouse,
    bring_to,
    new_offer,
    pieces,
    positive,
    shift,
    the_offer,
    the_order,
    the_status,
    the_warehouse,
)
from .calls import Call
from .catalogue import Offer, Product, made
from .custom_fields import CUSTOM_FIELDS, MODELS, PREFIXES, CustomField
from .movements import move
from .order_book import lines_of, pay, recounted, set_status, taken
from .order_stock import settle
from .order_view import shown
from .references import Status, add, more_of, named_or_added
from .stock import Kind, level, totals_of, transferred
from .stocks import set_quantities
from .transactions import added as add_transaction
from .webhooks import EVENTS, STOCK_WEBHOOKS, TRIGGERS, StockWebhook, Trigger

# -- stock


def adjust_stock(here: Emulation, sku: str, quantity: float, warehouse: str = "") -> dict[str, Any]:
    """Set the quantity by hand: after an inventory, or in the product's card."""
    bring_to(here, the_offer(here, sku), the_warehouse(here, warehouse), pieces(quantity), Kind.ADJUSTMENT)
    return _stock_of(here, sku)


def receive(here: Emulation, sku: str, quantity: float, warehouse: str = "") -> dict[str, Any]:
    """Goods arrive."""
    arrived = positive(quantity)
    shift(here, the_offer(here, sku), the_warehouse(here, warehouse), Kind.RECEIPT, quantity=arrived)
    return _stock_of(here, sku)


def write_off(here: Emulation, sku: str, quantity: float, warehouse: str = "") -> dict[str, Any]:
    """Goods are broken, lost or given away."""
    gone = positive(quantity)
    shift(here, the_offer(here, sku), the_warehouse(here, warehouse), Kind.ADJUSTMENT, quantity=-gone)
    return _stock_of(here, sku)


def transfer(here: Emulation, sku: str, quantity: float, to: str, warehouse: str = "") -> dict[str, Any]:
    """Move goods from one warehouse (the main one unless named) to another."""
    offer, source, target = the_offer(here, sku), the_warehouse(here, warehouse), the_warehouse(here, to)
    if source.id == target.id:
        raise LabError(f"a transfer needs two warehouses, not {source.name!r} twice")
    changes = transferred(offer.id, source.id, target.id, positive(quantity))
    move(here, changes, Kind.TRANSFER)
    return _stock_of(here, sku)


def reserve(here: Emulation, sku: str, quantity: float, warehouse: str = "") -> dict[str, Any]:
    """Set goods aside by hand."""
    aside = positive(quantity)
    shift(here, the_offer(here, sku), the_warehouse(here, warehouse), Kind.RESERVE, reserve=aside)
    return _stock_of(here, sku)


def release(here: Emulation, sku: str, quantity: float, warehouse: str = "") -> dict[str, Any]:
    """Let go of goods set aside."""
    offer, place, freed = the_offer(here, sku), the_warehouse(here, warehouse), positive(quantity)
    there = level(here, offer.id, place.id).reserve
    if freed > there:
        raise LabError(f"only {rendered(there)} of {sku!r} are reserved in {place.name!r}, not {quantity}")
    shift(here, offer, place, Kind.RELEASE, reserve=-freed)
    return _stock_of(here, sku)


def import_stock(here: Emulation, stock: Mapping[str, float], warehouse: str = "") -> dict[str, Any]:
    """Load a file of SKUs and absolute quantities; unknown SKUs are skipped."""
    rows = [{"sku": sku, "quantity": rendered(pieces(quantity))} for sku, quantity in stock.items()]
    skipped = set_quantities(here, the_warehouse(here, warehouse).id, rows, Kind.IMPORT)
    return {"imported": len(rows) - skipped, "skipped": skipped}


def add_warehouse(here: Emulation, name: str) -> dict[str, Any]:
    """Open a warehouse; one that is there already is only named."""
    return {"id": a_warehouse(here, name).id}


# -- catalogue


def add_offer(
    here: Emulation, sku: str, quantity: float = 0, price: float = 0, name: str = "", warehouse: str = ""
) -> dict[str, Any]:
    """A new product with this SKU. A second one with the same SKU is possible: KeyCRM only advises against it."""
    offer = new_offer(here, sku, name=name, price=price)
    if quantity:
        bring_to(here, offer, the_warehouse(here, warehouse), pieces(quantity), Kind.OPENING)
    return {"offer_id": offer.id, "product_id": offer.product_id}


def add_variants(here: Emulation, name: str, skus: Sequence[str], price: float = 0) -> dict[str, Any]:
    """A new product with one variant for each SKU."""
    product_id = here.ids.next("keycrm.product")
    now = here.clock.now
    here.store[Product].add(Product(product_id, name, has_offers=True, created_at=now, updated_at=now))
    offers = []
    for sku in skus:
        row = {"sku": sku, "price": price, "properties": [{"name": "Variant", "value": sku}]}
        offers.append(here.store[Offer].add(made(here.ids.next("keycrm.offer"), product_id, row)))
    return {"product_id": product_id, "offers": {offer.sku: offer.id for offer in offers}}


def archive_offer(here: Emulation, sku: str) -> None:
    """Take an offer out of use; its stock stays on the books."""
    here.store[Offer].put(replace(the_offer(here, sku), is_archived=True))


def rename_sku(here: Emulation, sku: str, to: str) -> None:
    """Give an offer another SKU; its id and stock stay."""
    here.store[Offer].put(replace(the_offer(here, sku), sku=to))


# -- orders


def place_order(
    here: Emulation,
    sku: str,
    quantity: float = 1,
    status: str = "new",
    source_uuid: str = "",
    source: str = "Instagram",
    phone: str = "+380000000001",
) -> dict[str, Any]:
    """An order comes in from another shop, or is taken by phone."""
    the_offer(here, sku)
    positive(quantity)
    wanted = the_status(here, status)
    order = taken(
        here,
        {
            "source_id": named_or_added(here, "source", source).id,
            "source_uuid": source_uuid or None,
            "buyer": {"full_name": "Ivan Buyer", "phone": phone},
            "products": [{"sku": sku, "quantity": quantity}],
        },
    )
    return shown(here, [set_status(here, order, wanted)])[0]


def change_order_status(here: Emulation, status: str | int, order: str | int = "") -> dict[str, Any]:
    """Drag an order (the newest unless named) to another status."""
    return shown(here, [set_status(here, the_order(here, order), the_status(here, status))])[0]


def change_line_quantity(here: Emulation, sku: str, quantity: float, order: str | int = "") -> dict[str, Any]:
    """Change how many of an SKU an order holds; stock follows its status."""
    found = the_order(here, order)
    lines = lines_of(here, found.id)
    if not any(line.sku == sku for line in lines):
        raise LabError(f"order {found.id} has no line with SKU {sku!r}")
    changed = [replace(x, quantity=pieces(quantity)) if x.sku == sku else x for x in lines]
    settle(here, found.id, changed, the_status(here, found.status_id))
    return shown(here, [recounted(here, found)])[0]


def pay_order(here: Emulation, order: str | int = "", amount: float | None = None) -> dict[str, Any]:
    """Money comes in for an order: what is still owed, unless an amount is named."""
    found = the_order(here, order)
    owed = found.grand_total - found.payments_total
    paid = float(owed) if amount is None else amount
    if paid <= 0:
        raise LabError(f"order {found.id} owes nothing; name an amount")
    pay(here, {"amount": paid, "payment_method": "Bank transfer"}, order_id=found.id)
    return shown(here, [recounted(here, found)])[0]


# -- webhooks


def add_webhook(here: Emulation, url: str, name: str = "", warehouses: Sequence[str] = ()) -> dict[str, Any]:
    """Settings, Products, Stocks. Nothing is sent for stock that is there already."""
    places = tuple(the_warehouse(here, warehouse).id for warehouse in warehouses)
    webhook = StockWebhook(here.ids.next("keycrm.stock_webhook"), name or "Shop", url, places)
    return {"id": here.store[StockWebhook].add(webhook).id}


def delete_webhook(here: Emulation, webhook: int = 0) -> dict[str, Any]:
    """One stock webhook by its id, or all of them."""
    where = [STOCK_WEBHOOKS.c.id == webhook] if webhook else []
    deleted = here.store[StockWebhook].delete_where(*where)
    if webhook and not deleted:
        raise LabError(f"KeyCRM has no stock webhook {webhook}")
    return {"deleted": deleted}


def add_trigger(
    here: Emulation, url: str, event: str = "order.change_order_status", method: str = "POST", name: str = ""
) -> dict[str, Any]:
    """An automation that sends a webhook."""
    if event not in EVENTS:
        raise LabError(f"KeyCRM's triggers know no event {event!r}; they know: {', '.join(EVENTS)}")
    if method not in ("GET", "POST"):
        raise LabError(f"a trigger sends by GET or POST, not by {method!r}")
    trigger = Trigger(here.ids.next("keycrm.trigger"), event, url, method, name)
    return {"id": here.store[Trigger].add(trigger).id}


def delete_trigger(here: Emulation, trigger: int = 0) -> dict[str, Any]:
    """One trigger by its id, or all of them."""
    where = [TRIGGERS.c.id == trigger] if trigger else []
    deleted = here.store[Trigger].delete_where(*where)
    if trigger and not deleted:
        raise LabError(f"KeyCRM has no trigger {trigger}")
    return {"deleted": deleted}


# -- account


def give_key(here: Emulation, name: str = "") -> dict[str, Any]:
    """Make a new API key; the others go on working."""
    return {"api_key": issue_key(here, name).key}


def revoke_key(here: Emulation, key: str = "") -> dict[str, Any]:
    """Revoke one API key, or all of them."""
    revoked = revoke_keys(here, key)
    if key and not revoked:
        raise LabError("this key is not open: it was never issued, or is revoked already")
    return {"revoked": revoked}


def switch_profile(here: Emulation, profile: str) -> dict[str, Any]:
    """Answer as the API document says ("documented"), or as it was seen live ("observed")."""
    try:
        return {"profile": change(here, profile=Profile(profile)).profile.value}
    except ValueError:
        raise LabError(f"the profile is 'documented' or 'observed', not {profile!r}") from None


def set_rate_limit(here: Emulation, per_minute: int) -> dict[str, Any]:
    """Requests a minute, per key and per address; 0 lifts the limit. KeyCRM's own is 60."""
    if per_minute < 0:
        raise LabError(f"requests a minute cannot be {per_minute}")
    return {"per_minute": change(here, requests_a_minute=per_minute).requests_a_minute}


def set_stock_webhook_attempts(here: Emulation, attempts: int) -> dict[str, Any]:
    """How often a stock webhook is tried in all. Nobody outside knows KeyCRM's own number; it is 1 here."""
    if attempts < 1:
        raise LabError(f"a webhook is tried at least once, not {attempts} times")
    return {"attempts": change(here, stock_webhook_attempts=attempts).stock_webhook_attempts}


def add_to_list(here: Emulation, kind: str, name: str) -> dict[str, Any]:
    """A new tag, source, payment_method, expense_type, delivery_service or product_status."""
    kinds = ("tag", "source", "payment_method", "expense_type", "delivery_service", "product_status")
    if kind not in kinds:
        raise LabError(f"the lists of KeyCRM are {', '.join(kinds)}, not {kind!r}")
    return {"id": add(here, kind, name, **more_of(here, kind)).id}


def add_status(
    here: Emulation, name: str, group: int = 2, reserves: bool = False, closes: bool = False
) -> dict[str, Any]:
    """A new status of orders. Groups: 1 new, 2 agreement, 3 production, 4 delivery, 5 completed, 6 cancelled."""
    alias = name.lower().replace(" ", "_")
    last = max(status.id for status in here.store[Status].all())
    status = Status(last + 1, name, alias, group, closes, reserves, created_at=here.clock.now)
    return {"id": here.store[Status].add(status).id}


def add_custom_field(
    here: Emulation, name: str, model: str = "order", type: str = "text", options: Sequence[str] = ()
) -> dict[str, Any]:
    """Define a field of leads, orders, clients or products."""
    if model not in MODELS:
        raise LabError(f"custom fields belong to {', '.join(MODELS)}, not to {model!r}")
    number = here.ids.next("keycrm.custom_field")
    position = here.store[CustomField].count(CUSTOM_FIELDS.c.model == model) + 1
    choices = [
        {"id": here.ids.next("keycrm.custom_field_option"), "field_id": number, "value": value} for value in options
    ]
    made_field = CustomField(number, f"{PREFIXES[model]}_{1000 + number}", model, name, position, type, options=choices)
    return {"id": number, "uuid": here.store[CustomField].add(made_field).uuid}


def log_call(here: Emulation, phone: str, type: str = "incoming", duration: int = 60) -> dict[str, Any]:
    """Telephony reports a call. Units: `duration` in seconds."""
    call = Call(here.ids.next("keycrm.call"), type, phone, here.clock.now, duration=duration, manager_id=1)
    return {"id": here.store[Call].add(call).id}


def report_transaction(here: Emulation, amount: float, description: str = "") -> dict[str, Any]:
    """A payment service reports money that belongs to no payment yet."""
    one = add_transaction(here, amount, account(here).currency, description)
    return {"id": one.id, "uuid": one.uuid}


def _stock_of(here: Emulation, sku: str) -> dict[str, Any]:
    offer = the_offer(here, sku)
    total = totals_of(here, [offer.id])[offer.id]
    return {"sku": sku, "in_stock": rendered(total.quantity), "in_reserve": rendered(total.reserve)}


MOVES: dict[str, Move] = {
    "add custom field": add_custom_field,
    "add offer": add_offer,
    "add status": add_status,
    "add to list": add_to_list,
    "add trigger": add_trigger,
    "add variants": add_variants,
    "add warehouse": add_warehouse,
    "add webhook": add_webhook,
    "adjust stock": adjust_stock,
    "archive offer": archive_offer,
    "change line quantity": change_line_quantity,
    "change order status": change_order_status,
    "delete trigger": delete_trigger,
    "delete webhook": delete_webhook,
    "import stock": import_stock,
    "issue key": give_key,
    "log call": log_call,
    "pay order": pay_order,
    "place order": place_order,
    "receive": receive,
    "release": release,
    "rename SKU": rename_sku,
    "report transaction": report_transaction,
    "reserve": reserve,
    "revoke key": revoke_key,
    "set rate limit": set_rate_limit,
    "set stock webhook attempts": set_stock_webhook_attempts,
    "switch profile": switch_profile,
    "transfer": transfer,
    "write off": write_off,
}

"""Named situations of an account. A situation is quiet: nothing is sent to any shop for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from ..kernel import Emulation, LabError
from ..kernel.emulator import State as Situation
from . import account, alerts, checkouts, contacts, goods, orders, platforms, rule_book, shipments, stock, work
from .connector import CONNECTORS, Connector, State, newest
from .fields import FIELDS
from .goods import Listing, Master
from .moments import iso
from .presets import Preset, topics

SHOP = "http://127.0.0.1:9/shop"


def an_empty_account(here: Emulation) -> dict[str, Any]:
    """No connector, product, contact or rule; the three other systems and a token."""
    for table in here.emulator.tables:
        if table.record not in (account.Account, account.Token, platforms.Platform):
            here.store[table.record].delete_where()
    return {"token": (account.open_token(here) or account.issue_token(here)).token}


def a_connector(
    here: Emulation,
    preset: str = Preset.E_FULFILMENT.value,
    shop_url: str = SHOP,
    state: str = "active",
    name: str = "Shop",
    timezone: str = "UTC",
    opt_in_strategy: str = "both",
    checkout_abandon_minutes: int = 30,
    api_key: str = "ck_of_a_situation",
    api_secret: str = "cs_of_a_situation",  # noqa: S107 (of a laboratory)
    webhook_secret: str = "a-secret-of-the-webhooks",  # noqa: S107
) -> dict[str, Any]:
    """A connector of this shop in this state, imported if it is at work. Connect looks at no shop of a situation by
    itself."""
    try:
        wanted, flows = State(state), Preset(preset)
    except ValueError as bad:
        raise LabError(str(bad)) from None
    old = here.store[Connector].first(CONNECTORS.c.shop_url == shop_url, order=[CONNECTORS.c.id.desc()])
    number = old.id if old is not None else here.ids.next("spotler.connector")
    imported = here.clock.now if wanted in (State.ACTIVE, State.PAUSED, State.ERROR) else None
    problem = {"code": "key_refused", "message": "the shop refuses the API key"} if wanted is State.ERROR else None
    gone = wanted is State.REMOVED
    made = here.store[Connector].put(
        Connector(
            number,
            wanted,
            shop_url,
            name,
            timezone,
            flows,
            "" if gone else api_key,
            "" if gone else api_secret,
            "" if gone else webhook_secret,
            here.root,
            opt_in_strategy,
            checkout_abandon_minutes,
            "10.5.0",
            problem,
            {} if gone else {topic: {"id": n, "status": "active"} for n, topic in enumerate(topics(flows), 1)},
            here.clock.now,
            imported,
            imported,
            imported,
            removed_at=here.clock.now if gone else None,
        )
    )
    topic = "order.created"
    told = {"source": shop_url, "topic": topic, "delivery_url": made.hook(topic), "webhook_secret": webhook_secret}
    return {"connector_id": number, **({} if gone else told)}


def a_paused_connector(here: Emulation) -> dict[str, Any]:
    """A connector that the merchant has paused."""
    return a_connector(here, state="paused")


def a_connector_in_error(here: Emulation) -> dict[str, Any]:
    """A connector whose key the shop refuses."""
    return a_connector(here, state="error")


def a_removed_connector(here: Emulation) -> dict[str, Any]:
    """A connector that was removed."""
    return a_connector(here, state="removed")


def a_master_product(
    here: Emulation, sku: str = "MUG", barcode: str = "", name: str = "", status: str = "active"
) -> dict[str, Any]:
    """A master product that the warehouse has made."""
    master = next(
        (m for m in here.store[Master].all(goods.M.sku == sku, order=[goods.M.id]) if m.barcode == barcode), None
    )
    if master is None:
        master = goods.added(here, platforms.named(here, platforms.WAREHOUSE).id, sku, barcode, name, status)
    else:
        master = here.store[Master].put(replace(master, name=name or sku, status=status))
    return {"master_product_id": master.id}


def two_masters_of_one_sku(here: Emulation, sku: str = "MUG") -> dict[str, Any]:
    """Two master products that both have this SKU, and barcodes of their own: nobody can tell which is meant."""
    made = [a_master_product(here, sku, barcode, f"{sku} {barcode}") for barcode in ("4006381333931", "4006381333948")]
    return {"masters": [one["master_product_id"] for one in made]}


def goods_in_the_warehouse(here: Emulation, sku: str = "MUG", quantity: int = 10, barcode: str = "") -> dict[str, Any]:
    """So many pieces on the shelves of the warehouse, of a master product that is made if there is none."""
    master = goods.by_label(here, sku)
    if master is None:
        a_master_product(here, sku, barcode)
        master = goods.by_label(here, sku)
    assert master is not None
    here.store[stock.Level].put(stock.Level(master.id, quantity))
    return {"master_product_id": master.id}


def a_linked_product(
    here: Emulation, sku: str = "MUG", quantity: int = 10, item: int = 11, parent: int = 0
) -> dict[str, Any]:
    """A product of the newest shop (one is made if there is none) that is linked, with these pieces in the warehouse
    and in the shop."""
    connector = _connector(here)
    master = goods_in_the_warehouse(here, sku, quantity)["master_product_id"]
    key = f"{connector.id}/{item}"
    values = {"sku": sku, "barcode": "", "name": sku, "status": "active", "price": 10.0, "created_at": None}
    listing = Listing(
        key, connector.id, item, sku, parent, master, {**values, "variation": parent > 0}, quantity, True, quantity
    )
    here.store[Listing].put(listing)
    return {"connector_id": connector.id, "master_product_id": master}


def an_imported_order(
    here: Emulation, number: str = "12", sku: str = "MUG", quantity: int = 1, status: str = "processing"
) -> dict[str, Any]:
    """An order of the newest shop, taken in."""
    connector = _connector(here)
    if not number.isdecimal() or len(number) > 15:
        raise LabError(f"orders of a shop have numbers, unlike {number!r}")
    now = iso(here.clock.now)
    values = {
        "number": number,
        "status": status,
        "paid": True,
        "created_at": now,
        "total": 10.0 * quantity,
        "currency": "EUR",
        "email": "ann@example.com",
        "country": "NL",
        "payment_method": "cod",
        "customer_note": "",
    }
    line = {"sku": sku, "name": sku, "quantity": quantity, "total": f"{10 * quantity:.2f}", "master_product_id": None}
    key = f"{connector.id}/{number}"
    here.store[orders.Order].put(
        orders.Order(key, connector.id, int(number), number, status, values, [line], imported_at=here.clock.now)
    )
    return {"connector_id": connector.id, "order_number": number}


def a_shipped_order(here: Emulation, number: str = "12", tracking_code: str = "3STEST123") -> dict[str, Any]:
    """An order that the warehouse has shipped; the shop knows."""
    made = an_imported_order(here, number, status="completed")
    key = made["connector_id"], int(number), tracking_code
    c = shipments.C
    where = c.connector == key[0], c.shop_id == key[1], c.tracking_code == key[2]
    if here.store[shipments.Shipment].first(*where) is None:
        now = here.clock.now
        here.store[shipments.Shipment].add(
            shipments.Shipment(
                here.ids.next("spotler.shipment"), *key[:2], number, tracking_code, "PostNL", "", "warehouse", now, now
            )
        )
    return made


def a_checkout(
    here: Emulation, id: str = "21", status: str = "pending", email: str = "ann@example.com"
) -> dict[str, Any]:
    """A checkout that the plugin has caught, in this status."""
    connector = _connector(here)
    if status not in (checkouts.PENDING, checkouts.ABANDONED, checkouts.COMPLETED):
        raise LabError(f"a checkout is pending, abandoned or completed, not {status!r}")
    values = {"id": id, "email": email, "total": 10.0, "currency": "EUR", "created_at": iso(here.clock.now)}
    items = [{"sku": "MUG", "name": "MUG", "quantity": 1, "price": "10.00"}]
    key = f"{connector.id}/{id}"
    here.store[checkouts.Checkout].put(
        checkouts.Checkout(key, connector.id, id, status, values, items, here.clock.now - timedelta(minutes=1))
    )
    return {"connector_id": connector.id, "checkout": id}


def a_contact(
    here: Emulation, email: str = "ann@example.com", first_name: str = "Ann", subscribed: bool | None = True
) -> dict[str, Any]:
    """A contact that the newsletter knows."""
    contact = contacts.known(here, email)
    if contact is None:
        number = here.ids.next("spotler.contact")
        source = platforms.named(here, platforms.NEWSLETTER).id
        contact = contacts.Contact(number, email.casefold(), source=source, created_at=here.clock.now)
    kept = replace(contact, first_name=first_name, last_name="Lee", subscribed=subscribed, updated_at=here.clock.now)
    return {"contact_id": here.store[contacts.Contact].put(kept).id}


def an_open_alert(here: Emulation, ref: str = "12", code: str = "unmapped_status") -> dict[str, Any]:
    """An order that could not be imported, and its alert."""
    connector = _connector(here)
    key = f"{connector.id}/import/order/{ref}"
    message = f"Order {ref} has the status 'at-the-post', which no rule maps to one of Connect's."
    here.store[work.Work].put(work.Work(key, connector.id, "import", "order", ref, 0, "failed", 1, message))
    alert = alerts.raised(here, connector, "import", "order", ref, code, message)
    return {"connector_id": connector.id, "alert_id": alert.id}


def a_rule(
    here: Emulation,
    name: str = "Large orders",
    object: str = "order",
    field: str = "total",
    op: str = "greater_than",
    value: Any = 1000,
    action: str = "block_import",
) -> dict[str, Any]:
    """A rule of the account with one condition and one action."""
    if object not in FIELDS:
        raise LabError(f"there are no rules for {object!r}; there are for {', '.join(FIELDS)}")
    for kept in here.store[rule_book.Kept].all(order=[rule_book.RULES.c.id]):
        if kept.name == name:
            return {"rule_id": kept.id}
    body: Mapping[str, Any] = {
        "name": name,
        "object": object,
        "on": "export" if action == "block_export" else "import",
        "conditions": [{"field": field, "op": op, "value": value}],
        "actions": [{"type": action}],
    }
    return {"rule_id": rule_book.added(here, body).id}


def an_order_elsewhere(here: Emulation, number: str = "BOL-1", sku: str = "MUG", quantity: int = 1) -> dict[str, Any]:
    """An order that was placed on the marketplace."""
    platform = platforms.named(here, platforms.MARKETPLACE)
    platforms.add_order(here, platform, number, {sku: quantity})
    return {"platform": platform.name, "number": number}


def a_revoked_token(here: Emulation) -> dict[str, Any]:
    """A token that was given once and opens nothing any more; the others are as they were."""
    for one in here.store[account.Token].all(order=[account.TOKENS.c.id]):
        if one.revoked_at is not None:
            return {"revoked_token": one.token}
    revoked = account.issue_token(here)
    account.revoke_tokens(here, revoked.token)
    return {"revoked_token": revoked.token}


def alerts_are_off(here: Emulation) -> None:
    """Nobody is mailed about alerts."""
    account.change(here, alerts_on=False)


def _connector(here: Emulation) -> Connector:
    connector = newest(here)
    if connector is None:
        a_connector(here)
        connector = newest(here)
    assert connector is not None
    return connector


STATES: dict[str, Situation] = {
    "a checkout": a_checkout,
    "a connector": a_connector,
    "a connector in error": a_connector_in_error,
    "a contact": a_contact,
    "a linked product": a_linked_product,
    "a master product": a_master_product,
    "a paused connector": a_paused_connector,
    "a removed connector": a_removed_connector,
    "a revoked token": a_revoked_token,
    "a rule": a_rule,
    "a shipped order": a_shipped_order,
    "alerts are off": alerts_are_off,
    "an empty account": an_empty_account,
    "an imported order": an_imported_order,
    "an open alert": an_open_alert,
    "an order elsewhere": an_order_elsewhere,
    "goods in the warehouse": goods_in_the_warehouse,
    "two masters of one SKU": two_masters_of_one_sku,
}

"""What people and the other systems of the account do: the merchant in Connect, the warehouse, the newsletter, the
marketplace. Units of every quantity: pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..kernel import ApiError, Emulation, LabError
from ..kernel.emulator import Move
from . import account, alerts, connectors, contacts, goods, orders, platforms, rule_book, shipments, stock, webhooks
from .connector import Connector, newest
from .fields import FIELDS
from .goods import Master
from .orders import Order
from .platforms import MARKETPLACE, NEWSLETTER, WAREHOUSE

# -- the warehouse


def receive_goods(here: Emulation, sku: str, quantity: int) -> dict[str, Any]:
    """Goods arrive. A product that Connect does not know yet is made by the warehouse, and offered to no shop."""
    return _stock_moves(here, sku, _positive(quantity))


def move_stock(here: Emulation, sku: str, by: int) -> dict[str, Any]:
    """Pieces are found (`by` above zero) or lost (below)."""
    if not by:
        raise LabError("a movement of no pieces is none")
    return _stock_moves(here, sku, by)


def count_stock(here: Emulation, sku: str, quantity: int) -> dict[str, Any]:
    """The shelves are counted: so many pieces lie there."""
    if quantity < 0:
        raise LabError(f"{quantity} pieces cannot lie on a shelf")
    master = the_master(here, sku)
    stock.brought_to(here, master, quantity)
    return _levels(here, master)


def _stock_moves(here: Emulation, sku: str, by: int) -> dict[str, Any]:
    master = goods.by_label(here, sku) or goods.added(here, platforms.named(here, WAREHOUSE).id, sku)
    level = here.store[stock.Level].get(master.id) or stock.Level(master.id)
    if level.on_hand + by < 0:
        raise LabError(f"only {level.on_hand} pieces of {sku} are there")
    stock.brought_to(here, master, level.on_hand + by)
    return _levels(here, master)


def ship_order(
    here: Emulation,
    order: str | int = "",
    carrier: str = "PostNL",
    tracking_code: str = "",
    tracking_url: str = "",
) -> dict[str, Any]:
    """The warehouse ships an imported order (the newest unless named)."""
    connector, found = _order(here, str(order))
    if not connector.carries("shipments", "out"):
        raise LabError(f"the preset {connector.preset.value} moves no shipments")
    code = tracking_code or f"3S{here.ids.number(10**9, 10**10 - 1)}"
    if any(one.tracking_code == code for one in shipments.of_order(here, connector.id, found.shop_id)):
        raise LabError(f"order {found.number} has a shipment {code} already")
    body = {"carrier": carrier, "tracking_code": code, "tracking_url": tracking_url}
    return shipments.rendered(shipments.shipped(here, connector, found, body))


# -- the marketplace, and other systems


def sale_elsewhere(
    here: Emulation, sku: str, quantity: int = 1, number: str = "", platform: str = MARKETPLACE
) -> dict[str, Any]:
    """Somebody buys on the marketplace: the warehouse sets the pieces aside, and the shops have fewer to sell."""
    master = the_master(here, sku)
    return _ordered(here, platform, number, {master: _positive(quantity)})


def _ordered(here: Emulation, platform: str, number: str, lines: Mapping[Master, int]) -> dict[str, Any]:
    place = platforms.named(here, platform)
    number = number or f"{place.name[:3].upper()}-{1000 + here.ids.next('spotler.platform_order')}"
    if platforms.order_of(here, platform, number) is not None:
        raise LabError(f"{platform} has an order {number} already")
    order = platforms.add_order(here, place, number, {master.label: pieces for master, pieces in lines.items()})
    changes = stock.hold(here, f"platform {order.key}", {master.id: pieces for master, pieces in lines.items()})
    stock.moved(here, changes)
    return {"platform": platform, "number": number, "lines": order.lines}


def add_product_elsewhere(
    here: Emulation, sku: str, name: str = "", barcode: str = "", platform: str = WAREHOUSE, draft: bool = False
) -> dict[str, Any]:
    """Another system makes a product: a master product, which no shop is given."""
    master = goods.added(
        here, platforms.named(here, platform).id, sku, barcode, name, status="draft" if draft else "active"
    )
    return {"id": master.id, "sku": sku, "barcode": barcode}


def change_product_elsewhere(
    here: Emulation, sku: str, new_sku: str = "", barcode: str = "", name: str = "", status: str = ""
) -> dict[str, Any]:
    """The source of a master product changes it, as the merchant does who puts two of one SKU right."""
    master = the_master(here, sku)
    if status not in ("", "active", "draft", "removed"):
        raise LabError(f"a master product is active, draft or removed, not {status!r}")
    here.store[Master].put(
        replace(
            master,
            sku=new_sku or master.sku,
            barcode=barcode or master.barcode,
            name=name or master.name,
            status=status or master.status,
        )
    )
    if (connector := newest(here)) is not None:
        goods.match_again(here, connector)
    return {"id": master.id}


def change_contact(
    here: Emulation,
    email: str,
    first_name: str | None = None,
    last_name: str | None = None,
    phone: str | None = None,
    subscribed: bool | None = None,
    platform: str = NEWSLETTER,
) -> dict[str, Any]:
    """Another system changes a contact, or makes one that nobody knew."""
    given = {"first_name": first_name, "last_name": last_name, "phone": phone, "subscribed": subscribed}
    values = {name: value for name, value in given.items() if value is not None}
    source = platforms.named(here, platform).id
    contact = contacts.known(here, email)
    after = contacts.changed(here, contact, values, source) if contact else contacts.added(here, email, values, source)
    return after.values()


# -- the merchant, in Connect


def add_rule(
    here: Emulation,
    object: str,
    actions: Sequence[Mapping[str, Any]],
    conditions: Sequence[Mapping[str, Any]] = (),
    on: str = "import",
    scope: str | int = "account",
    join: str = "and",
    name: str = "",
) -> dict[str, Any]:
    """The merchant makes a rule. `scope`: "account", "connector" for the newest one, the name of a platform, or a
    number. What had failed is tried again under it."""
    if object not in FIELDS:
        raise LabError(f"rules are about {', '.join(FIELDS)}, not {object!r}")
    if join not in ("and", "or") or on not in ("import", "export"):
        raise LabError("join is and or or; on is import or export")
    body = {
        "object": object,
        "actions": [dict(action) for action in actions],
        "conditions": [dict(condition) for condition in conditions],
        "on": on,
        "scope": _scope(here, scope),
        "join": join,
        "name": name,
    }
    try:
        return rule_book.rendered(rule_book.added(here, body))
    except (ApiError, KeyError, TypeError) as wrong:
        raise LabError(f"this is no rule: {getattr(wrong, 'message', '') or wrong}") from None


def _scope(here: Emulation, scope: str | int) -> str | int:
    if scope == "connector":
        return _newest(here).id
    return scope if scope == "account" or isinstance(scope, int) else platforms.named(here, scope).id


def remove_rule(here: Emulation, rule: int) -> None:
    """The merchant deletes a rule."""
    if not here.store[rule_book.Kept].delete(rule):
        raise LabError(f"there is no rule {rule}")


def try_alert_again(here: Emulation, object: str = "") -> dict[str, Any]:
    """The merchant presses "try again" at the open alert of an object ("order 12"), or at all of them."""
    tried = []
    for alert in here.store[alerts.Alert].all(alerts.C.closed_at.is_(None), order=[alerts.C.id]):
        name = f"{alert.kind} {alert.ref}"
        if object in ("", name):
            connectors.try_again(alert.connector, alert.id)
            tried.append(name)
    if not tried:
        raise LabError(f"no alert is open{f' for {object!r}' if object else ''}")
    return {"tried": tried}


def pause_connector(here: Emulation) -> dict[str, Any]:
    """The merchant pauses the newest connector."""
    return _state(_refused_as(lambda: connectors.paused(here, _newest(here))))


def resume_connector(here: Emulation) -> dict[str, Any]:
    """The merchant lets it go on."""
    return _state(_refused_as(lambda: connectors.resumed(here, _newest(here))))


async def remove_connector(here: Emulation) -> dict[str, Any]:
    """The merchant removes the newest connector in Connect, not in the shop."""
    return _state(await connectors.removed(here, _newest(here)))


async def repair_webhooks(here: Emulation) -> dict[str, Any]:
    """The merchant has Connect put its webhooks in order."""
    try:
        return _state(await webhooks.repaired(here, _newest(here)))
    except ApiError as refused:
        raise LabError(refused.message, code=refused.code) from None


async def change_connector(here: Emulation, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The merchant changes settings of the newest connector: name, timezone, preset, opt_in_strategy,
    checkout_abandon_minutes, api_key and api_secret."""
    known = {*connectors.SETTINGS, "preset", "api_key", "api_secret"}
    if unknown := sorted(settings.keys() - known):
        raise LabError(f"a connector has no setting {unknown[0]!r}; it has {', '.join(sorted(known))}")
    try:
        return _state(await connectors.updated(here, _newest(here), dict(settings)))
    except (ApiError, ValueError) as refused:
        raise LabError(str(refused)) from None


def set_alert_address(here: Emulation, email: str = "", on: bool = True) -> dict[str, Any]:
    """Where alerts are mailed to, and whether."""
    kept = account.change(here, alerts_on=on, alert_email=email or account.account(here).alert_email)
    return {"email": kept.alert_email, "on": kept.alerts_on}


def issue_token(here: Emulation) -> dict[str, Any]:
    """A further token for the control API; the others go on working."""
    return {"token": account.issue_token(here).token}


def revoke_token(here: Emulation, token: str = "") -> dict[str, Any]:
    """Revoke one token, or all of them."""
    revoked = account.revoke_tokens(here, token)
    if token and not revoked:
        raise LabError("this token does not open the API: it was never given, or is revoked already")
    return {"revoked": revoked}


# -- what they speak of


def the_master(here: Emulation, sku: str) -> Master:
    master = goods.by_label(here, sku)
    if master is None:
        raise LabError(f"Connect has no master product with the SKU or barcode {sku!r}", status=404)
    return master


def _levels(here: Emulation, master: Master) -> dict[str, Any]:
    level, held = here.store[stock.Level].get(master.id), stock.held(here, master.id)
    on_hand = level.on_hand if level is not None else 0
    return {"sku": master.label, "on_hand": on_hand, "reserved": held, "available": on_hand - held}


def _newest(here: Emulation) -> Connector:
    connector = newest(here)
    if connector is None:
        raise LabError("the account has no connector")
    return connector


def _order(here: Emulation, number: str) -> tuple[Connector, Order]:
    connector = _newest(here)
    where = [orders.C.connector == connector.id, *([orders.C.number == number] if number else [])]
    order = here.store[Order].first(*where, order=[orders.C.shop_id.desc()])
    if order is None:
        raise LabError(f"no order {number} was imported".replace("  ", " "), status=404)
    return connector, order


def _positive(quantity: int) -> int:
    if quantity < 1:
        raise LabError(f"{quantity} pieces are none")
    return quantity


def _state(connector: Connector) -> dict[str, Any]:
    return {"connector": connector.id, "state": connector.state.value}


def _refused_as(act: Any) -> Any:
    try:
        return act()
    except ApiError as refused:
        raise LabError(refused.message, code=refused.code) from None


MOVES: dict[str, Move] = {
    "add product elsewhere": add_product_elsewhere,
    "add rule": add_rule,
    "change connector": change_connector,
    "change contact": change_contact,
    "change product elsewhere": change_product_elsewhere,
    "count stock": count_stock,
    "issue token": issue_token,
    "move stock": move_stock,
    "pause connector": pause_connector,
    "receive goods": receive_goods,
    "remove connector": remove_connector,
    "remove rule": remove_rule,
    "repair webhooks": repair_webhooks,
    "resume connector": resume_connector,
    "revoke token": revoke_token,
    "sale elsewhere": sale_elsewhere,
    "set alert address": set_alert_address,
    "ship order": ship_order,
    "try again": try_alert_again,
}

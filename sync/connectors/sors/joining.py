"""The click on connect: both sides are asked, then the store's webhook for new orders is made. And disconnect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from ...clock import shown
from ...desk import Desk
from ...errors import GiveUp, Retry, Skip, SyncError
from ...joining import Joined, Joining, Refused, new_secret, refused
from ...watching import Ailing, ailing, mended, strays
from .rules import CURRENCY

TOPIC = "order.created"
HOOK = "orders"
RUNS = {"catalogue": "catalogue", "stock": "stock", "images": "images", "orders": "export_orders"}


def join(joining: Joining) -> Joined:
    """The store, the key, the database and the unit are looked at in this order; the refusal says which is wrong."""
    _store_checked(joining)
    _currency_checked(joining)
    home = _database(joining)
    unit = _unit(joining, home["id"])
    before = joining.earlier.learned if joining.earlier else {}
    joining.note(
        store_mode=joining.store.mode,
        store_skew=joining.store.skew,
        database=home["id"],
        unit=unit["id"],
        orders_from=before.get("orders_from") or shown(joining.now),
        export_from=before.get("export_from") or shown(joining.now),
        webhooks=dict(before.get("webhooks", {})),
    )
    _listen(joining)
    for kind, switch in RUNS.items():
        joining.schedule(kind, joining.now if switched_on(joining.settings, kind, switch) else None)
    return Joined(look=False)


def switched_on(settings: Mapping[str, Any], kind: str, switch: str) -> bool:
    """The run for stock is also the one for prices."""
    return bool(settings[switch] or (kind == "stock" and settings["prices"]))


def _store_checked(joining: Joining) -> None:
    """Errors: `Refused` when nobody answers, WooCommerce is not active, or the key may not write."""
    try:
        joining.store.check(write=True)
    except Skip as missing:
        if missing.status == 404:
            raise Refused(
                "woocommerce_missing",
                f"WooCommerce is not active at {joining.store_url}, or is older than 3.5: install and activate it, "
                f"with permalinks other than plain ({missing})",
            ) from None
        raise refused(missing, "store") from None
    except (Retry, GiveUp) as failed:
        raise refused(failed, "store") from None


def _currency_checked(joining: Joining) -> None:
    """Errors: `Refused` when dinars would be taken for something else, on the shelf or on documents."""
    if not joining.settings["prices"] and not joining.settings["export_orders"]:
        return
    try:
        code = joining.store.call("GET", "/data/currencies/current").json().get("code")
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "store") from None
    if code != CURRENCY:
        raise Refused(
            "other_currency",
            f"the store sells in {code} and SORS counts in {CURRENCY}: let the store sell in {CURRENCY}, or switch "
            "prices and export_orders off",
        )


def _database(joining: Joining) -> Mapping[str, Any]:
    """The chosen database. Errors: `Refused`, saying which there are."""
    joining.turn()
    try:
        found: list[dict[str, Any]] = joining.backend.databases()
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "backend") from None
    problem = trouble(joining.settings["database"], found)
    if problem:
        raise Refused("choose_database", problem)
    return next(row for row in found if row.get("id") == joining.settings["database"])


def trouble(wanted: str, found: Iterable[Mapping[str, Any]]) -> str:
    """Why this database cannot be used; nothing when it can."""
    rows = list(found)
    there = ", ".join(
        f"{d.get('id')}{' (for tests)' if d.get('isDemo') else ''}" for d in rows if not d.get("isClosed")
    )
    choose = f"choose one that is open: {there or 'there is none'}"
    row = next((d for d in rows if d.get("id") == wanted), None)
    if not wanted:
        return f"no database was chosen; {choose}"
    if row is None:
        return f"the API key does not open the database {wanted}; {choose}"
    if row.get("isClosed"):
        return f"the fiscal year of {wanted} is closed; {choose}, and connect again with it"
    return ""


def _unit(joining: Joining, database: str) -> Mapping[str, Any]:
    joining.turn()
    try:
        found = joining.backend.units(database)
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "backend") from None
    wanted = joining.settings["business_unit"].strip()
    unit: Mapping[str, Any] | None = next((row for row in found if wanted and wanted == str(row.get("code"))), None)
    if unit is None:
        there = ", ".join(f"{row.get('code')} {row.get('name')}" for row in found) or "none"
        said = f"{database} has no business unit {wanted!r}" if wanted else "no business unit was chosen"
        raise Refused("choose_unit", f"{said}; there are: {there}")
    return unit


def _listen(joining: Joining) -> None:
    """The store tells us of every new order, or of none. What an unfinished click has left is taken away."""
    address, before = joining.hook(HOOK), dict(joining.learned["webhooks"])
    secret = (joining.earlier.secrets.get("webhook_secret") if joining.earlier else "") or new_secret()
    joining.keep(webhook_secret=secret)
    wanted = {TOPIC: int(before.get(TOPIC, 0))} if joining.settings["export_orders"] else {}
    try:
        found = joining.store.webhooks()
        for stray in strays(wanted, address, found):
            joining.store.delete_webhook(stray)
        for ill in ailing(wanted, address, found):
            wanted[ill.topic] = mended(joining.store, ill, address, secret)
    except (Retry, GiveUp, Skip) as failed:
        with suppress(SyncError):  # perhaps it was made, and the answer lost
            for stray in strays(before, address, joining.store.webhooks()):
                joining.store.delete_webhook(stray)
        raise refused(failed, "store") from None
    joining.note(webhooks=wanted)


def leave(joining: Joining) -> str:
    """Take the webhook out of the store. Nothing is told to SORS: it knows of no connection. What could not be done."""
    problems = []
    for topic, number in joining.learned.get("webhooks", {}).items():
        try:
            joining.store.delete_webhook(number)
        except SyncError as failed:
            problems.append(f"the webhook for {topic} is still in the store, delete it there ({failed})")
    return "; ".join(problems)


def watched(desk: Desk) -> tuple[dict[str, int], list[Ailing]]:
    """The webhooks as they are after this look, mended; and what was wrong."""
    address = desk.hook(HOOK)
    wanted = {topic: int(number) for topic, number in desk.connection.learned.get("webhooks", {}).items()}
    found = desk.store.webhooks()
    troubles = ailing(wanted, address, found)
    for ill in troubles:
        wanted[ill.topic] = mended(desk.store, ill, address, desk.secrets["webhook_secret"])
    return wanted, troubles


def since(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""The click on connect and the one on disconnect.

What a click makes in the store is named in the ledger before it is made, so that the next click can take back what
one left behind that never came to an end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ...errors import GiveUp, Retry, Skip, SyncError
from ...joining import Joined, Joining, Refused, new_secret, refused
from .client import Connect, Standing, said

PANEL = "spotler-connect"
COLUMN = "_spotler_shipments"  # the custom field of an order in which the Shipments column is kept
TOPICS = ("order.created", "order.updated")  # a checkout that is filled in is a draft among the orders
FIRST_LOOK = timedelta(minutes=1)  # after the click: by then the first import has told how it goes


def connect(joining: Joining) -> Joined:
    """Whoever clicks must be allowed to manage WooCommerce. Nothing is sent to Connect before that is known, and what
    was made is taken back when Connect refuses."""
    try:
        if not joining.site.may_manage():
            raise Refused("not_allowed", f"{joining.site.username} may not manage WooCommerce: ask somebody who may")
        site = joining.site.described()
        _taken_back(joining)
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "store") from None
    joining.turn()
    entered = entry(joining, site)
    known = _renewed(joining, entered)
    return _kept(joining, known or _connected(joining, entered))


def entry(joining: Joining, site: dict[str, Any]) -> dict[str, Any]:
    """What is entered in Connect beside the key."""
    chosen = joining.settings
    return {
        "name": chosen["name"] or str(site.get("name") or joining.store_url)[:200],
        "timezone": chosen["timezone"] or zone(str(site.get("timezone") or "")),
        "preset": chosen["preset"],
        "shop_url": joining.store_url,
        "opt_in_strategy": chosen["opt_in_strategy"],
        "checkout_abandon_minutes": chosen["checkout_abandon_minutes"],
    }


def zone(site: str) -> str:
    """A time zone by its name. WordPress also knows plain offsets ("+02:00"): zones of whole hours have names too,
    in which the sign is turned round."""
    if site[:1] not in ("+", "-"):
        return site or "UTC"
    hours, _, minutes = site[1:].partition(":")
    if minutes.strip("0") or not hours.isdecimal():
        raise Refused("bad_settings", f"there is no time zone with the offset {site}: choose one in the settings")
    return f"Etc/GMT{'-' if site[0] == '+' else '+'}{int(hours)}" if int(hours) else "UTC"


# -- a first click


def _connected(joining: Joining, entered: dict[str, Any]) -> Standing:
    description = f"Spotler Connect ({joining.id})"
    joining.begun(key=description, webhooks=joining.hook("checkout"))
    try:
        _free(joining)
        key = joining.site.make_key(description, "read_write")
        pair = {"api_key": key.consumer_key, "api_secret": key.consumer_secret}
        known = _entered(joining, {**entered, **pair})
        joining.begun(connector=known.id)
        joining.keep(key={"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
        joining.note(key_id=key.id)
        _listen(joining, known)
    except BaseException as failed:
        _undo(joining)
        if isinstance(failed, Skip):
            raise Refused(_code(failed), said(failed)) from None
        if isinstance(failed, Retry | GiveUp):
            raise refused(failed, "backend") from None
        raise
    return known


def _free(joining: Joining) -> None:
    """Refused while the shop is connected in Connect, by somebody else than this plugin."""
    backend: Connect = joining.backend
    if there := backend.connectors(joining.store_url):
        who = f"connector {there[0].id}, whose key is not ours (it ends in {there[0].key_ends_in})"
        raise Refused("connected_elsewhere", f"this shop is connected in Connect already, as {who}: remove that first")


def _entered(joining: Joining, entered: dict[str, Any]) -> Standing:
    """The connector, also when the answer that told of it was lost."""
    backend: Connect = joining.backend
    try:
        return backend.create(entered)
    except Retry as lost:
        if not lost.sent:
            raise
        tail = str(entered["api_key"])[-7:]
        made = next((c for c in backend.connectors(joining.store_url) if c.key_ends_in == tail), None)
        if made is None:
            raise
        return made


def _listen(joining: Joining, known: Standing) -> None:
    """Hear of checkouts, and have a Shipments column, as far as the preset moves them."""
    secret, hooks = new_secret(), {}
    if known.carries("checkouts", "in"):
        hooks = joining.site.make_webhooks(TOPICS, joining.hook("checkout"), secret, status="active")
    if known.carries("shipments", "out"):
        joining.site.call("PUT", f"/panels/{PANEL}", {"title": "Spotler Connect", "shipments": COLUMN})
    joining.keep(webhook_secret=secret)
    joining.note(hooks=hooks)


def _kept(joining: Joining, known: Standing) -> Joined:
    joining.note(connector=known.id)
    joining.schedule("health", joining.now + FIRST_LOOK)
    joining.undone()
    return Joined(stage=known.state, look=False)


# -- a click on what is connected


def _renewed(joining: Joining, entered: dict[str, Any]) -> Standing | None:
    """New settings for the connector that there is, and a new key where the old one is refused. None: there is none,
    or it was removed in Connect."""
    earlier = joining.earlier
    if earlier is None or "connector" not in earlier.learned:
        return None
    backend: Connect = joining.backend
    number = int(earlier.learned["connector"])
    try:
        known = backend.read(number)
        if known.state == "removed":
            _forget_earlier(joining)
            return None
        joining.keep(**{name: earlier.secrets[name] for name in ("key", "webhook_secret") if name in earlier.secrets})
        joining.note(**{name: earlier.learned[name] for name in ("key_id", "hooks") if name in earlier.learned})
        changed = {name: value for name, value in entered.items() if name != "shop_url"}
        if known.state == "error":
            changed |= _another_key(joining)
        _silence(joining)
        known = backend.change(number, changed)
        if known.state in ("paused", "error"):
            known = backend.resume(number)
        _listen(joining, known)
    except Skip as wrong:
        if wrong.status == 404:
            _forget_earlier(joining)
            return None
        raise Refused(_code(wrong), said(wrong)) from None
    except (Retry, GiveUp) as failed:
        raise refused(failed, "backend") from None
    return known


def _another_key(joining: Joining) -> dict[str, str]:
    """Made before the old one is revoked: the connector is never without."""
    key = joining.site.make_key(f"Spotler Connect ({joining.id})", "read_write")
    if old := joining.learned.get("key_id"):
        joining.site.revoke_key(int(old))
    joining.keep(key={"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret})
    joining.note(key_id=key.id)
    return {"api_key": key.consumer_key, "api_secret": key.consumer_secret}


def _forget_earlier(joining: Joining) -> None:
    """The connector is gone in Connect: so is what the store had for it."""
    joining.leftover.update(key=f"Spotler Connect ({joining.id})", webhooks=joining.hook("checkout"))
    joining.keep(key=None)
    _taken_back(joining)


# -- taking back


def _taken_back(joining: Joining) -> None:
    """What an earlier click began and did not finish."""
    begun = joining.leftover
    if "connector" in begun:
        _removed(joining, int(begun["connector"]))
    elif "key" in begun:
        tails = {row["description"]: str(row.get("ends_in", "")) for row in joining.site.call("GET", "/keys")}
        for there in joining.backend.connectors(joining.store_url) if tails.get(begun["key"]) else ():
            if there.key_ends_in == tails[begun["key"]]:
                joining.backend.remove(there.id)
    if "key" in begun:
        _revoke(joining, str(begun["key"]))
    if "webhooks" in begun:
        _silence(joining)
    if begun:
        joining.undone()


def _removed(joining: Joining, number: int) -> None:
    """The connector is gone in Connect; one that this account does not know is another's by now, or nobody's."""
    try:
        joining.backend.remove(number)
    except (Retry, GiveUp) as failed:
        raise refused(failed, "backend") from None
    except Skip as unknown:
        if unknown.status != 404:
            raise


def _revoke(joining: Joining, description: str) -> None:
    for row in joining.site.call("GET", "/keys"):
        if row["description"] == description:
            joining.site.revoke_key(int(row["key_id"]))


def _silence(joining: Joining) -> None:
    """No webhook of the plugin is left in the store."""
    for row in joining.site.webhooks():
        if row.get("delivery_url") == joining.hook("checkout"):
            joining.site.delete_webhook(int(row["id"]))


def _no_column(joining: Joining) -> None:
    try:
        joining.site.call("DELETE", f"/panels/{PANEL}")
    except Skip as missing:
        if missing.status != 404:
            raise


def _undo(joining: Joining) -> None:
    """Whatever can be taken back now; the rest stays noted for the next click."""
    try:
        if "connector" in joining.leftover:
            joining.backend.remove(int(joining.leftover["connector"]))
        _revoke(joining, f"Spotler Connect ({joining.id})")
        _silence(joining)
        _no_column(joining)
        joining.undone()
    except SyncError:
        return


def _code(refused_: Skip) -> str:
    detail = refused_.detail if isinstance(refused_.detail, dict) else {}
    return str(detail.get("code") or "backend_refused")


def leave(joining: Joining) -> str:
    """Connect first, while the key still opens the store: it takes its webhooks away with it. What cannot be done is
    told, and stops nothing else."""
    left = []
    number = joining.learned.get("connector")
    if number:
        joining.begun(connector=number)
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("Connect was not told", lambda: _told(joining, number)),
        ("Connect's webhooks may still be there", lambda: _without_strays(joining, number)),
        ("the webhooks of the plugin may still be there", lambda: _silence(joining)),
        ("the Shipments column is still there", lambda: _no_column(joining)),
        ("the API key still opens the store", lambda: _revoke(joining, f"Spotler Connect ({joining.id})")),
    ]
    for what, step in steps:
        try:
            step()
        except SyncError as failed:
            left.append(f"{what}: {failed}")
    return "; ".join(left)


def _told(joining: Joining, number: Any) -> None:
    """Or the next click takes the connector away."""
    if number:
        joining.backend.remove(int(number))
        joining.undone()


def _without_strays(joining: Joining, number: Any) -> None:
    """Webhooks to this connector in Connect, should Connect have left some."""
    ours = f"{joining.credentials['url'].rstrip('/')}/connectors/{number}/webhooks/"
    for row in joining.site.webhooks():
        if str(row.get("delivery_url", "")).startswith(ours):
            joining.site.delete_webhook(int(row["id"]))

"""What a click does: connect, confirm, disconnect; and the way back of the browser between the first two."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..book import Book
from ..connector import HookCall
from ..errors import GiveUp, Retry, Skip, SyncError
from ..inbox import same_store
from ..joining import Joined, Joining, Refused, new_secret, refused
from ..site import Site
from ..watching import strays
from .client import Golisto, connect_page

PENDING_POLL = 900.0  # seconds between two looks at the status while somebody else's turn it is
PATIENCE = timedelta(minutes=30)  # with a merchant who began to connect


def join(joining: Joining) -> Joined:
    """Nothing leaves the store: the merchant is led to the connect page."""
    _take_back(joining)
    if joining.stage in ("awaiting approval", "approved") and joining.status in ("active", "pending"):
        raise Refused("already_connected", f"this store is connected ({joining.stage}): disconnect first", status=409)
    try:
        if not joining.site.may_manage():
            raise Refused("not_permitted", "connecting takes a person who may manage WooCommerce", status=403)
        store = joining.site.described()
        left = cleaned(joining.site, joining.earlier.learned) if joining.earlier else []
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "store") from None
    if not same_store(str(store["url"]), joining.store_url):
        raise Refused("other_address", f"the store says that its address is {store['url']}: connect with that one")
    if left:
        raise Refused("try_later", f"of the earlier connection, {'; '.join(left)}", status=503)
    state = new_secret(32)
    joining.keep(state=state)
    joining.schedule("timeout", joining.now + PATIENCE)
    joining.schedule("status", None)
    page = connect_page(
        joining.credentials["url"],
        {
            "store_url": joining.store_url,
            "currency": store["currency"],
            "return_url": joining.hook("return"),
            "state": state,
        },
    )
    return Joined("pending", "linking", "sign in at Golisto and link the store", open=page, look=False)


def returned(call: HookCall, book: Book) -> tuple[Any, int]:
    """The browser comes back from the connect page. Only our own question is answered by it."""
    kept = book.secrets(call.connection)
    state, token = str(kept.get("state") or ""), call.query.get("connect_token", "")
    if not state or not hmac.compare_digest(call.query.get("state", "").encode(), state.encode()):
        return page("This is not the answer to a question of this store. Nothing was changed."), 403
    if call.connection.status != "pending" or call.connection.stage not in ("linking", "linked"):
        return page("Nothing waits to be linked. Begin again."), 409
    if call.query.get("result") == "denied":
        book.keep(call.connection, state="", connect_token="")
        book.set_connection(
            call.connection.id, status="disconnected", stage="disconnected", reason="denied on Golisto's page"
        )
        return page("You have denied the link. Nothing was connected."), 200
    if call.query.get("result") != "linked" or not token:
        return page("Golisto's answer cannot be understood. Begin again."), 400
    book.keep(call.connection, connect_token=token)
    book.set_connection(call.connection.id, stage="linked", reason="confirm the connection in the store")
    return page("The store is linked. Confirm it here, and it is connected."), 200


def page(text: str) -> str:
    return f'<!DOCTYPE html><html lang="en"><title>Golisto</title><h1>Golisto</h1><p role="status">{text}</p></html>'


def confirm(joining: Joining) -> Joined:
    """The administrator confirms. Only now there is a key; when Golisto does not take it, it is revoked at once."""
    _take_back(joining)
    if joining.learned.get("currency_changed"):
        return _confirmed_anew(joining)
    token = joining.secrets.get("connect_token")
    if joining.stage != "linked" or not token:
        raise Refused("not_linked", "link the store on Golisto's page first", status=409)
    name = f"Golisto ({joining.id})"
    joining.begun(key_named=name)
    try:
        currency = joining.site.described()["currency"]
        key = joining.site.make_key(name, "read_write")
    except (Retry, GiveUp, Skip) as failed:
        _take_back(joining, quietly=True)
        raise refused(failed, "store") from None
    pair = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    secret = new_secret()
    try:
        joining.turn()
        accepted = Golisto(joining.credentials["url"], joining.http).connect(
            token, joining.store_url, currency, pair, secret
        )
    except (Retry, GiveUp, Skip, Refused) as failed:
        _take_back(joining, quietly=True)
        raise failed if isinstance(failed, Refused) else refused(failed, "backend") from None
    for used in ("connect_token", "state"):
        joining.secrets.pop(used, None)
    joining.keep(key=pair, webhook_secret=secret, site_token=accepted.site_token)
    joining.note(
        key_id=key.id,
        shop_id=accepted.shop_id,
        currency=currency,
        delivery_url=accepted.delivery_url,
        topics=list(accepted.topics),
        webhooks={},
    )
    joining.schedule("timeout", None)
    joining.schedule("status", joining.now + timedelta(seconds=PENDING_POLL))
    return Joined("pending", "awaiting approval", look=False)


def _confirmed_anew(joining: Joining) -> Joined:
    """The merchant sells in another currency now and wants Golisto to: it is reviewed again."""
    try:
        currency = joining.site.described()["currency"]
        golisto = Golisto(joining.credentials["url"], joining.http, joining.secrets["site_token"])
        golisto.renew(joining.store_url, currency, joining.secrets["webhook_secret"])
    except (Retry, GiveUp, Skip) as failed:
        raise refused(failed, "backend") from None
    joining.learned.pop("currency_changed")
    joining.note(currency=currency)
    joining.schedule("status", joining.now + timedelta(seconds=PENDING_POLL))
    return Joined("pending", "awaiting approval", look=False)


def _take_back(joining: Joining, *, quietly: bool = False) -> None:
    """Revoke the key of a confirmation that came to nothing. `quietly`: what cannot be taken back now is taken back
    by the next click."""
    name = joining.leftover.get("key_named")
    if not name:
        return
    try:
        for key in joining.site.call("GET", "/keys"):
            if key["description"] == name and key["key_id"] != joining.learned.get("key_id"):
                joining.site.revoke_key(key["key_id"])
        joining.undone()
    except SyncError:
        if not quietly:
            raise Refused("try_later", "the key of an earlier try could not be revoked yet", status=503) from None


def leave(joining: Joining) -> str:
    """Golisto is told; then key and webhooks go, also when it could not be told."""
    left = []
    _take_back(joining, quietly=True)
    if token := joining.secrets.get("site_token"):
        try:
            Golisto(joining.credentials["url"], joining.http, token).disconnect(
                joining.store_url, "disconnected by the merchant"
            )
        except SyncError as failed:
            left.append(f"Golisto could not be told: {failed}")
    left += cleaned(joining.site, joining.learned)
    return "; ".join(left)


def cleaned(site: Site, learned: Mapping[str, Any]) -> list[str]:
    """Webhooks and key go from the store; what could not be taken away."""
    left = []
    try:
        if url := learned.get("delivery_url"):
            for number in strays({}, url, site.webhooks()):
                site.delete_webhook(number)
    except SyncError as failed:
        left.append(f"webhooks are still there: {failed}")
    try:
        if key := learned.get("key_id"):
            site.revoke_key(key)
    except SyncError as failed:
        left.append(f"the key is still there: {failed}")
    return left

"""Clicks on connect, confirm and disconnect, of a connector that does more than check two keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from storelab.sync import connecting, connector, door, engine, service
from storelab.sync.book import Book
from storelab.sync.connector import (
    ADMIN,
    BadSettings,
    Connector,
    Hook,
    HookCall,
    Kind,
    Phase,
    due_by_schedule,
    hearing,
)
from storelab.sync.desk import Desk
from storelab.sync.errors import Skip
from storelab.sync.joining import Joined, Joining, Refused
from storelab.sync.service import create_app

NOW = "2026-11-21T08:00:00Z"
SHOP = "http://127.0.0.1:9/shop"
SECRET = "wsecret"


class Plugin:
    """What the connector under test did, and how it is told to behave."""

    def __init__(self) -> None:
        self.log: list[Any] = []
        self.fails = False
        self.dies = False
        self.leaves = ""

    def settings(self, chosen: dict[str, Any]) -> dict[str, Any]:
        if not chosen["consent"]:
            raise BadSettings("consent is missing")
        return chosen

    def join(self, joining: Joining) -> Joined:
        if joining.leftover:
            self.log.append(("took back", dict(joining.leftover)))
            joining.undone()
        joining.begun(key_id=7)
        if self.dies:
            raise KeyboardInterrupt
        if self.fails:
            joining.undone()
            raise Refused("code_unknown", "nobody issued this code")
        joining.keep(webhook_secret=SECRET)
        joining.note(integration="int_1")
        return Joined("pending", "linking", open="https://acme.example/connect", look=False)

    def confirm(self, joining: Joining) -> Joined:
        self.log.append(("confirmed", joining.stage, joining.learned["integration"]))
        joining.schedule("health", joining.now)
        return Joined("active", "approved", look=False)

    def leave(self, joining: Joining) -> str:
        self.log.append(("left", joining.learned["integration"], joining.secrets["webhook_secret"]))
        if self.leaves == "failing":
            raise Skip("acme does not answer")
        return self.leaves

    def returned(self, call: HookCall, book: Book) -> tuple[Any, int]:
        book.keep(call.connection, connect_token="t-1")
        book.set_connection(call.connection.id, stage="linked")
        return "<p>Go back and confirm.</p>", 200

    def health(self, desk: Desk) -> str:
        with desk.begin() as book:
            desk.note(book, healthy=True)
            desk.done(book, "reported")
        return "reported"

    def orders(self, desk: Desk) -> str:
        with desk.begin() as book:
            some = book.inbox.waiting(desk.connection.id, "order")
            book.inbox.done(some)
            desk.done(book, f"looked at {[entry.key for entry in some]}")
        return "looked"


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Plugin:
    made = Plugin()
    acme = Connector(
        name="acme",
        title="Acme",
        gap=0.0,
        credentials=("url", "code"),
        defaults={"url": "https://acme.example"},
        needs=ADMIN,
        shape={"consent": {"type": "boolean", "default": False}},
        settings=made.settings,
        phases={"health": Phase("", made.health), "orders": Phase("", made.orders)},
        kinds={"health": Kind("health", 1, every=lambda settings: 3600.0), "orders": Kind("orders", 0)},
        due=due_by_schedule({"order": "orders"}),
        join=made.join,
        confirm=made.confirm,
        leave=made.leave,
        buttons=("health",),
        hooks=(
            Hook("return", "GET", "acme/return", take=made.returned, guard="none"),
            Hook("orders", "POST", "acme/orders", hearing("order"), guard="signature"),
        ),
    )
    for module in (connector, connecting, door, engine, service):
        monkeypatch.setattr(module, "connectors", lambda: {"acme": acme})
    return made


@pytest.fixture
def client(plugin: Plugin) -> Iterator[FlaskClient]:
    app = create_app(public_url="http://sync.example")
    yield app.test_client()
    app.extensions["sync"].ledger.close()


def click(client: FlaskClient, **changed: Any) -> Any:
    body = {
        "backend": "acme",
        "store": {"url": SHOP, "admin": {"username": "ann", "password": "pw"}, "consumer_key": "ck_not_needed"},
        "credentials": {"code": "SB-1"},
        "settings": {"consent": True},
        "now": NOW,
    }
    return client.post("/connections", json={**body, **changed})


def ledger_row(client: FlaskClient, id_: str) -> Any:
    with client.application.extensions["sync"].ledger.begin() as book:
        return book.connection(id_)


def deliver(client: FlaskClient, path: str, body: bytes, *, secret: str = SECRET, source: str = SHOP) -> Any:
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    headers = {
        "X-WC-Webhook-Signature": signature,
        "X-WC-Webhook-Topic": "order.updated",
        "X-WC-Webhook-Source": f"{source}/",
        "X-WC-Webhook-Delivery-ID": "d1",
    }
    return client.post(path, data=body, content_type="application/json", headers=headers)


def said(answer: Any) -> Any:
    return answer.get_json()


def path_of(url: str) -> str:
    return url.removeprefix("http://sync.example")


def test_the_way_from_the_click_over_a_browser_and_a_confirmation_to_the_end(
    client: FlaskClient, plugin: Plugin
) -> None:
    made = click(client)
    id_, hooks = said(made)["id"], said(made)["hooks"]
    page = client.get(path_of(hooks["return"]))
    linked = said(client.get(f"/connections/{id_}"))
    confirmed = client.post(f"/connections/{id_}/confirm", json={"now": NOW})
    ticked = said(client.post(f"/connections/{id_}/tick", json={"now": NOW}))
    gone = client.delete(f"/connections/{id_}")

    assert (made.status_code, said(made)["status"], said(made)["open"]) == (
        201,
        "pending",
        "https://acme.example/connect",
    )
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert linked["stage"] == "linked"
    assert (confirmed.status_code, said(confirmed)["status"], said(confirmed)["stage"]) == (200, "active", "approved")
    assert [did["run"] for did in ticked["did"]] == ["health"]
    assert ticked["next_at"] == "2026-11-21T09:00:00Z"
    assert said(gone) == {"id": id_, "status": "disconnected"}
    assert plugin.log == [("confirmed", "linked", "int_1"), ("left", "int_1", SECRET)]
    assert ledger_row(client, id_).secrets is None


def test_what_is_missing_is_refused_before_the_plugin_does_anything(client: FlaskClient, plugin: Plugin) -> None:
    refusals = [
        click(client, settings={}),
        click(client, settings={"consent": "yes"}),
        click(client, settings={"consent": True, "colour": "blue"}),
        click(client, credentials={}),
        click(client, store={"url": SHOP}),
        click(client, store={"url": SHOP, "consumer_key": "ck", "consumer_secret": "cs"}),
    ]

    codes = [(answer.status_code, said(answer)["code"]) for answer in refusals]
    assert codes == [(400, "bad_settings")] * 3 + [(400, "missing_credentials")] * 3
    assert plugin.log == []
    assert said(client.get("/connections")) == []


def test_a_click_that_fails_leaves_no_connection(client: FlaskClient, plugin: Plugin) -> None:
    plugin.fails = True

    answer = click(client)

    assert (answer.status_code, said(answer)["code"]) == (422, "code_unknown")
    assert said(client.get("/connections")) == []


def test_a_click_that_dies_is_taken_back_by_the_next_one(client: FlaskClient, plugin: Plugin) -> None:
    plugin.dies = True
    with pytest.raises(KeyboardInterrupt):
        click(client)
    left = said(client.get("/connections"))

    plugin.dies = False
    again = click(client)

    assert [row["status"] for row in left] == ["connecting"]
    assert plugin.log == [("took back", {"key_id": 7})]
    assert (again.status_code, said(again)["id"]) == (201, left[0]["id"])
    assert "begun" not in ledger_row(client, said(again)["id"]).learned


def test_a_renewal_that_fails_leaves_the_connection_as_it_was(client: FlaskClient, plugin: Plugin) -> None:
    id_ = said(click(client))["id"]
    client.post(f"/connections/{id_}/confirm", json={"now": NOW})
    before = ledger_row(client, id_)

    plugin.fails = True
    click(client)

    after = ledger_row(client, id_)
    assert replace(after, learned={}) == replace(before, learned={})
    assert {k: v for k, v in after.learned.items() if k != "begun"} == before.learned


def test_nothing_can_be_confirmed_twice(client: FlaskClient) -> None:
    id_ = said(click(client))["id"]
    client.post(f"/connections/{id_}/confirm", json={"now": NOW})

    answer = client.post(f"/connections/{id_}/confirm", json={"now": NOW})

    assert (answer.status_code, said(answer)["code"]) == (409, "nothing_to_confirm")


@pytest.mark.parametrize(
    ("leaves", "reason"), [("failing", "acme does not answer"), ("key 7 is still there", "key 7 is still there")]
)
def test_disconnect_ends_also_when_the_far_end_does_not_answer(
    client: FlaskClient, plugin: Plugin, leaves: str, reason: str
) -> None:
    id_ = said(click(client))["id"]
    plugin.leaves = leaves

    answer = client.delete(f"/connections/{id_}")

    assert said(answer) == {"id": id_, "status": "disconnected", "reason": reason}
    assert ledger_row(client, id_).secrets is None


def test_a_signed_delivery_starts_the_run_for_its_kind(client: FlaskClient) -> None:
    made = said(click(client))
    address = path_of(made["hooks"]["orders"])

    answers = [deliver(client, address, b'{"id": 17}') for _ in range(2)]
    pending = said(client.get(f"/connections/{made['id']}"))["pending"]["inbox"]
    did = said(client.post(f"/connections/{made['id']}/tick", json={"now": NOW}))["did"]

    assert [a.status_code for a in answers] == [200, 200]
    assert pending == 1
    assert [d["outcome"] for d in did] == ["looked at ['17']"]


def test_unsigned_wrongly_signed_and_foreign_deliveries_have_no_effect(client: FlaskClient) -> None:
    made = said(click(client))
    address = path_of(made["hooks"]["orders"])

    unsigned = client.post(address, data=b'{"id": 17}', content_type="application/json")
    forged = deliver(client, address, b'{"id": 17}', secret="guess")
    foreign = deliver(client, address, b'{"id": 17}', source="http://staging.example")
    broken = deliver(client, address, b'{"code": "woocommerce_rest_cannot_view"}')
    ping = client.post(address, data={"webhook_id": "7"})

    page = said(client.get(f"/connections/{made['id']}"))
    codes = [a.status_code for a in (unsigned, forged, foreign, broken, ping)]
    assert codes == [401, 401, 409, 422, 200]
    assert (page["pending"]["inbox"], page["quarantined"], page["failed"]) == (0, 1, 1)
    assert "woocommerce_rest_cannot_view" in page["failures"][0]["reason"]


def test_only_what_is_a_button_can_be_started(client: FlaskClient) -> None:
    id_ = said(click(client))["id"]
    client.post(f"/connections/{id_}/confirm", json={"now": NOW})

    started = client.post(f"/connections/{id_}/runs/health", json={"now": NOW})
    unknown = client.post(f"/connections/{id_}/runs/orders", json={"now": NOW})

    assert started.status_code == 202
    assert (unknown.status_code, said(unknown)["code"]) == (404, "unknown_run")
    assert "there is: health" in said(unknown)["message"]


def test_everybody_is_told_what_a_connector_wants_to_know(client: FlaskClient) -> None:
    (acme,) = said(client.get("/backends"))

    assert acme["needs"] == ["admin"]
    assert acme["credentials"] == ["url", "code"]
    assert acme["settings"]["properties"]["consent"]["type"] == "boolean"
    assert (acme["buttons"], acme["confirms"]) == (["health"], True)

"""Connecting without keys: the merchant approves in the store, and the store posts a key."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Settings(port=0, sync_port=0, tls=True)) as running:
        yield running


class Merchant:
    """A person with a browser, in a world of their own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.lab = (
            sandbox,
            LabClient(sandbox.url, sandbox.token, verify=str(sandbox.authority or "") or True),
        )
        self.world = self.lab.make_world()
        self.now = datetime.fromisoformat(str(self.world.clock(freeze=True)["now"]))
        self.info = self.world.info()
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.browser.verify = str(sandbox.authority)
        self.id = ""

    def driver(self, method: str, path: str, body: Any = None) -> Any:
        return requests.request(method, f"{self.sandbox.sync_url}{path}", json=body, timeout=30)

    def click(self) -> Any:
        backend = self.info["backends"]["keycrm"]
        body = {
            "backend": "keycrm",
            "store": {"url": self.info["store"]["url"], "handoff": True},
            "credentials": {name: backend[name] for name in ("url", "api_key")},
            "settings": {"warehouse_id": 1, "first_sync": "keycrm"},
            "now": self.now.isoformat(),
        }
        answer = self.driver("POST", "/connections", body)
        self.id = answer.json().get("id", "")
        return answer

    def approve(self, address: str) -> requests.Response:
        """Log in to the store, and press the button."""
        login = self.browser.get(address)
        admin = self.info["store"]["admin"]
        form = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html.unescape(login.text)))
        sent = {**form, "username": admin["user"], "password": admin["password"]}
        grant = self.browser.post(login.url, data=sent)
        link = re.search(r'href="([^"]*access_granted[^"]*)"', html.unescape(grant.text))
        assert link, grant.text
        return self.browser.get(link[1])

    def tick(self, **later: float) -> Any:
        self.now += timedelta(**later)
        return self.driver("POST", f"/connections/{self.id}/tick", {"now": self.now.isoformat()}).json()

    def status(self) -> Any:
        return self.driver("GET", f"/connections/{self.id}").json()


@pytest.fixture
def merchant(sandbox: Sandbox) -> Iterator[Merchant]:
    made = Merchant(sandbox)
    yield made
    made.world.drop()


def test_the_store_posts_a_key_and_the_connection_works(merchant: Merchant) -> None:
    merchant.world.state("woocommerce", "a product in stock", sku="MUG", quantity=3)
    merchant.world.state("keycrm", "an offer in stock", sku="MUG", quantity=12)

    clicked = merchant.click().json()
    waiting = merchant.status()
    page = merchant.approve(clicked["open"])
    for _ in range(40):
        if merchant.tick(seconds=2)["idle"]:
            break

    assert (clicked["status"], waiting["stage"]) == ("pending", "waiting for approval in the store")
    assert "being checked" in page.text
    assert merchant.status()["status"] == "active"
    assert merchant.world.fact("woocommerce", "stock")["MUG"] == 12


def test_a_browser_that_comes_back_with_success_proves_nothing(merchant: Merchant) -> None:
    clicked = merchant.click().json()
    merchant.browser.get(clicked["hooks"]["wc-auth return"], params={"success": "1", "user_id": merchant.id})

    soon = merchant.tick(minutes=1), merchant.status()
    late = merchant.tick(minutes=15), merchant.status()

    assert soon[0]["did"] == []
    assert (soon[1]["status"], soon[1]["stage"]) == ("pending", "waiting for approval in the store")
    assert (late[1]["status"], late[1]["stage"]) == ("pending", "the store's key never came")
    assert "connect again" in late[1]["reason"]


def test_a_key_that_the_store_deleted_again_is_thrown_away(merchant: Merchant) -> None:
    clicked = merchant.click().json()
    keys = {"consumer_key": "ck_gone", "consumer_secret": "cs_gone", "key_permissions": "read_write", "key_id": 9}

    posted = merchant.browser.post(clicked["hooks"]["wc-auth keys"], json=keys)
    merchant.tick()

    assert posted.status_code == 200
    assert (merchant.status()["status"], merchant.status()["stage"]) == ("pending", "the store's key is not good")


def test_after_any_of_that_the_merchant_may_try_again(merchant: Merchant) -> None:
    merchant.click()
    merchant.tick(minutes=16)

    merchant.approve(merchant.click().json()["open"])
    merchant.tick()

    assert merchant.status()["status"] == "active"


def test_denying_is_told(merchant: Merchant) -> None:
    clicked = merchant.click().json()

    merchant.browser.get(clicked["hooks"]["wc-auth return"], params={"success": "0", "user_id": merchant.id})

    assert merchant.status()["stage"] == "denied in the store"


def test_a_key_that_nobody_waits_for_or_that_may_only_read_is_refused(merchant: Merchant) -> None:
    clicked = merchant.click().json()
    address = clicked["hooks"]["wc-auth keys"]
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1", "key_permissions": "read"}

    reading = merchant.browser.post(address, json=keys)
    empty = merchant.browser.post(address, json={})
    forged = merchant.browser.post(address.split("?")[0], json=keys)
    merchant.approve(clicked["open"])
    merchant.tick()
    late = merchant.browser.post(address, json={**keys, "key_permissions": "read_write"})

    assert [a.status_code for a in (reading, empty, forged, late)] == [400, 400, 403, 409]


def test_without_an_https_address_nothing_is_begun() -> None:
    with Sandbox(Settings(port=0, sync_port=0)) as plain:
        merchant = Merchant(plain)

        refused = merchant.click()

        said = refused.json()
        assert (refused.status_code, said["code"]) == (422, "handoff_needs_https")
        assert "--tls" in said["message"]
        assert merchant.driver("GET", "/connections").json() == []

"""WordPress's own list of accounts."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.client import LabClient

from .shop import Shop


class Site:
    """The REST API of WordPress, as the admin or as nobody."""

    def __init__(self, world: LabClient) -> None:
        store = world.info()["store"]
        self.url, self.admin = f"{store['url']}/wp-json/wp/v2/users", tuple(store["admin"].values())

    def call(self, method: str, path: str = "", body: Any = None, *, stranger: bool = False, **query: Any) -> Any:
        auth = None if stranger else self.admin
        return requests.request(method, self.url + path, params=query, json=body, auth=auth, timeout=30)


@pytest.fixture
def site(world: LabClient) -> Site:
    return Site(world)


ANN = {"username": "ann", "email": "ann@example.com", "password": "x", "roles": ["subscriber"], "first_name": "Ann"}


def test_strangers_see_who_writes_and_the_admin_sees_all(site: Site, shop: Shop) -> None:
    shop.post("customers", {"email": "jane@example.com"})

    assert [user["slug"] for user in site.call("GET", stranger=True).json()] == ["admin"]
    assert [user["slug"] for user in site.call("GET").json()] == ["admin", "jane"]
    assert site.call("GET", stranger=True, context="edit").json()["code"] == "rest_forbidden_context"


def test_who_is_logged_in_is_the_admin_or_nobody(site: Site, shop: Shop) -> None:
    assert site.call("GET", "/me", context="edit").json()["roles"] == ["administrator"]
    assert site.call("GET", "/me", stranger=True).json()["code"] == "rest_not_logged_in"
    assert shop.session.get(f"{site.url}/me").json()["code"] == "rest_not_logged_in"


def test_an_account_is_made_changed_and_removed(site: Site, shop: Shop) -> None:
    made = site.call("POST", body=ANN)
    number = made.json()["id"]

    assert (made.status_code, made.headers["Location"]) == (201, f"{site.url}/{number}")
    assert shop.get(f"customers/{number}")["role"] == "subscriber"
    assert site.call("PUT", f"/{number}", {"last_name": "Lee"}).json()["name"] == "Ann Lee"
    assert site.call("DELETE", f"/{number}", reassign=1).status_code == 501
    assert site.call("DELETE", f"/{number}", reassign=1, force=True).json()["previous"]["username"] == "ann"
    assert site.call("GET", f"/{number}").json()["code"] == "rest_user_invalid_id"


def test_a_name_and_an_address_belong_to_one(site: Site) -> None:
    site.call("POST", body=ANN)

    assert site.call("POST", body={**ANN, "email": "b@example.com"}).json()["code"] == "existing_user_login"
    assert site.call("POST", body={**ANN, "username": "b"}).json()["code"] == "existing_user_email"
    assert site.call("POST", body=ANN, stranger=True).json()["code"] == "rest_cannot_create_user"


def test_accounts_are_found_page_by_page(site: Site) -> None:
    for name in ("ann", "bob", "cat"):
        site.call("POST", body={**ANN, "username": name, "email": f"{name}@example.com"})

    page = site.call("GET", roles="subscriber", per_page=2, order="desc")

    assert [user["slug"] for user in page.json()] == ["cat", "bob"]
    assert page.headers["X-WP-Total"] == "3"
    assert f"<{site.url}?" in page.headers["Link"]
    assert [user["slug"] for user in site.call("GET", search="bo").json()] == ["bob"]

"""Who may log in to the store, and what that opens; whose keys still open something."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from storelab.emulators.kernel.errors import LabError

from .receiver import Receiver
from .shop import Shop
from .test_plugins import opens, php

ROUTES = [
    ("GET", "site"), ("GET", "keys"), ("POST", "keys"), ("DELETE", "keys/1"), ("GET", "options"), ("GET", "options/a"),
    ("PUT", "options/a"), ("DELETE", "options/a"), ("POST", "cron"), ("GET", "plugins"), ("GET", "webhooks"),
    ("POST", "webhooks"), ("PUT", "webhooks/1"), ("DELETE", "webhooks/1"), ("GET", "panels"), ("PUT", "panels/a"),
    ("DELETE", "panels/a"), ("GET", "orders/1/screen"), ("POST", "orders/1/notes"),
]  # fmt: skip


def person(shop: Shop, login: str = "mia", role: str = "shop_manager") -> tuple[str, str]:
    shop.world.state("woocommerce", "a WordPress user", login=login, password="s3cret", role=role)
    return login, "s3cret"


@pytest.mark.parametrize(
    ("role", "manages"),
    [("administrator", True), ("shop_manager", True), ("editor", False), ("customer", False), ("subscriber", False)],
)
def test_who_may_manage_the_shop_is_a_matter_of_the_role(shop: Shop, role: str, manages: bool) -> None:
    mia = person(shop, role=role)

    me = php(shop, "GET", "me", auth=mia).json()
    answers = {php(shop, method, path, {}, auth=mia).status_code for method, path in ROUTES}

    assert (me["login"], me["roles"], me["manage_woocommerce"]) == ("mia", [role], manages)
    assert (answers == {403}) is not manages
    assert (403 in answers) is not manages


def test_a_refusal_is_wordpresss_own(shop: Shop) -> None:
    refused = php(shop, "GET", "options", auth=person(shop, role="editor")).json()

    assert refused == {
        "code": "rest_forbidden",
        "message": "Sorry, you are not allowed to do that.",
        "data": {"status": 403},
    }


def test_strangers_and_keys_open_nothing_inside(shop: Shop) -> None:
    mia = person(shop)
    for auth in (None, shop.session.auth, ("mia", "wrong"), ("mia", ""), ("nobody", "s3cret"), ("admin", "s3cret")):
        answers = {php(shop, method, path, {}, auth=auth).status_code for method, path in [*ROUTES, ("GET", "me")]}
        assert answers == {401}, auth
    assert php(shop, "GET", "me", auth=(mia[0] + "@example.com", mia[1])).json()["login"] == "mia"


def test_a_person_named_twice_is_one_with_the_role_said_last(shop: Shop) -> None:
    first = shop.world.state("woocommerce", "a WordPress user", login="mia", role="editor")
    again = shop.world.state("woocommerce", "a WordPress user", login="mia", role="shop_manager")

    assert (first["id"], again["role"]) == (again["id"], "shop_manager")
    with pytest.raises(LabError, match="is no role of WordPress"):
        shop.world.state("woocommerce", "a WordPress user", role="king")
    with pytest.raises(LabError, match="stays its administrator"):
        shop.world.state("woocommerce", "a WordPress user", login="admin", role="editor")


def test_a_key_counts_for_what_its_owner_may_do_now(shop: Shop) -> None:
    key = php(shop, "POST", "keys", {"description": "Mia's"}, auth=person(shop)).json()
    session = requests.Session()
    session.auth = (key["consumer_key"], key["consumer_secret"])
    session.headers["X-Forwarded-Proto"] = "https"
    products = f"{shop.url}/wp-json/wc/v3/products"

    as_manager = session.get(products, timeout=30).status_code
    person(shop, role="subscriber")
    as_subscriber = session.get(products, timeout=30)
    shop.world.do("woocommerce", "delete user", login="mia")
    as_nobody = session.get(products, timeout=30)

    assert as_manager == 200
    assert (as_subscriber.status_code, as_subscriber.json()["code"]) == (403, "woocommerce_rest_cannot_view")
    assert (as_nobody.status_code, as_nobody.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_a_webhook_sees_what_its_owner_may_see(shop: Shop, receiver: Receiver) -> None:
    mug = shop.product()
    mia = person(shop)
    php(shop, "POST", "webhooks", {"topics": ["product.updated"], "delivery_url": receiver.url}, auth=mia)

    shop.put(f"products/{mug['id']}", {"name": "Cup"})
    shop.world.settle()
    shop.world.do("woocommerce", "delete user", login="mia")
    shop.put(f"products/{mug['id']}", {"name": "Jug"})
    shop.world.settle()

    seen, unseen = (g.json for g in receiver.deliveries)
    assert seen["name"] == "Cup"
    assert (unseen["code"], unseen["data"]) == ("woocommerce_rest_cannot_view", {"status": 401})


def test_people_are_accounts_of_the_site(shop: Shop) -> None:
    mia, eve = person(shop), person(shop, "eve", "editor")
    users = f"{shop.url}/wp-json/wp/v2/users"

    assert requests.get(f"{users}/me", auth=mia, timeout=30).json()["slug"] == "mia"
    assert requests.post(
        users, auth=eve, json={"username": "x", "email": "x@x.com", "password": "x"}, timeout=30
    ).json()["data"] == {"status": 403}
    made = {"username": "kim", "email": "kim@example.com", "password": "k1m", "roles": ["shop_manager"]}
    requests.post(users, auth=("admin", "password"), json=made, timeout=30)
    assert php(shop, "GET", "me", auth=("kim", "k1m")).json()["manage_woocommerce"] is True


def test_an_account_of_a_shopper_logs_in_nowhere_without_a_password(shop: Shop) -> None:
    shop.world.state("woocommerce", "a customer", email="jane@example.com")

    assert php(shop, "GET", "me", auth=("jane", "")).status_code == 401
    assert php(shop, "GET", "me", auth=("jane", "password")).status_code == 401


def test_a_key_that_somebody_made_inside_is_theirs(shop: Shop) -> None:
    key: dict[str, Any] = php(shop, "POST", "keys", {}, auth=person(shop)).json()

    assert opens(shop, key)
    php(shop, "DELETE", f"keys/{key['key_id']}")
    assert not opens(shop, key)

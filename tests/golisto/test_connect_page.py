"""The connect page, as browsers meet it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.golisto import EMULATOR

from .conftest import ASKED, Browser, Merchant, Page, led_to

Merchants = Callable[..., Merchant]


def connected(world: LabClient) -> dict[str, Any]:
    """The click on connect in the store's administration."""
    info = world.info()
    store = info["store"]
    admin = {"username": store["admin"]["user"], "password": store["admin"]["password"]}
    body = {
        "backend": "golisto",
        "store": {"url": store["url"], "admin": admin},
        "credentials": {"url": info["backends"]["golisto"]["url"]},
        "settings": {},
    }
    return driver(world, "POST", "/connections", body)


def driver(world: LabClient, method: str, path: str, body: Any = None) -> dict[str, Any]:
    info = world.info()
    headers = {"Authorization": f"Bearer {info['control']['token']}"} if info["control"].get("token") else {}
    answer = requests.request(method, f"{info['sync']['url']}{path}", json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_whole_way_in_a_browser(world: LabClient) -> None:
    account = world.info()["backends"]["golisto"]
    made = connected(world)
    person = Merchant(made["open"], account["email"], account["password"])

    signed_in = person.sign_in()
    linked = person.press("link")
    back = person.browser.get(linked.headers["Location"])
    shown = driver(world, "GET", f"/connections/{made['id']}")
    confirmed = driver(world, "POST", f"/connections/{made['id']}/confirm", {})

    assert (signed_in.status_code, linked.status_code, back.status_code) == (303, 302, 200)
    assert linked.headers["Location"].startswith(made["hooks"]["return"])
    assert (shown["status"], shown["stage"]) == ("pending", "linked")
    assert "confirm" in Page(back.text).text.lower()
    assert confirmed["stage"] == "awaiting approval"
    assert world.fact("golisto", "connection")["status"] == "awaiting_approval"
    driver(world, "DELETE", f"/connections/{made['id']}")


def test_nothing_is_linked_by_looking_and_signing_in(world: LabClient, merchant: Merchants) -> None:
    person = merchant()

    person.page()
    person.sign_in()
    person.page()

    assert world.fact("golisto", "connections") == {}


def test_the_page_tells_what_is_asked_and_by_whom(merchant: Merchants) -> None:
    person = merchant()
    before = person.page()
    person.sign_in()

    page = person.page()

    assert before.buttons == ["sign_in"]
    assert page.buttons == ["link", "deny", "sign_out"]
    for said in ("https://shop.example", "USD", person.email, "review", "orders", "payout"):
        assert said in page.text


def test_linking_leads_back_with_state_and_a_token(merchant: Merchants) -> None:
    person = merchant()
    person.sign_in()

    url, carried = led_to(person.press("link"))

    assert url == "https://shop.example/wp-admin/admin.php"
    assert carried.pop("connect_token")
    assert carried == {"page": "golisto", "state": ASKED["state"], "result": "linked"}


def test_denying_leads_back_without_a_token(world: LabClient, merchant: Merchants) -> None:
    person = merchant()
    person.sign_in()

    _, carried = led_to(person.press("deny"))

    assert carried == {"page": "golisto", "state": ASKED["state"], "result": "denied"}
    assert world.fact("golisto", "connections") == {}


def test_each_link_gives_another_token(merchant: Merchants) -> None:
    person = merchant()
    person.sign_in()

    tokens = {led_to(person.press("link"))[1]["connect_token"] for _ in range(3)}

    assert len(tokens) == 3


def test_another_account_can_sign_in_instead(world: LabClient, merchant: Merchants) -> None:
    other = world.state("golisto", "a merchant", email="other@golisto.example")
    person = merchant()
    person.sign_in()

    assert person.press("sign_out").status_code == 303
    person.email, person.password = other["email"], other["password"]
    person.sign_in()
    person.press("link")

    assert world.fact("golisto", "connection")["merchant"] == "other@golisto.example"


def test_a_store_of_another_account_cannot_be_linked(world: LabClient, merchant: Merchants) -> None:
    world.state("golisto", "a store of another merchant", store_url="https://shop.example")
    person = merchant()
    person.sign_in()

    answer = person.press("link")

    assert answer.status_code == 409
    assert "another Golisto account" in answer.text


# -- who may press


def test_a_wrong_password_is_told_without_saying_which_half_is_wrong(merchant: Merchants) -> None:
    person, stranger = merchant(), merchant()
    stranger.email = "nobody@golisto.example"

    answers = [person.sign_in("guess"), stranger.sign_in("guess")]

    assert [a.status_code for a in answers] == [403, 403]
    assert all("do not belong together" in a.text for a in answers)


def test_after_five_wrong_passwords_the_right_one_waits_a_quarter_of_an_hour(
    world: LabClient, merchant: Merchants
) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    person = merchant()

    wrong = [person.sign_in("guess").status_code for _ in range(5)]
    shut = person.sign_in()
    world.clock(advance=15 * 60)

    assert wrong == [403] * 5
    assert shut.status_code == 429
    assert person.sign_in().status_code == 303


def test_a_form_from_elsewhere_is_not_believed(world: LabClient, merchant: Merchants) -> None:
    person, attacker = merchant(), merchant()
    person.sign_in()
    foreign = attacker.page().fields["form_token"]

    answers = [
        person.browser.session.post(person.url, data={"action": "link"}, allow_redirects=False),
        person.browser.session.post(person.url, data={"action": "link", "form_token": foreign}, allow_redirects=False),
        requests.post(person.url, data={"action": "link", "form_token": foreign}, allow_redirects=False, timeout=30),
    ]

    assert [a.status_code for a in answers] == [403, 403, 403]
    assert world.fact("golisto", "connections") == {}


def test_nobody_links_or_denies_without_signing_in(world: LabClient, merchant: Merchants) -> None:
    person = merchant()
    token = person.page().fields["form_token"]

    for action in ("link", "deny"):
        data = {"action": action, "form_token": token}
        answer = person.browser.session.post(person.url, data=data, allow_redirects=False)
        assert answer.status_code == 403

    assert world.fact("golisto", "connections") == {}


def test_signing_in_gives_another_session(merchant: Merchants) -> None:
    person = merchant()
    person.page()
    before = dict(person.browser.session.cookies)

    person.sign_in()

    assert before.keys() == {"golisto_session"}
    assert dict(person.browser.session.cookies) != before


def test_a_session_ends(world: LabClient, merchant: Merchants) -> None:
    world.clock(freeze="2026-03-02T08:00:00Z")
    person = merchant()
    person.sign_in()

    world.clock(advance=2 * 3600 + 1)

    assert person.page().buttons == ["sign_in"]


def test_the_cookie_is_for_this_page_and_no_script(merchant: Merchants) -> None:
    cookie = merchant().browser.get(merchant().url).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "/golisto/woocommerce/connect" in cookie


# -- where it leads


@pytest.mark.parametrize(
    "return_url",
    [
        "https://evil.example/",
        "https://shop.example.evil.example/",
        "https://shop.example@evil.example/",
        "https://evil.example/https://shop.example/",
        "http://shop.example/",
        "https://shop.example:8443/",
        "//evil.example/x",
        "javascript:alert(1)//https://shop.example",
        "https://shop.example\\@evil.example/",
        "https://shop.example /",
    ],
)
def test_a_way_back_that_leads_elsewhere_is_refused_on_the_spot(merchant: Merchants, return_url: str) -> None:
    person = merchant(return_url=return_url)

    answers = [
        person.browser.get(person.url),
        person.browser.session.post(person.url, data={"action": "deny"}, allow_redirects=False),
    ]

    for answer in answers:
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "does not lead back" in answer.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"store_url": "http://shop.example"}, "https"),
        ({"store_url": "https://user:pw@shop.example"}, "not the address"),
        ({"store_url": "https://shop.example?x=1"}, "not the address"),
        ({"store_url": "nonsense"}, "not the address"),
        ({"state": "short"}, "state"),
        ({"currency": "dollars"}, "currency"),
    ],
    ids=lambda value: str(value),
)
def test_what_no_plugin_asks_is_told_on_a_page(merchant: Merchants, changed: dict[str, str], said: str) -> None:
    answer = Browser().get(merchant(**changed).url)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert said in answer.text


@pytest.mark.parametrize("missing", ["store_url", "currency", "return_url", "state"])
def test_what_is_missing_is_named(merchant: Merchants, missing: str) -> None:
    url = merchant().url.replace(f"{missing}=", "x=")

    answer = Browser().get(url)

    assert answer.status_code == 400
    assert f"{missing} is missing" in answer.text


# -- what it is made of


def pages(person: Merchant) -> list[Page]:
    first = person.page()
    wrong = Page(person.sign_in("guess").text)
    person.sign_in()
    return [first, wrong, person.page(), Page(Browser().get(person.url.replace("state=", "x=")).text)]


def test_pages_fetch_nothing_and_run_nothing(merchant: Merchants) -> None:
    for page in pages(merchant()):
        assert page.fetched == []
        assert not {"script", "iframe", "img", "object", "embed", "link", "base"} & set(page.tags)
        assert "@import" not in page.text
        assert "url(" not in page.text


def test_pages_can_be_read_by_everybody(merchant: Merchants) -> None:
    for page in pages(merchant()):
        assert '<html lang="en">' in page.text
        assert "title" in page.tags
        assert page.tags.count("h1") == 1
        assert page.tags.count("main") == 1
        assert page.ids == page.labels


def test_browsers_are_told_to_trust_the_page_with_nothing_else(merchant: Merchants) -> None:
    person = merchant()
    person.sign_in()

    headers = person.browser.get(person.url).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_came_from_outside_is_escaped(merchant: Merchants) -> None:
    script = "<script>alert(1)</script>"
    person = merchant(store_url=f"https://shop.example/{script}")
    person.email = f'"><{script}@x'

    texts = [person.page().text, person.sign_in("guess").text]

    for text in texts:
        assert "<script>" not in text
        assert "&lt;script&gt;" in text


def test_no_credential_of_the_page_is_in_the_journal(world: LabClient, merchant: Merchants) -> None:
    person = merchant()
    person.sign_in()
    token = led_to(person.press("link"))[1]["connect_token"]

    shown = str(world.journal(limit=100))

    assert person.password not in shown
    assert token not in shown
    assert all(value not in shown for value in person.browser.session.cookies.values())


def test_moves_are_the_same_person_without_a_browser(world: LabClient, merchant: Merchants) -> None:
    person = merchant()
    person.page()

    said = world.do("golisto", "link store", returns=False)

    assert said == {"result": "linked"}
    assert world.fact("golisto", "connection")["status"] == "linked"
    assert set(EMULATOR.moves) >= {"link store", "deny store", "close the tab", "open connect page"}

"""The hand-over of a key: an app asks, a person decides, the app gets the key and is let in with it."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.kernel import Answer, Outgoing
from storelab.emulators.woocommerce import handoff
from storelab.emulators.woocommerce.handoff import Denied

ASKED = {
    "app_name": "My App",
    "user_id": "42",
    "return_url": "http://app.example/return?a=1",
    "callback_url": "https://app.example/callback",
    "scope": "read_write",
}


class FarEnd:
    """The app's server: answers what it is told to, and remembers what it got."""

    def __init__(self) -> None:
        self.answer = Answer(200)
        self.got: list[Outgoing] = []

    async def __call__(self, outgoing: Outgoing, *, own: str = "") -> Answer:
        self.got.append(outgoing)
        return self.answer


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FarEnd:
    far_end = FarEnd()
    monkeypatch.setattr("storelab.emulators.kernel.world.send", far_end)
    return far_end


class Browser:
    """A person with a browser that follows nothing by itself."""

    def __init__(self, world: LabClient) -> None:
        self.world = world
        self.store: str = world.info()["store"]["url"]
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, step: str, asked: dict[str, Any] | None = None, **more: Any) -> requests.Response:
        url = step if step.startswith("http") else f"{self.store}/wc-auth/v1/{step}"
        return self.session.get(url, params=asked, allow_redirects=False, timeout=30, **more)

    def log_in(self, password: str = "password", username: str = "admin") -> requests.Response:
        to_login = self.open("authorize", ASKED).headers["Location"]
        page = self.open(to_login).text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        fields = {name: unescape(value) for name, value in fields.items()}
        form = {**fields, "username": username, "password": password, "login": "Login"}
        return self.session.post(to_login, data=form, allow_redirects=False, timeout=30)

    def approve(self) -> requests.Response:
        page = self.open(self.log_in().headers["Location"]).text
        return self.open(unescape(re.search(r'href="([^"]+)" class="[^"]*wc-auth-approve', page)[1]))  # type: ignore[index]


@pytest.fixture
def browser(app: FarEnd, world: LabClient) -> Browser:
    return Browser(world)


def test_whoever_is_not_logged_in_is_sent_to_the_form(browser: Browser) -> None:
    answer = browser.open("authorize", ASKED)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{browser.store}/wc-auth/v1/login/?app_name=My%20App&user_id=42&")


def test_a_wrong_password_shows_the_form_again(browser: Browser) -> None:
    answer = browser.log_in("guess")

    assert answer.status_code == 200
    assert "password you entered for the username" in answer.text


def test_the_page_says_what_will_be_given_to_whom(browser: Browser) -> None:
    page = browser.open(browser.log_in().headers["Location"]).text

    assert "My App would like to connect to your store" in page
    assert "Read/Write" in page
    assert "app.example" in page
    assert "return?a=1&amp;success=0&amp;user_id=42" in page


def test_approving_hands_over_a_key_that_opens(browser: Browser, app: FarEnd) -> None:
    answer = browser.approve()

    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "http://app.example/return?a=1&success=1&user_id=42",
    )
    (sent,) = app.got
    key = json.loads(sent.body)
    assert list(key) == ["key_id", "user_id", "consumer_key", "consumer_secret", "key_permissions"]
    assert (key["user_id"], key["key_permissions"]) == ("42", "read_write")
    assert ("Content-Type", "application/json;charset=UTF-8") in sent.headers
    products = requests.get(
        f"{browser.store}/wp-json/wc/v3/products",
        auth=(key["consumer_key"], key["consumer_secret"]),
        headers={"X-Forwarded-Proto": "https"},
        timeout=30,
    )
    assert products.status_code == 200


def test_the_key_is_listed_under_the_apps_name(browser: Browser, app: FarEnd) -> None:
    browser.approve()

    listed = browser.world.fact("woocommerce", "API keys")
    assert listed[-1]["description"].startswith("My App - API (2")


@pytest.mark.parametrize("status", [201, 204, 404, 500])
def test_a_call_back_that_does_not_answer_200_undoes_the_key(browser: Browser, app: FarEnd, status: int) -> None:
    app.answer = Answer(status)

    answer = browser.approve()

    assert answer.status_code == 401
    assert "unable to send the consumer data" in answer.text
    assert len(browser.world.fact("woocommerce", "API keys")) == 3


def test_a_call_back_that_nobody_answers_undoes_the_key(browser: Browser, app: FarEnd) -> None:
    app.answer = Answer(None, error="ConnectionRefusedError: nobody")

    answer = browser.approve()

    assert answer.status_code == 401
    assert "cURL error 7: Failed to connect to app.example port 443" in answer.text
    assert len(browser.world.fact("woocommerce", "API keys")) == 3


def test_approving_twice_makes_two_keys(browser: Browser, app: FarEnd) -> None:
    page = browser.open(browser.log_in().headers["Location"]).text
    link = unescape(re.search(r'href="([^"]+)" class="[^"]*wc-auth-approve', page)[1])  # type: ignore[index]

    first, second = browser.open(link), browser.open(link)

    assert (first.status_code, second.status_code) == (302, 302)
    assert len(browser.world.fact("woocommerce", "API keys")) == 5


def test_a_link_without_its_nonce_grants_nothing(browser: Browser, app: FarEnd) -> None:
    browser.log_in()

    answer = browser.open("access_granted", {**ASKED, "wc_auth_nonce": "0123456789"})

    assert (answer.status_code, app.got) == (401, [])
    assert "Invalid nonce verification" in answer.text


def test_a_nonce_of_yesterday_grants_nothing(browser: Browser, app: FarEnd) -> None:
    page = browser.open(browser.log_in().headers["Location"]).text
    link = unescape(re.search(r'href="([^"]+)" class="[^"]*wc-auth-approve', page)[1])  # type: ignore[index]

    browser.world.clock(advance=25 * 3600)

    assert browser.open(link).status_code == 401
    assert app.got == []


def test_nobody_grants_without_logging_in(browser: Browser) -> None:
    answer = browser.open("access_granted", ASKED)

    assert answer.status_code == 401
    assert "You do not have permission to access this page" in answer.text


def test_after_two_days_one_must_log_in_again(browser: Browser) -> None:
    browser.log_in()
    assert browser.open("authorize", ASKED).status_code == 200

    browser.world.clock(advance=49 * 3600)

    assert browser.open("authorize", ASKED).status_code == 302


# ---------------------------------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"app_name": ""}, "Missing parameter app_name"),
        ({"user_id": None}, "Missing parameter user_id"),
        ({"scope": None, "callback_url": None}, "Missing parameter callback_url"),
        ({"scope": "admin"}, "Invalid scope admin"),
        ({"callback_url": "not a url"}, "The https://not a url is not a valid URL"),
        ({"return_url": "http://"}, "The http:// is not a valid URL"),
        ({"callback_url": "http://app.example/cb"}, "The callback_url needs to be over SSL"),
    ],
)
def test_what_is_wrong_is_said_in_the_stores_order(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Denied, match=f"^{re.escape(message)}$"):
        handoff.checked({**ASKED, **changes})


def test_what_an_app_says_of_its_user_is_written_into_addresses_as_it_is(browser: Browser, app: FarEnd) -> None:
    asked = {**ASKED, "user_id": "a+b==", "app_name": "Fish & Chips"}

    onward = browser.open("authorize", asked).headers["Location"]
    browser.log_in()
    page = browser.open("authorize", asked).text
    link = unescape(re.search(r'href="([^"]+)" class="[^"]*wc-auth-approve', page)[1])  # type: ignore[index]
    back = browser.open(link).headers["Location"]

    assert "app_name=Fish%20&%20Chips&user_id=a+b==&return_url=http%3A" in onward
    assert json.loads(app.got[-1].body)["user_id"] == "a b=="
    assert back == "http://app.example/return?a=1&success=1&user_id=a%20b=="


@pytest.mark.parametrize(
    ("return_url", "back"),
    [
        ("https://app.example/r?x=a%2520b&success=&y=", "https://app.example/r?x=a+b&success=1&y&user_id=42"),
        ("https://app.example/r#top", "https://app.example/r?success=1&user_id=42#top"),
        ("app://done", "app://done?success=1&user_id=42"),
        ("app.example/r", "https://app.example/r?success=1&user_id=42"),
    ],
)
def test_the_way_back_is_decoded_once_more_and_keeps_what_it_has(return_url: str, back: str) -> None:
    assert handoff.checked({**ASKED, "return_url": return_url}).back(1) == back


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user_id": "0"}, "Missing parameter user_id"),
        ({"return_url": "https://app.example/r?state=a+b"}, "The https://app.example/r?state=a b is not a valid URL"),
        ({"return_url": "http://my_app/r"}, "The http://my_app/r is not a valid URL"),
        ({"callback_url": "ftp://app.example"}, "The callback_url needs to be over SSL"),
    ],
)
def test_addresses_and_names_are_judged_as_php_judges_them(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Denied, match=re.escape(message)):
        handoff.checked({**ASKED, **changes})


def test_an_address_without_a_scheme_is_https() -> None:
    assert handoff.checked({**ASKED, "callback_url": "app.example/cb"}).callback_url == "https://app.example/cb"


def test_a_name_from_outside_cannot_write_the_page(browser: Browser) -> None:
    answer = browser.open("login", {**ASKED, "app_name": "<script>alert(1)</script>"})

    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


@pytest.mark.parametrize(("role", "may"), [("shop_manager", True), ("editor", False)])
def test_only_who_manages_the_shop_can_grant_a_key(browser: Browser, app: FarEnd, role: str, may: bool) -> None:
    browser.world.state("woocommerce", "a WordPress user", login="mia", password="s3cret", role=role)

    page = browser.open(browser.log_in("s3cret", "mia").headers["Location"])

    assert ("wc-auth-approve" in page.text) is may
    assert page.status_code == (200 if may else 401)
    if not may:
        assert "You do not have permission" in page.text
        assert browser.open("access_granted", ASKED).status_code == 401
        assert app.got == []

"""Golisto in a running sandbox, a browser that knows forms, and Golisto alone before a store made up for the test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from storelab.client import LabClient
from storelab.contracts.actors import Actor
from storelab.emulators.golisto import EMULATOR
from storelab.emulators.kernel import Answer, Outgoing


class Page(HTMLParser):
    """What a browser makes of a page: its form, labels, and what it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.labels: set[str] = set()
        self.ids: set[str] = set()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.fetched += [found[name] for name in ("src", "href", "action", "background", "srcset") if name in found]
        if tag == "input":
            self.fields[found["name"]] = found.get("value", "")
            if found.get("type") != "hidden":
                self.ids.add(found.get("id", ""))
        elif tag == "label":
            self.labels.add(found["for"])
        elif tag == "button":
            self.buttons.append(found["value"])


class Browser:
    """One person with one set of cookies, who follows no redirect unseen."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, url: str, **more: Any) -> requests.Response:
        return self.session.get(url, allow_redirects=False, timeout=30, **more)

    def press(self, url: str, button: str, page: Page, **filled: str) -> requests.Response:
        """Send the form of this page, as it is but for what was filled in."""
        assert button in page.buttons, page.text
        data = {**page.fields, **filled, "action": button}
        return self.session.post(url, data=data, allow_redirects=False, timeout=30)


@dataclass
class Merchant:
    """A merchant of Golisto's before the page at `url`."""

    url: str
    email: str
    password: str
    browser: Browser = field(default_factory=Browser)

    def page(self) -> Page:
        answer = self.browser.get(self.url)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)

    def sign_in(self, password: str = "") -> requests.Response:
        return self.browser.press(
            self.url, "sign_in", self.page(), email=self.email, password=password or self.password
        )

    def press(self, button: str) -> requests.Response:
        return self.browser.press(self.url, button, self.page())


ASKED = {
    "store_url": "https://shop.example",
    "currency": "USD",
    "return_url": "https://shop.example/wp-admin/admin.php?page=golisto",
    "state": "a+b&c=d/é",
}


@pytest.fixture
def merchant(world: LabClient) -> Callable[..., Merchant]:
    """`merchant(state="...")`: before a page that a store has led them to."""
    account = world.info()["backends"]["golisto"]

    def made(**changed: str) -> Merchant:
        request = requests.Request("GET", f"{account['url']}/woocommerce/connect", params={**ASKED, **changed})
        return Merchant(str(request.prepare().url), account["email"], account["password"])

    return made


def led_to(answer: requests.Response) -> tuple[str, dict[str, str]]:
    """Where a redirect leads, and what it carries."""
    url = answer.headers["Location"]
    return url.partition("?")[0], dict(parse_qsl(urlsplit(url).query))


@dataclass
class Shelf:
    """A store made up for the test: products by number, orders that were made, and every request."""

    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    currency: str = "USD"
    before: Callable[[str], Any] = lambda what: None  # may change the world while a request is under way

    def put(self, number: int, **changed: Any) -> None:
        row = {"id": number, "type": "simple", "status": "publish", "sku": f"P-{number}", "name": f"Product {number}"}
        self.products[number] = {**row, "price": "10.00", "manage_stock": True, "stock_quantity": 5, **changed}

    async def answer(self, outgoing: Outgoing) -> Answer:
        parts = urlsplit(outgoing.url)
        path, query = parts.path.partition("/wp-json/wc/v3")[2], dict(parse_qsl(parts.query))
        self.asked.append(f"{outgoing.method} {path}")
        came = self.before(f"{outgoing.method} {path} {query.get('page', '')}".strip())
        if hasattr(came, "__await__"):
            came = await came
        if isinstance(came, Answer):
            return came
        return self._answered(outgoing.method, path, query, json.loads(outgoing.body or b"{}"))

    def _answered(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        kind, _, rest = path.strip("/").partition("/")
        kept = self.orders if kind == "orders" else self.products
        if kind == "data":
            return told({"code": self.currency})
        if rest.isdigit():
            if int(rest) not in kept:
                return told({"code": "invalid_id", "message": "Invalid ID."}, 404)
            if method == "PUT":
                kept[int(rest)] |= body
            return told(kept[int(rest)])
        if method == "POST":
            number = max(kept, default=100) + 1
            kept[number] = {"id": number, "status": "processing", **body}
            return told(kept[number], 201)
        size, page = int(query["per_page"]), int(query["page"])
        rows = [kept[number] for number in sorted(kept)]
        headers = (("X-WP-Total", str(len(rows))), ("X-WP-TotalPages", str(-(-len(rows) // size))))
        return told(rows[(page - 1) * size : page * size], headers=headers)


def told(body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, (("Content-Type", "application/json"), *headers), json.dumps(body).encode())


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def alone(shelf: Shelf) -> Iterator[Actor]:
    """Golisto alone, with one approved store that is the shelf of the test."""
    made = Actor(EMULATOR)
    made.world.send = shelf.answer
    made.state("an approved store", store_url="https://shop.example", consumer_key="ck_1", consumer_secret="cs_1")
    yield made
    made.close()

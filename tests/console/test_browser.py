"""The console as a person has it before them: in Chromium, with a keyboard, at two widths, in light and in dark.

No page may log an error, ask anything of another machine, or have a serious accessibility fault (axe-core).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.console import traffic
from storelab.emulators.console.pages import reports
from storelab.sandbox import Sandbox

from .test_pages import PAGES
from .test_worlds import two_failures

CHROMIUM = os.environ.get("STORELAB_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
AXE = Path(__file__).parent / "axe" / "axe.min.js"
SERIOUS = ("serious", "critical")
IN_DARK = ("/", "/journal", "/services/keycrm", "/faults", "/store/products", "/scenarios", "/reports", "/shop")

playwright = pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
pytestmark = pytest.mark.skipif(
    not CHROMIUM, reason="no Chromium: apt-get install chromium, or name one in STORELAB_CHROMIUM"
)
expect = playwright.expect
PATIENCE = 20_000  # milliseconds, on a machine that does much else


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page and all that was wrong with it."""

    page: Any
    url: str
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> Any:
        self.page.goto(self.url + path)
        return self.page

    def faults(self) -> list[str]:
        """What axe finds serious."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{v['id']}: {v['help']}: {node['html'][:160]}"
            for v in found["violations"]
            if v["impact"] in SERIOUS
            for node in v["nodes"][:3]
        ]

    def too_wide(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


def opened(chromium: Any, url: str, *, width: int = 1280, scheme: str = "light") -> Iterator[Tab]:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    tab = Tab(context.new_page(), url)
    tab.page.on("console", lambda said: said.type in ("error", "warning") and tab.wrong.append(said.text))
    tab.page.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.page.on("request", lambda asked: "//127.0.0.1:" in asked.url or tab.wrong.append(asked.url))
    yield tab
    context.close()
    assert tab.wrong == []


@pytest.fixture
def tab(chromium: Any, world: LabClient) -> Iterator[Tab]:
    """At a world of one's own."""
    yield from opened(chromium, world.url)


@pytest.fixture(scope="module")
def furnished(sandbox: Sandbox) -> Iterator[LabClient]:
    """A world with something on every page."""
    made = sandbox.client.make_world("furnished")
    made.state("woocommerce", "a believable store", products=6, customers=3, orders=5)
    made.state("keycrm", "an offer in stock")
    made.state("woocommerce", "a webhook", topic="product.created")
    made.fault(kind="status", service="keycrm", status=429)
    requests.get(f"{made.url}/keycrm/offers", timeout=10)
    requests.get(f"{made.url}/woocommerce/wp-json/wc/v3/products", timeout=10)
    made.call("PUT", "/snapshots/before")
    made.do("woocommerce", "add product", sku="NEW")
    yield made
    made.drop()


@pytest.fixture(scope="module")
def wide(chromium: Any, furnished: LabClient) -> Iterator[Tab]:
    yield from opened(chromium, furnished.url)


@pytest.fixture(scope="module")
def narrow(chromium: Any, furnished: LabClient) -> Iterator[Tab]:
    """A telephone at night."""
    yield from opened(chromium, furnished.url, width=360, scheme="dark")


MORE = ["/journal/1", "/worlds/compare?before=before&after=now"]


@pytest.mark.parametrize("path", [*PAGES, *MORE])
def test_a_page_has_no_serious_fault(wide: Tab, path: str) -> None:
    page = wide.open(path)
    page.evaluate("document.querySelectorAll('main details').forEach((d, n) => { d.open = n < 12 })")

    assert wide.faults() == []
    assert page.title().endswith("storelab")
    assert not wide.too_wide()


@pytest.mark.parametrize("path", [*PAGES, *MORE])
def test_a_page_fits_on_a_telephone(narrow: Tab, path: str) -> None:
    narrow.open(path)

    assert not narrow.too_wide()
    assert narrow.faults() == [] if path in IN_DARK else True


def test_everything_is_reached_by_keyboard(tab: Tab) -> None:
    page = tab.open("/services/keycrm")

    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    page.locator("#states-an-offer-in-stock > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("KEYBOARD")
    page.keyboard.press("Enter")

    expect(page.locator("#states-an-offer-in-stock .result")).to_contain_text("done")
    expect(page.locator("#fact")).to_contain_text("KEYBOARD")


MOVES = [
    ("keycrm", "moves", "adjust stock", {"sku": "MUG", "quantity": "7"}),
    ("keycrm", "moves", "import stock", {"stock": "MUG: 5"}),
    ("keycrm", "moves", "add variants", {"name": "Shirt", "skus": "S\nM"}),
    ("woocommerce", "moves", "place order", {"lines": "MUG: 1", "paid": "no"}),
    ("golisto", "states", "an awaiting store", {}),
    ("golisto", "moves", "approve", {}),
    ("golisto", "moves", "suspend", {"reason": "A question."}),
    ("sors", "moves", "issue key", {}),
    ("sors", "moves", "envelope 200 always", {"on": "no"}),
    ("spotler", "moves", "receive goods", {"sku": "MUG", "quantity": "4"}),
    ("spotler", "states", "a rule", {"value": "500"}),
    ("stockburst", "moves", "issue setup code", {}),
]


@pytest.fixture(scope="module")
def busy(chromium: Any, furnished: LabClient) -> Iterator[Tab]:
    furnished.state("woocommerce", "a product in stock", sku="MUG")
    yield from opened(chromium, furnished.url)


@pytest.mark.parametrize(("service", "kind", "name", "fields"), MOVES, ids=[f"{m[0]}-{m[2]}" for m in MOVES])
def test_every_kind_of_move_is_pressed(busy: Tab, service: str, kind: str, name: str, fields: dict[str, str]) -> None:
    """One for each kind of field, and some of each service; all words are said in test_pages."""
    page = busy.open(f"/services/{service}")
    card = page.locator(f"#{kind}-{re.sub('[^a-z0-9]', '-', name.lower())}")
    card.locator("summary").click()
    for argument, text in fields.items():
        entry = card.locator(f'[name="arg.{argument}"]')
        entry.select_option(text) if entry.evaluate("e => e.tagName") == "SELECT" else entry.fill(text)

    card.get_by_role("button").click()

    expect(card.locator(".result .said")).to_have_text(re.compile("done", re.IGNORECASE))


def test_what_is_refused_is_told_where_it_was_pressed(tab: Tab) -> None:
    page = tab.open("/services/keycrm")
    card = page.locator("#moves-adjust-stock")
    card.locator("summary").click()
    card.locator('[name="arg.sku"]').fill("NOBODY")
    card.locator('[name="arg.quantity"]').fill("1")
    card.get_by_role("button").click()

    expect(card.get_by_role("alert")).to_contain_text("NOBODY")


def test_the_map_is_alive(tab: Tab, world: LabClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "RECENT", 3600.0)  # however slow the machine is
    page = tab.open("/")
    expect(page.locator("#recent")).to_contain_text("Nothing has crossed the wire yet")

    requests.get(f"{world.url}/woocommerce/wp-json/wc/v3/products", timeout=10)

    expect(page.locator("svg.wide .way.bad")).to_have_count(1)
    expect(page.locator("#recent tbody tr")).to_have_count(1)
    expect(page.locator("#recent")).to_contain_text("401")
    monkeypatch.setattr(traffic, "RECENT", 0.0)
    expect(page.locator("svg.wide .way.bad")).to_have_count(0)


def test_credentials_are_revealed_and_copied(tab: Tab, world: LabClient) -> None:
    page = tab.open("/services/keycrm")
    key = world.info()["backends"]["keycrm"]["api_key"]
    expect(page.get_by_text(key)).to_be_hidden()

    page.get_by_text("Reveal 1 credential").click()
    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_text(key)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key


def test_the_journal_is_live_and_an_exchange_is_replayed(tab: Tab, world: LabClient) -> None:
    page = tab.open("/journal")
    requests.get(f"{world.url}/woocommerce/wp-json/wc/v3/orders?consumer_key=ck_1&consumer_secret=cs_1", timeout=10)

    row = page.locator("#rows tr").first
    expect(row).to_contain_text("/wp-json/wc/v3/orders")
    row.get_by_role("link").click()
    expect(page.get_by_text("Why it was refused")).to_be_visible()
    page.get_by_role("button", name="Copy as curl").click()
    assert "${CONSUMER_SECRET}" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("Replayed")).to_be_visible()

    page.goto(f"{tab.url}/journal?text=orders&status=refused")
    expect(page.locator("#rows tr")).to_have_count(2)
    page.goto(f"{tab.url}/journal/follow?text=orders")
    expect(page.locator(".timeline li")).to_have_count(2)


def test_a_page_listens_however_late_its_scripts_arrive(tab: Tab, world: LabClient) -> None:
    held: list[Any] = []
    tab.page.route("**/hx-sse.min.js", lambda route: held.append(route))
    tab.page.goto(f"{tab.url}/journal", wait_until="commit")
    for _ in range(PATIENCE // 20):
        if tab.page.evaluate("'htmx' in window"):
            break
        tab.page.wait_for_timeout(20)
    tab.page.evaluate("new Promise(done => setTimeout(done, 20))")  # htmx has begun, if it does not wait

    held[0].continue_()
    requests.get(f"{world.url}/keycrm/v1/offers", timeout=10)

    expect(tab.page.locator("#rows tr")).to_have_count(1)


def test_rows_that_came_while_nobody_looked_are_there_once(tab: Tab, world: LabClient) -> None:
    """Behind another tab a page hears nothing; after that its stream begins again."""
    page = tab.open("/journal")
    hide = "on => { Object.defineProperty(document, 'hidden', {value: on, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange')) }"
    requests.get(f"{world.url}/keycrm/v1/offers", timeout=10)
    expect(page.locator("#rows tr")).to_have_count(1)

    page.evaluate(hide, True)
    requests.get(f"{world.url}/keycrm/v1/products", timeout=10)
    page.evaluate(hide, False)

    expect(page.locator("#rows tr")).to_have_count(2)
    requests.get(f"{world.url}/keycrm/v1/buyer", timeout=10)
    expect(page.locator("#rows tr")).to_have_count(3)
    expect(page.locator("#rows tr").last).to_contain_text("/offers")


def test_somebody_buys_a_mug(tab: Tab, world: LabClient) -> None:
    world.state("woocommerce", "a product in stock")
    page = tab.open("/shop")
    page.get_by_role("button", name="Add to basket Mug").click()
    page.get_by_role("link", name="Basket (1)").click()
    page.get_by_label("email").fill("eve@example.com")
    page.get_by_role("button", name="Place the order").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("processing")
    expect(page.locator("main")).to_contain_text("eve@example.com")
    page.locator("#moves-add-order-note > summary").click()
    page.locator("#moves-add-order-note-note").fill("Ring twice")
    page.locator("#moves-add-order-note").get_by_role("button").click()
    expect(page.locator(".timeline")).to_contain_text("Ring twice")
    page.goto(f"{tab.url}/store/products")
    expect(page.locator("tbody tr")).to_contain_text("11")


def test_the_clock_and_a_fault(tab: Tab, world: LabClient) -> None:
    page = tab.open("/clock")
    page.get_by_label("At").fill("2026-11-02T09:00:00Z")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("frozen").first).to_be_visible()
    page.get_by_role("button", name="Advance").click()
    expect(page.locator("#due")).to_contain_text("2026-11-02 09:05:00")

    page.goto(f"{tab.url}/faults?service=keycrm")
    page.get_by_label("Operation").select_option("offers.list_all")
    page.get_by_label("Status").fill("503")
    page.get_by_role("button", name="Add the fault").click()
    expect(page.get_by_text("Fault 1 waits")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    expect(page.get_by_text("everything works as it should")).to_be_visible()


def test_worlds_are_compared(tab: Tab) -> None:
    page = tab.open("/worlds")
    page.get_by_label("Save as").fill("before")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{tab.url}/services/keycrm")
    page.locator("#states-an-offer-in-stock > summary").click()
    page.locator("#states-an-offer-in-stock").get_by_role("button").click()
    expect(page.locator("#states-an-offer-in-stock .result")).to_contain_text("done")
    page.goto(f"{tab.url}/worlds")
    page.get_by_role("link", name="What changed since before").click()

    expect(page.get_by_role("heading", name="KeyCRM")).to_be_visible()
    page.get_by_role("button", name="Restore before").click()
    expect(page.get_by_text("All is as it was in before")).to_be_visible()


def test_what_is_clicked_is_saved_and_played_step_by_step(tab: Tab) -> None:
    page = tab.open("/scenarios")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("recording, 0 steps")).to_be_visible()
    page.goto(f"{tab.url}/services/keycrm")
    for card, fields in (("states-an-offer-in-stock", {}), ("moves-adjust-stock", {"sku": "MUG", "quantity": "7"})):
        page.locator(f"#{card} > summary").click()
        for argument, text in fields.items():
            page.locator(f'#{card} [name="arg.{argument}"]').fill(text)
        page.locator(f"#{card}").get_by_role("button").click()
        expect(page.locator(f"#{card} .result")).to_contain_text("done")
    page.goto(f"{tab.url}/scenarios")
    page.get_by_label("About").select_option("keycrm")
    page.get_by_role("button", name="Save as a scenario").click()
    expect(page.locator("pre")).to_contain_text("move: {adjust stock: {sku: MUG, quantity: 7")
    expect(page.locator("pre")).to_contain_text("expect: {received: {MUG: 7}}")

    page.get_by_role("button", name="Play it step by step").click()

    expect(page.get_by_role("button", name="Do this step")).to_be_visible()
    page.get_by_role("button", name="Do this step").click()
    page.get_by_role("button", name="Play to the end").click()
    expect(page.locator("#play .badge").first).to_have_text("held")


def test_a_round_of_failures_is_followed_without_loading_the_page_again(
    tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "_failures", two_failures)
    overview = tab.open("/reports").context.new_page()
    overview.goto(f"{tab.url}/reports/failures")

    overview.get_by_role("button", name="Play them").click()

    expect(overview.get_by_role("status")).to_have_text("2 of 2 played, 2 survived.")
    expect(overview.locator("tbody .badge.good")).to_have_count(2)
    expect(tab.page.locator("#rounds")).to_contain_text("2 of 2 played were survived")


def test_a_life_is_followed_without_loading_the_page_again(tab: Tab) -> None:
    page = tab.open("/reports/disclosure/golisto")

    page.get_by_role("button", name="Live a whole life").click()

    expect(page.get_by_role("heading", name="What was seen")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("All that left was promised.")


def test_a_backend_is_connected_in_the_browser(tab: Tab, world: LabClient) -> None:
    world.state("keycrm", "an offer in stock", quantity=7)
    world.state("woocommerce", "a product in stock", quantity=7)
    page = tab.open("/services/keycrm")
    page.locator('[aria-labelledby="h-link"] summary').click()
    page.get_by_label("warehouse id").fill("1")
    page.get_by_role("button", name="Connect", exact=True).click()

    expect(page.locator("main")).to_contain_text("Connected")
    page.goto(f"{tab.url}/")
    expect(page.locator("svg.wide .box.is-keycrm.good")).to_have_count(1)

"""Every page answers, says what is, and lets nothing in from elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from storelab.client import LabClient
from storelab.emulators.console import large, traffic
from storelab.emulators.console.forms import one
from storelab.emulators.kernel.lab import found_emulators
from storelab.sandbox import Sandbox

from .conftest import HX, Looking, plain

EMULATORS = found_emulators()
PAGES = [
    *("/", "/journal", "/journal/follow", "/clock", "/faults", "/worlds", "/scenarios", "/deliveries", "/reports"),
    *("/scenarios/keycrm/echo", "/reports/failures", "/reports/contracts/sync-keycrm", "/reports/disclosure/keycrm"),
    *(f"/services/{name}" for name in EMULATORS),
    *(f"/reports/coverage/{name}" for name in EMULATORS),
    *(f"/store/{name}" for name in ("products", "orders", "customers", "webhooks", "keys")),
    *("/shop", "/shop/checkout"),
]
WORDS = [
    pytest.param(service, kind, name, id=f"{service}-{kind}-{name}".replace(" ", "_"))
    for service, emulator in EMULATORS.items()
    for kind in ("states", "moves")
    for name in getattr(emulator, kind)
]
SAMPLES = {  # for what has no default
    "sku": "MUG",
    "code": "MUG",
    "lines": "MUG: 1",
    "stock": "MUG: 1",
    "order_ids": "1",
    "skus": "MUG",
    "settings": "{}",
    "actions": '[{"type": "block_import"}]',
    "rows": "[]",
    "url": "http://127.0.0.1:9/x",
    "store_url": "http://127.0.0.1:9/shop",
}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there(console: Looking, path: str) -> None:
    answer = console.get(path)

    assert answer.status_code == 200, plain(answer.text)
    assert answer.text.count("<h1>") == 1
    assert '<html lang="en">' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", answer.text)
    assert not re.search(r'(?:src|href)="https?://(?!127\.0\.0\.1)', answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_for_each_world(looking: Looking, path: str) -> None:
    page = looking.page(path)

    own = looking.url.partition("/~")[2]
    links = re.findall(r'(?:href|action|hx-[a-z:]+)="(/[^"]*)"', page)
    assert own in plain(page)
    assert links
    others = "/worlds" if path == "/worlds" else "static"  # that page leads to other worlds
    assert all(link.startswith(f"/~{own}/") for link in links if others not in path + link)


@pytest.mark.parametrize("service", EMULATORS)
def test_every_word_has_its_form(console: Looking, service: str) -> None:
    page = console.page(f"/services/{service}")

    for kind in ("states", "moves"):
        for name in getattr(EMULATORS[service], kind):
            assert f'action="/services/{service}/{kind}/{requests.utils.quote(name)}"' in page


@pytest.fixture(scope="module")
def playground(sandbox: Any) -> Any:
    made = sandbox.client.make_world("playground")
    looking = Looking(made.url)
    looking.do("woocommerce", "a product in stock", "states")
    yield looking
    made.drop()


@pytest.mark.parametrize(("service", "kind", "name"), WORDS)
def test_every_word_can_be_said(playground: Looking, service: str, kind: str, name: str) -> None:
    shown = one(name, getattr(EMULATORS[service], kind)[name])
    fields = {
        f.name: SAMPLES.get(f.name, "1" if f.kind == "number" else "x") if f.required else f.default
        for f in shown.fields
    }

    said = playground.do(service, name, kind, **fields)

    assert re.search(r'class="said (good|bad)"', said)
    if kind == "states":
        assert "done" in plain(said)


@pytest.mark.parametrize(
    ("service", "name"), [(service, name) for service, emulator in EMULATORS.items() for name in emulator.facts]
)
def test_every_fact_can_be_read(playground: Looking, service: str, name: str) -> None:
    sample = {"arg.lines": "MUG: 1"} if name == "shipping rates" else {}
    if sample:
        playground.do("woocommerce", "a product in stock", "states")

    assert name.lower() in plain(playground.page(f"/services/{service}/facts/{name}", **sample)).lower()


def test_a_move_is_done_and_shows_in_the_facts(looking: Looking, world: LabClient) -> None:
    looking.do("keycrm", "an offer in stock", "states", sku="MUG", quantity="3")

    looking.do("keycrm", "adjust stock", sku="MUG", quantity="7")

    assert world.fact("keycrm", "available") == {"MUG": 7}
    assert "MUG 7" in plain(looking.page("/services/keycrm/facts/available"))


def test_facts_of_a_large_account_are_told_by_a_copy_of_it(
    looking: Looking, world: LabClient, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large, "LARGE", 0)
    told: list[str] = []
    here = sandbox.lab.world(world.url.rpartition("~")[2])
    monkeypatch.setattr(here, "fact", lambda *said: told.append(str(said)))

    for quantity in ("3", "7"):
        looking.do("keycrm", "an offer in stock", "states", sku="MUG", quantity=quantity)
        assert f"MUG {quantity}" in plain(looking.page("/services/keycrm/facts/available"))

    assert told == []


def test_a_refused_move_says_why_in_its_place(looking: Looking) -> None:
    said = looking.do("keycrm", "adjust stock", sku="NOBODY", quantity="7")

    assert 'role="alert"' in said
    assert "NOBODY" in said


def test_a_move_works_without_scripts_too(looking: Looking, world: LabClient) -> None:
    looking.do("keycrm", "an offer in stock", "states", sku="MUG", quantity="3")

    page = looking.press("/services/keycrm/moves/adjust stock", **{"arg.sku": "MUG", "arg.quantity": "8"})

    assert "adjust stock: done" in plain(page)
    assert world.fact("keycrm", "available") == {"MUG": 8}


def test_what_a_person_wrote_is_never_markup(looking: Looking) -> None:
    looking.do("keycrm", "an offer in stock", "states", sku="<b>MUG</b>", name="<script>alert(1)</script>")

    page = looking.page("/services/keycrm/facts/offers")

    assert "<b>MUG" not in page
    assert "&lt;b&gt;MUG" in page


# -- journal


def ask_store(world: LabClient, path: str = "products", **headers: str) -> requests.Response:
    return requests.get(f"{world.url}/woocommerce/wp-json/wc/v3/{path}", headers=headers, timeout=10)


def test_the_journal_shows_what_crossed_and_why_it_was_refused(looking: Looking, world: LabClient) -> None:
    ask_store(world, "products?consumer_key=ck_x&consumer_secret=cs_hidden")

    rows, one_ = plain(looking.page("/journal")), looking.page("/journal/1")

    assert "GET /wp-json/wc/v3/products" in rows
    assert "401" in rows
    assert "Why it was refused" in one_
    assert "cs_hidden" not in looking.page("/journal") + one_
    assert "${CONSUMER_SECRET}" in one_


def test_the_journal_is_filtered(looking: Looking, world: LabClient) -> None:
    ask_store(world)
    requests.get(f"{world.url}/keycrm/offers", timeout=10)

    assert "/offers" not in looking.page("/journal", service="woocommerce")
    assert "/offers" in looking.page("/journal", status="refused", text="offers")
    assert "Nothing matches" in looking.page("/journal", status="200")
    for status in ("many", "%C2%B2", "9" * 5000):
        assert looking.get(f"/journal?status={status}").status_code == 400


def test_a_replay_asks_again_as_it_was_asked(looking: Looking, world: LabClient) -> None:
    ask_store(world, Accept="x/y")

    page = looking.press("/journal/1/replay")

    first, again = world.journal()
    assert "Exchange 2" in page
    assert (again["url"], again["status"]) == (first["url"], first["status"])
    assert ["accept", "x/y"] in again["request"]["headers"]


def test_a_har_is_exported(looking: Looking, world: LabClient) -> None:
    ask_store(world)
    answer = looking.get("/journal.har")

    assert "attachment" in answer.headers["Content-Disposition"]
    assert len(answer.json()["log"]["entries"]) == 1


def test_one_sku_is_followed_across_services(looking: Looking, world: LabClient) -> None:
    requests.get(f"{world.url}/keycrm/offers?filter[sku]=MUG-7", timeout=10)
    ask_store(world, "products?sku=MUG-7")
    ask_store(world, "products?sku=CAP")

    said = plain(looking.page("/journal/follow", text="MUG-7"))

    assert "2 exchanges speak of it" in said
    assert said.index("KeyCRM was asked") < said.index("WooCommerce was asked")


def test_new_exchanges_come_by_themselves(looking: Looking, world: LabClient) -> None:
    ask_store(world)
    with looking.get("/events/journal/rows?after=1", stream=True) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        ask_store(world, "orders")
        told = next(line for line in lines if b"/orders" in line)

    assert told.startswith(b"data: ")


def test_the_map_moves_when_there_is_traffic(
    looking: Looking, world: LabClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "RECENT", 3600.0)  # however slow the machine is
    with looking.get("/events/map/parts", stream=True) as stream:
        lines = stream.iter_lines(chunk_size=1)
        next(line for line in lines if b"</svg>" in line)
        ask_store(world)
        assert next(line for line in lines if b'class="way bad' in line)


def test_a_stream_ends_with_its_world(sandbox: Any) -> None:
    made = sandbox.client.make_world()
    with Looking(made.url).get("/events/clock/due", stream=True) as stream:
        lines = stream.iter_lines(chunk_size=1)
        next(lines)
        made.drop()
        assert [line for line in lines if b"Traceback" in line] == []


# -- clock and faults


def test_the_clock_is_frozen_and_put_forward(looking: Looking, world: LabClient) -> None:
    looking.press("/clock/freeze", at="2026-11-02T09:00:00Z")
    looking.press("/clock/advance", count="1.5", unit="hours")

    assert world.clock()["now"] == "2026-11-02T10:30:00+00:00"
    looking.press("/clock/live")
    assert not world.clock()["frozen"]


def test_what_is_due_is_told(looking: Looking) -> None:
    looking.press("/clock/freeze")
    looking.press("/clock/hold")
    looking.do("woocommerce", "a webhook", "states", topic="product.created")
    looking.do("woocommerce", "add product", sku="NEW")

    assert "webhook" in plain(looking.page("/clock/due"))
    assert "webhooks are held" in plain(looking.page("/clock"))


def test_a_fault_is_added_by_choosing_an_operation(looking: Looking, world: LabClient) -> None:
    page = looking.press(
        "/faults", service="woocommerce", kind="status", status="429", operation="products.list_all", times="2"
    )

    assert "Fault 1 waits" in plain(page)
    assert ask_store(world).status_code == 429
    assert ask_store(world, "orders").status_code == 401
    assert "status 429" in plain(looking.page("/faults"))
    looking.press("/faults/clear", number="1")
    assert world.call("GET", "/faults")["faults"] == []


@pytest.mark.parametrize(
    "fields", [{"service": "keycrm"}, {"service": "nobody", "kind": "lost"}, {"service": "keycrm", "kind": "x"}]
)
def test_a_fault_that_makes_no_sense_is_refused(looking: Looking, fields: dict[str, str]) -> None:
    assert looking.post("/faults", fields).status_code in (400, 404)


# -- the door


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_forms_from_elsewhere_are_refused(looking: Looking, world: LabClient, headers: dict[str, str]) -> None:
    answer = looking.post("/clock/freeze", headers=headers)

    assert answer.status_code == 403
    assert not world.clock()["frozen"]


def test_a_form_without_its_token_is_refused(looking: Looking, world: LabClient) -> None:
    answer = requests.post(f"{looking.url}/clock/freeze", timeout=10)

    assert answer.status_code == 403
    assert not world.clock()["frozen"]


def test_a_name_that_points_here_opens_nothing(console: Looking) -> None:
    answer = console.get("/", headers={"Host": "evil.example"}, allow_redirects=False)

    assert answer.status_code in (302, 401)


@pytest.mark.parametrize("path", ["/nothing", "/services/nobody", "/services/keycrm/facts/nothing", "/journal/999999"])
def test_what_is_not_there_is_told_in_words(console: Looking, path: str) -> None:
    answer = console.get(path)

    assert answer.status_code == 404
    assert 'role="alert"' in answer.text


def test_a_world_that_is_not_there_is_told(console: Looking) -> None:
    assert console.get("/~nobody/").status_code == 404
    assert console.get("/~nobody/events/map/parts").status_code == 404


def test_a_part_that_is_refused_is_shown_in_its_place(console: Looking) -> None:
    answer = console.get("/services/keycrm/facts/nothing", headers=HX)

    assert answer.text.startswith("<p")


def test_files_of_the_console_may_be_kept(console: Looking) -> None:
    assert "max-age" in console.get("/static/htmx.min.js").headers["Cache-Control"]
    assert "no-store" in console.get("/").headers["Cache-Control"]
    assert console.get("/static/../app.py").status_code == 404


def test_the_vocabulary_of_the_page_is_that_of_the_control_api(world: LabClient, looking: Looking) -> None:
    known = world.call("GET", "/vocabulary")

    assert {service: sorted(words["moves"]) for service, words in known.items()} == {
        service: sorted(emulator.moves) for service, emulator in EMULATORS.items()
    }

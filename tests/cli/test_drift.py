"""`storelab drift`: what is compared, what is told, and that a real store is left as it was found."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from storelab.cli import app
from storelab.client import LabClient
from storelab.drift import Answer, Difference, Report, Store, compared, routes_compared, settings_compared
from storelab.drift_round import STEPS, Round, write
from storelab.emulators.kernel.errors import LabError
from tests.woocommerce.shop import Shop

Planted = Callable[[str, str, int, Any], tuple[int, Any] | None]
"""Method, path, status and body of an answer, to the answer that is given instead; None: the line goes dead."""


@pytest.fixture
def store(world: LabClient) -> LabClient:
    """A store with something of everything."""
    world.state("woocommerce", "a believable store", products=30, customers=8, orders=40)
    return world


def told(world: LabClient, *words: str, url: str = "", **keys: str) -> tuple[int, dict[str, Any], str]:
    """Exit code, report and everything that was written."""
    found = {**world.info()["store"], **keys}
    arguments = ["--store", url or found["url"], "--key", found["consumer_key"], "--secret", found["consumer_secret"]]
    answer = CliRunner().invoke(app, ["drift", "--json", *arguments, *words])
    if isinstance(answer.exception, LabError):
        return 2, {}, answer.exception.message
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
    return answer.exit_code, json.loads(answer.stdout), answer.output


def contents(world: LabClient) -> Any:
    shop = Shop(world)
    lists = ("products", "customers", "coupons", "webhooks", "orders", "products/categories", "products/tags")
    return {path: shop.get(path, per_page=100) for path in lists}


@pytest.fixture
def through(store: LabClient) -> Iterator[Callable[[Planted], str]]:
    """The store behind something that changes its answers: the address."""
    servers: list[ThreadingHTTPServer] = []

    def planted(change: Planted) -> str:
        target = urlsplit(store.url)

        class Proxy(BaseHTTPRequestHandler):
            def _passed_on(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                connection = http.client.HTTPConnection(target.netloc)
                connection.request(self.command, self.path, self.rfile.read(length), dict(self.headers))
                answer = connection.getresponse()
                body = json.loads(answer.read() or b"null")
                path = self.path.split("/wp-json/wc/v3")[-1].split("?")[0].strip("/")
                given = change(self.command, path, answer.status, body)
                if given is None:
                    self.connection.close()
                    return
                data = json.dumps(given[1]).encode()
                self.send_response(given[0])
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _passed_on

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}{target.path}/woocommerce"

    yield planted
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_store_like_the_emulator_does_not_differ_and_is_not_touched(store: LabClient) -> None:
    before = contents(store)

    code, report, _ = told(store, "--write")

    assert (code, report["differences"], report["left_behind"]) == (0, [], [])
    assert report["compared"] > 80
    assert contents(store) == before


def test_without_write_nothing_but_reading_is_asked(store: LabClient) -> None:
    store.call("DELETE", "/journal")

    told(store)
    asked = store.journal(service="woocommerce", limit=1000)

    assert asked
    assert {exchange["method"] for exchange in asked} == {"GET"}


def test_planted_differences_are_told_with_their_level(store: LabClient, through: Callable[[Planted], str]) -> None:
    def change(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
        if path == "orders/999999999":
            status = 403
        elif path == "customers/999999999":
            body["code"] = "somewhere_else"
        elif path == "orders" and method == "GET" and isinstance(body, list):
            for order in body:
                order["odd"] = "field"
                order["total"] = float(order["total"])
        elif method == "PUT" and body.get("sku") == "storelab-drift-product":
            body["price"] = "9.99"
        elif path == "" and "routes" in body:
            del body["routes"]["/wc/v3/coupons"]
        elif path == "settings/general":
            body = [s for s in body if s["id"] != "woocommerce_currency"]
        return status, body

    code, report, _ = told(store, "--write", url=through(change))

    found = {(d["probe"], d["level"], d["where"]) for d in report["differences"]}
    assert code == 1
    assert {
        ("unknown id: orders", "status", ""),
        ("unknown id: customers", "error", "code"),
        ("orders", "shape", "[].odd"),
        ("orders", "shape", "[].total"),
        ("change the product", "value", "price"),
        ("index of routes", "shape", "/wc/v3/coupons"),
        ("settings of general", "shape", "woocommerce_currency"),
    } <= found


@pytest.mark.parametrize("lost", ["products", "customers", "coupons", "orders", "webhooks"])
def test_what_was_made_is_removed_also_when_the_answer_was_lost(
    store: LabClient, through: Callable[[Planted], str], lost: str
) -> None:
    before = contents(store)

    def change(method: str, path: str, status: int, body: Any) -> tuple[int, Any] | None:
        return None if (method, path, status) == ("POST", lost, 201) else (status, body)

    code, _, message = told(store, "--write", url=through(change))

    assert code == 2
    assert "did not answer POST" in message
    assert contents(store) == before


@pytest.mark.parametrize("after", range(1, len(STEPS), 5))
def test_an_interrupted_round_removes_what_it_made(store: LabClient, sandbox_store: Store, after: int) -> None:
    before = contents(store)
    found = store.info()["store"]
    played = iter(range(1, 1000))

    with pytest.raises(KeyboardInterrupt):
        write(
            Store(found["url"], found["consumer_key"], found["consumer_secret"]),
            sandbox_store,
            Report(),
            lambda name: None,
            lambda: next(played) >= after,
        )

    assert contents(store) == before


@pytest.fixture
def sandbox_store(store: LabClient) -> Iterator[Store]:
    """The emulator's side."""
    own = LabClient(store.url.split("/~")[0]).make_world()
    found = own.info()["store"]
    yield Store(found["url"], found["consumer_key"], found["consumer_secret"])
    own.drop()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("products", {"name": "Mine", "sku": "storelab-drift-product"}),
        ("customers", {"email": "storelab-drift-customer@example.invalid"}),
        ("coupons", {"code": "storelab-drift-coupon"}),
        ("orders", {"billing": {"last_name": "storelab-drift-order"}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_there_already_is_not_ours(store: LabClient, path: str, body: dict[str, Any]) -> None:
    mine = Shop(store).post(path, body)
    before = contents(store)

    code, _, message = told(store, "--write")

    assert code == 2
    assert str(mine["id"]) in message
    assert contents(store) == before


def test_what_cannot_be_removed_is_told(store: LabClient, through: Callable[[Planted], str]) -> None:
    def change(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
        return (500, {}) if method == "DELETE" and path.startswith("coupons/") else (status, body)

    code, report, _ = told(store, "--write", url=through(change))

    assert code == 2
    assert [left.split("/")[0] for left in report["left_behind"]] == ["coupons"]


def test_a_wrong_key_cannot_be_run_and_is_not_repeated(store: LabClient) -> None:
    code, _, message = told(store, consumer_key="ck_wrong", consumer_secret="cs_wrong")

    assert code == 2
    assert "does not accept the key: 401" in message
    assert "ck_wrong" not in message
    assert "cs_wrong" not in message


def test_keys_come_from_the_environment(store: LabClient) -> None:
    found = store.info()["store"]
    environment = {
        "WOOCOMMERCE_URL": found["url"],
        "WOOCOMMERCE_CONSUMER_KEY": found["consumer_key"],
        "WOOCOMMERCE_CONSUMER_SECRET": found["consumer_secret"],
    }

    answer = CliRunner().invoke(app, ["drift"], env=environment)

    assert answer.exit_code == 0, answer.output
    assert "0 differences" in answer.output
    assert found["consumer_secret"] not in answer.output


@pytest.mark.parametrize("url", ["", "shop.example.com", "ftp://x", "https://user:pass@shop.example.com"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(LabError):
        Store(url, "k", "s")


def test_a_key_does_not_follow_a_redirect(through: Callable[[Planted], str]) -> None:
    store = Store(through(lambda method, path, status, body: (302, {})), "k", "s")

    with pytest.raises(LabError, match="sends products on to"):
        store.ask("GET", "products")


def test_nobody_undoes_a_round_that_never_began(store: LabClient) -> None:
    round_ = Round(Store(store.url, "k", "s"))
    round_.ids["product"] = 12

    assert round_.undo() == []


# ---------------------------------------------------------------------------------------------- pure


@pytest.mark.parametrize(
    ("theirs", "ours", "where"),
    [
        ({"a": 1}, {"a": "1"}, ["a"]),
        ({"a": 1}, {"a": None}, []),
        ({"a": 1}, {"a": 1.5}, []),
        ({"a": []}, {"a": {}}, []),
        ({"a": []}, {"a": [1]}, []),
        ({"a": [1]}, {"a": ["x"]}, ["a[]"]),
        ({"a": {"b": 1}}, {"a": {}}, ["a.b"]),
        ({"a": {"b": 1}}, {"a": None}, []),
        ({"a": True}, {"a": "yes"}, ["a"]),
        ({"meta_data": [{"value": 1}]}, {"meta_data": [{"value": {}}]}, []),
        ({"_links": {"self": 1}}, {"_links": {}}, []),
        ([{"a": 1}, {"a": None}], [{"a": "x"}], ["[].a"]),
    ],
)
def test_shapes(theirs: Any, ours: Any, where: list[str]) -> None:
    found = compared("p", Answer(200, theirs), Answer(200, ours))

    assert [d.where for d in found] == where
    assert {d.level for d in found} <= {"shape"}


def test_a_message_in_another_language_is_a_matter_of_value() -> None:
    theirs, ours = ({"code": "a", "message": m, "data": {"status": 404}} for m in ("Ні", "No"))

    assert compared("p", Answer(404, theirs), Answer(404, ours)) == [Difference("p", "value", "message", "Ні", "No")]


def test_an_answer_that_is_no_json_differs_from_one_that_is() -> None:
    assert [d.level for d in compared("p", Answer(200, None), Answer(200, []))] == ["shape"]


def test_arguments_of_routes_are_compared() -> None:
    def index(**args: Any) -> dict[str, Any]:
        return {"routes": {"/wc/v3/x": {"endpoints": [{"methods": ["GET"], "args": args}]}}}

    found = routes_compared(index(a={"type": "string"}, b={}), index(a={"type": "integer", "default": 1}, c={}))

    assert [(d.level, d.where) for d in found] == [
        ("shape", "GET /wc/v3/x a: type"),
        ("value", "GET /wc/v3/x a: default"),
        ("shape", "GET /wc/v3/x b"),
        ("shape", "GET /wc/v3/x c"),
    ]


def test_the_value_of_a_setting_is_the_shopkeepers() -> None:
    theirs, ours = ([{"id": "s", "type": "text", "value": v}] for v in ("a", "b"))

    assert settings_compared("g", theirs, ours) == []

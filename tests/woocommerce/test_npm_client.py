"""The client that JavaScript connectors use, `@woocommerce/woocommerce-rest-api` from npm, as it is, driven by Node.

OAuth 1.0a over http, Basic and keys in the query over https. npm installs it once, into pytest's cache.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storelab.client import LabClient
from storelab.sandbox import Sandbox, Settings

from .receiver import Receiver

HERE = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def installed(pytestconfig: pytest.Config) -> Path:
    """The folder in which npm has put the client."""
    if missing := [program for program in ("node", "npm") if shutil.which(program) is None]:
        pytest.skip(f"{' and '.join(missing)} not found: the npm client is tested where Node is installed")
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("storelab-node")
    lock = (HERE / "package-lock.json").read_bytes()
    if (folder / "done").exists() and (folder / "done").read_bytes() == lock:
        return folder
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder / name)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"npm could not install the client: {(done.stderr or done.stdout).strip()[-300:]}")
    (folder / "done").write_bytes(lock)
    return folder


@pytest.fixture(scope="module")
def over_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    data = tmp_path_factory.mktemp("data")
    with Sandbox(Settings(port=0, sync_port=None, data=data, tls=True, check=True)) as running:
        yield running


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    data: Any


class Store:
    """One world, and a Node process whose client opens it."""

    def __init__(self, lab: LabClient, installed: Path, authority: str = "", **how: Any) -> None:
        store = lab.info()["store"]
        self.lab, self.url = lab, store["url"]
        keys = {"consumerKey": store["consumer_key"], "consumerSecret": store["consumer_secret"]}
        options = {"url": store["url"], **keys, "version": "wc/v3", "timeout": 30_000, **how}
        environment = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
        if authority:
            environment["NODE_EXTRA_CA_CERTS"] = authority
        self._node = subprocess.Popen(
            ["node", str(HERE / "client.js"), str(installed), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def close(self) -> None:
        self._node.communicate(timeout=30)

    def call(self, method: str, endpoint: str, data: Any = None, **params: Any) -> Answer:
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        asked = {"method": method, "endpoint": endpoint, "params": params}
        if data is not None:
            asked["data"] = data
        self._node.stdin.write(json.dumps(asked) + "\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert "error" not in answer, answer["error"]
        return Answer(**answer)

    def ok(self, method: str, endpoint: str, data: Any = None, **params: Any) -> Any:
        answer = self.call(method, endpoint, data, **params)
        assert answer.status in (200, 201), answer
        return answer.data


@pytest.fixture(params=["http, OAuth 1.0a", "https, Basic", "https, query"])
def store(request: pytest.FixtureRequest, installed: Path, sandbox: Sandbox) -> Iterator[Store]:
    if request.param.startswith("http,"):
        lab = LabClient(sandbox.url).make_world()
        made = Store(lab, installed)
    else:
        running: Sandbox = request.getfixturevalue("over_tls")
        authority = str(running.authority)
        lab = LabClient(running.url, verify=authority).make_world()
        made = Store(lab, installed, authority, queryStringAuth=request.param.endswith("query"))
    yield made
    made.close()
    lab.drop()


def test_products_are_made_changed_found_and_deleted(store: Store) -> None:
    made = store.ok("post", "products", {"name": "Кухоль & co", "sku": "MUG", "regular_price": "9.99"})
    changed = store.ok("put", f"products/{made['id']}", {"regular_price": "10.50"})
    found = store.ok("get", "products", sku="MUG", status="publish")
    store.ok("delete", f"products/{made['id']}", force=True)

    assert made["name"] == "Кухоль &amp; co"
    assert changed["price"] == "10.50"
    assert [product["id"] for product in found] == [made["id"]]
    assert store.call("get", f"products/{made['id']}").status == 404


def test_all_pages_of_a_list_are_walked(store: Store) -> None:
    names = [f"P{number:02}" for number in range(25)]
    store.ok("post", "products/batch", {"create": [{"name": name} for name in names]})

    pages = [store.call("get", "products", per_page=10, page=n, orderby="id", order="asc") for n in (1, 2, 3)]

    assert [product["name"] for page in pages for product in page.data] == names
    assert (pages[0].headers["x-wp-total"], pages[0].headers["x-wp-totalpages"]) == ("25", "3")
    assert 'rel="next"' in pages[0].headers["link"]


def test_nested_parameters_are_signed(store: Store) -> None:
    first, second = (store.ok("post", "products", {"name": name})["id"] for name in ("a b", "c+d"))

    found = store.ok("get", "products", include=[second, first], orderby="include", search="", _fields="id")

    assert found == [{"id": second}, {"id": first}]
    assert store.ok("get", "products", search="a b (1/2)*'!") == []


def test_a_batch_creates_changes_and_deletes(store: Store) -> None:
    a, b = (
        made["id"] for made in store.ok("post", "products/batch", {"create": [{"name": "a"}, {"name": "b"}]})["create"]
    )

    second = store.ok("post", "products/batch", {"update": [{"id": a, "name": "A"}], "delete": [b]})

    assert second["update"][0]["name"] == "A"
    assert [product["id"] for product in store.ok("get", "products")] == [a]


def test_an_order_takes_from_the_stock(store: Store) -> None:
    mug = store.ok("post", "products", {"name": "Mug", "regular_price": "5", "manage_stock": True, "stock_quantity": 3})

    order = store.ok("post", "orders", {"set_paid": True, "line_items": [{"product_id": mug["id"], "quantity": 2}]})

    assert (order["status"], order["total"]) == ("processing", "10.00")
    assert store.ok("get", f"products/{mug['id']}")["stock_quantity"] == 1


def test_a_webhook_is_made_and_delivers(store: Store) -> None:
    with Receiver() as receiver:
        store.ok("post", "webhooks", {"topic": "product.created", "delivery_url": receiver.url, "secret": "s"})
        product = store.ok("post", "products", {"name": "Mug"})
        store.lab.settle()

        assert [got.topic for got in receiver.got] == ["", "product.created"]
        assert receiver.got[1].json["id"] == product["id"]


def test_a_refusal_reaches_the_client(store: Store) -> None:
    refused = store.call("post", "products", {"name": 7, "type": "nonsense"})

    assert refused.status == 400
    assert refused.data["code"] == "rest_invalid_param"


def test_what_can_be_done_is_told(store: Store) -> None:
    assert store.ok("options", "products")["methods"] == ["GET", "POST"]

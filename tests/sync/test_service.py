"""The driver API and the plugin's routes: what is refused, and how."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from storelab.client import LabClient
from storelab.sync.bodies import document, validator
from storelab.sync.service import Server, create_app

from .drive import Drive

Make = Callable[..., Drive]
ADDRESS = "http://127.0.0.1:9"
GOOD: dict[str, Any] = {
    "backend": "keycrm",
    "store": {"url": ADDRESS, "consumer_key": "ck_1", "consumer_secret": "cs_secret"},
    "credentials": {"url": ADDRESS, "api_key": "key_secret"},
    "settings": {"warehouse_id": 1},
}


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    app = create_app()
    yield app.test_client()
    app.extensions["sync"].ledger.close()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"backend": "nobody"}, 400, "unknown_backend"),
        ({"backend": 7}, 400, "not_as_described"),
        ({"store": {"url": ADDRESS}}, 400, "missing_credentials"),
        ({"colour": "blue"}, 400, "not_as_described"),
        ({"now": "yesterday"}, 400, "not_as_described"),
        ({"credentials": {"url": ADDRESS}}, 400, "missing_credentials"),
        ({"credentials": {"url": "crm", "api_key": "k"}}, 400, "bad_address"),
        ({"store": {**GOOD["store"], "url": "https://a:b@shop.example"}}, 400, "bad_address"),
        ({"store": {**GOOD["store"], "url": "https://[x"}}, 400, "bad_address"),
        ({"store": {**GOOD["store"], "url": "https://shop.example:70000"}}, 400, "bad_address"),
        ({"settings": {"warehouse_id": "one"}}, 400, "bad_settings"),
        ({"settings": {"warehouse_id": 1, "batch": 0}}, 400, "bad_settings"),
        ({"settings": {"warehouse_id": 1, "colour": "blue"}}, 400, "bad_settings"),
        ({"settings": {}}, 400, "bad_settings"),
        ({"settings": {"push": False, "first_sync": "store"}}, 400, "bad_settings"),
        ({}, 503, "try_later"),
    ],
)
def test_a_connection_that_cannot_be_is_refused_with_the_reason(
    client: FlaskClient, change: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post("/connections", json={**GOOD, **change})

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert "secret" not in answer.text.replace("consumer_secret", "")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 20_000, b"[]", b'"x"', b"7"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/connections", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.get_json()["code"] in ("not_json", "not_as_described")


def test_unknown_connections_and_addresses_are_404(client: FlaskClient) -> None:
    for method, path in (
        ("GET", "/connections/con_1"),
        ("DELETE", "/connections/con_1"),
        ("POST", "/connections/con_1/tick"),
        ("POST", "/connections/con_1/push"),
        ("POST", "/hooks/con_1/stiv-keycrm/v1/stock"),
        ("GET", "/nowhere"),
    ):
        answer = client.open(path, method=method)
        assert (answer.status_code, set(answer.get_json())) == (404, {"code", "message"}), path
    assert client.put("/connections").status_code == 405


def test_a_driver_without_the_token_is_refused() -> None:
    client = create_app(token="open sesame").test_client()

    assert client.get("/connections").status_code == 401
    assert client.get("/connections", headers={"Authorization": "Bearer open sesame"}).status_code == 200
    assert client.post("/hooks/con_1/x").status_code == 404


def test_the_hook_refuses_what_is_not_its_own(drive: Make) -> None:
    hand = drive().stocked(ours={"MUG": 1}, theirs={"MUG": 1}).connect()
    hook = hand.hooks["stock"]

    assert requests.post(f"{hook}x", json=[], timeout=9).status_code == 403
    assert requests.post(hook.split("?")[0], json=[], timeout=9).status_code == 403
    assert requests.get(hook, timeout=9).status_code == 405
    assert requests.post(hook, data=b"{", timeout=9).json()["code"] == "not_json"
    assert requests.post(hook, data=b"[" * 50_000, timeout=9).json()["code"] == "not_json"
    assert requests.post(hook, json={"sku": "MUG"}, timeout=9).json()["code"] == "not_an_array"
    assert requests.post(hook, data=b"[" + b" " * 11_000_000 + b"]", timeout=9).status_code == 413
    assert requests.post(hook, json=[{"sku": "MUG"}, 7], timeout=9).json() == {
        "updated": 0,
        "skipped": [
            {"sku": "MUG", "reason": "offer_id is not a number"},
            {"sku": None, "reason": "not an object"},
        ],
    }


def test_what_the_service_answers_is_as_described(drive: Make) -> None:
    hand = drive(first_sync="store").stocked(ours={"MUG": 4, "CAP": 2}, theirs={"MUG": 1})

    connected = hand.ask_to_connect()
    hand.id, hand.hooks = connected.json()["id"], connected.json()["hooks"]
    progress = hand.tick()
    middle = hand.status()
    hand.run()

    for name, answer in (
        ("Connected", connected.json()),
        ("Progress", progress),
        ("Connection", middle),
        ("Connection", hand.status()),
        ("Outline", hand.call("GET", "/connections").json()[0]),
        ("Sent", hand.cron().json()),
        ("Disconnected", hand.call("DELETE", f"/connections/{hand.id}").json()),
        ("Connection", hand.status()),
        ("Error", hand.cron().json()),
    ):
        assert [error.message for error in validator(name).iter_errors(answer)] == [], name


def test_every_route_is_described() -> None:
    app = create_app()
    rules = {str(rule).replace("<", "{").replace(">", "}") for rule in app.url_map.iter_rules()}

    described = {path for path in document()["paths"] if not path.startswith("/hooks")}

    assert described <= rules


def test_no_secret_is_readable_in_the_ledger(tmp_path: Path, world: LabClient) -> None:
    with Server(port=0, ledger_url=f"sqlite:///{tmp_path}/sync.db") as running:
        hand = Drive(world, running.url).stocked(ours={"MUG": 1}, theirs={"MUG": 1}).connect()
        hand.run()
        info = world.info()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("sync.db*") if file.suffix != ".key")
    token = hand.hooks["stock"].split("token=")[1]
    for secret in (info["store"]["consumer_secret"], info["backends"]["keycrm"]["api_key"], token):
        assert secret.encode() not in kept
    assert oct((tmp_path / "sync.db.key").stat().st_mode)[-3:] == "600"


def test_a_restart_goes_on_with_what_was_kept(tmp_path: Path, world: LabClient) -> None:
    options = {"ledger_url": f"sqlite:///{tmp_path}/sync.db", "jobs": f"{tmp_path}/jobs.db"}
    with Server(port=0, **options) as first:
        hand = Drive(world, first.url, first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 1}).connect()
        hand.tick()

    with Server(port=0, **options) as second:
        hand.sync = second.url
        hand.run()

        assert hand.theirs() == {"MUG": 9}


def test_two_who_drive_at_once_do_not_double_anything(drive: Make) -> None:
    hand = drive(first_sync="store", batch=1)
    stock = {f"SKU-{n}": n for n in range(5)}
    hand.stocked(ours=stock, theirs=dict.fromkeys(stock, 9)).connect()
    answers: list[int] = []

    def tick(body: dict[str, str]) -> None:
        answer = requests.post(f"{hand.sync}/connections/{hand.id}/tick", json=body, timeout=60)
        answers.append(answer.status_code)

    for _ in range(12):
        threads = [threading.Thread(target=tick, args=({"now": hand.now},)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        hand.wait(1)

    assert set(answers) == {200}
    assert hand.theirs() == stock
    assert hand.calls("keycrm").count("PUT /v1/offers/stocks") == 5


def test_live_it_works_by_itself(tmp_path: Path, world: LabClient) -> None:
    """Real time: the only test here that waits for something, and as long as it takes."""
    with Server(port=0, live=True, jobs=f"{tmp_path}/jobs.db") as running:
        hand = Drive(world, running.url, first_sync="store").stocked(ours={"MUG": 9}, theirs={"MUG": 1})
        world.clock(live=True)
        made = hand.ask_to_connect_live()

        eventually(lambda: hand.theirs() == {"MUG": 9})
        for todo in made["todo"]:
            world.do(todo["service"], todo["move"], **todo["args"])
        world.do("keycrm", "adjust stock", sku="MUG", quantity=4)

        eventually(lambda: hand.ours() == {"MUG": 4})


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    end = monotonic() + seconds
    while not true():
        assert monotonic() < end, "it never came true"
        sleep(0.05)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}, {"Host": "[::1"}],
    ids=["rebound host", "page from elsewhere", "no host at all"],
)
def test_pages_from_elsewhere_do_not_drive_it(sync: Server, headers: dict[str, str]) -> None:
    assert requests.get(f"{sync.url}/connections", headers=headers, timeout=10).status_code in (400, 403)
    assert requests.get(f"{sync.url}/connections", timeout=10).status_code == 200


def test_a_browser_gets_pages_that_show_no_token(drive: Make) -> None:
    hand = drive(first_sync="keycrm").stocked(ours={"MUG": 3}, theirs={"MUG": 12, "<b>CAP</b>": 1}).connect()
    hand.run()

    pages = [
        hand.session.get(f"{hand.sync}{path}", headers={"Accept": "text/html"})
        for path in ("/", f"/connections/{hand.id}")
    ]

    assert [page.headers["Content-Type"] for page in pages] == ["text/html; charset=utf-8"] * 2
    assert all("default-src 'none'" in page.headers["Content-Security-Policy"] for page in pages)
    assert f'href="/connections/{hand.id}"' in pages[0].text
    assert "&lt;b&gt;CAP&lt;/b&gt;" in pages[1].text
    assert not any("token=" in page.text for page in pages)


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")

    with Server("::1", 0) as server:
        assert requests.get(f"{server.url}/connections", timeout=30).json() == []

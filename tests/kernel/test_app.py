"""The laboratory over real HTTP: worlds by address, hang-ups that are real, and errors for people."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from storelab.emulators.kernel import LabError
from storelab.emulators.kernel.app import App
from storelab.emulators.kernel.control import Control
from storelab.emulators.kernel.databases import SqliteDatabases
from storelab.emulators.kernel.http import Reply, Request
from storelab.emulators.kernel.lab import Lab
from storelab.server import Server, listening

from . import acme

KEY = {"X-Key": "sesame"}


@dataclass
class Running:
    url: str

    def get(self, path: str, **more: Any) -> requests.Response:
        return requests.get(self.url + path, headers=KEY | more.pop("headers", {}), timeout=5, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=KEY | more.pop("headers", {}), timeout=5, **more)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    sock = listening("127.0.0.1", 0)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    lab = Lab({"acme": acme.EMULATOR}, SqliteDatabases(None), base_url=url, documents={"acme": acme.DOCUMENT})

    class Page:
        def admit(self, request: Request) -> None:
            """Everybody."""

        async def __call__(self, world: str, request: Request) -> Reply:
            return Reply(200, b"page", (("X-Asked", unquote(request.query_string)),))

    control = Control(lab, token="t0ken", info=lambda world: {"url": world.base_url})
    server = Server(App(lab, control=control, page=Page()), sock)
    server.start()
    yield Running(url)
    server.stop()


@pytest.fixture(autouse=True)
def _fresh(running: Running) -> None:
    running.post("/_lab/reset")


def test_a_world_is_reached_by_its_address(running: Running) -> None:
    info = running.post("/_lab/worlds", {"name": "qa"}).json()
    requests.post(f"{info['url']}/acme/items", json={"sku": "MUG"}, headers=KEY, timeout=5)

    assert running.get("/~qa/acme/items").json() != []
    assert running.get("/acme/items").json() == []
    assert requests.delete(f"{running.url}/_lab/worlds/qa", timeout=5).status_code == 204
    assert running.get("/~qa/acme/items").status_code == 404


def test_a_reset_is_a_real_one(running: Running) -> None:
    running.post("/_lab/faults", {"kind": "reset", "service": "acme"})

    with pytest.raises(requests.ConnectionError):
        running.get("/acme/items")

    assert running.get("/acme/items").status_code == 200


def test_a_truncated_answer_breaks_off(running: Running) -> None:
    running.post("/acme/items", {"sku": "MUG"})
    running.post("/_lab/faults", {"kind": "truncate", "service": "acme"})

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        running.get("/acme/items")


def test_a_body_over_ten_megabytes_is_refused_by_the_vendor(running: Running) -> None:
    answer = requests.post(f"{running.url}/acme/items", data=b"x" * (10 * 1024 * 1024 + 1), headers=KEY, timeout=20)

    assert (answer.status_code, answer.json()) == (413, {"error": "broken", "message": "out of order"})


def test_a_request_that_breaks_off_is_not_carried_out(running: Running) -> None:
    head = "POST /acme/items HTTP/1.1\r\nHost: x\r\nX-Key: sesame\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = '{"sku": "HALF"}'
    with socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1]))) as caller:
        caller.sendall(f"{head}{len(body):x}\r\n{body}\r\n".encode())
        caller.shutdown(socket.SHUT_WR)
        caller.settimeout(5)
        while caller.recv(1000):
            pass

    assert running.get("/acme/items").json() == []


@pytest.mark.parametrize("header", ["Upgrade: h2c", "upgrade: h2c,websocket"])
def test_a_client_that_offers_http2_keeps_its_body(running: Running, header: str) -> None:
    """Java's own client offers it with every request in the clear."""
    lines = ["POST /acme/items HTTP/1.1", "Host: x", "X-Key: sesame", "Connection: Upgrade, HTTP2-Settings", header]
    head = "\r\n".join([*lines, "HTTP2-Settings: AAMAAABk", "Content-Length: 14", "", ""]).encode()
    with socket.create_connection(("127.0.0.1", int(running.url.rsplit(":", 1)[1]))) as caller:
        caller.settimeout(5)
        for sku in (b"MUG", b"CAP"):
            caller.sendall(head)
            caller.sendall(b'{"sku": "' + sku + b'"}')
            assert caller.recv(10_000).startswith(b"HTTP/1.1 201 ")

    assert [item["sku"] for item in running.get("/acme/items").json()] == ["MUG", "CAP"]


def test_requests_that_do_not_wait_are_answered_in_their_order(running: Running) -> None:
    asked = [b"GET /?one HTTP/1.1", b"HEAD /?two HTTP/1.1", b"GET /?three HTTP/1.1\r\nConnection: close"]
    sock = socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), 5)

    with sock:
        sock.sendall(b"".join(request + b"\r\nHost: 127.0.0.1\r\n\r\n" for request in asked))
        answers = sock.makefile("rb").read()

    assert re.findall(rb"X-Asked: (\w+)", answers) == [b"one", b"two", b"three"]
    assert answers.count(b"page") == 2
    assert b"Connection: close\r\n" in answers.rpartition(b"three")[2]


def test_headers_are_spelled_as_the_vendor_spells_them(running: Running) -> None:
    """Clients in PHP keep them in an array, and look for X-WP-TotalPages by that name."""
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), 5) as caller:
        caller.sendall(b"GET /?X-WP HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        head = caller.recv(10_000).partition(b"\r\n\r\n")[0]

    assert [line.partition(b":")[0] for line in head.splitlines()[1:]] == [b"X-Asked", b"Content-Length"]


def test_an_address_may_have_bytes_beyond_ascii(running: Running) -> None:
    """curl sends an address as it was given."""
    asked = "GET /?größe=50€ HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), 5) as caller:
        for _ in range(2):
            caller.sendall(asked)
            assert b"X-Asked: gr\xf6\xdfe=50?\r\n" in caller.recv(10_000)


def test_a_client_may_wait_until_its_body_is_wanted_and_send_it_in_pieces(running: Running) -> None:
    head = ["POST /acme/items HTTP/1.1", "Host: x", "X-Key: sesame", "Transfer-Encoding: chunked"]
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), 5) as caller:
        caller.sendall("\r\n".join([*head, "Expect: 100-continue", "", ""]).encode())
        assert caller.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for part in (b'{"sku":', b' "MUG"}', b""):
            caller.sendall(b"%x\r\n%b\r\n" % (len(part), part))
        assert caller.recv(10_000).startswith(b"HTTP/1.1 201 ")

    assert [item["sku"] for item in running.get("/acme/items").json()] == ["MUG"]


def test_no_header_goes_out_that_would_begin_another(running: Running) -> None:
    answer = running.get("/?asked%0d%0aSet-Cookie:%20theirs=1")

    assert answer.status_code == 500
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_that_has_no_body_by_its_status_goes_out_without(running: Running, status: int) -> None:
    running.post("/_lab/faults", {"kind": "status", "service": "acme", "status": status})
    with requests.Session() as caller:
        caller.headers.update(KEY)

        first = caller.get(f"{running.url}/acme/items", timeout=5)
        second = caller.get(f"{running.url}/acme/items", timeout=5)

    assert (first.status_code, first.content, first.headers.get("Connection")) == (status, b"", None)
    assert (second.status_code, second.json()) == (200, [])


def test_a_world_that_was_exported_can_be_imported_however_large(running: Running) -> None:
    running.post("/acme/items", {"sku": "M" * 4_000_000})
    running.post("/acme/items", {"sku": "C" * 4_000_000})
    requests.put(f"{running.url}/_lab/snapshots/large", timeout=5)
    file = running.get("/_lab/snapshots/large").content

    answer = requests.put(f"{running.url}/_lab/snapshots/copy", data=file, timeout=20)

    assert (len(file) > 11_000_000, answer.json()) == (True, {"snapshots": ["copy", "large"]})


def test_what_is_not_emulated_is_marked(running: Running) -> None:
    answer = running.get("/acme/pictures")

    assert (answer.status_code, answer.headers["X-Storelab"]) == (501, "not-emulated")


def test_a_defect_of_ours_never_looks_like_the_vendor(running: Running) -> None:
    running.post("/acme/items", {"sku": "MUG"})

    answer = running.post("/acme/items", {"sku": "MUG"})

    assert (answer.status_code, answer.headers["X-Storelab"]) == (500, "error")
    assert answer.json()["error"]["code"] == "storelab_defect"


def test_a_defect_of_ours_is_in_the_journal(running: Running) -> None:
    running.post("/acme/items", {"sku": "MUG"})

    running.post("/acme/items", {"sku": "MUG"})

    last = running.get("/_lab/journal").json()["exchanges"][-1]
    assert (last["operation"], last["status"]) == ("acme.create_item", 500)
    assert last["reason"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/~nowhere/acme/items", None, 404, "there is no world 'nowhere'"),
        ("GET", "/_lab/nothing", None, 404, "the control API has no GET /nothing"),
        ("PUT", "/_lab/reset", None, 405, "this path takes POST"),
        ("POST", "/_lab/services/nobody/moves", {"name": "x"}, 404, "there is no service 'nobody'. Possible: acme"),
        (
            "POST",
            "/_lab/services/acme/moves",
            {"name": "dance"},
            404,
            "acme has no move 'dance'. Possible: drop, plan, set level",
        ),
        ("POST", "/_lab/services/acme/moves", {"name": "set level"}, 400, "needs sku; it takes: "),
        (
            "POST",
            "/_lab/services/acme/moves",
            {"name": "set level", "arguments": {"sku": "X"}},
            400,
            "there is no item 'X'",
        ),
        ("POST", "/_lab/services/acme/moves", {"nome": "x"}, 400, "body: "),
        ("POST", "/_lab/clock", {"advance": -5}, 400, "advance: "),
        ("POST", "/_lab/clock", {"freeze": "noon"}, 400, "'noon' is not a time"),
        (
            "POST",
            "/_lab/faults",
            {"kind": "status", "service": "acme", "operation": "nope"},
            400,
            "no operation 'nope'",
        ),
        ("GET", "/_lab/journal?limit=0", None, 400, "limit: 0 is less than the minimum of 1"),
        ("POST", "/_lab/deliveries/9/redeliver", None, 404, "there is no delivery 9"),
        ("POST", "/_lab/worlds", {"name": "UPPER"}, 400, "name: "),
        ("DELETE", "/_lab/worlds/default", None, 409, "cannot be dropped"),
        ("POST", "/_lab/snapshots/never/restore", None, 404, "no snapshot 'never'"),
    ],
)
def test_the_control_api_says_what_is_wrong(
    running: Running, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answer = requests.request(method, running.url + path, json=body, timeout=5)

    assert (answer.status_code, words in answer.json()["error"]["message"]) == (status, True), answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Origin": "https://attacker.example"},
        {"Origin": "https://[attacker"},
        {"Authorization": "Bearer wrong"},
    ],
    ids=["rebound host", "page from elsewhere", "page from nowhere", "wrong token"],
)
def test_pages_from_elsewhere_do_not_reach_the_control_api(running: Running, headers: dict[str, str]) -> None:
    assert requests.get(f"{running.url}/_lab/info", headers=headers, timeout=5).status_code == 401
    allowed = {**headers, "Authorization": "Bearer t0ken"}
    assert requests.get(f"{running.url}/_lab/info", headers=allowed, timeout=5).status_code == 200


def test_a_port_in_use_is_said_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        with pytest.raises(LabError, match=r"is in use.*--port"):
            listening("127.0.0.1", taken.getsockname()[1])


def test_pact_states_answer_the_values_they_made(running: Running) -> None:
    answer = running.post("/_lab/services/acme/pact-states", {"state": "an item", "params": {"sku": "CAP"}})

    assert answer.json() == {"id": 1}
    assert [row["sku"] for row in running.get("/acme/items").json()] == ["CAP"]


def test_after_a_teardown_the_world_is_as_new(running: Running) -> None:
    running.post("/_lab/services/acme/pact-states", {"state": "an item", "params": {"sku": "CAP"}})

    running.post("/_lab/services/acme/pact-states", {"state": "an item", "action": "teardown"})

    assert running.get("/acme/items").json() == []


def test_an_address_for_states_does_moves_and_tells_facts_too(running: Running) -> None:
    states = "/_lab/services/acme/pact-states"
    offers = running.post(states, {"action": "offers"}).json()
    running.post(states, {"state": "an item", "params": {"sku": "CAP"}})

    running.post(states, {"action": "move", "move": "set level", "params": {"sku": "CAP", "level": 4}})

    assert "set level" in offers["moves"]
    assert running.post(states, {"action": "facts"}).json()["result"]["levels"] == {"CAP": 4}
    assert running.post(states, {"action": "fact", "fact": "levels"}).json() == {"result": {"CAP": 4}}


def test_the_vocabulary_tells_words_and_arguments(running: Running) -> None:
    words = running.get("/_lab/vocabulary").json()["acme"]

    assert words["moves"]["set level"] == {
        "about": "Set an item's level.",
        "arguments": {"sku": None, "level": 0},
        "required": ["sku"],
    }


def test_deliveries_are_shown_without_the_password_of_the_receiver(running: Running) -> None:
    hook = {"name": "a hook", "arguments": {"url": "http://me:hush@127.0.0.1:9/?token=hush"}}
    running.post("/_lab/services/acme/states", hook)
    running.post("/_lab/services/acme/states", {"name": "an item"})
    running.post("/_lab/services/acme/moves", {"name": "set level", "arguments": {"sku": "MUG", "level": 1}})
    running.post("/_lab/deliveries/settle")

    shown = running.get("/_lab/deliveries").text

    assert "http://me:***@127.0.0.1:9/?token=***" in shown
    assert "hush" not in shown + running.get("/_lab/journal").text


def test_the_journal_is_exported_as_har(running: Running) -> None:
    running.get("/acme/items")

    har = running.get("/_lab/journal/har").json()

    assert har["log"]["version"] == "1.2"
    assert har["log"]["entries"][-1]["request"]["url"].endswith("/acme/items")
    assert "sesame" not in json.dumps(har)


def test_what_was_counted_can_be_scraped(running: Running) -> None:
    from prometheus_client.parser import text_string_to_metric_families as families

    def scraped() -> dict[str, float]:
        text = running.get("/_lab/metrics").text
        samples = [s for family in families(text) for s in family.samples]
        return {" ".join([s.name, *s.labels.values()]): s.value for s in samples}

    listed = "storelab_exchange_seconds_count in acme.list_items acme 200"
    before = scraped().get(listed, 0)
    running.get("/acme/items")
    running.get("/acme/items")
    after = scraped()
    requests.delete(f"{running.url}/_lab/journal", timeout=5)
    cleared = scraped()

    assert after[listed] - before == 2
    assert after[listed.replace("_count", "_sum")] > 0
    assert after["storelab_journal_exchanges"] >= 2
    assert (cleared["storelab_journal_exchanges"], cleared[listed]) == (0, after[listed])

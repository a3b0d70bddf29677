"""What a client may take of a sandbox: bytes, time, connections, depth."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from storelab import handshake, server
from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError
from storelab.sandbox import Sandbox, Settings

from ..sockets import BUSY, let_go, rest


@pytest.fixture(scope="module")
def impatient() -> Iterator[Sandbox]:
    """A sandbox that gives up after moments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "HEAD_IN", 0.4)
        patch.setattr(server, "SILENCE", 0.4)
        patch.setattr(server, "LEAST", 1_000)
        patch.setattr(server, "MOST_CONNECTIONS", 8)
        with Sandbox(Settings(port=0, sync_port=None)) as running:
            yield running


@contextlib.contextmanager
def connected(sandbox: Sandbox) -> Iterator[socket.socket]:
    host, port = sandbox.url.rpartition("/")[2].split(":")
    with socket.create_connection((host, int(port)), timeout=BUSY) as made:
        yield made


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET /_lab/clock HTTP/1.1\r\nHost: localhost\r\nX-A: ",
        b"POST /_lab/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
    ],
    ids=["nothing", "half a line", "half a head", "half a body"],
)  # fmt: skip
def test_a_client_that_says_no_more_is_let_go(impatient: Sandbox, begun: bytes) -> None:
    with connected(impatient) as client:
        client.sendall(begun)

        assert rest(client) == b""


def test_a_client_that_drips_a_head_is_let_go(impatient: Sandbox) -> None:
    with connected(impatient) as client:
        started = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for letter in b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + b"a" * 1000:
                client.sendall(bytes([letter]))
                time.sleep(0.02)

        assert time.monotonic() - started < BUSY


def test_a_client_that_drips_a_body_is_let_go(impatient: Sandbox) -> None:
    with connected(impatient) as client:
        client.sendall(b"POST /_lab/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")

        assert let_go(client, while_it_sends=b" ")


@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"], ids=["kept alive", "closing"])
def test_a_client_that_reads_no_answer_is_let_go(impatient: Sandbox, last: bytes) -> None:
    asked = b"GET /_lab/vocabulary HTTP/1.1\r\nHost: localhost\r\n"
    with connected(impatient) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall((asked + b"\r\n") * 100 + asked + last + b"\r\n")

        assert let_go(client, while_it_sends=b"G")


def test_a_connection_that_is_used_again_waits_longer_than_a_head(impatient: Sandbox) -> None:
    with requests.Session() as session:
        first = session.get(f"{impatient.url}/_lab/clock", timeout=BUSY)
        time.sleep(0.8)
        again = session.get(f"{impatient.url}/_lab/clock", timeout=BUSY)

    assert (first.status_code, again.status_code) == (200, 200)


def test_too_many_connections_are_closed_and_the_others_are_served(impatient: Sandbox) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(impatient)) for _ in range(30)]
        for client in clients:
            assert rest(client) == b""  # at once, or for silence

    assert requests.get(f"{impatient.url}/_lab/clock", timeout=BUSY).status_code == 200


# -- with TLS


@pytest.fixture(scope="module")
def behind_tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handshake, "AGREED", 1.5)
        patch.setattr(handshake, "MOST", 4)
        data = tmp_path_factory.mktemp("tls")
        with Sandbox(Settings(port=0, sync_port=None, tls=True, data=data)) as running:
            yield running


@pytest.mark.parametrize("begun", [b"", b"\x16\x03\x01\x40\x00\x01"], ids=["nothing", "half a hello"])
def test_a_client_that_does_not_agree_on_tls_is_let_go(behind_tls: Sandbox, begun: bytes) -> None:
    with connected(behind_tls) as client:
        client.sendall(begun)

        assert rest(client) == b""


def test_a_client_that_drips_a_handshake_is_let_go(behind_tls: Sandbox) -> None:
    with connected(behind_tls) as client:
        client.sendall(b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc")  # of a hello of 16 kB

        assert let_go(client, while_it_sends=b"\x00")


def test_handshakes_at_once_have_an_end(behind_tls: Sandbox) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(behind_tls)) for _ in range(12)]
        began = time.monotonic()

        for client in clients[4:]:
            assert rest(client) == b""
        assert time.monotonic() - began < 1.2  # and not when the others have had their time

        for client in clients[:4]:
            assert rest(client) == b""
    ca = behind_tls.client.info()["tls"]["authority"]
    assert requests.get(f"{behind_tls.url}/_lab/clock", timeout=BUSY, verify=ca).status_code == 200


def test_a_request_may_come_with_the_end_of_the_handshake(behind_tls: Sandbox) -> None:
    context = ssl.create_default_context(cafile=behind_tls.client.info()["tls"]["authority"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    inside = context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with connected(behind_tls) as client:
        with pytest.raises(ssl.SSLWantReadError):
            inside.do_handshake()
        client.sendall(outgoing.read())
        incoming.write(client.recv(65_536))
        inside.do_handshake()
        inside.write(b"GET /_lab/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        client.sendall(outgoing.read())

        answer = b""
        while len(answer) < 12:
            incoming.write(client.recv(65_536))
            with contextlib.suppress(ssl.SSLWantReadError):  # a ticket for the next time
                answer += inside.read(12 - len(answer))
        assert answer == b"HTTP/1.1 200"


def test_a_head_has_an_end(sandbox: Sandbox) -> None:
    with connected(sandbox) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(64):
                client.sendall(b"X-Long: " + b"a" * 8_000 + b"\r\n")

        assert rest(client)[:12] in (b"HTTP/1.1 431", b"")  # closed with what is unread, a client may see no answer


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/_lab/clock", {"data": b"[" * 200_000}),
        ("/_lab/clock", {"data": b'{"a":' * 100_000}),
        (
            "/woocommerce/wp-json/wc/v3/products",
            {"data": b"[" * 200_000, "headers": {"Content-Type": "application/json"}},
        ),
        ("/woocommerce/wp-json/wc/v3/products?" + "a" + "[b]" * 5_000 + "=1", {}),
        ("/keycrm/v1/offers?filter" + "[x]" * 5_000 + "=1", {}),
        ("/golisto/" + "a/" * 10_000, {}),
    ],
    ids=["list", "object", "store", "query", "filter", "path"],
)
def test_depth_and_length_are_refused_as_any_nonsense_is(sandbox: Sandbox, path: str, more: dict[str, Any]) -> None:
    answer = requests.request("PUT" if "_lab" in path else "POST", sandbox.url + path, timeout=BUSY, **more)

    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    assert requests.get(f"{sandbox.url}/_lab/clock", timeout=BUSY).status_code == 200


LARGE = b"x" * (11 * 1024 * 1024)  # more than a service takes, and less than a world is
TO_CONSOLE = {"Content-Type": "multipart/form-data; boundary=b"}


def part(name: str, content: bytes, more: bytes = b"") -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (name.encode(), more, content)


@pytest.fixture(scope="module")
def guarded() -> Iterator[Sandbox]:
    """A sandbox that wants its token."""
    with Sandbox(Settings(host="0.0.0.0", port=0, sync_port=None)) as running:
        requests.get(f"{running.url}/login", timeout=BUSY)  # from now on there is a console
        yield running


def test_only_who_may_ask_may_send_as_much_as_a_world(guarded: Sandbox) -> None:
    url = f"{guarded.url}/_lab/snapshots/x"

    stranger = requests.put(url, data=LARGE, timeout=BUSY)
    known = requests.put(url, data=LARGE, headers={"Authorization": f"Bearer {guarded.token}"}, timeout=BUSY)

    assert (stranger.status_code, stranger.json()["error"]["code"]) == (413, "body_too_large")
    assert known.status_code == 400  # read, and found to be no snapshot


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Origin": "https://elsewhere.example", "Authorization": "Bearer TOKEN"},
        {"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer TOKEN"},
    ],
    ids=["stranger", "wrong token", "other origin", "other site"],
)  # fmt: skip
def test_the_console_reads_no_upload_of_a_stranger(guarded: Sandbox, headers: dict[str, str]) -> None:
    told = {name: value.replace("TOKEN", guarded.token) for name, value in headers.items()}

    answer = requests.post(
        f"{guarded.url}/snapshots/import", data=LARGE, headers=TO_CONSOLE | told, timeout=BUSY, allow_redirects=False
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("host", ["rebinding.example", "[", "a:b:c", ""])
def test_the_console_reads_no_upload_that_came_by_another_name(sandbox: Sandbox, host: str) -> None:
    requests.get(f"{sandbox.url}/", timeout=BUSY)

    answer = requests.post(
        f"{sandbox.url}/snapshots/import", data=LARGE, headers=TO_CONSOLE | {"Host": host}, timeout=BUSY
    )

    assert answer.status_code in (400, 413)


def test_whoever_is_logged_in_brings_a_snapshot_of_any_size(guarded: Sandbox) -> None:
    with requests.Session() as person:
        for token in ({"token": guarded.token}, {}):
            page = person.get(f"{guarded.url}/login", timeout=BUSY).text
            (mark,) = set(re.findall(r'name="csrf" value="(\w+)"', page))
            person.post(f"{guarded.url}/login", data={"csrf": mark, **token}, timeout=BUSY)
        form = part("csrf", mark.encode()) + part("name", b"mine") + part("file", LARGE, b'; filename="f"') + b"--b--"
        answer = person.post(f"{guarded.url}/snapshots/import", data=form, headers=TO_CONSOLE, timeout=BUSY)

    assert "this file is no snapshot" in answer.text


def test_no_address_of_a_service_takes_as_much_as_a_world(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/woocommerce/wp-json/snapshots/import", data=LARGE, timeout=BUSY)

    assert answer.status_code == 413


def test_a_stranger_makes_the_control_api_read_little(guarded: Sandbox) -> None:
    answer = requests.post(f"{guarded.url}/_lab/faults", data=b"x" * 100_000, timeout=BUSY)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("host", ["[", "a:b:c", "\xff"])
def test_an_address_that_is_none_is_no_defect(sandbox: Sandbox, host: str) -> None:
    for path in ("/", "/_lab/clock", "/woocommerce/wp-json/", "/golisto/woocommerce/connect"):
        answer = requests.get(f"{sandbox.url}{path}", headers={"Host": host}, timeout=BUSY)

        assert answer.status_code == 400, path


def test_connections_leave_files_for_the_databases(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    monkeypatch.setattr(server, "MOST_CONNECTIONS", 1000)
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, most))
    try:
        assert server.most_connections() == 150
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))


def test_a_world_that_is_full_says_so_and_keeps_what_it_had(sandbox: Sandbox) -> None:
    world = LabClient(sandbox.url).make_world()
    world.state("woocommerce", "a product in stock", sku="MUG", quantity=3)
    assert sandbox.loop is not None

    async def narrow() -> None:
        raw = sandbox.lab.world(world.url.rpartition("/~")[2]).database.connection.connection.driver_connection
        assert raw is not None
        (pages,) = raw.execute("pragma page_count").fetchone()
        raw.execute(f"pragma max_page_count = {pages + 5}")

    asyncio.run_coroutine_threadsafe(narrow(), sandbox.loop).result(BUSY)

    with pytest.raises(LabError, match="is full: nothing of this was kept") as refused:
        world.state("woocommerce", "a believable store", products=100)

    assert (refused.value.status, refused.value.code) == (507, "world_full")
    assert world.fact("woocommerce", "stock") == {"MUG": 3}
    world.drop()

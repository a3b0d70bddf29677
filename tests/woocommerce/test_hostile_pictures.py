"""Pictures are fetched from addresses that a client gives: whatever is there, the store goes on."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from storelab.emulators.woocommerce import images

from .shop import Shop

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4) + (480).to_bytes(4)


def told(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *headers, b"", body))


SENT = {
    "nothing": b"",
    "no http": b"SSH-2.0-OpenSSH\r\n",
    "half of a head": b"HTTP/1.1 200 OK\r\nContent-",
    "a header without an end": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 500_000,
    "headers without an end": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100_000,
    "an offer of another protocol": b"HTTP/1.1 101 x\r\nUpgrade: x\r\n\r\n",
    "less than it says": told(PNG, b"Content-Length: 10000"),
    "a length below zero": told(PNG, b"Content-Length: -1"),
    "two lengths": told(PNG, b"Content-Length: 3", b"Content-Length: 4"),
    "a length beyond numbers": told(PNG, b"Content-Length: " + b"9" * 5000),
    "chunks that are none": told(b"zz\r\n", b"Transfer-Encoding: chunked"),
    "chunks beyond numbers": told(b"f" * 100 + b"\r\nx", b"Transfer-Encoding: chunked"),
    "an encoding of its own": told(PNG, b"Transfer-Encoding: gzip, chunked"),
    "too much": told(b"x" * 11_000_000),
    "a way round and round": b"HTTP/1.1 302 x\r\nLocation: /a.png\r\nContent-Length: 0\r\n\r\n",
    "a way to another machine": b"HTTP/1.1 302 x\r\nLocation: http://198.51.100.7/a.png\r\n\r\n",
    "a way to a file": b"HTTP/1.1 302 x\r\nLocation: file:///etc/passwd\r\n\r\n",
    "a way to nowhere": b"HTTP/1.1 302 x\r\nLocation: http://[\r\n\r\n",
    "a way with control characters": b"HTTP/1.1 302 x\r\nLocation: gopher://\x01\x1b[2J/\r\n\r\n",
}


class Far:
    """Sends the same bytes to everybody."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.bytes = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65_536)
                    connection.sendall(self.bytes)
                except OSError:
                    continue  # it was left before it had said everything

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    made = Far()
    yield made
    made.close()


@pytest.mark.parametrize("what", SENT)
def test_what_is_no_picture_is_refused_and_no_product_is_left_behind(shop: Shop, far: Far, what: str) -> None:
    far.bytes = SENT[what]

    status, code, message = shop.refusal("POST", "products", {"name": "I", "images": [{"src": f"{far.url}/a.png"}]})

    assert (status, code) == (400, "woocommerce_product_image_upload_error")
    assert message.startswith(f"Error getting remote image {far.url}/a.png. Error: ")
    assert shop.get("products") == []


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (b"", (0, 0)),
        (b"<html><script>alert(1)</script>", (0, 0)),
        (b"\xff\xd8\xff\xc0\x00", (0, 0)),
        (b"GIF89a\xff", (0, 0)),
        (b"RIFF\xff\xff\xff\xffWEBPVP8X", (0, 0)),
        (PNG, (640, 480)),
        (PNG[:-8] + b"\xff" * 8, (2**32 - 1, 2**32 - 1)),
    ],
)
def test_a_picture_is_as_large_as_its_head_says_and_a_head_that_is_none_says_nothing(
    body: bytes, size: tuple[int, int]
) -> None:
    assert images.measured(body) == size


def test_a_picture_of_empty_segments_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.process_time()

    assert images.measured(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 2_500_000) == (0, 0)
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.d/x.png", "x.png"),
        (quote("../../etc/x.png", safe=""), "x.png"),
        ("%2e%2e%2f%2e%2e%2fx.png", "x.png"),
        ("..%5c..%5cx.png", "..-..-x.png"),
        ("a%00.png", "a-.png"),
        ("a%0d%0aSet-Cookie:x.png", "a-Set-Cookie-x.png"),
        ("%1b%5b2J%e2%80%ae.png", "-2J-.png"),
        ("%3Cscript%3E.png", "-script-.png"),
        ("%ff%fe.png", "-.png"),
    ],
)
def test_the_name_of_a_picture_leads_nowhere_else(shop: Shop, far: Far, name: str, kept: str) -> None:
    far.bytes = told(PNG)

    made = shop.post("products", {"name": "I", "images": [{"src": f"{far.url}/{name}"}]})

    folder, _, file = made["images"][0]["src"].rpartition("/")
    assert file == kept
    assert re.search(r"/wp-content/uploads/\d{4}/\d\d$", folder)


def test_a_request_does_not_have_addresses_fetched_without_an_end(shop: Shop) -> None:
    many = [{"src": f"http://127.0.0.1:9/{number}.png"} for number in range(images.MOST + 1)]

    assert shop.refusal("POST", "products", {"name": "I", "images": many})[:2] == (500, "internal_server_error")

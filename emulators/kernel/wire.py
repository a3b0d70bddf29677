"""Sends requests byte for byte as given: header order, HTTP version and all, which no client library promises."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
import ssl
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

from .http import Answer, Headers, Outgoing

MOST_BYTES = 10 * 1024 * 1024  # of an answer, with all that is around its body
AT_A_TIME = 8 * 1024  # bytes that are taken apart before others have their turn
PARTING = 1.0  # seconds that a far end has for the end of TLS


def _unverified() -> ssl.SSLContext:
    """Receivers on a developer's machine have certificates of their own making."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def send(outgoing: Outgoing, own: str = "") -> Answer:
    """The answer, or why there was none. Never raises for what the far end does. `own`: the host that this machine
    says of itself, where that is not loopback."""
    import h11

    started = time.perf_counter()
    try:
        answer = await asyncio.wait_for(_followed(outgoing, own), outgoing.timeout)
    except TimeoutError:
        answer = Answer(None, error=f"no answer within {outgoing.timeout:g} s")
    except (OSError, h11.ProtocolError, ValueError) as bad:
        answer = Answer(None, error=f"{type(bad).__name__}: {bad}"[:300])
    return Answer(answer.status, answer.headers, answer.body, answer.error, time.perf_counter() - started)


async def _followed(outgoing: Outgoing, own: str) -> Answer:
    answer = await _once(outgoing, own)
    url = outgoing.url
    for _ in range(outgoing.redirects):
        location = next((v for n, v in answer.headers if n.lower() == "location"), "")
        if answer.status not in (301, 302, 303, 307, 308) or not location:
            break
        url = urljoin(url, location)
        keep = answer.status in (307, 308)
        answer = await _once(
            Outgoing(
                outgoing.method if keep else "GET",
                url,
                tuple(h for h in outgoing.headers if keep or not h[0].lower().startswith("content-")),
                outgoing.body if keep else b"",
                outgoing.timeout,
                outgoing.http,
            ),
            own,
        )
    return answer


async def _once(outgoing: Outgoing, own: str) -> Answer:
    parts = urlsplit(outgoing.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{outgoing.url.partition('?')[0]} is not an http or https address")
    secure = parts.scheme == "https"
    port = parts.port if parts.port is not None else 443 if secure else 80
    addresses = await admitted(parts.hostname, port, own)
    reader, writer = await _connected(addresses, port, parts.hostname if secure else None)
    try:
        writer.write(_request_bytes(outgoing, parts.netloc.rpartition("@")[2], parts.path, parts.query))
        await writer.drain()
        return await _answer(reader, outgoing)
    finally:
        if writer.transport.get_write_buffer_size():  # would wait for a far end that reads nothing, for ever
            writer.transport.abort()
        else:
            writer.close()


async def admitted(host: str, port: int, own: str = "") -> list[str]:
    """The addresses of a host: this machine's, unless it is `own` or allowed by name (STORELAB_ALLOW_HOSTS, a list; *
    allows all). Whoever can talk to an emulator can have it call somewhere; it must not be a way into a network.

    Raises `ValueError` for anything else. The caller connects to what is returned: a name that is asked for twice may
    lead elsewhere the second time.
    """
    allowed = os.environ.get("STORELAB_ALLOW_HOSTS", "").replace(",", " ").split()
    allowed += [own] if own else []
    found = await _resolved(host, port)
    if host not in allowed and "*" not in allowed and not all(map(_is_here, found)):
        raise ValueError(f"{host} is not this machine; allow it by name with STORELAB_ALLOW_HOSTS")
    return found


async def _resolved(host: str, port: int) -> list[str]:
    with contextlib.suppress(ValueError):  # an address needs nobody who looks it up
        return [str(ipaddress.ip_address(host))]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def _is_here(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


async def _connected(
    addresses: list[str], port: int, name: str | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The first that answers. With a name, it is spoken to in TLS."""
    secure: dict[str, Any] = (
        {"ssl": _unverified(), "server_hostname": name, "ssl_shutdown_timeout": PARTING} if name else {}
    )
    for address in addresses[:-1]:
        with contextlib.suppress(OSError):
            return await asyncio.open_connection(address, port, **secure)
    return await asyncio.open_connection(addresses[-1], port, **secure)


def _request_bytes(outgoing: Outgoing, host: str, path: str, query: str) -> bytes:
    target = (path or "/") + (f"?{query}" if query else "")
    names = {name.lower() for name, _ in outgoing.headers}
    headers: Headers = (("Host", host), *outgoing.headers)
    if "connection" not in names:
        headers = (*headers, ("Connection", "close"))
    if "content-length" not in names and (outgoing.body or outgoing.method in ("POST", "PUT", "PATCH")):
        headers = (*headers, ("Content-Length", str(len(outgoing.body))))
    lines = [f"{outgoing.method} {target} HTTP/{outgoing.http}"]
    for name, value in headers:
        if "\r" in name + value or "\n" in name + value:
            raise ValueError(f"header {name} holds a line break")
        lines.append(f"{name}: {value}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8") + outgoing.body


async def _answer(reader: asyncio.StreamReader, outgoing: Outgoing) -> Answer:
    import h11

    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=256 * 1024)
    # h11 wants to have sent a request before it reads an answer; what it is does not matter but for HEAD.
    parser.send(h11.Request(method=outgoing.method, target="/", headers=[("Host", "x"), ("Connection", "close")]))
    parser.send(h11.EndOfMessage())
    status, body, received = 0, bytearray(), 0
    headers: Headers = ()
    while True:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(AT_A_TIME)
            received += len(data)
            if received > MOST_BYTES:
                raise ValueError(f"the answer is longer than {MOST_BYTES} bytes")
            parser.receive_data(data)
            await asyncio.sleep(0)  # what has arrived already is read without waiting
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in event.headers.raw_items())
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            return Answer(status or None, headers, bytes(body))

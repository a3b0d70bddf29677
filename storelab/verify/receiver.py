"""The part of a verification that plays a store: it fires webhooks at the address where a backend hears them.

What is sent are the messages of its contracts with the store, signed as WooCommerce signs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

from storelab.contracts import store
from storelab.contracts.kit import BROKEN, KEPT, Difference
from storelab.contracts.pactfiles import pact_files, read
from storelab.contracts.tap import Exchange
from storelab.contracts.uses import TOPIC
from storelab.emulators.kernel.lab import found_emulators
from storelab.emulators.kernel.operations import Document

from .report import WEBHOOK, Basis, Check
from .veil import Veil
from .wanted import of_operation

STORE = "woocommerce"
FORM = "application/x-www-form-urlencoded"
TIMEOUT = 60.0  # seconds, as WooCommerce has it


@dataclass(frozen=True)
class Receiver:
    """Where a backend hears webhooks of a store. `source` is the store's address as the backend knows it; `topic` is
    what it listens to there, where it does not listen to everything."""

    provider: str
    url: str
    secret: str = field(repr=False)
    source: str
    topic: str = ""
    slow: float = 10.0
    ca: str = ""


def known_from(provider: str, values: Mapping[str, Any], *, slow: float, ca: str = "") -> Receiver | None:
    """The receiver that a state (or the command line) told of; None when it did not."""
    url, secret = values.get("delivery_url"), values.get("webhook_secret") or values.get("secret")
    source = values.get("source") or values.get("store_url")
    if not (url and secret and source):
        return None
    return Receiver(provider, str(url), str(secret), str(source), str(values.get("topic", "")), slow, ca)


def message(receiver: Receiver) -> tuple[str, bytes]:
    """Topic and body of something that the store tells this backend."""
    for path in pact_files(provider=STORE, consumer=receiver.provider):
        for interaction in read(path)["interactions"]:
            topic = str(interaction.get("metadata", {}).get(TOPIC, ""))
            if topic and receiver.topic in ("", topic):
                return topic, json.dumps(interaction["contents"]["content"]).encode()
    return receiver.topic or "product.updated", b'{"id": 11, "type": "simple", "status": "publish", "sku": "MUG"}'


def checks(receiver: Receiver, veil: Veil) -> Iterator[Check]:
    topic, body = message(receiver)
    good = store.headers(topic, body, receiver.secret) | {"x-wc-webhook-source": receiver.source.rstrip("/") + "/"}
    without = {name: value for name, value in good.items() if name != "x-wc-webhook-signature"}
    other = store.headers(topic, body, "another secret") | {"x-wc-webhook-source": good["x-wc-webhook-source"]}
    ping = {"content-type": FORM, "user-agent": good["user-agent"]}
    no_json = b'{"id": 11'
    cut = good | {"x-wc-webhook-signature": store.signature(no_json, receiver.secret)}
    play = _Play(receiver, veil)
    yield play.fires("a ping is answered", ping, b"webhook_id=1", taken=True)
    yield play.fires("a signed webhook is taken", good, body, taken=True)
    yield play.fires("the same webhook once more is taken", good, body, taken=True)
    yield play.fires("a webhook signed with another secret is refused", other, body, taken=False)
    yield play.fires("a webhook without a signature is refused", without, body, taken=False)
    yield play.fires("a webhook that was changed on its way is refused", good, body + b" ", taken=False)
    yield play.fires("a signed webhook that is no JSON is no server error", cut, no_json, taken=None)


class _Play:
    def __init__(self, receiver: Receiver, veil: Veil) -> None:
        self.receiver = receiver
        self.veil = Veil(veil.provider, veil.secrets, {**veil.values, "webhook_secret": receiver.secret})
        self.basis = _basis(receiver)

    def fires(self, name: str, headers: Mapping[str, str], body: bytes, *, taken: bool | None) -> Check:
        """`taken`: whether the answer has to be 2xx (True), 4xx (False), or anything below 500 (None)."""
        exchange = self._sent(headers, body)
        wanted = {True: "a status of 200 to 299", False: "a status of 400 to 499", None: "a status below 500"}[taken]
        status = exchange.status or 0
        fits = {True: 200 <= status < 300, False: 400 <= status < 500, None: 0 < status < 500}[taken]
        found = []
        if not fits:
            said = f"expected {wanted} but was {exchange.status or exchange.error}"
            found.append(Difference("status", said, wanted, str(exchange.status or exchange.error)))
        if exchange.seconds > self.receiver.slow:
            found.append(Difference("time", f"the answer took {exchange.seconds:.1f} s; a store waits for it"))
        parts = urlsplit(self.receiver.url)
        return Check(
            WEBHOOK,
            self.receiver.provider,
            STORE,
            name,
            BROKEN if found else KEPT,
            tuple(found),
            request=self.veil.request(exchange),
            expected=wanted,
            actual=self.veil.answer(exchange),
            curl=self.veil.curl(exchange, f"{parts.scheme}://{parts.netloc}"),
            basis=self.basis,
            milliseconds=round(1000 * exchange.seconds),
        )

    def _sent(self, headers: Mapping[str, str], body: bytes) -> Exchange:
        parts, began = urlsplit(self.receiver.url), time.perf_counter()
        asked: dict[str, Any] = {
            "method": "POST",
            "target": parts.path + (f"?{parts.query}" if parts.query else ""),
            "request_headers": tuple(headers.items()),
            "request_body": body,
        }
        try:
            answer = requests.post(
                self.receiver.url,
                data=body,
                headers=dict(headers),
                timeout=TIMEOUT,
                allow_redirects=False,
                verify=self.receiver.ca or True,
            )
        except (requests.RequestException, ValueError) as bad:
            return Exchange(**asked, seconds=time.perf_counter() - began, error=type(bad).__name__)
        took = time.perf_counter() - began
        return Exchange(
            **asked,
            status=answer.status_code,
            headers=tuple(answer.headers.items()),
            body=answer.content,
            seconds=took,
        )


def _basis(receiver: Receiver) -> Basis | None:
    """What is known of the operation that hears webhooks: the one whose path the address ends with."""
    from storelab.emulators.kernel.documents import load_document

    if receiver.provider not in found_emulators():
        return None
    document, path = Document(load_document(receiver.provider), None), urlsplit(receiver.url).path
    while path.count("/") > 1:
        if operation := document.match("POST", path).operation:
            return of_operation(operation.id, operation.raw)
        path = "/" + path.lstrip("/").partition("/")[2]
    return None

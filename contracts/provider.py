"""The provider's side of a verification: states that are brought about, messages that are caught.

Both speak HTTP, since the verifier does: a relay for its questions about states, and an address that webhooks are
sent to.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

RECEIVER = "http://receiver.example"  # stands for the listener's address in the arguments of states

NOT_DONE = 400  # to a status of 500 and above the verifier would come back for minutes


class Provider(Protocol):
    """Whose promises are verified. `states` takes {state, action, params} and answers the values it made."""

    url: str
    states: str
    failed: list[tuple[str, str]]  # states that could not be brought about, and why

    def close(self) -> None: ...


class Remote:
    """A provider anywhere. `states` is its own address for states, if it has one; `given` are values that the
    contracts refer to (a real api_key), unless a state answers others."""

    def __init__(self, url: str, states: str = "", given: Mapping[str, Any] | None = None) -> None:
        self.url, self._address, self._given = url.rstrip("/"), states, dict(given or {})
        self._relay = Answering(self._state)
        self.states = self._relay.url
        self.failed: list[tuple[str, str]] = []

    def close(self) -> None:
        self._relay.close()

    def _state(self, body: bytes) -> tuple[int, Any]:
        if not self._address:
            return 200, values(self._given)
        try:
            answer = requests.post(self._address, data=body, headers={"Content-Type": "application/json"}, timeout=30)
            answer.raise_for_status()
            made = answer.json() if answer.content else {}
        except (requests.RequestException, ValueError) as bad:
            self.failed.append((json.loads(body or b"{}").get("state", ""), str(bad)))
            return NOT_DONE, {"error": str(bad)}
        return 200, values({**self._given, **(made if isinstance(made, dict) else {})})


class Emulated:
    """An emulator in a world of its own, made as new before each interaction."""

    def __init__(self, lab: LabClient, service: str) -> None:
        self.service = service
        self.world = lab.make_world()
        self.listener = Listener()
        self._new = True
        self._relay = Answering(self._state)
        info = self.world.info()
        account = info["store"] if service == "woocommerce" else info["backends"][service]
        self.url, self.states = account["url"], self._relay.url
        self.failed: list[tuple[str, str]] = []

    def close(self) -> None:
        self._relay.close()
        self.listener.close()
        self.world.drop()

    def _state(self, body: bytes) -> tuple[int, Any]:
        """Set up a state; the first one of an interaction begins with an empty world."""
        asked = json.loads(body or b"{}")
        if asked.get("action") == "teardown":
            self._new = True
            return 200, {}
        try:
            if self._new:
                self.world.call("POST", "/reset")
                self.listener.caught.clear()
                self._new = False
            return 200, self.brought_about(asked.get("state", ""), asked.get("params") or {})
        except LabError as refused:
            self.failed.append((asked.get("state", ""), refused.message))
            return NOT_DONE, {"error": refused.message}

    def brought_about(self, state: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the state answered, and the keys that open the door now."""
        given = {n: self._addressed(v) for n, v in arguments.items()}
        path = f"/services/{self.service}/pact-states"
        made = self.world.call("POST", path, {"state": state, "action": "setup", "params": given}) if state else {}
        info = self.world.info()
        account = info["store"] if self.service == "woocommerce" else info["backends"][self.service]
        return values({**{n: v for n, v in account.items() if isinstance(v, str)}, **made})

    def _addressed(self, value: Any) -> Any:
        return value.replace(RECEIVER, self.listener.url) if isinstance(value, str) else value

    def message(self, cause: Mapping[str, Any]) -> Caught:
        """What the emulator sends when this happens: {"move": ..., "arguments": ...} or {"request": ...}."""
        self.listener.caught.clear()
        if "move" in cause:
            self.world.do(self.service, cause["move"], **cause.get("arguments", {}))
        else:
            self._request(cause["request"])
        self.world.settle()
        if not self.listener.caught:
            raise LookupError(f"{self.service} sent nothing after {json.dumps(cause)}")
        return self.listener.caught[-1]

    def _request(self, asked: Mapping[str, Any]) -> None:
        info = self.world.info()
        account = info["store"] if self.service == "woocommerce" else info["backends"][self.service]
        known = values({n: v for n, v in account.items() if isinstance(v, str)})
        headers = {n: _filled(v, known) for n, v in asked.get("headers", {}).items()}
        url = f"{account['url']}{asked['path']}"
        answer = requests.request(asked["method"], url, json=asked.get("body"), headers=headers, timeout=30)
        answer.raise_for_status()


def values(made: Mapping[str, Any]) -> dict[str, Any]:
    """What a contract can refer to: what the state answered, the id of each SKU under the SKU, and for a pair of
    keys the Basic credentials."""
    found: dict[str, Any] = {n: v for n, v in made.items() if not isinstance(v, Mapping | list)}
    for nested in made.values():
        if isinstance(nested, Mapping):
            found |= {n: v for n, v in nested.items() if not isinstance(v, Mapping | list)}
    if "sku" in made and "id" in made:
        found[str(made["sku"])] = made["id"]
    if "consumer_key" in made and "consumer_secret" in made:
        pair = f"{made['consumer_key']}:{made['consumer_secret']}".encode()
        found["basic"] = base64.b64encode(pair).decode()
    return found


def _filled(text: str, known: Mapping[str, Any]) -> str:
    for name, value in known.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text


@dataclass(frozen=True)
class Caught:
    """One request that arrived. Header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class Answering:
    """A small HTTP server of one function: body in, status and JSON out."""

    def __init__(
        self, answer: Callable[[bytes], tuple[int, Any]], seen: Callable[[Caught], None] | None = None
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                if seen:
                    headers = {n.lower(): v for n, v in self.headers.items()}
                    seen(Caught(self.command, parts.path, parts.query, headers, body))
                status, value = answer(body)
                content = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_one

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Listener:
    """Where webhooks arrive during a verification. It answers 200 to everything."""

    def __init__(self) -> None:
        self.caught: list[Caught] = []
        self._server = Answering(lambda body: (200, {"ok": True}), self.caught.append)
        self.url = self._server.url

    def close(self) -> None:
        self._server.close()

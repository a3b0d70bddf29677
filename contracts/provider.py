"""The provider's side of a verification: states that are brought about, messages that are caught at an address that
webhooks are sent to."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests

from storelab.client import LabClient
from storelab.emulators.kernel.errors import LabError

from .adapter import Adapter
from .listening import Handler, Server

RECEIVER = "http://receiver.example"  # stands for the listener's address in the arguments of states
SITUATION = "situation"  # the snapshot of what the last states made


State = Mapping[str, Any]
"""As a contract names it: {name, params}."""


class Provider(Protocol):
    """Whose promises are verified."""

    url: str
    failed: list[tuple[str, str]]  # states that could not be brought about, and why
    tears_down: bool  # whether it wants to hear when an interaction is over

    def begin(self, states: Sequence[State]) -> dict[str, Any] | None:
        """Before an interaction: bring all its states about. The values that they made; None when one failed."""

    def end(self, states: Sequence[State]) -> None: ...

    def close(self) -> None: ...


class Remote:
    """A provider anywhere. `adapter` brings its states about, if it has one; `given` are values that the contracts
    refer to (a real api_key), unless a state answers others; `listener` is where its webhooks arrive."""

    def __init__(
        self,
        url: str,
        adapter: Adapter | None = None,
        given: Mapping[str, Any] | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.url, self._adapter, self.listener = url.rstrip("/"), adapter, listener
        self._given = {**(adapter.offers.values if adapter else {}), **(given or {})}
        self._known: dict[str, Any] = {}
        self.tears_down = adapter is not None
        self.failed: list[tuple[str, str]] = []
        if adapter:
            adapter.teardown()  # what an earlier run has left

    def close(self) -> None:
        """Nothing of it is ours."""

    def begin(self, states: Sequence[State]) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        for state in states if self._adapter else ():
            answered = self._told("setup", state)
            if answered is None:
                return None
            made |= answered
        self._known = values({**self._given, **made})
        return self._known

    def end(self, states: Sequence[State]) -> None:
        for state in states:
            self._told("teardown", state)

    def _told(self, action: str, state: State) -> dict[str, Any] | None:
        assert self._adapter
        params = addressed(state.get("params") or {}, self.listener.url if self.listener else RECEIVER, self._given)
        try:
            if action == "setup":
                return self._adapter.setup(state["name"], params)
            self._adapter.teardown(state["name"], params)
        except LabError as bad:
            self.failed.append((state["name"], bad.message))
            return None
        return {}

    def message(self, cause: Mapping[str, Any]) -> Caught:
        """What it sends when this happens: {"move": ..., "arguments": ...} or {"request": ...}."""
        assert self._adapter
        assert self.listener
        self.listener.caught.clear()
        if "move" in cause:
            self._adapter.move(cause["move"], addressed(cause.get("arguments", {}), self.listener.url, self._known))
        else:
            asked_for(self.url, cause["request"], self._known, self.listener.url)
        return self.listener.first(cause)


class Emulated:
    """An emulator in a world of its own, made as new before each interaction."""

    tears_down = False

    def __init__(self, lab: LabClient, service: str) -> None:
        self.service = service
        self.world = lab.make_world()
        self.listener = Listener()
        self._fresh = self._account(self.world.info())  # of the world as it was made last; asking takes time
        self.url = self._fresh["url"]
        self.failed: list[tuple[str, str]] = []
        self._situation: tuple[Sequence[State], dict[str, Any]] | None = None  # what is in the snapshot, and answered

    def close(self) -> None:
        self.listener.close()
        self.world.drop()

    def begin(self, states: Sequence[State]) -> dict[str, Any] | None:
        """What the states answered, and the keys that open the door now. The situation of the interaction before is
        taken up again as it was, which costs a fraction of making it."""
        self.listener.caught.clear()
        if self._situation is not None and self._situation[0] == [*states]:
            self.world.call("POST", f"/snapshots/{SITUATION}/restore")
            return self._situation[1]
        made = self._made(states)
        self._situation = None
        if made is not None and not self.world.call("GET", "/faults")["faults"]:  # a snapshot has no faults
            self.world.call("PUT", f"/snapshots/{SITUATION}")
            self._situation = [*states], made
        return made

    def _made(self, states: Sequence[State]) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        self._fresh = self._account(self.world.call("POST", "/reset"))
        for state in states:
            try:
                made |= self.brought_about(state["name"], state.get("params") or {})
            except LabError as refused:
                self.failed.append((state["name"], refused.message))
                return None
        account = self._account(self.world.info()) if states else self._fresh
        return values({**{n: v for n, v in account.items() if isinstance(v, str)}, **made})

    def end(self, states: Sequence[State]) -> None:
        """The next interaction begins with a new world anyway."""

    def brought_about(self, state: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the state answered."""
        path = f"/services/{self.service}/pact-states"
        asked = {"state": state, "action": "setup", "params": self._addressed(arguments)}
        made: dict[str, Any] = self.world.call("POST", path, asked)
        return made

    def _account(self, info: Mapping[str, Any]) -> dict[str, Any]:
        """What opens this service; a backend is also told what opens the store beside it, for it tries such keys."""
        store: dict[str, Any] = info["store"]
        if self.service == "woocommerce":
            return store
        keys = {"consumer_key": store["consumer_key"], "consumer_secret": store["consumer_secret"]}
        return {"store_url": store["url"], **keys, **info["backends"][self.service]}

    def _addressed(self, value: Any) -> Any:
        return addressed(value, self.listener.url, self._fresh)

    def message(self, cause: Mapping[str, Any]) -> Caught:
        """What the emulator sends when this happens: {"move": ..., "arguments": ...} or {"request": ...}."""
        self.listener.caught.clear()
        self._situation = None  # a move may make faults, which no snapshot takes away
        if "move" in cause:
            self.world.do(self.service, cause["move"], **self._addressed(cause.get("arguments", {})))
        else:
            self._request(cause["request"])
        self.world.settle()
        if not self.listener.caught:
            raise LookupError(f"{self.service} sent nothing after {json.dumps(cause)}")
        return self.listener.caught[-1]

    def _request(self, asked: Mapping[str, Any]) -> None:
        account = self._account(self.world.info())
        known = values({n: v for n, v in account.items() if isinstance(v, str)})
        asked_for(account["url"], asked, known, self.listener.url)


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


def addressed(value: Any, receiver: str, known: Mapping[str, Any]) -> Any:
    """Arguments with the listener's real address, and with what is `known` where they refer to it."""
    if isinstance(value, Mapping):
        return {name: addressed(inner, receiver, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [addressed(inner, receiver, known) for inner in value]
    if not isinstance(value, str):
        return value
    return _filled(value.replace(RECEIVER, receiver), known if "${" in value else {})


def asked_for(url: str, asked: Mapping[str, Any], known: Mapping[str, Any], receiver: str) -> None:
    """Make the request that a message's cause is: {method, path, headers, body}."""
    headers = {n: _filled(v, known) for n, v in asked.get("headers", {}).items()}
    body = addressed(asked.get("body"), receiver, {})
    answer = requests.request(asked["method"], f"{url}{asked['path']}", json=body, headers=headers, timeout=30)
    answer.raise_for_status()


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
    at: float = 0.0  # seconds, of a clock that only tells differences


class Answering:
    """A small HTTP server of one function: body in, status and JSON out. Port 0: any free one."""

    def __init__(
        self,
        answer: Callable[[bytes], tuple[int, Any]],
        seen: Callable[[Caught], None] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        class Answers(Handler):
            def handle_one(self) -> None:
                body = self.body()
                if body is None:
                    return
                parts = urlsplit(self.path)
                if seen:
                    headers = {n.lower(): v for n, v in self.headers.items()}
                    seen(Caught(self.command, parts.path, parts.query, headers, body, time.monotonic()))
                status, value = answer(body)
                content = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_one

        self._server = Server(host, port, Answers)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        self._server.close()


class Listener:
    """Where webhooks arrive during a verification. It answers with `status` (200). `url` is how a provider reaches it,
    where that is not this machine; a message that did not come after `patience` seconds is not coming."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, url: str = "", patience: float = 10.0) -> None:
        self.caught: list[Caught] = []
        self.status, self.patience = 200, patience
        self._came = threading.Condition()
        self._server = Answering(lambda body: (self.status, {"ok": self.status < 300}), self._take, host, port)
        self.url = url.rstrip("/") or self._server.url

    def _take(self, caught: Caught) -> None:
        with self._came:
            self.caught.append(caught)
            self._came.notify_all()

    def wait_for(self, number: int, seconds: float) -> bool:
        """Whether so many have come, at the latest after these seconds."""
        with self._came:
            return self._came.wait_for(lambda: len(self.caught) >= number, seconds)

    def first(self, cause: Mapping[str, Any]) -> Caught:
        """The first one to come. LookupError when none does."""
        if not self.wait_for(1, self.patience):
            raise LookupError(f"nothing was sent within {self.patience:g} s after {json.dumps(cause)}")
        return self.caught[0]

    def close(self) -> None:
        self._server.close()

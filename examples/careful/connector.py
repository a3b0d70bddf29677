"""A small connector between WooCommerce and KeyCRM that takes care: one file, the standard library, Python 3.11.

What a webhook says is a hint to look, never a number to write. Of every SKU it remembers the number on which both sides
agreed, so it can tell a change from a difference, and its own echo from news. What it cannot know it asks again.

    python connector.py [PORT]        tell it of a private certificate authority with SSL_CERT_FILE

It keeps its state in memory: enough to be read and tried, not to run a shop on.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

HOUR, SOON = timedelta(hours=1), timedelta(seconds=30)
MOST_VANISHED = 0.5  # of the known SKUs may be missing at one look


class Later(Exception):
    """Try again: nobody answered, or somebody asked us to wait."""


class Over(Exception):
    """Somebody has to reconnect."""


class Wrong(Exception):
    """This one request cannot succeed."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """A redirect would take our keys to who knows where."""


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects)


def call(method: str, url: str, headers: dict[str, str], body: Any = None) -> tuple[Any, dict[str, str]]:
    """The answer's JSON and headers; `Later`, `Over` or `Wrong`, in words that name no key."""
    what = f"{method} {urlsplit(url).path}"
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": "application/json", "Content-Type": "application/json", **headers}
    try:
        asked = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 (who connects says where)
        with OPENER.open(asked, timeout=30) as answer:
            return json.loads(answer.read()), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as bad:
        if bad.code in (301, 302, 307, 308):
            raise Over(f"{what}: the address has moved, connect with the new one") from None
        if bad.code in (401, 403):
            raise Over(f"{what} answered {bad.code}: the key does not open it any more") from None
        if bad.code == 429 or bad.code >= 500:
            raise Later(f"{what} answered {bad.code}") from None
        raise Wrong(f"{what} answered {bad.code}") from None
    except (OSError, ValueError) as broken:
        raise Later(f"{what}: {type(broken).__name__}") from None


@dataclass
class Connection:
    id: str
    token: str = field(repr=False)
    store: dict[str, str] = field(repr=False)
    credentials: dict[str, str] = field(repr=False)
    settings: dict[str, Any]
    status: str = "active"
    reason: str = ""
    agreed: dict[str, int] = field(default_factory=dict)  # the number of KeyCRM that both sides know
    hints: set[str] = field(default_factory=set)
    look_at: datetime | None = None
    wait_until: datetime | None = None
    pushing: bool = False
    in_query: bool = False  # the host keeps the Authorization header to itself
    lock: threading.Lock = field(default_factory=threading.Lock)

    # -- the store

    def shop(self, method: str, path: str, params: dict[str, Any] | None = None, body: Any = None) -> Any:
        return self._shop(method, path, params or {}, body)[0]

    def _shop(self, method: str, path: str, params: dict[str, Any], body: Any) -> tuple[Any, dict[str, str]]:
        keys = {name: self.store[name] for name in ("consumer_key", "consumer_secret")}
        headers = {"X-Forwarded-Proto": "https"}  # a sandbox without TLS takes this for the proxy that ends it
        if method == "GET":
            params = {**params, "nocache": secrets.token_hex(4)}  # caches keep what they should not
        if not self.in_query:
            pair = f"{keys['consumer_key']}:{keys['consumer_secret']}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        query = urlencode({**params, **(keys if self.in_query else {})})
        try:
            return call(method, f"{self.store['url']}/wp-json/wc/v3{path}?{query}", headers, body)
        except Over:
            if self.in_query or not self.store["url"].startswith("https"):
                raise
            self.in_query = True
            try:
                return self._shop(method, path, params, body)
            except Over:
                self.in_query = False
                raise

    def shelf(self, path: str) -> list[dict[str, Any]]:
        """All rows of a list, by id, each once, as many as the store says there are."""
        rows: dict[int, dict[str, Any]] = {}
        page = 1
        while True:
            asked = {"per_page": 100, "page": page, "orderby": "id", "order": "asc"}
            some, headers = self._shop("GET", path, asked, None)
            rows |= {row["id"]: row for row in some}
            total = int(headers.get("x-wp-total", len(rows)))
            if len(rows) >= total:
                return list(rows.values())
            if not some:
                raise Later("the store's list changed while it was read")
            page += 1

    def products(self) -> dict[str, list[dict[str, Any]]]:
        """By SKU; a variation goes before a product."""
        found: dict[str, list[dict[str, Any]]] = {}
        everything = [*self.shelf("/variations"), *(p for p in self.shelf("/products") if p["type"] != "variable")]
        for row in everything:
            if row["sku"] and row["manage_stock"] is True:
                found.setdefault(row["sku"], []).append(row)
        return found

    def write(self, product: dict[str, Any], quantity: int) -> None:
        """Only the quantity; it was read a moment ago."""
        parent = product.get("parent_id") if product.get("type", "variation") == "variation" else 0
        path = f"/products/{parent}/variations/{product['id']}" if parent else f"/products/{product['id']}"
        now = self.shop("GET", path)
        if now.get("sku") == product["sku"] and now.get("stock_quantity") == product["stock_quantity"]:
            self.shop("PUT", path, {}, {"stock_quantity": quantity})
        else:
            raise Later("the product was sold while it was looked at")

    # -- KeyCRM

    def keycrm(self, method: str, path: str, params: dict[str, Any] | None = None, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.credentials['api_key']}"}
        return call(method, f"{self.credentials['url']}/v1{path}?{urlencode(params or {})}", headers, body)[0]

    def levels(self) -> dict[str, list[int | None]]:
        """What may be sold by SKU; None where the warehouse keeps no stock of it."""
        rows: dict[int, dict[str, Any]] = {}
        page, total = 1, None
        while True:
            answer = self.keycrm("GET", "/offers/stocks", {"limit": 50, "page": page, "filter[details]": "true"})
            if total not in (None, answer["total"]):
                raise Later("KeyCRM's list changed while it was read")
            total, before = answer["total"], len(rows)
            rows |= {row["id"]: row for row in answer["data"]}
            if len(rows) - before != len(answer["data"]):
                raise Later("KeyCRM's list changed while it was read")
            if len(rows) >= total or not answer["data"]:
                break
            page += 1
        found: dict[str, list[int | None]] = {}
        for row in rows.values():
            places = [w for w in row.get("warehouse") or () if w["id"] == self.settings.get("warehouse_id")]
            free = int(max(0, places[0]["quantity"] - places[0]["reserve"])) if places else None
            found.setdefault(str(row["sku"]), []).append(free)
        return found

    # -- both

    def check(self) -> None:
        self.keycrm("GET", "/users")
        self.shop("GET", "/products", {"per_page": 1})

    def look(self) -> list[str]:
        """Compare both sides whole, and carry over what has changed."""
        levels, products = self.levels(), self.products()
        known = self.agreed.keys()
        if len(known) > 1 and len(known - levels.keys()) > MOST_VANISHED * len(known):
            return ["most SKUs vanished from KeyCRM: nothing is believed"]
        did, rows, failed = [], [], None
        for sku in sorted(levels.keys() & products.keys()):
            if len(levels[sku]) > 1 or len(products[sku]) > 1 or levels[sku][0] is None:
                continue
            try:
                if (row := self._carry(sku, products[sku][0], levels[sku][0], did)) is not None:
                    rows.append(row)
            except Wrong as bad:  # the others go on; this one is looked at again the next time
                did.append(str(bad))
            except Later as later:
                failed = later
        if rows:
            self.keycrm("PUT", "/offers/stocks", {}, {"warehouse_id": self.settings["warehouse_id"], "stocks": rows})
            self.agreed |= {row["sku"]: row["quantity"] for row in rows}
            did.append(f"pushed {len(rows)}")
        if failed:
            raise failed
        self.hints.clear()
        self.pushing = False
        return did

    def _carry(self, sku: str, product: dict[str, Any], theirs: int | None, did: list[str]) -> dict[str, Any] | None:
        """What changed in KeyCRM goes to the shelf; what is to be pushed is returned."""
        assert theirs is not None
        ours, agreed, choice = (
            int(product["stock_quantity"] or 0),
            self.agreed.get(sku),
            self.settings.get("first_sync"),
        )
        if agreed is None and max(0, ours) == theirs:
            agreed = theirs
        elif agreed is None and choice == "store":
            return {"sku": sku, "quantity": max(0, ours)} if self._may_push() else None
        elif agreed is None and (choice == "keycrm" or sku in self.hints):
            agreed, ours = theirs, self._shelve(product, theirs, ours, did)
        elif agreed is None:
            return None  # nobody said who is right
        elif theirs != agreed:
            agreed, ours = theirs, self._shelve(product, max(0, ours + theirs - agreed), ours, did)
        self.agreed[sku] = agreed
        wanted = self.pushing and self._may_push() and max(0, ours) != agreed
        return {"sku": sku, "quantity": max(0, ours)} if wanted else None

    def _shelve(self, product: dict[str, Any], quantity: int, ours: int, did: list[str]) -> int:
        if not self.settings.get("pull", True):
            return ours
        if quantity != ours:
            self.write(product, quantity)
            did.append(f"{product['sku']} is {quantity}")
        return quantity

    def _may_push(self) -> bool:
        return bool(self.settings.get("push", True))

    def tick(self, now: datetime) -> dict[str, Any]:
        did: list[str] = []
        due = self.hints or self.pushing or self.look_at is None or self.look_at <= now
        if self.status == "active" and due and (self.wait_until is None or self.wait_until <= now):
            try:
                did = self.look()
                self.look_at, self.wait_until = now + HOUR, None
            except (Later, KeyError, TypeError) as later:
                did, self.wait_until = [f"waits: {later}"], now + SOON
            except Over as over:
                self.status, self.reason = "reconnect_required", str(over)
        if self.status != "active":
            return {"did": did, "next_at": None, "idle": True}
        return {"did": did, "next_at": str(self.wait_until or self.look_at), "idle": self.wait_until is None}


class Service:
    """The driver API."""

    def __init__(self) -> None:
        self.url = ""
        self.connections: dict[str, Connection] = {}

    def connect(self, wanted: dict[str, Any]) -> tuple[int, Any]:
        if wanted["backend"] != "keycrm":
            return 400, {"code": "unknown_backend", "message": "this connector knows KeyCRM"}
        if wanted["store"].get("handoff"):
            return 422, {"code": "no_https", "message": "keys are posted to https addresses only, and this is none"}
        store = {**wanted["store"], "url": wanted["store"]["url"].rstrip("/")}
        known = [c for c in self.connections.values() if c.store["url"] == store["url"] and c.status != "disconnected"]
        made = Connection(
            known[0].id if known else f"careful-{secrets.token_hex(6)}",
            known[0].token if known else secrets.token_urlsafe(24),
            store, wanted["credentials"], wanted.get("settings") or {},
        )  # fmt: skip
        try:
            made.check()
        except Later as later:
            return 503, {"code": "try_later", "message": str(later)}
        except (Over, Wrong) as refused:
            return 422, {"code": "refused", "message": str(refused)}
        if known:
            made.agreed = known[0].agreed
        self.connections[made.id] = made
        hook = f"{self.url}/hooks/{made.id}/stock?token={made.token}"
        push = f"{self.url}/hooks/{made.id}/push?token={made.token}"
        todo = [] if known else [{"service": "keycrm", "move": "add webhook", "args": {"name": "Careful", "url": hook}}]
        return 201, {"id": made.id, "status": "active", "hooks": {"stock": hook, "push": push}, "todo": todo}

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        match [method, *path.strip("/").split("/")]:
            case ["GET", "backends"]:
                return 200, [{"backend": "keycrm", "title": "KeyCRM", "buttons": ["push"]}]
            case ["POST", "connections"]:
                return self.connect(body)
            case [_, "connections" | "hooks", id_, *_] if id_ not in self.connections:
                return 404, {"code": "unknown", "message": "there is no such connection"}
            case [_, "hooks", id_, what]:
                return self.hook(self.connections[id_], what, query, body)
            case [_, "connections", id_, *rest]:
                with self.connections[id_].lock:
                    return self.driven(self.connections[id_], method, rest, body or {})
        return 404, {"code": "unknown", "message": "there is nothing here"}

    def driven(self, it: Connection, method: str, rest: list[str], body: Any) -> tuple[int, Any]:
        if method == "DELETE":
            it.status, it.reason, it.credentials = "disconnected", "", {}
            it.store = {"url": it.store["url"]}
            it.agreed, it.hints = {}, set()
        elif rest == ["tick"]:
            return 200, it.tick(datetime.fromisoformat(body["now"]))
        elif rest in (["push"], ["runs", "push"]):
            return self.push(it)
        return 200, {"id": it.id, "status": it.status, "reason": it.reason}

    def push(self, it: Connection) -> tuple[int, Any]:
        if it.status != "active":
            return 409, {"code": it.status, "message": it.reason or f"the connection is {it.status}"}
        it.pushing = True
        return 202, {"status": "started"}

    def hook(self, it: Connection, what: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if it.status == "disconnected":
            return 410, {"code": "gone", "message": "this shop is not connected any more"}
        if not secrets.compare_digest(query.get("token", [""])[0].encode(), it.token.encode()):
            return 403, {"code": "bad_token", "message": "the token in the address is wrong"}
        if what == "push":
            return self.push(it)
        if not isinstance(body, list):
            return 400, {"code": "not_an_array", "message": "the body is no list"}
        it.hints |= {str(row["sku"]) for row in body if isinstance(row, dict) and row.get("sku")}
        return 200, {"noted": len(body)}


def serve(port: int) -> ThreadingHTTPServer:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw, parts = self.rfile.read(int(self.headers.get("Content-Length") or 0)), urlsplit(self.path)
            try:
                body = json.loads(raw) if raw else None
                status, said = service.answer(self.command, parts.path, parse_qs(parts.query), body)
            except (ValueError, KeyError, TypeError) as bad:
                status, said = 400, {"code": "not_as_described", "message": f"{type(bad).__name__}: {bad}"}
            answer = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            """Addresses have tokens in them: nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    return server


if __name__ == "__main__":
    listening = serve(int(sys.argv[1]) if len(sys.argv) > 1 else 9000)
    print(f"http://127.0.0.1:{listening.server_port}", flush=True)
    listening.serve_forever()

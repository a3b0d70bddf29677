"""The smallest connector that keeps KeyCRM's five promises, and one flaw at a time to break them.

It knows no ledger, no retries and no pace, and no other backend: it is here to show that the player needs nothing but
the driver API, and that the stories notice what they are there to notice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

OVER_TLS = {"X-Forwarded-Proto": "https"}  # the store takes a key by Basic only over https


class Tiny:
    """`flaw` is one of: deaf, mute, dead (both), telltale, chatty, nosy, restless, endless, locked (out of the
    store), unhooked (it makes no webhook)."""

    def __init__(self, flaw: str = "") -> None:
        self.flaw = flaw
        self.connections: dict[str, dict[str, Any]] = {}
        self.url = ""

    def connect(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["backend"] != "keycrm":
            return self.idle(body)
        key = {"Authorization": f"Bearer {body['credentials']['api_key']}"}
        asked = {"shop": body["store"]["url"]} if self.flaw == "nosy" else {}
        checked = requests.get(f"{body['credentials']['url']}/v1/users", headers=key, params=asked, timeout=10)
        if checked.status_code != 200:
            return 422, {"code": "backend_refused", "message": "KeyCRM refuses the key"}
        id_ = f"t{len(self.connections) + 1}"
        self.connections[id_] = {**body, "status": "active", "key": key}
        hooks = {"stock": f"{self.url}/hooks/{id_}/stock", "push": f"{self.url}/hooks/{id_}/push"}
        move = {"service": "keycrm", "move": "add webhook", "args": {"url": hooks["stock"]}}
        return 201, {"id": id_, "status": "active", "hooks": hooks, "todo": [] if self.flaw == "unhooked" else [move]}

    def idle(self, body: dict[str, Any]) -> tuple[int, Any]:
        """Of other backends it knows nothing: it says yes, and never does anything."""
        id_ = f"t{len(self.connections) + 1}"
        self.connections[id_] = {**body, "status": "active"}
        return 201, {"id": id_, "status": "active", "hooks": {"push": f"{self.url}/hooks/{id_}/push"}, "todo": []}

    def heard(self, id_: str, rows: list[dict[str, Any]]) -> None:
        if self.flaw in ("deaf", "dead"):
            return
        on_shelf = self.products(id_)
        for row in rows:
            if row["sku"] in on_shelf:
                self.store(id_, "PUT", f"/products/{on_shelf[row['sku']]['id']}", {"stock_quantity": row["in_stock"]})
        if self.flaw == "telltale":
            names = "; ".join(on_shelf)
            requests.get(self.keycrm(id_, "/offers/stocks"), headers={**self.key(id_), "X-Shelf": names}, timeout=10)

    def push(self, id_: str) -> None:
        if self.flaw in ("mute", "dead"):
            return
        settings = self.connections[id_]["settings"]
        rows = [{"sku": sku, "quantity": p["stock_quantity"]} for sku, p in self.products(id_).items()]
        if self.flaw == "chatty":
            order = self.store(id_, "GET", "/orders", None)[0]
            rows = [{**row, "buyer": order["billing"]["email"]} for row in rows]
        body = {"warehouse_id": settings["warehouse_id"], "stocks": rows}
        requests.put(self.keycrm(id_, "/offers/stocks"), json=body, headers=self.key(id_), timeout=10)

    def tick(self, now: str) -> dict[str, Any]:
        if self.flaw == "restless":
            return {"did": ["something"], "next_at": now}
        return {"did": [], "next_at": "2027-01-01T00:00:00Z" if self.flaw == "endless" else None}

    def products(self, id_: str) -> dict[str, Any]:
        return {p["sku"]: p for p in self.store(id_, "GET", "/products", None) if p["manage_stock"]}

    def store(self, id_: str, method: str, path: str, body: Any) -> Any:
        at = self.connections[id_]["store"]
        keys = (at["consumer_key"], at["consumer_secret"])
        url = f"{at['url']}/wp-json/wc/v3{path}"
        return requests.request(method, url, json=body, auth=keys, headers=OVER_TLS, timeout=10).json()

    def keycrm(self, id_: str, path: str) -> str:
        return f"{self.connections[id_]['credentials']['url']}/v1{path}"

    def key(self, id_: str) -> dict[str, str]:
        key: dict[str, str] = self.connections[id_]["key"]
        return key

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match [method, *path.strip("/").split("/")]:
            case ["POST", "connections"]:
                return self.connect(body)
            case ["GET", "connections", id_]:
                return 200, {"id": id_, "status": self.connections[id_]["status"]}
            case ["DELETE", "connections", id_]:
                self.connections[id_]["status"] = "disconnected"
                return 200, {"id": id_, "status": "disconnected"}
            case ["POST", "connections", id_, "tick"] if self.flaw == "locked":
                asked = requests.get(f"{self.connections[id_]['store']['url']}/wp-json/wc/v3/products", timeout=10)
                return 502, {"code": "locked", "message": f"the store answered {asked.status_code}"}
            case ["POST", "connections", id_, "tick"]:
                return 200, self.tick(body["now"])
            case ["POST", "connections", id_, "push"] | ["GET", "hooks", id_, "push"]:
                self.push(id_)
                return 202, {"status": "started"}
            case ["POST", "connections", _, "confirm"]:
                return 200, {}
            case ["POST", "connections", _, "runs", _]:
                return 202, {"status": "started"}
            case ["POST", "hooks", id_, "stock"]:
                if self.connections[id_]["status"] == "active":
                    self.heard(id_, body)
                return 200, {}
        return 404, {"code": "unknown", "message": f"there is no {path}"}


@contextmanager
def running(flaw: str = "") -> Iterator[Tiny]:
    """The connector at `.url`, for as long as it is needed."""
    tiny = Tiny(flaw)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, said = tiny.answer(self.command, self.path.split("?")[0], json.loads(raw) if raw else None)
            except (requests.RequestException, LookupError, TypeError) as bad:  # it takes nothing amiss, nor well
                status, said = 500, {"code": "crashed", "message": repr(bad)}
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *args: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tiny.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield tiny
    finally:
        server.shutdown()
        server.server_close()

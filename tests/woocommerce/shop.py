"""The store as a connector speaks to it: one read_write key, over https as far as the store can tell."""

from __future__ import annotations

import json
from typing import Any

import requests

from storelab.client import LabClient


class Shop:
    """The store of one world. `get`, `post`, `put` and `delete` answer the body, and insist on a 2xx."""

    def __init__(self, world: LabClient) -> None:
        store = world.info()["store"]
        self.world, self.url = world, store["url"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (store["consumer_key"], store["consumer_secret"])
        self.session.headers["X-Forwarded-Proto"] = "https"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        """Any answer; `path` is within the API ("orders/7")."""
        data = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        return self.session.request(
            method, f"{self.url}/wp-json/wc/v3/{path}", params=query, data=data, headers=headers, timeout=30
        )

    def _body(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self.call(method, path, body, **query)
        assert 200 <= answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def get(self, path: str, **query: Any) -> Any:
        return self._body("GET", path, **query)

    def post(self, path: str, body: Any = None) -> Any:
        return self._body("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any = None) -> Any:
        return self._body("PUT", path, {} if body is None else body)

    def delete(self, path: str, **query: Any) -> Any:
        return self._body("DELETE", path, **query)

    def refusal(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str, str]:
        """Status, code and message of a call that is refused."""
        answer = self.call(method, path, body, **query)
        assert answer.status_code >= 400, f"{method} {path} was accepted: {answer.text[:500]}"
        error = answer.json()
        return answer.status_code, error["code"], error["message"]

    def product(self, sku: str = "MUG", price: str = "10.00", stock: int | None = None, **more: Any) -> dict[str, Any]:
        """A simple product; with `stock` the store counts its pieces."""
        counted = {} if stock is None else {"manage_stock": True, "stock_quantity": stock}
        made: dict[str, Any] = self.post(
            "products", {"name": sku.title(), "sku": sku, "regular_price": price, **counted, **more}
        )
        return made

    def stock(self, product: dict[str, Any]) -> int | None:
        quantity: int | None = self.get(f"products/{product['id']}")["stock_quantity"]
        return quantity

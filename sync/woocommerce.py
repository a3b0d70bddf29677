"""The store, as far as sync needs it: bulk reads by id, bulk writes with a verdict per row.

Sources: WooCommerce REST API v3 documentation; behaviour of WooCommerce 10.5.0 as recorded 2026-11-21 (Basic only
over https, OAuth 1.0a over http; `orderby=id` is the only stable order; a batch answers 200 with errors inside).
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from .errors import GiveUp, Retry, Skip
from .model import Item, Managed
from .oauth import signed
from .transport import Answer, Http, checked

API = "/wp-json/wc/v3"
PAGE = 100  # the most that WooCommerce gives
BATCH = 100  # the most that WooCommerce takes
MARK = "_storelab_sync_write"  # our own meta entry: which write was the last of ours
FIELDS = "id,type,parent_id,sku,manage_stock,stock_quantity"

Mode = Literal["header", "query", "oauth"]


@dataclass(frozen=True)
class Page:
    """One page of a list. `total` is what the store says the whole list has."""

    items: tuple[Item, ...]
    total: int
    last: bool


@dataclass(frozen=True)
class Rows:
    """One page of a list of anything, as the store gives it."""

    rows: tuple[Mapping[str, Any], ...]
    total: int
    last: bool


@dataclass(frozen=True)
class Found:
    """An item read again before it is written. `mark` names the last write of ours that reached it."""

    item: Item
    mark: str = ""


@dataclass(frozen=True)
class Write:
    item: int
    quantity: int
    mark: str
    manage: bool = False  # also switch stock management on


class Store:
    """`mode` is how credentials travel; it may change from "header" to "query" when the host strips the header.
    `skew` is what to add to our clock to get the store's, in seconds. `bypass`: a cache answers reads in the store's
    place, so every read gets a parameter that no earlier one had."""

    def __init__(
        self,
        url: str,
        consumer_key: str,
        consumer_secret: str,
        http: Http,
        *,
        mode: Mode | None = None,
        skew: float = 0.0,
        bypass: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.url, self.bypass = url.rstrip("/"), bypass
        self._key, self._secret, self.http, self.now, self.skew = consumer_key, consumer_secret, http, now, skew
        secure = urlsplit(self.url).scheme == "https"
        self.mode: Mode = mode or ("header" if secure else "oauth")

    # -- reading

    def check(self, *, write: bool = True) -> None:
        """Whether address and key are good, by one read and, with `write`, a batch that changes nothing. What is
        wrong comes as `GiveUp`."""
        answer = self.call("GET", "/products", [("per_page", "1"), ("_fields", "id")])
        if not isinstance(answer.json(), list):
            raise GiveUp(f"{self.url} does not answer like the WooCommerce REST API")
        if write:
            self.call("POST", "/products/batch", [], {})

    def products(self, page: int) -> Page:
        return self._page("/products", page)

    def variations(self, page: int) -> Page:
        """Variations of all products."""
        return self._page("/variations", page)

    def by_sku(self, skus: Iterable[str]) -> tuple[Item, ...]:
        """Products and variations that have one of these SKUs. WooCommerce ignores case here: compare again."""
        wanted = list(skus)
        params = [("sku", ",".join(wanted)), ("per_page", str(PAGE)), ("orderby", "id"), ("order", "asc")]
        rows = self._list(self.call("GET", "/products", [*params, ("_fields", FIELDS)]))
        return tuple(item for item in map(item_from, rows) if item.sku in set(wanted))

    def again(self, ids: Sequence[int], *, variations: bool) -> dict[int, Found]:
        """Stock as it is now, of at most 100 products or variations."""
        path = "/variations" if variations else "/products"
        params = [
            ("include", ",".join(map(str, ids))),
            ("per_page", str(PAGE)),
            ("orderby", "id"),
            ("order", "asc"),
            ("_fields", f"{FIELDS},meta_data"),
        ]
        rows = self._list(self.call("GET", path, params))
        return {row["id"]: Found(item_from(row), mark_in(row)) for row in rows if isinstance(row.get("id"), int)}

    # -- writing

    def write(self, parent: int, writes: Sequence[Write]) -> dict[int, str]:
        """Set stock; at most 100 of one parent (0: products). What could not be written, and why, by id."""
        path = f"/products/{parent}/variations/batch" if parent else "/products/batch"
        rows = [
            {
                "id": w.item,
                "stock_quantity": w.quantity,
                **({"manage_stock": True} if w.manage else {}),
                "meta_data": [{"key": MARK, "value": w.mark}],
            }
            for w in writes
        ]
        body = self.call("POST", path, [], {"update": rows}).json()
        answers = body.get("update", []) if isinstance(body, dict) else []
        if len(answers) != len(rows):
            raise Retry(f"POST {path} answered {len(answers)} rows for {len(rows)}")
        return {w.item: error_in(row) for w, row in zip(writes, answers, strict=True) if error_in(row)}

    # -- anything

    def one(self, path: str, params: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
        """One thing by its path ("/orders/17"); `Skip` with status 404 when there is none."""
        answer = self.call("GET", path, params)
        found = answer.json()
        if not isinstance(found, dict) or "id" not in found:
            raise Retry(f"{answer.what} answered no object with an id")
        return found

    def rows(self, path: str, page: int = 1, params: Sequence[tuple[str, str]] = ()) -> Rows:
        """One page of a list, by id from the oldest: the only order that stands still."""
        paging = [("per_page", str(PAGE)), ("page", str(page)), ("orderby", "id"), ("order", "asc")]
        answer = self.call("GET", path, [*paging, *params])
        total = _total(answer)
        return Rows(tuple(self._list(answer)), total, last=page * PAGE >= total)

    # -- webhooks over REST: WooCommerce pings the address of a new one, and wants 200

    def webhooks(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            some = self.rows("/webhooks", page)
            found += [dict(row) for row in some.rows]
            if some.last:
                return found
            page += 1

    def make_webhooks(self, topics: Sequence[str], delivery_url: str, secret: str, *, status: str) -> dict[str, int]:
        """Topic -> id."""
        made = {}
        for topic in topics:
            body = {"topic": topic, "delivery_url": delivery_url, "secret": secret, "status": status}
            made[topic] = int(self.call("POST", "/webhooks", [], body).json()["id"])
        return made

    def set_webhook(self, webhook: int, **values: Any) -> None:
        """status, delivery_url, secret."""
        self.call("PUT", f"/webhooks/{webhook}", [], values)

    def delete_webhook(self, webhook: int) -> None:
        try:
            self.call("DELETE", f"/webhooks/{webhook}", [("force", "true")])
        except Skip as missing:
            if missing.status not in (400, 404):
                raise

    # -- how

    def call(self, method: str, path: str, params: Sequence[tuple[str, str]] = (), body: Any = None) -> Answer:
        """One request, or a second one when the first shows how the store must be asked."""
        answer = self._send(method, path, params, body)
        if answer.status == 401 and self._mended(answer):
            answer = self._send(method, path, params, body)
            if answer.status == 401 and self.mode == "query":
                self.mode = "header"  # it was not the header
        if method == "GET" and not self.bypass and from_cache(answer):
            self.bypass = True
            answer = self._send(method, path, params, body)
        if answer.status == 401 and b"Invalid timestamp" in answer.body:
            raise Retry(f"{answer.what}: the clocks differ, the store refuses our time", sent=False)
        return checked(answer)

    def _send(self, method: str, path: str, params: Sequence[tuple[str, str]], body: Any) -> Answer:
        url = f"{self.url}{API}{path}"
        headers: dict[str, str] = {}
        query = [*params, ("nocache", secrets.token_hex(8))] if self.bypass and method == "GET" else list(params)
        if self.mode == "header":
            pair = f"{self._key}:{self._secret}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        elif self.mode == "query":
            query += [("consumer_key", self._key), ("consumer_secret", self._secret)]
        else:
            timestamp = int(self.now().timestamp() + self.skew)
            nonce = secrets.token_hex(16)  # fresh each time: a repeated one is refused
            keys = {"key": self._key, "secret": self._secret}
            query = signed(method, url, query, **keys, nonce=nonce, timestamp=timestamp)
        return self.http.send(method, url, params=query, json_body=body, headers=headers)

    def _mended(self, answer: Answer) -> bool:
        """Whether asking again in another way may help."""
        if self.mode == "header" and b"woocommerce_rest_cannot" in answer.body:
            self.mode = "query"  # the host keeps the Authorization header from WordPress
            return True
        if self.mode == "oauth" and b"Invalid timestamp" in answer.body and answer.date:
            self.skew = (answer.date - self.now()).total_seconds()
            return True
        return False

    def _page(self, path: str, page: int) -> Page:
        params = [("per_page", str(PAGE)), ("page", str(page)), ("orderby", "id"), ("order", "asc")]
        answer = self.call("GET", path, [*params, ("_fields", FIELDS)])
        items = tuple(map(item_from, self._list(answer)))
        total = _total(answer)
        return Page(items, total, last=page * PAGE >= total)

    @staticmethod
    def _list(answer: Answer) -> list[Mapping[str, Any]]:
        rows = answer.json()
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Retry(f"{answer.what} answered no list")
        return rows


def _total(answer: Answer) -> int:
    """How many rows the list has in all."""
    told = answer.headers.get("x-wp-total", "")
    if not told.isdecimal() or len(told) > 9:
        raise Retry(f"{answer.what} answered without X-WP-Total")
    return int(told)


def item_from(row: Mapping[str, Any]) -> Item:
    quantity = row.get("stock_quantity")
    managed: Managed = {True: "yes", "parent": "parent"}.get(row.get("manage_stock", False), "no")  # type: ignore[assignment]
    return Item(
        sku=str(row.get("sku") or "").strip(),
        id=int(row["id"]),
        parent=int(row.get("parent_id") or 0) if row.get("type", "variation") == "variation" else 0,
        quantity=None if quantity is None else int(quantity),
        managed=managed,
    )


def from_cache(answer: Answer) -> bool:
    """Whether a cache on the way answered with what the store said a while ago."""
    return answer.headers.get("age", "0").strip() not in ("", "0")


def mark_in(row: Mapping[str, Any]) -> str:
    return next((str(m.get("value", "")) for m in row.get("meta_data") or () if m.get("key") == MARK), "")


def error_in(row: Any) -> str:
    """Why this row of a batch failed, or nothing."""
    error = row.get("error") if isinstance(row, dict) else {"message": "no answer for this row"}
    if not error:
        return ""
    return f"{error.get('code', 'error')}: {error.get('message', '')}" if isinstance(error, dict) else str(error)


__all__ = ["Found", "Mode", "Page", "Rows", "Store", "Write", "item_from"]

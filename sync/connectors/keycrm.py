"""KeyCRM: its stock webhook into the store, and the store's stock to `/offers/stocks` when a URL is called.

What the STIV Stock Sync plugin does, as far as its readme tells, done carefully. Sources: STIV Stock Sync for KeyCRM
1.0, readme; KeyCRM API document v1.2.0; KeyCRM help: stock webhook, sending stock to shops.
Assumed: the names of the plugin's two routes, the token in their addresses, the batch of 100.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from ..acting import apply, check, plan, push, write
from ..book import Book, Connection
from ..connector import BadSettings, Connector, Hook, HookCall, Kind, Phase
from ..errors import GiveUp, Retry, Skip
from ..inbox import News
from ..looking import backend, changed_items, find, levels, listen, products, variations
from ..model import Heard, Level
from ..transport import Answer, Http, checked

PAGE = 50  # the most that KeyCRM gives
MOST = 10_000  # the most rows that KeyCRM takes
NO_HEADER = 30.0  # seconds to wait after a 429 that does not say how long

SHAPE: dict[str, Any] = {
    "warehouse_id": {
        "type": ["integer", "null"],
        "default": None,
        "description": "The warehouse whose stock the store shows and that pushes write to. Needed unless push is off;"
        " without one the stock of all warehouses is shown together.",
    },
    "subtract_reserve": {
        "type": "boolean",
        "default": True,
        "description": "Show in_stock less in_reserve in the store.",
    },
    "pull": {"type": "boolean", "default": True, "description": "KeyCRM to store."},
    "push": {"type": "boolean", "default": True, "description": "Store to KeyCRM."},
    "first_sync": {
        "enum": ["store", "keycrm", None],
        "default": None,
        "description": "Whose number is right where the two differ and never agreed. Left out, such SKUs are reported"
        " and neither side is overwritten until its stock changes in KeyCRM or somebody starts a push.",
    },
    "both_changed": {
        "enum": ["add", "keycrm"],
        "default": "add",
        "description": "Where both sides changed since they last agreed. add carries KeyCRM's change over to the stock"
        " the store has; keycrm takes KeyCRM's number as it is (right when KeyCRM gets the store's orders by another"
        " way).",
    },
    "manage_stock": {
        "type": "boolean",
        "default": False,
        "description": "Switch stock management on where it is off.",
    },
    "batch": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST,
        "default": 100,
        "description": "Rows of one write to KeyCRM.",
    },
    "reconcile_every": {
        "type": "integer",
        "minimum": 0,
        "maximum": 31 * 86400,
        "default": 3600,
        "description": "Seconds between two looks at everything, which find what webhooks lost; 0 for never.",
    },
    "vanish_limit": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 0.5,
        "description": "The share of known SKUs that may vanish or sell out at one look before nothing is believed.",
    },
}


# -- rules


def settings(chosen: dict[str, Any]) -> dict[str, Any]:
    """What does not go together is refused."""
    if chosen["push"] and chosen["warehouse_id"] is None:
        raise BadSettings("warehouse_id is missing: KeyCRM shows it in its list of warehouses; or switch push off")
    if chosen["first_sync"] == "store" and not chosen["push"]:
        raise BadSettings("first_sync is the store, but push is off")
    if chosen["first_sync"] == "keycrm" and not chosen["pull"]:
        raise BadSettings("first_sync is KeyCRM, but pull is off")
    return chosen


def sellable(in_stock: float, in_reserve: float, *, subtract: bool) -> int:
    """Whole pieces that may be sold; never below zero. 2.7 m of cloth are 2."""
    return max(0, math.floor(round(in_stock - (in_reserve if subtract else 0), 6)))


def level_from(row: Mapping[str, Any], *, warehouse: int | None, subtract: bool) -> Level:
    """One row of `/offers/stocks`, for one warehouse (None: all together). A warehouse without a row is not zero."""
    place: Mapping[str, Any] | None = row
    if warehouse is not None:
        place = next((w for w in row.get("warehouse") or () if w.get("id") == warehouse), None)
    sku, ref = str(row.get("sku") or "").strip(), str(row["id"])
    if place is None:
        return Level(sku, ref, None)
    quantity = number(place.get("quantity"))
    reserve = number(place.get("reserve", place.get("in_reserve", 0)))
    if quantity is None or reserve is None:
        return Level(sku, ref, None)
    return Level(
        sku,
        ref,
        sellable(quantity, reserve, subtract=subtract),
        reserve=math.ceil(reserve) if subtract else 0,
        note="" if quantity == int(quantity) else f"{quantity:g} was rounded down",
    )


def number(value: Any) -> float | None:
    """A number, or a text that is one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def heard_from(row: Any, *, subtract: bool) -> Heard | dict[str, Any]:
    """One row of the stock webhook, or why it cannot be used."""
    if not isinstance(row, dict):
        return {"sku": None, "reason": "not an object"}
    said = row.get("sku")
    sku = said.strip() if isinstance(said, str) else ""
    in_stock, in_reserve = number(row.get("in_stock")), number(row.get("in_reserve", 0) or 0)
    offer = row.get("offer_id")
    if not sku or len(sku) > 255:
        return {"sku": sku or None, "reason": "no SKU" if not sku else "the SKU is too long"}
    if not isinstance(offer, int) or isinstance(offer, bool):
        return {"sku": sku, "reason": "offer_id is not a number"}
    if in_stock is None or in_reserve is None or abs(in_stock) > 1e12 or abs(in_reserve) > 1e12:
        return {"sku": sku, "reason": "in_stock and in_reserve must be numbers"}
    return Heard(sku, str(offer), sellable(in_stock, in_reserve, subtract=subtract), math.ceil(in_reserve))


# -- the client


@dataclass(frozen=True)
class StockPage:
    levels: tuple[Level, ...]
    total: int
    last: bool


class KeyCrm:
    """`warehouse` None: its stock is that of all warehouses, and nothing can be written."""

    some = PAGE

    def __init__(
        self,
        url: str,
        api_key: str,
        http: Http,
        *,
        warehouse: int | None = None,
        subtract: bool = True,
        batch: int = 100,
    ) -> None:
        whole = urlsplit(url).path.rstrip("/").endswith("/v1")
        self.url = url.rstrip("/") if whole else f"{url.rstrip('/')}/v1"
        self._key, self.http = api_key, http
        self.warehouse, self.subtract, self.batch = warehouse, subtract, batch

    def check(self) -> None:
        """Whether the key is good, by a request that carries only the key."""
        body = self._call("GET", "/users").json()
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise GiveUp(f"{self.url} does not answer like KeyCRM")

    def page(self, number: int) -> StockPage:
        """One page of all stock."""
        return self._stocks([("limit", str(PAGE)), ("page", str(number))], number)

    def levels(self, wanted: Mapping[str, str]) -> tuple[Level, ...]:
        """Stock of at most 50 SKUs. Asked by offer id where all are known: that says nothing about the store."""
        skus = {sku: ref for sku, ref in wanted.items() if ref or "," not in sku}  # a comma parts values here
        if not skus:
            return ()
        by_id = all(skus.values())
        asked = ("filter[offers_id]", ",".join(skus.values())) if by_id else ("filter[offers_sku]", ",".join(skus))
        page = self._stocks([("limit", str(PAGE)), asked], 1)
        return tuple(level for level in page.levels if level.sku in skus)

    def push(self, rows: Sequence[tuple[str, str, int]]) -> dict[str, str]:
        """Set (SKU, offer id, quantity) in the warehouse; only SKU and quantity are sent. Refused SKUs, and why: then
        none of the others were taken either."""
        if self.warehouse is None:
            raise Skip("no warehouse was chosen: set warehouse_id (KeyCRM shows it in the warehouse's address)")
        stocks = [{"sku": sku, "quantity": quantity} for sku, _, quantity in rows]
        try:
            self._call("PUT", "/offers/stocks", body={"warehouse_id": self.warehouse, "stocks": stocks})
        except Skip as refused:
            bad = refused_rows(refused.detail)
            if refused.status != 422 or not bad:
                raise
            return {rows[n][0]: why for n, why in bad.items() if n < len(rows)}
        return {}

    def _stocks(self, params: list[tuple[str, str]], number: int) -> StockPage:
        details = [("filter[details]", "true")] if self.warehouse is not None else []
        answer = self._call("GET", "/offers/stocks", [*params, *details])
        body = answer.json()
        rows, total = (body.get("data"), body.get("total")) if isinstance(body, dict) else (None, None)
        if not isinstance(rows, list) or not isinstance(total, int):
            raise Retry(f"{answer.what} answered no page of stock")
        if not all(isinstance(row, dict) and isinstance(row.get("id"), int) for row in rows):
            raise Retry(f"{answer.what} answered rows without an id")
        found = tuple(level_from(row, warehouse=self.warehouse, subtract=self.subtract) for row in rows)
        return StockPage(found, total, last=number * PAGE >= total)

    def _call(self, method: str, path: str, params: Sequence[tuple[str, str]] = (), body: Any = None) -> Answer:
        headers = {"Authorization": f"Bearer {self._key}"}
        try:
            return checked(self.http.send(method, f"{self.url}{path}", params=params, json_body=body, headers=headers))
        except Retry as retry:
            if retry.after is None and "too many requests" in str(retry):
                raise Retry(str(retry), after=NO_HEADER, sent=False) from None
            raise


def refused_rows(detail: Any) -> dict[int, str]:
    """The rows that a 422 names (`stocks.3.quantity`), with what it says of each."""
    errors = detail.get("errors") if isinstance(detail, dict) else None
    found: dict[int, str] = {}
    for name, said in errors.items() if isinstance(errors, dict) else ():
        parts = str(name).split(".")
        if len(parts) >= 2 and parts[0] == "stocks" and parts[1].isdecimal() and len(parts[1]) < 10:
            found[int(parts[1])] = str(said[0] if isinstance(said, list) and said else said)
    return found


def client(url: str, credentials: Mapping[str, Any], chosen: Mapping[str, Any], http: Http) -> KeyCrm:
    return KeyCrm(
        url,
        credentials["api_key"],
        http,
        warehouse=chosen["warehouse_id"],
        subtract=chosen["subtract_reserve"],
        batch=chosen["batch"],
    )


# -- what the plugin's routes take in, and when there is something to do


def hear_stock(call: HookCall) -> tuple[News, dict[str, Any], int]:
    """The stock webhook. What it tells is taken for a hint; the next step looks at what is new in it."""
    nothing = News()
    if not call.connection.settings["pull"]:
        return nothing, {"updated": 0, "skipped": [], "message": "KeyCRM to store is switched off"}, 200
    try:
        rows = json.loads(call.body)
    except (ValueError, RecursionError):
        return nothing, {"code": "not_json", "message": "the body is not JSON"}, 400
    if not isinstance(rows, list):
        return nothing, {"code": "not_an_array", "message": "the body must be an array of stock rows"}, 400
    subtract = call.connection.settings["subtract_reserve"]
    taken = [heard_from(row, subtract=subtract) for row in rows]
    news = News(heard=tuple(row for row in taken if isinstance(row, Heard)))
    skipped = [row for row in taken if not isinstance(row, Heard)]
    return news, {"updated": len(news.heard), "skipped": skipped}, 200


def due(book: Book, connection: Connection, going: set[str], now: datetime) -> list[str]:
    """Hints are followed when there are any; both sides are read whole at first and then every so often."""
    kinds = []
    if connection.settings["pull"] and "listen" not in going and book.has_hints(connection.id):
        kinds.append("listen")
    if "look" not in going and connection.look_at is not None and connection.look_at <= now:
        kinds.append("look")
    return kinds


def todo(hooks: Mapping[str, str], chosen: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a person enters in KeyCRM's cabinet, for all warehouses: a hint from another one costs a read and no more.
    The other address is for the merchant's cron."""
    if not chosen["pull"]:
        return []
    return [{"service": "keycrm", "move": "add webhook", "args": {"name": "WooCommerce", "url": hooks["stock"]}}]


CONNECTOR = Connector(
    name="keycrm",
    title="KeyCRM",
    gap=1.0,  # vendor's advice; with it no minute ever has more than the sixty that are permitted
    credentials=("url", "api_key"),
    shape=SHAPE,
    settings=settings,
    client=client,
    check=KeyCrm.check,
    phases={
        "listen": Phase("", listen),
        "products": Phase("store", products),
        "variations": Phase("store", variations),
        "changed": Phase("", changed_items),
        "backend": Phase("backend", backend),
        "levels": Phase("backend", levels),
        "find": Phase("store", find),
        "plan": Phase("", plan),
        "apply": Phase("store", apply),
        "write": Phase("store", write),
        "push": Phase("backend", push),
        "check": Phase("backend", check),
    },
    kinds={"listen": Kind("listen", 0), "push": Kind("products", 1), "look": Kind("products", 2)},
    due=due,
    buttons=("push",),
    todo=todo,
    meaning=("warehouse_id", "subtract_reserve"),
    hooks=(
        Hook("stock", "POST", "stiv-keycrm/v1/stock", hear_stock),
        Hook("push", "GET", "stiv-keycrm/v1/push"),
    ),
)

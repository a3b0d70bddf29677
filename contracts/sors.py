"""How sync asks SORS in the contracts: requests, envelopes and situations that several of them name."""

from __future__ import annotations

from typing import Any

from pact import match

from storelab.contracts.examples import API_KEY, given_value
from storelab.contracts.interactions import EMPTY
from storelab.sync.connectors.sors.client import Sors
from storelab.sync.transport import Http

HOME, LAST_YEAR, UNIT = "MyDatabase2026", "MyDatabase2025", 2
KEY = given_value(f"ApiKey {API_KEY}", "ApiKey ${api_key}")
WITH_KEY = {"within": f"/databases/{HOME}", "always": EMPTY, "authorization": KEY}
PAGE = (("page", "1"), ("pageSize", "100"))


def client(server: Any, http: Http, key: str = API_KEY, *, database: str = HOME, mode: str = "available") -> Sors:
    return Sors(str(server.url), key, http, database=database, unit=UNIT, price_type="retail", stock_mode=mode)


def told(data: Any, total: int | None = None) -> dict[str, Any]:
    """The envelope of a success."""
    return {"success": True, "data": data, **({} if total is None else {"meta": {"total": total}})}


def refused(code: str, field: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": match.string("why")}
    return {"success": False, "errors": [error | ({"field": field} if field else {})]}


def an_article(**arguments: Any) -> tuple[str, dict[str, Any]]:
    return "an article in stock", {"code": "MUG", "quantity": 10, **arguments}

"""How sync asks SORS in the contracts: requests, envelopes and situations that several of them name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pact import Pact, match
from pact.interaction import HttpInteraction

from storelab.contracts.examples import API_KEY, given_value
from storelab.sync.connectors.sors.client import Sors
from storelab.sync.transport import Http

JSON = "application/json"
HOME, LAST_YEAR, UNIT = "MyDatabase2026", "MyDatabase2025", 2
KEY = given_value(f"ApiKey {API_KEY}", "ApiKey ${api_key}")
PAGE = (("page", "1"), ("pageSize", "100"))

Asks = Callable[..., HttpInteraction]
Given = tuple[tuple[str, dict[str, Any]], ...]


def asking(pact: Pact, test_name: str) -> Asks:
    """`asks("the databases", "GET", "/databases")`: the request half of an interaction. A path that begins with a word
    is one of this year's database."""

    def made(
        what: str,
        method: str,
        path: Any,
        *query: tuple[str, Any],
        given: Given = (),
        key: Any = KEY,
        body: Any = None,
    ) -> HttpInteraction:
        interaction = pact.upon_receiving(what)
        for state, arguments in (("an empty account", {}), *given):
            interaction.given(state, arguments)
        whole = path if not isinstance(path, str) or path.startswith("/") else f"/databases/{HOME}/{path}"
        interaction.test_name(test_name).with_request(method, whole).with_header("Authorization", key)
        for name, value in query:
            interaction.with_query_parameter(name, value)
        if body is not None:
            interaction.with_body(body, content_type=JSON)
        return interaction

    return made


@contextmanager
def clients() -> Iterator[Callable[..., Sors]]:
    """Clients of a server, closed together."""
    http = Http()

    def made(server: Any, key: str = API_KEY, database: str = HOME, mode: str = "available") -> Sors:
        return Sors(str(server.url), key, http, database=database, unit=UNIT, price_type="retail", stock_mode=mode)

    yield made
    http.close()


def told(data: Any, total: int | None = None) -> dict[str, Any]:
    """The envelope of a success."""
    return {"success": True, "data": data, **({} if total is None else {"meta": {"total": total}})}


def refused(code: str, field: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": match.string("why")}
    return {"success": False, "errors": [error | ({"field": field} if field else {})]}


def an_article(**arguments: Any) -> tuple[str, dict[str, Any]]:
    return "an article in stock", {"code": "MUG", "quantity": 10, **arguments}

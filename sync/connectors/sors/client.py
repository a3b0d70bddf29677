"""SORS's API as the connector needs it: the envelope, its errors, and one method for each question.

Sources: Sors API Postman documentation (base address, Authorization header, one envelope for all answers). Assumed:
everything else, as `openapi/sors.yaml` says operation by operation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...errors import GiveUp, Retry, Skip
from ...transport import Answer, Http, checked, retry_after

PAGE = 100  # rows that one step of a run takes; SORS gives up to 500
NO_HEADER = 60.0  # seconds to wait after RATE_LIMITED that does not say how long
CLOSED, DUPLICATE, NO_STOCK = "DATABASE_CLOSED", "DUPLICATE", "INSUFFICIENT_STOCK"


class Refusal(Skip):
    """SORS does not take this one thing. `codes` are its own, `fields` what they are about."""

    def __init__(self, message: str, codes: Sequence[str], fields: Sequence[str] = (), *, status: int = 0) -> None:
        super().__init__(message, status=status)
        self.codes, self.fields = tuple(codes), tuple(fields)


@dataclass(frozen=True)
class Page:
    """Rows of one page, and how many there are in all."""

    rows: tuple[Mapping[str, Any], ...]
    total: int
    last: bool


class Sors:
    """`database` and `unit` are what the merchant chose; empty and 0 before that."""

    def __init__(
        self, url: str, api_key: str, http: Http, *, database: str = "", unit: int = 0, price_type: str = "",
        stock_mode: str = "",
    ) -> None:  # fmt: skip
        self.url, self._key, self.http = url.rstrip("/"), api_key, http
        self.database, self.unit, self.price_type, self.stock_mode = database, unit, price_type, stock_mode

    # -- what there is to choose

    def databases(self) -> list[dict[str, Any]]:
        return self._list("/databases")

    def units(self, database: str) -> list[dict[str, Any]]:
        return self._list(f"/databases/{database}/business-units")

    # -- catalogue and stock

    def groups(self) -> list[dict[str, Any]]:
        return self._list(self._in("/article-groups"))

    def articles(self, page: int) -> Page:
        params = [("businessUnitId", str(self.unit)), ("priceType", self.price_type)]
        return self._page(self._in("/articles"), page, params, ("id", "code"))

    def pictures(self, article: int) -> list[str]:
        """Addresses, in their order."""
        rows = self._list(self._in(f"/articles/{article}/images"))
        return [str(row["url"]) for row in sorted(rows, key=lambda row: row.get("position", 0)) if row.get("url")]

    def inventory(self, page: int) -> Page:
        params = [
            ("businessUnitId", str(self.unit)),
            ("stockMode", self.stock_mode),
            ("priceType", self.price_type),
        ]
        return self._page(self._in("/inventory"), page, params, ("code", "quantity"))

    # -- customers and documents

    def customers(self, by: str, value: str) -> tuple[Mapping[str, Any], ...]:
        """By "taxId", "email" or "phone"."""
        return self._page(self._in("/customers"), 1, [(by, value)], ("id",)).rows

    def create_customer(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return self._made(self._in("/customers"), fields)

    def documents(self, type_: str, external: str, database: str = "") -> tuple[Mapping[str, Any], ...]:
        """Those of this type with the number that the store gave them, cancelled ones left out; in another database
        where one is named."""
        path = f"/databases/{database or self.database}/documents"
        found = self._page(path, 1, [("type", type_), ("externalNumber", external)], ("id",)).rows
        return tuple(row for row in found if row.get("status") != "cancelled")

    def create_document(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        return self._made(self._in("/documents"), {**fields, "businessUnitId": self.unit})

    # -- how

    def _in(self, path: str) -> str:
        return f"/databases/{self.database}{path}"

    def _list(self, path: str) -> list[dict[str, Any]]:
        data, _ = self._call("GET", path)
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise Retry(f"GET {path} answered no list")
        return data

    def _page(self, path: str, page: int, params: Sequence[tuple[str, str]], needed: Sequence[str]) -> Page:
        paging = [("page", str(page)), ("pageSize", str(PAGE))]
        data, meta = self._call("GET", path, [*paging, *params])
        total = meta.get("total") if isinstance(meta, dict) else None
        if not isinstance(data, list) or not isinstance(total, int):
            raise Retry(f"GET {path} answered no page")
        if not all(isinstance(row, dict) and all(name in row for name in needed) for row in data):
            raise Retry(f"GET {path} answered rows without {' or '.join(needed)}")
        return Page(tuple(data), total, last=page * PAGE >= total)

    def _made(self, path: str, body: Any) -> dict[str, Any]:
        data, _ = self._call("POST", path, body=body)
        if not isinstance(data, dict) or "id" not in data:
            raise Retry(f"POST {path} answered nothing with an id")
        return data

    def _call(self, method: str, path: str, params: Sequence[tuple[str, str]] = (), body: Any = None) -> Any:
        """`data` and `meta` of a success. The envelope decides: an error may come with the status 200."""
        headers = {"Authorization": f"ApiKey {self._key}"}
        answer = self.http.send(method, f"{self.url}{path}", params=params, json_body=body, headers=headers)
        envelope = _envelope(answer)
        if envelope is None:
            checked(answer)
            raise Retry(f"{answer.what} answered without SORS's envelope")
        if envelope["success"] is True and answer.status < 400:
            return envelope.get("data"), envelope.get("meta")
        raise failure(answer, envelope)


def _envelope(answer: Answer) -> dict[str, Any] | None:
    try:
        body = answer.json()
    except Retry:
        if answer.status < 400:
            raise
        return None
    return body if isinstance(body, dict) and isinstance(body.get("success"), bool) else None


def failure(answer: Answer, envelope: Mapping[str, Any]) -> Exception:
    """What an envelope without success means for what to do next."""
    errors = [error for error in envelope.get("errors") or () if isinstance(error, dict)]
    codes = [str(error.get("code", "")) for error in errors]
    fields = [str(error.get("field") or "") for error in errors]
    told = [f"{e['field']}: {e.get('message', '')}" if e.get("field") else str(e.get("message", "")) for e in errors]
    said = "; ".join(filter(None, told)) or str(envelope.get("message") or "no reason given")
    words = f"{answer.what}: {', '.join(codes) or answer.status}: {said[:300]}"
    if "RATE_LIMITED" in codes or answer.status == 429:
        after = retry_after(answer)
        return Retry(words, after=NO_HEADER if after is None else after, sent=False)
    if answer.status >= 500 or {"INTERNAL", "UNAVAILABLE"} & set(codes):
        return Retry(words, after=retry_after(answer))
    if answer.status == 401 or "UNAUTHORIZED" in codes:
        return GiveUp(f"SORS refuses the API key ({words}): enter a good one")
    if answer.status == 403 or "DATABASE_FORBIDDEN" in codes:
        return GiveUp(f"the key does not open this database ({words}): choose another one, or ask Softkom")
    return Refusal(words, codes, fields, status=answer.status)

"""How a backend's own worker speaks to a WooCommerce store: over HTTP, with the key it was given, as any client does.

Credentials go in the Basic header over https, in the query where a host strips that header, and as OAuth 1.0a
(HMAC-SHA256) over http. Sources: WooCommerce REST API documentation (authentication, pagination, webhooks); WordPress
developer reference (`wp_specialchars_decode`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from .kernel import Answer, Emulation, Outgoing, Request
from .shop_answers import has_id, misshapen

API = "/wp-json/wc/v3"
PAGE = 100  # the most that WooCommerce gives
MOST_PAGES = 100_000  # of a list that has no end
ROUNDS = 3  # through a list that changes while it is read
TIMEOUT = 30.0  # seconds

Mode = Literal["header", "query", "oauth"]
Value = str | int | bool | None


class ShopRefused(Exception):
    """The store understood and said no: 4xx, or a redirect, which is never followed. `code` and `message` are its
    own, empty where it spoke no JSON. The same request again gets the same answer."""

    def __init__(self, status: int, code: str = "", message: str = "", *, what: str = "") -> None:
        said = ": ".join(filter(None, (code, message)))
        super().__init__(f"{what or 'the request'} was answered {status}{f' ({said})' if said else ''}")
        self.status, self.code, self.message = status, code, message


class ShopSilent(Exception):
    """No answer that says anything: nobody there, no JSON, too many requests, or the store is broken. The request may
    have been carried out all the same. `retry_after` is in seconds, when the store named a time."""

    def __init__(self, why: str, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.why, self.retry_after = why, retry_after


class Shop:
    """One store and one key. `mode` is how the credentials travel; it changes from "header" to "query" when the store's
    host turns out to strip the header. Queries are strings, numbers and booleans; None is left out."""

    def __init__(
        self,
        url: str,
        consumer_key: str,
        consumer_secret: str,
        send: Callable[[Outgoing], Awaitable[Answer]],
        *,
        agent: str,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        mode: Mode | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._key, self._secret, self._send = consumer_key, consumer_secret, send
        self._agent, self._now, self._nonce = agent, now, nonce
        self.mode: Mode = mode or ("header" if urlsplit(self.url).scheme == "https" else "oauth")

    @classmethod
    def of(cls, here: Emulation, url: str, key: str, secret: str, *, agent: str) -> Shop:
        """The store as the backend of this world speaks to it: what was written is committed before each request."""
        return cls(
            url, key, secret, here.fetch, agent=agent, now=lambda: here.clock.now, nonce=lambda: here.ids.token(16)
        )

    # -- what can be asked. `path` is within version 3 ("/products/7"), or begins with /wp-json itself.

    # What comes back has the form that WooCommerce gives it; whoever answers otherwise is no store: `ShopSilent`.

    async def get(self, path: str, **query: Value) -> dict[str, Any]:
        return _object(await self._asked("GET", path, query), numbered=_is_of_one(path))

    async def rows(self, path: str, **query: Value) -> list[dict[str, Any]]:
        """A list that is known to be short: its first page."""
        return _list(await self._asked("GET", path, query))

    async def post(self, path: str, body: Any) -> dict[str, Any]:
        return _object(await self._asked("POST", path, {}, body), numbered=not path.endswith("/batch"))

    async def put(self, path: str, body: Any) -> dict[str, Any]:
        return _object(await self._asked("PUT", path, {}, body), numbered=False)

    async def delete(self, path: str, **query: Value) -> dict[str, Any]:
        return _object(await self._asked("DELETE", path, query), numbered=False)

    async def page(self, path: str, **query: Value) -> Page:
        """One page of a list, with what the store says of the whole."""
        answered = await self._asked("GET", path, query)
        return Page(_list(answered), answered.number("x-wp-total"), answered.number("x-wp-totalpages"))

    async def every(self, path: str, **query: Value) -> AsyncIterator[dict[str, Any]]:
        """All rows of a list, oldest id first, each once. A list that changed while it was read (its length did, or
        the rows do not add up to it) is read again; `ShopSilent` when it never stands still."""
        seen: set[Any] = set()
        for _ in range(ROUNDS):
            found, totals, number, more = set(), set(), 0, True
            while more:
                number += 1
                asked = {"per_page": PAGE, "orderby": "id", "order": "asc", **query, "page": number}
                page = await self.page(path, **asked)
                totals.add(page.total)
                for row in page.rows:
                    found.add(row["id"])
                    if row["id"] not in seen:
                        seen.add(row["id"])
                        yield row
                more = number < min(page.pages, MOST_PAGES) and bool(page.rows)
            if totals == {len(found)}:
                return
        raise ShopSilent(f"the list {path} changes faster than it can be read")

    # -- how

    async def _asked(self, method: str, path: str, query: Mapping[str, Value], body: Any = None) -> _Answered:
        """The answer, if it is a success. A second try only where the first shows that the header did not arrive."""
        answered = await self._sent(method, path, query, body)
        if self.mode == "header" and answered.status == 401 and answered.code.startswith("woocommerce_rest_cannot_"):
            self.mode = "query"
            try:
                answered = await self._sent(method, path, query, body)
            finally:
                if answered.status == 401:
                    self.mode = "header"
        if 200 <= answered.status < 300:
            return answered
        if answered.status in (408, 429) or answered.status >= 500:
            raise ShopSilent(f"{answered.what} was answered {answered.status}{answered.said}", self._after(answered))
        raise ShopRefused(answered.status, answered.code, answered.message, what=answered.what)

    async def _sent(self, method: str, path: str, query: Mapping[str, Value], body: Any) -> _Answered:
        url = self.url + (path if path.startswith("/wp-json") else API + path)
        what = f"{method} {urlsplit(url).path}"
        pairs = [(name, _written(value)) for name, value in query.items() if value is not None]
        headers = [("User-Agent", self._agent), ("Accept", "application/json")]
        if self.mode == "header":
            headers.append(("Authorization", f"Basic {_base64(f'{self._key}:{self._secret}'.encode())}"))
        elif self.mode == "query":
            pairs += [("consumer_key", self._key), ("consumer_secret", self._secret)]
        else:
            pairs = signed(
                method, url, pairs, self._key, self._secret, nonce=self._nonce(), second=int(self._now().timestamp())
            )
        if pairs:
            url += f"?{urlencode(pairs, quote_via=quote, safe=',')}"
        content = b""
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        answer = await self._send(Outgoing(method, url, tuple(headers), content, timeout=TIMEOUT))
        if answer.status is None:
            raise ShopSilent(f"{what} got no answer: {self._plain(answer.error)}")
        return _Answered(what, answer.status, {n.lower(): v for n, v in answer.headers}, answer.body, self._plain)

    def _plain(self, text: str) -> str:
        """The text without our credentials, should somebody have put them in."""
        for secret in filter(None, (self._secret, self._key)):
            text = text.replace(secret, "***")
        return text

    def _after(self, answered: _Answered) -> float | None:
        """Seconds, from either form of Retry-After."""
        value = answered.headers.get("retry-after", "").strip()
        if _COUNT.fullmatch(value):
            return float(value)
        try:
            when = parsedate_to_datetime(value)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            return max(0.0, (when - self._now()).total_seconds())
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True)
class Page:
    """`total` rows on `pages` pages in all, as the store counts them."""

    rows: list[dict[str, Any]]
    total: int
    pages: int


@dataclass(frozen=True)
class _Answered:
    """An answer, read for people. `what` names the request: method and path, never the query."""

    what: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    plain: Callable[[str], str]

    def _word(self, name: str) -> str:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return ""
        return self.plain(str(found.get(name) or ""))[:300] if isinstance(found, dict) else ""

    @property
    def code(self) -> str:
        return self._word("code")

    @property
    def message(self) -> str:
        if 300 <= self.status < 400:
            with suppress(ValueError):  # there are addresses that are none
                to = urlsplit(self.headers.get("location", ""))
                if to.hostname:
                    return f"it leads to {to.scheme}://{to.hostname}{to.path}"
            return "it leads elsewhere"
        return self._word("message")

    @property
    def said(self) -> str:
        said = ": ".join(filter(None, (self.code, self.message)))
        return f" ({said})" if said else ""

    def number(self, header: str) -> int:
        value = self.headers.get(header, "")
        if not _COUNT.fullmatch(value):
            raise ShopSilent(f"{self.what} was answered without {header}: this is no list of WooCommerce's")
        return int(value)


_COUNT = re.compile(r"\d{1,9}", re.ASCII)


def _json(answered: _Answered) -> Any:
    try:
        found = json.loads(answered.body)
    except (ValueError, RecursionError):
        raise _strange(answered, "something that is not JSON") from None
    if wrong := misshapen(found):
        raise _strange(answered, wrong)
    return found


def _object(answered: _Answered, *, numbered: bool) -> dict[str, Any]:
    """PHP writes an object without members as an empty list."""
    found = _json(answered) or {}
    if not isinstance(found, dict):
        raise _strange(answered, "a list, and an object is wanted")
    if numbered and not has_id(found):
        raise _strange(answered, "an object without its number")
    return found


def _list(answered: _Answered) -> list[dict[str, Any]]:
    found = _json(answered)
    if not isinstance(found, list):
        raise _strange(answered, "something that is no list")
    if not all(map(has_id, found)):
        raise _strange(answered, "a row without its number")
    return found


def _strange(answered: _Answered, found: str) -> ShopSilent:
    return ShopSilent(f"{answered.what} was answered {answered.status} with {found}")


def _is_of_one(path: str) -> bool:
    """Whether the path ends with the number of a thing."""
    return path.rpartition("/")[2].isdecimal()


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def signed(
    method: str, url: str, pairs: list[tuple[str, str]], key: str, secret: str, *, nonce: str, second: int
) -> list[tuple[str, str]]:
    """The query with an OAuth 1.0a signature in it, as WooCommerce checks it: names and values are encoded before they
    are sorted, there is no token, and the body is not signed."""
    pairs = [
        *pairs,
        ("oauth_consumer_key", key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", str(second)),
    ]
    whole = "&".join(f"{name}={value}" for name, value in sorted((_encoded(n), _encoded(v)) for n, v in pairs))
    text = "&".join((method, _encoded(url), _encoded(whole)))
    digest = hmac.digest(f"{secret}&".encode(), text.encode(), hashlib.sha256)
    return [*pairs, ("oauth_signature", _base64(digest))]


def _encoded(text: str) -> str:
    return quote(text, safe="~")


# -- what the store sends


@dataclass(frozen=True)
class Webhook:
    """What the headers of a delivery say. A ping, which a store sends when a webhook is made or changed, carries no
    more than the webhook's number and is not signed. `delivery_id` is the same for two deliveries of one webhook within
    a second, and so no proof of a repetition."""

    topic: str = ""
    resource: str = ""
    event: str = ""
    source: str = ""
    delivery_id: str = ""
    webhook_id: int = 0
    signature: str = ""
    ping: bool = False


def webhook(request: Request) -> Webhook | None:
    """The delivery that a request is; None when it is none of a WooCommerce store's."""
    headers = request.headers
    if topic := headers.get("x-wc-webhook-topic"):
        number = headers.get("x-wc-webhook-id", "")
        return Webhook(
            topic=topic,
            resource=headers.get("x-wc-webhook-resource", ""),
            event=headers.get("x-wc-webhook-event", ""),
            source=headers.get("x-wc-webhook-source", ""),
            delivery_id=headers.get("x-wc-webhook-delivery-id", ""),
            webhook_id=int(number) if number.isdecimal() and len(number) < 19 else 0,
            signature=headers.get("x-wc-webhook-signature", ""),
        )
    if request.content_type != "application/x-www-form-urlencoded" or len(request.body) > 100:
        return None
    number = parse_qs(request.body.decode("utf-8", "replace")).get("webhook_id", [""])[0]
    return Webhook(webhook_id=int(number), ping=True) if number.isdecimal() and len(number) < 19 else None


def signature_fits(secret: str, body: bytes, signature: str) -> bool:
    """Whether the store that knows the secret signed this body. WooCommerce signs with the secret as it reads once
    &amp;, &lt; and their like are decoded."""
    digest = hmac.digest(_specialchars_decoded(secret).encode(), body, hashlib.sha256)
    return hmac.compare_digest(_base64(digest).encode(), signature.encode("utf-8", "replace"))


_SPECIAL = re.compile(r"&(?:(amp|#0*38|#[xX]0*26)|(lt|#0*60)|(gt|#0*62)|(quot|#0*34|#[xX]0*22)|(#0*39|#[xX]0*27));")


def _specialchars_decoded(text: str) -> str:
    return _SPECIAL.sub(lambda m: "&<>\"'"[(m.lastindex or 1) - 1], text)
